use crate::words::Family;

pub(super) const REFRESH: Family = family! {
    "refresh" "a renewal"

    "refresh.later" Nobody Yes
        "The sign-in could not be renewed now; you stay signed in."
        "It is tried again by itself.";
    "refresh.session_ended" You No
        "The provider has ended this sign-in."
        "Sign in again.";
    "refresh.interaction_required" You No
        "The provider wants to ask you something before it goes on."
        "Sign in again.";
    "refresh.config" You No
        "A setting is wrong, here or at the provider; the old sign-in is kept."
        "Check the profile against the provider's settings.";
    "refresh.key_lost" You No
        "The key that the session's tokens are bound to is gone, so nobody takes them."
        "Sign in again.";
    "refresh.iss_changed" Provider No
        "The renewed ID token names another provider than the first one."
        "Sign in again.";
    "refresh.sub_changed" Provider No
        "The provider answered for another person than the one who is signed in."
        "Sign in again.";
    "refresh.azp_changed" Provider No
        "The renewed ID token was issued to another application than the first one."
        "Sign in again.";
    "refresh.auth_time_changed" Provider No
        "The renewed ID token tells another log-in time than the first one."
        "Sign in again.";
    "refresh.nonce_changed" Provider No
        "The renewed ID token belongs to another sign-in."
        "Sign in again.";
};

pub(super) const SESSION: Family = family! {
    "session" "there is no session, or it has ended"

    "session.sign_in_required" You No
        "Nobody is signed in, or only you can go on with that session."
        "Sign in with `doorkey login`, or in the window.";
    "session.ambiguous" You No
        "More than one session fits."
        "Name the profile, and the account where it holds several.";
    "session.not_found" You No
        "The session is gone."
        "Sign in again.";
};
