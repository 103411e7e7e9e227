use serde_json::json;

use super::*;

const HEAD: &str = "version = 1\n[profile]\nissuer = \"${issuer}\"\nclient_id = \"app\"\n\
                    [variables]\nissuer = { env = \"ISSUER\", default = \"https://op.example\" }\n";

fn file(rest: &str) -> String {
    format!("{HEAD}{rest}")
}

fn runs(rest: &str) -> Vec<Run> {
    read(&file(rest), |_| None).unwrap_or_else(|mistake| panic!("{mistake}")).runs
}

fn mistake(rest: &str) -> String {
    let text = file(rest);
    let lines = HEAD.lines().count();
    let mistake = read(&text, |_| None).expect_err("it is wrong");
    let place = mistake.place.map(|(line, column)| (line - lines, column));
    Mistake { place, ..mistake }.to_string()
}

#[test]
fn a_scenario_is_a_run_and_a_matrix_is_many() {
    let one = runs("[[scenario]]\nname = \"ada\"\n");
    assert_eq!(one.len(), 1);
    assert_eq!((one[0].name.as_str(), &one[0].hands, one[0].timeout), ("ada", &Hands::Person, USUAL_TIMEOUT));
    let RunProfile::Own(profile) = &one[0].profile else { panic!("{:?}", one[0].profile) };
    assert_eq!((profile.issuer.as_str(), profile.name.as_str()), ("https://op.example", PROFILE));

    let many = runs(
        "[matrix]\nmode = [\"query\", \"form_post\"]\nscopes = [[\"openid\"], [\"openid\", \"email\"]]\n\
         [[scenario]]\nname = \"ada\"\nsign_in = { response_mode = \"${mode}\" }\n\
         expect = { scope = \"${scopes}\" }\n[[scenario]]\nname = \"bo\"\nmatrix = {}\n",
    );
    let names: Vec<&str> = many.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ada [mode=query, scopes=openid]",
            "ada [mode=query, scopes=openid email]",
            "ada [mode=form_post, scopes=openid]",
            "ada [mode=form_post, scopes=openid email]",
            "bo"
        ]
    );
    assert!(matches!(&many[1].expect.scope, Some(Scopes::Exactly(scopes)) if scopes == &["openid", "email"]));
}

#[test]
fn a_variable_comes_from_the_environment() {
    let text = file("[[scenario]]\nname = \"ada\"\n");
    let read = read(&text, |name| (name == "ISSUER").then(|| "https://other.example".to_owned())).expect("it is good");
    assert!(matches!(&read.runs[0].profile, RunProfile::Own(profile) if profile.issuer == "https://other.example"));
    let unset = mistake("[[scenario]]\nname = \"ada\"\n[scenario.variables]\nuser = { env = \"WHO\" }\n");
    assert_eq!(unset, "4:1: `user` is read from the environment variable WHO, which is not set; a `default` would do.");
}

#[test]
fn a_mistake_is_told_with_its_line_and_column() {
    for (rest, told) in [
        ("[[scenario]]\nname = \"ada\"\nexpects = {}\n", "3:1: unknown field `expects`"),
        (
            "[[scenario]]\nname = \"ada\"\nexpect = { ends = \"signed_in\", algo = \"RS256\" }\n",
            "3:32: unknown field `algo`",
        ),
        ("[[scenario]]\nname = \"ada\"\nexpect = { ends = \"idtoken.nonce\" }\n", "3:12: `idtoken.nonce` is neither"),
        ("[[scenario]]\nname = \"ada\"\ntimeout = \"soon\"\n", "3:1: `soon` is no time"),
        ("[[scenario]]\nname = \"ada\"\ntimeout = \"2h\"\n", "3:1: a run may take up to 30m"),
        ("[[scenario]]\nname = \"${who}\"\n", "2:1: there is no variable `who`"),
        ("[[scenario]]\nname = \"a\"\n[scenario.variables]\nat = \"${issuer}/a\"\n", "4:1: a variable's value has no"),
        ("[matrix]\nat = [\"${issuer}\"]\n[[scenario]]\nname = \"a\"\n", "2:1: a variable's value has no"),
        (
            "[[scenario]]\nname = \"a\"\nexpect = { claims = { \"${issuer}\" = { present = false } } }\n",
            "3:23: a variable stands in values only",
        ),
        ("[[scenario]]\nname = \"ada\"\n[[scenario]]\nname = \"ada\"\n", "4:1: there is another scenario named `ada`"),
        (
            "[login]\nby = \"chromium\"\nsteps = [{ fill = \"#a\" }]\n[[scenario]]\nname = \"ada\"\n",
            "3:10: `fill` takes",
        ),
        (
            "[login]\nby = \"chromium\"\nsteps = [\n  { fill = \"#a\", secret = \"x\" },\n]\n[[scenario]]\nname = \"ada\"\n",
            "4:18: `secret` is the name",
        ),
        (
            "[login]\nby = \"person\"\nsteps = [{ click = \"#a\" }]\n[[scenario]]\nname = \"ada\"\n",
            "3:1: `steps` is for",
        ),
        (
            "[[scenario]]\nname = \"ada\"\nexpect = { ends = \"callback.access_denied\", alg = \"RS256\" }\n",
            "3:45: there is no `alg`",
        ),
        (
            "[[scenario]]\nname = \"ada\"\nthen = [{ do = \"sign_out\", expect = { alg = \"RS256\" } }]\n",
            "3:39: a sign-out has no `alg`",
        ),
        (
            "[[scenario]]\nname = \"ada\"\nexpect = { requests = { refresh = 0 } }\n",
            "3:25: no request is for `refresh`",
        ),
        ("[[scenario]]\nname = \"ada\"\nretries = 9\n", "3:1: a run is tried again at most 5 times"),
        ("[[scenario]]\nname = \n", "2:8: "),
    ] {
        let mistake = mistake(rest);
        assert!(mistake.starts_with(told), "{rest}\n{mistake}");
    }
}

#[test]
fn an_expectation_that_holds_whatever_comes_is_a_mistake() {
    for (expect, told) in [
        ("claims = { sub = {} }", "3:23: nothing is said of this claim"),
        ("claims = {}", "3:12: nothing is expected in this table"),
        ("checks = {}", "3:12: nothing is expected in this table"),
        ("requests = {}", "3:12: nothing is expected in this table"),
        ("userinfo = { email = { contains = \"\" } }", "3:25: every text contains an empty one"),
        ("claims = { sub = { present = false, is = { a = 1 } } }", "3:23: what is not there has no value"),
        ("scope = {}", "3:12: nothing is expected here"),
        ("scope = { includes = [], excludes = [] }", "3:12: nothing is expected here"),
        ("scope = { excludes = [\"email phone\"] }", "3:12: a scope is one word"),
        ("scope = { includes = [\"email\"], excludes = [\"email\"] }", "3:12: a scope is both"),
        ("scope = { excludes = [\"\"] }", "3:12: a scope is one word"),
        ("lifetime = {}", "3:12: nothing is expected here"),
        ("id_token_lifetime = { at_least = \"2m\", at_most = \"90s\" }", "3:12: `at_least` is more than"),
        ("requests = { token = {} }", "3:25: nothing is expected here"),
        ("requests = { token = { at_least = 0 } }", "3:25: nothing is expected here"),
    ] {
        let rest = format!("[[scenario]]\nname = \"ada\"\nexpect = {{ {expect} }}\n");
        let mistake = mistake(&rest);
        assert!(mistake.starts_with(told), "{rest}\n{mistake}");
        let later = format!("[[scenario]]\nname = \"ada\"\nthen = [{{ do = \"renew\", expect = {{ {expect} }} }}]\n");
        assert!(read(&file(&later), |_| None).is_err(), "{later}");
    }
    for (step, told) in [
        ("expect = \"h1\", optional = true", "an `expect` that is `optional` holds"),
        ("expect = \"h1\", text = \"\"", "every page has an empty `text`"),
    ] {
        let rest = format!("[login]\nby = \"chromium\"\nsteps = [{{ {step} }}]\n[[scenario]]\nname = \"ada\"\n");
        assert!(mistake(&rest).starts_with(&format!("3:10: {told}")), "{rest}\n{}", mistake(&rest));
    }
    // Nothing granted, and a table as a value, are something.
    for expect in ["scope = \"\"", "scope = []", "claims = { act = { is = {} } }", "requests = { token = 0 }"] {
        runs(&format!("[[scenario]]\nname = \"ada\"\nexpect = {{ {expect} }}\n"));
    }
}

#[test]
fn what_is_to_be_done_at_a_sign_out_page_is_not_left_out() {
    let login = |login: &str, then: &str| {
        let login = format!("[login]\nby = {login}\n");
        let rest = format!("{login}[[scenario]]\nname = \"ada\"\nthen = [{{ do = \"sign_out\", {then} }}]\n");
        read(&file(&rest), |_| None).map_err(|mistake| mistake.what)
    };
    let (chromium, command) = ("\"chromium\"", "\"command\"\ncommand = [\"login\"]");
    for (by, then, told) in [
        (command, "how = \"everywhere\"", "nobody would open the provider's sign-out page"),
        (command, "how = \"everywhere\", steps = [{ click = \"#out\" }]", "`steps` are for a login in Chromium"),
        (command, "how = \"everywhere\", command = [\"\"]", "`command` is for a login by a command"),
        (command, "command = [\"logout\"]", "no page is opened otherwise"),
        (chromium, "steps = [{ click = \"#out\" }]", "no page is opened otherwise"),
        (chromium, "how = \"everywhere\", command = [\"logout\"]", "`command` is for a login by a command"),
        (chromium, "expect = { browser = \"confirmed\" }", "no browser goes anywhere otherwise"),
        (
            chromium,
            "how = \"everywhere\", steps = [{ click = \"#out\" }], expect = { done = [\"forget\"] }",
            "without `end_session` no sign-out page is opened",
        ),
    ] {
        let read = login(by, then);
        assert!(read.as_ref().is_err_and(|what| what.contains(told)), "{by} {then}\n{read:?}");
    }
    let read = login(command, "how = \"everywhere\", command = [\"logout\", \"-q\"]").expect("it is good");
    let Then::SignOut(_, hands, _) = &read.runs[0].then[0] else { panic!("{read:?}") };
    assert_eq!(hands, &Hands::Command(vec!["logout".to_owned(), "-q".to_owned()]));
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for rest in [
        "[secrets]\nada = \"CANARY\"\n[[scenario]]\nname = \"ada\"\n",
        "[login]\nby = \"chromium\"\nsteps = [{ fill = \"#password\", value = \"CANARY\" }]\n[[scenario]]\nname = \"ada\"\n",
        "[[scenario]]\nname = \"ada\"\nvariables = { ada_password = \"CANARY\" }\n",
        "[[scenario]]\nname = \"ada\"\nmatrix = { password = [\"CANARY\", \"wrong\"] }\n",
        "[[scenario]]\nname = \"ada\"\nsign_in = { params = { client_secret = \"CANARY\" } }\n",
    ] {
        let mistake = mistake(rest);
        assert!(mistake.contains("a secret does not stand in a scenario"), "{rest}\n{mistake}");
        assert!(!mistake.starts_with(' ') && !mistake.contains("CANARY"), "{mistake}");
    }
    let unknown = read(&format!("client_secret = \"CANARY\"\n{}", file("[[scenario]]\nname = \"ada\"\n")), |_| None);
    let unknown = unknown.expect_err("there is no such secret").to_string();
    assert!(
        unknown.starts_with("1:1: `client_secret` is the name of a secret") && !unknown.contains("CANARY"),
        "{unknown}"
    );
}

#[test]
fn what_is_too_much_is_refused() {
    let values = (0..9).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let told = mistake(&format!("[matrix]\na = [{values}]\nb = [{values}]\n[[scenario]]\nname = \"ada\"\n"));
    assert!(told.starts_with("3:1: the matrix has more than 64 combinations"), "{told}");
    let long = "#".repeat(LARGEST_FILE + 1);
    assert!(read(&long, |_| None).is_err_and(|mistake| mistake.what.contains("256 KiB")));
    let many = "[[scenario]]\nname = \"a\"\n".repeat(MOST_SCENARIOS + 1);
    assert!(mistake(&many).contains("1 to 200 scenarios"));
}

#[test]
fn a_newer_file_and_a_file_without_version_are_refused() {
    assert!(read("version = 2\nwhat = 1\n", |_| None).is_err_and(|it| it.what.contains("newer version")));
    assert!(
        read("[[scenario]]\nname = \"a\"\n", |_| None).is_err_and(|it| it.what.contains("`version = 1` is missing"))
    );
}

#[test]
fn times_read_as_they_are_written() {
    for text in ["500ms", "30s", "5m", "1h"] {
        let span: Span = serde_json::from_value(json!(text)).expect("a time");
        assert_eq!(span.to_string(), text);
    }
    assert!(serde_json::from_value::<Span>(json!("5")).is_err());
}

/// A file with scenarios of one profile, for `doorkey test run`.
#[derive(schemars::JsonSchema)]
#[schemars(title = "Scenarios of Doorkey", deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what counts")]
struct File {
    /// The layout.
    #[schemars(range(min = 1, max = 1))]
    version: u32,
    /// How to sign in: the name of a profile of this computer, or a profile with the members that `profiles.toml` has.
    profile: ProfileSource,
    /// The name of the secret that is the client's.
    client_secret: Option<String>,
    /// The name of the secret that is the client's private key, PEM or JSON Web Key.
    client_key: Option<String>,
    /// How the login page is filled in; by a person when absent.
    login: Option<format::Login>,
    /// Values for `${name}`, or where in the environment they are.
    #[serde(default)]
    variables: std::collections::BTreeMap<String, Variable>,
    /// Where the secrets are, by the names that steps call them by.
    #[serde(default)]
    secrets: std::collections::BTreeMap<String, format::SecretTable>,
    /// Variables with many values: one run for each combination.
    #[serde(default)]
    matrix: std::collections::BTreeMap<String, Vec<serde_json::Value>>,
    /// The scenarios.
    #[schemars(length(min = 1, max = 200))]
    scenario: Vec<Scenario>,
}

/// The value of a variable.
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "its shape is what counts")]
enum Variable {
    Environment(format::VariableTable),
    Text(String),
    Number(f64),
    Truth(bool),
    List(Vec<serde_json::Value>),
}

/// A sign-in, and what must come of it.
#[derive(schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what counts")]
struct Scenario {
    /// What reports call it; no two of a file have the same.
    #[schemars(length(min = 1, max = 120))]
    name: String,
    /// How the login page is filled in, other than the file says.
    login: Option<format::Login>,
    /// Variables of this scenario, over the file's.
    #[serde(default)]
    variables: std::collections::BTreeMap<String, Variable>,
    /// A matrix of this scenario, in place of the file's.
    matrix: Option<std::collections::BTreeMap<String, Vec<serde_json::Value>>>,
    /// Parameters of the sign-in.
    #[serde(default)]
    sign_in: SignIn,
    /// What must come of the sign-in.
    #[serde(default)]
    expect: Expect,
    /// What is done after it, in order.
    #[serde(default)]
    then: Vec<format::Then>,
    /// How often it is tried again when it fails; reports tell.
    #[serde(default)]
    #[schemars(range(max = 5))]
    retries: u32,
    /// How long one try may take; 2m when absent.
    timeout: Option<Span>,
}

/// Whatever is no text may be a variable as well.
fn or_a_variable(schema: &mut serde_json::Value) {
    let properties = match schema {
        serde_json::Value::Object(members) => members,
        serde_json::Value::Array(values) => return values.iter_mut().for_each(or_a_variable),
        _ => return,
    };
    properties.values_mut().for_each(or_a_variable);
    let Some(serde_json::Value::Object(properties)) = properties.get_mut("properties") else { return };
    for (name, property) in properties.iter_mut() {
        let is_text = property["type"] == "string" && property.get("pattern").is_none();
        if is_text || name == "version" || property.is_boolean() {
            continue;
        }
        let description = property.as_object_mut().and_then(|members| members.remove("description"));
        let made = json!({ "anyOf": [property.clone(), { "type": "string", "pattern": "^\\$\\{[^{}]+\\}$" }] });
        *property = made;
        if let Some(description) = description {
            property["description"] = description;
        }
    }
}

fn schema() -> serde_json::Value {
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<File>();
    let mut schema = serde_json::to_value(schema).expect("a schema is JSON");
    or_a_variable(&mut schema);
    schema
}

#[test]
fn the_published_schema_is_that_of_the_file() {
    let text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON") + "\n";
    let name = "scenario.schema.json";
    if let Some(folder) = std::env::var_os("DOORKEY_PUBLISH") {
        return std::fs::write(std::path::Path::new(&folder).join(name), text).expect("the folder can be written");
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(published == text, "docs/{name} is not what the code says: `make gen` writes it");
}

#[test]
fn the_examples_are_scenarios_by_their_schema_too() {
    let schema = jsonschema::validator_for(&schema()).expect("it is a schema");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/scenarios");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("there are examples").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(text.starts_with("#:schema ../../docs/scenario.schema.json\n"), "{}", path.display());
        let value: serde_json::Value = toml_edit::de::from_str(&text).expect("TOML");
        let wrong: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
        let environment = |name: &str| Some(format!("https://{}.example", name.to_lowercase()));
        read(&text, environment).unwrap_or_else(|mistake| panic!("{}:{mistake}", path.display()));
    }
    assert!(seen >= 3, "the examples are gone");
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let schema = jsonschema::validator_for(&schema()).expect("it is a schema");
    let of = |text: &str| toml_edit::de::from_str::<serde_json::Value>(text).expect("TOML");
    assert!(schema.is_valid(&of(&file("[[scenario]]\nname = \"ada\"\nretries = \"${often}\"\n"))));
    assert!(!schema.is_valid(&of(&file("[[scenario]]\nname = \"ada\"\nexpects = {}\n"))));
    assert!(!schema.is_valid(&of(&file("[secrets]\nada = \"CANARY\"\n[[scenario]]\nname = \"ada\"\n"))));
}
