//! One function for each call: words in, a verb of the agent, words out.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use doorkey_client::words::{
    DiscoveryRequest, ErrorBody, Hello, IntrospectionAnswer, IntrospectionRequest, PastedRedirect, ProfileEntry,
    ProfileView, ProofAnswer, ProofRequest, Provider, Refusal, RegistrationRequest, RenewalRequest, Session, Sessions,
    SignInDetail, SignInRequest, SignOutAnswer, SignOutRequest, TokenAnswer, TokenReport, TokenRequest, VERSION,
    VaultChoice, VaultMove, VaultMoved, VaultStatus,
};
use serde::de::DeserializeOwned;

use super::Served;
use crate::peer::Peer;
use crate::{look, proof, sign_out, token};

pub(super) type Answer<T> = Result<Json<T>, Refused>;

/// A refusal as an answer, with the status that fits its code.
pub(super) struct Refused(pub(super) Refusal);

/// A body of ours; anything else is refused with the place where it went wrong.
pub(super) struct Body<T>(pub(super) T);

/// A part of the address; one that is not understood is refused in the same shape as everything else.
pub(super) struct InAddress<E>(pub(super) E);

pub(super) async fn hello(State(served): State<Served>) -> Json<Hello> {
    Json(served.agent.hello())
}

pub(super) async fn profiles(State(served): State<Served>) -> Json<Vec<ProfileView>> {
    Json(served.agent.profiles())
}

pub(super) async fn put_profile(
    State(served): State<Served>,
    InAddress(Path(name)): InAddress<Path<String>>,
    Body(entry): Body<ProfileEntry>,
) -> Answer<ProfileView> {
    if entry.profile.name != name {
        return Err(Refused(Refusal::new("broker.bad_request", "The name in the address and in the body differ.", "")));
    }
    Ok(Json(served.agent.put_profile(entry).await?))
}

pub(super) async fn delete_profile(
    State(served): State<Served>,
    InAddress(Path(name)): InAddress<Path<String>>,
) -> Answer<()> {
    Ok(Json(served.agent.delete_profile(&name).await?))
}

pub(super) async fn discover(State(served): State<Served>, Body(request): Body<DiscoveryRequest>) -> Answer<Provider> {
    Ok(Json(served.agent.discover(&request).await?))
}

/// In a task of its own: a caller that goes away must not leave a client behind that nobody knows of.
pub(super) async fn register(
    State(served): State<Served>,
    Body(request): Body<RegistrationRequest>,
) -> Result<(StatusCode, Json<ProfileView>), Refused> {
    let view = to_its_end(async move { served.agent.register(request).await }).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

pub(super) async fn unregister(State(served): State<Served>, Path(name): Path<String>) -> Answer<()> {
    Ok(Json(to_its_end(async move { served.agent.unregister(&name).await }).await?))
}

/// Goes on when the caller has gone.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refused> {
    match tokio::spawn(work).await {
        Ok(answer) => Ok(answer?),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

pub(super) async fn sessions(State(served): State<Served>) -> Answer<Sessions> {
    Ok(Json(served.agent.session_list().await?))
}

pub(super) async fn start_sign_in(
    State(served): State<Served>,
    Body(request): Body<SignInRequest>,
) -> Result<(StatusCode, Json<SignInDetail>), Refused> {
    Ok((StatusCode::CREATED, Json(served.agent.start_sign_in(request).await?)))
}

pub(super) async fn look_at_sign_in(
    State(served): State<Served>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Answer<SignInDetail> {
    Ok(Json(served.agent.look_at_sign_in(&id)?))
}

pub(super) async fn cancel_sign_in(
    State(served): State<Served>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Answer<SignInDetail> {
    Ok(Json(served.agent.cancel_sign_in(&id)?))
}

pub(super) async fn hand_in(
    State(served): State<Served>,
    Path(id): Path<String>,
    Body(pasted): Body<PastedRedirect>,
) -> Answer<SignInDetail> {
    Ok(Json(served.agent.hand_in(&id, pasted).await?))
}

pub(super) async fn open_again(State(served): State<Served>, Path(id): Path<String>) -> Answer<SignInDetail> {
    Ok(Json(served.agent.open_again(&id).await?))
}

pub(super) async fn token(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<TokenRequest>,
) -> Answer<TokenAnswer> {
    Ok(Json(token::token(&served.agent, &request, &peer).await?))
}

pub(super) async fn proof(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<ProofRequest>,
) -> Answer<ProofAnswer> {
    Ok(Json(proof::proof(&served.agent, &request, &peer).await?))
}

pub(super) async fn token_report(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<TokenRequest>,
) -> Answer<TokenReport> {
    Ok(Json(look::report(&served.agent, &request, &peer).await?))
}

pub(super) async fn introspect(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<IntrospectionRequest>,
) -> Answer<IntrospectionAnswer> {
    Ok(Json(look::introspected(&served.agent, &request, &peer).await?))
}

pub(super) async fn renew(State(served): State<Served>, Body(request): Body<RenewalRequest>) -> Answer<Session> {
    Ok(Json(served.agent.renew(&request).await?))
}

/// In a task of its own: a caller that goes away must not leave a session half signed out.
pub(super) async fn sign_out(
    State(served): State<Served>,
    Body(request): Body<SignOutRequest>,
) -> Answer<SignOutAnswer> {
    Ok(Json(to_its_end(async move { sign_out::sign_out(&served.agent, &request).await }).await?))
}

pub(super) async fn choose_vault(State(served): State<Served>, Body(choice): Body<VaultChoice>) -> Answer<VaultStatus> {
    Ok(Json(served.agent.choose_vault(choice).await?))
}

/// In a task of its own: a caller that goes away does not leave it half told.
pub(super) async fn move_vault(State(served): State<Served>, Body(moving): Body<VaultMove>) -> Answer<VaultMoved> {
    match tokio::spawn(async move { served.agent.move_vault(moving).await }).await {
        Ok(answer) => Ok(Json(answer?)),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// In a task of its own, as a sign-out is.
pub(super) async fn lock_vault(State(served): State<Served>) -> Answer<VaultStatus> {
    match tokio::spawn(async move { served.agent.lock_vault().await }).await {
        Ok(answer) => Ok(Json(answer?)),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

pub(super) async fn unknown(uri: Uri) -> (StatusCode, Refused) {
    let path: String = uri.path().chars().take(80).collect();
    let refusal = Refusal::new(
        "broker.unknown_method",
        format!("The agent knows no call `{path}`."),
        "It may be older than the program that calls: stop it, and start it from the newer version.",
    );
    (StatusCode::NOT_FOUND, Refused(refusal))
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> (StatusCode, Refused) {
    let path: String = uri.path().chars().take(80).collect();
    // HTTP knows no longest name of a method.
    let method: String = method.as_str().chars().take(20).collect();
    let refusal =
        Refusal::new("broker.unknown_method", format!("`{path}` does not take {method}."), "See the list of calls.");
    (StatusCode::METHOD_NOT_ALLOWED, Refused(refusal))
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| {
            let refusal = Refusal::new("broker.too_large", "The request is larger than 64 KiB, or was cut.", "");
            (StatusCode::PAYLOAD_TOO_LARGE, Refused(refusal)).into_response()
        })?;
        // serde would take an array for an object.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            let refusal = Refusal::new("broker.bad_request", "The request is not a JSON object.", "");
            return Err((StatusCode::BAD_REQUEST, Refused(refusal)).into_response());
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            // serde's text may quote the value; its kind and place are enough, and hold no secret.
            let what = match error.classify() {
                serde_json::error::Category::Syntax => "it is not JSON",
                serde_json::error::Category::Eof => "it ends too soon",
                serde_json::error::Category::Data | serde_json::error::Category::Io => {
                    "a member is missing or of the wrong type"
                }
            };
            let place = format!("line {}, column {}", error.line(), error.column());
            let refusal =
                Refusal::new("broker.bad_request", format!("The request was not understood at {place}: {what}."), "");
            (StatusCode::BAD_REQUEST, Refused(refusal)).into_response()
        })
    }
}

impl<S: Send + Sync, E: FromRequestParts<S>> FromRequestParts<S> for InAddress<E> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        E::from_request_parts(parts, state).await.map(Self).map_err(|_| {
            let refusal = Refusal::new("broker.bad_request", "The address of the request was not understood.", "");
            (StatusCode::BAD_REQUEST, Refused(refusal)).into_response()
        })
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0.code.as_str() {
            "config.no_profile" | "login.unknown" | "registration.unknown" | "broker.consent_unknown" => {
                StatusCode::NOT_FOUND
            }
            "broker.busy" => StatusCode::SERVICE_UNAVAILABLE,
            code => match code.split_once('.').map_or(code, |(family, _)| family) {
                "config" | "usage" => StatusCode::BAD_REQUEST,
                "broker" => StatusCode::FORBIDDEN,
                "store" => StatusCode::SERVICE_UNAVAILABLE,
                "net" | "discovery" | "jwks" | "token" | "dpop" | "idtoken" | "userinfo" => StatusCode::BAD_GATEWAY,
                "refresh" if self.0.retryable => StatusCode::SERVICE_UNAVAILABLE,
                "session" | "refresh" | "login" | "user" | "callback" | "device" => StatusCode::CONFLICT,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        };
        (status, Json(ErrorBody { version: VERSION, error: self.0 })).into_response()
    }
}
