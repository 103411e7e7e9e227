//! The ways in which the provider misbehaves, by name: one for each row of the conformance suites and of the
//! faults beyond them that a native client in the code flow can meet.
//!
//! Each changes one thing in one place and leaves the rest as it is, so that a refusal names its cause. What
//! it does is in the file of its place: [`discovery`], [`callback`], [`token_answer`], [`claims`], [`jws`],
//! [`key_set`], [`userinfo`] and, for whole answers, [`wire`].

mod callback;
mod canary;
mod claims;
mod discovery;
mod jws;
mod key_set;
mod left_out;
mod memory;
mod odd_keys;
mod token_answer;
mod userinfo;
mod wire;

#[macro_use]
#[path = "misbehaviour/rows/callback.rs"]
mod callback_rows;
#[macro_use]
#[path = "misbehaviour/rows/discovery.rs"]
mod discovery_rows;
#[macro_use]
#[path = "misbehaviour/rows/id_token.rs"]
mod id_token_rows;
#[macro_use]
#[path = "misbehaviour/rows/jws.rs"]
mod jws_rows;
#[macro_use]
#[path = "misbehaviour/rows/keys.rs"]
mod key_rows;
#[macro_use]
#[path = "misbehaviour/rows/token.rs"]
mod token_rows;
#[macro_use]
#[path = "misbehaviour/rows/userinfo.rs"]
mod userinfo_rows;

pub(crate) use key_set::Due;
pub use left_out::{LEFT_OUT, LeftOut};
pub(crate) use memory::Memory;
pub(crate) use {callback::Way, callback::on_to_another, claims::About, discovery::resolve};
pub(crate) use {callback::redirect, canary::answer as canary, claims::change as change_claims, jws::sign};
pub(crate) use {discovery::change as change_metadata, key_set::change as change_keys, key_set::rotate_if_due};
pub(crate) use {
    token_answer::change as change_tokens, userinfo::change as change_userinfo, wire::change as change_answer,
};
pub(crate) use {userinfo::jwt, userinfo::signed as signed_userinfo};

/// How a client must end when the provider misbehaves like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MustEnd {
    /// Signed in: the oddity is allowed, or nothing that is used.
    Accepted,
    /// Signed in, and nothing of userinfo is used or shown; the code says why.
    WithoutDetails(&'static str),
    /// Not signed in, for the reason of that code.
    Refused(&'static str),
    /// Still waiting: the answer is none of this sign-in's.
    Waiting,
    /// Signed in as before; the renewal is refused with that code.
    NotRenewed(&'static str),
    /// Signed out on this computer, and told that the provider's confirmation could not be verified.
    Unconfirmed,
}

impl MustEnd {
    /// The stable code, where there is one.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::WithoutDetails(code) | Self::Refused(code) | Self::NotRenewed(code) => Some(code),
            Self::Accepted | Self::Waiting | Self::Unconfirmed => None,
        }
    }
}

/// What a client has to ask for, or to do, before the misbehaviour shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A sign-in and no more.
    Nothing,
    /// `max_age`.
    MaxAge,
    /// `acr_values`.
    AcrValues,
    /// `response_mode=form_post`.
    FormPost,
    /// A client with a secret.
    Secret,
    /// A renewal after the sign-in.
    Renewal,
    /// A second sign-in after the first.
    SecondSignIn,
    /// A sign-out in the browser, with `post_logout_redirect_uri`.
    SignOut,
    /// Tokens bound to a key (RFC 9449).
    Dpop,
    /// The device grant (RFC 8628).
    Device,
}

macro_rules! catalogue {
    (; $($variant:ident $name:literal [$($row:literal)+] $suite:literal $(asks $asks:ident)? => $end:ident $(($code:literal))? $what:literal;)*) => {
        /// A way to misbehave. `Display` and [`Misbehaviour::from_name`] know its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Misbehaviour {
            $(#[doc = $what] $variant,)*
        }

        impl Misbehaviour {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        name: $name,
                        rows: &[$($row),+],
                        suite: $suite,
                        asks: [$(Asks::$asks,)? Asks::Nothing][0],
                        must_end: MustEnd::$end $(($code))?,
                        what: $what,
                    },)*
                }
            }
        }
    };
}

discovery_rows! { callback_rows token_rows id_token_rows jws_rows key_rows userinfo_rows catalogue; }

struct Entry {
    name: &'static str,
    rows: &'static [&'static str],
    suite: &'static str,
    asks: Asks,
    must_end: MustEnd,
    what: &'static str,
}

impl Misbehaviour {
    /// Such as `iss-suffix`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The one of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// The row it stands for, such as `HP-02`.
    #[must_use]
    pub fn row(self) -> &'static str {
        self.rows()[0]
    }

    /// That row, and others which ask for the same.
    #[must_use]
    pub fn rows(self) -> &'static [&'static str] {
        self.entry().rows
    }

    /// The module of the conformance suite that does the same, such as `oidcc-client-test-invalid-iss`; nothing
    /// where no suite has it.
    #[must_use]
    pub fn suite(self) -> Option<&'static str> {
        Some(self.entry().suite).filter(|suite| !suite.is_empty())
    }

    /// What the provider does, in one sentence.
    #[must_use]
    pub fn what(self) -> &'static str {
        self.entry().what
    }

    /// How a client must end.
    #[must_use]
    pub fn must_end(self) -> MustEnd {
        self.entry().must_end
    }

    /// What a client has to do before it shows.
    #[must_use]
    pub fn asks(self) -> Asks {
        self.entry().asks
    }
}

impl std::fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_that_leads_back_to_it() {
        let names: HashSet<_> = Misbehaviour::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), Misbehaviour::ALL.len());
        for one in Misbehaviour::ALL {
            assert_eq!(Misbehaviour::from_name(one.name()), Some(*one));
            assert!(one.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
            let letters = |text: &str| text.to_lowercase().replace('-', "");
            assert_eq!(letters(one.name()), letters(&format!("{one:?}")), "the name is that of the variant");
            assert!(one.what().ends_with('.') && !one.what().contains('\n'), "{one}");
        }
    }

    #[test]
    fn every_row_is_either_here_or_left_out_with_a_reason() {
        let rows = (1..=51)
            .chain(60..=79)
            .map(|n| format!("HP-{n:02}"))
            .chain((1..=16).map(|n| format!("HP-AZ-{n:02}")))
            .chain((1..=10).map(|n| format!("HP-TK-{n:02}")))
            .chain((1..=18).map(|n| format!("HP-ID-{n:02}")))
            .chain((1..=6).map(|n| format!("HP-JW-{n:02}")))
            .chain((1..=5).map(|n| format!("HP-UI-{n:02}")));
        for row in rows {
            let here = Misbehaviour::ALL.iter().any(|one| one.rows().contains(&row.as_str()));
            let left_out = LEFT_OUT.iter().any(|one| one.row == row);
            assert!(here != left_out, "{row}: here {here}, left out {left_out}");
        }
    }
}
