use serde::{Deserialize, Serialize};

use super::{Pair, SentRequest};

/// Where a sign-in in step mode ([`SignInRequest::step`](super::SignInRequest::step)) waits for the person: before a
/// request to the provider, or before the session is stored. What came of the request before it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Pause {
    /// Counts up within the sign-in, from 1. Whoever goes on names it, so that nothing is sent that nobody has seen.
    pub number: u32,
    /// What comes next: a purpose as in [`Exchange`](super::Exchange), `authorization` where the browser is sent to the
    /// provider, or `save` where everything was checked and the session would be stored.
    pub before: String,
    /// The request that waits, its secrets as fingerprints; absent before `save`.
    pub request: Option<SentRequest>,
    /// The parameters in the address of that request, in order; those of `authorization` among them.
    pub query: Vec<Pair>,
    /// What can be edited of it: [`EditPlace`]s. Empty before `save`.
    pub editable: Vec<EditPlace>,
}

/// Go on from where a sign-in waits in step mode (`POST /v1/sign-ins/{id}/step`). To stop instead, cancel the sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct StepRequest {
    /// [`Pause::number`] of the pause that was seen.
    #[serde(deserialize_with = "super::whole::one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 4294967295u32)))]
    pub number: u32,
    /// What to change of the request first, in this order; nothing sends it as it is.
    #[serde(default)]
    pub edits: Vec<Edit>,
}

/// One change of a request that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Edit {
    /// Gives it this value, in place of all that it has; adds it where there is none.
    Set {
        /// Where it stands.
        place: EditPlace,
        /// Its name.
        name: String,
        /// Its value: perhaps a secret, so it is shown as a fingerprint where its name is not known to be harmless.
        #[serde(serialize_with = "crate::Secret::serialize_exposed")]
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        value: crate::Secret,
    },
    /// Adds it once more, beside what is there.
    Add {
        /// Where it stands.
        place: EditPlace,
        /// Its name.
        name: String,
        /// Its value, as for `set`.
        #[serde(serialize_with = "crate::Secret::serialize_exposed")]
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        value: crate::Secret,
    },
    /// Takes it out, however often it is there.
    Remove {
        /// Where it stands.
        place: EditPlace,
        /// Its name.
        name: String,
    },
    /// Sends it to another address of the same server: scheme, host and port stay.
    Address {
        /// Whole, or a path from the root on. The parameters stay, unless it has some of its own: those replace them.
        url: String,
    },
}

/// What of a request an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum EditPlace {
    /// A field of the form that is posted.
    Form,
    /// A parameter in the address.
    Query,
    /// A header.
    Header,
    /// The address itself, without its parameters.
    Address,
}

/// What differs in a request that was sent from the one that would have been: one name in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Edited {
    /// Where.
    pub place: EditPlace,
    /// The name; empty for the address.
    pub name: String,
    /// The values it had, as [`Pair::value`] shows them; none where it was added.
    pub before: Vec<String>,
    /// The values it was sent with; none where it was removed.
    pub after: Vec<String>,
    /// Whether the values are fingerprints.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub secret: bool,
}
