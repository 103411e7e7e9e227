use super::parts::{BRAND, CHECK, hidden, sign};
use super::{Page, text};

/// The answer as a form that posts itself (OAuth 2.0 Form Post Response Mode 2), or by a button where scripts
/// are off.
pub(crate) fn form_post(to: &str, words: &[(String, String)]) -> Page {
    let fields: String = words.iter().map(|(name, value)| hidden(&text(name), value)).collect();
    let card = format!(
        r#"{BRAND}
<div class="outcome">{sign}
<h1>Back to your program</h1>
<p>The answer is on its way.</p></div>
<form method="post" action="{to}">
{fields}
<button id="go-on" class="primary">Go on</button>
</form>"#,
        sign = sign("good", CHECK),
        to = text(to),
    );
    Page { posts_itself: true, ..Page::new("Back to your program", "narrow", card, Some(to.to_owned())) }
}
