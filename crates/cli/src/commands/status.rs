//! `doorkey status`: who is signed in, until when, and what renews itself.

use comfy_table::{ContentArrangement, Table, presets};
use doorkey_client::words::{Session, SessionState, Sessions, VERSION};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::agency::{self, Again};
use crate::args::Status;
use crate::commands::{facts, profile};
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::{Look, Output};
use crate::text::plain;
use crate::time::{self, left, weekday, within};

/// Below this a table would break every word.
const NARROW: usize = 72;

pub(crate) fn run(args: &Status, out: &Output) -> Result<(), Failure> {
    let sessions = agency::with("The look at the sessions", Again::Harmless, async |client| {
        let mut sessions = client.sessions().await?.sessions;
        for problem in client.hello().await?.problems {
            out.warn(&format!("{} {}", problem.message, problem.hint));
        }
        if let Some(wanted) = &args.profile {
            sessions.retain(|session| session.profile == *wanted);
            if sessions.is_empty() {
                profile::named(client, wanted).await?;
            }
        }
        Ok(sessions)
    })?;

    if out.is_json() {
        return out.answer_json(&Sessions { version: VERSION, sessions });
    }
    let now = time::now();
    match sessions.as_slice() {
        [] => nobody(args.profile.as_deref(), out),
        some if out.answers().terminal && out.answers().width < NARROW => one_below_the_other(some, now, out),
        some => out.answer_block(&table(some, now, out.answers())),
    }?;
    for session in &sessions {
        say_what_is_wrong(session, now, out);
    }
    Ok(())
}

fn nobody(profile: Option<&str>, out: &Output) -> Result<(), Failure> {
    match profile {
        Some(name) => {
            out.answer(format!("No one is signed in with {name}."))?;
            out.note(Line::from("  Sign in with ").strong(format!("doorkey login {name}")).plain("."));
        }
        None => {
            out.answer("No one is signed in.")?;
            out.note(
                Line::from("  Sign in with ")
                    .strong("doorkey login PROFILE")
                    .plain("; profiles come from ")
                    .strong("doorkey profile add")
                    .plain("."),
            );
            out.note(Line::from("  Nothing to sign in to yet? ").strong("doorkey demo").plain(" shows how it works."));
        }
    }
    Ok(())
}

fn table(sessions: &[Session], now: Timestamp, look: Look) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if look.terminal {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
    }
    table.set_header(["PROFILE", "WHO", "STATE", "TOKEN", "RENEWS", "SCOPES"]);
    for session in sessions {
        let state: String = facts::state(session.state).pieces().map(|(_, text)| text.to_owned()).collect();
        table.add_row([
            plain(&session.profile),
            plain(&who(session)),
            state,
            session.expires_at.map_or_else(|| "no known end".to_owned(), |end| left(end, now)),
            session.renews_at.map_or_else(|| "-".to_owned(), |at| within(at, now)),
            plain(&session.scope.join(" ")),
        ]);
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn one_below_the_other(sessions: &[Session], now: Timestamp, out: &Output) -> Result<(), Failure> {
    for session in sessions {
        out.answer(Line::new().strong(&session.profile).plain("  ").then(facts::state(session.state)))?;
        facts::Facts::default()
            .add("who", who(session))
            .add("valid", facts::validity(session, now))
            .add("renews", facts::renewal(session, now))
            .maybe("renewable", facts::end(session, now))
            .answer(out)?;
    }
    Ok(())
}

/// With what sets it apart from the others of its profile.
fn who(session: &Session) -> String {
    let preferred = if session.preferred { ", preferred" } else { "" };
    facts::who(session) + preferred
}

fn say_what_is_wrong(session: &Session, now: Timestamp, out: &Output) {
    match session.state {
        SessionState::SignedIn | SessionState::Renewing => {}
        SessionState::Offline | SessionState::Expired | SessionState::SignInRequired => {
            let next = match (&session.problem, session.state) {
                (Some(problem), _) => format!("{} {}", problem.message, problem.hint),
                (None, _) => format!("Sign in again with `doorkey login {}`.", session.profile),
            };
            out.hanging(&out.notes().marked(Mark::Warned).strong(format!("{}: ", session.profile)), &next);
        }
    }
    if let Some(end) = session.ends.filter(|end| end.notice_at.is_some_and(|from| from <= now)) {
        let before = weekday(end.at, now, &TimeZone::system());
        out.warn(&format!("{}: sign in again before {before}, with `doorkey login {0}`", session.profile));
    }
    if session.unsaved {
        out.warn(&format!("the newest tokens of {} could not be stored yet; keep the agent running", session.profile));
    }
}

#[cfg(test)]
mod tests {
    use doorkey_client::words::Identified;

    use super::*;

    fn session(profile: &str, state: SessionState) -> Session {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).expect("a moment in range");
        Session {
            id: "00".into(),
            profile: profile.into(),
            issuer: "https://op.example".into(),
            sub: "ada".into(),
            identified: Identified::Person,
            name: Some("Ada\u{1b}[2J".into()),
            email: None,
            label: None,
            preferred: false,
            position: None,
            state,
            scope: vec!["openid".into(), "email".into()],
            scope_refused: vec![],
            audience: None,
            resources: vec![],
            token_type: "Bearer".into(),
            signed_in_at: at(-60),
            issued_at: at(-60),
            expires_at: Some(at(2_880)),
            renews_at: (state == SessionState::SignedIn).then(|| at(2_280)),
            renewable: true,
            ends: None,
            unsaved: false,
            renewals: 0,
            problem: None,
        }
    }

    #[test]
    fn the_table_reads_at_a_glance() {
        let now = Timestamp::from_second(1_800_000_000).expect("a moment in range");
        let look = Look { terminal: true, colour: false, unicode: true, width: 80 };
        let sessions = [session("work", SessionState::SignedIn), session("api", SessionState::SignInRequired)];
        assert_eq!(
            table(&sessions, now, look).lines().collect::<Vec<_>>(),
            [
                " PROFILE  WHO  STATE             TOKEN        RENEWS     SCOPES",
                " work     Ada  signed in         48 min left  in 38 min  openid email",
                " api      Ada  sign-in required  48 min left  -          openid email",
            ]
        );
    }

    #[test]
    fn a_name_that_was_given_and_the_preferred_one_are_told_apart() {
        let mut named = session("work", SessionState::SignedIn);
        (named.label, named.preferred) = (Some("At the office".into()), true);
        assert_eq!(plain(&who(&named)), "At the office: Ada, preferred");
        assert_eq!(plain(&who(&session("work", SessionState::SignedIn))), "Ada");
    }
}
