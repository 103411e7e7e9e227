//! What a call ends with, and the status that fits it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorkey_client::words::{ErrorBody, Refusal, VERSION};
use serde::Serialize;

/// A refusal as an answer, with the status that fits its code.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Refusal);

/// Something that was not there before.
pub(super) struct Created<T>(pub(super) T);

/// It is done, and there is nothing to say about it.
pub(super) struct Done;

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = status(&self.0);
        (status, Json(ErrorBody { version: VERSION, error: self.0 })).into_response()
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Programs branch on the code; the status is for what stands between, and for people with curl. A call that does not
/// have the shape of one is 400, one whose values cannot be used is 422 (RFC 9110 section 15.5.21).
pub(super) fn status(refusal: &Refusal) -> StatusCode {
    let code = refusal.code.as_str();
    match code {
        "config.no_profile"
        | "login.unknown"
        | "registration.unknown"
        | "broker.unknown_method"
        | "broker.version"
        | "broker.consent_unknown"
        | "session.not_found" => StatusCode::NOT_FOUND,
        "broker.bad_request" => StatusCode::BAD_REQUEST,
        "broker.too_slow" => StatusCode::REQUEST_TIMEOUT,
        "broker.too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "broker.wrong_content_type" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "broker.busy" => StatusCode::SERVICE_UNAVAILABLE,
        "store.unfit_passphrase" | "store.absurd_parameters" => StatusCode::UNPROCESSABLE_ENTITY,
        "store.wrong_passphrase" => StatusCode::FORBIDDEN,
        "store.no_passphrase"
        | "store.other_kind"
        | "store.not_confirmed"
        | "store.nothing_to_lock"
        | "store.in_use"
        | "store.unsaved" => StatusCode::CONFLICT,
        "registration.exists" | "registration.has_credentials" | "registration.no_person" => StatusCode::CONFLICT,
        _ => match code.split_once('.').map_or(code, |(family, _)| family) {
            "config" | "usage" => StatusCode::UNPROCESSABLE_ENTITY,
            "broker" => StatusCode::FORBIDDEN,
            "store" | "listener" => StatusCode::SERVICE_UNAVAILABLE,
            "net" | "discovery" | "jwks" | "token" | "dpop" | "idtoken" | "userinfo" | "par" | "registration" => {
                StatusCode::BAD_GATEWAY
            }
            "refresh" if refusal.retryable => StatusCode::SERVICE_UNAVAILABLE,
            "session" | "refresh" | "login" | "user" | "callback" | "device" | "browser" => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

#[cfg(test)]
mod tests {
    use doorkey_client::words::codes;

    use super::*;

    #[test]
    fn only_a_bug_is_an_error_of_the_server() {
        // Said by programs beside the agent, never by it.
        let of_others = ["desktop", "demo", "evidence", "exec", "helper", "output", "test"];
        for code in codes().filter(|code| !of_others.contains(&code.family())) {
            let is_bug = status(&Refusal::new(code.code, "", "")) == StatusCode::INTERNAL_SERVER_ERROR;
            assert_eq!(is_bug, code.family() == "bug", "{}", code.code);
        }
    }
}
