//! The definition as a whole, and the values.

use clap::CommandFactory;

use super::*;

#[test]
fn the_definition_holds_together() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_explains_itself_within_80_columns() {
    let mut all = vec![Arguments::command()];
    while let Some(command) = all.pop() {
        let help = command.clone().term_width(80).render_long_help().to_string();
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
        }
        assert!(help.contains("Examples:") || help.contains("Start here:"), "{} shows no example", command.get_name());
        assert!(command.get_about().is_some(), "{} has no line of its own", command.get_name());
        all.extend(command.get_subcommands().cloned());
    }
}

#[test]
fn json_is_understood_before_and_behind_the_command() {
    for line in ["doorkey --json status", "doorkey status --json"] {
        assert!(Arguments::try_parse_from(line.split(' ')).is_ok_and(|args| args.json), "{line}");
    }
}

#[test]
fn the_short_way_to_token_understands_what_the_whole_does() {
    for line in [
        "doorkey token",
        "doorkey token work --json",
        "doorkey token work --header --min-ttl 5m",
        "doorkey token --account ada --audience api --scope a --scope=b -- work",
    ] {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let short = Arguments::of(words.clone()).expect(line);
        let whole = Arguments::try_parse_from(words).expect(line);
        assert_eq!(format!("{short:?}"), format!("{whole:?}"));
    }
}

#[test]
fn what_the_short_way_does_not_understand_is_refused_by_the_whole() {
    let refused = |line: &str| Arguments::of(line.split(' ').map(OsString::from).collect()).expect_err(line);
    assert_eq!(refused("doorkey token --help").kind(), clap::error::ErrorKind::DisplayHelp);
    let typo = refused("doorkey token --hedaer").to_string();
    assert!(typo.contains("--header") && typo.contains("doorkey token"), "{typo}");
}

#[test]
fn what_contradicts_itself_is_refused() {
    for line in [
        "doorkey login --browser x --no-browser",
        "doorkey logout --forget --everywhere",
        "doorkey demo --robot --browser x",
    ] {
        assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[test]
fn parameters_have_a_name_and_no_secret() {
    assert_eq!(parameter("acr_values=mfa=1"), Ok(("acr_values".into(), "mfa=1".into())));
    assert_eq!(parameter("empty="), Ok(("empty".into(), String::new())));
    for wrong in ["=x", "CANARY", "client_secret=CANARY", "password=CANARY"] {
        let why = parameter(wrong).expect_err(wrong);
        assert!(!why.contains("CANARY"), "{why}");
    }
}

#[test]
fn a_time_out_has_bounds() {
    assert_eq!(patience("5m"), Ok(300));
    assert!(patience("0").is_err() && patience("31m").is_err());
}
