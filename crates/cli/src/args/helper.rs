//! `doorkey helper` and the tools it speaks with.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use super::exec::Wanted;
use super::values::{authority, role, session_name, username};

/// Give tokens to git, kubectl, docker and aws by their own protocols
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "TOOL",
    disable_help_subcommand = true,
    after_help = "\
The tools call this themselves, once they are set up: docs/helpers.md has a line for
each. Never opens a browser.

Examples:
  doorkey helper git --help"
)]
pub(crate) struct Helper {
    #[command(subcommand)]
    pub(crate) tool: Tool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tool {
    Git(GitHelper),
    Kubectl(KubectlHelper),
    Docker(DockerHelper),
    Aws(AwsHelper),
}

/// Answer git, as one of its credential helpers
#[derive(Debug, Args)]
#[command(after_help = "\
Git asks with `get` and is answered for this host only, over https only (plain http
is for this computer's own addresses). `store` and `erase` do nothing: the agent
looks after its tokens itself.

Examples:
  git config --global credential.https://git.example.helper \\
    '!doorkey helper git work --host git.example'")]
pub(crate) struct GitHelper {
    /// Which
    pub(crate) profile: String,
    /// The one host the token is for, with its port where that is not the usual one
    #[arg(long, value_name = "HOST", value_parser = authority)]
    pub(crate) host: String,
    /// The user name the host wants beside a token [default: git's own, or oauth2]
    #[arg(long, value_name = "NAME", value_parser = username)]
    pub(crate) username: Option<String>,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// What git wants; git says it itself
    #[arg(value_name = "get|store|erase")]
    pub(crate) operation: String,
}

/// Answer kubectl, as a credential plugin
#[derive(Debug, Args)]
#[command(after_help = "\
The answer is an ExecCredential, v1 or v1beta1 as kubectl asks.

Examples:
  kubectl config set-credentials work --exec-command=doorkey \\
    --exec-api-version=client.authentication.k8s.io/v1 \\
    --exec-interactive-mode=Never --exec-provide-cluster-info \\
    --exec-arg=helper --exec-arg=kubectl --exec-arg=work \\
    --exec-arg=--server=https://cluster.example:6443")]
pub(crate) struct KubectlHelper {
    /// Which
    pub(crate) profile: String,
    /// The one cluster the token is for; kubectl must provide cluster info then
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
}

/// Answer docker, as one of its credential helpers
#[derive(Debug, Args)]
#[command(after_help = "\
Docker looks for a program docker-credential-NAME and names it in
~/.docker/config.json: {\"credHelpers\": {\"registry.example\": \"work\"}}

Examples:
  printf '#!/bin/sh\\nexec doorkey helper docker work --server %s \"$@\"\\n' \\
    registry.example > ~/.local/bin/docker-credential-work
  chmod +x ~/.local/bin/docker-credential-work")]
pub(crate) struct DockerHelper {
    /// Which
    pub(crate) profile: String,
    /// The one registry the token is for, with its port where that is not the usual one
    #[arg(long, value_name = "HOST", value_parser = authority)]
    pub(crate) server: String,
    /// The user name the registry wants beside a token
    #[arg(long, value_name = "NAME", default_value = "oauth2", value_parser = username)]
    pub(crate) username: String,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// What docker wants; docker says it itself
    #[arg(value_name = "get|list|store|erase")]
    pub(crate) operation: String,
}

/// Run a command in a role of AWS, with the token as its web identity
#[derive(Debug, Args)]
#[command(after_help = "\
The AWS tools exchange the token for the role's keys themselves. They want it in a
file: it is one that is in memory alone, and ends with the command. The token must be
a JWT of an issuer and an audience that the account knows as an identity provider.

Examples:
  doorkey helper aws work --role-arn arn:aws:iam::123456789012:role/reader -- \\
    aws s3 ls")]
pub(crate) struct AwsHelper {
    /// Which
    pub(crate) profile: String,
    /// The role
    #[arg(long, value_name = "ARN", value_parser = role)]
    pub(crate) role_arn: String,
    /// What the role's session is called in the account's logs
    #[arg(long, value_name = "NAME", default_value = "doorkey", value_parser = session_name)]
    pub(crate) session_name: String,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}
