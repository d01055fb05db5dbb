//! Why a queued task waits, and until when it is expected to (T16).

use super::dispatch::claim;
use crate::Engine;
use domain::{
    OfficeId, TaskId,
    fleet::{Backlog, Liveness, Usual, percentile, pick_up},
    lane::{Class, Wait},
    task::ConnectorId,
};
use store::{Result, fleet as rows, look::Memory, office::OfficeRow, state::fleet::Member};
use views::{Expected, Waiting};

/// Ready tasks before one's own are counted up to this.
const MOST_AHEAD: usize = 5_000;

impl Engine {
    /// How long tasks of a sort usually take, once that was learned.
    pub(crate) async fn usual(&self, office: OfficeId, package: &str, kind: &str) -> Result<Option<Usual>> {
        let took = rows::took(&self.readers, office, package, kind).await?;
        let (typical, slow) = (percentile(&took, 50), percentile(&took, 90));
        Ok(typical.zip(slow).map(|(typical, slow)| Usual { typical, slow }))
    }
}

/// What a connector can take.
pub(crate) fn classes(w: Memory<'_>, id: ConnectorId) -> Vec<Class> {
    let m = w.state.fleet.get(id);
    m.map(|m| m.can_take(&w.state.packages, &w.state.kinds))
        .unwrap_or_default()
}

/// After how many seconds a connector comes again, at the earliest and latest.
fn rhythm(m: &Member, office: &OfficeRow) -> (u32, u32) {
    if m.long_polls {
        (0, 1)
    } else {
        (office.poll_from, office.poll_to)
    }
}

/// When a connector comes next, in seconds from now, at the earliest and latest.
pub(crate) fn visit(w: Memory<'_>, m: &Member, office: &OfficeRow) -> (u32, u32) {
    let since = ((w.mono - m.heard.min(w.mono)) / 1000) as u32;
    let (from, to) = if m.heard == 0 {
        (0, office.poll_to)
    } else {
        rhythm(m, office)
    };
    if m.hangs_until > w.mono {
        return (0, 1);
    }
    (from.saturating_sub(since), to.saturating_sub(since).max(1))
}

/// Why a queued task waits, and when it is expected to be picked up (T16).
pub(crate) fn wait_of(
    w: Memory<'_>,
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
    if wait == Wait::NextVisit && !claim::is_granted(w.state, id, &slot.class, w.now) {
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
    let hands: u32 = awake.iter().map(|m| hands_of(m)).sum();
    let busy: u32 = awake.iter().map(|m| m.running.min(hands_of(m))).sum();
    let ids: Vec<ConnectorId> = awake.iter().map(|m| m.row.id).collect();
    let poll = awake.iter().map(|m| rhythm(m, &office)).min();
    let expected = visit.zip(poll).and_then(|(visit, poll)| {
        let b = Backlog {
            ahead: ahead(w, &ids, id),
            hands,
            free: hands - busy,
        };
        expect(w, id, wait, visit, poll, b, usual)
    });
    // whoever waits for others of the same connectors is not taken at their next visit
    let taken = expected.map(|e| (e.from, e.to)).or(visit);
    let waiting = match Waiting::from_lane(wait, taken.or(Some((0, office.poll_to))), w.mono) {
        Waiting::Resting(s) if slot.life.releases > 0 => Waiting::GivenBack(s),
        waiting => waiting,
    };
    (Some(waiting), expected)
}

fn hands_of(m: &Member) -> u32 {
    m.row.hello.as_ref().map_or(1, |h| h.max_parallel)
}

/// Connectors of the office that take tasks of this sort.
fn able(w: Memory<'_>, class: &Class) -> Vec<ConnectorId> {
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
fn ahead(w: Memory<'_>, connectors: &[ConnectorId], id: TaskId) -> u32 {
    let mut all: Vec<Class> = connectors.iter().flat_map(|c| classes(w, *c)).collect();
    all.sort_unstable();
    all.dedup();
    w.state.lanes.ready_before(id, &all, MOST_AHEAD) as u32
}

fn expect(
    w: Memory<'_>,
    id: TaskId,
    wait: Wait,
    visit: (u32, u32),
    poll: (u32, u32),
    b: Backlog,
    usual: Option<Usual>,
) -> Option<Expected> {
    let (from, to) = match wait {
        Wait::NextVisit => pick_up(visit, poll, b, usual),
        Wait::Resting(until) => {
            let rest = (until.saturating_sub(w.mono) / 1000) as u32;
            (rest.max(visit.0), rest + poll.1)
        }
        // one after the other: each waits for the end of the one before, for a visit, and for other dossiers' tasks
        Wait::DossierBusy(_) | Wait::Behind(_) => {
            let before = w.state.lanes.place(id)?;
            let (quick, slow) = usual.map_or((0, 0), |u| (u.typical / 1000, u.slow / 1000));
            let round = u64::from(b.ahead / b.hands.max(1) + 1);
            let from = u64::from(before - 1) * u64::from(poll.0).max(quick);
            let to = u64::from(before) * u64::from(poll.1).max(slow * round);
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
