//! Opening the desk: what is not ours is left alone, and the sentence says why.

mod desk;

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
    let file = dir.path().join(engine::store::FILE);
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
    let file = dir.path().join(engine::store::FILE);
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
