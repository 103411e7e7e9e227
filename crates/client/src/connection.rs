//! Whether the agent's socket, and who is behind it, are this user's.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use crate::ClientError;

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
    check_user(peer.uid.as_raw(), socket)
}

pub(crate) fn check_user(user: u32, socket: &Path) -> Result<(), ClientError> {
    if user != rustix::process::geteuid().as_raw() {
        return Err(untrusted(socket, &format!("the program behind it runs as user {user}")));
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
