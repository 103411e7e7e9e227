use crate::words::Family;

pub(super) const TOKEN: Family = family! {
    "token" "the token endpoint's answer, and what is asked about tokens"

    "token.code_rejected" You No
        "The provider does not take the code: it is too old, used, or another client's."
        "Start again.";
    "token.client_rejected" You No
        "The provider does not take the client id, or how the client authenticates."
        "Check the client id, and whether the provider expects a secret.";
    "token.invalid_scope" You No
        "The provider does not know or does not allow a scope that was asked for."
        "Remove the scope from the profile, or allow it at the provider.";
    "token.invalid_target" You No
        "The provider does not know or does not allow the API that was asked for."
        "Check the profile's `audience` and `resources`.";
    "token.unsupported_grant_type" Provider No
        "The provider does not allow this application that grant."
        "Allow it the authorization code and refresh token grants there.";
    "token.refused" You No
        "The provider refused with an error that the message shows."
        "Check the profile against the provider's settings.";
    "token.server_error" Nobody Yes
        "The provider is busy or broken."
        "Start again in a while.";
    "token.not_json" Provider No
        "A page or something else came where the tokens belong."
        "If this network asks for a sign-in of its own, do that first.";
    "token.too_large" Provider No
        "The answer, or a token in it, is larger than any that can be used."
        "Ask for fewer scopes or claims, or report it to whoever runs the provider.";
    "token.bad_response" Provider No
        "The answer breaks the rules for token answers, and nothing of it is used."
        "Report it to whoever runs the provider.";
    "token.bad_field" Provider No
        "A member of the answer has the wrong type or an impossible value."
        "Report it to whoever runs the provider.";
    "token.unsupported_type" Provider No
        "The tokens are of a type that nobody here knows how to use."
        "Report it to whoever runs the provider.";
    "token.dpop_downgrade" Provider No
        "A token bound to a key was asked for, and one came that anybody could use."
        "Switch on DPoP for this application at the provider, or off in the profile.";
    "token.bad_characters" Provider No
        "The access token has characters that no header can carry, so it was not printed."
        "Report it to whoever runs the provider.";
    "token.connection_refused" You No
        "The provider gave no token of the upstream provider."
        "Sign in through that connection once more, and have the provider keep its tokens.";
    "token.introspection_not_offered" Provider No
        "The provider does not tell about tokens."
        "Nothing needs to be done, for the token works all the same.";
    "token.introspection_refused" Provider Sometimes
        "The provider does not tell this application about tokens."
        "Nothing needs to be done, for the token works all the same.";
    "token.introspection_bad_answer" Provider No
        "What the provider tells about the token breaks the rules."
        "Report it to whoever runs the provider.";
    "token.revocation_not_offered" Provider No
        "The provider cannot be told to end a token; you are signed out on this computer."
        "Use the provider's account page to end the session there too.";
    "token.revocation_unsupported" Provider No
        "The provider does not end tokens of this kind; you are signed out on this computer."
        "Use the provider's account page to end the session there too.";
    "token.revocation_refused" Provider No
        "The provider refused to end the token; you are signed out on this computer."
        "Use the provider's account page to end the session there too.";
};

pub(super) const DPOP: Family = family! {
    "dpop" "proving that a token's key is ours"

    "dpop.clock" You No
        "The provider does not take a proof because this computer's clock and its own differ."
        "Set this computer's clock right.";
    "dpop.proof_rejected" You No
        "The provider does not take the proof, though the clocks agree."
        "Sign in again: the key of this sign-in is no longer the provider's.";
    "dpop.nonce_loop" Provider No
        "The provider asks for another nonce each time it is given one."
        "Report it to whoever runs the provider.";
    "dpop.bad_nonce" Provider No
        "The nonce that the provider wants in the next proof cannot be used."
        "Report it to whoever runs the provider.";
};
