//! What a dossier starts with: chart of accounts, currencies and journals.

use super::text;

/// The journals of a new dossier, as in `journals.txt`.
pub(super) const JOURNALS: &str = "PURCH purchases\nSALES sales\nBANK bank\nMISC miscellaneous\n";

/// Currencies with two decimals that are declared at activation. The office adds another
/// one with a `commodity` directive.
const CURRENCIES: [&str; 16] = [
    "AUD", "BGN", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "NOK", "NZD", "PLN", "RON", "SEK", "SGD",
    "USD",
];

/// Percentages of the category S (standard and reduced rates) with an account for
/// deductible VAT. The office adds another rate with an `account` directive.
const RATES: [&str; 14] = [
    "3", "5.5", "6", "7", "8", "9", "10", "12", "15", "17", "19", "20", "21", "25",
];

/// Categories without VAT on the document; for AE and K the buyer declares the VAT.
const UNTAXED: [&str; 6] = ["AE", "E", "G", "K", "O", "Z"];

const FIXED: [(&str, &str); 17] = [
    ("assets", "  ; type:A"),
    ("assets:bank", "  ; type:C"),
    ("assets:prepaid", ""),
    ("assets:receivable", ""),
    ("assets:vat", ""),
    ("assets:vat:deductible", ""),
    ("liabilities", "  ; type:L"),
    ("liabilities:payable", ""),
    ("liabilities:vat", ""),
    ("liabilities:vat:due", ""),
    ("equity", "  ; type:E"),
    ("equity:opening", ""),
    ("income", "  ; type:R"),
    ("income:sales", ""),
    ("expenses", "  ; type:X"),
    ("expenses:purchases", ""),
    ("expenses:rounding", ""),
];

/// The books of a new dossier: directives only, no transactions.
pub(super) fn journal(dossier_code: &str, dossier_name: &str) -> String {
    let mut chart = format!(
        "; books of dossier {dossier_code} {}\n\ndecimal-mark .\n\n",
        text::name(dossier_name)
    );
    for currency in CURRENCIES {
        chart.push_str(&format!("commodity 1000.00 {currency}\n"));
    }
    chart.push('\n');
    for (account, kind) in FIXED {
        chart.push_str(&format!("account {account}{kind}\n"));
    }
    for rate in RATES {
        chart.push_str(&format!(
            "account assets:vat:deductible:S{rate}\naccount expenses:purchases:S{rate}\n"
        ));
    }
    for category in UNTAXED {
        chart.push_str(&format!("account expenses:purchases:{category}\n"));
    }
    chart
}
