//! Lies in a good answer of the token endpoint, before it leaves.

use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use serde_json::{Value, json};

use super::Misbehaviour as M;
use super::canary::elsewhere;
use crate::Params;
use crate::answer::Answer;
use crate::desk::Facts;

/// `good` is the answer to `form`, with tokens in it.
pub(crate) fn change(chosen: M, facts: &Facts, form: &Params, good: Answer) -> Answer {
    let error = |status: StatusCode, error: &str| Answer::oauth_error(status, error, "made so by a misbehaviour");
    match chosen {
        M::TokenTypeCase => with(good, |it| it["token_type"] = turned(&it["token_type"])),
        M::ExpiresInMissing => with(good, |it| drop(it, "expires_in")),
        M::ScopeMissing => with(good, |it| {
            drop(it, "scope");
            drop(it, "expires_in");
        }),
        M::TokenTextHtml => said_to_be(good, Some("text/html; charset=utf-8")),
        M::TokenTextPlain => said_to_be(good, Some("text/plain")),
        M::TokenWithoutContentType => said_to_be(good, None),
        M::TokenCharsetUtf16 => said_to_be(good, Some("application/json; charset=utf-16")),
        M::TokenJsonSuffix => said_to_be(good, Some("application/vnd.demo+json")),
        M::TokenErrorWith200 => error(StatusCode::OK, "invalid_grant"),
        M::TokensWith400 => Answer { status: StatusCode::BAD_REQUEST, ..good },
        M::TokensWith201 => Answer { status: StatusCode::CREATED, ..good },
        M::TokenNoContent => Answer::empty(StatusCode::NO_CONTENT),
        M::TokenError500 => error(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        M::TokenError403 => error(StatusCode::FORBIDDEN, "invalid_grant"),
        M::TokenError429 => error(StatusCode::TOO_MANY_REQUESTS, "too_many_requests").with_header(RETRY_AFTER, "7"),
        M::AccessTokenNumber => with(good, |it| it["access_token"] = 123.into()),
        M::AccessTokenNull => with(good, |it| it["access_token"] = Value::Null),
        M::AccessTokenEmpty => with(good, |it| it["access_token"] = "".into()),
        M::AccessTokenObject => with(good, |it| it["access_token"] = json!({})),
        M::ExpiresInText => with(good, |it| it["expires_in"] = it["expires_in"].to_string().into()),
        M::ExpiresInNegative => with(good, |it| it["expires_in"] = (-1).into()),
        M::ExpiresInOutOfRange => with_raw(good, "expires_in", "1e309"),
        M::ExpiresInFraction => with(good, |it| it["expires_in"] = json!(3600.5)),
        M::ExpiresInHuge => with(good, |it| it["expires_in"] = json!(99_999_999_999_u64)),
        M::ScopeList => with(good, |it| it["scope"] = json!([it["scope"].as_str()])),
        M::TokenTypeNumber => with(good, |it| it["token_type"] = 1.into()),
        M::TokenTypeMac => with(good, |it| it["token_type"] = "mac".into()),
        M::TokenTypeMissing => with(good, |it| drop(it, "token_type")),
        M::TokenRedirect302 => redirect(facts, StatusCode::FOUND),
        M::TokenRedirect303 => redirect(facts, StatusCode::SEE_OTHER),
        M::TokenRedirect307 => redirect(facts, StatusCode::TEMPORARY_REDIRECT),
        M::TokenRedirect308 => redirect(facts, StatusCode::PERMANENT_REDIRECT),
        M::TokenByteOrderMark => Answer { body: [b"\xef\xbb\xbf", &good.body[..]].concat(), ..good },
        M::TokenMemberTwice => Answer { body: [br#"{"access_token":"first","#, &good.body[1..]].concat(), ..good },
        M::TokenDeep => with_raw(good, "deep", &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        M::TokenBadUtf8 => Answer { body: [b"{\"odd\":\"\xff\",", &good.body[1..]].concat(), ..good },
        M::EchoedSecrets => {
            let sent = ["code", "refresh_token", "code_verifier", "client_secret"].map(|name| form.get(name));
            let words = sent.into_iter().flatten().collect::<Vec<_>>().join(" ");
            Answer::oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", &format!("not good: {words}"))
        }
        M::IdTokenAbsent => with(good, |it| drop(it, "id_token")),
        M::EmptyIdToken => with(good, |it| it["id_token"] = "".into()),
        M::RefreshTokenAbsent => with(good, |it| drop(it, "refresh_token")),
        _ => good,
    }
}

fn with(good: Answer, change: impl FnOnce(&mut Value)) -> Answer {
    let mut members = serde_json::from_slice(&good.body).unwrap_or_default();
    change(&mut members);
    Answer { body: members.to_string().into_bytes(), ..good }
}

/// With a member that no JSON value can hold, written as it is.
fn with_raw(good: Answer, name: &str, raw: &str) -> Answer {
    let good = with(good, |it| drop(it, name));
    Answer { body: [format!("{{\"{name}\":{raw},").as_bytes(), &good.body[1..]].concat(), ..good }
}

fn drop(members: &mut Value, name: &str) {
    if let Some(members) = members.as_object_mut() {
        members.remove(name);
    }
}

fn said_to_be(mut good: Answer, content_type: Option<&str>) -> Answer {
    good.headers.retain(|(name, _)| name != CONTENT_TYPE);
    good.headers.extend(content_type.map(|text| (CONTENT_TYPE, text.to_owned())));
    good
}

fn redirect(facts: &Facts, status: StatusCode) -> Answer {
    Answer::empty(status).with_header(LOCATION, elsewhere(facts))
}

fn turned(text: &Value) -> Value {
    let turn =
        |letter: char| if letter.is_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
    text.as_str().unwrap_or_default().chars().map(turn).collect::<String>().into()
}
