//! `doorkey test watch`: runs what is changed, for as long as somebody looks on.

mod look;
mod news;
mod orders;
mod round;
mod window;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use doorkey_qa::scenario::Ended;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use self::look::{MOST_FILES, Places, Seen, Stamp, speaks_of_scenarios};
use self::news::{Counts, Teller, tellable};
use self::orders::{Order, Orders};
use self::round::{Happened, Shared};
use super::file::{Plan, Reads};
use super::tries::jobs;
use crate::agency;
use crate::args::TestWatch;
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::Interrupt;

pub(super) fn run(args: &TestWatch, out: &Output) -> Result<(), Failure> {
    if args.window {
        return window::become_it(&args.places);
    }
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let mut orders = Orders::of_this_process(out);
        let shared = Shared::new(jobs(args.jobs), args.show_browser);
        let teller = Teller { out, by_keys: orders.by_keys() };
        Watch::new(args, &shared, teller).until_ended(&mut orders, &mut interrupt).await
    })
}

/// A file that is watched.
#[derive(Default)]
struct Watched {
    /// What it was when it was read.
    stamp: Stamp,
    /// What it was at the last look, where that is something else.
    unsettled: Option<Stamp>,
    leans_on: Vec<PathBuf>,
    /// Whether it is told of: a file of a folder may be something else than scenarios.
    counts: bool,
    /// The number under which its runs were told, as they are now.
    told: Option<u64>,
    mistaken: bool,
    /// What is run as soon as nothing of it is being run.
    wanted: Option<Plan>,
    /// What is being run of it.
    round: Option<Going>,
    /// It is not there any more, and is forgotten when its round is over.
    gone: bool,
    outcomes: BTreeMap<String, Outcome>,
}

/// A round that goes on.
struct Going {
    stop: watch::Sender<bool>,
    /// Whether the file is another by now: nobody wants to know any more.
    outdated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Broken,
    Stopped,
}

/// How watching ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Ordered,
    Interrupted,
}

type Round<'a> = Pin<Box<dyn Future<Output = PathBuf> + 'a>>;

struct Watch<'a> {
    args: &'a TestWatch,
    places: Places,
    shared: &'a Shared,
    teller: Teller<'a>,
    files: BTreeMap<PathBuf, Watched>,
    rounds: FuturesUnordered<Round<'a>>,
    tell: UnboundedSender<(PathBuf, Happened)>,
    heard: UnboundedReceiver<(PathBuf, Happened)>,
    held: bool,
    /// Files whose runs were told before it was ordered to run them: with `--hold`, nothing else is run. What somebody
    /// else puts into the folder, such as a browser among downloads, waits until it was looked at.
    agreed: BTreeSet<PathBuf>,
    /// Of the file that was told last.
    number: u64,
    /// Whether something has happened since it was last told that nothing does.
    busy: bool,
    end: Option<End>,
}

impl<'a> Watch<'a> {
    fn new(args: &'a TestWatch, shared: &'a Shared, teller: Teller<'a>) -> Self {
        let (tell, heard) = unbounded_channel();
        Self {
            args,
            places: Places::of(&args.places),
            shared,
            teller,
            files: BTreeMap::new(),
            rounds: FuturesUnordered::new(),
            tell,
            heard,
            held: args.hold,
            agreed: BTreeSet::new(),
            number: 0,
            busy: true,
            end: None,
        }
    }

    async fn until_ended(&mut self, orders: &mut Orders, interrupt: &mut Interrupt) -> Result<(), Failure> {
        let done = self.go_on(orders, interrupt).await;
        // The output is gone, or somebody does not want to wait: what is being run is given up where it is.
        self.stop_all();
        done
    }

    async fn go_on(&mut self, orders: &mut Orders, interrupt: &mut Interrupt) -> Result<(), Failure> {
        for (path, stamp) in self.places.look(&BTreeMap::new()) {
            self.take_up(&path, &stamp)?;
        }
        self.warn();
        let places = self.places.clone();
        let mut looking = Box::pin(places.look_soon(self.leaning()));
        loop {
            self.start_what_is_wanted();
            if self.rounds.is_empty() {
                match self.end {
                    Some(End::Ordered) => return Ok(()),
                    Some(End::Interrupted) => return Err(Failure::cancelled("Watching")),
                    None if self.busy => self.teller.waiting(self.counts())?,
                    None => {}
                }
                self.busy = false;
            }
            tokio::select! {
                biased;
                () = interrupt.received() => {
                    if self.end == Some(End::Interrupted) {
                        return Err(Failure::cancelled("Watching"));
                    }
                    self.leave(End::Interrupted);
                }
                order = orders.next(), if self.end.is_none() => match order {
                    Order::Run { told } => {
                        let seen = self.places.look(&self.leaning());
                        self.agree(&seen, told);
                        self.held = self.args.hold && self.agreed.is_empty();
                        self.take_all_up(seen)?;
                    }
                    Order::Again if self.held => self.busy = true,
                    Order::Again => self.take_all_up(self.places.look(&BTreeMap::new()))?,
                    Order::Stop => {
                        self.held = true;
                        self.busy = true;
                        self.stop_all();
                    }
                    Order::End => self.leave(End::Ordered),
                },
                Some((path, happened)) = self.heard.recv() => self.hear(&path, happened)?,
                Some(path) = self.rounds.next() => self.over(&path)?,
                seen = &mut looking, if self.end.is_none() => {
                    self.take_in(seen)?;
                    looking = Box::pin(places.look_soon(self.leaning()));
                }
            }
        }
    }

    /// Of what is left out, which looks as if there were nothing.
    fn warn(&self) {
        for folder in self.places.too_full() {
            self.teller
                .warn(&format!("{} has more than {MOST_FILES} files: the first by name are watched", folder.display()));
        }
        let (mut told, only) = (self.files.values().filter(|watched| watched.counts).peekable(), &self.args.only);
        if !only.is_empty() && told.peek().is_some() && told.all(|watched| watched.told.is_none() && !watched.mistaken)
        {
            self.teller.warn(&format!("no run\u{2019}s name begins with {}", only.join(" or ")));
        }
    }

    fn leaning(&self) -> BTreeMap<PathBuf, Vec<PathBuf>> {
        self.files.iter().map(|(path, watched)| (path.clone(), watched.leans_on.clone())).collect()
    }

    fn leave(&mut self, end: End) {
        self.end = Some(end);
        if !self.rounds.is_empty() {
            self.teller.stopping();
        }
        self.stop_all();
    }

    fn stop_all(&mut self) {
        for watched in self.files.values_mut() {
            watched.stop();
            watched.wanted = None;
        }
    }

    /// What is there now, against what was there before.
    fn take_in(&mut self, mut seen: Seen) -> Result<(), Failure> {
        let known: Vec<PathBuf> = self.files.iter().filter(|(_, it)| !it.gone).map(|(path, _)| path.clone()).collect();
        for path in known {
            let now = seen.remove(&path).unwrap_or_default();
            if self.files.get_mut(&path).is_some_and(|watched| watched.has_settled_as(&now)) {
                if now == Stamp::default() { self.drop_it(&path)? } else { self.take_up(&path, &now)? }
            }
        }
        for (path, stamp) in seen {
            // One that went and came back while its round was being stopped waits for the next look.
            self.files.entry(path).or_insert_with(|| Watched { unsettled: Some(stamp), ..Watched::default() });
        }
        Ok(())
    }

    /// Reads a file that is new, or another than before, or is to be run again; what it was is forgotten.
    fn take_up(&mut self, path: &Path, stamp: &Stamp) -> Result<(), Failure> {
        let before = self.files.remove(path).unwrap_or_default();
        if !stamp.is_there() {
            // What comes to its place later is somebody else's.
            self.agreed.remove(path);
        }
        let plan = Plan::read(path, &self.args.only, Reads::Files).and_then(tellable);
        let counts = plan.is_ok() || before.counts || self.places.names(path) || speaks_of_scenarios(path);
        let is_held = self.args.hold && !self.agreed.contains(path);
        if counts {
            self.number += 1;
            self.teller.file(&name_of(path), plan.as_ref(), is_held, self.number)?;
        }
        let leans_on = plan.as_ref().map(Plan::leans_on).unwrap_or_default();
        let watched = Watched {
            // What it leans on is read after this: a change in between is seen at the next look.
            stamp: stamp.with(&leans_on),
            leans_on,
            counts,
            told: plan.as_ref().ok().filter(|plan| !plan.runs.is_empty()).map(|_| self.number),
            mistaken: counts && plan.is_err(),
            wanted: plan.ok().filter(|_| !self.held && !is_held),
            round: before.round.map(|Going { stop, .. }| Going { stop, outdated: true }),
            ..Watched::default()
        };
        watched.stop();
        self.files.insert(path.to_owned(), watched);
        self.busy = true;
        Ok(())
    }

    fn drop_it(&mut self, path: &Path) -> Result<(), Failure> {
        self.agreed.remove(path);
        let Some(watched) = self.files.get_mut(path) else { return Ok(()) };
        watched.stop();
        let (counts, is_over) = (watched.counts, watched.round.is_none());
        // What of it counts is told of no more.
        *watched = Watched { gone: true, round: watched.round.take(), ..Watched::default() };
        if is_over {
            self.files.remove(path);
        }
        if counts {
            self.busy = true;
            self.teller.gone(&name_of(path))?;
        }
        Ok(())
    }

    /// Whoever orders it has seen what was told up to this number: what is another by now is not agreed to.
    fn agree(&mut self, seen: &Seen, up_to: Option<u64>) {
        let was_seen = |told: u64| up_to.is_none_or(|up_to| told <= up_to);
        let is_as_told = |path: &PathBuf, watched: &Watched| seen.get(path) == Some(&watched.stamp);
        let agreed = self.files.iter().filter(|(path, it)| it.told.is_some_and(was_seen) && is_as_told(path, it));
        self.agreed.extend(agreed.map(|(path, _)| path.clone()));
    }

    fn take_all_up(&mut self, seen: Seen) -> Result<(), Failure> {
        // Whoever ordered it is answered, whatever there is.
        self.busy = true;
        for (path, stamp) in seen {
            self.take_up(&path, &stamp)?;
        }
        Ok(())
    }

    fn start_what_is_wanted(&mut self) {
        for (path, watched) in self.files.iter_mut().filter(|(_, watched)| watched.round.is_none()) {
            let Some(plan) = watched.wanted.take() else { continue };
            let (stop, stopped) = watch::channel(false);
            watched.round = Some(Going { stop, outdated: false });
            self.busy = true;
            self.rounds.push(Box::pin(self.shared.round(path.clone(), plan, stopped, self.tell.clone())));
        }
    }

    fn hear(&mut self, path: &Path, happened: Happened) -> Result<(), Failure> {
        let Some(watched) = self.files.get_mut(path) else { return Ok(()) };
        if watched.gone || watched.round.as_ref().is_none_or(|round| round.outdated) {
            return Ok(());
        }
        let name = name_of(path);
        match happened {
            Happened::NotReady(failure) => {
                watched.mistaken = true;
                match failure.refusal() {
                    Some(refusal) => self.teller.refused(&name, &refusal),
                    None => Err(failure),
                }
            }
            Happened::Started(run) => self.teller.started(&name, &run),
            Happened::Doing(run, doing) => self.teller.step(&name, &run, &doing),
            Happened::Ended(result) => {
                watched.outcomes.insert(result.name.clone(), Outcome::of(&result.played.ended));
                self.teller.ended(&result)
            }
        }
    }

    fn over(&mut self, path: &Path) -> Result<(), Failure> {
        // What it told last is in the channel before it is over.
        while let Ok((path, happened)) = self.heard.try_recv() {
            self.hear(&path, happened)?;
        }
        if let Some(watched) = self.files.get_mut(path) {
            watched.round = None;
            if watched.gone {
                self.files.remove(path);
            }
        }
        Ok(())
    }

    fn counts(&self) -> Counts {
        let outcomes = || self.files.values().flat_map(|watched| watched.outcomes.values());
        let of = |wanted| outcomes().filter(|outcome| **outcome == wanted).count();
        Counts {
            held: self.held,
            passed: of(Outcome::Passed),
            failed: of(Outcome::Failed),
            broken: of(Outcome::Broken),
            stopped: of(Outcome::Stopped),
            mistakes: self.files.values().filter(|watched| watched.mistaken).count(),
        }
    }
}

impl Watched {
    fn stop(&self) {
        if let Some(round) = &self.round {
            round.stop.send_replace(true);
        }
    }

    /// Whether it is another than before, and was the same at the last two looks.
    fn has_settled_as(&mut self, now: &Stamp) -> bool {
        if *now == self.stamp {
            self.unsettled = None;
            return false;
        }
        let settled = self.unsettled.as_ref() == Some(now);
        self.unsettled = if settled { None } else { Some(now.clone()) };
        settled
    }
}

impl Outcome {
    fn of(ended: &Ended) -> Self {
        match ended {
            Ended::Passed => Self::Passed,
            Ended::Failed => Self::Failed,
            Ended::Broken(_) => Self::Broken,
            Ended::Stopped => Self::Stopped,
        }
    }
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}
