//! Requests that are wrong on purpose, to see whether a provider refuses them: with any fields at all, by the client as
//! it authenticates. Nothing that signs a person in is made here.

use crate::Endpoint;
use crate::answer::Request;
use crate::client::{ClientAuth, ClientError, ClientSettings};
use crate::form_post::form_post;
use crate::metadata::Metadata;
use crate::seal::Unsealed;

/// A form with these fields, beside those by which the client authenticates at the token endpoint (RFC 6749 section
/// 2.3). A `client_id` among the fields is left out: who asks is said by `client`.
///
/// # Errors
/// [`ClientError`] where the client cannot authenticate.
pub fn negative_request(
    metadata: &Metadata,
    client: &ClientSettings,
    endpoint: &Endpoint,
    fields: &[(String, String)],
) -> Result<Request, ClientError> {
    let auth = ClientAuth::choose(metadata, client)?;
    Ok(form_post(endpoint, client, &auth, fields, Unsealed::for_tokens(client, &auth)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_provider::{client, metadata};

    #[test]
    fn it_says_what_it_is_told_and_who_asks() {
        let metadata = metadata(|_| {});
        let fields = [("grant_type", "x"), ("client_id", "other"), ("code", "c"), ("code", "d")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = negative_request(&metadata, &client(), &metadata.token_endpoint, &fields).expect("a request");
        let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["grant_type", "code", "code", "client_id"]);
        assert_eq!(form[3].1, client().client_id);
    }
}
