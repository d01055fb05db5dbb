//! What the page of the fleet shows (T17).

use crate::{
    Engine,
    tasks::waiting::{classes, visit},
    watch::is_offered,
};
use domain::{
    OfficeId, Refusal, TaskId, Viewer,
    fleet::{Advice, Liveness, Load, SLOT_MS, advise, missed, percentile},
    lane::Class,
    task::ConnectorId,
};
use std::collections::{BTreeMap, HashMap};
use store::{
    Error, Result,
    clock::HOUR_MS,
    fleet as rows,
    look::{Look, Memory},
    office::OfficeRow,
    read,
    zone::Zone,
};
use views::{
    OfficeView, Words,
    connectors::{ConnectorLine, Delay, Doing, FleetView, IntegrationLine, Orphans, Tick},
};

/// Of what a connector carries out, so many are named.
const DOING: usize = 3;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;

/// A connector as memory has it, before names are looked up.
struct Gathered {
    line: ConnectorLine,
    doing: Vec<TaskId>,
    /// The oldest task that it can take.
    oldest: Option<TaskId>,
}

/// What memory tells of an office's fleet.
struct Fleet {
    gathered: Vec<Gathered>,
    orphans: Vec<Orphans>,
    at_work: u32,
    hands: u32,
    poll: (u32, u32),
}

impl Fleet {
    /// Says how long ago what waits was delivered.
    fn date(&mut self, w: Look<'_>) -> Result<()> {
        let age = |id: TaskId| Ok::<_, Error>(rows::delivered(w.db, id)?.map(|at| (w.now - at).max(0)));
        for g in &mut self.gathered {
            g.line.oldest = g.oldest.map(age).transpose()?.flatten();
        }
        for o in &mut self.orphans {
            o.age = age(o.oldest)?.unwrap_or(0);
        }
        Ok(())
    }
}

impl Engine {
    /// The fleet of an office (T17).
    pub async fn fleet(&self, viewer: &Viewer, office: &OfficeView) -> Result<FleetView> {
        let (id, zone) = (office.id, Zone::of(&office.zone));
        let mut fleet = self.writer.memory(move |m| gather(m, id, zone)).await??;
        let fleet = self.look(move |w| fleet.date(w).map(|()| fleet)).await?;
        let now = self.now();
        let load = rows::load(&self.readers, id, (now - WEEK_MS) / SLOT_MS).await?;
        let advice = judge(load, &fleet).await;
        let integrations = if viewer.runs_office() {
            rows::integrations(&self.readers, id).await?
        } else {
            vec![]
        };
        Ok(FleetView {
            delays: self.delays(id, zone, now).await?,
            connectors: self.with_names(fleet.gathered).await?,
            orphans: fleet.orphans,
            advice_at: match advice {
                Advice::OneMore { at, .. } => Some(zone.moment(at)),
                _ => None,
            },
            advice,
            integrations: integrations
                .into_iter()
                .map(|(id, name, revoked)| IntegrationLine {
                    id,
                    name,
                    revoked: revoked.map(|at| zone.moment(at)),
                })
                .collect(),
            may_run: viewer.runs_office(),
        })
    }

    /// Puts words to what runs, and the packages' names.
    async fn with_names(&self, gathered: Vec<Gathered>) -> Result<Vec<ConnectorLine>> {
        let ids: Vec<TaskId> = gathered.iter().flat_map(|g| g.doing.clone()).collect();
        let raw = read::tasks_by_id(&self.readers, &ids).await?;
        let raw: HashMap<TaskId, _> = raw.into_iter().map(|r| (TaskId(r.id), r)).collect();
        let catalogue = self.catalogue();
        let named = gathered.into_iter().map(|g| {
            let doing = g.doing.iter().filter_map(|t| {
                let r = raw.get(t)?;
                Some(Doing {
                    task: *t,
                    kind: r.kind.clone(),
                    dossier: r.name.clone(),
                })
            });
            ConnectorLine {
                doing: doing.collect(),
                packages: g
                    .line
                    .packages
                    .iter()
                    .map(|p| catalogue.package_name(p).to_owned())
                    .collect(),
                ..g.line
            }
        });
        Ok(named.collect())
    }

    async fn delays(&self, office: OfficeId, zone: Zone, now: i64) -> Result<Vec<Delay>> {
        let rows = rows::waited(&self.readers, office, now / HOUR_MS - 23).await?;
        let mut hours: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
        for (hour, bucket, n) in rows {
            hours.entry(hour).or_default().push((bucket, n));
        }
        let delay = |(hour, histogram): (i64, Vec<(i64, i64)>)| {
            Some(Delay {
                hour: zone.moment(hour * HOUR_MS),
                typical: percentile(&histogram, 50)?,
                slow: percentile(&histogram, 90)?,
            })
        };
        Ok(hours.into_iter().filter_map(delay).collect())
    }
}

/// Whether there are enough, beside the other work: a week is replayed three times.
async fn judge(load: Vec<Load>, fleet: &Fleet) -> Advice {
    let (n, poll, hands) = (fleet.at_work, fleet.poll, fleet.hands);
    tokio::task::spawn_blocking(move || advise(&load, n, poll, hands))
        .await
        .unwrap_or(Advice::TooEarly)
}

fn gather(w: Memory<'_>, office: OfficeId, zone: Zone) -> Result<Fleet> {
    let row = w.state.offices.get(&office).cloned().ok_or(Refusal::NotFound)?;
    let ids: Vec<ConnectorId> = w.state.fleet.ever_of_office(office).map(|m| m.row.id).collect();
    let newest = newest(w, office);
    let running = running(w, office);
    let mut gathered = vec![];
    for id in ids {
        let classes = classes(w, id);
        let (waiting, oldest) = backlog(w, &classes);
        let mut line = line(w, id, &row, zone)?;
        line.waiting = waiting;
        line.outdated = !line.version.is_empty() && version(&line.version) < newest;
        let doing = running.get(&id).into_iter().flatten().take(DOING).copied();
        gathered.push(Gathered {
            line,
            doing: doing.collect(),
            oldest,
        });
    }
    let order = |l: Liveness| Liveness::ALL.iter().position(|o| *o == l);
    gathered
        .sort_by(|a, b| (order(a.line.liveness), &a.line.name).cmp(&(order(b.line.liveness), &b.line.name)));
    let fit = |g: &&Gathered| {
        matches!(
            g.line.liveness,
            Liveness::Idle | Liveness::Working | Liveness::Late
        )
    };
    let at_work = gathered.iter().filter(fit).count() as u32;
    let hands: u32 = gathered.iter().filter(fit).map(|g| g.line.hands).sum();
    Ok(Fleet {
        orphans: orphans(w, office),
        at_work,
        hands: hands.checked_div(at_work).unwrap_or(1).max(1),
        poll: (row.poll_from, row.poll_to),
        gathered,
    })
}

fn line(w: Memory<'_>, id: ConnectorId, office: &OfficeRow, zone: Zone) -> Result<ConnectorLine> {
    let fleet = &w.state.fleet;
    let m = fleet.get(id).ok_or(Refusal::NotFound)?;
    let contact = fleet.contact(m, office, w.now, w.mono);
    let age = contact.age.unwrap_or(0);
    let hello = m.row.hello.as_ref();
    Ok(ConnectorLine {
        id,
        name: m.row.name.clone(),
        liveness: fleet.liveness(m, office, w.now, w.mono),
        heard: (m.heard_at > 0).then(|| zone.moment(m.heard_at)),
        // for people the wall clock counts, also over a restart
        age: if m.heard == 0 {
            w.now.saturating_sub(m.heard_at).max(0) as u64
        } else {
            age
        },
        missed: missed(age, office.poll_to),
        next: visit(w, m, office),
        ticks: m
            .diary
            .ticks(w.mono)
            .map(|(ago, taken)| Tick {
                ago: ago as u16,
                taken,
            })
            .collect(),
        doing: vec![],
        running: m.running,
        hands: hello.map_or(1, |h| h.max_parallel),
        waiting: 0,
        oldest: None,
        version: hello.map(|h| h.version.clone()).unwrap_or_default(),
        packages: hello.map(|h| h.packages.clone()).unwrap_or_default(),
        kinds: hello.map(|h| h.kinds.clone()).unwrap_or_default(),
        errors: m.diary.failures(w.mono),
        unaccepted: hello.map_or(0, |h| h.unaccepted_reports),
        held: m.row.held.as_ref().map(|h| Words {
            by: h.by.clone(),
            text: h.reason.clone(),
            at: zone.moment(h.at),
        }),
        outdated: false,
    })
}

/// Queued tasks of these sorts, and the oldest.
fn backlog(w: Memory<'_>, classes: &[Class]) -> (u64, Option<TaskId>) {
    let (mut waiting, mut first) = (0, None::<TaskId>);
    for (_, n, oldest) in w.state.lanes.backlog().filter(|(c, ..)| classes.contains(c)) {
        waiting += n as u64;
        first = Some(first.map_or(oldest, |f| f.min(oldest)));
    }
    (waiting, first)
}

fn orphans(w: Memory<'_>, office: OfficeId) -> Vec<Orphans> {
    let mut all = vec![];
    for (class, n, oldest) in w.state.lanes.backlog() {
        if class.office != office || is_offered(w, &class) {
            continue;
        }
        let package = w.state.packages.name(class.package);
        all.push(Orphans {
            package: w.state.catalogue.package_name(package).to_owned(),
            kind: w.state.kinds.name(class.kind).to_owned(),
            waiting: n as u64,
            oldest,
            age: 0,
        });
    }
    all.sort_by_key(|o| o.oldest);
    all
}

/// Tasks under lease in an office, by who holds them, oldest first.
fn running(w: Memory<'_>, office: OfficeId) -> HashMap<ConnectorId, Vec<TaskId>> {
    let mut by: HashMap<ConnectorId, Vec<TaskId>> = HashMap::new();
    for (id, slot) in w.state.lanes.running().filter(|(_, s)| s.class.office == office) {
        by.entry(slot.holder).or_default().push(id);
    }
    by.values_mut().for_each(|ids| ids.sort_unstable());
    by
}

/// The latest version among the connectors of an office.
fn newest(w: Memory<'_>, office: OfficeId) -> Vec<u64> {
    let hellos = w
        .state
        .fleet
        .of_office(office)
        .filter_map(|m| m.row.hello.as_ref());
    hellos.map(|h| version(&h.version)).max().unwrap_or_default()
}

/// A version as numbers that can be compared.
fn version(text: &str) -> Vec<u64> {
    text.split(['.', '-', '+'])
        .map_while(|p| p.parse().ok())
        .collect()
}
