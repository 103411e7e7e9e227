//! The text of `profiles.toml`: parsed strictly, edited in place. Pure.

use doorkey_client::words::{AccountSource, Endpoints, Grant, Profile, ProfileTable, Push, RedirectHost, ResponseMode};
use serde::Deserialize as _;
use serde::de::IntoDeserializer;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

use crate::mistake::Mistake;

/// What is wrong, and with which profile.
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) mistake: Mistake,
    pub(super) profile: Option<String>,
}

/// The newest layout; a file need not say it.
const LAYOUT: i64 = 1;
/// A file with more parts that are no TOML is none.
const MOST_BROKEN: usize = 64;

/// The profiles that can be read, in order, and what is wrong with the rest (F-01).
pub(super) fn parse(text: &str) -> (Vec<Profile>, Vec<Wrong>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut faults = Vec::new();
    let mut readable = text.to_owned();
    let document = loop {
        match toml_edit::Document::parse(readable.clone()) {
            Ok(document) => break document,
            Err(error) => {
                let (place, rest) = without_part(&readable, error.span());
                faults.push(Wrong { profile: place, ..wrong(text, error.message(), error.span(), None) });
                if rest == readable || faults.len() >= MOST_BROKEN {
                    return (Vec::new(), faults);
                }
                readable = rest;
            }
        }
    };
    if let Err(newer) = layout(text, document.as_table()) {
        faults.push(newer);
    }
    for (key, item) in document.iter() {
        if key != "profiles" && key != "version" {
            faults.push(wrong(text, &format!("unknown key `{key}`, expected `profiles`"), item.span(), None));
        }
    }
    let Some(table) = document.get("profiles").and_then(Item::as_table_like) else {
        if let Some(item) = document.get("profiles") {
            faults.push(wrong(text, "`profiles` is not a table", item.span(), None));
        }
        return (Vec::new(), faults);
    };
    let mut profiles = Vec::new();
    for (name, item) in table.iter() {
        let value = item.clone().into_value().ok().map(IntoDeserializer::into_deserializer);
        match value.map(ProfileTable::deserialize) {
            Some(Ok(entry)) => match entry.named(name) {
                Ok(profile) => profiles.push(profile),
                Err(port) => {
                    let key = item.as_table_like().and_then(|table| table.key("ports"));
                    let span = key.and_then(toml_edit::Key::span).or(item.span());
                    let what = format!("{port} is no port; ports are numbers from 1024 to 65534");
                    faults.push(wrong(text, &what, span, Some(name)));
                }
            },
            Some(Err(error)) => faults.push(wrong(text, error.message(), error.span().or(item.span()), Some(name))),
            None => faults.push(wrong(text, "a profile is a table", item.span(), Some(name))),
        }
    }
    (profiles, faults)
}

/// Whether this program knows the file's layout (F-11).
fn layout(text: &str, document: &dyn toml_edit::TableLike) -> Result<(), Wrong> {
    let Some(item) = document.get("version") else { return Ok(()) };
    match item.as_integer() {
        Some(1..=LAYOUT) => Ok(()),
        Some(_) => {
            let what = "it was written by a newer version of Doorkey, so it is read as far as it is understood and not changed";
            Err(Wrong { code: "config.newer_version", ..wrong(text, what, item.span(), None) })
        }
        None => Err(wrong(text, "`version` is a number", item.span(), None)),
    }
}

/// The text without the part that is no TOML, from its header to the next one; everything else keeps its place. With the
/// profile that the part is about, where its header says so.
fn without_part(text: &str, span: Option<std::ops::Range<usize>>) -> (Option<String>, String) {
    let at = span.map_or(0, |span| span.start);
    let mut start = 0;
    let mut end = text.len();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            if offset <= at {
                start = offset;
            } else {
                end = offset;
                break;
            }
        }
        offset += line.len();
    }
    let part = &text[start..end];
    let header = part.lines().next().unwrap_or_default().trim().trim_matches(['[', ']']);
    let name = header
        .strip_prefix("profiles.")
        .map(|rest| rest.split('.').next().unwrap_or(rest).trim_matches('"').to_owned());
    let blank: String = part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    (name, format!("{}{blank}{}", &text[..start], &text[end..]))
}

/// The text with this profile added or replaced.
pub(super) fn put(text: &str, profile: &Profile) -> Result<String, Wrong> {
    let mut document = editable(text)?;
    // Comments of a file without profiles are its head, such as `#:schema …`, and not what follows the last profile.
    if document.as_table().is_empty() && !text.trim().is_empty() {
        let made = put("", profile)?;
        return Ok(format!("{}\n\n{made}", text.trim_end()));
    }
    let profiles = document.entry("profiles").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let Some(profiles) = profiles.as_table_like_mut() else {
        return Err(wrong(text, "`profiles` is not a table", None, None));
    };
    if profiles.get(&profile.name).is_none() {
        profiles.insert(&profile.name, Item::Table(Table::new()));
    }
    let Some(table) = profiles.get_mut(&profile.name).and_then(Item::as_table_like_mut) else {
        return Err(wrong(text, "a profile is a table", None, Some(&profile.name)));
    };
    let texts = |list: &[String]| (!list.is_empty()).then(|| list.iter().collect::<Array>().into());
    set_value(table, "issuer", Some(profile.issuer.as_str().into()));
    set_value(table, "client_id", Some(profile.client_id.as_str().into()));
    set_value(table, "scopes", texts(&profile.scopes));
    set_value(table, "audience", profile.audience.as_deref().map(Value::from));
    set_value(table, "resources", texts(&profile.resources));
    let host = (profile.redirect_host != RedirectHost::default()).then(|| profile.redirect_host.as_str().into());
    set_value(table, "redirect_host", host);
    let ports = profile.ports.iter().map(|port| i64::from(*port)).collect::<Array>();
    set_value(table, "ports", (!profile.ports.is_empty()).then(|| ports.into()));
    set_value(table, "redirect_path", profile.redirect_path.as_deref().map(Value::from));
    set_value(table, "post_logout_redirect_path", profile.post_logout_redirect_path.as_deref().map(Value::from));
    let params = profile.params.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let params = params.collect::<toml_edit::InlineTable>();
    set_value(table, "params", (!params.is_empty()).then(|| params.into()));
    let grant = (profile.grant != Grant::default()).then(|| profile.grant.as_str().into());
    set_value(table, "grant", grant);
    let mode = (profile.response_mode != ResponseMode::default()).then(|| profile.response_mode.as_str().into());
    set_value(table, "response_mode", mode);
    set_value(table, "push", (profile.push != Push::default()).then(|| profile.push.as_str().into()));
    set_value(table, "dpop", profile.dpop.then(|| true.into()));
    set_value(table, "client_auth", profile.client_auth.map(|method| method.as_str().into()));
    set_value(table, "clock_tolerance", profile.clock_tolerance.map(|seconds| i64::from(seconds).into()));
    set_value(table, "refresh_idle", profile.refresh_idle.map(|seconds| i64::from(seconds).into()));
    set_value(table, "refresh_absolute", profile.refresh_absolute.map(|seconds| i64::from(seconds).into()));
    set_value(table, "preset", profile.preset.as_deref().map(Value::from));
    set_table(table, "endpoints", profile.endpoints.as_ref().map(endpoints));
    set_table(table, "account", profile.account.as_ref().map(account));
    Ok(document.to_string())
}

/// The text without this profile; nothing when it was not there.
pub(super) fn remove(text: &str, name: &str) -> Result<Option<String>, Wrong> {
    let mut document = editable(text)?;
    let removed = document.get_mut("profiles").and_then(Item::as_table_like_mut).and_then(|table| table.remove(name));
    Ok(removed.map(|removed| {
        let rest = document.to_string();
        match head(text, &removed) {
            Some(head) => format!("{head}\n\n{}", rest.trim_start()),
            None => rest,
        }
    }))
}

/// The comment at the head of the file, where this profile is the first: apart from the profile's own by an empty line.
fn head<'a>(text: &'a str, first: &Item) -> Option<&'a str> {
    let comments = first.as_table()?.decor().prefix()?.as_str()?;
    let (head, _) = comments.rsplit_once("\n\n")?;
    text.get(..head.len()).filter(|start| *start == head && !head.trim().is_empty())
}

/// Whether this program may change the text.
pub(super) fn may_change(text: &str) -> Result<(), Wrong> {
    editable(text).map(|_| ())
}

fn editable(text: &str) -> Result<DocumentMut, Wrong> {
    let document = text.parse::<DocumentMut>().map_err(|error| wrong(text, error.message(), error.span(), None))?;
    layout(text, document.as_table())?;
    Ok(document)
}

/// Replaces the value only, so that the comment behind it stays; an absent value removes the key.
pub(crate) fn set_value(table: &mut dyn toml_edit::TableLike, key: &str, value: Option<Value>) {
    match (value, table.get_mut(key)) {
        (None, _) => {
            table.remove(key);
        }
        (Some(mut value), Some(Item::Value(old))) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        (Some(value), _) => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// The same for a table within: each of its keys by itself, so that comments stay.
fn set_table(table: &mut dyn toml_edit::TableLike, key: &str, members: Option<Vec<(&str, Option<&String>)>>) {
    let Some(members) = members else {
        table.remove(key);
        return;
    };
    if table.get(key).and_then(Item::as_table_like).is_none() {
        table.insert(key, Item::Table(Table::new()));
    }
    let Some(inner) = table.get_mut(key).and_then(Item::as_table_like_mut) else { return };
    for (name, value) in members {
        set_value(inner, name, value.map(|text| text.as_str().into()));
    }
}

fn endpoints(given: &Endpoints) -> Vec<(&'static str, Option<&String>)> {
    vec![
        ("authorization_endpoint", Some(&given.authorization_endpoint)),
        ("token_endpoint", Some(&given.token_endpoint)),
        ("revocation_endpoint", given.revocation_endpoint.as_ref()),
        ("device_authorization_endpoint", given.device_authorization_endpoint.as_ref()),
    ]
}

fn account(source: &AccountSource) -> Vec<(&'static str, Option<&String>)> {
    vec![("endpoint", Some(&source.endpoint)), ("id", Some(&source.id)), ("name", source.name.as_ref())]
}

fn wrong(text: &str, what: &str, span: Option<std::ops::Range<usize>>, profile: Option<&str>) -> Wrong {
    let mistake = Mistake::new(text, what, span);
    let code = code_at(text, mistake.place.map(|(line, _)| line));
    Wrong { code, mistake, profile: profile.map(str::to_owned) }
}

/// What is wrong with a value is told by its key (F-02).
fn code_at(text: &str, line: Option<usize>) -> &'static str {
    let line = line.and_then(|line| text.lines().nth(line.checked_sub(1)?)).unwrap_or_default();
    match line.split_once('=').map(|(key, _)| key.trim()) {
        Some("ports" | "redirect_host" | "redirect_path") => "config.bad_redirect",
        Some(_) | None => "config.parse",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// How to sign in with providers. Holds no secret.
    #[derive(schemars::JsonSchema)]
    #[schemars(title = "profiles.toml of Doorkey", deny_unknown_fields)]
    #[expect(dead_code, reason = "its shape is what counts")]
    struct File {
        /// The layout; a newer one is read and not changed.
        #[schemars(range(min = 1, max = 1))]
        version: Option<u32>,
        /// By name: letters, digits, `-`, `_` and `.`, at most 64.
        #[serde(default)]
        profiles: BTreeMap<String, ProfileTable>,
    }

    #[test]
    fn the_published_schema_is_that_of_the_file() {
        let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<File>();
        let preset = schema.pointer_mut("/$defs/Entry/properties/preset").expect("a profile has one");
        preset["enum"] = crate::preset::preset_names().into();
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        crate::published::assert_current("profiles.schema.json", &text);
    }

    #[test]
    fn a_part_that_is_no_toml_costs_only_itself() {
        let text = "[profiles.one]\nissuer = \"https://op.example\"\nclient_id = \"a\"\n\
                    [profiles.two]\nissuer = \"https://op.example\nclient_id = \"a\"\n\
                    [profiles.three]\nissuer = \"https://op.example\"\nclient_id = \"a\"\nports = [70000]\n\
                    [profiles.four]\nissuer = \"https://op.example\"\nclient_id = \"a\"\n";
        let (profiles, wrong) = parse(text);
        let names: Vec<_> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["one", "four"]);
        let told: Vec<_> =
            wrong.iter().map(|wrong| (wrong.code, wrong.profile.as_deref(), wrong.mistake.place)).collect();
        assert_eq!(told[0].0, "config.parse");
        assert_eq!((told[0].1, told[0].2.map(|(line, _)| line)), (Some("two"), Some(5)));
        assert_eq!(
            (told[1].0, told[1].1, told[1].2.map(|(line, _)| line)),
            ("config.bad_redirect", Some("three"), Some(10))
        );
    }

    #[test]
    fn the_second_of_two_profiles_of_one_name_is_told_and_the_first_is_used() {
        let one = "[profiles.work]\nissuer = \"https://one.example\"\nclient_id = \"a\"\n";
        let (profiles, wrong) = parse(&format!("{one}{}", one.replace("one.", "two.")));
        assert_eq!(profiles.len(), 1);
        assert_eq!(profiles[0].issuer, "https://one.example");
        assert_eq!((wrong.len(), wrong[0].code, wrong[0].profile.as_deref()), (1, "config.parse", Some("work")));
    }

    #[test]
    fn a_first_line_for_editors_stays_the_first() {
        let hint = "#:schema profiles.schema.json\n";
        let text = put(hint, &Profile::new("work", "https://op.example", "app"))
            .unwrap_or_else(|wrong| panic!("{}", wrong.mistake.what));
        assert!(text.starts_with(hint) && parse(&text).0.len() == 1, "{text}");
        let emptied = remove(&text, "work").ok().flatten().expect("removed");
        assert!(emptied.starts_with(hint), "{emptied}");
    }

    #[test]
    fn a_file_of_a_newer_version_is_read_and_not_changed() {
        let text = "version = 2\n[profiles.work]\nissuer = \"https://op.example\"\nclient_id = \"a\"\n";
        let (profiles, wrong) = parse(text);
        assert_eq!((profiles.len(), wrong[0].code), (1, "config.newer_version"));
        assert!(put(text, &profiles[0]).is_err_and(|wrong| wrong.code == "config.newer_version"));
        assert!(remove(text, "work").is_err_and(|wrong| wrong.code == "config.newer_version"));
        assert!(put(&text.replace("= 2", "= 1"), &profiles[0]).is_ok());
    }
}
