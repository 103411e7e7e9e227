use super::parts::{BRAND, avatar, seen_link};
use super::{Page, text};
use crate::desk::Facts;
use crate::{Endpoint, Person, Redirect};

/// What this is and who can sign in.
pub(crate) fn home(facts: &Facts, signed_in: Option<&Person>) -> Page {
    let now = signed_in.map_or_else(
        || r#"<p class="soft">Nobody is signed in here yet. A sign-in begins in a program, not on this page.</p>"#.into(),
        |person| {
            format!(
                r#"<div class="account">{}<span class="who"><b>{}</b><span>signed in with this browser</span></span><a href="{}">Sign out</a></div>"#,
                avatar(person),
                text(&person.name),
                Endpoint::Logout.path(&facts.base),
            )
        },
    );
    let people: String = facts
        .settings
        .people
        .iter()
        .map(|person| {
            format!(
                r#"<li><span class="row">{avatar}<span class="who"><b>{name}</b><span>{email}</span><span>password <code>{password}</code></span></span></span></li>"#,
                avatar = avatar(person),
                name = text(&person.name),
                email = text(&person.email),
                password = text(&person.password),
            )
        })
        .collect();
    let clients: String = facts
        .settings
        .clients
        .iter()
        .map(|client| {
            let redirects: Vec<String> = client.redirects.iter().map(rule).collect();
            format!("<dt>Client</dt><dd><code>{}</code><br>{}</dd>", text(&client.id), redirects.join("<br>"))
        })
        .collect();
    let card = format!(
        r#"<section class="pane">
{BRAND}
<h1>A provider to practise on</h1>
<p class="lead">A complete OpenID Provider that lives on this computer while the program that started it runs. Sign in as
often as you like: none of its accounts is real, and it forgets everything when it stops.</p>
{now}
<h2>To set up a client</h2>
<dl>
<dt>Issuer</dt><dd><code>{issuer}</code></dd>
<dt>Metadata</dt><dd><a href="{metadata}"><code>{metadata}</code></a></dd>
{clients}
</dl>
{seen}
</section>
<aside class="pane tinted" aria-labelledby="people">
<h2 id="people">Who can sign in</h2>
<ul class="people">{people}</ul>
</aside>"#,
        issuer = text(&facts.issuer),
        seen = seen_link(facts),
        metadata = text(&Endpoint::Discovery.path(&facts.base)),
    );
    Page::new("What this is", "wide", card, None)
}

fn rule(redirect: &Redirect) -> String {
    match redirect {
        Redirect::Loopback { under } => {
            format!("<span>loopback, any port, under <code>{}</code></span>", text(under))
        }
        Redirect::LoopbackPath { path } => format!("<span>loopback, any port, <code>{}</code></span>", text(path)),
        Redirect::Exact(uri) => format!("<code>{}</code>", text(uri)),
    }
}
