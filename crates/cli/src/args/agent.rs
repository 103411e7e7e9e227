//! `doorkey agent` and its commands.

use clap::{Args, Subcommand};

/// Serve until stopped: keep sessions renewed, hand out tokens
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
Where neither this nor the window runs, every other command is the agent for as
long as it runs, and nothing is renewed between them. With systemd, let it start
when the first program asks: `doorkey agent install`.

Examples:
  doorkey agent &
  doorkey agent install             have systemd start it when it is wanted
  doorkey agent restart             after an update; no request is lost
  DOORKEY_LOG=info doorkey agent    tell what is going on, on standard error"
)]
pub(crate) struct Agent {
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    Status(AgentStatus),
    Stop(AgentStop),
    Restart(AgentRestart),
    Lock(AgentLock),
    Install(AgentInstall),
    Uninstall(AgentUninstall),
}

/// Whether an agent runs, which one, and how its vault is
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 69 when none runs. Where systemd listens for it, asking starts it.

Examples:
  doorkey agent status
  doorkey agent status --json | jq .pid")]
pub(crate) struct AgentStatus {}

/// End the agent: what was begun is finished and stored first
#[derive(Debug, Args)]
#[command(after_help = "\
It takes no new requests, answers those it has, and ends within two minutes. Where
systemd listens for it, the next program that asks starts it again.

Examples:
  doorkey agent stop")]
pub(crate) struct AgentStop {}

/// End the agent in order, and have a new one: no request is lost
#[derive(Debug, Args)]
#[command(after_help = "\
Where systemd listens for it, whoever asks in between waits for the new one.
Elsewhere this command is the new one, and serves until it is stopped.

Examples:
  doorkey agent restart             after an update")]
pub(crate) struct AgentRestart {}

/// Make the agent forget the vault's key, until it is unlocked
#[derive(Debug, Args)]
#[command(after_help = "\
The same as `doorkey vault lock`. Whoever asks for a token is told so; what is under
way is finished first.

Examples:
  doorkey agent lock                before you leave the desk")]
pub(crate) struct AgentLock {}

/// Write the units with which systemd starts the agent when it is wanted
#[derive(Debug, Args)]
#[command(after_help = "\
They go into ~/.config/systemd/user, and the command that makes systemd use them is
printed. A file of that name that is not from here is left alone.

Examples:
  doorkey agent install
  systemctl --user edit doorkey-agent.service   settings, such as DOORKEY_VAULT")]
pub(crate) struct AgentInstall {}

/// Remove those units again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey agent uninstall")]
pub(crate) struct AgentUninstall {}
