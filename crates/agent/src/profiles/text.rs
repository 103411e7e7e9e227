//! Profiles as text that people pass on: the same TOML as `profiles.toml`, read as strictly, and without secrets.

use doorkey_client::words::{Profile, Refusal};
use toml_edit::{Document, Item, TableLike};

use super::{Place, file, judged};

/// Words in the name of a key that say what it holds. No profile has such a key, nor may one ever hold its value.
const SECRET_WORDS: [&str; 8] =
    ["secret", "password", "passphrase", "private_key", "client_key", "token", "assertion", "credential"];
/// Keys with such a word that hold no secret: endpoints and their like.
const HARMLESS_WORDS: [&str; 3] = ["endpoint", "auth", "method"];

/// The profiles in a text, each judged like one of `profiles.toml`, and what is wrong with the rest. `name` is what
/// messages call the text.
#[must_use]
pub fn read_profiles(text: &str, name: &str) -> (Vec<Profile>, Vec<Refusal>) {
    judged(text, &Place::Text(name))
}

/// Where a text seems to hold secrets, such as `profiles.work.client_secret`; never what.
#[must_use]
pub fn secrets_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(document) = Document::parse(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        collect("", document.as_table(), &mut found);
    }
    found
}

fn collect(path: &str, table: &dyn TableLike, found: &mut Vec<String>) {
    for (key, item) in table.iter() {
        let here = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        // The names of profiles are people's own.
        let is_named = path == "profiles";
        if let Some(inner) = item.as_table_like() {
            collect(&here, inner, found);
        } else if !is_named && names_a_secret(key) {
            found.push(doorkey_oauth::clean(&here, 120));
        } else if let Item::ArrayOfTables(list) = item {
            list.iter().for_each(|table| collect(&here, table, found));
        }
    }
}

fn names_a_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let has = |words: &[&str]| words.iter().any(|word| key.contains(word));
    has(&SECRET_WORDS) && !has(&HARMLESS_WORDS)
}

/// Profiles as text, each a table of its own; what is as it is without saying is not said.
///
/// # Panics
/// Never: what was judged can be written.
#[must_use]
pub fn write_profiles(profiles: &[Profile]) -> String {
    let mut text = String::new();
    for profile in profiles {
        text = file::put(&text, profile).unwrap_or_else(|_| unreachable!("an empty text takes every profile"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_come_back_as_they_were() {
        use doorkey_client::words::{AccountSource, ClientAuth, Endpoints, Grant, Push, RedirectHost, ResponseMode};
        let full = Profile {
            scopes: vec!["read:user".into()],
            audience: Some("https://api.example".into()),
            resources: vec!["https://r.example".into()],
            redirect_host: RedirectHost::Localhost,
            ports: vec![21847, 21848],
            redirect_path: Some("/cb/full".into()),
            post_logout_redirect_path: Some("/signed-out/full".into()),
            params: [("prompt".to_owned(), "consent".to_owned())].into(),
            grant: Grant::DeviceCode,
            response_mode: ResponseMode::FormPost,
            push: Push::Never,
            dpop: true,
            client_auth: Some(ClientAuth::ClientSecretPost),
            clock_tolerance: Some(120),
            refresh_idle: Some(1_296_000),
            refresh_absolute: Some(2_592_000),
            preset: Some("github".into()),
            endpoints: Some(Endpoints {
                authorization_endpoint: "https://op.example/a".into(),
                token_endpoint: "https://op.example/t".into(),
                revocation_endpoint: None,
                device_authorization_endpoint: Some("https://op.example/d".into()),
            }),
            account: Some(AccountSource {
                endpoint: "https://op.example/me".into(),
                id: "/id".into(),
                name: Some("/login".into()),
            }),
            ..Profile::new("full", "https://op.example", "app")
        };
        let profiles = vec![full, Profile::new("plain.name", "https://op.example", "app")];
        let (read, wrong) = read_profiles(&write_profiles(&profiles), "the text");
        assert_eq!((read, wrong), (profiles, Vec::new()));
    }

    #[test]
    fn secrets_are_found_by_their_names_and_not_shown() {
        let text = "[profiles.token]\nissuer = \"https://op.example\"\nclient_id = \"app\"\nclient_secret = \"CANARY\"\n\
                    client_auth = \"client_secret_post\"\nparams = { password = \"CANARY\" }\n\
                    [profiles.token.endpoints]\ntoken_endpoint = \"https://op.example/t\"\n[[keys]]\nprivate_key = \"CANARY\"\n";
        assert_eq!(
            secrets_in(text),
            ["profiles.token.client_secret", "profiles.token.params.password", "keys.private_key"]
        );
        assert!(secrets_in("[profiles.secret]\nissuer = \"https://op.example\"\n").is_empty(), "a name is a name");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_in_the_text() {
        let (read, wrong) =
            read_profiles("[profiles.work]\nissuer = \"https://op.example\"\nclientid = \"x\"\n", "shared.toml");
        assert!(read.is_empty());
        assert_eq!(wrong[0].code, "config.parse");
        assert!(wrong[0].message.starts_with("shared.toml:3:1"), "{}", wrong[0].message);
    }
}
