use serde::{Deserialize, Serialize};

use super::ConsentWanted;

/// A refusal: what failed, why, who must act and the next step. The only shape of error that leaves the
/// agent; readers branch on `code`, never on text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Refusal {
    /// Stable and dotted, such as `idtoken.nonce_mismatch`.
    pub code: String,
    /// One plain sentence.
    pub message: String,
    /// The next step; empty where there is none.
    #[serde(default)]
    pub hint: String,
    /// Whether the same call may succeed later without a change of settings.
    pub retryable: bool,
    /// The profile it is about.
    #[serde(default)]
    pub profile: Option<String>,
    /// A change that one click can make.
    #[serde(default)]
    pub fix: Option<Fix>,
}

/// A change that would mend a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Fix {
    /// The provider calls itself this: use it as the issuer.
    UseIssuer {
        /// Byte for byte as the provider has it.
        issuer: String,
    },
    /// A person says whether the program may have what it wants: `POST /v1/consents`.
    Consent {
        /// What would be asked.
        wanted: Box<ConsentWanted>,
    },
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// Why.
    pub error: Refusal,
}

impl Refusal {
    /// A refusal that another try will not change by itself.
    pub fn new(code: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hint: hint.into(),
            retryable: false,
            profile: None,
            fix: None,
        }
    }

    /// The same, when it may pass by itself.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The same, about this profile.
    #[must_use]
    pub fn about(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The same, with a change that would mend it.
    #[must_use]
    pub fn fixed_by(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The process exit code that belongs to the family of `code` (sysexits numbers, see `docs/errors.md`).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let (family, rest) = self.code.split_once('.').unwrap_or((&self.code, ""));
        match (family, rest) {
            ("user", _) => 130,
            ("usage", _) | ("helper", "bad_value" | "not_understood") => 64,
            ("config", _) => 78,
            // As shells have it.
            ("exec", "not_found") => 127,
            ("exec", "not_started") => 126,
            ("exec" | "helper", _) => 78,
            ("test", "no_browser" | "command") => 69,
            ("test", "no_secret") => 78,
            ("test", _) => 65,
            ("output", _) => 74,
            ("desktop" | "demo", _) | ("login", "unknown" | "no_address") => 69,
            ("discovery", "unavailable") | ("browser" | "broker", _)
                if rest != "denied" && !rest.starts_with("consent") =>
            {
                69
            }
            ("callback", "access_denied") | ("broker", _) => 77,
            ("device", "access_denied") => 77,
            ("registration", "not_offered" | "unknown" | "exists" | "has_credentials" | "no_person") => 78,
            (
                "callback" | "device" | "par" | "dpop" | "discovery" | "token" | "idtoken" | "jwks" | "userinfo"
                | "registration" | "evidence",
                _,
            ) => 65,
            ("listener", _) => 71,
            ("login", "already_running" | "not_waiting" | "not_paused" | "pause_timeout") | ("net", _) => 75,
            ("refresh", "later") => 75,
            ("session" | "refresh", _) => 77,
            ("store", "locked" | "denied" | "wrong_passphrase" | "no_passphrase") => 77,
            ("store", "lock_busy") => 75,
            ("store", _) => 74,
            _ => 70,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_exit_code() {
        for (code, exit) in [
            ("user.cancelled", 130),
            ("config.parse", 78),
            ("discovery.issuer_mismatch", 65),
            ("callback.access_denied", 77),
            ("callback.timeout", 65),
            ("registration.refused", 65),
            ("registration.not_offered", 78),
            ("callback.paste_other_sign_in", 65),
            ("device.access_denied", 77),
            ("device.expired", 65),
            ("par.failed", 65),
            ("dpop.nonce_loop", 65),
            ("login.unknown", 69),
            ("login.pause_timeout", 75),
            ("exec.not_found", 127),
            ("helper.bad_value", 64),
            ("helper.not_https", 78),
            ("exec.not_started", 126),
            ("exec.not_bearer", 78),
            ("test.no_browser", 69),
            ("test.no_secret", 78),
            ("test.page", 65),
            ("output.not_written", 74),
            ("listener.no_port", 71),
            ("browser.cannot_open", 69),
            ("broker.unavailable", 69),
            ("broker.denied", 77),
            ("broker.consent_required", 77),
            ("broker.consent_timeout", 77),
            ("idtoken.nonce_mismatch", 65),
            ("dpop.clock", 65),
            ("dpop.nonce_loop", 65),
            ("refresh.session_ended", 77),
            ("refresh.later", 75),
            ("session.sign_in_required", 77),
            ("store.locked", 77),
            ("store.wrong_passphrase", 77),
            ("store.damaged", 74),
            ("net.dns", 75),
            ("bug.unexpected", 70),
        ] {
            assert_eq!(Refusal::new(code, "", "").exit_code(), exit, "{code}");
        }
    }
}
