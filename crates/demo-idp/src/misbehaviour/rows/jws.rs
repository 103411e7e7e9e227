// Rows about the header, the signature and the shape of ID tokens; their claims are good.

macro_rules! jws_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

SignatureXored "signature-xored" ["HP-09"] "oidcc-client-test-invalid-sig-rs256" => Refused("idtoken.bad_signature")
    "Every byte of an RS256 signature is turned over (XOR 0x5A).";
SignatureSorted "signature-sorted" ["HP-09"] "rp-id_token-bad-sig-rs256" => Refused("idtoken.bad_signature")
    "The bytes of an RS256 signature are sorted.";
SignatureXoredEs256 "signature-xored-es256" ["HP-10"] "oidcc-client-test-invalid-sig-es256" => Refused("idtoken.bad_signature")
    "Every byte of an ES256 signature is turned over (XOR 0x5A).";
SignatureSortedEs256 "signature-sorted-es256" ["HP-10"] "rp-id_token-bad-sig-es256" => Refused("idtoken.bad_signature")
    "The bytes of an ES256 signature are sorted.";
SignatureXoredHs256 "signature-xored-hs256" ["HP-11"] "oidcc-client-test-invalid-sig-hs256" => Refused("idtoken.alg_not_allowed")
    "Every byte of an HS256 code made with the client's secret is turned over (XOR 0x5A).";
AlgNone "alg-none" ["HP-14" "HP-70"] "oidcc-client-test-idtoken-sig-none" => Refused("idtoken.alg_not_allowed")
    "`alg` is `none` and there is no signature; `none` is among the algorithms of the metadata.";
KidAbsentSingle "kid-absent-single" ["HP-15"] "oidcc-client-test-kid-absent-single-jwks" => Accepted
    "No `kid`; of each kind of key one is published, without a `kid`.";
KidAbsentMultiple "kid-absent-multiple" ["HP-16"] "oidcc-client-test-kid-absent-multiple-jwks" => Accepted
    "No `kid`; of each kind of key three are published, without a `kid`.";
AlternateAlg "alternate-alg" ["HP-71"] "fapi2-security-profile-final-client-test-invalid-alternate-alg" => Refused("idtoken.alg_not_allowed")
    "A good signature by a published key (`rsa-none-alt-arg`), with an algorithm that the metadata do not name.";
Encrypted "encrypted" ["HP-27" "HP-83" "HP-ID-13"] "rp-id_token-sig+enc" => Refused("idtoken.encrypted_unsupported")
    "The ID token has the five parts of an encrypted one (RSA1_5).";
EncryptedZip "encrypted-zip" ["HP-ID-13"] "" => Refused("idtoken.encrypted_unsupported")
    "The ID token has the five parts of an encrypted one, whose content is said to be packed (`zip`).";
EncryptedIterations "encrypted-iterations" ["HP-ID-13"] "" => Refused("idtoken.encrypted_unsupported")
    "The ID token has the five parts of an encrypted one, with a password and a billion iterations (`p2c`).";
AlgNoneTitle "alg-none-title" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is `None`, without a signature.";
AlgNoneMixed "alg-none-mixed" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is `nOnE`, without a signature.";
AlgNoneUpper "alg-none-upper" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is `NONE`, without a signature.";
AlgMissing "alg-missing" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "No `alg`.";
Hs256WithPem "hs256-with-pem" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is HS256, keyed with the public key as PEM.";
Hs256WithJwk "hs256-with-jwk" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is HS256, keyed with the public key as JWK.";
Hs256WithModulus "hs256-with-modulus" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is HS256, keyed with the bytes of the public key's modulus.";
Rs256HeaderHs256Code "rs256-header-hs256-code" ["HP-ID-07"] "" => Refused("idtoken.bad_signature")
    "`alg` is RS256 over a code made with HS256 and the public key.";
Es256Zero "es256-zero" ["HP-ID-07"] "" => Refused("idtoken.bad_signature")
    "An ES256 signature of zeros.";
Ps256 "ps256" ["HP-ID-07"] "" => Refused("idtoken.alg_not_allowed")
    "A good PS256 signature by the RS256 key.";
EddsaSmallOrder "eddsa-small-order" ["HP-ID-07"] "" => Refused("jwks.unusable_key")
    "An EdDSA signature that fits any text, with a published key of small order; the metadata name EdDSA.";
HeaderJwk "header-jwk" ["HP-ID-08"] "" => Refused("idtoken.bad_signature")
    "The key comes along in the header (`jwk`).";
HeaderJku "header-jku" ["HP-ID-08"] "" => Refused("jwks.no_matching_key")
    "The header says where to fetch the key (`jku`).";
HeaderX5u "header-x5u" ["HP-ID-08"] "" => Refused("jwks.no_matching_key")
    "The header says where to fetch a certificate (`x5u`).";
HeaderX5c "header-x5c" ["HP-ID-08"] "" => Refused("jwks.no_matching_key")
    "A certificate comes along in the header (`x5c`).";
KidTraversal "kid-traversal" ["HP-ID-08"] "" => Refused("jwks.no_matching_key")
    "`kid` is `../../etc/passwd`.";
KidSql "kid-sql" ["HP-ID-08"] "" => Refused("jwks.no_matching_key")
    "`kid` is a piece of SQL.";
KidLong "kid-long" ["HP-ID-08"] "" => Refused("idtoken.malformed")
    "`kid` is 10 KiB long.";
KidNumber "kid-number" ["HP-ID-08"] "" => Refused("idtoken.malformed")
    "`kid` is a number.";
CritExp "crit-exp" ["HP-ID-09"] "" => Refused("idtoken.crit_unsupported")
    "`crit` names `exp`.";
CritEmpty "crit-empty" ["HP-ID-09"] "" => Refused("idtoken.crit_unsupported")
    "`crit` is an empty list.";
CritB64 "crit-b64" ["HP-ID-09"] "" => Refused("idtoken.crit_unsupported")
    "`crit` names `b64`, which is false.";
TypAtJwt "typ-at-jwt" ["HP-ID-10"] "" => Refused("idtoken.wrong_type")
    "`typ` is `at+jwt`.";
TypLogoutJwt "typ-logout-jwt" ["HP-ID-10"] "" => Refused("idtoken.wrong_type")
    "`typ` is `logout+jwt`.";
TypJoseJson "typ-jose-json" ["HP-ID-10"] "" => Refused("idtoken.wrong_type")
    "`typ` is `JOSE+JSON`.";
TypAbsent "typ-absent" ["HP-ID-10"] "" => Accepted
    "No `typ`.";
TypLowerCase "typ-lower-case" ["HP-ID-10"] "" => Accepted
    "`typ` is `jwt`.";
TypFull "typ-full" ["HP-ID-10"] "" => Accepted
    "`typ` is `application/jwt`.";
TwoParts "two-parts" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "The signature is cut off with its dot.";
FourParts "four-parts" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "A fourth part follows the signature.";
JsonSerialization "json-serialization" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "The ID token is a JWS in JSON.";
Padding "padding" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "The signature is padded with `=`.";
StandardBase64 "standard-base64" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "The signature is in base64 with `+` and `/`.";
Whitespace "whitespace" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "A space stands before the signature.";
StrayBits "stray-bits" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "The last character of the signature has bits that belong to no byte.";
OnlyDots "only-dots" ["HP-ID-11"] "" => Refused("idtoken.malformed")
    "The ID token is `..`.";
EmptyIdToken "empty-id-token" ["HP-ID-11"] "" => Refused("idtoken.missing")
    "The ID token is empty.";
PayloadArray "payload-array" ["HP-ID-12"] "" => Refused("idtoken.malformed")
    "The claims are a list.";
PayloadText "payload-text" ["HP-ID-12"] "" => Refused("idtoken.malformed")
    "The claims are a text.";
PayloadNull "payload-null" ["HP-ID-12"] "" => Refused("idtoken.malformed")
    "The claims are `null`.";
PayloadClaimTwice "payload-claim-twice" ["HP-ID-12"] "" => Refused("idtoken.malformed")
    "`sub` is there twice.";
PayloadHuge "payload-huge" ["HP-ID-12"] "" => Refused("token.too_large")
    "The claims are 512 KiB.";
PayloadByteOrderMark "payload-byte-order-mark" ["HP-ID-12"] "" => Refused("idtoken.malformed")
    "A byte order mark stands before the claims.";
Hs256WithSecret "hs256-with-secret" ["HP-ID-18"] "" => Refused("idtoken.alg_not_allowed")
    "`alg` is HS256, keyed with the client's secret, though the metadata do not name it.";

    } };
}
