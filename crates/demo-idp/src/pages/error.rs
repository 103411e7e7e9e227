use super::parts::{BRAND, WARNING, seen_link, sign};
use super::{Page, text};
use crate::Endpoint;
use crate::desk::Facts;

/// A page for what cannot be told to a client; `detail` is for whoever writes that client.
pub(crate) fn error(facts: &Facts, title: &str, sentence: &str, detail: Option<&str>) -> Page {
    let detail = detail.map_or_else(String::new, |detail| {
        let cut: String = detail.chars().take(300).collect();
        format!(r#"<div class="detail"><h2>For its developer</h2><p><code>{}</code></p></div>"#, text(&cut))
    });
    let card = format!(
        r#"{BRAND}
<div class="outcome">{sign}
<h1>{title}</h1>
<p>{sentence}</p></div>
{detail}
{seen}
<p class="fine">Nothing was shared. You can close this tab, or see <a href="{home}">what this provider is</a>.</p>"#,
        sign = sign("bad", WARNING),
        title = text(title),
        sentence = text(sentence),
        seen = seen_link(facts),
        home = Endpoint::Home.path(&facts.base),
    );
    Page::new(title, "narrow", card, None)
}
