//! `doorkey network`: how providers are reached.

use std::path::Path;

use doorkey_client::words::NetworkStatus;

use crate::agency::{self, Again};
use crate::args::{NetworkCommand, NetworkSet, NetworkSetting};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(command: Option<NetworkCommand>, out: &Output) -> Result<(), Failure> {
    match command {
        None | Some(NetworkCommand::Show(_)) => {
            let status = agency::with("The look", Again::Harmless, async |client| Ok(client.network().await?))?;
            show(&status, out)
        }
        Some(NetworkCommand::Set(args)) => set(&args, out),
    }
}

fn set(args: &NetworkSet, out: &Output) -> Result<(), Failure> {
    let status = agency::with("The setting", Again::IfUnsent, async |client| {
        let mut settings = client.network().await?.settings;
        for setting in &args.clear {
            match setting {
                NetworkSetting::Proxy => settings.proxy = None,
                NetworkSetting::Direct => settings.no_proxy.clear(),
                NetworkSetting::CaFile => settings.ca_file = None,
            }
        }
        if let Some(proxy) = &args.proxy {
            settings.proxy = Some(proxy.clone());
        }
        if !args.direct.is_empty() {
            settings.no_proxy.clone_from(&args.direct);
        }
        if let Some(file) = &args.ca_file {
            // The agent is in another folder.
            let whole =
                std::path::absolute(Path::new(file)).map_or_else(|_| file.clone(), |path| path.display().to_string());
            settings.ca_file = Some(whole);
        }
        Ok(client.set_network(&settings).await?)
    })?;
    show(&status, out)
}

fn show(status: &NetworkStatus, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(status);
    }
    let proxy = match (&status.proxy, &status.proxy_variable) {
        (None, _) => "none".to_owned(),
        (Some(proxy), None) => proxy.clone(),
        (Some(proxy), Some(variable)) => format!("{proxy}, from {variable}"),
    };
    out.answer(format!("proxy         {proxy}"))?;
    if let (Some(set), Some(_)) = (&status.settings.proxy, &status.proxy_variable) {
        out.answer(format!("  set here    {set}"))?;
    }
    if !status.settings.no_proxy.is_empty() {
        out.answer(format!("directly      {}", status.settings.no_proxy.join(", ")))?;
    }
    let files = match status.ca_files.as_slice() {
        [] => "the system's".to_owned(),
        files => files.join(", "),
    };
    out.answer(format!("certificates  {files}"))
}
