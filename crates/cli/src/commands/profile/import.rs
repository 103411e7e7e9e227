//! `doorkey profile import`: profiles out of a file that somebody else wrote. What would be different is shown first;
//! nothing is fetched and nothing is signed in (BCP-14, row F-08).

use std::fs::File;
use std::io::{self, Read};

use doorkey_agent::{format_of, read_profiles, secrets_in};
use doorkey_client::words::{
    ImportRequest, ImportedProfile, PortableFormat, Profile, ProfileEntry, ProfileView, Refusal, Sessions, VERSION,
};
use doorkey_client::{Client, ClientError};
use serde::Serialize;

use super::diff;
use crate::agency::{self, Again};
use crate::args::ProfileImport;
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::prompt;
use crate::text::count;

/// A file of profiles is text for people; a larger one is something else.
const LARGEST: u64 = 1024 * 1024;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    profiles: &'a [Imported],
}

#[derive(Debug, Serialize)]
struct Imported {
    profile: String,
    change: Change,
    /// What the file says and a profile cannot, and what must still be done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    /// The file holds a client secret, which was not taken over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_client_secret: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    New,
    Changed,
    Same,
}

pub(super) fn run(args: &ProfileImport, out: &Output) -> Result<(), Failure> {
    let (name, text) = text(&args.file)?;
    let foreign = format_of(&text).filter(|format| *format != PortableFormat::Doorkey);
    let ours = match foreign {
        Some(_) => Vec::new(),
        None => judged(&name, &text)?,
    };
    let imported = agency::with("The import", Again::IfUnsent, async |client| {
        let (profiles, imported) = match foreign {
            Some(format) => of_another_program(client, &text, format, out).await?,
            None => (ours.clone(), of_doorkey(client, &ours, out).await?),
        };
        if !args.dry_run && imported.iter().any(|one| one.change != Change::Same) {
            if !args.yes {
                agreed(&imported, out).await?;
            }
            for profile in profiles {
                client.put_profile(&ProfileEntry::from(profile)).await?;
            }
        }
        Ok(imported)
    })?;
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, profiles: &imported });
    }
    let taken = imported.iter().filter(|one| one.change != Change::Same).count();
    match (args.dry_run, taken) {
        (_, 0) => out.answer("Nothing is different: nothing was changed."),
        (true, taken) => out.answer(format!("Would take over {}; nothing was changed.", count(taken, "profile"))),
        (false, taken) => out.answer(format!("Took over {}. Nobody was signed in.", count(taken, "profile"))),
    }
}

async fn of_doorkey(client: &Client, profiles: &[Profile], out: &Output) -> Result<Vec<Imported>, Failure> {
    // Waits for the vault: before it is open nobody knows what it holds.
    let sessions = client.sessions().await;
    let here = client.profiles().await?;
    let mut imported = Vec::new();
    for profile in profiles {
        let old = here.iter().find(|view| view.profile.name == profile.name);
        keeps_its_secrets(profile, old, &sessions)?;
        let change = show(profile, old, &here, out);
        imported.push(Imported { profile: profile.name.clone(), change, notes: Vec::new(), has_client_secret: false });
    }
    Ok(imported)
}

/// Their names are free, so nothing that is here can change.
async fn of_another_program(
    client: &Client,
    text: &str,
    format: PortableFormat,
    out: &Output,
) -> Result<(Vec<Profile>, Vec<Imported>), Failure> {
    let request = ImportRequest { text: text.to_owned(), format: Some(format) };
    let preview = client.preview_import(&request).await?;
    let here = client.profiles().await?;
    let mut imported = Vec::new();
    let mut profiles = Vec::new();
    for ImportedProfile { profile, notes, has_secret } in preview.profiles {
        let change = show(&profile, None, &here, out);
        notes.iter().for_each(|note| out.step(Mark::Warned, note.as_str()));
        imported.push(Imported { profile: profile.name.clone(), change, notes, has_client_secret: has_secret });
        profiles.push(profile);
    }
    Ok((profiles, imported))
}

fn text(file: &str) -> Result<(String, String), Failure> {
    if file.contains("://") {
        return Err(Refusal::new(
            "usage.import_from_the_internet",
            "Profiles are not fetched: what is behind an address may be another thing tomorrow.",
            "Download the file, read it, and import it from here.",
        )
        .into());
    }
    let mut text = String::new();
    let mut read = |source: &mut dyn Read| source.take(LARGEST + 1).read_to_string(&mut text);
    let (name, result) = match file {
        "-" => ("standard input".to_owned(), read(&mut io::stdin().lock())),
        path => (path.to_owned(), File::open(path).and_then(|mut file| read(&mut file))),
    };
    let why = match result {
        Ok(bytes) if bytes as u64 > LARGEST => "it is larger than 1 MiB".to_owned(),
        Ok(_) => return Ok((name, text)),
        Err(error) => error.to_string(),
    };
    Err(Refusal::new(
        "config.unreadable",
        format!("{name} cannot be read: {why}."),
        "Check the path and its permissions.",
    )
    .into())
}

/// All of it or nothing: a half that works would hide the half that does not.
fn judged(name: &str, text: &str) -> Result<Vec<Profile>, Refusal> {
    let secrets = secrets_in(text);
    if !secrets.is_empty() {
        return Err(Refusal::new(
            "config.secret_in_file",
            format!("{name} holds what looks like a secret: {}. Nothing was taken over.", secrets.join(", ")),
            "Take it out of the file, have it replaced at the provider if it was a real one, and give it with \
             `doorkey profile edit NAME --client-secret-stdin`.",
        ));
    }
    let (profiles, mut wrong) = read_profiles(text, name);
    if !wrong.is_empty() {
        let mut first = wrong.remove(0);
        first.hint = "Mend the file; nothing of it was taken over.".to_owned();
        return Err(first);
    }
    if profiles.is_empty() {
        return Err(Refusal::new(
            "config.parse",
            format!("{name} holds no profile."),
            "A profile begins with [profiles.NAME]; `doorkey profile export` makes such a file.",
        ));
    }
    Ok(profiles)
}

/// A file must not lead a secret that is kept here to another provider, nor a session's refresh token to another
/// endpoint. Where the vault is not open nobody knows whether there is one.
fn keeps_its_secrets(
    new: &Profile,
    old: Option<&ProfileView>,
    sessions: &Result<Sessions, ClientError>,
) -> Result<(), Refusal> {
    let Some(old) = old else { return Ok(()) };
    let (issuer, endpoints) = (old.profile.issuer != new.issuer, old.profile.endpoints != new.endpoints);
    if !issuer && !endpoints {
        return Ok(());
    }
    let name = &new.name;
    let sessions = sessions.as_ref().map_err(|error| error.refusal().about(name))?;
    let is_signed_in = sessions.sessions.iter().any(|session| session.profile == *name);
    let holds_secret = old.has_client_secret || old.has_client_key;
    if !(holds_secret || endpoints && is_signed_in) {
        return Ok(());
    }
    Err(Refusal::new(
        "config.secret_would_move",
        format!("The file has another provider for `{name}`, and the vault holds a secret, a key or a sign-in of it. Nothing was taken over."),
        format!("Give the profile another name in the file, or `doorkey profile remove {name}` first."),
    )
    .about(name))
}

fn show(new: &Profile, old: Option<&ProfileView>, here: &[ProfileView], out: &Output) -> Change {
    let lines = diff::lines(old.map(|view| &view.profile), new);
    let change = match (old, lines.as_slice()) {
        (None, _) => Change::New,
        (Some(_), []) => Change::Same,
        (Some(_), _) => Change::Changed,
    };
    let word = match change {
        Change::New => "new: ",
        Change::Changed => "changed: ",
        Change::Same => "the same: ",
    };
    out.note(Line::from(word).strong(&new.name));
    lines.into_iter().for_each(|line| out.note(line));
    if here.iter().all(|view| view.profile.issuer != new.issuer) {
        let line = Line::new().with(Style::Warning, "no profile here has this provider: ").strong(&new.issuer);
        out.step(Mark::Warned, line.plain(". Is it yours?"));
    }
    change
}

async fn agreed(imported: &[Imported], out: &Output) -> Result<(), Failure> {
    let many = imported.iter().filter(|one| one.change != Change::Same).count();
    let unasked = Refusal::new(
        "usage.not_confirmed",
        format!("{} would be added or changed; nothing was.", count(many, "profile")),
        "Look at what is different, and say `--yes`.",
    );
    prompt::agreed(format!("Take over {}?", count(many, "profile")), "The import", unasked, out).await
}
