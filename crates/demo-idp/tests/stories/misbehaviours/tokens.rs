use std::time::Duration;

use doorkey_demo_idp::{Endpoint, Misbehaviour as M};
use serde_json::Value;

use crate::support::{Scene, Seen, VERIFIER, exchange_form, text};

/// The answer, and its members where it is JSON.
type Check = fn(&Seen, &Value) -> bool;

fn has_tokens(it: &Value) -> bool {
    it["access_token"].is_string() && it["id_token"].is_string() && it["refresh_token"].is_string()
}

fn said(seen: &Seen, it: &Value, content_type: &str) -> bool {
    seen.status == 200 && has_tokens(it) && seen.header("content-type") == content_type
}

fn refused(seen: &Seen, it: &Value, status: u16, error: &str) -> bool {
    seen.status == status && it["error"] == error && it.get("access_token").is_none()
}

fn leads_away(seen: &Seen, status: u16) -> bool {
    seen.status == status && seen.location.as_deref().is_some_and(|to| to.starts_with("http://localhost:"))
}

fn table() -> Vec<(M, Check)> {
    vec![
        (M::TokenTypeCase, |_, it| it["token_type"] == "bEARER"),
        (M::ExpiresInMissing, |_, it| it.get("expires_in").is_none() && has_tokens(it)),
        (M::ScopeMissing, |_, it| it.get("scope").is_none() && it.get("expires_in").is_none() && has_tokens(it)),
        (M::TokenTextHtml, |seen, it| said(seen, it, "text/html; charset=utf-8")),
        (M::TokenTextPlain, |seen, it| said(seen, it, "text/plain")),
        (M::TokenWithoutContentType, |seen, it| said(seen, it, "")),
        (M::TokenCharsetUtf16, |seen, it| said(seen, it, "application/json; charset=utf-16")),
        (M::TokenJsonSuffix, |seen, it| said(seen, it, "application/vnd.demo+json")),
        (M::TokenErrorWith200, |seen, it| refused(seen, it, 200, "invalid_grant")),
        (M::TokensWith400, |seen, it| seen.status == 400 && has_tokens(it)),
        (M::TokensWith201, |seen, it| seen.status == 201 && has_tokens(it)),
        (M::TokenNoContent, |seen, _| seen.status == 204 && seen.text.is_empty()),
        (M::TokenError500, |seen, it| refused(seen, it, 500, "server_error")),
        (M::TokenError403, |seen, it| refused(seen, it, 403, "invalid_grant")),
        (M::TokenError429, |seen, it| refused(seen, it, 429, "too_many_requests") && seen.header("retry-after") == "7"),
        (M::AccessTokenNumber, |_, it| it["access_token"] == 123),
        (M::AccessTokenNull, |_, it| it.get("access_token") == Some(&Value::Null)),
        (M::AccessTokenEmpty, |_, it| it["access_token"] == ""),
        (M::AccessTokenObject, |_, it| it["access_token"].is_object()),
        (M::ExpiresInText, |_, it| it["expires_in"] == "300"),
        (M::ExpiresInNegative, |_, it| it["expires_in"] == -1),
        (M::ExpiresInOutOfRange, |seen, _| seen.text.contains(r#""expires_in":1e309,"#)),
        (M::ExpiresInFraction, |_, it| it["expires_in"] == 3600.5),
        (M::ExpiresInHuge, |_, it| it["expires_in"] == 99_999_999_999_u64),
        (M::ScopeList, |_, it| it["scope"].is_array()),
        (M::TokenTypeNumber, |_, it| it["token_type"] == 1),
        (M::TokenTypeMac, |_, it| it["token_type"] == "mac"),
        (M::TokenTypeMissing, |_, it| it.get("token_type").is_none() && has_tokens(it)),
        (M::TokenRedirect302, |seen, _| leads_away(seen, 302)),
        (M::TokenRedirect303, |seen, _| leads_away(seen, 303)),
        (M::TokenRedirect307, |seen, _| leads_away(seen, 307)),
        (M::TokenRedirect308, |seen, _| leads_away(seen, 308)),
        (M::TokenMemberTwice, |seen, _| seen.text.matches(r#""access_token":"#).count() == 2),
        (M::TokenDeep, |seen, _| seen.text.contains(&"[".repeat(10_000)) && seen.text.ends_with('}')),
        (M::EchoedSecrets, |seen, it| {
            refused(seen, it, 400, "invalid_grant") && text(&it["error_description"]).contains(VERIFIER)
        }),
        (M::IdTokenAbsent, |_, it| it.get("id_token").is_none() && it["access_token"].is_string()),
        (M::AccessTokenIsIdToken, |_, it| it["access_token"] == it["id_token"]),
        (M::RefreshTokenAbsent, |_, it| it.get("refresh_token").is_none() && it["id_token"].is_string()),
        (M::CookiesAndHints, |seen, it| {
            has_tokens(it)
                && seen.header("set-cookie").contains("CANARY_COOKIE")
                && ["strict-transport-security", "alt-svc"].iter().all(|name| !seen.header(name).is_empty())
        }),
    ]
}

const RAW: [M; 3] = [M::TokenByteOrderMark, M::TokenBadUtf8, M::TokenGzipBomb];
const BROKEN: [M; 5] = [M::TokenCut, M::TokenCutInChunk, M::TokenReset, M::TokenHuge, M::TokenSlow];

pub(super) fn shown() -> Vec<M> {
    table().into_iter().map(|(one, _)| one).chain(RAW).chain(BROKEN).collect()
}

#[tokio::test]
async fn the_answer_with_tokens_is_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    for (one, as_said) in table() {
        scene.misbehave(one);
        let code = scene.code(&[]).await;
        let seen = scene.exchange(&code).await;
        let members = serde_json::from_str(&seen.text).unwrap_or_default();
        assert!(as_said(&seen, &members), "{one}: {} {}", seen.status, &seen.text[..seen.text.len().min(2000)]);
    }
}

#[tokio::test]
async fn an_access_token_that_is_the_id_token_opens_userinfo() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::AccessTokenIsIdToken);
    let answer = scene.tokens(&[]).await;
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 200);
}

#[tokio::test]
async fn the_bytes_are_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    let mut bodies = Vec::new();
    for one in RAW {
        scene.misbehave(one);
        let code = scene.code(&[]).await;
        let form = exchange_form(&code);
        let answer = scene.form(&scene.idp.url(Endpoint::Token), &form).send().await.expect("an answer");
        let encoding = answer.headers().get("content-encoding").cloned();
        bodies.push((encoding, answer.bytes().await.expect("a body")));
    }
    let [(_, marked), (_, bad), (packed, bomb)] = &bodies[..] else { panic!("three") };
    assert!(serde_json::from_slice::<Value>(marked.strip_prefix(b"\xef\xbb\xbf").expect("a mark")).is_ok());
    assert!(std::str::from_utf8(bad).is_err());
    assert!(packed.as_ref().is_some_and(|it| it == "gzip") && bomb.starts_with(&[0x1f, 0x8b]));
    let unpacked = u32::from_le_bytes(bomb[bomb.len() - 4..].try_into().expect("four"));
    assert!(unpacked == 16 * 1024 * 1024 && bomb.len() < 128 * 1024);
}

#[tokio::test]
async fn the_connection_is_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    for one in BROKEN {
        scene.misbehave(one);
        let code = scene.code(&[]).await;
        let form = exchange_form(&code);
        let answer = scene.form(&scene.idp.url(Endpoint::Token), &form).send().await;
        match (one, answer) {
            (M::TokenReset, Err(_)) => {}
            (M::TokenCut, Ok(answer)) => {
                assert!(answer.content_length().is_some());
                assert!(answer.bytes().await.is_err());
            }
            (M::TokenCutInChunk, Ok(answer)) => {
                assert_eq!(answer.content_length(), None);
                assert!(answer.bytes().await.is_err());
            }
            (M::TokenHuge, Ok(answer)) => assert_eq!(answer.bytes().await.expect("all").len(), 64 * 1024 * 1024),
            (M::TokenSlow, Ok(mut answer)) => {
                let first = tokio::time::timeout(Duration::from_secs(20), answer.chunk()).await.expect("a byte comes");
                assert_eq!(first.expect("a chunk").map(|chunk| chunk.len()), Some(1));
            }
            (one, answer) => panic!("{one}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn whoever_follows_a_redirect_is_seen() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::TokenRedirect307);
    let code = scene.code(&[]).await;
    let to = scene.exchange(&code).await.location.expect("a redirect");
    let before = scene.idp.log().count(Endpoint::Other);
    let port = url::Url::parse(&to).expect("a URL").port().expect("a port");
    assert!(scene.idp.issuer().contains(&format!(":{port}")), "it leads to this provider under another name");
    assert_eq!(scene.get(&to).await.status, 421);
    assert_eq!(scene.idp.log().count(Endpoint::Other), before + 1);
}
