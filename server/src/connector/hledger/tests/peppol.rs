//! The example documents of Peppol BIS Billing 3, where they are at hand.

use super::*;

const OFFICIAL: &str = "liabilities:payable:SupplierOfficialName Ltd";
const SELLER: &str = "liabilities:payable:The Sellercompany Incorporated";

fn example(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/peppol");
    folder
        .is_dir()
        .then(|| fs::read_to_string(folder.join(name)).expect(name))
}

/// The dossier of the companies that the examples are for.
fn buyers() -> Office {
    let office = Office::new();
    let names = "name Buyer Official Name\nname The Buyercompany\nname Ebeneser Scrooge AS\n";
    fs::write(office.file("company.txt"), names).expect("company");
    office
}

#[track_caller]
fn booked(name: &str, expected: &[(&str, &str)]) {
    let Some(document) = example(name) else { return };
    let office = buyers();
    office.book("task-1", &document).expect(name);
    assert_balances(&office, expected);
}

#[test]
fn invoices_with_vat() {
    let base = [
        ("assets:vat:deductible:S25", "331.25 EUR"),
        ("expenses:purchases:S25", "1325.00 EUR"),
        (OFFICIAL, "-1656.25 EUR"),
    ];
    booked("base-example.xml", &base);
    booked("sales-order-example.xml", &base);
    let rates = [
        ("assets:vat:deductible:S15", "300.00 EUR"),
        ("assets:vat:deductible:S25", "1250.00 EUR"),
        ("expenses:purchases:S15", "2000.00 EUR"),
        ("expenses:purchases:S25", "5000.00 EUR"),
        (OFFICIAL, "-8550.00 EUR"),
    ];
    booked("Vat-category-S.xml", &rates);
}

#[test]
fn corrections() {
    let back = [
        ("assets:vat:deductible:S25", "-331.25 EUR"),
        ("expenses:purchases:S25", "-1325.00 EUR"),
        (OFFICIAL, "1656.25 EUR"),
    ];
    booked("base-creditnote-correction.xml", &back);
    booked("base-negative-inv-correction.xml", &back);
}

#[test]
fn allowances_prepayment_and_rounding() {
    let allowance = [
        ("assets:prepaid", "-1000.00 EUR"),
        ("assets:vat:deductible:S25", "1225.00 EUR"),
        ("expenses:purchases:E", "1000.00 EUR"),
        ("expenses:purchases:S25", "4900.00 EUR"),
        (OFFICIAL, "-6125.00 EUR"),
    ];
    booked("Allowance-example.xml", &allowance);
    let norwegian = [
        ("assets:prepaid", "-1000.00 NOK"),
        ("assets:vat:deductible:S15", "0.15 NOK"),
        ("assets:vat:deductible:S25", "365.13 NOK"),
        ("expenses:purchases:E", "-25.00 NOK"),
        ("expenses:purchases:S15", "1.00 NOK"),
        ("expenses:purchases:S25", "1460.50 NOK"),
        ("expenses:rounding", "0.22 NOK"),
        ("liabilities:payable:The Sellercompany ASA", "-802.00 NOK"),
    ];
    booked("Norwegian-example-1.xml", &norwegian);
}

#[test]
fn documents_without_vat() {
    booked(
        "vat-category-E.xml",
        &[("expenses:purchases:E", "1200.00 GBP"), (SELLER, "-1200.00 GBP")],
    );
    booked(
        "vat-category-O.xml",
        &[("expenses:purchases:O", "3200.00 SEK"), (SELLER, "-3200.00 SEK")],
    );
    booked(
        "vat-category-Z.xml",
        &[("expenses:purchases:Z", "1200.00 GBP"), (SELLER, "-1200.00 GBP")],
    );
}

#[test]
fn all_in_one_dossier_show_which_share_a_number() {
    let names = [
        ("base-example.xml", true),
        // a credit note may have the number of an invoice
        ("base-creditnote-correction.xml", true),
        ("sales-order-example.xml", false),
        ("Allowance-example.xml", false),
        ("Vat-category-S.xml", false),
        ("base-negative-inv-correction.xml", true),
        ("Norwegian-example-1.xml", true),
        ("vat-category-Z.xml", true),
        ("vat-category-E.xml", false),
        ("vat-category-O.xml", true),
    ];
    let office = buyers();
    for (at, (name, first)) in names.into_iter().enumerate() {
        let Some(document) = example(name) else { return };
        let result = office.book(&format!("t{at}"), &document);
        if first {
            result.expect(name);
        } else {
            assert_fails(result, "double_booking", &[]);
        }
    }
    assert_eq!(office.transactions(), 6);
}
