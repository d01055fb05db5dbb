//! The demo's second accounting office: the jobs of a program server as a real office kept them, with its companies, a
//! fortnight of runs, and the contradictions of its own plan: an invoice status at the hour of the backup, a posting on
//! the grid of another, and Nets jobs that do not fit their hour.

use chrono::NaiveDate;
use domain::{
    OfficeId, Viewer,
    job::{Counted, JobForm, JobId, JobKind, Place, RunState},
    schedule::{Clock, Every, Schedule, Weekday},
};
use engine::{Engine, Result, jobs::PastRun};
use std::collections::BTreeMap;
use views::jobs::JobVerb;

/// Code and name of its companies. The first and 75 are large.
pub const COMPANIES: [(&str, &str); 12] = [
    ("1", "Sørlandet Kommune"),
    ("2", "Havna Drift KF"),
    ("3", "Kulturhuset KF"),
    ("4", "Parkering KF"),
    ("5", "Boligselskapet AS"),
    ("6", "Skolebygg AS"),
    ("7", "Idrettshallen AS"),
    ("8", "Biblioteket KF"),
    ("75", "Avfall Sør AS"),
    ("80", "Vannverket KF"),
    ("90", "Kirkelig Fellesråd"),
    ("95", "Menigheten"),
];
/// Companies whose postings take long.
pub const LARGE: [&str; 2] = ["1", "75"];
/// The company whose last posting is not through, so that postings of it fail.
pub const POSTING: &str = "3";
/// Its program servers. The last is not there any more.
pub const SERVERS: [&str; 3] = ["OKBROKER", "KK-BROKER", "ARKIV-BROKER"];
/// Days of runs that the demo begins with.
const PAST_DAYS: i64 = 14;
const DAY_MS: i64 = 86_400_000;
/// Minutes after six at which the Nets jobs start, company by company, as the office had them.
const NETS: [u16; 12] = [0, 10, 18, 22, 26, 30, 34, 38, 38, 50, 54, 57];

/// A job to be set up.
struct New<'a> {
    kind: &'a str,
    companies: Vec<&'a str>,
    times: Times,
    description: Option<String>,
    params: &'a [(&'a str, &'a str)],
    estimate: u32,
}

enum Times {
    At(Vec<(u16, u16)>),
    Every(u32, (u16, u16), (u16, u16)),
}

/// Makes the office's jobs and their past.
pub async fn make(engine: &Engine, owner: &Viewer, office: OfficeId) -> Result<()> {
    let every: Vec<String> = COMPANIES.iter().map(|(code, _)| (*code).to_owned()).collect();
    engine.usual_blocked(owner, office).await?;
    // one collects, the other could take its place; their entries are for the visitor to make
    let collects = engine.add_system(owner, office, "nets_total", LARGE[0]).await?;
    engine.set_system(owner, office, collects, 1, true, true).await?;
    engine.add_system(owner, office, "nets_basis", LARGE[0]).await?;
    for kind in ["exchange_rates", "settlement_returns"] {
        engine.set_job_list(owner, office, kind, every.clone()).await?;
    }
    let catalogue = engine.catalogue();
    let mut made: Vec<(JobId, JobForm, JobKind)> = vec![];
    let mut first_dunning = None;
    for new in plan() {
        let Some(kind) = catalogue.job_kind(new.kind) else {
            continue;
        };
        let mut form = form(&new, kind);
        if new.kind.starts_with("dunning") && new.params.iter().any(|p| p.1 == "K100–K800") {
            form.after = first_dunning;
        }
        let despite = Some("As it stood on the old program server.".to_owned());
        let id = engine.new_job(owner, office, form.clone(), despite, true).await?;
        if new.kind == "dunning_p1" && first_dunning.is_none() {
            first_dunning = Some(id);
        }
        made.push((id, form, kind.clone()));
    }
    let mut past = vec![];
    for (id, form, kind) in &made {
        past.extend(runs(*id, form, kind, engine.now()));
    }
    past.sort_by_key(|p| p.due_at);
    engine.add_past_runs(office, past).await?;
    states(engine, owner, office, &made).await
}

/// One job in each of the states that people meet.
async fn states(
    engine: &Engine,
    owner: &Viewer,
    office: OfficeId,
    made: &[(JobId, JobForm, JobKind)],
) -> Result<()> {
    for (code, _) in COMPANIES {
        let status = if code == POSTING { "po" } else { "ok" };
        engine
            .pretend_posting(office, code, LARGE.contains(&code), status)
            .await?;
    }
    let find = |kind: &str, company: &str| {
        let is = |(_, form, k): &&(JobId, JobForm, JobKind)| k.code == kind && form.companies == [company];
        made.iter().find(is).map(|m| m.0)
    };
    let hold = [
        (
            find("nets_integration", "95"),
            "Menigheten kjører ikke Nets før nyttår.",
        ),
        (
            find("incoming_invoices", "95"),
            "Aksesspunktet for menighetene er ikke klart.",
        ),
    ];
    for (id, why) in hold {
        if let Some(id) = id {
            engine
                .do_job(owner, office, id, 1, JobVerb::Hold, Some(why.to_owned()))
                .await?;
        }
    }
    // nobody carries its tasks out: it becomes overdue before somebody's eyes
    if let Some(id) = find("incoming_invoices", "90")
        && let Some((_, form, _)) = made.iter().find(|m| m.0 == id)
    {
        let form = JobForm {
            server: Some(SERVERS[2].to_owned()),
            ..form.clone()
        };
        let despite = Some("As it stood on the old program server.".to_owned());
        engine.save_job(owner, office, id, 1, form, despite, true).await?;
        engine.pretend_due(vec![(id, engine.now() - 24 * 60_000)]).await?;
    }
    Ok(())
}

fn form(new: &New<'_>, kind: &JobKind) -> JobForm {
    let params: BTreeMap<String, String> = new
        .params
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let companies: Vec<String> = match kind.place {
        Place::List => vec![],
        _ => new.companies.iter().map(|c| (*c).to_owned()).collect(),
    };
    let company = companies.first().cloned().unwrap_or_default();
    let mut description = kind.description.replace("{company}", &company);
    for (key, value) in &params {
        description = description.replace(&format!("{{{key}}}"), value);
    }
    let workdays = vec![
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
    ];
    JobForm {
        kind: kind.code.clone(),
        description: new.description.clone().unwrap_or(description),
        companies,
        server: (kind.code == "settlement_returns").then(|| SERVERS[0].to_owned()),
        run_as: kind.run_as.clone(),
        schedule: Schedule {
            zone: "Europe/Oslo".into(),
            days: if kind.weekdays {
                workdays
            } else {
                Weekday::ALL.to_vec()
            },
            at: match &new.times {
                Times::At(times) => Some(times.iter().filter_map(|(h, m)| Clock::new(*h, *m)).collect()),
                Times::Every(..) => None,
            },
            every: match new.times {
                Times::At(_) => None,
                Times::Every(minutes, from, to) => Some(Every {
                    minutes: Some(minutes),
                    from: Clock::new(from.0, from.1),
                    to: Clock::new(to.0, to.1),
                }),
            },
            starts_on: None::<NaiveDate>,
            ends_on: None,
            every_weeks: None,
            month_days: None,
            holidays: None,
            not_before: None,
        },
        params,
        outputs: kind.outputs.clone(),
        estimate_minutes: new.estimate,
        gap_minutes: None,
        pinned: false,
        after: None,
    }
}

/// The office's plan, as the source's procedures set it up.
fn plan() -> Vec<New<'static>> {
    let all: Vec<&str> = COMPANIES.iter().map(|(code, _)| *code).collect();
    let at = |h: u16, m: u16| Times::At(vec![(h, m)]);
    // the large ones need longer
    let estimate = |company: &str, usual: u32| {
        if LARGE.contains(&company) {
            usual * 3
        } else {
            usual
        }
    };
    let each = |kind: &'static str, usual: u32, params: &'static [(&'static str, &'static str)]| {
        move |company: &'static str, times: Times| New {
            kind,
            companies: vec![company],
            times,
            description: None,
            params,
            estimate: estimate(company, usual),
        }
    };
    let mut plan = vec![];
    for (i, company) in (0u16..).zip(all.iter().copied()) {
        let incoming = each("incoming_invoices", 2, &[("integration", "Aksesspunkt")]);
        plan.push(incoming(
            company,
            Times::Every(60, (7, 2 + 4 * i), (16, 2 + 4 * i)),
        ));
        let outgoing = each("outgoing_invoices", 2, &[("integration", "Utgående faktura")]);
        plan.push(outgoing(company, at(16, 1 + 4 * i)));
        plan.push(outgoing(company, at(4, 4 * i)));
        let status = each(
            "outgoing_invoice_status",
            3,
            &[("integration", "Status utgående faktura")],
        );
        plan.push(status(company, if i == 0 { at(23, 0) } else { at(21, 4 * i) }));
        let nets = each("nets_integration", 4, &[("integration", "Nets")]);
        plan.push(nets(company, at(6, NETS[usize::from(i)])));
        let autopay = each("autopay_remittance", 3, &[]);
        plan.push(autopay(
            company,
            Times::At(vec![(8 + (15 + 5 * i) / 60, (15 + 5 * i) % 60), (13, 4 * i)]),
        ));
    }
    let whole = |kind: &'static str, times: Times, description: Option<&str>, usual: u32| New {
        kind,
        companies: all.clone(),
        times,
        description: description.map(ToOwned::to_owned),
        params: if kind == "post_vouchers" {
            &[("registered_by", "A–ÅÅÅÅÅÅÅÅ")]
        } else {
            &[]
        },
        estimate: usual,
    };
    plan.push(whole(
        "transfer_invoices",
        Times::Every(60, (7, 0), (16, 0)),
        None,
        6,
    ));
    plan.push(whole(
        "post_vouchers",
        Times::Every(30, (7, 0), (16, 0)),
        Some("Postere bilag alle selskap, hvert 30. minutt"),
        5,
    ));
    plan.push(whole(
        "post_vouchers",
        at(7, 30),
        Some("Postere bilag alle selskap, kl. 07.30"),
        8,
    ));
    plan.push(whole("exchange_rates", at(17, 10), None, 2));
    plan.push(New {
        params: &[("integration", "Visma.net Autopay")],
        ..whole("settlement_returns", at(20, 30), None, 5)
    });
    let dunning = |kind: &'static str, params: &'static [(&'static str, &'static str)], times: Times| New {
        kind,
        companies: vec!["1"],
        times,
        description: None,
        params,
        estimate: 18,
    };
    plan.push(dunning(
        "dunning_p1",
        &[
            ("area", "K500"),
            ("ledger", "PFEL"),
            ("code", "P1"),
            ("voucher_type", "23"),
        ],
        at(18, 0),
    ));
    plan.push(dunning(
        "dunning_p1",
        &[
            ("area", "K100–K800"),
            ("ledger", "PFEL"),
            ("code", "P1"),
            ("voucher_type", "23"),
        ],
        at(18, 30),
    ));
    plan.push(dunning(
        "dunning_p1",
        &[
            ("area", "K110"),
            ("ledger", "PBHG"),
            ("code", "P1"),
            ("voucher_type", "23"),
        ],
        at(19, 0),
    ));
    plan.push(dunning(
        "dunning_p2",
        &[
            ("area", "K240"),
            ("ledger", "PHUS"),
            ("code", "P2"),
            ("voucher_type", "23"),
        ],
        at(19, 30),
    ));
    plan.push(dunning(
        "debt_collection",
        &[
            ("area", "K500"),
            ("ledger", "PFEL"),
            ("code", "PWS"),
            ("voucher_type", "35"),
        ],
        at(20, 0),
    ));
    plan
}

/// A fortnight of runs of a job: the same at every first start.
fn runs(id: JobId, form: &JobForm, kind: &JobKind, now: i64) -> Vec<PastRun> {
    let Ok(table) = form.schedule.timetable(&Default::default()) else {
        return vec![];
    };
    let usual = i64::from(form.estimate_minutes) * 60;
    let times = table
        .after(now - PAST_DAYS * DAY_MS)
        .take_while(|at| *at < now - 60 * 60_000);
    let of = |due_at: i64| {
        let dice = (id as u64 ^ (due_at / 60_000) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        let bad = dice.is_multiple_of(97);
        let posts = kind.posts && kind.place == Place::Companies;
        let counted: Counted = kind
            .counts
            .iter()
            .enumerate()
            .map(|(i, key)| {
                let most = if i == 0 { 40 } else { 3 };
                (key.clone(), (dice >> (3 * i)) as i64 % most)
            })
            .collect();
        PastRun {
            job: id,
            due_at,
            waited_ms: 500 + (dice % 4000) as i64,
            // from six to eleven tenths of what is usual
            seconds: (usual * (6 + (dice % 6) as i64) / 10).max(20) as u32,
            state: match bad {
                true if posts => RunState::FinishedWithErrors,
                true if kind.moves_money => RunState::Skipped,
                _ => RunState::Finished,
            },
            note: None,
            run_as: form.run_as.clone(),
            counted,
        }
    };
    times.map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_names_kinds_that_the_catalogue_has() {
        let catalogue = engine::Catalogue::built_in().unwrap();
        let plan = plan();
        assert!(plan.len() > 70, "{}", plan.len());
        for new in &plan {
            let kind = catalogue.job_kind(new.kind).expect(new.kind);
            assert!(!kind.is_entry(), "entries belong to collection systems");
            form(new, kind).schedule.timetable(&Default::default()).unwrap();
        }
    }
}
