//! Clients that prove who they are (RFC 6749 section 2.3, RFC 7523).

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
    assertions.dedup();
    assert_eq!(assertions.len(), 3, "each is used once");
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_nothing_opens() {
    let stage = stage(Client::confidential("web", "another", under_cb())).await;
    put(&stage, None, |entry| entry.client_secret = Some(Secret::new(SECRET.to_owned()))).await;
    let (attempt, refused) = stage.sign_in_refused().await;
    assert_eq!((attempt.is_none(), refused.code.as_str()), (true, "par.failed"));
    assert!(refused.hint.contains("credentials") && !format!("{refused:?}").contains("CANARY"), "{refused:?}");
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
