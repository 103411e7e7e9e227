// Rows about userinfo.

macro_rules! userinfo_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

UserinfoSubSuffix "userinfo-sub-suffix" ["HP-23"] "oidcc-client-test-userinfo-invalid-sub" => WithoutDetails("userinfo.sub_mismatch")
    "`sub` has `invalid` at its end.";
UserinfoSubForeign "userinfo-sub-foreign" ["HP-23"] "rp-userinfo-bad-sub-claim" => WithoutDetails("userinfo.sub_mismatch")
    "`sub` is `foobar`.";
UserinfoSigned "userinfo-signed" ["HP-26"] "oidcc-client-test-userinfo-signed" => Accepted
    "The details are a signed token with `iss` and `aud`.";
UserinfoEncrypted "userinfo-encrypted" ["HP-27"] "rp-userinfo-enc" => WithoutDetails("userinfo.signature_refused")
    "The details have the five parts of an encrypted token.";
AggregatedClaims "aggregated-claims" ["HP-36"] "oidcc-client-test-aggregated-claims" => Accepted
    "Address and telephone number come as a token of another provider inside the details.";
DistributedClaims "distributed-claims" ["HP-36"] "oidcc-client-test-distributed-claims" => Accepted
    "A credit score is said to be at another address, with a token for it; nobody may ask there.";
UserinfoRefusesUntilRenewedTwice "userinfo-refuses-until-renewed-twice" ["HP-77"] "fapi2-security-profile-final-client-refresh-token-test" asks Renewal => WithoutDetails("userinfo.unavailable")
    "Userinfo answers HTTP 401 (`invalid_token`) until tokens were renewed twice.";
UserinfoUnauthorized "userinfo-unauthorized" ["HP-UI-01"] "" => WithoutDetails("userinfo.unavailable")
    "Userinfo answers HTTP 401.";
UserinfoForbidden "userinfo-forbidden" ["HP-UI-01"] "" => WithoutDetails("userinfo.unavailable")
    "Userinfo answers HTTP 403.";
UserinfoServerError "userinfo-server-error" ["HP-UI-01"] "" => WithoutDetails("userinfo.unavailable")
    "Userinfo answers HTTP 500.";
UserinfoNotFound "userinfo-not-found" ["HP-UI-01"] "" => WithoutDetails("userinfo.unavailable")
    "Userinfo answers HTTP 404.";
UserinfoHtml "userinfo-html" ["HP-UI-01"] "" => WithoutDetails("userinfo.bad_document")
    "The details are a web page.";
UserinfoEmpty "userinfo-empty" ["HP-UI-01"] "" => WithoutDetails("userinfo.bad_document")
    "The details are an empty body.";
UserinfoHuge "userinfo-huge" ["HP-UI-01"] "" => WithoutDetails("net.too_large")
    "The details are 5 MB long.";
UserinfoRedirect "userinfo-redirect" ["HP-UI-01"] "" => WithoutDetails("net.unexpected_redirect")
    "Userinfo redirects to another host.";
UserinfoSubMissing "userinfo-sub-missing" ["HP-UI-02"] "" => WithoutDetails("userinfo.sub_mismatch")
    "No `sub`.";
UserinfoSubNumber "userinfo-sub-number" ["HP-UI-02"] "" => WithoutDetails("userinfo.sub_mismatch")
    "`sub` is a number.";
UserinfoSubOtherCase "userinfo-sub-other-case" ["HP-UI-02"] "" => WithoutDetails("userinfo.sub_mismatch")
    "`sub` is in capitals.";
UserinfoSignedNone "userinfo-signed-none" ["HP-UI-03"] "" => WithoutDetails("userinfo.signature_refused")
    "The details are a token with `alg` `none`.";
UserinfoSignedWrongAud "userinfo-signed-wrong-aud" ["HP-UI-03"] "" => WithoutDetails("userinfo.signature_refused")
    "The details are a signed token for another client.";
UserinfoSignedWrongIss "userinfo-signed-wrong-iss" ["HP-UI-03"] "" => WithoutDetails("userinfo.signature_refused")
    "The details are a signed token that names another issuer.";
UserinfoSignedBadly "userinfo-signed-badly" ["HP-UI-03"] "" => WithoutDetails("userinfo.signature_refused")
    "The details are a signed token, every byte of its signature turned over (XOR 0x5A).";
PictureFile "picture-file" ["HP-UI-04"] "" => Accepted
    "`picture` is a file of this computer.";
PictureMetadataService "picture-metadata-service" ["HP-UI-04"] "" => Accepted
    "`picture` is at the metadata service of cloud machines.";
PictureScript "picture-script" ["HP-UI-04"] "" => Accepted
    "`picture` is a `javascript:` address.";
PictureSvg "picture-svg" ["HP-UI-04"] "" => Accepted
    "`picture` is an SVG image with a script in it.";
PictureHuge "picture-huge" ["HP-UI-04"] "" => Accepted
    "`picture` is at an address of this provider, which tells who fetched it, and 50 MB long.";
NameHtml "name-html" ["HP-UI-05"] "" => Accepted
    "`name` is markup with a script.";
NameRightToLeft "name-right-to-left" ["HP-UI-05"] "" => Accepted
    "`name` turns the reading direction.";
NameAnsi "name-ansi" ["HP-UI-05"] "" => Accepted
    "`name` has terminal commands in it.";
NameHuge "name-huge" ["HP-UI-05"] "" => WithoutDetails("net.too_large")
    "`name` is 1 MB long.";

    } };
}
