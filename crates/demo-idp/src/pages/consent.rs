use super::parts::{BRAND, CARD, CYCLE, MAIL, NOTE, PEN, PERSON, avatar, hidden};
use super::{Page, text};
use crate::desk::Facts;
use crate::flow::Flow;
use crate::{Client, Endpoint, Person};

/// The page that asks whether a client may have what it asks for.
pub(crate) fn consent(facts: &Facts, id: &str, flow: &Flow, client: &Client, person: &Person) -> Page {
    let asked = &flow.request;
    let scopes: String = asked.scopes.iter().map(|scope| line(scope, person)).collect();
    let scopes = if scopes.is_empty() {
        r#"<p class="soft">It asks for nothing about you.</p>"#.into()
    } else {
        format!(r#"<h2>It asks to</h2><ul class="scopes">{scopes}</ul>"#)
    };
    let details: String = asked
        .details
        .iter()
        .map(|detail| format!(r#"<p class="soft">In detail <code>{}</code></p>"#, text(&detail.to_string())))
        .collect();
    let organization = asked.organization.as_ref().map_or_else(String::new, |organization| {
        format!(r#"<p class="soft">For the organisation <b>{}</b></p>"#, text(&organization.to_string()))
    });
    let audience = if asked.audience.is_empty() {
        String::new()
    } else {
        let names: Vec<String> = asked.audience.iter().map(|one| format!("<code>{}</code>", text(one))).collect();
        format!(r#"<p class="soft">To use at {}</p>"#, names.join(", "))
    };
    let card = format!(
        r#"{BRAND}
<h1>Allow {client}?</h1>
<div class="account">{avatar}<span class="who"><b>{name}</b><span>{email}</span></span><a href="{login}?flow={id}">Not you?</a></div>
{scopes}
{audience}
{details}
{organization}
<form method="post" action="{action}">
{flow_field}{csrf_field}
<div class="buttons">
<button id="deny" class="plain" name="decision" value="deny">Deny</button>
<button id="allow" class="primary" name="decision" value="allow">Allow</button>
</div>
</form>
<p class="fine">Either way you go back to <code>{back}</code>. Allow this only if you began it yourself.</p>"#,
        client = text(&client.name),
        avatar = avatar(person),
        name = text(&person.name),
        email = text(&person.email),
        login = Endpoint::Login.path(&facts.base),
        id = text(id),
        action = Endpoint::Consent.path(&facts.base),
        flow_field = hidden("flow", id),
        csrf_field = hidden("csrf", &flow.csrf),
        back = text(&origin(&asked.redirect_uri)),
    );
    let title = format!("Allow {}?", client.name);
    Page::new(&title, "narrow", card, Some(asked.redirect_uri.clone()))
}

fn line(scope: &str, person: &Person) -> String {
    let (icon, words, detail) = match scope {
        "openid" => (PERSON, "Know that it is you", "your account number here".to_owned()),
        "profile" => (CARD, "See your name", person.name.clone()),
        "email" => (MAIL, "See your email address", person.email.clone()),
        "offline_access" => (CYCLE, "Stay signed in", "renewing its access by itself".to_owned()),
        "notes:read" => (NOTE, "Read your notes", "there are none, this is a demo".to_owned()),
        "notes:write" => (PEN, "Change your notes", "there are none, this is a demo".to_owned()),
        other => (NOTE, other, String::new()),
    };
    format!(
        r#"<li>{icon}<span class="who"><b>{}</b><span>{}</span></span><code>{}</code></li>"#,
        text(words),
        text(&detail),
        text(scope)
    )
}

fn origin(redirect_uri: &str) -> String {
    url::Url::parse(redirect_uri)
        .ok()
        .filter(url::Url::has_host)
        .map_or_else(|| redirect_uri.to_owned(), |url| url.origin().ascii_serialization())
}
