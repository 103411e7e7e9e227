//! What a scenario may ask for, beyond its form.

mod vacuous;

use doorkey_client::words::{Code, SignOut, StepName};

use super::{File, One, Way, Wrong, own_profile};
use crate::scenario::format::{Action, By, Expect, Login, ProfileSource, Span, StepTable, Then as ThenTable};
use crate::scenario::{
    Do, Hands, LONGEST_TIMEOUT, MOST_RETRIES, Run, RunProfile, Step, Then, USUAL_TIMEOUT, USUAL_WAIT,
};

/// Longer lists are none that a person wrote.
const MOST_STEPS: usize = 100;
const LONGEST_NAME: usize = 120;

/// The run, when all of it can be done.
pub(super) fn checked(one: One, name: String, file: &File, way: &Way) -> Result<Run, Wrong> {
    if one.name.trim().is_empty() || one.name.len() > LONGEST_NAME || one.name.contains(char::is_control) {
        let what = format!("a name has 1 to {LONGEST_NAME} characters, in one line");
        return Err((way.clone().key("name"), what));
    }
    if one.retries > MOST_RETRIES {
        return Err((way.clone().key("retries"), format!("a run is tried again at most {MOST_RETRIES} times")));
    }
    let timeout = one.timeout.map_or(USUAL_TIMEOUT, |span| span.0);
    if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
        let what = format!("a run may take up to {}", Span(LONGEST_TIMEOUT));
        return Err((way.clone().key("timeout"), what));
    }
    let profile = match one.profile {
        ProfileSource::Named(name) => RunProfile::Named(name),
        ProfileSource::Own(table) => {
            let profile = own_profile(*table).map_err(|what| (way.clone().key("profile").key("ports"), what))?;
            RunProfile::Own(Box::new(profile))
        }
    };
    let hands = super::hands(one.login, &way.clone().key("login"))?;
    end(&one.expect, "signed_in", &way.clone().key("expect"))?;
    vacuous::none(&one.expect, &way.clone().key("expect"))?;
    no_sign_out(&one.expect, &way.clone().key("expect"))?;
    let ends_signed_in = one.expect.ends.as_deref().is_none_or(|end| end == "signed_in");
    if !ends_signed_in && !one.then.is_empty() {
        return Err((way.clone().key("then"), "nothing comes after a sign-in that is to be refused".to_owned()));
    }
    let mut then = Vec::new();
    for (index, table) in one.then.into_iter().enumerate() {
        then.push(after(table, &hands, &way.clone().key("then").index(index))?);
    }
    let (client_secret, client_key) = (one.client_secret, one.client_key);
    let run = Run {
        name,
        profile,
        client_secret,
        client_key,
        hands,
        sign_in: one.sign_in,
        expect: one.expect,
        then,
        retries: one.retries,
        timeout,
    };
    for (key, secret) in [("client_secret", &run.client_secret), ("client_key", &run.client_key)] {
        if secret.as_ref().is_some_and(|name| !file.secrets.contains_key(name)) {
            // What stands there may be the secret itself: it is not repeated.
            return Err((
                way.clone().key(key),
                format!("`{key}` is the name of a secret in [secrets], and there is none of this name"),
            ));
        }
    }
    if let Hands::Chromium(steps) = &run.hands {
        named(steps, file, &way.clone().key("login"))?;
    }
    for (index, then) in run.then.iter().enumerate() {
        if let Then::SignOut(_, Hands::Chromium(steps), _) = then {
            named(steps, file, &way.clone().key("then").index(index))?;
        }
    }
    Ok(run)
}

pub(super) fn hands(login: Login, way: &Way) -> Result<Hands, Wrong> {
    let only = |list: &str, by: &str| Err((way.clone().key(list), format!("`{list}` is for `by = \"{by}\"`")));
    match login {
        Login { by: By::Person, steps, command } => match (steps.is_empty(), command.is_empty()) {
            (true, true) => Ok(Hands::Person),
            (false, _) => only("steps", "chromium"),
            (true, false) => only("command", "command"),
        },
        Login { by: By::Chromium, steps, command } => {
            if !command.is_empty() {
                return only("command", "command");
            }
            Ok(Hands::Chromium(all_steps(steps, way)?))
        }
        Login { by: By::Command, steps, command } => {
            if !steps.is_empty() {
                return only("steps", "chromium");
            }
            if command.first().is_none_or(String::is_empty) {
                return Err((way.clone().key("by"), "`command` is missing: a program and its arguments".to_owned()));
            }
            Ok(Hands::Command(command))
        }
    }
}

fn all_steps(steps: Vec<StepTable>, way: &Way) -> Result<Vec<Step>, Wrong> {
    let way = way.clone().key("steps");
    if steps.len() > MOST_STEPS {
        return Err((way, format!("there are more than {MOST_STEPS} steps")));
    }
    let steps = steps.into_iter().enumerate();
    steps.map(|(index, table)| step(table).map_err(|what| (way.clone().index(index), what.to_owned()))).collect()
}

/// Each secret that is typed is one of the file's.
fn named(steps: &[Step], file: &File, way: &Way) -> Result<(), Wrong> {
    let is_missing = |step: &Step| match &step.what {
        Do::FillSecret(name) => !file.secrets.contains_key(name),
        Do::Fill(_) | Do::Click | Do::Wait | Do::Expect(_) => false,
    };
    match steps.iter().position(is_missing) {
        None => Ok(()),
        Some(index) => {
            let what = "`secret` is the name of a secret in [secrets], and there is none of this name".to_owned();
            Err((way.clone().key("steps").index(index).key("secret"), what))
        }
    }
}

fn step(table: StepTable) -> Result<Step, &'static str> {
    if table.expect.is_some() && table.optional {
        return Err("an `expect` that is `optional` holds whatever the page says: `wait` may be optional");
    }
    if table.text.as_deref().is_some_and(|text| text.trim().is_empty()) {
        return Err("every page has an empty `text`: leave it out, or say what must be read there");
    }
    let StepTable { fill, click, wait, expect, value, secret, text, within, optional } = table;
    let without = |what: Do| match (&value, &secret, &text) {
        (None, None, None) => Ok(what),
        _ => Err("`value` and `secret` are for `fill`, `text` is for `expect`"),
    };
    let (selector, what) = match (fill, click, wait, expect) {
        (Some(selector), None, None, None) => match (value.clone(), secret.clone(), &text) {
            (Some(value), None, None) => (selector, Do::Fill(value)),
            (None, Some(secret), None) => (selector, Do::FillSecret(secret)),
            _ => return Err("`fill` takes either `value` or `secret`, and no `text`"),
        },
        (None, Some(selector), None, None) => (selector, without(Do::Click)?),
        (None, None, Some(selector), None) => (selector, without(Do::Wait)?),
        (None, None, None, Some(selector)) => match (&value, &secret) {
            (None, None) => (selector, Do::Expect(text.clone())),
            _ => return Err("`expect` takes `text`, and neither `value` nor `secret`"),
        },
        _ => return Err("a step has one of `fill`, `click`, `wait` and `expect`"),
    };
    if selector.trim().is_empty() {
        return Err("a step's selector is empty");
    }
    let within = within.map_or(USUAL_WAIT, |span| span.0);
    if within > LONGEST_TIMEOUT {
        return Err("`within` is longer than any run may take");
    }
    Ok(Step { selector, what, within, optional })
}

fn after(table: ThenTable, hands: &Hands, way: &Way) -> Result<Then, Wrong> {
    let expect_way = way.clone().key("expect");
    vacuous::none(&table.expect, &expect_way)?;
    match table.action {
        Action::Renew => {
            if table.how.is_some() || !table.steps.is_empty() || !table.command.is_empty() {
                let what = "`how`, `steps` and `command` are for `do = \"sign_out\"`".to_owned();
                return Err((way.clone().key("do"), what));
            }
            end(&table.expect, "renewed", &expect_way)?;
            no_sign_out(&table.expect, &expect_way)?;
            Ok(Then::Renew(table.expect))
        }
        Action::SignOut => {
            let how = table.how.unwrap_or_default();
            end(&table.expect, "signed_out", &expect_way)?;
            only_sign_out(&table.expect, &expect_way)?;
            let visit = visit(how, table.steps, table.command, &table.expect, hands, way)?;
            Ok(Then::SignOut(how, visit, table.expect))
        }
    }
}

/// Who opens the provider's sign-out page: whoever has filled in its login page. Nothing that is to be done there is left
/// undone in silence.
fn visit(
    how: SignOut,
    steps: Vec<StepTable>,
    command: Vec<String>,
    expect: &Expect,
    hands: &Hands,
    way: &Way,
) -> Result<Hands, Wrong> {
    let wrong = |key: &str, what: &str| Err((way.clone().key(key), what.to_owned()));
    let asked = [("steps", !steps.is_empty()), ("command", !command.is_empty())];
    let asked = asked.into_iter().find(|(_, asked)| *asked).map(|(key, _)| key);
    if how != SignOut::Everywhere {
        let key = asked.or(expect.browser.map(|_| "browser"));
        return match key {
            Some("browser") => {
                let what = "`browser` is for `how = \"everywhere\"`: no browser goes anywhere otherwise";
                Err((way.clone().key("expect").key("browser"), what.to_owned()))
            }
            Some(key) => wrong(key, "this is for `how = \"everywhere\"`: no page is opened otherwise"),
            None => Ok(Hands::Person),
        };
    }
    let is_left = expect.done.as_ref().is_some_and(|done| !done.contains(&StepName::EndSession));
    if is_left && (asked.is_some() || expect.browser.is_some()) {
        let what = "without `end_session` no sign-out page is opened, and something is to be done there".to_owned();
        return Err((way.clone().key("expect").key("done"), what));
    }
    match (hands, asked) {
        (Hands::Person, None) => Ok(Hands::Person),
        (Hands::Chromium(_), None | Some("steps")) => Ok(Hands::Chromium(all_steps(steps, way)?)),
        (Hands::Command(_), Some("command"))
            if steps.is_empty() && command.first().is_some_and(|it| !it.is_empty()) =>
        {
            Ok(Hands::Command(command))
        }
        (Hands::Command(_), None) => wrong(
            "how",
            "nobody would open the provider's sign-out page: give a `command` for it, which gets its address as the last \
             argument",
        ),
        (Hands::Person | Hands::Chromium(_) | Hands::Command(_), key) => wrong(
            key.unwrap_or("how"),
            "`steps` are for a login in Chromium, and `command` is for a login by a command",
        ),
    }
}

/// What requests are for, as [`Exchange`](doorkey_client::words::Exchange) has it.
const PURPOSES: [&str; 11] = [
    "metadata",
    "keys",
    "push",
    "device",
    "token",
    "renewal",
    "userinfo",
    "account",
    "revocation",
    "introspection",
    "registration",
];

/// No request is for what does not exist: an expectation of it could never fail.
fn purposes(expect: &Expect, way: &Way) -> Result<(), Wrong> {
    let counted = expect.requests.keys().map(|name| ("requests", name));
    let timed = expect.answers_within.keys().map(|name| ("answers_within", name));
    match counted.chain(timed).find(|(_, name)| !PURPOSES.contains(&name.as_str())) {
        Some((list, name)) => {
            let what = format!("no request is for `{name}`; there are {}", PURPOSES.join(", "));
            Err((way.clone().key(list).key(name), what))
        }
        None => Ok(()),
    }
}

/// A code that nothing ends in is a mistake, and a refusal brings nothing that could be looked at.
fn end(expect: &Expect, well: &str, way: &Way) -> Result<(), Wrong> {
    purposes(expect, way)?;
    let Some(end) = expect.ends.as_deref().filter(|end| *end != well) else { return Ok(()) };
    if Code::find(end).is_none() {
        let what = format!("`{end}` is neither `{well}` nor the code of a refusal; `doorkey explain` lists them");
        return Err((way.clone().key("ends"), what));
    }
    let asked = of_tokens(expect).into_iter().chain([("done", expect.done.is_some())]);
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((key, _)) => Err((way.clone().key(key), format!("there is no `{key}` where it ends in `{end}`"))),
        None => Ok(()),
    }
}

/// What only tokens can hold, and whether it was asked for.
fn of_tokens(expect: &Expect) -> [(&'static str, bool); 8] {
    [
        ("claims", !expect.claims.is_empty()),
        ("userinfo", !expect.userinfo.is_empty()),
        ("alg", expect.alg.is_some()),
        ("scope", expect.scope.is_some()),
        ("audience", expect.audience.is_some()),
        ("lifetime", expect.lifetime.is_some()),
        ("id_token_lifetime", expect.id_token_lifetime.is_some()),
        ("renewable", expect.renewable.is_some()),
    ]
}

fn no_sign_out(expect: &Expect, way: &Way) -> Result<(), Wrong> {
    for (key, asked) in [("done", expect.done.is_some()), ("browser", expect.browser.is_some())] {
        if asked {
            return Err((way.clone().key(key), format!("`{key}` is for `do = \"sign_out\"`")));
        }
    }
    Ok(())
}

fn only_sign_out(expect: &Expect, way: &Way) -> Result<(), Wrong> {
    let asked = of_tokens(expect).into_iter().chain([("checks", !expect.checks.is_empty())]);
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((key, _)) => Err((way.clone().key(key), format!("a sign-out has no `{key}`"))),
        None => Ok(()),
    }
}
