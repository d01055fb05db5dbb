//! Tokens of connectors and integrations: rotated with both valid for a time, revoked with effect on the next call.

use crate::desk;

use desk::{look, refused};
use domain::Caller;
use engine::{
    Clock,
    testing::{TestDesk, new_task, support, takes_everything},
};
use std::future::Future as _;
use views::connectors::Holder;

#[tokio::test]
async fn a_rotated_token_lives_on_for_the_chosen_time() {
    let dir = tempfile::tempdir().unwrap();
    let desk = TestDesk::open(dir.path()).await.unwrap();
    let caller = Caller::Connector {
        id: desk.connector,
        office: desk.office,
    };
    let first = desk.engine.new_token(caller).await.unwrap();
    let second = desk.engine.rotate_token(caller, 60_000).await.unwrap();
    assert_eq!(desk.engine.caller(&first).unwrap(), caller);
    assert_eq!(desk.engine.caller(&second).unwrap(), caller);
    desk.clock.pass(60_000);
    assert!(desk.engine.caller(&first).is_err(), "{}", desk.clock.now());
    assert_eq!(desk.engine.caller(&second).unwrap(), caller);
}

#[tokio::test]
async fn a_revoked_connector_is_a_stranger_at_its_next_call() {
    let dir = tempfile::tempdir().unwrap();
    let desk = TestDesk::open(dir.path()).await.unwrap();
    desk.dossiers(1).await.unwrap();
    let caller = Caller::Connector {
        id: desk.connector,
        office: desk.office,
    };
    let token = desk.engine.new_token(caller).await.unwrap();
    desk.deliver(vec![new_task("synchronise_dossier", "D1")])
        .await
        .unwrap();
    let held = desk.claim(1).await.unwrap();
    desk.engine.revoke(caller).await.unwrap();
    assert!(desk.engine.caller(&token).is_err());
    let other = desk.engine.add_connector(desk.office, "Gent 2").await.unwrap();
    desk.engine.hello(other, takes_everything()).await.unwrap();
    desk.clock.pass(121_000);
    let again = desk
        .engine
        .claim(desk.office, other, "r".into(), 1, 0)
        .await
        .unwrap()
        .tasks;
    assert_eq!(
        again[0].id, held[0].id,
        "what it held comes free when the lease ends"
    );
}

#[tokio::test]
async fn an_open_enrol_code_dies_with_its_connector() {
    let dir = tempfile::tempdir().unwrap();
    let desk = TestDesk::open(dir.path()).await.unwrap();
    let caller = Caller::Connector {
        id: desk.connector,
        office: desk.office,
    };
    let before = desk.engine.enrol_code(desk.connector).await.unwrap();
    desk.engine.revoke(caller).await.unwrap();
    let after = desk.engine.enrol_code(desk.connector).await.unwrap();
    for code in [before, after] {
        assert_eq!(
            refused(desk.engine.enrol(&code, domain::ClientAddress::default()).await),
            domain::Refusal::Unauthenticated
        );
    }
}

#[tokio::test]
async fn a_long_poll_that_hangs_when_its_connector_is_shut_out_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let desk = TestDesk::open(dir.path()).await.unwrap();
    desk.dossiers(1).await.unwrap();
    let (engine, office, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let poll = tokio::spawn(async move { engine.claim(office, connector, "r".into(), 1, 30).await });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!poll.is_finished(), "it hangs");
    desk.engine
        .revoke(Caller::Connector {
            id: connector,
            office,
        })
        .await
        .unwrap();
    desk.deliver(vec![new_task("synchronise_dossier", "D1")])
        .await
        .unwrap();
    desk.clock.pass(31_000);
    let given = poll.await.unwrap().unwrap();
    assert!(given.tasks.is_empty(), "{given:?}");
}

#[tokio::test]
async fn a_change_of_tokens_is_whole_even_when_nobody_waits_for_its_answer() {
    let dir = tempfile::tempdir().unwrap();
    let desk = TestDesk::open(dir.path()).await.unwrap();
    let caller = Caller::Connector {
        id: desk.connector,
        office: desk.office,
    };
    let token = desk.engine.new_token(caller).await.unwrap();
    let (admin, holder) = (support(), Holder::Connector(desk.connector));
    {
        let mut left = std::pin::pin!(desk.engine.shut_out(&admin, desk.office, holder));
        // asked for, and given up at once
        let first = std::future::poll_fn(|c| std::task::Poll::Ready(left.as_mut().poll(c))).await;
        assert!(first.is_pending());
    }
    for _ in 0..2_000 {
        if desk.engine.caller(&token).is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert!(desk.engine.caller(&token).is_err(), "it is known in memory");
    let db = look(&desk.engine);
    let one = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(
        one("SELECT count(*) FROM connector WHERE revoked_at IS NOT NULL"),
        1
    );
    assert_eq!(one("SELECT count(*) FROM audit WHERE what = 'revoke'"), 1);
}
