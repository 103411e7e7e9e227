//! A screen that nobody looks at: Xvfb, with its pixels in a file that can be read while it is drawn on.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(20);
const BYTES_PER_PIXEL: usize = 4;
const SHADES_OF_TEXT: usize = 40;
/// A prime, so that no column of the screen is left out.
const EACH: usize = 13;
/// One pixel in so many.
const ALIKE: usize = 400;

/// Ends with this value.
pub(crate) struct Screen {
    /// The value of `DISPLAY`.
    pub(crate) display: String,
    pixels: PathBuf,
    _folder: TempDir,
    _server: Child,
}

impl Screen {
    /// Starts one of 1280 by 800.
    ///
    /// # Errors
    /// When there is no Xvfb.
    pub(crate) async fn start() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-fbdir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("Xvfb does not start ({error}); apt install xvfb"))?;
        let mut number = String::new();
        let mut output = BufReader::new(server.stdout.take().ok_or("no output")?);
        match tokio::time::timeout(PATIENCE, output.read_line(&mut number)).await {
            Ok(Ok(read)) if read > 0 => {}
            _ => return Err("Xvfb does not tell its display".into()),
        }
        let pixels = folder.path().join("Xvfb_screen0");
        Ok(Self { display: format!(":{}", number.trim()), pixels, _folder: folder, _server: server })
    }

    /// What is on it now.
    pub(crate) fn look(&self) -> Picture {
        let dump = fs::read(&self.pixels).unwrap_or_default();
        // An XWD file: a head whose first word is its length, then the colour map, 12 bytes each; all big-endian.
        let word = |at: usize| {
            dump.get(at..at + 4).map_or(0, |bytes| bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))
        };
        Picture(dump.get(word(0) + 12 * word(76)..).unwrap_or_default().to_vec())
    }
}

/// All pixels of a screen.
pub(crate) struct Picture(Vec<u8>);

/// Some of them, spread over all of it: enough to see what changes.
#[derive(PartialEq, Eq)]
pub(crate) struct Sketch(Vec<u8>);

impl Picture {
    /// Whether there is text on it: smoothed letters have many shades, an empty window has few.
    pub(crate) fn has_text(&self) -> bool {
        let mut shades = HashSet::new();
        let mut last: &[u8] = &[];
        for pixel in self.0.chunks_exact(BYTES_PER_PIXEL) {
            if pixel != last && shades.insert(pixel) && shades.len() >= SHADES_OF_TEXT {
                return true;
            }
            last = pixel;
        }
        false
    }

    pub(crate) fn sketch(&self) -> Sketch {
        Sketch(self.0.chunks_exact(BYTES_PER_PIXEL).step_by(EACH).map(|pixel| pixel[1]).collect())
    }
}

impl Sketch {
    /// Whether less is different than a figure that counts down or a cursor that blinks.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let different = self.0.iter().zip(&other.0).filter(|(one, other)| one != other).count();
        self.0.len() == other.0.len() && different * ALIKE <= self.0.len()
    }
}
