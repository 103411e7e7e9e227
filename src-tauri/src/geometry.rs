//! Where the window was and how large, from one start to the next: `window.json` in the state folder.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tauri::{LogicalPosition, LogicalSize, Monitor, Runtime, WebviewWindow, Window};

use crate::disk;

/// As `minWidth` and `minHeight` of `tauri.conf.json`.
const SMALLEST: (f64, f64) = (360.0, 480.0);
/// So much of the window must be on a screen for a person to get hold of it.
const GRIP: f64 = 80.0;

/// In logical pixels: the same on a screen of any density.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Geometry {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Of the outer frame. Absent where the desktop does not tell programs where they are (Wayland).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<(f64, f64)>,
    #[serde(default)]
    pub(crate) maximized: bool,
}

/// A part of the desktop that one screen shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Geometry {
    /// As much of it as these screens can show; nothing where there is no sense in it.
    fn fitted(self, screens: &[Area]) -> Option<Self> {
        if ![self.width, self.height].iter().all(|size| size.is_finite() && *size >= 1.0) {
            return None;
        }
        let widest = screens.iter().map(|screen| screen.width).fold(0.0, f64::max);
        let highest = screens.iter().map(|screen| screen.height).fold(0.0, f64::max);
        // Without a screen nothing is known of what fits.
        let fit = |size: f64, least: f64, most: f64| size.min(if most > 0.0 { most } else { size }).max(least);
        let width = fit(self.width, SMALLEST.0, widest);
        let height = fit(self.height, SMALLEST.1, highest);
        let within_reach = |(x, y): &(f64, f64)| {
            x.is_finite()
                && screens.iter().any(|screen| {
                    let across = (x + width).min(screen.x + screen.width) - x.max(screen.x);
                    across >= GRIP && *y >= screen.y && *y <= screen.y + screen.height - GRIP
                })
        };
        Some(Self { width, height, at: self.at.filter(within_reach), maximized: self.maximized })
    }
}

/// The newest that is known, and its file.
pub(crate) struct Remembered {
    file: Option<PathBuf>,
    known: Mutex<Option<Geometry>>,
}

impl Remembered {
    /// What cannot be read is as if there were nothing: it is lost with no harm done.
    pub(crate) fn read(file: Option<PathBuf>) -> Self {
        let text = file.as_deref().and_then(|file| disk::read(file).ok()?);
        let known = text.and_then(|text| serde_json::from_str(&text).ok());
        Self { file, known: Mutex::new(known) }
    }

    /// Puts the window there, as far as these screens allow.
    pub(crate) fn restore<R: Runtime>(&self, window: &WebviewWindow<R>) {
        let screens: Vec<Area> = window.available_monitors().unwrap_or_default().iter().map(area).collect();
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(wanted) = known.and_then(|known| known.fitted(&screens)) else { return };
        // What the desktop refuses stays as it is.
        let _ = window.set_size(LogicalSize::new(wanted.width, wanted.height));
        if let Some((x, y)) = wanted.at {
            let _ = window.set_position(LogicalPosition::new(x, y));
        }
        if wanted.maximized {
            let _ = window.maximize();
        }
    }

    /// After the window was moved or resized.
    pub(crate) fn note<R: Runtime>(&self, window: &Window<R>) {
        let Ok(maximized) = window.is_maximized() else { return };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if maximized {
            // The size that it has when it is not is the one to go back to.
            if let Some(known) = known.as_mut() {
                known.maximized = true;
            }
            return;
        }
        if window.is_minimized().unwrap_or_default() || !window.is_visible().unwrap_or_default() {
            return;
        }
        let (Ok(scale), Ok(size)) = (window.scale_factor(), window.inner_size()) else { return };
        let size = size.to_logical::<f64>(scale);
        let at = window.outer_position().ok().filter(|_| !is_wayland()).map(|at| {
            let at = at.to_logical::<f64>(scale);
            (at.x, at.y)
        });
        *known = Some(Geometry { width: size.width, height: size.height, at, maximized: false });
    }

    /// When the window is closed.
    pub(crate) fn keep(&self) {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(file), Some(known)) = (self.file.as_deref(), known) {
            keep(file, known);
        }
    }
}

/// What cannot be written is lost with no harm done.
fn keep(file: &Path, geometry: Geometry) {
    if let Ok(text) = serde_json::to_string(&geometry) {
        let _ = disk::write(file, &text);
    }
}

fn area(monitor: &Monitor) -> Area {
    let work = monitor.work_area();
    let at = work.position.to_logical::<f64>(monitor.scale_factor());
    let size = work.size.to_logical::<f64>(monitor.scale_factor());
    Area { x: at.x, y: at.y, width: size.width, height: size.height }
}

/// There every window is told to be at the origin.
fn is_wayland() -> bool {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    set("WAYLAND_DISPLAY") && !std::env::var("GDK_BACKEND").is_ok_and(|backend| backend.starts_with("x11"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: 0.0, y: 0.0, width: 1280.0, height: 800.0 };
    const RIGHT: Area = Area { x: 1280.0, y: 0.0, width: 1920.0, height: 1080.0 };

    fn there(at: Option<(f64, f64)>, width: f64, height: f64) -> Geometry {
        Geometry { width, height, at, maximized: false }
    }

    #[test]
    fn a_window_comes_back_where_it_was() {
        for at in [None, Some((0.0, 0.0)), Some((1500.0, 200.0)), Some((-300.0, 10.0)), Some((1240.0, 700.0))] {
            let before = there(at, 700.0, 600.0);
            assert_eq!(before.fitted(&[LEFT, RIGHT]), Some(before), "{at:?}");
        }
    }

    #[test]
    fn a_screen_that_is_gone_takes_no_window_with_it() {
        let before = there(Some((1500.0, 200.0)), 1900.0, 1000.0);
        assert_eq!(before.fitted(&[LEFT]), Some(there(None, 1280.0, 800.0)));
        for out_of_reach in [(1250.0, 10.0), (-660.0, 10.0), (10.0, -50.0), (10.0, 790.0)] {
            assert_eq!(there(Some(out_of_reach), 700.0, 600.0).fitted(&[LEFT]), Some(there(None, 700.0, 600.0)));
        }
    }

    #[test]
    fn nonsense_in_the_file_is_no_size() {
        assert_eq!(there(None, f64::NAN, 600.0).fitted(&[LEFT]), None);
        assert_eq!(there(None, 0.0, 600.0).fitted(&[LEFT]), None);
        assert_eq!(there(None, 1.0, 1e12).fitted(&[LEFT]), Some(there(None, 360.0, 800.0)));
        assert_eq!(there(None, 700.0, 600.0).fitted(&[]), Some(there(None, 700.0, 600.0)), "no screen is told");
        assert_eq!(there(Some((f64::NAN, 1.0)), 700.0, 600.0).fitted(&[LEFT]), Some(there(None, 700.0, 600.0)));
    }

    #[test]
    fn it_is_kept_in_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("doorkey/window.json");
        let kept = Geometry { maximized: true, ..there(Some((10.0, 20.0)), 700.0, 600.0) };
        keep(&file, kept);
        let known = |file: &Path| *Remembered::read(Some(file.to_owned())).known.lock().expect("nobody panicked");
        assert_eq!(known(&file), Some(kept));
        std::fs::write(&file, "{\"width\": \"wide\"").expect("there is room");
        assert_eq!(known(&file), None);
    }
}
