//! One function for each call: words in, a verb of the agent, words out.

use std::sync::Arc;

use super::Served;
use super::answer::{Created, Done, Refused};
use super::asked::{Body, InAddress};
use crate::peer::Peer;
use crate::{look, proof, sign_out, token};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use doorkey_client::words::{
    DiscoveryRequest, Hello, IntrospectionAnswer, IntrospectionRequest, PastedRedirect, ProfileEntry, ProfileView,
    ProofAnswer, ProofRequest, Provider, Refusal, RegistrationRequest, RenewalRequest, Session, Sessions, SignInDetail,
    SignInRequest, SignOutAnswer, SignOutRequest, StepRequest, TokenAnswer, TokenReport, TokenRequest, VaultChoice,
    VaultMove, VaultMoved, VaultStatus,
};

pub(super) type Answer<T> = Result<Json<T>, Refused>;

pub(super) async fn hello(State(served): State<Served>) -> Json<Hello> {
    Json(served.agent.hello())
}

pub(super) async fn profiles(State(served): State<Served>) -> Json<Vec<ProfileView>> {
    Json(served.agent.profiles())
}

pub(super) async fn put_profile(
    State(served): State<Served>,
    InAddress(Path(name)): InAddress<Path<String>>,
    Body(mut entry): Body<ProfileEntry>,
) -> Answer<ProfileView> {
    if entry.profile.name.is_empty() {
        entry.profile.name.clone_from(&name);
    }
    if entry.profile.name != name {
        let hint = "Leave the name in the body out, or add the profile under its new name and remove the old one.";
        return Err(Refused(Refusal::new(
            "config.bad_name",
            "The name of the profile differs in the address and in the body.",
            hint,
        )));
    }
    Ok(Json(to_its_end(async move { served.agent.put_profile(entry).await }).await?))
}

pub(super) async fn delete_profile(
    State(served): State<Served>,
    InAddress(Path(name)): InAddress<Path<String>>,
) -> Result<Done, Refused> {
    to_its_end(async move { served.agent.delete_profile(&name).await }).await?;
    Ok(Done)
}

pub(super) async fn discover(State(served): State<Served>, Body(request): Body<DiscoveryRequest>) -> Answer<Provider> {
    Ok(Json(served.agent.discover(&request).await?))
}

/// In a task of its own: a caller that goes away must not leave a client behind that nobody knows of.
pub(super) async fn register(
    State(served): State<Served>,
    Body(request): Body<RegistrationRequest>,
) -> Result<Created<ProfileView>, Refused> {
    Ok(Created(to_its_end(async move { served.agent.register(request).await }).await?))
}

pub(super) async fn unregister(
    State(served): State<Served>,
    InAddress(Path(name)): InAddress<Path<String>>,
) -> Result<Done, Refused> {
    to_its_end(async move { served.agent.unregister(&name).await }).await?;
    Ok(Done)
}

/// Goes on when the caller has gone.
pub(super) async fn to_its_end<T: Send + 'static>(
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
    Extension(peer): Extension<Arc<Peer>>,
    Body(request): Body<SignInRequest>,
) -> Result<Created<SignInDetail>, Refused> {
    Ok(Created(served.agent.start_sign_in(&peer, request).await?))
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

pub(super) async fn step(
    State(served): State<Served>,
    Extension(peer): Extension<Arc<Peer>>,
    InAddress(Path(id)): InAddress<Path<String>>,
    Body(request): Body<StepRequest>,
) -> Answer<SignInDetail> {
    Ok(Json(served.agent.step(&peer, &id, request).await?))
}

pub(super) async fn hand_in(
    State(served): State<Served>,
    InAddress(Path(id)): InAddress<Path<String>>,
    Body(pasted): Body<PastedRedirect>,
) -> Answer<SignInDetail> {
    Ok(Json(served.agent.hand_in(&id, pasted).await?))
}

pub(super) async fn open_again(
    State(served): State<Served>,
    InAddress(Path(id)): InAddress<Path<String>>,
) -> Answer<SignInDetail> {
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
    Ok(Json(to_its_end(async move { served.agent.move_vault(moving).await }).await?))
}

/// In a task of its own, as a sign-out is.
pub(super) async fn lock_vault(State(served): State<Served>) -> Answer<VaultStatus> {
    Ok(Json(to_its_end(async move { served.agent.lock_vault().await }).await?))
}
