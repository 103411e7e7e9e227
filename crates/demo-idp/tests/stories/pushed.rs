use doorkey_demo_idp::{DpopNonce, Endpoint, Settings};
use url::Url;

use crate::holder::Holder;
use crate::support::{Scene, text};

impl Scene {
    /// The parameters of a good authorization request with these changes.
    fn request(&self, changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
        let url = Url::parse(&self.authorization_url(changes)).expect("a URL");
        url.query_pairs().into_owned().collect()
    }

    async fn push(&self, request: &[(String, String)]) -> crate::support::Seen {
        let form: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.ask(Endpoint::Pushed, &form).await
    }

    fn pushed_url(&self, request_uri: &str) -> String {
        let mut url = Url::parse(&self.idp.url(Endpoint::Authorize)).expect("a URL");
        url.query_pairs_mut().extend_pairs([("client_id", "doorkey-demo"), ("request_uri", request_uri)]);
        url.into()
    }
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_brings_everything() {
    let mut scene = Scene::new().await;
    let seen = scene.push(&scene.request(&[("state", Some("pushed-state"))])).await;
    assert_eq!(seen.status, 201);
    let answer = seen.json(201);
    assert_eq!(answer["expires_in"], 60);
    let uri = text(&answer["request_uri"]);
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let url = scene.pushed_url(uri);
    let first = scene.get(&url).await;
    let login = scene.follow(first).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    let back = scene.decide(&consent, "allow").await.callback();
    assert_eq!(back["state"], "pushed-state");
    scene.exchange(&back["code"]).await.json(200);
    scene.get(&url).await.stays_here(400, "used before");
}

#[tokio::test]
async fn a_pushed_request_grows_old_and_belongs_to_its_client() {
    let mut scene = Scene::new().await;
    let answer = scene.push(&scene.request(&[])).await.json(201);
    let foreign = scene.pushed_url(text(&answer["request_uri"])).replace("doorkey-demo", "web");
    scene.get(&foreign).await.stays_here(400, "client_id is not that");
    let answer = scene.push(&scene.request(&[])).await.json(201);
    scene.idp.knobs().move_clock(61);
    let url = scene.pushed_url(text(&answer["request_uri"]));
    scene.get(&url).await.stays_here(400, "too old");
}

#[tokio::test]
async fn nothing_may_stand_beside_a_request_uri() {
    let mut scene = Scene::new().await;
    let answer = scene.push(&scene.request(&[])).await.json(201);
    let url = format!("{}&scope=openid", scene.pushed_url(text(&answer["request_uri"])));
    scene.get(&url).await.stays_here(400, "scope belongs into the pushed request");
}

#[tokio::test]
async fn a_pushed_request_is_judged_at_once() {
    let scene = Scene::new().await;
    for (changes, error) in [
        (("redirect_uri", Some("https://evil.example/cb")), "invalid_request"),
        (("code_challenge_method", Some("plain")), "invalid_request"),
        (("response_type", Some("token")), "unsupported_response_type"),
        (("request_uri", Some("urn:x")), "invalid_request"),
        (("authorization_details", Some(r#"[{"type":"other"}]"#)), "invalid_authorization_details"),
    ] {
        scene.push(&scene.request(&[changes])).await.refused(400, error);
    }
    let mut nobody = scene.request(&[]);
    nobody.retain(|(name, _)| name != "client_id");
    scene.push(&nobody).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn pushing_can_be_required() {
    let mut scene = Scene::with(Settings { require_pushed: true, ..Settings::default() }).await;
    assert_eq!(scene.fetch(Endpoint::Discovery).await["require_pushed_authorization_requests"], true);
    let url = scene.authorization_url(&[]);
    scene.get(&url).await.stays_here(400, "pushed");
    let answer = scene.push(&scene.request(&[])).await.json(201);
    let url = scene.pushed_url(text(&answer["request_uri"]));
    assert_eq!(scene.get(&url).await.status, 303);
    scene.idp.knobs().require_pushed(false);
    let url = scene.authorization_url(&[]);
    assert_eq!(scene.get(&url).await.status, 303);
}

#[tokio::test]
async fn a_proof_at_the_push_binds_the_code() {
    let mut scene = Scene::with(Settings { dpop_nonce: DpopNonce::Demanded, ..Settings::default() }).await;
    let holder = Holder::new();
    let url = scene.idp.url(Endpoint::Pushed);
    let request = scene.request(&[]);
    let form: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let asked = scene.ask_with(Endpoint::Pushed, &form, &holder.proof("POST", &url, |_, _| {})).await;
    asked.refused(400, "use_dpop_nonce");
    let nonce = asked.header("dpop-nonce").to_owned();
    let with_nonce = || holder.proof("POST", &url, |_, claims| claims["nonce"] = nonce.as_str().into());
    let other = [&form[..], &[("dpop_jkt", "A-thumbprint-of-the-right-length-of-43-chars")]].concat();
    scene.ask_with(Endpoint::Pushed, &other, &with_nonce()).await.refused(400, "invalid_dpop_proof");
    let thumbprint = holder.thumbprint();
    let both = [&form[..], &[("dpop_jkt", &thumbprint)]].concat();
    scene.ask_with(Endpoint::Pushed, &both, &with_nonce()).await.json(201);
    let answer = scene.ask_with(Endpoint::Pushed, &form, &with_nonce()).await.json(201);
    let url = scene.pushed_url(text(&answer["request_uri"]));
    let first = scene.get(&url).await;
    let login = scene.follow(first).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    let code = scene.decide(&consent, "allow").await.callback()["code"].clone();
    scene.exchange(&code).await.refused(400, "invalid_grant");
}
