use doorkey_demo_idp::{Endpoint, Misbehaviour as M};
use serde_json::{Value, json};

use crate::support::{Scene, part, text};

/// The claims, and those of a good token made a moment before.
type Check = fn(&Value, &Value) -> bool;

const WEEK: i64 = 7 * 24 * 3600;

fn ends(claims: &Value, good: &Value, claim: &str, end: &str) -> bool {
    claims[claim].as_str() == Some(&format!("{}{end}", text(&good[claim])))
}

/// How much later than now.
fn later(claims: &Value, good: &Value, claim: &str) -> i64 {
    claims[claim].as_i64().expect("a number") - good["iat"].as_i64().expect("a number")
}

fn table() -> Vec<(M, Check)> {
    vec![
        (M::IssSuffix, |it, good| ends(it, good, "iss", "1")),
        (M::IssForeign, |it, _| it["iss"] == "https://example.org/"),
        (M::IssMissing, |it, _| it.get("iss").is_none()),
        (M::IssArray, |it, good| it["iss"] == json!([good["iss"], "https://example.org/"])),
        (M::IssObject, |it, _| it["iss"].is_object()),
        (M::IssPrefix, |it, good| text(&good["iss"]).strip_prefix(text(&it["iss"])).is_some_and(|end| end.len() == 1)),
        (M::IssOtherCase, |it, good| text(&it["iss"]) == text(&good["iss"]).to_uppercase()),
        (M::IssLookAlike, |it, _| text(&it["iss"]).starts_with("htt\u{440}://")),
        (M::AudSuffix, |it, good| ends(it, good, "aud", "1")),
        (M::AudForeign, |it, _| it["aud"] == "https://example.com/"),
        (M::AudMissing, |it, _| it.get("aud").is_none()),
        (M::SecondAud, |it, _| it["aud"] == json!(["doorkey-demo", "doorkey-demo1"]) && it.get("azp").is_none()),
        (M::AudAsArray, |it, _| it["aud"] == json!(["doorkey-demo"])),
        (M::AudEmpty, |it, _| it["aud"] == json!([])),
        (M::AudNumber, |it, _| it["aud"].is_number()),
        (M::AudNested, |it, _| it["aud"] == json!([["doorkey-demo"]])),
        (M::AudThousand, |it, _| it["aud"][0] == "doorkey-demo" && it["aud"].as_array().map(Vec::len) == Some(1000)),
        (M::AudPrefix, |it, _| it["aud"] == "doorkey-dem"),
        (M::AzpForeign, |it, _| it["azp"] == "another-client" && it["aud"] == "doorkey-demo"),
        (M::AzpRightSecondAud, |it, _| {
            it["azp"] == "doorkey-demo" && it["aud"] == json!(["doorkey-demo", "another-client"])
        }),
        (M::SubMissing, |it, _| it.get("sub").is_none()),
        (M::SubEmpty, |it, _| it["sub"] == ""),
        (M::SubNumber, |it, _| it["sub"].is_number()),
        (M::SubNull, |it, _| it.get("sub") == Some(&Value::Null)),
        (M::SubLong, |it, _| text(&it["sub"]).len() == 256),
        (M::SubNewline, |it, good| ends(it, good, "sub", "\nadmin")),
        (M::IatMissing, |it, _| it.get("iat").is_none()),
        (M::IatWeekAgo, |it, good| {
            (-WEEK..-WEEK + 100).contains(&later(it, good, "iat")) && later(it, good, "exp") > 0
        }),
        (M::IatInFuture, |it, good| (600..700).contains(&later(it, good, "iat"))),
        (M::NbfInFuture, |it, good| (600..700).contains(&later(it, good, "nbf"))),
        (M::ExpMissing, |it, _| it.get("exp").is_none()),
        (M::Expired, |it, good| (-360..-260).contains(&later(it, good, "exp"))),
        (M::ExpText, |it, _| text(&it["exp"]).parse::<u64>().is_ok()),
        (M::ExpFraction, |it, good| it["exp"].is_f64() && it["exp"].as_f64() > good["iat"].as_f64()),
        (M::ExpZero, |it, _| it["exp"] == 0),
        (M::ExpNegative, |it, _| it["exp"] == -1),
        (M::ExpOutOfRange, |it, _| it["exp"] == 9_007_199_254_740_992_u64),
        (M::NonceSuffix, |it, _| it["nonce"] == "the-nonce1"),
        (M::NonceForeign, |it, _| it["nonce"] == "012345678"),
        (M::NonceMissing, |it, _| it.get("nonce").is_none()),
        (M::NonceArray, |it, _| it["nonce"] == json!(["the-nonce"])),
        (M::AtHashSuffix, |it, _| text(&it["at_hash"]).len() == 23),
        (M::AtHashSorted, |it, _| text(&it["at_hash"]).len() == 22 && text(&it["at_hash"]).as_bytes().is_sorted()),
        (M::AtHashMissing, |it, _| it.get("at_hash").is_none()),
        (M::AtHashSha384, |it, _| text(&it["at_hash"]).len() == 32),
        (M::AtHashSha512, |it, _| text(&it["at_hash"]).len() == 43),
        (M::AcrMissing, |it, _| it.get("acr").is_none()),
        (M::AuthTimeMissing, |it, _| it.get("auth_time").is_none()),
        (M::AuthTimeText, |it, _| text(&it["auth_time"]).parse::<u64>().is_ok()),
        (M::AuthTimeOld, |it, good| later(it, good, "auth_time") < -80_000),
        (M::EmailChanged, |it, good| it["email"] != good["email"] && it["sub"] == good["sub"]),
        (M::EmailUnverified, |it, _| it["email_verified"] == false),
        (M::SameEmailOtherSub, |it, good| it["email"] == good["email"] && ends(it, good, "sub", "-another")),
    ]
}

pub(super) fn shown() -> Vec<M> {
    let others = [M::NonceOfAnotherSignIn, M::RefreshedIssSuffix, M::RefreshedSubSuffix];
    table().into_iter().map(|(one, _)| one).chain(others).collect()
}

#[tokio::test]
async fn the_claim_is_as_bad_as_was_said_and_the_signature_good() {
    let mut scene = Scene::new().await;
    let asked = [("acr_values", Some("urn:demo:password"))];
    let good = scene.tokens(&asked).await;
    let good = part(text(&good["id_token"]), 1);
    assert_eq!(good["acr"], "urn:demo:password");
    for (one, as_said) in table() {
        scene.misbehave(one);
        let token = text(&scene.tokens(&asked).await["id_token"]).to_owned();
        let (_, claims) = scene.open(&token).await;
        assert!(as_said(&claims, &good), "{one}: {claims}");
    }
}

#[tokio::test]
async fn the_nonce_is_that_of_the_sign_in_before() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::NonceOfAnotherSignIn);
    let mut nonces = Vec::new();
    for nonce in ["first", "second"] {
        let answer = scene.tokens(&[("nonce", Some(nonce))]).await;
        nonces.push(text(&part(text(&answer["id_token"]), 1)["nonce"]).to_owned());
    }
    assert_ne!(nonces[0], "first");
    assert_eq!(nonces[1], "first");
}

#[tokio::test]
async fn only_the_refreshed_id_token_is_bad() {
    for (one, claim) in [(M::RefreshedIssSuffix, "iss"), (M::RefreshedSubSuffix, "sub")] {
        let mut scene = Scene::new().await;
        scene.misbehave(one);
        let first = scene.tokens(&[]).await;
        let before = part(text(&first["id_token"]), 1);
        assert_eq!((text(&before["iss"]), text(&before["sub"])), (scene.idp.issuer(), "demo|ada"));
        let second = scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
        let (_, after) = scene.open(text(&second["id_token"])).await;
        assert!(ends(&after, &before, claim, "1"), "{after}");
        assert_eq!(scene.idp.log().count(Endpoint::Token), 2);
    }
}
