//! Takes a booking out of the books again.

use std::fs;

use chrono::Datelike;
use serde_json::{Value, json};

use super::dossier::Dossier;
use super::entry::PAYABLE;
use super::transaction::{self, KIND_TAG, NUMBER_TAG, PAYMENT_TAG, TASK_TAG, Transaction, VAT_TAG};
use super::{Failure, Work, journal, text};

/// `delete_booking_proposal`, payload `{"task": id of the task that booked it}` or
/// `{"document_no", "supplier"?, "document_kind"?, "year"?}` with the supplier's name or VAT number, `invoice` or
/// `credit_note`, and the year of the booking: removes the booking and leaves a comment in its place.
///
/// Refused in a closed period and when a transaction with the tag `pays:<document number>`
/// is a payment of it.
///
/// Result: `{"already", "deleted_task", "document_no", "supplier"}`.
pub(super) fn delete(dossier: &Dossier, work: &Work) -> Result<Value, Failure> {
    let task = text::task_id(work.task)?;
    let books = journal::read(dossier)?;
    if let Some(result) = traced(&books, task) {
        return Ok(result);
    }
    let booking = find(dossier, work.payload)?;
    dossier.require_open_period(booking.date()?)?;
    let number = booking.tag(NUMBER_TAG).unwrap_or_default();
    require_unpaid(dossier, &booking, &number)?;

    let booked_by = booking.tag(TASK_TAG).unwrap_or_default();
    let trace = trace(task, &booked_by, &number, &booking.description);
    let changed = without(dossier, &books, &booking, &trace)?;
    journal::change(dossier, &changed, |file| {
        let left = transaction::find_in(dossier, file, TASK_TAG, &booked_by)?;
        if left.is_empty() {
            Ok(())
        } else {
            Err(Failure::database("The booking is still there after its removal."))
        }
    })?;
    Ok(result(false, &booked_by, &number, &booking.description))
}

fn find(dossier: &Dossier, payload: &Value) -> Result<Transaction, Failure> {
    let field = |name: &str| payload.get(name).and_then(Value::as_str);
    let mut found = match (field("task"), field("document_no")) {
        (Some(booked_by), _) => transaction::find(dossier, TASK_TAG, booked_by)?,
        (None, Some(number)) => transaction::find(dossier, NUMBER_TAG, &text::one_line(number))?,
        (None, None) => return Err(Failure::missing("task")),
    };
    // only what a task booked may be taken out by a task
    found.retain(|booking| booking.tag(TASK_TAG).is_some());
    if let (None, Some(supplier)) = (field("task"), field("supplier")) {
        found.retain(|booking| is_from(booking, supplier));
    }
    if let (None, Some(kind)) = (field("task"), field("document_kind")) {
        found.retain(|booking| booking.tag(KIND_TAG).is_none_or(|of| of == kind));
    }
    if let (None, Some(year)) = (field("task"), payload.get("year").and_then(Value::as_i64)) {
        found.retain(|booking| booking.date().is_ok_and(|date| i64::from(date.year()) == year));
    }
    let several = found.len() > 1;
    match found.pop() {
        Some(booking) if !several => Ok(booking),
        Some(_) => Err(Failure::document(
            "ambiguous",
            "Several bookings have this document number; name the supplier, the kind or the year.",
        )),
        None => Err(Failure::document(
            "not_found",
            "There is no such booking in the books.",
        )),
    }
}

fn is_from(booking: &Transaction, supplier: &str) -> bool {
    let number: String = supplier.chars().filter(char::is_ascii_alphanumeric).collect();
    booking.description.to_lowercase() == text::name(supplier).to_lowercase()
        || booking.tag(VAT_TAG) == Some(number.to_uppercase())
}

fn require_unpaid(dossier: &Dossier, booking: &Transaction, number: &str) -> Result<(), Failure> {
    let payments = transaction::find(dossier, PAYMENT_TAG, number)?;
    if !payments.iter().any(|payment| could_pay(payment, booking)) {
        return Ok(());
    }
    Err(Failure::new(
        "payment_linked",
        format!("A payment is linked to the document {number}."),
    )
    .with("document_no", number))
}

/// A payment to another supplier is of another document that has the same number.
fn could_pay(payment: &Transaction, booking: &Transaction) -> bool {
    let owed = payables(booking);
    let paid = payables(payment);
    paid.is_empty() || paid.iter().any(|account| owed.contains(account))
}

fn payables(transaction: &Transaction) -> Vec<&str> {
    let accounts = transaction
        .postings
        .iter()
        .map(|posting| posting.account.as_str());
    accounts
        .filter(|account| {
            account
                .strip_prefix(PAYABLE)
                .is_some_and(|rest| rest.starts_with(':'))
        })
        .collect()
}

/// The books with the lines of the booking replaced by the trace.
fn without(dossier: &Dossier, books: &str, booking: &Transaction, trace: &str) -> Result<String, Failure> {
    let elsewhere = || Failure::database("The booking is not in the main file of the books.");
    let position = booking.position().ok_or_else(elsewhere)?;
    let same_file = fs::canonicalize(dossier.folder.join(&position.file)).ok()
        == fs::canonicalize(dossier.main_file()).ok();
    if !same_file || position.line == 0 {
        return Err(elsewhere());
    }
    let lines: Vec<&str> = books.split_inclusive('\n').collect();
    let start = position.line - 1;
    let date = booking.date()?.to_string();
    if !lines.get(start).is_some_and(|line| line.starts_with(&date)) {
        return Err(elsewhere());
    }
    let below = lines
        .iter()
        .skip(start + 1)
        .take_while(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
    let end = start + 1 + below.count();
    Ok([&lines[..start].concat(), trace, "\n", &lines[end..].concat()].concat())
}

const TRACE: &str = "; deleted by ";

fn trace(task: &str, booked_by: &str, number: &str, supplier: &str) -> String {
    let value = text::tag_value;
    format!(
        "{TRACE}{TASK_TAG}:{task}, booked-by:{}, {NUMBER_TAG}:{}, supplier:{}",
        value(booked_by),
        value(number),
        value(supplier)
    )
}

/// The result of a deletion that this task did before.
fn traced(books: &str, task: &str) -> Option<Value> {
    let own = format!("{TRACE}{TASK_TAG}:{task}, ");
    let line = books.lines().find_map(|line| line.strip_prefix(&own))?;
    let value = |name: &str| {
        let found = line
            .split(", ")
            .find_map(|part| part.strip_prefix(name)?.strip_prefix(':'));
        text::from_tag_value(found.unwrap_or_default())
    };
    Some(result(
        true,
        &value("booked-by"),
        &value(NUMBER_TAG),
        &value("supplier"),
    ))
}

fn result(already: bool, booked_by: &str, number: &str, supplier: &str) -> Value {
    json!({ "already": already, "deleted_task": booked_by, "document_no": number, "supplier": supplier })
}
