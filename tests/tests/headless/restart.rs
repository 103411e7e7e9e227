//! Requests go on while the agent is restarted again and again: each of them is answered, and nothing is renewed twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use doorkey_client::Client;
use doorkey_client::words::{RenewalRequest, TokenRequest};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::service::Service;
use doorkey_tests::stage::{exposed, refreshes};
use doorkey_tests::{Household, PATIENCE, PROFILE, program};
use tokio::sync::watch;
use tokio::task::JoinSet;

const RESTARTS: usize = 4;
/// In each part of each round, so that all that can happen happens.
const ANSWERS: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_over_restarts_and_each_renewal_happens_once() {
    let home = Household::with_passphrase(Settings::default()).await;
    let service = Service::of(&home);
    let mut agent = service.start(&home).await;
    agent.put_profile(home.provider.issuer()).await;
    agent.sign_in().await;

    let crowd = Crowd::begin(&home.paths().socket());
    for round in 0..RESTARTS {
        crowd.goes_on().await;
        let gate = home.provider.knobs().hold(Endpoint::Token);
        let client = Arc::clone(&agent.client);
        let renewing = tokio::spawn(async move { client.renew(&RenewalRequest::default()).await });
        assert!(gate.wait_for(1, PATIENCE).await, "a renewal is under way");
        crowd.goes_on().await;
        let stopping = tokio::spawn(agent.terminate());
        // The agent has begun to stop when the manager is told, and the provider answers only then.
        while !service.notices().contains(&"STOPPING=1".to_owned()) {
            tokio::task::yield_now().await;
        }
        gate.release();
        let renewed = renewing.await.expect("it ends").expect("it is finished before the agent ends");
        assert_eq!(renewed.renewals, u32::try_from(round).expect("few") + 1);
        let ended = stopping.await.expect("it ends");
        assert_eq!(ended.code, Some(0), "{ended:?}");
        agent = service.start(&home).await;
    }
    crowd.goes_on().await;
    let answered = crowd.end().await;
    agent.terminate().await;

    assert_eq!(refreshes(&home.provider).len(), RESTARTS, "one request for each renewal, none repeated");
    let journal = home.doorkey(&["journal", "--json", "--kind", "token_given"]).await;
    assert_eq!(journal.code, Some(0), "{}", journal.stderr);
    let given = journal.stdout.lines().count();
    assert_eq!(u64::try_from(given), Ok(answered), "every answer is in the journal, and each once");
}

/// B-06: the agent is killed while programs wait | they end with `broker.unavailable`, and the next one asks a new agent
#[tokio::test]
async fn whoever_waits_for_a_killed_agent_is_told_and_the_next_one_is_served() {
    let home = Household::with_passphrase(Settings::default()).await;
    let service = Service::of(&home);
    let agent = service.start(&home).await;
    agent.put_profile(home.provider.issuer()).await;
    agent.sign_in().await;
    let gate = home.provider.knobs().hold(Endpoint::Token);
    let waiting = home.command(&["renew", PROFILE, "--json"]).spawn().expect("the program starts");
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    agent.kill().await;
    let told = program::ended(waiting).await;
    assert_eq!(told.code, Some(69), "{told:?}");
    assert!(told.stdout.contains(r#""code":"broker.unavailable""#), "{told:?}");
    gate.release();
    let next = home.command(&["token", PROFILE]).spawn().expect("the program starts");
    let agent = service.start(&home).await;
    assert_eq!(program::ended(next).await.code, Some(0));
    agent.terminate().await;
}

/// Programs that ask for tokens all the time: some keep their connection, some make a new one each time, one of those
/// without a runtime.
struct Crowd {
    asking: JoinSet<()>,
    answered: watch::Sender<u64>,
    enough: Arc<AtomicBool>,
}

impl Crowd {
    fn begin(socket: &std::path::Path) -> Self {
        let mut crowd = Self { asking: JoinSet::new(), answered: watch::Sender::new(0), enough: Arc::default() };
        for number in 0..6 {
            let (socket, answered, enough) = (socket.to_owned(), crowd.answered.clone(), Arc::clone(&crowd.enough));
            crowd.asking.spawn(async move {
                let kept = Client::at(socket.clone());
                while !enough.load(Ordering::Relaxed) {
                    let request = TokenRequest::for_profile(PROFILE);
                    let token = if number % 2 == 0 {
                        kept.token(&request).await
                    } else {
                        Client::at(socket.clone()).token(&request).await
                    };
                    let token = token.expect("no request is lost");
                    assert!(!exposed(&token.access_token).is_empty());
                    answered.send_modify(|answered| *answered += 1);
                }
            });
        }
        let (socket, answered, enough) = (socket.to_owned(), crowd.answered.clone(), Arc::clone(&crowd.enough));
        crowd.asking.spawn_blocking(move || {
            let client = doorkey_client::blocking::Client::at(socket);
            while !enough.load(Ordering::Relaxed) {
                client.token(&TokenRequest::for_profile(PROFILE)).expect("no request is lost");
                answered.send_modify(|answered| *answered += 1);
            }
        });
        crowd
    }

    /// Waits until some more were answered.
    async fn goes_on(&self) {
        let wanted = *self.answered.borrow() + ANSWERS;
        let mut answered = self.answered.subscribe();
        let more = answered.wait_for(|answered| *answered >= wanted);
        tokio::time::timeout(PATIENCE, more).await.expect("they are answered").expect("they ask");
    }

    /// How many were answered in all.
    async fn end(mut self) -> u64 {
        self.enough.store(true, Ordering::Relaxed);
        while let Some(ended) = self.asking.join_next().await {
            ended.expect("no request is lost");
        }
        *self.answered.borrow()
    }
}
