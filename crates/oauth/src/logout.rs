//! Ending the browser's session with the provider (OpenID Connect RP-Initiated Logout).

use url::Url;

use crate::issuer::Issuer;
use crate::metadata::Metadata;
use crate::secret::for_request;
use crate::{Fault, IdTokenText, State};

/// What a logout request carries beside the client id.
#[derive(Debug, Default)]
pub struct EndSession {
    /// Names the session to the provider. It ends up in the browser's history: leave it out where that matters
    /// (LOGO-04). An expired one is good.
    pub id_token_hint: Option<IdTokenText>,
    /// Where the browser comes back to; must be registered.
    pub post_logout_redirect_uri: Option<Url>,
    /// Comes back with the browser.
    pub state: Option<State>,
}

/// The address to open. With an ID token in it, it is as secret as that.
///
/// # Errors
/// [`EndSessionError::NotOffered`] where the provider has no such endpoint.
pub fn end_session_url(metadata: &Metadata, client_id: &str, with: &EndSession) -> Result<Url, EndSessionError> {
    let endpoint = metadata.end_session_endpoint.as_ref().ok_or(EndSessionError::NotOffered)?;
    let mut url = endpoint.url().clone();
    let mut pairs = url.query_pairs_mut();
    pairs.append_pair("client_id", client_id);
    if let Some(hint) = &with.id_token_hint {
        pairs.append_pair("id_token_hint", &for_request(hint));
    }
    if let Some(redirect) = &with.post_logout_redirect_uri {
        pairs.append_pair("post_logout_redirect_uri", redirect.as_str());
        if let Some(state) = &with.state {
            pairs.append_pair("state", &for_request(state));
        }
    }
    drop(pairs);
    Ok(url)
}

/// Auth0's older address for the same, for tenants that do not publish an `end_session_endpoint` (LOGO-03): to be
/// used after [`EndSessionError::NotOffered`], where the provider is known to be Auth0 (a custom domain does not
/// show it). The path is case-sensitive; where the browser comes back to must be listed at the application, and
/// nothing comes back with it that could be compared.
///
/// # Errors
/// [`EndSessionError::NotAuth0`] where the issuer is not a bare domain, as Auth0's all are.
pub fn auth0_logout_url(issuer: &Issuer, client_id: &str, return_to: Option<&Url>) -> Result<Url, EndSessionError> {
    let mut url = issuer.url().clone();
    if !matches!(url.path(), "" | "/") {
        return Err(EndSessionError::NotAuth0);
    }
    url.set_path("/v2/logout");
    let mut pairs = url.query_pairs_mut();
    pairs.append_pair("client_id", client_id);
    if let Some(return_to) = return_to {
        pairs.append_pair("returnTo", return_to.as_str());
    }
    drop(pairs);
    Ok(url)
}

/// Why there is no address to open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndSessionError {
    /// LOGO-03
    #[error("The provider offers no way to end the browser's session.")]
    NotOffered,
    /// It has a path of its own.
    #[error("The provider is not Auth0: its issuer is more than a domain.")]
    NotAuth0,
}

impl Fault for EndSessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffered | Self::NotAuth0 => "config.end_session_not_offered",
        }
    }

    fn hint(&self) -> String {
        "Sign out on the provider's own page in the browser.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_provider::metadata;

    #[test]
    fn the_address_carries_what_was_given() {
        // LOGO-01
        let with = EndSession {
            id_token_hint: Some(IdTokenText::new("a.b.c".into())),
            post_logout_redirect_uri: Some(Url::parse("http://127.0.0.1:9/out").expect("a URL")),
            state: Some(State::new("s t".into())),
        };
        let url = end_session_url(&metadata(|_| {}), "client", &with).expect("offered");
        assert_eq!(
            url.as_str(),
            "https://op.example/logout?client_id=client&id_token_hint=a.b.c\
             &post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fout&state=s+t"
        );
    }

    #[test]
    fn a_state_goes_only_where_it_can_come_back_from() {
        let with = EndSession { state: Some(State::new("s".into())), ..EndSession::default() };
        let url = end_session_url(&metadata(|_| {}), "client", &with).expect("offered");
        assert_eq!(url.as_str(), "https://op.example/logout?client_id=client");
    }

    #[test]
    fn a_provider_without_it_is_named() {
        // LOGO-03
        let without = metadata(|document| {
            document.remove("end_session_endpoint");
        });
        let error = end_session_url(&without, "client", &EndSession::default()).expect_err("not offered");
        assert_eq!(error.code(), "config.end_session_not_offered");
    }

    #[test]
    fn auth0s_older_address_serves_where_none_is_published() {
        // LOGO-03
        let issuer = Issuer::parse("https://tenant.eu.auth0.com/").expect("an issuer");
        let back = Url::parse("http://127.0.0.1:9/out").expect("a URL");
        assert_eq!(
            auth0_logout_url(&issuer, "my client", Some(&back)).expect("Auth0").as_str(),
            "https://tenant.eu.auth0.com/v2/logout?client_id=my+client&returnTo=http%3A%2F%2F127.0.0.1%3A9%2Fout"
        );
        let bare = Issuer::parse("https://login.example.com").expect("an issuer");
        let url = auth0_logout_url(&bare, "c", None).expect("a custom domain");
        assert_eq!(url.as_str(), "https://login.example.com/v2/logout?client_id=c");
        let keycloak = Issuer::parse("https://kc.example/realms/a").expect("an issuer");
        assert_eq!(auth0_logout_url(&keycloak, "c", None), Err(EndSessionError::NotAuth0));
    }
}
