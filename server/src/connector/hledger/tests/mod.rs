//! Works with the real package: hledger must be on the PATH.

mod activation;
mod booking;
mod deletion;
mod injection;
mod own;
mod package;
mod peppol;
mod refusals;
mod ubl;
mod xml_safety;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Failure, Hledger, Work};

/// Books in a folder of their own, removed at the end.
struct Office {
    hledger: Hledger,
    /// What the dossier is called.
    name: String,
    /// What a person has confirmed.
    confirmed: Vec<String>,
}

/// The buyer of the samples.
const NAME: &str = "Bakkerij Korenwolf";

impl Drop for Office {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.hledger.books);
    }
}

impl Office {
    /// An office with the activated dossier `D1`.
    fn new() -> Self {
        let office = Self::empty();
        office
            .task(
                "activate",
                "activate_dossier",
                json!({ "name": NAME, "package": "hledger" }),
            )
            .expect("activated");
        office
    }

    fn empty() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "nachtwacht-hledger-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let books = std::env::temp_dir().join(name);
        fs::create_dir_all(&books).expect("folder");
        Self {
            hledger: Hledger {
                books,
                program: "hledger".into(),
                time_limit: Duration::from_secs(20),
            },
            name: NAME.into(),
            confirmed: vec![],
        }
    }

    fn task(&self, task: &str, kind: &str, payload: Value) -> Result<Value, Failure> {
        self.task_in("D1", task, kind, payload)
    }

    fn task_in(&self, code: &str, task: &str, kind: &str, payload: Value) -> Result<Value, Failure> {
        self.hledger.carry_out(&Work {
            task,
            kind,
            dossier_code: code,
            dossier_name: &self.name,
            payload: &payload,
            confirmed: &self.confirmed,
        })
    }

    fn book(&self, task: &str, document: &str) -> Result<Value, Failure> {
        self.task(
            task,
            "process_booking_proposal",
            json!({ "document": document, "file_name": "a.xml" }),
        )
    }

    fn delete(&self, task: &str, payload: Value) -> Result<Value, Failure> {
        self.task(task, "delete_booking_proposal", payload)
    }

    /// Balances as "amount commodity" by account.
    fn balances(&self) -> BTreeMap<String, String> {
        let result = self
            .task("sync", "synchronise_dossier", json!({}))
            .expect("balances");
        let text = |balance: &Value, name: &str| balance[name].as_str().expect("text").to_owned();
        let balances = result["balances"].as_array().expect("balances").iter();
        balances
            .map(|one| {
                (
                    text(one, "account"),
                    format!("{} {}", text(one, "amount"), text(one, "commodity")),
                )
            })
            .collect()
    }

    fn transactions(&self) -> u64 {
        let result = self
            .task("sync", "synchronise_dossier", json!({}))
            .expect("balances");
        result["transactions"].as_u64().expect("number")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.hledger.books.join("D1").join(name)
    }

    fn journal(&self) -> String {
        fs::read_to_string(self.file("main.journal")).expect("journal")
    }

    fn append(&self, text: &str) {
        fs::write(self.file("main.journal"), self.journal() + text).expect("journal");
    }
}

/// Asserts that the balances are exactly these.
#[track_caller]
fn assert_balances(office: &Office, expected: &[(&str, &str)]) {
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect();
    assert_eq!(office.balances(), expected);
}

/// Asserts the code of a failure and some of its parameters.
#[track_caller]
fn assert_fails(result: Result<Value, Failure>, code: &str, params: &[(&str, &str)]) -> Failure {
    let failure = result.expect_err("a failure");
    assert_eq!(failure.code, code, "{failure:?}");
    for (name, value) in params {
        assert_eq!(failure.params.get(*name), Some(&json!(value)), "{failure:?}");
    }
    assert!(!failure.detail.is_empty());
    failure
}

fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/samples");
    fs::read_to_string(folder.join(name)).expect(name)
}

/// The standard sample with one text replaced everywhere.
fn changed(from: &str, to: &str) -> String {
    let document = sample("invoice-two-rates.xml");
    assert!(document.contains(from), "{from}");
    document.replace(from, to)
}
