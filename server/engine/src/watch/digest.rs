//! What is learned from the events, a little after they happened: what each dossier got done, which words find a
//! task, how long work takes and waits. No commit of the desk's real work pays for it.

pub use domain::fleet::SLOT_MS;
pub use store::{
    clock::HOUR_MS,
    digest::{History, bucket},
};

use crate::Engine;
use domain::{OfficeId, downtime::LAST_DAY_MS};
use store::{
    Result,
    digest::{self, Learned, ends, name},
    door,
    writer::Work,
};

/// Most events in one commit: a few milliseconds of the writer.
const BATCH: u32 = 2000;
/// After this many milliseconds the rest is left to the next round.
const ENOUGH_MS: u64 = 100;
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
        let from = self.look(|w| digest::digested(w.db)).await?;
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
            let coming = door::next_closing(&w.state.downtimes);
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
