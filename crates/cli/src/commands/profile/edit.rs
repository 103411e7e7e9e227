//! `doorkey profile edit`: what is named, or the whole of it in an editor.

use doorkey_client::Client;
use doorkey_client::words::{Profile, ProfileEntry, ProfileView, Refusal, VERSION};
use serde::Serialize;

use super::settings::{self, Given};
use super::{diff, editor, named};
use crate::agency::{self, Again};
use crate::args::{ProfileEdit, ProfileSettings};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::prompt;

const WHAT: &str = "The change";

#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    profile: &'a ProfileView,
    changed: bool,
}

pub(super) fn run(args: &ProfileEdit, out: &Output) -> Result<(), Failure> {
    let given = settings::given(&args.settings, out)?;
    let (view, before, forgets) = if names_something(args) {
        agency::with_joined(WHAT, Again::IfUnsent, async |agency| {
            let client = agency.client();
            let old = named(client, &args.name).await?;
            let view = save(client, &old, changed(args, &old.profile)?, given.clone()).await?;
            Ok((view, old, agency::forgets(agency).await))
        })?
    } else {
        let (view, old) = by_hand(&args.name, out)?;
        (view, old, false)
    };
    if given.is_some() && forgets {
        out.warn("what was to go into the vault was in the memory of this command only and has ended with it");
    }
    let is_changed = view.profile != before.profile || given.is_some();
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, profile: &view, changed: is_changed });
    }
    if !is_changed {
        return out.answer("Nothing was changed.");
    }
    out.answer(Line::from("Saved the profile ").strong(&view.profile.name).plain("."))?;
    for line in diff::lines(Some(&before.profile), &view.profile) {
        out.answer(line)?;
    }
    if view.redirect_uris != before.redirect_uris {
        super::list::redirects(&view, out)?;
    }
    Ok(())
}

/// The profile with what was named on the command line.
fn changed(args: &ProfileEdit, old: &Profile) -> Result<Profile, Refusal> {
    let mut profile = old.clone();
    for key in &args.unset {
        settings::unset(&mut profile, key).map_err(|refusal| refusal.about(&args.name))?;
    }
    if let Some(issuer) = &args.issuer {
        profile.issuer.clone_from(issuer);
    }
    if let Some(client_id) = &args.client_id {
        profile.client_id.clone_from(client_id);
    }
    settings::apply(&args.settings, &mut profile)?;
    Ok(profile)
}

/// Whether the command line names a change, even one that changes nothing.
fn names_something(args: &ProfileEdit) -> bool {
    let has_settings = args.settings != ProfileSettings::default();
    has_settings || args.issuer.is_some() || args.client_id.is_some() || !args.unset.is_empty()
}

/// In an editor. No agent is held meanwhile: one that ends while the person types is not missed.
fn by_hand(name: &str, out: &Output) -> Result<(ProfileView, ProfileView), Failure> {
    let old = agency::with(WHAT, Again::Harmless, async |client| named(client, name).await)?;
    if !prompt::may_ask(out) {
        return Err(Refusal::new(
            "usage.nothing_named",
            "There is no terminal for an editor, and no option names a change.",
            "Name it, such as `--audience https://api.example` or `--unset audience`; `--help` shows what there is.",
        )
        .about(name)
        .into());
    }
    let save = |profile: Profile| {
        agency::with(WHAT, Again::IfUnsent, async |client| save(client, &old, profile.clone(), Given::default()).await)
    };
    let view = editor::edited(&old.profile, save, out)?;
    Ok((view, old))
}

async fn save(client: &Client, old: &ProfileView, profile: Profile, given: Given) -> Result<ProfileView, Failure> {
    if profile == old.profile && !given.is_some() {
        return Ok(old.clone());
    }
    let entry = ProfileEntry { client_secret: given.secret, client_key: given.key, ..profile.into() };
    Ok(client.put_profile(&entry).await?)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Arguments, Command, ProfileCommand};

    fn parsed(line: &str) -> ProfileEdit {
        let words = ["doorkey", "profile", "edit", "work"].into_iter().chain(line.split_whitespace());
        let Command::Profile(args) = Arguments::try_parse_from(words).expect(line).command else { panic!("{line}") };
        let ProfileCommand::Edit(args) = args.command else { panic!("{line}") };
        *args
    }

    #[test]
    fn only_what_is_named_is_changed_and_unset_comes_first() {
        let old = Profile {
            audience: Some("old".into()),
            ports: vec![4000],
            ..Profile::new("work", "https://op.example", "app")
        };
        let new = changed(&parsed("--unset audience --unset ports --port 5000 --dpop"), &old).expect("changed");
        assert_eq!(new, Profile { audience: None, ports: vec![5000], dpop: true, ..old });
    }

    #[test]
    fn a_bare_edit_is_for_the_editor() {
        assert!(!names_something(&parsed("")));
        for line in ["--unset dpop", "--issuer x", "--redirect-host 127.0.0.1", "--token-endpoint x", "--push auto"] {
            assert!(names_something(&parsed(line)), "{line}");
        }
    }
}
