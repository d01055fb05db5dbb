//! A purchase document: invoice or credit note.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::vat::VatGroup;

/// A purchase document as it was read; not yet verified.
#[derive(Debug)]
pub(super) struct Document {
    pub credit_note: bool,
    /// An invoice of an advance: no expense, and its VAT comes with the final invoice.
    pub advance: bool,
    pub number: String,
    pub issue_date: NaiveDate,
    pub currency: String,
    pub supplier: Supplier,
    pub buyer: Party,
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
    /// By all its names and numbers.
    pub party: Party,
}

impl Document {
    /// As the books call its kind.
    pub fn kind(&self) -> &'static str {
        if self.credit_note {
            "credit_note"
        } else {
            "invoice"
        }
    }
}

/// Who is named in a document, by the names and numbers it gives.
#[derive(Debug, Clone)]
pub(super) struct Party {
    /// The registered name, the trading name; at least one.
    pub names: Vec<String>,
    /// Letters and digits only.
    pub vat_number: Option<String>,
    /// VAT number and company numbers, letters and digits only.
    pub numbers: Vec<String>,
}

impl Party {
    /// As people call it.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
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
