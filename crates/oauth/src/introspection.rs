//! Introspection (RFC 7662): asking the provider what a token is, for testing. Many providers answer resource
//! servers only, which is normal.

use serde_json::{Map, Value};

use crate::answer::{Request, Response, is_busy, is_web_page, redirect};
use crate::client::{ClientAuth, ClientError, ClientSettings};
use crate::form_post::form_post;
use crate::json::{Limits, read_answer, type_name};
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::text::Scrub;
use crate::token::error::told;
use crate::{Endpoint, Fault, RevocableToken};

const LIMITS: Limits = Limits { bytes: 512 * 1024, depth: 32 };

/// A token on its way to the introspection endpoint.
#[derive(Debug)]
pub struct Introspection {
    endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    token: RevocableToken,
}

/// What the provider says of a token.
#[derive(Clone, PartialEq)]
pub enum Introspected {
    /// It is good; its members, personal data among them.
    Active(Map<String, Value>),
    /// It is not, or not for this client; nothing else that is told counts (RFC 7662 section 2.2).
    Inactive,
}

impl std::fmt::Debug for Introspected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Active(members) => write!(f, "Active([redacted n={}])", members.len()),
            Self::Inactive => f.write_str("Inactive"),
        }
    }
}

impl Introspection {
    /// Prepares it.
    ///
    /// # Errors
    /// [`IntrospectionError::NotOffered`] where the provider has no such endpoint, or the client's settings.
    pub fn begin(
        metadata: &Metadata,
        client: &ClientSettings,
        token: RevocableToken,
    ) -> Result<Self, IntrospectionError> {
        let endpoint = metadata.introspection_endpoint.clone().ok_or(IntrospectionError::NotOffered)?;
        let auth = ClientAuth::choose(metadata, client)?;
        Ok(Self { endpoint, client: client.clone(), auth, token })
    }

    /// The request, as often as it takes.
    #[must_use]
    pub fn request(&self) -> Request {
        let (token, hint) = match &self.token {
            RevocableToken::Refresh(token) => (for_request(token), "refresh_token"),
            RevocableToken::Access(token) => (for_request(token), "access_token"),
        };
        let pairs = [("token".to_owned(), token), ("token_type_hint".to_owned(), hint.to_owned())];
        form_post(&self.endpoint, &self.client, &self.auth, &pairs, Unsealed::client(&self.client, &self.auth))
    }

    /// Reads the answer (INT-01).
    ///
    /// # Errors
    /// [`IntrospectionError`].
    pub fn finish(self, response: &Response) -> Result<Introspected, IntrospectionError> {
        let mut sent = Scrub::default();
        match &self.token {
            RevocableToken::Refresh(token) => sent.add(token),
            RevocableToken::Access(token) => sent.add(token),
        }
        if let Some(secret) = &self.client.client_secret {
            sent.add(secret);
        }
        if let Some(to) = redirect(response, &sent) {
            return Err(IntrospectionError::Redirected { to });
        }
        let bad = |problem: String| IntrospectionError::BadAnswer { problem };
        let document =
            if is_web_page(response) { Err(bad("it is a web page".to_owned())) } else { read(response.body(), &sent) };
        let status = response.status().as_u16();
        if status != 200 {
            let document = document.unwrap_or_default();
            let words = |name: &str, max| document.get(name).and_then(Value::as_str).map(|text| sent.clean(text, max));
            return Err(IntrospectionError::Refused {
                error: words("error", 80).unwrap_or_else(|| format!("HTTP {status}")),
                description: words("error_description", 300),
                for_now: is_busy(response),
            });
        }
        let document = document?;
        match document.get("active") {
            Some(Value::Bool(true)) => Ok(Introspected::Active(document)),
            Some(Value::Bool(false)) => Ok(Introspected::Inactive),
            other => Err(bad(format!("`active` must be true or false, got {}", other.map_or("nothing", type_name)))),
        }
    }
}

fn read(body: &[u8], sent: &Scrub) -> Result<Map<String, Value>, IntrospectionError> {
    let bad = |problem: String| IntrospectionError::BadAnswer { problem };
    match read_answer(body, LIMITS, sent) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(bad(format!("it is {} and not an object", type_name(&other)))),
        Err(fault) => Err(bad(fault.to_string())),
    }
}

/// Why nothing is known of a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntrospectionError {
    /// No endpoint for it.
    #[error("The provider offers no introspection.")]
    NotOffered,
    /// A setting of the client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// INT-01
    #[error("The provider refused to look at the token (`{error}`){}", told(description.as_deref()))]
    Refused {
        /// The error code, or the status where there is none.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// Not an answer that is read.
    #[error("The introspection endpoint's answer cannot be read: {problem}.")]
    BadAnswer {
        /// What is wrong with it.
        problem: String,
    },
    /// CORE-16; not followed.
    #[error("The introspection endpoint redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
}

impl Fault for IntrospectionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffered => "token.introspection_not_offered",
            Self::Client(error) => error.code(),
            Self::Refused { .. } => "token.introspection_refused",
            Self::BadAnswer { .. } => "token.introspection_bad_answer",
            Self::Redirected { .. } => "net.unexpected_redirect",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Client(error) => error.hint(),
            Self::Refused { for_now: true, .. } => "Try again in a while.".to_owned(),
            Self::NotOffered | Self::Refused { .. } => {
                "Most providers let only confidential clients and APIs introspect; the token works all the same."
                    .to_owned()
            }
            Self::BadAnswer { .. } | Self::Redirected { .. } => {
                "The provider must correct its introspection endpoint.".to_owned()
            }
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Refused { for_now: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::test_provider::{answer, client, json_answer, metadata};
    use crate::{AccessToken, RefreshToken};

    fn introspection(token: RevocableToken) -> Introspection {
        let metadata = metadata(|d| drop(d.insert("introspection_endpoint".into(), "https://op.example/look".into())));
        Introspection::begin(&metadata, &client(), token).expect("offered")
    }

    fn access() -> Introspection {
        introspection(RevocableToken::Access(AccessToken::new("CANARY_AT".into())))
    }

    #[test]
    fn the_request_names_the_token_and_its_kind() {
        // INT-01
        let request = introspection(RevocableToken::Refresh(RefreshToken::new("rt".into()))).request();
        assert_eq!(request.uri().to_string(), "https://op.example/look");
        let body = String::from_utf8(request.into_body()).expect("text");
        assert_eq!(body, "token=rt&token_type_hint=refresh_token&client_id=client-1");
    }

    #[test]
    fn only_a_clear_answer_counts() {
        // INT-01: RFC 7662 section 2.2
        let active = access().finish(&json_answer(200, &json!({"active": true, "sub": "u"}))).expect("good");
        assert!(matches!(&active, Introspected::Active(members) if members["sub"] == "u"));
        assert!(!format!("{active:?}").contains("sub"));
        let inactive = access().finish(&json_answer(200, &json!({"active": false, "sub": "u"})));
        assert_eq!(inactive, Ok(Introspected::Inactive), "the rest tells nothing");
        for (response, code) in [
            (json_answer(200, &json!({"sub": "u"})), "token.introspection_bad_answer"),
            (json_answer(200, &json!({"active": "true"})), "token.introspection_bad_answer"),
            (json_answer(200, &json!([])), "token.introspection_bad_answer"),
            (answer(200, "text/html", "<html>"), "token.introspection_bad_answer"),
            (json_answer(401, &json!({"error": "invalid_client"})), "token.introspection_refused"),
            (answer(503, "text/html", "<html>"), "token.introspection_refused"),
            (answer(302, "text/html", ""), "net.unexpected_redirect"),
        ] {
            let error = access().finish(&response).expect_err("refused");
            assert_eq!(error.code(), code);
            assert_eq!(error.retryable(), response.status() == 503);
        }
    }

    #[test]
    fn what_was_sent_does_not_come_back() {
        // HP-TK-06
        let body = json!({"error": "odd", "error_description": "CANARY_AT is odd"});
        let error = access().finish(&json_answer(400, &body)).expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        let none =
            Introspection::begin(&metadata(|_| {}), &client(), RevocableToken::Access(AccessToken::new("x".into())));
        assert_eq!(none.map(drop), Err(IntrospectionError::NotOffered));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in "[ -~]{0,80}", status in 100_u16..600) {
            let _ = access().finish(&answer(status, "application/json", body));
        }
    }
}
