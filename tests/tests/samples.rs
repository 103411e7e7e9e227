//! Samples of requests do what they say: each language that has a runtime here sends one to the provider, and each that has
//! none is read by a compiler or a parser.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use doorkey_client::words::{Pair, SentRequest};
use doorkey_demo_idp::{Client, Running, Settings, start};
use doorkey_qa::sample::{self, Language, Sample};
use doorkey_tests::skipped;
use doorkey_tests::sources::root;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use url::Url;

const ID: &str = "sample";
/// What a shell, a quoted text or a form could break.
const SECRET: &str = "CANARY s3cret'\"$HOME`id`\\&=+%ü";

/// How a program of a language is made and run.
enum How {
    /// By these commands, in the folder of the program; the first of each is looked for.
    Run(&'static [&'static [&'static str]]),
    /// It cannot be run here; these commands read it.
    Read(&'static [&'static [&'static str]]),
}

fn how(language: Language) -> How {
    match language {
        Language::Curl => How::Run(&[&["sh", "FILE"]]),
        Language::CSharp => {
            How::Run(&[&["mcs", "-r:System.Net.Http.dll", "-out:program.exe", "FILE"], &["mono", "program.exe"]])
        }
        Language::Go => How::Run(&[&["go", "run", "FILE"]]),
        Language::Java => How::Run(&[&["java", "FILE"]]),
        Language::NodeJs => How::Run(&[&["node", "FILE"]]),
        Language::Php => How::Run(&[&["php", "FILE"]]),
        Language::Python => How::Run(&[&["python3", "FILE"]]),
        Language::Ruby => How::Run(&[&["ruby", "FILE"]]),
        // Its crates are not built for one test: what a formatter reads is well-formed.
        Language::Rust => How::Read(&[&["rustfmt", "--edition", "2024", "--emit", "stdout", "FILE"]]),
        Language::ObjectiveC => How::Read(&[&["tree-sitter", "objc", "FILE"]]),
        Language::Swift => How::Read(&[&["tree-sitter", "swift", "FILE"]]),
    }
}

#[tokio::test]
async fn a_token_request_in_every_language_brings_a_token() {
    for is_basic in [false, true] {
        let provider = provider().await;
        for language in Language::ALL {
            let sample =
                sample::write(&request(&provider, is_basic), language).unwrap_or_else(|error| panic!("{error}"));
            let Some(printed) = done(&sample, language).await else { continue };
            let answer: Value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
            assert!(answer["access_token"].is_string(), "{}: {printed}\n{}", language.name(), sample.text);
        }
    }
}

#[tokio::test]
async fn an_address_in_every_language_has_every_parameter_as_it_was() {
    let provider = provider().await;
    let secret =
        |name: &str| Pair { name: name.to_owned(), value: "9f86d081".to_owned(), secret: true, altered: false };
    let parameters = [
        pair("response_type", "code"),
        pair("scope", "openid it's \"all\" $HOME `id` \\ & = + % ü"),
        pair("resource", "https://api.example/?a=b&c=d"),
        secret("state"),
    ];
    let url = format!("{}/authorize", provider.issuer());
    for language in Language::ALL {
        let sample = sample::write_address(&url, &parameters, language).unwrap_or_else(|error| panic!("{error}"));
        let Some(printed) = done(&sample, language).await else { continue };
        let address =
            Url::parse(printed.trim()).unwrap_or_else(|error| panic!("{}: {error}: {printed}", language.name()));
        let got: Vec<(String, String)> = address.query_pairs().into_owned().collect();
        let expected: Vec<(String, String)> = parameters
            .iter()
            .map(|pair| (pair.name.clone(), if pair.secret { SECRET.to_owned() } else { pair.value.clone() }))
            .collect();
        assert_eq!(got, expected, "{}: {}", language.name(), sample.text);
    }
}

/// Runs or reads it; what it printed where it was run.
async fn done(sample: &Sample, language: Language) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(sample.file_name), &sample.text).expect("there is room");
    let (commands, is_run) = match how(language) {
        How::Run(commands) => (commands, true),
        How::Read(commands) => (commands, false),
    };
    let missing = commands.iter().map(|command| command[0]).find(|program| program_of(program).is_none());
    if let Some(program) = missing {
        let why = format!("there is no {program}: `scripts/setup test` installs it");
        skipped(&format!("the sample in {}", language.title()), &why);
        return None;
    }
    let mut printed = String::new();
    for command in commands {
        printed = ended(command, sample, &folder).await;
    }
    is_run.then_some(printed)
}

async fn ended(command: &[&str], sample: &Sample, folder: &TempDir) -> String {
    let file =
        |argument: &&str| if **argument == *"FILE" { sample.file_name.to_owned() } else { (*argument).to_owned() };
    let (program, before) = program_of(command[0]).expect("it was looked for");
    let mut process = Command::new(program);
    process.args(before);
    process.args(command[1..].iter().map(file)).current_dir(folder.path()).stdin(Stdio::null());
    // What compilers keep stays here.
    process.env("GOCACHE", cache("go")).env("GOFLAGS", "-mod=mod").env("XDG_CACHE_HOME", cache("other"));
    process.env("CLIENT_ID", ID).env("CLIENT_SECRET", SECRET).env("STATE", SECRET).kill_on_drop(true);
    let told = watched(&mut process, folder.path());
    let output = process.output().await.expect("it starts");
    let arguments = fs::read_to_string(told).unwrap_or_default();
    assert!(!arguments.contains("CANARY"), "{}: {arguments}", sample.file_name);
    assert!(command[0] != "sh" || arguments.contains("curl --"), "nothing was watched: {arguments}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}: {}{}\n{}",
        sample.file_name,
        text(&output.stdout),
        text(&output.stderr),
        sample.text
    );
    text(&output.stdout)
}

/// What a shell starts tells its arguments first, for everybody on a computer can read them; where to.
fn watched(process: &mut Command, folder: &Path) -> PathBuf {
    let (programs, told) = (folder.join("watched"), folder.join("arguments"));
    fs::create_dir_all(&programs).expect("a folder");
    for name in ["curl", "sed", "tr", "od"] {
        let Some((real, _)) = program_of(name) else { continue };
        let program = programs.join(name);
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"{name} $*\" >>'{}'\nexec '{}' \"$@\"\n",
            told.display(),
            real.display()
        );
        fs::write(&program, script).expect("there is room");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("it is ours");
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path))).expect("plain paths");
    process.env("PATH", path);
    told
}

/// Kept from run to run: the first look of a compiler at its own library takes longest.
fn cache(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples").join(name);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The program of a command, and what stands before its arguments.
fn program_of(name: &str) -> Option<(PathBuf, Vec<PathBuf>)> {
    if name == "tree-sitter" {
        let python = root().join("target/tools/parsers/bin/python");
        return python.is_file().then(|| (python, vec![root().join("tests/parsers/parse.py")]));
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()).map(|file| (file, Vec::new()))
}

async fn provider() -> Running {
    let clients = vec![Client::confidential(ID, SECRET, Vec::new())];
    start(Settings { clients, ..Settings::default() }).await.expect("the provider starts")
}

fn request(provider: &Running, is_basic: bool) -> SentRequest {
    let mut headers = vec![pair("accept", "application/json")];
    let mut form = vec![pair("grant_type", "client_credentials"), pair("audience", "https://api.example/?a=b&c='d'")];
    if is_basic {
        headers.push(Pair {
            name: "authorization".to_owned(),
            value: "Basic 9f86d081".to_owned(),
            secret: true,
            altered: false,
        });
    } else {
        form.push(pair("client_id", ID));
        form.push(Pair {
            name: "client_secret".to_owned(),
            value: "9f86d081".to_owned(),
            secret: true,
            altered: false,
        });
    }
    SentRequest { method: "POST".to_owned(), url: format!("{}/token", provider.issuer()), headers, form }
}

fn pair(name: &str, value: &str) -> Pair {
    Pair { name: name.to_owned(), value: value.to_owned(), secret: false, altered: false }
}
