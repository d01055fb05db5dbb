//! What an operation of the writer works with.

use crate::{
    error::{Error, Result},
    look::{Look, Memory},
    state::State,
};
use domain::{
    OfficeId, TaskId, TaskState,
    event::{Event, Happened},
};
use rusqlite::{Connection, params};

/// What an operation works with. Borrowed from the writer for one call.
pub struct Work<'a> {
    /// The open transaction.
    pub db: &'a Connection,
    /// What the writer knows without asking the disk.
    pub state: &'a mut State,
    /// Wall clock, milliseconds since 1970 UTC.
    pub now: i64,
    /// Monotonic clock, milliseconds.
    pub mono: u64,
    /// What the verbs above do at the store's moments.
    pub hooks: Hooks,
}

/// What the verbs above do at the store's moments.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// First in each group: what time has brought.
    pub before_group: fn(&mut Work<'_>) -> Result<()>,
    /// In the operation that moved it: a task of a job's run has come to another state.
    pub run_moved: fn(&mut Work<'_>, TaskId, TaskState, &Happened) -> Result<()>,
}

impl Work<'_> {
    /// For what only looks: the rows of the open transaction.
    pub fn look(&self) -> Look<'_> {
        Look {
            db: self.db,
            known: &self.state.known,
            now: self.now,
        }
    }

    /// The memory, for what only looks.
    pub fn memory(&self) -> Memory<'_> {
        Memory {
            state: self.state,
            now: self.now,
            mono: self.mono,
        }
    }

    /// Appends an event to a task's history; it is fanned out after the commit.
    pub fn append(&mut self, office: OfficeId, task: TaskId, happened: Happened) -> Result<()> {
        let seq = self.write(office, task, happened)?;
        let mut link = self
            .db
            .prepare_cached("UPDATE task SET last_seq = ?2 WHERE id = ?1")?;
        link.execute(params![task.0, seq])?;
        Ok(())
    }

    /// Like [`Work::append`], for callers that write the task's row anyway: they must put the number that this gives into
    /// its `last_seq`.
    pub fn write(&mut self, office: OfficeId, task: TaskId, happened: Happened) -> Result<i64> {
        let seq = self.state.seq + 1;
        let what = serde_json::to_string(&happened)?;
        self.db
            .prepare_cached(
                "INSERT INTO event (seq, office, task, at, before, what)
             VALUES (?1, ?2, ?3, ?4, (SELECT last_seq FROM task WHERE id = ?3), ?5)",
            )?
            .execute(params![seq, office, task.0, self.now, what])?;
        self.state.seq = seq;
        self.state.event_bytes += what.len();
        let at = self.now;
        self.state.events.push(Event {
            seq,
            office,
            task,
            at,
            happened,
        });
        Ok(seq)
    }

    /// Writes a line of the audit log (S3): who (0 for the program itself) did what to which subject, such as `task 12`, and
    /// what it was before and after.
    pub fn audit(
        &self,
        office: Option<OfficeId>,
        person: i64,
        what: &str,
        subject: impl Into<String>,
        (before, after): (Option<String>, Option<String>),
    ) -> Result<()> {
        let sql = "INSERT INTO audit (at, office, person, what, subject, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.db.prepare_cached(sql)?.execute(params![
            self.now,
            office,
            person,
            what,
            subject.into(),
            before,
            after
        ])?;
        Ok(())
    }

    /// Does all of `f` or nothing: what it wrote before it refused is taken back. With `dry` it is taken back in any case.
    ///
    /// # Errors
    /// What `f` refuses with.
    pub fn whole<T>(&mut self, dry: bool, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.db.execute_batch("SAVEPOINT whole")?;
        let (before, changes) = (self.state.mark(), self.db.total_changes());
        let done = f(self);
        if matches!(done, Err(Error::Storage(_))) {
            // then none of the group is stored, and SQLite may have taken the transaction back already
            return done;
        }
        if dry || done.is_err() {
            self.db.execute_batch("ROLLBACK TO whole")?;
            self.state.taken_back += self.db.total_changes() - changes;
            match self.state.seq == before.seq {
                // lanes and counts move with events alone
                true => self.state.forget(before),
                false => self.state.undo(self.db, before, self.mono)?,
            }
        }
        self.db.execute_batch("RELEASE whole")?;
        done
    }
}
