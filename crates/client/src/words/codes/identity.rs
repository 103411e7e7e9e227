use crate::words::Family;

pub(super) const IDTOKEN: Family = family! {
    "idtoken" "the ID token: who the provider says you are"

    "idtoken.missing" Provider No
        "No ID token came, so nobody can say who signed in."
        "Allow OpenID Connect for this application, and ask for the scope `openid`.";
    "idtoken.malformed" Provider No
        "The ID token is not a signed token of three parts with readable claims."
        "Report it to whoever runs the provider.";
    "idtoken.encrypted_unsupported" Provider No
        "The ID token is encrypted, which is not supported."
        "Switch off encryption of ID tokens for this application.";
    "idtoken.alg_not_allowed" Provider No
        "The ID token is signed in a way that is not allowed here, or not at all."
        "Set the algorithm of ID tokens to RS256 or ES256.";
    "idtoken.crit_unsupported" Provider No
        "The ID token demands that a rule be understood that nobody here knows."
        "Report it to whoever runs the provider.";
    "idtoken.wrong_type" Provider No
        "A token of another kind came in the ID token's place."
        "Report it to whoever runs the provider.";
    "idtoken.bad_signature" Provider No
        "The ID token was changed, or somebody else signed it."
        "Do not go on; report it to whoever runs the provider.";
    "idtoken.iss_mismatch" Provider No
        "The ID token is another provider's, or names none."
        "Report it to whoever runs the provider.";
    "idtoken.aud_mismatch" You No
        "The ID token is for another application."
        "Check the profile's client id.";
    "idtoken.aud_untrusted" Provider No
        "The ID token is for this application and for others that nobody here trusts."
        "Check the profile's client id, then report it to whoever runs the provider.";
    "idtoken.azp_mismatch" You No
        "The ID token was issued to another application."
        "Check the profile's client id.";
    "idtoken.sub_missing" Provider No
        "The ID token does not say who signed in."
        "Report it to whoever runs the provider.";
    "idtoken.expired" You No
        "The ID token's time is over, or this computer's clock is ahead."
        "Check that this computer's clock is right, then start again.";
    "idtoken.not_yet_valid" You No
        "The ID token's time has not come, or this computer's clock is behind."
        "Check that this computer's clock is right, then start again.";
    "idtoken.issued_in_future" You No
        "The ID token was issued in the future, or this computer's clock is behind."
        "Check that this computer's clock is right, then start again.";
    "idtoken.iat_missing" Provider No
        "The ID token does not say when it was issued."
        "Report it to whoever runs the provider.";
    "idtoken.nonce_mismatch" Provider No
        "The ID token belongs to another sign-in."
        "Start again; if it happens again, something on the way mixes up answers.";
    "idtoken.nonce_missing" Provider No
        "The ID token does not say which sign-in it belongs to."
        "Start again; if it happens again, report it to whoever runs the provider.";
    "idtoken.at_hash_mismatch" Provider No
        "The access token is not the one that the ID token was made with."
        "Report it to whoever runs the provider.";
    "idtoken.auth_time_too_old" You No
        "You logged in at the provider longer ago than was asked for."
        "Sign in with `prompt=login`.";
    "idtoken.auth_time_missing" Provider No
        "The ID token does not say when you logged in, though that was asked for."
        "Have `auth_time` put into ID tokens, or leave out `max_age`.";
    "idtoken.organization_mismatch" You No
        "You signed in with another organization than was asked for, or with none."
        "Sign in with an account of that organization, or change `organization`.";
    "idtoken.claim_type" Provider No
        "A claim of the ID token is missing, of the wrong type, or impossible."
        "Report it to whoever runs the provider.";
};

pub(super) const JWKS: Family = family! {
    "jwks" "the keys that the provider signs with"

    "jwks.unavailable" Provider Sometimes
        "The provider's keys could not be had, and without them its word cannot be checked."
        "Try again in a while.";
    "jwks.bad_document" Provider No
        "What is at the address of the keys is not a usable list of keys."
        "If this network asks for a sign-in of its own, do that first; otherwise report it.";
    "jwks.no_matching_key" Nobody Yes
        "The key that signed the ID token is not among the provider's."
        "Start again, for the provider may be changing its keys.";
    "jwks.unusable_key" Provider No
        "The key that signed the ID token is too weak or not fit for that, so it proves nothing."
        "Report it to whoever runs the provider.";
};

pub(super) const USERINFO: Family = family! {
    "userinfo" "what the provider tells about you beside the ID token"

    "userinfo.unavailable" Provider Sometimes
        "The provider does not tell name and e-mail address now."
        "Nothing needs to be done where you are signed in all the same; otherwise check the profile's scopes.";
    "userinfo.bad_document" Provider No
        "What the provider tells cannot be read, and nothing of it is used."
        "Report it to whoever runs the provider.";
    "userinfo.signed_unsupported" Provider No
        "What the provider tells is signed in a way that is not supported."
        "Switch off signed userinfo for this application.";
    "userinfo.signature_refused" Provider No
        "What the provider tells is a token that did not pass the checks, and nothing of it is used."
        "Report it to whoever runs the provider.";
    "userinfo.sub_mismatch" Provider No
        "What the provider tells is about somebody else, and nothing of it is used."
        "Report it to whoever runs the provider.";
    "userinfo.no_id" You No
        "The account page has nothing where the profile says that the account's id is."
        "Check the profile's pointers against the provider's documentation.";
};
