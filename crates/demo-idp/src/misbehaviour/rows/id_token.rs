// Rows about the claims of ID tokens; each token is signed after the change.

macro_rules! id_token_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

IssSuffix "iss-suffix" ["HP-02" "HP-67"] "oidcc-client-test-invalid-iss" => Refused("idtoken.iss_mismatch")
    "`iss` has a `1` at its end.";
IssForeign "iss-foreign" ["HP-02"] "rp-id_token-issuer-mismatch" => Refused("idtoken.iss_mismatch")
    "`iss` is `https://example.org/`.";
AudSuffix "aud-suffix" ["HP-03" "HP-67"] "oidcc-client-test-invalid-aud" => Refused("idtoken.aud_mismatch")
    "`aud` has a `1` at its end.";
AudForeign "aud-foreign" ["HP-03"] "rp-id_token-aud" => Refused("idtoken.aud_mismatch")
    "`aud` is `https://example.com/`.";
AudMissing "aud-missing" ["HP-04" "HP-68"] "oidcc-client-test-missing-aud" => Refused("idtoken.aud_mismatch")
    "No `aud`.";
SubMissing "sub-missing" ["HP-05"] "oidcc-client-test-missing-sub" => Refused("idtoken.sub_missing")
    "No `sub`.";
IatMissing "iat-missing" ["HP-06"] "oidcc-client-test-missing-iat" => Refused("idtoken.iat_missing")
    "No `iat`.";
NonceSuffix "nonce-suffix" ["HP-07" "HP-67"] "oidcc-client-test-nonce-invalid" => Refused("idtoken.nonce_mismatch")
    "`nonce` has a `1` at its end.";
NonceForeign "nonce-foreign" ["HP-07"] "rp-nonce-invalid" => Refused("idtoken.nonce_mismatch")
    "`nonce` is `012345678`.";
AtHashSuffix "at-hash-suffix" ["HP-31"] "oidcc-client-test-invalid-athash" => Refused("idtoken.at_hash_mismatch")
    "`at_hash` has a `1` at its end.";
AtHashSorted "at-hash-sorted" ["HP-31"] "rp-id_token-bad-at_hash" => Refused("idtoken.at_hash_mismatch")
    "The characters of `at_hash` are sorted.";
AtHashMissing "at-hash-missing" ["HP-32"] "oidcc-client-test-missing-athash" => Accepted
    "No `at_hash`, which the code flow allows.";
IssMissing "iss-missing" ["HP-68"] "fapi2-security-profile-final-client-test-invalid-missing-iss" => Refused("idtoken.iss_mismatch")
    "No `iss`.";
ExpMissing "exp-missing" ["HP-68" "HP-ID-01"] "fapi2-security-profile-final-client-test-invalid-missing-exp" => Refused("idtoken.claim_type")
    "No `exp`.";
NonceMissing "nonce-missing" ["HP-68" "HP-ID-15"] "fapi2-security-profile-final-client-test-invalid-missing-nonce" => Refused("idtoken.nonce_missing")
    "No `nonce`.";
Expired "expired" ["HP-69"] "fapi2-security-profile-final-client-test-invalid-expired-exp" => Refused("idtoken.expired")
    "`exp` is six minutes ago.";
SecondAud "second-aud" ["HP-72"] "fapi2-security-profile-final-client-test-invalid-secondary-aud" => Refused("idtoken.aud_untrusted")
    "`aud` names the client, and the client with a `1` at its end; no `azp`.";
AudAsArray "aud-as-array" ["HP-73"] "fapi2-security-profile-final-client-test-valid-aud-as-array" => Accepted
    "`aud` is a list of the client alone.";
IatWeekAgo "iat-week-ago" ["HP-81"] "fapi1-advanced-final-client-test-iat-is-week-in-past" => Accepted
    "`iat` is a week ago; `exp` is good.";
ExpText "exp-text" ["HP-ID-01"] "" => Refused("idtoken.claim_type")
    "`exp` is a text of digits.";
ExpFraction "exp-fraction" ["HP-ID-01"] "" => Accepted
    "`exp` has a fraction, which a date of RFC 7519 may have.";
ExpZero "exp-zero" ["HP-ID-01"] "" => Refused("idtoken.expired")
    "`exp` is 0.";
ExpNegative "exp-negative" ["HP-ID-01"] "" => Refused("idtoken.claim_type")
    "`exp` is -1.";
ExpOutOfRange "exp-out-of-range" ["HP-ID-01"] "" => Refused("idtoken.claim_type")
    "`exp` is 2 to the power of 53.";
IatInFuture "iat-in-future" ["HP-ID-02"] "" => Refused("idtoken.issued_in_future")
    "`iat` is in ten minutes.";
NbfInFuture "nbf-in-future" ["HP-ID-02"] "" => Refused("idtoken.not_yet_valid")
    "`nbf` is in ten minutes.";
IssArray "iss-array" ["HP-ID-03"] "" => Refused("idtoken.claim_type")
    "`iss` is a list of the issuer and of another.";
IssObject "iss-object" ["HP-ID-03"] "" => Refused("idtoken.claim_type")
    "`iss` is an object.";
IssPrefix "iss-prefix" ["HP-ID-03"] "" => Refused("idtoken.iss_mismatch")
    "`iss` lacks its last character.";
IssOtherCase "iss-other-case" ["HP-ID-03"] "" => Refused("idtoken.iss_mismatch")
    "`iss` is in capitals.";
IssLookAlike "iss-look-alike" ["HP-ID-03"] "" => Refused("idtoken.iss_mismatch")
    "`iss` has a letter that only looks like the right one.";
AudEmpty "aud-empty" ["HP-ID-04"] "" => Refused("idtoken.aud_mismatch")
    "`aud` is an empty list.";
AudNumber "aud-number" ["HP-ID-04"] "" => Refused("idtoken.claim_type")
    "`aud` is a number.";
AudNested "aud-nested" ["HP-ID-04"] "" => Refused("idtoken.claim_type")
    "`aud` is a list with a list of the client in it.";
AudThousand "aud-thousand" ["HP-ID-04"] "" => Refused("idtoken.aud_untrusted")
    "`aud` names the client and 999 others.";
AudPrefix "aud-prefix" ["HP-ID-04"] "" => Refused("idtoken.aud_mismatch")
    "`aud` lacks its last character.";
AzpForeign "azp-foreign" ["HP-ID-05"] "" => Refused("idtoken.azp_mismatch")
    "`azp` names another client.";
AzpRightSecondAud "azp-right-second-aud" ["HP-ID-05"] "" => Refused("idtoken.aud_untrusted")
    "`azp` names the client, `aud` the client and another.";
SubEmpty "sub-empty" ["HP-ID-06"] "" => Refused("idtoken.sub_missing")
    "`sub` is empty.";
SubNumber "sub-number" ["HP-ID-06"] "" => Refused("idtoken.claim_type")
    "`sub` is a number.";
SubNull "sub-null" ["HP-ID-06"] "" => Refused("idtoken.sub_missing")
    "`sub` is `null`.";
SubLong "sub-long" ["HP-ID-06"] "" => Refused("idtoken.claim_type")
    "`sub` has 256 characters.";
SubNewline "sub-newline" ["HP-ID-06"] "" => Refused("idtoken.claim_type")
    "`sub` has a line break in it.";
AtHashSha384 "at-hash-sha-384" ["HP-ID-14"] "" => Refused("idtoken.at_hash_mismatch")
    "`at_hash` is half of the SHA-384 hash, though the signature uses SHA-256.";
AtHashSha512 "at-hash-sha-512" ["HP-ID-14"] "" => Refused("idtoken.at_hash_mismatch")
    "`at_hash` is half of the SHA-512 hash, though the signature uses SHA-256.";
NonceArray "nonce-array" ["HP-ID-15"] "" => Refused("idtoken.claim_type")
    "`nonce` is a list of the right one.";
NonceOfAnotherSignIn "nonce-of-another-sign-in" ["HP-ID-15"] "" => Refused("idtoken.nonce_mismatch")
    "`nonce` is that of the sign-in before, or a made up one in the first.";
AcrMissing "acr-missing" ["HP-ID-16"] "" asks AcrValues => Accepted
    "No `acr`, though `acr_values` asked for one.";
AuthTimeMissing "auth-time-missing" ["HP-ID-16"] "" asks MaxAge => Refused("idtoken.auth_time_missing")
    "No `auth_time`, though `max_age` asked for it.";
AuthTimeText "auth-time-text" ["HP-ID-16"] "" asks MaxAge => Refused("idtoken.claim_type")
    "`auth_time` is a text of digits.";
AuthTimeOld "auth-time-old" ["HP-ID-16"] "" asks MaxAge => Refused("idtoken.auth_time_too_old")
    "`auth_time` is a day ago.";
EmailChanged "email-changed" ["HP-ID-17"] "" => Accepted
    "The same person comes with another `email`.";
EmailUnverified "email-unverified" ["HP-ID-17"] "" => Accepted
    "`email_verified` is false.";
SameEmailOtherSub "same-email-other-sub" ["HP-ID-17"] "" => Accepted
    "Another person (`sub`) comes with the same `email`, at userinfo too.";

    } };
}
