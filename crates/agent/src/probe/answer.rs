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

    pub(super) fn scope(&self) -> Option<Vec<String>> {
        self.text("scope").map(|scope| scope.split(' ').map(str::to_owned).collect())
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
    pub(super) fn is_about_client(&self) -> bool {
        !self.gave_tokens() && (self.status == 401 || self.text("error") == Some("invalid_client"))
    }

    /// Whether it is a refusal of the request, and not of the moment.
    pub(super) fn is_refusal(&self) -> bool {
        const OF_THE_MOMENT: [&str; 3] = ["server_error", "temporarily_unavailable", "slow_down"];
        let has_reason = self.text("error").is_some_and(|error| !OF_THE_MOMENT.contains(&error));
        !self.gave_tokens() && has_reason && (400..500).contains(&self.status) && self.status != 429
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}
