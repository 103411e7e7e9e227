//! The journal: whether it can be read, from when on it tells, and how large it is.

use std::fs;
use std::path::Path;

use doorkey_agent::{Found, History};
use jiff::tz::TimeZone;

use super::finding::{Finding, Part};
use crate::time;

pub(super) fn look(folder: &Path) -> Finding {
    let first = History::of(folder.to_owned()).and_then(|mut history| {
        while let Some(found) = history.read()? {
            if let Found::Entry(entry) = found {
                return Ok(Some(entry.about().at));
            }
        }
        Ok(None)
    });
    match first {
        Ok(Some(first)) => {
            let since = time::clock(first, time::now(), &TimeZone::system());
            Finding::fine("journal", format!("since {since}, {}; `doorkey journal` shows it", size(folder)))
        }
        Ok(None) => Finding::fine("journal", "nothing has happened yet".to_owned()),
        Err(error) => {
            let found = format!("{} cannot be read: {error}", folder.display());
            Finding::problem(Part::Settings, "journal", found, "Look at whose files they are, and at the disk.")
        }
    }
}

fn size(folder: &Path) -> String {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes: u64 = files.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    match bytes {
        ..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1_048_576)),
    }
}
