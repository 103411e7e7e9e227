//! The rules on header and claims, one function each.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::claims::{audience, date, required_date, text, wrong_type};
use super::jws::Jws;
use super::signature::allowed_alg;
use super::{Expected, IdTokenError};
use crate::check::Verdict;
use crate::date::shown;
use crate::json::type_name;
use crate::jwks::KeySet;
use crate::secret::fingerprint;
use crate::text::clean;

type Rules = Verdict<IdTokenError>;

/// Asked for with `acr_values` and told by `amr` at Auth0.
const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// A day: an older token is odd, and legal (IDT-09, HP-81).
const OLD: i64 = 24 * 60 * 60;

pub(crate) fn alg(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let allowed = expected.allowed_algs.iter().map(|alg| alg.name()).collect::<Vec<_>>().join(", ");
    let got = match token.header.get("alg") {
        Some(Value::String(alg)) => clean(alg, 80),
        Some(other) => type_name(other).to_owned(),
        None => "nothing".to_owned(),
    };
    match allowed_alg(token, expected) {
        Some(_) => Rules::passed(allowed, got),
        None => Rules::failed(allowed.clone(), &got, IdTokenError::AlgNotAllowed { allowed, got: got.clone() }),
    }
}

pub(crate) fn crit(token: &Jws, _: &KeySet, _: &Expected<'_>) -> Rules {
    let wanted = "no extension that must be understood";
    match token.header.get("crit") {
        None => Rules::passed(wanted, "none"),
        Some(crit) => {
            let got = clean(&crit.to_string(), 100);
            Rules::failed(wanted, &got, IdTokenError::CritUnsupported { got: got.clone() })
        }
    }
}

pub(crate) fn typ(token: &Jws, _: &KeySet, _: &Expected<'_>) -> Rules {
    let wanted = "JWT, or nothing";
    match token.header.get("typ") {
        None => Rules::passed(wanted, "nothing"),
        // RFC 7515 section 4.1.9: compared as a media type, `application/` may be left out.
        Some(Value::String(typ)) if matches!(typ.to_ascii_lowercase().as_str(), "jwt" | "application/jwt") => {
            Rules::passed(wanted, typ)
        }
        Some(other) => {
            let got = other.as_str().map_or_else(|| type_name(other).to_owned(), |typ| clean(typ, 80));
            Rules::failed(wanted, &got, IdTokenError::WrongType { got: got.clone() })
        }
    }
}

pub(crate) fn iss(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let wanted = expected.issuer;
    match text(&token.claims, "iss") {
        Ok(Some(iss)) if iss == wanted => Rules::passed(wanted, iss),
        Ok(iss) => {
            let got = iss.map_or_else(|| "nothing".to_owned(), |iss| clean(iss, 200));
            Rules::failed(wanted, &got, IdTokenError::IssMismatch { expected: wanted.to_owned(), got: got.clone() })
        }
        Err(error) => wrong(wanted, error),
    }
}

pub(crate) fn aud(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let wanted = expected.client_id;
    let audience = match audience(&token.claims) {
        Ok(audience) => audience,
        Err(error) => return wrong(wanted, error),
    };
    let got = if audience.is_empty() { "nothing".to_owned() } else { clean(&audience.join(", "), 200) };
    let expected_text = wanted.to_owned();
    if !audience.iter().any(|aud| aud == wanted) {
        return Rules::failed(wanted, &got, IdTokenError::AudMismatch { expected: expected_text, got: got.clone() });
    }
    if audience.iter().all(|aud| aud == wanted || expected.trusted_audiences.contains(aud)) {
        Rules::passed(wanted, got)
    } else {
        Rules::failed(wanted, &got, IdTokenError::AudUntrusted { expected: expected_text, got: got.clone() })
    }
}

pub(super) fn azp(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let wanted = expected.client_id;
    match text(&token.claims, "azp") {
        Ok(Some(azp)) if azp == wanted => Rules::passed(wanted, azp),
        Ok(Some(azp)) => {
            let got = clean(azp, 200);
            Rules::failed(wanted, &got, IdTokenError::AzpMismatch { expected: wanted.to_owned(), got: got.clone() })
        }
        Ok(None) if audience(&token.claims).is_ok_and(|aud| aud.len() > 1) => {
            Rules::warned(format!("{wanted}, since there are several audiences"), "nothing")
        }
        Ok(None) => Rules::not_applicable(format!("{wanted}, where it is there"), "nothing"),
        Err(error) => wrong(wanted, error),
    }
}

pub(super) fn exp(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let wanted = format!("after {}", shown(expected.now));
    match required_date(&token.claims, "exp") {
        Ok(exp) if expected.now < exp.saturating_add(expected.leeway()) => Rules::passed(wanted, shown(exp)),
        Ok(exp) => {
            let (now, provider_clock) = (expected.now, expected.provider_clock);
            Rules::failed(wanted, shown(exp), IdTokenError::Expired { exp, now, provider_clock })
        }
        Err(error) => wrong(wanted, error),
    }
}

pub(super) fn nbf(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let wanted = format!("not after {}", shown(expected.now));
    match date(&token.claims, "nbf") {
        Ok(None) => Rules::not_applicable(wanted, "nothing"),
        Ok(Some(nbf)) if nbf <= expected.now.saturating_add(expected.leeway()) => Rules::passed(wanted, shown(nbf)),
        Ok(Some(nbf)) => {
            let (now, provider_clock) = (expected.now, expected.provider_clock);
            Rules::failed(wanted, shown(nbf), IdTokenError::NotYetValid { nbf, now, provider_clock })
        }
        Err(error) => wrong(wanted, error),
    }
}

pub(super) fn iat(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let wanted = format!("not after {}, and less than a day old", shown(expected.now));
    match date(&token.claims, "iat") {
        Ok(None) => Rules::failed(wanted, "nothing", IdTokenError::IatMissing),
        Ok(Some(iat)) if iat > expected.now.saturating_add(expected.leeway()) => {
            let (now, provider_clock) = (expected.now, expected.provider_clock);
            Rules::failed(wanted, shown(iat), IdTokenError::IssuedInFuture { iat, now, provider_clock })
        }
        Ok(Some(iat)) if expected.now.saturating_sub(iat) > OLD => Rules::warned(wanted, shown(iat)),
        Ok(Some(iat)) => Rules::passed(wanted, shown(iat)),
        Err(error) => wrong(wanted, error),
    }
}

/// Fingerprints only: until the attempt is over, the nonce is a secret.
pub(super) fn nonce(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let Some(sent) = expected.nonce else {
        return Rules::not_applicable("none was sent with this request", "");
    };
    let wanted = format!("the one that was sent, with the fingerprint {}", sent.fingerprint());
    match text(&token.claims, "nonce") {
        Ok(Some(nonce)) if sent.matches(nonce.as_bytes()) => Rules::passed(wanted, fingerprint(nonce.as_bytes())),
        Ok(Some(nonce)) => {
            let (expected, got) = (sent.fingerprint(), fingerprint(nonce.as_bytes()));
            Rules::failed(wanted, &got, IdTokenError::NonceMismatch { expected, got: got.clone() })
        }
        Ok(None) => Rules::failed(wanted, "nothing", IdTokenError::NonceMissing),
        Err(error) => wrong(wanted, error),
    }
}

pub(super) fn sub(token: &Jws, _: &KeySet, _: &Expected<'_>) -> Rules {
    let wanted = "1 to 255 characters";
    match text(&token.claims, "sub") {
        Ok(None | Some("")) => Rules::failed(wanted, "nothing", IdTokenError::SubMissing),
        Ok(Some(sub)) if sub.chars().count() > 255 => {
            wrong(wanted, wrong_type("sub", "at most 255 characters", "more"))
        }
        Ok(Some(sub)) if sub.chars().any(char::is_control) => {
            wrong(wanted, wrong_type("sub", "text without control characters", "some"))
        }
        Ok(Some(sub)) => Rules::passed(wanted, sub),
        Err(error) => wrong(wanted, error),
    }
}

#[expect(clippy::disallowed_methods, reason = "only its hash goes on")]
pub(super) fn at_hash(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let absent = "the hash of the access token, where it is there";
    let got = match text(&token.claims, "at_hash") {
        Ok(Some(got)) => got,
        Ok(None) => return Rules::not_applicable(absent, "nothing"),
        Err(error) => return wrong(absent, error),
    };
    let (Some(access_token), Some(alg)) = (expected.access_token, allowed_alg(token, expected)) else {
        return Rules::not_applicable(absent, "not compared: no access token, or an algorithm that is not allowed");
    };
    // The left half of the hash that belongs to the signature's algorithm (OpenID Connect Core 3.1.3.6).
    let hash = alg.digest(access_token.expose().as_bytes());
    let wanted = URL_SAFE_NO_PAD.encode(hash.get(..hash.len() / 2).unwrap_or_default());
    if got == wanted {
        Rules::passed(wanted, got)
    } else {
        let error = IdTokenError::AtHashMismatch { expected: wanted.clone(), got: clean(got, 100) };
        Rules::failed(wanted, got, error)
    }
}

pub(super) fn acr(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let got = text(&token.claims, "acr").ok().flatten().unwrap_or("nothing");
    if expected.acr_values.is_empty() {
        return Rules::not_applicable("none was asked for", got);
    }
    let wanted = expected.acr_values.join(" or ");
    let many_factors =
        token.claims.get("amr").and_then(Value::as_array).is_some_and(|amr| amr.iter().any(|a| a == "mfa"));
    // `acr_values` asks for a voluntary claim: the provider may answer otherwise.
    if expected.acr_values.iter().any(|acr| acr == got) {
        Rules::passed(wanted, got)
    } else if many_factors && expected.acr_values.iter().any(|acr| acr == MULTI_FACTOR) {
        Rules::passed(wanted, "amr with mfa")
    } else {
        Rules::warned(wanted, got)
    }
}

pub(super) fn auth_time(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Rules {
    let auth_time = date(&token.claims, "auth_time");
    let Some(max_age) = expected.max_age else {
        let wanted = "no age was asked for";
        return match auth_time {
            Ok(None) => Rules::not_applicable(wanted, "nothing"),
            Ok(Some(at)) => Rules::not_applicable(wanted, shown(at)),
            Err(error) => Rules::warned("a number", error.to_string()),
        };
    };
    let from = expected.asked_at.unwrap_or(expected.now);
    let wanted = format!("at most {max_age} s before {}", shown(from));
    let reach = i64::try_from(max_age).unwrap_or(i64::MAX).saturating_add(expected.leeway());
    match auth_time {
        // Required now (OpenID Connect Core section 2): without it nobody knows whether the question was heard.
        Ok(None) => Rules::failed(wanted, "nothing", IdTokenError::AuthTimeMissing { max_age }),
        Ok(Some(at)) if from.saturating_sub(at) <= reach => Rules::passed(wanted, shown(at)),
        Ok(Some(auth_time)) => {
            let error = IdTokenError::AuthTimeTooOld { auth_time, max_age, now: from };
            Rules::failed(wanted, shown(auth_time), error)
        }
        Err(error) => wrong(wanted, error),
    }
}

fn wrong(wanted: impl Into<String>, error: IdTokenError) -> Rules {
    Rules::failed(wanted, error.to_string(), error)
}
