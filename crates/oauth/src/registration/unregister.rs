//! The end of a registration (RFC 7592 section 2.3).

use http::header::{AUTHORIZATION, HeaderValue};

use super::RegistrationError;
use crate::answer::{Request, Response, is_busy, redirect};
use crate::secret::for_request;
use crate::text::Scrub;
use crate::{AccessToken, Endpoint};

/// Asks the provider to forget a client that registered itself.
///
/// # Errors
/// [`RegistrationError::BadAnswer`] for a token that fits into no header.
pub fn unregister_request(at: &Endpoint, token: &AccessToken) -> Result<Request, RegistrationError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", for_request(token)))
        .map_err(|_| super::bad("its `registration_access_token` cannot be put into a request"))?;
    value.set_sensitive(true);
    let mut request = http::Request::new(Vec::new());
    *request.method_mut() = http::Method::DELETE;
    *request.uri_mut() = at.uri().clone();
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(request)
}

/// Whether it has. A client that is not there any more is forgotten too.
///
/// # Errors
/// [`RegistrationError`].
pub fn finish_unregister(token: &AccessToken, response: &Response) -> Result<(), RegistrationError> {
    let mut sent = Scrub::default();
    sent.add(token);
    if let Some(to) = redirect(response, &sent) {
        return Err(RegistrationError::Redirected { to });
    }
    // 401 for a client that does not exist (RFC 7592 section 2.3); 404 where somebody else has removed it.
    match response.status().as_u16() {
        200 | 204 | 401 | 404 => Ok(()),
        status => {
            let text = String::from_utf8_lossy(response.body());
            let description = (!text.trim().is_empty()).then(|| sent.clean(&text, 200));
            Err(RegistrationError::NotForgotten { status, description, for_now: is_busy(response) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, Issuer};

    fn answer(status: u16, body: &str) -> Result<(), RegistrationError> {
        let mut response = http::Response::new(body.as_bytes().to_vec());
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        finish_unregister(&AccessToken::new("CANARY-token".to_owned()), &response)
    }

    #[test]
    fn the_request_carries_the_token_of_the_registration_and_no_body() {
        let issuer = Issuer::parse("https://op.example").expect("an issuer");
        let at = Endpoint::parse("https://op.example/reg/1", &issuer).expect("an address");
        let request = unregister_request(&at, &AccessToken::new("t".to_owned())).expect("a request");
        assert_eq!((request.method().as_str(), request.uri().path()), ("DELETE", "/reg/1"));
        let header = &request.headers()[AUTHORIZATION];
        assert!(header == "Bearer t" && header.is_sensitive() && request.body().is_empty());
        assert!(unregister_request(&at, &AccessToken::new("a\nb".to_owned())).is_err());
    }

    #[test]
    fn gone_is_gone_and_everything_else_is_told() {
        for status in [200, 204, 401, 404] {
            assert_eq!(answer(status, ""), Ok(()), "{status}");
        }
        let refused = answer(403, "no CANARY-token here").expect_err("refused");
        assert_eq!(refused.code(), "registration.not_forgotten");
        assert!(!refused.to_string().contains("CANARY") && !refused.retryable(), "{refused}");
        assert!(answer(503, "").expect_err("busy").retryable());
    }
}
