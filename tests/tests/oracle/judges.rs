//! The two that judge: the rules of this workspace, and a library nobody here wrote.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use doorkey_oauth::{
    AccessToken, Expected, Fault, IdTokenText, Issuer, Nonce, Response, parse_key_set, parse_metadata, verify,
};
use doorkey_tests::skipped;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::draft::{ACCESS_TOKEN, CLIENT, Case, Grant, ISSUER};

/// Nothing, or the code of the refusal.
pub(crate) fn ours(case: &Case) -> Result<(), &'static str> {
    let terms = &case.terms;
    let mut document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "jwks_uri": "https://op.example/jwks",
        "response_types_supported": ["code"],
    });
    if let Some(algs) = &terms.algs {
        document["id_token_signing_alg_values_supported"] = json!(algs);
    }
    let issuer = Issuer::parse(ISSUER).expect("an issuer");
    let metadata = parse_metadata(&issuer, document.to_string().as_bytes()).expect("good metadata");
    let keys = parse_key_set(&answer(&json!({ "keys": case.keys }))).map_err(|error| error.code())?;
    let nonce = terms.nonce.clone().map(Nonce::new);
    let access_token = AccessToken::new(ACCESS_TOKEN.into());
    let expected = Expected {
        trusted_audiences: &terms.trusted_audiences,
        nonce: nonce.as_ref(),
        access_token: Some(&access_token),
        max_age: terms.max_age.map(|age| u64::try_from(age).expect("an age")),
        asked_at: terms.asked_at,
        leeway_secs: terms.leeway,
        ..Expected::new(&metadata, CLIENT, terms.now)
    };
    let report = verify(&IdTokenText::new(case.token.clone()), &keys, &expected);
    report.outcome.map(drop).map_err(|error| error.code())
}

fn answer(body: &Value) -> Response {
    http::Response::builder()
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .expect("an answer")
}

/// What the library says.
#[derive(Debug, Deserialize)]
pub(crate) struct Theirs {
    pub(crate) believed: bool,
    pub(crate) why: String,
}

/// All cases in one process of Node; nothing where it is not installed.
pub(crate) fn theirs(cases: &[Case]) -> Option<Vec<Theirs>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
    if !here.join("node_modules/oauth4webapi").exists() {
        skipped("oracle", "its npm packages are not there: make test installs them");
        return None;
    }
    let mut node = Command::new("node")
        .arg(here.join("judge.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node runs");
    let mut questions = node.stdin.take().expect("piped");
    let lines: String = cases.iter().map(|case| format!("{}\n", question(case))).collect();
    // From a thread of its own: a full pipe would make each side wait for the other.
    let asking = std::thread::spawn(move || questions.write_all(lines.as_bytes()));
    let output = node.wait_with_output().expect("node ends");
    asking.join().expect("no panic").expect("node reads");
    assert!(output.status.success(), "node: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("text");
    let verdicts: Vec<Theirs> = text.lines().map(|line| serde_json::from_str(line).expect("a verdict")).collect();
    assert_eq!(verdicts.len(), cases.len(), "one verdict for each token");
    Some(verdicts)
}

fn question(case: &Case) -> Value {
    let terms = &case.terms;
    json!({
        "issuer": ISSUER,
        "client_id": CLIENT,
        "access_token": ACCESS_TOKEN,
        "token": case.token,
        "keys": case.keys,
        "grant": match terms.grant {
            Grant::AuthorizationCode => "authorization_code",
            Grant::RefreshToken => "refresh_token",
        },
        "algs": terms.algs,
        "nonce": terms.nonce,
        "max_age": terms.max_age,
        "leeway": terms.leeway,
        "now": terms.now,
    })
}
