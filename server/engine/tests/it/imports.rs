//! A file of dossiers: read first, made once it is confirmed, bit by bit, never twice (X1.3, X1.4).

use crate::desk;

use desk::{desk, done, failed, look, person, refused, reopen};
use domain::{Language, Refusal, Role, Viewer};
use engine::{
    NewPerson, Result,
    testing::{TestDesk, new_task, support},
};
use serde_json::json;
use std::time::{Duration, Instant};
use views::{
    OfficeView,
    clients::{ClientsAsked, Standing},
    import::{ImportPage, ImportProgress, Problem},
};

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

async fn office(desk: &TestDesk) -> Result<OfficeView> {
    desk.engine.office(&support(), "gent").await
}

/// `n` dossiers of Emma's in Adsolut, from `N1` on.
fn file(n: usize) -> String {
    let lines = (1..=n).map(|i| format!("N{i};Client {i};Adsolut;emma@example.com\n"));
    std::iter::once("code;name;package;manager\n".to_owned())
        .chain(lines)
        .collect()
}

async fn read(desk: &TestDesk, by: &Viewer, text: &str) -> Result<ImportPage> {
    let id = desk
        .engine
        .read_import(by, desk.office, "all.csv".into(), text.into())
        .await?;
    page(desk, by, id).await
}

async fn page(desk: &TestDesk, by: &Viewer, id: i64) -> Result<ImportPage> {
    desk.engine.import(by, &office(desk).await?, id).await
}

async fn far(desk: &TestDesk, by: &Viewer, id: i64) -> Result<ImportProgress> {
    Ok(page(desk, by, id).await?.progress.expect("confirmed").1)
}

fn count(desk: &TestDesk, sql: &str) -> i64 {
    look(&desk.engine)
        .query_row(sql, [], |r| r.get(0))
        .expect("a count")
}

#[tokio::test]
async fn a_file_is_shown_first_and_nothing_of_it_is_made() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    colleague(&desk, Role::Employee, "Emma").await?;
    let text = "Dossiercode;Naam;Pakket;Beheerder\n\
        N1;Café Zoë;Adsolut;Emma@Example.com\n\
        N1;Again;Adsolut;\n\
        n o;Bad;Adsolut;\n\
        N2;Two;yuki;\n\
        N3;Three;Adsolut;nobody@example.com\n\
        D1;Dossier 1;adsolut;\n\
        D2;Another;adsolut;\n\
        N4;Four;Business Central;\n";

    let page = read(&desk, &ann, text).await?;
    let wrong: Vec<(u32, Problem)> = page
        .findings
        .wrong
        .iter()
        .map(|w| (w.line, w.problem.clone()))
        .collect();
    assert_eq!(
        wrong,
        [
            (3, Problem::Double(2)),
            (4, Problem::Code("n o".into())),
            (5, Problem::Package("yuki".into())),
            (6, Problem::Manager("nobody@example.com".into())),
            (8, Problem::Taken("Dossier 2".into())),
        ]
    );
    assert_eq!(page.findings.here, [(7, "D1".into())]);
    assert_eq!(page.findings.unserved, [("Business Central".into(), 1)]);
    assert_eq!(
        (page.total, page.findings.lines, page.findings.unmanaged),
        (2, 8, 1)
    );
    assert_eq!(
        page.sample[0],
        (2, "N1".into(), "Café Zoë".into(), "Adsolut".into(), "Emma".into())
    );
    assert_eq!(page.progress, None);
    desk.engine.carry_on_imports().await?;
    assert_eq!(count(&desk, "SELECT count(*) FROM dossier"), 3);
    assert_eq!(count(&desk, "SELECT count(*) FROM task"), 0);
    assert_eq!(desk.engine.imports(&ann, &office(&desk).await?).await?, []);
    Ok(())
}

#[tokio::test]
async fn only_those_who_run_the_office_may_and_another_offices_file_is_not_there() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    let id = read(&desk, &ann, "N1;One;adsolut").await?.id;
    for role in [Role::Operator, Role::Employee] {
        let other = person(role, desk.office);
        let at = office(&desk).await?;
        let codes = [
            refused(
                desk.engine
                    .read_import(&other, desk.office, "f".into(), b"N1;One;adsolut".to_vec())
                    .await,
            ),
            refused(desk.engine.import(&other, &at, id).await),
            refused(desk.engine.imports(&other, &at).await),
            refused(desk.engine.confirm_import(&other, desk.office, id).await),
            refused(desk.engine.stop_import(&other, desk.office, id).await),
        ];
        assert!(codes.iter().all(|c| c.code() == "forbidden"), "{role:?}");
    }
    assert_eq!(
        refused(desk.engine.confirm_import(&ann, 99, id).await),
        Refusal::NotFound
    );
    assert_eq!(
        refused(desk.engine.stop_import(&ann, desk.office, id).await).code(),
        "wrong_state"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_of_dossiers_is_refused_and_nothing_is_kept() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    let large = vec![b'a'; (10 << 20) + 1];
    for (bytes, said) in [
        (b"".to_vec(), "must hold at least one dossier"),
        (b"code;name\nA;B".to_vec(), "must have a column package"),
        (large, "must be smaller than 10 MiB"),
    ] {
        let refusal = refused(
            desk.engine
                .read_import(&ann, desk.office, "f".into(), bytes)
                .await,
        );
        assert_eq!(refusal, Refusal::field("file", said));
    }
    assert_eq!(count(&desk, "SELECT count(*) FROM dossier_import"), 0);
    // a picture is no text: its lines are none that can be made
    let page = read(&desk, &ann, "\u{1}\u{2};\u{3};\u{4}").await?;
    assert_eq!((page.total, page.findings.wrong_lines), (0, 1));
    assert_eq!(
        refused(desk.engine.confirm_import(&ann, desk.office, page.id).await).code(),
        "wrong_state"
    );
    Ok(())
}

#[tokio::test]
async fn confirmed_they_go_out_by_twenties_and_the_same_file_makes_nothing_twice() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    let emma = colleague(&desk, Role::Employee, "Emma").await?;
    let id = read(&desk, &ann, &file(50)).await?.id;
    desk.engine.confirm_import(&ann, desk.office, id).await?;
    desk.engine.confirm_import(&ann, desk.office, id).await?;
    let now = far(&desk, &ann, id).await?;
    assert_eq!((now.waiting, now.to_come, now.active), (20, 30, 0));
    desk.engine.carry_on_imports().await?;
    assert_eq!(
        far(&desk, &ann, id).await?.waiting,
        20,
        "nobody has taken one: no more come"
    );
    // what somebody else delivers waits behind twenty, not behind fifty
    desk.deliver(vec![new_task("synchronise_dossier", "D1")]).await?;
    // the same file while it is under way: all of it is here already
    let again = read(&desk, &ann, &file(50)).await?;
    assert_eq!((again.total, again.findings.here_lines), (0, 50));
    let mut places = vec![];
    while !far(&desk, &ann, id).await?.is_over() {
        for task in desk.claim(100).await? {
            places.push(task.dossier.code.clone());
            let outcome = match task.dossier.code.as_str() {
                "N7" => failed("dossier_code_wrong", json!({})),
                _ => done(),
            };
            desk.report(&task, outcome).await?;
        }
        desk.engine.carry_on_imports().await?;
    }
    assert_eq!(places.iter().position(|c| c == "D1"), Some(20));
    assert_eq!(
        far(&desk, &ann, id).await?,
        ImportProgress {
            active: 49,
            stopped: 1,
            ..ImportProgress::default()
        }
    );
    let again = read(&desk, &ann, &file(50)).await?;
    assert_eq!(
        (again.total, again.findings.here_lines, again.findings.wrong_lines),
        (0, 50, 0)
    );
    assert_eq!(
        count(&desk, "SELECT count(*) FROM dossier WHERE code LIKE 'N%'"),
        50
    );
    assert_eq!(
        count(
            &desk,
            "SELECT count(*) FROM task WHERE idempotency_key LIKE 'import %'"
        ),
        50
    );
    let hers = desk
        .engine
        .clients(&emma, &office(&desk).await?, &ClientsAsked::default(), None)
        .await?;
    assert_eq!((hers.summary.all(), hers.summary.flowing), (50, 49));
    assert!(hers.lines.iter().all(|l| l.standing != Standing::Starting));
    assert_eq!(
        count(&desk, "SELECT count(*) FROM audit WHERE what = 'import_dossiers'"),
        1
    );
    assert_eq!(
        count(
            &desk,
            "SELECT count(*) FROM audit WHERE what = 'activate_dossier'"
        ),
        50
    );
    let before = desk.engine.imports(&ann, &office(&desk).await?).await?;
    assert_eq!((before.len(), before[0].0, before[0].4), (1, id, 50));
    Ok(())
}

#[tokio::test]
async fn it_goes_on_after_a_crash_and_each_line_is_made_once() -> Result<()> {
    let (dir, mut desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    colleague(&desk, Role::Employee, "Emma").await?;
    let id = read(&desk, &ann, &file(70)).await?.id;
    desk.engine.confirm_import(&ann, desk.office, id).await?;
    for _ in 0..3 {
        for task in desk.claim(9).await? {
            desk.report(&task, done()).await?;
        }
        desk.engine.carry_on_imports().await?;
        desk = reopen(&dir, desk).await?;
    }
    let now = far(&desk, &ann, id).await?;
    assert_eq!((now.active, now.waiting, now.to_come), (27, 20, 23));
    while !far(&desk, &ann, id).await?.is_over() {
        for task in desk.claim(100).await? {
            desk.report(&task, done()).await?;
        }
        desk.engine.carry_on_imports().await?;
    }
    assert_eq!(far(&desk, &ann, id).await?.active, 70);
    assert_eq!(count(&desk, "SELECT count(*) FROM task"), 70);
    assert_eq!(count(&desk, "SELECT count(DISTINCT dossier) FROM task"), 70);
    Ok(())
}

#[tokio::test]
async fn a_code_that_was_taken_meanwhile_is_left_out_and_a_stop_leaves_the_rest() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    colleague(&desk, Role::Employee, "Emma").await?;
    let id = read(&desk, &ann, &file(30)).await?.id;
    desk.engine
        .add_dossier(desk.office, "N3", "Somebody else's", "adsolut")
        .await?;
    desk.engine.confirm_import(&ann, desk.office, id).await?;
    let now = far(&desk, &ann, id).await?;
    assert_eq!((now.waiting, now.left_out, now.to_come), (19, 1, 10));
    assert_eq!(
        count(
            &desk,
            "SELECT count(*) FROM dossier WHERE name = 'Somebody else''s'"
        ),
        1
    );
    desk.engine.stop_import(&ann, desk.office, id).await?;
    for task in desk.claim(100).await? {
        desk.report(&task, done()).await?;
    }
    desk.engine.carry_on_imports().await?;
    let page = page(&desk, &ann, id).await?;
    assert_eq!(page.stopped_by.as_deref(), Some("Ann"));
    let now = page.progress.expect("confirmed").1;
    assert_eq!((now.active, now.to_come, now.is_over()), (19, 0, true));
    // what was not made can be made by the same file
    assert_eq!(read(&desk, &ann, &file(30)).await?.total, 10);
    Ok(())
}

#[tokio::test]
async fn what_was_never_confirmed_is_forgotten_after_a_day() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    colleague(&desk, Role::Employee, "Emma").await?;
    let first = read(&desk, &ann, &file(1_500)).await?.id;
    desk.clock.jump(25 * 3_600_000);
    let second = read(&desk, &ann, &file(3)).await?.id;
    assert_eq!(refused(page(&desk, &ann, first).await), Refusal::NotFound);
    assert!(page(&desk, &ann, second).await.is_ok());
    assert_eq!(count(&desk, "SELECT count(*) FROM dossier_import_line"), 3);
    Ok(())
}

#[tokio::test]
async fn a_hundred_thousand_lines_are_read_while_the_desk_answers() -> Result<()> {
    let (_dir, desk) = desk().await?;
    let ann = colleague(&desk, Role::Admin, "Ann").await?;
    colleague(&desk, Role::Employee, "Emma").await?;
    let (engine, by, at) = (desk.engine.clone(), ann.clone(), desk.office);
    let text = file(100_000);
    let reading =
        tokio::spawn(async move { engine.read_import(&by, at, "all.csv".into(), text.into()).await });
    let (mut rounds, mut longest) = (0, Duration::ZERO);
    while !reading.is_finished() {
        let began = Instant::now();
        desk.deliver(vec![new_task("synchronise_dossier", "D1")]).await?;
        longest = longest.max(began.elapsed());
        rounds += 1;
    }
    let id = reading.await.expect("no panic")?;
    println!("{rounds} deliveries meanwhile, the longest {longest:?}");
    assert!(rounds > 20, "{rounds}");
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    assert_eq!(page(&desk, &ann, id).await?.total, 100_000);
    Ok(())
}
