//! Known products, told by their addresses: for display, and for what they are particular about.

use doorkey_client::words::{Profile, Provider};
use doorkey_oauth::{ClockSkew, Issuer, Metadata};

use crate::http::Http;

/// Listed where a provider matches the port exactly: not in any system's ephemeral range, not known to browsers as bad.
pub const SUGGESTED_PORTS: [u16; 3] = [21847, 21848, 21849];

struct Product {
    preset: &'static str,
    name: &'static str,
    exact_ports: bool,
    fits: fn(host: &str, path: &str) -> bool,
}

const PRODUCTS: [Product; 6] = [
    Product { preset: "auth0", name: "Auth0", exact_ports: true, fits: |host, _| host.ends_with(".auth0.com") },
    Product {
        preset: "entra",
        name: "Microsoft Entra ID",
        exact_ports: false,
        fits: |host, _| host == "login.microsoftonline.com" || host == "sts.windows.net",
    },
    Product { preset: "google", name: "Google", exact_ports: false, fits: |host, _| host == "accounts.google.com" },
    Product {
        preset: "okta",
        name: "Okta",
        exact_ports: true,
        fits: |host, _| host.ends_with(".okta.com") || host.ends_with(".oktapreview.com"),
    },
    Product { preset: "gitlab", name: "GitLab", exact_ports: true, fits: |host, _| host == "gitlab.com" },
    Product { preset: "keycloak", name: "Keycloak", exact_ports: false, fits: |_, path| path.contains("/realms/") },
];

/// Whether it is Auth0: by its own domain, or by what the profile says where it has another.
pub(crate) fn is_auth0(issuer: &Issuer, profile: Option<&Profile>) -> bool {
    let [auth0, ..] = &PRODUCTS;
    (auth0.fits)(issuer.host(), issuer.url().path())
        || profile.is_some_and(|profile| profile.preset.as_deref() == Some(auth0.preset))
}

/// What a provider says of itself, for people.
pub(crate) fn describe(metadata: &Metadata, skew: Option<ClockSkew>) -> Provider {
    let host = metadata.issuer.host();
    let product = PRODUCTS.iter().find(|product| (product.fits)(host, metadata.issuer.url().path()));
    let methods = metadata.code_challenge_methods_supported.as_ref();
    Provider {
        issuer: metadata.issuer.as_str().to_owned(),
        name: product.map_or_else(|| host.to_owned(), |product| format!("{} ({host})", product.name)),
        preset: product.map(|product| product.preset.to_owned()),
        authorization_endpoint: metadata.authorization_endpoint.to_string(),
        token_endpoint: metadata.token_endpoint.to_string(),
        scopes_supported: metadata.scopes_supported.clone(),
        pkce_s256: methods.map(|methods| methods.iter().any(|method| method == "S256")),
        can_revoke: metadata.revocation_endpoint.is_some(),
        can_end_session: metadata.end_session_endpoint.is_some(),
        clock_ahead: skew.map(ClockSkew::seconds_ahead),
        proxy: Http::proxy_towards(metadata.issuer.url()),
        suggested_ports: match product {
            Some(product) if product.exact_ports => SUGGESTED_PORTS.to_vec(),
            _ => Vec::new(),
        },
    }
}
