//! What is known about each product, with where it is known from. Names in a place are as they stand in its console.

use doorkey_client::words::RedirectHost;

use super::{NativeSecret, Paste, Ports, Preset, Protocol, Reach, Step, When};

pub(super) static PRODUCTS: [Preset; 7] = [AUTH0, ENTRA, GOOGLE, OKTA, KEYCLOAK, GITLAB, GITHUB];

const fn step(when: When, place: &'static str, what: &'static str, paste: Paste) -> Step {
    Step { when, place, what, paste }
}

const AUTH0: Preset = Preset {
    name: "auth0",
    title: "Auth0",
    issuer: "https://YOUR-TENANT.eu.auth0.com/",
    reach: Reach::Each,
    // Allowed Callback URLs are compared whole, port included; only the "native" type goes without a secret.
    // https://auth0.com/docs/get-started/applications/application-settings
    ports: Ports::Exact,
    redirect_host: RedirectHost::V4,
    secret: NativeSecret::None,
    scopes: &[],
    params: &[],
    is: |host, _| host.ends_with(".auth0.com"),
    protocol: Protocol::OpenIdConnect,
    steps: &[
        step(
            When::Always,
            "Applications → Applications → Create Application",
            "Choose the type Native. Its Settings tab has the Domain and the Client ID.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "Applications → your application → Settings → Allowed Callback URLs",
            "All of these, separated by commas; one of them may be taken by another program when you sign in.",
            Paste::RedirectUris,
        ),
        step(
            When::Browser,
            "Applications → your application → Settings → Advanced Settings → Grant Types",
            "Switch these on; the others may go.",
            Paste::Texts(&["Authorization Code", "Refresh Token"]),
        ),
        step(
            When::Device,
            "Applications → your application → Settings → Advanced Settings → Grant Types",
            "Switch these on; the others may go.",
            Paste::Texts(&["Device Code", "Refresh Token"]),
        ),
        step(
            When::Always,
            "Applications → your application → Settings → Refresh Token Rotation",
            "Allow it, with a Rotation Overlap Period of 30 seconds or more. The lifetimes there are for the profile's `refresh_idle` and `refresh_absolute`, in seconds (1296000 and 2592000 where nobody changed them): Auth0's answers do not tell, and Doorkey then says when to sign in again.",
            Paste::Nothing,
        ),
        step(
            When::Always,
            "Applications → APIs → your API → Settings → Allow Offline Access",
            "Switch it on, or no refresh token comes. The API's Identifier is the profile's audience.",
            Paste::Nothing,
        ),
    ],
    troubles: &[
        (
            "Callback URL mismatch, in the browser",
            "The address in that message is not among the Allowed Callback URLs, port and path included.",
        ),
        ("Service not found, in the browser", "The audience is not the Identifier of an API of this tenant."),
        (
            "`discovery.issuer_mismatch`",
            "Auth0's issuer ends in a slash. With a domain of your own, say `--preset auth0`: nothing tells that it is Auth0.",
        ),
        ("signed in, but nothing will be renewed", "Allow Offline Access is off, or the grant type Refresh Token is."),
    ],
};

const ENTRA: Preset = Preset {
    name: "entra",
    title: "Microsoft Entra ID",
    issuer: "https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0",
    reach: Reach::Each,
    // The port is ignored for localhost and 127.0.0.1, [::1] is not supported, and the portal's field takes http only
    // with localhost. https://learn.microsoft.com/entra/identity-platform/reply-url
    ports: Ports::Any,
    redirect_host: RedirectHost::Localhost,
    secret: NativeSecret::None,
    scopes: &[],
    params: &[],
    is: |host, _| host == "login.microsoftonline.com" || host == "sts.windows.net",
    protocol: Protocol::OpenIdConnect,
    steps: &[
        step(
            When::Always,
            "App registrations → New registration",
            "The Overview page then has the Application (client) ID, and the Directory (tenant) ID for the issuer.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "App registrations → your app → Authentication → Add a platform → Mobile and desktop applications → Custom redirect URIs",
            "Without a port: Entra ignores it. Not under Web or Single-page application, which are treated otherwise.",
            Paste::RedirectUris,
        ),
        step(
            When::Device,
            "App registrations → your app → Authentication → Advanced settings → Allow public client flows",
            "Say Yes: the device code is refused otherwise.",
            Paste::Nothing,
        ),
        step(
            When::Always,
            "App registrations → your app → API permissions → Add a permission → Microsoft Graph → Delegated permissions",
            "Tick these. In many tenants an administrator must grant consent.",
            Paste::Texts(&["openid", "profile", "email", "offline_access"]),
        ),
    ],
    troubles: &[
        (
            "AADSTS50011, in the browser",
            "The redirect URI is not registered, or under another platform than Mobile and desktop applications.",
        ),
        (
            "AADSTS7000218: client_assertion or client_secret is missing",
            "The redirect URI is registered under Web. Move it to Mobile and desktop applications.",
        ),
        (
            "`discovery.issuer_template`",
            "`common`, `organizations` and `consumers` stand for many tenants. Use your own tenant's address.",
        ),
        (
            "`discovery.issuer_mismatch` for a tenant given by its domain",
            "Entra calls itself by the tenant's id; the message names the address to use.",
        ),
        (
            "an access token your API refuses",
            "Without a scope of that API (`api://…/…`) the token is for Microsoft Graph. One token is for one API.",
        ),
    ],
};

const GOOGLE: Preset = Preset {
    name: "google",
    title: "Google",
    issuer: "https://accounts.google.com",
    reach: Reach::One,
    // Any port of 127.0.0.1 and [::1], nothing to register; the secret must be sent, though it "is assumed not to be
    // confidential"; `offline_access` is no scope there. https://developers.google.com/identity/protocols/oauth2/native-app
    ports: Ports::Any,
    redirect_host: RedirectHost::V4,
    secret: NativeSecret::ProvesNothing,
    scopes: &["openid", "profile", "email"],
    params: &[("access_type", "offline"), ("prompt", "consent")],
    is: |host, _| host == "accounts.google.com",
    protocol: Protocol::OpenIdConnect,
    steps: &[
        step(
            When::Browser,
            "Google Auth Platform → Clients → Create client",
            "Choose the application type Desktop app. There is no redirect URI to register: Google takes any port of 127.0.0.1.",
            Paste::Nothing,
        ),
        step(
            When::Device,
            "Google Auth Platform → Clients → Create client",
            "Choose the application type TVs and Limited Input devices.",
            Paste::Nothing,
        ),
        step(
            When::Always,
            "Google Auth Platform → Clients → your client",
            "Copy the client ID, and the client secret into --client-secret-stdin. It proves nothing, but Google wants to see it.",
            Paste::Nothing,
        ),
        step(
            When::Always,
            "Google Auth Platform → Data Access → Add or remove scopes",
            "Add these, and those of the APIs you will call.",
            Paste::Texts(&["openid", ".../auth/userinfo.profile", ".../auth/userinfo.email"]),
        ),
        step(
            When::Always,
            "Google Auth Platform → Audience",
            "While it says Testing, add yourself as a test user.",
            Paste::Nothing,
        ),
    ],
    troubles: &[
        ("`token.refused`, client_secret is missing", "Google refuses its desktop clients without their secret."),
        (
            "Error 400: redirect_uri_mismatch, in the browser",
            "The client is of the type Web application. Make one of the type Desktop app.",
        ),
        ("Error 403: access_denied, in the browser", "The app is in testing, and you are not among its test users."),
        (
            "you must sign in again each week",
            "Refresh tokens of an app in testing end after 7 days where it asks for more than name and e-mail. Publish it.",
        ),
        (
            "consent is asked for at each sign-in",
            "`prompt=consent` makes sure that a refresh token comes. `doorkey profile edit NAME --unset params.prompt` leaves it out.",
        ),
    ],
};

const OKTA: Preset = Preset {
    name: "okta",
    title: "Okta",
    issuer: "https://YOUR-ORG.okta.com/oauth2/default",
    reach: Reach::Each,
    // The list must have the exact address. https://github.com/openid/AppAuth-iOS/issues/357
    ports: Ports::Exact,
    redirect_host: RedirectHost::V4,
    secret: NativeSecret::None,
    scopes: &[],
    params: &[],
    is: |host, _| [".okta.com", ".oktapreview.com", ".okta-emea.com"].iter().any(|domain| host.ends_with(domain)),
    protocol: Protocol::OpenIdConnect,
    steps: &[
        step(
            When::Always,
            "Applications → Applications → Create App Integration",
            "Choose OIDC - OpenID Connect and then Native Application. Its General tab has the Client ID.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "Applications → your app → General → Grant type",
            "Tick these.",
            Paste::Texts(&["Authorization Code", "Refresh Token"]),
        ),
        step(
            When::Device,
            "Applications → your app → General → Grant type",
            "Tick these.",
            Paste::Texts(&["Device Authorization", "Refresh Token"]),
        ),
        step(
            When::Browser,
            "Applications → your app → General → Sign-in redirect URIs",
            "All of these, one for each line: Okta compares the port too.",
            Paste::RedirectUris,
        ),
        step(
            When::Always,
            "Applications → your app → Assignments",
            "Assign the people who may sign in, or allow everyone.",
            Paste::Nothing,
        ),
        step(
            When::Always,
            "Security → API → Authorization Servers → default → Access Policies",
            "A rule must allow this app, its grant type and offline_access. The org's own server (https://YOUR-ORG.okta.com) has none, and its access tokens are for Okta's API only.",
            Paste::Nothing,
        ),
    ],
    troubles: &[
        (
            "400 Bad Request, redirect_uri must be in the list, in the browser",
            "The address differs from the Sign-in redirect URIs, in its port for instance.",
        ),
        (
            "`callback.access_denied`, policy evaluation failed",
            "No access policy of the authorization server allows this app, these scopes or this grant type.",
        ),
        ("User is not assigned to the client application", "Assign the person, or a group, to the app."),
        (
            "`discovery.not_found`",
            "`/oauth2/default` is there only where the org has API Access Management; otherwise leave the path out.",
        ),
    ],
};

const KEYCLOAK: Preset = Preset {
    name: "keycloak",
    title: "Keycloak",
    issuer: "https://KEYCLOAK.example.com/realms/YOUR-REALM",
    reach: Reach::Each,
    // A redirect URI registered without a port fits any port of http://127.0.0.1 and http://localhost.
    // https://github.com/keycloak/keycloak, services/…/protocol/oidc/utils/RedirectUtils.java
    ports: Ports::Any,
    redirect_host: RedirectHost::V4,
    secret: NativeSecret::None,
    scopes: &[],
    params: &[],
    is: |_, path| path.contains("/realms/"),
    protocol: Protocol::OpenIdConnect,
    steps: &[
        step(
            When::Always,
            "Clients → Create client",
            "Client type OpenID Connect. The Client ID is yours to choose.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "Clients → your client → Settings → Capability config",
            "Client authentication off, Standard flow on, Direct access grants off.",
            Paste::Nothing,
        ),
        step(
            When::Device,
            "Clients → your client → Settings → Capability config",
            "Client authentication off, OAuth 2.0 Device Authorization Grant on.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "Clients → your client → Settings → Valid redirect URIs",
            "Without a port: any will do then. No wildcard.",
            Paste::RedirectUris,
        ),
        step(
            When::Browser,
            "Clients → your client → Settings → Valid post logout redirect URIs",
            "The same as the redirect URIs.",
            Paste::Texts(&["+"]),
        ),
        step(
            When::Browser,
            "Clients → your client → Advanced → Proof Key for Code Exchange Code Challenge Method",
            "So that nobody else can leave it out.",
            Paste::Texts(&["S256"]),
        ),
    ],
    troubles: &[
        (
            "Invalid parameter: redirect_uri, in the browser",
            "The address is not among the Valid redirect URIs: the path counts, and an entry with a port fits that port only.",
        ),
        (
            "`discovery.not_found`",
            "The realm is missing or misspelt; before Keycloak 17 `/auth` stood before `/realms`.",
        ),
        (
            "`discovery.issuer_mismatch`",
            "The server calls itself by its configured hostname. Use that, or set `hostname` there.",
        ),
        (
            "`callback.invalid_scope`, offline_access",
            "Client scopes → Add client scope → offline_access, as Optional. Without it the session ends with Keycloak's own.",
        ),
    ],
};

const GITLAB: Preset = Preset {
    name: "gitlab",
    title: "GitLab",
    issuer: "https://gitlab.com",
    reach: Reach::One,
    // Its OAuth library ignores the port of loopback addresses, not that of localhost
    // (https://github.com/doorkeeper-gem/doorkeeper/pull/1182); refresh tokens come without `offline_access`.
    // https://docs.gitlab.com/integration/oauth_provider/
    ports: Ports::Any,
    redirect_host: RedirectHost::V4,
    secret: NativeSecret::None,
    scopes: &["openid", "profile", "email"],
    params: &[],
    is: |host, _| host == "gitlab.com",
    protocol: Protocol::OpenIdConnect,
    steps: &[
        step(
            When::Always,
            "your avatar → Edit profile → Applications → Add new application",
            "For a group or a whole instance, the Applications page of its settings.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "Add new application → Redirect URI",
            "Without a port: any port of 127.0.0.1 will do. A server of your own needs GitLab 12 or newer for that.",
            Paste::RedirectUris,
        ),
        step(
            When::Device,
            "Add new application → Redirect URI",
            "It is not used with a device code, but must be filled in.",
            Paste::Texts(&["http://127.0.0.1"]),
        ),
        step(
            When::Always,
            "Add new application → Confidential",
            "Clear it: a program on your desktop cannot keep a secret.",
            Paste::Nothing,
        ),
        step(
            When::Always,
            "Add new application → Scopes",
            "Tick these, and what your programs need, such as read_api.",
            Paste::Texts(&["openid", "profile", "email"]),
        ),
    ],
    troubles: &[
        (
            "The redirect URI included is not valid, in the browser",
            "The address is not that of the application: the path counts, and localhost is not 127.0.0.1.",
        ),
        (
            "The requested scope is invalid, unknown, or malformed",
            "A scope was asked for that the application has not ticked. There is no offline_access: a refresh token always comes.",
        ),
        ("`token.client_rejected`", "Confidential is still ticked, so GitLab wants the secret."),
        ("a server of your own", "Say `--preset gitlab`; the issuer is its address, without a path."),
    ],
};

const GITHUB: Preset = Preset {
    name: "github",
    title: "GitHub",
    issuer: "https://github.com/login/oauth",
    reach: Reach::One,
    // Any port of a loopback address; the secret is required; PKCE with S256 since July 2025; no ID token, so
    // GET /user says who it is. https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    // https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication
    ports: Ports::Any,
    redirect_host: RedirectHost::V4,
    secret: NativeSecret::Needed,
    scopes: &["read:user"],
    params: &[],
    is: |host, _| host == "github.com" || host.ends_with(".ghe.com"),
    protocol: Protocol::GitHub,
    steps: &[
        step(
            When::Always,
            "Settings → Developer settings → OAuth Apps → New OAuth App",
            "Any name and homepage. The page of the app then has the Client ID.",
            Paste::Nothing,
        ),
        step(
            When::Browser,
            "OAuth Apps → your app → Authorization callback URL",
            "Without a port: GitHub takes any port of 127.0.0.1.",
            Paste::RedirectUris,
        ),
        step(
            When::Browser,
            "OAuth Apps → your app → Generate a new client secret",
            "Pipe it into --client-secret-stdin: GitHub refuses the exchange without it.",
            Paste::Nothing,
        ),
        step(
            When::Device,
            "OAuth Apps → your app → Enable Device Flow",
            "Tick it. No secret is needed then.",
            Paste::Nothing,
        ),
    ],
    troubles: &[
        (
            "The redirect_uri is not associated with this application, in the browser",
            "Host and path must be those of the Authorization callback URL.",
        ),
        (
            "`token.refused`, incorrect_client_credentials",
            "The secret is missing or was replaced: `doorkey profile edit NAME --client-secret-stdin`.",
        ),
        (
            "signed in, but nothing will be renewed",
            "Tokens of an OAuth App do not end; those of a GitHub App do, and come with a refresh token.",
        ),
        (
            "the window says that the identity is not verified",
            "GitHub gives no ID token. The account is what its API says for the token.",
        ),
        (
            "a server of your own",
            "Say `--preset github --issuer https://GITHUB.example.com`; the endpoints follow from that.",
        ),
    ],
};
