//! Signing in: the good way, and what browsers, strangers and people do meanwhile.

use doorkey_client::words::{CheckOutcome, EventKind, SignInRequest, SignInStep, TokenRequest};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::stage::{exposed, profile, refusal, request};
use doorkey_tests::{Attempt, PATIENCE, PROFILE, Stage, stranger, watch};
use url::Url;

#[tokio::test]
async fn a_person_signs_in_and_a_program_gets_a_token() {
    let stage = Stage::new().await;
    let session = stage.sign_in().await;

    assert_eq!((session.sub.as_str(), session.email.as_deref()), ("demo|ada", Some("ada@example.test")));
    assert_eq!(session.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(session.scope, ["openid", "profile", "email", "offline_access"]);
    assert!(session.scope_refused.is_empty() && session.renewable);
    let token = stage.token().await.expect("a token");
    assert_eq!((token.token_type.as_str(), token.expires_at), ("Bearer", session.expires_at));
    assert_eq!(userinfo(&stage, &exposed(&token.access_token)).await, 200);
}

#[tokio::test]
async fn every_check_of_the_id_token_is_told_also_the_passed_ones() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let checks = watch::until_event(&stage.client, "the ID token was checked", |event| match &event.kind {
        EventKind::Checked { subject, checks } if subject == "id_token" => Some(checks.clone()),
        _ => None,
    })
    .await;
    let passed: Vec<&str> =
        checks.iter().filter(|check| check.outcome == CheckOutcome::Passed).map(|check| check.name.as_str()).collect();
    for wanted in ["signature", "iss", "aud", "exp", "iat", "nonce", "at_hash"] {
        assert!(passed.iter().any(|name| name.contains(wanted)), "no passed check of `{wanted}` among {passed:?}");
    }
    assert!(checks.iter().all(|check| !check.expected.is_empty() && !check.source.is_empty()), "{checks:?}");
}

#[tokio::test]
async fn the_request_has_pkce_state_nonce_and_the_very_redirect_uri_that_listens() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    assert_eq!(attempt.asked("response_type"), "code");
    assert_eq!(attempt.asked("code_challenge_method"), "S256");
    assert_eq!(attempt.asked("code_challenge").len(), 43);
    assert!(attempt.asked("state").len() >= 22 && attempt.asked("nonce").len() >= 22);
    assert_eq!(attempt.asked("redirect_uri"), attempt.redirect_uri.as_str());
    drop(stranger::silent(attempt.port()).await);

    let other = {
        attempt.cancel().await;
        attempt.ended().await;
        stage.begin().await
    };
    assert_ne!(other.asked("state"), attempt.asked("state"));
    assert_ne!(other.asked("nonce"), attempt.asked("nonce"));
    assert_ne!(other.asked("code_challenge"), attempt.asked("code_challenge"));
}

#[tokio::test]
async fn a_profile_with_an_audience_gives_a_token_for_that_audience() {
    let stage = Stage::new().await;
    stage.put(|profile| profile.audience = Some("https://api.example.test".to_owned())).await;
    let session = stage.sign_in().await;
    assert_eq!(session.audience.as_deref(), Some("https://api.example.test"));

    let asked =
        |audience: &str| TokenRequest { audience: Some(audience.to_owned()), ..TokenRequest::for_profile(PROFILE) };
    let token = stage.token_for(&asked("https://api.example.test")).await.expect("a token for it");
    assert_eq!(exposed(&token.access_token).split('.').count(), 3, "a JWT is expected for an audience");
    let refused = stage.token_for(&asked("https://other.example.test")).await.expect_err("another audience");
    assert_eq!(refused.code, "broker.other_audience");
}

/// T-13: fewer scopes than were asked for | what was granted and what was not is shown
#[tokio::test]
async fn scopes_that_were_not_granted_are_told_and_not_passed_off() {
    let stage = Stage::new().await;
    stage.put(|profile| profile.scopes = ["openid", "notes:read", "notes:write"].map(str::to_owned).into()).await;
    stage.provider.knobs().grant_only(Some(&["openid", "notes:read"]));
    let session = stage.sign_in().await;
    assert_eq!(
        (session.scope, session.scope_refused),
        (vec!["openid".into(), "notes:read".into()], vec!["notes:write".into()])
    );

    let asked = TokenRequest { scope: vec!["notes:write".to_owned()], ..TokenRequest::for_profile(PROFILE) };
    assert_eq!(stage.token_for(&asked).await.expect_err("not granted").code, "broker.insufficient_scope");
}

#[tokio::test]
async fn whatever_else_a_browser_does_the_sign_in_goes_on() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let port = attempt.port();
    let mut idle = Vec::new();
    for _ in 0..6 {
        idle.push(stranger::silent(port).await);
    }
    let state = attempt.asked("state");
    let good = attempt.callback(&[("code", "stolen"), ("state", &state), ("iss", stage.provider.issuer())]);
    let root: Url = format!("http://127.0.0.1:{port}/").parse().expect("a URL");
    let favicon = root.join("favicon.ico").expect("a URL");

    for (what, status, answer) in [
        ("favicon", 404, stranger::visit(&favicon).await),
        ("the root", 404, stranger::visit(&root).await),
        ("a wrong state", 400, attempt.visit(&[("code", "x"), ("state", "wrong")]).await),
        ("no state", 400, attempt.visit(&[("code", "x")]).await),
        ("a stateless error", 400, attempt.visit(&[("error", "access_denied")]).await),
        ("a doubled state", 400, attempt.visit(&[("code", "x"), ("state", &state), ("state", &state)]).await),
        ("HEAD", 405, stranger::request("HEAD", &good, &[]).await),
        (
            "OPTIONS",
            204,
            stranger::request("OPTIONS", &good, &[("Access-Control-Request-Private-Network", "true")]).await,
        ),
        ("POST", 405, stranger::request("POST", &good, &[("Content-Length", "0")]).await),
        ("a foreign Host", 421, stranger::request_as("evil.example", "GET", &good, &[]).await),
        ("a prefetch", 204, stranger::request("GET", &good, &[("Sec-Purpose", "prefetch")]).await),
        ("an image of a web page", 400, stranger::request("GET", &good, &[("Sec-Fetch-Dest", "image")]).await),
    ] {
        assert_eq!(answer.status, Some(status), "{what}: {}", answer.text);
        assert!(!answer.text.contains(&state) && !answer.text.contains("stolen"), "{what} is told a secret");
        assert!(
            !answer.text.to_lowercase().contains("access-control-allow"),
            "{what} is allowed to read across origins"
        );
    }
    let waiting = attempt.until_ignored(12).await;
    assert_eq!(waiting.step, SignInStep::Waiting);
    assert!(waiting.untrusted_hint.is_some(), "a stateless error is a hint");
    assert_eq!(stage.log().count(Endpoint::Token), 0);

    attempt.allow(&stage.person("Ada")).await;
    assert_eq!(attempt.done().await.sub, "demo|ada");
    assert_eq!(stage.log().count(Endpoint::Token), 1);
}

#[tokio::test]
async fn the_page_at_the_end_holds_nothing_of_the_answer_and_keeps_nothing() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let state = attempt.asked("state");
    let hostile = "<script>alert(1)</script>";
    let callback = [
        ("error", "access_denied"),
        ("error_description", hostile),
        ("state", &state),
        ("iss", stage.provider.issuer()),
    ];
    let answer = attempt.visit(&callback).await;
    for header in [
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "content-security-policy:",
        "x-content-type-options: nosniff",
    ] {
        assert!(answer.text.to_lowercase().contains(header), "no `{header}` in\n{}", answer.text);
    }
    assert!(!answer.text.contains("<script") && !answer.text.contains(&state), "{}", answer.text);
    let refusal = attempt.failed().await;
    assert_eq!(refusal.code, "callback.access_denied");
}

/// stopped from the window | `user.cancelled`; the port is free, no token was asked for
#[tokio::test]
async fn a_cancelled_sign_in_frees_its_port_and_never_asks_for_a_token() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    attempt.cancel().await;
    let ended = attempt.ended().await;
    assert_eq!(ended.step, SignInStep::Cancelled);
    assert!(attempt.is_deserted().await);
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    stage.assert_next_sign_in_works().await;
    assert_eq!(stage.log().count(Endpoint::Token), 1, "the one token request is the second sign-in's");
}

/// nobody comes back | `callback.timeout`, with the redirect URI to register
#[tokio::test]
async fn a_sign_in_that_nobody_finishes_times_out_and_says_what_to_look_at() {
    let stage = Stage::new().await;
    let short = SignInRequest { timeout: Some(1), ..request(PROFILE) };
    let attempt = Attempt::begin(&stage.client, &short).await;
    let refusal = attempt.failed().await;
    assert_eq!((refusal.code.as_str(), refusal.retryable), ("callback.timeout", true));
    assert!(refusal.hint.contains(attempt.redirect_uri.as_str()), "{}", refusal.hint);
    assert!(attempt.is_deserted().await);
    stage.assert_next_sign_in_works().await;
    assert_eq!(stage.log().count(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_person_who_says_no_keeps_the_session_they_had() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let before = stage.snapshot().await;
    let attempt = stage.begin().await;
    attempt.deny(&stage.person("Ada")).await;
    let refusal = attempt.failed().await;
    assert_eq!((refusal.code.as_str(), refusal.profile.as_deref()), ("callback.access_denied", Some(PROFILE)));
    assert!(!refusal.message.is_empty() && !refusal.hint.is_empty(), "{refusal:?}");
    assert_eq!(stage.log().count(Endpoint::Token), 1);
    stage.assert_unharmed(&before, &attempt).await;
}

#[tokio::test]
async fn a_second_sign_in_for_the_same_profile_is_refused_while_the_first_goes_on() {
    let stage = Stage::new().await;
    let first = stage.begin().await;
    let refused = refusal(stage.client.start_sign_in(&request(PROFILE)).await);
    assert_eq!((refused.code.as_str(), refused.retryable), ("login.already_running", true));
    first.allow(&stage.person("Ada")).await;
    first.done().await;
}

#[tokio::test]
async fn two_profiles_sign_in_at_the_same_time() {
    let stage = Stage::new().await;
    let second = profile("second", stage.provider.issuer()).into();
    stage.client.put_profile(&second).await.expect("the profile is good");
    let one = stage.begin().await;
    let other = Attempt::begin(&stage.client, &request("second")).await;
    assert_ne!(one.redirect_uri.path(), other.redirect_uri.path(), "each profile has a redirect path of its own");
    other.allow(&stage.person("Grace")).await;
    one.allow(&stage.person("Ada")).await;
    assert_eq!((one.done().await.sub, other.done().await.sub), ("demo|ada".to_owned(), "demo|grace".to_owned()));
}

/// I-21: another person signs in with the same profile | both sessions are kept, and nobody is given the one for the other
/// B-T13: two sessions fit | `session.ambiguous`
/// B-21: a token is asked for, and two sessions fit | `session.ambiguous` with both, never a guess
#[tokio::test]
async fn two_people_with_one_profile_are_two_sessions_and_never_a_guess() {
    let stage = Stage::new().await;
    let ada = stage.sign_in_as("Ada").await;
    let grace = stage.sign_in_as("Grace").await;
    assert_ne!(ada.id, grace.id);
    assert_eq!(stage.client.sessions().await.expect("the sessions").sessions.len(), 2);

    let refused = stage.token().await.expect_err("nobody says whose");
    assert_eq!(refused.code, "session.ambiguous");
    assert!(
        refused.hint.contains("ada@example.test") && refused.hint.contains("grace@example.test"),
        "{}",
        refused.hint
    );
    let whose =
        |account: &str| TokenRequest { account: Some(account.to_owned()), ..TokenRequest::for_profile(PROFILE) };
    let by_mail = stage.token_for(&whose("grace@example.test")).await.expect("by e-mail address");
    let by_sub = stage.token_for(&whose("demo|grace")).await.expect("by sub");
    let by_id = stage.token_for(&whose(&ada.id)).await.expect("by id");
    assert_eq!(exposed(&by_mail.access_token), exposed(&by_sub.access_token));
    assert_ne!(exposed(&by_mail.access_token), exposed(&by_id.access_token));
}

#[tokio::test]
async fn the_same_person_again_is_the_same_session_with_new_tokens() {
    let stage = Stage::new().await;
    let first = stage.sign_in().await;
    let token = stage.access_token().await;
    let second = stage.sign_in().await;
    assert_eq!(first.id, second.id);
    assert_ne!(stage.access_token().await, token);
}

#[tokio::test]
async fn an_answer_that_comes_twice_is_exchanged_once() {
    let stage = Stage::new().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let attempt = stage.begin().await;
    let ada = stage.person("Ada");
    let (arrived, ()) = tokio::join!(attempt.allow(&ada), async {
        assert!(gate.wait_for(1, PATIENCE).await, "the code is exchanged");
        let code = stage.log().of(Endpoint::Token)[0].params.get("code").expect("a code").to_owned();
        let state = attempt.asked("state");
        let again = attempt.visit(&[("code", &code), ("state", &state), ("iss", stage.provider.issuer())]).await;
        assert!(matches!(again.status, Some(200 | 303)), "{}", again.text);
    });
    assert_eq!(arrived.status, 200);
    gate.release();
    attempt.done().await;
    assert_eq!(stage.log().count(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_sign_in_cancelled_during_the_exchange_leaves_nothing_alive() {
    let stage = Stage::new().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let attempt = stage.begin().await;
    attempt.allow(&stage.person("Ada")).await;
    assert!(gate.wait_for(1, PATIENCE).await, "the code is exchanged");
    attempt.cancel().await;
    gate.release();
    assert_eq!(attempt.ended().await.step, SignInStep::Cancelled);
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    let revoked = stage.log().of(Endpoint::Revoke);
    assert_eq!(revoked.len(), 1, "what the provider gave is revoked");
    assert_eq!(revoked[0].outcome.as_ref().and_then(|outcome| outcome.status), Some(200));
}

/// the profile is changed while its sign-in waits | the sign-in ends with the reason
#[tokio::test]
async fn a_changed_profile_stops_the_sign_in_that_it_overtakes() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    stage.put(|profile| profile.client_id = "other".to_owned()).await;
    let ended = attempt.ended().await;
    assert_eq!(ended.error.map(|error| error.code).as_deref(), Some("config.profile_changed"));
    assert!(attempt.is_deserted().await);
}

#[tokio::test]
async fn an_issuer_with_a_path_and_a_slash_at_its_end_is_taken_byte_for_byte() {
    for path in ["/tenant", "/tenant/"] {
        let stage = Stage::with(Settings { path: path.to_owned(), ..Settings::default() }).await;
        let session = stage.sign_in().await;
        assert_eq!(session.issuer, stage.provider.issuer());
        assert!(session.issuer.ends_with(path), "{}", session.issuer);
        stage.renew().await.expect("renewed");
    }
}

/// J-02: an unknown key, and the keys have it when they are read again | signed in, by one more read
#[tokio::test]
async fn keys_that_were_rotated_since_are_read_again() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    stage.provider.knobs().rotate_signing_keys().await.expect("new keys");
    stage.sign_in().await;
    assert_eq!(stage.log().count(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn localhost_and_the_v6_address_are_redirect_hosts_too() {
    use doorkey_client::words::RedirectHost;
    for (host, text) in [(RedirectHost::V6, "[::1]"), (RedirectHost::Localhost, "localhost")] {
        let stage = Stage::new().await;
        stage.put(|profile| profile.redirect_host = host).await;
        let attempt = stage.begin().await;
        assert_eq!(attempt.redirect_uri.host_str(), Some(text));
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
    }
}

#[tokio::test]
async fn a_fixed_port_is_used_and_can_be_used_again_at_once() {
    let stage = Stage::new().await;
    let port = free_port();
    stage.put(|profile| profile.ports = vec![port]).await;
    for _ in 0..2 {
        let attempt = stage.begin().await;
        assert_eq!(attempt.port(), port);
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
    }
}

/// Free a moment ago: nobody else on a quiet machine asks for just this one.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}

async fn userinfo(stage: &Stage, token: &str) -> u16 {
    let url: Url = stage.provider.url(Endpoint::Userinfo).parse().expect("a URL");
    let answer =
        stranger::request("GET", &url, &[("Authorization", &format!("Bearer {token}")), ("Connection", "close")]).await;
    answer.status.expect("an answer")
}
