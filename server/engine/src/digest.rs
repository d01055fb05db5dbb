//! What is learned from the events, a little after they happened: what each dossier got done, which words find a
//! task, how long work takes and waits. No commit of the desk's real work pays for it.

use crate::{
    Engine, Result,
    reading::Zone,
    store::{
        digest::{self, Seen},
        writer::Work,
    },
};
use domain::{OfficeId, downtime::LAST_DAY_MS, event::Happened};
use std::collections::BTreeMap;

/// Most events in one commit: a few milliseconds of the writer.
const BATCH: u32 = 2000;
/// After this many milliseconds the rest is left to the next round.
const ENOUGH_MS: u64 = 100;
/// An hour, in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// A slot of `load`: five minutes, in milliseconds.
pub const SLOT_MS: i64 = 300_000;

/// The bucket of a histogram for a duration: `b` holds those from 2^(b/4) to 2^((b+1)/4) ms.
pub fn bucket(ms: i64) -> i64 {
    ((ms.max(1) as f64).log2() * 4.0).floor() as i64
}

/// The duration that every one in a bucket is shorter than, in whole milliseconds.
pub fn bucket_end(bucket: i64) -> i64 {
    ((bucket + 1) as f64 / 4.0).exp2().ceil() as i64
}

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

impl Learned {
    /// Takes in one event; `claimed` is when the attempt began that it ended.
    fn add(&mut self, e: &Seen, claimed: Option<i64>) {
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
fn name(what: &str) -> &str {
    what.split('"').nth(1).unwrap_or_default()
}

/// Whether an event of this name ends an attempt.
fn ends(name: &str) -> bool {
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

/// A past for a demo: what would have been learned from events that never were.
#[derive(Debug, Default)]
pub struct History {
    /// Code of a dossier, day of the office's calendar from 1970-01-01, tasks done, times that one stopped.
    pub days: Vec<(String, i64, i64, i64)>,
    /// Key of a package, key of a kind, bucket, attempts.
    pub took: Vec<(String, String, i64, i64)>,
    /// Hour since 1970 UTC, bucket, tasks.
    pub waited: Vec<(i64, i64, i64)>,
    /// Five minutes since 1970 UTC, tasks that came in, milliseconds of work.
    pub load: Vec<(i64, i64, i64)>,
}

impl Engine {
    /// Takes in what happened since the last time. Each batch is one commit that also says how far it came, so
    /// that nothing counts twice, whenever the program ends.
    ///
    /// # Errors
    /// When it cannot be read or written; what was committed stays.
    pub async fn digest(&self) -> Result<()> {
        let began = self.clock.mono();
        loop {
            let seen = self.digest_batch().await?;
            if seen < BATCH as usize || self.clock.mono() - began >= ENOUGH_MS {
                return Ok(());
            }
        }
    }

    /// Takes in one batch; gives how many events it had.
    async fn digest_batch(&self) -> Result<usize> {
        let from = digest::digested(&self.readers).await?;
        let seen = digest::after(&self.readers, from, BATCH).await?;
        if seen.is_empty() {
            return Ok(0);
        }
        let mut learned = Learned {
            from,
            ..Learned::default()
        };
        for e in &seen {
            let claimed = match e.before_what.as_deref().map(name) {
                _ if !ends(name(&e.what)) => None,
                Some("claimed") => e.before_at,
                _ => digest::claimed_before(&self.readers, e.seq).await?,
            };
            learned.add(e, claimed);
        }
        let learn = move |w: &mut Work<'_>| {
            digest::add(w, &learned)?;
            let coming = crate::downtime::next_closing(&w.state.downtimes);
            if !learned.took.is_empty() && coming.is_some_and(|at| at - w.now < LAST_DAY_MS) {
                w.state.learn_usual(w.db)?;
            }
            Ok(())
        };
        self.writer.run(learn).await?;
        Ok(seen.len())
    }

    /// Writes a past for the demo's office.
    pub async fn add_history(&self, office: OfficeId, history: History) -> Result<()> {
        self.writer
            .run(move |w| digest::add_history(w, office, &history))
            .await
    }
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
