//! The guide in `docs/providers.md`, made from the list so that it cannot say something else.

use std::fmt::Write as _;

use super::{NativeSecret, Paste, Ports, Preset, Protocol, When};
use crate::preset::products::PRODUCTS;

const BEFORE: &str = "\
# Providers

What to click, what to paste and what goes wrong, for each product that Doorkey knows. This page is made from the presets themselves
(`crates/agent/src/preset/products.rs`, `make gen`); `doorkey profile add` prints the same steps with the addresses of *your* profile in them, and
`doorkey profile show NAME --setup` prints them again.

Any other OpenID Connect provider works too: leave `--preset` out, and register a *native* (public) application with the redirect URI that the
command prints. `doorkey doctor --provider ISSUER` says beforehand what a provider can. Where a provider lets applications register themselves,
there is nothing to click at all: `doorkey profile add NAME --issuer URL --register`.

Profiles stand in `~/.config/doorkey/profiles.toml`. Editors that know TOML complete and check it against
[profiles.schema.json](profiles.schema.json) when its first line says where that is, here or in your clone:

```toml
#:schema https://raw.githubusercontent.com/doorkey-app/doorkey/main/docs/profiles.schema.json
```
";

/// The whole page, in Markdown.
#[must_use]
pub fn guide() -> String {
    let mut page = BEFORE.to_owned();
    for preset in &PRODUCTS {
        page.push_str(&section(preset));
    }
    page
}

fn section(preset: &Preset) -> String {
    let mut text = format!("\n## {}\n\n{}\n", preset.title, fence(&command(preset)));
    for fact in facts(preset) {
        let _ = writeln!(text, "- {fact}");
    }
    text.push_str("\n| where | what |\n|---|---|\n");
    for step in preset.steps {
        let only = match step.when {
            When::Always | When::Browser => "",
            When::Device => "With `--grant device_code`: ",
        };
        let paste = match step.paste {
            Paste::Nothing => String::new(),
            Paste::RedirectUris => " **The redirect URIs of the profile.**".to_owned(),
            Paste::Texts(texts) => format!(" **{}**", texts.join(", ")),
        };
        let _ = writeln!(text, "| {} | {only}{}{paste} |", step.place, step.what);
    }
    text.push_str("\n| you see | it means |\n|---|---|\n");
    for (seen, means) in preset.troubles {
        let _ = writeln!(text, "| {seen} | {means} |");
    }
    if preset.name == "auth0" {
        text.push_str("\nWith all details: [auth0.md](auth0.md).\n");
    }
    text
}

fn command(preset: &Preset) -> String {
    let secret = if preset.secret == NativeSecret::None { "" } else { " --client-secret-stdin" };
    let issuer =
        if preset.only_issuer().is_some() { String::new() } else { format!(" \\\n  --issuer {}", preset.issuer) };
    format!("doorkey profile add NAME --preset {}{issuer} --client-id YOUR-CLIENT-ID{secret}", preset.name)
}

fn fence(command: &str) -> String {
    format!("```sh\n{command}\n```\n")
}

fn facts(preset: &Preset) -> Vec<String> {
    let suggested = preset.suggested(preset.issuer);
    let mut facts = vec![format!("Speaks {}.", preset.protocol.title())];
    let host = suggested.redirect_host.as_str();
    facts.push(match preset.ports {
        Ports::Any => format!("Redirect URIs at `http://{host}`, on any free port."),
        Ports::Exact => {
            let ports: Vec<String> = preset.ports().iter().map(ToString::to_string).collect();
            format!(
                "Redirect URIs at `http://{host}`; the port is compared, so the profile lists {}.",
                ports.join(", ")
            )
        }
    });
    facts.push(match preset.secret {
        NativeSecret::None => "No client secret.".to_owned(),
        NativeSecret::ProvesNothing => {
            "A client secret, which must be sent and proves nothing; it goes into the vault all the same.".to_owned()
        }
        NativeSecret::Needed => "A client secret, without which the exchange is refused.".to_owned(),
    });
    if !suggested.scopes.is_empty() {
        facts.push(format!("Scopes: `{}`.", suggested.scopes.join(" ")));
    }
    if !suggested.params.is_empty() {
        let params: Vec<String> = suggested.params.iter().map(|(key, value)| format!("`{key}={value}`")).collect();
        facts.push(format!("Parameters of the request: {}.", params.join(", ")));
    }
    if preset.protocol == Protocol::GitHub {
        facts.push("Endpoints are known beforehand; nothing is discovered.".to_owned());
    }
    facts
}
