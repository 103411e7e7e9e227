//! What is different between two profiles: the lines of `profiles.toml` that go and those that come.

use doorkey_agent::write_profiles;
use doorkey_client::words::Profile;

use crate::line::{Line, Style};

/// Nothing when they are the same; each line of the new one where there was no old one.
pub(super) fn lines(old: Option<&Profile>, new: &Profile) -> Vec<Line> {
    let text = |profile: &Profile| write_profiles(std::slice::from_ref(profile));
    let (old, new) = (old.map(text).unwrap_or_default(), text(new));
    let (old, new) = (keyed(&old), keyed(&new));
    let gone = old.iter().filter(|line| !new.contains(line));
    let come = new.iter().filter(|line| !old.contains(line));
    gone.map(|line| Line::from("  ").with(Style::Bad, format!("- {line}")))
        .chain(come.map(|line| Line::from("  ").with(Style::Good, format!("+ {line}"))))
        .collect()
}

/// Lines by themselves: those of an inner table with its name before them. The profile's own header says nothing new.
fn keyed(text: &str) -> Vec<String> {
    let mut table = String::new();
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(header) => {
                table = ["endpoints", "account"]
                    .into_iter()
                    .find(|inner| header.ends_with(&format!(".{inner}")))
                    .map(|inner| format!("{inner}."))
                    .unwrap_or_default();
            }
            None => lines.push(format!("{table}{line}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use doorkey_client::words::AccountSource;

    use super::*;

    fn shown(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| line.pieces().map(|(_, text)| text).collect::<String>().trim().to_owned()).collect()
    }

    #[test]
    fn what_goes_and_what_comes() {
        let old = Profile { audience: Some("api".into()), ..Profile::new("work", "https://op.example", "app") };
        let account = AccountSource { endpoint: "https://op.example/me".into(), id: "/id".into(), name: None };
        let new = Profile { audience: None, dpop: true, account: Some(account), ..old.clone() };
        assert_eq!(
            shown(&lines(Some(&old), &new)),
            [
                "- audience = \"api\"",
                "+ dpop = true",
                "+ account.endpoint = \"https://op.example/me\"",
                "+ account.id = \"/id\""
            ]
        );
        assert!(lines(Some(&old), &old).is_empty());
        assert_eq!(shown(&lines(None, &Profile::new("new", "https://op.example", "app"))).len(), 2);
    }
}
