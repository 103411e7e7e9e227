use super::parts::{BRAND, avatar, hidden, seen_link};
use super::{Page, text};
use crate::desk::Facts;
use crate::flow::Flow;
use crate::{Endpoint, Person};

/// The login page; `chosen` fills the form in.
pub(crate) fn login(facts: &Facts, id: &str, flow: &Flow, client: &str, chosen: Option<&Person>) -> Page {
    let action = Endpoint::Login.path(&facts.base);
    let (email, password) = match chosen {
        Some(person) => (person.email.as_str(), person.password.as_str()),
        None => (flow.email.as_str(), ""),
    };
    let (alert, describe) = if flow.wrong_password && chosen.is_none() {
        (
            r#"<p class="alert" role="alert" id="wrong">That email and password do not fit together. Choose one of the demo people.</p>"#,
            r#" aria-invalid="true" aria-describedby="wrong""#,
        )
    } else {
        ("", "")
    };
    let focus = |here: bool| if here { " autofocus" } else { "" };
    let on_email = focus(chosen.is_none() && email.is_empty());
    let on_password = focus(chosen.is_none() && !email.is_empty());
    let on_button = focus(chosen.is_some());
    let card = format!(
        r#"<section class="pane">
{BRAND}
<h1>Sign in</h1>
<p class="lead">to go on to <strong>{client}</strong></p>
{alert}
<form method="post" action="{action}">
{flow_field}{csrf_field}
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" spellcheck="false" required value="{email}"{describe}{on_email}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required value="{password}"{describe}{on_password}>
<button id="sign-in" class="primary" type="submit"{on_button}>Sign in</button>
</form>
{seen}
</section>
<aside class="pane tinted" aria-labelledby="people">
<h2 id="people">Who can sign in</h2>
<p class="soft">Choose one to fill in the form.</p>
<ul class="people">
{people}
</ul>
</aside>"#,
        client = text(client),
        seen = seen_link(facts),
        flow_field = hidden("flow", id),
        csrf_field = hidden("csrf", &flow.csrf),
        email = text(email),
        password = text(password),
        people = facts.settings.people.iter().map(|person| row(&action, id, person, chosen)).collect::<String>(),
    );
    Page::new("Sign in", "wide", card, Some(flow.request.redirect_uri.clone()))
}

fn row(action: &str, id: &str, person: &Person, chosen: Option<&Person>) -> String {
    let current = if chosen == Some(person) { r#" aria-current="true""# } else { "" };
    let href = format!(
        "{action}?{}",
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("flow", id)
            .append_pair("as", &person.sub)
            .finish()
    );
    format!(
        r#"<li><a href="{href}"{current}>{avatar}<span class="who"><b>{name}</b><span>{email}</span><span>password <code>{password}</code></span></span></a></li>"#,
        href = text(&href),
        avatar = avatar(person),
        name = text(&person.name),
        email = text(&person.email),
        password = text(&person.password),
    )
}
