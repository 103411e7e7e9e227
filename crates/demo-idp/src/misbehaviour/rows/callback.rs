// Rows about the authorization response: what the browser brings back.

macro_rules! callback_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

StateSuffix "state-suffix" ["HP-63"] "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails" => Waiting
    "The answer's `state` has a `1` at its end.";
StateMissing "state-missing" ["HP-64"] "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails" => Waiting
    "The answer has no `state`.";
CallbackIssSuffix "callback-iss-suffix" ["HP-65"] "fapi2-security-profile-final-client-test-invalid-authorization-response-iss" => Refused("callback.iss_mismatch")
    "The answer's `iss` has a `1` at its end.";
CallbackIssMissing "callback-iss-missing" ["HP-66"] "fapi2-security-profile-final-client-test-remove-authorization-response-iss" => Refused("callback.iss_missing")
    "The answer has no `iss`, which the metadata promise.";
JarmResponse "jarm-response" ["HP-79"] "fapi2-security-profile-final-client-test-ensure-jarm-signature-is-not-none" => Refused("callback.token_in_url")
    "A signed authorization response (`response`) comes beside the code, though nobody asked for one.";
FormPostError "form-post-error" ["HP-34"] "oidcc-client-test-form-post-error" asks FormPost => Refused("callback.login_required")
    "A page posts `error=login_required` to the redirect URI.";

StateTwice "state-twice" ["HP-AZ-01"] "" => Waiting
    "The answer's `state` is there twice, the same each time.";
StateTwiceDifferent "state-twice-different" ["HP-AZ-01"] "" => Waiting
    "The answer's `state` is there twice, another the second time.";
CodeTwice "code-twice" ["HP-AZ-01"] "" => Refused("callback.duplicate_parameter")
    "The answer's `code` is there twice, the same each time.";
CodeTwiceDifferent "code-twice-different" ["HP-AZ-01"] "" => Refused("callback.duplicate_parameter")
    "The answer's `code` is there twice, another the second time.";
ErrorTwice "error-twice" ["HP-AZ-01"] "" => Refused("callback.duplicate_parameter")
    "The answer is an error, and `error` is there twice, the same each time.";
ErrorTwiceDifferent "error-twice-different" ["HP-AZ-01"] "" => Refused("callback.duplicate_parameter")
    "The answer is an error, and `error` is there twice, another the second time.";
CallbackIssTwice "callback-iss-twice" ["HP-AZ-01"] "" => Refused("callback.duplicate_parameter")
    "The answer's `iss` is there twice, the same each time.";
CallbackIssTwiceDifferent "callback-iss-twice-different" ["HP-AZ-01"] "" => Refused("callback.duplicate_parameter")
    "The answer's `iss` is there twice, another the second time.";
CodeAndError "code-and-error" ["HP-AZ-02"] "" => Refused("callback.access_denied")
    "The answer carries a code and `error=access_denied`.";
NeitherCodeNorError "neither-code-nor-error" ["HP-AZ-03"] "" => Refused("callback.no_code")
    "The answer carries `state` and `iss` alone.";
EmptyCode "empty-code" ["HP-AZ-04"] "" => Refused("callback.no_code")
    "The answer's `code` is empty.";
LongCode "long-code" ["HP-AZ-05"] "" => Accepted
    "The code is 7 KiB long.";
HugeCode "huge-code" ["HP-AZ-05"] "" => Waiting
    "The code is 9 KiB long, more than a listener has to take.";
MixUp "mix-up" ["HP-AZ-06"] "" => Refused("callback.iss_mismatch")
    "The browser is sent on to another provider, whose answer comes with this sign-in's `state`.";
MixUpWithoutIss "mix-up-without-iss" ["HP-AZ-07"] "" => Refused("token.code_rejected")
    "The browser is sent on to another provider, whose answer comes with this sign-in's `state`; neither promises `iss`.";
AccessTokenInUrl "access-token-in-url" ["HP-AZ-08" "HP-51"] "rp-response_type-code+token" => Refused("callback.token_in_url")
    "An access token comes in the address, beside the code.";
IdTokenInUrl "id-token-in-url" ["HP-AZ-08" "HP-51"] "rp-response_type-code+id_token" => Refused("callback.token_in_url")
    "An ID token comes in the address, beside the code.";
AnswerInFragment "answer-in-fragment" ["HP-AZ-09"] "" => Waiting
    "The answer stands behind the `#`, which browsers do not send.";
CallbackIssSlash "callback-iss-slash" ["HP-AZ-10"] "" => Refused("callback.iss_mismatch")
    "The answer's `iss` differs by the slash at its end.";
CallbackIssEncodedTwice "callback-iss-encoded-twice" ["HP-AZ-10"] "" => Refused("callback.iss_mismatch")
    "The answer's `iss` is percent-encoded twice.";
DescriptionHtml "description-html" ["HP-AZ-11"] "" => Refused("callback.access_denied")
    "An error whose description is markup with a script and an image.";
DescriptionRightToLeft "description-right-to-left" ["HP-AZ-11"] "" => Refused("callback.access_denied")
    "An error whose description turns the reading direction.";
DescriptionAnsi "description-ansi" ["HP-AZ-11"] "" => Refused("callback.access_denied")
    "An error whose description has terminal commands in it.";
DescriptionNul "description-nul" ["HP-AZ-11"] "" => Refused("callback.access_denied")
    "An error whose description has a NUL in it.";
DescriptionLong "description-long" ["HP-AZ-11"] "" => Refused("callback.access_denied")
    "An error whose description is 7 KiB long.";
CodeOfAnotherClient "code-of-another-client" ["HP-AZ-14"] "" => Refused("token.code_rejected")
    "The code was made for another client.";
PasswordPostedOn "password-posted-on" ["HP-AZ-15"] "" => Waiting
    "The login form is answered with 307, so that the browser posts the password on to the redirect URI.";
ErrorLoginRequired "error-login-required" ["HP-AZ-16"] "" => Refused("callback.login_required")
    "The answer is `error=login_required`.";
ErrorConsentRequired "error-consent-required" ["HP-AZ-16"] "" => Refused("callback.consent_required")
    "The answer is `error=consent_required`.";
ErrorInteractionRequired "error-interaction-required" ["HP-AZ-16"] "" => Refused("callback.interaction_required")
    "The answer is `error=interaction_required`.";
ErrorAccountSelectionRequired "error-account-selection-required" ["HP-AZ-16"] "" => Refused("callback.account_selection_required")
    "The answer is `error=account_selection_required`.";
ErrorTemporarilyUnavailable "error-temporarily-unavailable" ["HP-AZ-16"] "" => Refused("callback.temporarily_unavailable")
    "The answer is `error=temporarily_unavailable`.";
ErrorServerError "error-server-error" ["HP-AZ-16"] "" => Refused("callback.server_error")
    "The answer is `error=server_error`.";
ErrorUnauthorizedClient "error-unauthorized-client" ["HP-AZ-16"] "" => Refused("callback.unauthorized_client")
    "The answer is `error=unauthorized_client`.";
ErrorUnknown "error-unknown" ["HP-AZ-16"] "" => Refused("callback.provider_error")
    "The answer is an error nobody has heard of.";

    } };
}
