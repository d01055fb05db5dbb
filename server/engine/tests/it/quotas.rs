//! What tokens, strangers and people outside bring in grows the desk so far and no further (`engine::quota`): each table
//! that they can write to is filled here.

use crate::desk;
use desk::{BOOK, DELETE, SYNC, done, failed, refused};
use domain::{
    Refusal,
    request::{NewFile, NewRequest, RequestKind},
    wire::NewTask,
};
use engine::{
    Engine, Options, Quotas, Result,
    testing::{self, activation, new_task, takes_everything},
};
use serde_json::json;
use std::sync::Arc;

struct Small {
    engine: Arc<Engine>,
    office: i64,
    connector: i64,
    _dir: tempfile::TempDir,
}

async fn small(quotas: Quotas) -> Small {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        quotas,
        ..testing::options(dir.path(), testing::clock())
    };
    let engine = Engine::open(options).await.unwrap();
    engine.pretend_disk(1 << 40, 1 << 41);
    let office = engine.add_office(testing::gent()).await.unwrap();
    let connector = engine.add_connector(office, "Gent 1").await.unwrap();
    engine.hello(connector, takes_everything()).await.unwrap();
    Small {
        engine,
        office,
        connector,
        _dir: dir,
    }
}

impl Small {
    async fn deliver(&self, tasks: Vec<NewTask>) -> Result<()> {
        self.engine.deliver(self.office, tasks).await.map(|_| ())
    }

    fn rows(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        desk::look(&self.engine)
            .query_row(&sql, [], |r| r.get(0))
            .unwrap()
    }
}

/// The fields of a refusal that names some.
fn fields(answer: Result<()>) -> Vec<String> {
    let Refusal::Invalid(errors) = refused(answer) else {
        panic!("it names no field");
    };
    errors.into_iter().map(|e| e.field).collect()
}

#[tokio::test]
async fn a_package_is_one_that_the_catalogue_or_a_connector_of_the_office_knows() {
    let quotas = Quotas {
        packages: 3,
        ..Quotas::default()
    };
    let small = small(quotas).await;
    let strange: Vec<NewTask> = (0..1000)
        .map(|n| activation(&format!("X{n}"), &format!("p{n}x")))
        .collect();
    let before = small.rows("package");
    assert_eq!(
        fields(small.deliver(strange).await)[0],
        "tasks[0].payload.package"
    );
    assert_eq!((small.rows("package"), small.rows("dossier")), (before, 0));
    small.deliver(vec![activation("A", "adsolut")]).await.unwrap();

    // one that a connector serves, up to the quota, in one delivery and in several
    let serves = |n: usize| {
        let mut hello = takes_everything();
        hello.packages.extend((0..n).map(|n| format!("own{n}")));
        hello
    };
    small.engine.hello(small.connector, serves(50)).await.unwrap();
    let own = |n: usize| activation(&format!("O{n}"), &format!("own{n}"));
    assert_eq!(
        fields(small.deliver((0..5).map(own).collect()).await),
        ["tasks[3].payload.package", "tasks[4].payload.package"]
    );
    small.deliver((0..2).map(own).collect()).await.unwrap();
    small
        .deliver(vec![activation("O1b", "own1"), own(2)])
        .await
        .unwrap();
    assert_eq!(
        fields(small.deliver(vec![own(3)]).await),
        ["tasks[0].payload.package"]
    );
    assert_eq!(small.rows("package"), before + 3);

    // another office's connectors are nobody's business here
    let other = engine::OfficeRow {
        code: "other".into(),
        ..testing::gent()
    };
    let other = small.engine.add_office(other).await.unwrap();
    let answer = small.engine.deliver(other, vec![own(1)]).await.map(|_| ());
    assert_eq!(fields(answer), ["tasks[0].payload.package"]);
}

#[tokio::test]
async fn dossiers_and_open_tasks_of_an_office_are_counted() {
    let quotas = Quotas {
        dossiers: 4,
        open_tasks: 10,
        ..Quotas::default()
    };
    let small = small(quotas).await;
    let all = |n: usize| {
        (0..n)
            .map(|n| activation(&format!("D{n}"), "adsolut"))
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(small.deliver(all(5)).await), ["tasks[4].dossier"]);
    small.deliver(all(4)).await.unwrap();
    assert_eq!(
        fields(small.deliver(vec![activation("D9", "adsolut")]).await),
        ["tasks[0].dossier"]
    );

    let more = |n: usize| (0..n).map(|_| new_task(BOOK, "D1")).collect::<Vec<_>>();
    assert_eq!(
        refused(small.deliver(more(7)).await),
        Refusal::TooManyRequests(60)
    );
    small.deliver(more(6)).await.unwrap();
    assert_eq!(
        refused(small.deliver(more(1)).await),
        Refusal::TooManyRequests(60)
    );
    assert_eq!(
        (small.rows("dossier"), small.rows("task"), small.rows("event")),
        (4, 10, 10)
    );
    // what is done makes room
    let task = small
        .engine
        .claim(small.office, small.connector, "r".into(), 1, 0)
        .await
        .unwrap()
        .tasks
        .remove(0);
    let report = domain::wire::Report {
        task: task.id.to_string(),
        lease: task.lease,
        outcome: done(),
    };
    small
        .engine
        .report(small.office, small.connector, vec![report])
        .await
        .unwrap();
    small.deliver(more(1)).await.unwrap();
}

#[tokio::test]
async fn a_connector_fills_no_table_with_its_own_words() {
    let small = small(Quotas::default()).await;
    small.deliver(vec![activation("D1", "adsolut")]).await.unwrap();
    small
        .deliver(vec![new_task(SYNC, "D1"), new_task(DELETE, "D1")])
        .await
        .unwrap();
    for n in 0..100 {
        // each start with other words, each call with another name, each attempt with another failure
        let mut hello = takes_everything();
        (hello.boot_id, hello.version) = (format!("boot{n}"), format!("{n}"));
        hello.packages.push(format!("own{n}"));
        small.engine.hello(small.connector, hello).await.unwrap();
        let claimed = small
            .engine
            .claim(small.office, small.connector, format!("r{n}"), 10, 0)
            .await
            .unwrap();
        for task in claimed.tasks {
            let report = domain::wire::Report {
                task: task.id.to_string(),
                lease: task.lease,
                outcome: failed(&format!("code_{n}"), json!({"n": n})),
            };
            for _ in 0..3 {
                small
                    .engine
                    .report(small.office, small.connector, vec![report.clone()])
                    .await
                    .unwrap();
            }
        }
    }
    assert_eq!(small.rows("connector"), 1);
    assert!(small.rows("claim_request") <= 32);
    assert!(small.rows("cause") <= 3 && small.rows("failure") <= 3);
    // delivered, claimed and stopped, once each
    assert!(small.rows("event") <= 9, "{}", small.rows("event"));
}

#[tokio::test]
async fn forms_and_documents_of_people_outside_are_counted_and_want_room() {
    let quotas = Quotas {
        hand_ins: 2,
        ..Quotas::default()
    };
    let small = small(quotas).await;
    let form = NewRequest {
        name: "Nora".into(),
        email: "nora@bakery.example".into(),
        company: "Bakery".into(),
        ..NewRequest::default()
    };
    let send = || {
        small
            .engine
            .send_request(small.office, RequestKind::Intake, form.clone())
    };
    let mut taken = 0;
    while send().await.is_ok() {
        taken += 1;
        assert!(taken < 2000, "it is limited");
    }
    assert_eq!(small.rows("request"), taken);

    let client = engine::NewPerson {
        office: Some(small.office),
        email: "client@bakery.example".into(),
        name: "Client".into(),
        role: domain::Role::Client,
        language: domain::Language::En,
        password_hash: None,
    };
    let person = small.engine.add_person(client).await.unwrap();
    let dossier = small
        .engine
        .add_dossier(small.office, "D1", "Dossier 1", "adsolut")
        .await
        .unwrap();
    small.engine.add_manager(dossier, person).await.unwrap();
    let viewer = domain::Viewer {
        person,
        name: "Client".into(),
        role: domain::Role::Client,
        office: Some(small.office),
        language: domain::Language::En,
    };
    let file = |n: usize| NewFile {
        name: format!("{n}.pdf"),
        bytes: format!("%PDF-1.4 {n}").into_bytes(),
    };
    for n in 0..2 {
        small.engine.hand_in(&viewer, "D1", file(n)).await.unwrap();
    }
    small
        .engine
        .hand_in(&viewer, "D1", file(1))
        .await
        .expect("the same again is the same");
    assert_eq!(
        refused(small.engine.hand_in(&viewer, "D1", file(2)).await),
        Refusal::TooManyRequests(3600)
    );
    assert_eq!(small.rows("task"), 2);
}

#[tokio::test]
async fn a_disk_that_fills_refuses_strangers_before_integrations_and_these_before_leases_and_reports() {
    let small = small(Quotas::default()).await;
    small.deliver(vec![activation("D1", "adsolut")]).await.unwrap();
    let form = NewRequest {
        name: "Nora".into(),
        email: "nora@bakery.example".into(),
        company: "Bakery".into(),
        ..NewRequest::default()
    };
    let send = || {
        small
            .engine
            .send_request(small.office, RequestKind::Intake, form.clone())
    };
    let (gib, total) = (1_u64 << 30, 100_u64 << 30);
    small.engine.pretend_disk(4 * gib, total);
    let full = refused(send().await);
    assert_eq!((full.status(), full.code()), (503, "storage_unavailable"));
    assert_eq!(full.problem().retry_after, Some(60));
    small
        .deliver(vec![new_task(BOOK, "D1")])
        .await
        .expect("for these there is room");
    small.engine.pretend_disk(2 * gib, total);
    assert_eq!(
        refused(small.deliver(vec![new_task(BOOK, "D1")]).await),
        Refusal::NoRoom(60)
    );
    let task = small
        .engine
        .claim(small.office, small.connector, "r".into(), 1, 0)
        .await
        .unwrap()
        .tasks
        .remove(0);
    let report = domain::wire::Report {
        task: task.id.to_string(),
        lease: task.lease,
        outcome: done(),
    };
    let answer = small
        .engine
        .report(small.office, small.connector, vec![report])
        .await
        .unwrap();
    assert!(answer.reports[0].error.is_none());
    // a small disk is used, too
    small.engine.pretend_disk(20 << 20, 64 << 20);
    assert!(send().await.is_ok());
    small.deliver(vec![new_task(BOOK, "D1")]).await.unwrap();
}
