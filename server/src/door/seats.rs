//! So many of each, and no more.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts what each holds.
#[derive(Debug)]
pub struct Seats<K> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    most: usize,
}

impl<K: Hash + Eq + Copy> Seats<K> {
    /// At most so many for each.
    pub fn new(most: usize) -> Self {
        Self {
            taken: Arc::default(),
            most,
        }
    }

    /// One more, until it is dropped; none when there are as many as there may be.
    pub fn take(&self, key: K) -> Option<Seat<K>> {
        let mut taken = lock(&self.taken);
        let count = taken.entry(key).or_default();
        // the entry of one who is refused is never a new one
        (*count < self.most).then(|| {
            *count += 1;
            Seat {
                taken: self.taken.clone(),
                key,
            }
        })
    }
}

impl<K> Clone for Seats<K> {
    fn clone(&self) -> Self {
        Self {
            taken: self.taken.clone(),
            most: self.most,
        }
    }
}

/// One that is taken.
#[derive(Debug)]
pub struct Seat<K: Hash + Eq + Copy> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K: Hash + Eq + Copy> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

fn lock<K>(taken: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again_and_nothing_is_kept() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take("a"), seats.take("a"));
        assert!(first.is_some() && second.is_some());
        assert!(seats.take("a").is_none());
        let other = seats.take("b");
        assert!(other.is_some(), "another's are another's");
        drop(first);
        let again = seats.take("a");
        assert!(again.is_some());
        drop((second, other, again));
        assert!(lock(&seats.taken).is_empty());
    }
}
