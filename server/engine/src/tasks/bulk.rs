//! Work on many tasks at once (T18): counted first, done bit by bit, each refusal kept.
//!
//! Restarts are released gradually: so many tasks of one piece of work wait for a connector at a time, so that a
//! cause that is not mended after all does not fail a thousand times, and others are not kept waiting.

use crate::{
    Engine,
    tasks::dispatch::{cancel, hand_over, restart},
};
use domain::{
    NotAllowed, NotNow, OfficeId, Refusal, Rule, TaskId, TaskState, Viewer, downtime::Door, failure::Audience,
};
use store::{
    Result,
    bulk::{self, Bulk, Item},
    door::{self, AtDoor},
    error::Error,
    person, read,
    tasks::{self, Look},
    writer::{Work, Writer},
};
use views::bulk::{Outlook, Progress, Verb, Which};

/// Most tasks of one piece of work.
pub const MOST: usize = 100_000;
/// Most restarted tasks of one sort (package and kind) of one piece of work that wait for a connector at a time. By
/// sort, so that tasks that nobody can take just now do not keep the others waiting.
pub const RELEASED: i64 = 20;
/// Most tasks done in one operation of the writer.
const STEP: i64 = 200;
/// Most tasks written in one operation of the writer.
const CHUNK: usize = 2_000;

impl Engine {
    /// What would be done.
    pub async fn look_at_bulk(
        &self,
        viewer: &Viewer,
        office: OfficeId,
        verb: Verb,
        which: &Which,
    ) -> Result<Outlook> {
        // before the tasks are: one that changes in between is counted, but not done
        let as_of = read::last_seq(&self.readers).await?;
        let (tasks, asked) = self.meant(viewer, office, which, None).await?;
        let red = self.acts_on_red(viewer);
        let can = tasks
            .iter()
            .filter(|(_, s)| refusal(red, verb, *s).is_none())
            .count();
        Ok(Outlook {
            can: can as u32,
            cannot: (asked.max(tasks.len()) - can) as u32,
            too_many: tasks.len() > MOST,
            as_of,
        })
    }

    /// Begins what was `counted` and confirmed, and does the first bit at once. Of chosen tasks, those that cannot do
    /// it are told row by row; so is what is refused later, because it has moved on meanwhile. Of matching tasks,
    /// those to which something has happened since the count are left out.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] when there is nothing to do or more than was counted, [`Refusal::Invalid`] for too many
    /// or a note that is none.
    pub async fn start_bulk(
        &self,
        viewer: &Viewer,
        office: OfficeId,
        verb: Verb,
        which: &Which,
        counted: &Outlook,
        note: Option<String>,
    ) -> Result<Progress> {
        let (tasks, _) = self.meant(viewer, office, which, Some(counted.as_of)).await?;
        let items = items(self.acts_on_red(viewer), verb, which, tasks);
        let can = items.iter().filter(|(_, refused)| refused.is_none()).count();
        if can == 0 {
            return Err(Refusal::WrongState(NotNow::NothingToDo).into());
        }
        if items.len() > MOST {
            return Err(too_many().into());
        }
        if can > counted.can as usize {
            return Err(Refusal::WrongState(NotNow::TasksChanged).into());
        }
        let note = note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        if let Some(note) = &note {
            hand_over::check("note", note)?;
        }
        let new = Bulk {
            id: 0,
            office,
            person: viewer.person,
            verb: verb.key().into(),
            note,
        };
        // goes on when nobody waits for the answer any more: begun is begun
        let id = door::spawn_kept(begin(self.writer.clone(), new, items)).await?;
        self.bulk_progress(viewer, office, id).await
    }

    /// How far it is. Everybody sees their own; those who see every dossier see any.
    pub async fn bulk_progress(&self, viewer: &Viewer, office: OfficeId, id: i64) -> Result<Progress> {
        bulk::progress(&self.readers, office, viewer, id)
            .await?
            .ok_or(Refusal::NotFound.into())
    }

    /// Stops it: what is done stays done, the rest is left as it is.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Engine::bulk_progress`], [`Refusal::WrongState`] when it is over.
    pub async fn stop_bulk(&self, viewer: &Viewer, office: OfficeId, id: i64) -> Result<Progress> {
        let by = viewer.clone();
        self.writer
            .run(move |w| {
                if bulk::ended(w.db, office, &by, id)?.ok_or(Refusal::NotFound)? {
                    return Err(Refusal::WrongState(NotNow::OverAlready).into());
                }
                bulk::stop(w.db, id, &by.name, w.now)?;
                w.audit(
                    Some(office),
                    by.person,
                    "bulk",
                    format!("bulk {id}"),
                    (None, Some("stopped".into())),
                )
            })
            .await?;
        self.bulk_progress(viewer, office, id).await
    }

    /// Goes on with what many tasks were asked to do.
    pub async fn carry_on_bulk(&self) -> Result<()> {
        for open in bulk::open(&self.readers).await? {
            self.writer.run(move |w| carry_on(w, &open)).await?;
        }
        Ok(())
    }

    /// The tasks that are meant and that the viewer sees, and how many were named. Of those that match, only what
    /// nothing has happened to since the event `as_of`.
    async fn meant(
        &self,
        viewer: &Viewer,
        office: OfficeId,
        which: &Which,
        as_of: Option<i64>,
    ) -> Result<(Vec<(TaskId, TaskState)>, usize)> {
        let filter = match which {
            Which::These(ids) if ids.len() > MOST => {
                return Err(too_many().into());
            }
            Which::These(ids) => {
                let seen = tasks::states_of(&self.readers, office, viewer, ids).await?;
                return Ok((seen, ids.len()));
            }
            Which::Matching(filter) => filter,
        };
        let (mut all, mut after) = (vec![], None);
        loop {
            let look = Look {
                office,
                viewer,
                filter,
                now: self.now(),
                after,
                as_of,
            };
            let (mut some, next) = tasks::states(&self.readers, look, 10_000).await?;
            all.append(&mut some);
            match next {
                Some(_) if all.len() <= MOST => after = next,
                _ => return Ok((all, 0)),
            }
        }
    }
}

fn too_many() -> Refusal {
    Refusal::rule("which", Rule::AtMostTasks { most: MOST as i64 })
}

/// Why a person who does or does not act on red may not ask this of a task that stands there. What a kind allows is asked when it is done.
fn refusal(red: bool, verb: Verb, state: TaskState) -> Option<&'static str> {
    if !verb.fits(state) {
        let state = state.key().into();
        return Some(Refusal::WrongState(NotNow::TaskIs { state }).code());
    }
    let rights = match verb {
        Verb::Restart => state != TaskState::Failed || red,
        Verb::ToOffice => red,
        Verb::Cancel | Verb::ToSupport => true,
    };
    (!rights).then(|| Refusal::Forbidden(NotAllowed::SupportRestarts).code())
}

/// Chosen tasks are all told of; of those that match, only what can be done was confirmed.
fn items(red: bool, verb: Verb, which: &Which, tasks: Vec<(TaskId, TaskState)>) -> Vec<Item> {
    let items = tasks
        .into_iter()
        .map(|(id, state)| (id, refusal(red, verb, state)));
    match which {
        Which::These(_) => items.collect(),
        Which::Matching(_) => items.filter(|(_, refused)| refused.is_none()).collect(),
    }
}

/// Writes it, opens it, and does the first bit.
async fn begin(writer: Writer, new: Bulk, items: Vec<Item>) -> Result<i64> {
    let (total, row) = (items.len(), new.clone());
    let id = writer
        .run(move |w| bulk::insert(w.db, &row, total, w.now))
        .await?;
    for chunk in items.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        writer.run(move |w| bulk::insert_items(w.db, id, &chunk)).await?;
    }
    let begun = Bulk { id, ..new };
    writer
        .run(move |w| {
            bulk::set_open(w.db, id, w.now)?;
            w.audit(
                Some(begun.office),
                begun.person,
                "bulk",
                format!("{total} tasks"),
                (None, Some(begun.verb.clone())),
            )?;
            carry_on(w, &begun)?;
            Ok(id)
        })
        .await
}

fn carry_on(work: &mut Work<'_>, b: &Bulk) -> Result<()> {
    // stopped since it was read
    if !bulk::goes_on(work.db, b.id)? {
        return Ok(());
    }
    let Some(verb) = Verb::from_key(&b.verb) else {
        return bulk::end(work.db, b.id, work.now);
    };
    let by = person::by_number(work.db, b.person)?.filter(|by| by.may_see_office(b.office));
    // it goes on when the desk is open again
    let at = by.as_ref().map(|by| AtDoor {
        who: by.role.into(),
        door: Door::Call,
        office: by.office,
    });
    if at.is_some_and(|at| door::refuses(&work.state.downtimes, at, work.now).is_some()) {
        return Ok(());
    }
    bulk::sift_released(work.db, b.id)?;
    let mut left = STEP;
    for class in bulk::classes(work.db, b.id)? {
        let room = match verb {
            Verb::Restart => RELEASED - bulk::released(work.db, b.id, class)?,
            Verb::Cancel | Verb::ToSupport | Verb::ToOffice => STEP,
        };
        carry_on_class(work, b, verb, by.as_ref(), class, room, &mut left)?;
    }
    if bulk::classes(work.db, b.id)?.is_empty() {
        bulk::end(work.db, b.id, work.now)?;
    }
    Ok(())
}

/// Does up to `room` tasks of a sort, and looks at `left` at most: one that is refused takes no room.
fn carry_on_class(
    work: &mut Work<'_>,
    b: &Bulk,
    verb: Verb,
    by: Option<&Viewer>,
    class: i64,
    mut room: i64,
    left: &mut i64,
) -> Result<()> {
    while room > 0 && *left > 0 {
        let tasks = bulk::next(work.db, b.id, class, room.min(*left))?;
        if tasks.is_empty() {
            break;
        }
        for task in tasks {
            *left -= 1;
            let done = match by {
                Some(by) => one(work, by, b, verb, task),
                None => Err(Refusal::Forbidden(NotAllowed::PersonLeft).into()),
            };
            match done {
                Ok(()) => {
                    room -= 1;
                    bulk::settle(work.db, b.id, task, "", verb == Verb::Restart)?;
                }
                Err(Error::Refused(r)) => bulk::settle(work.db, b.id, task, r.code(), false)?,
                Err(e) => return Err(e),
            }
        }
    }
    Ok(())
}

fn one(work: &mut Work<'_>, by: &Viewer, b: &Bulk, verb: Verb, task: TaskId) -> Result<()> {
    // they may have lost the dossier since they asked
    if !by.sees_every_dossier() && !bulk::manages(work.db, by.person, task)? {
        return Err(Refusal::NotFound.into());
    }
    let note = b.note.as_deref();
    match verb {
        Verb::Restart => restart::restart(work, by, b.office, task),
        Verb::ToSupport => hand_over::hand_over(work, by, b.office, task, Audience::Support, note),
        Verb::ToOffice => hand_over::hand_over(work, by, b.office, task, Audience::Office, note),
        Verb::Cancel => {
            cancel::may(work, by, task)?;
            let by = cancel::By {
                person: by.person,
                name: by.name.clone(),
            };
            cancel::cancel(work, &by, b.office, task, note, false).map(|_| ())
        }
    }
}
