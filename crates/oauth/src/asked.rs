//! What a sign-in asked for, as far as the answers must show it.

use serde_json::Value;

use crate::client::{ClientError, ClientSettings};
use crate::json::{Limits, read, type_name};
use crate::text::clean;

const DETAILS: Limits = Limits { bytes: 8 * 1024, depth: 16 };

/// What was asked, read from the request as it was sent: a parameter given by hand counts like one of the
/// profile. [`Expected::satisfying`](crate::Expected::satisfying) holds an ID token against it,
/// [`check_granted`](crate::check_granted) the tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asked {
    /// Each once.
    pub scopes: Vec<String>,
    /// Auth0's name for the API.
    pub audience: Option<String>,
    /// RFC 8707.
    pub resources: Vec<String>,
    /// Seconds since the last log-in, at most (OpenID Connect Core section 3.1.2.1).
    pub max_age: Option<u64>,
    /// In order of preference (OpenID Connect Core section 3.1.2.1).
    pub acr_values: Vec<String>,
    /// Auth0's organization, by id (`org_…`) or by name.
    pub organization: Option<String>,
    /// RFC 9396: a list of objects, each with a `type`.
    pub authorization_details: Option<Value>,
}

impl Asked {
    /// Reads it from the settings and the parameters of one request, as they are sent.
    pub(crate) fn of(client: &ClientSettings, params: &[(String, String)]) -> Result<Self, ClientError> {
        let value = |name: &str| params.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let mut scopes: Vec<String> = Vec::new();
        for scope in &client.scopes {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        Ok(Self {
            scopes,
            audience: value("audience").map(str::to_owned),
            resources: client.resources.clone(),
            max_age: value("max_age").map(max_age).transpose()?,
            acr_values: value("acr_values").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            organization: value("organization").map(str::to_owned),
            authorization_details: value("authorization_details").map(details).transpose()?,
        })
    }
}

/// Digits only: a sign or a fraction would be read differently by the two sides.
fn max_age(text: &str) -> Result<u64, ClientError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| is_number);
    seconds.ok_or_else(|| ClientError::BadMaxAge { got: clean(text, 40) })
}

/// RFC 9396 section 2: a JSON list of objects, each of which names its `type`.
fn details(text: &str) -> Result<Value, ClientError> {
    let bad = |problem: String| ClientError::BadAuthorizationDetails { problem };
    let details = read(text.as_bytes(), DETAILS).map_err(|fault| bad(fault.to_string()))?;
    let Value::Array(items) = &details else {
        return Err(bad(format!("it is {} and not a list", type_name(&details))));
    };
    for item in items {
        if !item.get("type").is_some_and(Value::is_string) {
            return Err(bad("one of its members has no `type`".to_owned()));
        }
    }
    Ok(details)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::Fault;
    use crate::test_provider::client;

    fn asked(params: &[(&str, &str)]) -> Result<Asked, &'static str> {
        let params: Vec<_> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::of(&client(), &params).map_err(|error| error.code())
    }

    #[test]
    fn parameters_given_by_hand_count() {
        // IDT-12
        let asked = asked(&[
            ("max_age", "0"),
            ("acr_values", "urn:a  urn:b"),
            ("organization", "org_1"),
            ("audience", "https://api.example/"),
            ("authorization_details", r#"[{"type":"payment","amount":"1"}]"#),
        ])
        .expect("good");
        assert_eq!((asked.max_age, asked.organization.as_deref()), (Some(0), Some("org_1")));
        assert_eq!(asked.acr_values, ["urn:a", "urn:b"]);
        assert_eq!(asked.audience.as_deref(), Some("https://api.example/"));
        assert_eq!(asked.authorization_details, Some(json!([{"type": "payment", "amount": "1"}])));
        assert_eq!(asked.scopes, ["openid", "profile"]);
    }

    #[test]
    fn an_age_is_a_number_of_seconds() {
        for text in ["-1", "+1", "1.5", "ten", " 1", "99999999999999999999999"] {
            assert_eq!(asked(&[("max_age", text)]), Err("config.bad_parameter"), "{text}");
        }
    }

    #[test]
    fn details_are_a_list_of_objects_with_a_type() {
        // RFC 9396 section 2
        for text in ["", "{}", "[1]", "[{}]", r#"[{"type":1}]"#, r#"[{"type":"a","type":"b"}]"#, "[[[[[[[[[[[[[[[[["] {
            assert_eq!(asked(&[("authorization_details", text)]), Err("config.bad_parameter"), "{text}");
        }
        assert!(asked(&[("authorization_details", "[]")]).is_ok());
    }

    proptest! {
        #[test]
        fn no_value_makes_it_panic(age in ".{0,24}", details in "[\\[\\]{}\":,a-z0-9]{0,60}") {
            let _ = asked(&[("max_age", &age)]);
            let _ = asked(&[("authorization_details", &details)]);
        }
    }
}
