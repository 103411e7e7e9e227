//! Step mode: a sign-in waits before each request, which is seen, edited, sent or not.

use doorkey_client::Secret;
use doorkey_client::words::{
    CheckOutcome, DeviceUse, Edit, EditPlace, Edited, EventKind, Exchange, Grant, Pause, Profile, ProfileEntry, Push,
    Refusal, SignIn, SignInRequest, SignInStep, StepRequest,
};
use doorkey_demo_idp::{Client, DpopNonce, Endpoint, Entry, Robot, Settings, robot_sign_in};
use doorkey_tests::stage::{assert_told_well, refusal, request};
use doorkey_tests::{PROFILE, Stage, watch};

#[tokio::test]
async fn every_request_waits_and_what_nobody_edits_ends_as_ever() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    let mut seen = Vec::new();
    let sign_in = loop {
        let Some(pause) = steps.pause().await else { break steps.now().await };
        let before = stage.log().entries().len();
        let request = pause.request.clone();
        assert_eq!(request.is_none(), pause.before == "save", "{pause:?}");
        assert_eq!(pause.number as usize, seen.len() + 1);
        if pause.before == "authorization" {
            assert!(pause.query.iter().any(|pair| pair.name == "code_challenge"), "{pause:?}");
            assert_eq!(steps.detail().await, None, "nothing to open yet");
        }
        seen.push(pause.before.clone());
        assert_eq!(stage.log().entries().len(), before, "nothing was sent while it waits");
        steps.sent(&pause, []).await;
        if pause.before == "authorization" {
            steps.allow(&stage).await;
        }
    };
    assert_eq!(seen, ["metadata", "authorization", "token", "keys", "save"]);
    assert!(sign_in.step == SignInStep::Done && !sign_in.edited && sign_in.pause.is_none(), "{sign_in:?}");
    assert_eq!(stage.session().await.sub, "demo|ada");
    assert!(edits(&stage).await.is_empty());
    // Not the next one, and no renewal.
    stage.renew().await.expect("renewed");
    stage.assert_next_sign_in_works().await;
}

/// Design 2.6: a request is shown before it is sent | its secrets are fingerprints
#[tokio::test]
async fn what_waits_is_shown_without_its_secrets() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    let mut shown = String::new();
    while let Some(pause) = steps.pause().await {
        shown += &serde_json::to_string(&steps.now().await).expect("JSON");
        steps.sent(&pause, []).await;
        if pause.before == "authorization" {
            steps.allow(&stage).await;
        }
    }
    let asked = stage.log().of(Endpoint::Authorize)[0].clone();
    let token = stage.log().of(Endpoint::Token)[0].clone();
    for secret in [
        asked.params.get("state"),
        asked.params.get("nonce"),
        token.params.get("code"),
        token.params.get("code_verifier"),
    ] {
        let secret = secret.expect("it was sent");
        assert!(secret.len() > 20 && !shown.contains(secret), "shown in the clear");
    }
    for name in ["\"state\"", "\"nonce\"", "\"code\"", "\"code_verifier\"", "doorkey-demo"] {
        assert!(shown.contains(name), "{name} is not shown at all");
    }
}

#[tokio::test]
async fn an_edited_token_request_arrives_as_edited_and_is_marked() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    steps.until(&stage, "token").await;
    let verifier = "another-verifier-that-is-long-enough-for-pkce-0123456789";
    let changes = [
        set(EditPlace::Form, "code_verifier", verifier),
        set(EditPlace::Header, "x-seen", "by-the-provider"),
        Edit::Remove { place: EditPlace::Form, name: "redirect_uri".to_owned() },
        Edit::Add { place: EditPlace::Form, name: "resource".to_owned(), value: secret("https://api.example") },
    ];
    let pause = steps.pause().await.expect("it waits");
    steps.sent(&pause, changes).await;
    let ended = steps.ended().await;
    assert!(ended.step == SignInStep::Failed && ended.edited, "{ended:?}");

    let arrived: Entry = stage.log().of(Endpoint::Token)[0].clone();
    assert_eq!(arrived.params.get("code_verifier"), Some(verifier));
    assert_eq!(arrived.headers.get("x-seen"), Some("by-the-provider"));
    assert_eq!(
        (arrived.params.get("redirect_uri"), arrived.params.get("resource")),
        (None, Some("https://api.example"))
    );
    let edited = edits(&stage).await;
    let names: Vec<(EditPlace, &str)> = edited.iter().map(|it| (it.place, it.name.as_str())).collect();
    assert_eq!(
        names,
        [
            (EditPlace::Form, "code_verifier"),
            (EditPlace::Form, "redirect_uri"),
            (EditPlace::Form, "resource"),
            (EditPlace::Header, "x-seen"),
        ]
    );
    assert!(edited[0].secret && !format!("{edited:?}").contains(verifier), "{edited:?}");
    assert!(edited[1].after.is_empty() && edited[2].before.is_empty(), "{edited:?}");
    stage.assert_next_sign_in_works().await;
}

/// Design 2.4: a sign-in ends well by a request that somebody edited | nothing is stored, its tokens are revoked
#[tokio::test]
async fn what_ends_well_by_an_edited_request_is_not_stored() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    steps.until(&stage, "authorization").await;
    let pause = steps.pause().await.expect("it waits");
    assert_eq!(pause.editable, [EditPlace::Query, EditPlace::Address]);
    steps.sent(&pause, [set(EditPlace::Query, "scope", "openid offline_access")]).await;
    steps.allow(&stage).await;
    steps.until(&stage, "save").await;
    let last = steps.pause().await.expect("it waits");
    steps.sent(&last, []).await;
    let ended = steps.ended().await;
    assert_eq!((ended.step, ended.session, ended.edited, ended.error), (SignInStep::Done, None, true, None));
    let (sub, revoked) = watch::until_event(&stage.client, "it is told", |event| match &event.kind {
        EventKind::NotKept { sub, revoked, .. } => Some((sub.clone(), *revoked)),
        _ => None,
    })
    .await;
    assert_eq!((sub.as_str(), revoked), ("demo|ada", true));
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    assert_eq!(stage.log().count(Endpoint::Revoke), 1);
    let asked = stage.log().of(Endpoint::Authorize)[0].clone();
    assert_eq!(asked.params.get("scope"), Some("openid offline_access"));
    // What the answer is held against is what the sign-in itself would have asked for.
    let granted = watch::until_event(&stage.client, "what was granted is judged", |event| match &event.kind {
        EventKind::Checked { subject, checks } if subject == "granted" => Some(checks.clone()),
        _ => None,
    })
    .await;
    assert!(granted.iter().any(|check| check.outcome == CheckOutcome::Warned), "{granted:?}");
    assert_eq!(edits(&stage).await[0].after, ["openid offline_access"]);
}

#[tokio::test]
async fn an_old_session_is_left_alone_by_an_edited_sign_in_of_the_same_person() {
    let stage = Stage::new().await;
    let old = stage.sign_in().await;
    let token = stage.access_token().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    while let Some(pause) = steps.pause().await {
        let edit = (pause.before == "authorization").then(|| set(EditPlace::Query, "ui_locales", "de"));
        steps.sent(&pause, edit).await;
        if pause.before == "authorization" {
            steps.allow(&stage).await;
        }
    }
    assert_eq!(steps.now().await.session, None);
    assert_eq!(stage.session().await, old);
    assert_eq!(stage.access_token().await, token);
    assert_eq!(stage.log().count(Endpoint::Revoke), 0, "some providers would end the old session too");
    stage.renew().await.expect("it is as good as before");
}

/// L-36: a sign-in is stopped at each pause | it ends there, and what it got is revoked
#[tokio::test]
async fn it_can_be_stopped_at_every_pause() {
    let stage = Stage::new().await;
    for at in ["metadata", "authorization", "token", "keys", "save"] {
        let (sent, revoked) = (stage.log().count(Endpoint::Token), stage.log().count(Endpoint::Revoke));
        // Keys are read once, and then known.
        let at = if at == "keys" && sent > 0 { "save" } else { at };
        let steps = Steps::begin(&stage, |_| ()).await;
        steps.until(&stage, at).await;
        let port =
            steps.now().await.redirect_uri.map(|uri| uri.parse::<url::Url>().expect("a URL").port().expect("one"));
        stage.client.cancel_sign_in(&steps.id).await.expect("it can be stopped");
        let ended = steps.ended().await;
        assert_eq!((ended.step, ended.pause, ended.session), (SignInStep::Cancelled, None, None), "{at}");
        let has_tokens = matches!(at, "keys" | "save");
        assert_eq!(stage.log().count(Endpoint::Token) - sent, usize::from(has_tokens), "{at}");
        assert_eq!(stage.log().count(Endpoint::Revoke) - revoked, usize::from(has_tokens), "{at}");
        if let Some(port) = port {
            doorkey_tests::Attempt::until_port_is_free(port).await;
        }
    }
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
}

/// L-36: an application's own sign-in is stopped before it is saved | its token is revoked
#[tokio::test]
async fn an_applications_own_sign_in_that_is_stopped_at_the_end_leaves_no_token() {
    const SECRET: &str = "CANARY-of-the-application-0123456789";
    let clients = vec![Client::confidential("service", SECRET, Vec::new())];
    let stage = Stage::with(Settings { clients, ..Settings::default() }).await;
    let service = Profile::new(PROFILE, stage.provider.issuer(), "service");
    let audience = Some("https://notes.example/".to_owned());
    let profile = Profile { grant: Grant::ClientCredentials, scopes: Vec::new(), audience, ..service };
    let entry = ProfileEntry { client_secret: Some(secret(SECRET)), ..profile.into() };
    stage.client.put_profile(&entry).await.expect("a profile");

    for (at, revoked) in [("token", 0), ("save", 1)] {
        let steps = Steps::begin(&stage, |_| ()).await;
        steps.until(&stage, at).await;
        stage.client.cancel_sign_in(&steps.id).await.expect("it can be stopped");
        assert_eq!(steps.ended().await.step, SignInStep::Cancelled, "{at}");
        assert_eq!(stage.log().count(Endpoint::Revoke), revoked, "{at}");
    }
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
}

#[tokio::test]
async fn a_pause_that_nobody_ends_ends_the_sign_in() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |request| request.timeout = Some(1)).await;
    let ended = steps.ended().await;
    let why = ended.error.expect("why");
    assert_eq!((ended.step, why.code.as_str()), (SignInStep::Failed, "login.pause_timeout"));
    assert_told_well(&why);
    assert_eq!(stage.log().entries().len(), 0, "nothing was sent");
}

#[tokio::test]
async fn a_change_that_may_not_be_made_leaves_the_request_waiting() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    steps.until(&stage, "authorization").await;
    let pause = steps.pause().await.expect("it waits");
    for bad in [
        set(EditPlace::Query, "redirect_uri", "https://evil.example/cb"),
        Edit::Address { url: "https://evil.example/".to_owned() },
        set(EditPlace::Header, "accept", "x"),
    ] {
        let refused = steps.step(pause.number, vec![bad]).await.expect_err("refused");
        assert_eq!(refused.code, "usage.bad_edit");
        assert_told_well(&refused);
    }
    let stale = steps.step(pause.number - 1, Vec::new()).await.expect_err("another one waits");
    assert_eq!(stale.code, "login.not_paused");
    assert_told_well(&stale);
    assert_eq!(steps.pause().await, Some(pause));
    assert_eq!(stage.log().count(Endpoint::Authorize), 0);
    stage.client.cancel_sign_in(&steps.id).await.expect("stopped");
    steps.ended().await;
    assert_eq!(steps.step(2, Vec::new()).await.expect_err("it is over").code, "login.not_paused");
    let unknown = StepRequest { number: 1, edits: Vec::new() };
    assert_eq!(refusal(stage.client.step("0000000000000000", &unknown).await).code, "login.unknown");
}

/// J-04: keys come by a request that somebody edited | they are for that sign-in alone
#[tokio::test]
async fn what_came_by_an_edited_request_is_not_remembered_of_the_provider() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |_| ()).await;
    while let Some(pause) = steps.pause().await {
        let edit = (pause.before == "keys").then(|| set(EditPlace::Header, "accept", "*/*"));
        steps.sent(&pause, edit).await;
        if pause.before == "authorization" {
            steps.allow(&stage).await;
        }
    }
    assert_eq!(stage.log().count(Endpoint::Jwks), 1);
    stage.assert_next_sign_in_works().await;
    assert_eq!(stage.log().count(Endpoint::Jwks), 2, "they were read anew");
    let keys: Vec<Exchange> = exchanges(&stage).await.into_iter().filter(|it| it.purpose == "keys").collect();
    let unchanged = |it: &Exchange| it.answer.as_ref().expect("an answer").unchanged.is_some();
    assert!(!keys.iter().any(unchanged), "each was told whole, the edited one for itself: {keys:?}");
    stage.assert_next_sign_in_works().await;
    assert_eq!(stage.log().count(Endpoint::Jwks), 2, "and kept then");
}

/// DPOP-08: a nonce comes by a request that somebody edited | it is for that sign-in alone
#[tokio::test]
async fn a_nonce_that_came_by_an_edited_request_is_not_remembered_of_the_provider() {
    let stage = Stage::with(Settings { dpop_nonce: DpopNonce::Demanded, ..Settings::default() }).await;
    stage.put(|profile| profile.dpop = true).await;
    let steps = Steps::begin(&stage, |_| ()).await;
    steps.until(&stage, "token").await;
    let pause = steps.pause().await.expect("it waits");
    steps.sent(&pause, [set(EditPlace::Header, "x-seen", "by-the-provider")]).await;
    steps.until(&stage, "save").await;
    let last = steps.pause().await.expect("it waits");
    steps.sent(&last, []).await;
    assert_eq!(steps.ended().await.step, SignInStep::Done, "the nonce that it was asked for served it");
    for (tries, what) in [(2, "it had to be told the nonce"), (1, "and knew it then")] {
        let before = stage.log().count(Endpoint::Token);
        stage.sign_in().await;
        assert_eq!(stage.log().count(Endpoint::Token) - before, tries, "{what}");
    }
}

#[tokio::test]
async fn a_pushed_request_waits_and_is_edited_before_the_browser_is_sent() {
    let stage = Stage::new().await;
    stage.put(|profile| profile.push = Push::Always).await;
    let steps = Steps::begin(&stage, |_| ()).await;
    steps.until(&stage, "push").await;
    let pause = steps.pause().await.expect("it waits");
    steps.sent(&pause, [set(EditPlace::Form, "scope", "openid")]).await;
    steps.until(&stage, "authorization").await;
    assert_eq!(stage.log().of(Endpoint::Pushed)[0].params.get("scope"), Some("openid"));
    stage.client.cancel_sign_in(&steps.id).await.expect("stopped");
    assert_eq!(steps.ended().await.step, SignInStep::Cancelled);
}

#[tokio::test]
async fn two_ways_at_once_wait_one_after_the_other() {
    let stage = Stage::new().await;
    let steps = Steps::begin(&stage, |request| request.device = Some(DeviceUse::Beside)).await;
    for before in ["metadata", "authorization", "device"] {
        let pause = steps.pause().await.expect("it waits");
        assert_eq!(pause.before, before);
        steps.sent(&pause, []).await;
    }
    // The browser is first; a question of the other way that waits then goes with it.
    steps.allow(&stage).await;
    while let Some(pause) = steps.pause().await {
        let sent = steps.step(pause.number, Vec::new()).await;
        assert!(sent.is_ok() || sent.is_err_and(|refusal| refusal.code == "login.not_paused"));
    }
    assert_eq!(steps.now().await.step, SignInStep::Done);
}

/// A sign-in in step mode.
struct Steps {
    client: std::sync::Arc<doorkey_client::Client>,
    id: String,
}

impl Steps {
    async fn begin(stage: &Stage, change: impl FnOnce(&mut SignInRequest)) -> Self {
        let mut request = SignInRequest { step: true, ..request(PROFILE) };
        change(&mut request);
        let id = stage.client.start_sign_in(&request).await.expect("it starts").sign_in.id;
        Self { client: stage.client.clone(), id }
    }

    /// The next pause; nothing at the end.
    async fn pause(&self) -> Option<Pause> {
        let waits = |it: &SignIn| it.pause.is_some() || it.step.is_final();
        watch::until_sign_in(&self.client, &self.id, "it waits or ends", waits).await.pause
    }

    async fn step(&self, number: u32, edits: Vec<Edit>) -> Result<SignIn, Refusal> {
        let request = StepRequest { number, edits };
        self.client.step(&self.id, &request).await.map(|it| it.sign_in).map_err(|error| error.refusal())
    }

    async fn sent(&self, pause: &Pause, edits: impl IntoIterator<Item = Edit>) {
        let now = self.step(pause.number, edits.into_iter().collect()).await.expect("it goes on");
        assert_ne!(now.pause.map(|pause| pause.number), Some(pause.number));
    }

    /// Sends what comes until this waits.
    async fn until(&self, stage: &Stage, before: &str) {
        loop {
            let pause = self.pause().await.expect("it waits");
            if pause.before == before {
                return;
            }
            self.sent(&pause, []).await;
            if pause.before == "authorization" {
                self.allow(stage).await;
            }
        }
    }

    async fn detail(&self) -> Option<String> {
        self.client.sign_in(&self.id).await.expect("it is known").authorization_url
    }

    async fn allow(&self, stage: &Stage) {
        let waits = |it: &SignIn| it.step == SignInStep::Waiting || it.step.is_final();
        watch::until_sign_in(&self.client, &self.id, "it waits for the browser", waits).await;
        let address = self.detail().await.expect("an address");
        robot_sign_in(&address, &Robot::allow(&stage.person("Ada"))).await.expect("the browser comes back");
    }

    async fn now(&self) -> SignIn {
        self.client.sign_in(&self.id).await.expect("it is known").sign_in
    }

    async fn ended(&self) -> SignIn {
        watch::until_sign_in(&self.client, &self.id, "it ends", |it| it.step.is_final()).await
    }
}

fn set(place: EditPlace, name: &str, value: &str) -> Edit {
    Edit::Set { place, name: name.to_owned(), value: secret(value) }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// What the journal says was edited.
async fn edits(stage: &Stage) -> Vec<Edited> {
    let edited = events(stage).await.into_iter().flat_map(|kind| match kind {
        EventKind::Exchanged { exchange } => exchange.edited,
        EventKind::AuthorizationRequested { edited, .. } => edited,
        _ => Vec::new(),
    });
    edited.collect()
}

async fn exchanges(stage: &Stage) -> Vec<Exchange> {
    let exchanges = events(stage).await.into_iter().filter_map(|kind| match kind {
        EventKind::Exchanged { exchange } => Some(*exchange),
        _ => None,
    });
    exchanges.collect()
}

async fn events(stage: &Stage) -> Vec<EventKind> {
    let page = stage.client.journal(&doorkey_client::words::JournalRequest::default()).await.expect("the journal");
    page.events.into_iter().map(|event| event.kind).collect()
}
