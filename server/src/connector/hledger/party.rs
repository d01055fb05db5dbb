//! Reads the supplier and the buyer of a UBL document.

use super::document::Supplier;
use super::xml::Element;
use super::{Failure, text};

/// Fails unless the document names its buyer.
pub(super) fn require_buyer(root: &Element) -> Result<(), Failure> {
    let buyer = root
        .part("AccountingCustomerParty")?
        .and_then(|customer| customer.parts("Party").next());
    party_name(
        buyer.ok_or_else(|| Failure::missing("AccountingCustomerParty"))?,
        "AccountingCustomerParty",
    )?;
    Ok(())
}

/// Reads who sends the document.
pub(super) fn read_supplier(root: &Element) -> Result<Supplier, Failure> {
    let supplier = root
        .part("AccountingSupplierParty")?
        .and_then(|supplier| supplier.parts("Party").next());
    let party = supplier.ok_or_else(|| Failure::missing("AccountingSupplierParty"))?;
    let mut vat_number = None;
    for scheme in party.parts("PartyTaxScheme") {
        let is_vat = scheme
            .part("TaxScheme")?
            .map(|scheme| scheme.basic("ID"))
            .transpose()?
            .flatten()
            .is_some_and(|id| id.text == "VAT");
        if let (true, Some(number)) = (is_vat, scheme.basic("CompanyID")?) {
            vat_number = Some(
                number
                    .text
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .collect::<String>()
                    .to_uppercase(),
            );
        }
    }
    let name = party_name(party, "AccountingSupplierParty")?;
    Ok(Supplier {
        name,
        vat_number: vat_number.filter(|number| !number.is_empty()),
    })
}

/// The registered name of a party, or its trading name.
fn party_name(party: &Element, field: &str) -> Result<String, Failure> {
    let legal = party
        .parts("PartyLegalEntity")
        .next()
        .map(|entity| entity.basic("RegistrationName"))
        .transpose()?
        .flatten();
    let trading = party
        .parts("PartyName")
        .next()
        .map(|name| name.basic("Name"))
        .transpose()?
        .flatten();
    let names = [legal, trading]
        .into_iter()
        .flatten()
        .map(|name| text::name(&name.text));
    names
        .into_iter()
        .find(|name| !name.is_empty())
        .ok_or_else(|| Failure::missing(&format!("{field}/RegistrationName")))
}
