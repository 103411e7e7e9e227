//! One connection to the agent's socket, made only when the socket is this user's.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use crate::ClientError;

pub(crate) type Sender = SendRequest<Full<Bytes>>;

/// Connects after checking folder and socket (B-02), and checks who answers before a byte is sent (B-T03).
pub(crate) async fn connect(socket: &Path) -> Result<Sender, ClientError> {
    inspect(socket)?;
    let stream = UnixStream::connect(socket).await.map_err(|error| not_connected(&error))?;
    check_peer(&stream, socket)?;
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| ClientError::Broken(error.to_string()))?;
    // The driver ends with the connection; what went wrong reaches the caller through its own request.
    tokio::spawn(connection);
    Ok(sender)
}

pub(crate) fn not_connected(error: &io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ClientError::NotRunning,
        _ => ClientError::Broken(error.to_string()),
    }
}

/// Who answers, as the kernel says.
pub(crate) fn check_peer(stream: impl AsFd, socket: &Path) -> Result<(), ClientError> {
    let peer =
        rustix::net::sockopt::socket_peercred(&stream).map_err(|error| ClientError::Broken(error.to_string()))?;
    if peer.uid != rustix::process::geteuid() {
        return Err(untrusted(socket, &format!("the program behind it runs as user {}", peer.uid.as_raw())));
    }
    Ok(())
}

pub(crate) fn inspect(socket: &Path) -> Result<(), ClientError> {
    let me = rustix::process::geteuid().as_raw();
    let Some(folder) = socket.parent() else { return Err(ClientError::NotRunning) };
    let about = match folder.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ClientError::NotRunning),
        Err(error) => return Err(ClientError::Broken(error.to_string())),
        Ok(about) => about,
    };
    if !about.is_dir() {
        return Err(untrusted(folder, "it is not a folder"));
    }
    if about.uid() != me {
        return Err(untrusted(folder, &format!("it belongs to user {}", about.uid())));
    }
    if about.mode() & 0o077 != 0 {
        return Err(untrusted(
            folder,
            &format!("others may enter it (mode {:03o}, 700 expected)", about.mode() & 0o777),
        ));
    }
    let about = match socket.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ClientError::NotRunning),
        Err(error) => return Err(ClientError::Broken(error.to_string())),
        Ok(about) => about,
    };
    if !about.file_type().is_socket() {
        return Err(untrusted(socket, "it is not a socket"));
    }
    if about.uid() != me {
        return Err(untrusted(socket, &format!("it belongs to user {}", about.uid())));
    }
    Ok(())
}

fn untrusted(path: &Path, part: &str) -> ClientError {
    ClientError::Untrusted { path: path.to_owned(), part: part.to_owned() }
}
