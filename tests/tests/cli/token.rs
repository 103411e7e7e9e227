//! `doorkey token`, in short and in full.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;

use doorkey_tests::program;
use doorkey_tests::{PROFILE, Stage};

use super::{assert_refused, json};

/// L-T02: `token` into a pipe | the token and a line feed on standard output, all else on standard error
#[tokio::test]
async fn token_prints_the_token_and_nothing_else() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let token = stage.access_token().await;
    let run = |arguments: &[&str]| program::run(program::command(stage.folder(), arguments));

    let plain = run(&["token", PROFILE]).await;
    assert_eq!((plain.code, plain.stdout), (Some(0), format!("{token}\n")));
    let only_one = run(&["token"]).await;
    assert_eq!((only_one.code, only_one.stdout), (Some(0), format!("{token}\n")));
    let header = run(&["token", PROFILE, "--header"]).await;
    assert_eq!(header.stdout, format!("Authorization: Bearer {token}\n"));
    let answer = json(&run(&["token", PROFILE, "--json"]).await);
    assert_eq!((answer["version"].as_u64(), answer["profile"].as_str()), (Some(1), Some(PROFILE)));
    assert_eq!(
        (answer["access_token"].as_str(), answer["token_type"].as_str()),
        (Some(token.as_str()), Some("Bearer"))
    );
    assert!(answer["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{answer}");
    assert!(answer["scope"].as_array().is_some_and(|scope| scope.len() == 4), "{answer}");
    assert!(answer.get("audience").is_some(), "{answer}");
}

/// L-T04: `token` without a session | 77 and the command to run; no browser opens
#[tokio::test]
async fn in_short_and_in_full_every_byte_is_the_same() {
    let stage = Stage::new().await;
    let lines: [&[&str]; 14] = [
        &["token", PROFILE],
        &["token"],
        &["token", PROFILE, "--header"],
        &["token", PROFILE, "--json"],
        &["token", "--json", "--scope", "openid email", "--min-ttl", "1m", "--account", "ada@example.com"],
        &["token", "nobody"],
        &["token", "nobody", "--json"],
        &["token", PROFILE, "--audience", "https://api.example.test", "--json"],
        &["token", PROFILE, "--scope", "write:everything"],
        &["token", PROFILE, "--json", "--header"],
        &["token", PROFILE, "--min-ttl", "soon"],
        &["token", "--hlep"],
        &["token", "--help"],
        &["--version"],
    ];
    let both = async |arguments: &[&str], change: &[(&str, &str)]| {
        let mut ended = Vec::new();
        for mut command in
            [program::command(stage.folder(), arguments), program::command_in_full(stage.folder(), arguments)]
        {
            command.envs(change.iter().copied());
            ended.push(program::run(command).await);
        }
        assert_eq!(ended[0], ended[1], "{arguments:?} {change:?}");
        ended.remove(0)
    };
    assert_eq!(both(&["token", PROFILE], &[]).await.code, Some(77));
    stage.sign_in().await;
    for line in lines {
        both(line, &[]).await;
    }
    let nowhere = both(&["token", PROFILE], &[("XDG_RUNTIME_DIR", &"/x".repeat(60))]).await;
    assert!(nowhere.stderr.contains("config.no_home"), "{nowhere:?}");
    let folder = stage.paths.socket().parent().expect("its folder").to_owned();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("opened");
    let open = both(&["token", PROFILE], &[]).await;
    assert!(open.stderr.contains("broker.untrusted_socket"), "{open:?}");
}

#[tokio::test]
async fn a_command_without_its_other_half_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let alone = folder.path().join("doorkey");
    fs::copy(program::doorkey(), &alone).expect("copied");
    let mut command = tokio::process::Command::new(&alone);
    program::alone(&mut command, folder.path());
    command.args(["status", "--json"]);
    assert_refused(&program::run(command).await, 78, "config.incomplete");
}

/// B-T13: nobody is signed in | `session.sign_in_required`, 77, and no browser opens
#[tokio::test]
async fn token_without_a_session_is_77_and_opens_no_browser() {
    let stage = Stage::new().await;
    let mut command = program::command(stage.folder(), &["token", PROFILE, "--json"]);
    let touched = stage.folder().join("opened");
    command.env("BROWSER", format!("touch {}", touched.display()));
    let ended = program::run(command).await;
    assert_refused(&ended, 77, "session.sign_in_required");
    assert_eq!(json(&ended)["error"]["profile"], PROFILE);
    assert!(!touched.exists(), "a browser was opened");
    let for_people = program::run(program::command(stage.folder(), &["token", PROFILE])).await;
    assert!(for_people.stdout.is_empty() && for_people.stderr.contains("doorkey login work"), "{for_people:?}");
}

/// L-T02: nobody reads any more; the disk is full | a quiet end; 74
#[tokio::test]
async fn a_reader_that_has_gone_is_a_quiet_end_and_a_full_disk_is_74() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let mut gone = program::command(stage.folder(), &["token", PROFILE]).spawn().expect("the program starts");
    drop(gone.stdout.take());
    let ended = program::ended(gone).await;
    assert!(ended.code == Some(0) && !ended.stderr.contains("error"), "{ended:?}");

    let full = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let mut command = program::command(stage.folder(), &["token", PROFILE]);
    let ended = program::run({
        command.stdout(full);
        command
    })
    .await;
    assert_eq!(ended.code, Some(74), "{ended:?}");
    assert!(!ended.stderr.is_empty(), "it says why");
}
