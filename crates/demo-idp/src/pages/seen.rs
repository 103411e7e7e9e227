use std::fmt::Write as _;

use url::form_urlencoded::Serializer;

use super::parts::BRAND;
use super::{Page, text};
use crate::desk::Facts;
use crate::seen::{Field, Form, Made, Refresh, Seen, Sender, Shown, Verdict, View};

/// What clients sent.
pub(crate) fn seen(facts: &Facts, seen: &Seen, view: View) -> Page {
    let how = match seen.how {
        None => r#"<p class="lead">Nothing is wrong with this provider.</p>"#.into(),
        Some(how) => {
            let suite = how.suite().map(|suite| format!(", <code>{}</code>", text(suite))).unwrap_or_default();
            format!(
                r#"<p class="lead">Misbehaviour <code>{name}</code> ({rows}{suite}): {what} {asks}</p>"#,
                name = how.name(),
                rows = how.rows().join(", "),
                what = marked(how.what()),
                asks = marked(how.asks().what()),
            )
        }
    };
    let last = seen.requests.last().map_or(view.since, |shown| shown.seq);
    let stop = match view.refresh {
        Refresh::On => link(facts, Form::Page, view.since, Refresh::Off, "Stop refreshing"),
        Refresh::Off => link(facts, Form::Page, view.since, Refresh::On, "Refresh by itself"),
    };
    let links = [
        stop,
        link(facts, Form::Page, last, view.refresh, "From here on"),
        if view.since > 0 { link(facts, Form::Page, 0, view.refresh, "From the start") } else { String::new() },
        link(facts, Form::Json, view.since, Refresh::On, "As JSON"),
    ]
    .concat();
    let requests = if seen.requests.is_empty() {
        r#"<p class="soft">Nothing was asked. Point a client at the issuer, and sign in.</p>"#.into()
    } else {
        format!(r#"<ol class="requests">{}</ol>"#, seen.requests.iter().map(|it| request(it, seen)).collect::<String>())
    };
    let judged = &seen.judged;
    let of_what = match judged.since {
        0 => "Of all requests".to_owned(),
        since => format!("Of what came after request {since}"),
    };
    let card = format!(
        r#"{BRAND}
<h1>What clients sent</h1>
<dl><dt>Issuer</dt><dd><code>{issuer}</code></dd></dl>
{how}
<div class="verdict {class}" role="status"><b>{words}</b><p>{of_what}: {sentence}{wrong}</p></div>
<p class="fine">Secrets are told by the first eight hex digits of their SHA-256: the same digits, the same secret.</p>
<nav class="links" aria-label="This page">{links}</nav>
{requests}"#,
        issuer = text(&seen.issuer),
        class = class(judged.verdict),
        words = judged.verdict.words(),
        sentence = marked(&judged.sentence),
        wrong = numbers(&judged.wrong),
    );
    Page::new("What clients sent", "log", card, None)
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::AsItMust | Verdict::SoFar => "good",
        Verdict::Otherwise => "bad",
        Verdict::NotMet | Verdict::NotVisible => "calm",
    }
}

fn numbers(wrong: &[u64]) -> String {
    let links: Vec<String> = wrong.iter().map(|seq| format!(r##"<a href="#r{seq}">request {seq}</a>"##)).collect();
    if links.is_empty() { String::new() } else { format!(" See {}.", links.join(", ")) }
}

fn request(shown: &Shown, seen: &Seen) -> String {
    let made = shown.made;
    let is_wrong = seen.judged.wrong.contains(&shown.seq);
    let is_met = seen.judged.met_at == Some(shown.seq);
    let who = match shown.from {
        Sender::Client => "client",
        Sender::Browser => "browser",
    };
    let status = shown.status.map(|status| format!(" {status}")).unwrap_or_default();
    let error = shown.error.as_ref().map(|error| format!(" <code>{}</code>", text(error))).unwrap_or_default();
    let source = match shown.source {
        "" => String::new(),
        source => format!(r#" <span class="soft">({})</span>"#, text(source)),
    };
    let why = shown.why.as_ref().map(|why| format!("{}.", text(&sentence(why)))).unwrap_or_default();
    let mut rows = String::new();
    let mut row = |name: &str, html: String| {
        if !html.is_empty() {
            let _ = write!(rows, "<dt>{name}</dt><dd>{html}</dd>");
        }
    };
    row("Parameters", fields(&shown.parameters));
    row("Headers", fields(&shown.headers));
    match made {
        Made::Refused => {
            row("Why", if why.is_empty() { String::new() } else { format!("{why}{source}") });
            row("To mend it", marked(&shown.next));
        }
        Made::Accepted | Made::BrokenOff | Made::Unanswered => {
            row("Gave", gave(&shown.gave));
            let next = if shown.next.is_empty() { String::new() } else { format!("{}{source}", marked(&shown.next)) };
            row(if is_met { "Now" } else { "A right client" }, next);
        }
    }
    let note = match (is_wrong, is_met) {
        (true, _) => r#"<span class="badge bad">must not be</span>"#,
        (false, true) => r#"<span class="badge warn">misbehaves here</span>"#,
        (false, false) => "",
    };
    format!(
        r#"<li id="r{seq}"{mark}><h2><span class="number">{seq}</span> <code>{method} {path}</code> <span class="badge {badge}">{made}{status}{error}</span> {note}<span class="when">{who}, {at}</span></h2><dl>{rows}</dl></li>"#,
        seq = shown.seq,
        mark = if is_wrong { r#" class="wrong""# } else { "" },
        method = text(&shown.method),
        path = text(&shown.path),
        badge = match made {
            Made::Accepted => "good",
            Made::Refused | Made::BrokenOff => "bad",
            Made::Unanswered => "calm",
        },
        made = made.word(),
        at = text(shown.at.get(11..).unwrap_or_default()),
    )
}

fn fields(fields: &[Field]) -> String {
    let one = |field: &Field| {
        let class = if field.secret { r#" class="print""# } else { "" };
        format!("<span><code>{}</code> <code{class}>{}</code></span>", text(&field.name), text(&field.value))
    };
    let all: String = fields.iter().map(one).collect();
    if all.is_empty() { all } else { format!(r#"<span class="fields">{all}</span>"#) }
}

fn gave(gave: &[(String, String)]) -> String {
    let field = |(name, value): &(String, String)| Field { name: name.clone(), value: value.clone(), secret: true };
    fields(&gave.iter().map(field).collect::<Vec<_>>())
}

/// With what stands between backticks as code.
fn marked(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", text(part)) } else { text(part) }).collect()
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    // Words of the protocol stay as they are.
    if words.starts_with("the ") || words.starts_with("there ") {
        format!("{first}{}", letters.as_str())
    } else {
        words.into()
    }
}

fn link(facts: &Facts, form: Form, since: u64, refresh: Refresh, words: &str) -> String {
    let mut query = Serializer::new(String::new());
    if since > 0 {
        query.append_pair("since", &since.to_string());
    }
    if refresh == Refresh::Off {
        query.append_pair("refresh", "off");
    }
    let query = query.finish();
    let query = if query.is_empty() { query } else { format!("?{query}") };
    format!(r#"<a href="{}">{words}</a>"#, text(&format!("{}{query}", form.path(&facts.base))))
}
