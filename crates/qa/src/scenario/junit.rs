//! What came of runs, as JUnit XML: what GitHub, GitLab and Jenkins show of a build.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Ended, Played};

/// A run, as a report has it.
#[derive(Debug)]
pub struct Case<'a> {
    /// The file it is from.
    pub file: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What came of it.
    pub played: &'a Played,
    /// How often it was tried; more than once only where the file says so.
    pub tries: u32,
}

/// The report: a suite for each file, a case for each run.
///
/// # Errors
/// When it cannot be written as XML.
pub fn report(cases: &[Case<'_>]) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("doorkey");
    let mut files: Vec<&str> = Vec::new();
    for case in cases {
        if !files.contains(&case.file) {
            files.push(case.file);
        }
    }
    for file in files {
        let mut suite = TestSuite::new(file);
        let of_file: Vec<&Case<'_>> = cases.iter().filter(|case| case.file == file).collect();
        suite.set_time(of_file.iter().map(|case| case.played.took).sum());
        suite.add_test_cases(of_file.into_iter().map(one));
        report.add_test_suite(suite);
    }
    // The schema that others have knows this number for a suite, and not for all of them.
    report.to_string().map(|text| text.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1))
}

fn one(case: &Case<'_>) -> TestCase {
    let mut made = TestCase::new(case.name, status(case.played));
    made.set_classname(case.file).set_time(case.played.took);
    let mut told: Vec<String> = Vec::new();
    if case.tries > 1 {
        told.push(format!("tried {} times, as the scenario allows", case.tries));
    }
    for step in &case.played.steps {
        told.push(format!("{} ({} ms)", step.name, step.took.as_millis()));
        told.extend(step.judged.iter().map(|judged| {
            let mark = if judged.held { "ok  " } else { "FAIL" };
            format!("  {mark} {}: expected {}, got {}", judged.what, judged.expected, judged.got)
        }));
    }
    if !told.is_empty() {
        made.set_system_out(told.join("\n"));
    }
    made
}

fn status(played: &Played) -> TestCaseStatus {
    match &played.ended {
        Ended::Passed => TestCaseStatus::success(),
        Ended::Failed => {
            let missed = missed(played);
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let summary = match missed.as_slice() {
                [one] => one.clone(),
                many => format!("{} expectations did not hold", many.len()),
            };
            status.set_type("expectation").set_message(summary).set_description(missed.join("\n"));
            status
        }
        Ended::Broken(broken) => {
            let (code, hint) = broken.code_and_hint();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type(code).set_message(broken.to_string()).set_description(format!("{broken}. {hint}"));
            status
        }
        Ended::Stopped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("stopped before its end");
            status
        }
    }
}

/// Each expectation that did not hold, in one line.
fn missed(played: &Played) -> Vec<String> {
    let steps = played.steps.iter();
    steps
        .flat_map(|step| step.judged.iter().map(move |judged| (step, judged)))
        .filter(|(_, judged)| !judged.held)
        .map(|(step, judged)| {
            format!("{}: {}: expected {}, got {}", step.name, judged.what, judged.expected, judged.got)
        })
        .collect()
}
