//! One attempt over a pipe in memory, for bytes that no browser sends: fuzzing and property tests. Everything
//! behind the pipe is what serves a socket.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{oneshot, watch};
use tokio::task::yield_now;

use super::{Attempt, Door, Expected, Ignored, Parameters, RedirectHost, ResponseMode, Room, Verdict};

/// The port of the Host header that is right.
pub(crate) const PORT: u16 = 4567;
/// The redirect path.
pub(crate) const PATH: &str = "/cb/k3j9x2ma";

/// What came of one connection.
pub(crate) struct Heard<T> {
    /// Every query the judge was shown.
    pub(crate) judged: Vec<String>,
    /// What the wait returned, if the judge called a query ours.
    pub(crate) ours: Option<T>,
    /// What had no effect.
    pub(crate) ignored: Vec<Ignored>,
    /// Every byte that came back.
    pub(crate) answer: Vec<u8>,
}

/// One client says `pieces`, one write for each, closes its sending side and reads to the end.
pub(crate) async fn one_connection<T>(pieces: &[&[u8]], mut judge: impl FnMut(&Parameters) -> Verdict<T>) -> Heard<T> {
    let door = Door { port: PORT, sockets: Mutex::new(None), page_seen: watch::Sender::new(false) };
    let mut attempt =
        Attempt::behind(door, Expected::new(RedirectHost::V4, PORT, PATH.to_owned(), ResponseMode::Query));
    let (mut client, server) = tokio::io::duplex(64 * 1024);
    attempt.admit(server, None, &Room::Free);

    let (done, over) = oneshot::channel::<()>();
    let client = async move {
        for piece in pieces {
            // The other side may close before it has read everything.
            let _ = client.write_all(piece).await;
            yield_now().await;
        }
        let _ = client.shutdown().await;
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer).await;
        drop(done);
        answer
    };
    let (mut judged, mut ignored) = (Vec::new(), Vec::new());
    let judge = |parameters: &Parameters| {
        judged.push(match parameters {
            Parameters::Query(query) => query.to_string(),
            Parameters::Form(_) => unreachable!("no form was asked for"),
        });
        judge(parameters)
    };
    // A wait looks at its deadline first: what the connection told last is heard before it.
    let over = async {
        let _ = over.await;
        yield_now().await;
    };
    let (ours, answer) = tokio::join!(attempt.wait(judge, |it| ignored.push(it), over), client);
    Heard { ours: ours.ok(), answer, judged, ignored }
}
