//! Every page, asked for by many at once: it comes, whole, and the same each time. And what comes with it.

use super::{routes, tests::House};
use engine::testing::new_task;
use serde_json::json;
use std::sync::Arc;

/// The pages of an office, with what can be chosen on them.
const PAGES: [&str; 27] = [
    "clients",
    "clients/activate",
    "clients/import",
    "dossiers/D1",
    "tasks",
    "tasks?status=queued&task=TASK",
    "tasks/TASK",
    "causes",
    "instructions",
    "instructions/adsolut/period_not_open",
    "connectors",
    "offices",
    "alerts",
    "users",
    "audit",
    "settings",
    "profile",
    "jobs",
    "jobs/new",
    "jobs/1?why=1",
    "jobs/runs",
    "jobs/kinds",
    "jobs/blocked",
    "jobs/hours",
    "collection",
    "procedures",
    "procedures?job=1",
];

/// So many readers of a page at once, more than there are threads.
const READERS: usize = 24;

/// What a page has read, by the numbers under which the browser looks for it.
fn numbers(page: &str) -> Vec<&str> {
    let said = page.split("__RESOLVED_RESOURCES[").skip(1);
    let mut numbers: Vec<&str> = said
        .map(|rest| rest.split(']').next().unwrap_or_default())
        .collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_comes_whole_and_the_same_to_each_of_many_readers() {
    let house = Arc::new(House::build().await);
    let form = json!({
        "kind": "exchange_rates", "description": "Rates", "companies": [], "run_as": "SERVER", "params": {}, "outputs": [],
        "schedule": {"zone": "Europe/Oslo", "days": ["mon"], "at": ["07:30"]}, "estimate_minutes": 2
    });
    let new = json!({"office": "gent", "form": form, "despite": null, "confirmed": true});
    assert_eq!(house.desk_call(&house.support, "new_job", &new).await, 200);
    let tasks = vec![new_task("synchronise_dossier", "D1")];
    let task = house.desk.deliver(tasks).await.unwrap()[0].to_string();
    for page in PAGES.map(|page| page.replace("TASK", &task)) {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let (house, path) = (house.clone(), format!("/o/gent/{page}"));
                tokio::spawn(async move { house.page(&path).await })
            })
            .collect();
        let mut first: Option<Vec<String>> = None;
        for reader in readers {
            let (status, html) = reader.await.unwrap();
            assert_eq!(status, 200, "{page}");
            assert!(
                html.contains(" · Nachtwacht</title>") && html.ends_with("</script>"),
                "{page}: {html}"
            );
            let found: Vec<String> = numbers(&html).into_iter().map(ToOwned::to_owned).collect();
            assert!(!found.is_empty(), "{page}");
            assert_eq!(*first.get_or_insert_with(|| found.clone()), found, "{page}");
        }
    }
}

/// What loads the browser's program, wherever it stands in a page.
fn loads_the_program(page: &str) -> bool {
    [".wasm", "modulepreload", "import("]
        .iter()
        .any(|mark| page.contains(mark))
}

#[tokio::test]
async fn a_page_for_strangers_comes_without_the_program_and_with_a_small_script() {
    let house = House::build().await;
    let cookie = format!("nw_session={}", house.support);
    let (console, strangers) = routes().unwrap();
    assert!(strangers.len() >= 11 && console.len() >= 20);
    let mut read = 0;
    for listed in strangers {
        let path = listed
            .path()
            .replace("{office}", "gent")
            .replace("{kind}", "intake");
        for cookie in ["", &cookie] {
            let headers = [("cookie", cookie), ("accept", "text/html")];
            let (_, _, html) = house.send("GET", &path, &headers, "").await;
            assert!(!loads_the_program(&html), "{path}: {html}");
            let scripts = html.split("<script").skip(1);
            let size: usize = scripts
                .filter_map(|s| s.split("</script>").next())
                .map(str::len)
                .sum();
            assert!(size <= 15 * 1024, "{path}: {size} bytes of script");
            read += usize::from(html.contains("<main"));
        }
    }
    assert!(read >= 14, "{read} of them have something to read");
    // an address that is none is told to anybody
    for (path, loads) in [("/o/gent/tasks", true), ("/no-such-page", false)] {
        assert_eq!(loads_the_program(&house.page(path).await.1), loads, "{path}");
    }
}
