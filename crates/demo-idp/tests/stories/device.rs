use std::time::Duration;

use doorkey_demo_idp::{Device, DeviceStatuses, Endpoint, Misbehaviour as M, Robot, Settings, robot_sign_in};
use serde_json::Value;

use crate::support::{ALL_SCOPES, Scene, Seen, part, text};

const CLIENT: (&str, &str) = ("client_id", "doorkey-demo");

impl Scene {
    async fn codes(&self) -> Value {
        self.ask(Endpoint::DeviceAuthorization, &[CLIENT, ("scope", ALL_SCOPES)]).await.json(200)
    }

    async fn poll(&self, codes: &Value) -> Seen {
        let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        self.ask(Endpoint::Token, &[CLIENT, grant, ("device_code", text(&codes["device_code"]))]).await
    }

    /// After the interval.
    async fn poll_later(&self, codes: &Value) -> Seen {
        self.idp.knobs().move_clock(30);
        self.poll(codes).await
    }

    /// Types a code in and goes on to the next page.
    async fn type_in(&mut self, code: &str) -> Seen {
        let page = self.get(&self.idp.url(Endpoint::Device)).await;
        let form = [("csrf", page.hidden("csrf")), ("user_code", code.to_owned())];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = self.post(&page.action(), &form).await;
        self.follow(answer).await
    }
}

#[tokio::test]
async fn a_person_connects_a_device() {
    let mut scene = Scene::new().await;
    let codes = scene.codes().await;
    assert_eq!((codes["interval"].as_u64(), codes["expires_in"].as_u64()), (Some(5), Some(600)));
    let code = text(&codes["user_code"]);
    assert_eq!(
        text(&codes["verification_uri_complete"]),
        format!("{}?user_code={code}", text(&codes["verification_uri"]))
    );
    scene.poll(&codes).await.refused(400, "authorization_pending");

    let typed = code.to_lowercase().replace('-', " ");
    let login = scene.type_in(&typed).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    let done = scene.decide(&consent, "allow").await;
    done.stays_here(200, "You are done here");

    let answer = scene.poll_later(&codes).await.json(200);
    let claims = part(text(&answer["id_token"]), 1);
    assert_eq!((text(&claims["sub"]), claims.get("nonce")), ("demo|ada", None));
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 200);
    scene.refresh(text(&answer["refresh_token"]), &[]).await.json(200);
    scene.poll_later(&codes).await.refused(400, "invalid_grant");
    scene.type_in(code).await.stays_here(200, "No program waits with that code");
}

#[tokio::test]
async fn the_person_is_asked_each_time_and_may_say_no() {
    let mut scene = Scene::new().await;
    scene.tokens(&[]).await;
    let codes = scene.codes().await;
    let consent = scene.type_in(text(&codes["user_code"])).await;
    assert!(consent.text.contains("name=\"decision\""), "{}", consent.text);
    scene.decide(&consent, "deny").await.stays_here(200, "refused");
    scene.poll(&codes).await.refused(400, "access_denied");
}

#[tokio::test]
async fn asking_too_fast_makes_it_slower() {
    let scene = Scene::new().await;
    let codes = scene.codes().await;
    let knobs = scene.idp.knobs();
    scene.poll(&codes).await.refused(400, "authorization_pending");
    knobs.move_clock(3);
    scene.poll(&codes).await.refused(400, "slow_down");
    knobs.move_clock(7);
    scene.poll(&codes).await.refused(400, "slow_down");
    knobs.move_clock(16);
    scene.poll(&codes).await.refused(400, "authorization_pending");
}

#[tokio::test]
async fn codes_grow_old() {
    let mut scene = Scene::new().await;
    let codes = scene.codes().await;
    scene.idp.knobs().move_clock(601);
    scene.poll(&codes).await.refused(400, "expired_token");
    scene.poll_later(&codes).await.refused(400, "expired_token");
    scene.type_in(text(&codes["user_code"])).await.stays_here(200, "No program waits with that code");
}

#[tokio::test]
async fn statuses_can_be_those_of_auth0() {
    let device = Device { statuses: DeviceStatuses::Auth0, interval: Duration::from_secs(7), ..Device::default() };
    let scene = Scene::with(Settings { device, ..Settings::default() }).await;
    let codes = scene.codes().await;
    assert_eq!(codes["interval"], 7);
    scene.poll(&codes).await.refused(403, "authorization_pending");
    scene.poll(&codes).await.refused(429, "slow_down");
    scene.idp.knobs().move_clock(601);
    scene.poll(&codes).await.refused(403, "expired_token");
    scene.poll_later(&codes).await.refused(403, "invalid_grant");
}

#[tokio::test]
async fn a_device_code_belongs_to_its_client_and_a_form_to_its_browser() {
    let mut scene = Scene::new().await;
    let codes = scene.codes().await;
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let web =
        [("client_id", "web"), ("client_secret", "s3cr:t%+é"), grant, ("device_code", text(&codes["device_code"]))];
    scene.ask(Endpoint::Token, &web).await.refused(400, "invalid_grant");
    let url = scene.idp.url(Endpoint::Device);
    let form = [("user_code", text(&codes["user_code"])), ("csrf", "guessed")];
    scene.post(&url, &form).await.stays_here(200, "No program waits with that code");
}

#[tokio::test]
async fn the_robot_connects_a_device() {
    let scene = Scene::new().await;
    for (robot, word) in [(Robot::allow(scene.ada()), "You are done here"), (Robot::deny(scene.ada()), "refused")] {
        let codes = scene.codes().await;
        let arrived = robot_sign_in(text(&codes["verification_uri_complete"]), &robot).await.expect("it arrives");
        assert!(arrived.status == 200 && arrived.page.contains(word), "{}", arrived.page);
    }
}

/// The misbehaviours of this place, for the list that all are shown.
pub(crate) fn shown() -> Vec<M> {
    vec![
        M::DeviceDeniedAtThird,
        M::DeviceExpiredAtThird,
        M::DeviceInvalidAtThird,
        M::DeviceLongInterval,
        M::DeviceSlowDown,
        M::DeviceCodeMissing,
        M::DeviceExpiresInMissing,
        M::DeviceUriPlain,
        M::DeviceUriScript,
    ]
}

#[tokio::test]
async fn devices_can_be_answered_badly() {
    let scene = Scene::new().await;
    for (one, error) in [
        (M::DeviceDeniedAtThird, "access_denied"),
        (M::DeviceExpiredAtThird, "expired_token"),
        (M::DeviceInvalidAtThird, "invalid_request"),
    ] {
        scene.misbehave(one);
        let codes = scene.codes().await;
        scene.poll(&codes).await.refused(400, "authorization_pending");
        scene.poll_later(&codes).await.refused(400, "authorization_pending");
        scene.poll_later(&codes).await.refused(400, error);
    }
    scene.misbehave(M::DeviceLongInterval);
    let codes = scene.codes().await;
    assert_eq!(codes["interval"], 31);
    scene.poll(&codes).await.refused(400, "authorization_pending");
    scene.poll_later(&codes).await.refused(400, "slow_down");
    scene.misbehave(M::DeviceSlowDown);
    let codes = scene.codes().await;
    scene.poll(&codes).await.refused(400, "authorization_pending");
    scene.poll_later(&codes).await.refused(400, "slow_down");
    scene.idp.knobs().move_clock(9);
    scene.poll(&codes).await.refused(400, "slow_down");
    type Check = fn(&Value) -> bool;
    let rows: [(M, Check); 4] = [
        (M::DeviceCodeMissing, |codes| codes.get("device_code").is_none() && codes["user_code"].is_string()),
        (M::DeviceExpiresInMissing, |codes| codes.get("expires_in").is_none()),
        (M::DeviceUriPlain, |codes| text(&codes["verification_uri"]).starts_with("http://device.example")),
        (M::DeviceUriScript, |codes| text(&codes["verification_uri"]).starts_with("javascript:")),
    ];
    for (one, as_said) in rows {
        scene.misbehave(one);
        let codes = scene.codes().await;
        assert!(as_said(&codes), "{one}: {codes}");
    }
}
