//! Users and rights: invitations, roles, the end of access, managers, sessions.

use crate::desk;

use desk::{desk, look, person, refused};
use domain::{Language, Refusal, Role, Viewer};
use engine::{
    NewPerson, Zone,
    desk::guard::Visitor,
    testing::{TestDesk, enrol},
};
use views::people::{Access, Invitation, PersonLine, Taste, Theme};

const GOOD: &str = "correct horse";

fn invitation(name: &str, email: &str, role: Role) -> Invitation {
    Invitation {
        name: name.into(),
        email: email.into(),
        role,
        language: Language::Nl,
    }
}

/// An admin who has signed in.
async fn admin(desk: &TestDesk, email: &str) -> (Viewer, String) {
    let row = NewPerson {
        office: Some(desk.office),
        email: email.into(),
        name: "An".into(),
        role: Role::Admin,
        language: Language::En,
        password_hash: None,
    };
    let id = desk.engine.add_person(row).await.unwrap();
    let link = desk.engine.new_link(id, false).await.unwrap();
    let half = desk.engine.use_link_with(&link, GOOD.into()).await.unwrap();
    let (session, _) = enrol(&desk.engine, &half).await.unwrap();
    (desk.engine.viewer(&session).await.unwrap().unwrap(), session)
}

async fn list(desk: &TestDesk, viewer: &Viewer) -> Vec<PersonLine> {
    let office = desk.engine.office(viewer, "gent").await.unwrap();
    desk.engine.people(viewer, &office, "").await.unwrap()
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_once() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, _) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    let new = invitation(" Zoë 🦉 ", " ZOE@Gent.example", Role::Employee);
    let link = engine.invite(an.clone(), desk.office, new.clone()).await.unwrap();
    let zoe = list(&desk, &an)
        .await
        .into_iter()
        .find(|p| p.email == "zoe@gent.example")
        .unwrap();
    assert_eq!(
        (zoe.name.as_str(), zoe.access, zoe.seen),
        ("Zoë 🦉", Access::Invited, None)
    );
    assert!(zoe.link_until.is_some());
    // a bad password does not use the link up
    let short = refused(engine.use_link_with(&link, "short".into()).await);
    assert_eq!(
        short,
        Refusal::field("password", "must have at least 10 characters")
    );
    let session = engine.use_link_with(&link, GOOD.into()).await.unwrap();
    let viewer = engine.viewer(&session).await.unwrap().unwrap();
    assert_eq!((viewer.role, viewer.language), (Role::Employee, Language::Nl));
    assert_eq!(
        refused(engine.use_link_with(&link, GOOD.into()).await),
        Refusal::NotFound
    );
    assert!(
        engine
            .sign_in("zoe@gent.example", GOOD, &Visitor::default())
            .await
            .is_ok()
    );
    // the same address again
    let taken = refused(engine.invite(an, desk.office, new).await);
    assert_eq!(taken, Refusal::field("email", "is already in use"));
}

#[tokio::test]
async fn each_broken_rule_of_an_invitation_is_named() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, _) = admin(&desk, "an@gent.example").await;
    let long = "n".repeat(10_000);
    for (new, fields) in [
        (
            invitation("", "nobody", Role::Support),
            vec!["name", "email", "role"],
        ),
        (invitation(&long, "a@b.example", Role::Employee), vec!["name"]),
        (
            invitation("a\u{202E}b", "a@b.example", Role::Employee),
            vec!["name"],
        ),
        (
            invitation("A", &format!("a@{long}.example"), Role::Employee),
            vec!["email"],
        ),
        (invitation("A", "a b@c.example", Role::Employee), vec!["email"]),
        (invitation("A", "a@b@c.example", Role::Employee), vec!["email"]),
        (invitation("A", "a@b.", Role::Employee), vec!["email"]),
    ] {
        match refused(desk.engine.invite(an.clone(), desk.office, new).await) {
            Refusal::Invalid(errors) => {
                assert_eq!(
                    errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
                    fields
                );
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(list(&desk, &an).await.len(), 1, "nobody was added");
}

#[tokio::test]
async fn an_office_keeps_an_admin_and_nobody_changes_their_own_rights() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, _) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    let sara = person(Role::Support, desk.office);
    let own = engine
        .set_role(an.clone(), desk.office, an.person, Role::Employee)
        .await;
    assert_eq!(refused(own).code(), "forbidden");
    let own = engine.end_access(an.clone(), desk.office, an.person).await;
    assert_eq!(refused(own).code(), "forbidden");
    // an admin who was only invited does not count
    let new = invitation("Bo", "bo@gent.example", Role::Admin);
    let link = engine.invite(an.clone(), desk.office, new).await.unwrap();
    let last = engine
        .set_role(sara.clone(), desk.office, an.person, Role::Employee)
        .await;
    assert_eq!(refused(last).code(), "wrong_state");
    let last = engine.end_access(sara.clone(), desk.office, an.person).await;
    assert_eq!(refused(last).code(), "wrong_state");
    let half = engine.use_link_with(&link, GOOD.into()).await.unwrap();
    let (bo, _) = enrol(engine, &half).await.unwrap();
    engine
        .set_role(sara, desk.office, an.person, Role::Operator)
        .await
        .unwrap();
    let bo = engine.viewer(&bo).await.unwrap().unwrap();
    let support = engine.set_role(bo, desk.office, an.person, Role::Support).await;
    assert_eq!(
        refused(support),
        Refusal::field("role", "must be a role of the office")
    );
}

#[tokio::test]
async fn the_end_of_access_ends_everything_at_once() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, _) = admin(&desk, "an@gent.example").await;
    let (bo, session) = admin(&desk, "bo@gent.example").await;
    let engine = &desk.engine;
    let link = engine
        .renew_link(an.clone(), desk.office, bo.person)
        .await
        .unwrap()
        .expect("no mail is set up");
    engine
        .end_access(an.clone(), desk.office, bo.person)
        .await
        .unwrap();
    assert_eq!(engine.viewer(&session).await.unwrap(), None);
    assert_eq!(
        refused(engine.sign_in("bo@gent.example", GOOD, &Visitor::default()).await),
        Refusal::Unauthenticated
    );
    assert_eq!(
        refused(engine.use_link_with(&link, GOOD.into()).await),
        Refusal::NotFound
    );
    let gone = engine.renew_link(an.clone(), desk.office, bo.person).await;
    assert_eq!(refused(gone).code(), "wrong_state");
    let line = list(&desk, &an)
        .await
        .into_iter()
        .find(|p| p.id == bo.person)
        .unwrap();
    assert_eq!(line.access, Access::Left);
    engine
        .give_access(an.clone(), desk.office, bo.person)
        .await
        .unwrap();
    assert_eq!(
        engine.viewer(&session).await.unwrap(),
        None,
        "the old session stays over"
    );
    assert!(
        engine
            .sign_in("bo@gent.example", GOOD, &Visitor::default())
            .await
            .is_ok()
    );
    // somebody of another office, or of Support, is not there
    assert_eq!(
        refused(engine.end_access(an, desk.office, 999).await),
        Refusal::NotFound
    );
}

#[tokio::test]
async fn a_new_link_ends_the_earlier_one() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, _) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    let new = invitation("Zoë", "zoe@gent.example", Role::Employee);
    let old = engine.invite(an.clone(), desk.office, new).await.unwrap();
    let zoe = engine.person_number("zoe@gent.example").await.unwrap().unwrap();
    let link = engine.renew_link(an, desk.office, zoe).await.unwrap();
    let link = link.expect("no mail is set up");
    assert_eq!(refused(engine.look_at_link(&old).await), Refusal::NotFound);
    desk.clock.pass(72 * 3_600_000 - 1);
    assert!(engine.look_at_link(&link).await.is_ok());
    desk.clock.pass(1);
    assert_eq!(
        refused(engine.use_link_with(&link, GOOD.into()).await),
        Refusal::NotFound
    );
}

#[tokio::test]
async fn managers_are_given_and_taken_with_a_line_in_the_log() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, _) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    engine
        .set_managed(an.clone(), desk.office, an.person, vec![1, 2, 99], vec![3])
        .await
        .unwrap();
    engine
        .set_managed(an.clone(), desk.office, an.person, vec![3], vec![1])
        .await
        .unwrap();
    engine
        .set_managed(an.clone(), desk.office, an.person, vec![3], vec![1])
        .await
        .unwrap();
    let rows = engine.dossiers_for(desk.office, an.person, "").await.unwrap();
    let managed: Vec<&str> = rows
        .iter()
        .filter(|d| d.managed)
        .map(|d| d.code.as_str())
        .collect();
    assert_eq!(managed, ["D2", "D3"]);
    assert_eq!(
        engine
            .dossiers_for(desk.office, an.person, "d_")
            .await
            .unwrap()
            .len(),
        0
    );
    let db = look(engine);
    let mut q = db
        .prepare("SELECT before, after FROM audit WHERE what = 'managers' ORDER BY id")
        .unwrap();
    let lines: Vec<(Option<String>, Option<String>)> = q
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let text = |s: &str| Some(s.to_owned());
    assert_eq!(lines, [(None, text("D1, D2")), (text("D1"), text("D3"))]);
    let many = engine
        .set_managed(an.clone(), desk.office, an.person, (0..1001).collect(), vec![])
        .await;
    assert_eq!(refused(many).code(), "invalid");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, first) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    engine
        .name_session(&first, "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0")
        .await
        .unwrap();
    desk.clock.pass(60_000);
    let second = engine
        .sign_in("an@gent.example", GOOD, &Visitor::default())
        .await
        .unwrap();
    let third = engine
        .sign_in("an@gent.example", GOOD, &Visitor::default())
        .await
        .unwrap();
    let zone = Zone::of("Europe/Brussels");
    let profile = engine.profile(&an, &first, zone).await.unwrap();
    assert_eq!(profile.sessions.len(), 3);
    let own = profile.sessions.iter().find(|s| s.this).unwrap();
    assert_eq!(own.device, "Firefox · Linux");
    let other = profile.sessions.iter().find(|s| !s.this).unwrap();
    engine.end_session(an.person, other.id.clone()).await.unwrap();
    assert_eq!(
        refused(engine.end_session(an.person, other.id.clone()).await),
        Refusal::NotFound
    );
    let (a, b) = (
        engine.held(&second).await.unwrap(),
        engine.held(&third).await.unwrap(),
    );
    assert!(a.is_some() != b.is_some(), "one of the two");
    engine.end_other_sessions(an.person, &first).await.unwrap();
    assert!(engine.viewer(&first).await.unwrap().is_some());
    assert_eq!(engine.profile(&an, &first, zone).await.unwrap().sessions.len(), 1);
}

#[tokio::test]
async fn a_password_changes_with_the_old_one_only() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, session) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    let other = engine
        .sign_in("an@gent.example", GOOD, &Visitor::default())
        .await
        .unwrap();
    assert!(engine.held(&other).await.unwrap().is_some());
    let wrong = engine
        .change_password(an.person, &session, "a guess".into(), "another horse".into())
        .await;
    assert_eq!(refused(wrong), Refusal::field("old", "is not your password"));
    engine
        .change_password(an.person, &session, GOOD.into(), "another horse".into())
        .await
        .unwrap();
    assert!(engine.viewer(&session).await.unwrap().is_some());
    assert!(
        engine.held(&other).await.unwrap().is_none(),
        "every other session ends"
    );
    assert!(
        engine
            .sign_in("an@gent.example", "another horse", &Visitor::default())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn signing_in_and_out_and_what_one_chose_are_in_the_log() {
    let (_dir, desk) = desk().await.unwrap();
    let (an, session) = admin(&desk, "an@gent.example").await;
    let engine = &desk.engine;
    assert!(
        engine
            .sign_in("an@gent.example", "a guess", &Visitor::default())
            .await
            .is_err()
    );
    engine.set_language(an.person, Language::Fr).await.unwrap();
    engine.set_language(an.person, Language::Fr).await.unwrap();
    let taste = Taste {
        theme: Theme::Dark,
        shortcuts: false,
    };
    engine.set_taste(an.person, taste).await.unwrap();
    assert_eq!(engine.taste(&session).await.unwrap(), Some((Language::Fr, taste)));
    engine.sign_out(&session).await.unwrap();
    engine.sign_out(&session).await.unwrap();
    let db = look(engine);
    let mut q = db.prepare("SELECT what FROM audit ORDER BY id").unwrap();
    let verbs: Vec<String> = q
        .query_map([], |r| r.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        verbs,
        [
            "password",
            "sign_in_half",
            "factor_on",
            "sign_in",
            "sign_in_failed",
            "language",
            "theme",
            "shortcuts",
            "sign_out"
        ]
    );
}

#[tokio::test]
async fn names_that_are_taken_are_refused_at_their_field() {
    let (_dir, desk) = desk().await.unwrap();
    let engine = &desk.engine;
    assert_eq!(
        refused(engine.add_connector(desk.office, "Gent 1").await),
        Refusal::field("name", "is already in use")
    );
    engine.add_integration(desk.office, "ours").await.unwrap();
    assert_eq!(
        refused(engine.add_integration(desk.office, "ours").await),
        Refusal::field("name", "is already in use")
    );
    assert_eq!(
        refused(engine.add_dossier(desk.office, "D1", "Again", "adsolut").await),
        Refusal::field("dossier_code", "is already in use")
    );
}
