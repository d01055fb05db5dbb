//! Reads the mandatory fields of a UBL document.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::xml::Element;
use super::{Failure, number, text};

/// The text of a mandatory basic element.
pub(super) fn required<'a>(element: &'a Element, name: &'a str) -> Result<&'a str, Failure> {
    element
        .basic(name)?
        .map(|found| found.text.as_str())
        .ok_or_else(|| Failure::missing(name))
}

/// A mandatory amount, which must name its currency.
pub(super) fn amount(element: &Element, name: &str) -> Result<Decimal, Failure> {
    let found = element.basic(name)?.ok_or_else(|| Failure::missing(name))?;
    if found.currency.is_none() {
        return Err(Failure::missing(&format!("{name}/@currencyID")));
    }
    number::amount(&found.text, name)
}

/// A date of the form `YYYY-MM-DD`, as Peppol demands it, from `IssueDate`.
pub(super) fn date(text: &str) -> Result<NaiveDate, Failure> {
    let has_form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    let parsed = has_form.then(|| text.parse().ok()).flatten();
    parsed.ok_or_else(|| {
        let found: String = text::one_line(text).chars().take(40).collect();
        let detail = format!("{found:?} in IssueDate is not a date of the form YYYY-MM-DD.");
        Failure::document("date_invalid", detail)
            .with("field", "IssueDate")
            .with("found", found)
    })
}
