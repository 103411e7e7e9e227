use doorkey_demo_idp::{Alg, Endpoint, IdTokenFault, Settings};
use serde_json::Value;

use crate::support::{Scene, at_hash, part, text};

type Rule = Box<dyn Fn(&Value) -> bool>;

#[tokio::test]
async fn an_id_token_has_every_claim_a_client_checks() {
    for (alg, name) in [(Alg::Rs256, "RS256"), (Alg::Es256, "ES256")] {
        let mut scene = Scene::with(Settings { sign_with: alg, ..Settings::default() }).await;
        let answer = scene.tokens(&[]).await;
        let (header, claims) = scene.open(text(&answer["id_token"])).await;
        assert_eq!(header["alg"], name);
        assert_eq!(claims["iss"], scene.idp.issuer());
        assert_eq!(claims["sub"], "demo|ada");
        assert_eq!(claims["aud"], "doorkey-demo");
        assert_eq!(claims["nonce"], "the-nonce");
        assert_eq!(claims["at_hash"], at_hash(text(&answer["access_token"])));
        assert_eq!(claims["name"], "Ada Lovelace");
        assert_eq!(claims["email"], "ada@example.test");
        assert!(claims["exp"].as_u64() > claims["iat"].as_u64());
        assert!(claims["auth_time"].is_u64() && claims["sid"].is_string());
    }
}

#[tokio::test]
async fn each_claim_fault_changes_its_claim_and_keeps_the_signature_good() {
    let mut scene = Scene::new().await;
    let now = scene.good().await;
    let issuer = scene.idp.issuer().to_owned();
    let gone = |claim: &'static str| move |claims: &Value| claims.get(claim).is_none();
    let later = now["iat"].as_u64().expect("a time") + 1800;
    let rows: Vec<(IdTokenFault, Rule)> = vec![
        (IdTokenFault::WrongIssuer, Box::new(move |claims| claims["iss"] == format!("{issuer}1"))),
        (IdTokenFault::MissingIssuer, Box::new(gone("iss"))),
        (IdTokenFault::WrongAudience, Box::new(|claims| claims["aud"] == "somebody-else")),
        (IdTokenFault::MissingAudience, Box::new(gone("aud"))),
        (IdTokenFault::ForeignSecondAudience, Box::new(|claims| claims["aud"][1] == "somebody-else")),
        (IdTokenFault::AudienceAsArray, Box::new(|claims| claims["aud"] == serde_json::json!(["doorkey-demo"]))),
        (IdTokenFault::WrongAuthorizedParty, Box::new(|claims| claims["azp"] == "somebody-else")),
        (IdTokenFault::Expired, Box::new(move |claims| claims["exp"].as_u64() < now["iat"].as_u64())),
        (IdTokenFault::MissingExpiry, Box::new(gone("exp"))),
        (IdTokenFault::IssuedInFuture, Box::new(move |claims| claims["iat"].as_u64() > Some(later))),
        (IdTokenFault::MissingIssuedAt, Box::new(gone("iat"))),
        (IdTokenFault::NotYetValid, Box::new(move |claims| claims["nbf"].as_u64() > Some(later))),
        (IdTokenFault::WrongNonce, Box::new(|claims| claims["nonce"].is_string() && claims["nonce"] != "the-nonce")),
        (IdTokenFault::MissingNonce, Box::new(gone("nonce"))),
        (IdTokenFault::MissingSubject, Box::new(gone("sub"))),
        (IdTokenFault::OtherSubject, Box::new(|claims| claims["sub"] == "somebody-else")),
        (IdTokenFault::WrongAtHash, Box::new(|claims| claims["at_hash"] == "BwcHBwcHBwcHBwcHBwcHBw")),
        (IdTokenFault::MissingAtHash, Box::new(gone("at_hash"))),
    ];
    for (fault, as_said) in rows {
        let token = scene.faulty(fault).await;
        assert!(as_said(&scene.open(&token).await.1), "{fault:?}");
    }
}

#[tokio::test]
async fn each_signature_fault_is_what_it_says() {
    let mut scene = Scene::new().await;
    let jwks = scene.fetch(Endpoint::Jwks).await;
    let (rsa, ec) = (&jwks["keys"][0]["kid"], &jwks["keys"][1]["kid"]);

    let bad = scene.faulty(IdTokenFault::BadSignature).await;
    assert_eq!(&part(&bad, 0)["kid"], rsa);
    let none = scene.faulty(IdTokenFault::AlgNone).await;
    assert!(part(&none, 0)["alg"] == "none" && none.ends_with('.'));
    assert_eq!(part(&scene.faulty(IdTokenFault::Hs256WithPublicKey).await, 0)["alg"], "HS256");
    let other = scene.faulty(IdTokenFault::OtherAlgorithm).await;
    let (header, _) = scene.open(&other).await;
    assert!(header["alg"] == "ES256" && &header["kid"] == ec);
    let unknown = part(&scene.faulty(IdTokenFault::UnknownKey).await, 0);
    assert!(unknown["kid"].is_string() && &unknown["kid"] != rsa && &unknown["kid"] != ec);
    assert!(part(&scene.faulty(IdTokenFault::MissingKeyId).await, 0).get("kid").is_none());
    assert!(part(&scene.faulty(IdTokenFault::CriticalHeader).await, 0)["crit"].is_array());
    assert_eq!(part(&scene.faulty(IdTokenFault::KeyInHeader).await, 0)["jwk"]["kty"], "RSA");
    assert_eq!(scene.faulty(IdTokenFault::NotAJwt).await, "this is no JWT");
}

#[tokio::test]
#[should_panic(expected = "the signature is good")]
async fn the_bad_signature_is_bad() {
    let mut scene = Scene::new().await;
    let token = scene.faulty(IdTokenFault::BadSignature).await;
    scene.open(&token).await;
}

#[tokio::test]
async fn the_id_token_can_be_left_out() {
    let mut scene = Scene::new().await;
    scene.idp.knobs().corrupt_id_tokens(Some(IdTokenFault::Absent));
    assert!(scene.tokens(&[]).await.get("id_token").is_none());
    scene.idp.knobs().corrupt_id_tokens(None);
    assert!(scene.tokens(&[]).await.get("id_token").is_some());
}

impl Scene {
    async fn good(&mut self) -> Value {
        let answer = self.tokens(&[]).await;
        part(text(&answer["id_token"]), 1)
    }

    async fn faulty(&mut self, fault: IdTokenFault) -> String {
        self.idp.knobs().corrupt_id_tokens(Some(fault));
        text(&self.tokens(&[]).await["id_token"]).to_owned()
    }
}
