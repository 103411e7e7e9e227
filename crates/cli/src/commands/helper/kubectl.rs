//! A credential plugin of client-go (`client.authentication.k8s.io`, v1 and v1beta1).

use std::env;

use doorkey_client::Secret;
use doorkey_client::words::Refusal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::handed;
use super::input::{clean, not_understood};
use crate::args::KubectlHelper;
use crate::failure::Failure;
use crate::output::Output;

const V1: &str = "client.authentication.k8s.io/v1";
const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";

pub(super) fn run(args: &KubectlHelper, out: &Output) -> Result<(), Failure> {
    let asked = match env::var("KUBERNETES_EXEC_INFO") {
        Ok(info) => serde_json::from_str(&info).map_err(|_| not_understood("a KUBERNETES_EXEC_INFO without sense"))?,
        // A person who looks at what it would say.
        Err(_) => Asked { api_version: V1.to_owned(), spec: Spec::default() },
    };
    let api_version = [V1, V1BETA1].into_iter().find(|known| *known == asked.api_version);
    let api_version = api_version.ok_or_else(|| not_understood("an `apiVersion` other than v1 and v1beta1"))?;
    if let Some(bound) = &args.server {
        asked.is_for(bound)?;
    }
    let token = handed::token_unasked(&args.wanted.of(&args.profile))?;
    out.answer_json(&Answer {
        kind: "ExecCredential",
        api_version,
        spec: AnswerSpec { interactive: false },
        status: Status { expiration_timestamp: token.expires_at, token: token.access_token },
    })
}

/// What client-go says in `KUBERNETES_EXEC_INFO`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    api_version: String,
    #[serde(default)]
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
struct Spec {
    cluster: Option<Cluster>,
}

#[derive(Debug, Deserialize)]
struct Cluster {
    server: String,
}

impl Asked {
    /// Nothing that is missing ever means *any*.
    fn is_for(&self, bound: &str) -> Result<(), Refusal> {
        let Some(Cluster { server }) = &self.spec.cluster else {
            return Err(Refusal::new(
                "helper.other_host",
                "kubectl does not say which cluster the token is for.",
                "Set `provideClusterInfo: true` beside the command in the kubeconfig, or leave `--server` out.",
            ));
        };
        clean("server", server)?;
        if server.trim_end_matches('/') == bound.trim_end_matches('/') {
            return Ok(());
        }
        Err(Refusal::new(
            "helper.other_host",
            format!("kubectl wants a token for {server}, and this one is for {bound} alone."),
            "Correct `--server`, or give that cluster a user of its own in the kubeconfig.",
        ))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    kind: &'static str,
    api_version: &'static str,
    spec: AnswerSpec,
    status: Status,
}

#[derive(Serialize)]
struct AnswerSpec {
    interactive: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_timestamp: Option<Timestamp>,
    #[serde(serialize_with = "Secret::serialize_exposed")]
    token: Secret,
}
