//! Planned downtime: announced, changed and lifted by hand; its moment is latched by the writer (D1–D19).
//!
//! Who is let in where is one truth table, [`domain::downtime::verdict`]. This module feeds it: [`at_door`] marks what a
//! caller does with the door they came by, and the writer asks [`refuses`] before each of their writes.

use crate::{
    engine::Engine,
    error::{Error, Result},
    mail,
    plan::book::Book,
    reading::Zone,
    store::{
        downtime::{self as rows, ToldRaw},
        event::{self, Audit},
        job,
        writer::Work,
    },
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use domain::{
    FieldError, Language, OfficeId, Refusal, Role, TaskId, Viewer,
    downtime::{Door, Downtime, LAST_DAY_MS, LEAD_MS, Notice, Phase, Verdict, Who, of_office, verdict},
    mail::Letter,
    planner::Day,
    view::{
        OfficeView,
        downtime::{DowntimePage, Draft, DueLine, Exemption, Past, Preview, RunningLine, Standing},
        plan::day_plus,
    },
};
use std::{future::Future, sync::Arc};

/// The history shows so many.
const PAST: u32 = 50;
/// Whoever was seen within this time counts as signed in now.
const NOW_MS: i64 = 15 * 60_000;
/// Without an expected end, jobs of so long are shown.
const UNKNOWN_END_MS: i64 = 24 * 3_600_000;
/// Jobs that a preview names.
const MOST_JOBS: usize = 200;
/// Free times are looked for so many days after the end.
const DAYS_AFTER: i64 = 2;

/// Who came in by which door, and of which office.
#[derive(Debug, Clone, Copy)]
pub struct AtDoor {
    /// Who.
    pub who: Who,
    /// By which door.
    pub door: Door,
    /// Whose; `None` for those of no office.
    pub office: Option<OfficeId>,
}

tokio::task_local! {
    static HERE: AtDoor;
}

/// Does what a caller asked for: every write of it is judged by the door they came by, at the moment it is written.
pub async fn at_door<F: Future>(at: AtDoor, asked: F) -> F::Output {
    HERE.scope(at, asked).await
}

/// By which door the caller came whose work this is; `None` for the program's own.
pub fn here() -> Option<AtDoor> {
    HERE.try_with(|at| *at).ok()
}

/// Whether a downtime keeps this from being done, and what the caller is told.
pub fn refuses(downtimes: &[Downtime], at: AtDoor, now: i64) -> Option<Refusal> {
    let closed = closed(downtimes, at.office, now)?;
    verdict(at.who, at.door, Phase::Closed)
        .is_refused()
        .then(|| out_of_service(closed, now))
}

/// What a caller is told.
pub fn out_of_service(closed: &Downtime, now: i64) -> Refusal {
    Refusal::OutOfService {
        since: closed.closed_at.unwrap_or(closed.closes_at),
        retry_after: closed.retry_after(now),
    }
}

/// The downtime that an office is closed by.
pub(crate) fn closed(downtimes: &[Downtime], office: Option<OfficeId>, now: i64) -> Option<&Downtime> {
    of_office(downtimes, office, now).filter(|d| d.phase(now) == Phase::Closed)
}

/// The next moment at which something closes, milliseconds since 1970 UTC.
pub(crate) fn next_closing(downtimes: &[Downtime]) -> Option<i64> {
    let coming = downtimes.iter().filter(|d| d.closed_at.is_none());
    coming.map(|d| d.closes_at).min()
}

/// Latches every downtime whose moment has come.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn latch(w: &mut Work<'_>) -> Result<()> {
    let due = w
        .state
        .downtimes
        .iter_mut()
        .filter(|d| d.closed_at.is_none() && d.closes_at <= w.now);
    for d in due {
        rows::latch(w.db, d.id, w.now)?;
        d.closed_at = Some(w.now);
        let audit = Audit {
            office: d.office,
            person: 0,
            what: "downtime_closed",
            subject: format!("downtime {}", d.id),
            before: None,
            after: None,
        };
        event::audit(w.db, w.now, &audit)?;
    }
    w.state.downtime_changed = true;
    Ok(())
}

impl Engine {
    /// The downtimes that nobody has lifted.
    pub fn downtimes(&self) -> Arc<[Downtime]> {
        self.writer.downtimes()
    }

    /// What becomes of a caller at a door now, and the downtime that says so.
    pub fn verdict(&self, at: AtDoor) -> (Verdict, Option<Downtime>) {
        let (all, now) = (self.downtimes(), self.now());
        let found = of_office(&all, at.office, now);
        let phase = found.map_or(Phase::None, |d| d.phase(now));
        (verdict(at.who, at.door, phase), found.cloned())
    }

    /// What a person is shown of a downtime on every page of an office (D4, D5, D9).
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn downtime_notice(
        &self,
        viewer: &Viewer,
        office: OfficeId,
        zone: &str,
    ) -> Result<Option<Notice>> {
        let (all, now) = (self.downtimes(), self.now());
        let Some(d) = of_office(&all, Some(office), now) else {
            return Ok(None);
        };
        let seen = rows::has_seen(&self.readers, d.id, viewer.person, d.closes_at).await?;
        let who = Who::from(viewer.role);
        let language = self.language_of(office).await?;
        let (reason_language, reason) = d.reason.read(viewer.language, language).unwrap_or_default();
        let zone = Zone::of(zone);
        Ok(Some(Notice {
            id: d.id,
            phase: d.phase(now),
            closes: zone.moment(d.closes_at),
            expected: d.expected_until.map(|t| zone.moment(t)),
            reason: reason.to_owned(),
            reason_language,
            platform: d.office.is_none(),
            shuts_out: who.is_shut_out(),
            may_lift: may_edit(viewer, d.office),
            seen: seen || !who.is_shut_out(),
            overrun: d.is_overrun(now),
            now,
        }))
    }

    /// A person has read the pop-up.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn saw_downtime(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let person = viewer.person;
        self.writer
            .run(move |w| match w.state.downtimes.iter().find(|d| d.id == id) {
                Some(d) => rows::saw(w.db, id, person, d.closes_at),
                None => Ok(()),
            })
            .await
    }

    /// The page (D1).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office.
    pub async fn downtime_page(&self, viewer: &Viewer, office: &OfficeView) -> Result<DowntimePage> {
        may(viewer)?;
        let (zone, now) = (Zone::of(&office.zone), self.now());
        let language = self.language_of(office.id).await?;
        let told = rows::told(&self.readers, office.id, PAST).await?;
        let open = self.downtimes();
        let (mut standing, mut past) = (vec![], vec![]);
        for raw in told {
            match open.iter().find(|d| d.id == raw.id) {
                Some(d) if raw.lifted_at.is_none() => {
                    standing.push(told_standing(&raw, d, viewer, zone, now));
                }
                _ => past.extend(told_past(&raw, viewer, language, zone)),
            }
        }
        let integrations = rows::integrations(&self.readers, office.id).await?;
        let signed_in = rows::signed_in(&self.readers, Some(office.id), now - NOW_MS, now).await?;
        Ok(DowntimePage {
            standing,
            past,
            integrations: integrations
                .into_iter()
                .map(|(id, name, exempt)| Exemption { id, name, exempt })
                .collect(),
            signed_in: signed_in.len() as u32,
            zone: office.zone.clone(),
            now: zone.moment(now),
            may_close_all: viewer.role == Role::Support,
        })
    }

    /// What a downtime would touch (D16). Nothing is changed. `id` is the one that is to be changed.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] naming each broken rule.
    pub async fn preview_downtime(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        id: Option<i64>,
        draft: Draft,
    ) -> Result<Preview> {
        may(viewer)?;
        let (zone, now) = (Zone::of(&office.zone), self.now());
        let before = self.downtimes().iter().find(|d| Some(d.id) == id).cloned();
        let asked = check(&draft, &office.zone, now, before.as_ref())?;
        let scope = scope(viewer, office.id, draft.platform)?;
        let people = rows::signed_in(&self.readers, scope, now - NOW_MS, now).await?;
        let running = rows::running(&self.readers, scope).await?;
        let integrations = rows::integrations(&self.readers, office.id).await?;
        let until = asked.expected_until;
        let book = self.book(office).await?;
        let (catalogue, closes_at) = (self.catalogue(), asked.closes_at);
        let jobs = tokio::task::spawn_blocking(move || {
            let asks = |kind: &str| catalogue.job_kind(kind).is_some_and(|k| k.moves_money);
            due_lines(&book, closes_at, until, asks)
        });
        Ok(Preview {
            closes: zone.moment(asked.closes_at),
            doubled: asked.doubled,
            expected: until.map(|t| zone.moment(t)),
            people: people
                .into_iter()
                .filter_map(|(name, role)| Some((name, Role::from_key(&role)?)))
                .collect(),
            running: running
                .into_iter()
                .map(|(task, kind, dossier, since)| RunningLine {
                    task: TaskId(task),
                    kind,
                    dossier,
                    since: zone.moment(since),
                })
                .collect(),
            jobs: jobs.await.map_err(|e| Error::Storage(e.to_string()))?,
            refused: integrations
                .into_iter()
                .filter(|(_, _, exempt)| !exempt)
                .map(|(_, name, _)| name)
                .collect(),
            left: (asked.closes_at - now) / 1000,
        })
    }

    /// Announces a downtime (D2), and with `shift` moves the jobs of the preview that have somewhere to go (D16).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`], also when the moment was far enough when it was previewed and is
    /// not any more; [`Refusal::WrongState`] when one stands already.
    pub async fn announce_downtime(
        &self,
        by: &Viewer,
        office: &OfficeView,
        draft: Draft,
        shift: bool,
    ) -> Result<i64> {
        may(by)?;
        let scope = scope(by, office.id, draft.platform)?;
        let (by, office) = (by.clone(), office.clone());
        self.writer
            .run(move |w| {
                let asked = check(&draft, &office.zone, w.now, None)?;
                let mut d = Downtime {
                    id: 0,
                    office: scope,
                    announced_at: w.now,
                    closes_at: asked.closes_at,
                    expected_until: asked.expected_until,
                    reason: draft.reason.clone().tidy(),
                    closed_at: None,
                    lifted_at: None,
                };
                d.id = rows::insert(w.db, &d, &by.name)?;
                wrote(
                    w,
                    &by,
                    &d,
                    "announce_downtime",
                    None,
                    Some(told(&d, &office.zone)),
                )?;
                if shift {
                    move_jobs(w, &by, &office, &d)?;
                }
                tell_of(w, &d)?;
                let id = d.id;
                w.state.downtimes.push(d);
                touched(w)?;
                Ok(id)
            })
            .await
    }

    /// Changes one that still is as in `version`. Of one that is closed only the expected end and the reason.
    ///
    /// # Errors
    /// As [`Engine::announce_downtime`]; [`Refusal::NotFound`]; [`Refusal::WrongState`] when somebody else changed it.
    pub async fn change_downtime(
        &self,
        by: &Viewer,
        office: &OfficeView,
        id: i64,
        version: i64,
        draft: Draft,
        shift: bool,
    ) -> Result<()> {
        may(by)?;
        let (by, office) = (by.clone(), office.clone());
        self.writer
            .run(move |w| {
                let before = mine(w, &by, &office, id)?;
                let asked = check(&draft, &office.zone, w.now, Some(&before))?;
                let d = Downtime {
                    closes_at: asked.closes_at,
                    expected_until: asked.expected_until,
                    reason: draft.reason.clone().tidy(),
                    ..before.clone()
                };
                if !rows::update(w.db, &d, version)? {
                    let words = "Somebody else has changed this downtime since you opened it.";
                    return Err(Refusal::WrongState(words.into()).into());
                }
                let zone = &office.zone;
                wrote(
                    w,
                    &by,
                    &d,
                    "change_downtime",
                    Some(told(&before, zone)),
                    Some(told(&d, zone)),
                )?;
                if shift {
                    move_jobs(w, &by, &office, &d)?;
                }
                if d.closes_at != before.closes_at {
                    tell_of(w, &d)?;
                }
                if let Some(known) = w.state.downtimes.iter_mut().find(|k| k.id == id) {
                    *known = d;
                }
                touched(w)
            })
            .await
    }

    /// Opens again, or calls it off before (D10).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Refusal::WrongState`] when somebody else did.
    pub async fn lift_downtime(&self, by: &Viewer, office: &OfficeView, id: i64) -> Result<()> {
        may(by)?;
        let (by, office) = (by.clone(), office.clone());
        self.writer
            .run(move |w| {
                let d = mine(w, &by, &office, id)?;
                // the wall clock may stand before the announcement by now
                let at = w.now.max(d.closed_at.unwrap_or(d.announced_at));
                if !rows::lift(w.db, id, at, &by.name)? {
                    return Err(Refusal::WrongState(LIFTED.into()).into());
                }
                wrote(w, &by, &d, "lift_downtime", Some(told(&d, &office.zone)), None)?;
                let called_off = d.phase(w.now) != Phase::Closed;
                mail::write_to_all(w, d.office, |_, _| Letter::DowntimeOver { called_off })?;
                w.state.downtimes.retain(|k| k.id != id);
                touched(w)
            })
            .await
    }

    /// Lets an integration run on, or not (D14).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn set_exempt(&self, by: &Viewer, office: OfficeId, id: i64, exempt: bool) -> Result<()> {
        may(by)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let (name, was) = rows::set_exempt(w.db, office, id, exempt)?.ok_or(Refusal::NotFound)?;
                if was == exempt {
                    return Ok(());
                }
                let word = |e: bool| if e { "exempt" } else { "not exempt" };
                let audit = Audit {
                    office: Some(office),
                    person: by.person,
                    what: "exempt",
                    subject: format!("integration {name}"),
                    before: Some(word(was).into()),
                    after: Some(word(exempt).into()),
                };
                event::audit(w.db, w.now, &audit)
            })
            .await?;
        let mut known = self
            .exempt
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if exempt {
            known.insert(id);
        } else {
            known.remove(&id);
        }
        Ok(())
    }

    /// Whether an integration runs on during a downtime.
    pub fn is_exempt(&self, integration: i64) -> bool {
        self.exempt
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .contains(&integration)
    }

    async fn language_of(&self, office: OfficeId) -> Result<Language> {
        crate::store::people::language_of(&self.readers, office).await
    }
}

/// What the second of two who lift is told.
const LIFTED: &str = "Somebody else has opened it again already.";

/// Everybody is told, and claims are judged anew.
fn touched(w: &mut Work<'_>) -> Result<()> {
    w.state.downtime_changed = true;
    let offices: Vec<OfficeId> = w.state.offices.keys().copied().collect();
    offices.into_iter().for_each(|o| w.state.touch_jobs(o));
    w.state.learn_usual(w.db)
}

fn may(viewer: &Viewer) -> Result<()> {
    if viewer.runs_office() {
        Ok(())
    } else {
        Err(Refusal::Forbidden("Only those who run the office may do this.".into()).into())
    }
}

/// Those of the whole platform are Support's.
fn may_edit(viewer: &Viewer, office: Option<OfficeId>) -> bool {
    match office {
        Some(office) => viewer.runs_office() && viewer.may_see_office(office),
        None => viewer.role == Role::Support,
    }
}

fn scope(viewer: &Viewer, office: OfficeId, platform: bool) -> Result<Option<OfficeId>> {
    if platform && viewer.role != Role::Support {
        return Err(Refusal::Forbidden("Only Support may close the whole platform.".into()).into());
    }
    Ok((!platform).then_some(office))
}

/// A downtime that stands and that the person may change.
fn mine(w: &Work<'_>, by: &Viewer, office: &OfficeView, id: i64) -> Result<Downtime> {
    let known = w.state.downtimes.iter().find(|d| d.id == id);
    let Some(d) = known.filter(|d| d.concerns(Some(office.id))) else {
        let past = rows::exists(w.db, id, office.id)?;
        return Err(if past {
            Refusal::WrongState(LIFTED.into()).into()
        } else {
            Refusal::NotFound.into()
        });
    };
    if may_edit(by, d.office) {
        Ok(d.clone())
    } else {
        Err(Refusal::Forbidden("Only Support may change what closes the whole platform.".into()).into())
    }
}

fn wrote(
    w: &Work<'_>,
    by: &Viewer,
    d: &Downtime,
    what: &str,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let audit = Audit {
        office: d.office,
        person: by.person,
        what,
        subject: format!("downtime {}", d.id),
        before,
        after,
    };
    event::audit(w.db, w.now, &audit)
}

/// For the audit log: when, until when, and why.
fn told(d: &Downtime, zone: &str) -> String {
    let zone = Zone::of(zone);
    let until = d
        .expected_until
        .map(|t| format!(" – {}", zone.moment(t).rfc3339()));
    let reason = d.reason.0.first().map_or("", |(_, t)| t.as_str());
    format!(
        "{}{}: {reason}",
        zone.moment(d.closes_at).rfc3339(),
        until.unwrap_or_default()
    )
}

/// By mail, to each person in their language (S5).
fn tell_of(w: &Work<'_>, d: &Downtime) -> Result<()> {
    mail::write_to_all(w, d.office, |office, language| {
        let office = w.state.offices.get(&office);
        let zone = Zone::of(office.map_or("UTC", |o| o.zone.as_str()));
        let own = office
            .and_then(|o| Language::from_tag(&o.language))
            .unwrap_or_default();
        Letter::DowntimeAnnounced {
            closes: zone.moment(d.closes_at),
            expected: d.expected_until.map(|t| zone.moment(t)),
            reason: d
                .reason
                .read(language, own)
                .map(|(_, t)| t.to_owned())
                .unwrap_or_default(),
        }
    })
}

/// What was typed, as instants.
#[derive(Debug)]
struct Asked {
    closes_at: i64,
    expected_until: Option<i64>,
    doubled: bool,
}

/// Checks what was typed. `before` is the downtime that is changed.
fn check(draft: &Draft, zone: &str, now: i64, before: Option<&Downtime>) -> Result<Asked> {
    let mut errors = vec![];
    let closed = before.is_some_and(|d| d.phase(now) == Phase::Closed);
    let closes = match before.filter(|_| closed) {
        // it has closed: that moment is past
        Some(d) => Some((d.closes_at, false)),
        None => local(&mut errors, "closes", &draft.day, &draft.clock, zone),
    };
    let kept = before.is_some_and(|d| closes.is_some_and(|(at, _)| at == d.closes_at));
    if let Some((at, _)) = closes.filter(|_| !kept)
        && at < now + LEAD_MS
    {
        // the next full minute that is far enough
        let earliest = (now + LEAD_MS + 59_999).div_euclid(60_000) * 60_000;
        errors.push(FieldError {
            field: "closes".into(),
            message: format!("must be {} or later", Zone::of(zone).moment(earliest).clock()),
        });
    }
    let until = if draft.until_day.trim().is_empty() && draft.until_clock.trim().is_empty() {
        None
    } else {
        let day = match draft.until_day.trim() {
            "" => draft.day.as_str(),
            day => day,
        };
        local(&mut errors, "until", day, &draft.until_clock, zone)
    };
    if let (Some((closes, _)), Some((until, _))) = (closes, until)
        && until <= closes
    {
        errors.push(FieldError {
            field: "until".into(),
            message: "must be later than the moment it closes".into(),
        });
    }
    draft.reason.check(&mut errors);
    match closes {
        Some((closes_at, doubled)) if errors.is_empty() => Ok(Asked {
            closes_at,
            expected_until: until.map(|(at, _)| at),
            doubled,
        }),
        _ => Err(Refusal::Invalid(errors).into()),
    }
}

/// The instant of a day and a clock time in a zone, and whether the clock shows it twice: the first is meant.
fn local(
    errors: &mut Vec<FieldError>,
    field: &str,
    day: &str,
    clock: &str,
    zone: &str,
) -> Option<(i64, bool)> {
    use chrono::TimeZone;
    let mut wrong = |message: &str| {
        errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        None
    };
    let Ok(day) = NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d") else {
        return wrong("must be a day such as 2026-11-20");
    };
    let Ok(clock) = NaiveTime::parse_from_str(clock.trim(), "%H:%M") else {
        return wrong("must be a clock time such as 12:00");
    };
    // far beyond the tables of the zones nobody plans
    if !(1970..=2099).contains(&chrono::Datelike::year(&day)) {
        return wrong("must be a day before the year 2100");
    }
    let tz: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    match tz.from_local_datetime(&NaiveDateTime::new(day, clock)) {
        chrono::LocalResult::Single(t) => Some((t.timestamp_millis(), false)),
        chrono::LocalResult::Ambiguous(first, _) => Some((first.timestamp_millis(), true)),
        chrono::LocalResult::None => wrong("does not exist that night: the clocks are put forward"),
    }
}

/// Jobs that fall due while it is closed.
fn due_lines(
    book: &Book,
    closes_at: i64,
    expected: Option<i64>,
    asks: impl Fn(&str) -> bool,
) -> Vec<DueLine> {
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
    lines.truncate(MOST_JOBS);
    lines
}

/// Moves the next run of the jobs that fall into the window and have somewhere to go.
fn move_jobs(w: &mut Work<'_>, by: &Viewer, office: &OfficeView, d: &Downtime) -> Result<()> {
    let book = Book::now(w, office.id)?;
    for line in due_lines(&book, d.closes_at, d.expected_until, |_| false) {
        let Some(to) = line.to else { continue };
        // only the very run that falls into the window: a job that is postponed beyond it stays
        if job::get(w.db, line.job)?.is_none_or(|j| j.next_at != Some(line.first.at)) {
            continue;
        }
        job::set_next(w.db, line.job, Some(to.at))?;
        let audit = Audit {
            office: Some(office.id),
            person: by.person,
            what: "shift_job",
            subject: format!("job {}", line.job),
            before: Some(line.first.rfc3339()),
            after: Some(to.rfc3339()),
        };
        event::audit(w.db, w.now, &audit)?;
    }
    Ok(())
}

fn told_standing(raw: &ToldRaw, d: &Downtime, viewer: &Viewer, zone: Zone, now: i64) -> Standing {
    let typed = |at: Option<i64>| {
        at.map_or_else(Default::default, |at| {
            (zone.date(at).to_string(), zone.moment(at).clock())
        })
    };
    let ((day, clock), (until_day, until_clock)) = (typed(Some(d.closes_at)), typed(d.expected_until));
    Standing {
        id: d.id,
        version: raw.version,
        platform: d.office.is_none(),
        phase: d.phase(now),
        announced: zone.moment(d.announced_at),
        by: raw.announced_by.clone(),
        warned: zone.moment((d.closes_at - LAST_DAY_MS).max(d.announced_at)),
        closes: zone.moment(d.closes_at),
        expected: d.expected_until.map(|t| zone.moment(t)),
        closed: d.closed_at.map(|t| zone.moment(t)),
        overrun: d.is_overrun(now),
        draft: Draft {
            platform: d.office.is_none(),
            day,
            clock,
            until_day,
            until_clock,
            reason: d.reason.clone(),
        },
        may_edit: may_edit(viewer, d.office),
    }
}

fn told_past(raw: &ToldRaw, viewer: &Viewer, office: Language, zone: Zone) -> Option<Past> {
    let reason: domain::downtime::Reason = serde_json::from_str(&raw.reason).unwrap_or_default();
    let lifted_at = raw.lifted_at?;
    Some(Past {
        id: raw.id,
        platform: raw.office.is_none(),
        by: raw.announced_by.clone(),
        closes: zone.moment(raw.closes_at),
        expected: raw.expected_until.map(|t| zone.moment(t)),
        closed: raw.closed_at.map(|t| zone.moment(t)),
        lifted: zone.moment(lifted_at),
        lifted_by: raw.lifted_by.clone().unwrap_or_default(),
        reason: reason
            .read(viewer.language, office)
            .map(|(_, t)| t.to_owned())
            .unwrap_or_default(),
        planned_ms: raw.expected_until.map(|t| t - raw.closes_at),
        real_ms: raw.closed_at.map(|t| lifted_at - t),
        changes: raw.changes,
    })
}
