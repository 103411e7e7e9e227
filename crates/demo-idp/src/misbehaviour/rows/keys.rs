// Rows about the published keys, and when they change.

macro_rules! key_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

KeysRotatedBetween "keys-rotated-between" ["HP-20"] "oidcc-client-test-signing-key-rotation" asks SecondSignIn => Accepted
    "All keys are made anew at the second authorization request.";
KeysRotatedBeforeSigning "keys-rotated-before-signing" ["HP-21"] "oidcc-client-test-signing-key-rotation-just-before-signing" => Accepted
    "All keys are made anew right before each ID token is signed.";
KeysRotatedAndNamed "keys-rotated-and-named" ["HP-21"] "rp-key-rotation-op-sign-key-native" => Accepted
    "All keys are made anew right before each ID token is signed, and named `rotated_rsa_` with the time.";
SameKidDecoys "same-kid-decoys" ["HP-78"] "fapi2-security-profile-final-client-test-happy-path" => Accepted
    "Keys of other kinds and algorithms (EdDSA, PS256, ES256) are published first, under the kid of the right one.";
JwksNotFound "jwks-not-found" ["HP-JW-01"] "" => Refused("jwks.unavailable")
    "The keys are answered with HTTP 404.";
JwksServerError "jwks-server-error" ["HP-JW-01"] "" => Refused("jwks.unavailable")
    "The keys are answered with HTTP 500.";
JwksHtml "jwks-html" ["HP-JW-01"] "" => Refused("jwks.bad_document")
    "The keys are a web page.";
JwksEmptyObject "jwks-empty-object" ["HP-JW-01"] "" => Refused("jwks.bad_document")
    "The key document is `{}`.";
JwksKeysObject "jwks-keys-object" ["HP-JW-01"] "" => Refused("jwks.bad_document")
    "`keys` is an object.";
JwksKeysOfNothing "jwks-keys-of-nothing" ["HP-JW-01"] "" => Refused("jwks.no_matching_key")
    "`keys` is a list of texts and `null`.";
JwksEmptyList "jwks-empty-list" ["HP-JW-01"] "" => Refused("jwks.no_matching_key")
    "`keys` is empty.";
JwksTenThousand "jwks-ten-thousand" ["HP-JW-01"] "" => Refused("net.too_large")
    "10,000 keys, the right one last.";
JwksThreeHundred "jwks-three-hundred" ["HP-JW-01"] "" => Refused("jwks.bad_document")
    "300 keys, the right one last.";
JwksHuge "jwks-huge" ["HP-JW-01"] "" => Refused("net.too_large")
    "The key document is 5 MB long.";
JwksRedirect "jwks-redirect" ["HP-JW-01"] "" => Refused("net.unexpected_redirect")
    "The address of the keys redirects to another host.";
JwksSlow "jwks-slow" ["HP-JW-01"] "" => Refused("net.timeout")
    "The keys come one byte a second.";
JwksOddKeys "jwks-odd-keys" ["HP-JW-02"] "" => Accepted
    "Before the right key stand ten that are of unknown kinds, broken or weak.";
JwksWeakRsa "jwks-weak-rsa" ["HP-JW-02"] "" => Refused("jwks.unusable_key")
    "The right key is published with a modulus of 1024 bits.";
JwksExponentOne "jwks-exponent-one" ["HP-JW-02"] "" => Refused("jwks.unusable_key")
    "The right key is published with the exponent 1.";
JwksEvenModulus "jwks-even-modulus" ["HP-JW-02"] "" => Refused("jwks.unusable_key")
    "The right key is published with an even modulus.";
JwksPrivateMembers "jwks-private-members" ["HP-JW-03"] "" => Refused("jwks.unusable_key")
    "The right key is published with members of a private key, `d` and `p`.";
JwksSharedSecret "jwks-shared-secret" ["HP-JW-03"] "" => Accepted
    "A shared secret (`oct`) is published under the kid of the right key, before it.";
JwksForEncryption "jwks-for-encryption" ["HP-JW-04"] "" => Refused("jwks.unusable_key")
    "The right key is published for encryption (`use`).";
JwksKeyOpsEncrypt "jwks-key-ops-encrypt" ["HP-JW-04"] "" => Refused("jwks.unusable_key")
    "The right key is published for encryption (`key_ops`).";
UnknownKid "unknown-kid" ["HP-JW-05"] "" => Refused("jwks.no_matching_key")
    "Each ID token is signed by a key of its own that is not published.";
JwksCachedForever "jwks-cached-forever" ["HP-JW-06"] "" asks SecondSignIn => Accepted
    "The keys may be cached for a year, and are made anew at the second authorization request.";

    } };
}
