//! Collection systems: gates, entries, and the two that cannot both import payments (C1–C7).

use crate::desk;

use desk::{
    jobs::{audited, job_desk, work_off},
    refused,
};
use domain::{Refusal, schedule::Clock};
use views::{
    collection::{Gate, Times},
    jobs::RunsAsk,
};

const NAMES: [&str; 6] = [
    "CCM BS Send Agree Batch Job",
    "CCM BS Import Agree Batch Job",
    "CCM BS Send Batch Job",
    "CCM BS Status Batch Job",
    "CCM BS Import Pmt. Batch Job",
    "CCM Post Coll. Jnl. Batch Job",
];

#[tokio::test]
async fn the_six_entries_are_made_once_and_are_inactive() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = e.add_system(&by, desk.office, "nets_basis", "D1").await.unwrap();
    assert!(matches!(
        refused(e.add_system(&by, desk.office, "nets_basis", "D1").await),
        Refusal::Invalid(_)
    ));
    assert_eq!(e.system(&by, &office, id).await.unwrap().missing, NAMES);
    assert_eq!(e.make_entries(&by, desk.office, id).await.unwrap(), 6);
    assert_eq!(e.make_entries(&by, desk.office, id).await.unwrap(), 0);
    let detail = e.system(&by, &office, id).await.unwrap();
    let names: Vec<_> = detail.entries.iter().map(|l| l.description.as_str()).collect();
    assert_eq!(names, NAMES);
    assert!(detail.entries.iter().all(|l| !l.on) && detail.missing.is_empty());
    let import = &detail.entries[1];
    let runs = import.times.unwrap().runs().unwrap();
    assert_eq!(
        runs,
        [Clock::read("07:00").unwrap(), Clock::read("09:00").unwrap()]
    );
    assert_eq!(audited(&desk, "new_job"), 6);
}

#[tokio::test]
async fn entries_run_only_while_both_gates_are_open() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = e.add_system(&by, desk.office, "nets_basis", "D1").await.unwrap();
    e.make_entries(&by, desk.office, id).await.unwrap();
    let entry = || async { e.system(&by, &office, id).await.unwrap().entries[3].clone() };
    let version = || async { e.system(&by, &office, id).await.unwrap().line.version };
    let first = entry().await;
    assert_eq!(first.gate, Some(Gate::NotActive));
    assert!(matches!(
        refused(e.switch_entry(&by, desk.office, first.job, first.version, true, None).await),
        Refusal::WrongState(why) if why.to_string().contains("not active")
    ));
    e.set_system(&by, desk.office, id, version().await, true, false)
        .await
        .unwrap();
    assert_eq!(entry().await.gate, Some(Gate::NotDirect));
    assert!(matches!(
        refused(e.switch_entry(&by, desk.office, first.job, first.version, true, None).await),
        Refusal::WrongState(why) if why.to_string().contains("direct communication is off")
    ));
    // who saw an older state is told
    assert!(matches!(
        refused(e.set_system(&by, desk.office, id, 1, true, true).await),
        Refusal::WrongState(_)
    ));
    e.set_system(&by, desk.office, id, version().await, true, true)
        .await
        .unwrap();
    e.switch_entry(&by, desk.office, first.job, first.version, true, None)
        .await
        .unwrap();
    assert!(entry().await.on);
    // an hour later it runs; with the gate shut the next hour is missed, visibly
    desk.clock.pass(3_600_000);
    e.schedule_round().await.unwrap();
    assert_eq!(work_off(&desk, desk::done()).await.unwrap(), 1);
    e.set_system(&by, desk.office, id, version().await, true, false)
        .await
        .unwrap();
    desk.clock.pass(3_600_000);
    e.schedule_round().await.unwrap();
    assert!(desk.claim(10).await.unwrap().is_empty());
    let runs = e.runs(&by, &office, &RunsAsk::default()).await.unwrap();
    assert_eq!(runs.lines[0].note.as_deref(), Some("system_off"));
    assert_eq!(audited(&desk, "system_direct"), 2);
}

#[tokio::test]
async fn of_basis_and_total_one_imports_payments() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let basis = e.add_system(&by, desk.office, "nets_basis", "D1").await.unwrap();
    let total = e.add_system(&by, desk.office, "nets_total", "D1").await.unwrap();
    let elsewhere = e.add_system(&by, desk.office, "nets_total", "D2").await.unwrap();
    for id in [basis, total, elsewhere] {
        e.set_system(&by, desk.office, id, 1, true, true).await.unwrap();
    }
    e.make_entries(&by, desk.office, basis).await.unwrap();
    let detail = e.system(&by, &office, basis).await.unwrap();
    assert_eq!(detail.line.rival.as_ref().unwrap().name, "Nets-TOTAL");
    let import = detail
        .entries
        .iter()
        .find(|l| l.kind == "ccm_import_payments")
        .unwrap();
    assert_eq!(import.gate, Some(Gate::Rival("Nets-TOTAL".into())));
    assert!(
        detail.entries.iter().filter(|l| l.gate.is_none()).count() == 5,
        "the others may run"
    );
    assert!(matches!(
        refused(e.switch_entry(&by, desk.office, import.job, import.version, true, None).await),
        Refusal::WrongState(why) if why.to_string().starts_with("Nets-TOTAL is active too")
    ));
    e.switch_system(&by, desk.office, basis, 2).await.unwrap();
    let other = e.system(&by, &office, total).await.unwrap();
    assert!(!other.line.active, "switched off in the same act");
    assert!(
        e.system(&by, &office, elsewhere).await.unwrap().line.active,
        "another company's"
    );
    e.switch_entry(&by, desk.office, import.job, import.version, true, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn times_are_changed_in_place_and_nonsense_is_refused() {
    let (_dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let id = e.add_system(&by, desk.office, "nets_basis", "D1").await.unwrap();
    e.make_entries(&by, desk.office, id).await.unwrap();
    let entry = e.system(&by, &office, id).await.unwrap().entries[0].clone();
    let clock = |c: &str| Clock::read(c).unwrap();
    let times = Times {
        start: clock("07:00"),
        every: Some(120),
        end: Some(clock("09:00")),
    };
    let version = e
        .save_entry(&by, desk.office, entry.job, entry.version, times, None)
        .await
        .unwrap();
    assert_eq!(
        e.system(&by, &office, id).await.unwrap().entries[0].times,
        Some(times)
    );
    let half = Times { end: None, ..times };
    assert!(matches!(
        refused(
            e.save_entry(&by, desk.office, entry.job, version, half, None)
                .await
        ),
        Refusal::Invalid(_)
    ));
    assert!(matches!(
        refused(
            e.save_entry(&by, desk.office, entry.job, entry.version, times, None)
                .await
        ),
        Refusal::WrongState(_)
    ));
}
