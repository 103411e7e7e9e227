use crate::random;

/// What a misbehaviour keeps between requests; new each time one is chosen.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// Ten letters that nobody can know, for paths.
    pub(crate) tag: String,
    pub(crate) authorization_requests: usize,
    pub(crate) renewals: usize,
    pub(crate) last_nonce: Option<String>,
    /// Where the browser is sent instead, for a mix-up.
    pub(crate) other_provider: Option<String>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let letters = random::token().bytes().map(|byte| char::from(b'a' + byte % 26)).take(10).collect();
        Self { tag: letters, authorization_requests: 0, renewals: 0, last_nonce: None, other_provider: None }
    }
}
