//! Guessing (R20): it is slowed down, costs little, and never stands in the way of the owner.

use crate::desk;

use desk::{desk, look, refused};
use domain::{ClientAddress, Language, Refusal, Role};
use engine::{
    Clock, Engine, NewPerson, Options,
    clock::HandClock,
    desk::guard::Visitor,
    people::accounts::Effort,
    testing::{self, TestDesk},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

const RIGHT: &str = "thirty wet owls in a row";
const AN: &str = "an@gent.example";

/// Whoever comes from this address, by a browser that nobody knows.
fn from(address: &str) -> Visitor {
    Visitor::new(ClientAddress::new(address.parse().unwrap()), None)
}

/// A stranger of the world, another for each number.
fn stranger(n: u32) -> Visitor {
    from(&format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255))
}

async fn an(desk: &TestDesk) -> i64 {
    let row = NewPerson {
        office: Some(desk.office),
        email: AN.into(),
        name: "An".into(),
        role: Role::Admin,
        language: Language::Nl,
        password_hash: Some(desk.engine.hash_password(RIGHT.into()).await.unwrap()),
    };
    desk.engine.add_person(row).await.unwrap()
}

/// Signs An in as a browser does, which keeps what it is given.
async fn by_browser(engine: &Engine, client: &str, cookie: &mut Option<String>) -> engine::Result<String> {
    let client = ClientAddress::new(client.parse().unwrap());
    let visitor = Visitor::new(client, cookie.as_deref());
    let session = engine.sign_in(AN, RIGHT, &visitor).await?;
    let given = engine.remember_visit(&session, client, cookie.clone()).await?;
    *cookie = given.or(cookie.take());
    Ok(session)
}

/// Wrong passwords until one is not looked at; gives the seconds to wait.
async fn exhaust(engine: &Engine, visitor: &Visitor) -> u32 {
    for _ in 0..1000 {
        match refused(engine.sign_in(AN, "a wrong guess", visitor).await) {
            Refusal::Unauthenticated => {}
            Refusal::TooManyRequests(seconds) => return seconds,
            other => panic!("{other:?}"),
        }
    }
    panic!("never refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_sign_ins_at_once_are_few_at_work_few_waiting_and_the_rest_told_when_to_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        effort: Effort {
            memory: 32 * 1024,
            passes: 4,
        },
        ..testing::options(dir.path(), Arc::new(HandClock::default()))
    };
    let engine = Engine::open(options).await.unwrap();
    let at_once = std::thread::available_parallelism().unwrap().get().div_ceil(2);
    let tries = (0..60).map(|n| {
        let engine = engine.clone();
        tokio::spawn(async move {
            let email = format!("u{n}@gent.example");
            refused(engine.sign_in(&email, "a wrong guess", &stranger(n)).await)
        })
    });
    let tries: Vec<_> = tries.collect();
    let (mut looked_at, mut told) = (0, 0);
    for answer in tries {
        match answer.await.unwrap() {
            Refusal::Unauthenticated => looked_at += 1,
            busy @ Refusal::Busy(seconds) => {
                assert_eq!(busy.status(), 503);
                assert_eq!(busy.problem().retry_after, Some(seconds));
                assert!((1..=60).contains(&seconds));
                told += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    // those at work, those who wait, and the few whose turn came before the last had asked
    assert!(
        (at_once + 16..at_once + 26).contains(&looked_at),
        "{looked_at} looked at, {told} told"
    );
    // it was a moment: who comes again is looked at, and what was not looked at was not counted
    for n in 0..60 {
        let email = format!("u{n}@gent.example");
        let again = engine.sign_in(&email, "a wrong guess", &stranger(n)).await;
        assert_eq!(refused(again), Refusal::Unauthenticated);
        if n == 5 {
            break;
        }
    }
}

/// Strangers fill their own line only: who comes by an address of theirs does not stand in it.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_strangers_wait() {
    let (_dir, desk) = desk().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        effort: Effort {
            memory: 32 * 1024,
            passes: 4,
        },
        ..testing::options(dir.path(), desk.clock.clone())
    };
    let engine = Engine::open(options).await.unwrap();
    let row = engine::OfficeRow {
        code: "gent".into(),
        name: "Gent".into(),
        ..engine::people::accounts::default_office()
    };
    let office = engine.add_office(row).await.unwrap();
    let desk = TestDesk {
        engine,
        office,
        ..desk
    };
    an(&desk).await;
    let mut cookie = None;
    by_browser(&desk.engine, "192.0.2.7", &mut cookie).await.unwrap();
    let (full, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let flood = (0..40).map(|first| {
        let (engine, full, over) = (desk.engine.clone(), full.clone(), over.clone());
        tokio::spawn(async move {
            let mut n = first;
            while !over.load(Relaxed) {
                let email = format!("u{n}@gent.example");
                let answer = engine.sign_in(&email, "a wrong guess", &stranger(n)).await;
                if matches!(refused(answer), Refusal::Busy(_)) {
                    full.store(true, Relaxed);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                n += 40;
            }
        })
    });
    let flood: Vec<_> = flood.collect();
    while !full.load(Relaxed) {
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        by_browser(&desk.engine, "192.0.2.7", &mut cookie).await.unwrap();
    }
    over.store(true, Relaxed);
    for one in flood {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn what_is_far_too_long_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // a hash would take seconds
    let effort = Effort {
        memory: 256 * 1024,
        passes: 8,
    };
    let options = Options {
        effort,
        ..testing::options(dir.path(), Arc::new(HandClock::default()))
    };
    let engine = Engine::open(options).await.unwrap();
    let long = format!("{}@gent.example", "a".repeat(1_000_000));
    let begun = Instant::now();
    for n in 0..100 {
        let email = format!("{n}{long}");
        assert_eq!(
            refused(engine.sign_in(&email, "a wrong guess", &stranger(n)).await),
            Refusal::Unauthenticated
        );
        let password = "p".repeat(1_000_000);
        assert_eq!(
            refused(engine.sign_in(AN, &password, &stranger(n)).await),
            Refusal::Unauthenticated
        );
    }
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn right_passwords_use_nothing_up() {
    let (_dir, desk) = desk().await.unwrap();
    let me = an(&desk).await;
    for _ in 0..40 {
        desk.engine.sign_in(AN, RIGHT, &from("192.0.2.1")).await.unwrap();
    }
    let session = desk.engine.sign_in(AN, RIGHT, &from("192.0.2.1")).await.unwrap();
    let (mut old, mut new) = (RIGHT.to_owned(), "forty dry owls in a row".to_owned());
    for _ in 0..40 {
        desk.engine
            .change_password(me, &session, old.clone(), new.clone())
            .await
            .unwrap();
        std::mem::swap(&mut old, &mut new);
    }
    // a few mistakes at home, by whichever browser, are forgotten by the right one
    by_browser(&desk.engine, "192.0.2.1", &mut None).await.unwrap();
    for _ in 0..20 {
        for _ in 0..9 {
            let wrong = desk.engine.sign_in(AN, "a wrong guess", &from("192.0.2.1")).await;
            assert_eq!(refused(wrong), Refusal::Unauthenticated);
            desk.clock.pass(60_000);
        }
        desk.engine.sign_in(AN, &old, &from("192.0.2.1")).await.unwrap();
    }
}

/// Each right password is work, a session and two notes: not without end either.
#[tokio::test]
async fn right_passwords_fill_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    an(&desk).await;
    let sign_in = async || desk.engine.sign_in(AN, RIGHT, &from("192.0.2.1")).await;
    for _ in 0..60 {
        sign_in().await.unwrap();
    }
    assert!(matches!(
        refused(sign_in().await),
        Refusal::TooManyRequests(1..=10)
    ));
    desk.engine.sign_in(AN, RIGHT, &from("192.0.2.2")).await.unwrap();
    desk.clock.pass(10_000);
    sign_in().await.unwrap();
    let sessions: i64 = look(&desk.engine)
        .query_row("SELECT count(*) FROM session", [], |r| r.get(0))
        .unwrap();
    assert_eq!(sessions, 50);
}

#[tokio::test]
async fn who_waits_as_long_as_told_is_let_in() {
    let (_dir, desk) = desk().await.unwrap();
    an(&desk).await;
    let seconds = exhaust(&desk.engine, &from("192.0.2.1")).await;
    let early = u64::from(seconds) * 1000 - 1000;
    desk.clock.pass(early);
    assert_eq!(
        refused(desk.engine.sign_in(AN, RIGHT, &from("192.0.2.1")).await),
        Refusal::TooManyRequests(1)
    );
    desk.clock.pass(1000);
    desk.engine
        .sign_in(AN, RIGHT, &from("192.0.2.1"))
        .await
        .expect("as told");
}

#[tokio::test]
async fn an_owner_gets_in_while_strangers_guess_and_they_get_a_hundred_tries_a_day() {
    let (_dir, desk) = desk().await.unwrap();
    an(&desk).await;
    let mut browser = None;
    by_browser(&desk.engine, "192.0.2.1", &mut browser).await.unwrap();
    desk.clock.pass(86_400_000);
    let mut looked_at = 0;
    for n in 0..10_000 {
        let guess = format!("guess number {n}");
        match refused(desk.engine.sign_in(AN, &guess, &stranger(n)).await) {
            Refusal::Unauthenticated => looked_at += 1,
            Refusal::TooManyRequests(seconds) => assert!(seconds > 0),
            other => panic!("{other:?}"),
        }
        desk.clock.pass(8_640);
        if n % 1000 == 999 {
            // from elsewhere by the own browser; from home by a new one
            by_browser(&desk.engine, "198.51.100.7", &mut browser)
                .await
                .expect("the own browser");
            desk.engine
                .sign_in(AN, RIGHT, &from("192.0.2.1"))
                .await
                .expect("the own address");
        }
    }
    assert!((50..=100).contains(&looked_at), "{looked_at}");
    // nor does who sits beside the owner, behind the same address
    exhaust(&desk.engine, &from("192.0.2.1")).await;
    by_browser(&desk.engine, "192.0.2.1", &mut browser)
        .await
        .expect("the own browser beside one who guesses");
    // and a browser that is known to somebody else is a stranger's
    let mut other = browser.clone().map(|b| b.replace("nwd_", "nws_"));
    assert!(by_browser(&desk.engine, "203.0.113.4", &mut other).await.is_err());
}

#[tokio::test]
async fn one_address_does_not_try_every_account() {
    let (_dir, desk) = desk().await.unwrap();
    an(&desk).await;
    let mut browser = None;
    by_browser(&desk.engine, "192.0.2.1", &mut browser).await.unwrap();
    let mut looked_at = 0;
    for n in 0..500 {
        let email = format!("u{n}@gent.example");
        let tried = desk
            .engine
            .sign_in(&email, "Welcome01!", &from("192.0.2.1"))
            .await;
        looked_at += u32::from(refused(tried) == Refusal::Unauthenticated);
    }
    assert_eq!(looked_at, 50);
    by_browser(&desk.engine, "192.0.2.1", &mut browser).await.unwrap();
    let elsewhere = desk
        .engine
        .sign_in("u1@gent.example", "Welcome01!", &from("192.0.2.2"))
        .await;
    assert_eq!(refused(elsewhere), Refusal::Unauthenticated);
}

#[tokio::test]
async fn what_is_typed_into_one_door_empties_no_other() {
    let (_dir, desk) = desk().await.unwrap();
    let me = an(&desk).await;
    let session = desk.engine.sign_in(AN, RIGHT, &from("192.0.2.1")).await.unwrap();
    let reset = format!("reset {AN}");
    let password = format!("password {me}");
    for email in ["enrol", password.as_str(), reset.as_str()] {
        for n in 0..50 {
            let _ = desk.engine.sign_in(email, "a wrong guess", &stranger(n)).await;
        }
    }
    let code = desk.engine.enrol_code(desk.connector).await.unwrap();
    desk.engine.enrol(&code, stranger(1).client).await.expect("enrol");
    desk.engine
        .ask_reset(AN, &from("192.0.2.1"))
        .await
        .expect("reset");
    let changed = desk
        .engine
        .change_password(me, &session, RIGHT.into(), "forty dry owls in a row".into());
    changed.await.expect("password");
}

#[tokio::test]
async fn nonsense_shuts_enrolment_for_nobody() {
    let (_dir, desk) = desk().await.unwrap();
    let client = from("192.0.2.1").client;
    let mut told = None;
    for _ in 0..200 {
        match refused(desk.engine.enrol("nwe_nonsense", client).await) {
            Refusal::Unauthenticated => {}
            Refusal::TooManyRequests(seconds) => told = Some(seconds),
            other => panic!("{other:?}"),
        }
    }
    let told = told.expect("one client is slowed down");
    // a right code is taken, from elsewhere and from behind the same address; a thousand in a row too
    for n in 0..1000 {
        let code = desk.engine.enrol_code(desk.connector).await.unwrap();
        let from = if n % 2 == 0 { client } else { stranger(n).client };
        desk.engine.enrol(&code, from).await.expect("a right code");
    }
    desk.clock.pass(u64::from(told) * 1000);
    assert_eq!(
        refused(desk.engine.enrol("nwe_nonsense", client).await),
        Refusal::Unauthenticated
    );
    assert!(desk.clock.now() > 0);
}

#[tokio::test]
async fn who_floods_a_form_shuts_it_for_nobody_else() {
    let (_dir, desk) = desk().await.unwrap();
    let send = |n: u32| desk.engine.admit_form("gent", stranger(n).client);
    let mut told = 0;
    for _ in 0..200 {
        if let Err(e) = send(1) {
            let Refusal::TooManyRequests(seconds) = e.refusal() else {
                panic!("{e:?}");
            };
            told = seconds;
        }
    }
    assert!(told > 0, "the one who floods is slowed down");
    for n in 2..200 {
        send(n).expect("somebody else");
    }
    desk.clock.pass(u64::from(told) * 1000);
    send(1).expect("as told");
    assert_eq!(
        refused(desk.engine.admit_form("nowhere", stranger(1).client)),
        Refusal::NotFound
    );
}

#[tokio::test]
async fn resets_are_few_whether_somebody_has_the_address_or_not() {
    let (_dir, desk) = desk().await.unwrap();
    an(&desk).await;
    for email in [AN, "nobody@gent.example"] {
        let mut taken = 0;
        let mut told = 0;
        for _ in 0..20 {
            match desk.engine.ask_reset(email, &from("192.0.2.1")).await {
                Ok(()) => taken += 1,
                Err(e) => match e.refusal() {
                    Refusal::TooManyRequests(seconds) => told = seconds,
                    other => panic!("{other:?}"),
                },
            }
        }
        assert_eq!(taken, 3, "{email}");
        desk.clock.pass(u64::from(told) * 1000);
        desk.engine
            .ask_reset(email, &from("192.0.2.1"))
            .await
            .expect("as told");
    }
    // the world together fills nobody's mailbox
    let mut taken = 0;
    for n in 0..1000 {
        taken += u32::from(desk.engine.ask_reset(AN, &stranger(n)).await.is_ok());
    }
    assert!(taken <= 6, "{taken}");
}
