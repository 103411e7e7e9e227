//! What may be shown of an exchange, by its name. Everything else is a secret until somebody lists it here.

/// What is known of a value by the name that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Shown as it is: it says who or what is meant, and may look like anything.
    Named,
    /// Words of a protocol, or that somebody wrote: shown, with everything replaced that looks as if nobody had.
    Words,
    /// An address: shown, its parameters by their names.
    Address,
    /// A secret.
    Secret,
    /// Nobody has listed it.
    Unknown,
}

/// What kind of body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Of the protocol's endpoints.
    Protocol,
    /// Claims about a person or a token: unknown ones are personal, and no secrets that others may repeat.
    Person,
    /// What a provider says of itself: public.
    Description,
    /// Public keys.
    Keys,
}

/// Fields of forms and queries, and members of the protocol's bodies.
const WORDS: [&str; 65] = [
    // RFC 6749, RFC 7636, OpenID Connect Core
    "grant_type",
    "response_type",
    "response_mode",
    "scope",
    "token_type",
    "expires_in",
    "code_challenge_method",
    "prompt",
    "display",
    "max_age",
    "ui_locales",
    "claims_locales",
    "acr_values",
    "error",
    // Whom tokens are for: RFC 8707, Auth0, RFC 8693
    "subject_token_type",
    "requested_token_type",
    "issued_token_type",
    "actor_token_type",
    // RFC 7009, RFC 7662
    "token_type_hint",
    "active",
    "exp",
    "iat",
    "nbf",
    // RFC 7521, RFC 9449
    "client_assertion_type",
    // RFC 8628, RFC 9126
    "interval",
    "refresh_expires_in",
    "refresh_token_expires_in",
    "ext_expires_in",
    "expires_on",
    "not_before",
    "not-before-policy",
    "access_token_expires_in",
    "id_token_expires_in",
    // RFC 7591: what a client says of itself, and is told
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "application_type",
    "client_id_issued_at",
    "client_secret_expires_at",
    "subject_type",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "dpop_bound_access_tokens",
    "require_pushed_authorization_requests",
    "software_version",
    "default_max_age",
    "require_auth_time",
    "tls_client_certificate_bound_access_tokens",
    "request_object_signing_alg",
    // Refusals of well-known providers: numbers, and names of what to look up
    "error_codes",
    "error_subcode",
    "suberror",
    "timestamp",
    "errorCode",
    "status",
    "statusCode",
    // What people are told
    "error_description",
    "errorSummary",
    "errorCauses",
    "message",
    "detail",
    "title",
    "reason",
    "description",
];

/// Who or what is meant, and for whom.
const NAMED: [&str; 19] = [
    "client_id",
    "redirect_uri",
    "code_challenge",
    "iss",
    "audience",
    "resource",
    "organization",
    "connection",
    "aud",
    "dpop_jkt",
    "redirect_uris",
    "post_logout_redirect_uris",
    "client_name",
    "contacts",
    "software_id",
    "trace_id",
    "correlation_id",
    "errorId",
    "request_id",
];

const ADDRESSES: [&str; 8] = [
    "error_uri",
    "verification_uri",
    "verification_url",
    "post_logout_redirect_uri",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
];

/// So that they are found wherever they are repeated, however short they are.
const SECRET: [&str; 24] = [
    "code",
    "code_verifier",
    "state",
    "nonce",
    "access_token",
    "refresh_token",
    "id_token",
    "id_token_hint",
    "token",
    "subject_token",
    "actor_token",
    "client_secret",
    "client_assertion",
    "assertion",
    "device_code",
    "user_code",
    "verification_uri_complete",
    "request_uri",
    "request",
    "registration_access_token",
    "registration_client_uri",
    "password",
    "device_secret",
    "auth_req_id",
];

/// What `doorkey status` shows of a person too, and what a token is for.
const OF_PERSON: [&str; 20] = [
    "sub",
    "name",
    "email",
    "email_verified",
    "login",
    "id",
    "active",
    "scope",
    "client_id",
    "token_type",
    "exp",
    "iat",
    "nbf",
    "aud",
    "iss",
    "auth_time",
    "updated_at",
    "acr",
    "amr",
    "error",
];

/// The public members of a key (RFC 7517, RFC 7518).
const OF_KEYS: [&str; 17] = [
    "keys", "kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "n", "e", "crv", "x", "y",
    "issuer", "error",
];

const HEADERS: [&str; 37] = [
    "accept",
    "accept-language",
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "dpop-nonce",
    "etag",
    "expires",
    "last-modified",
    "pragma",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "user-agent",
    "vary",
    "x-correlation-id",
    "x-content-type-options",
    "x-frame-options",
    "x-ms-ests-server",
    "x-ms-request-id",
    "x-okta-request-id",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-request-id",
];

/// A field of a form or a query.
pub(super) fn field(name: &str) -> Class {
    // In this order: a name on two lists is as secret as the first says.
    if SECRET.contains(&name) {
        Class::Secret
    } else if NAMED.contains(&name) {
        Class::Named
    } else if WORDS.contains(&name) {
        Class::Words
    } else if ADDRESSES.contains(&name) {
        Class::Address
    } else {
        Class::Unknown
    }
}

/// A member of a JSON body.
pub(super) fn member(name: &str, shape: Shape) -> Class {
    match shape {
        // Of a form it is the authorization code; in JSON some providers call a kind of error so.
        Shape::Protocol if name == "code" => Class::Unknown,
        Shape::Protocol => field(name),
        Shape::Person if OF_PERSON.contains(&name) => Class::Named,
        Shape::Person if ["error_description", "message"].contains(&name) => Class::Words,
        Shape::Person if field(name) == Class::Secret => Class::Secret,
        Shape::Person => Class::Unknown,
        Shape::Description => match name {
            // A client may stand in a description that is told to one client only.
            "client_secret" | "registration_access_token" => Class::Secret,
            "error_description" => Class::Words,
            _ => Class::Named,
        },
        Shape::Keys if OF_KEYS.contains(&name) => Class::Named,
        // The private half of a key, should somebody publish it, among them.
        Shape::Keys if name == "error_description" => Class::Words,
        Shape::Keys => Class::Unknown,
    }
}

/// A header, by its name in small letters. `Location` and credentials have rules of their own.
pub(super) fn header(name: &str) -> Class {
    match name {
        "www-authenticate" | "warning" => Class::Words,
        "location" | "content-location" => Class::Address,
        "authorization" | "proxy-authorization" | "dpop" | "cookie" | "set-cookie" => Class::Secret,
        _ if HEADERS.contains(&name) => Class::Named,
        _ => Class::Unknown,
    }
}
