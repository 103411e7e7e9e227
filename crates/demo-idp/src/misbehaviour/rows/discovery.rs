// Rows about the metadata document and the addresses in it.

macro_rules! discovery_rows {
    ($next:ident $($later:ident)*; $($before:tt)*) => { $next! { $($later)*; $($before)*

HappyPath "happy-path" ["HP-01"] "oidcc-client-test" => Accepted
    "Nothing is wrong: the keys are those of the suite, two of each kind and some that nobody uses, and `none` is among the algorithms.";
RandomEndpointPaths "random-endpoint-paths" ["HP-17"] "oidcc-client-test-discovery-openid-config" => Accepted
    "Every endpoint is at a path made up for this run; the usual ones are gone.";
RandomJwksUri "random-jwks-uri" ["HP-18"] "oidcc-client-test-discovery-jwks-uri-keys" => Accepted
    "The keys are at a path with ten random letters; the usual one is gone.";
DiscoveryIssuerSuffix "discovery-issuer-suffix" ["HP-19" "HP-62"] "oidcc-client-test-discovery-issuer-mismatch" => Refused("discovery.issuer_mismatch")
    "The metadata name the issuer with `INVALID` at its end.";
DiscoveryIssuerForeign "discovery-issuer-foreign" ["HP-19"] "rp-discovery-issuer-not-matching-config" => Refused("discovery.issuer_mismatch")
    "The metadata name `https://example.com` as the issuer.";
Rs256Only "rs256-only" ["HP-12"] "oidcc-client-test-idtoken-sig-rs256" => Accepted
    "The metadata name RS256 alone, and good ID tokens are signed with it.";
Es256Only "es256-only" ["HP-13"] "rp-id_token-sig-es256" => Accepted
    "The metadata name ES256 alone, and good ID tokens are signed with it.";
Hs256Only "hs256-only" ["HP-13"] "rp-id_token-sig-hs256" => Refused("discovery.no_usable_alg")
    "The metadata name HS256 alone, and ID tokens are signed with the client's secret.";
ClientSecretBasicOnly "client-secret-basic-only" ["HP-29"] "oidcc-client-test-client-secret-basic" asks Secret => Accepted
    "A client with a secret may send it in the `Authorization` header only.";
ClientSecretPostOnly "client-secret-post-only" ["HP-30"] "rp-token_endpoint-client_secret_post" asks Secret => Accepted
    "A client with a secret may send it in the form only.";

    } };
}
