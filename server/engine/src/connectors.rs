//! The fleet: what its page shows (T17), what a queued task waits for (T16), and what those do who run the office.

use crate::{
    Engine, Result,
    dispatch::claim,
    fleet::Member,
    reading::Zone,
    secret,
    store::{
        connector::{self, ConnectorRow, Held},
        event::{self, Audit},
        fleet as rows,
        office::OfficeRow,
        read,
        state::State,
        writer::Work,
    },
    tokens::{self, Change, ENROL_MS},
    watch::is_offered,
};
use domain::{
    Caller, FieldError, OfficeId, Refusal, TaskId, Viewer,
    fleet::{Advice, Backlog, Liveness, Load, SLOT_MS, Usual, advise, missed, percentile, pick_up},
    lane::{Class, Wait},
    task::ConnectorId,
    text,
    view::{
        Expected, OfficeView, Waiting, Words,
        connectors::{ConnectorLine, Delay, Doing, FleetView, Holder, IntegrationLine, Orphans, Shown, Tick},
    },
};
use std::collections::{BTreeMap, HashMap};

/// Ready tasks before one's own are counted up to this.
const MOST_AHEAD: usize = 5_000;
/// Of what a connector carries out, so many are named.
const DOING: usize = 3;
const HOUR_MS: i64 = 3_600_000;
const WEEK_MS: i64 = 7 * 24 * HOUR_MS;
const LONGEST_KEEP_HOURS: u32 = 168;

/// A connector as the writer knows it, before names are looked up.
struct Gathered {
    line: ConnectorLine,
    doing: Vec<TaskId>,
}

/// What the writer tells of an office's fleet.
struct Fleet {
    gathered: Vec<Gathered>,
    orphans: Vec<Orphans>,
    at_work: u32,
    hands: u32,
    poll: (u32, u32),
}

impl Engine {
    /// The fleet of an office (T17).
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn fleet(&self, viewer: &Viewer, office: &OfficeView) -> Result<FleetView> {
        let (id, zone) = (office.id, Zone::of(&office.zone));
        let fleet = self.writer.run(move |w| gather(w, id, zone)).await?;
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

    /// How long tasks of a sort usually take, once that was learned.
    pub(crate) async fn usual(&self, office: OfficeId, package: &str, kind: &str) -> Result<Option<Usual>> {
        let took = rows::took(&self.readers, office, package, kind).await?;
        let (typical, slow) = (percentile(&took, 50), percentile(&took, 90));
        Ok(typical.zip(slow).map(|(typical, slow)| Usual { typical, slow }))
    }

    /// Adds a connector and gives the code that enrols it, shown this once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a name that breaks a rule or is taken.
    pub async fn new_connector(&self, by: &Viewer, office: OfficeId, name: &str) -> Result<Shown> {
        let name = checked_name(name)?;
        let (person, code) = (by.person, secret::new("nwe_"));
        let hash = secret::digest(&code);
        let named = name.clone();
        let id = self
            .writer
            .run(move |w| {
                if w.state.fleet.ever_of_office(office).any(|m| m.row.name == name) {
                    return Err(taken().into());
                }
                let id = connector::insert(w.db, office, &name)?;
                connector::add_enrol_code(w.db, &hash, id, w.now + ENROL_MS)?;
                let who = Holder::Connector(id);
                note(w, office, person, "add_connector", who, None, Some(name.clone()))?;
                w.state.fleet.add(ConnectorRow {
                    id,
                    office,
                    name: name.clone(),
                    hello: None,
                    revoked: false,
                    held: None,
                    heard_at: None,
                });
                Ok(id)
            })
            .await?;
        Ok(Shown {
            holder: Holder::Connector(id),
            name: named,
            enrols: true,
            secret: code,
        })
    }

    /// A new code that enrols a connector, shown this once.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is not there or shut out.
    pub async fn new_enrol_code(&self, by: &Viewer, office: OfficeId, id: ConnectorId) -> Result<Shown> {
        let (person, code) = (by.person, secret::new("nwe_"));
        let hash = secret::digest(&code);
        let name = self
            .writer
            .run(move |w| {
                let name = name_of(w, office, Holder::Connector(id))?;
                connector::add_enrol_code(w.db, &hash, id, w.now + ENROL_MS)?;
                note(w, office, person, "enrol", Holder::Connector(id), None, None)?;
                Ok(name)
            })
            .await?;
        Ok(Shown {
            holder: Holder::Connector(id),
            name,
            enrols: true,
            secret: code,
        })
    }

    /// Adds a system that delivers, and gives its token, shown this once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a name that breaks a rule or is taken.
    pub async fn new_integration(&self, by: &Viewer, office: OfficeId, name: &str) -> Result<Shown> {
        let name = checked_name(name)?;
        let (person, token) = (by.person, secret::new(secret::INTEGRATION));
        let hash = secret::digest(&token);
        let named = name.clone();
        let id = self
            .change_tokens(move |w| {
                if connector::integration_by_name(w.db, office, &name)?.is_some() {
                    return Err(taken().into());
                }
                let id = connector::insert_integration(w.db, office, &name)?;
                let caller = Caller::Integration { id, office };
                connector::add_token(w.db, &hash, caller)?;
                let who = Holder::Integration(id);
                note(
                    w,
                    office,
                    person,
                    "add_integration",
                    who,
                    None,
                    Some(name.clone()),
                )?;
                Ok((id, Change::Add(hash, caller)))
            })
            .await?;
        Ok(Shown {
            holder: Holder::Integration(id),
            name: named,
            enrols: false,
            secret: token,
        })
    }

    /// A new token that replaces the others; they stay valid for `keep_hours` more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is not there or shut out, [`Refusal::Invalid`] for more than a week.
    pub async fn rotate(
        &self,
        by: &Viewer,
        office: OfficeId,
        holder: Holder,
        keep_hours: u32,
    ) -> Result<Shown> {
        if keep_hours > LONGEST_KEEP_HOURS {
            let message = format!("must be 0 to {LONGEST_KEEP_HOURS}");
            return Err(Refusal::field("keep_hours", message).into());
        }
        let (person, caller) = (by.person, caller(office, holder));
        let secret = secret::new(tokens::kind(caller));
        let hash = secret::digest(&secret);
        let name = self
            .change_tokens(move |w| {
                let name = name_of(w, office, holder)?;
                let after = Some(format!("{keep_hours} h"));
                note(w, office, person, "rotate", holder, None, after)?;
                let keep_ms = i64::from(keep_hours) * HOUR_MS;
                Ok((name, tokens::replace(w, caller, &hash, keep_ms)?))
            })
            .await?;
        Ok(Shown {
            holder,
            name,
            enrols: false,
            secret,
        })
    }

    /// Shuts a connector or an integration out, with effect on its next call.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is not there or shut out already.
    pub async fn shut_out(&self, by: &Viewer, office: OfficeId, holder: Holder) -> Result<()> {
        let person = by.person;
        self.change_tokens(move |w| {
            let name = name_of(w, office, holder)?;
            note(w, office, person, "revoke", holder, Some(name), None)?;
            Ok(((), tokens::forget(w, caller(office, holder))?))
        })
        .await
    }

    /// Holds a connector back with a reason: what it has it finishes, nothing new is handed to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`] without a reason.
    pub async fn hold(&self, by: &Viewer, office: OfficeId, id: ConnectorId, reason: &str) -> Result<()> {
        let mut errors: Vec<FieldError> = vec![];
        let reason = reason.trim().to_owned();
        text::check(&mut errors, "reason", &reason, 500);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let (person, by) = (by.person, by.name.clone());
        self.writer
            .run(move |w| {
                name_of(w, office, Holder::Connector(id))?;
                let held = Held {
                    by: by.clone(),
                    reason: reason.clone(),
                    at: w.now,
                };
                let before = held_of(w, id).map(|h| h.reason);
                rows::save_held(w.db, id, Some(&held))?;
                let (who, after) = (Holder::Connector(id), Some(reason.clone()));
                note(w, office, person, "hold", who, before, after)?;
                set_held(w, id, Some(held));
                Ok(())
            })
            .await
    }

    /// Lets a connector that was held back go on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::WrongState`] when nobody holds it.
    pub async fn let_go(&self, by: &Viewer, office: OfficeId, id: ConnectorId) -> Result<()> {
        let person = by.person;
        self.writer
            .run(move |w| {
                name_of(w, office, Holder::Connector(id))?;
                let held = held_of(w, id)
                    .ok_or_else(|| Refusal::WrongState("Nobody holds this connector back.".into()))?;
                rows::save_held(w.db, id, None)?;
                let (who, before) = (Holder::Connector(id), Some(held.reason));
                note(w, office, person, "let_go", who, before, None)?;
                set_held(w, id, None);
                Ok(())
            })
            .await
    }
}

fn checked_name(name: &str) -> Result<String> {
    let mut errors: Vec<FieldError> = vec![];
    text::check(&mut errors, "name", name.trim(), 100);
    if errors.is_empty() {
        Ok(name.trim().to_owned())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

fn taken() -> Refusal {
    Refusal::field("name", "is taken in this office")
}

fn caller(office: OfficeId, holder: Holder) -> Caller {
    match holder {
        Holder::Connector(id) => Caller::Connector { id, office },
        Holder::Integration(id) => Caller::Integration { id, office },
    }
}

/// The name of what stands in this office and is not shut out.
fn name_of(w: &Work<'_>, office: OfficeId, holder: Holder) -> Result<String> {
    let name = match holder {
        Holder::Connector(id) => {
            let mut fleet = w.state.fleet.of_office(office);
            fleet.find(|m| m.row.id == id).map(|m| m.row.name.clone())
        }
        Holder::Integration(id) => rows::integration(w.db, office, id)?,
    };
    name.ok_or(Refusal::NotFound.into())
}

fn held_of(w: &Work<'_>, id: ConnectorId) -> Option<Held> {
    w.state.fleet.get(id)?.row.held.clone()
}

fn set_held(w: &mut Work<'_>, id: ConnectorId, held: Option<Held>) {
    if let Some(m) = w.state.fleet.get_mut(id) {
        m.row.held = held;
    }
}

fn note(
    w: &Work<'_>,
    office: OfficeId,
    person: i64,
    what: &str,
    holder: Holder,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let subject = match holder {
        Holder::Connector(id) => format!("connector {id}"),
        Holder::Integration(id) => format!("integration {id}"),
    };
    let audit = Audit {
        office: Some(office),
        person,
        what,
        subject,
        before,
        after,
    };
    event::audit(w.db, w.now, &audit)
}

/// Whether there are enough, beside the other work: a week is replayed three times.
async fn judge(load: Vec<Load>, fleet: &Fleet) -> Advice {
    let (n, poll, hands) = (fleet.at_work, fleet.poll, fleet.hands);
    tokio::task::spawn_blocking(move || advise(&load, n, poll, hands))
        .await
        .unwrap_or(Advice::TooEarly)
}

fn gather(w: &mut Work<'_>, office: OfficeId, zone: Zone) -> Result<Fleet> {
    let row = w.state.offices.get(&office).cloned().ok_or(Refusal::NotFound)?;
    let ids: Vec<ConnectorId> = w.state.fleet.ever_of_office(office).map(|m| m.row.id).collect();
    let newest = newest(w, office);
    let running = running(w, office);
    let mut gathered = vec![];
    for id in ids {
        let classes = classes(w, id);
        let mut line = line(w, id, &row, zone, &classes)?;
        line.outdated = !line.version.is_empty() && version(&line.version) < newest;
        let doing = running.get(&id).into_iter().flatten().take(DOING).copied();
        gathered.push(Gathered {
            line,
            doing: doing.collect(),
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
        orphans: orphans(w, office)?,
        at_work,
        hands: hands.checked_div(at_work).unwrap_or(1).max(1),
        poll: (row.poll_from, row.poll_to),
        gathered,
    })
}

fn line(
    w: &Work<'_>,
    id: ConnectorId,
    office: &OfficeRow,
    zone: Zone,
    classes: &[Class],
) -> Result<ConnectorLine> {
    let fleet = &w.state.fleet;
    let m = fleet.get(id).ok_or(Refusal::NotFound)?;
    let contact = fleet.contact(m, office, w.now, w.mono);
    let age = contact.age.unwrap_or(0);
    let (waiting, oldest) = backlog(w, classes)?;
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
        waiting,
        oldest: oldest.map(|at| (w.now - at).max(0)),
        version: hello.map(|h| h.version.clone()).unwrap_or_default(),
        packages: hello.map(|h| h.packages.clone()).unwrap_or_default(),
        kinds: hello.map(|h| h.kinds.clone()).unwrap_or_default(),
        errors: m.diary.failures(w.mono),
        held: m.row.held.as_ref().map(|h| Words {
            by: h.by.clone(),
            text: h.reason.clone(),
            at: zone.moment(h.at),
        }),
        outdated: false,
    })
}

/// Queued tasks of these sorts, and when the oldest was delivered.
fn backlog(w: &Work<'_>, classes: &[Class]) -> Result<(u64, Option<i64>)> {
    let mut waiting = 0;
    let mut first = None::<TaskId>;
    for (_, n, oldest) in w.state.lanes.backlog().filter(|(c, ..)| classes.contains(c)) {
        waiting += n as u64;
        first = Some(first.map_or(oldest, |f| f.min(oldest)));
    }
    let at = match first {
        Some(id) => rows::delivered(w.db, id)?,
        None => None,
    };
    Ok((waiting, at))
}

fn orphans(w: &Work<'_>, office: OfficeId) -> Result<Vec<Orphans>> {
    let mut all = vec![];
    for (class, n, oldest) in w.state.lanes.backlog() {
        if class.office != office || is_offered(w, &class) {
            continue;
        }
        let at = rows::delivered(w.db, oldest)?.unwrap_or(w.now);
        let package = w.state.packages.name(class.package);
        all.push(Orphans {
            package: w.state.catalogue.package_name(package).to_owned(),
            kind: w.state.kinds.name(class.kind).to_owned(),
            waiting: n as u64,
            oldest,
            age: (w.now - at).max(0),
        });
    }
    all.sort_by_key(|o| o.oldest);
    Ok(all)
}

/// Tasks under lease in an office, by who holds them, oldest first.
fn running(w: &Work<'_>, office: OfficeId) -> HashMap<ConnectorId, Vec<TaskId>> {
    let mut by: HashMap<ConnectorId, Vec<TaskId>> = HashMap::new();
    for (id, slot) in w.state.lanes.running().filter(|(_, s)| s.class.office == office) {
        by.entry(slot.holder).or_default().push(id);
    }
    by.values_mut().for_each(|ids| ids.sort_unstable());
    by
}

/// What a connector can take.
fn classes(w: &mut Work<'_>, id: ConnectorId) -> Vec<Class> {
    let State {
        fleet,
        packages,
        kinds,
        ..
    } = &mut *w.state;
    fleet
        .get_mut(id)
        .map(|m| m.classes(packages, kinds).to_vec())
        .unwrap_or_default()
}

/// The latest version among the connectors of an office.
fn newest(w: &Work<'_>, office: OfficeId) -> Vec<u64> {
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

/// When a connector comes next, in seconds from now, at the earliest and latest.
fn visit(w: &Work<'_>, m: &Member, office: &OfficeRow) -> (u32, u32) {
    let since = ((w.mono - m.heard.min(w.mono)) / 1000) as u32;
    let (from, to) = if m.heard == 0 {
        (0, office.poll_to)
    } else {
        (office.poll_from, office.poll_to)
    };
    if m.hangs_until > w.mono {
        return (0, 1);
    }
    (from.saturating_sub(since), to.saturating_sub(since).max(1))
}

/// Why a queued task waits, and when it is expected to be picked up (T16).
pub(crate) fn wait_of(
    w: &mut Work<'_>,
    id: TaskId,
    usual: Option<Usual>,
) -> (Option<Waiting>, Option<Expected>) {
    let (Some(wait), Some(slot)) = (w.state.lanes.wait(id), w.state.lanes.slot(id).copied()) else {
        return (None, None);
    };
    let Some(office) = w.state.offices.get(&slot.class.office).cloned() else {
        return (None, None);
    };
    let able = able(w, &slot.class);
    if able.is_empty() {
        return (Some(Waiting::NoConnector), None);
    }
    if wait == Wait::NextVisit && !claim::is_granted(w.state, &slot.class, w.now) {
        return (Some(Waiting::Closed), None);
    }
    let fleet = &w.state.fleet;
    let member = |id: &ConnectorId| fleet.get(*id);
    let free: Vec<&Member> = able
        .iter()
        .filter_map(member)
        .filter(|m| !m.holds_back())
        .collect();
    let is_awake = |m: &&Member| fleet.liveness(m, &office, w.now, w.mono) != Liveness::Silent;
    let awake: Vec<&Member> = free.iter().copied().filter(is_awake).collect();
    // one that a person holds, or that ends what it has before it stops
    let held = free.is_empty() && able.iter().filter_map(member).any(|m| is_awake(&m));
    if wait == Wait::NextVisit && held {
        return (Some(Waiting::OnHold), None);
    }
    if wait == Wait::NextVisit && awake.is_empty() {
        let ages = able
            .iter()
            .filter_map(member)
            .filter(|m| free.is_empty() || !m.holds_back())
            .filter_map(|m| fleet.contact(m, &office, w.now, w.mono).age);
        let seconds = ages.min().unwrap_or(0) / 1000;
        return (Some(Waiting::Asleep(seconds as u32)), None);
    }
    let visit = awake.iter().map(|m| visit(w, m, &office)).min();
    let waiting = Waiting::from_lane(wait, visit.or(Some((0, office.poll_to))), w.mono);
    let hands: u32 = awake.iter().map(|m| hands_of(m)).sum();
    let busy: u32 = awake.iter().map(|m| m.running.min(hands_of(m))).sum();
    let ids: Vec<ConnectorId> = awake.iter().map(|m| m.row.id).collect();
    let expected = visit.and_then(|visit| {
        let b = Backlog {
            ahead: ahead(w, &ids, id),
            hands,
            free: hands - busy,
        };
        expect(w, id, wait, visit, &office, b, usual)
    });
    (Some(waiting), expected)
}

fn hands_of(m: &Member) -> u32 {
    m.row.hello.as_ref().map_or(1, |h| h.max_parallel)
}

/// Connectors of the office that take tasks of this sort.
fn able(w: &Work<'_>, class: &Class) -> Vec<ConnectorId> {
    let (package, kind) = (
        w.state.packages.name(class.package),
        w.state.kinds.name(class.kind),
    );
    w.state
        .fleet
        .able(class, package, kind)
        .map(|m| m.row.id)
        .collect()
}

/// Ready tasks that these connectors take before `id`.
fn ahead(w: &mut Work<'_>, connectors: &[ConnectorId], id: TaskId) -> u32 {
    let mut all: Vec<Class> = connectors.iter().flat_map(|c| classes(w, *c)).collect();
    all.sort_unstable();
    all.dedup();
    w.state.lanes.ready_before(id, &all, MOST_AHEAD) as u32
}

fn expect(
    w: &Work<'_>,
    id: TaskId,
    wait: Wait,
    visit: (u32, u32),
    office: &OfficeRow,
    b: Backlog,
    usual: Option<Usual>,
) -> Option<Expected> {
    let poll = (office.poll_from, office.poll_to);
    let (from, to) = match wait {
        Wait::NextVisit => pick_up(visit, poll, b, usual),
        Wait::Resting(until) => {
            let rest = (until.saturating_sub(w.mono) / 1000) as u32;
            (rest.max(visit.0), rest + poll.1)
        }
        // one after the other: each waits for the end of the one before, and for a visit
        Wait::DossierBusy(_) | Wait::Behind(_) => {
            let before = w.state.lanes.place(id)?;
            let (quick, slow) = usual.map_or((0, 0), |u| (u.typical / 1000, u.slow / 1000));
            let from = u64::from(before - 1) * u64::from(poll.0).max(quick);
            let to = u64::from(before) * u64::from(poll.1).max(slow);
            (visit.0 + from as u32, visit.1 + to as u32)
        }
        Wait::HeldBy(_) | Wait::ForEarlier => return None,
    };
    Some(Expected {
        from,
        to,
        ahead: if wait == Wait::NextVisit { b.ahead } else { 0 },
        usual: usual.map(|u| u.typical),
    })
}
