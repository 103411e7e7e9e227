//! What a provider can, standard by standard, and what is made of it; and whether a profile fits it.

mod fit;
#[cfg(test)]
mod tests;

use doorkey_client::words::{Ability, Verdict};
use doorkey_oauth::{ClockSkew, Metadata};
use serde_json::Value;
use url::Url;

use crate::preset::Preset;

pub(crate) use self::fit::{Held, fit};

/// What there is to know about a provider when it has been looked at.
pub(crate) struct Looked<'a> {
    pub(crate) metadata: &'a Metadata,
    /// Where its description was; nothing where its endpoints were given.
    pub(crate) at: Option<&'a Url>,
    pub(crate) skew: Option<ClockSkew>,
    pub(crate) preset: Option<&'static Preset>,
}

/// The proofs made here (RFC 9449 section 5.1).
const DPOP_ALG: &str = "ES256";
const AUTH_METHODS: [&str; 4] = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

impl Looked<'_> {
    /// Line by line, in the order in which a sign-in meets them.
    pub(crate) fn abilities(&self) -> Vec<Ability> {
        vec![
            self.tls(),
            self.discovery(),
            self.clock(),
            self.pkce(),
            self.iss(),
            self.response_modes(),
            self.pushed(),
            self.redirects(),
            self.client_auth(),
            self.dpop(),
            self.id_token(),
            self.userinfo(),
            self.scopes(),
            self.device_grant(),
            self.token_exchange(),
            self.revocation(),
            self.introspection(),
            self.end_session(),
            self.registration(),
        ]
    }

    fn tls(&self) -> Ability {
        let line = |found, used, verdict| ability("tls", "RFC 8446", found, used, verdict);
        if self.metadata.issuer.is_loopback() {
            return line("http on this computer", "no TLS is needed there", Verdict::Open);
        }
        match self.at {
            Some(_) => line("https, certificate accepted", "this system's certificates decide", Verdict::Used),
            None => line("https, not asked now", "this system's certificates decide", Verdict::Open),
        }
    }

    fn discovery(&self) -> Ability {
        let Some(at) = self.at else {
            return ability(
                "discovery",
                "RFC 8414",
                "endpoints given beforehand",
                "nothing is asked for",
                Verdict::Used,
            );
        };
        let openid = at.path().ends_with("/openid-configuration");
        let standard = if openid { "OpenID Connect Discovery" } else { "RFC 8414" };
        ability("discovery", standard, at.path(), "read at each sign-in", Verdict::Used)
    }

    fn clock(&self) -> Ability {
        let line = |found: &str, used, verdict| ability("clock", "RFC 9110", found, used, verdict);
        match self.skew {
            None => line("the answer has no date", "cannot be compared", Verdict::Open),
            Some(skew) if skew.is_notable() => {
                let found = format!("this computer's is {skew}");
                line(&found, "set it right, or tokens look too old or too new", Verdict::Look)
            }
            Some(skew) => line(&format!("this computer's is {skew}"), "good enough", Verdict::Used),
        }
    }

    fn pkce(&self) -> Ability {
        let found = match &self.metadata.code_challenge_methods_supported {
            Some(methods) => methods.join(" "),
            None => "does not say".to_owned(),
        };
        ability("pkce", "RFC 7636", found, "S256 at each sign-in", Verdict::Used)
    }

    fn iss(&self) -> Ability {
        let line = |found, used, verdict| ability("iss", "RFC 9207", found, used, verdict);
        if self.metadata.authorization_response_iss_parameter_supported {
            line("in every answer", "an answer without it is refused", Verdict::Used)
        } else {
            line("not promised", "compared where it comes", Verdict::Open)
        }
    }

    fn response_modes(&self) -> Ability {
        let modes = &self.metadata.response_modes_supported;
        let used = if modes.iter().any(|mode| mode == "form_post") {
            "query; form_post where the profile says so"
        } else {
            "query"
        };
        ability("response_modes", "OAuth 2.0 Form Post Response Mode", modes.join(" "), used, Verdict::Used)
    }

    fn pushed(&self) -> Ability {
        let line = |found, used, verdict| ability("par", "RFC 9126", found, used, verdict);
        let metadata = self.metadata;
        match (&metadata.pushed_authorization_request_endpoint, metadata.require_pushed_authorization_requests) {
            (Some(_), true) => line("required", "each request is pushed first", Verdict::Used),
            (Some(_), false) => line(
                "offered",
                "where the client authenticates, or the profile says `push = \"always\"`",
                Verdict::Used,
            ),
            (None, true) => line("required, without an address", "no sign-in is possible", Verdict::Unfit),
            (None, false) => line("not offered", "requests go through the browser", Verdict::Open),
        }
    }

    fn redirects(&self) -> Ability {
        let line = |found, used, verdict| ability("loopback_port", "RFC 8252", found, used, verdict);
        match self.preset {
            Some(preset) if preset.compares_ports() => {
                line("compared with what is registered", "a list of ports, each of them registered", Verdict::Used)
            }
            Some(_) => line("the client's to choose", "any free one", Verdict::Used),
            None => line("not known", "any free one; list ports where the provider compares them", Verdict::Open),
        }
    }

    fn client_auth(&self) -> Ability {
        let methods = &self.metadata.token_endpoint_auth_methods_supported;
        let known: Vec<&str> = methods.iter().map(String::as_str).filter(|name| AUTH_METHODS.contains(name)).collect();
        let line = |used: &str, verdict| ability("client_auth", "RFC 6749, RFC 7523", methods.join(" "), used, verdict);
        match known.as_slice() {
            [] => line("only clients without a secret can sign in", Verdict::Look),
            _ => line(&format!("{}; none without a secret or a key", known.join(" ")), Verdict::Used),
        }
    }

    fn dpop(&self) -> Ability {
        let algs = &self.metadata.dpop_signing_alg_values_supported;
        let line = |found: String, used, verdict| ability("dpop", "RFC 9449", found, used, verdict);
        if algs.is_empty() {
            line("not offered".to_owned(), "tokens are bearer tokens", Verdict::Open)
        } else if algs.iter().any(|alg| alg == DPOP_ALG) {
            line(algs.join(" "), "ES256, where the profile says `dpop = true`", Verdict::Used)
        } else {
            line(algs.join(" "), "proofs here are ES256, which is not among them", Verdict::Look)
        }
    }

    fn id_token(&self) -> Ability {
        let line =
            |found: String, used: &str, verdict| ability("id_token", "OpenID Connect Core", found, used, verdict);
        if self.metadata.jwks_uri.is_none() {
            return line("no keys".to_owned(), "who signed in cannot be verified", Verdict::Look);
        }
        let told = &self.metadata.id_token_signing_alg_values_supported;
        let found = if told.is_empty() { "does not say, so RS256".to_owned() } else { told.join(" ") };
        let usable: Vec<&str> = self.metadata.id_token_algs().into_iter().map(|alg| alg.name()).collect();
        line(found, &format!("signature checked: {}", usable.join(" ")), Verdict::Used)
    }

    fn userinfo(&self) -> Ability {
        let there = self.metadata.userinfo_endpoint.is_some();
        let line = |found, used, verdict| ability("userinfo", "OpenID Connect Core", found, used, verdict);
        if there && self.metadata.jwks_uri.is_some() {
            line("there", "asked for the name where the ID token has none", Verdict::Used)
        } else if there {
            line("an account page", "says who signed in", Verdict::Used)
        } else {
            line("not there", "the ID token alone says who it is", Verdict::Open)
        }
    }

    fn scopes(&self) -> Ability {
        let scopes = &self.metadata.scopes_supported;
        let line =
            |found: String, used, verdict| ability("scopes", "RFC 6749, OpenID Connect Core", found, used, verdict);
        if scopes.is_empty() {
            return line("does not say".to_owned(), "what the profile asks for", Verdict::Open);
        }
        let refresh = scopes.iter().any(|scope| scope == "offline_access");
        let used = if refresh { "offline_access brings a refresh token" } else { "no offline_access among them" };
        line(listed(scopes), used, Verdict::Used)
    }

    fn device_grant(&self) -> Ability {
        let there = self.metadata.device_authorization_endpoint.is_some();
        offered(
            "device_grant",
            "RFC 8628",
            there,
            "where the profile says `grant = \"device_code\"`",
            "no sign-in without a browser here",
        )
    }

    fn token_exchange(&self) -> Ability {
        let there = grants(self.metadata).any(|grant| grant == "urn:ietf:params:oauth:grant-type:token-exchange");
        offered(
            "token_exchange",
            "RFC 8693",
            there,
            "where a program asks for another token",
            "tokens are not exchanged",
        )
    }

    fn revocation(&self) -> Ability {
        let line = |found, used, verdict| ability("revocation", "RFC 7009", found, used, verdict);
        match self.metadata.revocation_endpoint {
            Some(_) => line("offered", "at sign-out", Verdict::Used),
            None => line("not offered", "sign-out forgets tokens here only", Verdict::Look),
        }
    }

    fn introspection(&self) -> Ability {
        let there = self.metadata.introspection_endpoint.is_some();
        offered(
            "introspection",
            "RFC 7662",
            there,
            "for looking at a token while testing",
            "tokens are not asked about",
        )
    }

    fn end_session(&self) -> Ability {
        let line =
            |found, used, verdict| ability("end_session", "OpenID Connect RP-Initiated Logout", found, used, verdict);
        match self.metadata.end_session_endpoint {
            Some(_) => line("offered", "by `doorkey logout --everywhere`", Verdict::Used),
            None => line("not offered", "the browser stays signed in there", Verdict::Look),
        }
    }

    fn registration(&self) -> Ability {
        let there = self.metadata.registration_endpoint.is_some();
        offered("registration", "RFC 7591", there, "by `doorkey profile add --register`", "register in its console")
    }
}

fn ability(name: &str, standard: &str, found: impl Into<String>, used: impl Into<String>, verdict: Verdict) -> Ability {
    // What a provider says of itself is shown to people.
    let found = doorkey_oauth::clean(&found.into(), 300);
    let found = if found.is_empty() { "nothing".to_owned() } else { found };
    Ability { name: name.to_owned(), standard: standard.to_owned(), found, used: used.into(), verdict }
}

/// Something for who wants it.
fn offered(name: &str, standard: &str, there: bool, used: &str, without: &str) -> Ability {
    if there {
        ability(name, standard, "offered", used, Verdict::Used)
    } else {
        ability(name, standard, "not offered", without, Verdict::Open)
    }
}

/// The grant types it names; `authorization_code` and `implicit` when it names none (RFC 8414 section 2).
fn grants(metadata: &Metadata) -> impl Iterator<Item = &str> {
    let named = metadata.raw.get("grant_types_supported").and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_str)
}

/// The first of many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{} and {more} more", names[..SHOWN].join(" ")),
        Some(0) | None => names.join(" "),
    }
}
