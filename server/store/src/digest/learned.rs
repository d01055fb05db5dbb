//! What a batch of events adds up to.

use super::Seen;
use crate::{clock::HOUR_MS, zone::Zone};
use domain::{OfficeId, event::Happened, fleet::SLOT_MS};
use std::collections::BTreeMap;

/// A task that came in.
#[derive(Debug)]
pub struct Delivered {
    /// Whose.
    pub office: OfficeId,
    /// Which books.
    pub dossier: i64,
    /// Its number.
    pub task: i64,
    /// What it can be found by.
    pub words: Option<String>,
}

/// What a batch of events adds up to.
#[derive(Debug, Default)]
pub struct Learned {
    /// The event before the first.
    pub from: i64,
    /// The last event.
    pub to: i64,
    /// By dossier and day of its office's calendar, from 1970-01-01: tasks done, and times that one stopped.
    pub days: BTreeMap<(i64, i64), (i64, i64)>,
    /// By dossier: when a task was last done.
    pub done_at: BTreeMap<i64, i64>,
    /// Tasks that came in.
    pub delivered: Vec<Delivered>,
    /// By office, package, kind and bucket: attempts that succeeded.
    pub took: BTreeMap<(OfficeId, i64, i64, i64), i64>,
    /// By office, hour of the first claim and bucket: tasks.
    pub waited: BTreeMap<(OfficeId, i64, i64), i64>,
    /// By office and slot of delivery: tasks that came in, and the milliseconds that their attempts took.
    pub load: BTreeMap<(OfficeId, i64), (i64, i64)>,
}

/// The bucket of a histogram for a duration: `b` holds those from 2^(b/4) to 2^((b+1)/4) ms.
#[allow(clippy::cast_possible_truncation, reason = "the logarithm of an i64 is small")]
pub fn bucket(ms: i64) -> i64 {
    ((ms.max(1) as f64).log2() * 4.0).floor() as i64
}

/// The duration that every one in a bucket is shorter than, in whole milliseconds.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a bucket is a logarithm: far below 64"
)]
pub fn bucket_end(bucket: i64) -> i64 {
    ((bucket + 1) as f64 / 4.0).exp2().ceil() as i64
}

impl Learned {
    /// Takes in one event; `claimed` is when the attempt began that it ended.
    pub fn add(&mut self, e: &Seen, claimed: Option<i64>) {
        self.to = e.seq;
        match name(&e.what) {
            "delivered" => self.came_in(e),
            "claimed" => self.was_claimed(e),
            "succeeded" => {
                self.day(e).0 += 1;
                let last = self.done_at.entry(e.dossier).or_default();
                *last = e.at.max(*last);
                if let Some(began) = claimed {
                    let key = (e.office, e.package, e.kind, bucket(e.at - began));
                    *self.took.entry(key).or_default() += 1;
                }
            }
            "action_required" | "failed" => {
                self.day(e).1 += 1;
            }
            _ => {}
        }
        if let Some(began) = claimed {
            self.slot(e).1 += (e.at - began).max(0);
        }
    }

    fn came_in(&mut self, e: &Seen) {
        self.slot(e).0 += 1;
        let words = e.subject.as_ref().map(|s| match &e.key {
            Some(key) => format!("{s} {key}"),
            None => s.clone(),
        });
        self.delivered.push(Delivered {
            office: e.office,
            dossier: e.dossier,
            task: e.task,
            words,
        });
    }

    fn was_claimed(&mut self, e: &Seen) {
        // a restart does not begin a new wait
        if matches!(
            serde_json::from_str(&e.what),
            Ok(Happened::Claimed { attempt: 1, .. })
        ) {
            let key = (e.office, e.at / HOUR_MS, bucket(e.at - e.delivered_at));
            *self.waited.entry(key).or_default() += 1;
        }
    }

    fn day(&mut self, e: &Seen) -> &mut (i64, i64) {
        let day = Zone::of(&e.zone).day(e.at);
        self.days.entry((e.dossier, day)).or_default()
    }

    fn slot(&mut self, e: &Seen) -> &mut (i64, i64) {
        self.load.entry((e.office, e.delivered_at / SLOT_MS)).or_default()
    }
}

/// The name of an event from the beginning of its JSON: what stands between the first two quotes.
pub fn name(what: &str) -> &str {
    what.split('"').nth(1).unwrap_or_default()
}

/// Whether an event of this name ends an attempt.
pub fn ends(name: &str) -> bool {
    matches!(
        name,
        "succeeded"
            | "retrying"
            | "action_required"
            | "failed"
            | "released"
            | "lease_over"
            | "cancelled_running"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_ends_in_it() {
        assert_eq!([0, 1, 2, 4, 1000].map(bucket), [0, 0, 4, 8, 39]);
        for b in 8..160 {
            assert_eq!(bucket(bucket_end(b)), b + 1, "{b}");
            assert_eq!(bucket(bucket_end(b) - 1), b, "{b}");
        }
    }

    #[test]
    fn the_name_is_read_from_the_beginning_alone() {
        assert_eq!(name("\"delivered\""), "delivered");
        assert_eq!(name("{\"succeeded\":{\"n\":1,\"resu"), "succeeded");
        assert_eq!(name(""), "");
    }
}
