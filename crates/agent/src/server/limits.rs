//! How many connections there may be: in all, and from one process.

use std::collections::HashMap;

use tokio::sync::watch;

const IN_ALL: usize = 4_096;
const FROM_ONE: usize = 256;

#[derive(Clone, Default)]
pub(super) struct Connections {
    open: watch::Sender<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_process: HashMap<u32, usize>,
}

/// One connection's place; free again when dropped.
pub(super) struct Place {
    connections: Connections,
    process: u32,
}

impl Connections {
    pub(super) fn place(&self, process: u32) -> Option<Place> {
        let taken = self.open.send_if_modified(|open| {
            let full = open.all >= IN_ALL || open.by_process.get(&process).is_some_and(|count| *count >= FROM_ONE);
            if !full {
                open.all += 1;
                *open.by_process.entry(process).or_default() += 1;
            }
            !full
        });
        taken.then(|| Place { connections: self.clone(), process })
    }

    /// Resolves when every connection of another process is closed.
    pub(super) async fn guests_gone(&self) {
        let me = std::process::id();
        let mut open = self.open.subscribe();
        let _ = open.wait_for(|open| open.by_process.keys().all(|process| *process == me)).await;
    }

    /// Resolves when every connection is closed.
    pub(super) async fn all_gone(&self) {
        let mut open = self.open.subscribe();
        let _ = open.wait_for(|open| open.all == 0).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open.send_modify(|open| {
            open.all -= 1;
            if let Some(count) = open.by_process.get_mut(&self.process) {
                *count -= 1;
                if *count == 0 {
                    open.by_process.remove(&self.process);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_cannot_take_every_place() {
        let connections = Connections::default();
        let mut places: Vec<Place> = (0..FROM_ONE).map(|_| connections.place(7).expect("free")).collect();
        assert!(connections.place(7).is_none());
        assert!(connections.place(8).is_some());
        places.pop();
        assert!(connections.place(7).is_some());
    }
}
