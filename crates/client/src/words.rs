//! Every word that crosses the agent's socket. Times are RFC 3339 in UTC; names are the standards' own.

mod codes;
mod consent;
mod discovery;
mod event;
mod journal;
mod look;
mod network;
mod portable;
mod probe;
mod profile;
mod profile_table;
mod proof;
mod refusal;
mod session;
mod sign_in;
mod sign_out;
mod step;
mod token;
mod vault;
mod whole;

pub use codes::{Code, Family, Retryable, Who, codes, families};
pub use consent::{
    Consent, ConsentAnswer, ConsentDecision, ConsentLasts, ConsentQuestion, ConsentRequest, ConsentWanted, Consents,
    Reach,
};
pub use discovery::{Ability, DiscoveryRequest, Provider, RegistrationRequest, SetupStep, Suggested, Verdict};
pub use event::{Check, CheckOutcome, Event, EventKind, Present, Update};
pub use journal::{Exchange, JournalPage, JournalRequest, Pair, ReceivedAnswer, SentRequest};
pub use look::{
    AccessTokenKind, Checked, DecodedToken, IdentityReport, IntrospectionAnswer, IntrospectionRequest, TokenNote,
    TokenReport,
};
pub use network::{NetworkSettings, NetworkStatus};
pub use portable::{
    ExportRequest, Exported, ExportedFile, ImportPreview, ImportRequest, ImportedProfile, PortableFormat,
};
pub use probe::{ProbeCleaned, ProbeLook, ProbeOutcome, ProbeRequest, ProbeResult, ProbeRun, ProbeState, ProbeVisit};
pub use profile::{
    AccountSource, ClientAuth, Endpoints, Grant, Profile, ProfileEntry, ProfileView, Push, RedirectHost, ResponseMode,
};
pub use profile_table::ProfileTable;
pub use proof::{ProofAnswer, ProofRequest};
pub use refusal::{ErrorBody, Fix, Refusal};
pub use session::{
    EndBy, EndKind, Identified, RenewalRequest, Session, SessionChange, SessionEnd, SessionState, Sessions,
};
pub use sign_in::{BrowserBy, DeviceCode, DeviceUse, PastedRedirect, SignIn, SignInDetail, SignInRequest, SignInStep};
pub use sign_out::{BrowserSignOut, SignOut, SignOutAnswer, SignOutRequest, SignOutStep, StepName};
pub use step::{Edit, EditPlace, Edited, Pause, StepRequest};
pub use token::{TokenAnswer, TokenRequest};
pub use vault::{Hello, VaultChoice, VaultKind, VaultMove, VaultMoved, VaultState, VaultStatus};

/// The version of these words; every answer for machines carries it.
pub const VERSION: u32 = 1;
