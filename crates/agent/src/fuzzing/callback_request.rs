use std::sync::LazyLock;

use doorkey_oauth::{
    Ask, Callback, ClientSettings, Entropy, Fault, Issuer, Metadata, OurAnswer, ResponseMode, SignIn, parse_metadata,
};
use url::{Url, form_urlencoded};

use super::{Outcome, run};
use crate::loopback::Page;
use crate::loopback::in_memory::{Heard, PATH, PORT, one_connection};
use crate::sign_in::judge;

const ISSUER: &str = "https://op.example";
/// base64url of 32 times the byte 1.
const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// The bytes of one connection to the redirect listener, and what the sign-in that waits makes of them. The same
/// bytes are judged as a query and as a form too, so that mutations need not get past the listener first.
pub fn callback_request(bytes: &[u8]) -> Outcome {
    let waiting = sign_in(ResponseMode::Query);
    if let Ok(query) = std::str::from_utf8(bytes)
        && let Callback::Ours(answer) = waiting.judge(query)
    {
        ours(waiting, answer, bytes);
    }
    let waiting = sign_in(ResponseMode::FormPost);
    if let Callback::Ours(answer) = waiting.judge_form(bytes) {
        ours(waiting, answer, bytes);
    }

    let waiting = sign_in(ResponseMode::Query);
    let heard = run(one_connection(&[bytes], |parameters| judge(&waiting, parameters, false)));
    answered(&heard);
    assert!(heard.judged.len() <= 1, "one connection, one request (L-26)");
    match heard.ours {
        Some(answer) => {
            let query = navigated(bytes);
            assert_eq!(heard.judged, [query]);
            ours(waiting, answer, query.as_bytes());
            Outcome::Taken
        }
        None => Outcome::Refused,
    }
}

fn sign_in(response_mode: ResponseMode) -> SignIn {
    let client = ClientSettings { response_mode, ..ClientSettings::new("client-1") };
    let redirect = Url::parse(&format!("http://127.0.0.1:{PORT}{PATH}")).expect("a URL");
    let entropy = Entropy { state: [1; 32], nonce: [2; 32], verifier: [3; 32] };
    SignIn::begin(&METADATA, client, redirect, entropy, &Ask::default()).expect("begins").0
}

static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let document = serde_json::json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "response_modes_supported": ["query", "form_post"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
    });
    parse_metadata(&Issuer::parse(ISSUER).expect("an issuer"), document.to_string().as_bytes()).expect("good metadata")
});

/// The query of the one kind of request that may end a sign-in: a plain GET of the exact path, with one Host that
/// is ours, within the limits (L-10, L-11, L-16, L-25).
fn navigated(bytes: &[u8]) -> &str {
    let mut bytes = bytes;
    // RFC 9112 section 2.2 allows empty lines before a request.
    while let Some(rest) = bytes.strip_prefix(b"\r\n") {
        bytes = rest;
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let mut words = lines.next().expect("a request line").split(' ');
    assert_eq!((words.next(), words.clone().count()), (Some("GET"), 2));
    let target = words.next().expect("a target").len();
    assert!(target <= 8 * 1024 && end <= 16 * 1024);
    let headers: Vec<(String, &str)> = lines
        .map(|line| line.split_once(':').expect("a header"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches([' ', '\t'])))
        .collect();
    assert!(headers.len() <= 64);
    let all = |name: &'static str| headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| *value);
    let hosts: Vec<_> = all("host").collect();
    assert!(hosts == [format!("127.0.0.1:{PORT}")] || hosts == [format!("[::1]:{PORT}")], "{hosts:?}");
    for (name, wanted) in [("content-length", "0"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")] {
        assert!(all(name).all(|value| value == wanted), "{name}");
    }
    assert!(all("transfer-encoding").chain(all("upgrade")).next().is_none());
    assert!(["sec-purpose", "purpose", "x-moz"].iter().all(|name| !all(name).any(|value| value.contains("prefetch"))));

    let target = std::str::from_utf8(&bytes["GET ".len()..][..target]).expect("a target is ASCII");
    let (path, query) = target.split_once('?').expect("a query");
    assert_eq!(path, PATH);
    query.split_once('#').map_or(query, |(query, _fragment)| query)
}

/// An answer of ours has the one right `state`; its code goes out only if nothing speaks against it (CORE-05,
/// ISS-01 to ISS-04, HP-AZ-01 to HP-AZ-08).
fn ours(waiting: SignIn, answer: OurAnswer, pairs: &[u8]) {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(pairs).into_owned().collect();
    let all =
        |name: &'static str| pairs.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str());
    assert!(all("state").eq([STATE]), "judged ours with {pairs:?}");
    assert!(pairs.len() <= 32);
    match waiting.accept(answer) {
        Ok((request, _)) => {
            assert!(all("iss").eq([ISSUER]));
            assert!(all("error").all(str::is_empty));
            for name in ["access_token", "id_token", "refresh_token", "response"] {
                assert!(all(name).all(str::is_empty), "{name}");
            }
            let sent: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
            let sent = |name: &str| sent.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
            assert!(all("code").eq(sent("code")), "byte for byte (C-14)");
            assert_eq!(sent("redirect_uri"), Some(format!("http://127.0.0.1:{PORT}{PATH}").as_str()));
            assert_eq!(request.uri(), "https://op.example/token");
        }
        Err(error) => {
            let told = format!("{error} {}", error.hint());
            assert!(error.code().starts_with("callback."));
            assert!(told.chars().count() <= 2_000 && !told.chars().any(char::is_control), "{told}");
        }
    }
}

/// What comes back is nothing, or one of our answers: with our headers, and without a word of the request (L-29,
/// L-30).
fn answered(heard: &Heard<OurAnswer>) {
    assert!(heard.ignored.len() <= usize::from(heard.ours.is_none()), "told once, or believed");
    if heard.answer.is_empty() {
        assert!(heard.ours.is_none());
        return;
    }
    assert_eq!(heard.ignored.is_empty(), heard.ours.is_some());
    let text = std::str::from_utf8(&heard.answer).expect("answers are UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    let status = head.split(' ').nth(1).expect("a status");
    assert!(body.len() < 8 * 1024 && !body.contains("HTTP/1.") && !text.contains(STATE), "{text}");
    let header = |name: &str| {
        let named =
            |line: &str| line.split_once(": ").filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned());
        head.lines().find_map(named)
    };
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    // HTTP/1.0 closes without a word.
    assert!(header("connection").as_deref() == Some("close") || head.starts_with("HTTP/1.0 "));
    assert!(header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    assert!(!head.contains("access-control") && !head.contains("set-cookie"));
    let page = header("location");
    match &heard.ours {
        Some(answer) => {
            let wanted = match answer.error_code() {
                None => Page::Received,
                Some("access_denied") => Page::Declined,
                Some(_) => Page::Refused { code: "callback.provider_error" },
            };
            assert_eq!((status, page.as_deref()), ("303", Some(wanted.path())));
        }
        None => {
            let refusals = ["204", "400", "404", "405", "408", "414", "421", "431"];
            assert!(refusals.contains(&status) && header("location").is_none(), "{head}");
        }
    }
}
