//! The journal entry of a purchase document.
//!
//! ```text
//! expenses:purchases:<category><rate>     net amount, debit
//! assets:vat:deductible:<category><rate>  VAT, debit
//! expenses:rounding                       rounding of the amount payable, debit
//! assets:prepaid                          what was paid in advance, credit
//! liabilities:payable:<supplier>          amount payable, credit
//! ```
//!
//! An advance is on `assets:prepaid` whole, VAT included, until its final invoice takes it off.
//!
//! A credit note is the same with the opposite sign. A posting of zero is left out, except
//! the one to the supplier. Amounts stay in the currency of the document.

use rust_decimal::Decimal;

use super::balances::in_cents;
use super::document::Document;
use super::groups::Groups;
use super::text::tag_value;
use super::transaction::{FILE_TAG, JOURNAL_TAG, KIND_TAG, NUMBER_TAG, TASK_TAG, Transaction, VAT_TAG};
use super::{Failure, text};

pub(super) const PREPAID: &str = "assets:prepaid";
pub(super) const PAYABLE: &str = "liabilities:payable";

/// A posting of an entry: account and exact amount, debit positive.
pub(super) type Posting = (String, Decimal);

/// The postings of a verified document; they add up to zero.
pub(super) fn postings(document: &Document, groups: &Groups) -> Vec<Posting> {
    let totals = &document.totals;
    let mut postings: Vec<Posting> = Vec::new();
    let mut prepaid = -totals.prepaid;
    if document.advance {
        prepaid += totals.tax_inclusive;
    } else {
        for (group, (net, _)) in groups {
            postings.push((group.expense_account(), *net));
        }
        for (group, (_, tax)) in groups {
            postings.extend(group.vat_account().map(|account| (account, *tax)));
        }
    }
    postings.push(("expenses:rounding".to_owned(), totals.rounding));
    postings.push((PREPAID.to_owned(), prepaid));
    postings.retain(|(_, amount)| !amount.is_zero());
    postings.push((payable_account(document), Decimal::ZERO - totals.payable));
    if document.credit_note {
        postings.iter_mut().for_each(|(_, amount)| *amount = -*amount);
    }
    postings
}

fn payable_account(document: &Document) -> String {
    format!("{PAYABLE}:{}", document.supplier.name)
}

/// The text of an entry, with the directives for the accounts it is the first to use.
pub(super) fn text(
    document: &Document,
    postings: &[Posting],
    new_accounts: &[&str],
    task: &str,
    journal: &str,
    file: Option<&str>,
) -> String {
    let mut text = String::from("\n");
    for account in new_accounts {
        text.push_str(&format!("account {account}\n"));
    }
    let number = tag_value(&document.number);
    let kind = document.kind();
    text.push_str(&format!(
        "{} * ({number}) {}  ; {TASK_TAG}:{task}\n",
        document.issue_date, document.supplier.name
    ));
    text.push_str(&format!(
        "    ; {NUMBER_TAG}:{number}\n    ; {JOURNAL_TAG}:{journal}, {KIND_TAG}:{kind}\n"
    ));
    if let Some(vat_number) = &document.supplier.vat_number {
        text.push_str(&format!("    ; {VAT_TAG}:{vat_number}\n"));
    }
    if let Some(file) = file.map(text::one_line).filter(|file| !file.is_empty()) {
        let file: String = file.chars().take(120).collect();
        text.push_str(&format!("    ; {FILE_TAG}:{}\n", tag_value(&file)));
    }
    for (account, amount) in postings {
        text.push_str(&format!(
            "    {account:<50}  {:>16} {}\n",
            in_cents(*amount),
            document.currency
        ));
    }
    text
}

/// Fails unless hledger reads the entry back as it was meant: one transaction of the day
/// with these postings and nothing else. A directive in the books (an alias, an open
/// `comment` or `apply account`) could change it, and no text of a document ever may.
pub(super) fn verify(
    found: &[Transaction],
    document: &Document,
    postings: &[Posting],
) -> Result<(), Failure> {
    let changed = || Failure::database("A directive in the books changes what is booked.");
    let [transaction] = found else {
        return Err(changed());
    };
    if transaction.date()? != document.issue_date || transaction.description != document.supplier.name {
        return Err(changed());
    }
    if transaction.postings.len() != postings.len() {
        return Err(changed());
    }
    for (posting, (account, amount)) in transaction.postings.iter().zip(postings) {
        let [booked] = posting.amounts.as_slice() else {
            return Err(changed());
        };
        if posting.account != *account
            || booked.commodity != document.currency
            || booked.quantity()? != *amount
        {
            return Err(changed());
        }
    }
    Ok(())
}
