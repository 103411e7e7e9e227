//! One agent after the other, and never two.

use std::fs;

use doorkey_agent::own_or_join;
use doorkey_client::ClientError;
use doorkey_client::words::{RenewalRequest, TokenRequest};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::stage::{LONG, SHORT, below, exposed, in_memory};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, program};

/// B-T08: the agent is told to stop while a renewal is under way | it is finished, and the caller gets its token
#[tokio::test]
async fn what_was_begun_is_finished_when_the_agent_stops() {
    let stage = Stage::with_life(SHORT).await;
    stage.sign_in().await;
    stage.provider.knobs().set_token_life(LONG);
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let caller = tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await });
    let mut updates = stage.client.updates(None).await.expect("the stream");
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let socket = stage.paths.socket();
    let stopping = tokio::spawn(stage.stop());
    // Streams end as soon as the agent begins to stop; then the provider answers.
    while updates.next().await.is_ok_and(|update| update.is_some()) {}
    gate.release();
    let token = caller.await.expect("it ends").expect("it is served to the end");
    assert!(!exposed(&token.access_token).is_empty());
    stopping.await.expect("it stops");
    assert!(!socket.exists(), "the socket is gone");
}

#[tokio::test]
async fn the_next_owner_starts_where_the_last_one_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = below(folder.path());
    let first = own_or_join(&paths, in_memory()).await.expect("the first");
    let second = own_or_join(&paths, in_memory()).await.expect("the second");
    assert_eq!((first.is_owner(), second.is_owner()), (true, false));
    first.stop().await;
    assert!(matches!(second.client().hello().await, Err(ClientError::NotRunning)));
    let third = own_or_join(&paths, in_memory()).await.expect("the third");
    assert!(third.is_owner());
    second.client().hello().await.expect("a guest finds the new owner at the same place");
    third.stop().await;
}

/// B-05: twenty programs start at once, none of which finds an agent | one of them is it, and the others ask it
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_programs_that_start_at_once_have_one_owner() {
    let home = Household::in_memory(Settings::default()).await;
    let programs: Vec<_> =
        (0..20).map(|_| home.command(&["status", "--json"]).spawn().expect("the program starts")).collect();
    for running in programs {
        let ended = program::ended(running).await;
        assert_eq!((ended.code, ended.stdout.contains(r#""sessions":[]"#)), (Some(0), true), "{ended:?}");
    }
    assert!(!home.paths().socket().exists(), "the last owner has tidied up");
}

/// R-20: whoever held the lock was killed | the next has it at once
/// B-05: a killed agent has left its socket | nobody takes it for an agent, and the next one makes its own
#[tokio::test]
async fn a_socket_left_by_a_dead_owner_is_in_nobodys_way() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, before) = home.agent_with_ada().await;
    let taken = || {
        let lock = fs::File::open(home.paths().vault().join("owner.lock")).expect("the lock is a file");
        lock.try_lock()
    };
    assert!(matches!(taken(), Err(fs::TryLockError::WouldBlock)), "the agent holds it");
    agent.kill().await;
    taken().expect("it ended with its holder");
    assert!(home.paths().socket().exists(), "a killed agent leaves its socket");
    let next = home.agent().await;
    let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: None };
    assert_eq!(next.client.renew(&request).await.expect("it owns the session").id, before.id);
    next.terminate().await;
}
