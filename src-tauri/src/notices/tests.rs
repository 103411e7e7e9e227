use crate::overview::tests::{ending, question, session};
use crate::words::Language;

use super::*;

const NOW: &str = "2026-02-02T00:00:00Z";

fn look(told: &mut Told, overview: &Overview, telling: Telling) -> Act {
    told.look(overview, telling, NOW.parse().expect("a time"), Language::English.words())
}

fn raised(act: Act) -> Notice {
    match act {
        Act::Raise(notice) => notice,
        Act::Nothing | Act::Withdraw => panic!("nothing is raised: {act:?}"),
    }
}

fn connected() -> Overview {
    Overview { connected: true, ..Overview::default() }
}

#[test]
fn many_sessions_are_one_notification_and_it_comes_once() {
    let mut told = Told::default();
    let mut overview = connected();
    overview.sessions = ["Ada", "Bea", "Cem", "Dan"].map(|name| session(name, name, "sign_in_required")).into();
    let notice = raised(look(&mut told, &overview, Telling::Wanted));
    assert_eq!(notice.summary, "4 accounts need you to sign in again");
    assert_eq!((notice.body.as_str(), notice.place), ("Ada, Bea, Cem, …", Place::Accounts));
    assert_eq!(look(&mut told, &overview, Telling::Wanted), Act::Nothing, "it is known");
    overview.sessions.remove(0);
    assert_eq!(look(&mut told, &overview, Telling::Wanted), Act::Nothing, "fewer is no news");
    overview.sessions.push(session("Eve", "Eve", "sign_in_required"));
    assert_eq!(raised(look(&mut told, &overview, Telling::Wanted)).body, "Bea, Cem, Dan, …");
    overview.sessions.clear();
    assert_eq!(look(&mut told, &overview, Telling::Wanted), Act::Withdraw);
    assert_eq!(look(&mut told, &overview, Telling::Wanted), Act::Nothing);
}

#[test]
fn who_looks_at_the_window_is_told_nothing_and_later_nothing_old() {
    let mut told = Told::default();
    let mut overview = connected();
    overview.sessions = vec![session("a", "Ada", "sign_in_required")];
    assert_eq!(look(&mut told, &overview, Telling::Needless), Act::Nothing);
    assert_eq!(look(&mut told, &overview, Telling::Wanted), Act::Nothing, "they have seen it");
    overview.sessions.push(session("b", "Bea", "sign_in_required"));
    raised(look(&mut told, &overview, Telling::Wanted));
    assert_eq!(look(&mut told, &overview, Telling::Needless), Act::Withdraw, "they look now");
    overview.sessions[0].state = doorkey_client::words::SessionState::SignedIn;
    look(&mut told, &overview, Telling::Wanted);
    overview.sessions[0].state = doorkey_client::words::SessionState::SignInRequired;
    raised(look(&mut told, &overview, Telling::Wanted));
}

#[test]
fn an_agent_that_is_away_changes_nothing() {
    let mut told = Told::default();
    let mut overview = connected();
    overview.sessions = vec![session("a", "Ada", "sign_in_required")];
    raised(look(&mut told, &overview, Telling::Wanted));
    let gone = Overview { connected: false, ..overview.clone() };
    assert_eq!(look(&mut told, &gone, Telling::Wanted), Act::Nothing);
    assert_eq!(look(&mut told, &overview, Telling::Wanted), Act::Nothing, "nor when it is back");
}

#[test]
fn what_is_most_urgent_stands_above_and_decides_the_place() {
    let mut overview = connected();
    overview.sessions = vec![ending("a", "Ada", "2026-02-01T00:00:00Z"), ending("b", "Bea", "2026-02-03T00:00:00Z")];
    let words = Language::English.words();
    let at = || NOW.parse().expect("a time");
    let soon = notice(&overview, at(), words);
    assert_eq!((soon.summary.as_str(), soon.place), ("Sign in again soon: Ada", Place::Accounts));
    overview.sessions.push(session("c", "Cem", "sign_in_required"));
    let both = notice(&overview, at(), words);
    assert_eq!((both.summary.as_str(), both.body.as_str()), ("Sign in again: Cem", "Sign in again soon: Ada"));
    overview.questions.push(question("q", "/opt/a b/<i>tool"));
    let all = notice(&overview, at(), words);
    assert_eq!(all.summary, "<i>tool asks for a token of work", "a summary is never markup");
    assert_eq!((all.body.as_str(), all.place), ("Sign in again: Cem\nSign in again soon: Ada", Place::Programs));
    overview.sessions.clear();
    assert_eq!(notice(&overview, at(), words).body, "It waits for your yes or no.");
    assert_eq!(plain("a <b>&</b>"), "a &lt;b&gt;&amp;&lt;/b&gt;");
}
