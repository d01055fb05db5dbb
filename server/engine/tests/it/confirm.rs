//! A person says that a failure is none: "it is ours", "another document".

use crate::desk::*;
use domain::{Refusal, Role, TaskId, TaskState, event::Happened};
use engine::testing::{TestDesk, support};
use serde_json::json;

async fn stopped(desk: &TestDesk, code: &str) -> TaskId {
    let params = json!({"buyer": "Another Company NV", "document_no": "1"});
    run(desk, booking("D1"), failed(code, params)).await.unwrap().0
}

#[tokio::test]
async fn what_a_person_confirms_is_told_to_the_connector_and_kept() {
    let (_dir, desk) = desk().await.unwrap();
    let id = stopped(&desk, "buyer_differs").await;
    let task = desk.engine.task(desk.office, id).await.unwrap();
    assert_eq!(task.status, TaskState::ActionRequired);
    let words = task.instruction.unwrap();
    assert!(
        words.contains("Another Company NV") && words.contains("Dossier 1"),
        "{words}"
    );
    let mia = person(Role::Employee, desk.office);
    desk.engine.confirm(mia, desk.office, id).await.unwrap();
    let again = desk.claim(1).await.unwrap().remove(0);
    assert_eq!(
        (again.id, again.confirmed.as_slice()),
        (id, &["buyer_differs".to_owned()][..])
    );
    let happened = history(&desk, id).await.unwrap();
    assert!(happened.contains(&Happened::Confirmed {
        by: "Mia".into(),
        code: "buyer_differs".into()
    }));
    let kept: (i64, String, String) = look(&desk.engine)
        .query_row(
            "SELECT person, subject, before FROM audit WHERE what = 'confirm'",
            [],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
        .unwrap();
    assert_eq!(kept, (7, format!("task {id}"), "buyer_differs".into()));
    assert_eq!(
        desk.report(&again, done()).await.unwrap().status,
        Some(TaskState::Succeeded)
    );
}

#[tokio::test]
async fn a_restart_alone_confirms_nothing_and_undo_takes_it_back() {
    let (_dir, desk) = desk().await.unwrap();
    let id = stopped(&desk, "buyer_differs").await;
    let mia = person(Role::Employee, desk.office);
    desk.engine.confirm(mia.clone(), desk.office, id).await.unwrap();
    desk.engine
        .undo_restart(mia.clone(), desk.office, id)
        .await
        .unwrap();
    desk.engine
        .restart(mia.clone(), desk.office, vec![id])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    let again = desk.claim(1).await.unwrap().remove(0);
    assert!(again.confirmed.is_empty(), "{:?}", again.confirmed);
    // nothing to confirm while it runs, nor where the instruction leaves nothing
    assert!(matches!(
        refused(desk.engine.confirm(mia.clone(), desk.office, id).await),
        Refusal::WrongState(_)
    ));
    desk.report(&again, failed("dossier_code_wrong", json!({})))
        .await
        .unwrap();
    assert!(matches!(
        refused(desk.engine.confirm(mia, desk.office, id).await),
        Refusal::WrongState(_)
    ));
}

#[tokio::test]
async fn a_double_booking_is_confirmed_by_support_only() {
    let (_dir, desk) = desk().await.unwrap();
    desk.engine
        .add_dossier(desk.office, "H1", "Hledger", "hledger")
        .await
        .unwrap();
    let params = json!({"document_no": "1", "supplier": "Lindenhof", "booked_on": "2026-01-19"});
    let (id, _) = run(&desk, booking("H1"), failed("double_booking", params))
        .await
        .unwrap();
    let mia = person(Role::Employee, desk.office);
    assert!(matches!(
        refused(desk.engine.confirm(mia, desk.office, id).await),
        Refusal::Forbidden(_)
    ));
    assert!(
        !history(&desk, id)
            .await
            .unwrap()
            .iter()
            .any(|h| matches!(h, Happened::Confirmed { .. }))
    );
    desk.engine.confirm(support(), desk.office, id).await.unwrap();
    assert_eq!(desk.claim(1).await.unwrap()[0].confirmed, ["double_booking"]);
}
