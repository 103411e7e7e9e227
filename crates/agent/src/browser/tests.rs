use std::fs;
use std::net::TcpListener;
use std::time::Instant;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::{NamedTempFile, TempDir};

use super::*;

const URL: &str = "https://op.example/authorize?client_id=a&scope=openid%20email&x=%s$(id)`id`;'\"&state=s";

/// A-03: `%s`, quotes and signs of the shell in the command | the address is one argument
#[test] // A-03, L-40: quotes, shell signs and %s of the URL change nothing
fn the_url_is_one_argument_wherever_the_command_wants_it() {
    for (command, wanted) in
        [("sh-says", "[URL]"), ("sh-says --new-window", "[--new-window][URL]"), ("sh-says %s -p", "[URL][-p]")]
    {
        let heard = Ear::new();
        let shim = heard.command(r#"for it; do printf "[%%s]" "$it"; done"#);
        let opened = open(&url(), &choice(&command.replace("sh-says", &shim))).expect("it opens");
        assert_eq!(opened, Opened::Command("/bin/sh".into()));
        assert_eq!(heard.text(), wanted.replace("URL", url().as_str()), "{command}");
    }
}

/// A-03: a command that is missing, one that fails, one that works | the next is tried
#[test] // A-03
fn a_missing_command_and_one_that_fails_give_way_to_the_next() {
    let heard = Ear::new();
    let list = format!("/nowhere/browser:/bin/sh -c 'exit 3':{}", heard.command("printf opened"));
    assert_eq!(open(&url(), &choice(&list)), Ok(Opened::Command("/bin/sh".into())));
    assert_eq!(heard.text(), "opened");
}

#[test] // A-01, A-03
fn when_everything_fails_each_command_is_named_with_what_became_of_it() {
    let error = open(&url(), &choice("/nowhere/browser:/bin/sh -c 'exit 3'")).expect_err("nothing opens");
    let BrowserError::CannotOpen { tried } = &error else { panic!("{error:?}") };
    assert_eq!(tried[..], ["/nowhere/browser: entity not found", "/bin/sh: ended with exit status: 3"]);
    let refusal = error.refusal();
    assert_eq!(refusal.code, "browser.cannot_open");
    assert!(!format!("{error} {error:?} {refusal:?}").contains("state"), "no error shows the address");
}

/// A-02: a browser command that does not end | left running; the sign-in waits meanwhile
#[test] // A-02
fn a_browser_that_stays_in_front_is_left_running() {
    let (heard, before) = (Ear::new(), Instant::now());
    let fifo = heard.fifo("holds");
    let in_front = heard.command(&format!("cat {}", fifo.display()));
    assert_eq!(open(&url(), &choice(&in_front)), Ok(Opened::Command("/bin/sh".into())));
    assert!(before.elapsed().as_secs() < 5, "{:?}", before.elapsed());
    fs::write(&fifo, "still there").expect("somebody reads");
    assert_eq!(heard.text(), "still there");
}

#[test] // L-40
fn a_browser_has_none_of_our_descriptors_and_a_process_group_of_its_own() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let file = NamedTempFile::new().expect("a file");
    let heard = Ear::new();
    let told = heard.command(
        r#"ls -l /proc/$$/fd; read -r pid name state parent group rest < /proc/$$/stat; echo "$$ leads $group""#,
    );
    open(&url(), &choice(&told)).expect("it opens");
    let text = heard.text();
    assert!(!text.contains("socket:"), "{text}");
    assert!(!text.contains(&*file.path().to_string_lossy()), "{text}");
    let (pid, group) = text.lines().last().and_then(|line| line.split_once(" leads ")).expect("a line of ours");
    assert_eq!(pid, group);
    drop(socket);
}

#[test] // A-01
fn without_a_display_and_a_command_it_is_said_at_once() {
    let nothing = BrowserChoice { command: None, windows: Vec::new(), desktop: Desktop::Absent, appimage: None };
    let error = open(&url(), &nothing).expect_err("nothing to open it with");
    assert_eq!((&error, error.refusal().code.as_str()), (&BrowserError::NoDisplay, "browser.cannot_open"));
}

#[test] // L-43
fn in_wsl_the_browser_of_windows_is_tried_in_turn_with_the_url_as_one_argument() {
    let heard = Ear::new();
    let shim = commands(&heard.command(r#"for it; do printf "[%s]" "$it"; done"#)).remove(0);
    let missing = vec!["/nowhere/wslview".to_owned()];
    let windows = BrowserChoice { windows: vec![missing, shim], ..choice("") };
    let windows = BrowserChoice { command: None, ..windows };
    assert!(windows.opens_something());
    assert_eq!(open(&url(), &windows), Ok(Opened::Desktop));
    assert_eq!(heard.text(), format!("[{}]", url()));
    for words in windows_launchers() {
        assert!(!words.iter().any(|word| word.contains("cmd") || word.contains("powershell")), "{words:?}");
    }
}

#[test] // META-06, L-40
fn only_web_addresses_are_opened() {
    let heard = Ear::new();
    let told = choice(&heard.command("printf opened"));
    for address in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ms-msdt:/id",
        "ftp://op.example/",
        "http://op.example/authorize",
        "http://127.0.0.1.evil.example/authorize",
        "http://localhost.evil.example/authorize",
    ] {
        let url = Url::parse(address).expect(address);
        assert_eq!(open(&url, &told), Err(BrowserError::BadUrl), "{address}");
    }
    for address in ["http://127.0.0.1:1/authorize", "http://[::1]:1/", "http://localhost:1/"] {
        let url = Url::parse(address).expect(address);
        let heard = Ear::new();
        open(&url, &choice(&heard.command("printf opened"))).expect("loopback may do without https");
        assert_eq!(heard.text(), "opened");
    }
    heard.must_be_silent();
}

#[test] // A-05
fn an_address_over_eight_kibibytes_is_refused() {
    let long = Url::parse(&format!("https://op.example/?x={}", "x".repeat(MAX_URL))).expect("a URL");
    let error = open(&long, &choice("/bin/true")).expect_err("too long");
    assert_eq!(error.refusal().code, "config.request_too_long");
}

#[test] // A-03
fn a_list_is_split_at_colons_and_its_words_at_spaces_outside_quotes() {
    for (list, wanted) in [
        ("firefox", &[&["firefox"][..]][..]),
        ("firefox --new-window %s:chromium", &[&["firefox", "--new-window", "%s"], &["chromium"]]),
        (r#""/opt/my browser/run" -c 'a b:c'"#, &[&["/opt/my browser/run", "-c", "a b:c"]]),
        (r"/opt/my\ browser/run \%s", &[&["/opt/my browser/run", "%s"]]),
        ("run ''", &[&["run", ""]]),
        (" :: w3m :", &[&["w3m"]]),
        ("run 'open quote", &[&["run", "open quote"]]),
    ] {
        assert_eq!(commands(list), wanted, "{list}");
    }
}

#[test] // A-03
fn placeholders_are_filled_once_and_never_again() {
    let url = url();
    for (arguments, wanted) in [
        (&[][..], &["URL"][..]),
        (&["-n"], &["-n", "URL"]),
        (&["%s", "-n"], &["URL", "-n"]),
        (&["--app=%s"], &["--app=URL"]),
        (&["%%s"], &["%s", "URL"]),
        (&["a%cb", "100%"], &["a:b", "100%", "URL"]),
    ] {
        let arguments: Vec<_> = arguments.iter().map(|&it| it.to_owned()).collect();
        let wanted: Vec<_> = wanted.iter().map(|it| it.replace("URL", url.as_str())).collect();
        assert_eq!(with_url(&arguments, &url), wanted);
    }
}

#[test]
fn an_appimages_own_folders_leave_the_environment() {
    let mount = Path::new("/tmp/.mount_DoorkeyX");
    let environment = [
        ("PATH", "/tmp/.mount_DoorkeyX/usr/bin:/usr/bin:/bin"),
        ("LD_LIBRARY_PATH", "/tmp/.mount_DoorkeyX/usr/lib:"),
        ("XDG_DATA_DIRS", "/tmp/.mount_DoorkeyX/usr/share:/usr/share"),
        ("APPDIR", "/tmp/.mount_DoorkeyX"),
        ("HOME", "/home/somebody"),
    ];
    let mut command = Command::new("xdg-open");
    leave_appimage(&mut command, mount, environment.map(|(name, value)| (name.into(), value.into())).into_iter());
    let changed: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_str(), value.and_then(|it| it.to_str()))).collect();
    let wanted = [
        ("APPDIR", None),
        ("LD_LIBRARY_PATH", None),
        ("PATH", Some("/usr/bin:/bin")),
        ("XDG_DATA_DIRS", Some("/usr/share")),
    ];
    assert_eq!(changed, wanted.map(|(name, value)| (Some(name), value)));
}

#[cfg(target_os = "linux")]
#[test] // A-01: the environment is the process's, so this test runs itself again in others
fn the_environment_decides_between_browser_and_desktop() {
    const WANTED: &str = "DOORKEY_TEST_OPENED";
    if let Ok(wanted) = env::var(WANTED) {
        assert_eq!(format!("{:?}", open(&url(), &BrowserChoice::from_env(None))), wanted);
        return;
    }
    let shims = TempDir::new().expect("a folder");
    for (browser, display, appimage, wanted) in [
        (Some("xdg-open --new"), "", false, r#"Ok(Command("xdg-open"))"#),
        (None, ":0", false, "Ok(Desktop)"),
        (Some("/nowhere/browser"), ":0", false, "Ok(Desktop)"),
        (Some(" "), ":0", true, "Ok(Desktop)"),
        (None, "", false, "Err(NoDisplay)"),
    ] {
        let heard = Ear::new();
        let script = format!("#!/bin/sh\nprintf \"[%s]\" \"$@\" > {}\n", heard.path.display());
        // Written by another process, so that no descriptor of ours is open for writing when it is run.
        let write = format!("printf '%s' '{script}' > {0}/xdg-open; chmod +x {0}/xdg-open", shims.path().display());
        assert!(Command::new("/bin/sh").args(["-c", &write]).status().expect("a shell").success());

        let mut again = Command::new(env::current_exe().expect("this test"));
        again.args(["--exact", "browser::tests::the_environment_decides_between_browser_and_desktop"]);
        again.env_clear().env(WANTED, wanted).env("DISPLAY", display).env("PATH", shims.path());
        again.envs(browser.map(|browser| ("BROWSER", browser)));
        if appimage {
            again.envs([("APPIMAGE", "/opt/Doorkey.AppImage"), ("APPDIR", "/tmp/.mount_Doorkey")]);
        }
        let output = again.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{browser:?} {display:?}: {text}");
        match wanted {
            "Err(NoDisplay)" => heard.must_be_silent(),
            r#"Ok(Command("xdg-open"))"# => assert_eq!(heard.text(), format!("[--new][{}]", url())),
            _ => assert_eq!(heard.text(), format!("[{}]", url())),
        }
    }
}

fn url() -> Url {
    Url::parse(URL).expect("a URL")
}

fn choice(command: &str) -> BrowserChoice {
    BrowserChoice { command: Some(command.to_owned()), windows: Vec::new(), desktop: Desktop::Absent, appimage: None }
}

/// Hears what a stand-in for a browser says, and waits until it has said it.
struct Ear {
    folder: TempDir,
    path: PathBuf,
    hearing: mpsc::Receiver<String>,
}

impl Ear {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = fifo_in(&folder, "ear");
        let (tell, hearing) = mpsc::channel();
        thread::spawn({
            let path = path.clone();
            move || tell.send(fs::read_to_string(path).expect("somebody speaks"))
        });
        Self { folder, path, hearing }
    }

    /// A command for `$BROWSER` that runs `script` and lets us hear it.
    fn command(&self, script: &str) -> String {
        format!("/bin/sh -c '({script}) > {}' browser", self.path.display())
    }

    fn fifo(&self, name: &str) -> PathBuf {
        fifo_in(&self.folder, name)
    }

    fn text(self) -> String {
        self.hearing.recv_timeout(Duration::from_secs(30)).expect("somebody speaks, and soon")
    }

    /// Nobody spoke: the first to speak is this.
    fn must_be_silent(self) {
        fs::write(&self.path, "silence").expect("somebody hears");
        assert_eq!(self.text(), "silence");
    }
}

fn fifo_in(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
    path
}
