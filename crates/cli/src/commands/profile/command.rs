//! A profile as the command that makes it: for hints that can be copied.

use doorkey_client::words::{Profile, RedirectHost};

/// The sentence for a profile whose provider calls itself otherwise (META-01).
pub(crate) fn to_use_issuer(profile: &Profile, issuer: &str) -> String {
    let mended = Profile { issuer: issuer.to_owned(), ..profile.clone() };
    format!("The provider calls itself {issuer}. Use exactly that: {}", to_add(&mended, true))
}

/// `doorkey profile add …`, quoted for a POSIX shell.
pub(crate) fn to_add(profile: &Profile, replace: bool) -> String {
    let mut words = vec!["doorkey".to_owned(), "profile".to_owned(), "add".to_owned(), profile.name.clone()];
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    option("--issuer", &profile.issuer);
    option("--client-id", &profile.client_id);
    profile.scopes.iter().for_each(|scope| option("--scope", scope));
    profile.audience.iter().for_each(|audience| option("--audience", audience));
    profile.resources.iter().for_each(|resource| option("--resource", resource));
    profile.ports.iter().for_each(|port| option("--port", &port.to_string()));
    if profile.redirect_host != RedirectHost::default() {
        option("--redirect-host", profile.redirect_host.as_str());
    }
    profile.params.iter().for_each(|(key, value)| option("--param", &format!("{key}={value}")));
    if replace {
        words.push("--replace".to_owned());
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_makes_the_same_profile() {
        let profile = Profile {
            scopes: vec!["openid".into(), "read:notes".into()],
            audience: Some("https://api.example".into()),
            redirect_host: RedirectHost::V6,
            ports: vec![21847],
            params: [("acr".to_owned(), "a b".to_owned())].into(),
            ..Profile::new("work", "https://op.example/", "it's me")
        };
        assert_eq!(
            to_add(&profile, true),
            "doorkey profile add work --issuer https://op.example/ --client-id 'it'\\''s me' --scope openid \
             --scope read:notes --audience https://api.example --port 21847 --redirect-host '[::1]' --param 'acr=a b' --replace"
        );
    }
}
