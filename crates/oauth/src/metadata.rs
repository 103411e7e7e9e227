use std::convert::Infallible;

use serde_json::{Map, Value};

use crate::check::{Check, Ledger, Rule, Verdict};
use crate::discovery::DiscoveryError;
use crate::endpoint::Endpoint;
use crate::issuer::Issuer;
use crate::json::type_name;
use crate::signing_alg::SigningAlg;
use crate::text::clean;

/// What a provider says of itself (OpenID Connect Discovery section 3, RFC 8414 section 2). Made only by
/// [`finish_discovery`](crate::finish_discovery) and [`parse_metadata`](crate::parse_metadata), so every
/// address in it is a good one and its issuer is the one that was asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metadata {
    /// Byte for byte the issuer that was asked for.
    pub issuer: Issuer,
    /// Where the browser goes.
    pub authorization_endpoint: Endpoint,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: Endpoint,
    /// Where the keys are; absent for a provider that signs nothing.
    pub jwks_uri: Option<Endpoint>,
    /// OpenID Connect Core section 5.3.
    pub userinfo_endpoint: Option<Endpoint>,
    /// RFC 7009.
    pub revocation_endpoint: Option<Endpoint>,
    /// OpenID Connect RP-Initiated Logout.
    pub end_session_endpoint: Option<Endpoint>,
    /// RFC 7662.
    pub introspection_endpoint: Option<Endpoint>,
    /// RFC 9126.
    pub pushed_authorization_request_endpoint: Option<Endpoint>,
    /// RFC 8628.
    pub device_authorization_endpoint: Option<Endpoint>,
    /// RFC 7591.
    pub registration_endpoint: Option<Endpoint>,
    /// Scopes it names; empty when it names none.
    pub scopes_supported: Vec<String>,
    /// PKCE methods; nothing when it does not tell. Never a list without `S256`.
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// How clients may authenticate; `client_secret_basic` when it does not tell (META-05).
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Algorithms of client assertions; empty when it does not tell.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Algorithms of DPoP proofs; empty when it does not tell (RFC 9449 section 5.1).
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether sign-ins must be pushed first (RFC 9126 section 5).
    pub require_pushed_authorization_requests: bool,
    /// Algorithms of ID tokens as told; empty when it does not tell. See [`Self::id_token_algs`].
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Algorithms of signed userinfo; empty when it does not tell. See [`Self::userinfo_algs`].
    pub userinfo_signing_alg_values_supported: Vec<String>,
    /// How answers may come back; `query` and `fragment` when it does not tell (META-05).
    pub response_modes_supported: Vec<String>,
    /// Whether every authorization response carries `iss` (RFC 9207 section 3).
    pub authorization_response_iss_parameter_supported: bool,
    /// The document as it came.
    pub raw: Value,
}

impl Metadata {
    /// Algorithms an ID token of this provider may be signed with: what it tells, as far as it is on the
    /// list of asymmetric ones known here; `RS256` when it does not tell (OpenID Connect Core 3.1.3.7 (7)).
    #[must_use]
    pub fn id_token_algs(&self) -> Vec<SigningAlg> {
        if self.id_token_signing_alg_values_supported.is_empty() {
            return vec![SigningAlg::Rs256];
        }
        self.id_token_signing_alg_values_supported.iter().filter_map(|name| SigningAlg::parse(name)).collect()
    }

    /// Algorithms signed userinfo may come with: what it tells, as far as known here; those of ID tokens when it
    /// does not tell.
    #[must_use]
    pub fn userinfo_algs(&self) -> Vec<SigningAlg> {
        if self.userinfo_signing_alg_values_supported.is_empty() {
            return self.id_token_algs();
        }
        self.userinfo_signing_alg_values_supported.iter().filter_map(|name| SigningAlg::parse(name)).collect()
    }

    /// Reads the members of a document whose issuer has been compared already.
    pub(crate) fn read(issuer: &Issuer, document: Map<String, Value>) -> Result<Self, DiscoveryError> {
        let members = Members { issuer, document: &document };
        let responses = members.list("response_types_supported")?;
        if let Some(offered) = responses.filter(|offered| !offered.iter().any(|name| name == "code")) {
            return Err(DiscoveryError::NoCodeFlow { offered: listed(&offered) });
        }
        let pkce = members.list("code_challenge_methods_supported")?;
        if let Some(offered) = pkce.as_ref().filter(|offered| !offered.iter().any(|name| name == "S256")) {
            return Err(DiscoveryError::PkceS256Unsupported { offered: listed(offered) });
        }
        let metadata = Self {
            issuer: issuer.clone(),
            authorization_endpoint: members.required_endpoint("authorization_endpoint")?,
            token_endpoint: members.required_endpoint("token_endpoint")?,
            jwks_uri: members.endpoint("jwks_uri")?,
            userinfo_endpoint: members.endpoint("userinfo_endpoint")?,
            revocation_endpoint: members.endpoint("revocation_endpoint")?,
            end_session_endpoint: members.endpoint("end_session_endpoint")?,
            introspection_endpoint: members.endpoint("introspection_endpoint")?,
            pushed_authorization_request_endpoint: members.endpoint("pushed_authorization_request_endpoint")?,
            device_authorization_endpoint: members.endpoint("device_authorization_endpoint")?,
            registration_endpoint: members.endpoint("registration_endpoint")?,
            scopes_supported: members.list("scopes_supported")?.unwrap_or_default(),
            code_challenge_methods_supported: pkce,
            token_endpoint_auth_methods_supported: members
                .list("token_endpoint_auth_methods_supported")?
                .unwrap_or_else(|| vec!["client_secret_basic".to_owned()]),
            token_endpoint_auth_signing_alg_values_supported: members
                .list("token_endpoint_auth_signing_alg_values_supported")?
                .unwrap_or_default(),
            dpop_signing_alg_values_supported: members.list("dpop_signing_alg_values_supported")?.unwrap_or_default(),
            require_pushed_authorization_requests: members.flag("require_pushed_authorization_requests")?,
            id_token_signing_alg_values_supported: members
                .list("id_token_signing_alg_values_supported")?
                .unwrap_or_default(),
            userinfo_signing_alg_values_supported: members
                .list("userinfo_signing_alg_values_supported")?
                .unwrap_or_default(),
            response_modes_supported: members
                .list("response_modes_supported")?
                .unwrap_or_else(|| ["query", "fragment"].map(str::to_owned).to_vec()),
            authorization_response_iss_parameter_supported: members
                .flag("authorization_response_iss_parameter_supported")?,
            raw: Value::Null,
        };
        if metadata.id_token_algs().is_empty() {
            let offered = listed(&metadata.id_token_signing_alg_values_supported);
            return Err(DiscoveryError::NoUsableAlg { offered });
        }
        Ok(Self { raw: Value::Object(document), ..metadata })
    }
}

type Address = fn(&Metadata) -> Option<&Endpoint>;

/// Addresses that secrets, people or trust go to.
const MOVES: [(Rule, Address); 3] = [
    (Rule { name: "metadata.authorization_endpoint", source: MOVED }, |it| Some(&it.authorization_endpoint)),
    (Rule { name: "metadata.token_endpoint", source: MOVED }, |it| Some(&it.token_endpoint)),
    (Rule { name: "metadata.jwks_uri", source: MOVED }, |it| it.jwks_uri.as_ref()),
];
const MOVED: &str = "RFC 8414 6.2";

/// Holds what a provider says of itself against what it said the last time. Providers move, so nothing here refuses:
/// whoever tests a sign-in sees that the codes and secrets go elsewhere now (D-17).
#[must_use]
pub fn check_moved(before: &Metadata, now: &Metadata) -> Vec<Check> {
    let mut ledger = Ledger::<Infallible>::new();
    for (rule, address) in MOVES {
        let shown = |metadata| address(metadata).map_or("none", |endpoint| endpoint.as_str());
        let (before, now) = (shown(before), shown(now));
        let verdict = if before == now { Verdict::passed(before, now) } else { Verdict::warned(before, now) };
        ledger.enter(rule, verdict);
    }
    ledger.close(|| Ok(())).checks
}

struct Members<'a> {
    issuer: &'a Issuer,
    document: &'a Map<String, Value>,
}

impl Members<'_> {
    /// A member that is there; `null` counts as absent, which real documents rely on.
    fn present(&self, field: &str) -> Option<&Value> {
        self.document.get(field).filter(|value| !value.is_null())
    }

    fn endpoint(&self, field: &'static str) -> Result<Option<Endpoint>, DiscoveryError> {
        let Some(value) = self.present(field) else { return Ok(None) };
        let Value::String(text) = value else {
            return Err(DiscoveryError::BadEndpoint {
                field,
                value: type_name(value).to_owned(),
                problem: "is not text",
            });
        };
        let endpoint = Endpoint::parse(text, self.issuer);
        endpoint.map(Some).map_err(|problem| DiscoveryError::BadEndpoint { field, value: clean(text, 200), problem })
    }

    fn required_endpoint(&self, field: &'static str) -> Result<Endpoint, DiscoveryError> {
        self.endpoint(field)?.ok_or(DiscoveryError::MissingEndpoint { field })
    }

    fn list(&self, field: &'static str) -> Result<Option<Vec<String>>, DiscoveryError> {
        let bad = |got: &Value| DiscoveryError::BadField { field, expected: "a list of texts", got: type_name(got) };
        match self.present(field) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| bad(item)));
                texts.collect::<Result<_, _>>().map(Some)
            }
            Some(other) => Err(bad(other)),
        }
    }

    fn flag(&self, field: &'static str) -> Result<bool, DiscoveryError> {
        match self.present(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(DiscoveryError::BadField { field, expected: "true or false", got: type_name(other) }),
        }
    }
}

/// A list of others for a sentence.
fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { clean(&names.join(", "), 200) }
}
