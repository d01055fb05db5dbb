//! Adds up a document per VAT group and verifies its VAT.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Failure;
use super::balances::in_cents;
use super::document::{Document, Subtotal};
use super::figures::{cents, differs, signed};
use super::number::exact;
use super::vat::VatGroup;

/// What a verified document comes to per VAT group: its net amount and its VAT.
///
/// The net amount is that of the lines, allowances and charges, so that the groups
/// together are exactly the total without VAT, also where a stated taxable amount was rounded.
pub(super) type Groups = BTreeMap<VatGroup, (Decimal, Decimal)>;

/// Adds up the groups and verifies the stated taxable amounts and VAT.
pub(super) fn verify_groups(document: &Document) -> Result<Groups, Failure> {
    let mut groups = Groups::new();
    let of_lines = document.lines.iter().map(|line| (&line.group, line.net));
    let of_document = document
        .adjustments
        .iter()
        .map(|(adjustment, group)| (group, signed(adjustment)));
    for (group, net) in of_lines.chain(of_document) {
        let entry = groups.entry(group.clone()).or_default();
        entry.0 = exact(entry.0.checked_add(net))?;
    }
    let mut taxable: BTreeMap<&VatGroup, Decimal> = BTreeMap::new();
    for Subtotal {
        group,
        taxable: amount,
        tax,
    } in &document.subtotals
    {
        let entry = groups.entry(group.clone()).or_default();
        entry.1 = exact(entry.1.checked_add(*tax))?;
        let stated = taxable.entry(group).or_default();
        *stated = exact(stated.checked_add(*amount))?;
    }
    for (group, (net, tax)) in &groups {
        let stated = taxable
            .get(group)
            .copied()
            .ok_or_else(|| Failure::missing(&format!("TaxSubtotal {}", group.label())))?;
        verify_group(group, *net, stated, *tax, document)?;
    }
    Ok(groups)
}

fn verify_group(
    group: &VatGroup,
    net: Decimal,
    taxable: Decimal,
    tax: Decimal,
    document: &Document,
) -> Result<(), Failure> {
    let label = group.label();
    if !near(net, taxable)? {
        let what = format!("The sum of the lines, allowances and charges with VAT category {label}");
        return Err(
            differs("taxable_amount", &what, net, "TaxableAmount", taxable, document).with("vat_code", label),
        );
    }
    if group.rate.is_zero() && !tax.is_zero() {
        let tax = in_cents(tax);
        return Err(group.wrong(format!(
            "The VAT category {label} carries no VAT, but the document has {tax} {} of it.",
            document.currency
        )));
    }
    let expected = cents(exact(
        taxable
            .checked_mul(group.rate)
            .and_then(|tax| tax.checked_div(Decimal::ONE_HUNDRED)),
    )?);
    if near(expected, tax)? {
        return Ok(());
    }
    let what = format!(
        "The VAT of category {label} on {} {}",
        in_cents(taxable),
        document.currency
    );
    Err(differs("tax_amount", &what, expected, "TaxAmount", tax, document).with("vat_code", label))
}

fn near(left: Decimal, right: Decimal) -> Result<bool, Failure> {
    Ok(exact(left.checked_sub(right))?.abs() < Decimal::ONE)
}
