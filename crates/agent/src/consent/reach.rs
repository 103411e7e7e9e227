//! What a token reaches, and when one consent covers another request.

use std::sync::Arc;

use doorkey_client::words::{Grant, Profile, Reach, Refusal, TokenRequest};

use super::Whose;
use crate::agent::Agent;
use crate::further::{Needed, Wish};
use crate::peer::is_seen_whole;
use crate::profiles::asked_scopes;
use crate::record::SessionRecord;
use crate::token::Given;

const LONGEST_NAME: usize = 512;
const MOST_NAMES: usize = 128;

/// Whether a consent to `one` is a consent to `other` too: the same API, and nothing beyond.
pub(super) fn covers(one: &Reach, other: &Reach) -> bool {
    let same_api = one.audience == other.audience && one.connection == other.connection;
    // A token for some of the resources reaches less; one for no resource in particular may reach more than any.
    let resources = other.resource.iter().all(|resource| one.resource.contains(resource))
        && (one.resource.is_empty() || !other.resource.is_empty());
    let scopes = match (&one.scope, &other.scope) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => other.iter().all(|scope| one.contains(scope)),
    };
    same_api && resources && scopes
}

/// Whose token a request is for, and what that reaches. Nothing is asked at the provider for it.
///
/// # Errors
/// What is wrong with the request itself, and that nobody is signed in.
pub(super) fn of_request(agent: &Agent, request: &TokenRequest) -> Result<(Whose, Reach), Refusal> {
    match agent.session(request.profile.as_deref(), request.account.as_deref()) {
        Ok(live) => {
            let held = live.still()?;
            let reach = match Wish::needed(&held, request)? {
                Needed::Own { .. } => of_record(&held.record),
                Needed::Further(wish) => {
                    // Nobody is asked about what cannot be had.
                    wish.possible(&held)?;
                    of_wish(wish, &held.record)
                }
            };
            Ok((Whose::of_record(&held.record), reach))
        }
        // An application's first token, which nobody signs in for.
        Err(nobody) => {
            let profile = request.profile.as_deref().and_then(|name| agent.profile(name).ok()).ok_or(nobody.clone())?;
            match profile.grant {
                Grant::ClientCredentials => Ok((Whose::of_profile(&profile), of_profile(&profile, request))),
                Grant::AuthorizationCode | Grant::DeviceCode => Err(nobody),
            }
        }
    }
}

/// The same before anybody is signed in: as the profile has it, and what is named instead.
pub(super) fn of_profile(profile: &Profile, request: &TokenRequest) -> Reach {
    let named = |list: &[String]| (!list.is_empty()).then(|| sorted(list.to_vec()));
    let other_api = request.audience.as_ref().is_some_and(|audience| profile.audience.as_ref() != Some(audience))
        || !request.resource.is_empty()
        || request.connection.is_some();
    // Without any the provider decides.
    let own = (!other_api).then(|| asked_scopes(profile)).filter(|scopes| !scopes.is_empty());
    Reach {
        audience: request.audience.clone().or_else(|| (!other_api).then(|| profile.audience.clone()).flatten()),
        resource: if other_api { sorted(request.resource.clone()) } else { sorted(profile.resources.clone()) },
        connection: request.connection.clone(),
        scope: named(&request.scope).or(own.map(sorted)),
    }
}

pub(super) fn of_record(record: &SessionRecord) -> Reach {
    Reach {
        audience: record.audience.clone(),
        resource: sorted(record.resources.clone()),
        connection: None,
        scope: Some(record.granted.clone()),
    }
}

fn of_wish(wish: Wish, record: &SessionRecord) -> Reach {
    let same_api = wish.audience.is_none() && wish.connection.is_none();
    let scope = match wish.scopes.is_empty() {
        false => Some(wish.scopes),
        // The same grant at fewer resources (RFC 8707 section 2.2).
        true if same_api => Some(record.granted.clone()),
        true => None,
    };
    Reach { audience: wish.audience, resource: wish.resources, connection: wish.connection, scope }
}

/// What the token reaches that is about to be handed out.
pub(super) fn of_given(given: &Given, request: &TokenRequest) -> Reach {
    Reach {
        audience: given.asked.audience.clone(),
        resource: sorted(given.asked.resources.clone()),
        connection: request.connection.clone(),
        scope: Some(given.scope.clone()),
    }
}

/// Whether it can be shown to a person as it is (B-12).
pub(super) fn presentable(reach: &Reach) -> Result<(), Refusal> {
    let scopes = reach.scope.iter().flatten();
    let names: Vec<&String> =
        reach.audience.iter().chain(&reach.resource).chain(&reach.connection).chain(scopes).collect();
    let plain = |name: &&String| name.len() <= LONGEST_NAME && is_seen_whole(name);
    if names.len() <= MOST_NAMES && names.iter().all(plain) {
        return Ok(());
    }
    Err(Refusal::new(
        "usage.bad_consent",
        "What is asked for cannot be shown to a person: it is too long, or has characters that would not be seen.",
        "Name the API and its scopes as they are.",
    ))
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list.dedup();
    list
}

/// As a request of that profile, for the same rules.
pub(super) fn as_request(profile: &str, reach: &Reach) -> TokenRequest {
    TokenRequest {
        audience: reach.audience.clone(),
        resource: reach.resource.clone(),
        connection: reach.connection.clone(),
        scope: reach.scope.clone().unwrap_or_default(),
        ..TokenRequest::for_profile(profile)
    }
}

/// For a decision without a request: of the session where somebody is signed in, else of the profile.
pub(super) fn of_decision(agent: &Arc<Agent>, profile: &str, reach: &Reach) -> Result<(Whose, Reach), Refusal> {
    let request = as_request(profile, reach);
    if let Some(live) = agent.sessions.of_profile(profile).into_iter().next() {
        let held = live.still()?;
        let reach = match Wish::needed(&held, &request)? {
            Needed::Own { .. } => of_record(&held.record),
            Needed::Further(wish) => of_wish(wish, &held.record),
        };
        return Ok((Whose::of_record(&held.record), reach));
    }
    let profile = agent.profile(profile)?;
    Ok((Whose::of_profile(&profile), of_profile(&profile, &request)))
}

/// Whose tokens a decision is about that says itself what they reach.
pub(super) fn whose(agent: &Agent, profile: &str) -> Result<Whose, Refusal> {
    match agent.sessions.of_profile(profile).first() {
        Some(live) => Ok(Whose::of_record(&live.held().record)),
        None => Ok(Whose::of_profile(&agent.profile(profile)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(audience: Option<&str>, resource: &[&str], scope: Option<&[&str]>) -> Reach {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        Reach {
            audience: audience.map(str::to_owned),
            resource: list(resource),
            connection: None,
            scope: scope.map(list),
        }
    }

    #[test]
    fn a_wider_consent_covers_a_narrower_request_and_never_the_other_way() {
        let own = |scope: Option<&[&str]>| reach(None, &[], scope);
        for (wide, narrow) in [
            (own(Some(&["read", "admin"])), own(Some(&["read"]))),
            (own(None), own(Some(&["read"]))),
            (own(Some(&["read"])), own(Some(&[]))),
            (reach(None, &["a", "b"], Some(&["read"])), reach(None, &["a"], Some(&["read"]))),
        ] {
            assert!(covers(&wide, &narrow), "{wide:?} {narrow:?}");
            assert!(!covers(&narrow, &wide), "{narrow:?} {wide:?}");
            assert!(covers(&wide, &wide) && covers(&narrow, &narrow));
        }
        for (one, other) in [
            (own(None), reach(Some("https://api"), &[], None)),
            (own(None), reach(None, &["https://api"], None)),
            (own(None), Reach { connection: Some("google".to_owned()), ..Reach::default() }),
            (reach(None, &["a"], None), own(None)),
        ] {
            assert!(!covers(&one, &other) && !covers(&other, &one), "{one:?} {other:?}");
        }
    }

    /// B-12: what is asked for has control characters, or has no end | nobody is asked
    #[test]
    fn what_no_line_can_show_is_not_shown() {
        for bad in ["a\nb", "a\u{202e}b", "\u{1b}[2J", "a ", "a  b", "a\u{ad}b", &"x".repeat(LONGEST_NAME + 1)] {
            assert!(presentable(&reach(Some(bad), &[], None)).is_err(), "{bad:?}");
            assert!(presentable(&reach(None, &[], Some(&[bad]))).is_err(), "{bad:?}");
        }
        let many: Vec<&str> = (0..=MOST_NAMES).map(|_| "s").collect();
        assert!(presentable(&reach(None, &[], Some(&many))).is_err());
        assert!(presentable(&reach(Some("https://käse.example"), &["urn:x"], Some(&["read:notes"]))).is_ok());
    }
}
