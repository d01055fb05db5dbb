use super::*;

#[test]
fn a_booking_is_removed_once_and_leaves_a_trace() {
    let office = Office::new();
    office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    office.book("task-2", &sample("credit-note.xml")).expect("booked");
    let mut first = office
        .delete("task-3", json!({ "task": "task-1" }))
        .expect("deleted");
    assert_eq!(first["document_no"], "ZB-2026-0417");
    assert_eq!(office.transactions(), 1);
    assert_eq!(office.balances()["expenses:purchases:S21"], "-299.90 EUR");
    assert!(
        office
            .journal()
            .contains("; deleted by nachtwacht-task:task-3, booked-by:task-1, document-no:ZB-2026-0417")
    );

    let second = office
        .delete("task-3", json!({ "task": "task-1" }))
        .expect("deleted before");
    first["already"] = json!(true);
    assert_eq!(first, second);
    assert_fails(
        office.delete("task-4", json!({ "task": "task-1" })),
        "document_invalid",
        &[("reason", "not_found")],
    );
    office
        .book("task-5", &sample("invoice-two-rates.xml"))
        .expect("can be booked again");
}

#[test]
fn a_booking_is_found_by_number_and_supplier() {
    let office = Office::new();
    office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    office
        .book(
            "task-2",
            &changed("BE0744555666", "BE0744555667").replace("Drukkerij De Zilverberk BV", "Ander BV"),
        )
        .expect("booked");
    let number = json!({ "document_no": "ZB-2026-0417" });
    assert_fails(
        office.delete("t", number.clone()),
        "document_invalid",
        &[("reason", "ambiguous")],
    );
    let wrong = json!({ "document_no": "ZB-2026-0417", "supplier": "Nobody" });
    assert_fails(
        office.delete("t", wrong),
        "document_invalid",
        &[("reason", "not_found")],
    );
    office
        .delete(
            "t1",
            json!({ "document_no": "ZB-2026-0417", "supplier": "BE 0744.555.667" }),
        )
        .expect("by VAT number");
    assert_eq!(office.balances().len(), 5);
    office.delete("t2", number).expect("the only one left");
    assert_balances(&office, &[]);
    assert_fails(
        office.delete("t3", json!({})),
        "document_invalid",
        &[("reason", "missing_field")],
    );
}

#[test]
fn a_paid_document_stays() {
    let office = Office::new();
    office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    let pay = |account: &str| {
        format!(
            "\n2026-11-01 * bank\n    ; pays:ZB-2026-0417\n    {account}   10.00 EUR\n    assets:bank   -10.00 EUR\n"
        )
    };
    // the same number of another supplier
    office.append("\naccount liabilities:payable:Other\n");
    office.append(&pay("liabilities:payable:Other"));
    office
        .delete("task-2", json!({ "task": "task-1" }))
        .expect("not paid");
    office
        .book("task-3", &sample("invoice-two-rates.xml"))
        .expect("booked");
    office.append(&pay("liabilities:payable:Drukkerij De Zilverberk BV"));
    let books = office.journal();
    assert_fails(
        office.delete("task-4", json!({ "task": "task-3" })),
        "payment_linked",
        &[("document_no", "ZB-2026-0417")],
    );
    assert_eq!(office.journal(), books);
}

#[test]
fn a_closed_period_or_an_assertion_keeps_a_booking() {
    let office = Office::new();
    office.book("task-1", &sample("credit-note.xml")).expect("booked");
    fs::write(office.file("closed.txt"), "2026-10").expect("closed");
    assert_fails(
        office.delete("task-2", json!({ "task": "task-1" })),
        "period_not_open",
        &[("period", "202610")],
    );
    fs::remove_file(office.file("closed.txt")).expect("open");
    office.append("\n2026-12-31 count\n    assets:vat:deductible:S21   0.00 EUR = -62.98 EUR\n");
    let refused = office.delete("task-2", json!({ "task": "task-1" }));
    assert_fails(refused, "document_invalid", &[("reason", "refused_by_package")]);
    assert_eq!(office.balances()["assets:vat:deductible:S21"], "-62.98 EUR");
}

#[test]
fn a_number_that_was_booked_for_several_is_told_apart_by_kind_and_year() {
    let office = Office::new();
    let invoice = |date: &str| changed("ZB-2026-0417", "1").replace("2026-10-05", date);
    office
        .book("task-1", &invoice("2025-01-20"))
        .expect("number 1 of 2025");
    office
        .book("task-2", &invoice("2026-01-19"))
        .expect("number 1 of 2026");
    let credit = sample("credit-note.xml").replace("CN-260033", "1");
    office.book("task-3", &credit).expect("credit note 1");
    assert_fails(
        office.delete("d1", json!({ "document_no": "1", "document_kind": "invoice" })),
        "document_invalid",
        &[("reason", "ambiguous")],
    );
    let gone = office.delete(
        "d2",
        json!({ "document_no": "1", "document_kind": "invoice", "year": 2025 }),
    );
    assert_eq!(gone.expect("one")["deleted_task"], "task-1");
    let gone = office.delete(
        "d3",
        json!({ "document_no": "1", "document_kind": "credit_note" }),
    );
    assert_eq!(gone.expect("one")["deleted_task"], "task-3");
    assert_eq!(office.transactions(), 1);
}
