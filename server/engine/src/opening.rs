//! How the desk is opened.

use crate::desk::{
    Engine,
    events::Live,
    guard::Guard,
    password::{Effort, Hashing},
    vault::{self, Vault},
};
use crate::{jobs, tasks::dispatch};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
};
use store::{
    alive::Hearts,
    catalogue::Catalogue,
    clock::Clock,
    error::{Error, Result},
    looks::Looks,
    quota::Quotas,
    writer::{Hooks, Writer},
};

/// What the store does not know of itself.
const HOOKS: Hooks = Hooks {
    before_group: dispatch::lease::pass_time,
    run_moved: jobs::follow::task_moved,
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
        let (path, clock) = (opened.path.clone(), options.clock.clone());
        let hearts = options.hearts;
        let heart = hearts.heart("writer");
        let quotas = options.quotas;
        let started =
            tokio::task::spawn_blocking(move || Writer::start(&path, clock, catalogue, quotas, heart, HOOKS));
        let writer = started.await.map_err(|e| Error::Storage(e.to_string()))??;
        writer.run(|w| store::bulk::forget_unopened(w.db)).await?;
        let looks = Looks::new(&opened.path, options.clock.clone(), writer.clone());
        let sealed = looks.look(|w| store::factor::sealed(w.db)).await?;
        let strange = sealed.iter().filter(|s| !vault.sealed(s)).count();
        if strange > 0 {
            // not a reason not to start: the night's work goes on, and recovery codes let people in
            tracing::warn!(
                "{strange} second factors were sealed with another key than {}: their codes cannot be checked. Put the right \
                 key there and start again.",
                vault::FILE
            );
        }
        let watch = writer.watch();
        let last = store::read::last_seq(&opened.readers).await?;
        let live = Live::start(opened.readers.clone(), watch, last, &hearts);
        let engine = Arc::new(Self {
            writer,
            readers: opened.readers,
            looks,
            clock: options.clock,
            guard: Guard::default(),
            waiting: crate::desk::waiting::Waiting::default(),
            hashing: Hashing::new(options.effort),
            in_sight: crate::desk::InSight::default(),
            vault,
            low_disk: options.low_disk,
            bases: options.bases,
            mail_inner: options.mail_inner,
            in_hand: Arc::default(),
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
}
