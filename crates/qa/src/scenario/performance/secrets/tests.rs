use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorkey_client::words::EventKind;
use serde_json::json;

use super::*;
use crate::tests::{kinds, refused};

/// What every way to write a text has to escape.
const HARD: &str = "CANARY s\"3/c\\re'&<+%t=ü😀";

fn of(secret: &str) -> Secrets {
    Secrets::new([("ada".to_owned(), Secret::new(secret.to_owned()))].into())
}

fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn ascii_json(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect()
}

#[test]
fn a_secret_is_not_told_however_it_is_written() {
    let json = |text: &str| json!(text).to_string();
    let spelled = [
        HARD.to_owned(),
        form(HARD),
        form(HARD).replace('+', "%20"),
        form(&form(HARD)),
        percent(HARD),
        json(HARD),
        json(HARD).replace('/', "\\/"),
        json(&json(HARD)),
        ascii_json(HARD),
        html(HARD),
        html(HARD).replace("&quot;", "&#x22;"),
        json(&html(HARD)),
        // Some encode only what they must.
        HARD.replace(' ', "%20").replace('"', "%22"),
    ];
    for spelled in spelled {
        let told = of(HARD).scrubbed(&format!("no <{spelled}> here"));
        assert!(told.contains("[secret ada]") && !told.contains("CANARY") && !told.contains("43%41"), "{told}");
        assert!(told.starts_with("no <") && told.ends_with("> here"), "{told}");
    }
}

#[test]
fn a_secret_within_base64_is_not_told_wherever_it_begins() {
    for secret in ["analytical", "pass", HARD] {
        for before in ["", "a", "ab", "abc:", "client:"] {
            for text in
                [format!("{before}{secret}"), format!("{before}{secret} and more"), format!("{before}{}", form(secret))]
            {
                for engine in [&STANDARD, &URL_SAFE_NO_PAD] {
                    let told = of(secret).scrubbed(&format!("Basic {}, ok", engine.encode(&text)));
                    assert_eq!(told, "Basic [secret ada], ok", "{text}");
                    let told = of(secret).scrubbed(&form(&STANDARD.encode(&text)));
                    assert!(told.contains("[secret ada]"), "{text}: {told}");
                }
            }
        }
    }
}

#[test]
fn other_texts_stay_as_they_are() {
    for text in
        ["", "No analytica here", "%", "%4", "\\", "\\u", "&#;", "&", "ü", "a%25", "\\\\\\\\\\\\\\\\\\", "😀\\ud83d"]
    {
        assert_eq!(of("analytical").scrubbed(text), text);
        assert_eq!(of(HARD).scrubbed(text), text);
    }
    // Met by chance.
    assert_eq!(of("ada").scrubbed("ada"), "ada");
    assert_eq!(of("secret").scrubbed("a secret"), "a [secret ada]");
    let two =
        [("a".to_owned(), Secret::new("pass".to_owned())), ("b\"".to_owned(), Secret::new("passport".to_owned()))];
    assert_eq!(Secrets::new(two.into()).scrubbed("password, passport"), "[secret a]word, [secret b_]");
}

#[test]
fn the_lines_and_the_private_members_of_a_key_are_secret_by_themselves() {
    let pem =
        "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n";
    assert_eq!(of(pem).scrubbed("line CCqGSM49AwEHBG0wawIBAQQg"), "line [secret ada]");
    assert_eq!(of(pem).scrubbed(&json!(pem.trim()).to_string()), "\"[secret ada]\"");
    let key = json!({ "kty": "EC", "crv": "P-256", "x": "public-value-x", "d": "private-value-d" });
    let text = serde_json::to_string_pretty(&key).unwrap();
    assert_eq!(of(&text).scrubbed("public-value-x private-value-d"), "public-value-x [secret ada]");
}

#[test]
fn a_flow_stays_what_it_is_without_them() {
    let failed = EventKind::SignInFailed {
        refusal: doorkey_client::words::Refusal::new("token.invalid_client", "No analytical%21", ""),
    };
    let flow = Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, failed])).expect("one flow");
    let made = of("analytical").without(flow.clone());
    assert_eq!((made.kind, made.events.len()), (flow.kind, 2));
    let text = serde_json::to_string(&made.events).unwrap();
    assert!(text.contains("No [secret ada]%21") && !text.contains("analytical"), "{text}");
    // A password that is a word of the journal's, or a part of its times.
    for word in ["sign_in_started", "1970", "sign_in_failed"] {
        let flow = Flow::of(kinds(
            "f",
            1,
            vec![EventKind::SignInStarted, EventKind::SignInFailed { refusal: refused("a.b") }],
        ));
        let flow = flow.expect("one flow");
        assert_eq!(of(word).without(flow.clone()).kind, flow.kind, "{word}");
    }
}

/// A command can say what it likes: gone through in a moment, where each letter was once looked at from each before it.
#[test]
fn a_flood_of_one_letter_is_gone_through() {
    for letter in ["\\", "%", "&", "A", "Q0FOQVJZ"] {
        let flood = letter.repeat(256 * 1024 / letter.len());
        assert_eq!(of(HARD).scrubbed(&flood), flood, "{letter}");
    }
    assert_eq!(of("CANARY-CANARY").scrubbed(&"Q0FOQVJZLUNBTkFSWQ".repeat(10_000)), "[secret ada]");
}
