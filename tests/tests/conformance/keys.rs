//! The provider's keys: when they are read, and how often (rows J-01 to J-11, those that no misbehaviour of the
//! catalogue and no other story plays).

use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, RefreshStyle, Times};
use doorkey_tests::stage::assert_told_well;

use crate::faulty::{on_one_port, refuses};

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
