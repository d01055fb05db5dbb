//! Active clients and one dossier: whose turn it is, in which order, who sees what, and who manages (T11, T12).

use crate::desk;

use desk::{ACTIVATE, BOOK, SYNC, booking, desk, done, failed, look, person, refused, run};
use domain::{Language, Refusal, Role, TaskState, Viewer, filter::TaskFilter};
use engine::{
    NewPerson, Result,
    testing::{TestDesk, new_task, support},
};
use serde_json::json;
use views::{
    OfficeView,
    clients::{After, Clients, ClientsAsked, DayBar, DossierBody, DossierTab, PAGE, Standing},
};

const OFFICE_TASK: &str = "period_not_open";
const SUPPORT_TASK: &str = "database_error";

async fn office(desk: &TestDesk) -> Result<OfficeView> {
    desk.engine.office(&support(), "gent").await
}

async fn list(desk: &TestDesk, viewer: &Viewer, asked: &ClientsAsked) -> Result<Clients> {
    desk.engine
        .clients(viewer, &office(desk).await?, asked, None)
        .await
}

fn codes(list: &Clients) -> Vec<&str> {
    list.lines.iter().map(|l| l.code.as_str()).collect()
}

/// D1 waits for Support, D2 for the office, D3 for both, D4 for nobody.
async fn mixed() -> Result<(tempfile::TempDir, TestDesk)> {
    let (dir, desk) = desk().await?;
    desk.engine
        .add_dossier(desk.office, "D4", "Dossier 4", "wings")
        .await?;
    let orange = || failed(OFFICE_TASK, json!({"period": "201802"}));
    for (dossier, outcome) in [
        ("D1", failed(SUPPORT_TASK, json!({}))),
        ("D2", orange()),
        ("D3", orange()),
        ("D3", failed(SUPPORT_TASK, json!({}))),
        ("D4", done()),
    ] {
        run(&desk, booking(dossier), outcome).await?;
    }
    Ok((dir, desk))
}

#[tokio::test]
async fn attention_comes_first_and_the_readers_own_turn_before_the_others() -> Result<()> {
    let (_dir, desk) = mixed().await?;
    let admin = person(Role::Admin, desk.office);
    let seen = list(&desk, &admin, &ClientsAsked::default()).await?;
    assert_eq!(codes(&seen), ["D2", "D3", "D1", "D4"]);
    let standings: Vec<Standing> = seen.lines.iter().map(|l| l.standing).collect();
    assert_eq!(
        standings,
        [Standing::Act, Standing::Act, Standing::Sup, Standing::Flow]
    );
    assert_eq!(seen.lines[0].need.as_deref(), Some("Open booking period 2018-02"));
    assert_eq!((seen.lines[1].action, seen.lines[1].support), (1, 1));
    assert_eq!(seen.lines[3].need, None);
    let s = &seen.summary;
    assert_eq!((s.action, s.support, s.flowing, s.all()), (2, 1, 1, 4));

    let seen = list(&desk, &support(), &ClientsAsked::default()).await?;
    assert_eq!(codes(&seen), ["D1", "D3", "D2", "D4"]);
    assert_eq!(
        seen.lines[1].standing,
        Standing::Sup,
        "of both, Support sees its own"
    );
    let s = &seen.summary;
    assert_eq!((s.action, s.support, s.flowing), (1, 2, 1));
    Ok(())
}

#[tokio::test]
async fn what_was_done_before_the_digest_came_by_is_not_missing_from_its_dossier() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let o = office(&desk).await?;
    for kind in [ACTIVATE, BOOK] {
        let payload = json!({"name": "New", "package": "adsolut"});
        let task = domain::wire::NewTask {
            kind: kind.into(),
            payload: (kind == ACTIVATE).then_some(payload),
            ..booking("NEW")
        };
        run(&desk, task, done()).await?;
    }
    let of = |dossier: &str, text: &str| TaskFilter {
        states: TaskState::ALL.to_vec(),
        dossier: dossier.into(),
        text: text.into(),
        ..TaskFilter::default()
    };
    for digested in [false, true] {
        let on = async |tab| -> Result<Vec<String>> {
            match desk.engine.dossier(&support(), &o, "NEW", tab, None).await?.body {
                DossierBody::Tasks { rows, .. } => Ok(rows.into_iter().map(|r| r.kind).collect()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(on(DossierTab::Tasks).await?, [BOOK, ACTIVATE], "{digested}");
        assert_eq!(on(DossierTab::Activation).await?, [ACTIVATE], "{digested}");
        for filter in [of("NEW", ""), of("", "new")] {
            let page = desk.engine.tasks(&support(), &o, &filter, None, 50).await?;
            assert_eq!(page.rows.len(), 2, "{digested} {filter:?}");
        }
        desk.engine.digest().await?;
    }
    Ok(())
}

#[tokio::test]
async fn filters_find_by_standing_text_and_package_and_count_what_they_find() -> Result<()> {
    let (_dir, desk) = mixed().await?;
    let admin = person(Role::Admin, desk.office);
    let ask = |standings: &[Standing], text: &str, package: &str| ClientsAsked {
        standings: standings.to_vec(),
        text: text.into(),
        mine: false,
        package: package.into(),
    };
    for (asked, found) in [
        (ask(&[Standing::Act], "", ""), vec!["D2", "D3"]),
        (
            ask(&[Standing::Act, Standing::Sup], "", ""),
            vec!["D2", "D3", "D1"],
        ),
        (ask(&[Standing::Flow], "", ""), vec!["D4"]),
        (ask(&[], "dossier 3", ""), vec!["D3"]),
        (ask(&[], " d2 ", ""), vec!["D2"]),
        (ask(&[], "%", ""), vec![]),
        (ask(&[], "_", ""), vec![]),
        (ask(&[], "' OR 1=1 --", ""), vec![]),
        (ask(&[], "", "wings"), vec!["D4"]),
        (ask(&[], "", "nonsense"), vec![]),
    ] {
        let seen = list(&desk, &admin, &asked).await?;
        assert_eq!(codes(&seen), found, "{asked:?}");
        assert_eq!(seen.matching as usize, found.len(), "{asked:?}");
        assert_eq!(seen.summary.all(), 4, "the summary is of all: {asked:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_employee_sees_the_dossiers_that_they_manage_and_no_other() -> Result<()> {
    let (_dir, desk) = mixed().await?;
    let mia = employee(&desk, "mia").await?;
    let seen = list(&desk, &mia, &ClientsAsked::default()).await?;
    assert!(seen.lines.is_empty());
    assert_eq!(seen.summary.all(), 0);
    desk.engine.add_manager(2, mia.person).await?;
    desk.engine.add_manager(4, mia.person).await?;
    let seen = list(&desk, &mia, &ClientsAsked::default()).await?;
    assert_eq!(codes(&seen), ["D2", "D4"]);
    let s = &seen.summary;
    assert_eq!((s.action, s.support, s.flowing, s.mine), (1, 0, 1, 2));
    let o = office(&desk).await?;
    let all = ["D1", "D2", "D3", "D4"].map(String::from);
    let changed = desk
        .engine
        .changed_clients(&mia, &o, &ClientsAsked::default(), &all)
        .await?;
    let mut codes: Vec<&str> = changed.lines.iter().map(|l| l.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["D2", "D4"]);
    for (code, tab) in [
        ("D1", DossierTab::Monitoring),
        ("D3", DossierTab::History),
        ("NONE", DossierTab::Tasks),
    ] {
        let answer = desk.engine.dossier(&mia, &o, code, tab, None).await;
        assert_eq!(refused(answer), Refusal::NotFound, "{code}");
    }
    assert!(
        desk.engine
            .dossier(&mia, &o, "D2", DossierTab::Monitoring, None)
            .await?
            .people
            .is_empty()
    );

    let admin = person(Role::Admin, desk.office);
    let mine = ClientsAsked {
        mine: true,
        ..ClientsAsked::default()
    };
    let as_mia = Viewer {
        role: Role::Admin,
        ..mia
    };
    assert_eq!(codes_of(&list(&desk, &as_mia, &mine).await?), ["D2", "D4"]);
    assert!(list(&desk, &admin, &mine).await?.lines.is_empty());
    Ok(())
}

fn codes_of(list: &Clients) -> Vec<String> {
    list.lines.iter().map(|l| l.code.clone()).collect()
}

async fn employee(desk: &TestDesk, name: &str) -> Result<Viewer> {
    let new = NewPerson {
        office: Some(desk.office),
        email: format!("{}@example.test", name.to_lowercase().replace(' ', ".")),
        name: name.into(),
        role: Role::Employee,
        language: Language::En,
        password_hash: None,
    };
    let id = desk.engine.add_person(new).await?;
    Ok(Viewer {
        person: id,
        ..person(Role::Employee, desk.office)
    })
}

#[tokio::test]
async fn pages_begin_after_a_line_and_miss_nothing() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let n = PAGE * 2 + 5;
    for i in 4..=n {
        // names that sort otherwise than numbers, in both cases
        let name = if i % 2 == 0 {
            format!("client {i}")
        } else {
            format!("CLIENT {i}")
        };
        desk.engine
            .add_dossier(desk.office, &format!("D{i}"), &name, "adsolut")
            .await?;
    }
    for dossier in ["D7", "D150"] {
        run(
            &desk,
            booking(dossier),
            failed(OFFICE_TASK, json!({"period": "201802"})),
        )
        .await?;
    }
    let admin = person(Role::Admin, desk.office);
    let o = office(&desk).await?;
    let (mut all, mut after) = (vec![], None::<After>);
    loop {
        let page = desk
            .engine
            .clients(&admin, &o, &ClientsAsked::default(), after.as_ref())
            .await?;
        assert!(page.lines.len() <= PAGE);
        let last = page.lines.last().expect("a page has lines").clone();
        after = Some(After {
            standing: last.standing,
            name: last.name,
            id: last.id,
        });
        all.extend(page.lines);
        if !page.more {
            break;
        }
    }
    assert_eq!(all.len(), n);
    assert_eq!(all[0].code, "D150");
    assert_eq!(all[1].code, "D7");
    let places: Vec<_> = all.iter().map(|l| l.place(false)).collect();
    assert!(places.windows(2).all(|w| w[0] < w[1]), "in order, and none twice");
    Ok(())
}

#[tokio::test]
async fn a_line_tells_what_waits_what_was_done_and_who_manages() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let mia = employee(&desk, "Mia Claes").await?;
    desk.engine.add_manager(1, mia.person).await?;
    desk.deliver(vec![booking("D1"), new_task(SYNC, "D1"), booking("D2")])
        .await?;
    let day = |done, stopped| DayBar { done, stopped };
    desk.engine
        .add_days(1, vec![day(3, 0), day(0, 0), day(5, 1)])
        .await?;
    let seen = list(&desk, &support(), &ClientsAsked::default()).await?;
    let line = &seen.lines[0];
    assert_eq!((line.code.as_str(), line.waiting), ("D1", 2));
    assert_eq!(
        line.managers.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(),
        ["Mia Claes"]
    );
    assert_eq!(line.days.len(), 14);
    assert_eq!(line.days[11..], [day(3, 0), day(0, 0), day(5, 1)]);
    assert_eq!(line.done.map(|d| d.at), Some(desk.engine.now()));
    assert_eq!(seen.lines[1].done, None);
    assert_eq!(seen.summary.counts.queued, 3);
    assert!(seen.summary.pick_up.is_some());
    Ok(())
}

#[tokio::test]
async fn those_who_run_the_office_assign_managers_and_can_take_it_back() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let (mia, admin) = (employee(&desk, "mia").await?, person(Role::Admin, desk.office));
    let engine = &desk.engine;
    engine.add_manager(1, mia.person).await?;
    let set = |by: &Viewer, dossiers: Vec<i64>, person: i64, on: bool| {
        engine.set_manager(by.clone(), desk.office, dossiers, person, on)
    };
    for role in [Role::Employee, Role::Operator] {
        let by = person(role, desk.office);
        assert!(matches!(
            refused(set(&by, vec![2], mia.person, true).await),
            Refusal::Forbidden(_)
        ));
    }
    let invalid = |answer| matches!(refused::<Vec<i64>>(answer), Refusal::Invalid(_));
    assert!(invalid(set(&admin, vec![], mia.person, true).await));
    assert!(invalid(set(&admin, (1..=501).collect(), mia.person, true).await));
    assert!(
        invalid(set(&admin, vec![1, 2], 999, true).await),
        "nobody of this office"
    );
    assert_eq!(
        refused(set(&admin, vec![2, 999], mia.person, true).await),
        Refusal::NotFound
    );
    let audited = || -> Vec<(String, String, String, String)> {
        let db = look(engine);
        let mut q = db
            .prepare("SELECT what, subject, before, after FROM audit ORDER BY id")
            .expect("a query");
        q.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
            .expect("rows")
            .collect::<rusqlite::Result<_>>()
            .expect("rows")
    };
    assert_eq!(audited(), [], "what was refused has written nothing");

    assert_eq!(
        set(&admin, vec![1, 2, 3], mia.person, true).await?,
        [2, 3],
        "only what changed"
    );
    assert_eq!(list(&desk, &mia, &ClientsAsked::default()).await?.lines.len(), 3);
    assert_eq!(set(&admin, vec![2, 3], mia.person, false).await?, [2, 3]);
    assert_eq!(
        codes_of(&list(&desk, &mia, &ClientsAsked::default()).await?),
        ["D1"]
    );
    let line = |what: &str, subject: &str, before: &str, after: &str| {
        (
            what.to_owned(),
            subject.to_owned(),
            before.to_owned(),
            after.to_owned(),
        )
    };
    assert_eq!(
        audited(),
        [
            line("add_manager", "dossier D2", "", "mia"),
            line("add_manager", "dossier D3", "", "mia"),
            line("remove_manager", "dossier D2", "mia", ""),
            line("remove_manager", "dossier D3", "mia", ""),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_dossier_shows_what_stopped_by_cause_and_what_waits_in_order() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let orange = || failed(OFFICE_TASK, json!({"period": "201802"}));
    run(&desk, booking("D1"), failed(SUPPORT_TASK, json!({}))).await?;
    let (a, _) = run(&desk, booking("D1"), orange()).await?;
    let (b, _) = run(&desk, booking("D1"), orange()).await?;
    let queued = desk.deliver(vec![booking("D1"), booking("D1")]).await?;
    let o = office(&desk).await?;
    let admin = person(Role::Admin, desk.office);
    let page = desk
        .engine
        .dossier(&admin, &o, "D1", DossierTab::Monitoring, None)
        .await?;
    assert_eq!((page.line.action, page.line.support), (2, 1));
    let DossierBody::Monitoring { stopped, waiting } = page.body else {
        panic!("another tab")
    };
    let ids = |c: usize| stopped[c].tasks.iter().map(|t| t.id).collect::<Vec<_>>();
    assert_eq!(
        (stopped.len(), ids(0)),
        (2, vec![a, b]),
        "the office's turn first, one cause once"
    );
    assert!(
        stopped[0]
            .instruction
            .as_ref()
            .is_some_and(|i| !i.steps.is_empty())
    );
    assert!(stopped[1].tasks.iter().all(|t| !t.may_restart));
    assert_eq!(waiting.iter().map(|(t, _)| t.id.0).collect::<Vec<_>>(), queued);
    assert!(waiting.iter().all(|(_, why)| why.is_some()));

    // open tasks are there before the digest has come to them
    let page = desk
        .engine
        .dossier(&admin, &o, "D1", DossierTab::Tasks, None)
        .await?;
    let DossierBody::Tasks { rows, more } = page.body else {
        panic!("another tab")
    };
    assert_eq!((rows.len(), more), (5, false));
    assert!(rows.windows(2).all(|w| w[0].id > w[1].id), "newest first");
    let older = desk
        .engine
        .dossier(&admin, &o, "D1", DossierTab::Tasks, Some(a))
        .await?;
    assert!(matches!(older.body, DossierBody::Tasks { rows, .. } if rows.len() == 1));
    Ok(())
}

#[tokio::test]
async fn the_activation_and_what_people_changed_have_a_tab() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let o = office(&desk).await?;
    run(&desk, new_task(ACTIVATE, "NEW"), failed(SUPPORT_TASK, json!({}))).await?;
    let page = desk
        .engine
        .dossier(&support(), &o, "NEW", DossierTab::Activation, None)
        .await?;
    assert!(page.line.activation);
    assert!(
        matches!(page.body, DossierBody::Tasks { rows, .. } if rows.len() == 1 && rows[0].kind == ACTIVATE)
    );
    let none = desk
        .engine
        .dossier(&support(), &o, "D1", DossierTab::Activation, None)
        .await?;
    assert!(matches!(none.body, DossierBody::Tasks { rows, .. } if rows.is_empty()));

    let (id, _) = run(
        &desk,
        new_task(BOOK, "D1"),
        failed(OFFICE_TASK, json!({"period": "201802"})),
    )
    .await?;
    desk.engine.restart(support(), desk.office, vec![id]).await?;
    let mia = employee(&desk, "mia").await?;
    desk.engine
        .set_manager(support(), desk.office, vec![1, 2], mia.person, true)
        .await?;
    let page = desk
        .engine
        .dossier(&support(), &o, "D1", DossierTab::History, None)
        .await?;
    let DossierBody::History(lines) = page.body else {
        panic!("another tab")
    };
    let told: Vec<_> = lines.iter().map(|l| (l.what.as_str(), l.task)).collect();
    assert_eq!(
        told,
        [("add_manager", None), ("restart", Some(id))],
        "newest first, of this dossier alone"
    );
    Ok(())
}

#[tokio::test]
async fn another_offices_dossier_looks_like_none() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let other = desk
        .engine
        .add_office(engine::OfficeRow {
            code: "other".into(),
            name: "Other".into(),
            ..engine::people::accounts::default_office()
        })
        .await?;
    let theirs = desk
        .engine
        .add_dossier(other, "SECRET", "Secret", "adsolut")
        .await?;
    let (admin, o) = (person(Role::Admin, desk.office), office(&desk).await?);
    let answer = desk
        .engine
        .dossier(&admin, &o, "SECRET", DossierTab::Monitoring, None)
        .await;
    assert_eq!(refused(answer), Refusal::NotFound);
    assert_eq!(
        list(&desk, &admin, &ClientsAsked::default()).await?.lines.len(),
        3
    );
    let mia = employee(&desk, "mia").await?;
    let answer = desk
        .engine
        .set_manager(admin, desk.office, vec![theirs], mia.person, true)
        .await;
    assert_eq!(refused(answer), Refusal::NotFound);
    Ok(())
}

#[tokio::test]
async fn only_a_connector_at_work_promises_to_come() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let admin = person(Role::Admin, desk.office);
    let promised = async || {
        let seen = list(&desk, &admin, &ClientsAsked::default()).await;
        seen.map(|s| s.summary.pick_up.is_some())
    };
    desk.claim(1).await?;
    assert!(promised().await?);
    desk.engine
        .hold(&admin, desk.office, desk.connector, "a bad day")
        .await?;
    assert!(!promised().await?, "it is held");
    desk.engine.let_go(&admin, desk.office, desk.connector).await?;
    assert!(promised().await?);
    desk.clock.pass(31 * 60_000);
    assert!(!promised().await?, "it is silent");
    Ok(())
}
