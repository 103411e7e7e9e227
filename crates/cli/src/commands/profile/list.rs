//! `doorkey profile list` and `doorkey profile show`.

use comfy_table::{ContentArrangement, Table, presets};
use doorkey_client::words::{Grant, ProfileView, RedirectHost, VERSION};
use serde::Serialize;

use super::setup;
use crate::agency::{self, Again};
use crate::args::ProfileShow;
use crate::commands::{facts, profile};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::text::plain;

/// The answers for machines.
#[derive(Debug, Serialize)]
struct All<'a> {
    version: u32,
    profiles: &'a [ProfileView],
}

#[derive(Debug, Serialize)]
struct One<'a> {
    version: u32,
    profile: &'a ProfileView,
}

pub(super) fn all(out: &Output) -> Result<(), Failure> {
    let (profiles, problems) = agency::with("The look at the profiles", Again::Harmless, async |client| {
        let mut problems = client.hello().await?.problems;
        problems.retain(|problem| problem.code.starts_with("config."));
        Ok((client.profiles().await?, problems))
    })?;
    for problem in &problems {
        out.warn(&format!("{} {}", problem.message, problem.hint));
    }
    if out.is_json() {
        return out.answer_json(&All { version: VERSION, profiles: &profiles });
    }
    if profiles.is_empty() && !problems.is_empty() {
        return out.answer("No profile can be used.");
    }
    if profiles.is_empty() {
        out.answer("There are no profiles.")?;
        out.note(
            Line::from("  Add one with ").strong("doorkey profile add NAME --issuer URL --client-id ID").plain("."),
        );
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["PROFILE", "ISSUER", "CLIENT ID"]);
    for view in &profiles {
        let profile = &view.profile;
        table.add_row([plain(&profile.name), plain(&profile.issuer), plain(&profile.client_id)]);
    }
    out.answer_block(&table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>())
}

pub(super) fn one(args: &ProfileShow, out: &Output) -> Result<(), Failure> {
    let view = agency::with("The look at the profile", Again::Harmless, async |client| {
        profile::named(client, &args.name).await
    })?;
    if out.is_json() {
        return out.answer_json(&One { version: VERSION, profile: &view });
    }
    out.answer(Line::new().strong(&view.profile.name))?;
    facts::of_profile(&view).answer(out)?;
    if args.setup {
        return setup::steps(&view, out);
    }
    redirects(&view, out)?;
    if !view.setup.is_empty() {
        let command = format!("doorkey profile show {} --setup", view.profile.name);
        out.note(Line::from("  Where to paste them: ").strong(command));
    }
    Ok(())
}

/// What the person has to do at the provider.
pub(super) fn redirects(view: &ProfileView, out: &Output) -> Result<(), Failure> {
    if view.profile.grant != Grant::AuthorizationCode {
        return Ok(());
    }
    out.answer("")?;
    match view.profile.ports.as_slice() {
        [] => {
            out.answer("Register this redirect URI (callback URL) at the provider, for a native application:")?;
            // RFC 8252 section 7.3: the port is the client's to choose, and is left out when it is registered.
            for uri in &view.redirect_uris {
                out.answer(Line::from("  ").strong(uri.replace(":PORT", "")))?;
            }
            out.answer(Line::new().dim("  Any free port is used. Where the provider wants the port too, add --port."))?;
        }
        _ => {
            out.answer("Register these redirect URIs (callback URLs) at the provider, for a native application:")?;
            for uri in &view.redirect_uris {
                out.answer(Line::from("  ").strong(uri))?;
            }
        }
    }
    if view.profile.redirect_host == RedirectHost::Localhost {
        out.answer(
            Line::new().dim("  `localhost` may be another program's on this machine; 127.0.0.1 is better (RFC 8252)."),
        )?;
    }
    Ok(())
}
