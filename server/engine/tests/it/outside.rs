//! The world outside: mail is told once and tried again, links are good once and for a time, people outside see nothing of
//! the desk, and a desk of before is brought up to date.

use crate::desk;

use desk::{
    booking, desk, done, failed,
    jobs::{job_desk, set_up, vouchers},
    person, reopen, run,
};
use domain::{
    Language, Refusal, Role, Viewer,
    mail::{Choice, Fault, Letter, MailSettings, RETRY_MINUTES, Security},
    request::{NewFile, NewRequest, RequestKind},
};
use engine::{
    Clock, Error, NewPerson,
    mail::Tried,
    testing::{TestDesk, support},
};
use serde_json::json;
use views::people::Invitation;

const HOUR: u64 = 3_600_000;

fn settings() -> MailSettings {
    MailSettings {
        host: "smtp.gent.example".into(),
        port: 465,
        security: Security::Tls,
        username: "desk".into(),
        password: Some("secret".into()),
        sender: "desk@gent.example".into(),
        address: "https://desk.gent.example/".into(),
    }
}

async fn add(desk: &TestDesk, role: Role, email: &str) -> Viewer {
    let row = NewPerson {
        office: (role != Role::Support).then_some(desk.office),
        email: email.into(),
        name: "Mia".into(),
        role,
        language: Language::Nl,
        password_hash: None,
    };
    let id = desk.engine.add_person(row).await.unwrap();
    Viewer {
        person: id,
        ..person(role, desk.office)
    }
}

fn invalid<T: std::fmt::Debug>(result: engine::Result<T>) -> Vec<String> {
    match result {
        Err(Error::Refused(Refusal::Invalid(errors))) => errors.into_iter().map(|e| e.field).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

#[tokio::test]
async fn mail_settings_are_checked_and_the_password_stays_here() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = person(Role::Admin, desk.office);
    let save = |s: MailSettings| desk.engine.save_mail(&admin, desk.office, s);
    for (bad, field) in [
        (
            MailSettings {
                host: "a b".into(),
                ..settings()
            },
            "host",
        ),
        (
            MailSettings {
                host: "x\r\nRCPT".into(),
                ..settings()
            },
            "host",
        ),
        (
            MailSettings {
                port: 0,
                ..settings()
            },
            "port",
        ),
        (
            MailSettings {
                port: 70_000,
                ..settings()
            },
            "port",
        ),
        (
            MailSettings {
                sender: "nobody".into(),
                ..settings()
            },
            "sender",
        ),
        (
            MailSettings {
                sender: "a@b.example\r\nBcc: c@d.example".into(),
                ..settings()
            },
            "sender",
        ),
        (
            MailSettings {
                address: "ftp://desk".into(),
                ..settings()
            },
            "address",
        ),
        (
            MailSettings {
                address: "https://desk.evil.example".into(),
                ..settings()
            },
            "address",
        ),
        (
            MailSettings {
                security: Security::None,
                ..settings()
            },
            "security",
        ),
        (
            MailSettings {
                username: "a\u{0}b".into(),
                ..settings()
            },
            "username",
        ),
    ] {
        assert_eq!(invalid(save(bad.clone()).await), [field], "{bad:?}");
    }
    save(settings()).await.unwrap();
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let page = desk.engine.mail_page(&admin, &office).await.unwrap();
    let shown = page.settings.unwrap();
    assert_eq!((shown.password, page.has_password), (None, true));
    assert_eq!(shown.address, "https://desk.gent.example");
    // without a password the one there is stays
    save(MailSettings {
        password: None,
        sender: "other@gent.example".into(),
        ..settings()
    })
    .await
    .unwrap();
    let me = add(&desk, Role::Admin, "mia@gent.example").await;
    desk.engine.test_mail(&me, desk.office).await.unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    assert_eq!(due[0].settings.password.as_deref(), Some("secret"));
    assert_eq!(due[0].settings.sender, "other@gent.example");
    let staff = person(Role::Employee, desk.office);
    assert!(matches!(
        desk.engine.mail_page(&staff, &office).await,
        Err(Error::Refused(Refusal::Forbidden(_)))
    ));
}

#[tokio::test]
async fn a_mail_is_tried_again_ever_later_and_then_left_to_a_person() {
    let (dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "mia@gent.example").await;
    desk.engine
        .save_mail(&admin, desk.office, settings())
        .await
        .unwrap();
    desk.engine.test_mail(&admin, desk.office).await.unwrap();
    let mut desk = desk;
    for (n, minutes) in RETRY_MINUTES.into_iter().enumerate() {
        let due = desk.engine.due_mail().await.unwrap();
        assert_eq!((due.len(), due[0].tries), (1, n as u32));
        desk.engine
            .tried_mail(&due[0], Tried::Later(Fault::NotNow, Some(451)))
            .await
            .unwrap();
        desk.clock.pass(minutes as u64 * 60_000 - 1);
        assert!(
            desk.engine.due_mail().await.unwrap().is_empty(),
            "not before its time"
        );
        // the outbox is on disk
        desk = reopen(&dir, desk).await.unwrap();
        desk.clock.pass(1);
    }
    let due = desk.engine.due_mail().await.unwrap();
    desk.engine
        .tried_mail(&due[0], Tried::Later(Fault::Unreachable, None))
        .await
        .unwrap();
    desk.clock.pass(100 * 24 * HOUR);
    assert!(desk.engine.due_mail().await.unwrap().is_empty());
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let page = desk.engine.mail_page(&admin, &office).await.unwrap();
    assert_eq!(
        (page.failed, page.lines[0].error.as_deref()),
        (1, Some("unreachable"))
    );
    desk.engine
        .retry_mail(&admin, desk.office, page.lines[0].id)
        .await
        .unwrap();
    let due = desk.engine.due_mail().await.unwrap();
    desk.engine.tried_mail(&due[0], Tried::Sent).await.unwrap();
    assert!(desk.engine.due_mail().await.unwrap().is_empty());
    let again = desk.engine.retry_mail(&admin, desk.office, due[0].id).await;
    assert!(
        matches!(again, Err(Error::Refused(Refusal::NotFound))),
        "what was sent is not sent twice"
    );
}

#[tokio::test]
async fn each_thing_is_told_once_and_only_to_who_wants_it() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "mia@gent.example").await;
    let manager = add(&desk, Role::Employee, "emma@gent.example").await;
    let client = add(&desk, Role::Client, "clara@client.example").await;
    desk.engine
        .save_mail(&admin, desk.office, settings())
        .await
        .unwrap();
    let d1 = desk
        .engine
        .dossiers_for(desk.office, manager.person, "D1")
        .await
        .unwrap()[0]
        .id;
    for who in [&manager, &client] {
        desk.engine
            .set_managed(support(), desk.office, who.person, vec![d1], vec![])
            .await
            .unwrap();
    }
    run(
        &desk,
        booking("D1"),
        failed("period_not_open", json!({"period": "201802"})),
    )
    .await
    .unwrap();
    desk.engine.gather_mail().await.unwrap();
    assert!(
        desk.engine
            .due_mail()
            .await
            .unwrap()
            .iter()
            .all(|m| m.letter.kind() != "action"),
        "too fresh"
    );
    desk.clock.pass(61_000);
    for _ in 0..3 {
        desk.engine.gather_mail().await.unwrap();
    }
    let actions: Vec<_> = desk
        .engine
        .due_mail()
        .await
        .unwrap()
        .into_iter()
        .filter(|m| m.letter.kind() == "action")
        .collect();
    assert_eq!(actions.len(), 1, "once, and not to the client");
    assert_eq!(actions[0].email, "emma@gent.example");
    let Letter::Action { tasks } = &actions[0].letter else {
        panic!("{:?}", actions[0].letter)
    };
    assert!(tasks[0].what.contains("2018-02"), "in words: {tasks:?}");
    // by the link of the mail: no more of these
    let link = actions[0].unsubscribe.clone().unwrap();
    desk.engine
        .unsubscribe(link.rsplit('/').next().unwrap())
        .await
        .unwrap();
    let choices = desk.engine.mail_choices(&manager).await.unwrap();
    assert!(choices.contains(&(Choice::Action, false)) && choices.contains(&(Choice::Digest, true)));
    run(
        &desk,
        booking("D1"),
        failed("period_not_open", json!({"period": "201803"})),
    )
    .await
    .ok();
    desk.clock.pass(61_000);
    desk.engine.gather_mail().await.unwrap();
    let actions = desk
        .engine
        .due_mail()
        .await
        .unwrap()
        .into_iter()
        .filter(|m| m.letter.kind() == "action")
        .count();
    assert_eq!(actions, 1);
    assert!(matches!(
        desk.engine.unsubscribe("nws_nonsense").await,
        Err(Error::Refused(Refusal::NotFound))
    ));
}

#[tokio::test]
async fn links_are_good_once_and_for_three_days() {
    let (_dir, desk) = desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "mia@gent.example").await;
    let invite = async |email: &str| {
        let new = Invitation {
            name: "Nora".into(),
            email: email.into(),
            role: Role::Employee,
            language: Language::En,
        };
        desk.engine.invite(admin.clone(), desk.office, new).await.unwrap()
    };
    let gone = |r: engine::Result<String>| matches!(r, Err(Error::Refused(Refusal::NotFound)));
    let password = || "a long enough password".to_owned();
    let (used, old) = (invite("a@gent.example").await, invite("b@gent.example").await);
    desk.engine.look_at_link(&used).await.unwrap();
    desk.engine.use_link_with(&used, password()).await.unwrap();
    assert!(gone(desk.engine.use_link_with(&used, password()).await));
    desk.clock.pass(72 * HOUR - 1);
    desk.engine.look_at_link(&old).await.unwrap();
    desk.clock.pass(2);
    assert!(gone(desk.engine.use_link_with(&old, password()).await));
    // of another desk
    assert!(gone(
        desk.engine
            .use_link_with(&engine::secret::new("nws_"), password())
            .await
    ));
}

#[tokio::test]
async fn people_outside_see_nothing_of_the_desk() {
    let (_dir, desk) = desk().await.unwrap();
    for role in [Role::Client, Role::Candidate] {
        let who = add(&desk, role, &format!("{}@x.example", role.key())).await;
        assert!(!who.may_see_office(desk.office) && !who.sees_every_dossier() && !who.runs_office());
        assert!(
            desk.engine
                .desk(&who, desk.engine.live.mark())
                .await
                .unwrap()
                .offices
                .is_empty()
        );
        assert!(desk.engine.office(&who, "gent").await.is_err());
        let page = desk.engine.portal(&who).await.unwrap();
        assert!(page.dossiers.is_empty() && page.handed.is_empty());
        let file = NewFile {
            name: "a.pdf".into(),
            bytes: b"%PDF-1.4".to_vec(),
        };
        assert!(desk.engine.hand_in(&who, "D1", file).await.is_err());
    }
    assert!(desk.engine.portal(&support()).await.is_err());
    assert!(
        desk.engine
            .portal(&person(Role::Employee, desk.office))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_intake_becomes_one_activation() {
    let (_dir, desk) = desk().await.unwrap();
    let new = |company: &str| NewRequest {
        name: "Nora".into(),
        email: "nora@bakery.example".into(),
        company: company.into(),
        ..NewRequest::default()
    };
    let send = |r: NewRequest| desk.engine.send_request(desk.office, RequestKind::Intake, r);
    let id = send(new("D1")).await.unwrap();
    let bad = NewRequest {
        email: "no".into(),
        ..new("")
    };
    assert_eq!(invalid(send(bad).await), ["company", "email"]);
    let trapped = NewRequest {
        trap: "x".into(),
        ..new("Spam")
    };
    let automatic = send(trapped).await.unwrap();
    let admin = person(Role::Admin, desk.office);
    let office = desk.engine.office(&support(), "gent").await.unwrap();
    let page = desk.engine.requests(&admin, &office).await.unwrap();
    let (first, last) = (&page.lines[0], &page.lines[1]);
    assert_eq!((first.id, first.automatic), (id, false));
    assert_eq!(
        (last.id, last.automatic),
        (automatic, true),
        "kept, marked, and behind the others"
    );
    assert_eq!(page.lines[0].code, "D12", "D1 is taken");
    let accept = |code: &str| {
        desk.engine
            .accept_request(&admin, desk.office, id, code.into(), "adsolut".into())
    };
    assert_eq!(invalid(accept("D1").await), ["code"]);
    assert_eq!(invalid(accept("no code").await), ["code"]);
    assert!(accept("D12").await.unwrap().is_some());
    assert!(matches!(
        accept("D13").await,
        Err(Error::Refused(Refusal::WrongState(_)))
    ));
    assert_eq!(desk.claim(10).await.unwrap().len(), 1);
    assert!(desk.clock.now() > 0);
}

/// A desk of before people outside had roles: everybody, their sessions and their dossiers are still there.
#[tokio::test]
async fn a_desk_of_before_is_brought_up_to_date() {
    use sqlx::{Connection, Executor, SqliteConnection};
    let dir = tempfile::tempdir().unwrap();
    let old = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir("../store/migrations").unwrap() {
        let file = entry.unwrap();
        let name = file.file_name().into_string().unwrap();
        if *name < *"0004" {
            std::fs::copy(file.path(), old.path().join(name)).unwrap();
        }
    }
    let path = dir.path().join("nachtwacht.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    db.execute("PRAGMA application_id = 1314350178").await.unwrap();
    sqlx::migrate::Migrator::new(old.path())
        .await
        .unwrap()
        .run(&mut db)
        .await
        .unwrap();
    db.execute(
        "INSERT INTO office (id, code, name, zone, language, support_contact, poll_from, poll_to, lease_seconds)
           VALUES (1, 'gent', 'Gent', 'Europe/Brussels', 'nl', 's@x.example', 300, 600, 120);
         INSERT INTO package VALUES (1, 'adsolut');
         INSERT INTO dossier (id, office, code, name, package, created_at) VALUES (1, 1, 'D1', 'Dossier 1', 1, 0);
         INSERT INTO person (id, office, email, name, role, language, created_at, theme, left_at)
           VALUES (1, NULL, 's@x.example', 'Sara', 'support', 'en', 5, 'dark', NULL), (2, 1, 'e@x.example', 'Emma', 'employee', 'nl', 6, 'system', 9);
         INSERT INTO dossier_manager VALUES (2, 1);
         INSERT INTO session (hash, person, created_at, expires_at) VALUES (zeroblob(32), 1, 1, 9000000000000);
         INSERT INTO notice (person, office, at, kind, subject, detail) VALUES (2, 1, 1, 'reminder', '1', 'x');",
    )
    .await
    .unwrap();
    db.close().await.unwrap();

    let clock = std::sync::Arc::new(engine::clock::HandClock::default());
    let engine = engine::testing::open(dir.path(), clock).await.unwrap();
    let new = NewPerson {
        office: Some(1),
        email: "c@x.example".into(),
        name: "Clara".into(),
        role: Role::Client,
        language: Language::En,
        password_hash: None,
    };
    engine.add_person(new).await.unwrap();
    drop(engine);
    let db = rusqlite::Connection::open(&path).unwrap();
    let lost: i64 = db
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| r.get(0))
        .unwrap();
    assert_eq!(lost, 0);
    let told: String = db
        .query_row(
            "SELECT group_concat(name || ' ' || role || ' ' || theme || ' ' || ifnull(left_at, '-'), ', ' ORDER BY id) FROM person",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(
        told,
        "Sara support dark -, Emma employee system 9, Clara client system -"
    );
    let rest: (i64, i64, i64) = db
        .query_row(
            "SELECT (SELECT count(*) FROM dossier_manager), (SELECT count(*) FROM session), (SELECT count(*) FROM notice)",
            [],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
        .unwrap();
    assert_eq!(rest, (1, 1, 1));
    // what referred to the old table refers to the new one
    db.pragma_update(None, "foreign_keys", true).unwrap();
    assert!(
        db.execute("INSERT INTO dossier_manager VALUES (99, 1)", [])
            .is_err()
    );
}

/// A job's report goes to the addresses that its outputs name (J18), once for each run; a connector that falls silent is
/// told to those who run the office.
#[tokio::test]
async fn jobs_report_and_silence_is_told() {
    let (_dir, desk, by, view) = job_desk().await.unwrap();
    let admin = add(&desk, Role::Admin, "mia@gent.example").await;
    desk.engine
        .save_mail(&admin, desk.office, settings())
        .await
        .unwrap();
    let mut form = vouchers(&["D1"], &["12:10"]);
    form.outputs[0].email = "finance@gent.example".into();
    let job = set_up(&desk, &by, form).await.unwrap();
    desk.clock.pass(5 * 60_000);
    desk.engine.schedule_round().await.unwrap();
    let task = desk.claim(1).await.unwrap().remove(0);
    desk.report(&task, done()).await.unwrap();
    let reports: Vec<_> = desk
        .engine
        .due_mail()
        .await
        .unwrap()
        .into_iter()
        .filter(|m| m.letter.kind() == "job_report")
        .collect();
    assert_eq!(reports.len(), 1, "{job}");
    assert_eq!(
        (reports[0].email.as_str(), reports[0].unsubscribe.as_deref()),
        ("finance@gent.example", None)
    );
    assert_eq!(reports[0].language, Language::En);
    assert_eq!(view.id, desk.office);

    desk.clock.pass(24 * HOUR);
    desk.engine.watch().await.unwrap();
    desk.engine.gather_mail().await.unwrap();
    desk.engine.gather_mail().await.unwrap();
    let silent: Vec<_> = desk
        .engine
        .due_mail()
        .await
        .unwrap()
        .into_iter()
        .filter(|m| m.letter.kind() == "silent_connector")
        .collect();
    let mut told: Vec<&str> = silent.iter().map(|m| m.email.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["mia@gent.example", "support@desk.example"]);
}
