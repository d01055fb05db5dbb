//! A disk that takes no more: whoever could not be written is told so, nobody else loses anything, and it heals.
//!
//! The limit is one on file size (RLIMIT_FSIZE), set by `prlimit` on a second process that runs this test.

use crate::desk;

use desk::{booking, desk, look};
use domain::wire::NewTask;
use engine::Error;
use serde_json::json;
use std::process::Command;

const INSIDE: &str = "NACHTWACHT_TEST_FULL_DISK";
const LIMIT: u64 = 1 << 20;

fn set_limit(limit: &str) {
    let pid = std::process::id().to_string();
    let done = Command::new("prlimit")
        .args(["--pid", &pid, &format!("--fsize={limit}:")])
        .status();
    assert!(done.is_ok_and(|s| s.success()), "the limit is set");
}

#[test]
fn a_full_disk_is_said_and_heals() {
    assert!(
        Command::new("prlimit").arg("--version").output().is_ok(),
        "This test limits the size of files with `prlimit`, which is not installed. `make setup-test` installs it (package util-linux)."
    );
    let me = std::env::current_exe().expect("this test");
    // the signal that comes with the limit would end the process before the write could answer
    let script = "trap '' XFSZ; exec \"$0\" --exact full_disk::inside_a_full_disk --nocapture";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(me)
        .env(INSIDE, "1")
        .output()
        .expect("it starts");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_a_full_disk() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    let (dir, desk) = desk().await.unwrap();
    set_limit(&LIMIT.to_string());
    let big = |n: usize| NewTask {
        payload: Some(json!({"page": "x".repeat(20_000), "n": n})),
        ..booking("D1")
    };
    let mut answered = 0;
    let refused = loop {
        match desk.deliver(vec![big(answered)]).await {
            Ok(ids) => {
                answered += 1;
                assert_eq!(ids, [answered as i64]);
                assert!(answered < 1000, "the limit works");
            }
            Err(e) => break e,
        }
    };
    assert!(matches!(refused, Error::Storage(_)), "{refused:?}");
    assert_eq!(refused.refusal().code(), "storage_unavailable");

    // those beside it: a group in which some fit and some do not
    let many: Vec<_> = (0..20)
        .map(|n| {
            let (engine, office, task) = (
                desk.engine.clone(),
                desk.office,
                if n % 2 == 0 { big(n) } else { booking("D2") },
            );
            tokio::spawn(async move { engine.deliver(office, vec![task]).await })
        })
        .collect();
    let mut more = 0;
    for one in many {
        match one.await.unwrap() {
            Ok(_) => more += 1,
            Err(e) => assert!(matches!(e, Error::Storage(_)), "{e:?}"),
        }
    }
    let rows = |what: &str| {
        look(&desk.engine)
            .query_row(what, [], |r| r.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(
        rows("SELECT count(*) FROM task"),
        answered as i64 + more,
        "what was answered, and nothing else"
    );
    // an empty claim and a poll that waits still get their answers
    assert!(
        desk.engine
            .office(&engine::testing::support(), "gent")
            .await
            .is_ok(),
        "reading goes on"
    );

    set_limit("unlimited");
    let healed = desk.deliver(vec![big(0)]).await.expect("it heals by itself");
    assert_eq!(healed, [answered as i64 + more + 1]);
    let claimed = desk.claim(1).await.unwrap();
    assert_eq!(claimed[0].id.0, 1);
    desk.report(&claimed[0], desk::done()).await.unwrap();
    let desk = desk::reopen(&dir, desk).await.unwrap();
    assert_eq!(desk.claim(1).await.unwrap()[0].id.0, 2);
    assert_eq!(
        rows_of(&desk, "SELECT count(*) FROM task"),
        answered as i64 + more + 1
    );
    let counts = desk
        .engine
        .tasks(
            &engine::testing::support(),
            &office(&desk).await,
            &Default::default(),
            None,
            200,
        )
        .await
        .unwrap()
        .counts;
    assert_eq!(
        counts.queued + counts.running + counts.succeeded,
        answered as u64 + more as u64 + 1
    );
}

fn rows_of(desk: &engine::testing::TestDesk, sql: &str) -> i64 {
    look(&desk.engine).query_row(sql, [], |r| r.get(0)).unwrap()
}

async fn office(desk: &engine::testing::TestDesk) -> views::OfficeView {
    desk.engine
        .office(&engine::testing::support(), "gent")
        .await
        .unwrap()
}
