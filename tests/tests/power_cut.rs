//! A power cut at each point of a renewal, of a sign-out and of sealing everything anew: rows K0 to K6. The program is
//! the real one; it is killed from outside, between two calls into the file system.

use std::fs;
use std::path::Path;

use doorkey_client::words::{EventKind, RenewalRequest, Session, SessionState, SignOut, VaultState};
use doorkey_demo_idp::{Endpoint, RefreshStyle, Settings};
use doorkey_tests::household::{AgentProcess, PASSPHRASE};
use doorkey_tests::stage::{refreshes, refusal, sign_out};
use doorkey_tests::{Household, PATIENCE, PowerCut, power_cut, program, skipped, watch};

/// A household where Ada has signed in and the agent has stopped, or the end of the test with the reason.
macro_rules! signed_in {
    ($test:literal) => {{
        if !power_cut::is_possible() {
            return skipped($test, "there is no C compiler");
        }
        let home = Household::with_passphrase(Settings::default()).await;
        let (agent, _) = home.agent_with_ada().await;
        assert_eq!(agent.terminate().await.code, Some(0));
        home
    }};
}

/// the power goes before the request | nothing is lost
#[tokio::test]
async fn k0_before_the_request_nothing_is_lost() {
    let home = signed_in!("k0_before_the_request_nothing_is_lost");
    cut_in_a_renewal(&home, PowerCut::at("before", "open", ".renewing")).await;
    assert_eq!(refreshes(&home.provider).len(), 0, "nothing was sent");
    let agent = home.agent().await;
    assert_eq!((only_session(&agent).await.renewals, renewed(&agent).await.renewals), (0, 1));
    agent.terminate().await;
}

#[tokio::test]
async fn k1_sent_and_not_answered_goes_on_where_the_provider_allows_an_overlap() {
    let home = signed_in!("k1_sent_and_not_answered_goes_on_where_the_provider_allows_an_overlap");
    // The old token stays good: what an overlap does for the length of it.
    home.provider.knobs().refresh_style(RefreshStyle::Keep);
    killed_while_the_answer_is_awaited(&home).await;
    let agent = home.agent().await;
    assert_eq!((only_session(&agent).await.renewals, renewed(&agent).await.renewals), (0, 1));
    agent.terminate().await;
}

/// the power goes before the answer, and the provider is strict | told honestly
#[tokio::test]
async fn k1_sent_and_not_answered_is_told_honestly_where_the_provider_is_strict() {
    let home = signed_in!("k1_sent_and_not_answered_is_told_honestly_where_the_provider_is_strict");
    killed_while_the_answer_is_awaited(&home).await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.state, SessionState::SignedIn, "until the provider says otherwise");
    assert_told_honestly(&agent).await;
    assert_eq!(refreshes(&home.provider).len(), 2, "tried once, and not again");
    let healed = agent.sign_in().await;
    assert_eq!(healed.state, SessionState::SignedIn);
    agent.terminate().await;
}

#[tokio::test]
async fn k2_answered_and_not_written_is_as_k1() {
    let home = signed_in!("k2_answered_and_not_written_is_as_k1");
    cut_in_a_renewal(&home, PowerCut::at("before", "open", ".2.tmp")).await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.renewals, 0);
    assert_told_honestly(&agent).await;
    agent.terminate().await;
}

/// the power goes in the middle of writing | the half file is discarded
#[tokio::test]
async fn k3_a_half_written_file_is_discarded() {
    let home = signed_in!("k3_a_half_written_file_is_discarded");
    cut_in_a_renewal(&home, PowerCut::at("half", "write", ".2.tmp")).await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.renewals, 0);
    assert_eq!(agent.client.hello().await.expect("hello").problems, [], "a torn temporary file is no damage");
    assert_eq!(records(&home), [".1.sealed", ".renewing"]);
    agent.terminate().await;
}

#[tokio::test]
async fn k3_a_whole_file_that_was_not_renamed_is_adopted() {
    let home = signed_in!("k3_a_whole_file_that_was_not_renamed_is_adopted");
    cut_in_a_renewal(&home, PowerCut::at("before", "rename", ".2.sealed")).await;
    assert_eq!(records(&home), [".1.sealed", ".2.tmp", ".renewing"]);
    assert_the_renewal_counts(&home).await;
}

#[tokio::test]
async fn k4_a_renamed_file_counts() {
    let home = signed_in!("k4_a_renamed_file_counts");
    cut_in_a_renewal(&home, PowerCut::at("after", "rename", ".2.sealed")).await;
    assert_eq!(records(&home), [".1.sealed", ".2.sealed", ".renewing"]);
    assert_the_renewal_counts(&home).await;
}

#[tokio::test]
async fn k5_the_generation_before_is_collected() {
    let home = signed_in!("k5_the_generation_before_is_collected");
    cut_in_a_renewal(&home, PowerCut::at("before", "unlink", ".1.sealed")).await;
    assert_the_renewal_counts(&home).await;
    assert_eq!(records(&home), [".3.sealed"]);
}

/// the power goes in a sign-out | finished at the next start
#[tokio::test]
async fn k6_a_sign_out_that_was_begun_is_finished() {
    let home = signed_in!("k6_a_sign_out_that_was_begun_is_finished");
    let agent = agent_with(&home, PowerCut::at("before", "unlink", ".1.sealed")).await;
    only_session(&agent).await;
    agent.client.sign_out(&sign_out(SignOut::Revoke)).await.expect_err("the agent is gone");
    assert_eq!(agent.ended().await.code, None, "killed");
    assert_eq!(records(&home), [".1.sealed", ".removing"], "revoked, and not forgotten yet");

    let agent = home.agent().await;
    watch::until_vault(&agent.client, "the vault is ready", |vault| vault.state == VaultState::Ready).await;
    assert_eq!(agent.client.sessions().await.expect("the sessions").sessions, []);
    assert!(records(&home).is_empty());
    agent.terminate().await;
}

#[tokio::test]
async fn at_whatever_call_sealing_anew_is_cut_short_one_of_the_two_passphrases_opens_everything() {
    let home = signed_in!("at_whatever_call_sealing_anew_is_cut_short_one_of_the_two_passphrases_opens_everything");
    let new = home.write_passphrase("new", "another passphrase entirely");
    let kept = tempfile::tempdir().expect("a folder");
    let (data, state) = (home.paths().data, home.paths().state);
    copy(&data, &kept.path().join("data"));
    copy(&state, &kept.path().join("state"));

    let (mut with_old, mut with_new) = (0, 0);
    for nth in 1.. {
        assert!(nth < 100, "it never comes to its end");
        for (folder, from) in [(&data, "data"), (&state, "state")] {
            fs::remove_dir_all(folder).expect("it is ours");
            copy(&kept.path().join(from), folder);
        }
        let mut change = home.command(&["vault", "passphrase"]);
        change.env("DOORKEY_NEW_PASSPHRASE_FILE", &new);
        // Half of the bytes where it is a write; after the call where it is another.
        PowerCut { call: "any", path: "/vault", nth, when: "half" }.happens_to(&mut change);
        let changed = program::run(change).await;
        let opened = |status: &program::Ended| status.code == Some(0) && status.stdout.contains("demo|ada");
        let old = home.doorkey(&["status", "--json"]).await;
        let mut command = home.command(&["status", "--json"]);
        command.env("DOORKEY_PASSPHRASE_FILE", &new);
        let new = program::run(command).await;
        assert!(opened(&old) != opened(&new), "cut at call {nth}: {old:?} {new:?}");
        if opened(&old) {
            with_old += 1;
        } else {
            with_new += 1;
        }
        for ended in [&old, &new].into_iter().filter(|ended| !opened(ended)) {
            assert_eq!(ended.code, Some(77), "a wrong passphrase, and nothing worse: {ended:?}");
        }
        match changed.code {
            None => {}
            Some(code) => {
                assert_eq!(code, 0, "{changed:?}");
                assert!(opened(&new) && records(&home).len() == 1);
                break;
            }
        }
    }
    assert!(with_old > 2 && with_new > 2, "the cut came before the change counted, and after: {with_old}, {with_new}");
}

/// S-T11: the disk takes the bytes, and says that it cannot keep them | `store.unsaved`, not success, and stored later
#[tokio::test]
async fn what_the_disk_does_not_confirm_does_not_count_as_stored() {
    let home = signed_in!("what_the_disk_does_not_confirm_does_not_count_as_stored");
    let agent = agent_with(&home, PowerCut::at("fails", "sync", ".tmp")).await;
    only_session(&agent).await;
    let session = renewed(&agent).await;
    assert!(session.unsaved, "{session:?}");
    let why = |event: &doorkey_client::words::Event| match &event.kind {
        EventKind::NotSaved { refusal } => Some(refusal.code.clone()),
        _ => None,
    };
    assert_eq!(watch::until_event(&agent.client, "it is told", why).await, "store.unsaved");
    watch::until_session(&agent.client, "it is stored", |session| !session.unsaved && session.renewals == 1).await;
    assert_eq!(records(&home).len(), 1, "nothing is left of what was tried in vain");
    agent.kill().await;
    assert_the_renewal_counts(&home).await;
}

/// An agent to which it happens.
async fn agent_with(home: &Household, cut: PowerCut) -> AgentProcess {
    let mut command = home.command(&["agent", "--json"]);
    cut.happens_to(&mut command);
    AgentProcess::start(command).await
}

async fn cut_in_a_renewal(home: &Household, cut: PowerCut) {
    let agent = agent_with(home, cut).await;
    only_session(&agent).await;
    agent.client.renew(&RenewalRequest::default()).await.expect_err("the agent is gone");
    assert_eq!(agent.ended().await.code, None, "killed");
}

/// The provider has acted on the request, and its answer is on the way.
async fn killed_while_the_answer_is_awaited(home: &Household) {
    let agent = home.agent().await;
    only_session(&agent).await;
    let gate = home.provider.knobs().hold_answers(Endpoint::Token);
    let client = agent.client.clone();
    let renewing = tokio::spawn(async move { client.renew(&RenewalRequest::default()).await });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    agent.kill().await;
    gate.release();
    renewing.await.expect("it ends").expect_err("the agent is gone");
}

async fn assert_told_honestly(agent: &AgentProcess) {
    let refused = refusal(agent.client.renew(&RenewalRequest::default()).await);
    assert_eq!(refused.code, "refresh.session_ended");
    assert!(refused.message.contains("Doorkey was stopped while it renewed it"), "{refused:?}");
    assert!(refused.hint.contains("overlap"), "{refused:?}");
}

/// And the token it brought is the one that is used next.
async fn assert_the_renewal_counts(home: &Household) {
    assert_eq!(refreshes(&home.provider).len(), 1);
    let agent = home.agent().await;
    assert_eq!((only_session(&agent).await.renewals, renewed(&agent).await.renewals), (1, 2));
    agent.terminate().await;
}

async fn only_session(agent: &AgentProcess) -> Session {
    watch::until_vault(&agent.client, "the vault is ready", |vault| vault.state == VaultState::Ready).await;
    let mut sessions = agent.client.sessions().await.expect("the sessions").sessions;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    sessions.remove(0)
}

async fn renewed(agent: &AgentProcess) -> Session {
    agent.client.renew(&RenewalRequest::default()).await.expect("renewed")
}

/// The files of records, without the records' names.
fn records(home: &Household) -> Vec<String> {
    let entries = fs::read_dir(home.paths().vault()).expect("it can be listed");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    let of_record =
        |name: String| name.split_once('.').filter(|(id, _)| id.len() == 32).map(|(_, rest)| format!(".{rest}"));
    let mut records: Vec<String> = names.filter_map(of_record).collect();
    records.sort();
    records
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("there is room");
    for entry in fs::read_dir(from).expect("it can be listed") {
        let path = entry.expect("an entry").path();
        let into = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &into);
        } else {
            fs::copy(&path, &into).expect("there is room");
        }
    }
}

/// The passphrase of the household opens it, so that each of the above starts from something good.
#[tokio::test]
async fn without_a_power_cut_a_renewal_leaves_no_trace_of_itself() {
    let home = signed_in!("without_a_power_cut_a_renewal_leaves_no_trace_of_itself");
    assert!(!fs::read_to_string(home.paths().vault().join("vault.json")).expect("it is text").contains(PASSPHRASE));
    let agent = home.agent().await;
    only_session(&agent).await;
    renewed(&agent).await;
    agent.terminate().await;
    assert_eq!(records(&home), [".2.sealed"]);
}
