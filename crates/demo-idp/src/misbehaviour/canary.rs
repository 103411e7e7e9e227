//! An address that nobody has a reason to fetch: who does is in the log, under [`Endpoint::Other`].

use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::Endpoint;
use crate::answer::Answer;
use crate::desk::Facts;

const PICTURE_BYTES: usize = 50_000_000;

/// Under another host name of this computer, so that a client which follows goes to "another host" and is
/// seen all the same.
pub(super) fn elsewhere(facts: &Facts) -> String {
    let port = facts.authority.rsplit(':').next().unwrap_or_default();
    format!("http://localhost:{port}{}/canary", facts.base)
}

/// At this provider.
pub(super) fn here(facts: &Facts, what: &str) -> String {
    format!("{}canary/{what}", facts.url(Endpoint::Home))
}

/// What is at [`here`].
pub(crate) fn answer(facts: &Facts, path: &str) -> Option<Answer> {
    let what = path.strip_prefix(&Endpoint::Home.path(&facts.base))?.strip_prefix("canary/")?;
    match what {
        "picture" => {
            let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
            picture.resize(PICTURE_BYTES, 0);
            Some(Answer { body: picture, ..Answer::empty(StatusCode::OK).with_header(CONTENT_TYPE, "image/png") })
        }
        _ => None,
    }
}
