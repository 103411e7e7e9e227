use doorkey_demo_idp::{DpopNonce, Endpoint, Misbehaviour as M, Settings};
use serde_json::Value;

use crate::holder::{Holder, ath};
use crate::support::{Scene, Seen, exchange_form, part, read, text};

impl Scene {
    /// A form with that proof.
    pub(crate) async fn ask_with(&self, endpoint: Endpoint, form: &[(&str, &str)], proof: &str) -> Seen {
        let request = self.form(&self.idp.url(endpoint), form).header("dpop", proof);
        read(request.send().await.expect("an answer")).await
    }

    pub(crate) fn token_proof(&self, holder: &Holder, nonce: Option<&str>) -> String {
        holder.proof("POST", &self.idp.url(Endpoint::Token), |_, claims| {
            if let Some(nonce) = nonce {
                claims["nonce"] = nonce.into();
            }
        })
    }

    async fn bound_tokens(&mut self, holder: &Holder, changes: &[(&str, Option<&str>)]) -> Value {
        let code = self.code(changes).await;
        self.ask_with(Endpoint::Token, &exchange_form(&code), &self.token_proof(holder, None)).await.json(200)
    }

    async fn details(&self, scheme: &str, token: &str, proof: Option<String>) -> Seen {
        let request =
            self.http.get(self.idp.url(Endpoint::Userinfo)).header("authorization", format!("{scheme} {token}"));
        let request = match proof {
            Some(proof) => request.header("dpop", proof),
            None => request,
        };
        read(request.send().await.expect("an answer")).await
    }

    fn details_proof(&self, holder: &Holder, token: &str, nonce: Option<&str>) -> String {
        holder.proof("GET", &self.idp.url(Endpoint::Userinfo), |_, claims| {
            claims["ath"] = ath(token).into();
            if let Some(nonce) = nonce {
                claims["nonce"] = nonce.into();
            }
        })
    }
}

#[tokio::test]
async fn tokens_are_bound_to_the_key_that_asked() {
    let mut scene = Scene::new().await;
    let (holder, thief) = (Holder::new(), Holder::new());
    let answer = scene.bound_tokens(&holder, &[("audience", Some("https://api.example/"))]).await;
    assert_eq!(answer["token_type"], "DPoP");
    let token = text(&answer["access_token"]);
    assert_eq!(part(token, 1)["cnf"]["jkt"], holder.thumbprint());

    let proof = scene.details_proof(&holder, token, None);
    assert_eq!(scene.details("DPoP", token, Some(proof)).await.status, 200);
    assert_eq!(scene.details("Bearer", token, None).await.status, 401, "not without a proof");
    assert_eq!(scene.details("DPoP", token, None).await.status, 401, "not without a proof");
    let stolen = scene.details_proof(&thief, token, None);
    assert_eq!(scene.details("DPoP", token, Some(stolen)).await.status, 401, "not by another key");
    let other_token = scene.details_proof(&holder, "another", None);
    assert!(
        scene.details("DPoP", token, Some(other_token)).await.header("www-authenticate").contains("invalid_dpop_proof")
    );

    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "doorkey-demo"),
        ("refresh_token", text(&answer["refresh_token"])),
    ];
    scene.ask(Endpoint::Token, &form).await.refused(400, "invalid_grant");
    scene.ask_with(Endpoint::Token, &form, &scene.token_proof(&thief, None)).await.refused(400, "invalid_grant");
    let renewed = scene.ask_with(Endpoint::Token, &form, &scene.token_proof(&holder, None)).await.json(200);
    assert_eq!(renewed["token_type"], "DPoP");
}

#[tokio::test]
async fn a_bearer_token_does_not_pass_as_a_bound_one() {
    let mut scene = Scene::new().await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    let proof = scene.details_proof(&Holder::new(), &token, None);
    assert_eq!(scene.details("DPoP", &token, Some(proof)).await.status, 401);
}

#[tokio::test]
async fn a_proof_with_one_fault_is_refused() {
    let scene = Scene::new().await;
    let holder = Holder::new();
    let url = scene.idp.url(Endpoint::Token);
    type Change = fn(&mut Value, &mut Value);
    let faults: Vec<(&str, Change)> = vec![
        ("typ", |header, _| header["typ"] = "JWT".into()),
        ("alg none", |header, _| header["alg"] = "none".into()),
        ("alg HS256", |header, _| header["alg"] = "HS256".into()),
        ("crit", |header, _| header["crit"] = serde_json::json!(["exp"])),
        ("private key", |header, _| header["jwk"]["d"] = "c2VjcmV0".into()),
        ("other key", |header, _| header["jwk"] = Holder::new().jwk()),
        ("no key", |header, _| header["jwk"] = Value::Null),
        ("htm", |_, claims| claims["htm"] = "GET".into()),
        ("htu", |_, claims| claims["htu"] = "http://127.0.0.1:1/token".into()),
        ("query", |_, claims| claims["htu"] = format!("{}?a=b", text(&claims["htu"])).into()),
        ("no jti", |_, claims| claims["jti"] = "".into()),
        ("no iat", |_, claims| claims["iat"] = Value::Null),
        ("old", |_, claims| claims["iat"] = (claims["iat"].as_u64().expect("a time") - 120).into()),
        ("early", |_, claims| claims["iat"] = (claims["iat"].as_u64().expect("a time") + 120).into()),
    ];
    for (name, change) in faults {
        let seen = scene.ask_with(Endpoint::Token, &exchange_form("x"), &holder.proof("POST", &url, change)).await;
        assert_eq!((seen.status, seen.json(400)["error"].as_str()), (400, Some("invalid_dpop_proof")), "{name}");
    }
    let invented = holder.proof("POST", &url, |_, claims| claims["nonce"] = "invented".into());
    scene.ask_with(Endpoint::Token, &exchange_form("x"), &invented).await.refused(400, "use_dpop_nonce");
    let twice = scene.form(&url, &exchange_form("x")).header("dpop", "a.b.c").header("dpop", "a.b.c");
    read(twice.send().await.expect("an answer")).await.refused(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn a_proof_is_good_once() {
    let scene = Scene::new().await;
    let proof = scene.token_proof(&Holder::new(), None);
    scene.ask_with(Endpoint::Token, &exchange_form("x"), &proof).await.refused(400, "invalid_grant");
    scene.ask_with(Endpoint::Token, &exchange_form("x"), &proof).await.refused(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn a_code_can_be_for_one_key() {
    let mut scene = Scene::new().await;
    let holder = Holder::new();
    let thumbprint = holder.thumbprint();
    for (proof, taken) in [(Some(Holder::new()), false), (None, false), (Some(holder), true)] {
        let code = scene.code(&[("dpop_jkt", Some(&thumbprint))]).await;
        let seen = match proof {
            Some(key) => {
                let proof = scene.token_proof(&key, None);
                scene.ask_with(Endpoint::Token, &exchange_form(&code), &proof).await
            }
            None => scene.exchange(&code).await,
        };
        assert_eq!(seen.status == 200, taken, "{}", seen.text);
    }
}

#[tokio::test]
async fn a_nonce_is_asked_for_and_each_server_has_its_own() {
    let mut scene = Scene::with(Settings { dpop_nonce: DpopNonce::Demanded, ..Settings::default() }).await;
    let holder = Holder::new();
    let code = scene.code(&[]).await;
    let asked = scene.ask_with(Endpoint::Token, &exchange_form(&code), &scene.token_proof(&holder, None)).await;
    asked.refused(400, "use_dpop_nonce");
    let nonce = asked.header("dpop-nonce").to_owned();
    let proof = scene.token_proof(&holder, Some(&nonce));
    let answer = scene.ask_with(Endpoint::Token, &exchange_form(&code), &proof).await;
    assert_eq!(answer.header("dpop-nonce"), "", "the old one goes on");
    let answer = answer.json(200);

    let token = text(&answer["access_token"]);
    let proof = scene.details_proof(&holder, token, Some(&nonce));
    let asked = scene.details("DPoP", token, Some(proof)).await;
    assert_eq!(asked.status, 401);
    assert!(asked.header("www-authenticate").starts_with(r#"DPoP error="use_dpop_nonce""#));
    let proof = scene.details_proof(&holder, token, Some(asked.header("dpop-nonce")));
    assert_eq!(scene.details("DPoP", token, Some(proof)).await.status, 200);

    scene.idp.knobs().new_dpop_nonces();
    let proof = scene.token_proof(&holder, Some(&nonce));
    scene.ask_with(Endpoint::Token, &exchange_form("x"), &proof).await.refused(400, "use_dpop_nonce");
}

#[tokio::test]
async fn every_answer_can_bring_the_next_nonce() {
    let mut scene = Scene::with(Settings { dpop_nonce: DpopNonce::NewWithEveryAnswer, ..Settings::default() }).await;
    let holder = Holder::new();
    let code = scene.code(&[]).await;
    let asked = scene.ask_with(Endpoint::Token, &exchange_form(&code), &scene.token_proof(&holder, None)).await;
    let first = asked.header("dpop-nonce").to_owned();
    let proof = scene.token_proof(&holder, Some(&first));
    let answer = scene.ask_with(Endpoint::Token, &exchange_form(&code), &proof).await;
    assert_eq!(answer.status, 200);
    let second = answer.header("dpop-nonce").to_owned();
    let again = scene.token_proof(&holder, Some(&first));
    scene.ask_with(Endpoint::Token, &exchange_form("x"), &again).await.refused(400, "use_dpop_nonce");
    let next = scene.token_proof(&holder, Some(&second));
    scene.ask_with(Endpoint::Token, &exchange_form("x"), &next).await.refused(400, "invalid_grant");
}

/// The misbehaviours of this place, for the list that all are shown.
pub(crate) fn shown() -> Vec<M> {
    vec![M::DpopDowngrade, M::DpopNonceLoop, M::DpopTwoNonces, M::DpopProofTooOld, M::DpopSchemeCase]
}

#[tokio::test]
async fn proofs_can_be_answered_badly() {
    let mut scene = Scene::new().await;
    let holder = Holder::new();
    scene.misbehave(M::DpopDowngrade);
    assert_eq!(scene.bound_tokens(&holder, &[]).await["token_type"], "Bearer");

    scene.misbehave(M::DpopNonceLoop);
    let mut nonces = vec![String::new()];
    for _ in 0..3 {
        let proof = scene.token_proof(&holder, nonces.last().map(String::as_str).filter(|it| !it.is_empty()));
        let seen = scene.ask_with(Endpoint::Token, &exchange_form("x"), &proof).await;
        seen.refused(400, "use_dpop_nonce");
        assert!(!nonces.contains(&seen.header("dpop-nonce").to_owned()));
        nonces.push(seen.header("dpop-nonce").to_owned());
    }

    scene.misbehave(M::DpopTwoNonces);
    let seen = scene.ask_with(Endpoint::Token, &exchange_form("x"), &scene.token_proof(&holder, None)).await;
    assert_eq!(seen.headers.get_all("dpop-nonce").iter().count(), 2);

    scene.misbehave(M::DpopProofTooOld);
    let seen = scene.ask_with(Endpoint::Token, &exchange_form("x"), &scene.token_proof(&holder, None)).await;
    seen.refused(400, "invalid_dpop_proof");

    scene.misbehave(M::DpopSchemeCase);
    let token = text(&scene.bound_tokens(&holder, &[]).await["access_token"]).to_owned();
    let proof = scene.details_proof(&holder, &token, None);
    let asked = scene.details("DPoP", &token, Some(proof)).await;
    assert!(asked.header("www-authenticate").starts_with(r#"dPoP error="use_dpop_nonce""#));
    let proof = scene.details_proof(&holder, &token, Some(asked.header("dpop-nonce")));
    assert_eq!(scene.details("DPoP", &token, Some(proof)).await.status, 200);
}
