//! What Support does to every task of a cause or a code, in every office (M3, M14, M15). It is done in chunks, so that
//! connectors need not wait, and from a row on disk: it goes on when nobody waits for its answer any more, and after
//! a crash.

use crate::{
    Engine,
    desk::InHand,
    tasks::dispatch::{self, instruct},
};
use domain::{OfficeId, Refusal, TaskId, TaskState, event::Happened, failure::Audience};
use std::{collections::HashSet, sync::PoisonError};
use store::{
    Error, Result, cause, causes,
    door::spawn_kept,
    sweep::{self as rows, Sweep, What},
    writer::{Work, Writer},
};

/// So many tasks are done in one operation.
const CHUNK: u32 = 200;
/// So many chunks of what an earlier start left are done in one round of the ticker.
const CHUNKS_A_ROUND: u32 = 10;

/// What became of it.
#[derive(Debug, Default)]
pub struct Swept {
    /// Tasks it was done to.
    pub done: u32,
    /// Tasks that had moved on meanwhile.
    pub moved_on: u32,
    /// Tasks that stay red, because they lack a parameter that the instruction needs.
    pub stay: u32,
    /// The parameter that the first of them lacks.
    pub lacks: Option<String>,
    /// Dossiers of the tasks that turned.
    pub dossiers: HashSet<i64>,
}

impl Swept {
    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.moved_on += other.moved_on;
        self.stay += other.stay;
        self.lacks = self.lacks.take().or(other.lacks);
        self.dossiers.extend(other.dossiers);
    }
}

/// One that is carried on here, until this is dropped.
pub(crate) struct Held {
    id: i64,
    in_hand: InHand,
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.in_hand).remove(&self.id);
    }
}

fn lock(in_hand: &InHand) -> std::sync::MutexGuard<'_, HashSet<i64>> {
    in_hand.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Checks and writes what `f` says, in one operation, as work that begins.
///
/// # Errors
/// What `f` refuses with, or when it cannot be written.
pub(crate) async fn begin<T: Send + 'static>(
    writer: &Writer,
    in_hand: &InHand,
    mut f: impl FnMut(&mut Work<'_>) -> Result<(Sweep, T)> + Send + 'static,
) -> Result<(Held, T)> {
    let taken = in_hand.clone();
    let (id, out) = writer
        .run(move |w| {
            let (sweep, out) = f(w)?;
            let id = rows::insert(w.db, &sweep, w.now)?;
            // before the ticker can see the row
            lock(&taken).insert(id);
            Ok((id, out))
        })
        .await?;
    let in_hand = in_hand.clone();
    Ok((Held { id, in_hand }, out))
}

/// Does all of it.
///
/// # Errors
/// What the first task that refuses for all refuses with, or when it cannot be written.
pub(crate) async fn finish(writer: &Writer, held: &Held) -> Result<Swept> {
    let (id, mut sum) = (held.id, Swept::default());
    loop {
        let (swept, over) = writer.run(move |w| step(w, id)).await??;
        sum.add(swept);
        if over {
            return Ok(sum);
        }
    }
}

impl Engine {
    /// Begins what `f` says, and does all of it, also when nobody waits for the answer any more.
    pub(crate) async fn sweep(
        &self,
        mut f: impl FnMut(&mut Work<'_>) -> Result<Sweep> + Send + 'static,
    ) -> Result<Swept> {
        let (writer, in_hand) = (self.writer.clone(), self.in_hand.clone());
        spawn_kept(async move {
            let (held, ()) = begin(&writer, &in_hand, move |w| Ok((f(w)?, ()))).await?;
            finish(&writer, &held).await
        })
        .await
    }

    /// Goes on with what an earlier start of the program, or a full disk, left undone.
    pub async fn carry_on_sweeps(&self) -> Result<()> {
        for id in rows::open(&self.readers).await? {
            for _ in 0..CHUNKS_A_ROUND {
                if lock(&self.in_hand).contains(&id) {
                    break;
                }
                match self.writer.run(move |w| step(w, id)).await? {
                    Ok((_, false)) => {}
                    Ok((_, true)) => break,
                    Err(e) => {
                        tracing::warn!(error = %e, "what Support began is refused by now");
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a chunk gave, and whether it was the last; or why the rest is refused.
type Step = Result<(Swept, bool)>;

/// The next chunk. What refuses for one refuses for all: then it is over, which is told inside, so that it is kept.
fn step(work: &mut Work<'_>, id: i64) -> Result<Step> {
    let Some((sweep, after)) = rows::get(work.db, id)? else {
        return Ok(Ok((Swept::default(), true)));
    };
    match chunk(work, &sweep, after) {
        Ok((swept, Some(last))) => {
            rows::come_to(work.db, id, last)?;
            Ok(Ok((swept, false)))
        }
        Ok((swept, None)) => {
            if let What::Instruct { code, .. } = &sweep.what {
                cause::forget_moved(work.db, code)?;
            }
            rows::end(work.db, id)?;
            Ok(Ok((swept, true)))
        }
        Err(Error::Refused(r)) => {
            rows::end(work.db, id)?;
            Ok(Err(r.into()))
        }
        Err(e) => Err(e),
    }
}

fn chunk(work: &mut Work<'_>, sweep: &Sweep, after: TaskId) -> Result<(Swept, Option<TaskId>)> {
    let by = &sweep.by;
    match &sweep.what {
        What::Instruct { package, code } => {
            let turned = instruct::turn(work, by, package, code, after)?;
            let swept = Swept {
                done: turned.dossiers.len() as u32,
                moved_on: 0,
                stay: turned.stay,
                lacks: turned.lacks,
                dossiers: turned.dossiers.into_iter().collect(),
            };
            Ok((swept, turned.last))
        }
        What::Take { cause } => {
            let stopped = [TaskState::Failed, TaskState::ActionRequired];
            each(work, cause, &stopped, after, CHUNK, |w, office, id| {
                let by = by.name.clone();
                w.append(office, id, Happened::Taken { by })
            })
        }
        What::Restart { cause, state } => each(work, cause, &[*state], after, CHUNK, |w, office, id| {
            dispatch::restart::restart(w, by, office, id)
        }),
        What::HandOver { cause, note } => each(
            work,
            cause,
            &[TaskState::Failed],
            after,
            CHUNK,
            |w, office, id| dispatch::hand_over::hand_over(w, by, office, id, Audience::Office, Some(note)),
        ),
    }
}

/// Does something to the next open tasks of a cause in these states, at most `limit`; gives the last of them.
///
/// # Errors
/// What a task refuses with for another reason than that it has moved on; when it cannot be read or written.
pub(crate) fn each(
    work: &mut Work<'_>,
    cause: &str,
    states: &[TaskState],
    after: TaskId,
    limit: u32,
    verb: impl Fn(&mut Work<'_>, OfficeId, TaskId) -> Result<()>,
) -> Result<(Swept, Option<TaskId>)> {
    let (mut swept, mut last) = (Swept::default(), None);
    for (office, id) in causes::next_tasks(work.db, cause, states, after, limit)? {
        match verb(work, office, id) {
            Ok(()) => swept.done += 1,
            Err(Error::Refused(Refusal::WrongState(_) | Refusal::NotFound)) => swept.moved_on += 1,
            Err(e) => return Err(e),
        }
        last = Some(id);
    }
    Ok((swept, last))
}
