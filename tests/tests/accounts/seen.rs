//! In one agent, as its own programs see them: names, order, the preferred one, and who the provider says it is.

use doorkey_client::words::{
    CheckOutcome, ProfileEntry, RenewalRequest, Session, SessionChange, SignOut, SignOutRequest, TokenRequest, Update,
};
use doorkey_client::{Client, Updates};
use doorkey_demo_idp::Endpoint;
use doorkey_tests::secrets::{assert_none, sent_to};
use doorkey_tests::stage::{Stage, assert_told_well, exposed, profile, refusal, request, sign_out};
use doorkey_tests::{Attempt, PATIENCE, PROFILE};

#[tokio::test]
async fn what_a_person_calls_an_account_stays_through_renewals_and_new_sign_ins_and_goes_with_the_sign_out() {
    let stage = Stage::new().await;
    let ada = stage.sign_in().await;
    let called = change(&stage.client, &ada, SessionChange { label: some("  Analytical  Engine "), ..none() }).await;
    assert_eq!(called.label.as_deref(), Some("Analytical Engine"));
    assert_eq!((&called.id, &called.name), (&ada.id, &ada.name), "the provider's own name stays beside it");
    let told = stage.until("it is told", |session| session.label.is_some()).await;
    assert_eq!(told.label, called.label);

    stage.renew().await.expect("renewed");
    assert_eq!(stage.session().await.label, called.label);
    assert_eq!(stage.sign_in().await.label, called.label, "the same person with the same profile");
    let unchanged = change(&stage.client, &ada, none()).await;
    assert_eq!(unchanged.label, called.label, "what is left out stays");
    assert_eq!(change(&stage.client, &ada, SessionChange { label: some(" "), ..none() }).await.label, None);

    change(&stage.client, &ada, SessionChange { label: some("gone"), preferred: Some(true), position: Some(0) }).await;
    stage.sign_out(SignOut::Forget).await;
    let anew = stage.sign_in().await;
    assert_eq!((anew.label, anew.preferred, anew.position), (None, false, None));
    let gone = refusal(stage.client.change_session(&ada.id, &none()).await);
    assert_eq!(gone.code, "session.not_found");
    assert_told_well(&gone);
}

#[tokio::test]
async fn a_name_that_could_pass_for_another_is_refused_and_nothing_is_changed() {
    let stage = Stage::new().await;
    let ada = stage.sign_in().await;
    let long = "x".repeat(65);
    for bad in ["a\u{202e}b", "a\u{200b}b", "a\nb", "a\u{7}b", long.as_str()] {
        let change = SessionChange { label: some(bad), preferred: Some(true), position: Some(0) };
        let refused = refusal(stage.client.change_session(&ada.id, &change).await);
        assert_eq!(refused.code, "usage.bad_label", "{bad:?}");
        assert_told_well(&refused);
    }
    assert_eq!(stage.session().await, ada);
}

/// B-21: one of two sessions was preferred by the person | it is the one that is meant; a sign-out still wants a name
#[tokio::test]
async fn the_preferred_one_of_a_profile_is_meant_where_nobody_says_whose() {
    let stage = Stage::new().await;
    let ada = stage.sign_in_as("Ada").await;
    let grace = stage.sign_in_as("Grace").await;
    let prefer = |preferred| SessionChange { preferred: Some(preferred), ..none() };
    let token_of = async |session: &Session| {
        let request = TokenRequest { account: Some(session.id.clone()), ..TokenRequest::for_profile(PROFILE) };
        exposed(&stage.token_for(&request).await.expect("a token").access_token)
    };
    let meant = async || stage.token().await.map(|token| exposed(&token.access_token));
    assert_eq!(meant().await.expect_err("nobody says whose").code, "session.ambiguous");

    assert!(change(&stage.client, &grace, prefer(true)).await.preferred);
    assert_eq!(meant().await.expect("the person said it"), token_of(&grace).await);
    let without_profile = stage.token_for(&TokenRequest::default()).await.expect("there is one profile");
    assert_eq!(exposed(&without_profile.access_token), token_of(&grace).await);
    assert_eq!(stage.renew().await.expect("renewed").id, grace.id);

    let mut updates = past_the_present(&stage.client).await;
    assert!(change(&stage.client, &ada, prefer(true)).await.preferred);
    let told = [next_session(&mut updates).await, next_session(&mut updates).await];
    assert!(told.iter().any(|it| it.id == grace.id && !it.preferred), "the other one is told: {told:?}");
    assert!(told.iter().any(|it| it.id == ada.id && it.preferred), "{told:?}");
    assert_eq!(meant().await.expect("the newest word"), token_of(&ada).await);

    let refused = refusal(stage.client.sign_out(&sign_out(SignOut::Forget)).await);
    assert_eq!(refused.code, "session.ambiguous", "what cannot be undone wants a name");
    assert_eq!(stage.client.sessions().await.expect("the sessions").sessions.len(), 2);

    let other = ProfileEntry::from(profile("second", stage.provider.issuer()));
    stage.client.put_profile(&other).await.expect("the profile is good");
    let attempt = Attempt::begin(&stage.client, &request("second")).await;
    attempt.allow(&stage.person("Alan")).await;
    attempt.done().await;
    let refused = stage.token_for(&TokenRequest::default()).await.expect_err("between two profiles nobody has chosen");
    assert_eq!(refused.code, "session.ambiguous");
    assert_eq!(meant().await.expect("within the profile"), token_of(&ada).await);

    assert!(!change(&stage.client, &ada, prefer(false)).await.preferred);
    assert_eq!(meant().await.expect_err("nobody says whose any more").code, "session.ambiguous");
    change(&stage.client, &ada, prefer(true)).await;
    let leaving = SignOutRequest { account: Some(ada.id.clone()), ..sign_out(SignOut::Forget) };
    stage.client.sign_out(&leaving).await.expect("signed out");
    assert_eq!(meant().await.expect("the only one that is left"), token_of(&grace).await);
}

#[tokio::test]
async fn accounts_come_in_the_persons_order_and_a_new_one_last() {
    let stage = Stage::new().await;
    let ada = stage.sign_in_as("Ada").await;
    let grace = stage.sign_in_as("Grace").await;
    let alan = stage.sign_in_as("Alan").await;
    let order = async || {
        let sessions = stage.client.sessions().await.expect("the sessions").sessions;
        sessions.into_iter().map(|session| (session.id, session.position)).collect::<Vec<_>>()
    };
    let nowhere = |session: &Session| (session.id.clone(), None);
    assert_eq!(order().await, [nowhere(&ada), nowhere(&grace), nowhere(&alan)], "as they signed in");

    let to = |position| SessionChange { position: Some(position), ..none() };
    let mut updates = past_the_present(&stage.client).await;
    assert_eq!(change(&stage.client, &alan, to(0)).await.position, Some(0));
    let at = |session: &Session, position| (session.id.clone(), Some(position));
    let moved = [at(&alan, 0), at(&ada, 1), at(&grace, 2)];
    assert_eq!(order().await, moved);
    for (id, position) in &moved {
        let told = next_session(&mut updates).await;
        assert_eq!((&told.id, &told.position), (id, position), "each one is told, in order");
    }
    let present = stage.client.updates(None).await.expect("updates").next().await.expect("a message");
    let Some(Update::Present(present)) = present else { panic!("the present is first: {present:?}") };
    let ids: Vec<&String> = present.sessions.iter().map(|session| &session.id).collect();
    assert_eq!(ids, [&alan.id, &ada.id, &grace.id]);

    assert_eq!(change(&stage.client, &alan, to(99)).await.position, Some(2), "behind all others");
    stage
        .client
        .renew(&RenewalRequest { account: Some(grace.id.clone()), ..RenewalRequest::default() })
        .await
        .expect("renewed");
    assert_eq!(order().await, [at(&ada, 0), at(&grace, 1), at(&alan, 2)]);

    let leaving = SignOutRequest { account: Some(ada.id.clone()), ..sign_out(SignOut::Forget) };
    stage.client.sign_out(&leaving).await.expect("signed out");
    let anew = stage.sign_in_as("Ada").await;
    assert_eq!(order().await, [at(&grace, 0), at(&alan, 1), nowhere(&anew)]);
}

/// ID token and userinfo each tell a part: what is shown is what came, by which way it came.
#[tokio::test]
async fn what_userinfo_alone_has_told_is_in_the_report_too() {
    let stage = Stage::new().await;
    stage.provider.knobs().id_tokens_without_details();
    let session = stage.sign_in().await;
    let report = stage.client.identity(&session.id).await.expect("a report");
    let userinfo = report.userinfo.expect("it was asked");
    assert_eq!((&userinfo["sub"], &userinfo["email"]), (&"demo|ada".into(), &"ada@example.test".into()));
    assert!(!report.id_token.expect("an ID token").claims.contains_key("email"));
    let judged = report.checked.iter().find(|checked| checked.subject == "userinfo").expect("it was judged");
    assert!(judged.checks.iter().any(|check| check.name == "userinfo.sub" && check.outcome == CheckOutcome::Passed));
}

#[tokio::test]
async fn an_account_of_several_is_looked_at_by_its_id() {
    let stage = Stage::new().await;
    let ada = stage.sign_in_as("Ada").await;
    let grace = stage.sign_in_as("Grace").await;
    for session in [&ada, &grace] {
        let identity = stage.client.identity(&session.id).await.expect("a report");
        assert_eq!(identity.id_token.expect("an ID token").claims["sub"], session.sub.as_str());
        let request = TokenRequest { account: Some(session.id.clone()), ..TokenRequest::default() };
        let report = stage.client.token_report(&request).await.expect("a report");
        assert_eq!((&report.profile, &report.scope), (&session.profile, &session.scope));
        let token = exposed(&stage.token_for(&request).await.expect("a token").access_token);
        assert!(!serde_json::to_string(&report).expect("JSON").contains(&token));
    }
}

#[tokio::test]
async fn the_identity_report_says_what_the_provider_said_and_how_it_was_checked() {
    let stage = Stage::new().await;
    let session = stage.sign_in().await;
    let report = stage.client.identity(&session.id).await.expect("a report");
    let token = report.id_token.as_ref().expect("an ID token");
    assert_eq!(token.header["alg"], "RS256");
    let claims = &token.claims;
    assert_eq!(claims["iss"], stage.provider.issuer());
    assert_eq!((&claims["sub"], &claims["aud"]), (&"demo|ada".into(), &"doorkey-demo".into()));
    let sent = stage.log().of(Endpoint::Authorize)[0].params.get("nonce").expect("a nonce").to_owned();
    let shown = claims["nonce"].as_str().expect("text");
    assert!(shown.len() == 8 && !sent.contains(shown), "a secret is told by its fingerprint: {shown}");
    let checked = |subject: &str| report.checked.iter().find(|checked| checked.subject == subject);
    let rules = checked("id_token").expect("the ID token was judged");
    for rule in ["idtoken.signature", "idtoken.iss", "idtoken.aud", "idtoken.nonce", "idtoken.exp"] {
        let found = rules.checks.iter().find(|check| check.name == rule).expect(rule);
        assert_eq!(found.outcome, CheckOutcome::Passed, "{rule}");
    }
    assert!(checked("granted").is_some(), "{:?}", report.checked);
    assert!(report.checked.is_sorted_by_key(|checked| checked.at));

    stage.renew().await.expect("renewed");
    let renewed = stage.client.identity(&session.id).await.expect("a report");
    let subjects = |report: &doorkey_client::words::IdentityReport| {
        let mut subjects: Vec<String> = report.checked.iter().map(|checked| checked.subject.clone()).collect();
        subjects.sort();
        subjects
    };
    assert_eq!(subjects(&renewed), subjects(&report), "each in the place of the one before");

    let text = serde_json::to_string(&renewed).expect("JSON");
    assert!(!text.contains("eyJ") && !text.contains(&stage.access_token().await), "{text}");
    assert_none(&sent_to(&stage.provider), "the report", &text);
    let gone = refusal(stage.client.identity("00000000000000000000000000000000").await);
    assert_eq!(gone.code, "session.not_found");
}

fn none() -> SessionChange {
    SessionChange::default()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn change(client: &Client, session: &Session, change: SessionChange) -> Session {
    client.change_session(&session.id, &change).await.expect("changed")
}

async fn past_the_present(client: &Client) -> Updates {
    let mut updates = client.updates(None).await.expect("the agent tells what changes");
    assert!(matches!(updates.next().await, Ok(Some(Update::Present(_)))));
    updates
}

async fn next_session(updates: &mut Updates) -> Session {
    loop {
        let update = tokio::time::timeout(PATIENCE, updates.next()).await.expect("in time").expect("a message");
        if let Some(Update::Session { session }) = update {
            return session;
        }
    }
}
