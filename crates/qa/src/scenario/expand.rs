//! From the text of a file to the runs it asks for: every combination of its matrix, with all variables in their place.

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use doorkey_client::words::Profile;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml_edit::Document;

use super::format::{ProfileSource, SecretSource, SignIn, Span, VariableTable};
use super::mistake::{Mistake, Step, Way};
use super::substitute::{Variables, has_variable, substitute};
use super::{Hands, Run, literal};

/// A longer file is none that a person wrote.
pub const LARGEST_FILE: usize = 256 * 1024;
/// Scenarios in one file.
pub const MOST_SCENARIOS: usize = 200;
/// Runs of one scenario.
pub const MOST_COMBINATIONS: usize = 64;
/// Runs of one file.
pub const MOST_RUNS: usize = 500;

const IN_A_VARIABLE: &str = "a variable's value has no variables in it: put them together where they are used";

/// What a file asks for.
#[derive(Debug)]
pub struct Scenarios {
    /// Each by itself, in the order of the file.
    pub runs: Vec<Run>,
    /// Where the secrets are that the runs name.
    pub secrets: BTreeMap<String, SecretSource>,
}

/// The file before its variables are in their place.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    profile: Value,
    client_secret: Option<Value>,
    client_key: Option<Value>,
    login: Option<Value>,
    #[serde(default)]
    variables: Map<String, Value>,
    #[serde(default)]
    secrets: BTreeMap<String, SecretSource>,
    #[serde(default)]
    matrix: Matrix,
    scenario: Vec<Value>,
}

type Matrix = BTreeMap<String, Vec<Value>>;

/// A scenario, its variables in their place.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    name: String,
    profile: ProfileSource,
    client_secret: Option<String>,
    client_key: Option<String>,
    login: Option<super::format::Login>,
    #[serde(default)]
    sign_in: SignIn,
    #[serde(default)]
    expect: super::Expect,
    #[serde(default)]
    then: Vec<super::format::Then>,
    #[serde(default)]
    retries: u32,
    timeout: Option<Span>,
}

/// Something wrong, and the way to it.
type Wrong = (Way, String);

/// Reads a file. `environment` tells the value of a variable of the environment.
///
/// # Errors
/// The first mistake, with its line and column.
pub fn read(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Scenarios, Mistake> {
    if text.len() > LARGEST_FILE {
        return Err(Mistake::at(text, &format!("it has more than {} KiB", LARGEST_FILE / 1024), None));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document =
        Document::parse(text.to_owned()).map_err(|error| Mistake::at(text, error.message(), error.span()))?;
    let value: Value = toml_edit::de::from_document(document.clone())
        .map_err(|error| Mistake::at(text, error.message(), error.span()))?;
    all(value, &environment).map_err(|(way, what)| Mistake::on(text, &document, &way, &what))
}

fn all(value: Value, environment: &impl Fn(&str) -> Option<String>) -> Result<Scenarios, Wrong> {
    match value.get("version") {
        None => return Err((Way::default(), "`version = 1` is missing at its beginning".to_owned())),
        Some(version) if version.as_u64().is_some_and(|version| version > 1) => {
            return Err((Way::default().key("version"), "it was written for a newer version of Doorkey".to_owned()));
        }
        Some(_) => {}
    }
    let file: File = typed(value, &Way::default())?;
    if file.version != 1 {
        return Err((Way::default().key("version"), "`version` is 1".to_owned()));
    }
    if file.scenario.is_empty() || file.scenario.len() > MOST_SCENARIOS {
        return Err((Way::default().key("scenario"), format!("a file has 1 to {MOST_SCENARIOS} scenarios")));
    }
    let shared = variables(&file.variables, &Way::default().key("variables"), environment)?;
    let mut runs = Vec::new();
    let mut names = BTreeSet::new();
    for (index, scenario) in file.scenario.iter().enumerate() {
        let way = Way::default().key("scenario").index(index);
        for run in one(&file, scenario, &shared, &way, environment)? {
            if !names.insert(run.name.clone()) {
                return Err((way.key("name"), format!("there is another scenario named `{}`", run.name)));
            }
            runs.push(run);
        }
        if runs.len() > MOST_RUNS {
            return Err((way, format!("the file asks for more than {MOST_RUNS} runs")));
        }
    }
    Ok(Scenarios { runs, secrets: file.secrets })
}

/// The runs of one scenario.
fn one(
    file: &File,
    scenario: &Value,
    shared: &Variables,
    way: &Way,
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<Run>, Wrong> {
    let Value::Object(mut members) = scenario.clone() else {
        return Err((way.clone(), "a scenario is a table that begins with `[[scenario]]`".to_owned()));
    };
    if members.contains_key("profile") {
        return Err((way.clone().key("profile"), "a file is about one profile: use a variable".to_owned()));
    }
    let mut known = shared.clone();
    if let Some(own) = members.remove("variables") {
        let way = way.clone().key("variables");
        let own: Map<String, Value> = typed(own, &way)?;
        known.extend(variables(&own, &way, environment)?);
    }
    let (matrix, matrix_way) = match members.remove("matrix") {
        Some(own) => (typed(own, &way.clone().key("matrix"))?, way.clone().key("matrix")),
        None => (file.matrix.clone(), Way::default().key("matrix")),
    };
    if let Some(secret) =
        literal::find(&Value::Object(known.iter().map(|(k, v)| (k.clone(), v.clone())).collect()), &Way::default())
    {
        let way = if members_of(scenario, &secret) { way.clone() } else { Way::default() };
        let way = secret.0.into_iter().fold(way.key("variables"), |way, step| Way([way.0, vec![step]].concat()));
        return Err((way, super::format::NO_LITERAL.to_owned()));
    }
    let inherited = [
        ("profile", Some(&file.profile)),
        ("client_secret", file.client_secret.as_ref()),
        ("client_key", file.client_key.as_ref()),
        ("login", file.login.as_ref()),
    ];
    combinations(&matrix, &matrix_way)?
        .into_iter()
        .map(|combination| {
            let mut members = members.clone();
            let mut variables = known.clone();
            if let Some(secret) = literal::find(&Value::Object(combination.iter().cloned().collect()), &matrix_way) {
                return Err((secret, super::format::NO_LITERAL.to_owned()));
            }
            variables.extend(combination.iter().cloned());
            for (name, value) in &mut members {
                in_place(value, &variables, &way.clone().key(name))?;
            }
            for (name, value) in inherited {
                let Some(value) = value.filter(|_| !members.contains_key(name)) else { continue };
                let mut value = value.clone();
                in_place(&mut value, &variables, &Way::default().key(name))?;
                members.insert(name.to_owned(), value);
            }
            run(file, members, &combination, way)
        })
        .collect()
}

/// Whether the variable stands in the scenario itself.
fn members_of(scenario: &Value, way: &Way) -> bool {
    match way.0.first() {
        Some(Step::Key(name)) => scenario.get("variables").is_some_and(|own| own.get(name).is_some()),
        Some(Step::Index(_)) | None => false,
    }
}

/// No secret may stand there; then the variables are put in.
fn in_place(value: &mut Value, variables: &Variables, way: &Way) -> Result<(), Wrong> {
    if let Some(secret) = literal::find(value, way) {
        return Err((secret, super::format::NO_LITERAL.to_owned()));
    }
    substitute(value, variables, way)
}

fn run(file: &File, members: Map<String, Value>, combination: &[(String, Value)], way: &Way) -> Result<Run, Wrong> {
    // What the scenario has from the file is found there.
    let origin = |error: Wrong| match error.0.0.get(way.0.len()) {
        Some(Step::Key(name))
            if matches!(name.as_str(), "profile" | "client_secret" | "client_key")
                || name == "login" && file.scenario_has_no(way, "login") =>
        {
            (Way(error.0.0[way.0.len()..].to_vec()), error.1)
        }
        _ => error,
    };
    let one: One = typed(Value::Object(members), way).map_err(origin)?;
    let name = if combination.is_empty() {
        one.name.clone()
    } else {
        let told: Vec<String> = combination.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
        format!("{} [{}]", one.name, told.join(", "))
    };
    rules::checked(one, name, file, way).map_err(origin)
}

impl File {
    fn scenario_has_no(&self, way: &Way, member: &str) -> bool {
        match way.0.last() {
            Some(Step::Index(index)) => self.scenario.get(*index).is_none_or(|scenario| scenario.get(member).is_none()),
            Some(Step::Key(_)) | None => true,
        }
    }
}

/// As the name of a run shows it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace(char::is_control, " "),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Every combination of the values, the last name changing first.
fn combinations(matrix: &Matrix, way: &Way) -> Result<Vec<Vec<(String, Value)>>, Wrong> {
    let mut made: Vec<Vec<(String, Value)>> = vec![Vec::new()];
    for (name, values) in matrix {
        if values.is_empty() {
            return Err((way.clone().key(name), format!("`{name}` has no values")));
        }
        if values.iter().any(has_variable) {
            return Err((way.clone().key(name), IN_A_VARIABLE.to_owned()));
        }
        if made.len().saturating_mul(values.len()) > MOST_COMBINATIONS {
            let what = format!("the matrix has more than {MOST_COMBINATIONS} combinations");
            return Err((way.clone().key(name), what));
        }
        made = made
            .iter()
            .flat_map(|before| {
                values.iter().map(move |value| {
                    let mut longer = before.clone();
                    longer.push((name.clone(), value.clone()));
                    longer
                })
            })
            .collect();
    }
    Ok(made)
}

/// The values of variables: their own, or the environment's.
fn variables(
    table: &Map<String, Value>,
    way: &Way,
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<Variables, Wrong> {
    let value_of = |name: &String, value: &Value| {
        let way = way.clone().key(name);
        if has_variable(value) {
            return Err((way, IN_A_VARIABLE.to_owned()));
        }
        if !value.is_object() {
            return Ok(value.clone());
        }
        let table: VariableTable = typed(value.clone(), &way)?;
        match environment(&table.env).map(Value::String).or(table.default) {
            Some(value) => Ok(value),
            None => Err((
                way,
                format!(
                    "`{name}` is read from the environment variable {}, which is not set; a `default` would do",
                    table.env
                ),
            )),
        }
    };
    table.iter().map(|(name, value)| Ok((name.clone(), value_of(name, value)?))).collect()
}

/// The value as that type; what is wrong with it, and where.
fn typed<T: DeserializeOwned>(value: Value, way: &Way) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let steps = error.path().iter().filter_map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(Step::Index(*index)),
            serde_path_to_error::Segment::Map { key } => Some(Step::Key(key.clone())),
            serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => None,
        });
        let way = Way(way.0.iter().cloned().chain(steps).collect());
        (way, error.inner().to_string())
    })
}

/// A profile that stands in the file.
fn own_profile(table: doorkey_client::words::ProfileTable) -> Result<Profile, String> {
    table.named(super::PROFILE).map_err(|port| format!("{port} is no port; ports are numbers from 1024 to 65534"))
}

/// Nobody is named to fill in the page: a person does.
fn hands(login: Option<super::format::Login>, way: &Way) -> Result<Hands, Wrong> {
    login.map_or(Ok(Hands::Person), |login| rules::hands(login, way))
}
