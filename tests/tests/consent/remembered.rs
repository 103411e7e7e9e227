//! What is remembered, for whom, and until when.

use doorkey_client::words::{ConsentRequest, Reach, Refusal, SignOut};
use doorkey_demo_idp::Settings;
use doorkey_tests::Household;
use serde_json::json;

use super::*;

/// B-16: another executable in the place of one that was allowed | asked about anew, and it is said that it has changed
#[tokio::test]
async fn a_changed_executable_is_asked_about_anew() {
    let stage = asking().await;
    let caller = Caller::called("updated", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (_, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token());
    caller.change();
    let (question, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(question.wanted.changed && answer.is_token(), "{question:?}");
    assert!(caller.asks_plainly(&stage).await.is_token());
    let listed = consents(&stage).await.consents;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0].sha256, question.wanted.sha256);
}

/// B-14: allowed for what was granted, then more is granted | asked anew; never the other way
/// B-T12: another API, another profile, or more scopes than allowed | a question of its own
#[tokio::test]
async fn whatever_reaches_further_is_a_question_of_its_own() {
    let stage = asking().await;
    let caller = Caller::called("creeping", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (first, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token());
    // A part of what was granted is met by the same token.
    let narrower = caller.asks(&stage, &json!({"profile": PROFILE, "scope": ["openid"]})).await;
    assert!(narrower.is_token(), "{narrower:?}");

    let api = json!({"profile": PROFILE, "resource": ["https://api.example"]});
    let (question, _) = tokio::join!(window.says(NO), caller.asks(&stage, &api));
    assert_eq!(question.wanted.reach.resource, ["https://api.example"]);

    // The person signs in anew, and more is granted.
    stage
        .put(|it| {
            it.scopes = ["openid", "profile", "email", "offline_access", "notes:read"].map(str::to_owned).to_vec();
        })
        .await;
    stage.sign_in().await;
    let again = stage.client.decide(&decided(&caller, ConsentDecision::Deny, ConsentLasts::Once)).await;
    again.expect("a decision of the person's own ends the silence after the no");
    let (wider, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    let scope = |question: &ConsentQuestion| question.wanted.reach.scope.clone().expect("what was granted");
    assert!(!scope(&first).contains(&"notes:read".to_owned()) && scope(&wider).contains(&"notes:read".to_owned()));
    assert!(answer.is_token());
    assert!(caller.asks_plainly(&stage).await.is_token());
}

/// What the provider gives for one of two APIs is what was asked about: no second question follows, and the yes is not one
/// to the token for both.
#[tokio::test]
async fn one_of_two_apis_is_one_question() {
    const APIS: [&str; 2] = ["https://notes.example", "https://bills.example"];
    let stage = asking().await;
    stage.sign_out(SignOut::Forget).await;
    stage.put(|it| it.resources = APIS.map(str::to_owned).to_vec()).await;
    stage.sign_in().await;
    let caller = Caller::called("report", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let one = json!({"profile": PROFILE, "resource": [APIS[1]]});
    let (question, answer) = tokio::join!(window.says(YES), caller.asks(&stage, &one));
    assert!(answer.is_token(), "{answer:?}");
    assert_eq!(question.wanted.reach.resource, [APIS[1]]);
    assert!(caller.asks(&stage, &one).await.is_token());
    assert_eq!(told(&stage.client).await, ["asked report", "given report", "token report", "token report"]);
    let both = caller.asks(&stage, &json!({"profile": PROFILE, "no_prompt": true})).await;
    assert_eq!(both.code(), "broker.consent_required");

    // The other way round it is covered.
    let (_, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token());
    let other = caller.asks(&stage, &json!({"profile": PROFILE, "resource": [APIS[0]], "no_prompt": true})).await;
    assert!(other.is_token(), "{other:?}");
}

#[tokio::test]
async fn another_profile_is_a_question_of_its_own() {
    let stage = asking().await;
    let other = doorkey_tests::stage::profile("other", stage.provider.issuer());
    stage.client.put_profile(&other.into()).await.expect("the profile is good");
    let attempt = doorkey_tests::Attempt::begin(&stage.client, &doorkey_tests::stage::request("other")).await;
    attempt.allow(&stage.person("Grace")).await;
    attempt.done().await;
    let caller = Caller::called("curious", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (_, answer) = tokio::join!(window.says(YES), caller.asks_plainly(&stage));
    assert!(answer.is_token());
    let other = json!({"profile": "other"});
    let (question, answer) = tokio::join!(window.says(NO), caller.asks(&stage, &other));
    assert_eq!((question.wanted.profile.as_str(), answer.code()), ("other", "broker.denied"));
    assert!(caller.asks_plainly(&stage).await.is_token());
}

/// Staging became production: what programs may have of the one they may not have of the other.
#[tokio::test]
async fn a_profile_that_is_led_elsewhere_is_asked_about_anew() {
    let stage = asking().await;
    let caller = Caller::called("follower", stage.folder());
    stage.client.decide(&decided(&caller, ConsentDecision::Allow, ConsentLasts::USUAL)).await.expect("decided");
    let here = stage.client.sessions().await.expect("the list").sessions.remove(0).id;
    let elsewhere = doorkey_demo_idp::start(Settings::default()).await.expect("another provider");
    let profile = doorkey_tests::stage::profile(PROFILE, elsewhere.issuer());
    stage.client.put_profile(&profile.into()).await.expect("the profile is good");
    let there = stage.sign_in().await.id;
    let of = |session: &str| json!({"profile": PROFILE, "account": session, "no_prompt": true});
    assert!(caller.asks(&stage, &of(&here)).await.is_token());
    let refused = caller.asks(&stage, &of(&there)).await;
    assert_eq!(refused.code(), "broker.consent_required");
}

#[tokio::test]
async fn once_is_once() {
    let stage = asking().await;
    let caller = Caller::called("once", stage.folder());
    let mut window = Window::open(&stage.client).await;
    for _ in 0..2 {
        let (_, answer) = tokio::join!(window.says(YES_ONCE), caller.asks_plainly(&stage));
        assert!(answer.is_token());
        assert!(consents(&stage).await.consents.is_empty());
    }
}

/// B-16: somebody signs out of the profile | what programs may have of it goes too
#[tokio::test]
async fn signing_out_takes_back_what_programs_may_have() {
    let stage = asking().await;
    let caller = Caller::called("report", stage.folder());
    let until_sign_out = ConsentAnswer { lasts: ConsentLasts::UntilSignOut, ..YES };
    let mut window = Window::open(&stage.client).await;
    let (_, answer) = tokio::join!(window.says(until_sign_out), caller.asks_plainly(&stage));
    assert!(answer.is_token());
    assert_eq!(consents(&stage).await.consents[0].expires_at, None);
    stage.sign_out(SignOut::Forget).await;
    assert!(consents(&stage).await.consents.is_empty());
    stage.sign_in().await;
    let (_, answer) = tokio::join!(window.says(NO), caller.asks_plainly(&stage));
    assert_eq!(answer.code(), "broker.denied");
    let words = told(&stage.client).await;
    assert!(words.contains(&"revoked report sign_out".to_owned()), "{words:?}");

    stage.client.decide(&decided(&caller, ConsentDecision::Allow, ConsentLasts::USUAL)).await.expect("decided");
    assert!(caller.asks_plainly(&stage).await.is_token());
    stage.client.delete_profile(PROFILE).await.expect("removed");
    assert!(consents(&stage).await.consents.is_empty());
}

/// B-16: a decision is not wanted any more | it is listed, and taken back by its id
#[tokio::test]
async fn what_was_decided_is_listed_and_taken_back() {
    let stage = asking().await;
    let caller = Caller::called("report", stage.folder());
    stage.client.decide(&decided(&caller, ConsentDecision::Allow, ConsentLasts::USUAL)).await.expect("decided");
    assert!(caller.asks_plainly(&stage).await.is_token());
    let listed = consents(&stage).await.consents;
    let [consent] = listed.as_slice() else { panic!("{listed:?}") };
    let days = consent.expires_at.expect("it ends").duration_since(consent.given_at).as_hours() / 24;
    assert_eq!((consent.program.as_str(), consent.profile.as_str(), days), (caller.path(), PROFILE, 30));
    stage.client.revoke_consent(&consent.id).await.expect("it is there");
    assert_eq!(caller.asks_plainly(&stage).await.code(), "broker.consent_required");
    let again = doorkey_tests::stage::refusal(stage.client.revoke_consent(&consent.id).await);
    assert_eq!((again.code.as_str(), again.exit_code()), ("broker.consent_unknown", 77));

    stage.client.decide(&decided(&caller, ConsentDecision::Deny, ConsentLasts::USUAL)).await.expect("decided");
    let mut window = Window::open(&stage.client).await;
    assert_eq!(caller.asks_plainly(&stage).await.code(), "broker.denied", "and nobody is asked");
    stage.client.decide(&decided(&caller, ConsentDecision::Allow, ConsentLasts::Once)).await.expect("decided");
    assert!(caller.asks_plainly(&stage).await.is_token() || consents(&stage).await.questions.is_empty());
    window.client.hello().await.expect("the agent is as well as before");
    drop(window.updates.next());
}

/// A decision ahead of the question answers one that waits already.
#[tokio::test]
async fn a_decision_answers_the_question_that_waits() {
    let stage = asking().await;
    let caller = Caller::called("report", stage.folder());
    let mut window = Window::open(&stage.client).await;
    let (question, answer) = tokio::join!(
        async {
            let question = window.asked().await;
            stage.client.decide(&decided(&caller, ConsentDecision::Allow, ConsentLasts::USUAL)).await.expect("decided");
            question
        },
        caller.asks_plainly(&stage)
    );
    assert!(answer.is_token());
    window.settled(&question).await;
}

/// The refusal says what would be asked, exactly enough to decide by it.
#[tokio::test]
async fn a_refusal_has_in_it_what_allows_it() {
    let stage = asking().await;
    let caller = Caller::called("report", stage.folder());
    let answer = caller.asks_plainly(&stage).await;
    let refusal: Refusal = serde_json::from_value(answer.json["error"].clone()).expect("one");
    let Some(doorkey_client::words::Fix::Consent { wanted }) = refusal.fix else { panic!("{refusal:?}") };
    let request = ConsentRequest {
        program: wanted.program,
        sha256: Some(wanted.sha256),
        profile: wanted.profile,
        reach: wanted.reach,
        decision: ConsentDecision::Allow,
        lasts: ConsentLasts::Once,
    };
    stage.client.decide(&request).await.expect("decided");
    assert!(caller.asks_plainly(&stage).await.is_token());
    assert_eq!(caller.asks_plainly(&stage).await.code(), "broker.consent_required", "once is once");
}

#[tokio::test]
async fn what_is_no_program_cannot_be_decided_about() {
    let stage = asking().await;
    for program in ["", "relative", "/nonexistent/program", "/proc"] {
        let request = ConsentRequest {
            program: program.to_owned(),
            ..decided(&Caller("/".into()), ConsentDecision::Allow, ConsentLasts::USUAL)
        };
        let refused = doorkey_tests::stage::refusal(stage.client.decide(&request).await);
        assert_eq!(refused.code, "usage.bad_program", "{program}");
        doorkey_tests::stage::assert_told_well(&refused);
    }
}

/// The agent is killed right after the answer: what was allowed is on the disk.
#[tokio::test]
async fn what_was_allowed_outlives_the_agent() {
    let home = Household::with_passphrase(Settings::default()).await.asking();
    home.add_profile().await;
    let ended = home.doorkey_with_robot(&["login", PROFILE]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let caller = Caller::called("report", home.folder());
    let agent = home.agent().await;
    let ended = home.doorkey(&["consent", "allow", caller.path(), "--profile", PROFILE, "--json"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    agent.kill().await;
    let agent = home.agent().await;
    let asks = caller.command(&home.paths().socket(), &plainly(), &[]);
    assert!(Answer::only(&program::run(asks).await).is_token());
    agent.terminate().await;
}

/// A kept connection of a program that was allowed is served on the short way, and refused at once when it is taken back.
#[tokio::test]
async fn a_kept_connection_is_no_way_around() {
    let stage = asking().await;
    let caller = Caller::called("keeper", stage.folder());
    stage.client.decide(&decided(&caller, ConsentDecision::Allow, ConsentLasts::USUAL)).await.expect("decided");
    let ended = program::run(caller.command(&stage.paths.socket(), &plainly(), &["kept", "20"])).await;
    assert_eq!(Answer::all(&ended).iter().filter(|answer| answer.is_token()).count(), 20);
    let id = consents(&stage).await.consents[0].id.clone();
    stage.client.revoke_consent(&id).await.expect("it is there");
    let ended = program::run(caller.command(&stage.paths.socket(), &plainly(), &["kept", "3"])).await;
    let codes: Vec<String> = Answer::all(&ended).iter().map(|answer| answer.code().to_owned()).collect();
    assert_eq!(codes, vec!["broker.consent_required"; 3]);
}

fn decided(caller: &Caller, decision: ConsentDecision, lasts: ConsentLasts) -> ConsentRequest {
    ConsentRequest {
        program: caller.path().to_owned(),
        sha256: None,
        profile: PROFILE.to_owned(),
        reach: Reach::default(),
        decision,
        lasts,
    }
}
