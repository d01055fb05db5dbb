use super::*;

#[test]
fn an_unknown_kind_is_refused() {
    let office = Office::new();
    assert_fails(
        office.task("t", "make_coffee", json!({})),
        "kind_unknown",
        &[("kind", "make_coffee")],
    );
}

#[test]
fn a_package_that_does_not_start_is_unreachable() {
    let mut office = Office::new();
    office.hledger.program = "no-such-program".into();
    let failure = assert_fails(
        office.book("t", &sample("credit-note.xml")),
        "package_unreachable",
        &[],
    );
    assert!(failure.detail.contains("no-such-program"));
    assert_fails(
        office.task_in("D9", "t", "activate_dossier", json!({})),
        "package_unreachable",
        &[],
    );
    assert!(!office.hledger.books.join("D9/main.journal").exists());
}

#[test]
fn a_package_that_does_not_answer_is_stopped() {
    let mut office = Office::new();
    let pipe = office.file("pipe.journal");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("mkfifo");
    assert!(made.success());
    // open for writing but silent, so that whoever reads it waits for ever
    let _silent = fs::File::options()
        .read(true)
        .write(true)
        .open(&pipe)
        .expect("pipe");
    office.append("\ninclude pipe.journal\n");
    office.hledger.time_limit = Duration::from_millis(150);
    let failure = assert_fails(
        office.book("t", &sample("credit-note.xml")),
        "package_unreachable",
        &[],
    );
    assert!(failure.detail.contains("150 ms"), "{failure}");
}

#[test]
fn broken_books_are_a_database_error() {
    let office = Office::new();
    let good = office.journal();
    office.append("\nthis is no journal\n");
    for kind in ["process_booking_proposal", "synchronise_dossier"] {
        let failure = assert_fails(
            office.task("t", kind, json!({ "document": sample("credit-note.xml") })),
            "database_error",
            &[],
        );
        assert!(
            failure.detail.contains("main.journal") && failure.detail.chars().count() <= 500,
            "{failure}"
        );
    }
    // readable, but not acceptable
    fs::write(
        office.file("main.journal"),
        good + "\n2026-01-01 x\n    undeclared   1.00 EUR\n    assets:bank\n",
    )
    .expect("journal");
    let failure = assert_fails(
        office.book("t", &sample("credit-note.xml")),
        "database_error",
        &[],
    );
    assert!(failure.detail.contains("undeclared"), "{failure}");
}

#[test]
fn directives_that_change_what_is_booked_are_noticed() {
    for directive in ["\ncomment\n", "\nalias expenses=assets\n", "\napply account x\n"] {
        let office = Office::new();
        office.append(directive);
        let before = office.journal();
        let result = office.book("t", &sample("credit-note.xml"));
        assert!(result.is_err(), "{directive}");
        assert_eq!(office.journal(), before);
    }
}

#[test]
fn only_one_task_works_in_a_dossier_at_a_time() {
    let mut office = Office::new();
    let lock = fs::File::options()
        .append(true)
        .open(office.file(".lock"))
        .expect("lock");
    lock.lock().expect("locked");
    office.hledger.time_limit = Duration::from_millis(50);
    assert_fails(
        office.book("t", &sample("credit-note.xml")),
        "package_unreachable",
        &[],
    );
    lock.unlock().expect("unlocked");
    office.hledger.time_limit = Duration::from_secs(20);
    let office = &office;
    std::thread::scope(|scope| {
        for at in 0..6 {
            scope.spawn(move || {
                office.book(
                    &format!("t{at}"),
                    &changed("ZB-2026-0417", &format!("N{}", at / 2)),
                )
            });
        }
    });
    assert_eq!(office.transactions(), 3);
    assert_eq!(office.balances()["expenses:purchases:S6"], "1510.50 EUR");
}
