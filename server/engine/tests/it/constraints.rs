//! The file refuses rows that no rule of the house could have written, whoever writes them.

use crate::desk;

use desk::{booking, desk, look};
use engine::testing::new_task;
use rusqlite::Connection;

fn refuses(db: &Connection, sql: &str) {
    let answer = db.execute(sql, []);
    let refused = matches!(&answer, Err(rusqlite::Error::SqliteFailure(e, _)) if e.code == rusqlite::ErrorCode::ConstraintViolation);
    assert!(refused, "{sql} gave {answer:?}");
}

#[tokio::test]
async fn illegal_rows_are_refused() {
    let (_dir, desk) = desk().await.unwrap();
    // 1 runs, 2 and 3 wait
    desk.deliver(vec![new_task(desk::ACTIVATE, "D1"), booking("D1"), booking("D2")])
        .await
        .unwrap();
    desk.claim(1).await.unwrap();
    let db = look(&desk.engine);
    let person = "INSERT INTO person (office, email, name, role, language, created_at) VALUES";
    let hash = "x'0000000000000000000000000000000000000000000000000000000000000000'";
    for sql in [
        "UPDATE task SET state = 6 WHERE id = 2",
        "UPDATE task SET state = -1 WHERE id = 2",
        "UPDATE task SET state = 1 WHERE id = 2",
        "UPDATE task SET holder = 0 WHERE id = 1",
        "UPDATE task SET open = 0 WHERE id = 1",
        "UPDATE task SET attempts = 0 WHERE id = 1",
        "UPDATE task SET tries = 2 WHERE id = 1",
        "UPDATE task SET state = 4 WHERE id = 1",
        "UPDATE task SET backoff_ms = 1 WHERE id = 1",
        "UPDATE task SET backoff_ms = -1 WHERE id = 2",
        "UPDATE task SET releases = 11 WHERE id = 2",
        "UPDATE task SET cancel_asked = 2 WHERE id = 2",
        "UPDATE task SET follows = 2 WHERE id = 2",
        "UPDATE task SET follows = 3 WHERE id = 2",
        "UPDATE task SET dossier = 99 WHERE id = 2",
        "UPDATE task SET kind = 99 WHERE id = 2",
        "UPDATE task SET delivered_at = 'yesterday' WHERE id = 2",
        "INSERT INTO payload VALUES (99, '{}')",
        "INSERT INTO failure (task, code, params, detail, cause_key) VALUES (99, 'code', '{}', NULL, 'key')",
        "UPDATE dossier SET code = 'D2' WHERE code = 'D1'",
        "UPDATE dossier SET code = '' WHERE code = 'D1'",
        "UPDATE office SET poll_to = poll_from - 1",
        "UPDATE office SET lease_seconds = 0",
        "UPDATE office SET language = 'de'",
        "UPDATE connector SET max_parallel = 101",
        &format!("{person} (NULL, 'a@b.c', 'A', 'admin', 'en', 0)"),
        &format!("{person} (1, 'a@b.c', 'A', 'support', 'en', 0)"),
        &format!("{person} (1, 'A@b.c', 'A', 'admin', 'en', 0)"),
        &format!("{person} (1, 'nobody', 'A', 'admin', 'en', 0)"),
        &format!("{person} (1, 'a@b.c', '', 'admin', 'en', 0)"),
        &format!("{person} (1, 'a@b.c', 'A', 'boss', 'en', 0)"),
        "INSERT INTO token VALUES (x'00', 1, NULL, NULL)",
        &format!("INSERT INTO token VALUES ({hash}, NULL, NULL, NULL)"),
        &format!("INSERT INTO session (hash, person, created_at, expires_at) VALUES ({hash}, 1, 5, 5)"),
        &format!(
            "INSERT INTO sign_in_link (hash, person, reusable, expires_at, used_at) VALUES ({hash}, NULL, 1, 5, NULL)"
        ),
        "INSERT INTO claim_request VALUES (1, 32, 'r', '[]')",
        "INSERT INTO failure (task, code, params, cause_key, was) VALUES (2, 'code', '{}', 'key', 1)",
        "INSERT INTO mark (task, note) VALUES (99, 'x')",
        "INSERT INTO cause_day VALUES ('nothing.such', 0, 1, 1)",
        "INSERT INTO instruction VALUES ('adsolut', 'code', 0, '{}', 'A', 0)",
        "INSERT INTO alert (kind, subject, detail, since, ended_at) VALUES ('k', 's', 'd', 5, 4)",
        "INSERT INTO reminder VALUES (2, 0, 3)",
        "INSERT INTO bulk (office, person, verb, total, started_at) VALUES (1, 1, 'delete', 1, 0)",
        "UPDATE office SET remind_hours = 0",
        "UPDATE office SET escalate_hours = 721",
    ] {
        refuses(&db, sql);
    }
}

#[tokio::test]
async fn one_key_names_one_task_of_an_office() {
    let (_dir, desk) = desk().await.unwrap();
    let keyed = domain::wire::NewTask {
        idempotency_key: Some("a".into()),
        ..booking("D1")
    };
    desk.deliver(vec![keyed, booking("D1")]).await.unwrap();
    refuses(
        &look(&desk.engine),
        "UPDATE task SET idempotency_key = 'a' WHERE id = 2",
    );
}
