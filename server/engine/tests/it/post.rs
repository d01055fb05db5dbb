//! Mail that waits for a log-in, passwords of mail servers, links that are not kept.

use crate::desk;

use desk::{desk, look, person};
use domain::{
    Language, OfficeId, Refusal, Role, Viewer,
    mail::{Fault, MailPage, MailSettings, Security},
};
use engine::{
    Clock, Error, NewPerson,
    desk::guard::Visitor,
    mail::Tried,
    testing::{self, TestDesk, support},
};
use rusqlite::Connection;
use std::{fs, path::Path};
use views::{alerts::AlertKind, people::Invitation};

const SECRET: &str = "s3cret word of the mail server";

fn settings() -> MailSettings {
    MailSettings {
        host: "smtp.gent.example".into(),
        port: 465,
        security: Security::Tls,
        username: "desk".into(),
        password: Some(SECRET.into()),
        sender: "desk@gent.example".into(),
        address: "https://desk.gent.example".into(),
    }
}

async fn admin(desk: &TestDesk, office: OfficeId, email: &str) -> Viewer {
    let row = NewPerson {
        office: Some(office),
        email: email.into(),
        name: "An".into(),
        role: Role::Admin,
        language: Language::Nl,
        password_hash: None,
    };
    Viewer {
        person: desk.engine.add_person(row).await.unwrap(),
        ..person(Role::Admin, office)
    }
}

/// A desk whose office sends mail, and its admin.
async fn sending() -> (tempfile::TempDir, TestDesk, Viewer) {
    let (dir, desk) = desk().await.unwrap();
    let an = admin(&desk, desk.office, "an@gent.example").await;
    desk.engine.save_mail(&an, desk.office, settings()).await.unwrap();
    (dir, desk, an)
}

async fn page(desk: &TestDesk, who: &Viewer) -> MailPage {
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    desk.engine.mail_page(who, &office).await.unwrap()
}

async fn standing(desk: &TestDesk) -> Vec<AlertKind> {
    desk.clock.pass(11_000);
    desk.engine.tick().await.unwrap();
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let list = desk.engine.alerts(&office).await.unwrap();
    let of_mail = |k: &AlertKind| matches!(k, AlertKind::Mail | AlertKind::MailLogIn);
    list.current.into_iter().map(|a| a.kind).filter(of_mail).collect()
}

fn refused<T: std::fmt::Debug>(result: engine::Result<T>) -> String {
    match result {
        Err(Error::Refused(Refusal::Invalid(errors))) => errors[0].field.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

/// Nothing of the desk on disk holds this.
fn stands_nowhere(dir: &Path, text: &str) {
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = bytes.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(!holds, "{}", path.display());
    }
}

#[tokio::test]
async fn a_refused_log_in_lets_all_letters_wait_tells_at_once_and_is_over_with_the_next_success() {
    let (_dir, desk, an) = sending().await;
    let sara = NewPerson {
        office: None,
        email: "sara@support.example".into(),
        name: "Sara".into(),
        role: Role::Support,
        language: Language::En,
        password_hash: None,
    };
    let sara = Viewer {
        person: desk.engine.add_person(sara).await.unwrap(),
        ..support()
    };
    assert!(standing(&desk).await.is_empty());
    for _ in 0..3 {
        desk.engine.test_mail(&an, desk.office).await.unwrap();
    }
    let due = desk.engine.due_mail().await.unwrap();
    desk.engine
        .tried_mail(&due[0], Tried::Later(Fault::LogIn, Some(535)))
        .await
        .unwrap();
    assert!(
        desk.engine.due_mail().await.unwrap().is_empty(),
        "the others are not tried either"
    );
    assert_eq!(standing(&desk).await, [AlertKind::MailLogIn]);
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    for who in [&an, &sara] {
        let told = desk.engine.notices(who, &office).await.unwrap();
        assert_eq!(
            (told.unread, told.groups[0].kind.key()),
            (1, "mail_log_in"),
            "{}",
            who.name
        );
    }
    // for weeks: nothing is given up, and nobody is told twice
    for _ in 0..500 {
        desk.clock.pass(3_600_000);
        for due in desk.engine.due_mail().await.unwrap() {
            let refused = Tried::Later(Fault::LogIn, Some(535));
            desk.engine.tried_mail(&due, refused).await.unwrap();
        }
    }
    let shown = page(&desk, &an).await;
    assert_eq!((shown.failed, shown.lines.len()), (0, 3));
    assert!(
        shown
            .lines
            .iter()
            .all(|l| l.tries == 0 && l.error.as_deref() == Some("log_in"))
    );
    assert_eq!(
        desk.engine.notices(&an, &office).await.unwrap().groups[0]
            .lines
            .len(),
        1
    );
    // the right password: all go at once, and the alert is over
    desk.engine.save_mail(&an, desk.office, settings()).await.unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    assert_eq!(due.len(), 3);
    for due in &due {
        desk.engine.tried_mail(due, Tried::Sent).await.unwrap();
    }
    assert!(standing(&desk).await.is_empty());
    assert!(page(&desk, &an).await.lines.iter().all(|l| l.sent.is_some()));
}

#[tokio::test]
async fn what_was_given_up_goes_again_together() {
    let (_dir, desk, an) = sending().await;
    for _ in 0..4 {
        desk.engine.test_mail(&an, desk.office).await.unwrap();
    }
    for due in desk.engine.due_mail().await.unwrap() {
        let never = Tried::Never(Fault::Refused, Some(550));
        desk.engine.tried_mail(&due, never).await.unwrap();
    }
    let shown = page(&desk, &an).await;
    assert_eq!(shown.failed, 4);
    assert_eq!(shown.lines[0].error.as_deref(), Some("refused 550"));
    assert_eq!(desk.engine.retry_all_mail(&an, desk.office).await.unwrap(), 4);
    assert_eq!(desk.engine.due_mail().await.unwrap().len(), 4);
    let clerk = person(Role::Employee, desk.office);
    assert!(desk.engine.retry_all_mail(&clerk, desk.office).await.is_err());
}

#[tokio::test]
async fn a_kept_password_goes_to_no_other_server_and_never_in_the_clear() {
    let (_dir, desk, an) = sending().await;
    let kept = MailSettings {
        password: None,
        ..settings()
    };
    let elsewhere = [
        MailSettings {
            host: "smtp.evil.example".into(),
            ..kept.clone()
        },
        MailSettings {
            port: 2525,
            ..kept.clone()
        },
        MailSettings {
            security: Security::StartTls,
            ..kept.clone()
        },
        MailSettings {
            username: "other".into(),
            ..kept.clone()
        },
    ];
    let save = |s: MailSettings| desk.engine.save_mail(&an, desk.office, s);
    for s in elsewhere {
        assert_eq!(refused(save(s.clone()).await), "password", "{s:?}");
        let empty = MailSettings {
            password: Some(String::new()),
            ..s.clone()
        };
        assert_eq!(
            refused(save(empty).await),
            "password",
            "nor is an empty one given"
        );
        save(MailSettings {
            password: Some("another".into()),
            ..s
        })
        .await
        .expect("with its own password");
        save(settings()).await.unwrap();
    }
    for password in [None, Some("x".into())] {
        let clear = MailSettings {
            security: Security::None,
            password,
            ..settings()
        };
        assert_eq!(refused(save(clear).await), "security");
    }
    save(kept.clone()).await.expect("the same server");
    desk.engine.test_mail(&an, desk.office).await.unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    assert_eq!(due[0].settings.password.as_deref(), Some(SECRET));
    // who asks for nobody's log-in keeps no password
    save(MailSettings {
        username: String::new(),
        security: Security::None,
        ..kept
    })
    .await
    .unwrap();
    assert!(!page(&desk, &an).await.has_password);
}

#[tokio::test]
async fn mail_servers_of_the_network_inside_are_refused_unless_the_operator_allows_them() {
    let (_dir, desk, an) = sending().await;
    let inside = [
        "127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "::1",
        "localhost",
        "mail.localhost",
    ];
    for host in inside {
        let s = MailSettings {
            host: host.into(),
            ..settings()
        };
        assert_eq!(
            refused(desk.engine.save_mail(&an, desk.office, s).await),
            "host",
            "{host}"
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let options = engine::Options {
        mail_inner: true,
        ..testing::options(dir.path(), testing::clock())
    };
    let engine = engine::Engine::open(options).await.unwrap();
    let office = engine.add_office(testing::gent()).await.unwrap();
    let s = MailSettings {
        host: "127.0.0.1".into(),
        ..settings()
    };
    let admin = person(Role::Admin, office);
    let row = NewPerson {
        office: Some(office),
        email: "an@gent.example".into(),
        name: "An".into(),
        role: Role::Admin,
        language: Language::Nl,
        password_hash: None,
    };
    let admin = Viewer {
        person: engine.add_person(row).await.unwrap(),
        ..admin
    };
    engine.save_mail(&admin, office, s).await.expect("allowed");
}

#[tokio::test]
async fn the_password_stands_nowhere_in_the_clear_and_one_of_before_is_sealed_at_the_start() {
    let (dir, desk, an) = sending().await;
    let copy = tempfile::tempdir().unwrap();
    let kept = dir.path().to_owned();
    engine::backup::copy(&kept, &copy.path().join("copy.db"), desk.clock.now()).unwrap();
    stands_nowhere(&kept, SECRET);
    stands_nowhere(copy.path(), SECRET);
    // as a desk of before kept it
    let office = desk.office;
    let clock = desk.clock.clone();
    drop(desk);
    {
        let db = Connection::open(kept.join(engine::FILE)).unwrap();
        db.execute(
            "UPDATE smtp SET sealed = NULL, password = ?1 WHERE office = ?2",
            (SECRET, office),
        )
        .unwrap();
        db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
    let desk = TestDesk::again(&kept, clock.clone()).await.unwrap();
    desk.engine.test_mail(&an, office).await.unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    assert_eq!(due[0].settings.password.as_deref(), Some(SECRET));
    let db = look(&desk.engine);
    let plain: String = db
        .query_row("SELECT password FROM smtp", [], |r| r.get(0))
        .unwrap();
    assert_eq!(plain, "");
    drop(db);
    drop(desk);
    {
        let db = Connection::open(kept.join(engine::FILE)).unwrap();
        db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
    stands_nowhere(&kept, SECRET);
    // another key opens nothing: the log-in is asked for, and no password is made up
    fs::remove_file(kept.join("nachtwacht.key")).unwrap();
    let desk = TestDesk::again(&kept, clock).await.unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    assert_eq!(due[0].settings.password, None);
    assert_eq!(due[0].settings.username, "desk");
}

#[tokio::test]
async fn links_lead_to_this_desk_whatever_was_kept_before() {
    let (_dir, desk, an) = sending().await;
    let db = look(&desk.engine);
    db.execute("UPDATE smtp SET address = 'http://evil.example'", [])
        .unwrap();
    desk.engine.test_mail(&an, desk.office).await.unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    assert_eq!(due[0].settings.address, "https://desk.gent.example");
    assert_eq!(page(&desk, &an).await.bases, ["https://desk.gent.example"]);
}

#[tokio::test]
async fn a_link_that_lets_somebody_in_is_kept_no_longer_than_it_is_tried() {
    let (_dir, desk, an) = sending().await;
    let links = || -> i64 {
        let sql = "SELECT count(*) FROM mail WHERE letter LIKE '%nws_%'";
        look(&desk.engine).query_row(sql, [], |r| r.get(0)).unwrap()
    };
    let invite = async |n: u32| {
        let new = Invitation {
            name: "Bo".into(),
            email: format!("bo{n}@gent.example"),
            role: Role::Employee,
            language: Language::Nl,
        };
        desk.engine.invite(an.clone(), desk.office, new).await.unwrap();
    };
    invite(1).await;
    assert_eq!(links(), 1);
    let due = desk.engine.due_mail().await.unwrap();
    let never = Tried::Never(Fault::Refused, Some(550));
    desk.engine.tried_mail(&due[0], never).await.unwrap();
    assert_eq!(links(), 0, "given up");
    let shown = page(&desk, &an).await;
    assert!(!shown.lines[0].can_again);
    let again = desk.engine.retry_mail(&an, desk.office, shown.lines[0].id).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::NotFound))));
    assert_eq!(desk.engine.retry_all_mail(&an, desk.office).await.unwrap(), 0);
    // one that is tried for long, until the link lets nobody in
    invite(2).await;
    desk.engine
        .ask_reset("an@gent.example", &Visitor::default())
        .await
        .unwrap();
    assert_eq!(links(), 2);
    desk.clock.pass(72 * 3_600_000);
    desk.engine.gather_mail().await.unwrap();
    assert_eq!(links(), 0, "over");
    assert!(
        desk.engine
            .due_mail()
            .await
            .unwrap()
            .iter()
            .all(|d| !d.letter.is_secret())
    );
}
