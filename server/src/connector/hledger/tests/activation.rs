use super::*;

#[test]
fn activation_makes_books_that_the_package_accepts_and_keeps_existing_ones() {
    let office = Office::new();
    assert_balances(&office, &[]);
    assert_eq!(office.transactions(), 0);
    office.append("\n2026-01-01 opening\n    assets:bank   10.00 EUR\n    equity:opening  -10.00 EUR\n");
    let again = office
        .task(
            "x",
            "activate_dossier",
            json!({ "name": "Other", "package": "hledger" }),
        )
        .expect("again");
    assert_eq!(again["already"], true);
    assert_balances(
        &office,
        &[("assets:bank", "10.00 EUR"), ("equity:opening", "-10.00 EUR")],
    );
    assert_eq!(office.transactions(), 1);
    assert!(!office.file(".changed.journal").exists() && !office.file("journals.txt.new").exists());
}

#[test]
fn a_dossier_code_must_be_safe_and_known() {
    let office = Office::new();
    for code in ["", "../D2", "a/b", "a b", "é", ".", "x\0", &"x".repeat(33)] {
        assert_fails(
            office.task_in(code, "t", "activate_dossier", json!({})),
            "dossier_code_wrong",
            &[],
        );
    }
    let failure = assert_fails(
        office.task_in("D2", "t", "synchronise_dossier", json!({})),
        "dossier_code_wrong",
        &[("entered_code", "D2"), ("suggested_code", "D1")],
    );
    assert!(failure.detail.contains("D2"));
    let failure = assert_fails(
        office.task_in("ZZZZ", "t", "synchronise_dossier", json!({})),
        "dossier_code_wrong",
        &[],
    );
    assert!(!failure.params.contains_key("suggested_code"));
    assert!(!office.hledger.books.join("ZZZZ").exists());
}

#[test]
fn only_codes_of_the_list_can_be_activated() {
    let office = Office::empty();
    fs::write(
        office.hledger.books.join("dossiers.txt"),
        "KORENWOLF Bakkerij Korenwolf\nZUID Zuid BV\n",
    )
    .expect("list");
    assert_fails(
        office.task_in("KORENWLOF", "t", "activate_dossier", json!({})),
        "dossier_code_wrong",
        &[("entered_code", "KORENWLOF"), ("suggested_code", "KORENWOLF")],
    );
    let result = office.task_in(
        "ZUID",
        "t",
        "activate_dossier",
        json!({ "name": "Zuid; BV\naccount x" }),
    );
    assert_eq!(result.expect("known code")["already"], false);
}
