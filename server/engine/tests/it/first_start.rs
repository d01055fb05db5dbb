//! The first start outside the demo: the office, its admin and the first of Support; and who acts on red until they come.

use crate::desk;

use desk::{booking, failed, person, refused};
use domain::{Language, OfficeId, Refusal, Role, TaskId, TaskState, Viewer, failure::Audience};
use engine::{
    Engine, NewPerson, Zone,
    clock::HandClock,
    desk::guard::Visitor,
    people::accounts::LinkFor,
    people::first_start::{FirstStart, Someone},
    testing::{self, takes_everything},
};
use serde_json::json;
use std::sync::Arc;
use tempfile::TempDir;
use views::offices::NewOffice;

const PASSWORD: &str = "correct horse";

fn first() -> FirstStart {
    FirstStart {
        office: NewOffice {
            name: " Kantoor Gent ".into(),
            code: "kantoor-gent".into(),
            zone: "Europe/Brussels".into(),
            language: Language::Nl,
        },
        admin: Someone {
            name: "An".into(),
            email: " An@Gent.Example ".into(),
        },
        password: PASSWORD.into(),
        language: Language::Nl,
        support: Some(Someone {
            name: "Sam".into(),
            email: "Sam@Desk.Example".into(),
        }),
    }
}

async fn empty() -> (TempDir, Arc<Engine>, String) {
    let dir = tempfile::tempdir().unwrap();
    let engine = testing::open(dir.path(), Arc::new(HandClock::default()))
        .await
        .unwrap();
    let link = engine.first_admin_link().await.unwrap().expect("nobody yet");
    (dir, engine, link)
}

/// Who holds a session, once the second factor is set up.
async fn viewer(engine: &Engine, session: &str) -> Viewer {
    let (session, _) = testing::enrol(engine, session).await.unwrap();
    engine.viewer(&session).await.unwrap().expect("signed in")
}

fn broken(refusal: Refusal) -> Vec<String> {
    match refusal {
        Refusal::Invalid(errors) => errors.into_iter().map(|e| e.field).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_last_printed_link_makes_office_admin_and_support_once() {
    let (_dir, engine, old) = empty().await;
    assert!(engine.is_empty().await.unwrap());
    let link = engine.first_admin_link().await.unwrap().expect("nobody yet");
    assert_eq!(
        refused(engine.begin(&old, first()).await),
        Refusal::NotFound,
        "an earlier link stopped working"
    );
    assert_eq!(engine.look_at_link(&link).await.unwrap(), LinkFor::FirstAdmin);

    let mut wrong = first();
    wrong.office.code = "Kantoor Gent".into();
    wrong.office.zone = "Ghent".into();
    wrong.admin.email = "nobody".into();
    wrong.password = "short".into();
    wrong.support = Some(Someone::default());
    assert_eq!(
        broken(refused(engine.begin(&link, wrong).await)),
        [
            "code",
            "zone",
            "email",
            "password",
            "support_name",
            "support_email"
        ]
    );
    let mut same = first();
    same.support = Some(Someone {
        name: "An too".into(),
        email: "an@gent.example".into(),
    });
    assert_eq!(
        broken(refused(engine.begin(&link, same).await)),
        ["support_email"]
    );

    let started = engine
        .begin(&link, first())
        .await
        .expect("a mistake does not use the link up");
    let an = viewer(&engine, &started.session).await;
    assert_eq!((an.name.as_str(), an.role), ("An", Role::Admin));
    let desk = engine.desk(&an, engine.live.mark()).await.unwrap();
    let names: Vec<_> = desk
        .offices
        .iter()
        .map(|o| (o.code.as_str(), o.name.as_str(), o.zone.as_str()))
        .collect();
    assert_eq!(names, [("kantoor-gent", "Kantoor Gent", "Europe/Brussels")]);
    let settings = engine.settings(desk.offices[0].id).await.unwrap().settings;
    assert_eq!(
        (settings.language, settings.support_contact.as_str()),
        (Language::Nl, "sam@desk.example")
    );

    assert_eq!(refused(engine.begin(&link, first()).await), Refusal::NotFound);
    assert_eq!(engine.first_admin_link().await.unwrap(), None);
    assert!(
        engine
            .sign_in("an@gent.example", PASSWORD, &Visitor::default())
            .await
            .is_ok()
    );

    let theirs = started.support_link.expect("Support was named");
    let sam = engine
        .use_link_with(&theirs, "another horse".into())
        .await
        .unwrap();
    let sam = viewer(&engine, &sam).await;
    assert_eq!(
        (sam.name.as_str(), sam.role, sam.office),
        ("Sam", Role::Support, None)
    );
    assert_eq!(
        refused(engine.use_link_with(&theirs, "another horse".into()).await),
        Refusal::NotFound
    );
}

/// Stops a task with a failure that is Support's; gives its number.
async fn red(engine: &Engine, office: OfficeId, connector: i64) -> TaskId {
    engine.deliver(office, vec![booking("D1")]).await.unwrap();
    let claimed = engine
        .claim(office, connector, "r".into(), 1, 0)
        .await
        .unwrap()
        .tasks;
    let report = domain::wire::Report {
        task: claimed[0].id.to_string(),
        lease: claimed[0].lease.clone(),
        outcome: failed("database_error", json!({})),
    };
    let answer = engine.report(office, connector, vec![report]).await.unwrap();
    assert_eq!(answer.reports[0].status, Some(TaskState::Failed));
    claimed[0].id
}

#[tokio::test]
async fn admins_act_on_red_until_somebody_of_support_is_there() {
    let (_dir, engine, link) = empty().await;
    let started = engine
        .begin(
            &link,
            FirstStart {
                support: None,
                ..first()
            },
        )
        .await
        .unwrap();
    assert_eq!(started.support_link, None);
    let an = viewer(&engine, &started.session).await;
    let office = an.office.unwrap();
    let view = engine.office(&an, "kantoor-gent").await.unwrap();
    assert_eq!(
        engine.settings(office).await.unwrap().settings.support_contact,
        "an@gent.example"
    );
    let dossier = engine
        .add_dossier(office, "D1", "Dossier", "adsolut")
        .await
        .unwrap();
    let emma = NewPerson {
        office: Some(office),
        email: "emma@gent.example".into(),
        name: "Emma".into(),
        role: Role::Employee,
        language: Language::En,
        password_hash: None,
    };
    let emma = engine.add_person(emma).await.unwrap();
    engine.add_manager(dossier, emma).await.unwrap();
    let emma = Viewer {
        person: emma,
        ..person(Role::Employee, office)
    };
    let connector = engine.add_connector(office, "Gent 1").await.unwrap();
    engine.hello(connector, takes_everything()).await.unwrap();

    let id = red(&engine, office, connector).await;
    let detail = engine.task_detail(&an, &view, id).await.unwrap();
    assert!(detail.row.may_restart);
    assert_eq!(detail.may_hand_to, Some(Audience::Office));
    assert!(
        !engine
            .task_detail(&emma, &view, id)
            .await
            .unwrap()
            .row
            .may_restart
    );
    let no = engine.restart(emma.clone(), office, vec![id]).await.unwrap();
    assert!(matches!(no[0], Err(Refusal::Forbidden(_))));
    assert_eq!(
        engine.restart(an.clone(), office, vec![id]).await.unwrap(),
        [Ok(())]
    );
    engine.undo_restart(an.clone(), office, id).await.unwrap();
    engine
        .hand_over(
            an.clone(),
            office,
            id,
            Audience::Office,
            Some("the disk was full".into()),
        )
        .await
        .unwrap();
    engine
        .hand_over(emma, office, id, Audience::Support, None)
        .await
        .unwrap();

    // an invitation alone helps nobody; once its link was used, red is Support's
    let theirs = engine.support_link("Sam", "Sam@Desk.Example").await.unwrap();
    assert!(engine.task_detail(&an, &view, id).await.unwrap().row.may_restart);
    assert!(!engine.has_support());
    engine
        .use_link_with(&theirs, "another horse".into())
        .await
        .unwrap();
    assert!(engine.has_support());
    assert!(!engine.task_detail(&an, &view, id).await.unwrap().row.may_restart);
    let no = engine.restart(an.clone(), office, vec![id]).await.unwrap();
    assert!(matches!(no[0], Err(Refusal::Forbidden(_))));
    let handed = engine
        .hand_over(an, office, id, Audience::Office, Some("no".into()))
        .await;
    assert!(matches!(refused(handed), Refusal::Forbidden(_)));
}

#[tokio::test]
async fn the_command_line_makes_support_or_lets_it_in_again() {
    let (_dir, engine, link) = empty().await;
    engine
        .begin(
            &link,
            FirstStart {
                support: None,
                ..first()
            },
        )
        .await
        .unwrap();
    assert_eq!(
        broken(refused(engine.support_link(" ", "nobody").await)),
        ["name", "email"]
    );
    // an account of an office stays what it is
    assert_eq!(
        broken(refused(engine.support_link("An", "an@gent.example").await)),
        ["email"]
    );
    let lost = engine.support_link("Sam", "sam@desk.example").await.unwrap();
    let link = engine.support_link("Sam", "SAM@desk.example").await.unwrap();
    assert_eq!(
        refused(engine.look_at_link(&lost).await),
        Refusal::NotFound,
        "a new link replaces an old one"
    );
    let sam = engine.use_link_with(&link, "another horse".into()).await.unwrap();
    let sam = viewer(&engine, &sam).await;
    let people = engine.offices(&sam, Zone::of("UTC")).await.unwrap().support;
    assert_eq!(
        people.iter().map(|p| p.email.as_str()).collect::<Vec<_>>(),
        ["sam@desk.example"]
    );
}

#[tokio::test]
async fn a_desk_with_people_prints_no_link() {
    let (_dir, engine, _) = empty().await;
    engine
        .add_person(NewPerson {
            office: None,
            email: "sam@desk.example".into(),
            name: "Sam".into(),
            role: Role::Support,
            language: Language::En,
            password_hash: None,
        })
        .await
        .unwrap();
    assert_eq!(engine.first_admin_link().await.unwrap(), None);
}
