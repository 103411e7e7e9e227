//! The provider's keys: when they are read, and how often (rows J-01 to J-11, those that no misbehaviour of the
//! catalogue and no other story plays).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, RefreshStyle, Times};
use doorkey_tests::stage::assert_told_well;
use doorkey_tests::{Stage, stranger};
use serde_json::json;
use tokio::net::TcpListener;

use crate::faulty::{describes, on_one_port, refuses};

/// J-01: the keys cannot be read any more, and those of the last time fit | they are used; nobody asks
#[tokio::test]
async fn j_01_keys_of_the_last_time() {
    let stage = on_one_port().await;
    let read = stage.log().count(Endpoint::Jwks);
    stage.provider.knobs().fail(Endpoint::Jwks, Fault::Status(500), Times::Always);
    stage.sign_in().await;
    stage.renew().await.expect("renewed");
    assert_eq!(stage.log().count(Endpoint::Jwks), read);

    stage.provider.knobs().rotate_signing_keys().await.expect("new keys");
    let refused = refuses(&stage, "jwks.unavailable").await;
    assert!(refused.retryable, "{refused:?}");
    stage.provider.knobs().heal(Endpoint::Jwks);
    stage.assert_next_sign_in_works().await;
}

/// J-03: signed with a key that is not published, also after another look | `jwks.no_matching_key` names it and those that are
/// J-04: a hundred such tokens within a minute | two reads of the keys at most; the session and its refresh token stay
#[tokio::test]
async fn j_03_j_04_unknown_keys() {
    let stage = on_one_port().await;
    let knobs = stage.provider.knobs();
    knobs.refresh_style(RefreshStyle::Keep);
    let token = stage.access_token().await;
    let read = stage.log().count(Endpoint::Jwks);
    knobs.corrupt_id_tokens(Some(IdTokenFault::UnknownKey));
    let refused = refuses(&stage, "jwks.no_matching_key").await;
    assert!(refused.message.contains("signed with the key `"), "{refused:?}");
    assert_eq!(refused.message.split("publishes").nth(1).expect("which").matches('`').count(), 4, "{refused:?}");
    for _ in 0..99 {
        let refused = stage.renew().await.expect_err("nobody knows whose it is");
        assert_eq!(refused.code, "jwks.no_matching_key");
        assert_told_well(&refused);
    }
    let reads = stage.log().count(Endpoint::Jwks) - read;
    assert!(reads <= 2, "the keys were read {reads} times");
    assert_eq!(stage.access_token().await, token);
    knobs.corrupt_id_tokens(None);
    stage.renew().await.expect("renewed");
    stage.assert_next_sign_in_works().await;
}

/// J-11: `jwks_uri` on another host | the keys are read there; D-11 refuses it without https
#[tokio::test]
async fn j_11_keys_on_another_host() {
    let stage = Stage::new().await;
    let published = stage.provider.url(Endpoint::Jwks).parse().expect("a URL");
    let keys = stranger::request("GET", &published, &[("Connection", "close")]).await.body().to_owned();
    let read = Arc::new(AtomicUsize::new(0));
    let served = Arc::clone(&read);
    let keys = move || async move {
        served.fetch_add(1, Ordering::SeqCst);
        ([("content-type", "application/json")], keys)
    };
    let elsewhere = TcpListener::bind(("127.0.0.2", 0)).await.expect("a port");
    describes(&stage, json!({"jwks_uri": format!("http://{}/keys", elsewhere.local_addr().expect("its address"))}));
    tokio::spawn(async move { axum::serve(elsewhere, Router::new().route("/keys", get(keys))).await });
    assert_eq!(stage.sign_in().await.sub, "demo|ada");
    assert_eq!(read.load(Ordering::SeqCst), 1);
    assert_eq!(stage.log().count(Endpoint::Jwks), 1, "by this test alone");
}
