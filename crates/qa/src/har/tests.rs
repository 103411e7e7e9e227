use serde_json::Value;

use super::*;
use crate::tests::events;

const SCHEMA: &str = include_str!("../../schemas/har-1.2.json");

fn archive() -> Value {
    let flow = Flow::of(events()).expect("one flow");
    serde_json::from_str(&of(&[flow]).to_text()).expect("JSON")
}

fn entry<'a>(archive: &'a Value, purpose: &str) -> &'a Value {
    let entries = archive["log"]["entries"].as_array().expect("entries");
    entries.iter().find(|entry| entry["_purpose"] == purpose).unwrap_or_else(|| panic!("{archive:#}"))
}

#[test]
fn it_is_what_the_published_schema_wants() {
    let schema = serde_json::from_str(SCHEMA).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let archive = archive();
    let wrong: Vec<String> = validator.iter_errors(&archive).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0], "{archive:#}");
    for (pointer, bad) in
        [("/log/entries/0/time", Value::from(-1)), ("/log/entries/1/request/url", "no address".into())]
    {
        let mut broken = archive.clone();
        *broken.pointer_mut(pointer).expect("it is there") = bad;
        assert!(!validator.is_valid(&broken), "the schema looks at {pointer}");
    }
}

#[test]
fn the_browsers_two_ways_stand_among_the_requests_in_order() {
    let archive = archive();
    let entries = archive["log"]["entries"].as_array().expect("entries");
    let purposes: Vec<&str> = entries.iter().filter_map(|entry| entry["_purpose"].as_str()).collect();
    assert_eq!(purposes, ["metadata", "authorization", "callback", "token", "userinfo"]);
    let there = entry(&archive, "authorization");
    assert_eq!(there["time"], 2_000, "until the browser came back");
    assert!(there["request"]["url"].as_str().is_some_and(|url| {
        url.starts_with(
            "https://op.example/authorize?response_type=code&scope=openid+offline_access&state=%5Bfingerprint",
        )
    }));
    assert_eq!(entry(&archive, "token")["startedDateTime"], "1970-01-01T00:00:04.9Z");
    assert!(entries.iter().all(|entry| entry["pageref"] == archive["log"]["pages"][0]["id"]));
}

#[test]
fn what_is_redacted_is_marked_and_what_is_unknown_is_not_made_up() {
    let archive = archive();
    let token = entry(&archive, "token");
    let code = &token["request"]["postData"]["params"][1];
    assert_eq!((&code["value"], &code["_redacted"]), (&"[fingerprint 0a0a0a0a]".into(), &true.into()));
    assert!(token["request"]["postData"]["params"][0].get("_redacted").is_none());
    assert_eq!(token["request"]["headers"][1]["value"], "Basic [fingerprint 0f0f0f0f]");
    assert_eq!((&token["request"]["bodySize"], &token["response"]["bodySize"]), (&(-1).into(), &37.into()));

    let userinfo = entry(&archive, "userinfo");
    assert_eq!((&userinfo["response"]["status"], &userinfo["time"]), (&0.into(), &100.into()));
    assert_eq!(userinfo["response"]["comment"], "The provider could not be reached.");
    assert_eq!(userinfo["request"]["url"], "https://op.example/userinfo?x=%5Bfingerprint+0c0c0c0c%5D&y=a+b");
}

#[test]
fn a_form_that_the_browser_brings_is_a_form_here_too() {
    let mut events = events();
    for event in &mut events {
        if let doorkey_client::words::EventKind::AuthorizationRequested { parameters, .. } = &mut event.kind {
            parameters.push(crate::tests::pair("response_mode", "form_post"));
        }
    }
    let flow = Flow::of(events).expect("one flow");
    let archive: Value = serde_json::to_value(of(&[flow])).expect("JSON");
    let back = &entry(&archive, "callback")["request"];
    assert_eq!((&back["method"], back["queryString"].as_array().map(Vec::len)), (&"POST".into(), Some(0)));
    assert_eq!(back["postData"]["params"].as_array().map(Vec::len), Some(2));
}
