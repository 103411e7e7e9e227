//! The calls, one method each.

use hyper::Method;

use super::{Client, NOTHING};
use crate::ClientError;
use crate::events::Updates;
use crate::exchange::{journal_path, segment};
use crate::words::{
    Consent, ConsentAnswer, ConsentRequest, Consents, DiscoveryRequest, ExportRequest, Exported, IdentityReport,
    ImportPreview, ImportRequest, IntrospectionAnswer, IntrospectionRequest, JournalPage, JournalRequest,
    NetworkSettings, NetworkStatus, PastedRedirect, ProbeRequest, ProbeRun, ProfileEntry, ProfileView, ProofAnswer,
    ProofRequest, Provider, RegistrationRequest, RenewalRequest, Session, SessionChange, Sessions, SignInDetail,
    SignInRequest, SignOutAnswer, SignOutRequest, StepRequest, TokenAnswer, TokenReport, TokenRequest, VaultChoice,
    VaultMove, VaultMoved, VaultStatus,
};

impl Client {
    /// All profiles.
    ///
    /// # Errors
    /// As every call.
    pub async fn profiles(&self) -> Result<Vec<ProfileView>, ClientError> {
        self.call(Method::GET, "/v1/profiles", NOTHING).await
    }

    /// Adds or replaces a profile.
    ///
    /// # Errors
    /// As every call; `config.*` names the field that is wrong.
    pub async fn put_profile(&self, entry: &ProfileEntry) -> Result<ProfileView, ClientError> {
        self.call(Method::PUT, &format!("/v1/profiles/{}", segment(&entry.profile.name)), Some(entry)).await
    }

    /// Registers this application at the profile's provider, and adds the profile with the client that came of it.
    ///
    /// # Errors
    /// As every call; `registration.*` when the provider does not want to, or not like this.
    pub async fn register(&self, request: &RegistrationRequest) -> Result<ProfileView, ClientError> {
        self.call(Method::POST, "/v1/registrations", Some(request)).await
    }

    /// Has the provider forget the application that was registered for this profile (RFC 7592).
    ///
    /// # Errors
    /// As every call; `registration.unknown` when none was.
    pub async fn unregister(&self, profile: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/v1/registrations/{}", segment(profile)), NOTHING).await
    }

    /// Removes a profile, with its sessions and its client secret.
    ///
    /// # Errors
    /// As every call; `config.no_profile` when there is none of that name.
    pub async fn delete_profile(&self, name: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/v1/profiles/{}", segment(name)), NOTHING).await
    }

    /// Looks what a file of another program holds. Nothing is saved.
    ///
    /// # Errors
    /// As every call; `config.import_*` says what is wrong with the file.
    pub async fn preview_import(&self, request: &ImportRequest) -> Result<ImportPreview, ClientError> {
        self.call(Method::POST, "/v1/imports", Some(request)).await
    }

    /// Writes profiles for another program, without secrets.
    ///
    /// # Errors
    /// As every call; `config.no_profile`, `config.export_impossible` where the format has no way to say it.
    pub async fn export_profiles(&self, request: &ExportRequest) -> Result<Exported, ClientError> {
        self.call(Method::POST, "/v1/exports", Some(request)).await
    }

    /// How the agent reaches providers.
    ///
    /// # Errors
    /// As every call.
    pub async fn network(&self) -> Result<NetworkStatus, ClientError> {
        self.call(Method::GET, "/v1/network", NOTHING).await
    }

    /// Sets how the agent reaches providers, from the next request on. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `config.*` names the setting that cannot be used, and nothing was changed.
    pub async fn set_network(&self, settings: &NetworkSettings) -> Result<NetworkStatus, ClientError> {
        self.call(Method::PUT, "/v1/network", Some(settings)).await
    }

    /// Looks at a provider.
    ///
    /// # Errors
    /// As every call; `discovery.*` and `net.*` say what is wrong with the address or the answer.
    pub async fn discover(&self, request: &DiscoveryRequest) -> Result<Provider, ClientError> {
        self.call(Method::POST, "/v1/discoveries", Some(request)).await
    }

    /// All sessions.
    ///
    /// # Errors
    /// As every call.
    pub async fn sessions(&self) -> Result<Sessions, ClientError> {
        self.call(Method::GET, "/v1/sessions", NOTHING).await
    }

    /// Changes how the person sees a session: its name, its place, whether it is the one that is meant. Doorkey's own
    /// programs only.
    ///
    /// # Errors
    /// As every call; `session.not_found`, `usage.bad_label`, `broker.session_foreign`.
    pub async fn change_session(&self, id: &str, change: &SessionChange) -> Result<Session, ClientError> {
        self.call(Method::PATCH, &format!("/v1/sessions/{}", segment(id)), Some(change)).await
    }

    /// Who the provider says the person is, and how that was checked. A program needs consent to the session's token for
    /// it.
    ///
    /// # Errors
    /// As [`Client::token`]; `session.not_found`.
    pub async fn identity(&self, id: &str) -> Result<IdentityReport, ClientError> {
        self.call(Method::GET, &format!("/v1/sessions/{}/identity", segment(id)), NOTHING).await
    }

    /// Starts a sign-in; it goes on in the agent when this client goes away.
    ///
    /// # Errors
    /// As every call; `login.already_running` when the profile has one under way.
    pub async fn start_sign_in(&self, request: &SignInRequest) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, "/v1/sign-ins", Some(request)).await
    }

    /// Looks at a sign-in.
    ///
    /// # Errors
    /// As every call; `login.unknown` for an id that is not known (any more).
    pub async fn sign_in(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call(Method::GET, &format!("/v1/sign-ins/{}", segment(id)), NOTHING).await
    }

    /// Hands in the address a browser ended at which could not reach this computer.
    ///
    /// # Errors
    /// As every call; `callback.paste_*` tells what is wrong with the address, and the sign-in goes on waiting.
    pub async fn hand_in(&self, id: &str, pasted: &PastedRedirect) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, &format!("/v1/sign-ins/{}/redirect", segment(id)), Some(pasted)).await
    }

    /// An address to open once more, for a sign-in that waits for its browser: one that was pushed to the provider
    /// (RFC 9126) is good for once, any other is the same again.
    ///
    /// # Errors
    /// As every call; `login.not_waiting`, `par.failed`.
    pub async fn open_again(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, &format!("/v1/sign-ins/{}/address", segment(id)), NOTHING).await
    }

    /// Goes on with a sign-in that waits in step mode, with the request as it is or edited. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `login.not_paused` when it does not wait there any more, `usage.bad_edit` when a change may not be
    /// made, and the request goes on waiting; `broker.step_foreign`.
    pub async fn step(&self, id: &str, request: &StepRequest) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, &format!("/v1/sign-ins/{}/step", segment(id)), Some(request)).await
    }

    /// Stops a sign-in.
    ///
    /// # Errors
    /// As every call.
    pub async fn cancel_sign_in(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call(Method::DELETE, &format!("/v1/sign-ins/{}", segment(id)), NOTHING).await
    }

    /// Tries a provider with wrong requests; it goes on in the agent when this client goes away. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `usage.issuer_not_confirmed`, `config.cannot_probe`, `login.already_running`, `broker.probe_foreign`.
    pub async fn start_probe(&self, request: &ProbeRequest) -> Result<ProbeRun, ClientError> {
        self.call(Method::POST, "/v1/probes", Some(request)).await
    }

    /// Looks at a run of probes: at once, or once it has moved on from this revision.
    ///
    /// # Errors
    /// As every call; `login.unknown` for an id that is not known (any more), `broker.probe_foreign`.
    pub async fn probe(&self, id: &str, after: Option<u64>) -> Result<ProbeRun, ClientError> {
        let after = after.map(|revision| format!("?after={revision}")).unwrap_or_default();
        self.call(Method::GET, &format!("/v1/probes/{}{after}", segment(id)), NOTHING).await
    }

    /// Stops a run of probes. It still revokes what it got.
    ///
    /// # Errors
    /// As [`probe`](Self::probe).
    pub async fn cancel_probe(&self, id: &str) -> Result<ProbeRun, ClientError> {
        self.call(Method::DELETE, &format!("/v1/probes/{}", segment(id)), NOTHING).await
    }

    /// Asks for an access token; renewed first when it must be. Never opens a browser.
    ///
    /// # Errors
    /// As every call; `session.sign_in_required` when only the person can go on.
    pub async fn token(&self, request: &TokenRequest) -> Result<TokenAnswer, ClientError> {
        self.call(Method::POST, "/v1/tokens", Some(request)).await
    }

    /// Asks for an access token that is bound to a key, with the proof for one request (RFC 9449).
    ///
    /// # Errors
    /// As [`Client::token`]; `config.not_bound` where the session's tokens are not bound.
    pub async fn proof(&self, request: &ProofRequest) -> Result<ProofAnswer, ClientError> {
        self.call(Method::POST, "/v1/proofs", Some(request)).await
    }

    /// Looks into an access token, for debugging.
    ///
    /// # Errors
    /// As [`Client::token`].
    pub async fn token_report(&self, request: &TokenRequest) -> Result<TokenReport, ClientError> {
        self.call(Method::POST, "/v1/token-reports", Some(request)).await
    }

    /// Asks the provider what the session's access token is (RFC 7662).
    ///
    /// # Errors
    /// As every call; `token.introspection_*` where the provider does not say.
    pub async fn introspect(&self, request: &IntrospectionRequest) -> Result<IntrospectionAnswer, ClientError> {
        self.call(Method::POST, "/v1/introspections", Some(request)).await
    }

    /// Renews now.
    ///
    /// # Errors
    /// As every call; `refresh.*`.
    pub async fn renew(&self, request: &RenewalRequest) -> Result<Session, ClientError> {
        self.call(Method::POST, "/v1/renewals", Some(request)).await
    }

    /// Signs out and tells what truly happened.
    ///
    /// # Errors
    /// As every call.
    pub async fn sign_out(&self, request: &SignOutRequest) -> Result<SignOutAnswer, ClientError> {
        self.call(Method::POST, "/v1/sign-outs", Some(request)).await
    }

    /// Chooses where the vault's key is, or tries the keyring again.
    ///
    /// # Errors
    /// As every call; `store.*`.
    pub async fn choose_vault(&self, choice: &VaultChoice) -> Result<VaultStatus, ClientError> {
        self.call(Method::PUT, "/v1/vault", Some(choice)).await
    }

    /// Seals everything anew with a key that is kept elsewhere.
    ///
    /// # Errors
    /// As every call; on any `store.*` the vault is as it was.
    pub async fn move_vault(&self, moving: &VaultMove) -> Result<VaultMoved, ClientError> {
        self.call(Method::POST, "/v1/vault/moves", Some(moving)).await
    }

    /// Forgets the vault's key and all sessions in memory, until the vault is opened again.
    ///
    /// # Errors
    /// As every call; `store.unsaved` when that would lose something.
    pub async fn lock_vault(&self) -> Result<VaultStatus, ClientError> {
        self.call(Method::POST, "/v1/vault/lock", NOTHING).await
    }

    /// Which program may have what, and which questions wait.
    ///
    /// # Errors
    /// As every call.
    pub async fn consents(&self) -> Result<Consents, ClientError> {
        self.call(Method::GET, "/v1/consents", NOTHING).await
    }

    /// Decides whether a program may have tokens, before it asks. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `broker.consent_foreign`.
    pub async fn decide(&self, request: &ConsentRequest) -> Result<Consent, ClientError> {
        self.call(Method::POST, "/v1/consents", Some(request)).await
    }

    /// Answers a question. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `broker.consent_unknown` when it does not wait any more, `broker.consent_foreign`.
    pub async fn answer_consent(&self, id: &str, answer: ConsentAnswer) -> Result<(), ClientError> {
        self.call(Method::POST, &format!("/v1/consents/{}", segment(id)), Some(&answer)).await
    }

    /// Takes a decision back: the program is asked about again. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `broker.consent_unknown`, `broker.consent_foreign`.
    pub async fn revoke_consent(&self, id: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/v1/consents/{}", segment(id)), NOTHING).await
    }

    /// A piece of the journal: the newest entries, or the newest of those before a number.
    ///
    /// # Errors
    /// As every call; `broker.bad_request` where a limit is out of its bounds, `store.journal_unreadable`.
    pub async fn journal(&self, request: &JournalRequest) -> Result<JournalPage, ClientError> {
        self.call(Method::GET, &journal_path(request), NOTHING).await
    }

    /// [`Client::updates`] for a program that shows questions to a person: as long as the stream is read, programs may
    /// wait for the person's answer. Doorkey's own programs only; for any other it is a stream like every other.
    ///
    /// # Errors
    /// As every call.
    pub async fn updates_to_answer(&self) -> Result<Updates, ClientError> {
        self.stream("/v1/events?answers=consents").await
    }

    /// Everything that changes, beginning with the present; with the journal's entries after `since` where one is given.
    ///
    /// # Errors
    /// As every call; an agent that has not begun after ten seconds is too slow. Once it has begun, it may be silent.
    pub async fn updates(&self, since: Option<u64>) -> Result<Updates, ClientError> {
        match since {
            Some(seq) => self.stream(&format!("/v1/events?since={seq}")).await,
            None => self.stream("/v1/events").await,
        }
    }
}
