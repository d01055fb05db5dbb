//! Support adds offices and people of Support.

use crate::desk;

use desk::{desk, refused};
use domain::{Language, Refusal, Role, Viewer};
use engine::{
    Engine, Zone,
    desk::guard::Visitor,
    testing::{self, TestDesk},
};
use views::{
    audit::AuditAsked,
    offices::{AddOffice, NewOffice},
    people::{Access, Invitation},
};

fn someone(name: &str, email: &str) -> Invitation {
    Invitation {
        name: name.into(),
        email: email.into(),
        role: Role::Admin,
        language: Language::Nb,
    }
}

fn oslo() -> AddOffice {
    AddOffice {
        office: NewOffice {
            name: "Oslo".into(),
            code: "oslo".into(),
            zone: "Europe/Oslo".into(),
            language: Language::Nb,
        },
        admin: someone("Kari", "Kari@Oslo.Example"),
    }
}

/// Somebody of Support who is signed in.
async fn sara(desk: &TestDesk) -> Viewer {
    let link = desk
        .engine
        .support_link("Sara", "sara@desk.example")
        .await
        .unwrap();
    let session = desk
        .engine
        .use_link_with(&link, "correct horse".into())
        .await
        .unwrap();
    enrolled(&desk.engine, &session).await.1
}

/// Sets the second factor up; gives the session from then on, and who holds it.
async fn enrolled(engine: &Engine, session: &str) -> (String, Viewer) {
    let (session, _) = testing::enrol(engine, session).await.unwrap();
    let viewer = engine.viewer(&session).await.unwrap().expect("signed in");
    (session, viewer)
}

fn broken(refusal: Refusal) -> Vec<String> {
    match refusal {
        Refusal::Invalid(errors) => errors.into_iter().map(|e| e.field).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_new_office_has_an_admin_who_sees_nothing_of_the_first() {
    let (_dir, desk) = desk().await.unwrap();
    let engine = &desk.engine;
    let sara = sara(&desk).await;
    let mut wrong = oslo();
    wrong.office = NewOffice {
        code: "gent/2".into(),
        ..NewOffice::default()
    };
    wrong.admin = someone("", "kari");
    assert_eq!(
        broken(refused(engine.new_office(sara.clone(), wrong).await)),
        ["name", "code", "zone", "admin_name", "admin_email"]
    );
    let mut taken = oslo();
    taken.office.code = "gent".into();
    assert_eq!(
        broken(refused(engine.new_office(sara.clone(), taken).await)),
        ["code"]
    );
    let mut known = oslo();
    known.admin.email = "sara@desk.example".into();
    assert_eq!(
        broken(refused(engine.new_office(sara.clone(), known).await)),
        ["admin_email"]
    );

    let link = engine.new_office(sara.clone(), oslo()).await.unwrap();
    let page = engine.offices(&sara, Zone::of("UTC")).await.unwrap();
    let lines: Vec<_> = page
        .offices
        .iter()
        .map(|o| (o.code.as_str(), o.zone.as_str(), o.dossiers, o.waits_for_admin))
        .collect();
    assert_eq!(
        lines,
        [
            ("gent", "Europe/Brussels", 3, true),
            ("oslo", "Europe/Oslo", 0, true)
        ],
        "what was refused left nothing"
    );
    assert_eq!(page.offices[1].admins, ["Kari"]);

    let kari = engine.use_link_with(&link, "correct horse".into()).await.unwrap();
    let (_, kari) = enrolled(engine, &kari).await;
    assert_eq!(refused(engine.office(&kari, "gent").await), Refusal::NotFound);
    let theirs = engine.office(&kari, "oslo").await.unwrap();
    assert_eq!(
        engine.settings(theirs.id).await.unwrap().settings.support_contact,
        "sara@desk.example"
    );
    assert!(!engine.offices(&sara, Zone::of("UTC")).await.unwrap().offices[1].waits_for_admin);

    // Support's log has the platform's line, the new office's has who invited its admin
    let gent = engine.office(&sara, "gent").await.unwrap();
    let log = engine.audit(&sara, &gent, &AuditAsked::default()).await.unwrap();
    let added: Vec<_> = log.lines.iter().filter(|l| l.what == "add_office").collect();
    assert_eq!(
        (added.len(), added[0].subject.as_str(), added[0].platform),
        (1, "oslo", true)
    );
    let log = engine
        .audit(&kari, &theirs, &AuditAsked::default())
        .await
        .unwrap();
    let invited = log.lines.iter().find(|l| l.what == "invite").expect("a line");
    assert_eq!(
        (invited.who.as_deref(), invited.subject.as_str()),
        (Some("Sara"), "Kari")
    );
    assert!(log.lines.iter().all(|l| !l.platform));
}

#[tokio::test]
async fn support_invites_support_and_ends_its_access_but_not_ones_own() {
    let (_dir, desk) = desk().await.unwrap();
    let engine = &desk.engine;
    let sara = sara(&desk).await;
    let link = engine
        .invite_support(sara.clone(), someone("Tom", "tom@desk.example"))
        .await
        .unwrap();
    let taken = engine
        .invite_support(sara.clone(), someone("Tom", "TOM@desk.example"))
        .await;
    assert_eq!(broken(refused(taken)), ["email"]);
    let session = engine.use_link_with(&link, "correct horse".into()).await.unwrap();
    let (session, tom) = enrolled(engine, &session).await;
    // whatever role was asked for
    assert_eq!((tom.role, tom.office), (Role::Support, None));

    let own = engine.set_support_access(tom.clone(), tom.person, false).await;
    assert!(matches!(refused(own), Refusal::Forbidden(_)));
    engine
        .set_support_access(sara.clone(), tom.person, false)
        .await
        .unwrap();
    assert_eq!(engine.viewer(&session).await.unwrap(), None);
    let renewed = engine.renew_support_link(sara.clone(), tom.person).await;
    assert!(matches!(refused(renewed), Refusal::WrongState(_)));
    let of_tom = |page: views::offices::OfficesPage| {
        page.support
            .into_iter()
            .find(|p| p.id == tom.person)
            .map(|p| p.access)
    };
    assert_eq!(
        of_tom(engine.offices(&sara, Zone::of("UTC")).await.unwrap()),
        Some(Access::Left)
    );
    engine
        .set_support_access(sara.clone(), tom.person, true)
        .await
        .unwrap();
    assert!(
        engine
            .sign_in("tom@desk.example", "correct horse", &Visitor::default())
            .await
            .is_ok()
    );

    // nobody of an office is reached by these
    let link = engine.new_office(sara.clone(), oslo()).await.unwrap();
    let kari = engine.use_link_with(&link, "correct horse".into()).await.unwrap();
    let (_, kari) = enrolled(engine, &kari).await;
    assert_eq!(
        refused(engine.set_support_access(sara.clone(), kari.person, false).await),
        Refusal::NotFound
    );
    assert_eq!(
        refused(engine.renew_support_link(sara, kari.person).await),
        Refusal::NotFound
    );
}
