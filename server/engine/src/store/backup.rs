//! A copy of the database, taken while the desk works, and a desk that begins anew from one (S6).
//!
//! What happened after the copy was taken is not in it, and may have been done in the packages all the same. So a desk
//! that begins anew gives no number twice, takes no lease of before for its own, and hands nothing out by itself.

use super::{FILE, is_ours, lock, migrate, state::set_meta};
use crate::error::{Error, Result};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Numbers that may have been given to tasks after the copy was taken, and are not given again.
const TASKS_APART: i64 = 10_000_000;
/// The same for events.
const EVENTS_APART: i64 = 100_000_000;
/// Another program has the file for a moment: it is tried again after this.
const BUSY: Duration = Duration::from_millis(50);
/// So often.
const PATIENCE: u32 = 200;

/// A desk that began anew from a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the copy was taken, milliseconds since 1970 UTC; `None` for a file that [`copy`] did not make.
    pub taken_at: Option<i64>,
    /// Connectors that are held back until a person lets them go.
    pub connectors: u32,
    /// Tasks that were waiting or under way when the copy was taken.
    pub open_tasks: u32,
    /// Mails that were waiting, and are sent only when a person asks for it.
    pub mails: u32,
}

/// Copies the database of the desk in `dir` to the new file `to`, and checks the copy. The desk may be at work: the copy
/// holds what was answered before it began, and writers do not wait for it. Gives its size in bytes.
///
/// # Errors
/// [`Error::Storage`] with a sentence for the person at the console; then there is no file `to`.
pub fn copy(dir: &Path, to: &Path, now: i64) -> Result<u64> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Err(Error::Storage(format!("{} holds no desk.", dir.display())));
    }
    is_ours(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let part = Part::begin(to)?;
    copy_pages(&path, &part.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let db = Connection::open(&part.path)?;
    // one file that can be carried away, without a log beside it
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    set_meta(&db, "backed_up_at", now)?;
    sound(&db, &path)?;
    drop(db);
    part.finish(to)
}

/// Begins the desk of `dir` from the copy `from`, brought up to this program's version.
///
/// # Errors
/// [`Error::Storage`] with a sentence for the person at the console, when `dir` holds a desk already or the copy is
/// damaged, not ours, or newer than the program; then `dir` holds no desk.
pub async fn restore(from: &Path, dir: &Path, now: i64) -> Result<Restored> {
    fs::metadata(from).map_err(|e| Error::Storage(format!("{} cannot be read: {e}.", from.display())))?;
    is_ours(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    fs::create_dir_all(dir)
        .map_err(|e| Error::Storage(format!("The data folder {} cannot be made: {e}.", dir.display())))?;
    let _lock = lock(&dir.join("nachtwacht.lock"))?;
    let path = dir.join(FILE);
    // a log without its database would be read into the one that is put there
    for there in [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")] {
        if there.exists() {
            return Err(Error::Storage(format!(
                "{} is there already, and nothing is written over. Move it away, or name another folder.",
                there.display()
            )));
        }
    }
    let part = Part::begin(&path)?;
    copy_pages(from, &part.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    sound(&Connection::open(&part.path)?, from)?;
    migrate(&part.path).await?;
    let mut db = Connection::open(&part.path)?;
    let restored = begin_anew(&mut db, now)?;
    // folds the log in, so that the file alone is the desk
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    drop(db);
    part.finish(&path)?;
    Ok(restored)
}

/// A file that is being written, beside the place it is meant for. Dropped before it is finished it is gone.
struct Part {
    path: PathBuf,
    _lock: File,
}

impl Part {
    fn begin(to: &Path) -> Result<Self> {
        let cannot =
            |e: &dyn std::fmt::Display| Error::Storage(format!("{} cannot be written: {e}.", to.display()));
        if to.exists() {
            return Err(Error::Storage(format!(
                "{} is there already, and nothing is written over. Name another file.",
                to.display()
            )));
        }
        let path = beside(to, ".part");
        // it holds what the desk holds: nobody else reads it
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| cannot(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Storage(format!(
                    "{} is being written by another program.",
                    to.display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(cannot(&e)),
        }
        // what one that was broken off left behind
        file.set_len(0).map_err(|e| cannot(&e))?;
        Ok(Self { path, _lock: file })
    }

    /// Puts it in its place, for good; gives its size in bytes.
    fn finish(self, to: &Path) -> Result<u64> {
        let put = || {
            let file = File::open(&self.path)?;
            file.sync_all()?;
            let bytes = file.metadata()?.len();
            fs::rename(&self.path, to)?;
            let folder = to.parent().filter(|p| !p.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(bytes)
        };
        put().map_err(|e: std::io::Error| Error::Storage(format!("{} cannot be written: {e}.", to.display())))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            // most of them are not there
            let _ = fs::remove_file(beside(&self.path, end));
        }
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Copies page by page, as of one moment.
fn copy_pages(from: &Path, to: &Path, flags: OpenFlags) -> Result<()> {
    let source = Connection::open_with_flags(from, flags)?;
    let mut target = Connection::open(to)?;
    let backup = Backup::new(&source, &mut target)?;
    for _ in 0..PATIENCE {
        // all in one step: a writer of another process would make it begin again after every other
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            _ => thread::sleep(BUSY),
        }
    }
    Err(Error::Storage(format!(
        "{} is kept busy by another program.",
        from.display()
    )))
}

/// Reads the whole copy of `from`.
fn sound(copy: &Connection, from: &Path) -> Result<()> {
    let check = copy.query_row("PRAGMA integrity_check(1)", [], |r| r.get::<_, String>(0));
    // what cannot even be checked is told by the error
    let found = check.unwrap_or_else(|e| e.to_string());
    if found == "ok" {
        return Ok(());
    }
    let from = from.display();
    Err(Error::Storage(format!(
        "{from} is damaged: {}. The copy is not kept.",
        found.trim()
    )))
}

/// What makes a desk of a copy: nothing that was valid before is valid now, and nothing is done that a person has not
/// looked at.
fn begin_anew(db: &mut Connection, now: i64) -> Result<Restored> {
    let work = db.transaction()?;
    let taken_at = super::state::meta(&work, "backed_up_at")?;
    let count = |sql: &str| work.query_row(sql, [], |r| r.get::<_, u32>(0));
    let open_tasks = count("SELECT count(*) FROM task WHERE state IN (0, 1)")?;
    let greatest = |key: &str, sql: &str| -> Result<i64> {
        let rows: Option<i64> = work.query_row(sql, [], |r| r.get(0))?;
        Ok(rows
            .unwrap_or(0)
            .max(super::state::meta(&work, key)?.unwrap_or(0)))
    };
    let task = greatest("task_floor", "SELECT max(id) FROM task")?;
    let event = greatest("event_floor", "SELECT max(seq) FROM event")?;
    set_meta(&work, "task_floor", task + TASKS_APART)?;
    set_meta(&work, "event_floor", event + EVENTS_APART)?;
    // of two desks that begin from one copy neither takes a lease of the other for its own
    let epoch = super::state::meta(&work, "epoch")?.unwrap_or(1);
    set_meta(&work, "epoch", (epoch + 1).max(now / 1000))?;
    work.execute_batch(
        "DELETE FROM claim_request; DELETE FROM session; DELETE FROM sign_in_link; DELETE FROM enrol_code WHERE used_at IS NULL;",
    )?;
    // nobody's name and no reason: the console says it in its own words
    let connectors = work.execute(
        "UPDATE connector SET held_by = '', held_reason = '', held_at = ?1 WHERE revoked_at IS NULL",
        [now],
    )?;
    let mails = work.execute(
        "UPDATE mail SET next_at = NULL, error = 'It was waiting when the backup was taken, and may have been sent since.'
         WHERE next_at IS NOT NULL",
        [],
    )?;
    work.execute(
        "INSERT INTO audit (at, office, person, what, subject) SELECT ?1, id, 0, 'restore', 'office ' || code FROM office",
        [now],
    )?;
    work.commit()?;
    Ok(Restored {
        taken_at,
        connectors: connectors as u32,
        open_tasks,
        mails: mails as u32,
    })
}
