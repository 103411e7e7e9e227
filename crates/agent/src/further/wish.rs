//! What a program wants a token for, and whether a session can have one for it. Pure.

use doorkey_client::words::{Refusal, TokenRequest};
use doorkey_oauth::{Issuer, Target, check_auth0_domains, clean};

use crate::record::SessionRecord;
use crate::refusal::refusal;
use crate::session::Held;

/// What a token is wanted for. The same in another order is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) audience: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) connection: Option<String>,
}

impl Wish {
    /// Nothing when the session's own token will do.
    ///
    /// # Errors
    /// What nobody could be given.
    pub(crate) fn beyond(held: &Held, request: &TokenRequest) -> Result<Option<Self>, Refusal> {
        let wish = Self {
            audience: request.audience.clone(),
            resources: sorted(&request.resource),
            scopes: sorted(&request.scope),
            connection: request.connection.clone(),
        };
        wish.check(&held.record)?;
        Ok((!wish.is_met_by(held)).then_some(wish))
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

    /// Where a session was made for several resources, one of them alone is worth a token of its own: it cannot be used
    /// at the others (RFC 8707 section 3). Without a way to get one, the token for all will do.
    fn is_met_by(&self, held: &Held) -> bool {
        let record = &held.record;
        let audience = self.audience.is_none() || self.audience == record.audience;
        let known = self.resources.iter().all(|resource| record.resources.contains(resource));
        let resources =
            self.resources.is_empty() || (known && (self.resources == sorted(&record.resources) || !held.renewable()));
        let scopes = self.scopes.iter().all(|scope| record.granted.contains(scope));
        self.connection.is_none() && audience && resources && scopes
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
            crate::session::Standing::Ended { problem } => Err(problem.clone()),
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
