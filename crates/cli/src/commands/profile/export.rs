//! `doorkey profile export`: profiles as files for others.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use doorkey_client::words::{ExportRequest, ExportedFile, PortableFormat, Refusal, VERSION};
use serde::Serialize;

use super::named;
use crate::agency::{self, Again};
use crate::args::ProfileExport;
use crate::failure::Failure;
use crate::line::Mark;
use crate::output::Output;
use crate::text::count;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    /// As it stands in a file of Doorkey's; only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    toml: Option<&'a str>,
    files: &'a [ExportedFile],
    notes: &'a [String],
}

pub(super) fn run(args: &ProfileExport, out: &Output) -> Result<(), Failure> {
    let format = PortableFormat::from(args.format);
    let exported = agency::with("The export", Again::Harmless, async |client| {
        for name in &args.names {
            // Says what was probably meant, which the export does not.
            named(client, name).await?;
        }
        Ok(client.export_profiles(&ExportRequest { profiles: args.names.clone(), format }).await?)
    })?;
    if let Some(folder) = &args.into {
        for file in &exported.files {
            keep(folder, file)?;
        }
    }
    if out.is_json() {
        let toml = (format == PortableFormat::Doorkey).then(|| exported.files.first()).flatten();
        let toml = toml.map(|file| file.text.as_str());
        return out.answer_json(&Answer { version: VERSION, toml, files: &exported.files, notes: &exported.notes });
    }
    for note in &exported.notes {
        out.step(Mark::Warned, note.as_str());
    }
    match (&args.into, &exported.files[..]) {
        (Some(folder), files) => out.answer(format!("Wrote {} into {}.", count(files.len(), "file"), folder.display())),
        (None, [file]) => out.answer_block(&file.text),
        (None, files) => Err(Refusal::new(
            "usage.several_files",
            format!("That is {}, one for each profile.", count(files.len(), "file")),
            "Say `--into FOLDER`, or export one profile after the other.",
        )
        .into()),
    }
}

/// Never over a file that is there: it may be one that somebody works with.
fn keep(folder: &Path, file: &ExportedFile) -> Result<(), Failure> {
    let path = folder.join(&file.name);
    let written = File::create_new(&path).and_then(|mut created| created.write_all(file.text.as_bytes()));
    written.map_err(|error| {
        let message = format!("{} cannot be written: {error}.", path.display());
        Refusal::new("config.unwritable", message, "Choose a folder that is there and does not have the file yet.")
            .into()
    })
}
