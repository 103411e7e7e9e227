//! What happens after a sign-in, against a provider that nobody here wrote: the certified `oidc-provider` on loopback.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use doorkey_agent::browser::BrowserChoice;
use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::words::{
    AccessTokenKind, CheckOutcome, EventKind, Grant, IntrospectionRequest, Profile, ProfileEntry, ProofRequest,
    Session, SignInRequest, TokenRequest, Update, VaultKind,
};
use doorkey_client::{Client, Paths, Secret};
use doorkey_tests::stage::{exposed, refusal};
use doorkey_tests::{PATIENCE, skipped, stranger, watch};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const SECRET: &str = "CANARY-of-the-service-0123456789-abcdefghijklmnop";
const NOTES: &str = "https://notes.example.test";
const BILLS: &str = "https://bills.example.test";
const OPAQUE: &str = "https://opaque.example.test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_has_tokens_and_the_provider_says_what_they_are() {
    let Some(world) = World::start("an_application_has_tokens").await else { return };
    let agent = &world.client;
    world.put(service(&world.issuer, |_| {}), Some(SECRET)).await;

    let token = agent.token(&TokenRequest::for_profile("service")).await.expect("a token");
    assert_eq!((token.token_type.as_str(), token.scope.as_slice()), ("Bearer", ["read".to_owned()].as_slice()));
    let report = agent.token_report(&TokenRequest::for_profile("service")).await.expect("a report");
    assert_eq!(report.kind, AccessTokenKind::Rfc9068);
    for check in &report.checks {
        assert_eq!(check.outcome, CheckOutcome::Passed, "a certified provider's token: {check:?}");
    }

    // An opaque token is the provider's to explain.
    let opaque = TokenRequest { resource: vec![OPAQUE.to_owned()], ..TokenRequest::for_profile("service") };
    let opaque = agent.token(&opaque).await.expect("a token for another API");
    assert_eq!(opaque.not_shown, ["audience"]);
    world.put(service(&world.issuer, |profile| profile.resources = vec![OPAQUE.to_owned()]), None).await;
    let own = agent.token(&TokenRequest::for_profile("service")).await.expect("a token");
    let said = agent.introspect(&of("service")).await.expect("an answer");
    assert!(said.active, "{said:?}");
    assert_eq!((&said.members["client_id"], &said.members["aud"]), (&"service".into(), &OPAQUE.into()));
    assert!(!serde_json::to_string(&said).expect("JSON").contains(&exposed(&own.access_token)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_told_as_such() {
    let Some(world) = World::start("a_wrong_secret").await else { return };
    world.put(service(&world.issuer, |_| {}), Some("CANARY-wrong")).await;
    let refused = refusal(world.client.token(&TokenRequest::for_profile("service")).await);
    assert_eq!(refused.code, "token.client_rejected");
    assert!(world.client.sessions().await.expect("a list").sessions.is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_applications_token_is_bound_to_its_key() {
    let Some(world) = World::start("an_applications_token_is_bound").await else { return };
    world.put(service(&world.issuer, |profile| profile.dpop = true), Some(SECRET)).await;
    let request = ProofRequest::new("service", "GET", "https://notes.example.test/all?page=2");
    let answer = world.client.proof(&request).await.expect("a proof");
    assert_eq!(answer.token_type, "DPoP");
    let report = world.client.token_report(&TokenRequest::for_profile("service")).await.expect("a report");
    assert!(report.claims.expect("claims")["cnf"]["jkt"].is_string(), "the provider bound it to the key");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sign_in_gives_tokens_for_each_of_its_apis() {
    let Some(world) = World::with_browser("one_sign_in").await else { return };
    let agent = &world.client;
    let desktop = Profile {
        redirect_path: Some("/cb/real".into()),
        scopes: ["openid", "offline_access", "profile", "email", "read"].map(str::to_owned).into(),
        resources: vec![NOTES.to_owned(), BILLS.to_owned()],
        ..Profile::new("real", &world.issuer, "desktop")
    };
    world.put(desktop, None).await;
    let session = world.sign_in().await;
    assert_eq!(session.sub, "ada");

    for api in [NOTES, BILLS] {
        let request = TokenRequest { resource: vec![api.to_owned()], ..TokenRequest::for_profile("real") };
        let token = agent.token(&request).await.expect("a token for it");
        assert!(token.not_shown.is_empty(), "the token shows it");
        let report = agent.token_report(&request).await.expect("a report");
        assert_eq!(report.claims.expect("claims")["aud"], api);
    }
    assert_eq!(agent.sessions().await.expect("a list").sessions[0].renewals, 0, "no renewal by it");
    // Rotated each time: had one been sent twice, the provider would have ended the grant.
    agent.renew(&doorkey_client::words::RenewalRequest::default()).await.expect("renewed");

    // For both at once this provider gives none: what it gave at sign-in is for neither, and is not passed off as that.
    let both = TokenRequest { resource: vec![NOTES.into(), BILLS.into()], ..TokenRequest::for_profile("real") };
    assert_eq!(refusal(agent.token(&both).await).code, "broker.other_audience");
    let said = agent.introspect(&of("real")).await.expect("this provider lets public clients ask about their own");
    assert!(said.active, "{said:?}");
    assert_eq!((&said.members["sub"], &said.members["client_id"]), (&"ada".into(), &"desktop".into()));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bound_tokens_and_their_proofs_are_good_and_signed_details_are_taken() {
    let Some(world) = World::with_browser("signed_details").await else { return };
    let desktop = Profile {
        redirect_path: Some("/cb/real".into()),
        scopes: ["openid", "offline_access", "profile", "email"].map(str::to_owned).into(),
        dpop: true,
        ..Profile::new("real", &world.issuer, "desktop")
    };
    world.put(desktop, None).await;
    let session = world.sign_in().await;
    assert_eq!((session.name.as_deref(), session.email.as_deref()), (Some("Person ada"), Some("ada@example.test")));
    let checks = watch::until_event(&world.client, "userinfo was judged", |event| match &event.kind {
        EventKind::Checked { subject, checks } if subject == "userinfo" => Some(checks.clone()),
        _ => None,
    })
    .await;
    let signature = checks.iter().find(|check| check.name == "userinfo.signature").expect("it came signed");
    assert_eq!(signature.outcome, CheckOutcome::Passed);

    let details: url::Url = format!("{}/me", world.issuer).parse().expect("a URL");
    for _ in 0..2 {
        let answer = world.client.proof(&ProofRequest::new("real", "GET", details.as_str())).await.expect("a proof");
        let authorization = format!("DPoP {}", exposed(&answer.access_token));
        let proof = exposed(&answer.proof);
        let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str()), ("Connection", "close")];
        let served = stranger::request("GET", &details, &headers).await;
        assert_eq!(served.status, Some(200), "{}", served.text);
        let replayed = stranger::request("GET", &details, &headers).await;
        assert_eq!(replayed.status, Some(401), "one proof, one request: {}", replayed.text);
        let renewed = world.client.renew(&doorkey_client::words::RenewalRequest::default()).await;
        assert_eq!(renewed.expect("renewed with the same key").token_type, "DPoP");
    }
    world.end().await;
}

fn of(profile: &str) -> IntrospectionRequest {
    IntrospectionRequest { profile: Some(profile.to_owned()), account: None }
}

fn service(issuer: &str, change: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile {
        grant: Grant::ClientCredentials,
        scopes: vec!["read".to_owned()],
        resources: vec![NOTES.to_owned()],
        ..Profile::new("service", issuer, "service")
    };
    change(&mut profile);
    profile
}

/// The provider, and an agent; Chromium as its browser where a story needs one.
struct World {
    client: Arc<Client>,
    issuer: String,
    agency: Agency,
    _server: Child,
    _folder: TempDir,
}

impl World {
    async fn start(story: &str) -> Option<Self> {
        Self::new(story, None).await
    }

    async fn with_browser(story: &str) -> Option<Self> {
        let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/snap/bin/chromium"];
        let Some(chromium) = chromium.iter().find(|path| Path::new(path).exists()) else {
            skipped(story, "there is no Chromium: make test installs it");
            return None;
        };
        Self::new(story, Some(chromium)).await
    }

    async fn new(story: &str, chromium: Option<&str>) -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        if !here.join("node_modules/oidc-provider").exists() {
            skipped(story, "its npm packages are not there: make test installs them");
            return None;
        }
        let mut server = Command::new("node")
            .args([here.join("tokens.mjs"), SECRET.into()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node runs");
        let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
        let ready = async {
            loop {
                let line = lines.next_line().await.expect("it speaks").expect("it starts");
                // The provider's own notices are no JSON.
                if let Ok(line) = serde_json::from_str::<Value>(&line) {
                    return line["issuer"].as_str().expect("an issuer").to_owned();
                }
            }
        };
        let issuer = tokio::time::timeout(PATIENCE, ready).await.expect("it starts in time");
        // What it says later must be read, or it would wait for its reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });

        let folder = tempfile::tempdir().expect("a folder");
        let browser = chromium.map(|chromium| browser(&here, folder.path(), chromium));
        let browser = browser.unwrap_or_else(|| "/nonexistent/browser".into());
        let options = Options {
            vault: Some(VaultKind::Memory),
            browser: BrowserChoice::from_env(Some(browser.display().to_string())),
            person_present: false,
            stays: true,
            ..Options::from_env()
        };
        let agency = own_or_join(&Paths::below(folder.path()), options).await.expect("the agent starts");
        Some(Self { client: Arc::clone(agency.client()), issuer, agency, _server: server, _folder: folder })
    }

    async fn put(&self, profile: Profile, secret: Option<&str>) {
        let client_secret = secret.map(|secret| Secret::new(secret.to_owned()));
        self.client.put_profile(&ProfileEntry { client_secret, ..profile.into() }).await.expect("a profile");
    }

    /// The agent opens the browser; the browser does the rest.
    async fn sign_in(&self) -> Session {
        let request = SignInRequest { prompt: Some("consent".into()), ..SignInRequest::for_profile("real") };
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

    async fn end(self) {
        self.agency.stop().await;
    }
}

/// A command for `$BROWSER`: the environment of the test process is shared, so what is particular stands in a script.
fn browser(here: &Path, folder: &Path, chromium: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("browser");
    let script = format!("#!/bin/sh\nCHROMIUM={chromium} exec node {} \"$1\"\n", here.join("browser.mjs").display());
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("made executable");
    path
}
