//! Proofs that a client holds its key (RFC 9449).

use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderName, WWW_AUTHENTICATE};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::jws::Jws;
use crate::request::Request;
use crate::{Endpoint, Misbehaviour, random};

/// How far `iat` may be from the provider's clock.
const SKEW: Duration = Duration::from_secs(60);
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const ALGORITHMS: [Algorithm; 4] = [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA];

/// The names of the algorithms, for metadata and challenges.
pub(crate) const ALGORITHM_NAMES: [&str; 4] = ["ES256", "RS256", "PS256", "EdDSA"];

/// Whether proofs must carry a nonce of this provider (section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DpopNonce {
    /// Not.
    NotWanted,
    /// At PAR, token and userinfo; one nonce stays good until [`crate::Knobs::new_dpop_nonces`].
    Demanded,
    /// The same, and every answer brings a new one that ends the one before.
    NewWithEveryAnswer,
}

/// Which nonces count: authorization and resource server each have their own (section 9).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Authorization,
    Resource,
}

/// Why a proof is not taken.
pub(crate) struct Refusal {
    error: &'static str,
    description: String,
    /// To go with it (section 8).
    nonces: Vec<String>,
    scheme: &'static str,
}

/// The thumbprint of the key that proved itself; nothing when the request has no proof at all.
pub(crate) fn check(
    desk: &mut Desk<'_>,
    request: &Request,
    endpoint: Endpoint,
    server: Server,
    access_token: Option<&str>,
) -> Result<Option<String>, Refusal> {
    let mut proofs = request.headers.get_all("dpop").iter();
    let Some(proof) = proofs.next() else { return Ok(None) };
    if proofs.next().is_some() {
        return Err(refusal("more than one DPoP header"));
    }
    let jws = proof.to_str().ok().and_then(Jws::read).ok_or_else(|| refusal("the proof is no JWT"))?;
    let key = signed_by_its_key(&jws)?;
    let text = |claim: &str| jws.claims[claim].as_str().unwrap_or_default();
    if text("htm") != request.method.as_str() {
        return Err(refusal("htm is not the method of the request"));
    }
    if text("htu") != desk.facts.url(endpoint) {
        return Err(refusal("htu is not the address of the request without query and fragment"));
    }
    let issued = jws.claims["iat"].as_u64().map(Duration::from_secs).ok_or_else(|| refusal("iat is missing"))?;
    let too_old = desk.state.behaviour.misbehaviour == Some(Misbehaviour::DpopProofTooOld);
    if too_old || issued.abs_diff(desk.now) > SKEW {
        return Err(refusal("iat is too far from the clock of this provider"));
    }
    let hash = access_token.map(|token| random::base64url(&Sha256::digest(token.as_bytes())));
    if hash.is_some_and(|hash| text("ath") != hash) {
        return Err(refusal("ath is not the hash of the access token"));
    }
    check_nonce(desk, jws.claims["nonce"].as_str(), server)?;
    let id = text("jti");
    if id.is_empty() || id.len() > 256 {
        return Err(refusal("jti is missing or too long"));
    }
    // For each key its own names, so that no client can use up another's.
    let used = format!("{key} {id}");
    if desk.state.dpop_proofs.find(&used).is_some() {
        return Err(refusal("the proof was used before"));
    }
    desk.state.dpop_proofs.insert(&used, ());
    Ok(Some(key))
}

fn signed_by_its_key(jws: &Jws) -> Result<String, Refusal> {
    if jws.header["typ"] != "dpop+jwt" {
        return Err(refusal("typ must be dpop+jwt"));
    }
    if jws.header.get("crit").is_some() {
        return Err(refusal("crit is not understood"));
    }
    let alg = jws.alg().filter(|alg| ALGORITHMS.contains(alg)).ok_or_else(|| refusal("alg is not taken here"))?;
    let jwk = &jws.header["jwk"];
    if ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|member| jwk.get(member).is_some()) {
        return Err(refusal("jwk must be a public key"));
    }
    let jwk: Jwk = serde_json::from_value(jwk.clone()).map_err(|_| refusal("jwk is missing or no key"))?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| refusal("jwk is not a sound key"))?;
    if !jws.is_signed_by(&key, alg) {
        return Err(refusal("the signature is wrong"));
    }
    jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| refusal("jwk is of a kind that is not taken here"))
}

fn check_nonce(desk: &mut Desk<'_>, given: Option<&str>, server: Server) -> Result<(), Refusal> {
    let (chosen, wanted) = (desk.state.behaviour.misbehaviour, desk.state.behaviour.dpop_nonce);
    let right = desk.state.dpop_nonces.of(server).to_owned();
    let loops = chosen == Some(Misbehaviour::DpopNonceLoop);
    let demanded = match server {
        Server::Authorization => chosen == Some(Misbehaviour::DpopTwoNonces),
        Server::Resource => chosen == Some(Misbehaviour::DpopSchemeCase),
    };
    let good = match given {
        Some(given) => random::same(given, &right),
        None => wanted == DpopNonce::NotWanted && !demanded,
    };
    if good && !loops {
        return Ok(());
    }
    if loops {
        desk.state.dpop_nonces.renew(server);
    }
    let mut nonces = vec![desk.state.dpop_nonces.of(server).to_owned()];
    if chosen == Some(Misbehaviour::DpopTwoNonces) {
        nonces.push(random::token());
    }
    let scheme = if chosen == Some(Misbehaviour::DpopSchemeCase) { "dPoP" } else { "DPoP" };
    Err(Refusal {
        error: "use_dpop_nonce",
        nonces,
        scheme,
        ..refusal("the proof must carry the nonce of this provider")
    })
}

/// Puts the next nonce onto a good answer, where each brings one (section 8.2).
pub(crate) fn with_new_nonce(desk: &mut Desk<'_>, server: Server, answer: Answer) -> Answer {
    match desk.state.behaviour.dpop_nonce {
        DpopNonce::NewWithEveryAnswer => answer.with_header(NONCE, desk.state.dpop_nonces.renew(server)),
        DpopNonce::NotWanted | DpopNonce::Demanded => answer,
    }
}

/// `cnf` of a token that is bound to this key (section 6.1).
pub(crate) fn confirmation(key: &str) -> Value {
    serde_json::json!({ "jkt": key })
}

fn refusal(description: &str) -> Refusal {
    Refusal { error: "invalid_dpop_proof", description: description.into(), nonces: Vec::new(), scheme: "DPoP" }
}

impl Refusal {
    /// At the authorization server.
    pub(crate) fn as_json(&self) -> Answer {
        self.with_nonces(Answer::oauth_error(StatusCode::BAD_REQUEST, self.error, &self.description))
    }

    /// At a resource (section 9).
    pub(crate) fn as_challenge(&self) -> Answer {
        let algorithms = ALGORITHM_NAMES.join(" ");
        let challenge = format!(r#"{} error="{}", algs="{algorithms}""#, self.scheme, self.error);
        let answer = Answer::oauth_error(StatusCode::UNAUTHORIZED, self.error, &self.description);
        self.with_nonces(answer.with_header(WWW_AUTHENTICATE, challenge))
    }

    fn with_nonces(&self, answer: Answer) -> Answer {
        self.nonces.iter().fold(answer, |answer, nonce| answer.with_header(NONCE, nonce))
    }
}

/// The nonces that count now.
pub(crate) struct Nonces {
    authorization: String,
    resource: String,
}

impl Nonces {
    pub(crate) fn new() -> Self {
        Self { authorization: random::token(), resource: random::token() }
    }

    fn of(&self, server: Server) -> &str {
        match server {
            Server::Authorization => &self.authorization,
            Server::Resource => &self.resource,
        }
    }

    fn renew(&mut self, server: Server) -> &str {
        let nonce = match server {
            Server::Authorization => &mut self.authorization,
            Server::Resource => &mut self.resource,
        };
        *nonce = random::token();
        nonce
    }
}
