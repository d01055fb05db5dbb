//! Whose documents get into a dossier's books, and which of them only once a person has looked.

use super::*;

const FOR_ANOTHER: [(&str, &str); 2] = [
    ("Bakkerij Korenwolf BV", "Another Company NV"),
    ("0711222333", "0888888822"),
];

/// The standard sample, for another company.
fn for_another() -> String {
    FOR_ANOTHER
        .iter()
        .fold(sample("invoice-two-rates.xml"), |text, (from, to)| {
            text.replace(from, to)
        })
}

/// The standard sample with its two parties changed about and another type: what the dossier's customer bills itself.
fn self_billed(kind: &str) -> String {
    let sample = sample("invoice-two-rates.xml");
    sample
        .replace("AccountingSupplierParty", "Was")
        .replace("AccountingCustomerParty", "AccountingSupplierParty")
        .replace("Was", "AccountingCustomerParty")
        .replace("TypeCode>380", &format!("TypeCode>{kind}"))
}

#[test]
fn another_companys_invoice_is_not_booked_and_both_names_are_told() {
    let office = Office::new();
    let params = [
        ("buyer", "Another Company NV"),
        ("buyer_number", "BE0888888822"),
        ("supplier", "Drukkerij De Zilverberk BV"),
        ("document_no", "ZB-2026-0417"),
    ];
    let failure = assert_fails(office.book("task-1", &for_another()), "buyer_differs", &params);
    assert!(
        failure.detail.contains("Another Company NV") && failure.detail.contains(NAME),
        "{failure:?}"
    );
    assert_eq!(office.transactions(), 0);
    office
        .book("task-2", &sample("invoice-two-rates.xml"))
        .expect("the dossier's own");
}

#[test]
fn what_a_person_says_is_theirs_is_booked_and_remembered() {
    let mut office = Office::new();
    office.confirmed = vec!["buyer_differs".into()];
    office.book("task-1", &for_another()).expect("confirmed");
    office.confirmed.clear();
    let next = for_another().replace("ZB-2026-0417", "ZB-2026-0418");
    office.book("task-2", &next).expect("nobody is asked twice");
    assert_eq!(office.transactions(), 2);
    assert_fails(
        office.book(
            "task-3",
            &next
                .replace("Another Company NV", "A Third NV")
                .replace("0888888822", "0999999922"),
        ),
        "buyer_differs",
        &[("buyer", "A Third NV")],
    );
}

#[test]
fn a_number_of_the_dossier_decides_over_its_name() {
    let mut office = Office::empty();
    office.name = "Korenwolf, the bakery".into();
    let activation =
        json!({ "name": "Korenwolf, the bakery", "package": "hledger", "vat_number": "BE 0711.222.333" });
    office
        .task("activate", "activate_dossier", activation)
        .expect("activated");
    office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("known by its number");
    // a namesake with another number
    let namesake = sample("credit-note.xml")
        .replace("0711222333", "0888888822")
        .replace("Bakkerij Korenwolf BV", "Korenwolf the bakery");
    assert_fails(
        office.book("task-2", &namesake),
        "buyer_differs",
        &[("buyer_number", "BE0888888822")],
    );
    fs::write(office.file("company.txt"), "nmae Korenwolf\n").expect("company");
    assert_fails(office.book("task-3", &namesake), "database_error", &[]);
}

#[test]
fn a_sale_of_the_dossier_is_not_booked_as_a_purchase() {
    for kind in ["389", "527", "380"] {
        let office = Office::new();
        let params = [
            ("buyer", "Drukkerij De Zilverberk BV"),
            ("document_no", "ZB-2026-0417"),
        ];
        assert_fails(
            office.book("task-1", &self_billed(kind)),
            "dossier_is_supplier",
            &params,
        );
        assert_eq!(office.transactions(), 0, "{kind}");
    }
    let office = Office::new();
    let credit = sample("credit-note.xml")
        .replace("AccountingSupplierParty", "Was")
        .replace("AccountingCustomerParty", "AccountingSupplierParty")
        .replace("Was", "AccountingCustomerParty")
        .replace("TypeCode>381", "TypeCode>261");
    assert_fails(office.book("task-1", &credit), "dossier_is_supplier", &[]);
    // billed by the dossier itself in its supplier's name, it is a purchase
    for kind in ["389", "527"] {
        let office = Office::new();
        office
            .book("task-1", &changed("TypeCode>380", &format!("TypeCode>{kind}")))
            .expect("a purchase");
    }
    office
        .book(
            "task-2",
            &sample("credit-note.xml").replace("TypeCode>381", "TypeCode>261"),
        )
        .expect("a purchase");
}

#[test]
fn a_number_is_told_apart_by_year_and_kind() {
    let office = Office::new();
    let of = |date: &str| changed("ZB-2026-0417", "1").replace("2026-10-05", date);
    office
        .book("task-1", &of("2025-01-20"))
        .expect("number 1 of 2025");
    office
        .book("task-2", &of("2026-01-19"))
        .expect("number 1 of 2026");
    let params = [
        ("document_no", "1"),
        ("booked_on", "2026-01-19"),
        ("booked_by", "task-2"),
    ];
    assert_fails(
        office.book("task-3", &of("2026-02-01")),
        "double_booking",
        &params,
    );
    let credit = |date: &str| {
        sample("credit-note.xml")
            .replace("CN-260033", "7")
            .replace("2026-10-12", date)
    };
    office
        .book("task-4", &credit("2026-10-12"))
        .expect("credit note 7");
    assert_fails(
        office.book("task-5", &credit("2026-10-13")),
        "double_booking",
        &[("document_no", "7")],
    );
    let invoice = changed("ZB-2026-0417", "7")
        .replace("Drukkerij De Zilverberk BV", "Meubelwerf Veenhuis B.V.")
        .replace("BE0744555666", "NL004495445B01");
    office
        .book("task-6", &invoice)
        .expect("invoice 7 of the same supplier");
    assert_eq!(office.transactions(), 4);
}

#[test]
fn a_person_may_say_that_it_is_another_document() {
    let mut office = Office::new();
    office
        .book("task-1", &sample("invoice-two-rates.xml"))
        .expect("booked");
    office.confirmed = vec!["double_booking".into()];
    office
        .book("task-2", &sample("invoice-two-rates.xml"))
        .expect("confirmed");
    assert_eq!(office.transactions(), 2);
}

#[test]
fn an_advance_waits_for_a_person_and_then_for_its_final_invoice() {
    let mut office = Office::new();
    let advance = changed("TypeCode>380", "TypeCode>386").replace("ZB-2026-0417", "ADV-1");
    let params = [
        ("supplier", "Drukkerij De Zilverberk BV"),
        ("document_no", "ADV-1"),
    ];
    assert_fails(office.book("task-1", &advance), "advance_invoice", &params);
    assert_eq!(office.transactions(), 0);
    office.confirmed = vec!["advance_invoice".into()];
    office.book("task-1", &advance).expect("confirmed");
    let supplier = "liabilities:payable:Drukkerij De Zilverberk BV";
    assert_balances(
        &office,
        &[("assets:prepaid", "1775.17 EUR"), (supplier, "-1775.17 EUR")],
    );
    let last = changed(
        "<cbc:PayableAmount currencyID=\"EUR\">1775.17<",
        "<cbc:PrepaidAmount currencyID=\"EUR\">1775.17</cbc:PrepaidAmount><cbc:PayableAmount currencyID=\"EUR\">0<",
    );
    office.book("task-2", &last).expect("the final invoice");
    let balances = office.balances();
    assert!(!balances.contains_key("assets:prepaid"), "{balances:?}");
    assert_eq!(balances["assets:vat:deductible:S21"], "215.46 EUR", "once");
}

#[test]
fn of_two_that_are_called_alike_the_form_decides_and_else_a_person() {
    // a sister of the dossier buys, or sells to it
    let renamed = |supplier: &str, buyer: &str| {
        sample("invoice-two-rates.xml")
            .replace("Bakkerij Korenwolf BV", buyer)
            .replace("Drukkerij De Zilverberk BV", supplier)
    };
    let (ours, sister) = ("Bakkerij Korenwolf BV", "Bakkerij Korenwolf NV");
    let mut office = Office::new();
    office.name = ours.into();
    for (task, supplier, buyer, code) in [
        ("task-1", "Elsewhere NV", sister, "buyer_differs"),
        ("task-2", ours, sister, "dossier_is_supplier"),
    ] {
        assert_fails(office.book(task, &renamed(supplier, buyer)), code, &[]);
    }
    office
        .book("task-3", &renamed(sister, ours))
        .expect("bought of the sister");
    assert_eq!(office.transactions(), 1);
    // of a dossier that is called without a form either may be meant, until a person has said which
    let mut office = Office::new();
    let bought = renamed(sister, ours);
    let failure = assert_fails(office.book("task-1", &bought), "buyer_differs", &[]);
    assert!(failure.detail.contains("both called"), "{failure:?}");
    office.confirmed = vec!["buyer_differs".into()];
    office.book("task-2", &bought).expect("confirmed");
    office.confirmed.clear();
    let next = bought.replace("ZB-2026-0417", "ZB-2026-0418");
    office.book("task-3", &next).expect("nobody is asked twice");
    assert_eq!(office.transactions(), 2);
}
