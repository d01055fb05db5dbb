//! A copy of the database, taken while the desk works, and a desk that begins anew from one (S6).
//!
//! What happened after the copy was taken is not in it, and may have been done in the packages all the same. So a desk
//! that begins anew gives no task and no event a number of before, takes no lease of before for its own, and hands nothing
//! out by itself.

use super::{
    FILE, check_id, count, lock, migrate, open_ours,
    state::{EVENT_FLOOR, TASK_FLOOR, meta, set_meta},
};
use crate::error::{Error, Result};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use rustix::{
    fs::{CWD, RenameFlags},
    io::Errno,
};
use std::{
    fs::{self, File},
    io,
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

/// When a copy was taken, among the numbers that a desk keeps about itself.
const TAKEN_AT: &str = "backed_up_at";
/// Numbers that may have been given to tasks after the copy was taken, and are not given again: so many, and so many for
/// each second since.
const TASKS_APART: i64 = 1_000_000;
const TASKS_A_SECOND: i64 = 100;
/// The same for events.
const EVENTS_APART: i64 = 10_000_000;
const EVENTS_A_SECOND: i64 = 1_000;
/// Another program has the file for a moment: it is tried again after this.
const BUSY: Duration = Duration::from_millis(50);
/// So often.
const PATIENCE: u32 = 200;

/// A desk that began anew from a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the copy was taken, milliseconds since 1970 UTC; `None` for a file that [`copy`] did not make.
    pub taken_at: Option<i64>,
    /// When the last thing happened to a task, as far as it knows.
    pub last_event_at: i64,
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
/// [`Error::Storage`] with a sentence for the person at the console.
pub fn copy(dir: &Path, to: &Path, now: i64) -> Result<u64> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Err(Error::Storage(format!("{} holds no desk.", dir.display())));
    }
    let source = open_ours(&path)?;
    let part = Part::begin(to)?;
    copy_pages(&source, &part.path).map_err(|e| cannot_write(to, &reason(e)))?;
    let db = Connection::open(&part.path)?;
    // one file that can be carried away, without a log beside it
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    set_meta(&db, TAKEN_AT, now).map_err(|e| cannot_write(to, &reason(e)))?;
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
    let source = open_copy(from)?;
    fs::create_dir_all(dir)
        .map_err(|e| Error::Storage(format!("The data folder {} cannot be made: {e}.", dir.display())))?;
    let _lock = lock(&dir.join("nachtwacht.lock"))?;
    let path = dir.join(FILE);
    // a log without its database would be read into the one that is put there
    for there in [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")] {
        if there.exists() {
            return Err(is_there(&there));
        }
    }
    let part = Part::begin(&path)?;
    copy_pages(&source, &part.path).map_err(|e| cannot_write(&path, &reason(e)))?;
    drop(source);
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
}

impl Part {
    fn begin(to: &Path) -> Result<Self> {
        if fs::symlink_metadata(to).is_ok() {
            return Err(is_there(to));
        }
        // of this process, and new: never a file or a link that somebody else has put there
        let path = beside(to, &format!(".{}.part", process::id()));
        // it holds what the desk holds: nobody else reads it
        let made = File::options()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path);
        made.map_err(|e| cannot_write(to, &e))?;
        Ok(Self { path })
    }

    /// Puts it in its place, for good, unless something has come there meanwhile; gives its size in bytes.
    fn finish(self, to: &Path) -> Result<u64> {
        let put = || {
            let file = File::open(&self.path)?;
            file.sync_all()?;
            let bytes = file.metadata()?.len();
            match rustix::fs::renameat_with(CWD, &self.path, CWD, to, RenameFlags::NOREPLACE) {
                // a file system that cannot promise it
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if !to.exists() => {
                    fs::rename(&self.path, to)?;
                }
                renamed => renamed?,
            }
            let folder = to.parent().filter(|p| !p.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(bytes)
        };
        put().map_err(|e: io::Error| match e.kind() {
            io::ErrorKind::AlreadyExists => is_there(to),
            _ => cannot_write(to, &e),
        })
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

fn is_there(path: &Path) -> Error {
    Error::Storage(format!(
        "{} is there already, and nothing is written over. Move it away, or name another.",
        path.display()
    ))
}

fn cannot_write(path: &Path, e: &dyn std::fmt::Display) -> Error {
    Error::Storage(format!("{} cannot be written: {e}.", path.display()))
}

/// What storage says, without our own words before it.
fn reason(e: Error) -> String {
    match e {
        Error::Storage(said) => said,
        Error::Refused(r) => r.to_string(),
        Error::Broken { why, .. } => why,
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Opens a copy to read it, and leaves nothing beside it where it is alone.
fn open_copy(from: &Path) -> Result<Connection> {
    let unread =
        |e: &dyn std::fmt::Display| Error::Storage(format!("{} cannot be read: {e}.", from.display()));
    let meta = fs::metadata(from).map_err(|e| unread(&e))?;
    if !meta.is_file() {
        return Err(unread(&"it is no file"));
    }
    let mut address = String::from("file:");
    for byte in from.as_os_str().as_bytes() {
        // what an address may hold as it stands
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte));
            }
            other => address.push_str(&format!("%{other:02X}")),
        }
    }
    if !beside(from, "-wal").exists() {
        address.push_str("?immutable=1");
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(address, flags).map_err(|e| unread(&e))?;
    check_id(&db, from)?;
    Ok(db)
}

/// Copies page by page, as of one moment.
fn copy_pages(source: &Connection, to: &Path) -> Result<()> {
    let mut target = Connection::open(to)?;
    let backup = Backup::new(source, &mut target)?;
    for _ in 0..PATIENCE {
        // all in one step: a writer of another process would make it begin again after every other
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            _ => thread::sleep(BUSY),
        }
    }
    Err(Error::Storage("it is kept busy by another program".into()))
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

/// What makes a desk of a copy: no lease, session or number of before is one of now, and nothing is done that a person
/// has not looked at.
fn begin_anew(db: &mut Connection, now: i64) -> Result<Restored> {
    let work = db.transaction()?;
    let one = |sql: &str| -> Result<i64> {
        Ok(work
            .query_row(sql, [], |r| r.get::<_, Option<i64>>(0))?
            .unwrap_or(0))
    };
    let (event, task) = (
        one("SELECT max(seq) FROM event")?,
        one("SELECT max(id) FROM task")?,
    );
    let last_event_at = one("SELECT max(at) FROM event WHERE seq = (SELECT max(seq) FROM event)")?;
    let taken_at = meta(&work, TAKEN_AT)?;
    // longer ago, more may have been given; also by a desk that began from the same copy
    let seconds = ((now - taken_at.unwrap_or(last_event_at)) / 1000).max(0);
    for (floor, last, apart, a_second) in [
        (TASK_FLOOR, task, TASKS_APART, TASKS_A_SECOND),
        (EVENT_FLOOR, event, EVENTS_APART, EVENTS_A_SECOND),
    ] {
        let last = last.max(meta(&work, floor)?.unwrap_or(0));
        set_meta(&work, floor, last + apart + seconds * a_second)?;
    }
    // by chance: of two desks that begin from one copy neither takes a lease of the other for its own
    let mut chance = [0; 4];
    getrandom::fill(&mut chance).map_err(|e| Error::Storage(e.to_string()))?;
    let epoch = meta(&work, "epoch")?.unwrap_or(1);
    set_meta(&work, "epoch", epoch + 1 + i64::from(u32::from_ne_bytes(chance)))?;
    work.execute_batch(
        "DELETE FROM claim_request; DELETE FROM session; DELETE FROM sign_in_link;
         DELETE FROM enrol_code WHERE used_at IS NULL; DELETE FROM sweep;",
    )?;
    work.execute("DELETE FROM meta WHERE key = ?1", [TAKEN_AT])?;
    // nobody's name: the console says it in its own words
    work.execute(
        "UPDATE bulk SET ended_at = ?1, stopped_by = '' WHERE ended_at IS NULL AND opened_at IS NOT NULL",
        [now],
    )?;
    work.execute(
        "UPDATE connector SET held_by = '', held_reason = '', held_at = ?1 WHERE revoked_at IS NULL AND held_at IS NULL",
        [now],
    )?;
    // no words: the console says it in its own
    let mails = work.execute(
        "UPDATE mail SET next_at = NULL, tries = 0, error = '' WHERE next_at IS NOT NULL",
        [],
    )?;
    work.execute(
        "INSERT INTO audit (at, office, person, what, subject) SELECT ?1, id, 0, 'restore', 'office ' || code FROM office",
        [now],
    )?;
    let restored = Restored {
        taken_at,
        last_event_at,
        connectors: count(one(
            "SELECT count(*) FROM connector WHERE held_at IS NOT NULL AND revoked_at IS NULL",
        )?),
        open_tasks: count(one("SELECT count(*) FROM task WHERE state IN (0, 1)")?),
        mails: u32::try_from(mails).unwrap_or(u32::MAX),
    };
    work.commit()?;
    Ok(restored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_come_meanwhile_is_not_written_over() {
        let dir = tempfile::tempdir().expect("a folder");
        let to = dir.path().join("backup");
        let part = Part::begin(&to).expect("it begins");
        fs::write(&part.path, "ours").expect("it is written");
        fs::write(&to, "theirs").expect("it is written");
        let refused = part.finish(&to).expect_err("it is refused").to_string();
        assert!(refused.contains("is there already"), "{refused}");
        assert_eq!(fs::read_to_string(&to).expect("it is read"), "theirs");
        assert_eq!(fs::read_dir(dir.path()).expect("it is listed").count(), 1);
    }

    #[test]
    fn a_file_that_somebody_else_prepared_is_not_used() {
        let dir = tempfile::tempdir().expect("a folder");
        let to = dir.path().join("backup");
        let prepared = Part::begin(&to).expect("it begins");
        assert!(Part::begin(&to).is_err());
        drop(prepared);
        assert!(Part::begin(&to).is_ok());
    }
}
