//! Public forms: what floods them, what is kept of them and for how long.

use crate::desk;

use desk::{desk, look, person, refused};
use domain::{
    Refusal, Role,
    request::{NewFile, NewRequest, RequestKind},
};
use engine::testing::{TestDesk, support};
use views::alerts::AlertKind;

fn form(bytes: usize) -> NewRequest {
    let mut file = b"%PDF-1.7".to_vec();
    file.resize(bytes, b' ');
    NewRequest {
        name: "Nora".into(),
        email: "nora@bakery.example".into(),
        company: "Bakery".into(),
        files: vec![NewFile {
            name: "cv.exe".into(),
            bytes: file,
        }],
        ..NewRequest::default()
    }
}

async fn send(desk: &TestDesk, new: NewRequest) -> engine::Result<i64> {
    desk.engine
        .send_request(desk.office, RequestKind::Intake, new)
        .await
}

async fn standing(desk: &TestDesk) -> Vec<AlertKind> {
    desk.clock.pass(11_000);
    desk.engine.tick().await.unwrap();
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let list = desk.engine.alerts(&office).await.unwrap();
    list.current.into_iter().map(|a| a.kind).collect()
}

#[tokio::test]
async fn the_office_is_told_of_a_flood_and_of_its_end() {
    let (_dir, desk) = desk().await.unwrap();
    assert!(standing(&desk).await.is_empty());
    let client = |n: u8| domain::ClientAddress::new([192, 0, 2, n].into());
    while desk.engine.admit_form("gent", client(1)).is_ok() {}
    assert_eq!(standing(&desk).await, [AlertKind::Flood]);
    desk.engine.admit_form("gent", client(2)).expect("somebody else");
    desk.clock.pass(31 * 60_000);
    let connector = standing(&desk).await;
    assert!(!connector.contains(&AlertKind::Flood), "{connector:?}");
}

#[tokio::test]
async fn an_offices_files_have_a_limit_and_those_of_what_is_declined_go() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = person(Role::Admin, desk.office);
    let first = send(&desk, form(1 << 20)).await.unwrap();
    // as many as fill the rest of it
    look(&desk.engine)
        .execute("UPDATE request SET bytes = 1 << 30 WHERE id = ?1", [first])
        .unwrap();
    assert_eq!(refused(send(&desk, form(100)).await), Refusal::Full);
    assert_eq!(Refusal::Full.status(), 507);
    assert_eq!(standing(&desk).await, [AlertKind::Flood]);
    let without = NewRequest {
        files: vec![],
        ..form(8)
    };
    send(&desk, without).await.expect("words are always taken");
    // another office has its own
    let other = engine::OfficeRow {
        code: "aalst".into(),
        ..engine::testing::gent()
    };
    let other = desk.engine.add_office(other).await.unwrap();
    let theirs = desk
        .engine
        .send_request(other, RequestKind::Intake, form(100))
        .await;
    theirs.expect("another office");
    desk.engine
        .decline_request(&admin, desk.office, first)
        .await
        .unwrap();
    // what is declined takes the place of none that waits
    send(&desk, form(100)).await.expect("there is room again");
    desk.clock.pass(27 * 86_400_000);
    desk.engine.tick().await.unwrap();
    let file = desk.engine.request_file(&admin, desk.office, first, 0).await;
    let (name, kind, _) = file.expect("kept for four weeks");
    assert_eq!((name.as_str(), kind.as_str()), ("cv.pdf", "application/pdf"));
    desk.clock.pass(2 * 86_400_000);
    desk.engine.tick().await.unwrap();
    let file = desk.engine.request_file(&admin, desk.office, first, 0).await;
    assert_eq!(refused(file), Refusal::NotFound);

    // of what is declined so much is kept, the latest
    let mut declined = vec![];
    for _ in 0..3 {
        let id = send(&desk, form(100)).await.unwrap();
        desk.engine
            .decline_request(&admin, desk.office, id)
            .await
            .unwrap();
        desk.clock.pass(1_000);
        declined.push(id);
    }
    // what another office declined does not count
    let theirs = desk
        .engine
        .send_request(other, RequestKind::Intake, form(100))
        .await
        .unwrap();
    let boss = person(Role::Admin, other);
    desk.engine.decline_request(&boss, other, theirs).await.unwrap();
    look(&desk.engine)
        .execute("UPDATE request SET bytes = 1 << 29 WHERE id >= ?1", [declined[0]])
        .unwrap();
    desk.engine.forget_declined().await.unwrap();
    for (n, id) in declined.into_iter().enumerate() {
        let file = desk.engine.request_file(&admin, desk.office, id, 0).await;
        assert_eq!(file.is_ok(), n > 0, "{n}");
    }
}

#[tokio::test]
async fn what_programs_send_leaves_places_for_people() {
    let (_dir, desk) = desk().await.unwrap();
    let by_program = || NewRequest {
        files: vec![],
        trap: "https://spam.example".into(),
        ..form(8)
    };
    for _ in 0..500 {
        send(&desk, by_program()).await.unwrap();
    }
    assert_eq!(refused(send(&desk, by_program()).await), Refusal::Full);
    let id = send(&desk, form(8)).await.expect("a person");
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let page = desk
        .engine
        .requests(&person(Role::Admin, desk.office), &office)
        .await
        .unwrap();
    assert_eq!(page.lines[0].id, id, "people first");
    assert!(page.lines[1..].iter().all(|l| l.automatic));
}
