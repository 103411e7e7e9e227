use super::claims::text;
use super::jws::Jws;
use super::{Expected, IdTokenError};
use crate::check::Verdict;
use crate::jwks::KeySet;
use crate::text::clean;

/// The organization that was asked for, by its id or by its name. Whoever leaves this out lets a member of one
/// organization into another.
pub(super) fn judge(token: &Jws, _: &KeySet, expected: &Expected<'_>) -> Verdict<IdTokenError> {
    let told = |claim| text(&token.claims, claim);
    let Some(asked) = expected.organization else {
        let got = told("org_id").ok().flatten().unwrap_or("nothing");
        return Verdict::not_applicable("none was asked for", got);
    };
    let claim = if asked.starts_with("org_") { "org_id" } else { "org_name" };
    let got = match told(claim) {
        Ok(got) => got,
        Err(error) => return Verdict::failed(asked, error.to_string(), error),
    };
    // Names are kept in lower case there and may be asked for in any; ids are not.
    let is_asked = |got: &str| got == asked || (claim == "org_name" && got == asked.to_lowercase());
    if got.is_some_and(is_asked) {
        return Verdict::passed(format!("{claim} {asked}"), asked);
    }
    let got = got.map_or_else(|| "nothing".to_owned(), |got| clean(got, 200));
    let error = IdTokenError::OrganizationMismatch { claim, expected: clean(asked, 200), got: got.clone() };
    Verdict::failed(format!("{claim} {asked}"), got, error)
}
