use super::*;
use crate::Fault;

fn check(change: impl FnOnce(&mut ClientSettings)) -> Result<(), &'static str> {
    let mut settings = ClientSettings::new("client");
    settings.scopes = vec!["openid".into()];
    change(&mut settings);
    settings.check().map_err(|error| error.code())
}

#[test]
fn client_ids_are_printable_and_trimmed() {
    // F-04
    assert_eq!(check(|_| {}), Ok(()));
    assert_eq!(check(|s| s.client_id = "my client \"1\"".into()), Ok(()));
    for id in ["", " a", "a\r", "a\nb", "é"] {
        assert_eq!(check(|s| s.client_id = id.into()), Err("config.bad_client_id"), "{id}");
    }
}

#[test]
fn scopes_audience_and_resources_have_their_alphabet() {
    // F-05, F-06, RES-01
    for scope in ["", "a b", "a\"b", "a\\b", "é"] {
        assert_eq!(check(|s| s.scopes.push(scope.into())), Err("config.bad_scope"), "{scope}");
    }
    assert_eq!(check(|s| s.audience = Some("a b".into())), Err("config.bad_resource"));
    for resource in ["api", "/api", "https://api.example/#x", ""] {
        assert_eq!(check(|s| s.resources = vec![resource.into()]), Err("config.bad_resource"), "{resource}");
    }
    assert_eq!(check(|s| s.resources = vec!["https://a.example/".into(), "urn:api".into()]), Ok(()));
}

#[test]
fn parameters_that_shadow_ours_are_refused() {
    // F-07
    for name in RESERVED.iter().copied().chain(["STATE", " nonce "]) {
        let code = check(|s| s.params = vec![(name.into(), "x".into())]);
        assert_eq!(code, Err("config.reserved_parameter"), "{name}");
    }
    let twice = vec![("acr_values".into(), "1".into()), ("acr_values".into(), "2".into())];
    assert_eq!(check(|s| s.params = twice), Err("config.bad_parameter"));
    assert_eq!(check(|s| s.params = vec![("organization".into(), "org_1".into())]), Ok(()));
}
