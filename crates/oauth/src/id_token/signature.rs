use jsonwebtoken::crypto::aws_lc;
use serde_json::Value;

use super::jws::Jws;
use super::{Expected, IdTokenError};
use crate::check::Verdict;
use crate::json::type_name;
use crate::jwks::{Key, KeySet};
use crate::signing_alg::SigningAlg;
use crate::text::clean;

/// How many keys are tried for a token that names none (HP-16).
const MAX_TRIES: usize = 8;

/// A key the provider publishes, fitting by name, type and algorithm, must have signed the token. Keys and
/// addresses inside the header are never looked at (IDT-15).
pub(crate) fn judge(token: &Jws, keys: &KeySet, expected: &Expected<'_>) -> Verdict<IdTokenError> {
    let wanted = "signed by a key the provider publishes";
    let Some(alg) = allowed_alg(token, expected) else {
        return Verdict::not_applicable(wanted, "not tried: the algorithm is not allowed");
    };
    let kid = match token.header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(other) => {
            let problem = format!("`kid` in its header must be text, got {}", type_name(other));
            return Verdict::failed(wanted, &problem, IdTokenError::Malformed { problem: problem.clone() });
        }
    };
    let shown_kid = kid.map_or_else(|| "without a name".to_owned(), |kid| format!("`{}`", clean(kid, 80)));
    let fitting: Vec<&Key> = keys.fitting(kid, alg).take(MAX_TRIES).collect();
    if fitting.is_empty() {
        return Verdict::failed(wanted, format!("{} with a key {shown_kid}", alg.name()), no_key(kid, keys));
    }
    if fitting.iter().any(|key| signed_by(token, key, alg)) {
        return Verdict::passed(wanted, format!("{} with a key {shown_kid}", alg.name()));
    }
    let tried = fitting.len();
    let error = IdTokenError::BadSignature { alg: alg.name(), tried };
    Verdict::failed(wanted, format!("{} that fits none of {tried} key(s)", alg.name()), error)
}

/// The header's algorithm, if it is one of those agreed.
pub(super) fn allowed_alg(token: &Jws, expected: &Expected<'_>) -> Option<SigningAlg> {
    let alg = SigningAlg::parse(token.header_text("alg")?)?;
    expected.allowed_algs.contains(&alg).then_some(alg)
}

fn no_key(kid: Option<&str>, keys: &KeySet) -> IdTokenError {
    let named = |kid: &str| keys.skipped().iter().find(|key| key.kid.as_deref() == Some(clean(kid, 80).as_str()));
    match kid.and_then(|kid| named(kid).map(|skipped| (kid, skipped))) {
        Some((kid, skipped)) => IdTokenError::UnusableKey { kid: clean(kid, 80), reason: skipped.reason.clone() },
        None => IdTokenError::UnknownKey { kid: kid.map(|kid| clean(kid, 80)), published: keys.kids() },
    }
}

/// Asks the provider named here and not the process-wide one, which other crates' features can take away.
fn signed_by(token: &Jws, key: &Key, alg: SigningAlg) -> bool {
    let verifier = (aws_lc::DEFAULT_PROVIDER.verifier_factory)(&alg.for_jsonwebtoken(), &key.decoding);
    verifier.is_ok_and(|verifier| verifier.verify(&token.signed, &token.signature).is_ok())
}
