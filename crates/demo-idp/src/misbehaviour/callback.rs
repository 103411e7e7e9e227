//! Lies in the authorization response.

use url::form_urlencoded::Serializer;

use super::Misbehaviour as M;
use crate::answer::Answer;
use crate::desk::Desk;
use crate::random;

const HTML: &str = r#""><script>document.title='owned'</script><img src=x onerror=alert(1)>"#;
const STRANGER: &str = "https://other-provider.example";

/// How the answer goes to the client.
pub(crate) enum Way {
    /// As was asked.
    Good,
    /// Behind the `#`.
    Fragment,
    /// By a redirect that keeps method and body.
    PostedOn,
}

/// Puts the lie into the parameters of the answer.
pub(crate) fn redirect(chosen: M, desk: &mut Desk<'_>, words: &mut Vec<(String, String)>) -> Way {
    let made_up = random::token();
    match chosen {
        M::StateSuffix => change(words, "state", |state| format!("{state}1")),
        M::StateMissing => drop(words, "state"),
        M::CallbackIssSuffix => change(words, "iss", |iss| format!("{iss}1")),
        M::CallbackIssMissing => drop(words, "iss"),
        M::CallbackIssSlash => {
            change(words, "iss", |iss| iss.strip_suffix('/').map_or_else(|| format!("{iss}/"), str::to_owned));
        }
        M::CallbackIssEncodedTwice => {
            change(words, "iss", |iss| url::form_urlencoded::byte_serialize(iss.as_bytes()).collect());
        }
        M::JarmResponse => add(words, "response", "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"),
        M::AccessTokenInUrl => add(words, "access_token", &made_up),
        M::IdTokenInUrl => add(words, "id_token", &format!("eyJhbGciOiJSUzI1NiJ9.e30.{made_up}")),
        M::StateTwice => twice(words, "state", None),
        M::StateTwiceDifferent => twice(words, "state", Some(&made_up)),
        M::CodeTwice => twice(words, "code", None),
        M::CodeTwiceDifferent => twice(words, "code", Some(&made_up)),
        M::CallbackIssTwice => twice(words, "iss", None),
        M::CallbackIssTwiceDifferent => twice(words, "iss", Some(STRANGER)),
        M::ErrorTwice => {
            error(words, "access_denied", "the person said no");
            twice(words, "error", None);
        }
        M::ErrorTwiceDifferent => {
            error(words, "access_denied", "the person said no");
            twice(words, "error", Some("server_error"));
        }
        M::CodeAndError => add(words, "error", "access_denied"),
        M::NeitherCodeNorError => drop(words, "code"),
        M::EmptyCode => change(words, "code", |_| String::new()),
        M::LongCode => lengthen(desk, words, 7 * 1024),
        M::HugeCode => lengthen(desk, words, 9 * 1024),
        M::MixUp => {
            change(words, "code", |_| made_up.clone());
            change(words, "iss", |_| STRANGER.into());
        }
        M::MixUpWithoutIss => {
            change(words, "code", |_| made_up.clone());
            drop(words, "iss");
        }
        M::CodeOfAnotherClient => {
            if let Some(code) = find(words, "code").and_then(|code| desk.state.codes.find_mut(code)) {
                code.grant.client = "another-client".into();
            }
        }
        M::DescriptionHtml => error(words, "access_denied", HTML),
        M::DescriptionRightToLeft => error(words, "access_denied", "\u{202e}delpmaxe\u{2066} is not what it says"),
        M::DescriptionAnsi => error(words, "access_denied", "\u{1b}[2J\u{1b}[31mred\u{1b}]0;owned\u{7}"),
        M::DescriptionNul => error(words, "access_denied", "before\0after"),
        M::DescriptionLong => error(words, "access_denied", &"long ".repeat(7 * 1024 / 5)),
        M::ErrorLoginRequired => error(words, "login_required", "log in first"),
        M::ErrorConsentRequired => error(words, "consent_required", "consent first"),
        M::ErrorInteractionRequired => error(words, "interaction_required", "a question first"),
        M::ErrorAccountSelectionRequired => error(words, "account_selection_required", "choose first"),
        M::ErrorTemporarilyUnavailable => error(words, "temporarily_unavailable", "too busy"),
        M::ErrorServerError => error(words, "server_error", "something broke"),
        M::ErrorUnauthorizedClient => error(words, "unauthorized_client", "not this way"),
        M::ErrorUnknown => error(words, "out_of_cheese", "+++ redo from start +++"),
        M::FormPostError => error(words, "login_required", "This is a login_required error response"),
        M::AnswerInFragment => return Way::Fragment,
        M::PasswordPostedOn => return Way::PostedOn,
        _ => {}
    }
    Way::Good
}

/// The other provider's authorization endpoint, with the client's own request.
pub(crate) fn on_to_another(chosen: M, desk: &Desk<'_>, request: &crate::Params) -> Option<Answer> {
    let other = desk.state.behaviour.memory.other_provider.as_deref()?;
    matches!(chosen, M::MixUp | M::MixUpWithoutIss).then(|| {
        let pairs: Vec<(String, String)> = request.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Answer::see_other(format!("{other}?{}", Serializer::new(String::new()).extend_pairs(pairs).finish()))
    })
}

fn find<'a>(words: &'a [(String, String)], name: &str) -> Option<&'a str> {
    words.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

fn add(words: &mut Vec<(String, String)>, name: &str, value: &str) {
    words.push((name.into(), value.into()));
}

fn drop(words: &mut Vec<(String, String)>, name: &str) {
    words.retain(|(given, _)| given != name);
}

fn change(words: &mut [(String, String)], name: &str, change: impl Fn(&str) -> String) {
    for (_, value) in words.iter_mut().filter(|(given, _)| given == name) {
        *value = change(value);
    }
}

fn twice(words: &mut Vec<(String, String)>, name: &str, other: Option<&str>) {
    if let Some(first) = find(words, name).map(str::to_owned) {
        add(words, name, other.unwrap_or(&first));
    }
}

fn error(words: &mut Vec<(String, String)>, code: &str, description: &str) {
    words.retain(|(name, _)| !matches!(name.as_str(), "code" | "error" | "error_description"));
    words.insert(0, ("error".into(), code.into()));
    words.insert(1, ("error_description".into(), description.into()));
}

/// The same code under a longer name.
fn lengthen(desk: &mut Desk<'_>, words: &mut [(String, String)], length: usize) {
    let Some((_, code)) = words.iter_mut().find(|(name, _)| name == "code") else { return };
    let Some(kept) = desk.state.codes.remove(code) else { return };
    while code.len() < length {
        code.push_str(&random::token());
    }
    code.truncate(length);
    desk.state.codes.insert(code, kept);
}
