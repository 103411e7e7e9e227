//! The calls of the API: one table, of which both the router and `docs/openapi.json` are made.

use axum::Router;
use axum::routing::{delete, get, patch, post, put};

use super::{Served, calls, consents, events, journal, network, portable, probes, sessions};

/// `/// Summary.` `///` `/// More.` `method "path" handler, refuses STATUS…;`
///
/// What a call takes and answers is read off its handler; the statuses are those of its refusals, beside those that
/// every call has.
macro_rules! calls {
    ($($(#[doc = $doc:literal])+ $method:ident $path:literal $module:ident::$handler:ident, refuses $($status:literal)*;)*) => {
        pub(super) fn router() -> Router<Served> {
            Router::new()$(.route($path, $method($module::$handler)))*
        }

        #[cfg(test)]
        pub(super) fn told() -> Vec<super::document::Call> {
            vec![$(super::document::call(
                (stringify!($method), $path, stringify!($handler)),
                &[$($doc),+],
                &[$($status),*],
                $module::$handler,
            )),*]
        }
    };
}

calls! {
    /// Who is there, and in what state.
    get "/v1/hello" calls::hello, refuses;

    /// All profiles, in the order of the file.
    get "/v1/profiles" calls::profiles, refuses;
    /// Adds a profile or replaces the one of that name.
    ///
    /// A sign-in that is under way with it ends. A secret or a key goes into the vault and is never shown again; a
    /// profile that is replaced without one keeps what it has.
    put "/v1/profiles/{name}" calls::put_profile, refuses 422 503;
    /// Removes a profile, with its sessions and its secrets.
    delete "/v1/profiles/{name}" calls::delete_profile, refuses 404 422 503;
    /// Looks what a file of another program holds; finds out whose it is. Nothing is saved.
    post "/v1/imports" portable::preview_import, refuses 422;
    /// Writes profiles for another program. Never a secret.
    post "/v1/exports" portable::export_profiles, refuses 404 422;
    /// Looks at a provider, before there is a profile or with one.
    post "/v1/discoveries" calls::discover, refuses 404 422 502;
    /// Registers this application at the provider (RFC 7591) and adds the profile that comes of it.
    post "/v1/registrations" calls::register, refuses 404 409 422 502 503;
    /// Has the provider forget the application that was registered for this profile (RFC 7592).
    delete "/v1/registrations/{name}" calls::unregister, refuses 404 409 422 502 503;

    /// How providers are reached: what is set, and what is in force.
    get "/v1/network" network::network, refuses 422;
    /// Sets how providers are reached, from the next request on. For Doorkey's own programs only.
    put "/v1/network" network::set_network, refuses 422;

    /// Who is signed in. Never a token.
    get "/v1/sessions" calls::sessions, refuses 503;
    /// Changes how a person sees a session: what they call it, where it stands among all, and whether it is the one that is
    /// meant where its profile holds several. For Doorkey's own programs only.
    patch "/v1/sessions/{id}" sessions::change_session, refuses 404 422 503;
    /// Who the provider says the person is, and how that was checked. Never the ID token itself.
    ///
    /// Secrets in the claims, the nonce among them, appear as their fingerprints. A program is asked about as for the
    /// session's access token.
    get "/v1/sessions/{id}/identity" sessions::identity, refuses 404 409 422 503;
    /// Starts a sign-in. It goes on when the caller goes away.
    ///
    /// In step mode it waits before each request to the provider; that is for Doorkey's own programs only.
    post "/v1/sign-ins" calls::start_sign_in, refuses 404 409 422 503;
    /// Looks at a sign-in. The stream of updates tells when it moves.
    get "/v1/sign-ins/{id}" calls::look_at_sign_in, refuses 404;
    /// Stops a sign-in. One that has ended stays as it is.
    delete "/v1/sign-ins/{id}" calls::cancel_sign_in, refuses 404;
    /// Hands in the address a browser ended at that could not reach this computer.
    post "/v1/sign-ins/{id}/redirect" calls::hand_in, refuses 404 409 422 502 503;
    /// Goes on with a sign-in that waits in step mode, with the request as it is or edited. For Doorkey's own programs only.
    ///
    /// `pause` of the sign-in tells which request waits, and by which number; the stream of updates tells when there is
    /// one. An edited request is sent to the same server, is marked in the journal, and nothing that comes of it is stored.
    post "/v1/sign-ins/{id}/step" calls::step, refuses 404 409 422;
    /// An address to open once more, for a sign-in that waits for its browser.
    ///
    /// One that was pushed to the provider (RFC 9126) is good for once; any other is the same again.
    post "/v1/sign-ins/{id}/address" calls::open_again, refuses 404 409 502 503;

    /// Tries a provider with wrong requests, which the person who runs it wants to see refused. For Doorkey's own programs
    /// only.
    ///
    /// The issuer is typed again: it says whose provider that is. The run has sign-ins of its own, whose tokens it revokes
    /// at its end.
    post "/v1/probes" probes::start_probe, refuses 404 409 422 503;
    /// Looks at a run of probes: at once, or once it has moved on. For Doorkey's own programs only.
    get "/v1/probes/{id}" probes::look_at_probe, refuses 404;
    /// Stops a run of probes; it still revokes what it got. For Doorkey's own programs only.
    delete "/v1/probes/{id}" probes::cancel_probe, refuses 404;

    /// An access token, renewed first when it must be. Never opens a browser.
    post "/v1/tokens" calls::token, refuses 404 409 422 502 503;
    /// An access token that is bound to a key, with the proof for one request (RFC 9449).
    post "/v1/proofs" calls::proof, refuses 404 409 422 502 503;
    /// What an access token says, for debugging. Not the token.
    post "/v1/token-reports" calls::token_report, refuses 404 409 422 502 503;
    /// What the provider says of a session's access token (RFC 7662). Not the token.
    post "/v1/introspections" calls::introspect, refuses 404 409 422 502 503;
    /// Renews now.
    post "/v1/renewals" calls::renew, refuses 404 409 422 502 503;
    /// Signs out, and tells what truly happened.
    post "/v1/sign-outs" calls::sign_out, refuses 404 409 422 502 503;

    /// What programs may have, and the questions that wait for an answer.
    get "/v1/consents" consents::consents, refuses;
    /// Decides ahead what a program may have. For Doorkey's own programs only.
    post "/v1/consents" consents::decide_consent, refuses 404 422 503;
    /// Answers a question. For Doorkey's own programs only.
    post "/v1/consents/{id}" consents::answer_consent, refuses 404 422 503;
    /// Takes a decision back. For Doorkey's own programs only.
    delete "/v1/consents/{id}" consents::revoke_consent, refuses 404 503;

    /// Opens the vault, or goes on without it.
    put "/v1/vault" calls::choose_vault, refuses 409 422 503;
    /// Seals everything anew with a key that is kept elsewhere.
    post "/v1/vault/moves" calls::move_vault, refuses 409 422 503;
    /// Forgets the vault's key and all sessions in memory, until the vault is opened again.
    post "/v1/vault/lock" calls::lock_vault, refuses 409 503;

    /// A piece of the journal: the newest entries, or the newest of those before a number.
    ///
    /// Restarts of the agent do not matter to it. A piece may have fewer entries than were asked for where they are
    /// large; `older` tells whether there are more.
    get "/v1/journal" journal::journal, refuses 503;
    /// Everything that changes, as server-sent events: the present first.
    ///
    /// With `since`, or `Last-Event-ID` as readers of such streams send it when they come back, the journal's entries
    /// after that number follow the present. A reader that falls behind gets the present anew. A comment every 20
    /// seconds shows that the stream is alive.
    ///
    /// Programs of Doorkey's that show questions about consent to a person say `answers=consents`: while none does,
    /// nobody is asked.
    get "/v1/events" events::events, refuses;
}
