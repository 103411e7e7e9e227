//! One of docker's credential helpers (docker/docker-credential-helpers). Docker reads on standard output why there is
//! no answer.

use doorkey_client::Secret;
use doorkey_client::words::Refusal;
use serde::Serialize;
use serde_json::json;

use super::super::handed;
use super::input::{clean, read};
use crate::args::DockerHelper;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::plain;

/// The very words by which docker knows that there is no credential, and goes on without one.
const NOT_HERE: &str = "credentials not found in native keychain";

pub(super) fn run(args: &DockerHelper, out: &Output) -> Result<(), Failure> {
    let result = match args.operation.as_str() {
        "get" => get(args, out),
        "list" => out.answer_json(&json!({ format!("https://{}", args.server): args.username })),
        operation => read().and(Err(cannot(operation).into())),
    };
    result.inspect_err(|failure| {
        if let Some(refusal) = failure.refusal() {
            // Where even this cannot be written, the exit code still says it.
            let _ = out.answer(plain(&format!("{} {}", refusal.message, refusal.hint)));
        }
    })
}

fn get(args: &DockerHelper, out: &Output) -> Result<(), Failure> {
    let asked = read()?;
    let asked = asked.trim_end_matches(['\r', '\n']);
    clean("server", asked)?;
    if registry(asked) != registry(&args.server) {
        out.answer(NOT_HERE)?;
        return Err(Failure::Partly(1));
    }
    let token = handed::token_unasked(&args.wanted.of(&args.profile))?;
    out.answer_json(&Answer { server_url: asked, username: &args.username, secret: token.access_token })
}

/// The host, as docker writes it in one place or another.
fn registry(server: &str) -> String {
    let host = server.strip_prefix("https://").unwrap_or(server);
    host.trim_end_matches('/').trim_end_matches(":443").to_ascii_lowercase()
}

fn cannot(operation: &str) -> Refusal {
    Refusal::new(
        "helper.cannot_store",
        match operation {
            "store" => "Doorkey keeps no passwords for docker.".to_owned(),
            "erase" => "Docker's logout does not sign you out of Doorkey.".to_owned(),
            _ => "Docker asked for something that its credential helpers do not know.".to_owned(),
        },
        "Use `doorkey login` and `doorkey logout`.",
    )
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(rename = "ServerURL")]
    server_url: &'a str,
    username: &'a str,
    #[serde(serialize_with = "Secret::serialize_exposed")]
    secret: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_its_host_and_nothing_less() {
        for same in ["registry.example", "https://Registry.example/", "registry.example:443"] {
            assert_eq!(registry(same), "registry.example");
        }
        for other in ["http://registry.example", "registry.example:5000", "registry.example.test", "", "/"] {
            assert_ne!(registry(other), "registry.example", "{other}");
        }
    }
}
