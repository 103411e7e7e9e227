use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use crate::answer::Request;
use crate::client::{ClientAuth, ClientSettings};

use crate::endpoint::Endpoint;
use crate::seal::Unsealed;
use crate::secret::for_request;

/// A form for an endpoint the oauth2 crate does not know, the client authenticated as at the token endpoint
/// (RFC 6749 section 2.3; CORE-06, CORE-07).
pub(crate) fn form_post(
    endpoint: &Endpoint,
    settings: &ClientSettings,
    auth: &ClientAuth,
    pairs: &[(String, String)],
    needs: Unsealed,
) -> Request {
    let mut form = Serializer::new(String::new());
    let named = pairs.iter().filter(|(name, _)| name != "client_id");
    form.extend_pairs(named.map(|(name, value)| (name.as_str(), value.as_str())));
    let mut basic = None;
    match (auth, &settings.client_secret) {
        (ClientAuth::Basic, Some(secret)) => {
            let secret = Zeroizing::new(for_request(secret));
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let credentials = Zeroizing::new(format!("{}:{}", encoded(&settings.client_id), encoded(&secret)));
            basic = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials.as_bytes()))).ok();
        }
        (ClientAuth::Post, Some(secret)) => {
            form.append_pair("client_id", &settings.client_id);
            form.append_pair("client_secret", &Zeroizing::new(for_request(secret)));
        }
        (ClientAuth::Public | ClientAuth::PrivateKeyJwt { .. } | ClientAuth::Basic | ClientAuth::Post, _) => {
            form.append_pair("client_id", &settings.client_id);
        }
    }
    let mut request = http::Request::new(form.finish().into_bytes());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = endpoint.uri().clone();
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(mut basic) = basic {
        basic.set_sensitive(true);
        headers.insert(AUTHORIZATION, basic);
    }
    needs.put_on(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientSecret;
    use crate::test_provider::{client, metadata};

    type Parts = (Option<HeaderValue>, Vec<(String, String)>);

    /// What the oauth2 crate sends for the same client, and what is sent here.
    fn both(settings: &ClientSettings, auth: &ClientAuth) -> [Parts; 2] {
        let endpoint = metadata(|_| {}).token_endpoint;
        let url = oauth2::TokenUrl::from_url(endpoint.url().clone());
        let theirs: crate::client::TokenClient = crate::client::oauth2_client(settings, auth).set_token_uri(url);
        let theirs = crate::client::Capture::request(&endpoint, Unsealed::default(), |capture| {
            theirs.exchange_client_credentials().request(capture).map(drop).map_err(drop)
        });
        let pairs = [("grant_type".to_owned(), "client_credentials".to_owned())];
        [theirs, form_post(&endpoint, settings, auth, &pairs, Unsealed::default())].map(|request| {
            let mut form: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
            form.sort();
            (request.headers().get(AUTHORIZATION).cloned(), form)
        })
    }

    #[test]
    fn it_authenticates_as_the_oauth2_crate_does() {
        // CORE-06, CORE-07
        let settings = ClientSettings {
            client_id: "my client".into(),
            client_secret: Some(ClientSecret::new("p:% +é&=".into())),
            ..client()
        };
        for auth in [ClientAuth::Public, ClientAuth::Basic, ClientAuth::Post] {
            let [theirs, ours] = both(&settings, &auth);
            assert_eq!(ours, theirs, "{auth:?}");
        }
    }
}
