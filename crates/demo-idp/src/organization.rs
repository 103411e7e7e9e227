use std::fmt;

/// A group of people who sign in together, as Auth0 has it: named by `organization` in a request, told by
/// `org_id` and `org_name` in tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Such as `org_demo_acme`.
    pub id: String,
    /// Such as `acme`; in lower case.
    pub name: String,
}

impl Organization {
    /// The organisations of the default settings.
    #[must_use]
    pub fn demo() -> Vec<Self> {
        [("org_demo_acme", "acme"), ("org_demo_globex", "globex")]
            .map(|(id, name)| Self { id: id.into(), name: name.into() })
            .into()
    }

    /// Requests name it either way.
    pub(crate) fn is_called(&self, asked: &str) -> bool {
        self.id == asked || self.name == asked
    }

    pub(crate) fn add_to(&self, claims: &mut serde_json::Value) {
        claims["org_id"] = self.id.as_str().into();
        claims["org_name"] = self.name.as_str().into();
    }
}

impl fmt::Display for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
