//! The door of the engine: opens the desk and passes verbs to the writer.

use crate::{
    accounts::Effort,
    believed::Believed,
    dispatch::{self, cancel::By},
    events::Live,
    guard::Guard,
    passes::Tokens,
    password::Hashing,
    room::What,
    sweep::InHand,
    vault::{self, Vault},
    watch::Watched,
};
use domain::{
    Language, OfficeId, Refusal, TaskId, TaskState, Viewer,
    failure::Audience,
    moment::rfc3339_utc,
    people::may_act_on_red,
    task::ConnectorId,
    wire::{ClaimAnswer, DeliverAnswer, ExtendAnswer, HelloAnswer, LeaseRef, NewTask, Report, ReportAnswer},
};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{
    alive::Hearts,
    catalogue::Catalogue,
    clock::Clock,
    connector::Hello,
    error::{Error, Result},
    office::OfficeRow,
    person,
    quota::Quotas,
    writer::{Work, Writer},
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
    /// Where this desk is, without slashes at the end: links in mails lead to one of these and nowhere else.
    pub bases: Vec<String>,
    /// Mail servers may stand in the network inside.
    pub mail_inner: bool,
    /// Of the writer and the loops.
    pub hearts: Hearts,
    /// How far an office may grow by what others bring in.
    pub quotas: Quotas,
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
    pub(crate) readers: store::Readers,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tokens: Arc<Tokens>,
    /// Integrations that run on during a downtime.
    pub(crate) exempt: RwLock<HashSet<i64>>,
    /// Held while that changes.
    pub(crate) exempting: tokio::sync::Mutex<()>,
    /// What is said of an office where there is no time, or no disk, to read it.
    pub(crate) cards: RwLock<HashMap<OfficeId, Card>>,
    pub(crate) polls: RwLock<HashMap<OfficeId, (u32, u32)>>,
    pub(crate) guard: Guard,
    pub(crate) hashing: Hashing,
    /// What seals the secrets that the desk must be able to read again.
    pub(crate) vault: Arc<Vault>,
    /// The desk has somebody of Support. Looked for again whenever that may have changed.
    pub(crate) supported: AtomicBool,
    pub(crate) low_disk: Option<u64>,
    pub(crate) bases: Vec<String>,
    pub(crate) mail_inner: bool,
    pub(crate) catalogue: Arc<RwLock<Arc<Catalogue>>>,
    pub(crate) in_hand: InHand,
    pub(crate) waiting: dispatch::claim::Waiting,
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
        let vault = Arc::new(Vault::open(&options.dir.join(vault::FILE))?);
        let mut catalogue = Catalogue::built_in()?;
        store::instruction::add_written(&opened.readers, &mut catalogue).await?;
        let catalogue = Arc::new(catalogue);
        let (path, clock, shared) = (opened.path.clone(), options.clock.clone(), catalogue.clone());
        let hearts = options.hearts;
        let heart = hearts.heart("writer");
        let quotas = options.quotas;
        let started = tokio::task::spawn_blocking(move || {
            Writer::start(&path, clock, shared, quotas, heart, dispatch::lease::pass_time)
        });
        let writer = started.await.map_err(|e| Error::Storage(e.to_string()))??;
        writer.run(|w| store::bulk::forget_unopened(w.db)).await?;
        let sealed = writer.run(|w| store::factor::sealed(w.db)).await?;
        let strange = sealed.iter().filter(|s| !vault.sealed(s)).count();
        if strange > 0 {
            // not a reason not to start: the night's work goes on, and recovery codes let people in
            tracing::warn!(
                "{strange} second factors were sealed with another key than {}: their codes cannot be checked. Put the right \
                 key there and start again.",
                vault::FILE
            );
        }
        let tokens = writer.run(|w| store::connector::tokens(w.db)).await?;
        let exempt = writer.run(|w| store::downtime::exempt(w.db)).await?;
        let cards = |w: &mut Work<'_>| Ok(w.state.offices.values().map(|o| (o.id, Card::of(o))).collect());
        let cards = writer.run(cards).await?;
        let supported = writer.run(|w| person::desk_has_support(w.db)).await?;
        let polls = writer
            .run(|w| {
                Ok(w.state
                    .offices
                    .values()
                    .map(|o| (o.id, (o.poll_from, o.poll_to)))
                    .collect())
            })
            .await?;
        let watch = writer.watch();
        let last = store::read::last_seq(&opened.readers).await?;
        let live = Live::start(opened.readers.clone(), watch, last, &hearts);
        let engine = Arc::new(Self {
            writer,
            readers: opened.readers,
            clock: options.clock,
            tokens: Tokens::new(tokens),
            exempt: RwLock::new(exempt.into_iter().collect()),
            exempting: tokio::sync::Mutex::default(),
            cards: RwLock::new(cards),
            polls: RwLock::new(polls),
            guard: Guard::default(),
            waiting: dispatch::claim::Waiting::default(),
            hashing: Hashing::new(options.effort),
            vault,
            supported: AtomicBool::new(supported),
            low_disk: options.low_disk,
            bases: options.bases,
            mail_inner: options.mail_inner,
            catalogue: Arc::new(RwLock::new(catalogue)),
            in_hand: InHand::default(),
            watched: Mutex::default(),
            believed: Mutex::default(),
            scheduled: AtomicBool::default(),
            hearts,
            quotas,
            documents_due: AtomicU64::default(),
            live,
            path: opened.path,
            _lock: opened.lock,
        });
        engine.seal_mail_passwords().await?;
        Ok(engine)
    }

    /// The catalogue as it now is.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Whether the desk has somebody of Support; from memory.
    pub fn has_support(&self) -> bool {
        self.supported.load(Ordering::Relaxed)
    }

    /// Whether a person may do what is Support's to do about a task.
    pub(crate) fn acts_on_red(&self, viewer: &Viewer) -> bool {
        may_act_on_red(viewer, self.has_support())
    }

    /// Somebody of Support may have come or gone.
    pub(crate) async fn look_for_support(&self) -> Result<()> {
        let found = self.writer.run(|w| person::desk_has_support(w.db)).await?;
        self.supported.store(found, Ordering::Relaxed);
        Ok(())
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
    ///
    /// # Errors
    /// [`Error::Broken`].
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
    ///
    /// # Errors
    /// When the writer has stopped.
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
        self.writer.run(|w| Ok(person::count(w.db)? == 0)).await
    }

    /// Accepts tasks. See [`dispatch::deliver::deliver`].
    ///
    /// # Errors
    /// As there, and [`Refusal::NoRoom`] while the disk is nearly full.
    pub async fn deliver(&self, office: OfficeId, tasks: Vec<NewTask>) -> Result<DeliverAnswer> {
        self.room_for(What::Delivery)?;
        let exempt = store::door::here().is_some_and(|at| at.who == domain::downtime::Who::ExemptIntegration);
        self.writer
            .run(move |w| dispatch::deliver::deliver(w, office, &tasks, exempt))
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
    /// As [`dispatch::claim::check`] and [`dispatch::claim::claim`]; [`Refusal::TooManyRequests`] when too many calls of it
    /// wait already.
    pub async fn claim(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        request_id: String,
        max: u32,
        wait_seconds: u32,
    ) -> Result<ClaimAnswer> {
        dispatch::claim::check(&request_id, max, wait_seconds)?;
        let _place = (wait_seconds > 0)
            .then(|| self.waiting.take(connector))
            .transpose()?;
        let wait = Duration::from_secs(u64::from(wait_seconds));
        let called_at = self.clock.mono();
        let hangs_until = called_at + u64::from(wait_seconds) * 1000;
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
                move |state, mono| dispatch::claim::would_find(state, connector, called_at, mono),
                move |w| {
                    let call = dispatch::claim::Call {
                        connector,
                        request_id: &request_id,
                        max,
                        called_at,
                    };
                    let tasks = dispatch::claim::claim(w, call)?;
                    if let Some(m) = w.state.fleet.get_mut(connector) {
                        m.hangs_until = if tasks.is_some() { 0 } else { hangs_until };
                        m.long_polls = wait_seconds > 0;
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

    /// For tests: until which monotonic millisecond a long poll of a connector hangs; 0 for none.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub async fn hangs(&self, connector: ConnectorId) -> Result<u64> {
        self.writer
            .run(move |w| Ok(w.state.fleet.get(connector).map_or(0, |m| m.hangs_until)))
            .await
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
    /// As [`Engine::report_items`].
    pub async fn report(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        reports: Vec<Report>,
    ) -> Result<ReportAnswer> {
        self.report_items(office, connector, reports.into_iter().map(Ok).collect())
            .await
    }

    /// How attempts ended; what cannot be read is refused by itself.
    ///
    /// # Errors
    /// As [`dispatch::report::check_number`] and [`dispatch::report::report`].
    pub async fn report_items(
        &self,
        office: OfficeId,
        connector: ConnectorId,
        items: Vec<dispatch::report::Item>,
    ) -> Result<ReportAnswer> {
        dispatch::report::check_number(items.len())?;
        self.writer
            .run(move |w| dispatch::report::report(w, office, connector, &items))
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

    /// Says that a task's failure is none and restarts it. See [`dispatch::restart::confirm`].
    ///
    /// # Errors
    /// As there.
    pub async fn confirm(&self, by: Viewer, office: OfficeId, id: TaskId) -> Result<()> {
        self.writer
            .run(move |w| dispatch::restart::confirm(w, &by, office, id))
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
