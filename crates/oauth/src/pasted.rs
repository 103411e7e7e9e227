//! An answer that a person brings by hand, from a browser that cannot reach this computer's listener (NAT-12, C-26).
//! It is judged as strictly as one that a browser brings, and what is wrong with it is said: the person can try again.

use crate::Fault;
use crate::callback::{Callback, NotOurs, OurAnswer};
use crate::client::ResponseMode;
use crate::sign_in::SignIn;

/// Longer than any address a browser shows.
const LONGEST: usize = 16 * 1024;

/// Why a pasted text is not the answer to this sign-in. The sign-in goes on waiting. Nothing of the text is repeated:
/// it may hold a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// Nothing but white space.
    #[error("Nothing was pasted.")]
    Empty,
    /// Over 16 KiB.
    #[error("What was pasted is too long for an address.")]
    TooLong,
    /// More than one line, or text around the address.
    #[error("What was pasted is more than one address: it has line breaks, spaces or quotes.")]
    NotAlone,
    /// A code, or a part of the address.
    #[error("What was pasted is a part of the address, such as the code alone.")]
    OnlyAPart,
    /// Another scheme, host, port or path.
    #[error("The pasted address is not the one this sign-in ends at.")]
    OtherAddress,
    /// The page before the answer: no parameters yet.
    #[error("The pasted address carries no answer.")]
    NoAnswer,
    /// `state` is missing, doubled, or another's.
    #[error("The pasted address belongs to another sign-in.")]
    OtherSignIn,
    /// Cut, or changed on the way.
    #[error("The pasted address was damaged on the way ({}).", .0.as_str())]
    Damaged(NotOurs),
    /// `form_post`: the address never carries it.
    #[error("This sign-in is answered with a form, so the address at its end carries no answer.")]
    ByForm,
}

impl Fault for PasteError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong | Self::NotAlone | Self::OnlyAPart => "callback.paste_unusable",
            Self::OtherAddress => "callback.paste_other_address",
            Self::NoAnswer | Self::ByForm => "callback.paste_no_answer",
            Self::OtherSignIn => "callback.paste_other_sign_in",
            Self::Damaged(_) => "callback.paste_damaged",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Empty | Self::TooLong | Self::NotAlone | Self::OnlyAPart | Self::Damaged(_) => {
                "Copy the whole address from the browser's address bar, beginning with http, and nothing else."
            }
            Self::OtherAddress => {
                "It must be the address of the page that could not be reached after you signed in, not the provider's."
            }
            Self::NoAnswer => "Finish signing in in the browser first; then copy the address it ends at.",
            Self::OtherSignIn => "Open the address of this sign-in, and paste where that one ends.",
            Self::ByForm => "Sign in with a browser on this computer, or set the profile's `response_mode` to `query`.",
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        true
    }
}

impl SignIn {
    /// Looks at an address that a person has pasted: the redirect URI of this very sign-in, byte for byte up to its
    /// query, with an answer that carries our `state`. Nothing changes, as with [`judge`](SignIn::judge).
    ///
    /// # Errors
    /// [`PasteError`]: what is wrong with it.
    pub fn judge_pasted(&self, text: &str) -> Result<OurAnswer, PasteError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PasteError::Empty);
        }
        if text.len() > LONGEST {
            return Err(PasteError::TooLong);
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | '<' | '>');
        if text.chars().any(odd) {
            return Err(PasteError::NotAlone);
        }
        if !text.contains("://") {
            return Err(PasteError::OnlyAPart);
        }
        // The text itself is compared: a parser would take 127.1 for the same host.
        let (address, _fragment) = text.split_once('#').unwrap_or((text, ""));
        let (before, query) = address.split_once('?').unwrap_or((address, ""));
        if before != self.redirect_uri().as_str() {
            return Err(PasteError::OtherAddress);
        }
        if self.response_mode() == ResponseMode::FormPost {
            return Err(PasteError::ByForm);
        }
        match self.judge(query) {
            Callback::Ours(answer) => Ok(answer),
            Callback::NotOurs { why, .. } => Err(match why {
                NotOurs::Empty | NotOurs::WrongMode => PasteError::NoAnswer,
                NotOurs::NoState | NotOurs::StateTwice | NotOurs::WrongState => PasteError::OtherSignIn,
                NotOurs::TooLong | NotOurs::TooManyParameters | NotOurs::BadEncoding | NotOurs::BadCode => {
                    PasteError::Damaged(why)
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::test_provider::{STATE, client, metadata, sign_in};

    fn waiting() -> SignIn {
        sign_in(&metadata(|_| {}), client())
    }

    fn judged(text: &str) -> Result<OurAnswer, PasteError> {
        waiting().judge_pasted(text)
    }

    #[test]
    fn only_the_whole_address_of_this_very_sign_in_is_taken() {
        // C-26
        let good = format!("http://127.0.0.1:4567/cb/x?code=CANARY&state={STATE}");
        assert!(judged(&good).is_ok());
        assert!(judged(&format!("  {good}\r\n")).is_ok(), "a line's end is not part of it");
        assert!(judged(&format!("{good}#_=_")).is_ok(), "no browser sends a fragment");
        let here = |rest: &str| format!("http://127.0.0.1:4567/cb/x{rest}");
        for (text, why) in [
            (String::new(), PasteError::Empty),
            (" \n".to_owned(), PasteError::Empty),
            ("CANARY".to_owned(), PasteError::OnlyAPart),
            (format!("code=CANARY&state={STATE}"), PasteError::OnlyAPart),
            (format!("127.0.0.1:4567/cb/x?code=CANARY&state={STATE}"), PasteError::OnlyAPart),
            (format!("\"{good}\""), PasteError::NotAlone),
            (format!("'{good}'"), PasteError::NotAlone),
            (format!("<{good}>"), PasteError::NotAlone),
            (good.replace("&state", "\n&state"), PasteError::NotAlone),
            (format!("{good} {good}"), PasteError::NotAlone),
            (good.replace("127.0.0.1", "localhost"), PasteError::OtherAddress),
            (good.replace("127.0.0.1", "127.1"), PasteError::OtherAddress),
            (good.replace("127.0.0.1", "evil.example"), PasteError::OtherAddress),
            (good.replace("http://", "http://127.0.0.1:4567@evil.example/"), PasteError::OtherAddress),
            (good.replace("4567", "4568"), PasteError::OtherAddress),
            (good.replace("http:", "https:"), PasteError::OtherAddress),
            (good.replace("/cb/x", "/cb/y"), PasteError::OtherAddress),
            (good.replace("/cb/x", "/cb/x/"), PasteError::OtherAddress),
            ("https://op.example/authorize?client_id=x".to_owned(), PasteError::OtherAddress),
            (here(""), PasteError::NoAnswer),
            (here("#code=CANARY"), PasteError::NoAnswer),
            (here("?code=CANARY"), PasteError::OtherSignIn),
            (here("?code=CANARY&state=other"), PasteError::OtherSignIn),
            (format!("{good}&state={STATE}"), PasteError::OtherSignIn),
            (here(&format!("?state={STATE}&code=%zz")), PasteError::Damaged(NotOurs::BadEncoding)),
            (here(&format!("?state={STATE}&code={}", "x".repeat(9000))), PasteError::Damaged(NotOurs::TooLong)),
            (here(&format!("?{}", "x".repeat(20_000))), PasteError::TooLong),
        ] {
            let got = judged(&text).expect_err("not the answer");
            assert_eq!(got, why, "{text}");
            assert!(got.code().starts_with("callback.paste_") && !got.hint().is_empty());
            assert!(!format!("{got} {}", got.hint()).contains("CANARY"), "{got}");
        }
    }

    #[test]
    fn a_refusal_can_be_pasted_too() {
        let answer = judged(&format!("http://127.0.0.1:4567/cb/x?error=access_denied&state={STATE}")).expect("ours");
        assert_eq!(waiting().accept(answer).expect_err("declined").code(), "callback.access_denied");
    }

    #[test]
    fn where_a_form_is_the_answer_an_address_is_none() {
        let metadata = metadata(|d| drop(d.insert("response_modes_supported".into(), json!(["form_post"]))));
        let client = crate::ClientSettings { response_mode: ResponseMode::FormPost, ..client() };
        let pasted = sign_in(&metadata, client).judge_pasted("http://127.0.0.1:4567/cb/x");
        assert_eq!(pasted.expect_err("no answer"), PasteError::ByForm);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            let _ = judged(&text);
            let _ = judged(&format!("http://127.0.0.1:4567/cb/x?{text}"));
        }
    }
}
