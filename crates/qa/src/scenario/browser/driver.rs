//! ChromeDriver in a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::NoBrowser;

const LISTENS_WITHIN: Duration = Duration::from_secs(30);

/// It leads a process group, which the browser belongs to: a signal from the terminal does not end them before us, and
/// nothing of them outlives us.
pub(super) struct Driver {
    child: Child,
    group: Option<Pid>,
    port: u16,
}

impl Driver {
    /// Starts it on a port that the system chooses.
    pub(super) async fn start(program: &Path, home: &Path) -> Result<Self, NoBrowser> {
        let not_started = |why: String| NoBrowser::NotStarted(why);
        let mut child = Command::new(program)
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            // Crash reports, caches and fonts: all of it goes away with the profile.
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| not_started(error.to_string()))?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let output = child.stdout.take();
        let mut driver = Self { child, group, port: 0 };
        let Some(output) = output else { return Err(not_started("it has no output".to_owned())) };
        let mut lines = BufReader::new(output).lines();
        let listening = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(port) = port(&line) {
                    return Some(port);
                }
            }
            None
        };
        match tokio::time::timeout(LISTENS_WITHIN, listening).await {
            Ok(Some(port)) => driver.port = port,
            Ok(None) => return Err(not_started("it ended at once".to_owned())),
            Err(_) => return Err(not_started("it did not tell its port".to_owned())),
        }
        // Whoever writes to a pipe that nobody reads stops some day.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(driver)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) async fn end(mut self) {
        self.kill();
        let _ = self.child.wait().await;
    }

    /// The whole group, while its leader is not reaped and so nobody else has its number.
    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `ChromeDriver was started successfully on port 41234.`
fn port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("successfully on port ")?;
    rest.trim_end_matches('.').trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_port_is_read_where_it_is_told() {
        assert_eq!(super::port("ChromeDriver was started successfully on port 41234."), Some(41234));
        assert_eq!(super::port("Starting ChromeDriver 156.0 on port 0"), None);
    }
}
