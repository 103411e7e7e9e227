//! One real agent for all tests of this program, with a real keyring where there is one and a passphrase where there is none, and
//! what they leave for the last one.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, OnceLock};

use doorkey_demo_idp::{Running, Settings};
use doorkey_tests::Household;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::secrets::{self, Canary};
use futures_util::FutureExt;
use libtest_mimic::Failed;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

/// What all tests share. Nothing is started before the first of them runs.
pub(crate) struct World {
    runtime: OnceLock<Runtime>,
    agent: OnceCell<Agency>,
    canaries: Mutex<Vec<Canary>>,
}

/// The agent, and the machine around it.
pub(crate) struct Agency {
    pub(crate) household: Household,
    pub(crate) agent: Mutex<Option<AgentProcess>>,
    pub(crate) client: std::sync::Arc<doorkey_client::Client>,
    pub(crate) pid: u32,
    /// Of the agent when it had done nothing yet, in KiB.
    pub(crate) memory: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { runtime: OnceLock::new(), agent: OnceCell::new(), canaries: Mutex::default() }
    }

    /// Runs one test to its end.
    pub(crate) fn run(&self, test: impl Future<Output = ()>) -> Result<(), Failed> {
        let runtime = self.runtime.get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
        });
        runtime.block_on(AssertUnwindSafe(test).catch_unwind()).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Failed::from(text.unwrap_or_else(|| "it panicked".to_owned()))
        })
    }

    pub(crate) async fn agency(&self) -> &Agency {
        self.agent.get_or_init(Agency::start).await
    }

    pub(crate) fn started(&self) -> Option<&Agency> {
        self.agent.get()
    }

    /// Keeps every secret that reached this provider, for the search at the end.
    pub(crate) fn remember(&self, provider: &Running) {
        self.canaries.lock().expect("no test panics in here").extend(secrets::sent_to(provider));
    }

    pub(crate) fn canaries(&self) -> Vec<Canary> {
        std::mem::take(&mut *self.canaries.lock().expect("no test panics in here"))
    }
}

impl Agency {
    async fn start() -> Self {
        let household = match Household::with_keyring(Settings::default()).await {
            Some(household) => household,
            None => Household::with_passphrase(Settings::default()).await,
        };
        let mut command = household.command(&["agent", "--json"]);
        command.env("DOORKEY_LOG", "trace");
        let agent = AgentProcess::start(command).await;
        let client = std::sync::Arc::clone(&agent.client);
        let pid = agent.pid;
        Self { household, agent: Mutex::new(Some(agent)), client, pid, memory: memory_of(pid) }
    }
}

/// Memory of a process that is not a file's, in KiB. From `status`, which everybody may read: the agent lets nobody but
/// root look into its maps.
///
/// # Panics
/// When the system does not tell: nothing could be said of it then.
pub(crate) fn memory_of(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("the system counts memory");
    line.trim().trim_end_matches("kB").trim().parse().expect("a number of kB")
}
