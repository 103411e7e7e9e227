//! The stream of updates (server-sent events).

use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::ClientError;
use crate::words::Update;

/// The present of ten thousand sessions fits; an endless line does not.
const LONGEST_MESSAGE: usize = 32 * 1024 * 1024;

/// Updates as they come; ends when the agent goes away.
#[derive(Debug)]
pub struct Updates {
    body: Incoming,
    unread: Vec<u8>,
}

impl Updates {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, unread: Vec::new() }
    }

    /// The next update; `None` when the agent has closed the stream. Messages of kinds this version does not
    /// know are passed over.
    ///
    /// # Errors
    /// When the connection breaks, or a message is longer than any of ours.
    pub async fn next(&mut self) -> Result<Option<Update>, ClientError> {
        loop {
            while let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
                let message: Vec<u8> = self.unread.drain(..end + 2).collect();
                if let Some(update) = parse(&message) {
                    return Ok(Some(update));
                }
            }
            if self.unread.len() > LONGEST_MESSAGE {
                return Err(ClientError::Broken("an update is longer than 32 MiB".to_owned()));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(ClientError::Broken(error.to_string())),
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.unread.extend_from_slice(data);
                    }
                }
            }
        }
    }
}

fn parse(message: &[u8]) -> Option<Update> {
    let text = std::str::from_utf8(message).ok()?;
    let data: String = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
    serde_json::from_str(&data).ok()
}
