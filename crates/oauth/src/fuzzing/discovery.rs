use url::Url;

use super::{Outcome, answer, client, entropy, issuer, lenient, redirect, shown_safely};
use crate::{
    Ask, ClientSettings, Endpoint, Fault, Issuer, Metadata, Push, SignIn, TypedIssuer, finish_discovery, metadata_urls,
    parse_metadata,
};

/// A metadata document as an answer (see `answer`), for an issuer on the web and for one on loopback.
pub fn discovery(bytes: &[u8]) -> Outcome {
    let Some(response) = answer(bytes) else { return Outcome::Refused };
    if let Ok(typed) = std::str::from_utf8(response.body()) {
        typed_issuer(typed);
    }
    let here = Issuer::parse("http://127.0.0.1:4000").expect("an issuer");
    if let Ok(metadata) = parse_metadata(&here, response.body()) {
        believed(&metadata, &here, response.body());
    }
    let issuer = issuer();
    let [first, _] = metadata_urls(&issuer);
    match finish_discovery(&issuer, &first, &response) {
        Ok(metadata) => {
            assert_eq!(response.status().as_u16(), 200);
            believed(&metadata, &issuer, response.body());
            Outcome::Taken
        }
        Err(error) => {
            let _ = (error.try_next(), error.retryable());
            shown_safely(&error)
        }
    }
}

fn believed(metadata: &Metadata, issuer: &Issuer, body: &[u8]) {
    assert!(body.len() <= 512 * 1024);
    let document = lenient(body);
    assert_eq!(metadata.raw, document, "the document is kept as it came");
    assert_eq!(document["issuer"], issuer.as_str(), "META-01");
    for (name, endpoint) in endpoints(metadata) {
        safe(endpoint, issuer);
        assert!(document[name].is_string(), "{name} was made up");
    }
    let texts = |name: &str| document[name].as_array().cloned().unwrap_or_default();
    assert!(
        metadata.code_challenge_methods_supported.is_none()
            || texts("code_challenge_methods_supported").contains(&"S256".into())
    );
    let responses = texts("response_types_supported");
    assert!(document["response_types_supported"].is_null() || responses.contains(&"code".into()));
    let algs = metadata.id_token_algs();
    assert!(!algs.is_empty() && algs.iter().all(|alg| !alg.name().starts_with("HS") && alg.name() != "none"));

    // A kept copy is believed no more and no less.
    let again = parse_metadata(issuer, metadata.raw.to_string().as_bytes()).expect("reads what it wrote");
    assert_eq!(format!("{again:?}"), format!("{metadata:?}"));
    opened(metadata);
}

fn endpoints(metadata: &Metadata) -> impl Iterator<Item = (&'static str, &Endpoint)> {
    [
        ("authorization_endpoint", Some(&metadata.authorization_endpoint)),
        ("token_endpoint", Some(&metadata.token_endpoint)),
        ("jwks_uri", metadata.jwks_uri.as_ref()),
        ("userinfo_endpoint", metadata.userinfo_endpoint.as_ref()),
        ("revocation_endpoint", metadata.revocation_endpoint.as_ref()),
        ("end_session_endpoint", metadata.end_session_endpoint.as_ref()),
        ("introspection_endpoint", metadata.introspection_endpoint.as_ref()),
        ("pushed_authorization_request_endpoint", metadata.pushed_authorization_request_endpoint.as_ref()),
        ("device_authorization_endpoint", metadata.device_authorization_endpoint.as_ref()),
        ("registration_endpoint", metadata.registration_endpoint.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, endpoint)| Some((name, endpoint?)))
}

/// META-06, CVE-2025-6514: what may be opened and sent to, read from its text once more.
pub(super) fn safe(endpoint: &Url, issuer: &Issuer) {
    let text = endpoint.as_str();
    let host = endpoint.host_str().expect("a host");
    let is_here = ["127.", "[::1]", "localhost"].iter().any(|start| host.starts_with(start));
    assert!(text.starts_with("https://") || (issuer.is_loopback() && is_here && text.starts_with("http://")), "{text}");
    assert!(host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.[]:".contains(&b)), "{text}");
    assert!(!text.contains('#') && endpoint.username().is_empty() && endpoint.password().is_none(), "{text}");
    assert!(text.bytes().all(|b| b.is_ascii_graphic()), "{text}");
}

/// CORE-01: whatever query an endpoint brings, what is opened carries each of our parameters once, and is short
/// enough to be opened.
fn opened(metadata: &Metadata) {
    let client = ClientSettings { push: Push::Never, client_secret: None, client_auth: None, ..client() };
    let Ok((_, url)) = SignIn::begin(metadata, client, redirect(), entropy(), &Ask::default()) else { return };
    assert!(url.as_str().len() <= 8 * 1024);
    assert_eq!(url.origin(), metadata.authorization_endpoint.origin());
    assert_eq!(url.path(), metadata.authorization_endpoint.path());
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", super::CLIENT),
        ("redirect_uri", super::REDIRECT),
        ("code_challenge_method", "S256"),
        ("state", super::STATE),
        ("nonce", super::NONCE),
    ] {
        let all: Vec<_> = url.query_pairs().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
        assert_eq!(all, [value], "{name} in {url}");
    }
    assert!(!url.as_str().contains(super::VERIFIER), "the verifier stays here");
}

/// D-19: every issuer that is made of what a person typed is one, and its document is looked for on its own host.
fn typed_issuer(typed: &str) {
    match TypedIssuer::parse(typed) {
        Ok(typed) => {
            for issuer in typed.candidates() {
                assert_eq!(Issuer::parse(issuer.as_str()).as_ref(), Ok(&issuer));
                for url in metadata_urls(&issuer) {
                    assert_eq!(url.origin(), issuer.url().origin());
                    assert!(url.query().is_none() && url.fragment().is_none() && url.path().contains("/.well-known/"));
                    safe(&url, &issuer);
                }
            }
        }
        Err(error) => drop(shown_safely(&error)),
    }
}
