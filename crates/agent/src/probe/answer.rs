//! What the token endpoint answered to a probe.

use doorkey_oauth::{AccessToken, IdTokenText, RefreshToken, clean};
use http::header::CACHE_CONTROL;
use serde_json::{Map, Value};

use crate::http::Answer;

/// Status, headers and members. It may hold tokens, so it has no `Debug`.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) cache_control: String,
    members: Map<String, Value>,
}

impl Answered {
    pub(super) fn of(answer: &Answer) -> Self {
        let members = match serde_json::from_slice(answer.response.body()) {
            Ok(Value::Object(members)) => members,
            Ok(_) | Err(_) => Map::new(),
        };
        let cache_control = answer.response.headers().get_all(CACHE_CONTROL).iter();
        let cache_control: Vec<_> = cache_control.filter_map(|value| value.to_str().ok()).collect();
        Self {
            status: answer.response.status().as_u16(),
            cache_control: clean(&cache_control.join(", "), 100),
            members,
        }
    }

    /// Whether it gave tokens, whatever its status says.
    pub(super) fn gave_tokens(&self) -> bool {
        self.access_token().is_some()
    }

    pub(super) fn access_token(&self) -> Option<AccessToken> {
        self.text("access_token").map(|text| AccessToken::new(text.to_owned()))
    }

    pub(super) fn refresh_token(&self) -> Option<RefreshToken> {
        self.text("refresh_token").map(|text| RefreshToken::new(text.to_owned()))
    }

    pub(super) fn id_token(&self) -> Option<IdTokenText> {
        self.text("id_token").map(|text| IdTokenText::new(text.to_owned()))
    }

    /// RFC 9126 section 2.2.
    pub(super) fn request_uri(&self) -> Option<String> {
        self.text("request_uri").map(str::to_owned)
    }

    pub(super) fn scope(&self) -> Option<Vec<String>> {
        self.text("scope").map(|scope| scope.split(' ').map(str::to_owned).collect())
    }

    /// Its error code.
    pub(super) fn error(&self) -> String {
        clean(self.text("error").unwrap_or_default(), 60)
    }

    /// In a few words, without anything of a token.
    pub(super) fn said(&self) -> String {
        if self.gave_tokens() {
            return format!("tokens (HTTP {})", self.status);
        }
        match self.text("error") {
            Some(error) => format!("`{}` (HTTP {})", clean(error, 60), self.status),
            None => format!("HTTP {} without an error code", self.status),
        }
    }

    /// Whether the client itself was refused (RFC 6749 section 5.2), and so nothing else was looked at.
    pub(super) fn refuses_client(&self) -> bool {
        let is_about_client = matches!(self.text("error"), Some("invalid_client" | "unauthorized_client"));
        !self.gave_tokens() && (is_about_client || (self.status == 401 && self.text("error").is_none()))
    }

    /// Whether it refuses the request itself: not the moment, not the client, and not the proof of a key.
    pub(super) fn is_refusal(&self) -> bool {
        const OF_OTHER_THINGS: [&str; 9] = [
            "server_error",
            "temporarily_unavailable",
            "slow_down",
            "authorization_pending",
            "unsupported_grant_type",
            "use_dpop_nonce",
            "invalid_dpop_proof",
            "too_many_requests",
            "too_many_attempts",
        ];
        let has_reason = self.text("error").is_some_and(|error| !OF_OTHER_THINGS.contains(&error));
        !self.gave_tokens() && has_reason && matches!(self.status, 400 | 401 | 403) && !self.refuses_client()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_no_answer_to_the_request_is_no_refusal_of_it() {
        let cases = [
            (400, r#"{"error":"invalid_grant"}"#, true),
            (403, r#"{"error":"invalid_grant"}"#, true),
            (400, r#"{"error":"something_of_its_own"}"#, true),
            (401, r#"{"error":"invalid_client"}"#, false),
            (400, r#"{"error":"unauthorized_client"}"#, false),
            (400, r#"{"error":"temporarily_unavailable"}"#, false),
            (400, r#"{"error":"invalid_dpop_proof"}"#, false),
            (404, r#"{"error":"not_found"}"#, false),
            (429, r#"{"error":"invalid_grant"}"#, false),
            (500, r#"{"error":"invalid_grant"}"#, false),
            (200, r#"{"error":"invalid_grant"}"#, false),
            (403, "<html>a firewall</html>", false),
            (400, r#"{"error":"invalid_grant","access_token":"CANARY"}"#, false),
        ];
        for (status, body, is_refusal) in cases {
            let mut response = http::Response::new(body.as_bytes().to_vec());
            *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
            let answered = Answered::of(&Answer { response, took: Duration::ZERO });
            assert_eq!(answered.is_refusal(), is_refusal, "{status} {body}");
        }
    }
}
