use doorkey_demo_idp::{Endpoint, Settings};
use serde_json::{Value, json};

use crate::holder::Holder;
use crate::support::{ALL_SCOPES, Scene, Seen, exchange_form, part, text};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const ID: &str = "urn:ietf:params:oauth:token-type:id_token";
const FEDERATED: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";

impl Scene {
    async fn swap(&self, kind: &str, token: &str, more: &[(&str, &str)]) -> Seen {
        let form = [
            ("client_id", "doorkey-demo"),
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token),
            ("subject_token_type", kind),
        ];
        self.ask(Endpoint::Token, &[&form[..], more].concat()).await
    }

    async fn upstream(&self, kind: &str, token: &str, connection: &str) -> Seen {
        let form = [
            ("client_id", "doorkey-demo"),
            ("grant_type", "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"),
            ("subject_token", token),
            ("subject_token_type", kind),
            ("requested_token_type", FEDERATED),
            ("connection", connection),
        ];
        self.ask(Endpoint::Token, &form).await
    }
}

fn all_three(answer: &Value) -> [(&'static str, &str); 3] {
    [
        (ACCESS, text(&answer["access_token"])),
        (REFRESH, text(&answer["refresh_token"])),
        (ID, text(&answer["id_token"])),
    ]
}

#[tokio::test]
async fn a_token_is_exchanged_for_one_for_another_api() {
    let mut scene = Scene::new().await;
    let scope = format!("{ALL_SCOPES} notes:read notes:write");
    let first = scene.tokens(&[("scope", Some(&scope))]).await;
    for (kind, token) in all_three(&first) {
        let more = [("audience", "https://api.example/"), ("scope", "notes:read")];
        let answer = scene.swap(kind, token, &more).await.json(200);
        assert_eq!((text(&answer["issued_token_type"]), text(&answer["token_type"])), (ACCESS, "Bearer"), "{kind}");
        assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());
        let (_, claims) = scene.open(text(&answer["access_token"])).await;
        assert_eq!((text(&claims["sub"]), text(&claims["scope"])), ("demo|ada", "notes:read"));
        assert_eq!(claims["aud"], json!("https://api.example/"));
    }
}

#[tokio::test]
async fn what_is_not_good_is_not_exchanged() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let access = text(&first["access_token"]);
    scene.swap(ACCESS, "never-given", &[]).await.refused(400, "invalid_request");
    scene.swap("urn:example:other", access, &[]).await.refused(400, "invalid_request");
    scene.swap(ACCESS, access, &[("scope", "notes:write")]).await.refused(400, "invalid_scope");
    scene.swap(ACCESS, access, &[("resource", "no uri")]).await.refused(400, "invalid_target");
    scene.swap(ACCESS, access, &[("requested_token_type", REFRESH)]).await.refused(400, "invalid_request");
    let web = [
        ("client_id", "web"),
        ("client_secret", "s3cr:t%+é"),
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", access),
        ("subject_token_type", ACCESS),
    ];
    scene.ask(Endpoint::Token, &web).await.refused(400, "invalid_request");
    scene.idp.knobs().revoke_everything();
    for (kind, token) in all_three(&first) {
        scene.swap(kind, token, &[]).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_bound_token_is_exchanged_with_its_proof_only() {
    let mut scene = Scene::new().await;
    let holder = Holder::new();
    let code = scene.code(&[]).await;
    let proof = scene.token_proof(&holder, None);
    let first = scene.ask_with(Endpoint::Token, &exchange_form(&code), &proof).await.json(200);
    for (kind, token) in all_three(&first) {
        scene.swap(kind, token, &[]).await.refused(400, "invalid_request");
        let form = [
            ("client_id", "doorkey-demo"),
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token),
            ("subject_token_type", kind),
            ("audience", "https://api.example/"),
        ];
        let answer = scene.ask_with(Endpoint::Token, &form, &scene.token_proof(&holder, None)).await.json(200);
        assert_eq!(text(&answer["token_type"]), "DPoP");
        assert_eq!(part(text(&answer["access_token"]), 1)["cnf"]["jkt"], holder.thumbprint());
    }
}

#[tokio::test]
async fn the_upstream_providers_own_token_comes_in_auth0s_shape() {
    let settings = Settings { connections: vec!["google-oauth2".into()], ..Settings::default() };
    let mut scene = Scene::with(settings).await;
    let first = scene.tokens(&[]).await;
    for (kind, token) in [(REFRESH, text(&first["refresh_token"])), (ACCESS, text(&first["access_token"]))] {
        let answer = scene.upstream(kind, token, "google-oauth2").await.json(200);
        assert_eq!((text(&answer["issued_token_type"]), text(&answer["token_type"])), (FEDERATED, "Bearer"));
        assert!(text(&answer["access_token"]).starts_with("upstream|google-oauth2|demo|ada|"));
        assert_eq!(answer["expires_in"], 300);
    }
    let refresh = text(&first["refresh_token"]);
    let unknown = scene.upstream(REFRESH, refresh, "github").await;
    unknown.refused(401, "federated_connection_refresh_token_not_found");
    scene.upstream(REFRESH, refresh, "").await.refused(400, "invalid_request");
    scene.upstream(ID, text(&first["id_token"]), "google-oauth2").await.refused(400, "invalid_request");
    scene.refresh(refresh, &[]).await.json(200);
}
