//! A provider and a browser that nobody here wrote: the certified `oidc-provider` on loopback, and headless Chromium.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use doorkey_agent::browser::BrowserChoice;
use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::words::{
    BrowserBy, CheckOutcome, DeviceUse, EventKind, ProbeOutcome, ProbeRequest, ProbeState, Profile, ProfileEntry, Push,
    RenewalRequest, SessionState, SignInRequest, SignOut, SignOutRequest, StepName, TokenRequest, Update, VaultKind,
};
use doorkey_client::{Client, Paths};
use doorkey_tests::stage::exposed;
use doorkey_tests::{PATIENCE, skipped, watch};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_stays_signed_in_and_signs_out_at_a_certified_provider() {
    let Some(mut world) = World::start(8).await else { return };
    let agent = Arc::clone(&world.client);

    let session = world.sign_in().await;
    assert_eq!((session.sub.as_str(), session.name.as_deref()), ("ada", Some("Person ada")));
    assert_eq!(session.email.as_deref(), Some("ada@example.test"));
    assert!(session.renewable && session.scope.iter().any(|scope| scope == "offline_access"), "{session:?}");
    assert_eq!(world.heard("grant").await["type"], "authorization_code");
    let landing = world.landing();
    assert_eq!(landing["path"], "/done");
    // L-30: a person's browser keeps nothing of the answer, in its address or its history.
    let seen = format!("{}{}", landing["href"], landing["history"]);
    assert!(landing["history"].as_array().is_some_and(|history| history.len() > 1), "{landing}");
    assert!(
        !seen.contains("code=") && landing["href"].as_str().is_some_and(|href| !href.contains(['?', '#'])),
        "{seen}"
    );

    // The access token is one the provider itself takes.
    let first = agent.token(&any_token()).await.expect("a token");
    assert_eq!(world.userinfo(&exposed(&first.access_token)).await, 200);

    // Renewed by itself, with rotation, and the new one is good too.
    world.renewed_by_itself().await;
    assert_eq!(world.heard("grant").await["type"], "refresh_token");
    let second = agent.token(&any_token()).await.expect("a token");
    assert_ne!(exposed(&first.access_token), exposed(&second.access_token));
    assert_eq!(world.userinfo(&exposed(&second.access_token)).await, 200);

    // Once more on demand: the rotated refresh token is the one that is sent.
    let renewed = agent.renew(&RenewalRequest { profile: Some("real".into()), account: None }).await.expect("renewed");
    assert_eq!(renewed.state, SessionState::SignedIn);
    assert_eq!(world.heard("grant").await["type"], "refresh_token");

    let last = agent.token(&any_token()).await.expect("a token");
    let request =
        SignOutRequest { profile: "real".into(), account: None, how: SignOut::Revoke, browser: BrowserBy::Caller };
    let answer = agent.sign_out(&request).await.expect("signed out");
    let steps: Vec<_> = answer.steps.iter().map(|step| (step.step, step.done)).collect();
    assert_eq!(steps, [(StepName::Revoke, true), (StepName::Forget, true)], "{answer:?}");
    world.heard("revoked").await;
    assert_eq!(world.userinfo(&exposed(&last.access_token)).await, 401);
    assert!(agent.sessions().await.expect("a list").sessions.is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_consent_to_stay_signed_in_the_session_says_that_it_will_end() {
    let Some(mut world) = World::start(300).await else { return };
    world.prompt = None;
    let session = world.sign_in().await;
    assert!(!session.renewable, "{session:?}");
    assert_eq!(session.scope_refused, ["offline_access"]);
    assert_eq!(session.renews_at, None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certified_provider_takes_a_pushed_request() {
    let Some(mut world) = World::start(300).await else { return };
    world.put(|profile| profile.push = Push::Always).await;
    assert_eq!(world.sign_in().await.sub, "ada");
    world.heard("pushed").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certified_provider_takes_our_proofs_and_wants_a_nonce_in_them() {
    let Some(world) = World::start(300).await else { return };
    world.put(|profile| profile.dpop = true).await;
    let session = world.sign_in().await;
    // The name comes from userinfo, which was asked with a proof.
    assert_eq!((session.sub.as_str(), session.name.as_deref()), ("ada", Some("Person ada")));
    let token = world.client.token(&any_token()).await.expect("a token");
    assert_eq!(token.token_type, "DPoP");
    assert_eq!(world.userinfo(&exposed(&token.access_token)).await, 401, "it is of no use to whoever has no key");
    let request = RenewalRequest { profile: Some("real".into()), account: None };
    world.client.renew(&request).await.expect("renewed with the same key");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_types_the_code_into_the_page_of_a_certified_provider() {
    let Some(mut world) = World::start(300).await else { return };
    let request = SignInRequest { device: Some(DeviceUse::Only), ..SignInRequest::for_profile("real") };
    let id = world.client.start_sign_in(&request).await.expect("started").sign_in.id;
    let shows = watch::until_sign_in(&world.client, &id, "a code is shown", |it| it.device.is_some()).await;
    let code = shows.device.expect("a code");
    let mut browser = Command::new(world.folder.path().join("browser"));
    browser.arg(&code.verification_uri).env("USER_CODE", &code.user_code).kill_on_drop(true);
    let mut browser = browser.spawn().expect("the browser starts");
    assert_eq!(world.heard("grant").await["type"], "urn:ietf:params:oauth:grant-type:device_code");
    let done = watch::until_sign_in(&world.client, &id, "the sign-in ends", |it| it.step.is_final()).await;
    assert_eq!(done.session.unwrap_or_else(|| panic!("{:?}", done.error)).sub, "ada");
    browser.wait().await.expect("the browser ends");
    assert_eq!(world.landing()["title"], "Finished");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_certified_provider_is_for_the_resource_that_was_asked_for() {
    let Some(world) = World::start(300).await else { return };
    let api = "https://api.example.test/";
    world
        .put(|profile| {
            profile.resources = vec![api.to_owned()];
            profile.scopes = ["openid", "offline_access", "notes:read"].map(str::to_owned).into();
        })
        .await;
    world.sign_in().await;
    let mut updates = world.client.updates(Some(0)).await.expect("a stream");
    let audience = loop {
        if let Update::Event(event) = updates.next().await.expect("readable").expect("not ended")
            && let EventKind::Checked { subject, checks } = event.kind
            && subject == "granted"
        {
            break checks.into_iter().find(|check| check.name == "granted.audience").expect("the check");
        }
    };
    assert_eq!((audience.outcome, audience.got.as_str()), (CheckOutcome::Passed, api), "{audience:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_browsers_session_with_a_certified_provider_can_be_ended() {
    let Some(mut world) = World::start(300).await else { return };
    world.sign_in().await;
    let request =
        SignOutRequest { profile: "real".into(), account: None, how: SignOut::Everywhere, browser: BrowserBy::Caller };
    let answer = world.client.sign_out(&request).await.expect("signed out");
    let address = answer.end_session_url.expect("the provider has such a page");
    let mut browser = Command::new(world.folder.path().join("browser"));
    browser.arg(address).kill_on_drop(true);
    browser.spawn().expect("the browser starts").wait().await.expect("it ends");
    world.heard("session_ended").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certified_provider_is_probed() {
    let Some(world) = World::start(300).await else { return };
    world.put(|profile| drop(profile.params.insert("prompt".to_owned(), "consent".to_owned()))).await;
    let request = ProbeRequest {
        pace_ms: Some(0),
        wait: Some(20),
        leeway: Some(3),
        timeout: Some(60),
        ..ProbeRequest::new("real", &world.issuer)
    };
    let mut run = world.client.start_probe(&request).await.expect("it starts");
    let (id, mut opened) = (run.id.clone(), 0);
    let mut browsers = Vec::new();
    while !run.state.is_final() {
        if let Some(visit) = run.visit.as_ref().filter(|visit| visit.number > opened) {
            opened = visit.number;
            let mut browser = Command::new(world.folder.path().join("browser"));
            // Where the provider refuses on a page of its own, the browser has nowhere to go.
            browser.arg(&visit.url).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            browsers.push(browser.spawn().expect("the browser starts"));
        }
        run = world.client.probe(&id, Some(run.revision)).await.expect("it is known");
    }
    assert_eq!((run.state, &run.error), (ProbeState::Done, &None));
    let not_passed: Vec<_> = run.results.iter().filter(|it| it.outcome != ProbeOutcome::Passed).collect();
    let names: Vec<&str> = not_passed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["code.client", "logout.session"], "{not_passed:#?}");
    assert_eq!(run.cleaned.expect("it has cleaned up").left, 0);
    world.end().await;
}

/// Whatever is valid: a token that lives for seconds is not renewed for being asked for.
fn any_token() -> TokenRequest {
    TokenRequest { min_ttl: Some(0), ..TokenRequest::for_profile("real") }
}

/// The provider, the agent, and Chromium as its browser.
struct World {
    client: Arc<Client>,
    prompt: Option<String>,
    issuer: String,
    agency: Agency,
    lines: Lines<BufReader<ChildStdout>>,
    _server: Child,
    folder: TempDir,
}

impl World {
    async fn start(token_life: u32) -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/snap/bin/chromium"];
        let Some(chromium) = chromium.iter().find(|path| Path::new(path).exists()) else {
            skipped("real_provider", "there is no Chromium: make test installs it");
            return None;
        };
        if !here.join("node_modules/oidc-provider").exists() {
            skipped("real_provider", "its npm packages are not there: make test installs them");
            return None;
        }
        let mut server = Command::new("node")
            .args([here.join("server.mjs"), token_life.to_string().into()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node runs");
        let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
        let ready = lines.next_line().await.expect("it speaks").expect("it starts");
        let ready: Value = serde_json::from_str(&ready).expect("JSON");
        let issuer = ready["issuer"].as_str().expect("an issuer").to_owned();

        let folder = tempfile::tempdir().expect("a folder");
        let report = folder.path().join("landing.json");
        let browser = browser(&here, folder.path(), chromium, &report);
        let paths = Paths::below(folder.path());
        let options = Options {
            vault: Some(VaultKind::Memory),
            browser: BrowserChoice::from_env(Some(browser.display().to_string())),
            person_present: false,
            stays: true,
            ..Options::from_env()
        };
        let agency = own_or_join(&paths, options).await.expect("the agent starts");
        let client = Arc::clone(agency.client());
        client.put_profile(&ProfileEntry::from(profile(&issuer))).await.expect("a profile");
        Some(Self { client, prompt: Some("consent".into()), issuer, agency, lines, _server: server, folder })
    }

    /// The agent opens the browser; the browser does the rest.
    async fn sign_in(&self) -> doorkey_client::words::Session {
        let request =
            SignInRequest { prompt: self.prompt.clone(), timeout: Some(60), ..SignInRequest::for_profile("real") };
        let mut updates = self.client.updates(None).await.expect("a stream");
        let started = self.client.start_sign_in(&request).await.expect("started");
        let ended = async {
            loop {
                match updates.next().await.expect("readable").expect("not ended") {
                    Update::SignIn { sign_in } if sign_in.id == started.sign_in.id && sign_in.step.is_final() => {
                        return sign_in;
                    }
                    _ => {}
                }
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("in time");
        assert_eq!(ended.error, None);
        ended.session.expect("signed in")
    }

    async fn put(&self, change: impl FnOnce(&mut Profile)) {
        let mut profile = profile(&self.issuer);
        change(&mut profile);
        self.client.put_profile(&ProfileEntry::from(profile)).await.expect("the profile is good");
    }

    async fn renewed_by_itself(&self) {
        let mut updates = self.client.updates(Some(0)).await.expect("a stream");
        let renewed = async {
            loop {
                match updates.next().await.expect("readable").expect("not ended") {
                    Update::Event(event) if matches!(event.kind, EventKind::Renewed { .. }) => return,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, renewed).await.expect("renewed in time");
    }

    /// The next thing of that kind that the provider tells.
    async fn heard(&mut self, event: &str) -> Value {
        let heard = async {
            loop {
                let line = self.lines.next_line().await.expect("it speaks").expect("it runs");
                // The provider's own notices are no JSON.
                let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
                if line["event"] == event {
                    return line;
                }
                assert!(!line["event"].as_str().unwrap_or_default().contains("error"), "{line}");
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("the provider never told of {event}"))
    }

    /// What the browser showed in the end; it writes that after the sign-in is done.
    fn landing(&self) -> Value {
        let report = self.folder.path().join("landing.json");
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            if let Some(report) = std::fs::read(&report).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
                return report;
            }
            assert!(std::time::Instant::now() < until, "the browser never reported");
            std::thread::yield_now();
        }
    }

    async fn userinfo(&self, token: &str) -> u16 {
        #[expect(clippy::disallowed_methods, reason = "a program that uses the token, not the product")]
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client.get(format!("{}/me", self.issuer)).bearer_auth(token);
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn end(self) {
        self.agency.stop().await;
    }
}

fn profile(issuer: &str) -> Profile {
    Profile { redirect_path: Some("/cb/real".into()), ..Profile::new("real", issuer, "desktop") }
}

/// A command for `$BROWSER`: the environment of the test process is shared, so what is particular stands in a script.
fn browser(here: &Path, folder: &Path, chromium: &str, report: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("browser");
    let script = format!(
        "#!/bin/sh\nCHROMIUM={chromium} BROWSER_REPORT={} exec node {} \"$1\"\n",
        report.display(),
        here.join("browser.mjs").display()
    );
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("made executable");
    path
}
