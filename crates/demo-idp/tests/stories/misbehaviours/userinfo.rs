use doorkey_demo_idp::{Endpoint, Misbehaviour as M};
use serde_json::Value;

use crate::support::{Scene, Seen, part, text};

/// The answer, and its members where it is JSON.
type Check = fn(&Seen, &Value) -> bool;

fn status(seen: &Seen, status: u16) -> bool {
    seen.status == status && !seen.text.contains("demo|ada")
}

fn is_jwt(seen: &Seen, parts: usize) -> bool {
    seen.header("content-type") == "application/jwt" && seen.text.split('.').count() == parts
}

fn table() -> Vec<(M, Check)> {
    vec![
        (M::UserinfoSubSuffix, |_, it| it["sub"] == "demo|adainvalid"),
        (M::UserinfoSubForeign, |_, it| it["sub"] == "foobar"),
        (M::UserinfoEncrypted, |seen, _| is_jwt(seen, 5)),
        (M::AggregatedClaims, |_, it| {
            it["_claim_names"]["address"] == "src1" && it["_claim_sources"]["src1"]["JWT"].is_string()
        }),
        (M::DistributedClaims, |_, it| it["_claim_sources"]["src1"]["endpoint"].is_string()),
        (M::UserinfoUnauthorized, |seen, _| {
            status(seen, 401) && seen.header("www-authenticate").contains("invalid_token")
        }),
        (M::UserinfoForbidden, |seen, _| status(seen, 403)),
        (M::UserinfoServerError, |seen, _| status(seen, 500)),
        (M::UserinfoNotFound, |seen, _| status(seen, 404)),
        (M::UserinfoHtml, |seen, _| status(seen, 200) && seen.text.starts_with("<!doctype html>")),
        (M::UserinfoEmpty, |seen, _| seen.status == 200 && seen.text.is_empty()),
        (M::UserinfoHuge, |seen, it| seen.text.len() > 5_000_000 && it["sub"] == "demo|ada"),
        (M::UserinfoRedirect, |seen, _| {
            status(seen, 302) && seen.location.as_deref().is_some_and(|to| to.starts_with("http://localhost:"))
        }),
        (M::UserinfoSubMissing, |_, it| it.get("sub").is_none() && it["name"] == "Ada Lovelace"),
        (M::UserinfoSubNumber, |_, it| it["sub"].is_number()),
        (M::UserinfoSubOtherCase, |_, it| it["sub"] == "DEMO|ADA"),
        (M::UserinfoSignedNone, |seen, _| is_jwt(seen, 3) && part(&seen.text, 0)["alg"] == "none"),
        (M::UserinfoSignedWrongAud, |seen, _| part(&seen.text, 1)["aud"] == "another-client"),
        (M::UserinfoSignedWrongIss, |seen, _| text(&part(&seen.text, 1)["iss"]).ends_with('1')),
        (M::UserinfoSignedBadly, |seen, _| is_jwt(seen, 3) && part(&seen.text, 1)["aud"] == "doorkey-demo"),
        (M::PictureFile, |_, it| text(&it["picture"]).starts_with("file:///")),
        (M::PictureMetadataService, |_, it| text(&it["picture"]).starts_with("http://169.254.169.254/")),
        (M::PictureScript, |_, it| text(&it["picture"]).starts_with("javascript:")),
        (M::PictureSvg, |_, it| text(&it["picture"]).contains("<script>")),
        (M::NameHtml, |_, it| text(&it["name"]).contains("<script>")),
        (M::NameRightToLeft, |_, it| text(&it["name"]).contains('\u{202e}')),
        (M::NameAnsi, |_, it| text(&it["name"]).contains('\u{1b}')),
        (M::NameHuge, |_, it| text(&it["name"]).len() == 1_000_000),
    ]
}

pub(super) fn shown() -> Vec<M> {
    table()
        .into_iter()
        .map(|(one, _)| one)
        .chain([M::UserinfoSigned, M::PictureHuge, M::UserinfoRefusesUntilRenewedTwice])
        .collect()
}

#[tokio::test]
async fn the_details_are_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    for (one, as_said) in table() {
        scene.misbehave(one);
        let seen = scene.userinfo(&token).await;
        let members = serde_json::from_str(&seen.text).unwrap_or_default();
        assert!(as_said(&seen, &members), "{one}: {} {}", seen.status, &seen.text[..seen.text.len().min(2000)]);
    }
}

#[tokio::test]
async fn signed_details_name_both_parties() {
    let mut scene = Scene::new().await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    scene.misbehave(M::UserinfoSigned);
    let seen = scene.userinfo(&token).await;
    assert!(is_jwt(&seen, 3));
    let (_, claims) = scene.open(&seen.text).await;
    assert_eq!((text(&claims["iss"]), text(&claims["aud"])), (scene.idp.issuer(), "doorkey-demo"));
    assert_eq!(claims["sub"], "demo|ada");
}

#[tokio::test]
#[should_panic(expected = "the signature is good")]
async fn a_bad_signature_of_details_is_bad() {
    let mut scene = Scene::new().await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    scene.misbehave(M::UserinfoSignedBadly);
    let seen = scene.userinfo(&token).await;
    scene.open(&seen.text).await;
}

#[tokio::test]
async fn userinfo_opens_after_the_second_renewal() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::UserinfoRefusesUntilRenewedTwice);
    let mut answer = scene.tokens(&[]).await;
    for _ in 0..2 {
        let refused = scene.userinfo(text(&answer["access_token"])).await;
        refused.refused(401, "invalid_token");
        answer = scene.refresh(text(&answer["refresh_token"]), &[]).await.json(200);
    }
    scene.userinfo(text(&answer["access_token"])).await.json(200);
}

#[tokio::test]
async fn whoever_fetches_the_picture_is_seen() {
    let mut scene = Scene::new().await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    scene.misbehave(M::PictureHuge);
    let claims = scene.userinfo(&token).await.json(200);
    assert_eq!(scene.idp.log().count(Endpoint::Other), 0);
    let picture = scene.http.get(text(&claims["picture"])).send().await.expect("an answer");
    assert_eq!(picture.bytes().await.expect("all of it").len(), 50_000_000);
    assert_eq!(scene.idp.log().count(Endpoint::Other), 1);
}
