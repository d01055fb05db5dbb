//! The desk: what every verb works with. The writer, the readers, the clocks, and what the desk keeps in memory beside
//! the writer's.

pub mod believed;
pub mod events;
pub mod guard;
pub mod passes;
pub mod password;
pub mod room;
pub mod vault;
pub(crate) mod waiting;
pub(crate) mod watched;

use believed::Believed;
use domain::{Language, OfficeId, Viewer, people::may_act_on_red};
use events::Live;
use guard::Guard;
use password::Hashing;
use std::{
    collections::HashSet,
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
};
use store::{
    alive::Hearts,
    catalogue::Catalogue,
    clock::Clock,
    error::Result,
    look::Look,
    looks::Looks,
    office::OfficeRow,
    quota::Quotas,
    state::known::Known,
    writer::{Work, Writer},
};
use vault::Vault;
use waiting::Waiting;
use watched::Watched;

/// Sessions of which it is being written that they were seen.
pub(crate) type InSight = Arc<Mutex<HashSet<store::secret::Hash>>>;

/// Numbers of the sweeps that somebody in this process carries on; the ticker leaves them alone.
pub(crate) type InHand = Arc<Mutex<HashSet<i64>>>;

/// An office as its visitors know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// As it stands in the path.
    pub code: String,
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// Language of what it sends.
    pub language: Language,
    /// Whom people may ask.
    pub contact: String,
}

impl Card {
    /// Of a row.
    pub fn of(o: &OfficeRow) -> Self {
        Self {
            code: o.code.clone(),
            name: o.name.clone(),
            zone: o.zone.clone(),
            language: Language::from_tag(&o.language).unwrap_or_default(),
            contact: o.support_contact.clone(),
        }
    }
}

/// The desk at work. Cheap to share behind an [`Arc`].
pub struct Engine {
    pub(crate) writer: Writer,
    pub(crate) readers: store::Readers,
    pub(crate) looks: Arc<Looks>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) guard: Guard,
    pub(crate) hashing: Hashing,
    pub(crate) in_sight: InSight,
    /// What seals the secrets that the desk must be able to read again.
    pub(crate) vault: Arc<Vault>,
    pub(crate) low_disk: Option<u64>,
    pub(crate) bases: Vec<String>,
    pub(crate) mail_inner: bool,
    pub(crate) in_hand: InHand,
    pub(crate) waiting: Waiting,
    pub(crate) watched: Mutex<Watched>,
    pub(crate) believed: Mutex<Believed>,
    /// The first round of the scheduler is over.
    pub(crate) scheduled: AtomicBool,
    /// The writer's and the loops'.
    pub hearts: Hearts,
    pub(crate) quotas: Quotas,
    /// When documents are cleared away next, on the monotonic clock.
    pub(crate) documents_due: AtomicU64,
    /// What the browsers watch.
    pub live: Live,
    pub(crate) path: PathBuf,
    pub(crate) _lock: File,
}

impl Engine {
    /// What everybody may know, as of the last commit; from memory.
    pub(crate) fn known(&self) -> Arc<Known> {
        self.writer.known()
    }

    /// Reads by the statements that the writer runs, too, beside it.
    ///
    /// # Errors
    /// What `f` refuses with.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        f: impl FnOnce(Look<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.looks.look(f).await
    }

    /// The catalogue as it now is.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.known().catalogue.clone()
    }

    /// Whether the desk has somebody of Support; from memory.
    pub fn has_support(&self) -> bool {
        self.known().supported
    }

    /// Whether a person may do what is Support's to do about a task.
    pub(crate) fn acts_on_red(&self, viewer: &Viewer) -> bool {
        may_act_on_red(viewer, self.has_support())
    }

    /// What visitors know of an office; from memory.
    pub fn card(&self, office: OfficeId) -> Option<Card> {
        self.known().offices.get(&office).map(Card::of)
    }

    /// The offices that a viewer may look at, by name; from memory. People outside see none.
    pub(crate) fn offices_of(&self, viewer: &Viewer) -> Vec<OfficeRow> {
        let known = self.known();
        let all = known
            .offices
            .values()
            .filter(|o| viewer.office.is_none_or(|own| own == o.id));
        let mut all: Vec<OfficeRow> = all.filter(|_| !viewer.role.is_outside()).cloned().collect();
        all.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        all
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The wall clock, milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The wall clock as the scheduler believes it: not one that has just jumped ahead.
    pub(crate) fn believed(&self) -> std::sync::MutexGuard<'_, Believed> {
        self.believed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn believed_now(&self) -> i64 {
        let (wall, mono, passed) = (self.now(), self.clock.mono(), self.clock.passed());
        self.believed().look(wall, mono, passed)
    }

    /// Whether a write would go through now.
    ///
    /// # Errors
    /// [`Error::Storage`] when it would not.
    pub async fn ready(&self) -> Result<()> {
        self.writer.run(probe).await
    }

    /// For tests: an operation that panics after it wrote.
    pub async fn pretend_panic(&self) -> Result<()> {
        self.writer
            .run(|w| {
                store::state::set_meta(w.db, "pretended", 1)?;
                w.state.last_task += 1000;
                panic!("as a test asks")
            })
            .await
    }

    /// Grants nothing new from now on, answers waiting claims, and ends the streams.
    pub async fn drain(&self) -> Result<()> {
        self.live.end();
        self.writer
            .run(|w| {
                w.state.draining = true;
                Ok(())
            })
            .await
    }

    /// Nobody has signed up yet.
    pub async fn is_empty(&self) -> Result<bool> {
        self.look(|w| Ok(store::person::count(w.db)? == 0)).await
    }
}

/// Writes a number that nobody reads: reading would go through on a full disk, too.
pub(crate) fn probe(w: &mut Work<'_>) -> Result<()> {
    store::state::set_meta(w.db, "probed_at", w.now)
}
