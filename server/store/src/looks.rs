//! Looks: what is read beside the writer by the statements that the writer runs, too. A look waits for no write, and cannot
//! write: its connections are opened for reading.

use crate::{
    clock::Clock,
    error::{Error, Result},
    look::{Look, beside},
    writer::Writer,
};
use rusqlite::{Connection, OpenFlags};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Semaphore;

/// So many looks at once; the others wait for one of these, never for the writer.
const AT_ONCE: usize = 8;

/// Whoever looks.
pub struct Looks {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    writer: Writer,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Looks {
    /// At the database in `path`, with what `writer` makes known.
    pub fn new(path: &Path, clock: Arc<dyn Clock>, writer: Writer) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            clock,
            writer,
            idle: Mutex::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Looks, as of the last commit or a later one.
    ///
    /// # Errors
    /// What `f` refuses with, or [`Error::Storage`] when the disk cannot be read.
    pub async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(Look<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|e| Error::broken(e.to_string()))?;
        let looks = self.clone();
        beside(move || {
            let _place = place;
            looks.read(f)
        })
        .await
    }

    fn read<T>(&self, f: impl FnOnce(Look<'_>) -> Result<T>) -> Result<T> {
        let idle = self.idle().pop();
        let db = idle.map_or_else(|| connect(&self.path), Ok)?;
        // before the rows: what is known may lag behind them, and is never ahead
        let (known, now) = (self.writer.known(), self.clock.now());
        let moment = db.unchecked_transaction()?;
        let found = f(Look {
            db: &moment,
            known: &known,
            now,
        });
        drop(moment);
        self.idle().push(db);
        found
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.execute_batch(
        "PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;",
    )?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}
