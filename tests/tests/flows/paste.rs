//! An answer brought by hand, from a browser on another computer (NAT-12, L-44, C-26).

use doorkey_client::Secret;
use doorkey_client::words::{DeviceUse, PastedRedirect, Refusal, SignInStep};
use doorkey_demo_idp::{Endpoint, Robot, robot_sent_to};
use doorkey_tests::stage::{assert_told_well, refusal};
use doorkey_tests::{Attempt, Stage};

/// L-44: the browser is on another computer, and its address is brought by hand | the same rules judge it; taken once
#[tokio::test]
async fn the_address_a_browser_ends_at_elsewhere_can_be_pasted() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let address = ended_at(&stage, &attempt).await;
    paste(&stage, &attempt.id, &format!("{address}\n")).await.expect("it is the answer");
    assert_eq!(attempt.done().await.sub, "demo|ada");
    assert_eq!(attempt.now().await.ignored, 0);
    assert!(attempt.is_deserted().await, "nobody listens any more");
    assert_eq!(stage.log().count(Endpoint::Token), 1);

    let again = paste(&stage, &attempt.id, &address).await.expect_err("it is over");
    assert_eq!(again.code, "login.not_waiting");
    assert_eq!(stage.log().count(Endpoint::Token), 1, "no code is redeemed twice");
}

/// C-26: the code alone, another attempt's address, another host or path, quotes, a line break | each told apart, and the wait goes on
#[tokio::test]
async fn whatever_else_is_pasted_is_told_apart_and_the_wait_goes_on() {
    let stage = Stage::new().await;
    let other = {
        let attempt = stage.begin().await;
        let address = ended_at(&stage, &attempt).await;
        attempt.cancel().await;
        attempt.ended().await;
        address
    };
    let attempt = stage.begin().await;
    let good = ended_at(&stage, &attempt).await;
    let query = good.split_once('?').expect("it has one").1.to_owned();
    let code = attempt_code(&good);
    let port = attempt.port().to_string();
    for (what, text, why) in [
        ("nothing", " \n".to_owned(), "callback.paste_unusable"),
        ("the code alone", code.clone(), "callback.paste_unusable"),
        ("the query alone", query.clone(), "callback.paste_unusable"),
        ("with quotes", format!("\"{good}\""), "callback.paste_unusable"),
        ("two lines", good.replace("&state", "\n&state"), "callback.paste_unusable"),
        ("another host", good.replace("127.0.0.1", "evil.example"), "callback.paste_other_address"),
        ("another name of the host", good.replace("127.0.0.1", "localhost"), "callback.paste_other_address"),
        ("another port", good.replace(&port, "1"), "callback.paste_other_address"),
        ("another path", good.replace("/cb/", "/bc/"), "callback.paste_other_address"),
        ("the provider's page", attempt.url.to_string(), "callback.paste_other_address"),
        ("no answer yet", attempt.redirect_uri.to_string(), "callback.paste_no_answer"),
        (
            "the state of another attempt",
            format!("{}?{}", attempt.redirect_uri, other.split_once('?').expect("it has one").1),
            "callback.paste_other_sign_in",
        ),
        ("a state that is there twice", format!("{good}&state=x"), "callback.paste_other_sign_in"),
    ] {
        let refused = paste(&stage, &attempt.id, &text).await.expect_err(what);
        assert_eq!(refused.code, why, "{what}");
        assert_told_well(&refused);
        assert!(!format!("{refused:?}").contains(&code), "{what}: the code is repeated");
    }
    assert_eq!(attempt.now().await.step, SignInStep::Waiting);
    assert_eq!(stage.log().count(Endpoint::Token), 0);

    paste(&stage, &attempt.id, &good).await.expect("it is the answer");
    assert_eq!(attempt.done().await.sub, "demo|ada");
}

#[tokio::test]
async fn a_pasted_no_is_a_no() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let no = robot_sent_to(attempt.url.as_str(), &Robot::deny(&stage.person("Ada"))).await.expect("it ends there");
    paste(&stage, &attempt.id, &no).await.expect("it is the answer");
    assert_eq!(attempt.failed().await.code, "callback.access_denied");
}

#[tokio::test]
async fn nothing_can_be_pasted_where_no_browser_is_waited_for() {
    let stage = Stage::new().await;
    let unknown = paste(&stage, "0123456789abcdef", "http://127.0.0.1:1/cb/x?code=a").await.expect_err("nobody");
    assert_eq!(unknown.code, "login.unknown");
    let request = doorkey_client::words::SignInRequest {
        device: Some(DeviceUse::Only),
        ..doorkey_tests::stage::request(doorkey_tests::PROFILE)
    };
    let id = stage.client.start_sign_in(&request).await.expect("it starts").sign_in.id;
    let refused = paste(&stage, &id, "http://127.0.0.1:1/cb/x?code=a").await.expect_err("no browser");
    assert_eq!(refused.code, "login.not_waiting");
}

async fn paste(stage: &Stage, id: &str, text: &str) -> Result<(), Refusal> {
    let pasted = PastedRedirect { url: Secret::new(text.to_owned()) };
    match stage.client.hand_in(id, &pasted).await {
        Ok(_) => Ok(()),
        refused => Err(refusal(refused)),
    }
}

/// Ada says yes in a browser that is on another computer.
async fn ended_at(stage: &Stage, attempt: &Attempt) -> String {
    let robot = Robot::allow(&stage.person("Ada"));
    robot_sent_to(attempt.url.as_str(), &robot).await.expect("it ends at the redirect URI")
}

fn attempt_code(address: &str) -> String {
    let url: url::Url = address.parse().expect("a URL");
    url.query_pairs().find(|(name, _)| name == "code").expect("it has a code").1.into_owned()
}
