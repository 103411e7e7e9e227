//! The client credentials grant (RFC 6749 section 4.4): tokens for the application itself, nobody signs in.
//! Renewed by asking again.

use crate::Endpoint;
use crate::answer::{Request, Response};
use crate::asked::Asked;
use crate::client::{ClientAuth, ClientError, ClientSettings};
use crate::form_post::form_post;
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::text::Scrub;
use crate::token::{Allowed, TokenError, Tokens, read_tokens};

/// A request for a token of the application's own.
#[derive(Debug)]
pub struct ClientCredentials {
    endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    asked: Asked,
}

impl ClientCredentials {
    /// Prepares it: with the client's scopes, audience, resources and, at Auth0, `organization`.
    ///
    /// # Errors
    /// [`ClientError`], also where the client cannot authenticate: anybody could have its tokens otherwise.
    pub fn begin(metadata: &Metadata, client: &ClientSettings) -> Result<Self, ClientError> {
        client.check()?;
        let auth = ClientAuth::choose(metadata, client)?;
        if auth == ClientAuth::Public {
            return Err(ClientError::CredentialMissing {
                method: "client_credentials",
                what: "a client secret or a private key",
            });
        }
        // Nobody signs in, so these mean nothing, and some providers refuse them.
        let scopes = client.scopes.iter().filter(|scope| !matches!(scope.as_str(), "openid" | "offline_access"));
        let client = ClientSettings { scopes: scopes.cloned().collect(), ..client.clone() };
        let asked = Asked::of(&client, &params(&client))?;
        Ok(Self { endpoint: metadata.token_endpoint.clone(), client, auth, asked })
    }

    /// The request, as often as it takes: asking twice does no harm.
    #[must_use]
    pub fn request(&self) -> Request {
        let named = |name: &str, value: String| (name.to_owned(), value);
        let mut pairs =
            vec![named("grant_type", "client_credentials".to_owned()), named("scope", self.asked.scopes.join(" "))];
        pairs.extend(params(&self.client));
        pairs.retain(|(_, value)| !value.is_empty());
        let needs = Unsealed::for_tokens(&self.client, &self.auth);
        form_post(&self.endpoint, &self.client, &self.auth, &pairs, needs)
    }

    /// What is asked: see [`check_granted`](crate::check_granted).
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Reads the answer. A refresh token in it is left out (RFC 6749 section 4.4.3).
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn finish(self, response: &Response) -> Result<Tokens, TokenError> {
        let mut sent = Scrub::default();
        if let Some(secret) = &self.client.client_secret {
            sent.add(secret);
        }
        let tokens = read_tokens(response, &sent, Allowed::by(&self.client))?;
        Ok(Tokens { refresh_token: None, ..tokens })
    }
}

fn params(client: &ClientSettings) -> Vec<(String, String)> {
    let audience = client.audience.iter().map(|audience| ("audience".to_owned(), audience.clone()));
    let resources = client.resources.iter().map(|resource| ("resource".to_owned(), resource.clone()));
    // Of the authorization request's parameters the only ones that mean something here.
    let named =
        client.params.iter().filter(|(name, _)| matches!(name.as_str(), "organization" | "authorization_details"));
    audience.chain(resources).chain(named.cloned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::test_provider::{client, json_answer, metadata};
    use crate::{ClientSecret, Fault};

    fn settings() -> ClientSettings {
        ClientSettings {
            client_secret: Some(ClientSecret::new("CANARY_SECRET".into())),
            audience: Some("https://api.example/".into()),
            params: vec![("organization".into(), "org_1".into()), ("prompt".into(), "login".into())],
            scopes: ["openid", "read", "offline_access"].map(str::to_owned).to_vec(),
            ..client()
        }
    }

    #[test]
    fn the_application_asks_for_itself() {
        let grant = ClientCredentials::begin(&metadata(|_| {}), &settings()).expect("begins");
        let request = grant.request();
        let mut form: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        form.sort();
        let wanted = [
            ("audience", "https://api.example/"),
            ("grant_type", "client_credentials"),
            ("organization", "org_1"),
            ("scope", "read"),
        ];
        assert_eq!(form, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(request.headers().contains_key("authorization"));
        assert_eq!(grant.asked().organization.as_deref(), Some("org_1"));
    }

    #[test]
    fn a_client_that_cannot_authenticate_gets_none() {
        // NAT-09
        let public = ClientSettings { client_secret: None, ..settings() };
        let error = ClientCredentials::begin(&metadata(|_| {}), &public).expect_err("refused");
        assert_eq!(error.code(), "config.credential_missing");
    }

    #[test]
    fn there_is_nothing_to_renew_with() {
        let grant = || ClientCredentials::begin(&metadata(|_| {}), &settings()).expect("begins");
        let body = json!({"access_token": "at", "token_type": "Bearer", "refresh_token": "rt", "expires_in": 60});
        let tokens = grant().finish(&json_answer(200, &body)).expect("good");
        assert!(tokens.refresh_token.is_none() && tokens.expires_in == Some(60));
        let body = json!({"error": "invalid_client", "error_description": "CANARY_SECRET"});
        let error = grant().finish(&json_answer(401, &body)).expect_err("refused");
        assert_eq!(error.code(), "token.client_rejected");
        assert!(!format!("{error:?}").contains("CANARY"));
    }
}
