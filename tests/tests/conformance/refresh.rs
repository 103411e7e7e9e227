//! Renewals (rows, those that no other story plays).

use doorkey_client::words::TokenRequest;
use doorkey_demo_idp::{Endpoint, Misbehaviour};
use doorkey_tests::PROFILE;
use doorkey_tests::stage::assert_told_well;
use serde_json::json;

use crate::faulty::{change, gives_next, on_one_port};

/// the answer to a renewal has fewer scopes | they are the session's from then on; who needs more is told so, and is given no token
#[tokio::test]
async fn r_12_fewer_scopes() {
    let stage = on_one_port().await;
    change(&stage, |profile| profile.scopes = ["openid", "offline_access", "notes:read"].map(str::to_owned).into())
        .await;
    stage.sign_in().await;
    let wanting = TokenRequest { scope: vec!["notes:read".to_owned()], ..TokenRequest::for_profile(PROFILE) };
    stage.token_for(&wanting).await.expect("granted at first");
    gives_next(&stage, json!({"scope": "openid offline_access"}));
    let session = stage.renew().await.expect("renewed");
    assert_eq!(session.scope, ["openid", "offline_access"]);
    let refused = stage.token_for(&wanting).await.expect_err("no longer granted");
    assert_eq!(refused.code, "broker.insufficient_scope");
    assert_told_well(&refused);
    assert!(refused.message.contains("`notes:read`"), "{refused:?}");
    stage.token().await.expect("whoever needs no more");
}

/// the same access token again | taken, with its new end
#[tokio::test]
async fn r_13_same_access_token() {
    let stage = on_one_port().await;
    stage.provider.knobs().refresh_without_id_token();
    let (token, before) = (stage.access_token().await, stage.session().await);
    gives_next(&stage, json!({"access_token": token, "expires_in": 7_200}));
    let after = stage.renew().await.expect("renewed");
    assert_eq!((after.renewals, stage.access_token().await), (1, token));
    assert!(after.expires_at > before.expires_at && after.expires_at.is_some(), "{after:?}");
}

/// the token endpoint has moved, and at the old address is nothing | the metadata are read once more, and the same refresh token tried there
#[tokio::test]
async fn r_22_token_endpoint_moved() {
    let stage = on_one_port().await;
    let described = stage.log().count(Endpoint::Discovery);
    stage.provider.knobs().misbehave(Some(Misbehaviour::RandomEndpointPaths));
    let heard = stage.log().entries().len();
    let session = stage.renew().await.expect("renewed at the new address");
    assert_eq!(session.renewals, 1);
    assert_eq!(stage.log().count(Endpoint::Discovery), described + 1);
    let sent: Vec<_> = stage.log().entries().split_off(heard);
    let tokens: Vec<_> = sent.iter().filter_map(|entry| entry.params.get("refresh_token")).collect();
    assert_eq!(tokens.len(), 2, "once at each address: {sent:?}");
    assert_eq!(tokens[0], tokens[1]);
    stage.renew().await.expect("and again");
    assert_eq!(stage.log().count(Endpoint::Discovery), described + 1, "the new address is known");
}
