use super::*;

const NAME: &str = "Drukkerij De Zilverberk BV";

/// Whatever the supplier is called, only the five postings of the invoice may appear.
#[track_caller]
fn harmless(document: &str, file_name: &str) -> Office {
    let office = Office::new();
    let payload = json!({ "document": document, "file_name": file_name });
    let result = office
        .task("task-1", "process_booking_proposal", payload)
        .expect("booked");
    assert_eq!(result["postings"].as_array().expect("postings").len(), 5);
    assert_eq!(office.transactions(), 1);
    let balances = office.balances();
    assert_eq!(balances.len(), 5);
    let payable: Vec<&String> = balances
        .keys()
        .filter(|account| account.starts_with("liabilities:payable:"))
        .collect();
    assert_eq!(payable.len(), 1);
    assert_eq!(payable[0].matches(':').count(), 2, "{payable:?}");
    assert_eq!(balances["expenses:purchases:S21"], "1026.00 EUR");
    office
}

#[test]
fn no_name_can_add_a_posting_a_directive_or_a_tag() {
    for name in [
        "A\n    assets:bank  999.00 EUR\n    expenses:rounding  -999.00 EUR",
        "A&#10;&#10;2026-10-06 evil&#10;    assets:bank  1.00 EUR&#10;    equity:opening",
        "A&#13;include /etc/hostname",
        "A  999.00 EUR",
        "A&#9;999.00 EUR = 5 EUR",
        "A; nachtwacht-task:other, pays:ZB-2026-0417",
        "A:B:C",
        "(A)",
        "[A]",
        "* A",
        "! A",
        "2026-01-01=2026-02-02 A",
        "A | note",
        "A &amp; B \"quoted\" 'x' @ {1}",
        "&#x2028;A&#x85;B&#xA0;&#xA0;C&#x202E;",
        "=A",
        "~ monthly",
        "%account",
        "comment",
        "Ünïcødé 株式会社 🏭",
    ] {
        let office = harmless(&changed(NAME, name), "a.xml");
        let other = transactions_of_task(&office, "other");
        assert_eq!(other, 0, "{name}");
        office
            .delete("task-2", json!({ "task": "task-1" }))
            .expect("no payment was injected");
    }
}

fn transactions_of_task(office: &Office, task: &str) -> usize {
    let dossier = crate::connector::hledger::dossier::Dossier::open(&office.hledger, "D1").expect("dossier");
    crate::connector::hledger::transaction::find(&dossier, "nachtwacht-task", task)
        .expect("search")
        .len()
}

#[test]
fn no_number_or_file_name_can_leave_its_tag() {
    for text in [
        "1)\n    assets:bank  1 EUR",
        "1, nachtwacht-task:other",
        "1 ; pays:1",
        ") evil",
        "a  b",
        "../../x",
    ] {
        let office = harmless(&changed("ZB-2026-0417", text), text);
        assert_eq!(transactions_of_task(&office, "other"), 0, "{text}");
    }
}

#[test]
fn a_name_without_any_usable_letter_is_missing() {
    let office = Office::new();
    assert_fails(
        office.book("t", &changed(NAME, ";:|")),
        "document_invalid",
        &[("reason", "missing_field")],
    );
}

#[test]
fn a_task_id_must_be_plain() {
    let office = Office::new();
    for task in ["", "a b", "a,b", "a\nb", "é", &"x".repeat(65)] {
        assert_fails(
            office.book(task, &sample("credit-note.xml")),
            "document_invalid",
            &[("reason", "task_id")],
        );
    }
}
