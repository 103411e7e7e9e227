use std::fmt;

/// Names and values of a request in the order they came, doubled ones too. They may hold secrets, so
/// `Debug` tells names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every value of that name, in order.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Every name, in order, as often as it came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Every name with its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// With one more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Without those.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// The value of a parameter that may be there once. Empty counts as absent (RFC 6749 3.1, 3.2).
    pub(crate) fn once(&self, name: &str) -> Result<Option<&str>, Doubled> {
        match self.all(name)[..] {
            [] | [""] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(Doubled),
        }
    }

    /// The first name that came twice, apart from `resource`, which may repeat (RFC 8707 2).
    pub(crate) fn doubled(&self) -> Option<&str> {
        self.names().find(|name| *name != "resource" && self.all(name).len() > 1)
    }
}

/// A parameter came more than once.
#[derive(Debug)]
pub(crate) struct Doubled;

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
