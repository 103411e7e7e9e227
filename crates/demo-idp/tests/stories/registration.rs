use doorkey_demo_idp::{Endpoint, Settings};
use serde_json::{Value, json};

use crate::holder::Holder;
use crate::support::{REDIRECT, Scene, Seen, VERIFIER, read, text};

impl Scene {
    async fn register(&self, document: &Value) -> Seen {
        let request = self.http.post(self.idp.url(Endpoint::Register)).header("content-type", "application/json");
        read(request.body(document.to_string()).send().await.expect("an answer")).await
    }

    async fn open_to_all() -> Self {
        Self::with(Settings { registration: true, ..Settings::default() }).await
    }
}

fn native() -> Value {
    json!({
        "client_name": "My program",
        "application_type": "native",
        "redirect_uris": ["http://127.0.0.1/cb/a1"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

#[tokio::test]
async fn a_native_client_registers_and_signs_in() {
    let mut scene = Scene::open_to_all().await;
    let url = text(&scene.fetch(Endpoint::Discovery).await["registration_endpoint"]).to_owned();
    assert_eq!(url, scene.idp.url(Endpoint::Register));
    let answer = scene.register(&native()).await.json(201);
    assert!(answer.get("client_secret").is_none() && answer["client_id_issued_at"].is_u64());
    let id = text(&answer["client_id"]);
    let login = scene.begin(&[("client_id", Some(id))]).await;
    assert!(login.text.contains("My program"));
    let code = scene.code(&[("client_id", Some(id))]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    scene.ask(Endpoint::Token, &form).await.json(200);
    let elsewhere = "http://127.0.0.1:49152/cb/a2";
    scene.begin(&[("client_id", Some(id)), ("redirect_uri", Some(elsewhere))]).await.stays_here(400, "not registered");
}

#[tokio::test]
async fn a_client_can_get_a_secret_or_bring_its_keys() {
    let scene = Scene::open_to_all().await;
    let mut document = native();
    document["token_endpoint_auth_method"] = "client_secret_post".into();
    let answer = scene.register(&document).await.json(201);
    assert_eq!(answer["client_secret_expires_at"], 0);
    let form = [
        ("client_id", text(&answer["client_id"])),
        ("client_secret", text(&answer["client_secret"])),
        ("grant_type", "client_credentials"),
        ("audience", "https://api.example/"),
    ];
    scene.ask(Endpoint::Token, &form).await.json(200);
    document["token_endpoint_auth_method"] = "private_key_jwt".into();
    scene.register(&document).await.refused(400, "invalid_client_metadata");
    document["jwks"] = json!({ "keys": [Holder::new().jwk()] });
    assert!(scene.register(&document).await.json(201).get("client_secret").is_none());
}

#[tokio::test]
async fn what_is_not_right_is_refused_by_name() {
    let scene = Scene::open_to_all().await;
    for (member, value, error) in [
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        ("redirect_uris", json!(["http://evil.example/cb"]), "invalid_redirect_uri"),
        ("redirect_uris", json!(["javascript:alert(1)"]), "invalid_redirect_uri"),
        ("grant_types", json!(["implicit"]), "invalid_client_metadata"),
        ("response_types", json!(["token"]), "invalid_client_metadata"),
        ("token_endpoint_auth_method", json!("tls_client_auth"), "invalid_client_metadata"),
    ] {
        let mut document = native();
        document[member] = value;
        scene.register(&document).await.refused(400, error);
    }
    scene.register(&json!([])).await.refused(400, "invalid_client_metadata");
}

#[tokio::test]
async fn registration_is_closed_unless_it_is_opened() {
    let scene = Scene::new().await;
    assert!(scene.fetch(Endpoint::Discovery).await.get("registration_endpoint").is_none());
    scene.register(&native()).await.refused(403, "access_denied");
    scene.idp.knobs().open_registration(true);
    assert_eq!(scene.register(&native()).await.status, 201);
}
