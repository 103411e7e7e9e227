use super::parts::{BRAND, CHECK, LEAVE, avatar, hidden, sign};
use super::{Page, text};
use crate::desk::Facts;
use crate::{Endpoint, Person};

/// Asks whether to sign out, when nobody proved to be asked for.
pub(crate) fn confirm_logout(facts: &Facts, id: &str, csrf: &str, person: &Person, then: &str) -> Page {
    let card = format!(
        r#"{BRAND}
<div class="outcome">{sign}
<h1>Sign out?</h1>
<p>This signs you out of the demo provider in this browser.</p></div>
<div class="account">{avatar}<span class="who"><b>{name}</b><span>{email}</span></span></div>
<form method="post" action="{action}">
{flow_field}{csrf_field}
<div class="buttons">
<a class="plain" href="{home}">Stay signed in</a>
<button id="sign-out" class="primary">Sign out</button>
</div>
</form>"#,
        sign = sign("calm", LEAVE),
        avatar = avatar(person),
        name = text(&person.name),
        email = text(&person.email),
        action = Endpoint::LogoutConfirmed.path(&facts.base),
        flow_field = hidden("flow", id),
        csrf_field = hidden("csrf", csrf),
        home = Endpoint::Home.path(&facts.base),
    );
    Page::new("Sign out?", "narrow", card, Some(then.to_owned()))
}

/// After it.
pub(crate) fn signed_out(facts: &Facts) -> Page {
    let card = format!(
        r#"{BRAND}
<div class="outcome">{sign}
<h1>You are signed out</h1>
<p>This browser no longer knows you here. Programs you allowed keep their access until they sign out too.</p></div>
<p class="fine">You can close this tab, or see <a href="{home}">what this provider is</a>.</p>"#,
        sign = sign("good", CHECK),
        home = Endpoint::Home.path(&facts.base),
    );
    Page::new("Signed out", "narrow", card, None)
}
