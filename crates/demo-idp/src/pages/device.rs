use super::parts::{BRAND, CHECK, LEAVE, WARNING, hidden, sign};
use super::{Page, text};
use crate::Endpoint;
use crate::desk::Facts;

/// Where the code of a device is typed in.
pub(crate) fn device(facts: &Facts, csrf: &str, code: &str, unknown: bool) -> Page {
    let (alert, describe) = if unknown {
        (
            r#"<p class="alert" role="alert" id="wrong">No program waits with that code. It may be mistyped, used or too old.</p>"#,
            r#" aria-invalid="true" aria-describedby="wrong""#,
        )
    } else {
        ("", "")
    };
    let card = format!(
        r#"{BRAND}
<div class="outcome">{sign}
<h1>Connect a program</h1>
<p>Type in the code that the program shows. Go on only if you started it yourself.</p></div>
{alert}
<form method="post" action="{action}">
{csrf_field}
<label for="user_code">Code</label>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required value="{code}"{describe} autofocus>
<button id="go-on" class="primary" type="submit">Go on</button>
</form>"#,
        sign = sign("calm", LEAVE),
        action = Endpoint::Device.path(&facts.base),
        csrf_field = hidden("csrf", csrf),
        code = text(code),
    );
    Page::new("Connect a program", "narrow", card, None)
}

/// After the person has decided.
pub(crate) fn device_done(facts: &Facts, allowed: bool) -> Page {
    let (sign, title, sentence) = if allowed {
        (sign("good", CHECK), "You are done here", "The program goes on by itself. You can close this tab.")
    } else {
        (sign("bad", WARNING), "The program was refused", "It gets nothing. You can close this tab.")
    };
    let card = format!(
        r#"{BRAND}
<div class="outcome">{sign}
<h1 id="device-done">{title}</h1>
<p>{sentence}</p></div>
<p class="fine">See <a href="{home}">what this provider is</a>.</p>"#,
        home = Endpoint::Home.path(&facts.base),
    );
    Page::new(title, "narrow", card, None)
}
