//! A screen that nobody looks at, and what another program on it can do: read the clipboard, look at a window, close it.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, ImageFormat,
    MapState, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE};

use crate::PATIENCE;

/// An X screen, larger than any window of ours; ends with this value.
#[derive(Debug)]
pub struct Screen {
    display: String,
    _server: Child,
}

/// Whether a window is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is.
    Shown,
    /// It is not: hidden, or gone.
    Hidden,
}

/// What was drawn, four bytes for each pixel: blue, green, red and nothing.
#[derive(PartialEq, Eq)]
pub(super) struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// As a file.
    pub(super) fn png(&self) -> Vec<u8> {
        let mut colours = Vec::with_capacity(self.pixels.len());
        for pixel in self.pixels.chunks_exact(4) {
            colours.extend_from_slice(&[pixel[2], pixel[1], pixel[0]]);
        }
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().expect("a good size");
        writer.write_image_data(&colours).expect("as many bytes as there are pixels");
        writer.finish().expect("memory takes it");
        file
    }

    /// Whether more than a ground colour is there.
    pub(super) fn shows_something(&self) -> bool {
        let first = self.pixels.get(..4);
        self.pixels.chunks_exact(4).any(|pixel| Some(pixel) != first)
    }
}

impl Screen {
    /// Nothing where this machine has no Xvfb.
    pub(super) async fn start() -> Option<Self> {
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1680x1050x24", "-nolisten", "tcp", "-noreset"]);
        server.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut server = server.spawn().ok()?;
        let mut lines = BufReader::new(server.stdout.take().expect("it is piped")).lines();
        let number = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("the screen starts in time");
        let number = number.expect("the screen tells its number").expect("the screen starts");
        Some(Self { display: format!(":{number}"), _server: server })
    }

    /// The value of `DISPLAY`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// What another program gets when it pastes; nothing when the clipboard is empty.
    pub async fn paste(&self) -> Option<String> {
        self.with(|x, root| {
            let [clipboard, text, here] = ["CLIPBOARD", "UTF8_STRING", "DOORKEY_PASTED"].map(|name| atom(x, name));
            let window = x.generate_id().expect("an id");
            let aux = CreateWindowAux::new();
            x.create_window(
                COPY_DEPTH_FROM_PARENT,
                window,
                root,
                0,
                0,
                1,
                1,
                0,
                WindowClass::INPUT_ONLY,
                COPY_FROM_PARENT,
                &aux,
            )
            .expect("a window of our own");
            x.convert_selection(window, clipboard, text, here, CURRENT_TIME).expect("the clipboard can be asked");
            x.flush().expect("the screen is there");
            loop {
                let Event::SelectionNotify(answer) = x.wait_for_event().expect("the owner answers") else { continue };
                if answer.property == NONE {
                    return None;
                }
                let property = x.get_property(true, window, here, AtomEnum::ANY, 0, u32::MAX / 4).expect("asked");
                return Some(String::from_utf8(property.reply().expect("an answer").value).expect("text"));
            }
        })
        .await
    }

    /// What is drawn in the window of this title now.
    ///
    /// # Panics
    /// When there is none.
    pub(super) async fn look(&self, title: &str) -> Picture {
        let title = title.to_owned();
        self.with(move |x, root| {
            let window = window_named(x, root, &title);
            let about = x.get_geometry(window).expect("asked").reply().expect("its size");
            let image = x.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, about.width, about.height, u32::MAX);
            let pixels = image.expect("asked").reply().expect("it is on the screen").data;
            Picture { width: u32::from(about.width), height: u32::from(about.height), pixels }
        })
        .await
    }

    /// Whether a window of this title can be seen.
    pub(super) async fn shows_window(&self, title: &str) -> bool {
        let title = title.to_owned();
        self.with(move |x, root| seen(x, root, &title).is_some()).await
    }

    /// The instance of a window's `WM_CLASS` (ICCCM 4.1.2.5): by it a desktop finds the program's entry.
    pub(super) async fn class_of(&self, title: &str) -> String {
        let title = title.to_owned();
        self.with(move |x, root| {
            let window = window_named(x, root, &title);
            let asked = x.get_property(false, window, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 1024).expect("asked");
            let class = asked.reply().expect("an answer").value;
            let first = class.split(|byte| *byte == 0).next().expect("at least one part");
            String::from_utf8_lossy(first).into_owned()
        })
        .await
    }

    /// Waits until a window of this title can be seen, or no longer.
    pub(super) async fn until_window(&self, title: &str, wanted: Seen) {
        let title = title.to_owned();
        self.with(move |x, root| {
            let listen = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
            x.change_window_attributes(root, &listen).expect("told").check().expect("everybody may look on");
            while seen(x, root, &title).is_some() != (wanted == Seen::Shown) {
                x.wait_for_event().expect("the screen is there");
            }
        })
        .await;
    }

    /// Asks the window of this title to close, as a window manager does for a person.
    ///
    /// # Panics
    /// When there is none.
    pub async fn close_window(&self, title: &str) {
        let title = title.to_owned();
        self.with(move |x, root| {
            let [protocols, delete] = ["WM_PROTOCOLS", "WM_DELETE_WINDOW"].map(|name| atom(x, name));
            let window = window_named(x, root, &title);
            let please = ClientMessageEvent::new(32, window, protocols, [delete, CURRENT_TIME, 0, 0, 0]);
            x.send_event(false, window, EventMask::NO_EVENT, please).expect("told").check().expect("it was told");
        })
        .await;
    }

    /// Each act is a program of its own, that waits on a thread of its own.
    async fn with<T: Send + 'static>(&self, act: impl FnOnce(&RustConnection, Window) -> T + Send + 'static) -> T {
        let display = self.display.clone();
        let acting = tokio::task::spawn_blocking(move || {
            let (x, number) = x11rb::connect(Some(&display)).expect("the screen takes programs");
            let root = x.setup().roots[number].root;
            act(&x, root)
        });
        tokio::time::timeout(PATIENCE, acting).await.expect("the screen answers in time").expect("it went well")
    }
}

fn atom(x: &RustConnection, name: &str) -> u32 {
    x.intern_atom(false, name.as_bytes()).expect("asked").reply().expect("an answer").atom
}

fn window_named(x: &RustConnection, root: Window, title: &str) -> Window {
    seen(x, root, title).expect("the window is there")
}

fn seen(x: &RustConnection, root: Window, title: &str) -> Option<Window> {
    let windows = x.query_tree(root).expect("asked").reply().expect("the windows").children;
    let shown = |window: &Window| {
        let about = x.get_window_attributes(*window).expect("asked").reply();
        about.is_ok_and(|about| about.map_state == MapState::VIEWABLE) && name(x, *window) == title
    };
    windows.into_iter().find(shown)
}

fn name(x: &RustConnection, window: Window) -> String {
    let property = x.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 1024).expect("asked");
    property.reply().map(|reply| String::from_utf8_lossy(&reply.value).into_owned()).unwrap_or_default()
}
