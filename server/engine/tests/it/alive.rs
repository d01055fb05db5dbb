//! A panic costs what panicked, a part that stops is seen (S6.6).

use crate::desk;
use desk::{booking, desk, look, refused};
use domain::{Refusal, TaskState};
use engine::{Clock, Engine, Error, Hearts, clock::HandClock};
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_panics_costs_nobody_beside_it_anything() {
    let (_dir, desk) = desk().await.unwrap();
    // a writer that is kept busy meets all of them in one group
    for round in 0..10 {
        let (before, broken, after) = tokio::join!(
            desk.deliver(vec![booking("D1")]),
            desk.engine.pretend_panic(),
            desk.deliver(vec![booking("D2")]),
        );
        let first = 1 + 2 * round;
        let mut both = [before.unwrap()[0], after.unwrap()[0]];
        both.sort_unstable();
        assert_eq!(both, [first, first + 1], "what it did in memory is undone");
        let Err(Error::Broken { number, .. }) = broken else {
            panic!("{broken:?}");
        };
        let said = Error::Broken {
            number,
            why: "secret".into(),
        }
        .refusal();
        assert_eq!((said.status(), said.code()), (500, "internal"));
        assert!(said.to_string().contains(&number.to_string()) && !said.to_string().contains("secret"));
    }
    let pretended: i64 = look(&desk.engine)
        .query_row("SELECT count(*) FROM meta WHERE key = 'pretended'", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(pretended, 0, "what it wrote is undone");
    let task = desk.claim(1).await.unwrap().remove(0);
    let reported = desk.report(&task, desk::done()).await.unwrap();
    assert_eq!(reported.status, Some(TaskState::Succeeded), "the desk goes on");
    assert_eq!(desk.engine.hearts.beat(), Ok(()));
}

#[tokio::test]
async fn whoever_is_refused_has_written_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine::testing::open(dir.path(), engine::testing::clock())
        .await
        .unwrap();
    let link = engine.first_admin_link().await.unwrap().unwrap();
    // it is for making the first admin, and signs nobody in
    assert_eq!(refused(engine.use_link(&link).await).code(), "not_found");
    assert!(engine.look_at_link(&link).await.is_ok(), "it is still good");
}

#[tokio::test]
async fn a_loop_that_panics_ends_the_program() {
    static ENDED: AtomicBool = AtomicBool::new(false);
    let hearts = Hearts::new(Duration::from_secs(60)).ended_by(|name, why| {
        assert_eq!((name, why), ("loop", "as a rehearsal asks"));
        ENDED.store(true, Ordering::SeqCst);
    });
    hearts.keep("loop", |heart| async move {
        loop {
            heart.pulse().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(hearts.beat(), Ok(()));
    hearts.pretend("loop!");
    until(|| ENDED.load(Ordering::SeqCst)).await;
    assert_eq!(hearts.beat(), Err("loop"));
}

#[tokio::test]
async fn a_loop_that_hangs_is_seen_and_one_that_rests_is_not() {
    let hearts = Hearts::new(Duration::from_millis(100));
    hearts.keep("rests", |heart| async move {
        heart.rest();
        pending::<()>().await;
    });
    hearts.keep("works", |heart| async move {
        loop {
            heart.pulse().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(hearts.beat(), Ok(()));
    hearts.pretend("works");
    until(|| hearts.beat() == Err("works")).await;
}

#[tokio::test]
async fn each_part_of_the_desk_has_a_heart() {
    for part in ["writer", "live", "ticker", "scheduler"] {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(engine::Options {
            hearts: Hearts::new(Duration::from_millis(1500)),
            ..engine::testing::options(dir.path(), engine::testing::clock())
        })
        .await
        .unwrap();
        engine::watch::ticker::start(&engine);
        engine::jobs::scheduler::start(&engine);
        let office = engine.add_office(engine::testing::gent()).await.unwrap();
        engine
            .add_dossier(office, "D1", "Dossier 1", "adsolut")
            .await
            .unwrap();
        assert_eq!(engine.hearts.beat(), Ok(()));
        engine.hearts.pretend(part);
        // something to tell; a writer that hangs answers nobody
        let deliver = engine.deliver(office, vec![booking("D1")]);
        let _ = tokio::time::timeout(Duration::from_millis(200), deliver).await;
        until(|| engine.hearts.beat() == Err(part)).await;
    }
}

/// A clock that makes the writer panic as often as it is told, outside of any operation.
struct Broken {
    clock: Arc<HandClock>,
    times: AtomicU32,
}

impl Clock for Broken {
    fn now(&self) -> i64 {
        let writer = std::thread::current().name() == Some("writer");
        let less = |n: u32| n.checked_sub(1);
        let panics = writer
            && self
                .times
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
                .is_ok();
        assert!(!panics, "the clock broke");
        self.clock.now()
    }

    fn mono(&self) -> u64 {
        self.clock.mono()
    }
}

#[tokio::test]
async fn a_writer_that_panics_by_itself_goes_on_once_and_the_second_time_ends_the_program() {
    static ENDED: AtomicBool = AtomicBool::new(false);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(Broken {
        clock: engine::testing::clock(),
        times: AtomicU32::new(0),
    });
    let engine = Engine::open(engine::Options {
        hearts: Hearts::new(Duration::from_secs(60)).ended_by(|name, why| {
            assert_eq!((name, why), ("writer", "the clock broke"));
            ENDED.store(true, Ordering::SeqCst);
        }),
        ..engine::testing::options(dir.path(), clock.clone())
    })
    .await
    .unwrap();
    for _ in 0..3 {
        clock.times.store(1, Ordering::SeqCst);
        engine.ready().await.expect("nobody's operation is lost");
    }
    assert_eq!(engine.hearts.beat(), Ok(()));
    clock.times.store(2, Ordering::SeqCst);
    assert!(engine.ready().await.is_err());
    until(|| ENDED.load(Ordering::SeqCst)).await;
    assert_eq!(engine.hearts.beat(), Err("writer"));
}

/// More than the writer's queue holds, and what it may have in its hands.
#[tokio::test]
async fn a_writer_that_is_stuck_is_waited_for_by_so_many_and_all_others_are_told_to_come_again() {
    let (_dir, desk) = desk().await.unwrap();
    desk.engine.hearts.pretend("writer");
    let (holds, more) = (4096 + 500, 1000);
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..holds + more {
        let engine = desk.engine.clone();
        asked.spawn(async move { engine.ready().await });
    }
    let mut refused_ones = 0;
    let counted = async {
        while refused_ones < more
            && let Some(answer) = asked.join_next().await
        {
            match answer.unwrap() {
                Err(Error::Refused(Refusal::NoRoom(2))) => refused_ones += 1,
                // what was on its way when it began to hang
                Ok(()) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(20), counted).await;
    assert_eq!(refused_ones, more);
}

async fn until(it_is_so: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if it_is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never became so");
}
