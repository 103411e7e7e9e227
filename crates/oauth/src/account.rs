//! Who signed in where the provider knows no OpenID Connect (IDT-23): id and name out of whatever document it
//! has. Nothing is signed and nothing says whom the token was made for, so the identity is not verified, and
//! whoever shows it says so.

use serde_json::Value;

use crate::Fault;
use crate::answer::{Response, is_busy, is_web_page, redirect};
use crate::json::{JsonFault, Limits, read_document, type_name};
use crate::text::{Scrub, clean};

const LIMITS: Limits = Limits { bytes: 512 * 1024, depth: 32 };

/// Where in the document they stand: JSON pointers (RFC 6901), such as `/id` and `/login`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPointers {
    /// What never changes and is never reused.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
}

/// An account as its provider shows it; the identity is not verified.
#[derive(Clone, PartialEq)]
pub struct Account {
    /// Text, or a whole number as text; at most 255 characters.
    pub id: String,
    /// For display: words of others, to be cleaned before they are shown.
    pub name: Option<String>,
    /// The whole document.
    pub raw: Value,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

impl AccountPointers {
    /// Whether they are pointers.
    ///
    /// # Errors
    /// [`AccountError::BadPointer`] names the one that is none.
    pub fn check(&self) -> Result<(), AccountError> {
        match std::iter::once(&self.id).chain(&self.name).find(|pointer| !pointer.starts_with('/')) {
            Some(pointer) => Err(AccountError::BadPointer { got: clean(pointer, 100) }),
            None => Ok(()),
        }
    }
}

/// Reads the answer to a [`userinfo_request`](crate::userinfo_request) at an endpoint that is not OpenID
/// Connect's.
///
/// # Errors
/// [`AccountError`].
pub fn finish_account(response: &Response, pointers: &AccountPointers) -> Result<Account, AccountError> {
    pointers.check()?;
    if let Some(to) = redirect(response, &Scrub::default()) {
        return Err(AccountError::Redirected { to });
    }
    let status = response.status().as_u16();
    if status != 200 {
        return Err(AccountError::Unavailable { status, for_now: is_busy(response) });
    }
    if is_web_page(response) {
        return Err(AccountError::WebPage);
    }
    let raw = read_document(response.body(), LIMITS)?;
    let id = match raw.pointer(&pointers.id) {
        Some(Value::String(id)) if !id.is_empty() && id.chars().count() <= 255 && !id.chars().any(char::is_control) => {
            id.clone()
        }
        Some(Value::Number(id)) if id.is_i64() || id.is_u64() => id.to_string(),
        other => {
            let got = other.map_or("nothing", type_name);
            return Err(AccountError::NoId { pointer: clean(&pointers.id, 100), got });
        }
    };
    let name = pointers.name.as_ref().and_then(|pointer| raw.pointer(pointer)?.as_str());
    let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Account { id, name, raw })
}

/// Why it is not known who signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// A setting.
    #[error("`{got}` is no JSON pointer: it must begin with `/`.")]
    BadPointer {
        /// Cleaned.
        got: String,
    },
    /// No success.
    #[error("The provider did not say whose account it is (HTTP {status}).")]
    Unavailable {
        /// What came.
        status: u16,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// CORE-16; not followed.
    #[error("The account's address redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
    /// A sign-in page, most likely.
    #[error("Expected the account as JSON, got a web page.")]
    WebPage,
    /// Not a document that is read.
    #[error("The account cannot be read: {0}.")]
    BadDocument(#[from] JsonFault),
    /// Nothing to tell accounts apart by.
    #[error("The account has no id at `{pointer}`: got {got}, where text or a whole number is expected.")]
    NoId {
        /// Cleaned.
        pointer: String,
        /// What is there.
        got: &'static str,
    },
}

impl Fault for AccountError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadPointer { .. } => "config.bad_pointer",
            Self::Unavailable { .. } => "userinfo.unavailable",
            Self::Redirected { .. } => "net.unexpected_redirect",
            Self::WebPage | Self::BadDocument(_) => "userinfo.bad_document",
            Self::NoId { .. } => "userinfo.no_id",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::BadPointer { .. } => "Write it such as `/id` or `/data/login`.",
            Self::Unavailable { .. } => "Check the profile's scopes: the provider may want one more to tell.",
            Self::Redirected { .. } | Self::WebPage | Self::BadDocument(_) | Self::NoId { .. } => {
                "Check the profile's address and pointers for the account against the provider's documentation."
            }
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable { for_now: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::test_provider::{answer, json_answer};

    fn pointers() -> AccountPointers {
        AccountPointers { id: "/id".into(), name: Some("/login".into()) }
    }

    #[test]
    fn id_and_name_are_found_where_they_stand() {
        // IDT-23
        let body = json!({"id": 583_231, "login": "octocat", "email": null});
        let account = finish_account(&json_answer(200, &body), &pointers()).expect("good");
        assert_eq!((account.id.as_str(), account.name.as_deref()), ("583231", Some("octocat")));
        assert!(!format!("{account:?}").contains("octocat"));
        let deep = AccountPointers { id: "/data/0/id".into(), name: None };
        let account = finish_account(&json_answer(200, &json!({"data": [{"id": "u-1"}]})), &deep).expect("good");
        assert_eq!((account.id.as_str(), account.name), ("u-1", None));
    }

    #[test]
    fn without_an_id_there_is_no_account() {
        for id in [json!(null), json!(""), json!(1.5), json!(true), json!([]), json!("a\nb"), json!("x".repeat(256))] {
            let error = finish_account(&json_answer(200, &json!({"id": id, "login": "x"})), &pointers());
            assert_eq!(error.expect_err("refused").code(), "userinfo.no_id", "{id}");
        }
        for (response, code) in [
            (answer(401, "application/json", "{}"), "userinfo.unavailable"),
            (answer(200, "text/html", "<html>"), "userinfo.bad_document"),
            (answer(200, "application/json", "{"), "userinfo.bad_document"),
            (answer(301, "text/html", ""), "net.unexpected_redirect"),
        ] {
            assert_eq!(finish_account(&response, &pointers()).expect_err("refused").code(), code);
        }
        let none = AccountPointers { id: "id".into(), name: None };
        let error = finish_account(&json_answer(200, &json!({"id": 1})), &none).expect_err("no pointer");
        assert_eq!(error.code(), "config.bad_pointer");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(body in "[ -~]{0,60}", id in ".{0,20}", name in "/[a-z0-9/~]{0,10}") {
            let pointers = AccountPointers { id, name: Some(name) };
            let _ = finish_account(&answer(200, "application/json", body), &pointers);
        }
    }
}
