//! Transactions as hledger itself reads them from the books.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::dossier::{Dossier, MAIN_FILE};
use super::{Failure, text};

pub(super) const TASK_TAG: &str = "nachtwacht-task";
pub(super) const NUMBER_TAG: &str = "document-no";
pub(super) const KIND_TAG: &str = "document-kind";
pub(super) const VAT_TAG: &str = "supplier-vat";
pub(super) const JOURNAL_TAG: &str = "journal";
pub(super) const FILE_TAG: &str = "document-file";
pub(super) const PAYMENT_TAG: &str = "pays";

type Tags = Vec<(String, String)>;

/// A transaction of the books.
#[derive(Debug, Deserialize)]
pub(super) struct Transaction {
    #[serde(rename = "tdate")]
    date: String,
    #[serde(rename = "tdescription")]
    pub description: String,
    #[serde(rename = "ttags")]
    tags: Tags,
    #[serde(rename = "tpostings")]
    pub postings: Vec<Posting>,
    #[serde(rename = "tsourcepos")]
    positions: Vec<Position>,
}

/// One posting of a transaction.
#[derive(Debug, Deserialize)]
pub(super) struct Posting {
    #[serde(rename = "paccount")]
    pub account: String,
    #[serde(rename = "pamount")]
    pub amounts: Vec<Amount>,
    #[serde(rename = "ptags")]
    tags: Tags,
}

/// An exact amount in one commodity.
#[derive(Debug, Deserialize)]
pub(super) struct Amount {
    #[serde(rename = "acommodity")]
    pub commodity: String,
    #[serde(rename = "aquantity")]
    quantity: Quantity,
}

#[derive(Debug, Deserialize)]
struct Quantity {
    #[serde(rename = "decimalMantissa")]
    mantissa: i128,
    #[serde(rename = "decimalPlaces")]
    places: u32,
}

/// Where a transaction begins in its file, from line 1.
#[derive(Debug, Deserialize)]
pub(super) struct Position {
    #[serde(rename = "sourceLine")]
    pub line: usize,
    #[serde(rename = "sourceName")]
    pub file: String,
}

impl Amount {
    /// The exact quantity; `database_error` beyond 28 digits.
    pub fn quantity(&self) -> Result<Decimal, Failure> {
        Decimal::try_from_i128_with_scale(self.quantity.mantissa, self.quantity.places)
            .map_err(|_| Failure::database("The books hold a figure of more than 28 digits."))
    }
}

impl Transaction {
    /// The value of a tag of the transaction itself, as it was before it was made safe.
    pub fn tag(&self, name: &str) -> Option<String> {
        self.tags
            .iter()
            .find(|(tag, _)| tag == name)
            .map(|(_, value)| text::from_tag_value(value))
    }

    /// Whether the transaction or one of its postings has the tag with this value.
    pub fn has_tag(&self, name: &str, value: &str) -> bool {
        let of_postings = self.postings.iter().flat_map(|posting| &posting.tags);
        self.tags
            .iter()
            .chain(of_postings)
            .any(|(tag, found)| tag == name && text::from_tag_value(found) == value)
    }

    pub fn date(&self) -> Result<NaiveDate, Failure> {
        self.date
            .parse()
            .map_err(|_| Failure::database(format!("hledger gave the date {:?}.", self.date)))
    }

    /// Where the transaction begins.
    pub fn position(&self) -> Option<&Position> {
        self.positions.first()
    }
}

/// The transactions in which one of the tags has this value, exactly.
pub(super) fn find(dossier: &Dossier, tag: &str, value: &str) -> Result<Vec<Transaction>, Failure> {
    find_in(dossier, MAIN_FILE, tag, value)
}

/// As [`find`], in another journal file of the dossier.
pub(super) fn find_in(
    dossier: &Dossier,
    file: &str,
    tag: &str,
    value: &str,
) -> Result<Vec<Transaction>, Failure> {
    let query = format!("tag:^{tag}$=^{}$", text::pattern(&text::tag_value(value)));
    let answer = dossier.ask(&["print", "-f", file, "-O", "json", &query])?;
    let mut found: Vec<Transaction> = parsed(&answer)?;
    found.retain(|transaction| transaction.has_tag(tag, value));
    Ok(found)
}

/// Reads an answer of hledger in JSON.
pub(super) fn parsed<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, Failure> {
    // hledger answers a search without any result with nothing at all in some versions
    let answer = if answer.trim().is_empty() { "[]" } else { answer };
    serde_json::from_str(answer)
        .map_err(|error| Failure::database(format!("The answer of hledger cannot be read: {error}.")))
}
