use serde_json::{Map, Value};
use url::Url;

use super::DeviceError;
use crate::DeviceCode;
use crate::answer::{Response, is_busy, is_web_page, redirect};
use crate::endpoint::Endpoint;
use crate::issuer::Issuer;
use crate::json::{Limits, read_answer, type_name};
use crate::text::Scrub;

const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 16 };
/// A day; no code lives longer.
const MAX_LIFE: i64 = 24 * 60 * 60;

/// What the person sees (RFC 8628 section 3.3). Code and address are shown also where the complete address is
/// opened or drawn as a QR code (DEV-05).
#[derive(Clone, PartialEq, Eq)]
pub struct DevicePrompt {
    /// To be typed; printable.
    pub user_code: String,
    /// Where; https.
    pub verification_uri: Url,
    /// The same with the code in it; https.
    pub verification_uri_complete: Option<Url>,
    /// Unix seconds.
    pub expires_at: i64,
}

// Whoever reads the code can have the sign-in: it is for the screen, not for logs.
impl std::fmt::Debug for DevicePrompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevicePrompt").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The answer of the device authorization endpoint (RFC 8628 section 3.2).
pub(super) struct Codes {
    pub(super) device_code: DeviceCode,
    pub(super) interval: i64,
    user_code: String,
    verification_uri: Url,
    verification_uri_complete: Option<Url>,
    expires_in: i64,
}

impl Codes {
    pub(super) fn prompt(&self, now: i64) -> DevicePrompt {
        DevicePrompt {
            user_code: self.user_code.clone(),
            verification_uri: self.verification_uri.clone(),
            verification_uri_complete: self.verification_uri_complete.clone(),
            expires_at: now.saturating_add(self.expires_in),
        }
    }
}

pub(super) fn read(response: &Response, issuer: &Issuer, sent: &Scrub) -> Result<Codes, DeviceError> {
    if let Some(to) = redirect(response, sent) {
        return Err(DeviceError::Redirected { to });
    }
    let status = response.status().as_u16();
    let page = is_web_page(response);
    let document = if page { None } else { Some(read_answer(response.body(), LIMITS, sent)) };
    let error = |document: &Value, name: &str, max| {
        document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(|text| sent.clean(text, max))
    };
    let refused = |document: &Value| DeviceError::Refused {
        error: error(document, "error", 80).unwrap_or_else(|| format!("HTTP {status}")),
        description: error(document, "error_description", 300),
        for_now: is_busy(response),
    };
    let bad = |problem: String| DeviceError::BadAnswer { problem };
    match document {
        _ if !response.status().is_success() => Err(refused(&document.and_then(Result::ok).unwrap_or_default())),
        None => Err(bad("it is a web page".to_owned())),
        Some(Err(fault)) => Err(bad(fault.to_string())),
        Some(Ok(document)) if error(&document, "error", 80).is_some() => Err(refused(&document)),
        Some(Ok(Value::Object(members))) => codes(&members, issuer, sent),
        Some(Ok(other)) => Err(bad(format!("it is {} and not an object", type_name(&other)))),
    }
}

fn codes(members: &Map<String, Value>, issuer: &Issuer, sent: &Scrub) -> Result<Codes, DeviceError> {
    // Google's name for it came before the standard's.
    let address = members.get("verification_uri").or_else(|| members.get("verification_url"));
    let address = address.and_then(Value::as_str).unwrap_or_default();
    let complete = members.get("verification_uri_complete").and_then(Value::as_str);
    Ok(Codes {
        device_code: DeviceCode::new(printable(members, "device_code", 2048)?),
        user_code: printable(members, "user_code", 64)?,
        verification_uri: web_address(address, issuer, sent)?,
        verification_uri_complete: complete.map(|text| web_address(text, issuer, sent)).transpose()?,
        expires_in: seconds(members, "expires_in")?.ok_or_else(|| missing("expires_in"))?.min(MAX_LIFE),
        interval: seconds(members, "interval")?.unwrap_or(5),
    })
}

/// It goes to an opener or into a QR code: https, as every address here (T-20, CVE-2025-6514).
fn web_address(text: &str, issuer: &Issuer, sent: &Scrub) -> Result<Url, DeviceError> {
    let address = Endpoint::parse(text, issuer);
    address
        .map(|address| address.url().clone())
        .map_err(|problem| DeviceError::BadUri { got: sent.clean(text, 200), problem })
}

fn printable(members: &Map<String, Value>, name: &'static str, max: usize) -> Result<String, DeviceError> {
    match members.get(name) {
        Some(Value::String(text)) if text.is_empty() || text.len() > max => Err(missing(name)),
        Some(Value::String(text)) if text.bytes().all(|b| (0x20..=0x7e).contains(&b)) => Ok(text.clone()),
        Some(_) | None => Err(missing(name)),
    }
}

/// Whole seconds from 1 on; a fraction is rounded up, so that nobody is asked too early.
fn seconds(members: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, DeviceError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            Some(seconds) if seconds >= 0.0 => Ok(Some((seconds.ceil() as i64).max(1))),
            _ => Err(missing(name)),
        },
        Some(_) => Err(missing(name)),
    }
}

fn missing(name: &'static str) -> DeviceError {
    DeviceError::BadAnswer { problem: format!("`{name}` is missing or cannot be used") }
}
