//! Support writes an instruction once; all red tasks with its code are looked at again (M14).

use super::{hand_over, report};
use domain::{NotNow, Refusal, TaskId, Viewer, failure::Audience, instruction::Instruction};
use std::sync::Arc;
use store::{
    Catalogue, cause,
    error::Result,
    failure,
    instruction::{self, Stopped},
    writer::Work,
};

/// So many tasks are looked at in one operation, so that connectors need not wait.
pub const CHUNK: u32 = 200;

/// What became of a chunk of tasks.
#[derive(Debug, Default)]
pub struct Turned {
    /// Dossiers of those that turned orange, one for each task.
    pub dossiers: Vec<i64>,
    /// So many stay red, because they lack a parameter that the instruction needs.
    pub stay: u32,
    /// The parameter that the first of them lacks.
    pub lacks: Option<String>,
    /// The last task that was looked at; `None` when there are no more.
    pub last: Option<TaskId>,
}

/// Keeps a new version and judges failures by it from now on. `read` is the version that it was written from.
///
/// # Errors
/// [`Refusal::WrongState`] when somebody else wrote one meanwhile.
pub fn write(work: &mut Work<'_>, by: &Viewer, read: u32, i: &Instruction) -> Result<u32> {
    let known = &work.state.catalogue.instructions;
    let last = known
        .versions(&i.package, &i.code)
        .last()
        .map_or(0, |i| i.version);
    if last != read {
        let version = last.into();
        return Err(Refusal::WrongState(NotNow::InstructionWritten { version }).into());
    }
    let i = Instruction {
        version: known.next_version(&i.code),
        ..i.clone()
    };
    let version = i.version;
    let mut catalogue = Catalogue::clone(&work.state.catalogue);
    let subject = format!("instruction {}.{}", i.package, i.code);
    catalogue
        .instructions
        .add(i.clone())
        .map_err(|holes| Refusal::field("instruction", holes.join(" ")))?;
    instruction::put(work.db, &i, &by.name, work.now)?;
    work.audit(
        None,
        by.person,
        "instruction",
        subject,
        (
            (last > 0).then(|| format!("version {last}")),
            Some(format!("version {version}")),
        ),
    )?;
    work.state.known.catalogue = Arc::new(catalogue);
    Ok(version)
}

/// Looks again at the next red tasks with this code: those that the instruction speaks of and that have what it
/// needs turn orange. All of them belong to the cause that it names.
pub fn turn(work: &mut Work<'_>, by: &Viewer, package: &str, code: &str, after: TaskId) -> Result<Turned> {
    let mut turned = Turned::default();
    for stopped in instruction::red(work.db, package, code, after, CHUNK)? {
        turned.last = Some(stopped.task);
        look(work, by, code, &stopped, &mut turned)?;
    }
    Ok(turned)
}

fn look(work: &mut Work<'_>, by: &Viewer, code: &str, stopped: &Stopped, turned: &mut Turned) -> Result<()> {
    let catalogue = work.state.catalogue.clone();
    let found = catalogue.instruction(&stopped.package, code, &stopped.kind);
    let (Some(i), Some(slot)) = (found, work.state.lanes.slot(stopped.task).copied()) else {
        return Ok(());
    };
    let said = serde_json::from_str(&stopped.params)?;
    let known = report::known(work, stopped.task, &slot, &said)?;
    let key = i.cause_key(&stopped.package, &known);
    if key != stopped.cause_key {
        cause::move_task(
            work.db,
            &stopped.cause_key,
            &key,
            stopped.office,
            stopped.stopped_at,
        )?;
        failure::set_cause(work.db, stopped.task, &key)?;
    }
    if i.audience == Audience::Support {
        // its words are for Support: the task keeps its colour and carries them
        return failure::set_version(work.db, stopped.task, i.version);
    }
    match i.lacks(&known) {
        Some(lacks) => {
            turned.stay += 1;
            turned.lacks.get_or_insert_with(|| lacks.to_owned());
        }
        None => {
            hand_over::instruct(work, by, stopped.task, &slot, i.version)?;
            instruction::count_shown(work.db, &i.package, &i.code, i.version)?;
            turned.dossiers.push(stopped.dossier);
        }
    }
    Ok(())
}
