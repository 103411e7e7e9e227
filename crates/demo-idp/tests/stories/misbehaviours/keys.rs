use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_demo_idp::{Endpoint, Misbehaviour as M};
use serde_json::Value;

use crate::support::{Scene, Seen, part, read, text};

/// The answer of the key endpoint, its keys, and the kid that signs.
type Check = fn(&Seen, &[Value], &str) -> bool;

fn own<'a>(keys: &'a [Value], kid: &str) -> &'a Value {
    keys.iter().find(|key| key["kid"] == kid).expect("the key is published")
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text(value)).expect("base64url")
}

fn table() -> Vec<(M, Check)> {
    vec![
        (M::SameKidDecoys, |_, keys, kid| {
            let algs: Vec<_> = keys.iter().filter(|key| key["kid"] == kid).map(|key| text(&key["alg"])).collect();
            algs == ["EdDSA", "PS256", "ES256", "RS256"]
        }),
        (M::JwksNotFound, |seen, _, _| seen.status == 404),
        (M::JwksServerError, |seen, _, _| seen.status == 500),
        (M::JwksHtml, |seen, _, _| seen.status == 200 && seen.text.starts_with("<!doctype html>")),
        (M::JwksEmptyObject, |seen, _, _| seen.text == "{}"),
        (M::JwksKeysObject, |seen, _, _| seen.text == r#"{"keys":{}}"#),
        (M::JwksKeysOfNothing, |_, keys, _| !keys.is_empty() && keys.iter().all(|key| !key.is_object())),
        (M::JwksEmptyList, |seen, _, _| seen.text == r#"{"keys":[]}"#),
        (M::JwksTenThousand, |_, keys, kid| keys.len() == 10_000 && keys[9_999]["kid"] == kid),
        (M::JwksThreeHundred, |seen, keys, kid| {
            keys.len() == 300 && keys[299]["kid"] == kid && seen.text.len() < 512 * 1024
        }),
        (M::JwksHuge, |seen, _, _| seen.text.len() > 5_000_000),
        (M::JwksRedirect, |seen, _, _| {
            seen.status == 302 && seen.location.as_deref().is_some_and(|to| to.starts_with("http://localhost:"))
        }),
        (M::JwksOddKeys, |_, keys, kid| keys.len() == 12 && keys[0]["kty"] == "AKP" && keys[10]["kid"] == kid),
        (M::JwksWeakRsa, |_, keys, kid| bytes(&own(keys, kid)["n"]).len() == 128),
        (M::JwksExponentOne, |_, keys, kid| bytes(&own(keys, kid)["e"]) == [1]),
        (M::JwksEvenModulus, |_, keys, kid| bytes(&own(keys, kid)["n"])[255].is_multiple_of(2)),
        (M::JwksPrivateMembers, |_, keys, kid| own(keys, kid)["d"].is_string() && own(keys, kid)["p"].is_string()),
        (M::JwksSharedSecret, |_, keys, kid| keys[0]["kty"] == "oct" && keys[0]["kid"] == kid && keys[1]["kid"] == kid),
        (M::JwksForEncryption, |_, keys, kid| own(keys, kid)["use"] == "enc"),
        (M::JwksKeyOpsEncrypt, |_, keys, kid| {
            own(keys, kid)["key_ops"] == serde_json::json!(["encrypt"]) && own(keys, kid).get("use").is_none()
        }),
    ]
}

pub(super) fn shown() -> Vec<M> {
    let others =
        [M::KeysRotatedBetween, M::KeysRotatedBeforeSigning, M::KeysRotatedAndNamed, M::JwksCachedForever, M::JwksSlow];
    table().into_iter().map(|(one, _)| one).chain(others).collect()
}

impl Scene {
    async fn keys(&self) -> Seen {
        read(self.http.get(self.idp.url(Endpoint::Jwks)).send().await.expect("an answer")).await
    }

    async fn kid(&mut self) -> String {
        text(&part(text(&self.tokens(&[]).await["id_token"]), 0)["kid"]).to_owned()
    }
}

#[tokio::test]
async fn the_keys_are_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    let kid = scene.kid().await;
    for (one, as_said) in table() {
        scene.misbehave(one);
        let seen = scene.keys().await;
        let document = serde_json::from_str::<Value>(&seen.text).unwrap_or_default();
        let keys = document["keys"].as_array().cloned().unwrap_or_default();
        assert!(as_said(&seen, &keys, &kid), "{one}: {}", &seen.text[..seen.text.len().min(2000)]);
    }
}

#[tokio::test]
async fn keys_change_at_the_second_sign_in_whatever_caches_were_told() {
    for one in [M::KeysRotatedBetween, M::JwksCachedForever] {
        let mut scene = Scene::new().await;
        scene.misbehave(one);
        let first = scene.kid().await;
        let cached = scene.keys().await;
        let is_forever = cached.header("cache-control") == "public, max-age=31536000";
        assert_eq!(is_forever, one == M::JwksCachedForever);
        assert_eq!(cached.headers.get_all("cache-control").iter().count(), 1);
        assert!(cached.text.contains(&first));
        let second = scene.kid().await;
        let third = scene.kid().await;
        assert!(first != second && second == third, "{one}");
        let now = scene.keys().await.text;
        assert!(now.contains(&second) && !now.contains(&first));
    }
}

#[tokio::test]
async fn keys_change_right_before_signing() {
    for one in [M::KeysRotatedBeforeSigning, M::KeysRotatedAndNamed] {
        let mut scene = Scene::new().await;
        scene.misbehave(one);
        let before = scene.keys().await.text;
        let token = text(&scene.tokens(&[]).await["id_token"]).to_owned();
        let (header, _) = scene.open(&token).await;
        assert!(!before.contains(text(&header["kid"])));
        assert_eq!(text(&header["kid"]).starts_with("rotated_rsa_"), one == M::KeysRotatedAndNamed);
    }
}

#[tokio::test]
async fn the_keys_trickle() {
    let scene = Scene::new().await;
    scene.misbehave(M::JwksSlow);
    let mut answer = scene.http.get(scene.idp.url(Endpoint::Jwks)).send().await.expect("headers come");
    let first = tokio::time::timeout(Duration::from_secs(20), answer.chunk()).await.expect("a byte comes");
    assert_eq!(first.expect("a chunk").map(|chunk| chunk.len()), Some(1));
}
