//! The digest learns from every event once, whenever it runs and whenever the program ends.

use crate::desk;

use desk::{BOOK, booking, desk, done, failed, look, reopen};
use engine::{
    testing::TestDesk,
    watch::digest::{HOUR_MS, History, SLOT_MS, bucket},
};
use rusqlite::{Connection, types::FromSql};
use serde_json::json;

const DAY_MS: i64 = 86_400_000;

fn one<T: FromSql>(db: &Connection, sql: &str) -> T {
    db.query_row(sql, [], |r| r.get(0)).expect(sql)
}

/// Everything that the digest ever writes, as text.
fn all(db: &Connection) -> String {
    one(
        db,
        "SELECT (SELECT group_concat(dossier||':'||day||':'||done||':'||stopped, ' ') FROM dossier_day) || char(10) ||
           (SELECT group_concat(dossier||':'||task, ' ') FROM task_of_dossier) || char(10) ||
           (SELECT group_concat(kind||':'||bucket||':'||n, ' ') FROM took) || char(10) ||
           (SELECT group_concat(hour||':'||bucket||':'||n, ' ') FROM waited) || char(10) ||
           (SELECT group_concat(slot||':'||delivered||':'||work_ms, ' ') FROM load) || char(10) ||
           (SELECT group_concat(rowid, ' ') FROM task_words) || char(10) ||
           (SELECT group_concat(ifnull(done_at, 0), ' ') FROM dossier)",
    )
}

/// A morning: two booked after 20 seconds of waiting and 3 of work, one that stops for the office.
async fn morning(desk: &TestDesk) {
    let mut tasks = vec![booking("D1"), booking("D2"), booking("D3")];
    tasks[0].subject = Some("Factuur Crème brûlée 2026-17".into());
    tasks[0].idempotency_key = Some(format!("scan-{}", desk.engine.now()));
    desk.deliver(tasks).await.unwrap();
    desk.clock.pass(20_000);
    let claimed = desk.claim(3).await.unwrap();
    desk.clock.pass(3_000);
    for (task, outcome) in claimed.iter().zip([
        done(),
        done(),
        failed("period_not_open", json!({"period": "201802"})),
    ]) {
        assert_eq!(desk.report(task, outcome).await.unwrap().error, None);
    }
}

#[tokio::test]
async fn a_day_is_one_of_the_offices_calendar() {
    let (_dir, desk) = desk().await.unwrap();
    // half past eleven in the evening by UTC is past midnight in Brussels, in summer and in winter
    let evening = (DAY_MS * 47 / 48 - desk.engine.now() % DAY_MS).rem_euclid(DAY_MS);
    desk.clock.pass(evening as u64);
    morning(&desk).await;
    desk.engine.digest().await.unwrap();
    let db = look(&desk.engine);
    let tomorrow = desk.engine.now() / DAY_MS + 1;
    assert_eq!(one::<i64>(&db, "SELECT min(day) FROM dossier_day"), tomorrow);
    let (support, asked) = (
        engine::testing::support(),
        views::clients::ClientsAsked::default(),
    );
    let office = desk.engine.office(&support, "gent").await.unwrap();
    let seen = desk
        .engine
        .clients(&support, &office, &asked, None)
        .await
        .unwrap();
    let line = seen.lines.iter().find(|l| l.code == "D1").unwrap();
    assert_eq!(line.days[13].done, 1, "which is today");
}

#[tokio::test]
async fn what_a_morning_teaches() {
    let (_dir, desk) = desk().await.unwrap();
    let began = desk.engine.now();
    morning(&desk).await;
    desk.engine.digest().await.unwrap();

    let db = look(&desk.engine);
    let day = desk.engine.now() / DAY_MS;
    let days: Vec<(i64, i64, i64, i64)> = db
        .prepare("SELECT dossier, day, done, stopped FROM dossier_day ORDER BY dossier")
        .unwrap()
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(days, [(1, day, 1, 0), (2, day, 1, 0), (3, day, 0, 1)]);
    assert_eq!(
        one::<i64>(&db, "SELECT count(*) FROM dossier WHERE done_at IS NOT NULL"),
        2
    );
    assert_eq!(
        one::<i64>(&db, "SELECT done_at FROM dossier WHERE id = 1"),
        desk.engine.now()
    );
    assert_eq!(
        one::<i64>(&db, "SELECT count(*) FROM task_of_dossier WHERE dossier = task"),
        3
    );

    let took: (i64, i64) = db
        .query_row("SELECT bucket, n FROM took", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert_eq!(
        took,
        (bucket(3_000), 2),
        "a stop is no measure of how long work takes"
    );
    let waited: (i64, i64, i64) = db
        .query_row("SELECT hour, bucket, n FROM waited", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .unwrap();
    assert_eq!(waited, ((began + 20_000) / HOUR_MS, bucket(20_000), 3));
    let load: (i64, i64, i64) = db
        .query_row("SELECT slot, delivered, work_ms FROM load", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .unwrap();
    assert_eq!(load, (began / SLOT_MS, 3, 9_000), "a stop was work all the same");

    for words in ["factuur", "creme brulee", "scan", "17", "fac*"] {
        let found = format!("SELECT ifnull(group_concat(rowid), '') FROM task_words('{words}')");
        assert_eq!(one::<String>(&db, &found), "1", "{words}");
    }
}

#[tokio::test]
async fn running_again_or_twice_at_once_changes_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    morning(&desk).await;
    let (a, b) = tokio::join!(desk.engine.digest(), desk.engine.digest());
    a.unwrap();
    b.unwrap();
    let db = look(&desk.engine);
    let once = all(&db);
    desk.engine.digest().await.unwrap();
    desk.engine.digest().await.unwrap();
    assert_eq!(all(&db), once);
    assert!(once.contains("1:1 2:2 3:3"), "{once}");
}

#[tokio::test]
async fn a_program_that_ends_anywhere_learns_the_same() {
    let (_dir, whole) = desk().await.unwrap();
    for _ in 0..4 {
        morning(&whole).await;
        restart_stopped(&whole).await;
    }
    whole.engine.digest().await.unwrap();

    let (dir, mut cut) = desk().await.unwrap();
    for round in 0..4 {
        morning(&cut).await;
        if round % 2 == 0 {
            cut.engine.digest().await.unwrap();
        }
        restart_stopped(&cut).await;
        cut = reopen(&dir, cut).await.unwrap();
        cut.engine
            .hello(cut.connector, engine::testing::takes_everything())
            .await
            .unwrap();
    }
    cut.engine.digest().await.unwrap();
    assert_eq!(all(&look(&cut.engine)), all(&look(&whole.engine)));
}

/// Restarts what waits for the office, so that its lane goes on, and books it.
async fn restart_stopped(desk: &TestDesk) {
    let id: i64 = one(&look(&desk.engine), "SELECT id FROM task WHERE state = 2");
    let viewer = engine::testing::support();
    desk.engine
        .restart(viewer, desk.office, vec![domain::TaskId(id)])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    desk.clock.pass(5_000);
    let claimed = desk.claim(5).await.unwrap();
    desk.clock.pass(1_000);
    desk.report(&claimed[0], done()).await.unwrap();
}

#[tokio::test]
async fn a_restart_begins_no_new_wait_and_an_asked_cancel_hides_no_claim() {
    let (_dir, desk) = desk().await.unwrap();
    morning(&desk).await;
    restart_stopped(&desk).await;
    let id = desk.deliver(vec![booking("D1")]).await.unwrap()[0];
    let claimed = desk.claim(1).await.unwrap();
    desk.clock.pass(2_000);
    let by = engine::tasks::dispatch::cancel::By {
        person: 1,
        name: "Mia".into(),
    };
    desk.engine
        .cancel(by, desk.office, domain::TaskId(id), None, false)
        .await
        .unwrap();
    desk.clock.pass(2_000);
    desk.report(&claimed[0], done()).await.unwrap();
    desk.engine.digest().await.unwrap();

    let db = look(&desk.engine);
    assert_eq!(one::<i64>(&db, "SELECT sum(n) FROM waited"), 4);
    assert_eq!(
        one::<i64>(&db, "SELECT sum(work_ms) FROM load"),
        9_000 + 1_000 + 4_000
    );
    let four = format!(
        "SELECT ifnull(sum(n), 0) FROM took WHERE bucket = {}",
        bucket(4_000)
    );
    assert_eq!(one::<i64>(&db, &four), 1);
}

#[tokio::test]
async fn more_than_a_batch_is_taken_in_at_once_and_the_old_is_forgotten() {
    let (_dir, desk) = desk().await.unwrap();
    for _ in 0..5 {
        let tasks = (0..900).map(|_| booking("D1")).collect();
        desk.deliver(tasks).await.unwrap();
    }
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], done()).await.unwrap();
    desk.engine.digest().await.unwrap();
    let db = look(&desk.engine);
    assert_eq!(one::<i64>(&db, "SELECT sum(delivered) FROM load"), 4_500);
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM task_of_dossier"), 4_500);

    desk.clock.pass(9 * DAY_MS as u64);
    morning(&desk).await;
    desk.engine.digest().await.unwrap();
    assert_eq!(one::<i64>(&db, "SELECT sum(delivered) FROM load"), 3);
    assert_eq!(one::<i64>(&db, "SELECT count(DISTINCT hour) FROM waited"), 2);
    desk.clock.pass(31 * DAY_MS as u64);
    desk.deliver(vec![booking("D2")]).await.unwrap();
    desk.engine.digest().await.unwrap();
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM waited"), 0);
    assert_eq!(
        one::<i64>(&db, "SELECT count(*) FROM dossier_day"),
        4,
        "days stay"
    );
}

#[tokio::test]
async fn a_past_for_the_demo_is_added_once_per_row() {
    let (_dir, desk) = desk().await.unwrap();
    let day = desk.engine.now() / DAY_MS;
    let history = History {
        days: vec![("D1".into(), day - 1, 5, 1), ("NONE".into(), day, 1, 1)],
        took: vec![
            ("adsolut".into(), BOOK.into(), 40, 7),
            ("none".into(), BOOK.into(), 1, 1),
        ],
        waited: vec![(day * 24, 50, 3)],
        load: vec![(day * 288, 9, 1000)],
    };
    desk.engine.add_history(desk.office, history).await.unwrap();
    morning(&desk).await;
    desk.engine.digest().await.unwrap();
    let db = look(&desk.engine);
    assert_eq!(
        one::<i64>(&db, "SELECT sum(done) FROM dossier_day WHERE dossier = 1"),
        6
    );
    assert_eq!(one::<i64>(&db, "SELECT sum(n) FROM took"), 9);
    assert_eq!(one::<i64>(&db, "SELECT sum(n) FROM waited"), 6);
    assert_eq!(one::<i64>(&db, "SELECT sum(delivered) FROM load"), 12);
}
