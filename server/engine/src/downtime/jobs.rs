//! Jobs that fall due while it is closed, and where they could go (D16).

use crate::jobs::plan::book::Book;
use domain::{Viewer, downtime::Downtime, planner::Day};
use store::{error::Result, job, writer::Work};
use views::{OfficeView, downtime::DueLine, plan::day_plus};

/// Without an expected end, jobs of so long are shown.
const UNKNOWN_END_MS: i64 = 24 * 3_600_000;
/// Free times are looked for so many days after the end.
const DAYS_AFTER: i64 = 2;

/// Jobs that fall due while it is closed, in the plan before it.
pub(super) fn due_lines(book: &Book, d: &Downtime, asks: impl Fn(&str) -> bool) -> Vec<DueLine> {
    let (closes_at, expected) = (d.closes_at, d.expected_until);
    let until = expected.unwrap_or(closes_at + UNKNOWN_END_MS);
    let mut lines: Vec<DueLine> = vec![];
    let first_day = book.zone.date(until);
    let mut days: Vec<Day> = (0..=DAYS_AFTER)
        .map(|n| book.day(day_plus(first_day, n)))
        .collect();
    for job in &book.jobs {
        let mut runs = job.runs(closes_at, until);
        let Some(first) = runs.next() else { continue };
        let to = expected.filter(|_| !job.repeats() && !job.form.pinned);
        let to = to.and_then(|end| book.free_after(&mut days, job.id, first, end));
        lines.push(DueLine {
            job: job.id,
            description: job.form.description.clone(),
            first: book.zone.moment(first),
            runs: 1 + runs.take(9_999).count() as u32,
            to: to.map(|at| book.zone.moment(at)),
            asks: asks(&job.form.kind),
        });
    }
    lines.sort_by_key(|l| (l.first.at, l.job));
    lines
}

/// Moves the run of each job that falls into the window and has somewhere to go.
pub(super) fn move_jobs(w: &mut Work<'_>, by: &Viewer, office: &OfficeView, d: &Downtime) -> Result<()> {
    let book = Book::now(w.look(), office.id)?.before(d, &w.state.downtimes, office.id);
    for line in due_lines(&book, d, |_| false) {
        let Some(to) = line.to else { continue };
        job::shift(w.db, line.job, line.first.at, to.at, d.id)?;
        w.audit(
            Some(office.id),
            by.person,
            "shift_job",
            format!("job {}", line.job),
            (Some(line.first.rfc3339()), Some(to.rfc3339())),
        )?;
    }
    Ok(())
}
