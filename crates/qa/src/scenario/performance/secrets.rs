//! The secrets of a file, while its runs are played.

use std::collections::BTreeMap;

use doorkey_client::Secret;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;

/// Shorter texts are met by chance in what a page says.
const SHORTEST_SCRUBBED: usize = 4;

/// By the names they have in the file.
#[derive(Clone, Debug, Default)]
pub struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// These.
    #[must_use]
    pub fn new(secrets: BTreeMap<String, Secret>) -> Self {
        Self(secrets)
    }

    pub(super) fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).cloned()
    }

    /// Types it into a field of the provider's page.
    #[expect(clippy::disallowed_methods, reason = "the scenario says that it belongs into this field of the page")]
    pub(in crate::scenario) async fn type_into(&self, name: &str, element: &Element) -> Result<(), CmdError> {
        match self.0.get(name) {
            Some(secret) => element.send_keys(secret.expose()).await,
            None => Err(CmdError::InvalidArgument(name.to_owned(), "there is no such secret".to_owned())),
        }
    }

    /// A page may repeat what was typed: it does not get into a report.
    #[expect(clippy::disallowed_methods, reason = "looked for, so that it is not shown")]
    pub(in crate::scenario) fn scrubbed(&self, text: &str) -> String {
        self.0
            .iter()
            .filter(|(_, secret)| secret.len() >= SHORTEST_SCRUBBED)
            .fold(text.to_owned(), |text, (name, secret)| text.replace(secret.expose(), &format!("[secret {name}]")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_repeats_of_a_secret_is_not_told() {
        let secrets = Secrets::new([("ada".to_owned(), Secret::new("analytical".to_owned()))].into());
        assert_eq!(secrets.scrubbed("No analytical here"), "No [secret ada] here");
    }
}
