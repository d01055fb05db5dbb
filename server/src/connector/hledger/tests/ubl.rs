//! Published e-invoices of many countries, where they are at hand: each gets the answer that is right.

use super::*;
use engine::tasks::document::text;

/// File, buyer, and what the booking is (debit positive); its currency at the end.
const BOOKED: [(&str, &str, &str); 21] = [
    (
        "12-se-electricity-rounding-neg.xml",
        "Fastighets AB",
        "purchases:E 50.00; purchases:S25 593.99; vat:S25 148.50; rounding -0.49; payable -792.00 SEK",
    ),
    (
        "14-se-travel-two-rates.xml",
        "Myndighet X",
        "purchases:S6 856.00; purchases:S25 150.00; vat:S6 51.36; vat:S25 37.50; rounding 0.14; payable -1095.00 SEK",
    ),
    (
        "16-se-usd-taxcurrency-sek.xml",
        "Komponentlagret AB",
        "purchases:S25 92000.00; vat:S25 23000.00; payable -115000.00 USD",
    ),
    (
        "17-se-original-for-credit.xml",
        "Project Services",
        "purchases:S25 8668.00; vat:S25 2167.00; rounding -0.10; prepaid -834.90; payable -10000.00 SEK",
    ),
    (
        "18-se-credit-by-creditnote.xml",
        "Project services AB",
        "purchases:S25 -8668.00; vat:S25 -2167.00; rounding 0.10; prepaid 834.90; payable 10000.00 SEK",
    ),
    (
        "19-se-credit-by-negative-invoice.xml",
        "Project Services",
        "purchases:S25 -8668.00; vat:S25 -2167.00; rounding 0.10; prepaid 834.90; payable 10000.00 SEK",
    ),
    (
        "20-se-reverse-charge.xml",
        "Entrepenör & Bygg AB",
        "purchases:AE 140000.00; payable -140000.00 SEK",
    ),
    (
        "22-se-final-after-advance.xml",
        "Produktionsbolaget AB",
        "purchases:S25 380000.00; vat:S25 95000.00; prepaid -400000.00; payable -75000.00 SEK",
    ),
    (
        "24-se-interest-O-rounding.xml",
        "Johnssons Byggvaror HB",
        "purchases:O 2416.16; rounding -0.16; payable -2416.00 SEK",
    ),
    (
        "27-eu-four-rates.xml",
        "Project services",
        "purchases:S6 100.00; purchases:S12 200.00; purchases:S25 400.00; vat:S6 6.00; vat:S12 24.00; vat:S25 100.00; payable -830.00 SEK",
    ),
    (
        "31-xr-rounding-1-cent.xml",
        "[Buyer name]",
        "purchases:S7 314.86; vat:S7 22.04; rounding 0.01; payable -336.91 EUR",
    ),
    (
        "32-xr-corrected-384.xml",
        "[Buyer name]",
        "purchases:S19 8870.00; vat:S19 1685.30; payable -10555.30 EUR",
    ),
    (
        "33-xr-self-billed-389.xml",
        "Kunde 1",
        "purchases:S19 300.00; vat:S19 57.00; payable -357.00 EUR",
    ),
    (
        "34-xr-reverse-charge-allowance.xml",
        "DB Station&Service AG RB Mitte",
        "purchases:AE 233.00; payable -233.00 EUR",
    ),
    (
        "36-xr-negative-payable-by-prepaid.xml",
        "[Buyer name]",
        "purchases:S7 108.39; purchases:S19 578.89; vat:S7 7.59; vat:S19 109.99; prepaid -1030.00; payable 225.14 EUR",
    ),
    (
        "42-xr-1.06MB.xml",
        "Kunden AG Mitte",
        "purchases:S7 202.33; purchases:S19 11.76; vat:S7 14.16; vat:S19 2.23; payable -230.48 EUR",
    ),
    (
        "45-usd-intra-community-K.xml",
        "Theodor Est",
        "purchases:K 337.60; payable -337.60 USD",
    ),
    (
        "47-ehf-self-billed-527.xml",
        "Buyer Official Name",
        "purchases:E 1000.00; purchases:S25 4900.00; vat:S25 1225.00; prepaid -1000.00; payable -6125.00 EUR",
    ),
    (
        "49-ehf-forward-billing-82.xml",
        "Lisa Johansen",
        "purchases:S25 1234.71; vat:S25 308.63; payable -1543.34 NOK",
    ),
    (
        "62-au-two-categories-freight.xml",
        "Buyer CDE",
        "purchases:S10 30.00; purchases:Z 2295.00; vat:S10 3.00; payable -2328.00 AUD",
    ),
    (
        "63-au-negative-invoice.xml",
        "Trotters",
        "purchases:S10 -159.43; vat:S10 -15.94; payable 175.37 AUD",
    ),
];

/// File, buyer, code and reason.
const REFUSED: [(&str, &str, &str, &str); 5] = [
    (
        "40-ubl21-creditnote-BOM.xml",
        "The buyercompany",
        "document_invalid",
        "missing_field",
    ),
    (
        "50-ehf-reminder-no-typecode.xml",
        "Buyer Official Name",
        "document_invalid",
        "missing_field",
    ),
    (
        "56-pe-iso-8859-1.xml",
        "XXXXXXXXXX",
        "document_invalid",
        "missing_field",
    ),
    (
        "58-be-efff-four-decimals.xml",
        "My Customer Company",
        "document_invalid",
        "amount_decimals",
    ),
    (
        "59-be-efff-two-currencies.xml",
        "My Customer Company",
        "document_invalid",
        "mixed_currencies",
    ),
];

fn published(file: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ubl");
    folder.is_dir().then(|| {
        let bytes = fs::read(folder.join(file)).expect(file);
        text::of(&bytes).expect(file).into_owned()
    })
}

fn office_of(buyer: &str) -> Office {
    let mut office = Office::new();
    office.name = buyer.into();
    office
}

/// The postings of a result as the table writes them; the supplier's account by its kind alone.
fn written(result: &Value) -> String {
    let postings = result["postings"].as_array().expect("postings");
    let text = |posting: &Value, name: &str| posting[name].as_str().expect("text").to_owned();
    let written: Vec<String> = postings
        .iter()
        .map(|posting| {
            let account = text(posting, "account");
            let short = account
                .replace("expenses:", "")
                .replace("assets:vat:deductible:", "vat:")
                .replace("assets:", "");
            let owed = short.starts_with("liabilities:payable:");
            let short = if owed { "payable" } else { short.as_str() };
            format!("{short} {}", text(posting, "amount"))
        })
        .collect();
    format!("{} {}", written.join("; "), text(&postings[0], "commodity"))
}

/// The same with its postings sorted: their order says nothing.
fn sorted(written: &str) -> (Vec<&str>, &str) {
    let (postings, currency) = written.rsplit_once(' ').expect("a currency");
    let mut postings: Vec<&str> = postings.split("; ").collect();
    postings.sort_unstable();
    (postings, currency)
}

#[test]
fn each_of_the_published_invoices_is_booked_to_the_cent() {
    for (file, buyer, right) in BOOKED {
        let Some(document) = published(file) else { return };
        let result = office_of(buyer).book("task-1", &document).expect(file);
        assert_eq!(sorted(&written(&result)), sorted(right), "{file}");
    }
}

#[test]
fn each_of_those_that_cannot_be_booked_says_why() {
    for (file, buyer, code, reason) in REFUSED {
        let Some(document) = published(file) else { return };
        let office = office_of(buyer);
        let failure = office.book("task-1", &document).expect_err(file);
        let found = failure
            .params
            .get("reason")
            .and_then(Value::as_str)
            .unwrap_or_default();
        assert_eq!(
            (failure.code.as_str(), found),
            (code, reason),
            "{file}: {failure:?}"
        );
        assert_eq!(office.transactions(), 0, "{file}");
    }
}

#[test]
fn none_of_them_gets_into_the_books_of_somebody_else() {
    for (file, ..) in BOOKED {
        let Some(document) = published(file) else { return };
        let office = Office::new();
        assert_fails(office.book("task-1", &document), "buyer_differs", &[]);
    }
    // what the customer bills itself is a sale of the dossier
    for (file, supplier) in [
        ("33-xr-self-billed-389.xml", "Betriebsstätte"),
        ("47-ehf-self-billed-527.xml", "SupplierOfficialName Ltd"),
    ] {
        let Some(document) = published(file) else { return };
        assert_fails(
            office_of(supplier).book("task-1", &document),
            "dossier_is_supplier",
            &[],
        );
    }
}

#[test]
fn a_credit_note_and_a_negative_invoice_take_their_invoice_back() {
    for credit in [
        "18-se-credit-by-creditnote.xml",
        "19-se-credit-by-negative-invoice.xml",
    ] {
        let Some(invoice) = published("17-se-original-for-credit.xml") else {
            return;
        };
        let office = office_of("Project Services");
        office.book("task-1", &invoice).expect("the invoice");
        office
            .book("task-2", &published(credit).expect(credit))
            .expect(credit);
        assert_balances(&office, &[]);
    }
}
