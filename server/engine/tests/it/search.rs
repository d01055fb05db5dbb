//! Search finds by number, code, words and key, and nothing that the reader may not see.

use crate::desk;

use desk::{booking, desk, look, person};
use domain::{Role, TaskState, Viewer, filter::TaskFilter};
use engine::{
    OfficeRow,
    people::accounts::default_office,
    testing::{TestDesk, fill, open, support, takes_everything},
};
use views::{
    OfficeView,
    bulk::{Verb, Which},
    search::{Hit, Thing},
};

async fn office(desk: &TestDesk) -> OfficeView {
    desk.engine.office(&support(), "gent").await.unwrap()
}

async fn find(desk: &TestDesk, viewer: &Viewer, text: &str) -> Vec<Hit> {
    let office = office(desk).await;
    desk.engine.search(viewer, &office, text).await.unwrap().hits
}

fn keys(hits: &[Hit], thing: Thing) -> Vec<&str> {
    let of = hits.iter().filter(|h| h.thing == thing);
    of.map(|h| h.key.as_str()).collect()
}

/// Two offices with tasks of the same words; everything is digested.
async fn filled() -> (tempfile::TempDir, TestDesk) {
    let (dir, desk) = desk().await.unwrap();
    let tasks = ["Invoice 2026-17 Crème", "Invoice 2026-18", "Lease of the van"].map(|s| (s, "D1"));
    for (i, (subject, dossier)) in tasks.into_iter().chain([("Invoice of others", "D2")]).enumerate() {
        let mut task = booking(dossier);
        task.subject = Some(subject.into());
        task.idempotency_key = Some(format!("scan-{i}"));
        desk.deliver(vec![task]).await.unwrap();
    }
    let row = OfficeRow {
        code: "other".into(),
        name: "Other".into(),
        ..default_office()
    };
    let other = desk.engine.add_office(row).await.unwrap();
    let connector = desk.engine.add_connector(other, "Other 1").await.unwrap();
    desk.engine.hello(connector, takes_everything()).await.unwrap();
    desk.engine
        .add_dossier(other, "D1", "Dossier 1", "adsolut")
        .await
        .unwrap();
    let mut task = booking("D1");
    task.subject = Some("Invoice elsewhere".into());
    desk.engine.deliver(other, vec![task]).await.unwrap();
    desk.engine.digest().await.unwrap();
    (dir, desk)
}

#[tokio::test]
async fn tasks_are_found_by_number_words_and_key_in_this_office_alone() {
    let (_dir, desk) = filled().await;
    let support = support();
    for (text, expected) in [
        ("2", vec!["2", "3"]),
        ("#3", vec!["3"]),
        ("invoice", vec!["4", "2", "1"]),
        ("INV 18", vec!["2"]),
        ("creme", vec!["1"]),
        ("van lea", vec!["3"]),
        ("scan-3", vec!["4"]),
        ("2026-17", vec!["1"]),
        ("elsewhere", vec![]),
        ("5", vec![]),
        ("invoice lease", vec![]),
    ] {
        assert_eq!(
            keys(&find(&desk, &support, text).await, Thing::Task),
            expected,
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_employee_finds_what_they_manage() {
    let (_dir, desk) = filled().await;
    let emma = person(Role::Employee, desk.office);
    assert!(
        find(&desk, &emma, "invoice").await.is_empty(),
        "manages nothing yet"
    );
    let db = look(&desk.engine);
    db.execute_batch(
        "INSERT INTO person (id, office, email, name, role, language, created_at) VALUES (7, 1, 'e@x', 'Emma', 'employee', 'en', 0);
         INSERT INTO dossier_manager SELECT 7, id FROM dossier WHERE office = 1 AND code = 'D2'",
    )
    .unwrap();
    assert_eq!(keys(&find(&desk, &emma, "invoice").await, Thing::Task), ["4"]);
    assert_eq!(keys(&find(&desk, &emma, "Dossier").await, Thing::Dossier), ["D2"]);
    for text in ["1", "#1", "scan-0", "D1", "creme", "Gent", "e@x"] {
        assert!(find(&desk, &emma, text).await.is_empty(), "{text}");
    }
}

#[tokio::test]
async fn dossiers_people_connectors_causes_and_instructions_by_role() {
    let (_dir, desk) = filled().await;
    let db = look(&desk.engine);
    db.execute_batch(
        "UPDATE dossier SET name = 'Bakkerij De Smet' WHERE id = 3;
         INSERT INTO dossier (office, code, name, package, created_at) VALUES (1, 'BAK', 'Zilver', 1, 0), (1, 'BAKX', 'Adam', 1, 0);
         INSERT INTO cause (key, package, code, first_at, last_at) VALUES ('k', 'adsolut', 'period_not_open', 0, 0);
         INSERT INTO person (office, email, name, role, language, created_at, left_at) VALUES (1, 'mia@x', 'Mia Maes', 'admin', 'en', 0, NULL), (1, 'gone@x', 'Mia Gone', 'admin', 'en', 0, 5)",
    )
    .unwrap();
    let support = support();
    assert_eq!(
        keys(&find(&desk, &support, "bak").await, Thing::Dossier),
        ["BAK", "BAKX", "D3"]
    );
    assert_eq!(
        keys(&find(&desk, &support, "smet bak").await, Thing::Dossier),
        ["D3"]
    );
    assert_eq!(
        keys(&find(&desk, &support, "mia").await, Thing::Person),
        ["mia@x"]
    );
    assert_eq!(
        keys(&find(&desk, &support, "gent").await, Thing::Connector),
        ["Gent 1"]
    );
    let found = find(&desk, &support, "period_not").await;
    assert_eq!(keys(&found, Thing::Cause), ["k"]);
    assert!(
        keys(&found, Thing::Instruction).contains(&"adsolut/period_not_open"),
        "{found:?}"
    );

    let operator = person(Role::Operator, desk.office);
    assert!(keys(&find(&desk, &operator, "mia").await, Thing::Person).is_empty());
    assert_eq!(
        keys(&find(&desk, &operator, "gent").await, Thing::Connector),
        ["Gent 1"]
    );
    assert!(find(&desk, &operator, "period_not").await.is_empty());
}

#[tokio::test]
async fn nonsense_finds_nothing_and_breaks_nothing() {
    let (_dir, desk) = filled().await;
    let long = "invoice ".repeat(5_000);
    for text in [
        "\"",
        "\"\"\"",
        "a\" OR \"b",
        "NEAR(",
        "words:x",
        "{words}",
        "-",
        "*",
        "^inv",
        "AND",
        "NOT",
        "(",
        "+",
        "a AND",
        "%",
        "_",
        "\\",
        "'",
        "';--",
        "\0",
        "🌙",
        "مرحبا",
        "99999999999999999999",
        "-1",
        "\u{e001}",
        &long,
    ] {
        let found = find(&desk, &support(), text).await;
        let tasks = keys(&found, Thing::Task);
        assert!(tasks.len() <= 8 && !tasks.contains(&"5"), "{text}: {tasks:?}");
    }
}

#[tokio::test]
async fn nothing_typed_finds_what_stopped() {
    let (_dir, desk) = filled().await;
    assert!(find(&desk, &support(), " ").await.is_empty());
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], engine::testing::failed("odd"))
        .await
        .unwrap();
    assert_eq!(keys(&find(&desk, &support(), "").await, Thing::Task), ["1"]);
}

fn with(text: &str) -> TaskFilter {
    TaskFilter {
        states: TaskState::ALL.to_vec(),
        text: text.into(),
        ..TaskFilter::default()
    }
}

/// How many tasks of an office a text leads to, look after look.
async fn follow_up(desk: &TestDesk, text: &str) -> u32 {
    let which = Which::Matching(with(text));
    let counted = desk
        .engine
        .look_at_bulk(&support(), desk.office, Verb::Cancel, &which)
        .await;
    let counted = counted.expect("it counts");
    counted.can + counted.cannot
}

#[tokio::test]
async fn a_text_in_follow_up_leads_to_every_task_that_has_it() {
    let (dir, desk) = filled().await;
    let clock = desk.clock.clone();
    let (own, connector) = (desk.office, desk.connector);
    drop(desk.engine);
    fill(dir.path(), "gent", 20_500).unwrap();
    fill(dir.path(), "other", 300).unwrap();
    let engine = open(dir.path(), clock.clone()).await.unwrap();
    let desk = TestDesk {
        engine,
        clock,
        office: own,
        connector,
    };
    assert_eq!(follow_up(&desk, "doc").await, 20_500, "by their own words");
    assert_eq!(
        follow_up(&desk, "filled").await,
        20_500,
        "by a thousand dossiers'"
    );
    let of_7 = (1..=20_500).filter(|i| (i % 1000 + 1).to_string().starts_with('7'));
    assert_eq!(
        follow_up(&desk, "filled 7").await as usize,
        of_7.count(),
        "by a few dossiers'"
    );
    for (text, found) in [("doc20400", 1), ("doc20400 nowhere", 0)] {
        let office = office(&desk).await;
        let page = desk
            .engine
            .tasks(&support(), &office, &with(text), None, 50)
            .await
            .unwrap();
        assert_eq!((page.rows.len(), page.next), (found, None), "{text}: in one look");
    }
    let filled = find(&desk, &support(), "filled 7").await;
    assert!(!keys(&filled, Thing::Dossier).is_empty());
}
