//! The dictionary of refusals: every code this product says, with what it means, who must act and the next step.
//!
//! A refusal of the agent tells its own story, with names and numbers; this is what is true of its code whoever says
//! it. Programs branch on codes, `docs/errors.md` and `doorkey explain` are made of this table, and a test of the
//! whole product (`tests/tests/dictionary.rs`) fails when a source says a code that is not in it.

use std::fmt;

use serde::Serialize;

use super::Refusal;

/// A family: `family! { NAME ABOUT  CODE WHO RETRYABLE MEANING NEXT; … }`
macro_rules! family {
    ($name:literal $about:literal $($code:literal $who:ident $retryable:ident $meaning:literal $next:literal;)*) => {
        $crate::words::Family {
            name: $name,
            about: $about,
            codes: &[$($crate::words::Code {
                code: $code,
                who: $crate::words::Who::$who,
                retryable: $crate::words::Retryable::$retryable,
                meaning: $meaning,
                next: $next,
            },)*],
        }
    };
}

mod broker;
mod callback;
mod config;
mod device;
mod discovery;
mod identity;
mod local;
mod net;
mod session;
mod store;
mod token;
mod usage;

/// What is true of every refusal with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable and dotted, such as `idtoken.nonce_mismatch`.
    pub code: &'static str,
    /// What it means, in one plain sentence.
    pub meaning: &'static str,
    /// Who must act.
    pub who: Who,
    /// The next step, in one sentence; the refusal's own hint knows more.
    pub next: &'static str,
    /// Whether the same call may succeed later without a change of settings.
    pub retryable: Retryable,
}

/// Codes that fail in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// What stands before the dot.
    pub name: &'static str,
    /// What failed.
    pub about: &'static str,
    /// In the order in which things go wrong.
    pub codes: &'static [Code],
}

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The person who signs in, or who wrote the program that asks.
    You,
    /// Whoever runs the provider, or registered the application there.
    Provider,
    /// Whoever looks after this computer and its network.
    Computer,
    /// It passes by itself.
    Nobody,
    /// It is a bug.
    Us,
}

/// Whether the same call may succeed later without a change of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retryable {
    /// Something must change first.
    No,
    /// The refusal's `retryable` is true.
    Yes,
    /// As the refusal's own `retryable` says.
    Sometimes,
}

const FAMILIES: &[Family] = &[
    usage::USAGE,
    config::CONFIG,
    discovery::DISCOVERY,
    net::NET,
    local::LISTENER,
    local::BROWSER,
    local::LOGIN,
    callback::CALLBACK,
    device::DEVICE,
    device::PAR,
    device::REGISTRATION,
    token::TOKEN,
    token::DPOP,
    identity::IDTOKEN,
    identity::JWKS,
    identity::USERINFO,
    session::REFRESH,
    session::SESSION,
    store::STORE,
    broker::BROKER,
    local::DESKTOP,
    local::DEMO,
    local::EXEC,
    local::HELPER,
    local::TEST,
    local::OUTPUT,
    local::EVIDENCE,
    local::USER,
    local::BUG,
];

/// All families, in the order in which a sign-in can fail.
#[must_use]
pub fn families() -> &'static [Family] {
    FAMILIES
}

/// All codes, family by family.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    FAMILIES.iter().flat_map(|family| family.codes)
}

impl Code {
    /// The entry of this code.
    #[must_use]
    pub fn find(code: &str) -> Option<&'static Self> {
        codes().find(|entry| entry.code == code)
    }

    /// What stands before the dot.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.code.split_once('.').map_or(self.code, |(family, _)| family)
    }

    /// The exit code of a command that ends with it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        Refusal::new(self.code, "", "").exit_code()
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::You => "You",
            Self::Provider => "Whoever runs the provider",
            Self::Computer => "Whoever looks after this computer",
            Self::Nobody => "Nobody: it passes by itself",
            Self::Us => "Us: it is a bug",
        })
    }
}

impl fmt::Display for Retryable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Sometimes => "sometimes",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_code_is_there_once_in_its_own_family() {
        let mut seen = HashSet::new();
        for family in families() {
            assert!(!family.codes.is_empty(), "{}", family.name);
            for code in family.codes {
                assert_eq!(code.family(), family.name, "{}", code.code);
                assert!(seen.insert(code.code), "{} is there twice", code.code);
                assert_eq!(Code::find(code.code), Some(code));
            }
        }
        assert_eq!(Code::find("idtoken.nonce"), None, "that is the name of a check");
    }

    #[test]
    fn each_text_is_a_sentence_that_fits_a_table() {
        for code in codes() {
            for text in [code.meaning, code.next] {
                let begins = text.chars().next().is_some_and(char::is_uppercase) || text.starts_with('`');
                let one_line = !text.contains(['|', '\n']) && !text.contains(". ");
                assert!(begins && text.ends_with('.') && one_line, "{}: {text}", code.code);
            }
        }
    }

    #[test]
    fn what_passes_by_itself_may_be_tried_again_and_bugs_are_ours() {
        for code in codes() {
            assert!(code.who != Who::Nobody || code.retryable != Retryable::No, "{}", code.code);
            assert_eq!(code.who == Who::Us, code.family() == "bug", "{}", code.code);
            assert_eq!(code.exit_code() == 70, code.family() == "bug", "{}: only a bug is 70", code.code);
        }
    }
}
