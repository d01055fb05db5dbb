//! The database file: opening it, the one writer, the readers. All SQL of the program is in this crate.
//!
//! One process, one file. Every write goes through [`writer::Writer`], which commits in groups; reads go beside it and
//! never wait for a write; a look at its memory waits for the group that runs, never for the disk.

#![deny(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of a row that does not fit is refused or bound, never another number"
)]

pub mod alert;
pub mod alive;
pub mod audit;
pub mod backup;
pub mod bulk;
pub mod calendar;
pub mod catalogue;
pub mod cause;
pub mod causes;
pub mod clients;
pub mod clock;
pub mod collection;
pub mod connector;
mod db;
pub mod digest;
pub mod document;
pub mod door;
pub mod dossier;
pub mod downtime;
pub mod error;
pub mod event;
pub mod export;
pub mod factor;
pub mod failure;
pub mod fleet;
pub mod import;
pub mod instruction;
pub mod job;
pub mod jobs;
pub mod known;
pub mod link;
pub mod look;
pub mod looks;
pub mod mail;
pub mod mark;
pub mod notice;
pub mod office;
pub mod offices;
pub mod people;
pub mod person;
pub mod plan;
pub mod portal;
pub mod procedure;
pub mod quota;
pub mod read;
pub mod request;
pub mod run;
pub mod search;
pub mod secret;
pub mod seldom;
pub mod smtp;
pub mod state;
pub mod stuck;
pub mod sweep;
pub mod task;
pub mod tasks;
pub mod testing;
pub mod work;
pub mod writer;
pub mod zone;

pub use alive::{Heart, Hearts};
pub use catalogue::Catalogue;
pub use clock::{Clock, RehearsalClock, SystemClock};
pub use error::{Error, Result};
pub use quota::Quotas;

use crate::seldom::Seldom;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

/// `NWdb`, so that `file` and we know the file again.
const APPLICATION_ID: i32 = 0x4E57_6462;
/// The release that mended the write-ahead log's reset (SQLite forum, "WAL-reset bug").
const LEAST_SQLITE: i32 = 3_051_003;
/// The database's name in the data folder.
pub const FILE: &str = "nachtwacht.db";

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Many readers, none of which can write.
pub type Readers = SqlitePool;

/// A database that is ours, of this program's version, and used by nobody else.
#[derive(Debug)]
pub struct Opened {
    /// The database file.
    pub path: PathBuf,
    pub readers: Readers,
    /// Held as long as the program runs.
    pub lock: File,
}

/// Opens or makes the database in `dir`.
///
/// # Errors
/// [`Error::Storage`] with a sentence for the person at the console: the SQLite is too old, the folder cannot
/// be used, another process has the file, the file is not ours, or it is newer than the program.
pub async fn open(dir: &Path) -> Result<Opened> {
    if rusqlite::version_number() < LEAST_SQLITE {
        let version = rusqlite::version();
        return Err(Error::Storage(format!(
            "SQLite {version} can lose committed data; 3.51.3 or later is needed."
        )));
    }
    fs::create_dir_all(dir)
        .map_err(|e| Error::Storage(format!("The data folder {} cannot be made: {e}.", dir.display())))?;
    let lock = lock(&dir.join("nachtwacht.lock"))?;
    let path = dir.join(FILE);
    check_ours(&path)?;
    migrate(&path).await?;
    let readers = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(8)
        .connect_with(options(&path).pragma("query_only", "ON"))
        .await
        .map_err(|e| cannot_open(&path, &e))?;
    Ok(Opened { path, readers, lock })
}

fn lock(path: &Path) -> Result<File> {
    let cannot =
        |e: &dyn std::fmt::Display| Error::Storage(format!("{} cannot be written: {e}.", path.display()));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|e| cannot(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Storage(
            "Another Nachtwacht uses this data folder. Stop it first, or name another folder.".into(),
        )),
        Err(TryLockError::Error(e)) => Err(cannot(&e)),
    }
}

/// Looks at the file before anything is written to it.
fn check_ours(path: &Path) -> Result<()> {
    let Ok(meta) = fs::metadata(path) else {
        return Ok(());
    };
    if meta.len() == 0 {
        return Ok(());
    }
    if meta.permissions().readonly() {
        return Err(Error::Storage(format!(
            "{} is read-only. Nachtwacht must be able to write to it.",
            path.display()
        )));
    }
    open_ours(path).map(|_| ())
}

fn open_ours(path: &Path) -> Result<rusqlite::Connection> {
    let db = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|e| Error::Storage(format!("{} cannot be read: {e}.", path.display())))?;
    check_id(&db, path)?;
    Ok(db)
}

fn check_id(db: &rusqlite::Connection, path: &Path) -> Result<()> {
    let left = |what: &str| Error::Storage(format!("{} {what}. Nothing was changed.", path.display()));
    let not_ours = "is not a database of Nachtwacht";
    let unread = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => left(not_ours),
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => left("is a damaged database"),
        _ => left(&format!("cannot be read: {e}")),
    };
    let id = db.query_row("PRAGMA application_id", [], |r| r.get::<_, i32>(0));
    if id.map_err(unread)? == APPLICATION_ID {
        Ok(())
    } else {
        Err(left(not_ours))
    }
}

async fn migrate(path: &Path) -> Result<()> {
    use sqlx::{Connection, migrate::MigrateError};
    let options = options(path)
        // a table that is made anew is gone for a moment
        .foreign_keys(false)
        .create_if_missing(true)
        .pragma("application_id", APPLICATION_ID.to_string())
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut db = sqlx::SqliteConnection::connect_with(&options)
        .await
        .map_err(|e| cannot_open(path, &e))?;
    let before = migrations_of(&mut db).await;
    match MIGRATIONS.run(&mut db).await {
        // what was brought up to date before is as it was left: a row that refers to nothing costs its office something
        Ok(()) if before == migrations_of(&mut db).await => Ok(db.close().await?),
        Ok(()) => {
            let lost: Option<(String,)> =
                sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
                    .fetch_optional(&mut db)
                    .await?;
            if let Some((table,)) = lost {
                return Err(Error::Storage(format!(
                    "{} cannot be brought up to date: a row of {table} refers to nothing.",
                    path.display()
                )));
            }
            Ok(db.close().await?)
        }
        Err(MigrateError::VersionMissing(version)) => Err(Error::Storage(format!(
            "{} is newer than this program (it has migration {version}). Use the program that wrote it, or a later one.",
            path.display()
        ))),
        Err(e) => Err(Error::Storage(format!(
            "{} cannot be brought up to date: {e}.",
            path.display()
        ))),
    }
}

/// How many migrations the file has; none for one that is new.
async fn migrations_of(db: &mut sqlx::SqliteConnection) -> i64 {
    let n = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(db);
    n.await.unwrap_or(0)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
}

/// A row that is read at start, or nothing for one that no program of ours wrote: it costs what it belongs to, never
/// the start.
pub fn sound<T>(table: &str, read: rusqlite::Result<T>) -> Result<Option<T>> {
    static LEFT_OUT: Seldom = Seldom::new();
    match read.map_err(Error::from) {
        Ok(row) => Ok(Some(row)),
        Err(e @ Error::Storage(_)) => Err(e),
        Err(e) => {
            LEFT_OUT.say(
                |unsaid| tracing::error!(table, error = %e, unsaid, "a row cannot be read and is left out"),
            );
            Ok(None)
        }
    }
}

/// How many rows, for people.
pub(crate) fn count(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// A number of a column that is never negative, for [`sound`].
pub fn unsigned(r: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let n: i64 = r.get(column)?;
    u64::try_from(n).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, n))
}

/// JSON of a column, for [`sound`].
///
/// # Errors
/// When it is none, or of another form.
pub fn json<T: serde::de::DeserializeOwned>(r: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = r.get(column)?;
    serde_json::from_str(&text).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}

fn cannot_open(path: &Path, e: &sqlx::Error) -> Error {
    Error::Storage(format!("{} cannot be opened: {e}.", path.display()))
}
