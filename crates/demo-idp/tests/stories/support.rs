//! A client that does everything right, so that each test can do one thing wrong.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorkey_demo_idp::{Client, Endpoint, Person, Redirect, Running, Settings, start};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:49152/cb/a1";
pub(crate) const ALL_SCOPES: &str = "openid profile email offline_access";
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A provider with a client and a browser before it.
pub(crate) struct Scene {
    pub(crate) idp: Running,
    pub(crate) http: reqwest::Client,
    cookies: HashMap<String, String>,
}

/// What a page or redirect was, once read.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    /// With a confidential client `web` (secret `s3cr:t%+é`) beside the public one.
    #[expect(clippy::disallowed_methods, reason = "a test's own client, to this provider only")]
    pub(crate) async fn with(mut settings: Settings) -> Self {
        let exact = Redirect::Exact("http://127.0.0.1:49152/cb/web".into());
        settings.clients.push(Client::confidential("web", "s3cr:t%+é", vec![exact]));
        let idp = start(settings).await.expect("the provider starts");
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirects).build().expect("a client is built");
        Self { idp, http, cookies: HashMap::new() }
    }

    pub(crate) fn ada(&self) -> &Person {
        &self.idp.people()[0]
    }

    /// A good authorization request; `changes` replace, add or (with `None`) leave out parameters.
    pub(crate) fn authorization_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let good = [
            ("response_type", "code"),
            ("client_id", "doorkey-demo"),
            ("redirect_uri", REDIRECT),
            ("scope", ALL_SCOPES),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut url = Url::parse(&self.idp.url(Endpoint::Authorize)).expect("an endpoint is a URL");
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        url.query_pairs_mut()
            .extend_pairs(kept)
            .extend_pairs(changes.iter().filter_map(|(name, value)| Some((name, (*value)?))));
        url.into()
    }

    /// Sends with this browser's cookies and keeps those that come back.
    pub(crate) async fn browse(&mut self, request: RequestBuilder) -> Seen {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, jar.join("; ")).send().await.expect("the provider answers");
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a first part");
            let (name, value) = pair.split_once('=').expect("a name and a value");
            self.cookies.insert(name.into(), value.into());
        }
        read(response).await
    }

    pub(crate) async fn get(&mut self, url: &str) -> Seen {
        let url = self.absolute(url);
        self.browse(self.http.get(url)).await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Seen {
        let url = self.absolute(url);
        self.browse(self.form(&url, form)).await
    }

    pub(crate) fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    /// Follows redirects of the provider until a page or the client's redirect URI.
    pub(crate) async fn follow(&mut self, mut seen: Seen) -> Seen {
        while let Some(location) = seen.location.clone().filter(|location| location.starts_with('/')) {
            seen = self.get(&location).await;
        }
        seen
    }

    /// Begins with these changes and goes to the first page or the end.
    pub(crate) async fn begin(&mut self, changes: &[(&str, Option<&str>)]) -> Seen {
        let url = self.authorization_url(changes);
        let first = self.get(&url).await;
        self.follow(first).await
    }

    /// Fills in the login page.
    pub(crate) async fn log_in(&mut self, page: &Seen, email: &str, password: &str) -> Seen {
        let form =
            [("flow", &*page.hidden("flow")), ("csrf", &page.hidden("csrf")), ("email", email), ("password", password)];
        let path = page.action();
        let answer = self.post(&path, &form).await;
        self.follow(answer).await
    }

    /// Presses a button of the consent page.
    pub(crate) async fn decide(&mut self, page: &Seen, decision: &str) -> Seen {
        let form = [("flow", &*page.hidden("flow")), ("csrf", &page.hidden("csrf")), ("decision", decision)];
        let path = page.action();
        self.post(&path, &form).await
    }

    /// Ada signs in and allows; the callback with its parameters.
    pub(crate) async fn callback(&mut self, changes: &[(&str, Option<&str>)]) -> HashMap<String, String> {
        let mut seen = self.begin(changes).await;
        if seen.text.contains("name=\"password\"") {
            seen = self.log_in(&seen, "ada@example.test", "analytical").await;
        }
        if seen.text.contains("name=\"decision\"") {
            seen = self.decide(&seen, "allow").await;
        }
        seen.callback()
    }

    pub(crate) async fn code(&mut self, changes: &[(&str, Option<&str>)]) -> String {
        self.callback(changes).await.remove("code").expect("a code comes back")
    }

    pub(crate) fn form(&self, url: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    /// A form to an endpoint, without any cookie.
    pub(crate) async fn ask(&self, endpoint: Endpoint, form: &[(&str, &str)]) -> Seen {
        read(self.form(&self.idp.url(endpoint), form).send().await.expect("the provider answers")).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Seen {
        self.ask(Endpoint::Token, &exchange_form(code)).await
    }

    /// A whole good sign-in.
    pub(crate) async fn tokens(&mut self, changes: &[(&str, Option<&str>)]) -> Value {
        let code = self.code(changes).await;
        self.exchange(&code).await.json(200)
    }

    pub(crate) async fn refresh(&self, refresh_token: &str, more: &[(&str, &str)]) -> Seen {
        let mut form =
            vec![("grant_type", "refresh_token"), ("client_id", "doorkey-demo"), ("refresh_token", refresh_token)];
        form.extend(more);
        self.ask(Endpoint::Token, &form).await
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> Seen {
        let request = self.http.get(self.idp.url(Endpoint::Userinfo)).bearer_auth(access_token);
        read(request.send().await.expect("the provider answers")).await
    }

    pub(crate) async fn fetch(&self, endpoint: Endpoint) -> Value {
        let request = self.http.get(self.idp.url(endpoint));
        read(request.send().await.expect("the provider answers")).await.json(200)
    }

    /// Checks the signature with the published keys and gives header and claims.
    pub(crate) async fn open(&self, token: &str) -> (Value, Value) {
        let header = part(token, 0);
        let jwks = self.fetch(Endpoint::Jwks).await;
        let key = jwks["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header["kid"]);
        let jwk = serde_json::from_value(key.expect("the key is published").clone()).expect("a JWK");
        let algorithm = serde_json::from_value(header["alg"].clone()).expect("an algorithm");
        let mut validation = jsonwebtoken::Validation::new(algorithm);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).expect("a good key");
        let opened = jsonwebtoken::decode::<Value>(token, &key, &validation).expect("the signature is good");
        (header, opened.claims)
    }

    fn absolute(&self, url: &str) -> String {
        let base = Url::parse(self.idp.issuer()).expect("the issuer is a URL");
        base.join(url).expect("a URL").into()
    }
}

impl Seen {
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).expect("the answer is JSON")
    }

    /// Asserts an OAuth error in JSON.
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!(self.json(status)["error"], error, "{}", self.text);
    }

    /// The parameters of a redirect to the client.
    pub(crate) fn callback(&self) -> HashMap<String, String> {
        let location =
            self.location.as_deref().unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.text));
        assert_eq!(self.status, 303);
        assert!(location.starts_with("http://"), "{location}");
        Url::parse(location).expect("a URL").query_pairs().into_owned().collect()
    }

    /// Asserts an error in a redirect to the client.
    pub(crate) fn sent_back(&self, error: &str) {
        let params = self.callback();
        assert_eq!(params.get("error").map(String::as_str), Some(error), "{params:?}");
        assert!(!params.contains_key("code"));
    }

    /// Asserts a page that goes nowhere.
    pub(crate) fn stays_here(&self, status: u16, word: &str) {
        assert_eq!((self.status, self.location.as_deref()), (status, None), "{}", self.text);
        assert!(self.text.contains(word), "{word} is not in {}", self.text);
    }

    pub(crate) fn hidden(&self, name: &str) -> String {
        self.between(&format!("name=\"{name}\" value=\""), "\"")
    }

    pub(crate) fn action(&self) -> String {
        self.between("action=\"", "\"")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    fn between(&self, before: &str, after: &str) -> String {
        let rest = self.text.split_once(before).unwrap_or_else(|| panic!("{before} is not in {}", self.text)).1;
        rest.split_once(after).expect("it ends").0.to_owned()
    }
}

pub(crate) fn exchange_form(code: &str) -> [(&'static str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "doorkey-demo"),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("code", code),
    ]
}

pub(crate) async fn read(response: Response) -> Seen {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let location = headers.get(LOCATION).map(|value| value.to_str().expect("text").to_owned());
    let text = response.text().await.expect("a whole body");
    Seen { status, location, text, headers }
}

/// Header (0) or claims (1) of a JWT, unchecked.
pub(crate) fn part(token: &str, which: usize) -> Value {
    let encoded = token.split('.').nth(which).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).expect("base64url")).expect("JSON")
}

pub(crate) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token.as_bytes())[..16])
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
