//! What a provider says of itself, and what is not believed (rows D-01 to D-19). What a wire can do is tested beside
//! the one HTTP client; what people type, and the commonest faults, in the stories of bad input.

use doorkey_client::words::{RenewalRequest, SessionState, TokenRequest};
use doorkey_demo_idp::{Endpoint, Fault, Settings, Times, start};
use doorkey_tests::stage::{assert_told_well, exposed, refusal};
use doorkey_tests::{Household, PROFILE, skipped, stranger};
use serde_json::json;
use url::Url;

use crate::faulty::{describes, on_one_port, refuses, said, warned_of};

/// D-04: nothing at the address of OpenID Connect, a good document at that of RFC 8414 | the second is taken, once
#[tokio::test]
async fn d_04_described_as_oauth_only() {
    let stage = on_one_port().await;
    let asked = stage.log().count(Endpoint::Discovery);
    stage.provider.knobs().fail(Endpoint::Discovery, Fault::Status(404), Times::Always);
    assert_eq!(stage.sign_in().await.sub, "demo|ada");
    assert_eq!(stage.log().count(Endpoint::Discovery), asked + 1);
    assert_eq!(stage.log().count(Endpoint::OauthMetadata), 1);
}

/// D-05: nothing at either address | `discovery.not_found` names both, and the way to go without a description
#[tokio::test]
async fn d_05_described_nowhere() {
    let stage = on_one_port().await;
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata] {
        stage.provider.knobs().fail(endpoint, Fault::Status(404), Times::Always);
    }
    let refused = refuses(&stage, "discovery.not_found").await;
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata] {
        assert!(refused.message.contains(&stage.provider.url(endpoint)), "{refused:?}");
        stage.provider.knobs().heal(endpoint);
    }
    assert!(refused.hint.contains("`endpoints`"), "{refused:?}");
    stage.assert_next_sign_in_works().await;
}

/// D-07: a redirect to another host | `discovery.redirected` names that host as the issuer it may be; not followed
#[tokio::test]
async fn d_07_redirected_elsewhere() {
    let stage = on_one_port().await;
    let elsewhere = start(Settings::default()).await.expect("another provider");
    let location = elsewhere.url(Endpoint::Discovery);
    let headers = vec![("location".to_owned(), format!("{location}?secret=x"))];
    let fault = Fault::Said { status: 302, headers, body: Vec::new() };
    stage.provider.knobs().fail(Endpoint::Discovery, fault, Times::Always);
    let refused = refuses(&stage, "discovery.redirected").await;
    assert!(refused.message.contains(&location), "{refused:?}");
    let there = format!("If `{}` is the provider you mean, use that as the issuer.", elsewhere.issuer());
    assert!(refused.hint.starts_with(&there), "{refused:?}");
    assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
    assert!(elsewhere.log().entries().is_empty(), "the redirect was followed");
    stage.provider.knobs().heal(Endpoint::Discovery);
    stage.assert_next_sign_in_works().await;
}

/// D-10: an issuer that is a pattern for many tenants | `discovery.issuer_template` asks for the tenant's own
#[tokio::test]
async fn d_10_pattern_of_tenants() {
    let stage = on_one_port().await;
    stage.provider.knobs().discovery_issuer(Some("https://login.example.test/{tenantid}/v2.0".to_owned()));
    let refused = refuses(&stage, "discovery.issuer_template").await;
    assert!(refused.message.contains("{tenantid}") && refused.hint.contains("tenant's own"), "{refused:?}");
    stage.provider.knobs().discovery_issuer(None);
    stage.assert_next_sign_in_works().await;
}

/// D-11: an endpoint that is missing, no text, relative, not https, with a fragment or a script | `discovery.bad_endpoint` names field and value
/// D-12: PKCE without S256 | `discovery.pkce_s256_unsupported`, never a sign-in without it
/// D-13: response types without `code` | `discovery.no_code_flow`
/// D-14: ID tokens signed by a secret, by nobody, or in an unknown way | `discovery.no_usable_alg`
#[tokio::test]
async fn d_11_d_12_d_13_d_14_documents_that_offer_no_safe_sign_in() {
    let stage = on_one_port().await;
    for (changes, code, told) in [
        (json!({"token_endpoint": null}), "discovery.bad_endpoint", "`token_endpoint` is missing"),
        (json!({"token_endpoint": 7}), "discovery.bad_endpoint", "a number"),
        (json!({"token_endpoint": "/token"}), "discovery.bad_endpoint", "`/token`"),
        (json!({"token_endpoint": "http://op.example.test/t"}), "discovery.bad_endpoint", "`http://op.example.test/t`"),
        (json!({"authorization_endpoint": "https://op.example.test/a#x"}), "discovery.bad_endpoint", "#x"),
        (json!({"authorization_endpoint": "javascript:alert(1)"}), "discovery.bad_endpoint", "javascript:"),
        (json!({"jwks_uri": "http://keys.example.test/"}), "discovery.bad_endpoint", "`jwks_uri`"),
        (json!({"code_challenge_methods_supported": ["plain"]}), "discovery.pkce_s256_unsupported", "plain"),
        (json!({"response_types_supported": ["id_token"]}), "discovery.no_code_flow", "id_token"),
        (json!({"id_token_signing_alg_values_supported": ["HS256"]}), "discovery.no_usable_alg", "HS256"),
        (json!({"id_token_signing_alg_values_supported": ["none"]}), "discovery.no_usable_alg", "none"),
        (json!({"id_token_signing_alg_values_supported": ["XY512"]}), "discovery.no_usable_alg", "XY512"),
    ] {
        describes(&stage, changes);
        let opened = stage.log().count(Endpoint::Authorize);
        let refused = refuses(&stage, code).await;
        assert!(refused.message.contains(told), "{told}: {refused:?}");
        assert_eq!(stage.log().count(Endpoint::Authorize), opened, "a browser was sent there");
    }
    stage.provider.knobs().heal(Endpoint::Discovery);
    stage.assert_next_sign_in_works().await;
}

/// D-15: too long, packed, cut, not UTF-8, a member twice, too deep | refused as what it is; a byte order mark is passed over
/// D-16: JSON that is no object | `discovery.bad_document`
#[tokio::test]
async fn d_15_d_16_documents_that_cannot_be_read() {
    let stage = on_one_port().await;
    let discovery: Url = stage.provider.url(Endpoint::Discovery).parse().expect("a URL");
    let good = stranger::request("GET", &discovery, &[("Connection", "close")]).await.body().to_owned();
    let json = |body: &[u8]| said(200, "application/json", body);
    let deep = format!("{{\"deep\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let packed = Fault::Said {
        status: 200,
        headers: vec![("content-encoding".to_owned(), "gzip".to_owned())],
        body: [b"\x1f\x8b\x08\0\0\0\0\0\x02\x03".as_slice(), &[0xff; 4096]].concat(),
    };
    for (fault, code, told) in [
        (json(&[b"{\"a\":\"".as_slice(), &[b'a'; 600 * 1024], b"\"}"].concat()), "net.too_large", "524288 bytes"),
        (packed, "discovery.bad_document", "UTF-8"),
        (json(&good.as_bytes()[..good.len() / 2]), "discovery.not_json", "line 1"),
        (json(b"{\"issuer\":\"\xff\"}"), "discovery.bad_document", "UTF-8"),
        (json(b"{\"issuer\":\"a\",\"issuer\":\"b\"}"), "discovery.bad_document", "`issuer` twice"),
        (json(deep.as_bytes()), "discovery.bad_document", "32 levels"),
        (json(b"[]"), "discovery.bad_document", "a list"),
        (json(b"null"), "discovery.bad_document", "null"),
        (json(b"\"text\""), "discovery.bad_document", "text"),
    ] {
        stage.provider.knobs().fail(Endpoint::Discovery, fault, Times::Always);
        let refused = refuses(&stage, code).await;
        assert!(refused.message.contains(told), "{told}: {refused:?}");
        stage.provider.knobs().heal(Endpoint::Discovery);
    }
    let marked = json(&[b"\xef\xbb\xbf", good.as_bytes()].concat());
    stage.provider.knobs().fail(Endpoint::Discovery, marked, Times::Always);
    stage.assert_next_sign_in_works().await;
}

/// D-17: another token endpoint than the last time | never in the middle of a sign-in; taken by the next one, with a warning in the journal
#[tokio::test]
async fn d_17_token_endpoint_moved() {
    let stage = on_one_port().await;
    let elsewhere = start(Settings::default()).await.expect("another provider");
    let attempt = stage.begin().await;
    describes(&stage, json!({"token_endpoint": elsewhere.url(Endpoint::Token)}));
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
    assert_eq!(elsewhere.log().count(Endpoint::Token), 0, "the code went where nobody had said at the start");

    refuses(&stage, "token.code_rejected").await;
    assert_eq!(elsewhere.log().count(Endpoint::Token), 1);
    let told = warned_of(&stage, "metadata.token_endpoint").await;
    let (before, now) = (stage.provider.url(Endpoint::Token), elsewhere.url(Endpoint::Token));
    assert_eq!(told, format!("expected {before}, got {now}"));
    stage.provider.knobs().heal(Endpoint::Discovery);
    stage.assert_next_sign_in_works().await;
}

/// D-18: no network at the start | the session is there and its token is handed out; what must be renewed waits, and no problem is shown for it
#[tokio::test]
async fn d_18_started_without_a_network() {
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped("d_18_started_without_a_network", "there is no gnome-keyring");
    };
    let (agent, before) = home.agent_with_ada().await;
    agent.terminate().await;
    home.provider.go_offline().await;
    let agent = home.agent().await;
    let token = agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("the one that was kept");
    assert!(!exposed(&token.access_token).is_empty());
    assert!(agent.client.hello().await.expect("hello").problems.is_empty());
    let refused = refusal(agent.client.renew(&RenewalRequest::default()).await);
    assert_eq!((refused.code.as_str(), refused.retryable), ("net.connect", true));
    assert_told_well(&refused);
    let session = agent.client.sessions().await.expect("the sessions").sessions.remove(0);
    assert_eq!((session.id, session.state, session.renewable), (before.id, SessionState::Offline, true));
    home.provider.come_back().await.expect("the port is free");
    agent.client.renew(&RenewalRequest::default()).await.expect("renewed");
    agent.terminate().await;
}
