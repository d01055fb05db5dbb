//! Tokens of connectors and integrations: rotated with both valid for a time, revoked with effect on the next call.

use domain::Caller;
use engine::{
    Clock,
    testing::{TestDesk, new_task, takes_everything},
};

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
