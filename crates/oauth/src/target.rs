use crate::client::{ClientError, ClientSettings};

/// Which API a token is for this time, where a sign-in asked for several (RFC 8707 section 2.2) or where the
/// provider gives tokens for others too (Auth0's multi-resource refresh tokens).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Some of those that were asked for.
    pub resources: Vec<String>,
    /// Auth0's name for the API.
    pub audience: Option<String>,
}

impl Target {
    /// Never wider than what was asked: the provider would refuse it, or worse.
    pub(crate) fn check(&self, client: &ClientSettings) -> Result<(), ClientError> {
        let Self { resources, audience } = self.clone();
        ClientSettings { resources, audience, ..client.clone() }.check()?;
        let asked = &client.resources;
        match self.resources.iter().find(|resource| !asked.is_empty() && !asked.contains(resource)) {
            Some(resource) => Err(ClientError::ResourceNotAsked { got: crate::clean(resource, 200) }),
            None => Ok(()),
        }
    }

    /// What stands in a request to the token endpoint. Of several resources none is named unless that is
    /// wished: providers that bind a token to one API refuse a list.
    pub(crate) fn params(this_time: Option<&Self>, client: &ClientSettings) -> Vec<(String, String)> {
        let named = |name: &str, value: &String| (name.to_owned(), value.clone());
        match (this_time, client.resources.as_slice()) {
            (Some(target), _) => {
                let resources = target.resources.iter().map(|resource| named("resource", resource));
                resources.chain(target.audience.iter().map(|audience| named("audience", audience))).collect()
            }
            (None, [one]) => vec![named("resource", one)],
            (None, _) => Vec::new(),
        }
    }
}
