//! What is wrong with the desk now (M1).

use super::Outside;
use crate::desk::watched::Stuck;
use domain::{OfficeId, TaskId, fleet::Liveness, job::OVERDUE_MS, lane::Class};
use std::collections::{BTreeMap, BTreeSet};
use store::{Result, alert::Finding, job, look::Memory, mail, state::fleet::Member, writer::Work};
use views::alerts::{AlertKind, MANY};

/// Overdue jobs that are told one by one.
const MOST_OVERDUE: u32 = 100;
/// Packages without a connector that are told one by one, of an office.
const MOST_PACKAGES: usize = 5;

/// Everything that is wrong now.
pub(super) fn look(w: &Work<'_>, outside: &mut Outside) -> Result<Vec<Finding>> {
    let mut found = vec![];
    if let Some(free) = outside.low {
        found.push(whole(AlertKind::Disk, free.to_string()));
    }
    found.extend(outside.flooded.iter().map(|office| Finding {
        kind: AlertKind::Flood,
        office: Some(*office),
        subject: String::new(),
        name: String::new(),
        detail: String::new(),
    }));
    if let Some(by) = outside.jump {
        found.push(whole(AlertKind::Clock, by.to_string()));
    }
    silent(w, &mut found);
    unaccepted(w, &mut found);
    orphaned(w, &mut found);
    overdue(w, outside.now, &mut found)?;
    unmailed(w, &mut found)?;
    let mut still = Stuck::new();
    for office in w.state.offices.keys() {
        let Some(id) = oldest_ready(w, *office) else {
            continue;
        };
        let since = match outside.stuck.get(office) {
            Some((old, since)) if *old == id => *since,
            _ => w.mono,
        };
        still.insert(*office, (id, since));
        if let Some(f) = stuck(w, *office, id, since) {
            found.push(f);
        }
    }
    outside.stuck = still;
    Ok(found)
}

/// Something that concerns the whole desk.
pub(super) fn whole(kind: AlertKind, detail: String) -> Finding {
    Finding {
        kind,
        office: None,
        subject: String::new(),
        name: String::new(),
        detail,
    }
}

fn silent(w: &Work<'_>, found: &mut Vec<Finding>) {
    for m in w.state.fleet.all() {
        let Some(office) = w.state.offices.get(&m.row.office) else {
            continue;
        };
        if w.state.fleet.liveness(m, office, w.now, w.mono) == Liveness::Silent {
            found.push(Finding {
                kind: AlertKind::SilentConnector,
                office: Some(office.id),
                subject: m.row.id.to_string(),
                name: m.row.name.clone(),
                detail: String::new(),
            });
        }
    }
}

/// Finished work that a connector cannot report (T6).
fn unaccepted(w: &Work<'_>, found: &mut Vec<Finding>) {
    let holds = |m: &&Member| m.row.hello.as_ref().is_some_and(|h| h.unaccepted_reports > 0);
    for m in w.state.fleet.all().filter(|m| !m.row.revoked).filter(holds) {
        found.push(Finding {
            kind: AlertKind::UnacceptedReports,
            office: Some(m.row.office),
            subject: m.row.id.to_string(),
            name: m.row.name.clone(),
            detail: String::new(),
        });
    }
}

/// Sorts of tasks that no connector takes. An office with many packages without one is told of all of them together.
fn orphaned(w: &Work<'_>, found: &mut Vec<Finding>) {
    let mut by_office: BTreeMap<OfficeId, Vec<(Class, usize)>> = BTreeMap::new();
    for (class, n, _) in w
        .state
        .lanes
        .backlog()
        .filter(|(class, ..)| !is_offered(w.memory(), class))
    {
        by_office.entry(class.office).or_default().push((class, n));
    }
    for (office, classes) in by_office {
        let packages: BTreeSet<u16> = classes.iter().map(|(class, _)| class.package).collect();
        if packages.len() > MOST_PACKAGES {
            found.push(many(w, office, &packages));
        } else {
            found.extend(classes.iter().map(|(class, n)| one(w, class, *n)));
        }
    }
}

fn one(w: &Work<'_>, class: &Class, n: usize) -> Finding {
    let (package, kind) = (
        w.state.packages.name(class.package),
        w.state.kinds.name(class.kind),
    );
    Finding {
        kind: AlertKind::NoConnector,
        office: Some(class.office),
        subject: match class.server {
            0 => format!("{package}/{kind}"),
            server => format!("{package}/{kind}/{server}"),
        },
        name: w.state.catalogue.package_name(package).to_owned(),
        detail: format!("{kind} {n}"),
    }
}

/// The names of the first few, and how many they are: one alert, whatever comes to them.
fn many(w: &Work<'_>, office: OfficeId, packages: &BTreeSet<u16>) -> Finding {
    let names = packages.iter().take(MOST_PACKAGES).map(|p| {
        let code = w.state.packages.name(*p);
        w.state.catalogue.package_name(code)
    });
    let detail = format!("{MANY} {}", packages.len());
    Finding {
        kind: AlertKind::NoConnector,
        office: Some(office),
        subject: MANY.into(),
        name: names.collect::<Vec<_>>().join(", "),
        detail,
    }
}

/// Jobs whose time has passed and that have not started (J27).
fn overdue(w: &Work<'_>, now: i64, found: &mut Vec<Finding>) -> Result<()> {
    for (office, id, description) in job::overdue(w.db, now - OVERDUE_MS, MOST_OVERDUE)? {
        // it waits for the desk to open
        if store::door::closed(&w.state.downtimes, Some(office), w.now).is_some() {
            continue;
        }
        found.push(Finding {
            kind: AlertKind::OverdueJob,
            office: Some(office),
            subject: id.to_string(),
            name: description,
            detail: id.to_string(),
        });
    }
    Ok(())
}

fn unmailed(w: &Work<'_>, found: &mut Vec<Finding>) -> Result<()> {
    let shut_out = mail::shut_out(w.db)?;
    found.extend(shut_out.iter().map(|office| Finding {
        kind: AlertKind::MailLogIn,
        office: Some(*office),
        subject: String::new(),
        name: String::new(),
        detail: String::new(),
    }));
    for (office, error) in mail::refused(w.db)? {
        if shut_out.contains(&office) {
            continue;
        }
        found.push(Finding {
            kind: AlertKind::Mail,
            office: Some(office),
            subject: String::new(),
            name: error,
            detail: String::new(),
        });
    }
    Ok(())
}

/// A connector of the office that is not shut out takes tasks of this sort.
pub(crate) fn is_offered(w: Memory<'_>, class: &Class) -> bool {
    let (package, kind) = (
        w.state.packages.name(class.package),
        w.state.kinds.name(class.kind),
    );
    w.state.fleet.able(class, package, kind).next().is_some()
}

/// The oldest task of an office that a connector could take now.
fn oldest_ready(w: &Work<'_>, office: OfficeId) -> Option<TaskId> {
    if store::door::closed(&w.state.downtimes, Some(office), w.now).is_some() {
        return None;
    }
    let may = |class: &Class| {
        let (package, kind) = (
            w.state.packages.name(class.package),
            w.state.kinds.name(class.kind),
        );
        w.state.fleet.able(class, package, kind).any(|m| !m.holds_back())
    };
    w.state.lanes.oldest_ready(office, may)
}

/// The same task has stood first for three polls' time, and nothing was taken meanwhile.
fn stuck(w: &Work<'_>, office: OfficeId, id: TaskId, since: u64) -> Option<Finding> {
    let patience = u64::from(w.state.offices.get(&office)?.poll_to) * 3000;
    let took = w.state.fleet.of_office(office).map(|m| m.diary.took_at).max();
    let quiet_since = since.max(took.unwrap_or(0));
    (w.mono > quiet_since + patience).then(|| Finding {
        kind: AlertKind::StuckQueue,
        office: Some(office),
        subject: String::new(),
        name: id.to_string(),
        detail: String::new(),
    })
}
