//! What people who test take out of the window, and bring back into it.

use doorkey_client::words::Event;
use doorkey_qa::flow::Flow;
use serde_json::{Value, json};
use tauri::Manager;
use tauri::ipc::InvokeBody;

use super::story::token;
use super::verbs::{Ada, signed_in};
use super::{ask, ask_with};
use crate::commands::{FlowFormat, claims, made};
use crate::shell::Shell;

/// The entries of the sign-in, as the pages have them.
fn sign_in(ada: &Ada) -> Vec<Event> {
    let page = ask(&ada.main, "journal", json!({"before": null, "limit": 500})).expect("a page");
    let events: Vec<Event> = serde_json::from_value(page["events"].clone()).expect("entries");
    let kind = |event: &Event| serde_json::to_value(event).expect("JSON")["kind"].clone();
    let started = events.iter().find(|event| kind(event) == "sign_in_started").expect("it started").flow.clone();
    events.into_iter().filter(|event| event.flow == started).collect()
}

/// S-48: a flow is taken out of the window for a ticket, in every form | report, archive and evidence have its checks, and no token is in any; what was saved is opened again as it was
#[test]
fn what_is_taken_out_of_the_journal_is_whole_and_opened_again() {
    let ada = signed_in();
    let flow = Flow::of(sign_in(&ada)).expect("one flow");
    let (token, claims) = tauri::async_runtime::block_on(async {
        let client = ada.app.state::<Shell>().link.client().await.expect("the agent");
        (token(&client).await, claims(&client, &flow).await)
    });
    assert!(claims.as_ref().is_some_and(|claims| claims.of_this_flow && claims.id_token.is_some()), "{claims:?}");
    let text = |format| String::from_utf8(made(&flow, format, None).expect("it is made")).expect("text");
    let report = text(FlowFormat::Report);
    assert!(report.contains("idtoken.nonce") && report.contains("demo"), "{report}");
    let json: Value = serde_json::from_str(&text(FlowFormat::ReportJson)).expect("JSON");
    assert_eq!((&json["outcome"], &json["counts"]["failed"]), (&json!("succeeded"), &json!(0)), "{json}");
    let har: Value = serde_json::from_str(&text(FlowFormat::Har)).expect("JSON");
    assert_eq!(har["log"]["version"], "1.2");
    assert!(har["log"]["entries"].as_array().is_some_and(|entries| entries.len() > 2), "{har}");

    let archive = made(&flow, FlowFormat::Evidence, claims).expect("it is made");
    let opened = ask_with(&ada.main, "open_evidence", InvokeBody::Raw(archive.clone())).expect("it is opened");
    let events: Vec<Event> = serde_json::from_value(opened["events"].clone()).expect("entries");
    assert_eq!((&events, &opened["damages"], &opened["redacted"]), (&flow.events, &json!([]), &json!(true)));
    assert_eq!(opened["claims"]["id_token"]["claims"]["sub"], "demo|ada");
    // Where the webview cannot send bytes they come as numbers.
    let again = ask(&ada.main, "open_evidence", json!(archive)).expect("it is opened");
    assert_eq!(again, opened);
    for told in [report, json.to_string(), har.to_string(), opened.to_string()] {
        assert!(!told.contains(&token), "{told}");
    }
    ada.leave();
}

#[test]
fn a_file_that_is_no_evidence_or_half_of_it_is_refused() {
    let ada = signed_in();
    let archive = made(&Flow::of(sign_in(&ada)).expect("one flow"), FlowFormat::Evidence, None).expect("it is made");
    for (bytes, code) in [
        (b"no zip".to_vec(), "evidence.unreadable"),
        (archive[..archive.len() / 2].to_vec(), "evidence.unreadable"),
        (Vec::new(), "evidence.unreadable"),
    ] {
        let refused = ask_with(&ada.main, "open_evidence", InvokeBody::Raw(bytes)).expect_err("nothing to open");
        assert_eq!(refused["code"], code, "{refused}");
    }
    let of_two = json!({"events": [], "format": "har", "name": "x.har"});
    assert_eq!(ask(&ada.main, "export_flow", of_two).expect_err("nothing")["code"], "usage.bad_value");
    ada.leave();
}

#[test]
fn a_request_and_an_address_are_written_as_programs_without_a_secret() {
    let ada = signed_in();
    let entries = serde_json::to_value(sign_in(&ada)).expect("JSON");
    let of = |fits: &dyn Fn(&Value) -> bool| entries.as_array().expect("a list").iter().find(|it| fits(it)).cloned();
    let exchange = of(&|it| it["exchange"]["purpose"] == "token").expect("a token request")["exchange"].clone();
    let request = json!({"kind": "request", "request": exchange["request"]});
    let written = ask(&ada.main, "sample", json!({"of": request, "language": "python"})).expect("a sample");
    assert_eq!(written["file_name"], "request.py");
    assert!(written["text"].as_str().is_some_and(|text| text.contains("CODE_VERIFIER")), "{written}");
    assert!(written["variables"].as_array().is_some_and(|all| all.contains(&json!("CODE"))), "{written}");

    let asked = of(&|it| it["kind"] == "authorization_requested").expect("an address");
    let address = json!({"kind": "address", "url": asked["url"], "parameters": asked["parameters"]});
    let written = ask(&ada.main, "sample", json!({"of": address, "language": "go"})).expect("a sample");
    assert!(written["text"].as_str().is_some_and(|text| text.contains("code_challenge")), "{written}");

    let unknown = ask(&ada.main, "sample", json!({"of": request, "language": "cobol"})).expect_err("no such");
    assert_eq!(unknown["code"], "usage.bad_value");
    ada.leave();
}
