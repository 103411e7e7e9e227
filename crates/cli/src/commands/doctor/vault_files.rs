//! What lies in the vault's folder beside the sign-ins in force. Only names are looked at, so no key is needed.

use std::fs;
use std::path::Path;

use super::finding::Finding;
use crate::text::count;

const NAME: &str = "vault files";

pub(super) fn all(folder: &Path) -> Vec<Finding> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let shown = folder.display();
    let mut findings = Vec::new();
    let aside = names.iter().filter(|name| name.contains(".bad-")).count();
    if aside > 0 {
        findings.push(Finding::warning(
            NAME,
            format!("{} that could not be opened, or were old copies, are set aside in {shown}", count(aside, "file")),
            "Delete those with `.bad-` in their names when you do not miss a sign-in any more.",
        ));
    }
    let begun = names.iter().filter(|name| name.ends_with(".next")).count();
    if begun > 0 {
        findings.push(Finding::warning(
            NAME,
            format!("sealing everything anew was stopped half-way: {} in {shown}", count(begun, "file")),
            "Nothing is lost: opening the vault puts it in order.",
        ));
    }
    if fs::read_to_string(folder.join("vault.json")).is_ok_and(|text| text.contains("\"clearing\"")) {
        findings.push(Finding::warning(
            NAME,
            "a key or files that are of no use any more could not be cleared away yet".to_owned(),
            "The next start with the keyring at hand does it. In Passwords and Keys, KWalletManager or KeePassXC the key \
             is called \"Doorkey vault key\".",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn what_was_left_is_told_and_an_orderly_folder_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("a.1.sealed"), "").expect("ours");
        fs::write(folder.path().join("vault.json"), "{\"version\":1,\"kind\":\"keyring\"}").expect("ours");
        assert_eq!(all(folder.path()), []);
        assert_eq!(all(&folder.path().join("none")), []);
        fs::write(folder.path().join("a.1.sealed.bad-17"), "").expect("ours");
        fs::write(folder.path().join("b.2.next"), "").expect("ours");
        fs::write(folder.path().join("vault.json"), "{\"kind\":\"passphrase\",\"clearing\":\"key\"}").expect("ours");
        let told = all(folder.path());
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|finding| finding.outcome == Outcome::Warning && !finding.next.is_empty()));
    }
}
