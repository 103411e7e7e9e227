//! A provider, and the real program in processes of its own beside it: what a person's machine looks like.

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorkey_agent::vault::{self, KeySource, Patience, RecordId, Vault};
use doorkey_client::words::{ProfileEntry, RenewalRequest, Session, TokenAnswer, TokenRequest};
use doorkey_client::{Client, Paths, Secret};
use doorkey_demo_idp::{Running, Settings, start};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::program::{self, Ended};
use crate::stage::{PROFILE, person, profile, request};
use crate::{Attempt, KeyringSession, PATIENCE};

/// A home folder, a provider, and a keyring where one is wanted.
pub struct Household {
    /// The provider.
    pub provider: Running,
    key: Key,
    folder: TempDir,
}

/// Where the key to the sessions is.
enum Key {
    Nowhere,
    Keyring(Box<KeyringSession>),
    Passphrase,
}

/// What a household with a passphrase has for one.
pub const PASSPHRASE: &str = "correct horse battery staple";

/// `doorkey agent`, running.
pub struct AgentProcess {
    /// The way to it.
    pub client: Arc<Client>,
    /// Its process.
    pub pid: u32,
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Household {
    /// Sessions live in the agent's memory and end with it.
    pub async fn in_memory(settings: Settings) -> Self {
        Self::new(settings, Key::Nowhere).await
    }

    /// Sessions are sealed on the disk with a passphrase, which every program started here finds in a file.
    pub async fn with_passphrase(settings: Settings) -> Self {
        let home = Self::new(settings, Key::Passphrase).await;
        home.write_passphrase("passphrase", PASSPHRASE);
        home
    }

    /// A file with a passphrase that only we may read.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_passphrase(&self, name: &str, passphrase: &str) -> PathBuf {
        let path = self.folder().join(name);
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path).expect("a file");
        file.write_all(passphrase.as_bytes()).expect("there is room");
        path
    }

    /// Sessions are sealed on the disk with a key in a real keyring; nothing where there is none on this machine.
    pub async fn with_keyring(settings: Settings) -> Option<Self> {
        let keyring = KeyringSession::start().await?;
        Some(Self::new(settings, Key::Keyring(Box::new(keyring))).await)
    }

    async fn new(settings: Settings, key: Key) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("home")).expect("a folder");
        DirBuilder::new().mode(0o700).create(folder.path().join("run")).expect("a folder");
        program::allow_all(folder.path());
        let provider = start(settings).await.expect("the provider starts");
        Self { provider, key, folder }
    }

    /// The same where every program needs a person's consent, as it is when nobody has written a policy.
    ///
    /// # Panics
    /// When the policy cannot be removed.
    #[must_use]
    pub fn asking(self) -> Self {
        fs::remove_dir_all(self.folder().join("config")).expect("the policy of every story");
        self
    }

    /// Where all files of this household are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Doorkey's among them.
    #[must_use]
    pub fn paths(&self) -> Paths {
        program::paths(self.folder())
    }

    /// `doorkey` with these arguments, not started yet.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program::command(self.folder(), arguments);
        self.open_vault_for(&mut command);
        command
    }

    /// Another program that is [alone](program::alone) in this household finds the vault's key.
    pub fn open_vault_for(&self, command: &mut Command) {
        match &self.key {
            Key::Nowhere => {}
            Key::Keyring(keyring) => {
                command.env("DOORKEY_VAULT", "keyring").env("DBUS_SESSION_BUS_ADDRESS", keyring.address());
            }
            Key::Passphrase => {
                let file = self.folder().join("passphrase");
                command.env("DOORKEY_VAULT", "passphrase").env("DOORKEY_PASSPHRASE_FILE", file);
            }
        }
    }

    /// Ends the keyring, and the bus it was on.
    pub fn end_keyring(&mut self) {
        self.key = Key::Nowhere;
    }

    /// Runs `doorkey` with these arguments.
    pub async fn doorkey(&self, arguments: &[&str]) -> Ended {
        program::run(self.command(arguments)).await
    }

    /// Runs `doorkey` with these arguments, and the robot as the browser.
    pub async fn doorkey_with_robot(&self, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        command.env("BROWSER", program::robot());
        program::run(command).await
    }

    /// Adds the profile by the command line.
    ///
    /// # Panics
    /// When that fails.
    pub async fn add_profile(&self) {
        let issuer = self.provider.issuer();
        let ended = self.doorkey(&["profile", "add", PROFILE, "--issuer", issuer, "--client-id", "doorkey-demo"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }

    /// Makes so many sessions of the only one, each of another person, in the sealed files themselves; nobody may be the agent
    /// meanwhile. They have one refresh token between them, so only one of them can be renewed. Returns their accounts.
    ///
    /// # Panics
    /// When the vault does not open.
    pub async fn multiply_session(&self, count: usize) -> Vec<String> {
        let settings = vault::Settings {
            dir: self.paths().vault(),
            mark: Some(self.paths().vault_mark()),
            source: KeySource::Passphrase,
            patience: Patience::Background,
            passphrase: Some(Secret::new(PASSPHRASE.to_owned())),
        };
        let vault = Vault::open(settings);
        vault.settled().await;
        let records = vault.records().await.expect("it opens");
        let first = records.first().expect("somebody is signed in");
        let mut session: serde_json::Value = serde_json::from_slice(&first.content).expect("it is JSON");
        let mut accounts = Vec::new();
        for number in 1..count {
            let account = format!("person-{number}@example.test");
            session["identity"]["sub"] = format!("demo|person-{number}").into();
            session["identity"]["email"] = account.as_str().into();
            let content = serde_json::to_vec(&session).expect("it is JSON");
            vault.save(RecordId::random(), content.into()).await.expect("there is room");
            accounts.push(account);
        }
        accounts
    }

    /// Starts `doorkey agent`.
    pub async fn agent(&self) -> AgentProcess {
        AgentProcess::start(self.command(&["agent", "--json"])).await
    }

    /// The agent, with the profile in it and Ada signed in.
    pub async fn agent_with_ada(&self) -> (AgentProcess, Session) {
        let agent = self.agent().await;
        agent.put_profile(self.provider.issuer()).await;
        let session = agent.sign_in().await;
        (agent, session)
    }
}

impl AgentProcess {
    /// Starts it and waits until it serves.
    ///
    /// # Panics
    /// When it does not.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut stderr = child.stderr.take().expect("it is piped");
        let stderr = tokio::spawn(async move {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).await.expect("standard error");
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let mut first = String::new();
        tokio::time::timeout(PATIENCE, stdout.read_line(&mut first)).await.expect("in time").expect("standard output");
        let Ok(serving) = serde_json::from_str::<serde_json::Value>(&first) else {
            panic!("the agent does not serve: {first}\n{}", stderr.await.expect("standard error"))
        };
        assert_eq!(serving["here"], true, "another agent serves: {serving}");
        let socket = serving["socket"].as_str().expect("where it serves");
        let client = Arc::new(Client::at(socket.into()));
        let pid = child.id().expect("it runs");
        let stdout = tokio::spawn(async move {
            stdout.read_to_string(&mut first).await.expect("standard output");
            first
        });
        Self { client, pid, child, stdout, stderr }
    }

    /// Saves the profile for this provider.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn put_profile(&self, issuer: &str) {
        self.put_profile_called(PROFILE, issuer).await;
    }

    /// The same under another name.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn put_profile_called(&self, name: &str, issuer: &str) {
        let entry = ProfileEntry::from(profile(name, issuer));
        self.client.put_profile(&entry).await.expect("the profile is good");
    }

    /// Starts a sign-in and waits until it listens.
    pub async fn begin(&self) -> Attempt {
        Attempt::begin(&self.client, &request(PROFILE)).await
    }

    /// Ada signs in.
    pub async fn sign_in(&self) -> Session {
        self.sign_in_with(PROFILE).await
    }

    /// The same with another profile.
    pub async fn sign_in_with(&self, profile: &str) -> Session {
        let attempt = Attempt::begin(&self.client, &request(profile)).await;
        attempt.allow(&person("Ada")).await;
        attempt.done().await
    }

    /// Asks for somebody's token.
    ///
    /// # Panics
    /// When there is none.
    pub async fn token_of(&self, account: &str) -> TokenAnswer {
        let request = TokenRequest { account: Some(account.to_owned()), ..TokenRequest::for_profile(PROFILE) };
        self.client.token(&request).await.expect("a token")
    }

    /// Renews somebody's session.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn renew_of(&self, account: &str) -> Session {
        let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: Some(account.to_owned()) };
        self.client.renew(&request).await.expect("renewed")
    }

    /// Ends it in good order.
    pub async fn terminate(self) -> Ended {
        program::signal(&self.child, Signal::TERM);
        self.ended().await
    }

    /// Ends it as a power cut does.
    pub async fn kill(self) -> Ended {
        program::signal(&self.child, Signal::KILL);
        self.ended().await
    }

    /// Waits for its end, whoever brings it.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn ended(mut self) -> Ended {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the agent ends in time");
        Ended {
            code: status.expect("it can be waited for").code(),
            stdout: self.stdout.await.expect("standard output"),
            stderr: self.stderr.await.expect("standard error"),
        }
    }
}
