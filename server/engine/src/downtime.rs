//! Planned downtime: announced, changed and lifted by hand; its moment is latched by the writer (D1–D19).
//!
//! Who is let in where is one truth table, [`domain::downtime::verdict`]. This module feeds it: [`at_door`] marks what a
//! caller does with the door they came by, and the writer asks [`refuses`] before each of their writes.

mod asked;
mod jobs;
mod told;

pub use store::door::{AtDoor, at_door, here, out_of_service, refuses};

use crate::{desk::Engine, mail};
use asked::check;
use domain::{
    Language, NotAllowed, NotNow, OfficeId, Refusal, Role, Viewer,
    downtime::{Downtime, Phase, Verdict, of_office, verdict},
    mail::Letter,
};
use jobs::move_jobs;
use std::sync::Arc;
use store::{door::closed, downtime as rows, error::Result, job, writer::Work, zone::Zone};
use views::{OfficeView, downtime::Draft};

impl Engine {
    /// The downtimes that nobody has lifted.
    pub fn downtimes(&self) -> Arc<Vec<Downtime>> {
        self.known().downtimes.clone()
    }

    /// What becomes of a caller at a door now, and the downtime that says so.
    pub fn verdict(&self, at: AtDoor) -> (Verdict, Option<Downtime>) {
        let (all, now) = (self.downtimes(), self.now());
        let found = of_office(&all, at.office, now);
        let phase = found.map_or(Phase::None, |d| d.phase(now));
        (verdict(at.who, at.door, phase), found.cloned())
    }

    /// A person has read the pop-up.
    pub async fn saw_downtime(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let person = viewer.person;
        self.writer
            .run(move |w| match w.state.downtimes.iter().find(|d| d.id == id) {
                Some(d) => rows::saw(w.db, id, person, d.closes_at),
                None => Ok(()),
            })
            .await
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
                Arc::make_mut(&mut w.state.known.downtimes).push(d);
                touched(w)?;
                Ok(id)
            })
            .await
    }

    /// Changes one that still is as in `version`. Jobs that were moved for another window go back, and with `shift` are
    /// moved for this one. Of one that is closed only the expected end and the reason.
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
                    return Err(Refusal::WrongState(NotNow::DowntimeChanged).into());
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
                let window = |d: &Downtime| (d.closes_at, d.expected_until);
                if shift || window(&d) != window(&before) {
                    // found free for the window of before
                    job::unshift(w.db, d.id, w.now)?;
                }
                if shift {
                    move_jobs(w, &by, &office, &d)?;
                }
                if d.closes_at != before.closes_at {
                    tell_of(w, &d)?;
                }
                if let Some(known) = Arc::make_mut(&mut w.state.known.downtimes)
                    .iter_mut()
                    .find(|k| k.id == id)
                {
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
                    return Err(Refusal::WrongState(NotNow::DowntimeLifted).into());
                }
                wrote(w, &by, &d, "lift_downtime", Some(told(&d, &office.zone)), None)?;
                let called_off = d.phase(w.now) != Phase::Closed;
                mail::write_to_all(w, d.office, |_, _| Letter::DowntimeOver { called_off })?;
                job::unshift(w.db, id, w.now)?;
                Arc::make_mut(&mut w.state.known.downtimes).retain(|k| k.id != id);
                touched(w)
            })
            .await
    }

    /// Lets an integration run on, or not (D14).
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
                w.audit(
                    Some(office),
                    by.person,
                    "exempt",
                    format!("integration {name}"),
                    (Some(word(was).into()), Some(word(exempt).into())),
                )?;
                let known = Arc::make_mut(&mut w.state.known.exempt);
                match exempt {
                    true => known.insert(id),
                    false => known.remove(&id),
                };
                Ok(())
            })
            .await
    }

    /// Whether an integration runs on during a downtime.
    pub fn is_exempt(&self, integration: i64) -> bool {
        self.known().exempt.contains(&integration)
    }
}

/// Everybody is told, and claims are judged anew.
fn touched(w: &mut Work<'_>) -> Result<()> {
    w.state.downtime_changed = true;
    let offices: Vec<OfficeId> = w.state.offices.keys().copied().collect();
    offices.into_iter().for_each(|o| w.state.touch_jobs(o));
    let (downtimes, now) = (w.state.downtimes.clone(), w.now);
    w.state
        .meanwhile
        .retain(|office, _| closed(&downtimes, Some(*office), now).is_some());
    w.state.learn_usual(w.db)
}

fn may(viewer: &Viewer) -> Result<()> {
    if viewer.runs_office() {
        Ok(())
    } else {
        Err(Refusal::Forbidden(NotAllowed::RunningTheOffice).into())
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
        return Err(Refusal::Forbidden(NotAllowed::ClosingThePlatform).into());
    }
    Ok((!platform).then_some(office))
}

/// A downtime that stands and that the person may change.
fn mine(w: &Work<'_>, by: &Viewer, office: &OfficeView, id: i64) -> Result<Downtime> {
    let known = w.state.downtimes.iter().find(|d| d.id == id);
    let Some(d) = known.filter(|d| d.concerns(Some(office.id))) else {
        let past = rows::exists(w.db, id, office.id)?;
        return Err(if past {
            Refusal::WrongState(NotNow::DowntimeLifted).into()
        } else {
            Refusal::NotFound.into()
        });
    };
    if may_edit(by, d.office) {
        Ok(d.clone())
    } else {
        Err(Refusal::Forbidden(NotAllowed::ClosedPlatform).into())
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
    w.audit(
        d.office,
        by.person,
        what,
        format!("downtime {}", d.id),
        (before, after),
    )
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
