//! All runs of a file as it is now.

use std::path::PathBuf;
use std::sync::Mutex as Cell;

use doorkey_client::words::Profile;
use doorkey_qa::scenario::{Doing, Played, Run};
use futures_util::StreamExt as _;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Mutex, Semaphore, watch};

use crate::commands::test::file::{File, Plan};
use crate::commands::test::summary::Result as RunResult;
use crate::commands::test::tries::{network, tries, wants_to_be_alone};
use crate::failure::Failure;

/// Something that happened to a file's runs.
pub(super) enum Happened {
    /// What they need is not there.
    NotReady(Failure),
    Started(String),
    Doing(String, Doing),
    Ended(Box<RunResult>),
}

/// What the rounds of all files share.
pub(super) struct Shared {
    jobs: usize,
    places: Semaphore,
    one_at_a_time: Mutex<()>,
    network: Option<PathBuf>,
    show_browser: bool,
}

impl Shared {
    pub(super) fn new(jobs: usize, show_browser: bool) -> Self {
        let (places, one_at_a_time) = (Semaphore::new(jobs), Mutex::new(()));
        Self { jobs, places, one_at_a_time, network: network(), show_browser }
    }

    /// Plays a file. When it is stopped, browsers and agents are closed before it is over.
    pub(super) async fn round(
        &self,
        file: PathBuf,
        plan: Plan,
        mut stopped: watch::Receiver<bool>,
        tell: UnboundedSender<(PathBuf, Happened)>,
    ) -> PathBuf {
        // The end of the channel is the end of all of it.
        let tell = |happened| drop(tell.send((file.clone(), happened)));
        let ready = tokio::select! {
            ready = plan.ready(self.show_browser) => ready,
            () = stop(&mut stopped) => return file,
        };
        match ready {
            Ok(ready) => {
                let ready = &ready;
                let runs =
                    ready.runs.iter().map(|(run, profile)| self.one(ready, run, profile, stopped.clone(), &tell));
                let mut runs = futures_util::stream::iter(runs).buffer_unordered(self.jobs);
                while runs.next().await.is_some() {}
            }
            Err(failure) => tell(Happened::NotReady(failure)),
        }
        file
    }

    async fn one(
        &self,
        file: &File,
        run: &Run,
        profile: &Profile,
        mut stopped: watch::Receiver<bool>,
        tell: &impl Fn(Happened),
    ) {
        let place = async {
            let turn = if wants_to_be_alone(run, profile) { Some(self.one_at_a_time.lock().await) } else { None };
            (turn, self.places.acquire().await)
        };
        let _place = tokio::select! {
            place = place => place,
            () = stop(&mut stopped) => {
                let (file, name) = (file.name.clone(), run.name.clone());
                let result = RunResult { file, name, played: Played::stopped(), tries: 0, har: None };
                return tell(Happened::Ended(Box::new(result)));
            }
        };
        tell(Happened::Started(run.name.clone()));
        let (doing, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let last = Cell::new(None);
        let told = move |now: Doing| {
            // The agent tells of strangers at the listener, too: then it is where it was.
            let Ok(mut last) = last.lock() else { return };
            if last.as_ref() != Some(&now) {
                *last = Some(now.clone());
                let _ = doing.send(now);
            }
        };
        let mut playing = std::pin::pin!(tries(file, run, profile, self.network.as_deref(), &told, stopped));
        let result = loop {
            tokio::select! {
                biased;
                Some(doing) = heard.recv() => tell(Happened::Doing(run.name.clone(), doing)),
                result = &mut playing => break result,
            }
        };
        tell(match result {
            Ok(result) => Happened::Ended(Box::new(result)),
            Err(failure) => Happened::NotReady(failure),
        });
    }
}

/// Whoever could stop it being gone means that nobody does.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    if stopped.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
