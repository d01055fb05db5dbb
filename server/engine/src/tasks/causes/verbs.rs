//! What Support does to a cause: all its tasks at once, in every office (M3, M15).

use crate::{
    Engine,
    tasks::dispatch,
    tasks::sweep::{self, Swept},
};
use domain::{NotNow, Refusal, Rule, TaskId, TaskState, Viewer};
use store::{
    Result, cause, causes,
    sweep::{Sweep, What},
    writer::Work,
};
use views::causes::CauseDone;

impl Engine {
    /// "I'm on it": every open task of the cause says so, in every office.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::WrongState`] when the person has it already.
    pub async fn take_cause(&self, by: Viewer, key: String) -> Result<CauseDone> {
        let swept = self.sweep(move |w| {
            let (taken, _) = cause::standing(w.db, &key)?.ok_or(Refusal::NotFound)?;
            if taken.as_deref() == Some(by.name.as_str()) {
                return Err(Refusal::WrongState(NotNow::CauseTaken).into());
            }
            cause::take(w.db, &key, &by.name, w.now)?;
            said(w, &by, "take", &key, taken, by.name.clone())?;
            Ok(Sweep {
                by: by.clone(),
                what: What::Take { cause: key.clone() },
            })
        });
        swept.await.map(done)
    }

    /// Restarts every red task of a cause, or one of them to test; every orange one of a cause that has no red.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::WrongState`] when it has no open tasks.
    pub async fn restart_everywhere(&self, by: Viewer, key: String, one: bool) -> Result<CauseDone> {
        if one {
            return self.restart_one(by, key).await;
        }
        let swept = self.sweep(move |w| {
            cause::standing(w.db, &key)?.ok_or(Refusal::NotFound)?;
            let (cause, state) = (key.clone(), turn(w, &key)?);
            Ok(Sweep {
                by: by.clone(),
                what: What::Restart { cause, state },
            })
        });
        swept.await.map(done)
    }

    async fn restart_one(&self, by: Viewer, key: String) -> Result<CauseDone> {
        self.writer
            .run(move |w| {
                cause::standing(w.db, &key)?.ok_or(Refusal::NotFound)?;
                let state = turn(w, &key)?;
                let (swept, _) = sweep::each(w, &key, &[state], TaskId(0), 1, |w, office, id| {
                    dispatch::restart::restart(w, &by, office, id)
                })?;
                Ok(done(swept))
            })
            .await
    }

    /// Gives every red task of a cause to its office, with a note.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] for a note that is none.
    pub async fn hand_cause_over(&self, by: Viewer, key: String, note: String) -> Result<CauseDone> {
        if note.trim().is_empty() {
            return Err(Refusal::rule("note", Rule::Empty).into());
        }
        dispatch::hand_over::check("note", note.trim())?;
        let swept = self.sweep(move |w| {
            cause::standing(w.db, &key)?.ok_or(Refusal::NotFound)?;
            let (cause, note) = (key.clone(), note.clone());
            Ok(Sweep {
                by: by.clone(),
                what: What::HandOver { cause, note },
            })
        });
        swept.await.map(done)
    }

    /// Somebody says that a cause is solved. Should it stop a task again, it has come back.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::WrongState`] when it is solved already.
    pub async fn solve_cause(&self, by: Viewer, key: String) -> Result<()> {
        self.writer
            .run(move |w| {
                let (_, solved) = cause::standing(w.db, &key)?.ok_or(Refusal::NotFound)?;
                if solved.is_some() {
                    return Err(Refusal::WrongState(NotNow::CauseSolved).into());
                }
                cause::solve(w.db, &key, &by.name, w.now)?;
                said(w, &by, "solve", &key, None, by.name.clone())
            })
            .await
    }
}

fn done(swept: Swept) -> CauseDone {
    CauseDone {
        done: swept.done,
        moved_on: swept.moved_on,
    }
}

/// Red as long as there are red ones.
fn turn(work: &Work<'_>, key: &str) -> Result<TaskState> {
    let states = [TaskState::Failed, TaskState::ActionRequired];
    for state in states {
        if !causes::next_tasks(work.db, key, &[state], TaskId(0), 1)?.is_empty() {
            return Ok(state);
        }
    }
    Err(Refusal::WrongState(NotNow::CauseWithoutTask).into())
}

fn said(
    work: &Work<'_>,
    by: &Viewer,
    what: &str,
    key: &str,
    before: Option<String>,
    after: String,
) -> Result<()> {
    work.audit(
        None,
        by.person,
        what,
        format!("cause {key}"),
        (before, Some(after)),
    )
}
