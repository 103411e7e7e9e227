//! `docs/misbehaviours.md`: how the demo provider can be made to misbehave, by name.

use doorkey_demo_idp::{Asks, LEFT_OUT, Misbehaviour};

use super::{code, table};

/// Every name.
pub(super) fn all() -> String {
    let rows = Misbehaviour::ALL.iter().map(|how| {
        let suite = code(how.suite().unwrap_or_default());
        vec![
            code(how.name()),
            how.rows().join(", "),
            suite,
            how.what().to_owned(),
            asks(*how),
            super::told(how.must_end()),
        ]
    });
    table(&["name", "row", "suite's module", "what the provider does", "shows with", "how a client must end: it"], rows)
}

/// Rows without a name, and why.
pub(super) fn left_out() -> String {
    let rows = LEFT_OUT.iter().map(|one| vec![one.row.to_owned(), code(one.suite), one.reason.to_owned()]);
    table(&["row", "suite's module", "why nothing misbehaves"], rows)
}

fn asks(how: Misbehaviour) -> String {
    match how.asks() {
        Asks::Nothing => "any sign-in",
        Asks::MaxAge => "`max_age`",
        Asks::AcrValues => "`acr_values`",
        Asks::FormPost => "`response_mode=form_post`",
        Asks::Secret => "a client with a secret",
        Asks::Renewal => "a renewal",
        Asks::SecondSignIn => "a second sign-in",
        Asks::SignOut => "a sign-out in the browser",
        Asks::Dpop => "DPoP",
        Asks::Device => "a sign-in on another device",
    }
    .to_owned()
}
