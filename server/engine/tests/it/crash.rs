//! The machine stops in the middle: what was answered is in the files as they lie there.

use crate::desk;

use desk::{booking, desk, done, ids};
use engine::{FILE, testing};
use rusqlite::Connection;
use std::{fs, path::Path};

/// The files as a machine that loses its power would leave them: no process got to say goodbye.
fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let name = format!("{FILE}{end}");
        fs::copy(from.join(&name), to.join(&name)).expect("copied");
    }
}

#[tokio::test]
async fn everything_answered_is_in_the_files_at_any_moment() {
    let (dir, desk) = desk().await.unwrap();
    for round in 1..=10i64 {
        let delivered = desk.deliver(vec![booking("D1"), booking("D2")]).await.unwrap();
        let claimed = desk.claim(1).await.unwrap();
        assert_eq!(desk.report(&claimed[0], done()).await.unwrap().error, None);

        let crashed = tempfile::tempdir().unwrap();
        copy(dir.path(), crashed.path());
        let again = testing::open(crashed.path(), desk.clock.clone()).await.unwrap();
        let db = desk::look(&again);
        let ids: i64 = db
            .query_row("SELECT max(id) FROM task", [], |r| r.get(0))
            .unwrap();
        assert_eq!(ids, delivered[1]);
        let done: i64 = db
            .query_row("SELECT count(*) FROM task WHERE state = 4", [], |r| r.get(0))
            .unwrap();
        assert_eq!(done, round);
        let check: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}

#[tokio::test]
async fn leases_and_tokens_outlive_a_crash() {
    let (dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D1"), booking("D2")])
        .await
        .unwrap();
    let request = "before the crash".to_owned();
    let before = desk
        .engine
        .claim(desk.office, desk.connector, request.clone(), 5, 0)
        .await
        .unwrap()
        .tasks;
    assert_eq!(ids(&before), [1, 3]);

    let crashed = tempfile::tempdir().unwrap();
    copy(dir.path(), crashed.path());
    let engine = testing::open(crashed.path(), desk.clock.clone()).await.unwrap();
    let again = engine
        .claim(desk.office, desk.connector, request, 5, 0)
        .await
        .unwrap()
        .tasks;
    assert_eq!(again, before, "the lost answer is given again");
    let other = testing::TestDesk {
        engine,
        clock: desk.clock.clone(),
        office: desk.office,
        connector: desk.connector,
    };
    assert!(
        other.claim(5).await.unwrap().is_empty(),
        "nothing is granted twice"
    );
    assert_eq!(other.report(&before[0], done()).await.unwrap().error, None);
    assert_eq!(ids(&other.claim(5).await.unwrap()), [2]);
}

#[tokio::test]
async fn a_torn_last_write_is_as_if_it_had_not_been() {
    let (dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let wal = dir.path().join(format!("{FILE}-wal"));
    let whole = fs::metadata(&wal).unwrap().len();
    desk.deliver(vec![booking("D2")]).await.unwrap();
    let after = fs::metadata(&wal).unwrap().len();
    assert!(after > whole, "the log grew");

    // cut in the last commit's frames, in steps of an odd length
    for cut in (whole + 1..after).step_by(1501) {
        let torn = tempfile::tempdir().unwrap();
        copy(dir.path(), torn.path());
        let file = fs::File::options()
            .write(true)
            .open(torn.path().join(format!("{FILE}-wal")))
            .unwrap();
        file.set_len(cut).unwrap();
        let db = Connection::open(torn.path().join(FILE)).unwrap();
        let tasks: i64 = db
            .query_row("SELECT count(*) FROM task", [], |r| r.get(0))
            .unwrap();
        assert_eq!(tasks, 1, "cut at {cut} of {after}");
    }
}
