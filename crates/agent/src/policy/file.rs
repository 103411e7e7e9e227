//! The text of `policy.toml`, parsed strictly, and when a rule of it fits. Pure but for the look which file a path leads to.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml_edit::Item;

use super::{Asked, Policy};
use crate::mistake::Mistake;
use crate::peer::Process;

/// The newest layout; a file need not say it.
const LAYOUT: i64 = 1;
const MOST_RULES: usize = 1_000;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// The program gets the token.
    Allow,
    /// It does not, whatever a person has said before.
    Deny,
    /// A person is asked, unless they have been.
    #[default]
    Ask,
}

/// A rule fits when everything it names does; what it does not name it does not look at. With `decision = "allow"` the
/// token must reach nothing beyond what `audience` and `scope` name; with any other, one thing of it is enough.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Path of the executable.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) program: Option<PathBuf>,
    /// SHA-256 of the executable, in hexadecimal.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-fA-F]{64}$")))]
    pub(crate) sha256: Option<String>,
    /// Name of the profile.
    pub(crate) profile: Option<String>,
    /// The API or the resource that the token is for.
    pub(crate) audience: Option<String>,
    /// Scopes of the token.
    pub(crate) scope: Option<Vec<String>>,
    /// What becomes of a request that fits.
    pub(crate) decision: Decision,
}

pub(super) fn parse(text: &str) -> Result<Policy, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = toml_edit::Document::parse(text.to_owned())
        .map_err(|error| Mistake::new(text, error.message(), error.span()))?;
    let mut policy = Policy { default: Decision::default(), rules: Vec::new() };
    for (key, item) in document.iter() {
        match key {
            "version" => match item.as_integer() {
                Some(1..=LAYOUT) => {}
                Some(_) => {
                    return Err(Mistake::new(text, "it was written for a newer version of Doorkey", item.span()));
                }
                None => return Err(Mistake::new(text, "`version` is a number", item.span())),
            },
            "default" => policy.default = read(text, item)?,
            "rule" => policy.rules = rules(text, item)?,
            other => {
                let span = document.as_table().key(other).and_then(toml_edit::Key::span).or(item.span());
                let what = format!("unknown key `{other}`, expected `version`, `default` or `[[rule]]`");
                return Err(Mistake::new(text, &what, span));
            }
        }
    }
    Ok(policy)
}

fn rules(text: &str, item: &Item) -> Result<Vec<Rule>, Mistake> {
    let Some(tables) = item.as_array_of_tables() else {
        return Err(Mistake::new(text, "a rule begins with `[[rule]]`", item.span()));
    };
    if tables.len() > MOST_RULES {
        return Err(Mistake::new(text, &format!("more than {MOST_RULES} rules"), item.span()));
    }
    tables
        .iter()
        .map(|table| {
            let rule: Rule = read(text, &Item::Table(table.clone()))?;
            let at = |key: &str| table.key(key).and_then(toml_edit::Key::span).or(table.span());
            if rule.program.as_ref().is_some_and(|program| !program.is_absolute()) {
                return Err(Mistake::new(text, "`program` is the whole path of an executable", at("program")));
            }
            let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            if rule.sha256.as_ref().is_some_and(|hash| !is_hash(hash)) {
                return Err(Mistake::new(text, "`sha256` is 64 hexadecimal digits", at("sha256")));
            }
            Ok(rule)
        })
        .collect()
}

fn read<T: for<'de> Deserialize<'de>>(text: &str, item: &Item) -> Result<T, Mistake> {
    let Ok(value) = item.clone().into_value() else {
        return Err(Mistake::new(text, "a value is missing", item.span()));
    };
    T::deserialize(value.into_deserializer())
        .map_err(|error| Mistake::new(text, error.message(), error.span().or(item.span())))
}

impl Rule {
    /// Nothing where that depends on a hash that is not known yet.
    pub(super) fn fits(&self, asked: &Asked<'_>) -> Option<bool> {
        let plain = self.profile.as_deref().is_none_or(|profile| profile == asked.profile)
            && self.audience_fits(asked)
            && self.scope_fits(asked);
        if !plain {
            return Some(false);
        }
        self.program_fits(asked)
    }

    /// The path must lead to the very file that runs: the same path in another view of the files is another program. A
    /// hash says more than any path, so that with one the path is only compared.
    fn program_fits(&self, asked: &Asked<'_>) -> Option<bool> {
        if self.program.is_none() && self.sha256.is_none() {
            return Some(true);
        }
        let Some(process) = asked.program else { return Some(false) };
        let runs = |path: &PathBuf| fs::metadata(path).is_ok_and(|about| process.file.is_file(&about));
        match &self.sha256 {
            None => Some(self.program.as_ref().is_none_or(runs)),
            Some(_) if !self.program.as_ref().is_none_or(|path| is_path(process, path) || runs(path)) => Some(false),
            Some(hash) => asked.hash.map(|known| known.eq_ignore_ascii_case(hash)),
        }
    }

    fn audience_fits(&self, asked: &Asked<'_>) -> bool {
        let Some(audience) = &self.audience else { return true };
        let mut apis = asked.reach.audience.iter().chain(&asked.reach.resource).peekable();
        match self.decision {
            Decision::Allow => {
                apis.peek().is_some() && asked.reach.connection.is_none() && apis.all(|api| api == audience)
            }
            Decision::Deny | Decision::Ask => apis.any(|api| api == audience),
        }
    }

    fn scope_fits(&self, asked: &Asked<'_>) -> bool {
        let Some(scope) = &self.scope else { return true };
        match (self.decision, &asked.reach.scope) {
            (Decision::Allow, Some(wanted)) => wanted.iter().all(|one| scope.contains(one)),
            // Nobody knows what the provider gives.
            (Decision::Allow, None) => false,
            (Decision::Deny | Decision::Ask, Some(wanted)) => wanted.iter().any(|one| scope.contains(one)),
            (Decision::Deny | Decision::Ask, None) => true,
        }
    }
}

fn is_path(process: &Process, path: &PathBuf) -> bool {
    process.path == *path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which program may have a token without a person being asked. Holds no secret.
    #[derive(schemars::JsonSchema)]
    #[schemars(title = "policy.toml of Doorkey", deny_unknown_fields)]
    #[expect(dead_code, reason = "its shape is what counts")]
    struct File {
        /// The layout.
        #[schemars(range(min = 1, max = 1))]
        version: Option<u32>,
        /// What becomes of a request that no rule fits.
        #[serde(default)]
        default: Decision,
        /// In order: the first that fits decides.
        #[serde(default)]
        rule: Vec<Rule>,
    }

    #[test]
    fn the_published_schema_is_that_of_the_file() {
        let schema = schemars::SchemaGenerator::default().into_root_schema_for::<File>();
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        crate::published::assert_current("policy.schema.json", &text);
    }

    #[test]
    fn a_whole_file_is_read() {
        let hash = "0a".repeat(32);
        let text = format!(
            "# for the build machine\nversion = 1\ndefault = \"deny\"\n\n[[rule]]\nprogram = \"/usr/bin/gh\"\nsha256 = \"{hash}\"\n\
             profile = \"work\"\naudience = \"https://api\"\nscope = [\"read\"]\ndecision = \"allow\"\n[[rule]]\ndecision = \"ask\"\n"
        );
        let policy = parse(&text).expect("good");
        assert_eq!((policy.default, policy.rules.len()), (Decision::Deny, 2));
        assert_eq!(policy.rules[0].program.as_deref(), Some(std::path::Path::new("/usr/bin/gh")));
        assert_eq!(policy.rules[1].decision, Decision::Ask);
        assert_eq!(parse("").expect("empty").default, Decision::Ask);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, place, told) in [
            ("default = \"yes\"\n", (1, 11), "unknown variant `yes`"),
            ("\ndefualt = \"deny\"\n", (2, 1), "unknown key `defualt`"),
            ("[[rule]]\ndecision = \"allow\"\nprogramm = \"/bin/x\"\n", (3, 1), "programm"),
            ("[[rule]]\nprogram = \"gh\"\ndecision = \"allow\"\n", (2, 1), "whole path"),
            ("[[rule]]\nsha256 = \"0a\"\ndecision = \"allow\"\n", (2, 1), "64 hexadecimal"),
            ("[[rule]]\nprogram = \"/bin/x\"\n", (1, 1), "missing field `decision`"),
            ("version = 2\n", (1, 11), "newer version"),
            ("rule = 1\n", (1, 8), "[[rule]]"),
            ("[[rule]\n", (1, 8), ""),
        ] {
            let wrong = parse(text).expect_err(text);
            assert_eq!(wrong.place, Some(place), "{text}: {wrong:?}");
            assert!(wrong.what.contains(told), "{text}: {wrong:?}");
        }
    }
}
