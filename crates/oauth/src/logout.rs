//! Ending the browser's session with the provider (OpenID Connect RP-Initiated Logout).

use url::Url;

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

/// Why there is no address to open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndSessionError {
    /// LOGO-03
    #[error("The provider offers no way to end the browser's session.")]
    NotOffered,
}

impl Fault for EndSessionError {
    fn code(&self) -> &'static str {
        "config.end_session_not_offered"
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
}
