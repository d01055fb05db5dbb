//! VAT categories of EN 16931 (code list UNCL 5305) and where they are booked.
//!
//! * S, L, M and B carry VAT. Their VAT goes to `assets:vat:deductible:<category><rate>`,
//!   which must be an account of the dossier: L (Canary Islands), M (Ceuta and Melilla) and
//!   B (Italian split payment) have none unless the office opens one, because that tax is
//!   not deductible for most. An untaxed line of L or M (rate 0) needs no such account.
//! * Z, E, G and O carry no VAT.
//! * AE and K carry no VAT on the document either; the buyer declares it. The rate is
//!   the buyer's own and not on the document, so only the net amount is booked, on an
//!   account of its own (`expenses:purchases:AE`, `:K`): it is the base from which the VAT
//!   return computes the VAT due and deductible.

use rust_decimal::Decimal;

use super::xml::Element;
use super::{Failure, number, text};

/// A VAT category with its percentage; amounts are grouped by this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VatGroup {
    code: &'static str,
    /// Percentage; 0 for a category without VAT.
    pub rate: Decimal,
}

const CODES: [&str; 10] = ["S", "Z", "E", "O", "AE", "K", "G", "L", "M", "B"];

impl VatGroup {
    /// Reads a `TaxCategory` or `ClassifiedTaxCategory`.
    ///
    /// # Errors
    ///
    /// `vat_code_wrong` for an unknown category, a category with VAT at 0 percent and a
    /// category without VAT at another percentage.
    pub fn read(category: &Element) -> Result<Self, Failure> {
        let field = |name: &str| format!("{}/{name}", category.name);
        let found = category
            .basic("ID")?
            .ok_or_else(|| Failure::missing(&field("ID")))?;
        let Some(code) = CODES.into_iter().find(|code| *code == found.text) else {
            let found: String = text::one_line(&found.text).chars().take(20).collect();
            return Err(wrong(&found, format!("The VAT category {found:?} is unknown.")));
        };
        let percent = category
            .basic("Percent")?
            .map(|percent| number::decimal(&percent.text, &field("Percent")))
            .transpose()?;
        let rate = match percent {
            None if matches!(code, "S" | "L" | "M" | "B") => return Err(Failure::missing(&field("Percent"))),
            percent => percent.unwrap_or_default(),
        };
        let group = Self { code, rate };
        let possible = match code {
            "S" | "B" => rate > Decimal::ZERO && rate <= Decimal::ONE_HUNDRED,
            "L" | "M" => rate >= Decimal::ZERO && rate <= Decimal::ONE_HUNDRED,
            _ => rate.is_zero(),
        };
        if possible {
            Ok(group)
        } else {
            Err(group.wrong(format!("The VAT category {code} cannot have {rate} percent.")))
        }
    }

    /// The category with its rate where it has one: `S25`, `S5.5`, `AE`.
    pub fn label(&self) -> String {
        if self.rate.is_zero() {
            self.code.to_owned()
        } else {
            format!("{}{}", self.code, self.rate)
        }
    }

    /// The account for the net amounts of this group.
    pub fn expense_account(&self) -> String {
        format!("expenses:purchases:{}", self.label())
    }

    /// The account for the deductible VAT of this group, when it carries VAT.
    pub fn vat_account(&self) -> Option<String> {
        (!self.rate.is_zero()).then(|| format!("assets:vat:deductible:{}", self.label()))
    }

    /// A `vat_code_wrong` about this group.
    pub fn wrong(&self, detail: String) -> Failure {
        // the category alone would hide that it is the percentage that is wrong
        let label = if matches!(self.code, "S" | "B") {
            format!("{}{}", self.code, self.rate)
        } else {
            self.label()
        };
        wrong(&label, detail)
    }
}

fn wrong(code: &str, detail: String) -> Failure {
    Failure::new("vat_code_wrong", detail).with("vat_code", code)
}
