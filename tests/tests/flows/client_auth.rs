//! Clients that prove who they are (RFC 6749 section 2.3, RFC 7523).

use std::collections::HashSet;

use doorkey_client::Secret;
use doorkey_client::words::{ClientAuth, ProfileEntry};
use doorkey_demo_idp::{Client, Endpoint, Redirect, Settings};
use doorkey_tests::Stage;
use serde_json::json;

const SECRET: &str = "p:% +é&=CANARY";
/// RFC 7515 appendix A.3.
const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

#[tokio::test]
async fn a_secret_goes_as_the_profile_says_and_the_request_is_pushed() {
    for (method, in_header) in
        [(None, true), (Some(ClientAuth::ClientSecretBasic), true), (Some(ClientAuth::ClientSecretPost), false)]
    {
        let stage = stage(Client::confidential("web", SECRET, under_cb())).await;
        put(&stage, method, |entry| entry.client_secret = Some(Secret::new(SECRET.to_owned()))).await;
        stage.sign_in().await;
        stage.renew().await.expect("the renewal authenticates too");
        let log = stage.log();
        assert_eq!(log.count(Endpoint::Pushed), 1, "offered, and the client authenticates");
        for asked in log.of(Endpoint::Pushed).iter().chain(&log.of(Endpoint::Token)) {
            let header = asked.headers.get("authorization").is_some_and(|it| it.starts_with("Basic "));
            assert_eq!((header, asked.params.get("client_secret").is_none()), (in_header, in_header), "{method:?}");
        }
    }
}

#[tokio::test]
async fn a_private_key_signs_a_new_assertion_for_each_request() {
    let public = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "k1", "alg": "ES256"}]});
    let stage = stage(Client::with_keys("web", public, under_cb())).await;
    let private = json!({"kty": "EC", "crv": "P-256", "d": D, "kid": "k1"}).to_string();
    put(&stage, Some(ClientAuth::PrivateKeyJwt), |entry| entry.client_key = Some(Secret::new(private))).await;
    stage.sign_in().await;
    stage.renew().await.expect("the renewal authenticates too");
    let log = stage.log();
    let mut assertions: Vec<String> = Vec::new();
    for asked in log.of(Endpoint::Pushed).iter().chain(&log.of(Endpoint::Token)) {
        assert_eq!(asked.params.get("client_secret"), None);
        assertions.push(asked.params.get("client_assertion").expect("an assertion").to_owned());
    }
    assert_eq!(assertions.len(), 3, "pushed, exchanged, renewed");
    assert_eq!(assertions.iter().collect::<HashSet<_>>().len(), 3, "each is used once");
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_nothing_opens() {
    let stage = stage(Client::confidential("web", "another", under_cb())).await;
    put(&stage, None, |entry| entry.client_secret = Some(Secret::new(SECRET.to_owned()))).await;
    let (attempt, refused) = stage.sign_in_refused().await;
    assert_eq!((attempt.is_none(), refused.code.as_str()), (true, "par.failed"));
    assert!(refused.hint.contains("credentials") && !format!("{refused:?}").contains("CANARY"), "{refused:?}");
}

#[tokio::test]
async fn a_session_of_before_shows_nothing_of_what_its_profile_has_now() {
    const NEW: &str = "CANARY_OF_ANOTHER_PROVIDER";
    let stage = stage(Client::confidential("web", SECRET, under_cb())).await;
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    put(&stage, Some(ClientAuth::ClientSecretPost), |entry| entry.client_secret = secret(SECRET)).await;
    let old = stage.sign_in().await;
    for (issuer, client) in [("https://op.example.test", "web"), (stage.provider.issuer(), "another")] {
        put(&stage, Some(ClientAuth::ClientSecretPost), |entry| {
            issuer.clone_into(&mut entry.profile.issuer);
            client.clone_into(&mut entry.profile.client_id);
            entry.client_secret = secret(NEW);
        })
        .await;
        let asked = stage.log().count(Endpoint::Token);
        stage.renew().await.expect_err("the provider wants to know who asks");
        assert!(stage.log().count(Endpoint::Token) > asked, "it was asked");
        let shown = stage.log().entries().iter().any(|entry| entry.params.get("client_secret") == Some(NEW));
        assert!(!shown, "a secret went to a provider that it is not for");
    }
    put(&stage, Some(ClientAuth::ClientSecretPost), |entry| entry.client_secret = secret(SECRET)).await;
    let renewed = stage.renew().await.expect("nothing was lost");
    assert_eq!((renewed.id, renewed.renewals), (old.id, 1));
}

async fn stage(client: Client) -> Stage {
    Stage::with(Settings { clients: vec![Client::demo(), client], ..Settings::default() }).await
}

async fn put(stage: &Stage, method: Option<ClientAuth>, change: impl FnOnce(&mut ProfileEntry)) {
    let mut profile = stage.profile();
    "web".clone_into(&mut profile.client_id);
    profile.client_auth = method;
    let mut entry = ProfileEntry::from(profile);
    change(&mut entry);
    stage.client.put_profile(&entry).await.expect("the profile is good");
}

fn under_cb() -> Vec<Redirect> {
    vec![Redirect::Loopback { under: "/cb/".into() }]
}
