//! From a job that is due to a run with its tasks, in one transaction (J29). Losing a race is a normal outcome: the
//! run is there already.

use crate::tasks::dispatch::{cancel, deliver};
use domain::{
    job::{
        JobKind, Place, RunState, Standing,
        missed::{Late, Verdict, verdict},
        pattern,
    },
    schedule::{Schedule, Timetable},
};
use serde_json::json;
use std::collections::BTreeMap;
use store::{
    error::Result,
    job::{self, CompanyRow, JobRow},
    run::{self, NewRun},
    writer::Work,
};

/// More occurrences than this are not told one by one: the desk was away for long.
const MOST_PASSED: u32 = 20_000;

/// Comes to a job that is due. Its next time is written in the same transaction as what becomes of this one.
pub fn due(work: &mut Work<'_>, id: i64) -> Result<()> {
    let Some(mut row) = job::get(work.db, id)? else {
        return Ok(());
    };
    let Some(first) = row.next_at.filter(|at| *at <= work.now) else {
        return Ok(());
    };
    let Some(kind) = work.state.catalogue.job_kind(&row.form.kind).cloned() else {
        return stop(work, &mut row, "unknown_kind");
    };
    let Ok(table) = super::timetable(work.state, row.office, &row.form.schedule) else {
        // a calendar or a zone that is gone: the job says so instead of running at a wrong time
        return stop(work, &mut row, "schedule");
    };
    let mut waited_until = first;
    if let Some(after) = row.form.after {
        if run::open(work.db, after)?.is_some() {
            return Ok(());
        }
        if let Some(ended) = run::last(work.db, after)?.and_then(|r| r.ended_at) {
            waited_until = waited_until.max(ended.min(work.now));
        }
    }
    let passed = passed(&table, first, work.now);
    let late = Late {
        by_ms: work.now - passed.last.max(waited_until.min(work.now)),
        grace_minutes: kind.grace_minutes,
        in_window: in_window(&row.form.schedule, &table, passed.last, work.now),
        moves_money: kind.moves_money,
        busy: run::open(work.db, id)?.is_some(),
    };
    if let Some(before) = passed.before {
        let note = if passed.n > MOST_PASSED {
            "long_away"
        } else {
            "late"
        };
        note_run(work, &row, before, RunState::Missed, passed.n - 1, note)?;
    }
    let off = super::may::gate(work.look(), &row)?.is_some();
    match verdict(late) {
        _ if off => note_run(work, &row, passed.last, RunState::Missed, 1, "system_off")?,
        Verdict::Run => {
            let note = (late.by_ms > 90_000).then_some("late");
            make(work, &row, &kind, passed.last, note)?;
        }
        Verdict::Miss => note_run(work, &row, passed.last, RunState::Missed, 1, "late")?,
        Verdict::MissBusy => note_run(work, &row, passed.last, RunState::Missed, 1, "busy")?,
        Verdict::Ask => note_run(work, &row, passed.last, RunState::Asks, 1, "late")?,
    }
    // making a run of no company stops the job
    let stands = job::get(work.db, id)?.is_some_and(|j| j.standing == Standing::Active);
    job::set_next(work.db, id, if stands { passed.next } else { None })?;
    work.state.touch_jobs(row.office);
    Ok(())
}

/// Occurrences between the first that is due and now.
struct Passed {
    last: i64,
    /// The one before the last, if there is one.
    before: Option<i64>,
    n: u32,
    next: Option<i64>,
}

fn passed(table: &Timetable, first: i64, now: i64) -> Passed {
    let mut passed = Passed {
        last: first,
        before: None,
        n: 1,
        next: None,
    };
    for at in table.after(first) {
        if at > now {
            passed.next = Some(at);
            break;
        }
        passed.before = Some(passed.last);
        passed.last = at;
        passed.n += 1;
        if passed.n > MOST_PASSED {
            passed.next = table.next(now);
            break;
        }
    }
    passed
}

/// The window of a grid is still open at `now` if its next run would come within the same window.
fn in_window(schedule: &Schedule, table: &Timetable, last: i64, now: i64) -> bool {
    let Some(minutes) = schedule.every.and_then(|e| e.minutes) else {
        return false;
    };
    let step = i64::from(minutes) * 60_000;
    table
        .next(last)
        .is_some_and(|next| next - last <= step && now < next)
}

/// Makes the run of a due time, with a task for each company; gives its number, `None` when it is there already.
pub fn make(
    work: &mut Work<'_>,
    row: &JobRow,
    kind: &JobKind,
    due_at: i64,
    note: Option<&str>,
) -> Result<Option<i64>> {
    let companies = match kind.place {
        Place::List => job::listed(work.db, row.office, &kind.code)?,
        Place::Company | Place::Companies => job::companies(work.db, row.id)?,
    };
    if companies.is_empty() {
        note_run(work, row, due_at, RunState::Error, 1, "no_company")?;
        let mut row = row.clone();
        stop(work, &mut row, "no_company")?;
        return Ok(None);
    }
    let new = NewRun {
        office: row.office,
        job: row.id,
        due_at,
        state: RunState::Planned,
        stands_for: 1,
        made: true,
        note,
        run_as: &row.form.run_as,
        now: work.now,
    };
    let Some(id) = run::insert(work.db, &new)? else {
        return Ok(None);
    };
    fill(work, row, kind, id, due_at, &companies)?;
    Ok(Some(id))
}

/// Makes the tasks of a run.
pub fn fill(
    work: &mut Work<'_>,
    row: &JobRow,
    kind: &JobKind,
    run: i64,
    due_at: i64,
    companies: &[CompanyRow],
) -> Result<()> {
    for company in companies {
        if !kind.moves_money {
            overtake(work, row, run, company)?;
        }
        let payload = payload(work, row, kind, run, due_at, company);
        let new = deliver::OfRun {
            office: row.office,
            dossier: company.id,
            package: company.package,
            subject: format!("{} · {}", row.form.description, run),
            payload: payload.to_string(),
            server: row.server.unwrap_or(0),
        };
        let task = deliver::of_run(work, &new)?;
        run::add_company(work.db, run, company.id, task)?;
    }
    work.state.touch_jobs(row.office);
    Ok(())
}

/// What the run before left behind for a company and nobody has mended is done by the new run: its task is called off.
/// Not for kinds that move money: there somebody must look what became of it.
fn overtake(work: &mut Work<'_>, row: &JobRow, run: i64, company: &CompanyRow) -> Result<()> {
    let Some(task) = run::left_behind(work.db, row.id, run, company.id)? else {
        return Ok(());
    };
    if work
        .state
        .lanes
        .slot(task)
        .is_none_or(|s| !s.life.state.is_stopped())
    {
        return Ok(());
    }
    let by = cancel::By {
        person: 0,
        name: row.form.run_as.clone(),
    };
    cancel::cancel(
        work,
        &by,
        row.office,
        task,
        Some("a later run of the job does it"),
        false,
    )?;
    Ok(())
}

/// What a connector is told of one company of a run.
fn payload(
    work: &Work<'_>,
    row: &JobRow,
    kind: &JobKind,
    run: i64,
    due_at: i64,
    company: &CompanyRow,
) -> serde_json::Value {
    let zone = work
        .state
        .offices
        .get(&row.office)
        .map_or("UTC", |o| o.zone.as_str());
    let local = store::zone::Zone::of(zone).moment(due_at).rfc3339();
    let mut values = BTreeMap::from([
        ("company", company.code.clone()),
        ("job", row.id.to_string()),
        ("date", local.get(..10).unwrap_or_default().to_owned()),
        ("time", local.get(11..16).unwrap_or_default().replace(':', "")),
    ]);
    for (key, value) in &row.form.params {
        values.insert(key, value.clone());
    }
    let outputs: Vec<_> = row
        .form
        .outputs
        .iter()
        .map(|o| {
            json!({"what": o.what, "path": o.path, "file": pattern::fill(&o.file, &values), "format": o.format, "email": o.email})
        })
        .collect();
    json!({
        "job": row.id,
        "run": run,
        "job_kind": kind.code,
        "description": row.form.description,
        "run_as": row.form.run_as,
        "due_at": local,
        "params": row.form.params,
        "outputs": outputs,
        "counts": kind.counts,
    })
}

/// Writes a run that is not made: missed, asking, or an error before it began.
fn note_run(
    work: &mut Work<'_>,
    row: &JobRow,
    due_at: i64,
    state: RunState,
    stands_for: u32,
    note: &str,
) -> Result<()> {
    let new = NewRun {
        office: row.office,
        job: row.id,
        due_at,
        state,
        stands_for: stands_for.max(1),
        made: false,
        note: Some(note),
        run_as: &row.form.run_as,
        now: work.now,
    };
    run::insert(work.db, &new)?;
    work.state.touch_jobs(row.office);
    Ok(())
}

/// A job that cannot go on by itself: it stops and says why.
pub(super) fn stop(work: &mut Work<'_>, row: &mut JobRow, why: &str) -> Result<()> {
    row.standing = Standing::Stopped;
    (row.stood_by, row.stood_why, row.stood_at) = (None, Some(why.to_owned()), Some(work.now));
    row.next_at = None;
    job::update(work.db, row)?;
    work.state.touch_jobs(row.office);
    Ok(())
}
