//! A scenario made of a sign-in that was done: what was seen becomes what is expected. Nothing of the person is in it, and
//! no secret, for the journal has none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use doorkey_client::words::{Check, CheckOutcome, EventKind};

use super::Span;
use crate::flow::{Flow, FlowKind, Outcome};

/// Asked for when the provider's description is old, and not otherwise: no build has the same number of them.
const NOT_COUNTED: [&str; 2] = ["metadata", "keys"];

/// Why a flow cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// It is a renewal, a sign-out or anything else.
    #[error("it is no sign-in")]
    NoSignIn,
    /// It is not over, or nobody knows how it ended.
    #[error("it has not ended, or was stopped")]
    NotEnded,
}

/// The text of the scenario. `profile` is the profile as a table of TOML, from its header `[profile]` on.
///
/// # Errors
/// [`NotRecorded`].
pub fn scenario(flow: &Flow, profile: &str) -> Result<String, NotRecorded> {
    if flow.kind != FlowKind::SignIn {
        return Err(NotRecorded::NoSignIn);
    }
    let ends = match &flow.outcome {
        Outcome::Succeeded => "signed_in",
        Outcome::Refused { refusal } => refusal.code.as_str(),
        Outcome::Cancelled | Outcome::Untold => return Err(NotRecorded::NotEnded),
    };
    let secret = credential(flow);
    let mut text = String::from(
        "#:schema scenario.schema.json\n# `doorkey test schema > scenario.schema.json` for editors.\nversion = 1\n",
    );
    if let Some((key, _)) = secret {
        let _ = writeln!(text, "{key} = \"client\"");
    }
    let _ = write!(text, "\n{}\n", profile.trim());
    if let Some((_, variable)) = secret {
        let _ = write!(text, "\n[secrets]\nclient = {{ env = \"{variable}\" }}\n");
    }
    text.push_str(LOGIN);
    let name =
        flow.profile.as_deref().map_or_else(|| "Sign-in".to_owned(), |profile| format!("Sign-in with {profile}"));
    let _ = write!(text, "\n[[scenario]]\nname = {}\n", quoted(&name));
    let asked = parameters(flow);
    if !asked.is_empty() {
        let _ = writeln!(text, "sign_in = {{ {} }}", asked.join(", "));
    }
    let _ = write!(text, "\n[scenario.expect]\nends = {}\n", quoted(ends));
    if matches!(flow.outcome, Outcome::Succeeded) {
        seen(&mut text, flow);
    }
    requests(&mut text, flow);
    checks(&mut text, flow);
    Ok(text)
}

const LOGIN: &str = "
# Who fills in the login page. For a build without a person: by = \"chromium\", with the selectors of your page,
# and passwords by their name in [secrets].
[login]
by = \"person\"
# by = \"chromium\"
# steps = [
#   { fill = \"input[name=email]\", value = \"ada@example.test\" },
#   { fill = \"input[name=password]\", secret = \"password\" },
#   { click = \"button[type=submit]\" },
# ]
";

/// What a provider was shown of the client: the key that a scenario has for it, and a variable to read it from.
fn credential(flow: &Flow) -> Option<(&'static str, &'static str)> {
    let request = &flow.asked().find(|asked| asked.exchange.purpose == "token")?.exchange.request;
    let has = |name: &str| request.form.iter().any(|field| field.name == name);
    if has("client_assertion") {
        return Some(("client_key", "CLIENT_KEY"));
    }
    let basic = request.headers.iter().any(|header| header.name.eq_ignore_ascii_case("authorization"));
    (has("client_secret") || basic).then_some(("client_secret", "CLIENT_SECRET"))
}

/// What the sign-in asked for beyond the profile, as far as it says nothing of a person.
fn parameters(flow: &Flow) -> Vec<String> {
    let visits = flow.visits();
    let asked = visits.first().map(|visit| visit.parameters).unwrap_or_default();
    let prompt = asked.iter().find(|parameter| parameter.name == "prompt" && !parameter.secret);
    prompt.map(|prompt| format!("prompt = {}", quoted(&prompt.value))).into_iter().collect()
}

fn seen(text: &mut String, flow: &Flow) {
    let named = |name: &str| {
        all_checks(flow).find(|check| check.name == name && check.outcome == CheckOutcome::Passed).map(|it| &it.got)
    };
    if let Some(alg) = named("idtoken.alg") {
        let _ = writeln!(text, "alg = {}", quoted(alg));
    }
    let told = flow.events.iter().rev().find_map(|event| match &event.kind {
        EventKind::TokensReceived { scope, expires_in, .. } => Some((scope, expires_in)),
        _ => None,
    });
    if let Some((scope, life)) = told {
        let scopes: Vec<String> = scope.iter().map(|scope| quoted(scope)).collect();
        let _ = writeln!(text, "scope = [{}]", scopes.join(", "));
        if let Some(life) = life {
            let life = Span(std::time::Duration::from_secs(u64::from(*life)));
            let _ = writeln!(text, "lifetime = {{ at_most = \"{life}\" }}");
        }
    }
    let claims: Vec<String> = [("iss", named("idtoken.iss")), ("aud", named("idtoken.aud"))]
        .into_iter()
        .filter_map(|(claim, got)| got.map(|got| format!("{claim} = {}", quoted(got))))
        .collect();
    if !claims.is_empty() {
        let _ = writeln!(text, "claims = {{ {} }}", claims.join(", "));
    }
}

fn requests(text: &mut String, flow: &Flow) {
    let mut counted: BTreeMap<&str, u32> = BTreeMap::new();
    for asked in flow.asked().filter(|asked| !NOT_COUNTED.contains(&asked.exchange.purpose.as_str())) {
        *counted.entry(&asked.exchange.purpose).or_default() += 1;
    }
    if counted.is_empty() {
        return;
    }
    let counted: Vec<String> = counted.iter().map(|(purpose, number)| format!("{purpose} = {number}")).collect();
    let _ = writeln!(text, "requests = {{ {} }}", counted.join(", "));
}

fn checks(text: &mut String, flow: &Flow) {
    let mut made: BTreeMap<&str, Option<&'static str>> = BTreeMap::new();
    for check in all_checks(flow) {
        let outcome = match check.outcome {
            CheckOutcome::Passed => "passed",
            CheckOutcome::Failed => "failed",
            CheckOutcome::Warned => "warned",
            CheckOutcome::NotApplicable => continue,
        };
        // One that went two ways holds for neither.
        made.entry(&check.name)
            .and_modify(|known| {
                if *known != Some(outcome) {
                    *known = None;
                }
            })
            .or_insert(Some(outcome));
    }
    let made: Vec<_> = made.into_iter().filter_map(|(name, outcome)| outcome.map(|outcome| (name, outcome))).collect();
    if made.is_empty() {
        return;
    }
    text.push_str("\n[scenario.expect.checks]\n");
    for (name, outcome) in made {
        let _ = writeln!(text, "{} = \"{outcome}\"", quoted(name));
    }
}

fn all_checks(flow: &Flow) -> impl Iterator<Item = &Check> {
    flow.judged().flat_map(|judged| judged.checks)
}

/// As TOML has it.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::read;
    use crate::tests::{events, kinds, refused};

    const TABLE: &str = "[profile]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n";

    #[test]
    fn what_is_recorded_is_a_scenario() {
        let flow = Flow::of(events()).expect("one flow");
        let text = scenario(&flow, TABLE).expect("it is a sign-in");
        let read = read(&text, |_| None).unwrap_or_else(|mistake| panic!("{mistake}\n{text}"));
        assert_eq!(read.runs.len(), 1);
        let expect = &read.runs[0].expect;
        assert_eq!(expect.ends.as_deref(), Some("signed_in"));
        assert!(!expect.checks.is_empty() && expect.requests.contains_key("token"), "{text}");
        assert!(!expect.requests.contains_key("metadata"), "{text}");
        for personal in ["ada", "sub"] {
            assert!(!text.replace(LOGIN, "").contains(personal), "{personal} is in {text}");
        }
    }

    #[test]
    fn a_refused_sign_in_is_expected_to_be_refused() {
        let end = EventKind::SignInFailed { refusal: refused("idtoken.nonce_mismatch") };
        let flow = Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, end])).expect("one flow");
        let text = scenario(&flow, TABLE).expect("it is a sign-in");
        assert!(text.contains("ends = \"idtoken.nonce_mismatch\""), "{text}");
        assert!(read(&text, |_| None).is_ok(), "{text}");
    }

    #[test]
    fn what_is_no_sign_in_or_not_over_is_not_recorded() {
        let of = |kind: EventKind| scenario(&Flow::of(kinds("f", 1, vec![kind])).expect("one flow"), TABLE);
        assert_eq!(of(EventKind::SignInStarted), Err(NotRecorded::NotEnded));
        assert_eq!(of(EventKind::RenewalStarted { reason: "person".to_owned() }), Err(NotRecorded::NoSignIn));
    }
}
