//! Figures, and how they are told.

use std::fmt;
use std::fs;
use std::time::Duration;

/// What several measurements of one thing came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
}

impl Spread {
    /// Of at least one measurement.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
        Self { min: at(0.0), median: at(0.5), p95: at(0.95), p99: at(0.99) }
    }
}

/// A table on standard output; the first column is text, the others are numbers.
pub(crate) fn table(title: &str, heads: &[&str], rows: &[Vec<String>]) {
    let mut lines = vec![String::new(), format!("## {title}"), String::new()];
    lines.push(format!("| {} |", heads.join(" | ")));
    lines.push(format!(
        "|{}|",
        heads.iter().enumerate().map(|(i, _)| if i == 0 { "---" } else { "---:" }).collect::<Vec<_>>().join("|")
    ));
    lines.extend(rows.iter().map(|row| format!("| {} |", row.join(" | "))));
    say(lines.join("\n"));
}

/// Milliseconds with the digits that mean something.
pub(crate) fn ms(seconds: f64) -> String {
    format!("{:.2} ms", seconds * 1000.0)
}

/// Microseconds.
pub(crate) fn us(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

/// One number beside another.
pub(crate) fn ratio(this: f64, that: f64) -> String {
    format!("{:.2}", this / that)
}

/// Seconds, as a number to calculate with.
pub(crate) fn seconds(took: Duration) -> f64 {
    took.as_secs_f64()
}

/// What the figures were made on.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    let build = if cfg!(debug_assertions) { "DEBUG build: the figures mean nothing" } else { "release build" };
    format!("{model}, {cores} cores, load {load}; {build}")
}

/// One line, or several, to whoever runs this.
#[expect(clippy::print_stdout, reason = "the one place that prints the figures")]
pub(crate) fn say(text: impl fmt::Display) {
    println!("{text}");
}
