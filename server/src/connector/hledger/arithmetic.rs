//! Verifies that the figures of a document agree with each other.
//!
//! Sums are exact. As in the rules of EN 16931 and Peppol, the VAT of a group and its
//! taxable amount may differ by less than 1 from what the rate and the lines give, and a
//! line by 0.02 from price times quantity.

use rust_decimal::Decimal;

use super::Failure;
use super::document::{Adjustment, Document, Line};
use super::figures::{cents, differs, signed};
use super::groups::{Groups, verify_groups};
use super::number::{exact, sum};

const LINE_TOLERANCE: Decimal = Decimal::from_parts(2, 0, 0, false, 2); // 0.02

/// Verifies all figures.
///
/// # Errors
///
/// `document_invalid` with the figures `expected` and `found` in text, and `vat_code_wrong`
/// for VAT on a category without.
pub(super) fn verify(document: &Document) -> Result<Groups, Failure> {
    document
        .lines
        .iter()
        .try_for_each(|line| verify_line(line, document))?;
    verify_totals_before_tax(document)?;
    let groups = verify_groups(document)?;
    verify_totals_after_tax(document)?;
    Ok(groups)
}

fn verify_line(line: &Line, document: &Document) -> Result<(), Failure> {
    if line.price_quantity.is_zero() {
        return Err(Failure::document(
            "number_invalid",
            format!("The BaseQuantity of line {} is zero.", line.id),
        )
        .with("field", "BaseQuantity"));
    }
    let gross = exact(
        line.quantity
            .checked_mul(line.price)
            .and_then(|gross| gross.checked_div(line.price_quantity)),
    )?;
    let expected = cents(exact(gross.checked_add(adjusted(&line.adjustments)?))?);
    let difference = exact(expected.checked_sub(line.net))?;
    if difference.abs() <= LINE_TOLERANCE {
        return Ok(());
    }
    let what = format!("Line {} (quantity, price, allowances and charges)", line.id);
    Err(differs(
        "line_total",
        &what,
        expected,
        "LineExtensionAmount",
        line.net,
        document,
    )
    .with("line", line.id.as_str()))
}

fn verify_totals_before_tax(document: &Document) -> Result<(), Failure> {
    let totals = &document.totals;
    let of_kind = |charge: bool| {
        sum(document
            .adjustments
            .iter()
            .filter(|(of, _)| of.charge == charge)
            .map(|(of, _)| of.amount))
    };
    let lines = sum(document.lines.iter().map(|line| line.net))?;
    equal(
        "lines_sum",
        "The sum of the lines",
        lines,
        "LineExtensionAmount",
        totals.lines,
        document,
    )?;
    equal(
        "allowances_sum",
        "The sum of the allowances",
        of_kind(false)?,
        "AllowanceTotalAmount",
        totals.allowances,
        document,
    )?;
    equal(
        "charges_sum",
        "The sum of the charges",
        of_kind(true)?,
        "ChargeTotalAmount",
        totals.charges,
        document,
    )?;
    let net = sum([totals.lines, -totals.allowances, totals.charges])?;
    equal(
        "tax_exclusive",
        "Lines less allowances plus charges",
        net,
        "TaxExclusiveAmount",
        totals.tax_exclusive,
        document,
    )
}

fn verify_totals_after_tax(document: &Document) -> Result<(), Failure> {
    let totals = &document.totals;
    let tax = sum(document.subtotals.iter().map(|subtotal| subtotal.tax))?;
    equal(
        "tax_sum",
        "The sum of the VAT per category",
        tax,
        "TaxAmount",
        document.tax_total,
        document,
    )?;
    let gross = sum([totals.tax_exclusive, document.tax_total])?;
    equal(
        "tax_inclusive",
        "The total without VAT plus VAT",
        gross,
        "TaxInclusiveAmount",
        totals.tax_inclusive,
        document,
    )?;
    let payable = sum([totals.tax_inclusive, -totals.prepaid, totals.rounding])?;
    equal(
        "payable",
        "The total with VAT less prepaid plus rounding",
        payable,
        "PayableAmount",
        totals.payable,
        document,
    )
}

fn equal(
    reason: &str,
    what: &str,
    expected: Decimal,
    field: &str,
    found: Decimal,
    document: &Document,
) -> Result<(), Failure> {
    if expected == found {
        Ok(())
    } else {
        Err(differs(reason, what, expected, field, found, document))
    }
}

fn adjusted(adjustments: &[Adjustment]) -> Result<Decimal, Failure> {
    sum(adjustments.iter().map(signed))
}
