//! Lies in the details about the person.

use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::Misbehaviour as M;
use super::canary::{elsewhere, here};
use super::claims::{drop, suffix};
use super::jws::{five_parts, with_signature, xored};
use crate::Alg;
use crate::answer::Answer;
use crate::desk::Desk;
use crate::keys::signing_input;
use crate::random;

/// The answer with these claims for that client, lied about.
pub(crate) fn change(chosen: M, desk: &Desk<'_>, mut claims: Value, client: &str) -> Answer {
    match chosen {
        M::UserinfoSubSuffix => suffix(&mut claims, "sub", "invalid"),
        M::UserinfoSubForeign => claims["sub"] = "foobar".into(),
        M::SameEmailOtherSub => suffix(&mut claims, "sub", "-another"),
        M::EmailChanged => claims["email"] = "somebody.new@example.test".into(),
        M::EmailUnverified => claims["email_verified"] = false.into(),
        M::UserinfoSubMissing => drop(&mut claims, "sub"),
        M::UserinfoSubNumber => claims["sub"] = 7.into(),
        M::UserinfoSubOtherCase => claims["sub"] = claims["sub"].as_str().unwrap_or_default().to_uppercase().into(),
        M::AggregatedClaims => {
            let header = json!({ "alg": "none" });
            let inside = json!({ "address": { "country": "Nowhere" }, "phone_number": "+1 555 0100" });
            claims["_claim_names"] = json!({ "address": "src1", "phone_number": "src1" });
            claims["_claim_sources"] = json!({ "src1": { "JWT": format!("{}.", signing_input(&header, &inside)) } });
        }
        M::DistributedClaims => {
            let source = json!({ "endpoint": here(desk.facts, "claims"), "access_token": random::token() });
            claims["_claim_names"] = json!({ "credit_score": "src1" });
            claims["_claim_sources"] = json!({ "src1": source });
        }
        M::PictureFile => claims["picture"] = "file:///etc/passwd".into(),
        M::PictureMetadataService => claims["picture"] = "http://169.254.169.254/latest/meta-data/".into(),
        M::PictureScript => claims["picture"] = "javascript:alert(document.domain)".into(),
        M::PictureSvg => {
            let svg = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
            claims["picture"] = svg.into();
        }
        M::PictureHuge => claims["picture"] = here(desk.facts, "picture").into(),
        M::NameHtml => {
            claims["name"] = r#""><script>document.title='owned'</script><img src=x onerror=alert(1)>"#.into();
        }
        M::NameRightToLeft => claims["name"] = "Ada \u{202e}ecalevoL\u{2066}".into(),
        M::NameAnsi => claims["name"] = "Ada \u{1b}[2J\u{1b}[31mLovelace\u{1b}]0;owned\u{7}".into(),
        M::NameHuge => claims["name"] = "Ada ".repeat(250_000).into(),
        M::UserinfoHuge => claims["filling"] = "f".repeat(5_000_000).into(),
        M::UserinfoSigned => return jwt(signed(desk, claims, client)),
        M::UserinfoSignedNone => {
            let claims = with_parties(desk, claims, client);
            return jwt(format!("{}.", signing_input(&json!({ "alg": "none" }), &claims)));
        }
        M::UserinfoSignedWrongAud => return jwt(signed(desk, claims, "another-client")),
        M::UserinfoSignedWrongIss => {
            let key = desk.state.keys.key(desk.facts.settings.sign_with);
            let mut claims = with_parties(desk, claims, client);
            suffix(&mut claims, "iss", "1");
            return jwt(key.sign(&json!({ "alg": key.alg, "kid": key.kid }), &claims));
        }
        M::UserinfoSignedBadly => return jwt(with_signature(&signed(desk, claims, client), xored)),
        M::UserinfoEncrypted => return jwt(five_parts(&json!({ "alg": "RSA-OAEP", "enc": "A256GCM" }))),
        M::UserinfoRefusesUntilRenewedTwice if desk.state.behaviour.memory.renewals >= 2 => {}
        M::UserinfoUnauthorized | M::UserinfoRefusesUntilRenewedTwice => {
            let challenge = r#"Bearer realm="demo provider", error="invalid_token""#;
            return Answer::oauth_error(StatusCode::UNAUTHORIZED, "invalid_token", "made so by a misbehaviour")
                .with_header(WWW_AUTHENTICATE, challenge);
        }
        M::UserinfoForbidden => return Answer::empty(StatusCode::FORBIDDEN),
        M::UserinfoServerError => return Answer::empty(StatusCode::INTERNAL_SERVER_ERROR),
        M::UserinfoNotFound => return Answer::empty(StatusCode::NOT_FOUND),
        M::UserinfoHtml => {
            let page = b"<!doctype html><title>Proxy</title><h1>Sign in to this network</h1>\n".to_vec();
            let html = Answer::empty(StatusCode::OK).with_header(CONTENT_TYPE, "text/html; charset=utf-8");
            return Answer { body: page, ..html };
        }
        M::UserinfoEmpty => return Answer::empty(StatusCode::OK).with_header(CONTENT_TYPE, "application/json"),
        M::UserinfoRedirect => {
            return Answer::empty(StatusCode::FOUND).with_header(LOCATION, elsewhere(desk.facts));
        }
        _ => {}
    }
    Answer::json(&claims)
}

/// As OpenID Connect Core 5.3.2 has it: with `iss` and `aud`. By the RSA key, as RS256 is what clients register.
pub(crate) fn signed(desk: &Desk<'_>, claims: Value, client: &str) -> String {
    let key = desk.state.keys.key(Alg::Rs256);
    key.sign(&json!({ "alg": key.alg, "kid": key.kid }), &with_parties(desk, claims, client))
}

pub(crate) fn jwt(token: String) -> Answer {
    let answer = Answer::empty(StatusCode::OK).with_header(CONTENT_TYPE, "application/jwt");
    Answer { body: token.into_bytes(), ..answer }
}

fn with_parties(desk: &Desk<'_>, mut claims: Value, client: &str) -> Value {
    claims["iss"] = desk.facts.issuer.as_str().into();
    claims["aud"] = client.into();
    claims
}
