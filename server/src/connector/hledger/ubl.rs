//! Reads a UBL 2.1 invoice or credit note (Peppol BIS Billing 3).

use rust_decimal::Decimal;

use super::document::{Adjustment, Document, Line, Subtotal, Totals};
use super::field::{amount, date, required};
use super::party::{read_buyer, read_supplier};
use super::vat::VatGroup;
use super::xml::{self, Element, Space};
use super::{Failure, number, text};

/// The type codes a credit note can have; an invoice cannot have one of these.
const CREDIT_TYPES: [&str; 11] = [
    "81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532",
];
/// A prepayment invoice.
const ADVANCE: &str = "386";

/// Reads a document; `document_invalid` or `vat_code_wrong` says what is wrong with it.
pub(super) fn read(xml: &str) -> Result<Document, Failure> {
    let root = xml::parse(xml)?;
    let credit_note = match (root.space, root.name.as_str()) {
        (Space::Invoice, "Invoice") => false,
        (Space::CreditNote, "CreditNote") => true,
        _ => {
            let found: String = text::one_line(&root.name).chars().take(60).collect();
            let detail =
                format!("The root element {found:?} is neither a UBL 2 Invoice nor a UBL 2 CreditNote.");
            return Err(Failure::document("wrong_root", detail).with("found", found));
        }
    };
    let currency = currency_of(&root)?;
    let advance = read_type(&root, credit_note)? == ADVANCE;
    let buyer = read_buyer(&root)?;
    require_one_currency(&root, &currency)?;
    let (tax_total, subtotals) = read_tax(&root, &currency)?;
    Ok(Document {
        credit_note,
        advance,
        number: text::one_line(required(&root, "ID")?),
        issue_date: date(required(&root, "IssueDate")?)?,
        supplier: read_supplier(&root)?,
        buyer,
        lines: read_lines(&root, credit_note)?,
        adjustments: read_document_adjustments(&root)?,
        tax_total,
        subtotals,
        totals: read_totals(&root)?,
        currency,
    })
}

/// Number and supplier of a document that may be wrong in everything else.
pub(super) fn called(xml: &str) -> Option<String> {
    let root = xml::parse(xml).ok()?;
    if !matches!(root.space, Space::Invoice | Space::CreditNote) {
        return None;
    }
    let number = text::one_line(&root.basic("ID").ok()??.text);
    let supplier = read_supplier(&root).ok()?;
    Some(format!("{number} {}", supplier.name))
}

fn currency_of(root: &Element) -> Result<String, Failure> {
    let currency = required(root, "DocumentCurrencyCode")?;
    if currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(currency.to_owned());
    }
    let found: String = text::one_line(currency).chars().take(20).collect();
    Err(
        Failure::document("currency_unknown", format!("{found:?} is not a currency code."))
            .with("found", found),
    )
}

fn read_type(root: &Element, credit_note: bool) -> Result<&str, Failure> {
    let field = if credit_note {
        "CreditNoteTypeCode"
    } else {
        "InvoiceTypeCode"
    };
    let code = required(root, field)?;
    if CREDIT_TYPES.contains(&code) == credit_note {
        return Ok(code);
    }
    let found: String = text::one_line(code).chars().take(20).collect();
    let detail = format!(
        "The {} with the type code {found:?} cannot be booked as a purchase.",
        root.name
    );
    Err(Failure::document("document_type", detail)
        .with("field", field)
        .with("found", found))
}

/// All amounts are in the currency of the document, except one VAT total in the currency
/// of the tax authority, which is for information only.
fn require_one_currency(root: &Element, currency: &str) -> Result<(), Failure> {
    let tax_currency = root.basic("TaxCurrencyCode")?.map(|code| code.text.as_str());
    let mut waiting: Vec<&Element> = root
        .children
        .iter()
        .filter(|child| !is_foreign_tax(child, tax_currency, currency))
        .collect();
    while let Some(element) = waiting.pop() {
        if let Some(found) = element.currency.as_deref().filter(|found| *found != currency) {
            let found = text::one_line(found);
            let detail = format!(
                "{} is in {found:?}, but the document is in {currency}.",
                element.name
            );
            return Err(Failure::document("mixed_currencies", detail)
                .with("expected", currency)
                .with("found", found));
        }
        waiting.extend(&element.children);
    }
    Ok(())
}

fn is_foreign_tax(element: &Element, tax_currency: Option<&str>, currency: &str) -> bool {
    let is_total = element.space == Space::Aggregate && element.name == "TaxTotal";
    let amount = element.children.iter().find(|child| child.name == "TaxAmount");
    let found = amount.and_then(|amount| amount.currency.as_deref());
    is_total && found.is_some() && found == tax_currency && found != Some(currency)
}

fn read_tax(root: &Element, currency: &str) -> Result<(Decimal, Vec<Subtotal>), Failure> {
    let tax_currency = root.basic("TaxCurrencyCode")?.map(|code| code.text.as_str());
    let mut totals = root
        .parts("TaxTotal")
        .filter(|total| !is_foreign_tax(total, tax_currency, currency));
    let total = totals.next().ok_or_else(|| Failure::missing("TaxTotal"))?;
    if totals.next().is_some() {
        let detail = format!("The document has more than one VAT total in {currency}.");
        return Err(Failure::document("field_twice", detail).with("field", "TaxTotal"));
    }
    let subtotals: Vec<Subtotal> = total
        .parts("TaxSubtotal")
        .map(read_subtotal)
        .collect::<Result<_, _>>()?;
    if subtotals.is_empty() {
        return Err(Failure::missing("TaxSubtotal"));
    }
    Ok((amount(total, "TaxAmount")?, subtotals))
}

fn read_subtotal(subtotal: &Element) -> Result<Subtotal, Failure> {
    let category = subtotal
        .part("TaxCategory")?
        .ok_or_else(|| Failure::missing("TaxSubtotal/TaxCategory"))?;
    Ok(Subtotal {
        group: VatGroup::read(category)?,
        taxable: amount(subtotal, "TaxableAmount")?,
        tax: amount(subtotal, "TaxAmount")?,
    })
}

fn read_lines(root: &Element, credit_note: bool) -> Result<Vec<Line>, Failure> {
    let (name, quantity) = if credit_note {
        ("CreditNoteLine", "CreditedQuantity")
    } else {
        ("InvoiceLine", "InvoicedQuantity")
    };
    let lines: Vec<Line> = root
        .parts(name)
        .map(|line| read_line(line, quantity))
        .collect::<Result<_, _>>()?;
    if lines.is_empty() {
        Err(Failure::missing(name))
    } else {
        Ok(lines)
    }
}

fn read_line(line: &Element, quantity: &str) -> Result<Line, Failure> {
    let item = line.part("Item")?.ok_or_else(|| Failure::missing("Item"))?;
    let category = item
        .part("ClassifiedTaxCategory")?
        .ok_or_else(|| Failure::missing("ClassifiedTaxCategory"))?;
    let price = line.part("Price")?.ok_or_else(|| Failure::missing("Price"))?;
    Ok(Line {
        id: text::one_line(required(line, "ID")?).chars().take(40).collect(),
        net: amount(line, "LineExtensionAmount")?,
        quantity: number::decimal(required(line, quantity)?, quantity)?,
        // prices, unlike amounts, may have any number of decimals
        price: number::decimal(required(price, "PriceAmount")?, "PriceAmount")?,
        price_quantity: price.basic("BaseQuantity")?.map_or(Ok(Decimal::ONE), |base| {
            number::decimal(&base.text, "BaseQuantity")
        })?,
        adjustments: line
            .parts("AllowanceCharge")
            .map(read_adjustment)
            .collect::<Result<_, _>>()?,
        group: VatGroup::read(category)?,
    })
}

fn read_document_adjustments(root: &Element) -> Result<Vec<(Adjustment, VatGroup)>, Failure> {
    let read = |element: &Element| {
        let category = element
            .part("TaxCategory")?
            .ok_or_else(|| Failure::missing("AllowanceCharge/TaxCategory"))?;
        Ok((read_adjustment(element)?, VatGroup::read(category)?))
    };
    root.parts("AllowanceCharge").map(read).collect()
}

fn read_adjustment(element: &Element) -> Result<Adjustment, Failure> {
    let charge = match required(element, "ChargeIndicator")? {
        "true" | "1" => true,
        "false" | "0" => false,
        _ => return Err(Failure::missing("ChargeIndicator")),
    };
    Ok(Adjustment {
        charge,
        amount: amount(element, "Amount")?,
    })
}

fn read_totals(root: &Element) -> Result<Totals, Failure> {
    let totals = root
        .part("LegalMonetaryTotal")?
        .ok_or_else(|| Failure::missing("LegalMonetaryTotal"))?;
    let optional = |name: &str| {
        if totals.basic(name)?.is_some() {
            amount(totals, name)
        } else {
            Ok(Decimal::ZERO)
        }
    };
    Ok(Totals {
        lines: amount(totals, "LineExtensionAmount")?,
        tax_exclusive: amount(totals, "TaxExclusiveAmount")?,
        tax_inclusive: amount(totals, "TaxInclusiveAmount")?,
        allowances: optional("AllowanceTotalAmount")?,
        charges: optional("ChargeTotalAmount")?,
        prepaid: optional("PrepaidAmount")?,
        rounding: optional("PayableRoundingAmount")?,
        payable: amount(totals, "PayableAmount")?,
    })
}
