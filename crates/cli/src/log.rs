//! Low-level logging, only when `DOORKEY_LOG` asks for it.

use std::env;
use std::io;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Logs to standard error what `DOORKEY_LOG` names, such as `info` or `doorkey_agent=trace`. Nothing is set up
/// without it.
pub(crate) fn start() {
    let Ok(wanted) = env::var("DOORKEY_LOG") else { return };
    let wanted = EnvFilter::builder().parse_lossy(wanted).and(filter_fn(is_known_to_keep_secrets));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    // A second start would be a mistake of ours that costs nothing but the log.
    let _ = tracing_subscriber::registry().with(lines.with_filter(wanted)).try_init();
}

/// Others' crates print whole requests, headers and frames below INFO.
fn is_known_to_keep_secrets(about: &Metadata<'_>) -> bool {
    about.target().starts_with("doorkey") || *about.level() <= Level::INFO
}
