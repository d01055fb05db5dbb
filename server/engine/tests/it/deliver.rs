//! Deliver: keys that name one task, and what is refused.

use crate::desk;

use desk::{ACTIVATE, BOOK, DELETE, SYNC, booking, desk, ids, look, refused, reopen};
use domain::{Refusal, TaskState, wire::NewTask};
use engine::testing::{TestDesk, new_task};
use serde_json::json;

fn keyed(key: &str, task: NewTask) -> NewTask {
    NewTask {
        idempotency_key: Some(key.into()),
        ..task
    }
}

#[tokio::test]
async fn the_same_key_gives_the_same_task() {
    let (dir, desk) = desk().await.unwrap();
    let first = desk
        .engine
        .deliver(desk.office, vec![keyed("a", booking("D1"))])
        .await
        .unwrap()
        .tasks;
    assert!(!first[0].duplicate);
    let again = desk
        .engine
        .deliver(desk.office, vec![keyed("a", booking("D1"))])
        .await
        .unwrap()
        .tasks;
    assert_eq!(
        (again[0].id, again[0].duplicate, again[0].status),
        (first[0].id, true, TaskState::Queued)
    );

    let desk = reopen(&dir, desk).await.unwrap();
    desk.claim(1).await.unwrap();
    let running = desk
        .engine
        .deliver(desk.office, vec![keyed("a", booking("D1"))])
        .await
        .unwrap()
        .tasks;
    assert_eq!(
        (running[0].id, running[0].status),
        (first[0].id, TaskState::Running)
    );
}

#[tokio::test]
async fn the_same_key_twice_in_one_delivery_is_one_task() {
    let (_dir, desk) = desk().await.unwrap();
    let twice = vec![
        keyed("a", booking("D1")),
        booking("D2"),
        keyed("a", booking("D1")),
    ];
    let tasks = desk.engine.deliver(desk.office, twice).await.unwrap().tasks;
    assert_eq!(
        tasks.iter().map(|t| (t.id.0, t.duplicate)).collect::<Vec<_>>(),
        [(1, false), (2, false), (1, true)]
    );
}

#[tokio::test]
async fn a_key_used_for_something_else_refuses_the_whole_delivery() {
    let (_dir, desk) = desk().await.unwrap();
    let payload = |n: i32| NewTask {
        payload: Some(json!({"number": n})),
        ..booking("D1")
    };
    desk.deliver(vec![keyed("a", payload(1))]).await.unwrap();
    for other in [
        payload(2),
        booking("D1"),
        NewTask {
            payload: Some(json!({"number": 1})),
            ..booking("D2")
        },
        new_task(DELETE, "D1"),
    ] {
        let answer = desk
            .engine
            .deliver(desk.office, vec![booking("D3"), keyed("a", other)])
            .await;
        let refusal = refused(answer);
        assert!(matches!(refusal, Refusal::WrongState(_)), "{refusal:?}");
        assert_eq!(
            refusal.to_string(),
            "tasks[1].idempotency_key was used for another task."
        );
    }
    let answer = desk
        .engine
        .deliver(desk.office, vec![keyed("b", payload(1)), keyed("b", payload(2))])
        .await;
    assert_eq!(refused(answer).code(), "wrong_state");
    assert_eq!(count(&desk), 1, "nothing of the refused deliveries is there");
}

#[tokio::test]
async fn a_key_belongs_to_its_office() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![keyed("a", booking("D1"))]).await.unwrap();
    let row = engine::OfficeRow {
        code: "aalst".into(),
        name: "Aalst".into(),
        ..engine::people::accounts::default_office()
    };
    let other = desk.engine.add_office(row).await.unwrap();
    desk.engine
        .add_dossier(other, "D1", "Another D1", "adsolut")
        .await
        .unwrap();
    let tasks = desk
        .engine
        .deliver(other, vec![keyed("a", booking("D1"))])
        .await
        .unwrap()
        .tasks;
    assert_eq!((tasks[0].id.0, tasks[0].duplicate), (2, false));
}

fn count(desk: &TestDesk) -> i64 {
    look(&desk.engine)
        .query_row("SELECT count(*) FROM task", [], |r| r.get(0))
        .unwrap()
}

/// The fields that one bad task of a delivery is refused for; nothing of the delivery is there.
async fn bad(desk: &TestDesk, task: NewTask) -> Vec<String> {
    let before = count(desk);
    match refused(desk.engine.deliver(desk.office, vec![booking("D1"), task]).await) {
        Refusal::Invalid(errors) => {
            assert!(errors.iter().all(|e| !e.message.is_empty()));
            assert_eq!(count(desk), before, "all or none");
            errors.into_iter().map(|e| e.field).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_rule_of_each_field_is_named() {
    let (_dir, desk) = desk().await.unwrap();
    let d = &desk;
    let long = "x".repeat(201);
    assert_eq!(bad(d, new_task("dance", "D1")).await, ["tasks[1].kind"]);
    for dossier in ["", "D 1", "../D1", ".D1", "D9", &"D".repeat(33)] {
        assert_eq!(
            bad(d, booking(dossier)).await,
            ["tasks[1].dossier"],
            "{dossier:?}"
        );
    }
    for payload in [json!([1]), json!("text"), json!(7), json!(null)] {
        assert_eq!(
            bad(
                d,
                NewTask {
                    payload: Some(payload),
                    ..booking("D1")
                }
            )
            .await,
            ["tasks[1].payload"]
        );
    }
    for text in ["", "  ", "a\nb", "a\u{202E}b", &long] {
        assert_eq!(
            bad(
                d,
                NewTask {
                    subject: Some(text.into()),
                    ..booking("D1")
                }
            )
            .await,
            ["tasks[1].subject"]
        );
        let key = Some(text.to_owned());
        assert_eq!(
            bad(
                d,
                NewTask {
                    idempotency_key: key,
                    ..booking("D1")
                }
            )
            .await,
            ["tasks[1].idempotency_key"]
        );
    }
    for after in ["", "0", "07", "77", "x"] {
        assert_eq!(
            bad(
                d,
                NewTask {
                    after: Some(after.into()),
                    ..booking("D1")
                }
            )
            .await,
            ["tasks[1].after"],
            "{after:?}"
        );
    }
}

#[tokio::test]
async fn after_names_an_earlier_task_of_the_same_dossier() {
    let (_dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D2")]).await.unwrap();
    let after = |dossier: &str| NewTask {
        after: Some("1".into()),
        ..booking(dossier)
    };
    assert_eq!(bad(&desk, after("D1")).await, ["tasks[1].after"]);
    assert_eq!(desk.deliver(vec![after("D2")]).await.unwrap(), [2]);
}

#[tokio::test]
async fn a_delivery_holds_1_to_1000_tasks() {
    let (_dir, desk) = desk().await.unwrap();
    for n in [0, 1001] {
        let refusal = refused(desk.engine.deliver(desk.office, vec![booking("D1"); n]).await);
        assert_eq!(refusal, Refusal::field("tasks", "must hold 1 to 1000 tasks"));
    }
    assert_eq!(desk.deliver(vec![booking("D1"); 1000]).await.unwrap().len(), 1000);
}

#[tokio::test]
async fn an_activation_makes_the_dossier_once() {
    let (_dir, desk) = desk().await.unwrap();
    let new = |package: &str| NewTask {
        payload: Some(json!({"name": "Nele", "package": package})),
        ..new_task(ACTIVATE, "N1")
    };
    let tasks = desk
        .deliver(vec![
            new("wings"),
            booking("N1"),
            new("wings"),
            new_task(SYNC, "N1"),
        ])
        .await
        .unwrap();
    assert_eq!(tasks, [1, 2, 3, 4]);
    let claimed = desk.claim(10).await.unwrap();
    assert_eq!(ids(&claimed), [1]);
    assert_eq!(
        (
            claimed[0].dossier.name.as_str(),
            claimed[0].dossier.package.as_str()
        ),
        ("Nele", "wings")
    );
    assert_eq!(bad(&desk, new("adsolut")).await, ["tasks[1].payload.package"]);
    let nameless = NewTask {
        payload: Some(json!({"package": "No Key"})),
        ..new_task(ACTIVATE, "N2")
    };
    assert_eq!(
        bad(&desk, nameless).await,
        ["tasks[1].payload.name", "tasks[1].payload.package"]
    );
    assert_eq!(
        bad(&desk, booking("N2")).await,
        ["tasks[1].dossier"],
        "a refused activation makes no dossier"
    );
}

#[tokio::test]
async fn what_is_delivered_is_what_is_handed_out() {
    let (_dir, desk) = desk().await.unwrap();
    let text = "Æ 'quotes' \"and\" \\ {braces} <b>&amp;</b> 日本 🦉";
    let payload = json!({"text": text, "deep": {"list": [1, 2.5, null, true]}});
    desk.deliver(vec![NewTask {
        payload: Some(payload.clone()),
        subject: Some(text.into()),
        ..new_task(BOOK, "D1")
    }])
    .await
    .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    assert_eq!(
        (&claimed[0].payload, claimed[0].subject.as_deref()),
        (&payload, Some(text))
    );
}
