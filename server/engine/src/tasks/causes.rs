//! Causes across offices: what stopped tasks, and who works on it (M15). What is done to them is in [`verbs`].

mod verbs;

use crate::{
    Engine,
    tasks::reading::{said, state},
};
use domain::{Refusal, TaskId, Viewer, document::called};
use serde_json::Map;
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};
use store::{
    Catalogue, Result,
    causes::{self as rows, CauseRaw, OpenRaw},
    read,
    zone::Zone,
};
use views::causes::{
    CauseDetail, CauseFilter, CauseList, CauseOffice, CauseRow, CauseTask, CausesAfter, Stand, Turn,
};

/// Most causes of one page.
pub const PAGE: usize = 200;
/// Most tasks of one cause that are shown.
const TASKS: u32 = 100;
/// Days of the trend.
const DAYS: usize = 14;

/// A cause with the sum of its offices.
struct Known {
    row: CauseRow,
    office_codes: Vec<String>,
    oldest: i64,
    sample: Option<TaskId>,
}

impl Engine {
    /// Causes across all offices, for Support: urgent first, then red, then by dossiers × age.
    pub async fn causes(
        &self,
        viewer: &Viewer,
        zone: Zone,
        filter: &CauseFilter,
        after: Option<CausesAfter>,
    ) -> Result<CauseList> {
        let open = rows::open(&self.readers, None).await?;
        let keys: Vec<&str> = open.iter().map(|o| o.key.as_str()).collect();
        let raw = rows::causes(&self.readers, &keys).await?;
        let catalogue = self.catalogue();
        let mut known = known(&catalogue, raw, open, zone);
        let mut packages: Vec<(String, String)> = known.iter().map(package).collect();
        packages.sort();
        packages.dedup();
        let solved = known.iter().filter_map(|k| k.row.solved.clone());
        let last_solved = solved.max_by_key(|(_, at)| at.at);
        let offices = self.offices_of(viewer);
        if !filter.text.trim().is_empty() {
            self.name(viewer, zone, &mut known).await?;
        }
        // a cause with nothing open still belongs to the offices that it once stopped
        let once = rows::of_office(&self.readers, &filter.office).await?;
        known.retain(|k| matches(k, filter, &once));
        let counts = Turn::ALL.map(|t| known.iter().filter(|k| k.row.turn() == t).count() as u32);
        let (mut page, next) = page(known, filter, after, self.now());
        self.name(viewer, zone, &mut page).await?;
        self.draw(zone, &mut page).await?;
        Ok(CauseList {
            rows: page.into_iter().map(|k| k.row).collect(),
            next,
            counts,
            packages,
            offices: offices.into_iter().map(|o| (o.code, o.name)).collect(),
            last_solved,
            now: self.now(),
        })
    }

    /// One cause with its tasks.
    pub async fn cause(&self, viewer: &Viewer, zone: Zone, key: &str) -> Result<CauseDetail> {
        let raw = rows::cause(&self.readers, key).await?.ok_or(Refusal::NotFound)?;
        let open = rows::open(&self.readers, Some(key)).await?;
        let catalogue = self.catalogue();
        let instruction = catalogue.instructions.find(&raw.package, &raw.code);
        let instruction = instruction.map(|i| i.package.clone());
        let names: Vec<(String, String)> = open.iter().map(|o| (o.office.clone(), o.name.clone())).collect();
        let mut one = known(&catalogue, vec![raw], open, zone);
        self.name(viewer, zone, &mut one).await?;
        self.draw(zone, &mut one).await?;
        let one = one.pop().ok_or(Refusal::NotFound)?;
        let (offices, sample) = self.tasks_of(viewer, zone, key, &names).await?;
        Ok(CauseDetail {
            row: one.row,
            offices,
            params: sample.as_ref().map_or_else(Map::new, said),
            detail: sample.and_then(|s| s.failure_detail),
            instruction,
            now: self.now(),
        })
    }

    async fn tasks_of(
        &self,
        viewer: &Viewer,
        zone: Zone,
        key: &str,
        names: &[(String, String)],
    ) -> Result<(Vec<CauseOffice>, Option<read::TaskRaw>)> {
        let ids = rows::tasks(&self.readers, key, TASKS).await?;
        let mut raw = read::tasks_by_id(&self.readers, &ids).await?;
        raw.sort_by_key(|r| ids.iter().position(|id| id.0 == r.id));
        let offices = self.offices_of(viewer).into_iter();
        let codes: HashMap<i64, String> = offices.map(|o| (o.id, o.code)).collect();
        let of = |code: &String| -> Vec<CauseTask> {
            let mine = raw.iter().filter(|r| codes.get(&r.office) == Some(code));
            mine.map(|r| task(r, zone)).collect()
        };
        let offices = names.iter().map(|(code, name)| CauseOffice {
            tasks: of(code),
            code: code.clone(),
            name: name.clone(),
        });
        let offices = offices.filter(|o| !o.tasks.is_empty()).collect();
        Ok((offices, raw.into_iter().next()))
    }

    /// Gives causes the titles of their instructions, as one of their tasks is shown it.
    async fn name(&self, viewer: &Viewer, zone: Zone, known: &mut [Known]) -> Result<()> {
        let ids: Vec<TaskId> = known.iter().filter_map(|k| k.sample).collect();
        let raw = read::tasks_by_id(&self.readers, &ids).await?;
        let rows: HashMap<TaskId, Option<String>> = raw
            .iter()
            .map(|r| (TaskId(r.id), self.row(r, viewer, zone).cause))
            .collect();
        let catalogue = self.catalogue();
        for k in known {
            let row = &mut k.row;
            let shown = match k.sample {
                Some(id) => rows.get(&id).cloned().flatten(),
                None => catalogue
                    .instructions
                    .find(&row.package, &row.code)
                    .map(|i| i.render(&Map::new(), viewer.language).title),
            };
            row.title = shown.filter(|t| *t != row.code);
        }
        Ok(())
    }

    async fn draw(&self, zone: Zone, known: &mut [Known]) -> Result<()> {
        let keys: Vec<&str> = known.iter().map(|k| k.row.key.as_str()).collect();
        let mut trends = rows::trends(&self.readers, &keys, zone.day(self.now()), DAYS).await?;
        for k in known {
            k.row.trend = trends.remove(&k.row.key).unwrap_or_else(|| vec![0; DAYS]);
        }
        Ok(())
    }
}

fn package(k: &Known) -> (String, String) {
    (k.row.package.clone(), k.row.package_name.clone())
}

fn task(r: &read::TaskRaw, zone: Zone) -> CauseTask {
    CauseTask {
        id: TaskId(r.id),
        state: state(r),
        kind: r.kind.clone(),
        subject: r.subject.as_deref().map(|s| called(s).to_owned()),
        dossier: r.name.clone(),
        since: zone.moment(r.changed_at),
        urgent: r.urgent_reason.clone(),
    }
}

/// Causes with the sum of their offices.
fn known(catalogue: &Catalogue, raw: Vec<CauseRaw>, open: Vec<OpenRaw>, zone: Zone) -> Vec<Known> {
    let mut by_key = HashMap::<String, Vec<OpenRaw>>::new();
    for o in open {
        by_key.entry(o.key.clone()).or_default().push(o);
    }
    raw.into_iter()
        .map(|c| {
            let open = by_key.remove(&c.key).unwrap_or_default();
            sum(catalogue, c, &open, zone)
        })
        .collect()
}

fn sum(catalogue: &Catalogue, c: CauseRaw, open: &[OpenRaw], zone: Zone) -> Known {
    let (red, orange) = open.iter().fold((0, 0), |(r, o), x| (r + x.red, o + x.orange));
    let instructed = open.iter().any(|o| o.version > 0);
    let said = |by: &Option<String>, at: Option<i64>| Some((by.clone()?, zone.moment(at?)));
    let row = CauseRow {
        package_name: catalogue.package_name(&c.package).to_owned(),
        title: None,
        stand: stand(&c, red, orange, instructed),
        red,
        orange,
        dossiers: open.iter().map(|o| o.dossiers).sum(),
        offices: open.iter().map(|o| o.name.clone()).collect(),
        urgent: open.iter().map(|o| o.urgent).sum(),
        first: zone.moment(c.first_at),
        last: zone.moment(c.last_at),
        trend: vec![],
        taken: said(&c.taken_by, c.taken_at),
        solved: said(&c.solved_by, c.solved_at),
        came_back: c
            .came_back_at
            .zip(c.was_solved_at)
            .map(|(back, solved)| (zone.moment(back), zone.moment(solved))),
        key: c.key,
        package: c.package,
        code: c.code,
    };
    Known {
        office_codes: open.iter().map(|o| o.office.clone()).collect(),
        oldest: open.iter().map(|o| o.oldest).min().unwrap_or(c.last_at),
        // one that waits for Support says best what Support must do
        sample: open
            .iter()
            .max_by_key(|o| (o.red > 0, Reverse(o.sample)))
            .map(|o| TaskId(o.sample)),
        row,
    }
}

fn stand(c: &CauseRaw, red: u32, orange: u32, instructed: bool) -> Stand {
    match (c.solved_at.is_some(), red, orange) {
        (true, ..) => Stand::Solved,
        (_, 0, 0) => Stand::Quiet,
        (_, 0, _) if instructed => Stand::Instructed,
        (_, 0, _) => Stand::WithOffice,
        _ if c.taken_by.is_some() => Stand::Working,
        _ => Stand::New,
    }
}

/// Whether a cause is asked for, whosever turn it is.
fn matches(k: &Known, filter: &CauseFilter, once: &HashSet<String>) -> bool {
    let text = filter.text.trim().to_lowercase();
    let row = &k.row;
    let words = [
        row.title.as_deref().unwrap_or_default(),
        &row.key,
        &row.package_name,
    ];
    let office = match k.office_codes.is_empty() {
        true => once.contains(&row.key),
        false => k.office_codes.contains(&filter.office),
    };
    (filter.package.is_empty() || row.package == filter.package)
        && (filter.office.is_empty() || office)
        && (text.is_empty() || words.iter().any(|w| w.to_lowercase().contains(&text)))
}

/// The next page in the order of `after`, or of now, and where it ends.
fn page(
    known: Vec<Known>,
    filter: &CauseFilter,
    after: Option<CausesAfter>,
    now: i64,
) -> (Vec<Known>, Option<CausesAfter>) {
    let at = after.as_ref().map_or(now, |a| a.at);
    let turns = if filter.turns.is_empty() {
        &Turn::ALL[..2]
    } else {
        &filter.turns[..]
    };
    let mut placed: Vec<(CausesAfter, Known)> = known
        .into_iter()
        .filter(|k| turns.contains(&k.row.turn()))
        .map(|k| (place(&k, at), k))
        .filter(|(p, _)| after.as_ref().is_none_or(|a| order(p) > order(a)))
        .collect();
    placed.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    let more = placed.len() > PAGE;
    placed.truncate(PAGE);
    let next = placed.last().map(|(p, _)| p.clone()).filter(|_| more);
    (placed.into_iter().map(|(_, k)| k).collect(), next)
}

fn place(k: &Known, at: i64) -> CausesAfter {
    let turn = k.row.turn();
    CausesAfter {
        at,
        calm: k.row.urgent == 0,
        turn,
        weight: match turn {
            Turn::Done => k.row.last.at / 1000,
            _ => i64::from(k.row.dossiers) * ((at - k.oldest).max(0) / 1000),
        },
        key: k.row.key.clone(),
    }
}

fn order(p: &CausesAfter) -> (bool, Turn, Reverse<i64>, &str) {
    (p.calm, p.turn, Reverse(p.weight), &p.key)
}
