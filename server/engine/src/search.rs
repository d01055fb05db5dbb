//! Finding any dossier, task, person, connector or instruction by name, as far as the reader may see it (C8).

use crate::Engine;
use domain::{Role, TaskId, Viewer, dossier::Activation, instruction::Instruction};
use serde_json::Map;
use store::{
    Result, read,
    search::{self, MOST},
    zone::Zone,
};
use views::{
    OfficeView,
    search::{Found, Hit, Thing},
};

/// Longest text that is looked for, in characters.
const LONGEST: usize = 200;
/// Tasks shown before anything is typed.
const AT_FIRST: u32 = 5;

impl Engine {
    /// What `typed` finds. Nothing typed finds the newest tasks that stopped.
    pub async fn search(&self, viewer: &Viewer, office: &OfficeView, typed: &str) -> Result<Found> {
        let typed: String = typed
            .trim()
            .chars()
            .filter(|c| *c != '\0')
            .take(LONGEST)
            .collect();
        let mut hits = vec![];
        if typed.is_empty() {
            let ids = search::stopped(&self.readers, office.id, viewer, AT_FIRST).await?;
            hits = self.task_hits(viewer, office, ids).await?;
        } else {
            hits.extend(self.dossier_hits(viewer, office, &typed).await?);
            let ids = self.tasks_with(viewer, office, &typed).await?;
            hits.extend(self.task_hits(viewer, office, ids).await?);
            hits.extend(self.other_hits(viewer, office, &typed).await?);
        }
        Ok(Found {
            role: viewer.role,
            hits,
        })
    }

    async fn dossier_hits(&self, viewer: &Viewer, office: &OfficeView, typed: &str) -> Result<Vec<Hit>> {
        let Some(query) = search::full_text(typed, 1) else {
            return Ok(vec![]);
        };
        let rows = search::dossiers(&self.readers, office.id, viewer, typed, &query).await?;
        let catalogue = self.catalogue();
        let hit = |(code, name, package, stage): (String, String, String, String)| {
            let detail = format!("{code} · {}", catalogue.package_name(&package));
            let stage = Some(stage).filter(|s| *s != Activation::Active.key());
            Hit {
                kind: stage,
                ..plain(Thing::Dossier, code, name, detail)
            }
        };
        Ok(rows.into_iter().map(hit).collect())
    }

    /// Numbers of tasks: the one of this number or key first, then the newest with the words. `#12` is a
    /// number and nothing else.
    async fn tasks_with(&self, viewer: &Viewer, office: &OfficeView, typed: &str) -> Result<Vec<i64>> {
        if let Some(number) = typed.strip_prefix('#').and_then(|n| n.parse().ok()) {
            return Ok(vec![number]);
        }
        let mut ids: Vec<i64> = vec![];
        ids.extend(typed.parse::<i64>().ok());
        ids.extend(search::task_of_key(&self.readers, office.id, typed).await?);
        // whole words first: they are read newest first until there are enough, while beginnings of words must all
        // be gathered before the first is known
        for whole in [usize::MAX, 2] {
            if ids.len() < MOST as usize
                && let Some(query) = search::full_text(typed, whole)
            {
                ids.extend(search::tasks(&self.readers, office.id, viewer, &query).await?);
            }
        }
        Ok(ids)
    }

    /// Lines of those of the tasks that the viewer sees, in this order.
    async fn task_hits(&self, viewer: &Viewer, office: &OfficeView, ids: Vec<i64>) -> Result<Vec<Hit>> {
        let (mut hits, zone): (Vec<Hit>, _) = (vec![], Zone::of(&office.zone));
        for id in ids {
            let key = id.to_string();
            if hits.len() >= MOST as usize || hits.iter().any(|h| h.key == key) {
                continue;
            }
            if let Some(raw) = read::task(&self.readers, office.id, Some(viewer), TaskId(id)).await? {
                let row = self.row(&raw, viewer, zone);
                hits.push(Hit {
                    thing: Thing::Task,
                    key,
                    title: row.subject.unwrap_or_default(),
                    detail: format!("{} · {}", row.dossier_name, row.package),
                    kind: Some(row.kind),
                    state: Some(row.state),
                });
            }
        }
        Ok(hits)
    }

    async fn other_hits(&self, viewer: &Viewer, office: &OfficeView, typed: &str) -> Result<Vec<Hit>> {
        let mut hits = vec![];
        if viewer.runs_office() {
            for (name, email, _) in search::people(&self.readers, office.id, typed).await? {
                hits.push(plain(Thing::Person, email.clone(), name, email));
            }
        }
        if viewer.role.sets_up_jobs() {
            for (id, description, kind) in search::jobs(&self.readers, office.id, typed).await? {
                let mut hit = plain(Thing::Job, id.to_string(), description, id.to_string());
                hit.kind = Some(kind);
                hits.push(hit);
            }
        }
        if viewer.role.sets_up_jobs() {
            for (name, version) in search::connectors(&self.readers, office.id, typed).await? {
                hits.push(plain(
                    Thing::Connector,
                    name.clone(),
                    name,
                    version.unwrap_or_default(),
                ));
            }
        }
        if viewer.role == Role::Support {
            let catalogue = self.catalogue();
            for (key, package, code) in search::causes(&self.readers, typed).await? {
                let package = catalogue.package_name(&package).to_owned();
                hits.push(plain(Thing::Cause, key, code, package));
            }
            hits.extend(instruction_hits(catalogue.instructions.iter(), viewer, typed));
        }
        Ok(hits)
    }
}

fn plain(thing: Thing, key: String, title: String, detail: String) -> Hit {
    Hit {
        thing,
        key,
        title,
        detail,
        kind: None,
        state: None,
    }
}

/// Instructions with each of the words in their title, code or package; the title is that of the example.
fn instruction_hits<'a>(
    all: impl Iterator<Item = &'a Instruction>,
    viewer: &Viewer,
    typed: &str,
) -> Vec<Hit> {
    let typed = typed.to_lowercase();
    let hit = |i: &Instruction| {
        let params: Map<_, _> = i
            .params
            .iter()
            .map(|p| (p.name.clone(), p.example.clone()))
            .collect();
        let title = i.render(&params, viewer.language).title;
        let text = format!("{title} {} {}", i.code, i.package_name).to_lowercase();
        let key = format!("{}/{}", i.package, i.code);
        let detail = format!("{} · {}", i.package_name, i.code);
        typed
            .split_whitespace()
            .all(|w| text.contains(w))
            .then(|| plain(Thing::Instruction, key, title, detail))
    };
    let mut hits: Vec<Hit> = all.filter_map(hit).collect();
    hits.sort_by(|a, b| a.title.cmp(&b.title));
    hits.truncate(MOST as usize);
    hits
}
