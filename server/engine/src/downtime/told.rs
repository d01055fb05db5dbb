//! What is shown of downtimes: on every page, on their own page, and before one is announced (D4, D5, D16, D19).

use super::{asked::check, jobs::due_lines, may, may_edit, scope};
use crate::desk::Engine;
use domain::{
    Language, OfficeId, Role, TaskId, Viewer,
    downtime::{Downtime, LAST_DAY_MS, Notice, Who, of_office},
};
use store::{
    downtime::{self as rows, ToldRaw},
    error::{Error, Result},
    zone::Zone,
};
use views::{
    OfficeView,
    downtime::{DowntimePage, Draft, Exemption, Past, Preview, RunningLine, Standing},
};

/// The history shows so many.
const PAST: u32 = 50;
/// Whoever was seen within this time counts as signed in now.
const NOW_MS: i64 = 15 * 60_000;

impl Engine {
    /// What a person is shown of a downtime on every page of an office (D4, D5, D9).
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
        let language = self.language_of(office);
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

    /// The page (D1).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office.
    pub async fn downtime_page(&self, viewer: &Viewer, office: &OfficeView) -> Result<DowntimePage> {
        may(viewer)?;
        let (zone, now) = (Zone::of(&office.zone), self.now());
        let language = self.language_of(office.id);
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
        let d = Downtime {
            id: id.unwrap_or(0),
            office: scope,
            announced_at: now,
            closes_at: asked.closes_at,
            expected_until: until,
            reason: draft.reason.clone().tidy(),
            closed_at: None,
            lifted_at: None,
        };
        let book = self.book(office).await?;
        let book = book.before(&d, &self.downtimes(), office.id);
        let catalogue = self.catalogue();
        let jobs = tokio::task::spawn_blocking(move || {
            let asks = |kind: &str| catalogue.job_kind(kind).is_some_and(|k| k.moves_money);
            due_lines(&book, &d, asks)
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
            jobs: jobs.await.map_err(|e| Error::broken(e.to_string()))?,
            refused: integrations
                .into_iter()
                .filter(|(_, _, exempt)| !exempt)
                .map(|(_, name, _)| name)
                .collect(),
            left: (asked.closes_at - now) / 1000,
        })
    }

    fn language_of(&self, office: OfficeId) -> Language {
        self.card(office).map(|c| c.language).unwrap_or_default()
    }
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
