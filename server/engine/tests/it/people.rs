//! People: who may restart, correct and cancel, and how they get in.

use crate::desk;

use desk::{ACTIVATE, booking, desk, failed, history, ids, look, person, refused, run};
use domain::{
    Caller, ClientAddress, Language, Refusal, Role, TaskId, TaskState, event::Happened, wire::NewTask,
};
use engine::{
    NewPerson,
    people::accounts::LinkFor,
    tasks::dispatch::cancel::By,
    testing::{TestDesk, new_task, support},
};
use serde_json::json;

fn mia() -> By {
    By {
        person: 7,
        name: "Mia".into(),
    }
}

fn audit(desk: &TestDesk) -> Vec<(String, String, Option<String>, Option<String>)> {
    let db = look(&desk.engine);
    let mut q = db
        .prepare("SELECT what, subject, before, after FROM audit ORDER BY id")
        .unwrap();
    let rows = q
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn red_is_restarted_by_support_alone() {
    let (_dir, desk) = desk().await.unwrap();
    let (red, _) = run(&desk, booking("D1"), failed("unheard_of", json!({})))
        .await
        .unwrap();
    let (orange, _) = run(
        &desk,
        booking("D2"),
        failed("period_not_open", json!({"period": "201802"})),
    )
    .await
    .unwrap();
    for role in [Role::Employee, Role::Operator, Role::Admin] {
        let answers = desk
            .engine
            .restart(person(role, desk.office), desk.office, vec![red])
            .await
            .unwrap();
        let words = "Support restarts this task. You do not need a ticket.";
        let refused = matches!(&answers[..], [Err(no @ Refusal::Forbidden(_))] if no.to_string() == words);
        assert!(refused, "{role:?}: {answers:?}");
    }
    let answers = desk
        .engine
        .restart(
            person(Role::Employee, desk.office),
            desk.office,
            vec![orange, red, TaskId(99)],
        )
        .await
        .unwrap();
    assert!(answers[0].is_ok() && answers[1].is_err());
    assert_eq!(answers[2], Err(Refusal::NotFound));
    assert!(
        desk.engine
            .restart(support(), desk.office, vec![red])
            .await
            .unwrap()[0]
            .is_ok()
    );
    assert_eq!(ids(&desk.claim(5).await.unwrap()), [red.0, orange.0]);
    let restarted = |id: TaskId, before: &str| {
        (
            "restart".to_owned(),
            format!("task {id}"),
            Some(before.to_owned()),
            Some("queued".to_owned()),
        )
    };
    assert_eq!(
        audit(&desk),
        [restarted(orange, "action_required"), restarted(red, "failed")]
    );
}

#[tokio::test]
async fn another_offices_task_is_not_there() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, _) = run(&desk, booking("D1"), failed("unheard_of", json!({})))
        .await
        .unwrap();
    let row = engine::OfficeRow {
        code: "aalst".into(),
        name: "Aalst".into(),
        ..engine::people::accounts::default_office()
    };
    let other = desk.engine.add_office(row).await.unwrap();
    assert_eq!(
        desk.engine.restart(support(), other, vec![id]).await.unwrap(),
        [Err(Refusal::NotFound)]
    );
    assert_eq!(
        refused(desk.engine.cancel(mia(), other, id, None, false).await),
        Refusal::NotFound
    );
    assert_eq!(refused(desk.engine.task(other, id).await), Refusal::NotFound);
    assert_eq!(
        refused(desk.engine.correct(support(), other, id, "D9".into()).await),
        Refusal::NotFound
    );
    let stranger = person(Role::Admin, other);
    assert_eq!(
        refused(desk.engine.office(&stranger, "gent").await),
        Refusal::NotFound
    );
}

#[tokio::test]
async fn an_employee_sees_the_dossiers_that_they_manage() {
    let (_dir, desk) = desk().await.unwrap();
    let mia = person(Role::Employee, desk.office);
    let row = NewPerson {
        office: Some(desk.office),
        email: "mia@gent.example".into(),
        name: "Mia".into(),
        role: Role::Employee,
        language: Language::Nl,
        password_hash: None,
    };
    let id = desk.engine.add_person(row).await.unwrap();
    let mia = domain::Viewer { person: id, ..mia };
    let dossier = desk
        .engine
        .add_dossier(desk.office, "M1", "Mia's own", "adsolut")
        .await
        .unwrap();
    desk.engine.add_manager(dossier, id).await.unwrap();
    desk.deliver(vec![booking("D1"), booking("M1")]).await.unwrap();
    let office = desk.engine.office(&mia, "gent").await.unwrap();
    let list = desk
        .engine
        .tasks(&mia, &office, &every_state(), None, 200)
        .await
        .unwrap();
    assert_eq!(list.rows.iter().map(|r| r.id.0).collect::<Vec<_>>(), [2]);
    assert_eq!(
        refused(desk.engine.task_detail(&mia, &office, TaskId(1)).await),
        Refusal::NotFound
    );
    assert!(desk.engine.task_detail(&mia, &office, TaskId(2)).await.is_ok());
}

async fn failed_activation(desk: &TestDesk) -> TaskId {
    let payload = Some(json!({"name": "Nele", "package": "adsolut"}));
    let task = NewTask {
        payload,
        ..new_task(ACTIVATE, "NELE")
    };
    let (id, reported) = run(desk, task, failed("dossier_code_wrong", json!({})))
        .await
        .unwrap();
    assert_eq!(reported.status, Some(TaskState::ActionRequired));
    id
}

#[tokio::test]
async fn a_wrong_dossier_code_is_corrected_and_restarted_in_one_step() {
    let (_dir, desk) = desk().await.unwrap();
    let id = failed_activation(&desk).await;
    let mia = person(Role::Employee, desk.office);
    for (code, message) in [
        ("D1", "is already the code of Dossier 1"),
        (
            "no code",
            "must be a code of 1 to 32 letters, digits, '-', '_' or '.'",
        ),
    ] {
        let refusal = refused(
            desk.engine
                .correct(mia.clone(), desk.office, id, code.into())
                .await,
        );
        assert_eq!(refusal, Refusal::field("dossier_code", message));
    }
    assert!(desk.claim(1).await.unwrap().is_empty(), "nothing was restarted");
    desk.engine
        .correct(mia, desk.office, id, " NELE2 ".into())
        .await
        .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    assert_eq!(
        (
            claimed[0].id,
            claimed[0].attempt,
            claimed[0].dossier.code.as_str()
        ),
        (id, 2, "NELE2")
    );
    let corrected = Happened::Corrected {
        by: "Mia".into(),
        before: "NELE".into(),
        after: "NELE2".into(),
    };
    assert!(history(&desk, id).await.unwrap().contains(&corrected));
    let line = &audit(&desk)[0];
    assert_eq!(
        (line.0.as_str(), line.2.as_deref(), line.3.as_deref()),
        ("correct", Some("NELE"), Some("NELE2"))
    );
    desk.deliver(vec![booking("NELE2")])
        .await
        .expect("the dossier is known by its right code");
}

#[tokio::test]
async fn only_a_stopped_activation_is_corrected() {
    let (_dir, desk) = desk().await.unwrap();
    let (id, _) = run(
        &desk,
        booking("D1"),
        failed("period_not_open", json!({"period": "201802"})),
    )
    .await
    .unwrap();
    assert_eq!(
        refused(desk.engine.correct(support(), desk.office, id, "D9".into()).await).code(),
        "wrong_state"
    );
}

#[tokio::test]
async fn a_cancelled_activation_takes_its_followers_with_it() {
    let (_dir, desk) = desk().await.unwrap();
    let id = failed_activation(&desk).await;
    let one = |subject: &str| NewTask {
        subject: Some(subject.into()),
        ..booking("NELE")
    };
    // the third waits for the second, not for the activation
    desk.deliver(vec![one("a"), one("a"), booking("NELE"), booking("D1")])
        .await
        .unwrap();
    assert_eq!(ids(&desk.claim(5).await.unwrap()), [5], "the others are held");
    desk.engine
        .cancel(mia(), desk.office, id, Some("mistaken".into()), true)
        .await
        .unwrap();
    for (task, state) in [
        (1, TaskState::Cancelled),
        (2, TaskState::Cancelled),
        (3, TaskState::Cancelled),
        (4, TaskState::Cancelled),
        (5, TaskState::Running),
    ] {
        assert_eq!(
            desk.engine.task(desk.office, TaskId(task)).await.unwrap().status,
            state,
            "{task}"
        );
    }
    assert_eq!(
        refused(desk.engine.cancel(mia(), desk.office, id, None, false).await).code(),
        "wrong_state"
    );
}

#[tokio::test]
async fn a_cancelled_activation_releases_its_followers() {
    let (_dir, desk) = desk().await.unwrap();
    let id = failed_activation(&desk).await;
    desk.deliver(vec![booking("NELE"), booking("NELE")])
        .await
        .unwrap();
    desk.engine
        .cancel(mia(), desk.office, id, None, false)
        .await
        .unwrap();
    assert_eq!(ids(&desk.claim(5).await.unwrap()), [2]);
}

#[tokio::test]
async fn a_task_waits_for_the_failed_one_of_its_subject_also_when_one_between_is_cancelled() {
    let (_dir, desk) = desk().await.unwrap();
    let one = || NewTask {
        subject: Some("a.xml".into()),
        ..booking("D1")
    };
    run(
        &desk,
        one(),
        failed("period_not_open", json!({"period": "201802"})),
    )
    .await
    .unwrap();
    desk.deliver(vec![one(), one()]).await.unwrap();
    desk.engine
        .cancel(mia(), desk.office, TaskId(2), None, false)
        .await
        .unwrap();
    assert!(desk.claim(5).await.unwrap().is_empty());
    desk.deliver(vec![one()]).await.unwrap();
    desk.engine
        .cancel(mia(), desk.office, TaskId(4), None, false)
        .await
        .unwrap();
    desk.deliver(vec![one()]).await.unwrap();
    assert!(
        desk.claim(5).await.unwrap().is_empty(),
        "the newest waits for the first, too"
    );
    desk.engine
        .restart(support(), desk.office, vec![TaskId(1)])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    assert_eq!(ids(&desk.claim(5).await.unwrap()), [1]);
}

#[tokio::test]
async fn an_enrol_code_is_good_once_and_for_15_minutes() {
    let (_dir, desk) = desk().await.unwrap();
    let engine = &desk.engine;
    let code = engine.enrol_code(desk.connector).await.unwrap();
    let token = engine.enrol(&code, ClientAddress::default()).await.unwrap();
    assert!(token.starts_with("nwc_"));
    assert_eq!(
        engine.caller(&token).unwrap(),
        Caller::Connector {
            id: desk.connector,
            office: desk.office
        }
    );
    assert_eq!(
        refused(engine.enrol(&code, ClientAddress::default()).await),
        Refusal::Unauthenticated,
        "once"
    );
    let late = engine.enrol_code(desk.connector).await.unwrap();
    desk.clock.pass(15 * 60_000);
    assert_eq!(
        refused(engine.enrol(&late, ClientAddress::default()).await),
        Refusal::Unauthenticated,
        "15 minutes"
    );
    let in_time = engine.enrol_code(desk.connector).await.unwrap();
    desk.clock.pass(15 * 60_000 - 1);
    assert!(engine.enrol(&in_time, ClientAddress::default()).await.is_ok());
    for wrong in ["", "nwe_", "nonsense", &token] {
        assert_eq!(
            refused(engine.enrol(wrong, ClientAddress::default()).await),
            Refusal::Unauthenticated,
            "{wrong:?}"
        );
    }
    assert_eq!(refused(engine.caller("nwc_nonsense")), Refusal::Unauthenticated);
}

#[tokio::test]
async fn a_sign_in_link_is_good_once_and_for_72_hours() {
    let (_dir, desk) = desk().await.unwrap();
    let engine = &desk.engine;
    let row = NewPerson {
        office: Some(desk.office),
        email: "mia@gent.example".into(),
        name: "Mia".into(),
        role: Role::Operator,
        language: Language::Fr,
        password_hash: None,
    };
    let mia = engine.add_person(row).await.unwrap();
    let link = engine.new_link(mia, false).await.unwrap();
    let whom = LinkFor::Person {
        name: "Mia".into(),
        role: Role::Operator,
        sets_password: true,
    };
    assert_eq!(engine.look_at_link(&link).await.unwrap(), whom);
    assert_eq!(
        engine.look_at_link(&link).await.unwrap(),
        whom,
        "looking does not use it up"
    );
    let session = engine.use_link(&link).await.unwrap();
    let viewer = engine.viewer(&session).await.unwrap().expect("signed in");
    assert_eq!(
        (viewer.person, viewer.role, viewer.language),
        (mia, Role::Operator, Language::Fr)
    );
    assert_eq!(refused(engine.use_link(&link).await), Refusal::NotFound);
    assert_eq!(refused(engine.look_at_link(&link).await), Refusal::NotFound);

    let reusable = engine.new_link(mia, true).await.unwrap();
    for _ in 0..2 {
        assert!(engine.use_link(&reusable).await.is_ok());
    }
    desk.clock.pass(72 * 3_600_000);
    assert_eq!(refused(engine.use_link(&reusable).await), Refusal::NotFound);
    engine.sign_out(&session).await.unwrap();
    assert_eq!(engine.viewer(&session).await.unwrap(), None);
}

fn every_state() -> domain::filter::TaskFilter {
    domain::filter::TaskFilter {
        states: domain::TaskState::ALL.to_vec(),
        ..Default::default()
    }
}
