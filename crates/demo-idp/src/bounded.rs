//! A map that forgets its oldest entries, so that no client can fill the memory.

use std::collections::{HashMap, VecDeque};

use crate::random::{Fingerprint, fingerprint};

/// Values kept under the fingerprint of a secret. Looking one up by the secret's hash leaks nothing of
/// the secret through timing.
pub(crate) struct Bounded<V> {
    values: HashMap<Fingerprint, V>,
    order: VecDeque<Fingerprint>,
    room: usize,
}

impl<V> Bounded<V> {
    pub(crate) fn with_room_for(room: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), room }
    }

    pub(crate) fn insert(&mut self, secret: &str, value: V) {
        let key = fingerprint(secret);
        self.values.insert(key, value);
        self.order.push_back(key);
        while self.order.len() > self.room {
            if let Some(oldest) = self.order.pop_front() {
                self.values.remove(&oldest);
            }
        }
    }

    pub(crate) fn find(&self, secret: &str) -> Option<&V> {
        self.values.get(&fingerprint(secret))
    }

    pub(crate) fn find_mut(&mut self, secret: &str) -> Option<&mut V> {
        self.values.get_mut(&fingerprint(secret))
    }

    pub(crate) fn remove(&mut self, secret: &str) -> Option<V> {
        self.values.remove(&fingerprint(secret))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.values.values()
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.values_mut()
    }

    pub(crate) fn retain(&mut self, mut stays: impl FnMut(&V) -> bool) {
        self.values.retain(|_, value| stays(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_is_forgotten_when_the_room_is_full() {
        let mut map = Bounded::with_room_for(2);
        for name in ["a", "b", "c"] {
            map.insert(name, name);
        }
        assert_eq!((map.find("a"), map.find("b"), map.find("c")), (None, Some(&"b"), Some(&"c")));
    }

    #[test]
    fn what_was_removed_does_not_come_back() {
        let mut map = Bounded::with_room_for(2);
        map.insert("a", 1);
        assert_eq!(map.remove("a"), Some(1));
        assert_eq!(map.find("a"), None);
    }
}
