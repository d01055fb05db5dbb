//! Active clients (T11) and one dossier (T12): what they show, and who manages a dossier.

pub mod dossiers;
pub mod import;
pub mod portal;
pub mod requests;
mod tabs;

use crate::Engine;
use domain::{
    DossierId, NotAllowed, OfficeId, Refusal, Rule, TaskId, Viewer,
    dossier::{ACTIVATE, Activation},
    fleet::Liveness,
};
use std::collections::HashMap;
use store::{
    clients::{self, ClientRaw},
    clock::DAY_MS,
    digest, dossier,
    error::Result,
    person, read,
    writer::Work,
    zone::Zone,
};
use views::{
    OfficeView, TaskRow,
    clients::{
        After, ChangedClients, ClientLine, Clients, ClientsAsked, ClientsFrame, Colleague, DayBar, PAGE,
        PickUp, Standing, Summary,
    },
};

const DAYS: i64 = 14;
/// Most dossiers asked for or assigned at once.
const MOST: usize = 500;
/// Most tasks of a tab.
const TASKS: usize = 50;

/// Managers and days, by dossier.
type Around = (
    HashMap<DossierId, Vec<Colleague>>,
    HashMap<DossierId, Vec<DayBar>>,
);

impl Engine {
    /// A page of Active clients.
    pub async fn clients(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        asked: &ClientsAsked,
        after: Option<&After>,
    ) -> Result<Clients> {
        // read before the rows: an event between the two is then told twice rather than never
        let seq = read::last_seq(&self.readers).await?;
        let mut raw = clients::page(&self.readers, office.id, viewer, asked, after, PAGE + 1).await?;
        let more = raw.len() > PAGE;
        raw.truncate(PAGE);
        let summary = self.summary(viewer, office).await?;
        let matching = if *asked == ClientsAsked::default() {
            summary.all()
        } else {
            clients::matching(&self.readers, office.id, viewer, asked).await?
        };
        Ok(Clients {
            lines: self.client_lines(&raw, viewer, office).await?,
            more,
            matching,
            summary,
            seq,
            now: self.now(),
            support: viewer.is_support(),
        })
    }

    /// How dossiers now stand that changed, by code.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when too many are asked for.
    pub async fn changed_clients(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        asked: &ClientsAsked,
        codes: &[String],
    ) -> Result<ChangedClients> {
        if codes.len() > MOST {
            return Err(Refusal::rule("codes", Rule::AtMost { most: MOST as i64 }).into());
        }
        let raw = clients::by_code(&self.readers, office.id, viewer, asked, codes).await?;
        Ok(ChangedClients {
            lines: self.client_lines(&raw, viewer, office).await?,
            summary: self.summary(viewer, office).await?,
        })
    }

    /// What the tools of Active clients need.
    pub async fn clients_frame(&self, viewer: &Viewer, office: &OfficeView) -> Result<ClientsFrame> {
        let catalogue = self.catalogue();
        let mut packages: Vec<(String, String)> = catalogue
            .package_codes()
            .map(|code| (code.to_owned(), catalogue.package_name(code).to_owned()))
            .collect();
        packages.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(ClientsFrame {
            packages,
            people: self.assignable(viewer, office.id).await?,
            every: viewer.sees_every_dossier(),
        })
    }

    /// Makes a person a manager of dossiers, or no longer; gives those that this changed, so that it can be undone.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office, [`Refusal::NotFound`] when a dossier is not the
    /// office's, [`Refusal::Invalid`] when the person does not work there or the list is empty or too long.
    pub async fn set_manager(
        &self,
        by: Viewer,
        office: OfficeId,
        dossiers: Vec<DossierId>,
        person: i64,
        manages: bool,
    ) -> Result<Vec<DossierId>> {
        if !by.runs_office() {
            return Err(Refusal::Forbidden(NotAllowed::RunningTheOffice).into());
        }
        if dossiers.is_empty() || dossiers.len() > MOST {
            let to = MOST as i64;
            return Err(Refusal::rule("dossiers", Rule::DossiersBetween { from: 1, to }).into());
        }
        self.writer
            .run(move |w| set_manager(w, &by, office, &dossiers, person, manages))
            .await
    }

    /// Adds to what the last days did for a dossier, the last of them today: a past for the demo.
    pub async fn add_days(&self, dossier: DossierId, days: Vec<DayBar>) -> Result<()> {
        self.writer
            .run(move |w| {
                let today = Zone::of(&dossier::zone_of(w.db, dossier)?).day(w.now);
                for (ago, day) in (0..).zip(days.iter().rev()) {
                    digest::add_day(w.db, dossier, today - ago, day.done.into(), day.stopped.into())?;
                    if day.done > 0 {
                        digest::done_by(w.db, dossier, w.now - ago * DAY_MS)?;
                    }
                }
                Ok(())
            })
            .await
    }

    async fn assignable(&self, viewer: &Viewer, office: OfficeId) -> Result<Vec<Colleague>> {
        if !viewer.runs_office() {
            return Ok(vec![]);
        }
        let people = clients::colleagues(&self.readers, office).await?;
        Ok(people
            .into_iter()
            .map(|(id, name)| Colleague { id, name })
            .collect())
    }

    async fn summary(&self, viewer: &Viewer, office: &OfficeView) -> Result<Summary> {
        let person = clients::person_of(viewer, false);
        let s = clients::standings(&self.readers, office.id, person).await?;
        let all = clients::how_many(&self.readers, office.id, person).await?;
        let mine = if person == 0 {
            clients::how_many(&self.readers, office.id, viewer.person).await?
        } else {
            all
        };
        let support = viewer.is_support();
        // of a dossier with both turns, each side sees its own
        let (action, support_n, since) = if support {
            (s.act - s.both, s.sup, s.since_sup)
        } else {
            (s.act, s.sup - s.both, s.since_act)
        };
        let (starting, off, archived) = clients::stages(&self.readers, office.id, person).await?;
        let zone = Zone::of(&office.zone);
        Ok(Summary {
            action: action as u32,
            support: support_n as u32,
            flowing: all.saturating_sub((action + support_n + starting + off) as u32),
            starting: starting as u32,
            off: off as u32,
            archived: archived as u32,
            mine,
            oldest: since.map(|at| zone.moment(at)),
            pick_up: self.pick_up(office.id).await?,
            counts: self.counts(viewer, office.id).await?,
        })
    }

    /// When a connector of the office that is at work next comes.
    async fn pick_up(&self, office: OfficeId) -> Result<Option<PickUp>> {
        self.writer
            .memory(move |w| {
                let row = w.state.offices.get(&office)?;
                let every = i64::from(row.poll_to) * 1000;
                let fleet = &w.state.fleet;
                let at_work = fleet.of_office(office).filter(|m| {
                    let alive = fleet.liveness(m, row, w.now, w.mono);
                    !m.holds_back()
                        && m.row.hello.is_some()
                        && matches!(alive, Liveness::Idle | Liveness::Working | Liveness::Late)
                });
                let next = at_work.map(|m| {
                    let since = w.mono.saturating_sub(m.heard) as i64;
                    if m.heard == 0 {
                        every
                    } else {
                        (every - since).max(1000)
                    }
                });
                next.min().map(|left| PickUp {
                    by: w.now + left,
                    every,
                })
            })
            .await
    }

    async fn client_lines(
        &self,
        raw: &[ClientRaw],
        viewer: &Viewer,
        office: &OfficeView,
    ) -> Result<Vec<ClientLine>> {
        let ids: Vec<DossierId> = raw.iter().map(|r| r.id).collect();
        let zone = Zone::of(&office.zone);
        let (mut managers, mut days) = self.around(&ids, zone).await?;
        let support = viewer.is_support();
        let standing = |r: &ClientRaw| Standing::of(r.stage(), r.act as u32, r.sup as u32, support);
        let first = |r: &ClientRaw| match standing(r) {
            Standing::Act => r.first_act,
            Standing::Sup => r.first_sup,
            Standing::Flow | Standing::Starting | Standing::Off | Standing::Archived => None,
        };
        let firsts: Vec<TaskId> = raw.iter().filter_map(first).map(TaskId).collect();
        let mut needs: HashMap<i64, TaskRow> = self
            .rows(&firsts, viewer, zone)
            .await?
            .into_iter()
            .map(|r| (r.id.0, r))
            .collect();
        let waiting: Vec<usize> = self
            .writer
            .memory(move |m| ids.iter().map(|d| m.state.lanes.queued(*d)).collect())
            .await?;
        let catalogue = self.catalogue();
        let line = |(r, waiting): (&ClientRaw, usize)| {
            let need = first(r).and_then(|id| needs.remove(&id));
            ClientLine {
                id: r.id,
                code: r.code.clone(),
                name: r.name.clone(),
                package: catalogue.package_name(&r.package).to_owned(),
                standing: standing(r),
                action: r.act as u32,
                support: r.sup as u32,
                off: r.stage().activation == Activation::NotActivated,
                activation: need.as_ref().is_some_and(|n| n.kind == ACTIVATE),
                taken: need.as_ref().and_then(|n| n.taken.clone()),
                need: need.and_then(|n| n.cause),
                waiting: waiting as u32,
                done: r.done_at.map(|at| zone.moment(at)),
                days: days
                    .remove(&r.id)
                    .unwrap_or_else(|| vec![DayBar::default(); DAYS as usize]),
                managers: managers.remove(&r.id).unwrap_or_default(),
            }
        };
        Ok(raw.iter().zip(waiting).map(line).collect())
    }

    /// Managers and the last fourteen days of dossiers.
    async fn around(&self, ids: &[DossierId], zone: Zone) -> Result<Around> {
        let json = serde_json::to_string(ids)?;
        let mut managers: HashMap<DossierId, Vec<Colleague>> = HashMap::new();
        for (dossier, id, name) in clients::managers(&self.readers, &json).await? {
            managers.entry(dossier).or_default().push(Colleague { id, name });
        }
        let from = zone.day(self.now()) - DAYS + 1;
        let mut days: HashMap<DossierId, Vec<DayBar>> = HashMap::new();
        for (dossier, day, done, stopped) in clients::days(&self.readers, &json, from).await? {
            let bars = days
                .entry(dossier)
                .or_insert_with(|| vec![DayBar::default(); DAYS as usize]);
            if let Some(bar) = bars.get_mut((day - from) as usize) {
                *bar = DayBar {
                    done: done as u32,
                    stopped: stopped as u32,
                };
            }
        }
        Ok((managers, days))
    }

    /// Lines of tasks, in the order of `ids`.
    async fn rows(&self, ids: &[TaskId], viewer: &Viewer, zone: Zone) -> Result<Vec<TaskRow>> {
        let raw = read::tasks_by_id(&self.readers, ids).await?;
        let mut rows: HashMap<TaskId, TaskRow> = raw
            .iter()
            .map(|r| (TaskId(r.id), self.row(r, viewer, zone)))
            .collect();
        Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
    }
}

fn set_manager(
    w: &mut Work<'_>,
    by: &Viewer,
    office: OfficeId,
    dossiers: &[DossierId],
    person: i64,
    manages: bool,
) -> Result<Vec<DossierId>> {
    let mut codes = vec![];
    for dossier in dossiers {
        codes.push(dossier::code_at(w.db, office, *dossier)?.ok_or(Refusal::NotFound)?);
    }
    if !person::works_at(w.db, office, person)? {
        return Err(Refusal::rule("person", Rule::NotOfOffice).into());
    }
    let mut changed = vec![];
    for (dossier, code) in dossiers.iter().zip(codes) {
        let before = dossier::names_of(w.db, *dossier)?;
        if !dossier::set_manager(w.db, *dossier, person, manages)? {
            continue;
        }
        changed.push(*dossier);
        w.audit(
            Some(office),
            by.person,
            if manages { "add_manager" } else { "remove_manager" },
            format!("dossier {code}"),
            (Some(before), Some(dossier::names_of(w.db, *dossier)?)),
        )?;
    }
    Ok(changed)
}
