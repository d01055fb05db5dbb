//! Books a purchase document.

use chrono::Datelike;
use serde_json::{Value, json};

use super::document::{Document, Supplier};
use super::dossier::{Dossier, MAIN_FILE, period};
use super::entry::{self, Posting};
use super::transaction::{self, JOURNAL_TAG, KIND_TAG, NUMBER_TAG, TASK_TAG, Transaction, VAT_TAG};
use super::{Failure, Work, arithmetic, balances, journal, own, text, ubl};

const DEFAULT_JOURNAL: &str = "PURCH";
const DOUBLE_BOOKING: &str = "double_booking";
const ADVANCE_INVOICE: &str = "advance_invoice";

/// `process_booking_proposal`, payload `{"document": "<xml>", "file_name"?, "journal"?}`:
/// books a UBL purchase invoice or credit note of which the dossier is the buyer.
///
/// The date of the booking is the issue date. A number is booked only once for a supplier, a
/// year and a kind: many begin anew each January, and count credit notes apart. `double_booking`
/// can be confirmed by a person: it is another document then.
///
/// Result: `{"already", "document_no", "document_kind", "supplier", "supplier_vat", "date",
/// "period", "journal", "postings": [{"account", "amount", "commodity"}]}`.
pub(super) fn process(dossier: &Dossier, work: &Work) -> Result<Value, Failure> {
    let task = text::task_id(work.task)?;
    if let Some(booked) = transaction::find(dossier, TASK_TAG, task)?.first() {
        return result(booked, true);
    }
    let field = |name: &str| work.payload.get(name).and_then(Value::as_str);
    let document = ubl::read(field("document").ok_or_else(|| Failure::missing("document"))?)?;
    let groups = arithmetic::verify(&document)?;
    own::require_ours(dossier, work, &document)?;
    require_known_use(work, &document)?;
    let journal = field("journal").unwrap_or(DEFAULT_JOURNAL);
    dossier.require_purchase_journal(journal)?;
    dossier.require_open_period(document.issue_date)?;
    if !work.confirms(DOUBLE_BOOKING) {
        require_not_booked(dossier, &document)?;
    }

    let books = journal::read(dossier)?;
    require_currency(&books, &document)?;
    let postings = entry::postings(&document, &groups);
    let declared = dossier.ask(&["accounts", "-f", MAIN_FILE, "--declared"])?;
    let declared: Vec<&str> = declared.lines().collect();
    for group in groups.keys().filter(|_| !document.advance) {
        require_vat_account(group, &declared)?;
    }
    let new_accounts = undeclared(&postings, &declared);
    let entry = entry::text(
        &document,
        &postings,
        &new_accounts,
        task,
        journal,
        field("file_name"),
    );
    book(dossier, with_entry(books, &entry), task, &document, &postings)
}

fn book(
    dossier: &Dossier,
    books: String,
    task: &str,
    document: &Document,
    postings: &[Posting],
) -> Result<Value, Failure> {
    let mut booked = Vec::new();
    journal::change(dossier, &books, |file| {
        booked = transaction::find_in(dossier, file, TASK_TAG, task)?;
        entry::verify(&booked, document, postings)
    })?;
    result(
        booked
            .first()
            .ok_or_else(|| Failure::database("The booking cannot be found."))?,
        false,
    )
}

fn with_entry(mut books: String, entry: &str) -> String {
    if !books.ends_with('\n') {
        books.push('\n');
    }
    books.push_str(entry);
    books
}

/// An advance is no purchase. How its VAT and its final invoice go together is not in it: a person says whether it may
/// wait on `assets:prepaid`, whole, until the final invoice takes it off again with all the VAT.
fn require_known_use(work: &Work, document: &Document) -> Result<(), Failure> {
    if !document.advance || work.confirms(ADVANCE_INVOICE) {
        return Ok(());
    }
    let detail = "An invoice of the type 386 is an advance: it is booked once a person has said how.";
    Err(Failure::new(ADVANCE_INVOICE, detail)
        .with("supplier", document.supplier.name.as_str())
        .with("document_no", document.number.as_str())
        .with("account", entry::PREPAID))
}

fn require_not_booked(dossier: &Dossier, document: &Document) -> Result<(), Failure> {
    let booked = transaction::find(dossier, NUMBER_TAG, &document.number)?;
    for other in booked.iter().filter(|other| is_from(other, &document.supplier)) {
        let date = other.date()?;
        if date.year() != document.issue_date.year() || !is_of_kind(other, document) {
            continue;
        }
        let detail = format!(
            "The document {} of {} is booked already, on {date}.",
            document.number, document.supplier.name
        );
        return Err(Failure::new(DOUBLE_BOOKING, detail)
            .with("document_no", document.number.as_str())
            .with("supplier", document.supplier.name.as_str())
            .with("booked_on", date.to_string())
            .with("booked_by", other.tag(TASK_TAG).unwrap_or_default()));
    }
    Ok(())
}

/// A booking that does not say its kind could be of either.
fn is_of_kind(booking: &Transaction, document: &Document) -> bool {
    booking.tag(KIND_TAG).is_none_or(|kind| kind == document.kind())
}

/// Whether a booking is from this supplier: by VAT number where both have one, else by name.
fn is_from(booking: &Transaction, supplier: &Supplier) -> bool {
    match (booking.tag(VAT_TAG), &supplier.vat_number) {
        (Some(booked), Some(number)) => booked == *number,
        _ => booking.description.to_lowercase() == supplier.name.to_lowercase(),
    }
}

fn require_currency(books: &str, document: &Document) -> Result<(), Failure> {
    let currency = document.currency.as_str();
    let mut declared = books
        .lines()
        .filter_map(|line| line.strip_prefix("commodity "))
        .map(|line| line.split(';').next().unwrap_or_default());
    if declared.any(|directive| directive.split_whitespace().any(|word| word == currency)) {
        return Ok(());
    }
    let detail = format!("The books of the dossier have no commodity for the currency {currency}.");
    Err(Failure::document("currency_unknown", detail).with("found", currency))
}

fn require_vat_account(group: &super::vat::VatGroup, declared: &[&str]) -> Result<(), Failure> {
    match group.vat_account() {
        Some(account) if !declared.contains(&account.as_str()) => Err(group.wrong(format!(
            "The dossier has no account {account} for the VAT of category {}.",
            group.label()
        ))),
        _ => Ok(()),
    }
}

fn undeclared<'a>(postings: &'a [Posting], declared: &[&str]) -> Vec<&'a str> {
    postings
        .iter()
        .map(|(account, _)| account.as_str())
        .filter(|account| !declared.contains(account))
        .collect()
}

/// Built from the booking as it is in the books, so that it is the same each time.
fn result(booked: &Transaction, already: bool) -> Result<Value, Failure> {
    let date = booked.date()?;
    let mut postings = Vec::new();
    for posting in &booked.postings {
        for amount in &posting.amounts {
            let quantity = balances::in_cents(amount.quantity()?).to_string();
            postings.push(
                json!({ "account": posting.account, "amount": quantity, "commodity": amount.commodity }),
            );
        }
    }
    Ok(json!({
        "already": already,
        "document_no": booked.tag(NUMBER_TAG),
        "document_kind": booked.tag(KIND_TAG),
        "supplier": booked.description,
        "supplier_vat": booked.tag(VAT_TAG),
        "date": date.to_string(),
        "period": period(date),
        "journal": booked.tag(JOURNAL_TAG),
        "postings": postings,
    }))
}
