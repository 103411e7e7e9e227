use super::*;

fn pair(name: &str, value: &str) -> Pair {
    Pair { name: name.to_owned(), value: value.to_owned(), secret: false, altered: false }
}

fn secret(name: &str) -> Pair {
    Pair { name: name.to_owned(), value: "9f86d081".to_owned(), secret: true, altered: false }
}

fn request(headers: Vec<Pair>, form: Vec<Pair>) -> SentRequest {
    SentRequest { method: "POST".to_owned(), url: "https://op.example/token".to_owned(), headers, form }
}

fn application() -> SentRequest {
    let form = vec![
        pair("grant_type", "client_credentials"),
        pair("audience", "https://api.example/?a=b&c='d'"),
        pair("client_id", "app"),
        secret("client_secret"),
    ];
    request(vec![pair("accept", "application/json"), pair("content-type", "application/x-www-form-urlencoded")], form)
}

#[test]
fn every_language_has_every_field_and_no_secret() {
    for language in Language::ALL {
        let sample = write(&application(), language).unwrap_or_else(|error| panic!("{error}"));
        assert!(sample.text.contains("CLIENT_SECRET") && sample.text.contains("client_credentials"), "{}", sample.text);
        assert!(!sample.text.contains("9f86d081"), "a fingerprint is of no use in a program:\n{}", sample.text);
        assert!(!sample.text.contains("x-www-form-urlencoded") || !sample.text.contains("content-type"), "set once");
        assert_eq!(sample.variables, ["CLIENT_SECRET"]);
        assert!(sample.text.ends_with('\n') && !sample.text.contains("\n\n\n"), "{}", sample.text);
    }
}

#[test]
fn a_client_that_authenticates_as_basic_does_so_in_every_language() {
    let request = request(vec![secret_basic()], vec![pair("grant_type", "client_credentials")]);
    for language in Language::ALL {
        let sample = write(&request, language).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(sample.variables, ["CLIENT_ID", "CLIENT_SECRET"], "{}", language.name());
    }
}

#[test]
fn an_address_has_every_parameter_and_no_secret_in_every_language() {
    let parameters = [pair("response_type", "code"), pair("scope", "openid it's"), secret("state"), secret("nonce")];
    for language in Language::ALL {
        let sample = write_address("https://op.example/authorize", &parameters, language);
        let sample = sample.unwrap_or_else(|error| panic!("{error}"));
        assert!(sample.text.contains("https://op.example/authorize") && sample.text.contains("response_type"));
        assert!(sample.text.contains("STATE") && !sample.text.contains("9f86d081"), "{}", sample.text);
        assert_eq!(sample.variables, ["NONCE", "STATE"]);
        assert!(sample.text.ends_with('\n') && !sample.text.contains("\n\n\n"), "{}", sample.text);
        let without = write_address("https://op.example/authorize", &parameters[..2], language);
        assert!(without.is_ok_and(|sample| sample.variables.is_empty()));
    }
}

fn secret_basic() -> Pair {
    Pair { name: "Authorization".to_owned(), value: "Basic 9f86d081".to_owned(), secret: true, altered: false }
}

#[test]
fn a_text_is_that_text_whatever_is_in_it() {
    assert_eq!(quoting::shell("it's $HOME `id`"), r"'it'\''s $HOME `id`'");
    assert_eq!(quoting::double(r#"a"b\c"#), r#""a\"b\\c""#);
    assert_eq!(quoting::single(r"a'b\c"), r"'a\'b\\c'");
}

#[test]
fn what_is_no_form_or_has_control_characters_is_refused() {
    let get = SentRequest { method: "GET".to_owned(), form: Vec::new(), ..application() };
    assert!(matches!(write(&get, Language::Curl), Err(SampleError::NoForm { .. })));
    let bad = request(Vec::new(), vec![pair("scope", "a\nb")]);
    assert!(matches!(write(&bad, Language::Curl), Err(SampleError::ControlCharacter { .. })));
}

#[test]
fn a_shell_gives_no_secret_to_a_program_as_its_argument() {
    let form = vec![secret("client_secret"), pair("scope", "a"), secret("we\"i$r\\d`")];
    let request = request(vec![secret_basic(), secret("dpop")], form);
    let sample = write(&request, Language::Curl).unwrap_or_else(|error| panic!("{error}"));
    let (arguments, given) = sample.text.split_once("<<END\n").expect("a here-document");
    let curl = arguments.split_once("\ncurl ").expect("a command").1;
    assert!(!curl.contains('$') && curl.contains("'scope=a'"), "{curl}");
    for line in [
        r#"user = "$(encoded "$CLIENT_ID"):$(encoded "$CLIENT_SECRET")""#,
        r#"header = "dpop: $(quoted "$DPOP")""#,
        r#"data-urlencode = "client_secret=$(quoted "$CLIENT_SECRET")""#,
        r#"data-urlencode = "we\\"i\$r\\\\d\`=$(quoted "$WE_I_R_D_")""#,
    ] {
        assert!(given.lines().any(|given| given == line), "{line}\n{given}");
    }
    assert!(given.ends_with("\nEND\n"), "{given}");
}
