//! The socket and its folder are this user's, on both sides.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use doorkey_client::words::TokenRequest;
use doorkey_client::{Client, ClientError};
use doorkey_tests::{PROFILE, Stage, program, skipped};
use tokio::net::UnixListener;
use tokio::process::Command;

/// B-01: another user of the machine looks for a way in | the socket is 0600, its folder 0700
#[tokio::test]
async fn the_socket_and_its_folder_are_for_this_user_alone() {
    let stage = Stage::new().await;
    let mode = |path: &Path| fs::symlink_metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!(mode(&stage.paths.socket()), 0o600);
    assert_eq!(mode(stage.paths.socket().parent().expect("its folder")), 0o700);
    assert_eq!(mode(&stage.paths.journal()), 0o700);
}

/// B-T02: another user connects, with folder and socket open to all | closed without a byte
#[tokio::test]
async fn another_user_is_told_nothing_even_when_every_door_is_open() {
    let Some(mut curl_as_nobody) = program::as_root("setpriv") else {
        return skipped(
            "another_user_is_told_nothing_even_when_every_door_is_open",
            "only root can become another user",
        );
    };
    let stage = Stage::new().await;
    let socket = stage.paths.socket();
    for path in [stage.folder(), &stage.folder().join("run"), socket.parent().expect("its folder")] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("opened");
    }
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).expect("opened");
    let ask = |mut command: Command| {
        program::alone(&mut command, stage.folder());
        command.args(["--silent", "--verbose", "--unix-socket"]).arg(&socket).arg("http://doorkey/v1/hello");
        program::run(command)
    };
    let own = ask(Command::new("curl")).await;
    assert!(own.code == Some(0) && own.stdout.contains("\"api\":1"), "{own:?}");
    curl_as_nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", "curl"]);
    let nobody = ask(curl_as_nobody).await;
    assert!(nobody.stdout.is_empty() && nobody.code != Some(0), "{nobody:?}");
    assert!(!nobody.stderr.contains("< HTTP"), "the agent has spoken: {nobody:?}");
    for closed in ["Permission denied", "No such file"] {
        assert!(!nobody.stderr.contains(closed), "a door was not open: {nobody:?}");
    }
}

/// B-02: a socket or a folder that is a link, foreign or open to others | the client names the part, and connects to nothing
/// B-T01: the same | `broker.untrusted_socket`
#[tokio::test]
async fn a_client_sends_nothing_to_a_socket_that_could_be_somebody_elses() {
    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil); 4] = [
        ("others may enter", |socket| {
            fs::set_permissions(socket.parent().expect("its folder"), Permissions::from_mode(0o777)).expect("opened");
        }),
        ("not a folder", |socket| {
            let folder = socket.parent().expect("its folder");
            let elsewhere = folder.with_extension("elsewhere");
            fs::rename(folder, &elsewhere).expect("moved");
            std::os::unix::fs::symlink(&elsewhere, folder).expect("linked");
        }),
        ("not a socket", |socket| {
            let elsewhere = socket.with_extension("elsewhere");
            fs::rename(socket, &elsewhere).expect("moved");
            std::os::unix::fs::symlink(&elsewhere, socket).expect("linked");
        }),
        ("belongs to user", |socket| {
            if rustix::process::geteuid().is_root() {
                std::os::unix::fs::chown(socket, Some(65534), Some(65534)).expect("given away");
            } else {
                fs::set_permissions(socket.parent().expect("its folder"), Permissions::from_mode(0o755))
                    .expect("opened");
            }
        }),
    ];
    for (what, spoil) in spoils {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("agent.sock");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("closed");
        let inner = folder.path().join("run");
        fs::create_dir(&inner).expect("a folder");
        fs::set_permissions(&inner, Permissions::from_mode(0o700)).expect("closed");
        let socket = inner.join(socket.file_name().expect("a name"));
        let listener = UnixListener::bind(&socket).expect("a socket");
        spoil(&socket);

        let error = Client::at(socket).token(&TokenRequest::for_profile(PROFILE)).await.expect_err("not trusted");
        assert!(matches!(error, ClientError::Untrusted { .. }), "{what}: {error}");
        if rustix::process::geteuid().is_root() || what != "belongs to user" {
            assert!(error.to_string().contains(what), "{what}: {error}");
        }
        let nobody = std::future::poll_fn(|cx| std::task::Poll::Ready(listener.poll_accept(cx).is_pending())).await;
        assert!(nobody, "{what}: it connected all the same");
    }
}
