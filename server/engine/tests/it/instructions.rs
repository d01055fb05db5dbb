//! Support writes an instruction once, and every task with its code carries it (M14, M16).

use crate::desk;

use desk::{BOOK, SYNC, booking, desk, done, failed, history, look, person, refused, reopen, run};
use domain::{
    Language, Role, TaskId, TaskState, Viewer,
    event::Happened,
    failure::Audience,
    instruction::{Alternative, Instruction, Param, ParamType, Texts},
};
use engine::{
    NewPerson, Zone,
    testing::{TestDesk, new_task, support},
};
use serde_json::{Value, json};
use views::{
    OfficeView,
    clients::{DossierBody, DossierTab},
};

fn texts(text: &str) -> Texts {
    Language::ALL
        .into_iter()
        .map(|l| (l.tag().to_owned(), text.to_owned()))
        .collect()
}

fn instruction(code: &str) -> Instruction {
    Instruction {
        package: "adsolut".into(),
        package_name: String::new(),
        code: code.into(),
        task_kinds: vec![BOOK.into()],
        audience: Audience::Office,
        restartable: true,
        auto_retry: None,
        group_by: vec!["code".into(), "ledger".into()],
        params: vec![Param {
            name: "ledger".into(),
            r#type: ParamType::Code,
            example: json!("440000"),
        }],
        title: texts("Open ledger {ledger}"),
        cause: texts("Ledger {ledger} is closed."),
        steps: vec![texts("Open {ledger} in Adsolut.")],
        after: None,
        escalate: None,
        alternatives: vec![],
        editable: vec![],
        version: 0,
    }
}

async fn view(desk: &TestDesk) -> OfficeView {
    desk.engine.office(&support(), "gent").await.unwrap()
}

async fn state(desk: &TestDesk, id: TaskId) -> TaskState {
    desk.engine.task(desk.office, id).await.unwrap().status
}

async fn stop(desk: &TestDesk, dossier: &str, code: &str, params: Value) -> TaskId {
    let (id, reported) = run(desk, booking(dossier), failed(code, params)).await.unwrap();
    assert_eq!(reported.error, None);
    id
}

#[tokio::test]
async fn written_once_all_red_tasks_turn_orange_and_new_ones_get_it_by_themselves() {
    let (dir, desk) = desk().await.unwrap();
    let a = stop(&desk, "D1", "ledger_closed", json!({"ledger": "440000"})).await;
    let b = stop(&desk, "D2", "ledger_closed", json!({"ledger": "440000"})).await;
    let lacking = stop(&desk, "D3", "ledger_closed", json!({})).await;
    assert_eq!(state(&desk, a).await, TaskState::Failed);

    let now = desk
        .engine
        .write_instruction(support(), 0, instruction("ledger_closed"))
        .await
        .unwrap();
    assert_eq!((now.version, now.turned, now.dossiers, now.stay), (1, 2, 2, 1));
    assert_eq!(now.lacks.as_deref(), Some("ledger"));
    for id in [a, b] {
        assert_eq!(state(&desk, id).await, TaskState::ActionRequired);
        let last = history(&desk, id).await.unwrap().pop().unwrap();
        assert_eq!(
            last,
            Happened::Instructed {
                by: "Support".into(),
                version: 1
            }
        );
    }
    assert_eq!(state(&desk, lacking).await, TaskState::Failed);
    let detail = desk
        .engine
        .task_detail(&support(), &view(&desk).await, a)
        .await
        .unwrap();
    assert_eq!(detail.instruction.unwrap().title, "Open ledger 440000");
    assert_eq!(detail.row.cause_key, "adsolut.ledger_closed·440000");
    assert_eq!(detail.same_cause, 2, "the cause is told apart by the ledger now");

    // also after the program started again
    let desk = reopen(&dir, desk).await.unwrap();
    desk.engine
        .hello(desk.connector, engine::testing::takes_everything())
        .await
        .unwrap();
    assert_eq!(state(&desk, a).await, TaskState::ActionRequired);
    desk.engine
        .add_dossier(desk.office, "D4", "Dossier 4", "adsolut")
        .await
        .unwrap();
    let new = stop(&desk, "D4", "ledger_closed", json!({"ledger": "550000"})).await;
    assert_eq!(state(&desk, new).await, TaskState::ActionRequired);
}

#[tokio::test]
async fn one_that_lacks_a_value_is_shown_to_nobody_of_the_office_and_support_sees_which() {
    let (_dir, desk) = desk().await.unwrap();
    let e = &desk.engine;
    let written = e
        .write_instruction(support(), 0, instruction("ledger_closed"))
        .await;
    written.unwrap();
    let red = stop(&desk, "D1", "ledger_closed", json!({})).await;
    assert_eq!(state(&desk, red).await, TaskState::Failed);
    // what Support hands on all the same is no less of a riddle
    let handed = stop(&desk, "D2", "ledger_closed", json!({"ledger": ""})).await;
    let to = e.hand_over(
        support(),
        desk.office,
        handed,
        Audience::Office,
        Some("Which?".into()),
    );
    to.await.unwrap();
    let whole = stop(&desk, "D3", "ledger_closed", json!({"ledger": "440000"})).await;
    let office = view(&desk).await;
    let employee = e
        .add_person(NewPerson {
            office: Some(desk.office),
            email: "e@example.test".into(),
            name: "E".into(),
            role: Role::Employee,
            language: Language::En,
            password_hash: None,
        })
        .await
        .unwrap();
    for dossier in ["D1", "D2", "D3"] {
        let of = "SELECT id FROM dossier WHERE code = ?1";
        let id = look(e).query_row(of, [dossier], |r| r.get(0)).unwrap();
        e.add_manager(id, employee).await.unwrap();
    }
    for role in [Role::Admin, Role::Operator, Role::Employee] {
        let viewer = Viewer {
            person: employee,
            ..person(role, desk.office)
        };
        for (id, code, title) in [
            (red, "D1", None),
            (handed, "D2", None),
            (whole, "D3", Some("Open ledger 440000")),
        ] {
            let d = e.task_detail(&viewer, &office, id).await.unwrap();
            assert_eq!(
                d.instruction.as_ref().map(|i| i.title.as_str()),
                title,
                "{role:?} {code}"
            );
            assert_eq!(d.row.cause.as_deref(), Some(title.unwrap_or("ledger_closed")));
            let told: Vec<_> = d.history.iter().filter_map(|l| l.note.as_deref()).collect();
            assert!(told.contains(&title.unwrap_or("ledger_closed")), "{told:?}");
            let page = e
                .dossier(&viewer, &office, code, DossierTab::Monitoring, None)
                .await
                .unwrap();
            let DossierBody::Monitoring { stopped, .. } = page.body else {
                panic!("another tab")
            };
            let shown = stopped[0].instruction.as_ref().map(|i| i.title.as_str());
            assert_eq!(shown, title, "{role:?} {code}");
        }
    }
    for (id, words) in [
        (red, None),
        (handed, None),
        (whole, Some("Open ledger 440000\nOpen 440000 in Adsolut.")),
    ] {
        let told = e.task(desk.office, id).await.unwrap();
        assert_eq!(told.instruction.as_deref(), words, "an integration");
        assert_eq!(told.failure.unwrap().code, "ledger_closed");
    }
    let d = e.task_detail(&support(), &office, red).await.unwrap();
    assert_eq!(d.failure_code.as_deref(), Some("adsolut.ledger_closed"));
    assert_eq!(d.failure_params, [("ledger".to_owned(), "…".to_owned())]);
    let d = e.task_detail(&support(), &office, handed).await.unwrap();
    assert_eq!(d.failure_params, [("ledger".to_owned(), "…".to_owned())]);
    let d = e.task_detail(&support(), &office, whole).await.unwrap();
    assert_eq!(d.failure_params, [("ledger".to_owned(), "440000".to_owned())]);
}

#[tokio::test]
async fn another_kind_and_another_code_are_left_alone() {
    let (_dir, desk) = desk().await.unwrap();
    let params = json!({"ledger": "1"});
    let (sync, _) = run(
        &desk,
        new_task(SYNC, "D1"),
        failed("ledger_closed", params.clone()),
    )
    .await
    .unwrap();
    let other = stop(&desk, "D2", "something_else", params).await;
    let now = desk
        .engine
        .write_instruction(support(), 0, instruction("ledger_closed"))
        .await
        .unwrap();
    assert_eq!((now.turned, now.stay), (0, 0));
    for id in [sync, other] {
        assert_eq!(state(&desk, id).await, TaskState::Failed);
    }
}

#[tokio::test]
async fn the_later_of_two_writers_is_told() {
    let (_dir, desk) = desk().await.unwrap();
    let i = instruction("ledger_closed");
    desk.engine
        .write_instruction(support(), 0, i.clone())
        .await
        .unwrap();
    let late = desk.engine.write_instruction(support(), 0, i.clone()).await;
    assert_eq!(refused(late).code(), "wrong_state");
    let zone = Zone::of("Europe/Brussels");
    let editing = desk
        .engine
        .editing(zone, "adsolut", "ledger_closed")
        .await
        .unwrap();
    assert_eq!(editing.versions.len(), 1);
    assert_eq!(editing.versions[0].written.as_ref().unwrap().by, "Support");
    let again = desk.engine.write_instruction(support(), 1, i).await.unwrap();
    assert_eq!(again.version, 2);
}

#[tokio::test]
async fn a_task_keeps_the_version_it_was_shown() {
    let (_dir, desk) = desk().await.unwrap();
    let mut i = instruction("ledger_closed");
    i.alternatives = vec![Alternative {
        title: texts("Have Support move the document"),
        steps: vec![texts("Ask Support.")],
    }];
    desk.engine
        .write_instruction(support(), 0, i.clone())
        .await
        .unwrap();
    let old = stop(&desk, "D1", "ledger_closed", json!({"ledger": "1"})).await;
    i.title = texts("Unlock ledger {ledger}");
    i.alternatives.clear();
    desk.engine.write_instruction(support(), 1, i).await.unwrap();
    let new = stop(&desk, "D2", "ledger_closed", json!({"ledger": "1"})).await;
    let view = view(&desk).await;
    for (id, title, ways) in [(old, "Open ledger 1", 1), (new, "Unlock ledger 1", 0)] {
        let detail = desk.engine.task_detail(&support(), &view, id).await.unwrap();
        let shown = detail.instruction.unwrap();
        assert_eq!((shown.title.as_str(), shown.alternatives.len()), (title, ways));
    }
}

#[tokio::test]
async fn what_helped_is_counted_by_version() {
    let (_dir, desk) = desk().await.unwrap();
    let id = stop(&desk, "D1", "ledger_closed", json!({"ledger": "1"})).await;
    desk.engine
        .write_instruction(support(), 0, instruction("ledger_closed"))
        .await
        .unwrap();
    desk.engine
        .restart(person(Role::Admin, desk.office), desk.office, vec![id])
        .await
        .unwrap();
    let claimed = desk.claim(1).await.unwrap();
    desk.report(&claimed[0], done()).await.unwrap();
    let list = desk
        .engine
        .instructions(&support(), Zone::of("UTC"))
        .await
        .unwrap();
    let row = list.iter().find(|r| r.code == "ledger_closed").unwrap();
    assert_eq!((row.used.shown, row.used.helped), (1, 1));
    assert_eq!(row.complete_in.len(), 5);
    assert_eq!(row.package_name, "Adsolut");
    assert!(
        list.iter()
            .any(|r| r.code == "period_not_open" && r.written.is_none())
    );
}

#[tokio::test]
async fn what_is_not_whole_is_refused_by_field_and_nothing_is_written() {
    let (_dir, desk) = desk().await.unwrap();
    let id = stop(&desk, "D1", "ledger_closed", json!({"ledger": "1"})).await;
    type Break = fn(&mut Instruction);
    let breaks: [(Break, &str); 12] = [
        (|i| i.steps.clear(), "steps"),
        (|i| drop(i.title.remove("nb")), "title.nb"),
        (
            |i| drop(i.cause.insert("fr".into(), "Grand {livre".into())),
            "cause.fr",
        ),
        (
            |i| drop(i.steps[0].insert("nl".into(), "Open {boek}".into())),
            "step 1.nl",
        ),
        (|i| i.title = texts(&"x".repeat(201)), "title.en"),
        (|i| i.cause = texts(&"x".repeat(10_001)), "cause.en"),
        (|i| i.cause = texts("a\u{202E}b"), "cause.en"),
        (|i| i.package = "nobody".into(), "package"),
        (|i| i.code = "Not A Code".into(), "code"),
        (|i| i.task_kinds = vec!["dance".into()], "task_kinds"),
        (|i| i.group_by = vec!["moon".into()], "group_by"),
        (|i| i.params.push(i.params[0].clone()), "params"),
    ];
    for (broken, field) in breaks {
        let mut i = instruction("ledger_closed");
        broken(&mut i);
        let problem = refused(desk.engine.write_instruction(support(), 0, i).await).problem();
        assert!(
            problem.errors.iter().any(|e| e.field == field),
            "{field} in {:?}",
            problem.errors
        );
    }
    assert_eq!(state(&desk, id).await, TaskState::Failed);
    // as long and as odd as it may be
    let mut i = instruction("ledger_closed");
    i.cause = texts(&format!("<b>{}</b>\nשלום 🙂", "é".repeat(9_980)));
    desk.engine.write_instruction(support(), 0, i).await.unwrap();
    assert_eq!(state(&desk, id).await, TaskState::ActionRequired);
}

#[tokio::test]
async fn the_editor_knows_what_the_failures_carried() {
    let (_dir, desk) = desk().await.unwrap();
    stop(&desk, "D1", "ledger_closed", json!({"ledger": "440000"})).await;
    let zone = Zone::of("Europe/Brussels");
    let e = desk
        .engine
        .editing(zone, "adsolut", "ledger_closed")
        .await
        .unwrap();
    assert_eq!((e.versions.len(), e.red, e.failing.len()), (0, 1, 1));
    assert_eq!(e.seen[0], ("ledger".into(), json!("440000")));
    assert!(e.seen.iter().any(|(n, _)| n == "dossier_name"));
    for (package, code) in [
        ("nobody", "ledger_closed"),
        ("adsolut", "Not a code"),
        ("adsolut", ""),
    ] {
        assert_eq!(
            refused(desk.engine.editing(zone, package, code).await).code(),
            "not_found"
        );
    }
}
