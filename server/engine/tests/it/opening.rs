//! Opening the desk: what is not ours is left alone, and the sentence says why.

use crate::desk;

use desk::desk;
use engine::{clock::HandClock, testing};
use rusqlite::Connection;
use std::{fs, path::Path, sync::Arc};

async fn refusal(dir: &Path) -> String {
    match testing::open(dir, Arc::new(HandClock::default())).await {
        Ok(_) => panic!("it opened"),
        Err(e) => e.to_string(),
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(engine::FILE);
    fs::write(&file, "Dear diary, ".repeat(1000)).unwrap();
    assert!(
        refusal(dir.path())
            .await
            .ends_with("is not a database of Nachtwacht. Nothing was changed.")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "Dear diary, ".repeat(1000));
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(engine::FILE);
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('waffles')")
        .unwrap();
    drop(other);
    let before = fs::read(&file).unwrap();
    assert!(
        refusal(dir.path())
            .await
            .contains("is not a database of Nachtwacht.")
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_newer_database_needs_a_newer_program() {
    let (dir, desk) = desk().await.unwrap();
    let path = desk.engine.path().to_owned();
    drop(desk);
    let newer =
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
                 VALUES (9999, 'later', '2030-01-01', 1, x'00', 1)";
    Connection::open(&path).unwrap().execute(newer, []).unwrap();
    let sentence = refusal(dir.path()).await;
    assert!(
        sentence.contains("is newer than this program (it has migration 9999)."),
        "{sentence}"
    );
    assert!(
        sentence.ends_with("Use the program that wrote it, or a later one."),
        "{sentence}"
    );
}

/// What the program of before the console left behind: an orange and a waiting task, a person, and an audit row.
const EARLIER: &str = r#"
    INSERT INTO office VALUES (1, 'gent', 'Gent', 'Europe/Brussels', 'nl', 'support@example.com', 5, 30, 120);
    INSERT INTO package VALUES (1, 'adsolut');
    INSERT INTO kind VALUES (1, 'process_booking_proposal');
    INSERT INTO dossier VALUES (1, 1, 'D1', 'Bakkerij Celâl', 1, 1000);
    INSERT INTO person VALUES (1, 1, 'mia@example.com', 'Mia', 'admin', 'nl', NULL, 1000);
    INSERT INTO connector (id, office, name) VALUES (1, 1, 'Gent 1');
    INSERT INTO event VALUES (1, 1, 1, 2000, NULL, '"delivered"'), (2, 1, 1, 3000, 1, '{"claimed":{"connector":1,"attempt":1}}'),
      (3, 1, 1, 4000, 2, '{"action_required":{"attempt":1,"failure":{"code":"period_not_open","params":{"period":"201802"}}}}'),
      (4, 1, 2, 5000, NULL, '"delivered"');
    INSERT INTO task VALUES (1, 1, 1, 1, 2, 1, 1, 0, 0, 0, 0, 1, 3, 2000, 4000, NULL, '2018-17.xml', NULL),
      (2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5000, 5000, NULL, NULL, NULL);
    INSERT INTO failure VALUES (1, 'period_not_open', '{"period":"201802"}', NULL, 'adsolut.period_not_open.201802');
    INSERT INTO audit VALUES (1, 4500, 1, 1, 'token', 'connector 1', NULL, NULL);
"#;

#[tokio::test]
async fn a_database_of_before_the_console_goes_on() {
    use sqlx::Connection as _;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(engine::FILE);
    let first = tempfile::tempdir().unwrap();
    let migration = "../store/migrations/0001_desk.sql";
    fs::copy(migration, first.path().join("0001_desk.sql")).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .pragma("application_id", i32::from_be_bytes(*b"NWdb").to_string());
    let mut earlier = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let migrations = sqlx::migrate::Migrator::new(first.path()).await.unwrap();
    migrations.run(&mut earlier).await.unwrap();
    earlier.close().await.unwrap();
    Connection::open(&file).unwrap().execute_batch(EARLIER).unwrap();

    let engine = testing::open(dir.path(), Arc::new(HandClock::default()))
        .await
        .unwrap();
    let (support, id) = (testing::support(), domain::TaskId(1));
    let office = engine.office(&support, "gent").await.unwrap();
    let shown = engine.task_detail(&support, &office, id).await.unwrap();
    assert_eq!(
        shown.failure_code.as_deref(),
        Some("adsolut.period_not_open"),
        "it says what it said"
    );
    assert!(shown.instruction.is_some() && !shown.may_undo);
    assert_eq!(
        shown.attempts.len(),
        1,
        "what happened is read as it was written then"
    );
    let db = desk::look(&engine);
    let number = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    let cause =
        "SELECT last_at FROM cause WHERE key = 'adsolut.period_not_open.201802' AND package = 'adsolut'";
    assert_eq!(number(cause), 4000, "its cause is known");
    assert_eq!(
        number("SELECT sum(n) FROM cause_day WHERE day = 0 AND office = 1"),
        1
    );
    assert_eq!(
        number("SELECT rowid FROM dossier_words WHERE dossier_words MATCH 'celal'"),
        1,
        "its dossier is found"
    );

    engine
        .restart(support.clone(), office.id, vec![id])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    engine.undo_restart(support, office.id, id).await.unwrap();
    let counts = engine.counts(&testing::support(), office.id).await.unwrap();
    assert_eq!((counts.queued, counts.action_required), (1, 1));
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

#[tokio::test]
async fn a_folder_has_one_program() {
    let (dir, first) = desk().await.unwrap();
    let sentence = refusal(dir.path()).await;
    assert!(
        sentence
            .ends_with("Another Nachtwacht uses this data folder. Stop it first, or name another folder."),
        "{sentence}"
    );
    drop(first);
    testing::open(dir.path(), Arc::new(HandClock::default()))
        .await
        .expect("free again");
}

#[tokio::test]
async fn a_read_only_file_is_said_to_be_one() {
    let (dir, desk) = desk().await.unwrap();
    let path = desk.engine.path().to_owned();
    drop(desk);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let sentence = refusal(dir.path()).await;
    assert!(
        sentence.ends_with("is read-only. Nachtwacht must be able to write to it."),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let sentence = refusal(&file.join("data")).await;
    assert!(
        sentence.contains("The data folder") && sentence.contains("cannot be made"),
        "{sentence}"
    );
}

#[tokio::test]
async fn the_file_is_set_up_as_promised() {
    let (_dir, desk) = desk().await.unwrap();
    let db = desk::look(&desk.engine);
    let text = |sql: &str| db.query_row(sql, [], |r| r.get::<_, String>(0)).unwrap();
    assert_eq!(text("PRAGMA journal_mode"), "wal");
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    let id: i32 = db.query_row("PRAGMA application_id", [], |r| r.get(0)).unwrap();
    assert_eq!(&id.to_be_bytes(), b"NWdb");
    let loose =
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
                 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx_%'";
    assert_eq!(
        db.query_row(loose, [], |r| r.get::<_, i64>(0)).unwrap(),
        0,
        "every table is STRICT"
    );
}
