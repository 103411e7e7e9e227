//! A network that goes and comes back: the one of a namespace of its own, where there is nothing else.

use std::process::Stdio;
use std::time::Duration;

use doorkey_agent::time::GivenClock;
use doorkey_tests::skipped;
use tokio::process::Command;

use super::*;

const INSIDE: &str = "DOORKEY_TEST_NETWORK";

/// the network goes for an hour and comes back | noticed at once: renewed long before the pause is over
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_comes_back_is_noticed_and_not_waited_for() {
    let test = "network::a_network_that_comes_back_is_noticed_and_not_waited_for";
    if std::env::var_os(INSIDE).is_none() {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            "ip link set lo up || exit 99; exec \"$0\" \"$@\"",
        ]);
        command.arg(std::env::current_exe().expect("this program has a path"));
        command.args(["--exact", test, "--nocapture"]).env(INSIDE, "1").stdin(Stdio::null()).kill_on_drop(true);
        return match command.output().await {
            Ok(output) if output.status.success() => {
                assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
            }
            Ok(output) if String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
                panic!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            }
            Ok(_) | Err(_) => skipped(test, "no network of one's own is allowed"),
        };
    }
    let clock = GivenClock::new();
    let stage =
        Stage::with_clock(Settings { token_life: Duration::from_secs(3600), ..Settings::default() }, &clock).await;
    stage.provider.knobs().refresh_without_id_token();
    stage.sign_in().await;
    address("del").await;
    // Each try in vain doubles the pause.
    for _ in 0..6 {
        stage.renew().await.expect_err("there is no network");
    }
    let waiting = stage.session().await;
    assert_eq!(waiting.state, SessionState::Offline);
    let pause = waiting.renews_at.expect("it is known").duration_since(clock.wall());
    assert!(pause.as_secs() > 100, "{waiting:?}");

    address("add").await;
    // What is short is passed; the pause is not.
    stage
        .until("it is about to be tried", |session| {
            session.renewals == 1
                || session.renews_at.is_some_and(|next| next.duration_since(clock.wall()).as_secs() < 2)
        })
        .await;
    clock.pass(Duration::from_secs(2));
    stage.until("it is renewed", |session| session.renewals == 1).await;
}

async fn address(change: &str) {
    let changed = Command::new("ip").args(["address", change, "127.0.0.1/8", "dev", "lo"]).status().await;
    assert!(changed.is_ok_and(|status| status.success()), "the namespace is ours");
}
