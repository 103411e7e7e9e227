//! A kubeconfig whose users run `kubectl oidc-login get-token` (kubelogin).

use doorkey_client::words::{ExportedFile, Grant, ImportedProfile, PortableFormat};
use serde_json::{Value, json};

use super::Told;
use super::draft::Draft;
use super::export::{ExportError, only_people, params};
use super::import::{ImportError, Source, json, texts};
use super::{MOST_PROFILES, yaml};

const FORMAT: PortableFormat = PortableFormat::Kubeconfig;
/// How kubelogin goes about it here, and nothing of the provider's.
const OF_ITS_OWN: [&str; 14] = [
    "token-cache-dir",
    "token-cache-storage",
    "listen-address",
    "skip-open-browser",
    "browser-command",
    "v",
    "authentication-timeout-sec",
    "open-url-after-authentication",
    "force-refresh",
    "local-server-cert",
    "local-server-key",
    "oidc-redirect-url-hostname",
    "certificate-authority",
    "oidc-redirect-url-authcode-keyboard",
];

pub(super) fn read(text: &str, source: &mut Source) -> Result<Vec<ImportedProfile>, ImportError> {
    let file = match text.trim_start().starts_with('{') {
        true => Value::Object(json(text, FORMAT)?),
        false => yaml::read(text).map_err(|why| ImportError::Unreadable { format: FORMAT, why })?,
    };
    let users = file["users"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut profiles = Vec::new();
    for user in users {
        let name = user["name"].as_str().unwrap_or_default();
        let args = texts(&user["user"]["exec"]["args"]);
        let draft = match (args.iter().any(|arg| arg == "get-token"), &user["user"]["auth-provider"]) {
            (true, _) => of_kubelogin(name, &args),
            // What kubectl itself did before 1.26.
            (false, old) if old["name"] == "oidc" => of_kubectl(name, &old["config"]),
            (false, _) => continue,
        };
        if profiles.len() == MOST_PROFILES {
            return Err(ImportError::TooMany);
        }
        profiles.push(draft.settled(source)?);
    }
    Ok(profiles)
}

fn of_kubelogin(name: &str, args: &[String]) -> Draft {
    let mut draft = Draft::named(name);
    // kubelogin asks for this one by itself.
    draft.say("scope", "openid");
    let mut args = args.iter().skip_while(|arg| *arg != "get-token").skip(1).peekable();
    while let Some(arg) = args.next() {
        let Some(flag) = arg.strip_prefix("--") else { continue };
        let (flag, value) = match flag.split_once('=') {
            Some((flag, value)) => (flag, value.to_owned()),
            None => match args.next_if(|next| !next.starts_with("--")) {
                Some(value) => (flag, value.clone()),
                None => (flag, "true".to_owned()),
            },
        };
        match flag {
            _ if OF_ITS_OWN.contains(&flag) => {}
            "oidc-auth-request-extra-params" => {
                for (name, value) in value.split(',').filter_map(|pair| pair.split_once('=')) {
                    draft.param(name, value);
                }
            }
            "insecure-skip-tls-verify" => {
                draft.note("It does not check the provider's certificate. Doorkey always does.");
            }
            "oidc-use-access-token" => draft.note("The cluster takes the access token, as Doorkey hands it out."),
            "grant-type" => draft.say("grant_type", &value),
            _ => draft.say(flag, &value),
        }
    }
    draft
}

fn of_kubectl(name: &str, config: &Value) -> Draft {
    let mut draft = Draft::named(name);
    for (key, value) in config.as_object().into_iter().flatten() {
        match (key.as_str(), value.as_str().unwrap_or_default()) {
            ("extra-scopes", scopes) => draft.say("extra-scope", scopes),
            (key, value) => draft.say(key, value),
        }
    }
    draft
}

pub(super) fn write(told: &[Told]) -> Result<ExportedFile, ExportError> {
    let mut users = String::new();
    for told in told {
        only_people(told, FORMAT)?;
        users += &user(told);
    }
    let text = format!(
        "# Users for kubectl with kubelogin (`kubectl oidc-login`), without secrets.\n\
         apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\ncurrent-context: \"\"\npreferences: {{}}\nusers:\n{users}"
    );
    let name = match told {
        [one] => format!("{}.kubeconfig.yaml", one.profile.name),
        _ => "kubeconfig.yaml".to_owned(),
    };
    Ok(ExportedFile { name, text })
}

fn user(told: &Told) -> String {
    let profile = &told.profile;
    let mut args = vec!["oidc-login".to_owned(), "get-token".to_owned()];
    args.push(format!("--oidc-issuer-url={}", profile.issuer));
    args.push(format!("--oidc-client-id={}", profile.client_id));
    args.extend(
        told.scopes.iter().filter(|scope| *scope != "openid").map(|scope| format!("--oidc-extra-scope={scope}")),
    );
    if profile.grant == Grant::DeviceCode {
        args.push("--grant-type=device-code".to_owned());
    }
    let audience = profile.audience.iter().map(|audience| ("audience", audience.as_str()));
    for (name, value) in audience.chain(params(profile)) {
        args.push(format!("--oidc-auth-request-extra-params={name}={value}"));
    }
    let args: String = args.iter().map(|arg| format!("      - {}\n", quoted(arg))).collect();
    format!(
        "- name: {}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: kubectl\n      \
         args:\n{args}      interactiveMode: IfAvailable\n      provideClusterInfo: false\n",
        quoted(&profile.name)
    )
}

/// As YAML has a text in double quotes (YAML 1.2 section 7.3.1): JSON's way, which is a part of it.
fn quoted(text: &str) -> String {
    json!(text).to_string().replace('\u{7f}', "\\u007f")
}
