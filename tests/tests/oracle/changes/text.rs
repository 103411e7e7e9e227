use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Change, Part};
use crate::draft::{Draft, base64url};

pub(super) fn changes() -> Vec<Change> {
    [parts(), base64(), json(), sizes()].into_iter().flatten().collect()
}

fn change(name: impl Into<String>, apply: impl Fn(&mut Draft) + 'static) -> Change {
    Change::new(Part::Text, name, apply)
}

fn on_text(name: &str, edit: fn(&str) -> String) -> Change {
    change(name, move |draft| draft.text_edits.push(Box::new(move |text| edit(text_of(&text)).into_bytes())))
}

fn on_claims(name: &str, edit: fn(&str) -> Vec<u8>) -> Change {
    change(name, move |draft| draft.claims_edits.push(Box::new(move |json| edit(text_of(&json)))))
}

fn on_header(name: &str, edit: fn(&str) -> Vec<u8>) -> Change {
    change(name, move |draft| draft.header_edits.push(Box::new(move |json| edit(text_of(&json)))))
}

fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// One, two, four, five parts, and empty ones.
fn parts() -> Vec<Change> {
    vec![
        on_text("an empty text", |_| String::new()),
        on_text("a word", |_| "token".to_owned()),
        on_text("two dots", |_| "..".to_owned()),
        on_text("one part", |text| part(text, 0).to_owned()),
        on_text("two parts", |text| format!("{}.{}", part(text, 0), part(text, 1))),
        on_text("four parts", |text| format!("{text}.{}", part(text, 2))),
        on_text("four parts, the last empty", |text| format!("{text}.")),
        on_text("five parts", |text| format!("{text}.AAAA.AAAA")),
        on_text("six parts", |text| format!("{text}.AAAA.AAAA.AAAA")),
        on_text("an encrypted token", |_| {
            let header = base64url(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
            format!("{header}.AAAA.AAAA.AAAA.AAAA")
        }),
        on_text("an encrypted token that wants much work", |_| {
            let header = base64url(r#"{"alg":"PBES2-HS256+A128KW","p2c":1000000000,"enc":"A128GCM","zip":"DEF"}"#);
            format!("{header}.AAAA.AAAA.AAAA.AAAA")
        }),
        on_text("no header", |text| format!(".{}.{}", part(text, 1), part(text, 2))),
        on_text("no claims", |text| format!("{}..{}", part(text, 0), part(text, 2))),
        on_text("the JSON serialization", |text| {
            let (header, claims, signature) = (part(text, 0), part(text, 1), part(text, 2));
            format!(r#"{{"payload":"{claims}","protected":"{header}","signature":"{signature}"}}"#)
        }),
        on_text("as an Authorization header", |text| format!("Bearer {text}")),
    ]
}

fn part(text: &str, index: usize) -> &str {
    text.split('.').nth(index).expect("three parts")
}

/// Other spellings of the same bytes. Those of header and claims are signed as they are.
fn base64() -> Vec<Change> {
    let signed = |name: &str, edit: fn(&str) -> String| {
        change(name, move |draft| draft.signed_edits.push(Box::new(move |text| edit(text_of(&text)).into_bytes())))
    };
    vec![
        on_text("a space before", |text| format!(" {text}")),
        on_text("a line break after", |text| format!("{text}\n")),
        on_text("a letter that is none in the signature", |text| format!("{text}!")),
        on_text("a null character after", |text| format!("{text}\0")),
        // 256 and 64 bytes leave four bits over in the last letter.
        on_text("stray bits at the end of the signature", stray).of("RS256"),
        on_text("a padded signature", |text| format!("{text}==")).of("RS256"),
        on_text("a padded signature of 64 bytes", |text| format!("{text}==")).of("ES256"),
        on_text("a line break in the signature", |text| {
            let (start, end) = text.split_at(text.len() - 4);
            format!("{start}\n{end}")
        }),
        signed("a padded header", |text| format!("{}.{}", padded(&uneven(part(text, 0))), part(text, 1))),
        signed("padded claims", |text| format!("{}.{}", part(text, 0), padded(&uneven(part(text, 1))))),
        signed("a space before the claims", |text| format!("{}. {}", part(text, 0), part(text, 1))),
        signed("stray bits at the end of the claims", |text| {
            format!("{}.{}", part(text, 0), stray(&uneven(part(text, 1))))
        }),
        change("claims in the other base64", |draft| {
            // Bytes that are spelt differently in the two alphabets, at every offset.
            draft.claim("name", "???>>>~~~???>>>");
            draft.signed_edits.push(Box::new(|text| {
                let text = text_of(&text);
                let other = part(text, 1).replace('-', "+").replace('_', "/");
                assert_ne!(other, part(text, 1), "there is a difference");
                format!("{}.{other}", part(text, 0)).into_bytes()
            }));
        }),
    ]
}

fn padded(part: &str) -> String {
    format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4))
}

/// The same JSON with spaces after it, until its last letter has bits to spare.
fn uneven(part: &str) -> String {
    let mut json = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    while json.len() % 3 != 1 {
        json.push(b' ');
    }
    base64url(json)
}

/// The last letter with one of its spare bits set; as it was where it has none.
fn stray(text: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = text.split_at(text.len() - 1);
    match LETTERS.find(last) {
        Some(value) if value % 2 == 0 => format!("{rest}{}", &LETTERS[value + 1..value + 2]),
        _ => text.to_owned(),
    }
}

/// JSON that readers do not agree on.
fn json() -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, text) in [
        ("a list", "[]"),
        ("a list of claims", r#"[{"sub":"a"}]"#),
        ("text", "\"claims\""),
        ("null", "null"),
        ("a number", "7"),
        ("nothing", ""),
        ("cut", "{\"iss\":"),
        ("empty", "{}"),
    ] {
        let text = text.as_bytes();
        changes.push(change(format!("claims are {name}"), move |draft| {
            draft.claims_edits.push(Box::new(move |_| text.to_vec()));
        }));
        changes.push(change(format!("the header is {name}"), move |draft| {
            draft.header_edits.push(Box::new(move |_| text.to_vec()));
        }));
    }
    changes.extend([
        on_claims("sub twice, the good one last", |json| with_first(json, r#""sub":"somebody-else","#)),
        on_claims("iss twice, the good one last", |json| with_first(json, r#""iss":"https://evil.example","#)),
        on_claims("aud twice, the good one first", |json| with_last(json, r#","aud":"client-2""#)),
        on_claims("exp twice, the good one first", |json| with_last(json, r#","exp":0"#)),
        on_claims("an unknown claim twice", |json| with_first(json, r#""x":1,"x":2,"#)),
        on_claims("a member twice in a claim", |json| with_first(json, r#""address":{"country":"A","country":"B"},"#)),
        on_claims("sub twice, once escaped", |json| with_first(json, r#""\u0073ub":"somebody-else","#)),
        on_header("alg twice, none first", |json| with_first(json, r#""alg":"none","#)),
        on_header("alg twice, none last", |json| with_last(json, r#","alg":"none""#)),
        on_header("kid twice", |json| with_first(json, r#""kid":"another","#)),
        on_claims("a byte order mark before the claims", |json| format!("\u{feff}{json}").into_bytes()),
        on_header("a byte order mark before the header", |json| format!("\u{feff}{json}").into_bytes()),
        on_claims("claims that are not UTF-8", |json| {
            let (start, end) = json.split_at(1);
            [start.as_bytes(), b"\"x\":\"\xff\",", end.as_bytes()].concat()
        }),
        on_claims("half a surrogate in a claim", |json| with_first(json, r#""x":"\ud800","#)),
        on_claims("a null character escaped in a claim", |json| with_first(json, r#""x":"\u0000","#)),
        on_claims("a claim that is 1e999", |json| with_first(json, r#""x":1e999,"#)),
        on_claims("a claim of 30 digits", |json| with_first(json, r#""x":123456789012345678901234567890,"#)),
        on_claims("NaN", |json| with_first(json, r#""x":NaN,"#)),
        on_claims("a comment in the claims", |json| with_first(json, "/* */")),
        on_claims("a comma too many in the claims", |json| with_last(json, ",")),
        on_claims("single quotes in the claims", |json| json.replace('"', "'").into_bytes()),
        on_claims("text after the claims", |json| format!("{json}x").into_bytes()),
        on_claims("claims twice", |json| format!("{json}{json}").into_bytes()),
        on_claims("white space around the claims", |json| format!(" \r\n\t{json}\r\n ").into_bytes()),
        on_claims("a null byte after the claims", |json| format!("{json}\0").into_bytes()),
        on_claims("names escaped in the claims", |json| {
            json.replace("\"iss\"", r#""\u0069\u0073\u0073""#).into_bytes()
        }),
        on_claims("a claim named __proto__", |json| with_first(json, r#""__proto__":{"sub":"somebody-else"},"#)),
    ]);
    changes
}

fn with_first(json: &str, members: &str) -> Vec<u8> {
    json.replacen('{', &format!("{{{members}"), 1).into_bytes()
}

fn with_last(json: &str, members: &str) -> Vec<u8> {
    let inner = json.strip_suffix('}').expect("an object");
    format!("{inner}{members}}}").into_bytes()
}

/// Sizes a reader should have an opinion on.
fn sizes() -> Vec<Change> {
    vec![
        on_claims("claims nested 30 deep", |json| nested(json, 30)),
        on_claims("claims nested 100 deep", |json| nested(json, 100)),
        on_claims("claims nested 5000 deep", |json| nested(json, 5000)),
        on_claims("32 KiB of claims", |json| with_first(json, &format!(r#""x":"{}","#, "x".repeat(32 * 1024)))),
        on_claims("1 MiB of claims", |json| with_first(json, &format!(r#""x":"{}","#, "x".repeat(1024 * 1024)))),
        on_header("4 KiB of header", |json| with_first(json, &format!(r#""x":"{}","#, "x".repeat(4 * 1024)))),
        on_header("16 KiB of header", |json| with_first(json, &format!(r#""x":"{}","#, "x".repeat(16 * 1024)))),
    ]
}

fn nested(json: &str, depth: usize) -> Vec<u8> {
    with_first(json, &format!(r#""x":{}{},"#, "[".repeat(depth), "]".repeat(depth)))
}
