//! Looks never queue behind writes: while the writer is kept from the disk, every verb that only reads is answered.

use crate::desk::{
    booking, failed,
    jobs::{job_desk, set_up, vouchers},
    look, person, refused, run,
};
use chrono::NaiveDate;
use domain::{Language, Refusal, Role, TaskId, Viewer, filter::TaskFilter, schedule::Clock};
use engine::{
    NewPerson, Zone,
    export::{Asked, List},
    testing::TestDesk,
};
use serde_json::json;
use std::{future::Future, path::Path, time::Duration};
use views::{
    OfficeView,
    audit::AuditAsked,
    bulk::{Verb, Which},
    causes::CauseFilter,
    clients::{ClientsAsked, DossierTab},
    downtime::Draft,
    jobs::{JobsAsk, RunsAsk},
    plan::{SpreadAsk, WhatIf},
};

/// Longer than any look takes, and shorter than the writer waits for the disk.
const PATIENCE: Duration = Duration::from_secs(3);
const PASSWORD: &str = "late is the hour";
/// These are given somebody who looks, or an office as pages see it, and write. Jobs from a file are written also when they
/// are only tried, and then taken back.
const WRITE: [&str; 10] = [
    "announce_downtime",
    "change_downtime",
    "choose_mail",
    "hand_in",
    "import_jobs",
    "lift_downtime",
    "read_notices",
    "saw_downtime",
    "start_bulk",
    "stop_bulk",
];

/// A desk that has something of everything.
struct Full {
    desk: TestDesk,
    by: Viewer,
    office: OfficeView,
    red: TaskId,
    waits: TaskId,
    job: i64,
    system: i64,
    procedure: i64,
    /// Somebody's number, session, and a link that is still good.
    staff: (i64, String, String),
    _dir: tempfile::TempDir,
}

async fn full() -> Full {
    let (dir, desk, by, office) = job_desk().await.unwrap();
    let e = &desk.engine;
    let (red, _) = run(&desk, booking("D1"), failed("database_error", json!({})))
        .await
        .unwrap();
    let waits = desk.deliver(vec![booking("D2")]).await.unwrap()[0];
    let job = set_up(&desk, &by, vouchers(&["D1"], &["12:30"])).await.unwrap();
    desk.clock.pass(30 * 60_000);
    e.schedule_round().await.unwrap();
    let system = e.add_system(&by, desk.office, "nets_basis", "D1").await.unwrap();
    e.make_entries(&by, desk.office, system).await.unwrap();
    let procedure = e.start_replace(&by, desk.office, job).await.unwrap();
    let staff = NewPerson {
        office: Some(desk.office),
        email: "an@gent.example".into(),
        name: "An".into(),
        role: Role::Employee,
        language: Language::En,
        password_hash: None,
    };
    let an = e.add_person(staff).await.unwrap();
    let link = e.new_link(an, false).await.unwrap();
    let session = e.use_link_with(&link, PASSWORD.into()).await.unwrap();
    let link = e.new_link(an, false).await.unwrap();
    e.tick().await.unwrap();
    // what is written of a session now and then is due
    desk.clock.pass(10 * 60_000);
    Full {
        red,
        waits: TaskId(waits),
        job,
        system,
        procedure,
        staff: (an, session, link),
        by,
        office,
        desk,
        _dir: dir,
    }
}

/// Asks each of these in turn; none may wait for the writer, nor refuse.
macro_rules! answered {
    ($($look:expr),* $(,)?) => {
        $(if let Err(e) = answered(stringify!($look), $look).await {
            panic!("{}: {e}", stringify!($look));
        })*
    };
}

async fn answered<T>(what: &str, look: impl Future<Output = engine::Result<T>> + Send) -> engine::Result<T> {
    let found = tokio::time::timeout(PATIENCE, look).await;
    found.unwrap_or_else(|_| panic!("queued behind a write: {what}"))
}

/// What there is none of here is not found, at once.
macro_rules! not_found {
    ($($look:expr),* $(,)?) => {
        $(assert_eq!(refused(answered(stringify!($look), $look).await.map(|_| ())), Refusal::NotFound);)*
    };
}

async fn of_tasks(f: &Full) {
    let (e, by, at) = (&f.desk.engine, &f.by, &f.office);
    let employee = person(Role::Employee, at.id);
    let asked = ClientsAsked::default();
    answered![
        e.desk(by, e.live.mark()),
        e.office(by, "gent"),
        e.tasks(by, at, &TaskFilter::default(), None, 50),
        e.choices(at.id),
        e.same_cause(by, at.id, f.red),
        e.may_see(by, at.id, f.red),
        e.events_after(at.id, 0, 100),
        e.changes_after(by, at, 0, 100),
        e.last_seq(),
        e.knows_event(1),
        e.managed(f.staff.0),
        e.counts(by, at.id),
        e.counts(&employee, at.id),
        e.task_detail(by, at, f.red),
        e.task_detail(by, at, f.waits),
        e.task(at.id, f.waits),
        e.look_at_bulk(by, at.id, Verb::Cancel, &Which::These(vec![f.waits])),
        e.causes(by, Zone::of("UTC"), &CauseFilter::default(), None),
        e.cause(by, Zone::of("UTC"), "adsolut.database_error"),
        e.instructions(by, Zone::of("UTC")),
        e.editing(Zone::of("UTC"), "adsolut", "database_error"),
        e.search(by, at, "D1"),
        e.export(by, at, List::Tasks, &Asked::default(), None),
        e.clients(by, at, &asked, None),
        e.changed_clients(by, at, &asked, &["D1".into()]),
        e.clients_frame(by, at),
        e.dossier(by, at, "D2", DossierTab::Monitoring, None),
        e.dossier(by, at, "D2", DossierTab::Tasks, None),
        e.activate_frame(by, at),
        e.imports(&person(Role::Admin, at.id), at),
        e.requests(&person(Role::Admin, at.id), at),
        e.hangs(f.desk.connector),
    ];
    let admin = person(Role::Admin, at.id);
    not_found![
        e.document_of(by, at.id, f.red),
        e.document_for(at.id, f.desk.connector, &format!("sha256-{}", "0".repeat(64))),
        e.bulk_progress(by, at.id, 1),
        e.request_file(&admin, at.id, 1, 0),
        e.import(&admin, at, 1),
    ];
}

async fn of_jobs(f: &Full) {
    let (e, by, at) = (&f.desk.engine, &f.by, &f.office);
    let day: NaiveDate = "2026-11-23".parse().unwrap();
    let clock = |text: &str| Clock::read(text).unwrap();
    let spread = SpreadAsk {
        day,
        kind: "post_vouchers".into(),
        from: clock("06:00"),
        to: clock("09:00"),
        shorter: 0,
    };
    let runs = e.runs(by, at, &RunsAsk::default()).await.unwrap();
    let schedule = vouchers(&["D1"], &["12:30"]).schedule;
    answered![
        e.jobs(by, at, &JobsAsk::default()),
        e.job(by, at, f.job),
        e.jobs_setting(by, at),
        e.preview_schedule(at, &schedule),
        e.job_list(by, at.id, "post_vouchers"),
        e.run(by, at, runs.lines[0].id),
        e.why(by, at, f.job),
        e.systems(by, at),
        e.system(by, at, f.system),
        e.procedures(by, at),
        e.board(by, at, f.procedure),
        e.preview_postponement(by, at, vec![f.job], day),
        e.export_jobs(by, at),
        e.day_plan(by, at, Some(day)),
        e.free_time(by, at, day, f.job, clock("12:30"), clock("14:00")),
        e.spread_jobs(by, at, spread),
        e.what_if(by, at, WhatIf::Holiday(day)),
        e.blocked(by, at),
        e.hours(by, at, None, None),
    ];
}

async fn of_people(f: &Full) {
    let (e, by, at) = (&f.desk.engine, &f.by, &f.office);
    let admin = person(Role::Admin, at.id);
    let (an, session, link) = &f.staff;
    let draft = Draft {
        day: "2026-11-20".into(),
        clock: "20:00".into(),
        reason: domain::downtime::Reason(vec![(Language::En, "Year-end".into())]),
        ..Draft::default()
    };
    answered![
        e.people(&admin, at, ""),
        e.dossiers_for(at.id, *an, "D"),
        e.office_number("gent"),
        e.person_number("an@gent.example"),
        e.is_empty(),
        e.offices(by, Zone::of("UTC")),
        e.begun(at.id),
        e.settings(at.id),
        e.viewer(session),
        e.taste(session),
        e.factor(session),
        e.recovery_codes(session),
        e.profile(
            &e.viewer(session).await.unwrap().unwrap(),
            session,
            Zone::of("UTC")
        ),
        e.look_at_link(link),
        e.mail_choices(&admin),
        e.mail_page(&admin, at),
        e.audit(&admin, at, &AuditAsked::default()),
        e.alerts(at),
        e.notices(&admin, at),
        e.downtime_notice(by, at.id, "UTC"),
        e.downtime_page(&admin, at),
        e.preview_downtime(&admin, at, None, draft),
        e.fleet(&admin, at),
        e.connectors(at.id),
        e.integration_number(at.id, "none"),
    ];
    let client = person(Role::Client, at.id);
    let portal = [
        answered("portal", e.portal(&client)).await.is_ok(),
        answered("portal_notice", e.portal_notice(&client)).await.is_ok(),
    ];
    assert_eq!(portal, [true; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_look_is_answered_while_a_write_waits_for_the_disk() {
    let f = full().await;
    let disk = look(&f.desk.engine);
    disk.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (engine, office) = (f.desk.engine.clone(), f.office.id);
    let write = tokio::spawn(async move { engine.add_integration(office, "late").await });
    of_tasks(&f).await;
    of_jobs(&f).await;
    of_people(&f).await;
    assert!(
        !write.is_finished(),
        "the writer was kept from the disk all the time"
    );
    disk.execute_batch("ROLLBACK").unwrap();
    write.await.unwrap().expect("written after all");
}

/// The verbs of the engine that are given somebody who looks, or an office as pages see it.
fn verbs(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            verbs(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for verb in text.split("    pub async fn ").skip(1) {
            let head = verb.split_once(") ").map_or(verb, |(head, _)| head);
            if head.contains("&self") && (head.contains("viewer: &Viewer") || head.contains("&OfficeView")) {
                found.push(head.split('(').next().unwrap().to_owned());
            }
        }
    }
}

#[test]
fn every_verb_of_a_page_is_asked_or_known_to_write() {
    let mut found = vec![];
    verbs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 50, "{found:?}");
    let asked = include_str!("looks.rs");
    found.retain(|verb| !asked.contains(&format!("e.{verb}(")) && !WRITE.contains(&verb.as_str()));
    assert_eq!(
        found,
        Vec::<String>::new(),
        "neither asked here nor known to write"
    );
}
