//! Name and e-mail address from userinfo, plain and signed (OpenID Connect Core section 5.3).

use doorkey_client::words::{Check, CheckOutcome, EventKind, Session};
use doorkey_demo_idp::{Client, DpopNonce, Endpoint, Misbehaviour, Settings};
use doorkey_tests::stage::person;
use doorkey_tests::{PATIENCE, Stage, watch};

/// A provider whose ID tokens tell nothing but who it is, so that userinfo is asked.
async fn sparse(signed: bool) -> Stage {
    let client = Client { signed_userinfo: signed, ..Client::demo() };
    let stage = Stage::with(Settings { clients: vec![client], ..Settings::default() }).await;
    stage.provider.knobs().id_tokens_without_details();
    stage
}

async fn rule(stage: &Stage, name: &str) -> Option<CheckOutcome> {
    let checks: Vec<Check> = watch::until_event(&stage.client, "userinfo was judged", |event| match &event.kind {
        EventKind::Checked { subject, checks } if subject == "userinfo" => Some(checks.clone()),
        _ => None,
    })
    .await;
    checks.iter().find(|check| check.name == name).map(|check| check.outcome)
}

fn named(session: &Session) -> (Option<&str>, Option<&str>) {
    (session.name.as_deref(), session.email.as_deref())
}

const ADA: (Option<&str>, Option<&str>) = (Some("Ada Lovelace"), Some("ada@example.test"));

#[tokio::test]
async fn plain_details_are_taken_when_they_are_about_the_same_person() {
    let stage = sparse(false).await;
    assert_eq!(named(&stage.sign_in().await), ADA);
    assert_eq!(stage.log().count(Endpoint::Userinfo), 1);
    assert_eq!(rule(&stage, "userinfo.sub").await, Some(CheckOutcome::Passed));
}

#[tokio::test]
async fn signed_details_are_taken_when_the_provider_signed_them() {
    let stage = sparse(true).await;
    assert_eq!(named(&stage.sign_in().await), ADA);
    assert_eq!(rule(&stage, "userinfo.signature").await, Some(CheckOutcome::Passed));
}

/// U-03: signed details with a bad signature, for another client, unsigned | dropped, and the journal says why; signed in all the same
#[tokio::test]
async fn details_about_somebody_else_are_dropped_and_the_journal_says_so() {
    for (signed, misbehaviour, failed) in [
        (false, Misbehaviour::UserinfoSubForeign, "userinfo.sub"),
        (false, Misbehaviour::UserinfoSignedBadly, "userinfo.signature"),
        (false, Misbehaviour::UserinfoSignedWrongAud, "userinfo.aud"),
        (false, Misbehaviour::UserinfoHtml, "userinfo.format"),
        (true, Misbehaviour::UserinfoSignedNone, "userinfo.alg"),
    ] {
        let stage = sparse(signed).await;
        stage.provider.knobs().misbehave(Some(misbehaviour));
        let session = stage.sign_in().await;
        assert_eq!((session.sub.as_str(), named(&session)), ("demo|ada", (None, None)), "{misbehaviour:?}");
        assert_eq!(rule(&stage, failed).await, Some(CheckOutcome::Failed), "{misbehaviour:?}");
        stage.token().await.expect("signed in all the same");
    }
}

#[tokio::test]
async fn details_signed_with_a_new_key_are_judged_with_the_new_keys() {
    let stage = sparse(true).await;
    let gate = stage.provider.knobs().hold(Endpoint::Userinfo);
    let attempt = stage.begin().await;
    let ada = person("Ada");
    let (_, ()) = tokio::join!(attempt.allow(&ada), async {
        assert!(gate.wait_for(1, PATIENCE).await, "the details are asked for");
        stage.provider.knobs().rotate_signing_keys().await.expect("new keys");
        gate.release();
    });
    assert_eq!(named(&attempt.done().await), ADA);
    assert_eq!(rule(&stage, "userinfo.signature").await, Some(CheckOutcome::Passed));
}

#[tokio::test]
async fn bound_tokens_prove_their_key_at_userinfo() {
    let stage = sparse(false).await;
    stage.provider.knobs().dpop_nonce(DpopNonce::Demanded);
    stage.put(|profile| profile.dpop = true).await;
    assert_eq!(named(&stage.sign_in().await), ADA);
    let asked = stage.log().of(Endpoint::Userinfo);
    assert!(asked.iter().all(|entry| entry.headers.get("dpop").is_some()));
    assert_eq!(asked.len(), 2, "once more, with the nonce of that server");
}
