//! The definition as a whole, and the values.

use clap::CommandFactory;

use super::values::{parameter, patience};
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
        "doorkey login --device --no-browser",
        "doorkey login --device --browser x",
        "doorkey login --invitation i1",
        "doorkey logout --forget --everywhere",
        "doorkey demo --robot --browser x",
        "doorkey exec work",
        "doorkey exec work env",
        "doorkey exec work --env A=B -- env",
        "doorkey exec work --env 1A -- env",
        "doorkey exec work --env= -- env",
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

#[test]
fn every_option_of_a_login_becomes_the_parameter_of_its_name() {
    let line = "doorkey login work --max-age 5m --acr-values mfa --ui-locales de --organization acme --invitation i1 \
                --screen-hint signup --connection corp --connection-scope repo --access-type offline \
                --authorization-details [{\"type\":\"payment\"}] --param acr_values=low --param custom=1";
    let arguments = Arguments::try_parse_from(line.split_whitespace()).expect("it is understood");
    let Command::Login(login) = arguments.command else { panic!("a login") };
    let params = login.asked.params();
    let shown: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        shown,
        [
            "access_type=offline",
            "acr_values=mfa",
            "authorization_details=[{\"type\":\"payment\"}]",
            "connection=corp",
            "connection_scope=repo",
            "custom=1",
            "invitation=i1",
            "max_age=300",
            "organization=acme",
            "screen_hint=signup",
            "ui_locales=de",
        ]
    );
}

#[test]
fn authorization_details_may_stand_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("details.json");
    std::fs::write(&path, "[{\"type\":\"payment\"}]\n").expect("written");
    let read = |typed: &str| values::authorization_details(typed);
    assert_eq!(read(&path.display().to_string()).as_deref(), Ok("[{\"type\":\"payment\"}]"));
    assert!(read("{\"type\":\"payment\"}").is_err_and(|why| why.contains('[')));
}
