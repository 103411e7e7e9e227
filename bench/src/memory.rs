//! Memory at rest: the proportional set size (PSS) of all processes of a program, as the kernel counts it.

use std::fs;
use std::time::Duration;

use doorkey_demo_idp::Settings;
use doorkey_tests::Household;

use crate::figures::table;
use crate::oidc_agent::OidcAgent;

/// At rest means: signed in, and nothing asked for so long.
pub(crate) const REST: Duration = Duration::from_secs(3);
const MANY: usize = 100;

pub(crate) async fn measure(doorkey: u32, peer: Option<&OidcAgent>) {
    tokio::time::sleep(REST).await;
    let mut rows = vec![row("`doorkey agent`, one session", doorkey)];
    if let Some(peer) = peer {
        rows.push(row("`oidc-agent`, one account", peer.pid));
    }
    let title = format!("Memory at rest ({} s after the sign-in)", REST.as_secs());
    table(&title, &["program", "processes", "PSS", "of it private"], &rows);
}

/// The same with many sessions.
pub(crate) async fn measure_many() {
    let settings = Settings { token_life: Duration::from_secs(24 * 3600), ..Settings::default() };
    let household = Household::in_memory(settings).await;
    let agent = household.agent().await;
    for number in 0..MANY {
        let name = format!("profile-{number}");
        agent.put_profile_called(&name, household.provider.issuer()).await;
        agent.sign_in_with(&name).await;
    }
    tokio::time::sleep(REST).await;
    let rows = vec![row(&format!("`doorkey agent`, {MANY} sessions"), agent.pid)];
    let title = format!("Memory at rest ({} s after the last of {MANY} sign-ins)", REST.as_secs());
    table(&title, &["program", "processes", "PSS", "of it private"], &rows);
    agent.terminate().await;
}

/// What a program takes, with all its processes, in kilobytes.
pub(crate) struct Family {
    processes: usize,
    pub(crate) pss: u64,
    private: u64,
}

pub(crate) fn of(pid: u32) -> Family {
    let family = family(pid);
    let of = |field: &str| family.iter().map(|pid| kilobytes(*pid, field)).sum::<u64>();
    Family { processes: family.len(), pss: of("Pss:"), private: of("Private_Clean:") + of("Private_Dirty:") }
}

impl Family {
    pub(crate) fn row(&self, name: &str) -> Vec<String> {
        vec![name.to_owned(), self.processes.to_string(), megabytes(self.pss), megabytes(self.private)]
    }
}

pub(crate) fn row(name: &str, pid: u32) -> Vec<String> {
    of(pid).row(name)
}

fn megabytes(kilobytes: u64) -> String {
    format!("{:.1} MiB", kilobytes as f64 / 1024.0)
}

/// The process and all that descend from it.
fn family(pid: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .expect("/proc is there")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent(pid)?)))
        .collect();
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(member) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, parent)| *parent == member).map(|(pid, _)| pid));
        next += 1;
    }
    family
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold anything, a bracket too: what follows the last one is fields.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    match fields.next()? {
        "Z" => None,
        _ => fields.next()?.parse().ok(),
    }
}

/// Zero for a process that has just ended.
fn kilobytes(pid: u32, field: &str) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}
