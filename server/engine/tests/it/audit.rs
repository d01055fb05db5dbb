//! The audit log: who sees what of it, filters, pages, and 100,000 lines.

use crate::desk;

use desk::{booking, desk, failed, look, person, run};
use domain::{Language, Role, Viewer};
use engine::{
    NewPerson, OfficeRow,
    people::accounts::default_office,
    testing::{TestDesk, support},
};
use serde_json::json;
use std::time::{Duration, Instant};
use views::{
    audit::{AuditAsked, AuditPage},
    clients::{DossierBody, DossierTab},
};

async fn add(desk: &TestDesk, role: Role, email: &str, name: &str) -> Viewer {
    let row = NewPerson {
        office: (role != Role::Support).then_some(desk.office),
        email: email.into(),
        name: name.into(),
        role,
        language: Language::En,
        password_hash: None,
    };
    let id = desk.engine.add_person(row).await.unwrap();
    Viewer {
        person: id,
        name: name.into(),
        ..person(role, desk.office)
    }
}

async fn log(desk: &TestDesk, viewer: &Viewer, asked: AuditAsked) -> AuditPage {
    let office = desk.engine.office(viewer, "gent").await.unwrap();
    desk.engine.audit(viewer, &office, &asked).await.unwrap()
}

fn verbs(page: &AuditPage) -> Vec<&str> {
    page.lines.iter().map(|l| l.what.as_str()).collect()
}

#[tokio::test]
async fn what_people_did_is_told_with_who_and_to_what() {
    let (_dir, desk) = desk().await.unwrap();
    let mia = add(&desk, Role::Admin, "mia@gent.example", "Mia").await;
    let (id, _) = run(
        &desk,
        booking("D1"),
        failed("period_not_open", json!({"period": "201802"})),
    )
    .await
    .unwrap();
    desk.engine
        .restart(mia.clone(), desk.office, vec![id])
        .await
        .unwrap()[0]
        .clone()
        .unwrap();
    let page = log(&desk, &mia, AuditAsked::default()).await;
    let line = &page.lines[0];
    assert_eq!(line.who.as_deref(), Some("Mia"));
    assert_eq!(
        (line.what.as_str(), line.kind.as_str(), line.subject.as_str()),
        ("restart", "task", "1")
    );
    assert_eq!(line.path.as_deref(), Some("tasks/1"));
    assert_eq!(
        (line.before.as_deref(), line.after.as_deref()),
        (Some("action_required"), Some("queued"))
    );
}

#[tokio::test]
async fn acts_on_the_platform_are_for_support_and_other_offices_are_for_nobody() {
    let (_dir, desk) = desk().await.unwrap();
    let mia = add(&desk, Role::Admin, "mia@gent.example", "Mia").await;
    let sara = add(&desk, Role::Support, "sara@nachtwacht.example", "Sara").await;
    let other = OfficeRow {
        code: "aalst".into(),
        name: "Aalst".into(),
        ..default_office()
    };
    let other = desk.engine.add_office(other).await.unwrap();
    for person in [mia.person, sara.person] {
        let link = desk.engine.new_link(person, true).await.unwrap();
        desk.engine.use_link(&link).await.unwrap();
    }
    let was = desk.engine.settings(other).await.unwrap().settings;
    let new = views::settings::Settings {
        name: "Secret".into(),
        ..was.clone()
    };
    desk.engine
        .save_settings(support(), other, was, new)
        .await
        .unwrap();
    let seen = log(&desk, &mia, AuditAsked::default()).await;
    assert_eq!(verbs(&seen), ["sign_in"]);
    let seen = log(&desk, &sara, AuditAsked::default()).await;
    assert_eq!(verbs(&seen), ["sign_in", "sign_in"]);
    assert!(seen.lines[0].platform && !seen.lines[1].platform);
    let asked = AuditAsked {
        who: "support".into(),
        ..AuditAsked::default()
    };
    assert_eq!(log(&desk, &sara, asked).await.lines.len(), 1);
}

#[tokio::test]
async fn a_hundred_thousand_lines_are_read_page_by_page_and_stay_quick() {
    let (_dir, desk) = desk().await.unwrap();
    let mia = add(&desk, Role::Admin, "mia@gent.example", "Mia").await;
    let db = look(&desk.engine);
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO audit (at, office, person, what, subject, before, after)
         SELECT i * 1000, ?1, ?2, CASE i WHEN 77 THEN 'cancel' ELSE 'restart' END, 'task ' || i, 'failed', CASE i WHEN 4711 THEN 'a needle_%' ELSE 'queued' END FROM n",
        rusqlite::params![desk.office, mia.person],
    )
    .unwrap();
    let began = Instant::now();
    let first = log(&desk, &mia, AuditAsked::default()).await;
    assert_eq!((first.lines.len(), first.more), (100, true));
    assert_eq!(first.lines[0].subject, "100000");
    let second = AuditAsked {
        before: Some(first.lines[99].id),
        ..AuditAsked::default()
    };
    assert_eq!(log(&desk, &mia, second).await.lines[0].subject, "99900");
    for (asked, subject) in [
        (
            AuditAsked {
                what: "cancel".into(),
                ..AuditAsked::default()
            },
            "77",
        ),
        (
            AuditAsked {
                text: "needle_%".into(),
                ..AuditAsked::default()
            },
            "4711",
        ),
        (
            AuditAsked {
                who: mia.person.to_string(),
                to: "1970-01-01".into(),
                ..AuditAsked::default()
            },
            "82799",
        ),
    ] {
        let page = log(&desk, &mia, asked.clone()).await;
        assert_eq!(page.lines[0].subject, subject, "{asked:?}");
    }
    // generous: a full scan of them took 60 ms when this was written
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for nonsense in [
        AuditAsked {
            who: "nobody".into(),
            ..AuditAsked::default()
        },
        AuditAsked {
            what: "'; DROP TABLE audit".into(),
            ..AuditAsked::default()
        },
        AuditAsked {
            before: Some(-5),
            ..AuditAsked::default()
        },
    ] {
        assert!(log(&desk, &mia, nonsense).await.lines.is_empty());
    }
    let unread = AuditAsked {
        from: "no day".into(),
        ..AuditAsked::default()
    };
    assert_eq!(log(&desk, &mia, unread).await.lines.len(), 100);
}

/// A dossier's code may be the number of another.
#[tokio::test]
async fn a_dossier_whose_code_is_anothers_number_is_not_taken_for_it() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let mia = add(&desk, Role::Admin, "mia@gent.example", "Mia").await;
    let odd = e.add_dossier(desk.office, "1", "Odd", "adsolut").await.unwrap();
    let first: i64 = look(e)
        .query_row("SELECT id FROM dossier WHERE code = 'D1'", [], |r| r.get(0))
        .unwrap();
    assert_eq!(first, 1);
    look(e)
        .execute("UPDATE dossier SET posting = 'po' WHERE id = 1", [])
        .unwrap();
    e.set_manager(mia.clone(), desk.office, vec![odd], mia.person, true)
        .await
        .unwrap();
    e.set_posting_ok(&mia, desk.office, "D1").await.unwrap();
    let told = |page: &AuditPage| -> Vec<(String, String, String)> {
        let lines = page.lines.iter().filter(|l| l.kind == "dossier").rev();
        lines
            .map(|l| {
                (
                    l.what.clone(),
                    l.subject.clone(),
                    l.path.clone().unwrap_or_default(),
                )
            })
            .collect()
    };
    let line = |what: &str, name: &str, path: &str| (what.to_owned(), name.to_owned(), path.to_owned());
    let all = [
        line("add_manager", "Odd", "dossiers/1"),
        line("posting", "Dossier 1", "dossiers/D1"),
    ];
    assert_eq!(told(&log(&desk, &mia, AuditAsked::default()).await), all);
    let office = e.office(&mia, "gent").await.unwrap();
    for (code, verb) in [("1", "add_manager"), ("D1", "posting")] {
        let page = e
            .dossier(&mia, &office, code, DossierTab::History, None)
            .await
            .unwrap();
        let DossierBody::History(changes) = page.body else {
            panic!("another tab")
        };
        let verbs: Vec<_> = changes.iter().map(|c| c.what.as_str()).collect();
        assert_eq!(verbs, [verb], "{code}");
    }
    // what was written before, by number
    look(e)
        .execute(
            "UPDATE audit SET subject = 'dossier 1' WHERE what = 'posting'",
            [],
        )
        .unwrap();
    look(e)
        .execute_batch(include_str!("../../../store/migrations/0021_audit.sql"))
        .unwrap();
    assert_eq!(told(&log(&desk, &mia, AuditAsked::default()).await), all);
}
