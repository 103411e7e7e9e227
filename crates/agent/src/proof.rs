//! Proofs for other programs (RFC 9449, DPOP-07): the key never leaves the agent, one proof for one request does.

use std::sync::Arc;

use doorkey_client::Secret;
use doorkey_client::words::{EventKind, ProofAnswer, ProofRequest, Refusal};
use doorkey_oauth::{DpopKey, Proof, TokenType, check_auth0_domains};
use url::{Host as UrlHost, Url};

use crate::agent::Agent;
use crate::peer::Peer;
use crate::refreshing::key_lost;
use crate::refusal::refusal;
use crate::token::{Given, exposed, handed_out};

const LONGEST_METHOD: usize = 32;
const LONGEST_NONCE: usize = 1024;

pub(crate) async fn proof(agent: &Arc<Agent>, request: &ProofRequest, peer: &Peer) -> Result<ProofAnswer, Refusal> {
    let url = checked(request)?;
    let server = url.origin().ascii_serialization();
    let given = handed_out(
        agent,
        &request.token,
        peer,
        |given, program, pid| EventKind::ProofGiven {
            program,
            pid,
            access_token: given.access_token.fingerprint(),
            method: request.method.clone(),
            server,
        },
        |given| usable(given, &url),
    );
    let (given, key) = given.await?;
    let nonce =
        request.nonce.clone().or_else(|| agent.nonces.with(|nonces| nonces.of_resource(&url).map(str::to_owned)));
    let proof = key.proof(&Proof {
        method: &request.method,
        url: &url,
        iat: agent.host.now().as_second(),
        jti: agent.host.random(),
        access_token: Some(&given.access_token),
        nonce: nonce.as_deref(),
    });
    let profile = given.record.profile.clone();
    let mut answer = ProofAnswer::new(profile, exposed(&given.access_token), given.token_type, Secret::new(proof));
    answer.nonce = nonce;
    answer.expires_at = given.expires_at;
    answer.scope = given.scope;
    answer.audience = given.asked.audience;
    Ok(answer)
}

/// The key that the token is bound to.
fn usable(given: &Given, url: &Url) -> Result<DpopKey, Refusal> {
    let profile = &given.record.profile;
    if given.token_type != TokenType::Dpop.name() {
        return Err(Refusal::new(
            "config.not_bound",
            format!("The tokens of `{profile}` are not bound to a key, so there is nothing to prove."),
            "Send the token as `Authorization: Bearer`; or set `dpop = true` in the profile, where the provider offers it, and sign in again.",
        )
        .about(profile));
    }
    if let (Ok(issuer), Some(audience)) = (doorkey_oauth::Issuer::parse(&given.record.issuer), &given.asked.audience) {
        check_auth0_domains(&issuer, audience, Some(url)).map_err(|error| refusal(&error).about(profile))?;
    }
    given.dpop_key.as_ref().and_then(DpopKey::of_text).ok_or_else(|| key_lost(profile))
}

/// What the proof is for: a request that may carry a token at all.
fn checked(request: &ProofRequest) -> Result<Url, Refusal> {
    // RFC 9110 section 5.6.2
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let method = &request.method;
    if method.is_empty() || method.len() > LONGEST_METHOD || !method.bytes().all(is_token) {
        return Err(Refusal::new(
            "usage.bad_method",
            "That is not an HTTP method.",
            "Name one, such as `GET` or `POST`.",
        ));
    }
    // RFC 9449 section 8.1
    let is_nonce = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if let Some(nonce) = &request.nonce
        && (nonce.is_empty() || nonce.len() > LONGEST_NONCE || !nonce.bytes().all(is_nonce))
    {
        let hint = "Give the value of the API's `DPoP-Nonce` header as it came.";
        return Err(Refusal::new("usage.bad_nonce", "That is not a DPoP nonce.", hint));
    }
    let bad = |what: &str| {
        Refusal::new(
            "usage.bad_url",
            format!("{what}."),
            "Give the whole address of the request, such as https://api.example/notes.",
        )
    };
    let url = Url::parse(&request.url).map_err(|_| bad("The address of the request is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("The address of the request has a user name or a password in it"));
    }
    let is_loopback = match url.host() {
        Some(UrlHost::Ipv4(address)) => address.is_loopback(),
        Some(UrlHost::Ipv6(address)) => address.is_loopback(),
        Some(UrlHost::Domain(name)) => name == "localhost",
        None => return Err(bad("The address of the request has no host")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback => Ok(url),
        _ => Err(bad("A token is sent over `https` only; `http` is for loopback")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &str, url: &str, nonce: Option<&str>) -> Option<String> {
        let nonce = nonce.map(str::to_owned);
        checked(&ProofRequest { nonce, ..ProofRequest::new("work", method, url) }).err().map(|refusal| refusal.code)
    }

    #[test]
    fn only_a_request_that_may_carry_a_token_is_proved() {
        assert_eq!(refused("GET", "https://api.example/notes?page=2#top", Some("n-1")), None);
        for url in ["http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"] {
            assert_eq!(refused("QUERY", url, None), None, "{url}");
        }
        for url in [
            "http://api.example/",
            "http://127.0.0.1.evil.example/",
            "ftp://api.example/",
            "api.example",
            "",
            "https://u:p@api.example/",
            "data:text/plain,x",
        ] {
            assert_eq!(refused("GET", url, None).as_deref(), Some("usage.bad_url"), "{url}");
        }
        for method in ["", "GET ", "GET\r\nX: 1", "Ä", &"A".repeat(33)] {
            assert_eq!(
                refused(method, "https://api.example/", None).as_deref(),
                Some("usage.bad_method"),
                "{method:?}"
            );
        }
        for nonce in ["", "a b", "a\"b", "a\\b", "ä", &"n".repeat(1025)] {
            let refused = refused("GET", "https://api.example/", Some(nonce));
            assert_eq!(refused.as_deref(), Some("usage.bad_nonce"), "{nonce:?}");
        }
    }
}
