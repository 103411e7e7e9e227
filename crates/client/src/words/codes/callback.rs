use crate::words::Family;

pub(super) const CALLBACK: Family = family! {
    "callback" "the answer that came through the browser"

    "callback.timeout" You Yes
        "No answer came from the browser in time."
        "If the browser showed an error about the redirect address, register it; then sign in again.";
    "callback.access_denied" You No
        "You, or your administrator, declined."
        "Sign in again and allow it, or ask your administrator.";
    "callback.invalid_request" You No
        "The provider did not understand the request."
        "Check the profile's parameters against the provider's settings.";
    "callback.unauthorized_client" Provider No
        "The provider does not let this application sign people in this way."
        "Make it a native application there, with the authorization code grant.";
    "callback.unsupported_response_type" Provider No
        "The provider does not offer the authorization code flow to this application."
        "Make it a native application there, with the authorization code grant.";
    "callback.invalid_scope" You No
        "The provider does not know or does not allow a scope that was asked for."
        "Remove the scope from the profile, or allow it at the provider.";
    "callback.invalid_target" You No
        "The provider does not know or does not allow the API that was asked for."
        "Check the profile's `audience` and `resources`.";
    "callback.server_error" Nobody Yes
        "The provider had a problem of its own."
        "Start again in a while.";
    "callback.temporarily_unavailable" Nobody Yes
        "The provider is too busy, or under maintenance."
        "Start again in a while.";
    "callback.login_required" You No
        "The provider wants you to log in, which this request did not allow."
        "Sign in without `prompt=none`.";
    "callback.consent_required" You No
        "The provider wants your consent, which this request did not allow to ask for."
        "Sign in without `prompt=none`.";
    "callback.interaction_required" You No
        "The provider wants to ask you something, which this request did not allow."
        "Sign in without `prompt=none`.";
    "callback.account_selection_required" You No
        "The provider wants you to choose an account, which this request did not allow."
        "Sign in without `prompt=none`.";
    "callback.provider_error" You No
        "The provider refused with an error code of its own, which the message shows."
        "Check the profile against the provider's settings, or ask there what the code means.";
    "callback.iss_mismatch" Provider No
        "The answer names another provider than the one that was asked."
        "Start again; if it happens again, something on the way mixes up answers.";
    "callback.iss_missing" Provider No
        "The provider promises to put its name into answers, and this one has none."
        "Start again; if it happens again, something on the way mixes up answers.";
    "callback.duplicate_parameter" Provider No
        "The answer carries a parameter twice, so nobody can say which one counts."
        "Start again.";
    "callback.token_in_url" Provider No
        "The answer carries a token in the address, where others can read it."
        "Allow only the authorization code grant for this application at the provider.";
    "callback.no_code" Provider No
        "The answer carries neither a code nor an error."
        "Start again.";
    "callback.paste_unusable" You Yes
        "What was pasted is not one whole address."
        "Copy the whole address from the browser's address bar, and nothing else.";
    "callback.paste_other_address" You Yes
        "The pasted address is not the one that this sign-in waits at."
        "Paste the address of the page that could not be reached after you signed in.";
    "callback.paste_no_answer" You Yes
        "The pasted address carries no answer."
        "Finish signing in in the browser first, then copy the address it ends at.";
    "callback.paste_other_sign_in" You Yes
        "The pasted address belongs to another sign-in."
        "Open the address of this sign-in, and paste where that one ends.";
    "callback.paste_damaged" You Yes
        "The pasted address was cut or changed on the way."
        "Copy the whole address from the browser's address bar, and nothing else.";
    "callback.state_mismatch" You No
        "The answer belongs to another sign-in."
        "Start again.";
};
