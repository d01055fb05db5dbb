//! Documents beside tasks: brought once, kept whole, handed to nobody but the connector at work on them.

use crate::desk::*;
use domain::{
    FieldError, OfficeId, Refusal, Role,
    document::{MOST_DOCUMENT, MOST_OF_OFFICE, PART, subject},
    request::NewFile,
    wire::NewTask,
};
use engine::{
    NewPerson, OfficeRow,
    backup::{copy, restore},
    people::accounts::default_office,
    tasks::document::sha256,
    testing::{TestDesk, support, takes_everything},
};
use serde_json::json;

const DAY: u64 = 24 * 3_600_000;

fn about(document: &str) -> NewTask {
    NewTask {
        payload: Some(json!({"document": document, "file_name": "a.xml"})),
        ..booking("D1")
    }
}

/// Some bytes over several parts, others for each seed.
fn bytes(seed: u8) -> Vec<u8> {
    (0..PART * 2 + 777)
        .map(|i| (i as u8).wrapping_mul(31) ^ seed)
        .collect()
}

async fn bring(
    desk: &TestDesk,
    office: OfficeId,
    bytes: &[u8],
) -> engine::Result<domain::wire::DocumentAnswer> {
    desk.engine.keep_document(office, bytes, "application/xml").await
}

#[tokio::test]
async fn a_document_is_brought_once_and_is_whole_after_a_restart() {
    let (dir, desk) = desk().await.unwrap();
    let first = bring(&desk, desk.office, &bytes(1)).await.unwrap();
    assert_eq!((first.bytes, first.duplicate), (bytes(1).len() as u64, false));
    assert_eq!(first.sha256, sha256(&bytes(1)));
    let again = bring(&desk, desk.office, &bytes(1)).await.unwrap();
    assert_eq!(
        (again.document.as_str(), again.duplicate),
        (first.document.as_str(), true)
    );
    assert_ne!(
        bring(&desk, desk.office, &bytes(2)).await.unwrap().document,
        first.document
    );
    desk.deliver(vec![about(&first.document)]).await.unwrap();
    let desk = reopen(&dir, desk).await.unwrap();
    desk.engine
        .hello(desk.connector, takes_everything())
        .await
        .unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    assert_eq!(task.payload["document"], first.document);
    let found = desk
        .engine
        .document_for(desk.office, desk.connector, &first.document)
        .await
        .unwrap();
    assert_eq!(
        (found.bytes, found.kind.as_str()),
        (first.bytes, "application/xml")
    );
    assert_eq!(desk.engine.whole(&found).await.unwrap(), bytes(1));
}

#[tokio::test]
async fn only_the_connector_that_holds_the_lease_gets_it() {
    let (_dir, desk) = desk().await.unwrap();
    let other = desk.engine.add_connector(desk.office, "Gent 2").await.unwrap();
    let row = OfficeRow {
        code: "other".into(),
        name: "Other".into(),
        ..default_office()
    };
    let elsewhere = desk.engine.add_office(row).await.unwrap();
    let id = bring(&desk, desk.office, &bytes(1)).await.unwrap().document;
    let gets = async |office, connector| match desk.engine.document_for(office, connector, &id).await {
        Ok(_) => true,
        answer => {
            assert_eq!(refused(answer), Refusal::NotFound);
            false
        }
    };
    assert!(!gets(desk.office, desk.connector).await, "no task names it");
    desk.deliver(vec![about(&id)]).await.unwrap();
    assert!(!gets(desk.office, desk.connector).await, "nobody has the task");
    let task = desk.claim(1).await.unwrap().remove(0);
    assert!(gets(desk.office, desk.connector).await);
    assert!(!gets(desk.office, other).await);
    assert!(!gets(elsewhere, desk.connector).await);
    desk.report(&task, done()).await.unwrap();
    assert!(!gets(desk.office, desk.connector).await, "the lease is over");
    // another office does not even have it: what is in it tells nobody that somebody has it
    assert!(!bring(&desk, elsewhere, &bytes(1)).await.unwrap().duplicate);
}

#[tokio::test]
async fn a_task_names_no_document_that_is_not_there() {
    let (_dir, desk) = desk().await.unwrap();
    let none = format!("doc_{}", sha256(b"none"));
    let wrong = refused(desk.deliver(vec![about(&none)]).await);
    let field = FieldError::said(
        "tasks[0].payload.document",
        "is not a document of this office; bring it first",
    );
    assert_eq!(wrong, Refusal::Invalid(vec![field]));
    // an invoice in the payload is one
    desk.deliver(vec![about("<Invoice/>")]).await.unwrap();
}

#[tokio::test]
async fn what_is_too_much_or_not_what_was_said_is_refused_and_leaves_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    let begin = async |n| {
        desk.engine
            .begin_document(desk.office, n, "application/pdf")
            .await
    };
    assert_eq!(refused(begin(MOST_DOCUMENT + 1).await), Refusal::DocumentTooLarge);
    assert!(matches!(refused(begin(0).await), Refusal::Invalid(_)));
    let mut document = begin(10).await.unwrap();
    assert!(matches!(
        refused(desk.engine.go_on(&mut document, &[0; 11]).await),
        Refusal::Malformed(_)
    ));
    desk.engine.forget_document(document).await;
    let mut document = begin(10).await.unwrap();
    desk.engine.go_on(&mut document, &[0; 9]).await.unwrap();
    assert!(matches!(
        refused(desk.engine.finish_document(document).await),
        Refusal::Malformed(_)
    ));
    let left = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        look(&desk.engine).query_row(&sql, [], |r| r.get(0)).unwrap()
    };
    assert_eq!((left("document"), left("document_part")), (0, 0));
    // those that are still coming in count as well
    for _ in 0..MOST_OF_OFFICE / MOST_DOCUMENT as i64 {
        begin(MOST_DOCUMENT).await.unwrap();
    }
    assert!(refused(begin(MOST_DOCUMENT).await).to_string().contains("5 GiB"));
    // the smallest take room as well: a row is more than a byte
    begin((MOST_OF_OFFICE % MOST_DOCUMENT as i64 - 1) as usize)
        .await
        .unwrap();
    assert!(refused(begin(1).await).to_string().contains("5 GiB"));
    // in an hour they have broken off
    desk.clock.pass(3_600_001);
    desk.engine.clear_documents().await.unwrap();
    begin(MOST_DOCUMENT).await.unwrap();
}

#[tokio::test]
async fn what_no_task_names_goes_after_a_week() {
    let (_dir, desk) = desk().await.unwrap();
    let named = bring(&desk, desk.office, &bytes(1)).await.unwrap().document;
    let unnamed = bring(&desk, desk.office, &bytes(2)).await.unwrap().document;
    desk.deliver(vec![about(&named)]).await.unwrap();
    desk.clock.pass(6 * DAY);
    desk.engine.clear_documents().await.unwrap();
    assert!(bring(&desk, desk.office, &bytes(2)).await.unwrap().duplicate);
    // a week from when it was brought last
    desk.clock.pass(6 * DAY);
    desk.engine.clear_documents().await.unwrap();
    assert!(bring(&desk, desk.office, &bytes(2)).await.unwrap().duplicate);
    desk.clock.pass(7 * DAY + 1);
    desk.engine.clear_documents().await.unwrap();
    assert!(matches!(
        refused(desk.deliver(vec![about(&unnamed)]).await),
        Refusal::Invalid(_)
    ));
    desk.deliver(vec![about(&named)]).await.unwrap();
}

#[tokio::test]
async fn what_is_worked_off_gives_way_before_the_room_is_full() {
    let (_dir, desk) = desk().await.unwrap();
    let mut documents = vec![];
    for seed in 0..6 {
        documents.push(bring(&desk, desk.office, &bytes(seed)).await.unwrap().document);
    }
    let keyed = |key: &str, n: usize| NewTask {
        idempotency_key: Some(format!("{key} {n}")),
        ..about(&documents[n])
    };
    // all are done but the first, which is at work, and the last, which nothing names; the second is at work again
    for n in [1, 2, 3, 4] {
        run(&desk, keyed("first", n), done()).await.unwrap();
    }
    desk.deliver(vec![about(&documents[0])]).await.unwrap();
    desk.deliver(vec![keyed("again", 1)]).await.unwrap();
    desk.clock.pass(3_600_001);
    // brought again a moment ago: its task is on its way
    assert!(bring(&desk, desk.office, &bytes(2)).await.unwrap().duplicate);
    let there = || -> Vec<i64> {
        let db = look(&desk.engine);
        let mut q = db
            .prepare("SELECT id FROM document WHERE sha256 IS NOT NULL ORDER BY id")
            .unwrap();
        let ids = q.query_map([], |r| r.get::<_, i64>(0)).unwrap();
        ids.map(|id| id.unwrap() - 1).collect()
    };
    desk.engine.clear_documents().await.unwrap();
    assert_eq!(there(), [0, 1, 2, 3, 4, 5], "there is room");
    // a little more than four fifths, so that one of the two that may go is enough
    let taken = bytes(0).len() as i64 * 6;
    let mut left = MOST_OF_OFFICE / 5 * 4 - taken + 1;
    while left > 0 {
        let next = left.min(MOST_DOCUMENT as i64);
        desk.engine
            .begin_document(desk.office, next as usize, "application/pdf")
            .await
            .unwrap();
        left -= next;
    }
    desk.engine.clear_documents().await.unwrap();
    assert_eq!(there(), [0, 1, 2, 4, 5]);
    // its task is known by its key; another is not taken without it
    assert_eq!(desk.deliver(vec![keyed("first", 3)]).await.unwrap().len(), 1);
    assert!(matches!(
        refused(desk.deliver(vec![keyed("again", 3)]).await),
        Refusal::Invalid(_)
    ));
}

#[tokio::test]
async fn the_same_document_under_another_name_is_the_same_task() {
    let (_dir, desk) = desk().await.unwrap();
    let task = |name: &str, what: &str| NewTask {
        payload: Some(json!({"document": what, "file_name": name})),
        idempotency_key: Some("D1 sha256:1".into()),
        ..booking("D1")
    };
    let first = desk
        .deliver(vec![task("a.xml", "<a/>"), task("b.xml", "<a/>")])
        .await
        .unwrap();
    assert_eq!(first[0], first[1]);
    assert_eq!(
        desk.deliver(vec![task("c.xml", "<a/>")]).await.unwrap()[0],
        first[0]
    );
    assert!(matches!(
        refused(desk.deliver(vec![task("a.xml", "<b/>")]).await),
        Refusal::WrongState(_)
    ));
}

/// A client of D1.
async fn client(desk: &TestDesk) -> domain::Viewer {
    let new = NewPerson {
        office: Some(desk.office),
        email: "client@x.example".into(),
        name: "Cleo".into(),
        role: Role::Client,
        language: domain::Language::En,
        password_hash: None,
    };
    let id = desk.engine.add_person(new).await.unwrap();
    desk.engine.add_manager(1, id).await.unwrap();
    domain::Viewer {
        person: id,
        ..person(Role::Client, desk.office)
    }
}

fn file(bytes: &[u8]) -> NewFile {
    NewFile {
        name: "image.jpg".into(),
        bytes: bytes.to_vec(),
    }
}

#[tokio::test]
async fn a_right_document_does_not_wait_for_a_failed_one_of_the_same_name() {
    let (_dir, desk) = desk().await.unwrap();
    let who = client(&desk).await;
    let hand_in = async |bytes: &[u8]| desk.engine.hand_in(&who, "D1", file(bytes)).await.unwrap();
    let wrong = hand_in(b"<wrong/>").await;
    let claimed = desk.claim(1).await.unwrap().remove(0);
    desk.report(&claimed, failed("document_invalid", json!({})))
        .await
        .unwrap();
    let right = hand_in(b"\xFF\xD8\xFF\xE0 another picture").await;
    assert_ne!(wrong, right);
    assert_eq!(ids(&desk.claim(1).await.unwrap()), [right.0]);
    // people see the name that they gave it
    let page = desk.engine.portal(&who).await.unwrap();
    assert!(
        page.handed.iter().all(|h| h.file == "image.jpg"),
        "{:?}",
        page.handed
    );
    // the same once more is the same
    assert_eq!(hand_in(b"<wrong/>").await, wrong);
    assert_eq!(
        subject("image.jpg", &sha256(b"<wrong/>")),
        claimed.subject.unwrap()
    );
}

#[tokio::test]
async fn what_a_client_hands_in_arrives_byte_for_byte() {
    let (_dir, desk) = desk().await.unwrap();
    let who = client(&desk).await;
    let utf16: Vec<u8> = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>Å</a>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let picture = [&b"\xFF\xD8\xFF\xE0"[..], &bytes(3)].concat();
    for bytes in [utf16, picture] {
        desk.engine.hand_in(&who, "D1", file(&bytes)).await.unwrap();
        let task = desk.claim(1).await.unwrap().remove(0);
        let id = task.payload["document"].as_str().unwrap().to_owned();
        let found = desk
            .engine
            .document_for(desk.office, desk.connector, &id)
            .await
            .unwrap();
        assert_eq!(desk.engine.whole(&found).await.unwrap(), bytes);
        desk.report(&task, done()).await.unwrap();
    }
    let strange = b"<?xml version='1.0' encoding='KOI8-R'?><a/>";
    let why = refused(desk.engine.hand_in(&who, "D1", file(strange)).await).to_string();
    assert!(why.contains("KOI8-R"), "{why}");
}

#[tokio::test]
async fn a_backup_holds_the_documents_of_its_tasks() {
    let (dir, desk) = desk().await.unwrap();
    let id = bring(&desk, desk.office, &bytes(1)).await.unwrap().document;
    desk.deliver(vec![about(&id)]).await.unwrap();
    let (file, other) = (dir.path().join("backup"), tempfile::tempdir().unwrap());
    copy(dir.path(), &file, 1_800_000_000_000).unwrap();
    restore(&file, other.path(), 1_800_000_000_001).await.unwrap();
    let begun = TestDesk::again(other.path(), desk.clock.clone()).await.unwrap();
    begun
        .engine
        .let_go(&support(), begun.office, begun.connector)
        .await
        .unwrap();
    let task = begun.claim(1).await.unwrap().remove(0);
    let found = begun
        .engine
        .document_for(
            begun.office,
            begun.connector,
            task.payload["document"].as_str().unwrap(),
        )
        .await
        .unwrap();
    assert_eq!(begun.engine.whole(&found).await.unwrap(), bytes(1));
}
