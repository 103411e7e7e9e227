use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::Judged;
use crate::reasons::{Ours, REASONS, Reason};

/// Compares docs/conformance-oracle.md with what it should be.
pub(crate) fn assert_current(judged: &[Judged]) {
    let fresh = page(judged);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance-oracle.md");
    if std::fs::read_to_string(&path).ok().as_deref() != Some(fresh.as_str()) {
        let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-oracle.md");
        std::fs::write(&at, fresh).expect("written");
        panic!("docs/conformance-oracle.md is not what the judges said; to take it over: cp {} docs/", at.display());
    }
}

fn page(judged: &[Judged]) -> String {
    let with = |changes: usize| judged.iter().filter(|it| it.changes.len() == changes).count();
    let said = |ours: bool, theirs: bool| {
        judged.iter().filter(|it| (it.ours.is_ok(), it.theirs.believed) == (ours, theirs)).count()
    };
    let mut page = format!(
        "# ID tokens, judged twice

A test makes {all} ID tokens from a seed: {good} good ones of ten algorithms, {single} with one change, {pairs} with two.
Each is judged by `doorkey_oauth::verify` and by [oauth4webapi](https://github.com/panva/oauth4webapi) {version},
which nobody here wrote, in the way a client built on it handles a token endpoint's answer. Keys, expectations,
tolerance and time are the same for both.

| | tokens |
|---|---|
| both believe | {both_believe} |
| both refuse | {both_refuse} |
| ours refuses, the library believes | {stricter} |
| ours believes, the library refuses | {milder} |

Every disagreement has its reason below. One without a reason fails the test, and so does a reason that has nothing left
to explain. A token with two changes is believed, by either side, where it is believed with each of them alone.

The test is [`tests/tests/oracle`](../tests/tests/oracle/main.rs); it makes this page and compares it.
",
        all = judged.len(),
        good = with(0),
        single = with(1),
        pairs = with(2),
        version = version(),
        both_believe = said(true, true),
        both_refuse = said(false, false),
        stricter = said(false, true),
        milder = said(true, false),
    );
    let is_milder = |reason: &&Reason| reason.ours == Ours::Milder;
    table(&mut page, "Where ours is stricter", REASONS.iter().filter(|reason| !is_milder(reason)));
    table(&mut page, "Where ours is milder", REASONS.iter().filter(is_milder));
    page
}

fn table<'a>(page: &mut String, title: &str, reasons: impl Iterator<Item = &'a Reason>) {
    let head = "| what | changes | where it is written | why |\n|---|---|---|---|";
    write!(page, "\n## {title}\n\n{head}\n").expect("text grows");
    for Reason { about, source, why, changes, .. } in reasons {
        writeln!(page, "| {about} | {} | {source} | {why} |", changes.len()).expect("text grows");
    }
}

/// The library's version, as it is installed from the lock file.
fn version() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider/package-lock.json");
    let lock: Value = serde_json::from_slice(&std::fs::read(path).expect("a lock file")).expect("JSON");
    lock["packages"]["node_modules/oauth4webapi"]["version"].as_str().expect("a version").to_owned()
}
