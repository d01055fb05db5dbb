use super::*;

#[test]
fn two_rates_are_booked_apart() {
    let office = Office::new();
    let result = office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    assert_balances(
        &office,
        &[
            ("assets:vat:deductible:S21", "215.46 EUR"),
            ("assets:vat:deductible:S6", "30.21 EUR"),
            ("expenses:purchases:S21", "1026.00 EUR"),
            ("expenses:purchases:S6", "503.50 EUR"),
            ("liabilities:payable:Drukkerij De Zilverberk BV", "-1775.17 EUR"),
        ],
    );
    let head = json!({
        "already": false, "document_no": "ZB-2026-0417", "document_kind": "invoice", "supplier": "Drukkerij De Zilverberk BV",
        "supplier_vat": "BE0744555666", "date": "2026-10-05", "period": "202610", "journal": "PURCH",
    });
    for (name, value) in head.as_object().expect("object") {
        assert_eq!(&result[name], value, "{name}");
    }
    assert_eq!(result["postings"][4]["amount"], "-1775.17");
}

#[test]
fn a_credit_note_is_booked_the_other_way_round() {
    let office = Office::new();
    let result = office.book("task-1", &sample("credit-note.xml")).expect("booked");
    assert_eq!(result["document_kind"], "credit_note");
    assert_balances(
        &office,
        &[
            ("assets:vat:deductible:S21", "-62.98 EUR"),
            ("expenses:purchases:S21", "-299.90 EUR"),
            ("liabilities:payable:Meubelwerf Veenhuis B.V.", "362.88 EUR"),
        ],
    );
}

#[test]
fn reverse_charge_keeps_the_bases_apart() {
    let office = Office::new();
    let result = office
        .book("task-1", &sample("invoice-reverse-charge.xml"))
        .expect("booked");
    assert_eq!(result["document_no"], "SH/2026/190");
    assert_balances(
        &office,
        &[
            ("expenses:purchases:AE", "4250.00 EUR"),
            ("expenses:purchases:K", "1180.40 EUR"),
            ("liabilities:payable:Staalbouw Hoogerheide B.V.", "-5430.40 EUR"),
        ],
    );
}

#[test]
fn allowance_charge_prepayment_and_rounding_are_booked() {
    let office = Office::new();
    office
        .book("task-1", &sample("invoice-allowance-charge-prepaid.xml"))
        .expect("booked");
    assert_balances(
        &office,
        &[
            ("assets:prepaid", "-2000.00 DKK"),
            ("assets:vat:deductible:S25", "1720.44 DKK"),
            ("expenses:purchases:S25", "6881.75 DKK"),
            ("expenses:rounding", "-0.19 DKK"),
            ("liabilities:payable:Nordlys Kontorteknik ApS", "-6602.00 DKK"),
        ],
    );
}

#[test]
fn zero_rated_and_exempt_are_booked_without_vat() {
    let office = Office::new();
    office
        .book("task-1", &sample("invoice-zero-exempt.xml"))
        .expect("booked");
    assert_balances(
        &office,
        &[
            ("expenses:purchases:E", "6900.00 NOK"),
            ("expenses:purchases:Z", "1158.00 NOK"),
            ("liabilities:payable:Fjordlys Kurssenter AS", "-8058.00 NOK"),
        ],
    );
}

#[test]
fn a_repeated_task_books_nothing_and_returns_the_same() {
    let office = Office::new();
    let mut first = office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    let books = office.journal();
    // also when the period was closed in between, and when the document is no longer there
    fs::write(office.file("closed.txt"), "2026-10\n").expect("closed");
    let second = office.book("task-1", "").expect("already booked");
    assert_eq!(second["already"], true);
    first["already"] = json!(true);
    assert_eq!(first, second);
    assert_eq!(office.journal(), books);
}

#[test]
fn task_ids_that_differ_in_case_only_are_two_tasks() {
    let office = Office::new();
    office
        .book("Task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    assert_eq!(
        office.book("task-1", &sample("credit-note.xml")).expect("booked")["already"],
        false
    );
    assert_eq!(office.transactions(), 2);
}

#[test]
fn the_same_document_is_not_booked_by_another_task() {
    let office = Office::new();
    office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    let params = [
        ("document_no", "ZB-2026-0417"),
        ("supplier", "Drukkerij De Zilverberk BV"),
    ];
    assert_fails(
        office.book("task-2", &sample("invoice-two-rates.xml")),
        "double_booking",
        &params,
    );
    // the supplier is known by the VAT number, however it is written
    let renamed =
        changed("Drukkerij De Zilverberk BV", "De Zilverberk").replace("BE0744555666", "be 0744.555.666");
    assert_fails(
        office.book("task-3", &renamed),
        "double_booking",
        &[("supplier", "De Zilverberk")],
    );
    // the same number of another supplier is another document
    office
        .book("task-4", &changed("BE0744555666", "BE0744555667"))
        .expect("another supplier");
    assert_eq!(office.transactions(), 2);
}

#[test]
fn document_numbers_with_special_characters_stay_different() {
    let office = Office::new();
    for (at, number) in ["A,1", "A;1", "A:1", "A 1", "A|1", "A%2C1", "A.*1", "(A)1", "a,1"]
        .into_iter()
        .enumerate()
    {
        let result = office
            .book(&format!("t{at}"), &changed("ZB-2026-0417", number))
            .expect(number);
        assert_eq!(result["document_no"], number);
        assert_fails(
            office.book("other", &changed("ZB-2026-0417", number)),
            "double_booking",
            &[("document_no", number)],
        );
    }
    assert_eq!(office.transactions(), 9);
}

#[test]
fn prefixes_do_not_matter_but_namespaces_do() {
    let office = Office::new();
    let prefixed = sample("invoice-two-rates.xml")
        .replace("cac:", "x:")
        .replace("xmlns:cac=", "xmlns:x=")
        .replace("cbc:", "cac:")
        .replace("xmlns:cbc=", "xmlns:cac=")
        .replace("<Invoice xmlns=", "<i:Invoice xmlns:i=")
        .replace("</Invoice>", "</i:Invoice>");
    office.book("task-1", &prefixed).expect("booked");
    assert_eq!(office.balances()["expenses:purchases:S6"], "503.50 EUR");
    let foreign = changed("xsd:CommonBasicComponents-2", "xsd:SomethingElse-2");
    assert_fails(
        office.book("task-2", &foreign),
        "document_invalid",
        &[("reason", "missing_field")],
    );
}

#[test]
fn a_rate_of_the_office_can_be_added() {
    let office = Office::new();
    let document = changed(">21<", ">22<")
        .replace("215.46", "225.72")
        .replace("245.67", "255.93")
        .replace("1775.17", "1785.43");
    assert_fails(
        office.book("task-1", &document),
        "vat_code_wrong",
        &[("vat_code", "S22")],
    );
    office.append("\naccount assets:vat:deductible:S22\n");
    office.book("task-1", &document).expect("booked");
    assert_eq!(office.balances()["assets:vat:deductible:S22"], "225.72 EUR");
}

#[test]
fn a_document_paid_in_advance_leaves_nothing_to_pay() {
    let office = Office::new();
    let document = changed(
        "<cbc:PayableAmount currencyID=\"EUR\">1775.17<",
        "<cbc:PrepaidAmount currencyID=\"EUR\">1775.17</cbc:PrepaidAmount><cbc:PayableAmount currencyID=\"EUR\">0<",
    );
    let result = office.book("task-1", &document).expect("booked");
    assert_eq!(office.balances()["assets:prepaid"], "-1775.17 EUR");
    assert_eq!(
        result["postings"][5]["account"],
        "liabilities:payable:Drukkerij De Zilverberk BV"
    );
    assert_eq!(result["postings"][5]["amount"], "0.00");
}

#[test]
fn a_vat_total_in_the_currency_of_the_authority_is_left_aside() {
    let office = Office::new();
    let total = "<cac:TaxTotal><cbc:TaxAmount currencyID=\"SEK\">2700.00</cbc:TaxAmount></cac:TaxTotal>";
    let document = changed(
        "  <cac:LegalMonetaryTotal>",
        &format!("{total}<cac:LegalMonetaryTotal>"),
    );
    assert_fails(
        office.book("task-1", &document),
        "document_invalid",
        &[("reason", "mixed_currencies")],
    );
    let declared = document.replace(
        "</cbc:DocumentCurrencyCode>",
        "</cbc:DocumentCurrencyCode><cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode>",
    );
    office.book("task-1", &declared).expect("booked");
    assert_eq!(office.balances()["assets:vat:deductible:S21"], "215.46 EUR");
}
