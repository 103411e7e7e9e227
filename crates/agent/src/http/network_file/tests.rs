use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn settings(proxy: Option<&str>, no_proxy: &[&str], ca_file: Option<&str>) -> NetworkSettings {
    NetworkSettings {
        proxy: proxy.map(str::to_owned),
        no_proxy: no_proxy.iter().map(|host| (*host).to_owned()).collect(),
        ca_file: ca_file.map(str::to_owned),
    }
}

fn file() -> (tempfile::TempDir, NetworkFile, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("network.toml");
    (folder, NetworkFile::at(path.clone()), path)
}

#[test]
fn what_is_set_is_kept_and_comments_survive() {
    let (_folder, file, path) = file();
    assert_eq!(file.settings(), Ok(NetworkSettings::default()));
    let wanted = settings(Some("proxy.example:3128"), &[" op.example ", "", "op.example", ".intern.example"], None);
    file.put(&wanted).expect("kept");
    let kept = settings(Some("http://proxy.example:3128"), &["op.example", ".intern.example"], None);
    assert_eq!(file.settings(), Ok(kept));
    fs::write(&path, "# at work\nproxy = \"http://a.example\" # theirs\n").expect("written");
    file.put(&settings(Some("socks5h://b.example:1080"), &[], None)).expect("kept");
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(text, "# at work\nproxy = \"socks5h://b.example:1080\" # theirs\n");
    file.put(&NetworkSettings::default()).expect("kept");
    assert_eq!(file.settings(), Ok(NetworkSettings::default()));
}

#[test]
fn what_cannot_be_used_is_refused_and_nothing_changes() {
    let (folder, file, path) = file();
    fs::write(&path, "proxy = \"http://a.example\"\n").expect("written");
    let (empty, der) = (folder.path().join("empty.pem"), folder.path().join("der.pem"));
    fs::write(&empty, "").expect("written");
    fs::write(&der, [0x30, 0x82, 0x01]).expect("written");
    let missing = folder.path().join("missing.pem");
    for (wanted, code) in [
        (settings(Some("http://ada:CANARY@proxy.example"), &[], None), "config.proxy_password"),
        (settings(Some("CANARY@proxy.example"), &[], None), "config.proxy_password"),
        (settings(Some("ftp://proxy.example"), &[], None), "config.bad_proxy"),
        (settings(Some("http://proxy.example/path"), &[], None), "config.bad_proxy"),
        (settings(Some("http://"), &[], None), "config.bad_proxy"),
        (settings(None, &["https://op.example"], None), "config.bad_no_proxy"),
        (settings(None, &["a,b"], None), "config.bad_no_proxy"),
        (settings(None, &[], Some("ca.pem")), "config.bad_ca_file"),
        (settings(None, &[], missing.to_str()), "config.bad_ca_file"),
        (settings(None, &[], empty.to_str()), "config.bad_ca_file"),
        (settings(None, &[], der.to_str()), "config.bad_ca_file"),
    ] {
        let refusal = file.put(&wanted).expect_err("refused");
        assert_eq!(refusal.code, code, "{wanted:?}");
        assert!(!format!("{refusal:?}").contains("CANARY"), "{refusal:?}");
        assert_eq!(file.settings(), Ok(settings(Some("http://a.example"), &[], None)));
    }
    let authority = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).expect("a certificate");
    let pem = folder.path().join("ca.pem");
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, authority.cert.der());
    fs::write(&pem, format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")).expect("written");
    file.put(&settings(None, &[], pem.to_str())).expect("kept");
}

#[test]
fn a_typo_names_line_and_column_and_is_not_written_over() {
    let (_folder, file, path) = file();
    fs::write(&path, "# mine\nproxi = \"http://a.example\"\n").expect("written");
    let refusal = file.problem().expect("a problem");
    assert_eq!(refusal.code, "config.bad_network");
    assert!(refusal.message.contains("network.toml:2:1: unknown setting `proxi`"), "{refusal:?}");
    assert_eq!(file.put(&NetworkSettings::default()).expect_err("refused").code, "config.bad_network");
    assert!(fs::read_to_string(&path).expect("text").contains("proxi"));
    fs::write(&path, "proxy = \"http://a.example\"\n").expect("written");
    assert_eq!(file.problem(), None);
}

#[test]
fn a_file_that_others_may_write_does_not_count() {
    let (folder, _, path) = file();
    fs::write(&path, "").expect("written");
    for (place, mode) in [(path.as_path(), 0o666), (folder.path(), 0o777)] {
        let before = fs::metadata(place).expect("it is there").permissions();
        fs::set_permissions(place, fs::Permissions::from_mode(mode)).expect("allowed");
        // Who may write the folder is looked at when the file is read.
        let file = NetworkFile::at(path.clone());
        let refusal = file.problem().expect("a problem");
        assert!(refusal.message.contains("others may write"), "{refusal:?}");
        assert_eq!(file.put(&NetworkSettings::default()).expect_err("refused").code, "config.bad_network");
        fs::set_permissions(place, before).expect("allowed");
        assert_eq!(file.problem(), None);
    }
}
