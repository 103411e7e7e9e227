use crate::words::Family;

pub(super) const DISCOVERY: Family = family! {
    "discovery" "the provider's description of itself"

    "discovery.not_found" You No
        "No description of a provider is at that address."
        "Check the issuer for a typing error.";
    "discovery.unavailable" Nobody Yes
        "The provider is there and cannot describe itself now."
        "Try again in a while.";
    "discovery.redirected" You No
        "The description is somewhere else, and redirects are not followed there."
        "If the other address is the provider's, use it as the issuer.";
    "discovery.not_json" You No
        "A page or something else came where the description belongs."
        "If this network asks for a sign-in of its own, do that first; otherwise check the issuer.";
    "discovery.bad_document" Provider No
        "The description breaks the rules for such documents, and nothing of it is used."
        "Report it to whoever runs the provider.";
    "discovery.issuer_mismatch" You No
        "The provider calls itself by another name than the profile does."
        "Use the name it gives only if that is the provider you mean.";
    "discovery.issuer_template" You No
        "The description is for all tenants, with a placeholder where the tenant's id belongs."
        "Use the tenant's own address as the issuer.";
    "discovery.bad_endpoint" Provider No
        "An endpoint is missing, or its address may not be used."
        "Report it to whoever runs the provider.";
    "discovery.pkce_s256_unsupported" Provider No
        "The provider does not offer PKCE with S256, without which a code can be stolen."
        "Ask for it to be switched on.";
    "discovery.no_code_flow" Provider No
        "The provider does not offer the authorization code flow."
        "Ask for it to be allowed.";
    "discovery.no_usable_alg" Provider No
        "ID tokens are signed in ways only that are not safe or not known here."
        "Ask for RS256 or ES256.";
};
