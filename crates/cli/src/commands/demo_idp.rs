//! `doorkey demo-idp`: the strict demo provider, for any client, until it is stopped.

use std::collections::HashSet;
use std::time::Duration;

use doorkey_client::words::{Refusal, VERSION};
use doorkey_demo_idp::{Client, Entry, Log, Misbehaviour, Redirect, Running, Settings, Verdict};
use serde::Serialize;

use super::demo::{End, as_text, misbehaviours};
use crate::agency;
use crate::args::{DemoIdp, LIST};
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::signals::Interrupt;

/// The client that has a secret.
const WITH_SECRET: &str = "web";
/// A wait that is begun anew when it is over.
const LONG: Duration = Duration::from_secs(3600);

/// Who serves, for machines: written once it listens.
#[derive(Debug, Serialize)]
struct Serving<'a> {
    version: u32,
    issuer: &'a str,
    seen: String,
    seen_json: String,
    clients: Vec<Known<'a>>,
    people: Vec<Person<'a>>,
    misbehaviour: Option<Misbehaves>,
    /// A command line to try it with.
    r#try: String,
}

#[derive(Debug, Serialize)]
struct Known<'a> {
    client_id: &'a str,
    /// Made for this run, and of no worth anywhere else.
    client_secret: Option<&'a str>,
    redirect_uris: Vec<String>,
}

impl<'a> Known<'a> {
    fn of(client: &'a Client) -> Self {
        Self {
            client_id: &client.id,
            client_secret: client.secret.as_deref(),
            redirect_uris: client.redirects.iter().map(as_rule).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    sub: &'a str,
    name: &'a str,
    email: &'a str,
    password: &'a str,
}

#[derive(Debug, Serialize)]
struct Misbehaves {
    name: &'static str,
    rows: &'static [&'static str],
    what: &'static str,
    shows_with: &'static str,
    must_end: End,
}

pub(crate) fn run(args: &DemoIdp, out: &Output) -> Result<(), Failure> {
    let how = match args.misbehave.as_deref() {
        Some(LIST) => return misbehaviours::all("doorkey demo-idp --misbehave NAME", args.row.as_deref(), out),
        Some(_) if args.row.is_some() => return Err(misbehaviours::row_and_name().into()),
        Some(name) => Some(Misbehaviour::from_name(name).ok_or_else(|| misbehaviours::unknown(name))?),
        None => None,
    };
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let clients = clients(args);
        let settings = Settings {
            port: args.port.unwrap_or_default(),
            clients: clients.clone(),
            seen: true,
            misbehaviour: how,
            ..Settings::default()
        };
        let provider = tokio::select! {
            started = doorkey_demo_idp::start(settings) => started.map_err(|error| cannot_start(&error, args.port))?,
            () = interrupt.received() => return Err(Failure::cancelled("The provider")),
        };
        // Details come from userinfo, so that whoever wants them asks there (OpenID Connect Core 5.4).
        provider.knobs().id_tokens_without_details();
        introduce(&provider, &clients, how, out)?;
        let log = provider.log();
        tokio::select! {
            () = tell(&log, out) => (),
            () = interrupt.received() => (),
        }
        let judged = provider.judged();
        provider.stop().await;
        let mark = match judged.verdict {
            Verdict::AsItMust | Verdict::SoFar => Mark::Done,
            Verdict::Otherwise => Mark::Failed,
            Verdict::NotMet | Verdict::NotVisible => Mark::Waiting,
        };
        out.step(mark, Line::new().strong(judged.verdict.words()).plain(": ").plain(judged.sentence));
        Ok(())
    })
}

/// The one that was asked for, and beside it one with a secret.
fn clients(args: &DemoIdp) -> Vec<Client> {
    let anywhere = || vec![Redirect::Loopback { under: "/".into() }];
    let redirects = if args.redirects.is_empty() { anywhere() } else { args.redirects.clone() };
    let secret = format!("demo-{:016x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), "secret"));
    let public = Client::public(&args.client_id, redirects.clone());
    let mut all = vec![Client { post_logout_redirects: anywhere(), ..public }];
    if args.client_id != WITH_SECRET {
        let confidential = Client::confidential(WITH_SECRET, &secret, redirects);
        all.push(Client { post_logout_redirects: anywhere(), ..confidential });
    }
    all
}

fn cannot_start(error: &doorkey_demo_idp::StartError, port: Option<u16>) -> Refusal {
    let hint = match port {
        Some(port) => format!("Free port {port}, name another, or leave `--port` out for any free one."),
        None => "Run `doorkey doctor`.".to_owned(),
    };
    Refusal::new("demo.cannot_start", format!("The provider did not start: {error}."), hint)
}

/// Where it is, who may come, and how to try it.
fn introduce(provider: &Running, clients: &[Client], how: Option<Misbehaviour>, out: &Output) -> Result<(), Failure> {
    let issuer = provider.issuer();
    let seen = provider.seen_url().unwrap_or_default();
    let id = clients.first().map_or("", |client| &client.id);
    let line = format!(
        "doorkey profile add rehearse --replace --issuer {issuer} --client-id {id} && doorkey login rehearse",
        id = quoted(id)
    );
    if out.is_json() {
        return out.answer_json(&Serving {
            version: VERSION,
            issuer,
            seen_json: format!("{seen}.json"),
            seen,
            clients: clients.iter().map(Known::of).collect(),
            people: provider
                .people()
                .iter()
                .map(|one| Person { sub: &one.sub, name: &one.name, email: &one.email, password: &one.password })
                .collect(),
            misbehaviour: how.map(|how| Misbehaves {
                name: how.name(),
                rows: how.rows(),
                what: how.what(),
                shows_with: how.asks().what(),
                must_end: End::from(how.must_end()),
            }),
            r#try: line,
        });
    }
    let fact = |name: &str, text: &str| out.answer_hanging(&Line::new().dim(format!("  {name:<14} ")), text);
    out.answer(Line::new().strong("A provider to rehearse with, on this computer only"))?;
    fact("issuer", issuer)?;
    for client in clients {
        let secret = client.secret.as_ref().map_or_else(|| "no secret, with PKCE".into(), |it| format!("secret {it}"));
        fact("client id", &format!("{} ({secret})", client.id))?;
    }
    let redirects: Vec<String> = clients.first().into_iter().flat_map(|one| &one.redirects).map(as_rule).collect();
    fact("redirect URIs", &redirects.join(", "))?;
    for one in provider.people() {
        fact("who", &format!("{} with the password {} ({})", one.email, one.password, one.name))?;
    }
    if let Some(how) = how {
        fact("misbehaves", &format!("{how} ({}): {} {}", how.rows().join(", "), how.what(), how.asks().what()))?;
        fact("it must end", &as_text(&End::from(how.must_end())))?;
    }
    fact("what was sent", &seen)?;
    fact("try it", &line)?;
    out.note(Line::new().dim("  stop it with Ctrl-C; it keeps nothing"));
    Ok(())
}

fn as_rule(redirect: &Redirect) -> String {
    match redirect {
        Redirect::Loopback { under } if under == "/" => "http://127.0.0.1, any port, any path".into(),
        Redirect::Loopback { under } => format!("http://127.0.0.1, any port, under {under}"),
        Redirect::LoopbackPath { path } => format!("http://127.0.0.1{path}, any port"),
        Redirect::Exact(uri) => uri.clone(),
    }
}

/// For a shell.
fn quoted(id: &str) -> String {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain { id.to_owned() } else { format!("'{}'", id.replace('\'', r"'\''")) }
}

/// Each request in a line of its own, as it is answered.
async fn tell(log: &Log, out: &Output) {
    let mut told: HashSet<u64> = HashSet::new();
    loop {
        let is_new = |entry: &Entry| entry.outcome.is_some() && !told.contains(&entry.seq);
        if !log.wait_until(LONG, |entries| entries.iter().any(is_new)).await {
            continue;
        }
        let entries = log.entries();
        for entry in entries.iter().filter(|entry| is_new(entry)) {
            out.note(line(entry));
        }
        // What has left the log is not told again.
        told = entries.iter().filter(|entry| entry.outcome.is_some()).map(|entry| entry.seq).collect();
    }
}

fn line(entry: &Entry) -> Line {
    let outcome = entry.outcome.as_ref();
    let status = outcome.and_then(|it| it.status).map_or_else(|| "broken off".to_owned(), |status| status.to_string());
    let error = outcome.and_then(|it| it.error.as_deref()).map(|error| format!(" {error}")).unwrap_or_default();
    Line::new()
        .dim(format!("  {:>3} ", entry.seq))
        .plain(format!("{} {}", entry.method, entry.path))
        .dim(" ")
        .plain(status)
        .plain(error)
}
