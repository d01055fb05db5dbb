//! Claim: repeated requests, long polls, and who is handed what.

use crate::desk;

use desk::{ACTIVATE, DELETE, SYNC, booking, desk, done, ids, refused, reopen};
use domain::{
    Refusal,
    event::Happened,
    wire::{ClaimedTask, NewTask},
};
use engine::{
    Hello, Result,
    testing::{TestDesk, new_task, takes_everything},
};
use std::{
    pin::{Pin, pin},
    time::Duration,
};

async fn ask(desk: &TestDesk, request: &str, max: u32) -> Result<Vec<ClaimedTask>> {
    Ok(desk
        .engine
        .claim(desk.office, desk.connector, request.to_owned(), max, 0)
        .await?
        .tasks)
}

#[tokio::test]
async fn a_repeated_request_gives_the_same_leases_also_after_a_restart() {
    let (dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2"), booking("D3")])
        .await
        .unwrap();
    let first = ask(&desk, "r1", 2).await.unwrap();
    assert_eq!(ids(&first), [1, 2]);
    assert_eq!(ask(&desk, "r1", 2).await.unwrap(), first);
    let desk = reopen(&dir, desk).await.unwrap();
    assert_eq!(ask(&desk, "r1", 2).await.unwrap(), first);
    assert_eq!(ids(&ask(&desk, "r2", 2).await.unwrap()), [3]);
    assert_eq!(
        ask(&desk, "r1", 2).await.unwrap(),
        first,
        "another claim does not make it forgotten"
    );
    desk.report(&first[0], done()).await.unwrap();
    assert_eq!(
        ids(&ask(&desk, "r1", 2).await.unwrap()),
        [2],
        "what is over is not handed out again"
    );
}

#[tokio::test]
async fn an_empty_claim_writes_nothing() {
    let (dir, desk) = desk().await.unwrap();
    let wal = dir.path().join(format!("{}-wal", engine::FILE));
    ask(&desk, "warm", 1).await.unwrap();
    let before = std::fs::read(&wal).unwrap();
    for i in 0..20 {
        assert!(ask(&desk, &format!("r{i}"), 100).await.unwrap().is_empty());
    }
    assert!(before == std::fs::read(&wal).unwrap(), "the log is as it was");
}

#[tokio::test]
async fn a_long_poll_is_answered_by_the_commit_that_delivers() {
    let (_dir, desk) = desk().await.unwrap();
    let (engine, office, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let poll = tokio::spawn(async move { engine.claim(office, connector, "poll".into(), 5, 55).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!poll.is_finished(), "there is nothing yet");
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_millis(400), poll)
        .await
        .expect("at once")
        .unwrap()
        .unwrap();
    assert_eq!(ids(&answer.tasks), [1]);
    let events: Vec<Happened> = desk
        .engine
        .events_after(desk.office, 0, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|e| e.happened)
        .collect();
    assert_eq!(
        events,
        [
            Happened::Delivered,
            Happened::Claimed {
                connector: desk.connector,
                attempt: 1
            }
        ]
    );
}

#[tokio::test]
async fn the_calls_of_a_connector_that_wait_have_a_limit() {
    let (_dir, desk) = desk().await.unwrap();
    let (office, connector) = (desk.office, desk.connector);
    let call = |n: u32| {
        let engine = desk.engine.clone();
        async move { engine.claim(office, connector, format!("poll {n}"), 1, 55).await }
    };
    // one look at each: it waits
    async fn waits(mut poll: Pin<&mut impl Future>) {
        tokio::select! { biased; _ = &mut poll => panic!("it is answered"), () = std::future::ready(()) => {} }
    }
    let mut polls: Vec<_> = (0..32).map(|n| Box::pin(call(n))).collect();
    for poll in &mut polls {
        waits(poll.as_mut()).await;
    }
    let one_more = tokio::time::timeout(Duration::from_secs(20), call(32)).await;
    assert_eq!(
        refused(one_more.expect("it is answered at once")),
        Refusal::TooManyRequests(5)
    );
    assert!(
        desk.claim(1).await.unwrap().is_empty(),
        "who does not wait is answered"
    );
    // whose caller has gone waits no more
    polls.pop();
    waits(pin!(call(33))).await;
}

#[tokio::test]
async fn a_long_poll_that_finds_nothing_ends_when_its_time_is_up() {
    let (_dir, desk) = desk().await.unwrap();
    let (engine, office, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let poll = tokio::spawn(async move { engine.claim(office, connector, "poll".into(), 5, 30).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    desk.clock.pass(29_000);
    desk.engine.ready().await.unwrap();
    assert!(!poll.is_finished());
    desk.clock.pass(1_000);
    desk.engine.ready().await.unwrap();
    assert!(poll.await.unwrap().unwrap().tasks.is_empty());
}

#[tokio::test]
async fn a_poll_whose_caller_has_gone_takes_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    let (engine, office, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let poll = tokio::spawn(async move { engine.claim(office, connector, "gone".into(), 5, 55).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    poll.abort();
    let _ = poll.await;
    desk.deliver(vec![booking("D1")]).await.unwrap();
    let claimed = desk.claim(1).await.unwrap();
    assert_eq!((ids(&claimed), claimed[0].attempt), (vec![1], 1));
}

#[tokio::test]
async fn draining_ends_waiting_polls_and_grants_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    let (engine, office, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let poll = tokio::spawn(async move { engine.claim(office, connector, "poll".into(), 5, 55).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    desk.engine.drain().await.unwrap();
    assert!(poll.await.unwrap().unwrap().tasks.is_empty());
    desk.deliver(vec![booking("D1")]).await.unwrap();
    assert!(desk.claim(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_matching_tasks_are_handed_out_and_no_more_than_fit() {
    let (dir, desk) = desk().await.unwrap();
    let picky = desk.engine.add_connector(desk.office, "Gent 2").await.unwrap();
    let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let hello = Hello {
        kinds: words(&[SYNC]),
        packages: words(&["adsolut"]),
        max_parallel: 1,
        unaccepted_reports: 0,
        ..takes_everything()
    };
    desk.engine.hello(picky, hello).await.unwrap();
    desk.engine
        .add_dossier(desk.office, "W1", "In Wings", "wings")
        .await
        .unwrap();
    desk.deliver(vec![
        booking("D1"),
        new_task(SYNC, "W1"),
        new_task(SYNC, "D2"),
        new_task(SYNC, "D3"),
    ])
    .await
    .unwrap();
    let claim = |desk: &TestDesk, request: &str| {
        let (engine, office, request) = (desk.engine.clone(), desk.office, request.to_owned());
        async move { ids(&engine.claim(office, picky, request, 100, 0).await.unwrap().tasks) }
    };
    assert_eq!(claim(&desk, "a").await, [3]);
    assert!(claim(&desk, "b").await.is_empty(), "it runs one at a time");
    let desk = reopen(&dir, desk).await.unwrap();
    assert!(claim(&desk, "c").await.is_empty(), "also after a restart");
    assert_eq!(ids(&desk.claim(100).await.unwrap()), [1, 2, 4]);
}

#[tokio::test]
async fn a_drained_connector_gets_nothing_until_its_next_start() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2")]).await.unwrap();
    desk.claim(1).await.unwrap();
    assert_eq!(
        desk.engine
            .drain_connector(desk.connector, "boot".into())
            .await
            .unwrap(),
        1
    );
    assert!(desk.claim(1).await.unwrap().is_empty());
    desk.engine
        .hello(desk.connector, takes_everything())
        .await
        .unwrap();
    assert!(
        desk.claim(1).await.unwrap().is_empty(),
        "the same start says hello again"
    );
    desk.engine
        .hello(
            desk.connector,
            Hello {
                boot_id: "next".into(),
                ..takes_everything()
            },
        )
        .await
        .unwrap();
    assert_eq!(ids(&desk.claim(1).await.unwrap()), [2]);
    assert_eq!(
        refused(desk.engine.drain_connector(desk.connector, "boot".into()).await).code(),
        "wrong_state"
    );
}

#[tokio::test]
async fn an_answer_stays_below_its_limit_and_the_rest_comes_with_the_next() {
    let (_dir, desk) = desk().await.unwrap();
    for d in 4..=20 {
        let code = format!("D{d}");
        desk.engine
            .add_dossier(desk.office, &code, &code, "adsolut")
            .await
            .unwrap();
    }
    let large = |d: usize| NewTask {
        payload: Some(serde_json::json!({"document": "x".repeat(950_000)})),
        ..booking(&format!("D{d}"))
    };
    for d in 1..=20 {
        desk.deliver(vec![large(d)]).await.unwrap();
    }
    let engine = &desk.engine;
    let claim = async |request: &str| {
        let answer = engine
            .claim(desk.office, desk.connector, request.into(), 20, 0)
            .await;
        let answer = answer.unwrap();
        let bytes = serde_json::to_vec(&answer).unwrap().len();
        assert!(bytes <= domain::wire::MAX_CLAIM_ANSWER, "{bytes}");
        answer.tasks
    };
    let first = claim("a").await;
    assert_eq!(ids(&first), (1..=8).collect::<Vec<_>>());
    assert_eq!(claim("a").await, first, "the same again");
    assert_eq!(ids(&claim("b").await), (9..=16).collect::<Vec<_>>());
    assert_eq!(ids(&claim("c").await), (17..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_a_claim_asks_for_is_checked() {
    let (_dir, desk) = desk().await.unwrap();
    let (max, wait) = ([0, 101], [56, u32::MAX]);
    for max in max {
        assert_eq!(
            refused(
                desk.engine
                    .claim(desk.office, desk.connector, "r".into(), max, 0)
                    .await
            )
            .code(),
            "invalid"
        );
    }
    for wait in wait {
        assert_eq!(
            refused(
                desk.engine
                    .claim(desk.office, desk.connector, "r".into(), 1, wait)
                    .await
            )
            .code(),
            "invalid"
        );
    }
    for request in ["", " ", "a\u{0}b", &"r".repeat(101)] {
        assert_eq!(
            refused(
                desk.engine
                    .claim(desk.office, desk.connector, request.into(), 1, 0)
                    .await
            )
            .code(),
            "invalid"
        );
    }
    assert_eq!(
        refused(desk.engine.claim(desk.office, 999, "r".into(), 1, 0).await).code(),
        "unauthenticated"
    );
}

#[tokio::test]
async fn a_held_dossier_delays_no_other() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![
        new_task(ACTIVATE, "D1"),
        booking("D1"),
        booking("D2"),
        new_task(DELETE, "D3"),
    ])
    .await
    .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], desk::failed("unheard_of", serde_json::json!({})))
        .await
        .unwrap();
    assert_eq!(ids(&desk.claim(100).await.unwrap()), [3, 4]);
}
