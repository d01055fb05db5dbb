//! What people do to a job: hold it, put it back, run it now, take it out (J12, J25, J26).

use super::{check, make, may, next_at, timetable, wrote};
use domain::{NotNow, Refusal, Viewer, job::Standing};
use store::{
    error::Result,
    job::{self, JobRow},
    run,
    writer::Work,
    zone::Zone,
};
use views::jobs::JobVerb;

/// Does a verb. With a reason a job may stand where it is in the way of others.
///
/// # Errors
/// [`Refusal::WrongState`] where the job's state does not allow it, [`Refusal::Clash`] where its time is taken.
pub(crate) fn act(
    w: &mut Work<'_>,
    by: &Viewer,
    row: JobRow,
    verb: JobVerb,
    why: Option<&str>,
) -> Result<()> {
    let wrong = |reason| Err(Refusal::WrongState(reason).into());
    match (verb, row.standing) {
        (JobVerb::Activate, Standing::Inactive) | (JobVerb::Queue, Standing::OnHold) => {
            may::may_activate(w, &row)?;
            // meanwhile others may have taken its time
            may::clash(w, row.office, Some(row.id), &check::whole(w.look(), &row)?, why)?;
            stand(w, by, row, Standing::Active, why)
        }
        (JobVerb::Activate, _) => wrong(NotNow::JobOnAlready),
        (JobVerb::Hold, Standing::OnHold) => wrong(NotNow::JobHeldAlready),
        (JobVerb::Hold, Standing::Inactive) => wrong(NotNow::JobNotOn),
        (JobVerb::Hold, _) => stand(w, by, row, Standing::OnHold, why),
        (JobVerb::Queue, Standing::Stopped) => queue_again(w, by, row, why),
        (JobVerb::Queue, _) => wrong(NotNow::JobQueuedAlready),
        (JobVerb::RunNow, Standing::Inactive) => wrong(NotNow::JobOff),
        (JobVerb::RunNow, _) => {
            run_now(w, &row, "by_hand")?;
            wrote(w, by, &row, "run_now", None, why.map(ToOwned::to_owned))
        }
        (JobVerb::Delete, _) => delete(w, by, row),
    }
}

/// Gives a job another standing.
pub(crate) fn stand(
    w: &mut Work<'_>,
    by: &Viewer,
    mut row: JobRow,
    standing: Standing,
    why: Option<&str>,
) -> Result<()> {
    let was = row.standing;
    row.standing = standing;
    row.version += 1;
    (row.stood_by, row.stood_at) = (Some(by.name.clone()), Some(w.now));
    row.stood_why = why.map(ToOwned::to_owned);
    row.next_at = next_at(w.state, &row, w.now);
    job::update(w.db, &row)?;
    w.state.touch_jobs(row.office);
    let after = match why {
        Some(why) => format!("{}: {why}", standing.key()),
        None => standing.key().to_owned(),
    };
    wrote(w, by, &row, "job_standing", Some(was.key().into()), Some(after))
}

/// A stopped job goes back in the queue with today's date and its own clock time (J26): when that time is past, a run
/// is made at once; its times stay as they are.
fn queue_again(w: &mut Work<'_>, by: &Viewer, mut row: JobRow, why: Option<&str>) -> Result<()> {
    may::not_beside_itself(w, row.id)?;
    may::may_activate(w, &row)?;
    // queuing a job while another works for its company does harm: it may be running without being seen (J26)
    if why.is_none()
        && let Some(before) = crate::jobs::stuck::in_the_way(w, &row)?
    {
        return Err(Refusal::WrongState(NotNow::CompanyBusy { job: before }).into());
    }
    row.requeued += 1;
    let office_zone = w
        .state
        .offices
        .get(&row.office)
        .map_or("UTC", |o| o.zone.as_str());
    let zone = Zone::of(office_zone);
    let table = timetable(w.state, row.office, &row.form.schedule)?;
    let midnight = w.now - (w.now + i64::from(zone.moment(w.now).offset) * 60_000).rem_euclid(86_400_000);
    let passed_today = table.next(midnight - 1).is_some_and(|at| at <= w.now);
    let id = row.id;
    w.whole(false, |w| {
        stand(w, by, row, Standing::Active, why)?;
        if passed_today && let Some(row) = job::get(w.db, id)? {
            run_now(w, &row, "requeued")?;
        }
        Ok(())
    })
}

fn run_now(w: &mut Work<'_>, row: &JobRow, note: &str) -> Result<()> {
    may::not_beside_itself(w, row.id)?;
    let kind = check::kind(w.look(), &row.form)?;
    may::may_run(w, row)?;
    check::companies_of(w.look(), row, &kind)?;
    // whole seconds, each of which a job has one run of at most; the last one stays the last
    let second = w.now - w.now.rem_euclid(1000);
    let due_at = match run::last(w.db, row.id)?.map(|l| l.due_at + 1000) {
        Some(next) if (second..second + 60_000).contains(&next) => next,
        _ => second,
    };
    match make::make(w, row, &kind, due_at, Some(note))? {
        Some(_) => Ok(()),
        None => Err(Refusal::WrongState(NotNow::RunJustStarted).into()),
    }
}

/// Takes a job out of the console.
///
/// # Errors
/// [`Refusal::WrongState`] while a run of it is not over, or others run after it.
pub(crate) fn delete(w: &mut Work<'_>, by: &Viewer, mut row: JobRow) -> Result<()> {
    may::not_beside_itself(w, row.id)?;
    let followers = job::followers(w.db, row.id)?;
    if !followers.is_empty() {
        let names: Vec<String> = followers.iter().map(ToString::to_string).collect();
        let jobs = names.join(", ");
        return Err(Refusal::WrongState(NotNow::Followers { jobs }).into());
    }
    let was = serde_json::to_string(&check::whole(w.look(), &row)?)?;
    row.deleted_at = Some(w.now);
    row.next_at = None;
    row.version += 1;
    (row.edited_by, row.edited_at) = (by.name.clone(), w.now);
    job::update(w.db, &row)?;
    w.state.touch_jobs(row.office);
    wrote(w, by, &row, "delete_job", Some(was), None)
}
