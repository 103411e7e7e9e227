use crate::Fault;

/// Why a server's wish for a DPoP nonce cannot be met. The request was not processed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// DPOP-08
    #[error("The server `{server}` asks for a fresh nonce again and again, and accepts none of its own.")]
    NonceLoop {
        /// Its origin.
        server: String,
    },
    /// DPOP-03
    #[error("The server `{server}` sent a DPoP nonce that cannot be used: {problem}.")]
    BadNonce {
        /// Its origin.
        server: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Fault for DpopError {
    fn code(&self) -> &'static str {
        match self {
            Self::NonceLoop { .. } => "dpop.nonce_loop",
            Self::BadNonce { .. } => "dpop.bad_nonce",
        }
    }

    fn hint(&self) -> String {
        "The server must correct its DPoP nonces. Nothing was used, and nothing was sent a third time.".to_owned()
    }
}
