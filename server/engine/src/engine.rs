//! The door of the engine: opens the desk and passes verbs to the writer.

use crate::{
    accounts::Effort,
    catalogue::Catalogue,
    clock::Clock,
    dispatch::{self, cancel::By},
    error::{Error, Result},
    events::Live,
    store::{
        self,
        connector::Hello,
        office::OfficeRow,
        person,
        writer::{Work, Writer},
    },
    sweep::InHand,
    tokens::Tokens,
    watch::Watched,
};
use domain::{
    Language, OfficeId, Refusal, TaskId, TaskState, Viewer,
    failure::Audience,
    moment::rfc3339_utc,
    task::ConnectorId,
    wire::{ClaimAnswer, DeliverAnswer, ExtendAnswer, HelloAnswer, LeaseRef, NewTask, Report, ReportAnswer},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

/// How the desk is opened.
pub struct Options {
    /// The data folder.
    pub dir: PathBuf,
    /// Both clocks.
    pub clock: Arc<dyn Clock>,
    /// How much work a password hash is.
    pub effort: Effort,
    /// Free bytes of the data folder's disk below which there is an alert; `None` for [`domain::fleet::low_disk`].
    pub low_disk: Option<u64>,
}

/// An office as its visitors know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// As it stands in the path.
    pub code: String,
    /// Its name.
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
    pub(crate) readers: sqlx::SqlitePool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tokens: Tokens,
    /// Integrations that run on during a downtime.
    pub(crate) exempt: RwLock<HashSet<i64>>,
    /// Held while that changes.
    pub(crate) exempting: tokio::sync::Mutex<()>,
    /// What is said of an office where there is no time, or no disk, to read it.
    pub(crate) cards: RwLock<HashMap<OfficeId, Card>>,
    pub(crate) polls: RwLock<HashMap<OfficeId, (u32, u32)>>,
    pub(crate) limiter: DefaultKeyedRateLimiter<String>,
    /// Public forms, by the office's code.
    pub(crate) forms: DefaultKeyedRateLimiter<String>,
    pub(crate) effort: Effort,
    pub(crate) low_disk: Option<u64>,
    pub(crate) catalogue: Arc<RwLock<Arc<Catalogue>>>,
    pub(crate) in_hand: InHand,
    pub(crate) watched: Mutex<Watched>,
    /// What the browsers watch.
    pub live: Live,
    path: PathBuf,
    _lock: File,
}

impl Engine {
    /// Opens the desk.
    ///
    /// # Errors
    /// [`Error::Storage`] with a sentence for the person at the console.
    pub async fn open(options: Options) -> Result<Arc<Self>> {
        let opened = store::open(&options.dir).await?;
        let mut catalogue = Catalogue::built_in()?;
        store::instruction::add_written(&opened.readers, &mut catalogue).await?;
        let catalogue = Arc::new(catalogue);
        let (path, clock, shared) = (opened.path.clone(), options.clock.clone(), catalogue.clone());
        let started = tokio::task::spawn_blocking(move || Writer::start(&path, clock, shared));
        let writer = started.await.map_err(|e| Error::Storage(e.to_string()))??;
        writer.run(|w| store::bulk::forget_unopened(w.db)).await?;
        let tokens = writer.run(|w| store::connector::tokens(w.db)).await?;
        let exempt = writer.run(|w| store::downtime::exempt(w.db)).await?;
        let cards = |w: &mut Work<'_>| Ok(w.state.offices.values().map(|o| (o.id, Card::of(o))).collect());
        let cards = writer.run(cards).await?;
        let polls = writer
            .run(|w| {
                Ok(w.state
                    .offices
                    .values()
                    .map(|o| (o.id, (o.poll_from, o.poll_to)))
                    .collect())
            })
            .await?;
        // ten tries at once, then one every sixteen minutes: at most 100 a day for one account
        let slow =
            Quota::with_period(Duration::from_secs(16 * 60)).unwrap_or(Quota::per_hour(NonZeroU32::MIN));
        let quota = slow.allow_burst(NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN));
        // thirty at once, then one a minute: an office never gets more in an hour than a person can look at in a day
        let forms =
            Quota::per_minute(NonZeroU32::MIN).allow_burst(NonZeroU32::new(30).unwrap_or(NonZeroU32::MIN));
        let watch = writer.watch();
        let last = store::read::last_seq(&opened.readers).await?;
        let live = Live::start(opened.readers.clone(), watch, last);
        Ok(Arc::new(Self {
            writer,
            readers: opened.readers,
            clock: options.clock,
            tokens: Arc::new(RwLock::new(tokens)),
            exempt: RwLock::new(exempt.into_iter().collect()),
            exempting: tokio::sync::Mutex::default(),
            cards: RwLock::new(cards),
            polls: RwLock::new(polls),
            limiter: RateLimiter::keyed(quota),
            forms: RateLimiter::keyed(forms),
            effort: options.effort,
            low_disk: options.low_disk,
            catalogue: Arc::new(RwLock::new(catalogue)),
            in_hand: InHand::default(),
            watched: Mutex::default(),
            live,
            path: opened.path,
            _lock: opened.lock,
        }))
    }

    /// The catalogue as it now is.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// What visitors know of an office; from memory.
    pub fn card(&self, office: OfficeId) -> Option<Card> {
        self.cards
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(&office)
            .cloned()
    }

    pub(crate) fn know(&self, office: OfficeId, card: Card) {
        self.cards
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(office, card);
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The wall clock, milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Whether a write would go through now.
    ///
    /// # Errors
    /// [`Error::Storage`] when it would not.
    pub async fn ready(&self) -> Result<()> {
        self.writer.run(probe).await
    }

    /// Grants nothing new from now on, and answers waiting claims.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn drain(&self) -> Result<()> {
        self.writer
            .run(|w| {
                w.state.draining = true;
                Ok(())
            })
            .await
    }

    /// Nobody has signed up yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn is_empty(&self) -> Result<bool> {
        self.writer.run(|w| Ok(person::count(w.db)? == 0)).await
    }

    /// Accepts tasks. See [`dispatch::deliver::deliver`].
    ///
    /// # Errors
    /// As there.
    pub async fn deliver(&self, office: OfficeId, tasks: Vec<NewTask>) -> Result<DeliverAnswer> {
        self.writer
            .run(move |w| dispatch::deliver::deliver(w, office, &tasks))
            .await
    }

    /// A connector introduces itself.
    ///
    /// # Errors
    /// As [`dispatch::lease::hello`].
    pub async fn hello(&self, connector: ConnectorId, hello: Hello) -> Result<HelloAnswer> {
        let now = self.now();
        self.writer
            .run(move |w| {
                dispatch::lease::hello(w, connector, &hello)?;
                let m = w.state.fleet.get(connector).ok_or(Refusal::Unauthenticated)?;
                let office = w
                    .state
                    .offices
                    .get(&m.row.office)
                    .ok_or(Refusal::Unauthenticated)?;
                Ok(HelloAnswer {
                    connector: m.row.name.clone(),
                    office: office.code.clone(),
                    poll_seconds: poll_seconds((office.poll_from, office.poll_to), connector, w.mono),
                    lease_seconds: office.lease_seconds,
                    extend_seconds: (office.lease_seconds / 4).max(1),
                    server_time: rfc3339_utc(now),
                })
            })
            .await
    }

    /// Hands tasks to a connector, waiting for some when asked to.
    ///
    /// # Errors
    /// As [`dispatch::claim::check`] and [`dispatch::claim::claim`].
    pub async fn claim(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        request_id: String,
        max: u32,
        wait_seconds: u32,
    ) -> Result<ClaimAnswer> {
        dispatch::claim::check(&request_id, max, wait_seconds)?;
        let wait = Duration::from_secs(u64::from(wait_seconds));
        let hangs_until = self.clock.mono() + u64::from(wait_seconds) * 1000;
        let poll = self
            .polls
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(&office)
            .copied()
            .unwrap_or((300, 600));
        let tasks = self
            .writer
            .run_patiently(
                wait,
                vec![],
                move |state| dispatch::claim::would_find(state, connector),
                move |w| {
                    let tasks = dispatch::claim::claim(w, connector, &request_id, max)?;
                    if let Some(m) = w.state.fleet.get_mut(connector) {
                        m.hangs_until = if tasks.is_some() { 0 } else { hangs_until };
                    }
                    Ok(tasks)
                },
            )
            .await?;
        let next_poll_seconds = poll_seconds(poll, connector, self.clock.mono());
        Ok(ClaimAnswer {
            tasks,
            next_poll_seconds,
        })
    }

    /// Signs of life.
    ///
    /// # Errors
    /// As [`dispatch::lease::extend`].
    pub async fn extend(&self, connector: ConnectorId, leases: Vec<LeaseRef>) -> Result<ExtendAnswer> {
        self.writer
            .run(move |w| dispatch::lease::extend(w, connector, &leases))
            .await
    }

    /// How attempts ended.
    ///
    /// # Errors
    /// As [`dispatch::report::check`] and [`dispatch::report::report`].
    pub async fn report(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        reports: Vec<Report>,
    ) -> Result<ReportAnswer> {
        dispatch::report::check(&reports)?;
        self.writer
            .run(move |w| dispatch::report::report(w, office, connector, &reports))
            .await
    }

    /// No more tasks for this start of a connector; gives how many it still holds.
    ///
    /// # Errors
    /// As [`dispatch::lease::drain`].
    pub async fn drain_connector(&self, connector: ConnectorId, boot_id: String) -> Result<u32> {
        self.writer
            .run(move |w| dispatch::lease::drain(w, connector, &boot_id))
            .await
    }

    /// Restarts tasks one by one; gives for each whether it was restarted or why not.
    ///
    /// # Errors
    /// When storage fails; then none was restarted.
    pub async fn restart(
        &self,
        by: Viewer,
        office: OfficeId,
        ids: Vec<TaskId>,
    ) -> Result<Vec<std::result::Result<(), Refusal>>> {
        self.writer
            .run(move |w| {
                let mut answers = Vec::with_capacity(ids.len());
                for id in &ids {
                    answers.push(match dispatch::restart::restart(w, &by, office, *id) {
                        Ok(()) => Ok(()),
                        Err(Error::Refused(r)) => Err(r),
                        Err(e) => return Err(e),
                    });
                }
                Ok(answers)
            })
            .await
    }

    /// Takes a restart back. See [`dispatch::restart::undo`].
    ///
    /// # Errors
    /// As there.
    pub async fn undo_restart(&self, by: Viewer, office: OfficeId, id: TaskId) -> Result<()> {
        self.writer
            .run(move |w| dispatch::restart::undo(w, &by, office, id))
            .await
    }

    /// Gives a stopped task to the other side. See [`dispatch::hand_over::hand_over`].
    ///
    /// # Errors
    /// As there.
    pub async fn hand_over(
        &self,
        by: Viewer,
        office: OfficeId,
        id: TaskId,
        to: Audience,
        note: Option<String>,
    ) -> Result<()> {
        self.writer
            .run(move |w| dispatch::hand_over::hand_over(w, &by, office, id, to, note.as_deref()))
            .await
    }

    /// Marks a stopped task as urgent. See [`dispatch::hand_over::urgent`].
    ///
    /// # Errors
    /// As there.
    pub async fn urgent(&self, by: Viewer, office: OfficeId, id: TaskId, reason: String) -> Result<()> {
        self.writer
            .run(move |w| dispatch::hand_over::urgent(w, &by, office, id, &reason))
            .await
    }

    /// Puts a stopped task off. See [`dispatch::hand_over::snooze`].
    ///
    /// # Errors
    /// As there.
    pub async fn snooze(
        &self,
        by: Viewer,
        office: OfficeId,
        id: TaskId,
        until: i64,
        reason: String,
    ) -> Result<()> {
        self.writer
            .run(move |w| dispatch::hand_over::snooze(w, &by, office, id, until, &reason))
            .await
    }

    /// Corrects the dossier code and restarts, in one step.
    ///
    /// # Errors
    /// As [`dispatch::restart::correct`].
    pub async fn correct(&self, by: Viewer, office: OfficeId, id: TaskId, code: String) -> Result<()> {
        self.writer
            .run(move |w| dispatch::restart::correct(w, &by, office, id, &code))
            .await
    }

    /// A person calls a task off, and with `followers` those that wait for it.
    ///
    /// # Errors
    /// As [`dispatch::cancel::may`] and [`dispatch::cancel::cancel`].
    pub async fn cancel_by(
        &self,
        by: Viewer,
        office: OfficeId,
        id: TaskId,
        followers: bool,
    ) -> Result<TaskState> {
        self.writer
            .run(move |w| {
                if w.state.lanes.slot(id).is_some() {
                    dispatch::cancel::may(w, &by, id)?;
                }
                let by = By {
                    person: by.person,
                    name: by.name.clone(),
                };
                dispatch::cancel::cancel(w, &by, office, id, None, followers)
            })
            .await
    }

    /// Calls a task off, and with `followers` those that wait for it.
    ///
    /// # Errors
    /// As [`dispatch::cancel::cancel`].
    pub async fn cancel(
        &self,
        by: By,
        office: OfficeId,
        id: TaskId,
        reason: Option<String>,
        followers: bool,
    ) -> Result<TaskState> {
        self.writer
            .run(move |w| dispatch::cancel::cancel(w, &by, office, id, reason.as_deref(), followers))
            .await
    }
}

/// When to come again: within the office's range, spread by connector and moment.
fn poll_seconds((from, to): (u32, u32), connector: ConnectorId, mono: u64) -> u32 {
    let mixed = (connector as u64 ^ mono.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    from + (mixed % u64::from(to - from + 1)) as u32
}

/// Writes a number that nobody reads: reading would go through on a full disk, too.
pub(crate) fn probe(w: &mut Work<'_>) -> Result<()> {
    store::state::set_meta(w.db, "probed_at", w.now)
}
