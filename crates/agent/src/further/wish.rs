//! What a program wants a token for, and whether a session can have one for it. Pure.

use doorkey_client::words::{Refusal, TokenRequest};
use doorkey_oauth::{
    Asked, CheckOutcome, Issuer, Target, TokenType, Tokens, check_auth0_domains, check_granted, clean,
};

use crate::record::SessionRecord;
use crate::refusal::refusal;
use crate::session::{Held, Standing};

/// What a token is wanted for. The same in another order is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) audience: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) connection: Option<String>,
}

/// Which token a request is met by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    /// The session's own.
    Own {
        /// Whether it cannot be seen in the token that it is for the resources that were asked for.
        audience_not_shown: bool,
    },
    /// One of its own.
    Further(Wish),
}

/// Whether an access token is for some resources, as far as can be seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
    NotTold,
}

impl Wish {
    /// What a request needs of this session.
    ///
    /// # Errors
    /// What nobody could be given.
    pub(crate) fn needed(held: &Held, request: &TokenRequest) -> Result<Needed, Refusal> {
        let wish = Self {
            audience: request.audience.clone(),
            resources: sorted(&request.resource),
            scopes: sorted(&request.scope),
            connection: request.connection.clone(),
        };
        wish.check(&held.record)?;
        Ok(match wish.is_met_by(held) {
            Some(shown) => Needed::Own { audience_not_shown: shown == Shown::NotTold },
            None => Needed::Further(wish),
        })
    }

    fn check(&self, record: &SessionRecord) -> Result<(), Refusal> {
        let names_api = self.audience.is_some() || !self.resources.is_empty();
        if self.connection.is_some() && names_api {
            return Err(Refusal::new(
                "usage.connection_and_api",
                "A connection's own token is for that provider's APIs; no audience and no resource can be named with it.",
                "Leave `audience` and `resource` out, or `connection`.",
            )
            .about(&record.profile));
        }
        if let Some(audience) = &self.audience {
            let issuer = Issuer::parse(&record.issuer).map_err(|error| refusal(&error))?;
            check_auth0_domains(&issuer, audience, None).map_err(|error| refusal(&error).about(&record.profile))?;
        }
        Ok(())
    }

    /// Whether the session's own token will do; nothing where it will not.
    fn is_met_by(&self, held: &Held) -> Option<Shown> {
        let record = &held.record;
        let audience = self.audience.is_none() || self.audience == record.audience;
        let scopes = self.scopes.iter().all(|scope| record.granted.contains(scope));
        let fits = self.connection.is_none() && audience && scopes;
        self.resources_of(held).filter(|_| fits)
    }

    /// Where a session was made for several resources, one of them alone is worth a token of its own: it cannot be used
    /// at the others (RFC 8707 section 3). The token for all must show them: some providers give one for none of them
    /// then. Without a way to get another, it will do where nothing speaks against it.
    fn resources_of(&self, held: &Held) -> Option<Shown> {
        let record = &held.record;
        if self.resources.is_empty() {
            return Some(Shown::Yes);
        }
        if !self.resources.iter().all(|resource| record.resources.contains(resource)) {
            return None;
        }
        // One alone was named in the request that brought the token.
        let shown = if record.resources.len() == 1 { Shown::Yes } else { shown(record, &self.resources) };
        let all = self.resources == sorted(&record.resources);
        match shown {
            Shown::Yes if all || !held.renewable() => Some(shown),
            Shown::NotTold if !held.renewable() => Some(shown),
            Shown::Yes | Shown::No | Shown::NotTold => None,
        }
    }

    /// Whether the session can ask for it at all. An application may ask for anything, a person's session for what was
    /// granted, and for the scopes of another audience where the provider gives such tokens (RT-03).
    pub(crate) fn possible(&self, held: &Held) -> Result<(), Refusal> {
        let record = &held.record;
        if record.is_application() || self.connection.is_some() {
            return Ok(());
        }
        let same_audience = self.audience.is_none() || self.audience == record.audience;
        let missing = self.scopes.iter().find(|scope| !record.granted.contains(scope));
        if let (Some(missing), true) = (missing, same_audience) {
            return Err(insufficient_scope(record, missing, None));
        }
        let asked = &record.resources;
        let foreign = self.resources.iter().find(|resource| !asked.is_empty() && !asked.contains(resource));
        if let Some(foreign) = foreign {
            let why = format!("The sign-in did not ask for `{}`", clean(foreign, 200));
            return Err(other_audience(record, &why, "Add it to the profile's `resources` and sign in again."));
        }
        match &held.standing {
            Standing::Ended { problem } | Standing::Gone { problem } => Err(problem.clone()),
            _ if record.refresh_token.is_none() => {
                let has = record.audience.as_deref().unwrap_or("no particular API");
                let why = format!(
                    "The token of `{}` is for {}, and there is no refresh token to get another with",
                    record.profile,
                    clean(has, 200)
                );
                Err(other_audience(
                    record,
                    &why,
                    "Make a profile for that API and sign in with it; or ask for the scope `offline_access` in this one.",
                ))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn target(&self) -> Target {
        Target { resources: self.resources.clone(), audience: self.audience.clone() }
    }

    /// The API by its name, for a sentence.
    pub(crate) fn api(&self) -> String {
        let names: Vec<&str> = self.audience.iter().chain(&self.resources).map(String::as_str).collect();
        clean(&names.join(" "), 200)
    }
}

/// The look that every answer of the token endpoint gets, at the session's own token.
fn shown(record: &SessionRecord, resources: &[String]) -> Shown {
    let mut asked = Asked::default();
    asked.resources = resources.to_vec();
    let tokens = Tokens {
        access_token: record.access_token.clone(),
        token_type: TokenType::Bearer,
        expires_in: None,
        scope: None,
        refresh_token: None,
        id_token: None,
        refresh_expires_in: None,
        authorization_details: None,
    };
    let checks = check_granted(&asked, &tokens);
    match checks.iter().find(|check| check.name == "granted.audience").map(|check| check.outcome) {
        Some(CheckOutcome::Passed) => Shown::Yes,
        Some(CheckOutcome::Warned | CheckOutcome::Failed) => Shown::No,
        Some(CheckOutcome::NotApplicable) | None => Shown::NotTold,
    }
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}

/// `why` is the beginning of a sentence, without its end.
pub(crate) fn other_audience(record: &SessionRecord, why: &str, hint: &str) -> Refusal {
    let text = format!("{why}, so there is no token for the API that was asked for.");
    Refusal::new("broker.other_audience", text, hint).about(&record.profile)
}

pub(crate) fn insufficient_scope(record: &SessionRecord, missing: &str, told: Option<&str>) -> Refusal {
    let told = told.map(|told| format!(" The provider says: {told}")).unwrap_or_default();
    Refusal::new(
        "broker.insufficient_scope",
        format!("The scope `{}` was not granted to `{}`.{told}", clean(missing, 80), record.profile),
        "Add it to the profile and sign in again.",
    )
    .about(&record.profile)
}

#[cfg(test)]
mod tests {
    use doorkey_oauth::{AccessToken, RefreshToken};
    use jiff::Timestamp;

    use super::*;
    use crate::record::ada;
    use crate::time::{Moment, Uptime};

    fn held(change: impl FnOnce(&mut SessionRecord)) -> Held {
        let mut record = ada();
        "https://tenant.eu.auth0.com/".clone_into(&mut record.issuer);
        record.granted = vec!["read".to_owned()];
        record.refresh_token = Some(RefreshToken::new("rt".into()));
        change(&mut record);
        Held::new(record, Moment { wall: Timestamp::UNIX_EPOCH, uptime: Uptime::default() })
    }

    fn beyond(held: &Held, change: impl FnOnce(&mut TokenRequest)) -> Result<bool, String> {
        let mut request = TokenRequest::for_profile("work");
        change(&mut request);
        match Wish::needed(held, &request).map_err(|refusal| refusal.code)? {
            Needed::Own { .. } => Ok(false),
            Needed::Further(wish) => wish.possible(held).map(|()| true).map_err(|refusal| refusal.code),
        }
    }

    #[test]
    fn what_the_sessions_own_token_has_needs_no_other() {
        let held = held(|record| record.audience = Some("https://a".into()));
        assert_eq!(beyond(&held, |_| {}), Ok(false));
        assert_eq!(beyond(&held, |request| request.audience = Some("https://a".into())), Ok(false));
        assert_eq!(beyond(&held, |request| request.scope = vec!["read".into()]), Ok(false));
        assert_eq!(beyond(&held, |request| request.connection = Some("google-oauth2".into())), Ok(true));
    }

    /// {"alg":"none"} . {"aud":["https://a","https://b"]}
    const FOR_BOTH: &str = "eyJhbGciOiJub25lIn0.eyJhdWQiOlsiaHR0cHM6Ly9hIiwiaHR0cHM6Ly9iIl19.c2ln";
    /// {"alg":"none"} . {"aud":"https://op.example/userinfo"}
    const FOR_NEITHER: &str = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL29wLmV4YW1wbGUvdXNlcmluZm8ifQ.c2ln";

    #[test]
    fn one_of_several_resources_is_worth_a_token_of_its_own_where_one_can_be_had() {
        let one = |request: &mut TokenRequest| request.resource = vec!["https://b".into()];
        let both = |request: &mut TokenRequest| request.resource = vec!["https://b".into(), "https://a".into()];
        for (token, refresh, one_needs, both_need) in [
            (FOR_BOTH, true, Ok(true), Ok(false)),
            (FOR_BOTH, false, Ok(false), Ok(false)),
            (FOR_NEITHER, true, Ok(true), Ok(true)),
            (FOR_NEITHER, false, Err("broker.other_audience".to_owned()), Err("broker.other_audience".to_owned())),
            ("opaque", true, Ok(true), Ok(true)),
            ("opaque", false, Ok(false), Ok(false)),
        ] {
            let held = held(|record| {
                record.resources = vec!["https://a".into(), "https://b".into()];
                record.access_token = AccessToken::new(token.into());
                record.refresh_token = record.refresh_token.take().filter(|_| refresh);
            });
            assert_eq!((beyond(&held, one), beyond(&held, both)), (one_needs, both_need), "{token} {refresh}");
        }
    }

    #[test]
    fn a_token_for_several_that_shows_nothing_says_so() {
        let held = held(|record| {
            record.resources = vec!["https://a".into(), "https://b".into()];
            record.refresh_token = None;
        });
        let request = TokenRequest { resource: vec!["https://a".into()], ..TokenRequest::for_profile("work") };
        assert_eq!(Wish::needed(&held, &request), Ok(Needed::Own { audience_not_shown: true }));
    }

    #[test]
    fn scopes_widen_for_another_audience_only() {
        // RT-03
        let held = held(|_| {});
        let write = |request: &mut TokenRequest| request.scope = vec!["write".into()];
        assert_eq!(beyond(&held, write), Err("broker.insufficient_scope".into()));
        let elsewhere = |request: &mut TokenRequest| {
            write(request);
            request.audience = Some("https://b".into());
        };
        assert_eq!(beyond(&held, elsewhere), Ok(true));
    }

    #[test]
    fn another_tenants_management_api_is_refused_before_anything_is_asked() {
        let held = held(|_| {});
        let of = |tenant: &str| {
            beyond(&held, |request| request.audience = Some(format!("https://{tenant}.eu.auth0.com/api/v2/")))
        };
        assert_eq!(of("tenant"), Ok(true));
        assert_eq!(of("other"), Err("config.mixed_domains".into()));
    }
}
