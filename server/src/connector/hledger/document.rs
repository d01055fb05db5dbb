//! A purchase document: invoice or credit note.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::vat::VatGroup;

/// A purchase document as it was read; not yet verified.
#[derive(Debug)]
pub(super) struct Document {
    pub credit_note: bool,
    pub number: String,
    pub issue_date: NaiveDate,
    pub currency: String,
    pub supplier: Supplier,
    pub lines: Vec<Line>,
    /// Allowances and charges of the whole document.
    pub adjustments: Vec<(Adjustment, VatGroup)>,
    pub tax_total: Decimal,
    pub subtotals: Vec<Subtotal>,
    pub totals: Totals,
}

#[derive(Debug)]
pub(super) struct Supplier {
    pub name: String,
    /// VAT number, letters and digits only.
    pub vat_number: Option<String>,
}

#[derive(Debug)]
pub(super) struct Line {
    pub id: String,
    pub net: Decimal,
    pub quantity: Decimal,
    pub price: Decimal,
    /// Number of units the price is for.
    pub price_quantity: Decimal,
    pub adjustments: Vec<Adjustment>,
    pub group: VatGroup,
}

#[derive(Debug)]
pub(super) struct Adjustment {
    pub charge: bool,
    pub amount: Decimal,
}

#[derive(Debug)]
pub(super) struct Subtotal {
    pub group: VatGroup,
    pub taxable: Decimal,
    pub tax: Decimal,
}

/// The figures of `LegalMonetaryTotal`; those that are optional are zero when absent.
#[derive(Debug)]
pub(super) struct Totals {
    pub lines: Decimal,
    pub tax_exclusive: Decimal,
    pub tax_inclusive: Decimal,
    pub allowances: Decimal,
    pub charges: Decimal,
    pub prepaid: Decimal,
    pub rounding: Decimal,
    pub payable: Decimal,
}
