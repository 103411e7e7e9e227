use std::collections::HashMap;

use doorkey_demo_idp::{Endpoint, Kind, Settings};

use crate::support::{Scene, Seen, exchange_form, read};

const SCOPE: (&str, Option<&str>) = ("scope", Some("read:user user:email repo"));

impl Scene {
    async fn like_github() -> Self {
        Self::with(Settings { kind: Kind::OauthOnly, ..Settings::default() }).await
    }

    async fn profile(&self, authorization: &str) -> Seen {
        let request = self.http.get(self.idp.url(Endpoint::User)).header("authorization", authorization);
        read(request.send().await.expect("an answer")).await
    }
}

impl Seen {
    fn form(&self) -> HashMap<String, String> {
        assert_eq!(self.status, 200, "{}", self.text);
        assert!(self.header("content-type").starts_with("application/x-www-form-urlencoded"));
        url::form_urlencoded::parse(self.text.as_bytes()).into_owned().collect()
    }
}

#[tokio::test]
async fn tokens_come_as_a_form_and_the_profile_at_its_own_address() {
    let mut scene = Scene::like_github().await;
    let back = scene.callback(&[SCOPE]).await;
    assert!(!back.contains_key("iss"));
    let answer = scene.exchange(&back["code"]).await.form();
    assert_eq!((answer["token_type"].as_str(), answer["scope"].as_str()), ("bearer", "read:user,user:email,repo"));
    assert_eq!(answer.len(), 3, "no ID token, no expires_in, no refresh token");
    for scheme in ["Bearer", "token"] {
        let profile = scene.profile(&format!("{scheme} {}", answer["access_token"])).await.json(200);
        assert_eq!((&profile["login"], &profile["id"]), (&"ada".into(), &1.into()));
        assert_eq!((&profile["name"], &profile["email"]), (&"Ada Lovelace".into(), &"ada@example.test".into()));
    }
    scene.idp.knobs().move_clock(86_400);
    assert_eq!(scene.profile(&format!("Bearer {}", answer["access_token"])).await.status, 200);
    assert_eq!(scene.profile("Bearer guessed").await.json(401)["message"], "Bad credentials");
}

#[tokio::test]
async fn json_comes_to_whoever_accepts_it() {
    let mut scene = Scene::like_github().await;
    let code = scene.code(&[("scope", Some("read:user"))]).await;
    let form = exchange_form(&code);
    let request = scene.form(&scene.idp.url(Endpoint::Token), &form).header("accept", "application/json");
    let answer = read(request.send().await.expect("an answer")).await.json(200);
    assert_eq!((&answer["token_type"], &answer["scope"]), (&"bearer".into(), &"read:user".into()));
    let token = answer["access_token"].as_str().expect("a token");
    assert!(scene.profile(&format!("Bearer {token}")).await.json(200)["email"].is_null());
}

#[tokio::test]
async fn errors_come_with_200_and_their_own_names() {
    let scene = Scene::like_github().await;
    assert_eq!(scene.exchange("never-given").await.form()["error"], "bad_verification_code");
    let nobody = [("grant_type", "authorization_code"), ("client_id", "nobody")];
    assert_eq!(scene.ask(Endpoint::Token, &nobody).await.form()["error"], "incorrect_client_credentials");
    let refused = scene.idp.log().of(Endpoint::Token)[0].outcome.clone().expect("it was answered");
    assert_eq!((refused.status, refused.error.as_deref()), (Some(200), Some("bad_verification_code")));
}

#[tokio::test]
async fn there_is_nothing_to_discover() {
    let mut scene = Scene::like_github().await;
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata, Endpoint::Jwks, Endpoint::Userinfo] {
        let url = scene.idp.url(endpoint);
        assert_eq!(scene.get(&url).await.status, 404, "{endpoint:?}");
    }
    let mut other = Scene::new().await;
    let url = other.idp.url(Endpoint::User);
    assert_eq!(other.get(&url).await.status, 404);
}
