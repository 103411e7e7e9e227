//! Sessions and profiles in the words of the terminal, shared by the commands that show them.

use doorkey_client::words::{
    ClientAuth, EndKind, Grant, Identified, Profile, ProfileView, Push, ResponseMode, Session, SessionState,
    VaultState, VaultStatus,
};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::line::{Line, Style};
use crate::output::Output;
use crate::text::closest;
use crate::time::{left, seconds_until, span, until, within};

/// Lines of a name and a value, the values below each other.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(&'static str, Line)>);

impl Facts {
    pub(crate) fn add(mut self, name: &'static str, value: impl Into<Line>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// The same for a value that may be absent, which is then not shown.
    pub(crate) fn maybe(self, name: &'static str, value: Option<impl Into<Line>>) -> Self {
        match value {
            Some(value) => self.add(name, value),
            None => self,
        }
    }

    pub(crate) fn answer(self, out: &Output) -> Result<(), Failure> {
        let room = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in self.0 {
            out.answer(Line::new().dim(format!("  {name:<room$}  ")).then(value))?;
        }
        Ok(())
    }
}

/// Who it is: as the person calls it, then as the provider does.
pub(crate) fn who(session: &Session) -> String {
    match &session.label {
        Some(label) => format!("{label}: {}", known_as(session)),
        None => known_as(session),
    }
}

/// Who it is, as the provider says it.
pub(crate) fn known_as(session: &Session) -> String {
    if session.identified == Identified::Application {
        return format!("application {}", session.sub);
    }
    match (&session.name, &session.email) {
        (Some(name), Some(email)) if name != email => format!("{name} ({email})"),
        (Some(one), _) | (None, Some(one)) => one.clone(),
        (None, None) => session.sub.clone(),
    }
}

/// Where it stands, in words.
pub(crate) fn state(state: SessionState) -> Line {
    match state {
        SessionState::SignedIn => Line::new().with(Style::Good, "signed in"),
        SessionState::Renewing => Line::new().with(Style::Good, "renewing"),
        SessionState::Offline => Line::new().with(Style::Warning, "offline, kept"),
        SessionState::Expired => Line::new().with(Style::Bad, "expired"),
        SessionState::SignInRequired => Line::new().with(Style::Bad, "sign-in required"),
    }
}

/// How long the access token is good.
pub(crate) fn validity(session: &Session, now: Timestamp) -> String {
    match session.expires_at {
        Some(end) if end > now => format!("{}, {}", left(end, now), until(end, now)),
        Some(end) => left(end, now),
        None => "the provider does not say".to_owned(),
    }
}

/// What happens at the end of it.
pub(crate) fn renewal(session: &Session, now: Timestamp) -> String {
    match (session.state, session.renews_at) {
        (SessionState::SignInRequired, _) => format!("no: `doorkey login {}` is needed", session.profile),
        (SessionState::Offline, Some(at)) => format!("tries again {}", within(at, now)),
        (_, Some(at)) => format!("by itself {}", within(at, now)),
        (_, None) if session.identified == Identified::Application => "whenever a token is wanted".to_owned(),
        (_, None) if session.renewable => "by itself, when it is asked for".to_owned(),
        (_, None) if session.scope.iter().any(|scope| scope == "offline_access") => {
            "no: the provider gave no refresh token".to_owned()
        }
        (_, None) => "no: the provider gave no refresh token; `offline_access` was not granted".to_owned(),
    }
}

/// When nothing can be renewed any more, where anybody says so.
pub(crate) fn end(session: &Session, now: Timestamp) -> Option<String> {
    let end = session.ends?;
    let (at, left) = (until(end.at, now), span(seconds_until(end.at, now).max(0)));
    Some(match end.kind {
        EndKind::Absolute => format!("{at} ({left}): sign in again before"),
        EndKind::Idle => format!("{at} ({left}), and longer with each renewal"),
    })
}

/// A session whole, as after a sign-in.
pub(crate) fn of_session(session: &Session, now: Timestamp) -> Facts {
    let refused = (!session.scope_refused.is_empty()).then(|| session.scope_refused.join(" "));
    let problem = session.problem.as_ref().map(|problem| Line::new().with(Style::Warning, &problem.message));
    Facts::default()
        .add("provider", session.issuer.as_str())
        .add("scopes", if session.scope.is_empty() { "none".to_owned() } else { session.scope.join(" ") })
        .maybe("refused", refused)
        .maybe("audience", session.audience.as_deref())
        .add("valid", validity(session, now))
        .add("renews", renewal(session, now))
        .maybe("renewable", end(session, now))
        .maybe("problem", problem)
}

/// A profile whole; what is as it is without saying is not said.
pub(crate) fn of_profile(view: &ProfileView) -> Facts {
    let profile = &view.profile;
    let list = |list: &[String]| (!list.is_empty()).then(|| list.join(" "));
    let params: Vec<String> = profile.params.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let facts = Facts::default()
        .add("issuer", profile.issuer.as_str())
        .maybe("product", profile.preset.as_deref())
        .add("client id", profile.client_id.as_str())
        .maybe("registered", view.registered.then_some("by Doorkey; the provider can be asked to forget it"))
        .maybe("secret", view.has_client_secret.then_some("in the vault"))
        .maybe("private key", view.has_client_key.then_some("in the vault"))
        .maybe("client auth", profile.client_auth.map(ClientAuth::as_str))
        .maybe("grant", (profile.grant != Grant::default()).then(|| profile.grant.as_str()))
        .add("scopes", list(&profile.scopes).unwrap_or_else(|| usual_scopes(profile).to_owned()))
        .maybe("audience", profile.audience.as_deref())
        .maybe("resources", list(&profile.resources));
    let facts = if profile.grant == Grant::AuthorizationCode { of_redirect(profile, facts) } else { facts };
    let facts = facts
        .maybe("parameters", list(&params))
        .maybe("push", (profile.push != Push::default()).then(|| profile.push.as_str()))
        .maybe("dpop", profile.dpop.then_some("tokens are bound to a key in the vault"))
        .maybe("tolerance", profile.clock_tolerance.map(|seconds| format!("clocks may differ by {seconds} s")));
    of_given(profile, facts)
}

fn usual_scopes(profile: &Profile) -> &'static str {
    if profile.account.is_some() || profile.grant == Grant::ClientCredentials {
        "none"
    } else {
        "openid profile email offline_access (the usual ones)"
    }
}

fn of_redirect(profile: &Profile, facts: Facts) -> Facts {
    let ports: Vec<String> = profile.ports.iter().map(ToString::to_string).collect();
    let mode = (profile.response_mode != ResponseMode::default()).then(|| profile.response_mode.as_str());
    facts
        .add("ports", if ports.is_empty() { "any free one".to_owned() } else { ports.join(" ") })
        .maybe("answer", mode)
        .maybe("signed out at", profile.post_logout_redirect_path.as_deref())
}

/// What was given by hand, because the provider does not say it.
fn of_given(profile: &Profile, facts: Facts) -> Facts {
    let endpoints = profile.endpoints.as_ref();
    let account = profile.account.as_ref();
    facts
        .maybe("authorize at", endpoints.map(|endpoints| endpoints.authorization_endpoint.as_str()))
        .maybe("tokens at", endpoints.map(|endpoints| endpoints.token_endpoint.as_str()))
        .maybe("revoke at", endpoints.and_then(|endpoints| endpoints.revocation_endpoint.as_deref()))
        .maybe("devices at", endpoints.and_then(|endpoints| endpoints.device_authorization_endpoint.as_deref()))
        .maybe("account at", account.map(|account| account.endpoint.as_str()))
}

/// What there is to say about a vault that cannot be used, or that forgets.
pub(crate) fn vault_trouble(vault: &VaultStatus) -> Option<String> {
    (vault.state != VaultState::Ready).then(|| format!("{} {}", vault.message, vault.hint).trim().to_owned())
}

/// "Did you mean" for the name of a profile.
pub(crate) fn meant(typed: &str, profiles: &[ProfileView]) -> Option<String> {
    closest(typed, profiles.iter().map(|view| view.profile.name.as_str())).map(|name| format!("Did you mean `{name}`?"))
}
