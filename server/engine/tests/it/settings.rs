//! Settings of an office: checked at the field, in force at once, never over somebody else's head.

use crate::desk;

use desk::{desk, look, person, refused};
use domain::{Refusal, Role};
use engine::testing::TestDesk;
use views::settings::Settings;

async fn now(desk: &TestDesk) -> Settings {
    desk.engine.settings(desk.office).await.unwrap().settings
}

async fn save(desk: &TestDesk, was: &Settings, new: &Settings) -> engine::Result<()> {
    let admin = person(Role::Admin, desk.office);
    desk.engine
        .save_settings(admin, desk.office, was.clone(), new.clone())
        .await
}

#[tokio::test]
async fn a_change_is_in_force_at_once_and_in_the_log() {
    let (dir, desk) = desk().await.unwrap();
    let was = now(&desk).await;
    let new = Settings {
        name: " Gent Zuid ".into(),
        zone: "Europe/Oslo".into(),
        poll_from: 30,
        poll_to: 30,
        lease_seconds: 60,
        ..was.clone()
    };
    save(&desk, &was, &new).await.unwrap();
    let poll = desk
        .engine
        .claim(desk.office, desk.connector, "r1".into(), 1, 0)
        .await
        .unwrap();
    assert_eq!(poll.next_poll_seconds, 30);
    let hello = desk
        .engine
        .hello(desk.connector, engine::testing::takes_everything())
        .await
        .unwrap();
    assert_eq!((hello.poll_seconds, hello.lease_seconds), (30, 60));
    let db = look(&desk.engine);
    let mut q = db
        .prepare("SELECT subject, before, after FROM audit WHERE what = 'settings' ORDER BY id")
        .unwrap();
    let rows: Vec<(String, String, String)> = q
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let line = |name: &str, before: &str, after: &str| {
        (format!("setting {name}"), before.to_owned(), after.to_owned())
    };
    assert_eq!(
        rows,
        [
            line("name", "Gent", "Gent Zuid"),
            line("zone", "Europe/Brussels", "Europe/Oslo"),
            line("poll_from", "300", "30"),
            line("poll_to", "600", "30"),
            line("lease_seconds", "120", "60")
        ]
    );
    drop(q);
    drop(db);
    let desk = desk::reopen(&dir, desk).await.unwrap();
    assert_eq!(now(&desk).await.name, "Gent Zuid", "and after a restart");
}

#[tokio::test]
async fn the_later_of_two_is_told() {
    let (_dir, desk) = desk().await.unwrap();
    let was = now(&desk).await;
    let first = Settings {
        remind_hours: 8,
        ..was.clone()
    };
    let second = Settings {
        name: "Other".into(),
        ..was.clone()
    };
    save(&desk, &was, &first).await.unwrap();
    assert_eq!(refused(save(&desk, &was, &second).await).code(), "wrong_state");
    assert_eq!(now(&desk).await, first, "nothing was written");
    let again = now(&desk).await;
    let both = Settings {
        name: "Other".into(),
        ..again.clone()
    };
    save(&desk, &again, &both).await.unwrap();
    assert_eq!(now(&desk).await, both);
}

#[tokio::test]
async fn each_broken_rule_is_named() {
    let (_dir, desk) = desk().await.unwrap();
    let was = now(&desk).await;
    let broken = Settings {
        name: " ".into(),
        zone: "Europe/Gent".into(),
        support_contact: "x".repeat(10_000),
        poll_from: 0,
        poll_to: 4000,
        lease_seconds: 1,
        remind_hours: 48,
        escalate_hours: 24,
        ..was.clone()
    };
    match refused(save(&desk, &was, &broken).await) {
        Refusal::Invalid(errors) => assert_eq!(
            errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
            [
                "name",
                "support_contact",
                "zone",
                "poll_from",
                "poll_to",
                "lease_seconds",
                "escalate_hours"
            ]
        ),
        other => panic!("{other:?}"),
    }
    assert_eq!(now(&desk).await, was);
}
