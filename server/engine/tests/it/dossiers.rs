//! A dossier itself: staff activate it, what it is called until the package has it, and how it is put away (T21).

use crate::desk;

use desk::{ACTIVATE, SYNC, desk, done, failed, look, person, refused};
use domain::{Language, Refusal, Role, TaskId, Viewer};
use engine::{
    Hello, NewPerson, Result,
    export::{Asked, Cell, List},
    testing::{TestDesk, new_task, support, takes_everything},
};
use serde_json::json;
use views::{
    OfficeView,
    clients::{ClientsAsked, DossierTab, Standing},
    dossiers::NewDossier,
    search::Thing,
};

/// Somebody of the office, with a number of their own.
async fn colleague(desk: &TestDesk, role: Role, name: &str) -> Result<Viewer> {
    let new = NewPerson {
        office: Some(desk.office),
        email: format!("{}@example.com", name.to_lowercase()),
        name: name.into(),
        role,
        language: Language::En,
        password_hash: None,
    };
    let id = desk.engine.add_person(new).await?;
    Ok(Viewer {
        person: id,
        name: name.into(),
        ..person(role, desk.office)
    })
}

fn new(code: &str) -> NewDossier {
    NewDossier {
        code: code.into(),
        name: format!("Bakker {code}"),
        package: "exact_online".into(),
    }
}

async fn office(desk: &TestDesk) -> Result<OfficeView> {
    desk.engine.office(&support(), "gent").await
}

/// How a dossier stands in Active clients for somebody; `None` when it is not in the list.
async fn stands(
    desk: &TestDesk,
    viewer: &Viewer,
    code: &str,
    asked: &[Standing],
) -> Result<Option<Standing>> {
    let asked = ClientsAsked {
        standings: asked.to_vec(),
        ..ClientsAsked::default()
    };
    let list = desk
        .engine
        .clients(viewer, &office(desk).await?, &asked, None)
        .await?;
    assert_eq!(list.matching as usize, list.lines.len());
    Ok(list.lines.iter().find(|l| l.code == code).map(|l| l.standing))
}

fn fields(refusal: Refusal) -> Vec<(String, String)> {
    match refusal {
        Refusal::Invalid(errors) => errors.into_iter().map(|e| (e.field, e.message)).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_employee_activates_a_dossier_and_manages_it_and_its_failure_is_theirs() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let emma = colleague(&desk, Role::Employee, "Emma").await?;
    let zoe = colleague(&desk, Role::Employee, "Zoe").await?;
    let typed = NewDossier {
        code: " B1 ".into(),
        ..new("B1")
    };
    let task = desk
        .engine
        .activate_dossier(&emma, desk.office, typed, "k1")
        .await?;
    assert_eq!(stands(&desk, &emma, "B1", &[]).await?, Some(Standing::Starting));
    assert_eq!(stands(&desk, &zoe, "B1", &[]).await?, None);
    let claimed = desk.claim(10).await?.remove(0);
    assert_eq!(
        (claimed.kind.as_str(), claimed.dossier.code.as_str()),
        (ACTIVATE, "B1")
    );
    assert_eq!(
        (claimed.dossier.name.as_str(), claimed.dossier.package.as_str()),
        ("Bakker B1", "exact_online")
    );
    desk.report(
        &claimed,
        failed("dossier_code_wrong", json!({"suggested_code": "B9"})),
    )
    .await?;
    let counts = desk.engine.counts(&emma, desk.office).await?;
    assert_eq!(counts.action_required, 1);
    assert_eq!(desk.engine.counts(&zoe, desk.office).await?.action_required, 0);
    assert!(desk.engine.may_see(&emma, desk.office, task).await.is_ok());
    assert_eq!(
        refused(desk.engine.may_see(&zoe, desk.office, task).await),
        Refusal::NotFound
    );
    let audited: String = look(&desk.engine)
        .query_row(
            "SELECT subject || ': ' || after FROM audit WHERE what = 'activate_dossier' AND person = ?1",
            [emma.person],
            |r| r.get(0),
        )
        .expect("a line");
    assert_eq!(audited, "dossier B1: Bakker B1 · exact_online");
    Ok(())
}

#[tokio::test]
async fn the_same_form_sent_again_is_the_same_activation() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let emma = colleague(&desk, Role::Employee, "Emma").await?;
    let send = |code: &'static str, key: &'static str| {
        desk.engine.activate_dossier(&emma, desk.office, new(code), key)
    };
    let both = tokio::join!(send("B1", "k"), send("B1", "k"));
    assert_eq!(both.0?, both.1?);
    assert_eq!(refused(send("B2", "k").await).code(), "wrong_state");
    assert_eq!(
        fields(refused(send("B1", "another").await)),
        [("code".into(), "is already the code of Bakker B1".into())]
    );
    let activations: i64 = look(&desk.engine)
        .query_row("SELECT count(*) FROM task", [], |r| r.get(0))
        .expect("n");
    assert_eq!(activations, 1);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_said_at_each_field_and_nothing_is_queued() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let emma = colleague(&desk, Role::Employee, "Emma").await?;
    // the office's only connector reaches Exact Online, and activates nothing in Adsolut
    let hello = Hello {
        packages: vec!["exact_online".into()],
        ..takes_everything()
    };
    desk.engine.hello(desk.connector, hello).await?;
    let wrong = async |code: &str, name: &str, package: &str| {
        let new = NewDossier {
            code: code.into(),
            name: name.into(),
            package: package.into(),
        };
        fields(refused(
            desk.engine.activate_dossier(&emma, desk.office, new, "k").await,
        ))
    };
    let said = |field: &str, message: &str| (field.to_owned(), message.to_owned());
    let no_code = "must be a code of 1 to 32 letters, digits, '-', '_' or '.'";
    assert_eq!(wrong("a b", "Ok", "exact_online").await, [said("code", no_code)]);
    assert_eq!(wrong("", "Ok", "exact_online").await, [said("code", no_code)]);
    // of a dossier that she may not see, not even the name
    assert_eq!(
        wrong("D1", "Ok", "exact_online").await,
        [said("code", "is taken in this office")]
    );
    assert_eq!(
        wrong("B1", "Ok", "adsolut").await,
        [said("package", "is served by no connector of this office")]
    );
    assert_eq!(
        wrong("B1", "Ok", "yuki").await,
        [said("package", "is served by no connector of this office")]
    );
    assert_eq!(
        wrong("a b", " ", "yuki")
            .await
            .iter()
            .map(|e| e.0.as_str())
            .collect::<Vec<_>>(),
        ["code", "package", "name"]
    );
    assert_eq!(desk.claim(10).await?.len(), 0);
    let frame = desk.engine.activate_frame(&emma, &office(&desk).await?).await?;
    let served: Vec<&str> = frame
        .packages
        .iter()
        .filter(|p| p.served)
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(served, ["Exact Online"]);
    assert_eq!(frame.packages[0].key, "exact_online");
    // a connector that can only synchronise serves nobody an activation
    let hello = Hello {
        packages: vec!["exact_online".into()],
        kinds: vec![SYNC.into()],
        ..takes_everything()
    };
    desk.engine.hello(desk.connector, hello).await?;
    assert_eq!(wrong("B1", "Ok", "exact_online").await[0].0, "package");
    Ok(())
}

#[tokio::test]
async fn a_dossier_flows_only_once_it_was_activated() -> Result<()> {
    let (dir, desk) = desk().await?;
    let admin = colleague(&desk, Role::Admin, "Ann").await?;
    let task = desk
        .engine
        .activate_dossier(&admin, desk.office, new("B1"), "k")
        .await?;
    desk.deliver(vec![new_task(SYNC, "B1")]).await?;
    let at = async |desk: &TestDesk| stands(desk, &admin, "B1", &[]).await;
    assert_eq!(at(&desk).await?, Some(Standing::Starting));
    let claimed = desk.claim(1).await?.remove(0);
    assert_eq!(at(&desk).await?, Some(Standing::Starting));
    desk.report(
        &claimed,
        failed("dossier_code_wrong", json!({"suggested_code": "B9"})),
    )
    .await?;
    assert_eq!(at(&desk).await?, Some(Standing::Act), "what stopped goes first");
    let page = desk
        .engine
        .dossier(&admin, &office(&desk).await?, "B1", DossierTab::Monitoring, None)
        .await?;
    assert!(page.line.off);
    // called off, what waited goes on: it still is no dossier that the package has
    desk.engine
        .cancel_by(admin.clone(), desk.office, task, false)
        .await?;
    for claimed in desk.claim(10).await? {
        desk.report(&claimed, done()).await?;
    }
    assert_eq!(at(&desk).await?, Some(Standing::Off));
    let desk = desk::reopen(&dir, desk).await?;
    let list = desk
        .engine
        .clients(&admin, &office(&desk).await?, &ClientsAsked::default(), None)
        .await?;
    let s = &list.summary;
    assert_eq!(
        (s.flowing, s.starting, s.off, s.archived, s.all()),
        (3, 0, 1, 0, 4)
    );
    assert_eq!(stands(&desk, &admin, "B1", &[Standing::Flow]).await?, None);
    assert_eq!(
        stands(&desk, &admin, "B1", &[Standing::Off]).await?,
        Some(Standing::Off)
    );
    // in the file and in the search it says the same
    let rows = desk
        .engine
        .export(
            &admin,
            &office(&desk).await?,
            List::Clients,
            &Asked::default(),
            None,
        )
        .await?;
    let row = rows
        .rows
        .iter()
        .find(|r| r[0] == Cell::Text("B1".into()))
        .expect("a row");
    assert_eq!(row[2], Cell::Standing(Standing::Off));
    let found = desk
        .engine
        .search(&admin, &office(&desk).await?, "Bakker")
        .await?;
    let hit = found
        .hits
        .iter()
        .find(|h| h.thing == Thing::Dossier)
        .expect("a hit");
    assert_eq!(hit.kind.as_deref(), Some("not_activated"));
    // and once more, twice pressed: one activation, which succeeds
    let id = list.lines.iter().find(|l| l.code == "B1").expect("it").id;
    desk.engine.activate_again(&admin, desk.office, id).await?;
    desk.engine.activate_again(&admin, desk.office, id).await?;
    assert_eq!(at(&desk).await?, Some(Standing::Starting));
    let claimed = desk.claim(10).await?;
    assert_eq!(claimed.len(), 1);
    desk.report(&claimed[0], done()).await?;
    assert_eq!(at(&desk).await?, Some(Standing::Flow));
    assert_eq!(
        refused(desk.engine.activate_again(&admin, desk.office, id).await).code(),
        "wrong_state"
    );
    Ok(())
}

#[tokio::test]
async fn a_dossier_that_was_activated_once_stays_so() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let admin = colleague(&desk, Role::Admin, "Ann").await?;
    desk.engine
        .activate_dossier(&admin, desk.office, new("B1"), "k")
        .await?;
    let first = desk.claim(1).await?.remove(0);
    desk.report(&first, done()).await?;
    let mut second = new_task(ACTIVATE, "B1");
    second.payload = Some(json!({"name": "Bakker B1", "package": "exact_online"}));
    let task = desk.deliver(vec![second]).await?[0];
    assert_eq!(stands(&desk, &admin, "B1", &[]).await?, Some(Standing::Flow));
    desk.engine
        .cancel_by(admin.clone(), desk.office, TaskId(task), false)
        .await?;
    assert_eq!(stands(&desk, &admin, "B1", &[]).await?, Some(Standing::Flow));
    Ok(())
}

#[tokio::test]
async fn an_archived_dossier_is_out_of_lists_counts_and_search_and_takes_no_delivery() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let admin = colleague(&desk, Role::Admin, "Ann").await?;
    let at = office(&desk).await?;
    let id = async |code: &str| -> Result<i64> {
        Ok(desk
            .engine
            .dossier(&admin, &at, code, DossierTab::Monitoring, None)
            .await?
            .line
            .id)
    };
    let d1 = id("D1").await?;
    let task = TaskId(desk.deliver(vec![new_task(SYNC, "D1")]).await?[0]);
    let operator = colleague(&desk, Role::Operator, "Omar").await?;
    assert_eq!(
        refused(
            desk.engine
                .archive_dossier(&operator, desk.office, d1, true)
                .await
        )
        .code(),
        "forbidden"
    );
    assert_eq!(
        fields(refused(
            desk.engine.archive_dossier(&admin, desk.office, d1, true).await
        )),
        [(
            "dossier".into(),
            "has 1 open tasks; finish or cancel them first".into()
        )]
    );
    desk.engine
        .cancel_by(admin.clone(), desk.office, task, false)
        .await?;
    desk.engine.archive_dossier(&admin, desk.office, d1, true).await?;
    desk.engine.archive_dossier(&admin, desk.office, d1, true).await?;
    assert_eq!(stands(&desk, &admin, "D1", &[]).await?, None);
    assert_eq!(
        stands(&desk, &admin, "D1", &[Standing::Archived]).await?,
        Some(Standing::Archived)
    );
    let list = desk
        .engine
        .clients(&admin, &at, &ClientsAsked::default(), None)
        .await?;
    assert_eq!(
        (list.summary.all(), list.summary.flowing, list.summary.archived),
        (2, 2, 1)
    );
    assert!(
        desk.engine
            .search(&admin, &at, "D1")
            .await?
            .hits
            .iter()
            .all(|h| h.thing != Thing::Dossier)
    );
    let rows = desk
        .engine
        .export(&admin, &at, List::Clients, &Asked::default(), None)
        .await?;
    assert_eq!(rows.rows.len(), 2);
    for kind in [SYNC, ACTIVATE] {
        assert_eq!(
            fields(refused(
                desk.engine.deliver(desk.office, vec![new_task(kind, "D1")]).await
            )),
            [(
                "tasks[0].dossier".into(),
                "is archived in this office; restore it first".into()
            )]
        );
    }
    let page = desk
        .engine
        .dossier(&admin, &at, "D1", DossierTab::History, None)
        .await?;
    assert_eq!(page.line.standing, Standing::Archived);
    assert_eq!(
        fields(refused(
            desk.engine
                .activate_dossier(&admin, desk.office, new("D1"), "k")
                .await
        )),
        [(
            "code".into(),
            "is the code of Dossier 1, which is archived".into()
        )]
    );
    desk.engine
        .archive_dossier(&admin, desk.office, d1, false)
        .await?;
    assert_eq!(stands(&desk, &admin, "D1", &[]).await?, Some(Standing::Flow));
    assert!(desk.deliver(vec![new_task(SYNC, "D1")]).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn a_dossier_is_renamed_by_those_who_run_the_office_and_found_by_its_new_name() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let admin = colleague(&desk, Role::Admin, "Ann").await?;
    let emma = colleague(&desk, Role::Employee, "Emma").await?;
    let at = office(&desk).await?;
    let id = desk
        .engine
        .dossier(&admin, &at, "D1", DossierTab::Monitoring, None)
        .await?
        .line
        .id;
    assert_eq!(
        refused(desk.engine.rename_dossier(&emma, desk.office, id, "No").await).code(),
        "forbidden"
    );
    assert_eq!(
        fields(refused(
            desk.engine.rename_dossier(&admin, desk.office, id, "  ").await
        ))[0]
            .0,
        "name"
    );
    assert_eq!(
        refused(desk.engine.rename_dossier(&admin, 99, id, "Theirs").await),
        Refusal::NotFound
    );
    desk.engine
        .rename_dossier(&admin, desk.office, id, " Café Zoë ")
        .await?;
    let found = desk.engine.search(&admin, &at, "cafe").await?;
    assert_eq!(
        found.hits.iter().map(|h| h.title.as_str()).collect::<Vec<_>>(),
        ["Café Zoë"]
    );
    let page = desk
        .engine
        .dossier(&admin, &at, "D1", DossierTab::Monitoring, None)
        .await?;
    assert_eq!(page.line.name, "Café Zoë");
    let change: (String, String) = look(&desk.engine)
        .query_row(
            "SELECT before, after FROM audit WHERE what = 'rename_dossier'",
            [],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .expect("one line");
    assert_eq!(change, ("Dossier 1".into(), "Café Zoë".into()));
    Ok(())
}

#[tokio::test]
async fn the_migration_calls_what_was_never_activated_by_its_name() -> Result<()> {
    // what the update of migration 20 says of dossiers that were there: the same as the desk says of new ones
    let (_dir, desk) = desk().await?;
    let admin = colleague(&desk, Role::Admin, "Ann").await?;
    for (code, state) in [
        ("M1", None),
        ("M2", Some(done())),
        ("M3", Some(failed("dossier_code_wrong", json!({})))),
    ] {
        desk.engine
            .activate_dossier(&admin, desk.office, new(code), code)
            .await?;
        if let Some(outcome) = state {
            let mine = desk.claim(10).await?;
            for task in mine {
                let it = if task.dossier.code == code {
                    outcome.clone()
                } else {
                    failed("package_unreachable", json!({}))
                };
                desk.report(&task, it).await?;
            }
        }
    }
    let db = look(&desk.engine);
    let read = || -> Vec<(String, String)> {
        let mut q = db
            .prepare("SELECT code, activation FROM dossier ORDER BY code")
            .expect("sql");
        q.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
            .expect("rows")
            .map(|r| r.expect("row"))
            .collect()
    };
    let kept = read();
    db.execute("UPDATE dossier SET activation = 'active'", [])
        .expect("forgotten");
    let sql = include_str!("../../../store/migrations/0020_dossiers.sql");
    let update = sql
        .split("\n\n")
        .find(|part| part.contains("UPDATE dossier"))
        .expect("the update");
    db.execute_batch(update).expect("migrated");
    assert_eq!(read(), kept);
    assert_eq!(kept.iter().filter(|k| k.1 == "active").count(), 4);
    Ok(())
}
