//! Reads the supplier and the buyer of a UBL document.

use super::document::{Party, Supplier};
use super::xml::Element;
use super::{Failure, text};

/// Reads for whom the document is.
pub(super) fn read_buyer(root: &Element) -> Result<Party, Failure> {
    read(root, "AccountingCustomerParty")
}

/// Reads who sends the document.
pub(super) fn read_supplier(root: &Element) -> Result<Supplier, Failure> {
    let party = read(root, "AccountingSupplierParty")?;
    Ok(Supplier {
        name: party.name().to_owned(),
        vat_number: party.vat_number.clone(),
        party,
    })
}

fn read(root: &Element, role: &str) -> Result<Party, Failure> {
    let found = root.part(role)?.and_then(|element| element.parts("Party").next());
    let party = found.ok_or_else(|| Failure::missing(role))?;
    let vat_number = vat_number(party)?;
    let company = party.parts("PartyLegalEntity").next();
    let company = company
        .map(|entity| entity.basic("CompanyID"))
        .transpose()?
        .flatten();
    let company = company
        .map(|number| tidy(&number.text))
        .filter(|number| !number.is_empty());
    Ok(Party {
        names: names(party, role)?,
        numbers: vat_number.iter().cloned().chain(company).collect(),
        vat_number,
    })
}

fn vat_number(party: &Element) -> Result<Option<String>, Failure> {
    let mut vat_number = None;
    for scheme in party.parts("PartyTaxScheme") {
        let is_vat = scheme
            .part("TaxScheme")?
            .map(|scheme| scheme.basic("ID"))
            .transpose()?
            .flatten()
            .is_some_and(|id| id.text == "VAT");
        if let (true, Some(number)) = (is_vat, scheme.basic("CompanyID")?) {
            vat_number = Some(tidy(&number.text));
        }
    }
    Ok(vat_number.filter(|number| !number.is_empty()))
}

/// A number by its letters and digits.
fn tidy(number: &str) -> String {
    let letters = number.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_uppercase()
}

/// The registered name of a party and its trading name, as far as it has them.
fn names(party: &Element, role: &str) -> Result<Vec<String>, Failure> {
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
    let mut names: Vec<String> = [legal, trading]
        .into_iter()
        .flatten()
        .map(|name| text::name(&name.text))
        .filter(|name| !name.is_empty())
        .collect();
    names.dedup();
    if names.is_empty() {
        return Err(Failure::missing(&format!("{role}/RegistrationName")));
    }
    Ok(names)
}
