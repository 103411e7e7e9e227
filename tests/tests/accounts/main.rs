//! Accounts as a person sees them: what they call them, in which order, which is meant, and who the provider says it is.

mod kept;
mod seen;
