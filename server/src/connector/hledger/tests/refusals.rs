use super::*;

#[track_caller]
fn refused(document: &str, reason: &str, params: &[(&str, &str)]) {
    let office = Office::new();
    let before = office.journal();
    let failure = assert_fails(
        office.book("task-1", document),
        "document_invalid",
        &[("reason", reason)],
    );
    for (name, value) in params {
        assert_eq!(failure.params.get(*name), Some(&json!(value)), "{failure:?}");
    }
    assert_eq!(office.journal(), before);
}

#[track_caller]
fn vat_refused(document: &str, vat_code: &str) {
    let office = Office::new();
    assert_fails(
        office.book("task-1", document),
        "vat_code_wrong",
        &[("vat_code", vat_code)],
    );
}

#[test]
fn a_wrong_total_is_refused_with_both_figures() {
    let office = Office::new();
    let failure = assert_fails(
        office.book("task-1", &sample("invoice-wrong-total.xml")),
        "document_invalid",
        &[
            ("reason", "tax_inclusive"),
            ("expected", "1775.17"),
            ("found", "1757.17"),
            ("field", "TaxInclusiveAmount"),
        ],
    );
    assert!(
        failure.detail.contains("1775.17 EUR") && failure.detail.contains("1757.17 EUR"),
        "{}",
        failure.detail
    );
    assert_eq!(office.transactions(), 0);
}

#[test]
fn every_sum_is_verified() {
    refused(
        &changed(">1026.00</cbc:LineE", ">1026.03</cbc:LineE"),
        "line_total",
        &[("line", "1"), ("found", "1026.03")],
    );
    refused(
        &changed(">1529.50</cbc:LineE", ">1529.51</cbc:LineE"),
        "lines_sum",
        &[("expected", "1529.50")],
    );
    refused(
        &changed(">1529.50</cbc:TaxE", ">1529.51</cbc:TaxE"),
        "tax_exclusive",
        &[("found", "1529.51")],
    );
    refused(
        &changed(">1026.00</cbc:Taxable", ">1027.00</cbc:Taxable"),
        "taxable_amount",
        &[("vat_code", "S21")],
    );
    refused(
        &changed(">215.46<", ">216.46<"),
        "tax_amount",
        &[("expected", "215.46"), ("found", "216.46")],
    );
    refused(
        &changed(">245.67<", ">245.68<"),
        "tax_sum",
        &[("expected", "245.67")],
    );
    refused(
        &changed(">1775.17</cbc:Payable", ">1775.18</cbc:Payable"),
        "payable",
        &[("found", "1775.18")],
    );
    let adjusted = sample("invoice-allowance-charge-prepaid.xml");
    refused(
        &adjusted.replace(">200.00</cbc:AllowanceT", ">201.00</cbc:AllowanceT"),
        "allowances_sum",
        &[("expected", "200.00")],
    );
    refused(
        &adjusted.replace(">120.25</cbc:ChargeT", ">120.26</cbc:ChargeT"),
        "charges_sum",
        &[("found", "120.26")],
    );
    refused(
        &adjusted.replace(">2000.00<", ">2000.01<"),
        "payable",
        &[("expected", "6601.99")],
    );
}

#[test]
fn the_vat_may_be_rounded_by_less_than_one() {
    let office = Office::new();
    let document = changed("215.46", "216.45")
        .replace("245.67", "246.66")
        .replace("1775.17", "1776.16");
    office.book("task-1", &document).expect("within the tolerance");
    assert_eq!(office.balances()["assets:vat:deductible:S21"], "216.45 EUR");
}

#[test]
fn missing_fields_are_named() {
    for field in [
        "ID",
        "IssueDate",
        "InvoiceTypeCode",
        "DocumentCurrencyCode",
        "PayableAmount",
        "PriceAmount",
        "InvoicedQuantity",
    ] {
        let document = sample("invoice-two-rates.xml");
        let start = document.find(&format!("<cbc:{field}")).expect(field);
        let end = start + document[start..].find("\n").expect(field);
        refused(
            &(document[..start].to_owned() + &document[end..]),
            "missing_field",
            &[("field", field)],
        );
    }
    for part in [
        "AccountingSupplierParty",
        "AccountingCustomerParty",
        "TaxTotal",
        "LegalMonetaryTotal",
        "Price",
        "TaxSubtotal",
    ] {
        let office = Office::new();
        let document = changed(&format!("cac:{part}>"), "cac:Other>");
        assert_fails(
            office.book("t", &document),
            "document_invalid",
            &[("reason", "missing_field"), ("field", part)],
        );
    }
    refused(
        &changed("currencyID=\"EUR\">245.67", ">245.67"),
        "missing_field",
        &[("field", "TaxAmount/@currencyID")],
    );
    let office = Office::new();
    let nothing = office.task("t", "process_booking_proposal", json!({}));
    assert_fails(
        nothing,
        "document_invalid",
        &[("reason", "missing_field"), ("field", "document")],
    );
    refused(
        &changed(
            "<cbc:ID>ZB-2026-0417</cbc:ID>\n  <cbc:Is",
            "<cbc:ID>A</cbc:ID><cbc:ID>B</cbc:ID><cbc:Is",
        ),
        "field_twice",
        &[("field", "ID")],
    );
}

#[test]
fn wrong_dates_numbers_currencies_and_types_are_refused() {
    for date in [
        "2026-02-30",
        "2026-13-01",
        "05/10/2026",
        "2026-1-1",
        "2026-10-05Z",
        "+026-10-05",
        "today",
    ] {
        refused(
            &changed("2026-10-05", date),
            "date_invalid",
            &[("field", "IssueDate")],
        );
    }
    for number in [
        "1.775e3",
        "NaN",
        "1,775.17",
        "12345678901234567890123456789",
        "9999999999999999999999999999",
        "- 1",
    ] {
        refused(
            &changed("1775.17", number),
            "number_invalid",
            &[("found", number)],
        );
    }
    refused(&changed("1775.17", "1775.171"), "amount_decimals", &[]);
    refused(
        &changed("currencyID=\"EUR\">245.67", "currencyID=\"USD\">245.67"),
        "mixed_currencies",
        &[("expected", "EUR"), ("found", "USD")],
    );
    refused(&changed("EUR", "XTS"), "currency_unknown", &[("found", "XTS")]);
    refused(&changed("EUR", "eur"), "currency_unknown", &[("found", "eur")]);
    refused(
        &changed("TypeCode>380", "TypeCode>381"),
        "document_type",
        &[("found", "381")],
    );
    refused(
        &sample("credit-note.xml").replace("TypeCode>381", "TypeCode>380"),
        "document_type",
        &[("found", "380")],
    );
}

#[test]
fn vat_categories_must_exist_and_fit_their_vat() {
    vat_refused(&changed("<cbc:ID>S</cbc:ID>", "<cbc:ID>X</cbc:ID>"), "X");
    vat_refused(&changed("<cbc:ID>S</cbc:ID>", "<cbc:ID>s</cbc:ID>"), "s");
    vat_refused(&changed("Percent>21<", "Percent>0<"), "S0");
    vat_refused(&changed("Percent>21<", "Percent>121<"), "S121");
    vat_refused(&changed("Percent>21<", "Percent>-21<"), "S-21");
    vat_refused(
        &changed("Percent>21<", "Percent>13<")
            .replace("215.46", "133.38")
            .replace("245.67", "163.59")
            .replace("1775.17", "1693.09"),
        "S13",
    );
    vat_refused(&changed("<cbc:ID>S</cbc:ID>", "<cbc:ID>E</cbc:ID>"), "E21");
    let zero = sample("invoice-zero-exempt.xml");
    vat_refused(&zero.replace(">0.00<", ">5.00<"), "E");
    let reverse = sample("invoice-reverse-charge.xml");
    vat_refused(&reverse.replace(">0.00<", ">0.01<"), "AE");
    // Canary Islands tax: no account for it, so it cannot be booked as deductible
    vat_refused(&changed("<cbc:ID>S</cbc:ID>", "<cbc:ID>L</cbc:ID>"), "L6");
}

#[test]
fn a_journal_must_exist_and_be_for_purchases() {
    let office = Office::new();
    let book = |journal: &str| {
        let payload = json!({ "document": sample("invoice-two-rates.xml"), "journal": journal });
        office.task("task-1", "process_booking_proposal", payload)
    };
    assert_fails(book("PURCHASE"), "journal_wrong", &[("journal", "PURCHASE")]);
    assert_fails(book("SALES"), "journal_wrong", &[("journal", "SALES")]);
    assert_fails(book("BANK"), "journal_wrong", &[("journal", "BANK")]);
    assert_fails(book(""), "journal_wrong", &[("journal", "")]);
    assert_eq!(book("MISC").expect("booked")["journal"], "MISC");
}

#[test]
fn a_closed_period_is_refused() {
    let office = Office::new();
    fs::write(
        office.file("closed.txt"),
        "# closed by the office\n2026-09\n2026-10\n",
    )
    .expect("closed");
    let failure = assert_fails(
        office.book("t", &sample("invoice-two-rates.xml")),
        "period_not_open",
        &[("period", "202610")],
    );
    assert!(failure.detail.contains("202610"));
    fs::write(office.file("closed.txt"), "2026-09\n").expect("closed");
    office.book("t", &sample("invoice-two-rates.xml")).expect("open");
    fs::write(office.file("closed.txt"), "2026/09\n").expect("closed");
    assert_fails(
        office.book("t2", &sample("credit-note.xml")),
        "database_error",
        &[],
    );
}
