//! As much of HTML forms as the demo provider's pages need.

/// The form of a page, with the values it came with.
pub(super) struct Form {
    pub(super) action: String,
    hidden: Vec<(String, String)>,
    fields: Vec<String>,
    buttons: Vec<String>,
}

impl Form {
    /// The first form that is posted.
    pub(super) fn first(page: &str) -> Option<Self> {
        let begin = page.find("<form ")?;
        let end = begin + page[begin..].find("</form>")?;
        let mut tags = page[begin..end].split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default());
        let head = tags.next()?;
        if attribute(head, "method").as_deref() != Some("post") {
            return None;
        }
        let mut form =
            Self { action: attribute(head, "action")?, hidden: Vec::new(), fields: Vec::new(), buttons: Vec::new() };
        for tag in tags {
            let Some(name) = attribute(tag, "name") else { continue };
            if tag.starts_with("button") {
                form.buttons.push(name);
            } else if attribute(tag, "type").as_deref() == Some("hidden") {
                form.hidden.push((name, attribute(tag, "value").unwrap_or_default()));
            } else {
                form.fields.push(name);
            }
        }
        Some(form)
    }

    pub(super) fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    pub(super) fn has_button(&self, name: &str) -> bool {
        self.buttons.iter().any(|button| button == name)
    }

    /// The body a browser would post.
    pub(super) fn filled(&self, values: &[(&str, &str)]) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.hidden).extend_pairs(values).finish()
    }
}

/// The text of the page's title.
pub(super) fn title(page: &str) -> String {
    let inside = page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    inside.map_or_else(|| "no title".into(), |(title, _)| plain(title))
}

/// The value of a quoted attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[begin..].split('"').next().map(plain)
}

fn plain(escaped: &str) -> String {
    // `&amp;` last, so that nothing is read twice.
    escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_posted_with_its_hidden_fields_and_the_values_typed() {
        let page = r#"<form method="post" action="/go"><input type="hidden" name="csrf" value="a&amp;b">
            <input name="password" type="password"></form>"#;
        let form = Form::first(page).expect("there is a form");
        assert!(form.has_field("password") && !form.has_field("csrf"));
        assert_eq!(
            (form.action.as_str(), form.filled(&[("password", "p q")]).as_str()),
            ("/go", "csrf=a%26b&password=p+q")
        );
    }
}
