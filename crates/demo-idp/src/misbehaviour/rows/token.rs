// Rows about the token endpoint's answer.

macro_rules! token_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

TokenTypeCase "token-type-case" ["HP-74"] "fapi2-security-profile-final-client-test-token-type-case-insensitivity" => Accepted
    "`token_type` with the case of its letters turned.";
ExpiresInMissing "expires-in-missing" ["HP-75"] "fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in" => Accepted
    "No `expires_in`.";
ScopeMissing "scope-missing" ["HP-82"] "fapi1-advanced-final-client-test-no-scope-in-token-endpoint-response" => Accepted
    "Neither `scope` nor `expires_in`.";
TokenTextHtml "token-text-html" ["HP-TK-01"] "" => Refused("token.not_json")
    "Good JSON that is said to be `text/html`.";
TokenTextPlain "token-text-plain" ["HP-TK-01"] "" => Refused("token.not_json")
    "Good JSON that is said to be `text/plain`.";
TokenWithoutContentType "token-without-content-type" ["HP-TK-01"] "" => Accepted
    "Good JSON without a content type.";
TokenCharsetUtf16 "token-charset-utf-16" ["HP-TK-01"] "" => Accepted
    "Good JSON in UTF-8 that is said to be `application/json; charset=utf-16`; JSON has no such parameter.";
TokenJsonSuffix "token-json-suffix" ["HP-TK-01"] "" => Accepted
    "Good JSON that is said to be `application/vnd.demo+json`.";
TokenErrorWith200 "token-error-with-200" ["HP-TK-02"] "" => Refused("token.code_rejected")
    "`invalid_grant` with HTTP 200.";
TokensWith400 "tokens-with-400" ["HP-TK-02"] "" => Refused("token.bad_response")
    "Good tokens with HTTP 400.";
TokensWith201 "tokens-with-201" ["HP-TK-02"] "" => Accepted
    "Good tokens with HTTP 201.";
TokenNoContent "token-no-content" ["HP-TK-02"] "" => Refused("token.bad_response")
    "HTTP 204 and nothing else.";
TokenError500 "token-error-500" ["HP-TK-02"] "" => Refused("token.server_error")
    "`server_error` in JSON with HTTP 500.";
TokenError403 "token-error-403" ["HP-TK-02"] "" => Refused("token.code_rejected")
    "`invalid_grant` with HTTP 403.";
TokenError429 "token-error-429" ["HP-TK-02"] "" => Refused("token.server_error")
    "`too_many_requests` with HTTP 429 and `Retry-After`.";
AccessTokenNumber "access-token-number" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`access_token` is a number.";
AccessTokenNull "access-token-null" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`access_token` is `null`.";
AccessTokenEmpty "access-token-empty" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`access_token` is empty.";
AccessTokenObject "access-token-object" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`access_token` is an object.";
ExpiresInText "expires-in-text" ["HP-TK-03"] "" => Accepted
    "`expires_in` is a text of digits, as some providers send it.";
ExpiresInNegative "expires-in-negative" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`expires_in` is -1.";
ExpiresInOutOfRange "expires-in-out-of-range" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`expires_in` is 1e309.";
ExpiresInFraction "expires-in-fraction" ["HP-TK-03"] "" => Accepted
    "`expires_in` is 3600.5.";
ExpiresInHuge "expires-in-huge" ["HP-TK-03"] "" => Accepted
    "`expires_in` is 99999999999.";
ScopeList "scope-list" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`scope` is a list.";
TokenTypeNumber "token-type-number" ["HP-TK-03"] "" => Refused("token.bad_field")
    "`token_type` is a number.";
TokenTypeMac "token-type-mac" ["HP-TK-03"] "" => Refused("token.unsupported_type")
    "`token_type` is `mac`.";
TokenTypeMissing "token-type-missing" ["HP-TK-03"] "" => Refused("token.unsupported_type")
    "No `token_type`.";
TokenRedirect302 "token-redirect-302" ["HP-TK-04"] "" => Refused("net.unexpected_redirect")
    "The token endpoint redirects to another host with HTTP 302.";
TokenRedirect303 "token-redirect-303" ["HP-TK-04"] "" => Refused("net.unexpected_redirect")
    "The token endpoint redirects to another host with HTTP 303.";
TokenRedirect307 "token-redirect-307" ["HP-TK-04"] "" => Refused("net.unexpected_redirect")
    "The token endpoint redirects to another host with HTTP 307.";
TokenRedirect308 "token-redirect-308" ["HP-TK-04"] "" => Refused("net.unexpected_redirect")
    "The token endpoint redirects to another host with HTTP 308.";
TokenCut "token-cut" ["HP-TK-05"] "" => Refused("net.no_answer")
    "Half of the answer, then the connection ends.";
TokenCutInChunk "token-cut-in-chunk" ["HP-TK-05"] "" => Refused("net.no_answer")
    "Half of the answer in chunks, and no last chunk.";
TokenReset "token-reset" ["HP-TK-05"] "" => Refused("net.no_answer")
    "The connection is reset instead of an answer.";
TokenHuge "token-huge" ["HP-TK-05"] "" => Refused("net.too_large")
    "64 MiB of JSON.";
TokenGzipBomb "token-gzip-bomb" ["HP-TK-05"] "" => Refused("token.bad_response")
    "A gzip body that unpacks to 16 MiB, though nobody offered to unpack.";
TokenSlow "token-slow" ["HP-TK-05"] "" => Refused("net.timeout")
    "The answer comes one byte a second.";
TokenByteOrderMark "token-byte-order-mark" ["HP-TK-05"] "" => Accepted
    "A byte order mark stands before good JSON.";
TokenMemberTwice "token-member-twice" ["HP-TK-05"] "" => Refused("token.bad_response")
    "`access_token` is there twice.";
TokenDeep "token-deep" ["HP-TK-05"] "" => Refused("token.bad_response")
    "A member nests 10,000 lists.";
TokenBadUtf8 "token-bad-utf-8" ["HP-TK-05"] "" => Refused("token.bad_response")
    "A byte that is no UTF-8 stands in a member.";
EchoedSecrets "echoed-secrets" ["HP-TK-06"] "" => Refused("token.code_rejected")
    "`invalid_grant` with the code, the verifier and the secret of the request in its description.";
IdTokenAbsent "id-token-absent" ["HP-TK-07"] "" => Refused("idtoken.missing")
    "No ID token, though `openid` was granted.";
AccessTokenIsIdToken "access-token-is-id-token" ["HP-TK-08"] "" => Accepted
    "Access token and ID token are the same text.";
RefreshTokenAbsent "refresh-token-absent" ["HP-TK-08"] "" => Accepted
    "No refresh token, though `offline_access` was granted.";
CookiesAndHints "cookies-and-hints" ["HP-TK-10"] "" => Accepted
    "Every answer sets a cookie, `Strict-Transport-Security` and `Alt-Svc`.";

DpopDowngrade "dpop-downgrade" ["HP-TK-09"] "" asks Dpop => Refused("token.dpop_downgrade")
    "A proof is answered with a `Bearer` token.";
DpopNonceLoop "dpop-nonce-loop" ["HP-TK-09"] "" asks Dpop => Refused("dpop.nonce_loop")
    "Every proof is asked for another nonce.";
DpopTwoNonces "dpop-two-nonces" ["HP-TK-09"] "" asks Dpop => Refused("dpop.bad_nonce")
    "The answer that asks for a nonce brings two.";
DpopProofTooOld "dpop-proof-too-old" ["HP-TK-09"] "" asks Dpop => Refused("dpop.proof_rejected")
    "Every proof is said to be too old or too new.";
DpopSchemeCase "dpop-scheme-case" ["HP-76"] "fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity" asks Dpop => Accepted
    "Userinfo asks for a nonce with the scheme written `dPoP`.";

DeviceDeniedAtThird "device-denied-at-third" ["HP-86"] "fapi-ciba-id1-client-test-invalid-access-denied" asks Device => Refused("device.access_denied")
    "The third question of a device is answered with `access_denied`.";
DeviceExpiredAtThird "device-expired-at-third" ["HP-86"] "fapi-ciba-id1-client-test-invalid-expired-token" asks Device => Refused("device.expired")
    "The third question of a device is answered with `expired_token`.";
DeviceInvalidAtThird "device-invalid-at-third" ["HP-86"] "fapi-ciba-id1-client-test-invalid-request" asks Device => Refused("token.refused")
    "The third question of a device is answered with `invalid_request`.";
DeviceLongInterval "device-long-interval" ["HP-87"] "fapi-ciba-id1-client-test-respects-interval" asks Device => Accepted
    "A device must wait 31 seconds between two questions.";
DeviceSlowDown "device-slow-down" ["HP-88"] "fapi-ciba-id1-client-test-slow-down" asks Device => Accepted
    "The second question of a device is answered with `slow_down`.";
DeviceCodeMissing "device-code-missing" ["HP-89"] "fapi-ciba-id1-client-test-missing-authreqid" asks Device => Refused("device.bad_answer")
    "A device gets no `device_code`.";
DeviceExpiresInMissing "device-expires-in-missing" ["HP-89"] "fapi-ciba-id1-client-test-missing-expiresin" asks Device => Refused("device.bad_answer")
    "A device is not told how long its codes are good.";
DeviceUriPlain "device-uri-plain" ["T-20"] "" asks Device => Refused("device.bad_uri")
    "A device is given a `verification_uri` without TLS, on another computer.";
DeviceUriScript "device-uri-script" ["T-20"] "" asks Device => Refused("device.bad_uri")
    "A device is given a `javascript:` address as `verification_uri`.";

RefreshedIssSuffix "refreshed-iss-suffix" ["HP-39"] "oidcc-client-test-refresh-token-invalid-issuer" asks Renewal => NotRenewed("idtoken.iss_mismatch")
    "The refreshed ID token's `iss` has a `1` at its end.";
RefreshedSubSuffix "refreshed-sub-suffix" ["HP-40"] "oidcc-client-test-refresh-token-invalid-sub" asks Renewal => NotRenewed("refresh.sub_changed")
    "The refreshed ID token's `sub` has a `1` at its end.";
LogoutStateOther "logout-state-other" ["HP-47"] "oidcc-client-test-rp-init-logout-other-state" asks SignOut => Unconfirmed
    "After sign-out the browser comes back with `_INVALID` at the end of `state`, or with `INVALID` where none was sent.";
LogoutStateMissing "logout-state-missing" ["HP-48"] "oidcc-client-test-rp-init-logout-no-state" asks SignOut => Unconfirmed
    "After sign-out the browser comes back without `state`.";

    } };
}
