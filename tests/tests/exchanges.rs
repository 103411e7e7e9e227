//! What the journal tells of requests to the provider: each one, with its answer, and no secret in it.

use doorkey_client::Secret;
use doorkey_client::words::{Event, EventKind, Exchange, JournalPage, JournalRequest, Pair, RegistrationRequest};
use doorkey_demo_idp::{DpopNonce, Endpoint, Fault, Settings, Times};
use doorkey_tests::secrets::{assert_none, sent_to};
use doorkey_tests::stage::{profile, refreshes};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage};

#[tokio::test]
async fn a_sign_in_can_be_followed_request_by_request() {
    let stage = Stage::with(Settings { dpop_nonce: DpopNonce::NotWanted, ..Settings::default() }).await;
    stage.provider.knobs().id_tokens_without_details();
    stage.sign_in().await;
    let events = journal(&stage, &JournalRequest::default()).await.events;
    let started = events.iter().find(|event| event.kind == EventKind::SignInStarted).expect("it started");
    let of_it: Vec<&Event> = events.iter().filter(|event| event.flow == started.flow).collect();
    assert!(of_it.iter().all(|event| event.profile.as_deref() == Some(PROFILE)), "{of_it:?}");

    let all = exchanges(of_it.iter().copied());
    let purposes: Vec<&str> = all.iter().map(|exchange| exchange.purpose.as_str()).collect();
    assert_eq!(purposes, ["metadata", "token", "keys", "userinfo"]);
    assert!(all.iter().all(|exchange| exchange.answer.as_ref().is_some_and(|answer| answer.status == 200)));
    let [metadata, token, keys, userinfo] = all.as_slice() else { panic!("{all:?}") };
    let issuer = stage.provider.issuer();
    assert_eq!(metadata.request.url, format!("{issuer}/.well-known/openid-configuration"));
    assert!(body(metadata).contains(&format!("\"issuer\":\"{issuer}\"")) && body(keys).contains("\"kty\""));
    assert_eq!(token.request.method, "POST");
    assert_eq!(shown(&token.request.form, "grant_type"), "authorization_code");
    assert!(shown(&token.request.form, "redirect_uri").starts_with("http://127.0.0.1:"));
    assert!(pair(&token.request.form, "code").secret && pair(&token.request.form, "code_verifier").secret);
    assert!(body(token).contains("\"expires_in\":300") && body(token).contains("\"access_token\":\"[fingerprint "));
    assert!(shown(&token.answer.as_ref().expect("it came").headers, "content-type").contains("json"));
    assert!(body(userinfo).contains("\"name\":\"Ada Lovelace\""), "{}", body(userinfo));

    // There by the browser, and back.
    let there = of_it.iter().find_map(|event| match &event.kind {
        EventKind::AuthorizationRequested { url, parameters, .. } => Some((url, parameters)),
        _ => None,
    });
    let (url, asked) = there.expect("the browser was sent");
    assert_eq!(*url, format!("{issuer}/authorize"));
    assert_eq!((shown(asked, "response_type"), shown(asked, "code_challenge_method")), ("code", "S256"));
    let back = of_it.iter().find_map(|event| match &event.kind {
        EventKind::CallbackReceived { parameters } => Some(parameters),
        _ => None,
    });
    let brought = back.expect("it came back");
    assert_eq!(pair(brought, "state"), pair(asked, "state"), "whoever looks sees that it is the same");
    assert_eq!(pair(brought, "code"), pair(&token.request.form, "code"));
    assert!(pair(brought, "code").secret);

    // What did not change is not told twice.
    stage.sign_in().await;
    let again = journal(&stage, &JournalRequest { kind: Some("exchanged".into()), ..JournalRequest::default() }).await;
    let second = exchanges(again.events.iter()).into_iter().filter(|exchange| exchange.purpose == "metadata").nth(1);
    let answer = second.expect("asked again").answer.expect("it came");
    assert!(answer.body.is_empty() && answer.unchanged.is_some_and(|digest| digest.len() == 64));
    assert_no_secret(&stage).await;
}

#[tokio::test]
async fn a_renewal_that_is_refused_shows_what_the_provider_said() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let said = |body: &str| Fault::Said {
        status: 400,
        headers: vec![("content-type".into(), "application/json".into()), ("x-request-id".into(), "abc-1".into())],
        body: body.into(),
    };
    stage.renew().await.expect("renewed");
    let spent = refreshes(&stage.provider).pop().expect("it was sent").params.get("refresh_token").map(str::to_owned);
    let spent = spent.expect("a refresh token");
    let echo = format!(r#"{{"error":"temporarily_unavailable","error_description":"{spent} came too late"}}"#);
    stage.provider.knobs().fail(Endpoint::Token, said(&echo), Times::Next(1));
    stage.renew().await.expect_err("refused");
    let exchange = last(&stage, "renewal").await;
    let answer = exchange.answer.expect("it came");
    assert_eq!((answer.status, shown(&answer.headers, "x-request-id")), (400, "abc-1"));
    assert!(answer.body.contains(r#""error":"temporarily_unavailable""#) && answer.body.contains("came too late"));
    assert!(!answer.body.contains(&spent), "an old token that is repeated is none to show: {}", answer.body);
    assert_no_secret(&stage).await;
}

#[tokio::test]
async fn a_request_without_an_answer_says_why() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    stage.provider.knobs().fail(Endpoint::Token, Fault::Drop, Times::Next(2));
    let refused = stage.renew().await.expect_err("no answer");
    let page = journal(&stage, &JournalRequest { kind: Some("exchanged".into()), ..JournalRequest::default() }).await;
    let renewals: Vec<Exchange> =
        exchanges(page.events.iter()).into_iter().filter(|exchange| exchange.purpose == "renewal").collect();
    assert_eq!(renewals.len(), 2, "the same token once more, and only once");
    for exchange in &renewals {
        assert_eq!((&exchange.answer, exchange.problem.as_deref()), (&None, Some(refused.message.as_str())));
    }

    // One that nobody waits for any more was sent all the same.
    let gate = stage.provider.knobs().hold(Endpoint::Discovery);
    let start = stage.client.start_sign_in(&doorkey_tests::stage::request(PROFILE)).await.expect("it starts");
    assert!(gate.wait_for(1, PATIENCE).await, "the provider is asked");
    stage.client.cancel_sign_in(&start.sign_in.id).await.expect("stopped");
    let exchange = doorkey_tests::watch::until_event(&stage.client, "the request is told", |event| match &event.kind {
        EventKind::Exchanged { exchange } if event.flow.as_deref() == Some(&start.sign_in.id) => Some(exchange.clone()),
        _ => None,
    })
    .await;
    gate.release();
    assert!(exchange.answer.is_none() && exchange.problem.is_some_and(|why| why.contains("Nobody waited")));
}

#[tokio::test]
async fn a_registration_is_told_without_what_it_gave() {
    let stage = Stage::with(Settings { registration: true, ..Settings::default() }).await;
    let token = Some(Secret::new("CANARY-to-register-with".to_owned()));
    let request = RegistrationRequest { profile: profile("new", stage.provider.issuer()), initial_access_token: token };
    let view = stage.client.register(&request).await.expect("registered");
    let exchange = last(&stage, "registration").await;
    assert!(pair(&exchange.request.headers, "authorization").value.starts_with("Bearer "));
    assert_eq!(shown(&exchange.request.form, "client_name"), "Doorkey");
    assert!(shown(&exchange.request.form, "redirect_uris").contains("/cb/"));
    let told = exchange.answer.expect("it came").body;
    assert!(told.contains(&format!("\"client_id\":\"{}\"", view.profile.client_id)), "{told}");
    assert_no_secret(&stage).await;
}

#[tokio::test]
async fn a_nonce_that_is_demanded_makes_two_exchanges_of_one_request() {
    // DPOP-08
    let stage = Stage::with(Settings { dpop_nonce: DpopNonce::Demanded, ..Settings::default() }).await;
    stage.put(|profile| profile.dpop = true).await;
    stage.sign_in().await;
    let page = journal(&stage, &JournalRequest { kind: Some("exchanged".into()), ..JournalRequest::default() }).await;
    let tokens: Vec<Exchange> =
        exchanges(page.events.iter()).into_iter().filter(|exchange| exchange.purpose == "token").collect();
    let [first, second] = tokens.as_slice() else { panic!("{tokens:?}") };
    let answer = first.answer.as_ref().expect("it came");
    assert!(answer.status == 400 && answer.body.contains("use_dpop_nonce"), "{answer:?}");
    assert!(!shown(&answer.headers, "dpop-nonce").is_empty());
    assert_eq!(second.answer.as_ref().map(|answer| answer.status), Some(200));
    let proofs = [first, second].map(|exchange| pair(&exchange.request.headers, "dpop").clone());
    assert!(proofs.iter().all(|proof| proof.secret) && proofs[0].value != proofs[1].value, "{proofs:?}");
    assert_no_secret(&stage).await;
}

/// The stream of updates, the pages and the command tell the same, and go on where the last agent has stopped.
#[tokio::test]
async fn the_journal_is_paged_over_restarts_and_shown_by_the_command() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let first = agent.client.journal(&JournalRequest::default()).await.expect("a page");
    let kind = |page: &JournalPage, at: usize| serde_json::to_value(&page.events[at]).expect("JSON")["kind"].clone();
    assert_eq!((first.events[0].seq, kind(&first, 0)), (1, "agent_started".into()));
    assert!(!first.older);
    agent.terminate().await;

    let agent = home.agent().await;
    let mut request = JournalRequest { limit: Some(5), ..JournalRequest::default() };
    let mut seen = Vec::new();
    loop {
        let page = agent.client.journal(&request).await.expect("a page");
        request.before = page.events.first().map(|event| event.seq);
        seen.splice(0..0, page.events.iter().map(|event| event.seq));
        if !page.older {
            break;
        }
    }
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>(), "two agents, and every number once");
    assert!(seen.len() > first.events.len());
    let blocking = doorkey_client::blocking::Client::at(agent.client.socket().to_owned());
    let asked = JournalRequest { before: Some(3), profile: Some("nobody's".into()), ..JournalRequest::default() };
    let none = tokio::task::spawn_blocking(move || blocking.journal(&asked)).await.expect("it ends").expect("a page");
    assert!(none.events.is_empty() && !none.older);
    for limit in [0, 1001] {
        let refused = agent.client.journal(&JournalRequest { limit: Some(limit), ..JournalRequest::default() }).await;
        assert_eq!(refused.expect_err("out of its bounds").refusal().code, "broker.bad_request", "{limit}");
    }
    agent.terminate().await;

    let shown = home.doorkey(&["journal", "--kind", "exchanged"]).await;
    assert!(shown.stdout.contains("/token was answered with 200"), "{shown:?}");
    assert_eq!(shown.stdout.lines().count(), exchanges(first.events.iter()).len(), "one line each: {shown:?}");
    let json = home.doorkey(&["journal", "--kind", "exchanged", "--json"]).await;
    let told: Vec<Exchange> = json
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["exchange"].clone())
        .map(|exchange| serde_json::from_value(exchange).expect("all of it"))
        .collect();
    assert_eq!(told, exchanges(first.events.iter()));
}

async fn journal(stage: &Stage, request: &JournalRequest) -> JournalPage {
    stage.client.journal(request).await.expect("a page")
}

async fn last(stage: &Stage, purpose: &str) -> Exchange {
    let page = journal(stage, &JournalRequest { kind: Some("exchanged".into()), ..JournalRequest::default() }).await;
    let all = exchanges(page.events.iter());
    all.into_iter().rfind(|exchange| exchange.purpose == purpose).expect("there is one")
}

fn exchanges<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Exchange> {
    let exchange = |event: &Event| match &event.kind {
        EventKind::Exchanged { exchange } => Some(Exchange::clone(exchange)),
        _ => None,
    };
    events.filter_map(exchange).collect()
}

fn body(exchange: &Exchange) -> &str {
    &exchange.answer.as_ref().expect("it came").body
}

fn pair<'a>(pairs: &'a [Pair], name: &str) -> &'a Pair {
    pairs.iter().find(|pair| pair.name == name).unwrap_or_else(|| panic!("no {name} in {pairs:?}"))
}

fn shown<'a>(pairs: &'a [Pair], name: &str) -> &'a str {
    let pair = pair(pairs, name);
    assert!(!pair.secret, "{pair:?}");
    &pair.value
}

async fn assert_no_secret(stage: &Stage) {
    let page = journal(stage, &JournalRequest { limit: Some(1000), ..JournalRequest::default() }).await;
    let text = serde_json::to_string(&page).expect("JSON");
    assert_none(&sent_to(&stage.provider), "the journal", &text);
    assert!(!text.contains("eyJ"), "a JWT: {text}");
}
