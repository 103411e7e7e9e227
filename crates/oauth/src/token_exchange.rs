//! Token exchange (RFC 8693): one token for another, such as one for another API, or the upstream identity
//! provider's own (Auth0's federated connection access token).

use crate::answer::{Request, Response};
use crate::client::{ClientAuth, ClientError, ClientSettings};
use crate::form_post::form_post;
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::text::{Scrub, clean};
use crate::token::{Allowed, TokenError, Tokens, read_exchanged};
use crate::{AccessToken, Endpoint, IdTokenText, RefreshToken, Target};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const AUTH0_GRANT: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const AUTH0_TOKEN: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";

/// A token that is shown to get another.
#[derive(Clone, Debug)]
pub enum SubjectToken {
    /// `urn:ietf:params:oauth:token-type:access_token`
    Access(AccessToken),
    /// `urn:ietf:params:oauth:token-type:refresh_token`
    Refresh(RefreshToken),
    /// `urn:ietf:params:oauth:token-type:id_token`
    Id(IdTokenText),
}

impl SubjectToken {
    /// RFC 8693 section 3.
    fn type_name(&self) -> &'static str {
        match self {
            Self::Access(_) => "urn:ietf:params:oauth:token-type:access_token",
            Self::Refresh(_) => "urn:ietf:params:oauth:token-type:refresh_token",
            Self::Id(_) => "urn:ietf:params:oauth:token-type:id_token",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Access(token) => for_request(token),
            Self::Refresh(token) => for_request(token),
            Self::Id(token) => for_request(token),
        }
    }

    fn keep_out_of(&self, sent: &mut Scrub) {
        match self {
            Self::Access(token) => sent.add(token),
            Self::Refresh(token) => sent.add(token),
            Self::Id(token) => sent.add(token),
        }
    }
}

/// What is wanted for a token (RFC 8693 section 2.1).
#[derive(Clone, Debug)]
pub struct ExchangeFor {
    /// Whom the new token is for.
    pub subject: SubjectToken,
    /// Who acts for them.
    pub actor: Option<SubjectToken>,
    /// A URI; an access token when it is not told.
    pub requested_token_type: Option<String>,
    /// The API.
    pub target: Target,
    /// To ask for.
    pub scopes: Vec<String>,
}

impl ExchangeFor {
    /// The subject's token for another one, with nothing else said.
    #[must_use]
    pub fn new(subject: SubjectToken) -> Self {
        Self { subject, actor: None, requested_token_type: None, target: Target::default(), scopes: Vec::new() }
    }
}

/// A token on its way to be exchanged.
#[derive(Debug)]
pub struct TokenExchange {
    endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    grant: &'static str,
    what: ExchangeFor,
    further: Vec<(String, String)>,
}

/// What was given for a token.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// The new token stands in `access_token`, whatever its kind (RFC 8693 section 2.2.1).
    pub tokens: Tokens,
    /// A URI that names its kind, cleaned; nothing when it was not told.
    pub issued_token_type: Option<String>,
}

impl TokenExchange {
    /// Prepares an exchange.
    ///
    /// # Errors
    /// [`ClientError`] names the setting that stands in the way.
    pub fn begin(metadata: &Metadata, client: &ClientSettings, what: ExchangeFor) -> Result<Self, ClientError> {
        Self::of(metadata, client, GRANT, what, Vec::new())
    }

    /// The upstream identity provider's own access token, where the provider hands it out: Auth0's federated
    /// connection access token. `connection` is its name there; its scopes are those the person agreed to.
    ///
    /// # Errors
    /// [`ClientError`] names the setting that stands in the way.
    pub fn of_connection(
        metadata: &Metadata,
        client: &ClientSettings,
        subject: SubjectToken,
        connection: &str,
        login_hint: Option<&str>,
    ) -> Result<Self, ClientError> {
        let what = ExchangeFor { requested_token_type: Some(AUTH0_TOKEN.to_owned()), ..ExchangeFor::new(subject) };
        let mut further = vec![("connection".to_owned(), connection.to_owned())];
        further.extend(login_hint.map(|hint| ("login_hint".to_owned(), hint.to_owned())));
        Self::of(metadata, client, AUTH0_GRANT, what, further)
    }

    fn of(
        metadata: &Metadata,
        client: &ClientSettings,
        grant: &'static str,
        what: ExchangeFor,
        further: Vec<(String, String)>,
    ) -> Result<Self, ClientError> {
        // Another API than the sign-in's is the point of it, so only the form of its name is looked at.
        let Target { resources, audience } = what.target.clone();
        ClientSettings { scopes: what.scopes.clone(), resources, audience, ..client.clone() }.check()?;
        let auth = ClientAuth::choose(metadata, client)?;
        Ok(Self { endpoint: metadata.token_endpoint.clone(), client: client.clone(), auth, grant, what, further })
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> Request {
        let named = |name: &str, value: String| (name.to_owned(), value);
        let ExchangeFor { subject, actor, requested_token_type, target, scopes } = &self.what;
        let mut pairs = vec![
            named("grant_type", self.grant.to_owned()),
            named("subject_token", subject.text()),
            named("subject_token_type", subject.type_name().to_owned()),
        ];
        if let Some(actor) = actor {
            pairs.push(named("actor_token", actor.text()));
            pairs.push(named("actor_token_type", actor.type_name().to_owned()));
        }
        pairs.extend(requested_token_type.iter().map(|kind| named("requested_token_type", kind.clone())));
        pairs.extend(Target::params(Some(target), &self.client));
        if !scopes.is_empty() {
            pairs.push(named("scope", scopes.join(" ")));
        }
        pairs.extend(self.further.iter().cloned());
        let needs = Unsealed::for_tokens(&self.client, &self.auth);
        form_post(&self.endpoint, &self.client, &self.auth, &pairs, needs)
    }

    /// Reads the answer. The new token may be bound to the client's key or not: it may be somebody else's.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn finish(self, response: &Response) -> Result<Exchanged, TokenError> {
        let mut sent = Scrub::default();
        self.what.subject.keep_out_of(&mut sent);
        if let Some(actor) = &self.what.actor {
            actor.keep_out_of(&mut sent);
        }
        if let Some(secret) = &self.client.client_secret {
            sent.add(secret);
        }
        let (tokens, issued) = read_exchanged(response, &sent, Allowed::exchanged(&self.client))?;
        Ok(Exchanged { tokens, issued_token_type: issued.map(|issued| clean(&issued, 200)) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::test_provider::{client, json_answer, metadata};
    use crate::{DpopKey, Fault, TokenType};

    fn subject() -> SubjectToken {
        SubjectToken::Refresh(RefreshToken::new("CANARY_RT".into()))
    }

    fn form(request: &Request) -> Vec<(String, String)> {
        let mut form: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        form.sort();
        form
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    #[test]
    fn one_token_is_shown_for_another() {
        // RFC 8693 section 2.1
        let what = ExchangeFor {
            actor: Some(SubjectToken::Access(AccessToken::new("actor".into()))),
            target: Target { resources: vec!["https://b.example/".into()], audience: Some("b".into()) },
            scopes: vec!["read".into()],
            ..ExchangeFor::new(SubjectToken::Id(IdTokenText::new("a.b.c".into())))
        };
        let exchange = TokenExchange::begin(&metadata(|_| {}), &client(), what).expect("begins");
        assert_eq!(
            form(&exchange.request()),
            pairs([
                ("actor_token", "actor"),
                ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                ("audience", "b"),
                ("client_id", "client-1"),
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("resource", "https://b.example/"),
                ("scope", "read"),
                ("subject_token", "a.b.c"),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
            ])
        );
    }

    #[test]
    fn a_connections_own_token_is_asked_for_as_auth0_wants_it() {
        let exchange =
            TokenExchange::of_connection(&metadata(|_| {}), &client(), subject(), "google-oauth2", Some("ada"));
        assert_eq!(
            form(&exchange.expect("begins").request()),
            pairs([
                ("client_id", "client-1"),
                ("connection", "google-oauth2"),
                ("grant_type", AUTH0_GRANT),
                ("login_hint", "ada"),
                ("requested_token_type", AUTH0_TOKEN),
                ("subject_token", "CANARY_RT"),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
            ])
        );
    }

    #[test]
    fn any_kind_of_token_may_come() {
        // RFC 8693 section 2.2.1
        let finish = |settings: ClientSettings, token_type: &str| {
            let body = json!({"access_token": "t", "token_type": token_type,
                "issued_token_type": "urn:ietf:params:oauth:token-type:jwt"});
            let exchange = TokenExchange::begin(&metadata(|_| {}), &settings, ExchangeFor::new(subject()));
            exchange.expect("begins").finish(&json_answer(200, &body)).map_err(|error| error.code())
        };
        let exchanged = finish(client(), "N_A").expect("good");
        assert_eq!(exchanged.tokens.token_type, TokenType::NotApplicable);
        assert_eq!(exchanged.issued_token_type.as_deref(), Some("urn:ietf:params:oauth:token-type:jwt"));
        let bound = ClientSettings { dpop: DpopKey::of_random([7; 32]), ..client() };
        assert_eq!(finish(bound.clone(), "Bearer").expect("of another").tokens.token_type, TokenType::Bearer);
        assert_eq!(finish(bound, "DPoP").expect("bound").tokens.token_type, TokenType::Dpop);
        assert_eq!(finish(client(), "DPoP").expect_err("nobody could use it"), "token.unsupported_type");
    }

    #[test]
    fn what_was_shown_does_not_come_back_in_a_sentence() {
        // HP-TK-06
        let exchange = TokenExchange::begin(&metadata(|_| {}), &client(), ExchangeFor::new(subject())).expect("begins");
        let body = json!({"error": "invalid_target", "error_description": "not with CANARY_RT"});
        let error = exchange.finish(&json_answer(400, &body)).expect_err("refused");
        assert_eq!(error.code(), "token.invalid_target");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
    }
}
