//! Expectations that hold whatever comes, or can never hold: whoever wrote one meant another.

use serde_json::Value;

use super::{Expect, Way, Wrong};
use crate::scenario::format::{Bounds, Claim, ClaimTest, Count, CountBounds, ScopeTest, Scopes};

const NOTHING: &str = "nothing is expected here: this holds whatever comes";
const CROSSED: &str = "`at_least` is more than `at_most`: this never holds";

/// Refuses the first of them.
pub(super) fn none(expect: &Expect, way: &Way) -> Result<(), Wrong> {
    let claims = expect.claims.iter().map(|claim| ("claims", claim));
    let userinfo = expect.userinfo.iter().map(|claim| ("userinfo", claim));
    for (list, (name, claim)) in claims.chain(userinfo) {
        told(of_claim(claim), || way.clone().key(list).key(name))?;
    }
    told(expect.scope.as_ref().and_then(of_scopes), || way.clone().key("scope"))?;
    for (key, bounds) in [("lifetime", expect.lifetime), ("id_token_lifetime", expect.id_token_lifetime)] {
        told(bounds.and_then(of_bounds), || way.clone().key(key))?;
    }
    for (purpose, count) in &expect.requests {
        told(of_count(*count), || way.clone().key("requests").key(purpose))?;
    }
    Ok(())
}

fn told(what: Option<&str>, way: impl FnOnce() -> Way) -> Result<(), Wrong> {
    what.map_or(Ok(()), |what| Err((way(), what.to_owned())))
}

fn of_claim(claim: &Claim) -> Option<&'static str> {
    match claim {
        Claim::Is(_) => None,
        Claim::Test(ClaimTest { present: None, contains: None, is: None }) => {
            Some("nothing is said of this claim: say `present`, `contains` or `is`")
        }
        Claim::Test(ClaimTest { contains: Some(Value::String(part)), .. }) if part.is_empty() => {
            Some("every text contains an empty one: `{ present = true }` says that it is there")
        }
        Claim::Test(ClaimTest { present: Some(false), contains, is }) if contains.is_some() || is.is_some() => {
            Some("what is not there has no value: this never holds")
        }
        Claim::Test(_) => None,
    }
}

fn of_scopes(scopes: &Scopes) -> Option<&'static str> {
    let named = match scopes {
        Scopes::Among(ScopeTest { includes, excludes }) if includes.is_empty() && excludes.is_empty() => {
            return Some(NOTHING);
        }
        Scopes::Among(ScopeTest { includes, excludes }) if includes.iter().any(|scope| excludes.contains(scope)) => {
            return Some("a scope is both in `includes` and in `excludes`: this never holds");
        }
        Scopes::Among(ScopeTest { includes, excludes }) => [includes.as_slice(), excludes.as_slice()].concat(),
        Scopes::Exactly(scopes) => scopes.clone(),
    };
    // No provider grants such a one (RFC 6749 section 3.3), so that it is never there.
    let is_none = |scope: &String| scope.is_empty() || scope.contains(char::is_whitespace);
    named.iter().any(is_none).then_some("a scope is one word: give several as a list")
}

fn of_bounds(bounds: Bounds) -> Option<&'static str> {
    match (bounds.at_least, bounds.at_most) {
        (None, None) => Some(NOTHING),
        (Some(least), Some(most)) if least > most => Some(CROSSED),
        (Some(_), _) | (None, Some(_)) => None,
    }
}

fn of_count(count: Count) -> Option<&'static str> {
    match count {
        Count::Between(CountBounds { at_least: None | Some(0), at_most: None }) => Some(NOTHING),
        Count::Between(CountBounds { at_least: Some(least), at_most: Some(most) }) if least > most => Some(CROSSED),
        Count::Between(_) | Count::Exactly(_) => None,
    }
}
