/// What every refusal of this crate can tell. `Display` is one plain sentence that may be shown as it is.
pub trait Fault: std::error::Error {
    /// Stable and dotted, such as `idtoken.nonce_mismatch`: what programs branch on.
    fn code(&self) -> &'static str;

    /// The next step, with the exact setting where one is known; empty where there is none.
    fn hint(&self) -> String;

    /// Whether the same step may work later without a change of settings.
    fn retryable(&self) -> bool {
        false
    }
}
