//! How many connections there may be: in all, and from one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const IN_ALL: usize = 4_096;
const FROM_ONE: usize = 256;

#[derive(Clone, Default)]
pub(super) struct Connections {
    open: Arc<Mutex<Open>>,
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
        let mut open = self.open();
        if open.all >= IN_ALL || open.by_process.get(&process).is_some_and(|count| *count >= FROM_ONE) {
            return None;
        }
        open.all += 1;
        *open.by_process.entry(process).or_default() += 1;
        Some(Place { connections: self.clone(), process })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all -= 1;
        if let Some(count) = open.by_process.get_mut(&self.process) {
            *count -= 1;
            if *count == 0 {
                open.by_process.remove(&self.process);
            }
        }
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
