//! What was read lately, kept up to a number of bytes; shared by all threads.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by key; those unused for longest go first when their bytes exceed the bound.
#[derive(Debug)]
pub(super) struct Kept<K, V> {
    bound: usize,
    inner: Mutex<Inner<K, V>>,
}

#[derive(Debug)]
struct Inner<K, V> {
    bytes: usize,
    clock: u64,
    entries: HashMap<K, Entry<V>>,
    by_use: BTreeMap<u64, K>,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    bytes: usize,
    used: u64,
}

impl<K: Clone + Eq + Hash, V> Kept<K, V> {
    /// Creates an empty one that keeps at most this many bytes; with 0 it keeps nothing.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            inner: Mutex::new(Inner {
                bytes: 0,
                clock: 0,
                entries: HashMap::new(),
                by_use: BTreeMap::new(),
            }),
        }
    }

    /// Returns what is kept under a key, else what `read` gives, which is then kept. `bytes` says how large it is.
    ///
    /// Nothing is locked while `read` runs: two threads may read the same.
    ///
    /// # Errors
    ///
    /// What `read` says.
    pub(super) fn get<E>(
        &self,
        key: &K,
        bytes: impl FnOnce(&V) -> usize,
        read: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        if let Some(value) = self.peek(key) {
            return Ok(value);
        }
        let value = Arc::new(read()?);
        self.keep(key, &value, bytes(&value));
        Ok(value)
    }

    /// Returns what is kept under a key.
    pub(super) fn peek(&self, key: &K) -> Option<Arc<V>> {
        match self.bound {
            0 => None,
            _ => self.lock(|inner| inner.touch(key)),
        }
    }

    /// Keeps a value of this many bytes, where it is not larger than the bound.
    pub(super) fn keep(&self, key: &K, value: &Arc<V>, bytes: usize) {
        if self.bound > 0 && bytes <= self.bound {
            self.lock(|inner| inner.insert(key, Arc::clone(value), bytes, self.bound));
        }
    }

    /// Returns how many bytes are kept.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.lock(|inner| inner.bytes)
    }

    fn lock<R>(&self, with: impl FnOnce(&mut Inner<K, V>) -> R) -> R {
        // What a thread that panicked left is whole: nothing here panics between two changes.
        with(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K: Clone + Eq + Hash, V> Inner<K, V> {
    fn touch(&mut self, key: &K) -> Option<Arc<V>> {
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        self.by_use.remove(&entry.used);
        entry.used = self.clock;
        self.by_use.insert(self.clock, key.clone());
        Some(Arc::clone(&entry.value))
    }

    fn insert(&mut self, key: &K, value: Arc<V>, bytes: usize, bound: usize) {
        if self.entries.contains_key(key) {
            return;
        }
        self.clock += 1;
        let used = self.clock;
        self.bytes += bytes;
        self.by_use.insert(used, key.clone());
        self.entries
            .insert(key.clone(), Entry { value, bytes, used });
        while self.bytes > bound {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                break;
            };
            if let Some(gone) = self.entries.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(kept: &Kept<u32, u32>, key: u32, reads: &mut u32) -> u32 {
        let read = || {
            *reads += 1;
            Ok::<_, ()>(key * 10)
        };
        *kept.get(&key, |_| 4, read).unwrap()
    }

    #[test]
    fn what_was_unused_for_longest_goes_first() {
        let (kept, mut reads) = (Kept::new(8), 0);
        for key in [1, 2, 1, 3, 1, 2] {
            assert_eq!(get(&kept, key, &mut reads), key * 10);
        }
        assert_eq!((reads, kept.bytes()), (4, 8));
    }

    #[test]
    fn a_bound_of_nothing_keeps_nothing() {
        let (kept, mut reads) = (Kept::new(0), 0);
        get(&kept, 1, &mut reads);
        get(&kept, 1, &mut reads);
        assert_eq!((reads, kept.bytes()), (2, 0));
    }
}
