//! A profile as the command that makes it: for hints that can be copied.

use doorkey_client::words::{Grant, Profile, Push, RedirectHost, ResponseMode};

/// The sentence for a profile whose provider calls itself otherwise (META-01).
pub(crate) fn to_use_issuer(profile: &Profile, issuer: &str) -> String {
    let mended = Profile { issuer: issuer.to_owned(), ..profile.clone() };
    format!("The provider calls itself {issuer}. Use exactly that: {}", to_add(&mended, true))
}

/// `doorkey profile add …`, quoted for a POSIX shell.
pub(crate) fn to_add(profile: &Profile, replace: bool) -> String {
    words(profile, replace).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn words(profile: &Profile, replace: bool) -> Vec<String> {
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
    profile.redirect_path.iter().for_each(|path| option("--redirect-path", path));
    profile.post_logout_redirect_path.iter().for_each(|path| option("--post-logout-redirect-path", path));
    profile.params.iter().for_each(|(key, value)| option("--param", &format!("{key}={value}")));
    profile.preset.iter().for_each(|preset| option("--preset", preset));
    if profile.grant != Grant::default() {
        option("--grant", profile.grant.as_str());
    }
    if profile.response_mode != ResponseMode::default() {
        option("--response-mode", profile.response_mode.as_str());
    }
    if profile.push != Push::default() {
        option("--push", profile.push.as_str());
    }
    profile.client_auth.iter().for_each(|method| option("--client-auth", method.as_str()));
    profile.clock_tolerance.iter().for_each(|seconds| option("--clock-tolerance", &format!("{seconds}s")));
    profile.refresh_idle.iter().for_each(|seconds| option("--refresh-idle", &format!("{seconds}s")));
    profile.refresh_absolute.iter().for_each(|seconds| option("--refresh-absolute", &format!("{seconds}s")));
    if let Some(endpoints) = &profile.endpoints {
        option("--authorization-endpoint", &endpoints.authorization_endpoint);
        option("--token-endpoint", &endpoints.token_endpoint);
        endpoints.revocation_endpoint.iter().for_each(|url| option("--revocation-endpoint", url));
        endpoints.device_authorization_endpoint.iter().for_each(|url| option("--device-authorization-endpoint", url));
    }
    if let Some(account) = &profile.account {
        option("--account-endpoint", &account.endpoint);
        option("--account-id", &account.id);
        account.name.iter().for_each(|name| option("--account-name", name));
    }
    words.extend(profile.dpop.then(|| "--dpop".to_owned()));
    words.extend(replace.then(|| "--replace".to_owned()));
    words
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
    use clap::Parser;
    use doorkey_client::words::{AccountSource, ClientAuth, Endpoints};

    use super::*;
    use crate::args::{Arguments, Command, ProfileCommand};
    use crate::commands::profile::add;

    /// What the command line makes of a command that was printed.
    fn read_back(command: &str) -> Profile {
        let words = command.split('\u{1f}').map(str::to_owned);
        let Command::Profile(args) = Arguments::try_parse_from(words).expect("it is understood").command else {
            panic!("another command")
        };
        let ProfileCommand::Add(args) = args.command else { panic!("another command") };
        add::typed(&args).expect("a profile")
    }

    fn full() -> Profile {
        Profile {
            scopes: vec!["openid".into(), "read:notes".into()],
            audience: Some("https://api.example".into()),
            resources: vec!["https://r.example/".into()],
            redirect_host: RedirectHost::V6,
            ports: vec![21847],
            redirect_path: Some("/cb/work".into()),
            post_logout_redirect_path: Some("/signed-out/work".into()),
            params: [("acr".to_owned(), "a b".to_owned())].into(),
            grant: Grant::DeviceCode,
            response_mode: ResponseMode::FormPost,
            push: Push::Always,
            dpop: true,
            client_auth: Some(ClientAuth::PrivateKeyJwt),
            clock_tolerance: Some(90),
            refresh_idle: Some(1_296_000),
            refresh_absolute: Some(2_592_000),
            preset: Some("okta".into()),
            endpoints: Some(Endpoints {
                authorization_endpoint: "https://op.example/a".into(),
                token_endpoint: "https://op.example/t".into(),
                revocation_endpoint: Some("https://op.example/r".into()),
                device_authorization_endpoint: Some("https://op.example/d".into()),
            }),
            account: Some(AccountSource {
                endpoint: "https://op.example/me".into(),
                id: "/id".into(),
                name: Some("/login".into()),
            }),
            ..Profile::new("work", "https://op.example/", "it's me")
        }
    }

    #[test]
    fn the_command_makes_the_same_profile() {
        for profile in [full(), Profile::new("bare", "https://op.example", "app")] {
            assert_eq!(read_back(&words(&profile, true).join("\u{1f}")), profile);
        }
    }

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        let command = to_add(&full(), true);
        assert!(command.contains("--client-id 'it'\\''s me'"), "{command}");
        assert!(command.contains("--redirect-host '[::1]' ") && command.contains("--param 'acr=a b'"), "{command}");
        assert!(command.ends_with("--dpop --replace"), "{command}");
    }
}
