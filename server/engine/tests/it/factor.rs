//! The second factor: a code is good once, wrong ones make a rest, and nobody is half signed in (S9).

use crate::desk::{desk, look, refused};
use domain::{
    ClientAddress, Language, Refusal, Role, Viewer,
    mail::{FactorTold, Letter},
};
use engine::{
    Engine, NewPerson,
    desk::guard::Visitor,
    testing::{TestDesk, app_code, enrol},
};
use std::sync::atomic::{AtomicU8, Ordering};

const PASSWORD: &str = "correct horse";
const STEP: u64 = 30_000;
const MINUTE: u64 = 60_000;

/// A person with a password, not signed in.
async fn add(desk: &TestDesk, role: Role, email: &str) -> i64 {
    let hash = desk.engine.hash_password(PASSWORD.into()).await.unwrap();
    let row = NewPerson {
        office: (role != Role::Support).then_some(desk.office),
        email: email.into(),
        name: "P".into(),
        role,
        language: Language::En,
        password_hash: Some(hash),
    };
    desk.engine.add_person(row).await.unwrap()
}

async fn sign_in(desk: &TestDesk, email: &str) -> String {
    desk.engine
        .sign_in(email, PASSWORD, &Visitor::default())
        .await
        .unwrap()
}

/// Somebody who has set a second factor up: the session and the secret.
async fn with_factor(desk: &TestDesk, role: Role, email: &str) -> (i64, String, Vec<u8>) {
    let id = add(desk, role, email).await;
    let half = sign_in(desk, email).await;
    let (session, secret) = enrol(&desk.engine, &half).await.unwrap();
    // the code that set it up is used: the next one is another
    desk.clock.pass(STEP);
    (id, session, secret)
}

async fn is_in(engine: &Engine, session: &str) -> bool {
    engine.viewer(session).await.unwrap().is_some()
}

fn now(desk: &TestDesk, secret: &[u8]) -> String {
    app_code(secret, desk.engine.now())
}

fn wrong() -> Refusal {
    Refusal::field("code", "is not right, or was used already")
}

fn audit(desk: &TestDesk) -> Vec<String> {
    let db = look(&desk.engine);
    let mut q = db.prepare("SELECT what FROM audit ORDER BY id").unwrap();
    let rows = q.query_map([], |r| r.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn who_must_have_one_is_nobody_until_it_is_set_up() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    for role in Role::ALL {
        let email = format!("{}@x.example", role.key());
        add(&desk, role, &email).await;
        let session = sign_in(&desk, &email).await;
        let must = matches!(role, Role::Admin | Role::Support);
        assert_eq!(is_in(e, &session).await, !must, "{role:?}");
        let page = e.factor(&session).await.unwrap().unwrap();
        assert_eq!((page.waits, page.must, page.on), (must, must, false), "{role:?}");
        let set_up = page.set_up.unwrap();
        assert!(set_up.address.starts_with("otpauth://totp/Nachtwacht:"));
        assert!(set_up.address.contains(&set_up.key.replace(' ', "")));
        // a code that nobody's app has shown sets nothing up
        assert_eq!(refused(e.set_up_factor(&session, "000000").await), wrong());
        let (in_full, _) = enrol(e, &session).await.unwrap();
        assert!(is_in(e, &in_full).await, "{role:?}");
        assert!(!is_in(e, &session).await, "the session's secret changed");
        assert_eq!(
            refused(e.set_up_factor(&in_full, "000000").await).code(),
            "wrong_state"
        );
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_one_step_either_way() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (_, _, secret) = with_factor(&desk, Role::Operator, "omar@gent.example").await;
    desk.clock.pass(10 * STEP);
    let at = e.now();
    let mut half = sign_in(&desk, "omar@gent.example").await;
    assert!(
        !is_in(e, &half).await,
        "who has one is asked for it, whatever their role"
    );
    for ahead in [-2880, -2, 2] {
        let code = app_code(&secret, at + ahead * STEP as i64);
        assert_eq!(
            refused(e.second_factor(&half, &code).await),
            wrong(),
            "{ahead} steps off"
        );
    }
    for ahead in [-1, 0, 1] {
        let code = app_code(&secret, at + ahead * STEP as i64);
        let session = e.second_factor(&half, &code).await.unwrap();
        assert!(
            is_in(e, &session).await && !is_in(e, &half).await,
            "{ahead} steps off"
        );
        half = sign_in(&desk, "omar@gent.example").await;
        assert_eq!(
            refused(e.second_factor(&half, &code).await),
            wrong(),
            "a second time"
        );
    }
    // what lies before a code that was used is as good as used
    let before = app_code(&secret, at);
    assert_eq!(refused(e.second_factor(&half, &before).await), wrong());
}

/// By hand, or by a proxy that asks again: it lets nobody in a second time, and nobody is locked out for it.
#[tokio::test]
async fn a_right_code_that_comes_again_is_no_guess() {
    let (_dir, desk) = desk().await.unwrap();
    let (_, _, secret) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let half = sign_in_by_link(&desk, "an@gent.example").await;
    let right = now(&desk, &secret);
    desk.engine.second_factor(&half, &right).await.unwrap();
    let other = sign_in_by_link(&desk, "an@gent.example").await;
    for _ in 0..6 {
        assert_eq!(refused(desk.engine.second_factor(&other, &right).await), wrong());
    }
    assert!(!is_in(&desk.engine, &other).await);
    desk.clock.pass(STEP);
    desk.engine
        .second_factor(&other, &now(&desk, &secret))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_one_is_refused() {
    let (_dir, desk) = desk().await.unwrap();
    let (_, _, secret) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    for round in 0..20 {
        desk.clock.pass(2 * STEP);
        let code = now(&desk, &secret);
        let (a, b) = (
            sign_in_by_link(&desk, "an@gent.example").await,
            sign_in_by_link(&desk, "an@gent.example").await,
        );
        let (a, b) = tokio::join!(
            desk.engine.second_factor(&a, &code),
            desk.engine.second_factor(&b, &code)
        );
        assert!(a.is_ok() != b.is_ok(), "round {round}: {a:?} {b:?}");
    }
}

/// Without the limit on passwords.
async fn sign_in_by_link(desk: &TestDesk, email: &str) -> String {
    let id = desk.engine.person_number(email).await.unwrap().unwrap();
    let link = desk.engine.new_link(id, false).await.unwrap();
    desk.engine.use_link(&link).await.unwrap()
}

#[tokio::test]
async fn ten_recovery_codes_each_good_once() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (_, session, secret) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let codes = e
        .recovery_codes(&session)
        .await
        .unwrap()
        .expect("shown after it is set up");
    assert_eq!(codes.len(), 10);
    let different: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!(different.len(), 10);
    // 32 letters, sixteen of them: 80 bits
    for code in &codes {
        assert_eq!(code.replace('-', "").len(), 16, "{code}");
    }
    let half = sign_in_by_link(&desk, "an@gent.example").await;
    assert_eq!(
        e.recovery_codes(&half).await.unwrap(),
        None,
        "not to who is half signed in"
    );
    e.put_codes_away(&session).await.unwrap();
    assert_eq!(e.recovery_codes(&session).await.unwrap(), None, "shown once");
    // nothing of them is stored as it is
    let db = look(e);
    let stored: i64 = db
        .query_row(
            "SELECT count(*) FROM recovery_code WHERE length(hash) = 32",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(stored, 10);
    let typed = codes[0].to_lowercase().replace('-', " ");
    for (code, typed) in codes.iter().zip(std::iter::once(&typed).chain(&codes[1..])) {
        let half = sign_in_by_link(&desk, "an@gent.example").await;
        let session = e.second_factor(&half, typed).await.unwrap();
        assert!(is_in(e, &session).await);
        let half = sign_in_by_link(&desk, "an@gent.example").await;
        assert_eq!(
            refused(e.second_factor(&half, code).await),
            wrong(),
            "a second time"
        );
        // a right code of the app forgets the wrong one
        desk.clock.pass(2 * STEP);
        e.second_factor(&half, &now(&desk, &secret)).await.unwrap();
    }
    let half = sign_in_by_link(&desk, "an@gent.example").await;
    desk.clock.pass(2 * STEP);
    let session = e.second_factor(&half, &now(&desk, &secret)).await.unwrap();
    assert_eq!(e.factor(&session).await.unwrap().unwrap().left, 0);
    desk.clock.pass(2 * STEP);
    e.renew_codes(&session, &now(&desk, &secret)).await.unwrap();
    let new = e.recovery_codes(&session).await.unwrap().unwrap();
    assert!(new.iter().all(|c| !codes.contains(c)) && new.len() == 10);
    desk.clock.pass(15 * MINUTE);
    assert_eq!(
        e.recovery_codes(&session).await.unwrap(),
        None,
        "not shown for ever"
    );
}

#[tokio::test]
async fn five_wrong_codes_make_a_rest_that_outlives_a_restart_and_ends() {
    let (dir, desk) = desk().await.unwrap();
    let (_, session, secret) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let codes = desk.engine.recovery_codes(&session).await.unwrap().unwrap();
    let half = sign_in_by_link(&desk, "an@gent.example").await;
    for _ in 0..4 {
        assert_eq!(refused(desk.engine.second_factor(&half, "000000").await), wrong());
    }
    // what cannot be a code is no try
    for nonsense in ["", "12", "not a code", "１２３４５６"] {
        assert_eq!(
            refused(desk.engine.second_factor(&half, nonsense).await).code(),
            "invalid"
        );
    }
    let rest = refused(desk.engine.second_factor(&half, "000000").await);
    assert_eq!(
        rest,
        Refusal::TooManyRequests(300),
        "the fifth, told with its length"
    );
    let desk = crate::desk::reopen(&dir, desk).await.unwrap();
    let e = &desk.engine;
    desk.clock.pass(4 * MINUTE);
    let right = now(&desk, &secret);
    assert_eq!(
        refused(e.second_factor(&half, &right).await),
        Refusal::TooManyRequests(60)
    );
    assert_eq!(e.factor(&half).await.unwrap().unwrap().rest, Some(1));
    // the owner gets in all the same with a recovery code
    let other = sign_in_by_link(&desk, "an@gent.example").await;
    e.second_factor(&other, &codes[0]).await.unwrap();
    // ... and with the right code after the rest
    for _ in 0..4 {
        assert_eq!(refused(e.second_factor(&half, "000000").await), wrong());
    }
    assert_eq!(
        refused(e.second_factor(&half, "000000").await),
        Refusal::TooManyRequests(300)
    );
    desk.clock.pass(5 * MINUTE);
    let session = e.second_factor(&half, &now(&desk, &secret)).await.unwrap();
    assert!(is_in(e, &session).await);
}

#[tokio::test]
async fn every_rest_is_longer_until_somebody_gets_in() {
    let (_dir, desk) = desk().await.unwrap();
    let (_, _, secret) = with_factor(&desk, Role::Operator, "omar@gent.example").await;
    let guess = async || {
        let half = sign_in_by_link(&desk, "omar@gent.example").await;
        let mut last = 0;
        for _ in 0..5 {
            if let Refusal::TooManyRequests(seconds) =
                refused(desk.engine.second_factor(&half, "000000").await)
            {
                last = seconds;
            }
        }
        desk.clock.pass(u64::from(last) * 1000);
        last / 60
    };
    for minutes in [5, 15, 60, 60] {
        assert_eq!(guess().await, minutes);
    }
    let half = sign_in_by_link(&desk, "omar@gent.example").await;
    desk.engine
        .second_factor(&half, &now(&desk, &secret))
        .await
        .unwrap();
    assert_eq!(guess().await, 5, "a right code forgets what was wrong");
}

#[tokio::test]
async fn who_may_leaves_with_password_and_code() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    for role in [Role::Employee, Role::Operator, Role::Client, Role::Admin] {
        let email = format!("{}@x.example", role.key());
        let (_, session, secret) = with_factor(&desk, role, &email).await;
        let code = now(&desk, &secret);
        let guess = e.leave_factor(&session, "a guess".into(), &code).await;
        assert_eq!(refused(guess), Refusal::field("old", "is not your password"));
        let guess = e.leave_factor(&session, PASSWORD.into(), "000000").await;
        assert_eq!(refused(guess), wrong());
        let new = e.leave_factor(&session, PASSWORD.into(), &code).await.unwrap();
        let must = role == Role::Admin;
        assert_eq!(
            is_in(e, &new).await,
            !must,
            "{role:?}: who must have one sets up the next"
        );
        let page = e.factor(&new).await.unwrap().unwrap();
        assert!(!page.on && page.waits == must, "{role:?}");
        let signed = sign_in(&desk, &email).await;
        assert_eq!(is_in(e, &signed).await, !must, "{role:?}");
    }
}

#[tokio::test]
async fn an_admin_takes_a_colleagues_off_and_their_sessions_end() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (an, an_session, _) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let (bo, bo_session, secret) = with_factor(&desk, Role::Operator, "bo@gent.example").await;
    mail_is_set_up(&desk).await;
    let by = e.viewer(&an_session).await.unwrap().unwrap();
    let office = Some(desk.office);
    assert_eq!(
        refused(e.take_factor_off(by.clone(), office, an).await).code(),
        "forbidden"
    );
    assert_eq!(
        refused(e.take_factor_off(by.clone(), Some(99), bo).await),
        Refusal::NotFound
    );
    assert_eq!(
        refused(e.take_factor_off(by.clone(), None, bo).await),
        Refusal::NotFound
    );
    e.take_factor_off(by.clone(), office, bo).await.unwrap();
    assert!(!is_in(e, &bo_session).await);
    assert_eq!(
        refused(e.take_factor_off(by, office, bo).await).code(),
        "wrong_state"
    );
    let again = sign_in(&desk, "bo@gent.example").await;
    assert!(is_in(e, &again).await, "the password is enough now");
    assert_eq!(
        refused(e.second_factor(&again, &now(&desk, &secret)).await).code(),
        "wrong_state"
    );
    let told: Vec<_> = e
        .due_mail()
        .await
        .unwrap()
        .into_iter()
        .map(|m| (m.email, m.letter))
        .collect();
    let taken = Letter::Factor {
        what: FactorTold::TakenOff { by: "P".into() },
    };
    assert_eq!(told, [("bo@gent.example".to_owned(), taken)]);
    assert!(audit(&desk).contains(&"factor_taken_off".to_owned()));
}

#[tokio::test]
async fn the_console_takes_the_last_admins_off() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (_, session, _) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    assert_eq!(
        refused(e.take_factor_off_here("nobody@gent.example").await),
        Refusal::NotFound
    );
    e.take_factor_off_here(" An@Gent.example ").await.unwrap();
    assert!(!is_in(e, &session).await);
    assert_eq!(
        refused(e.take_factor_off_here("an@gent.example").await).code(),
        "wrong_state"
    );
    let half = sign_in(&desk, "an@gent.example").await;
    assert!(!is_in(e, &half).await);
    assert!(enrol(e, &half).await.is_ok(), "they set up the next");
}

#[tokio::test]
async fn a_new_role_asks_for_what_goes_with_it() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (_, an, _) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let emma = add(&desk, Role::Employee, "emma@gent.example").await;
    let session = sign_in(&desk, "emma@gent.example").await;
    assert!(is_in(e, &session).await);
    let by = e.viewer(&an).await.unwrap().unwrap();
    e.set_role(by.clone(), desk.office, emma, Role::Admin)
        .await
        .unwrap();
    assert!(!is_in(e, &session).await, "an admin without one sees nothing");
    e.set_role(by, desk.office, emma, Role::Employee).await.unwrap();
    assert!(is_in(e, &session).await, "nothing had ended");
}

#[tokio::test]
async fn the_demos_links_ask_for_none() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (id, ..) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let link = e.new_link(id, true).await.unwrap();
    let session = e.use_link(&link).await.unwrap();
    assert!(is_in(e, &session).await);
    desk.clock.pass(13 * 24 * 60 * MINUTE);
    assert!(is_in(e, &session).await, "nor do they go idle");
}

#[tokio::test]
async fn nobody_there_for_long_ends_a_session_and_being_there_keeps_it() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (_, admin, _) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    add(&desk, Role::Employee, "emma@gent.example").await;
    let employee = sign_in(&desk, "emma@gent.example").await;
    // an open page asks every quarter of a minute
    for _ in 0..(12 * 4 - 1) {
        desk.clock.pass(15 * MINUTE);
        assert!(is_in(e, &admin).await && is_in(e, &employee).await);
    }
    desk.clock.pass(15 * MINUTE);
    assert!(!is_in(e, &admin).await, "twelve hours are enough");
    assert!(is_in(e, &employee).await);
    desk.clock.pass(12 * 60 * MINUTE);
    assert!(!is_in(e, &employee).await, "nobody was there");
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_every_open_link() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    mail_is_set_up(&desk).await;
    let emma = add(&desk, Role::Employee, "emma@gent.example").await;
    let (own, other) = (
        sign_in(&desk, "emma@gent.example").await,
        sign_in(&desk, "emma@gent.example").await,
    );
    let invitation = e.new_link(emma, false).await.unwrap();
    let reset = ask_reset(&desk).await;
    e.change_password(emma, &own, PASSWORD.into(), "another horse".into())
        .await
        .unwrap();
    assert!(is_in(e, &own).await && !is_in(e, &other).await);
    for link in [&invitation, &reset] {
        assert_eq!(refused(e.look_at_link(link).await), Refusal::NotFound);
        assert_eq!(
            refused(e.use_link_with(link, "a third horse".into()).await),
            Refusal::NotFound
        );
    }
    // the same by a reset: the other links and every session end
    desk.clock.pass(60 * MINUTE);
    let (invitation, reset) = (e.new_link(emma, false).await.unwrap(), ask_reset(&desk).await);
    let session = e.use_link_with(&reset, "a third horse".into()).await.unwrap();
    assert!(is_in(e, &session).await && !is_in(e, &own).await);
    assert_eq!(refused(e.look_at_link(&invitation).await), Refusal::NotFound);
}

#[tokio::test]
async fn a_reset_lives_for_half_an_hour_and_there_is_one() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    mail_is_set_up(&desk).await;
    let emma = add(&desk, Role::Employee, "emma@gent.example").await;
    let invitation = e.new_link(emma, false).await.unwrap();
    let first = ask_reset(&desk).await;
    let second = ask_reset(&desk).await;
    assert_eq!(
        refused(e.look_at_link(&first).await),
        Refusal::NotFound,
        "the last is good"
    );
    assert!(e.look_at_link(&second).await.is_ok());
    assert!(
        e.look_at_link(&invitation).await.is_ok(),
        "nobody ends an invitation by asking"
    );
    let third = ask_reset(&desk).await;
    e.ask_reset("emma@gent.example", &elsewhere()).await.unwrap();
    assert_eq!(mailed_links(&desk).await.len(), 3, "three an hour");
    assert!(e.look_at_link(&third).await.is_ok());
    desk.clock.pass(30 * MINUTE - 1);
    assert!(e.look_at_link(&third).await.is_ok());
    desk.clock.pass(1);
    assert_eq!(refused(e.look_at_link(&third).await), Refusal::NotFound);
    desk.clock.pass(31 * MINUTE);
    assert!(e.look_at_link(&ask_reset(&desk).await).await.is_ok());
}

#[tokio::test]
async fn a_new_link_for_a_colleague_goes_by_mail_only() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let (_, an, _) = with_factor(&desk, Role::Admin, "an@gent.example").await;
    let (bo, _, secret) = with_factor(&desk, Role::Admin, "bo@gent.example").await;
    let by = e.viewer(&an).await.unwrap().unwrap();
    let shown = e.renew_link(by.clone(), desk.office, bo).await.unwrap();
    let half = e
        .use_link_with(&shown.expect("no mail"), "a new horse".into())
        .await
        .unwrap();
    assert!(!is_in(e, &half).await, "whoever has the link lacks the factor");
    assert!(e.second_factor(&half, &now(&desk, &secret)).await.is_ok());
    mail_is_set_up(&desk).await;
    assert_eq!(e.renew_link(by, desk.office, bo).await.unwrap(), None);
    assert_eq!(mailed_links(&desk).await.len(), 1);
}

async fn mail_is_set_up(desk: &TestDesk) {
    let by = Viewer {
        person: 1,
        ..crate::desk::person(Role::Admin, desk.office)
    };
    let settings = domain::mail::MailSettings {
        host: "smtp.example.com".into(),
        port: 587,
        security: domain::mail::Security::StartTls,
        sender: "desk@example.com".into(),
        address: "https://desk.gent.example".into(),
        ..Default::default()
    };
    desk.engine.save_mail(&by, desk.office, settings).await.unwrap();
}

/// The links of all mails that wait, the oldest first.
async fn mailed_links(desk: &TestDesk) -> Vec<String> {
    let mails = desk.engine.due_mail().await.unwrap();
    let link = |l: Letter| match l {
        Letter::Reset { link } | Letter::Invitation { link } => {
            link.rsplit('/').next().map(ToOwned::to_owned)
        }
        _ => None,
    };
    mails.into_iter().filter_map(|m| link(m.letter)).collect()
}

/// Somebody at another address each time.
fn elsewhere() -> Visitor {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    Visitor::new(ClientAddress::new([192, 0, 2, n].into()), None)
}

async fn ask_reset(desk: &TestDesk) -> String {
    desk.engine
        .ask_reset("emma@gent.example", &elsewhere())
        .await
        .unwrap();
    mailed_links(desk).await.pop().expect("it was sent")
}
