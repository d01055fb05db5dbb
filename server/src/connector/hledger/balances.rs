//! Reads the state of the books.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::dossier::{Dossier, MAIN_FILE};
use super::transaction::{Amount, parsed};
use super::{Failure, Work};

/// Full name, shown name, indent and amounts of one account.
type Row = (String, String, u32, Vec<Amount>);

/// `synchronise_dossier`: the balance of every account that is not zero.
///
/// Result: `{"balances": [{"account", "amount", "commodity"}], "transactions"}`, in the
/// order of the accounts; amounts are exact decimals in text.
pub(super) fn synchronise(dossier: &Dossier, _work: &Work) -> Result<Value, Failure> {
    let answer = dossier.ask(&["balance", "-f", MAIN_FILE, "--flat", "-O", "json"])?;
    let (rows, _totals): (Vec<Row>, Vec<Amount>) = parsed(&answer)?;
    let mut balances = Vec::new();
    for (account, _, _, amounts) in &rows {
        for amount in amounts {
            balances.push((account, &amount.commodity, in_cents(amount.quantity()?)));
        }
    }
    balances.sort();
    let balances: Vec<Value> = balances
        .into_iter()
        .map(|(account, commodity, amount)| json!({ "account": account, "amount": amount.to_string(), "commodity": commodity }))
        .collect();
    Ok(json!({ "balances": balances, "transactions": count(dossier)? }))
}

/// The amount with at least two decimals, and never rounded.
pub(super) fn in_cents(amount: Decimal) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount
}

/// The number of transactions: hledger prints one line for the code of each, also when empty.
fn count(dossier: &Dossier) -> Result<usize, Failure> {
    let codes = dossier.ask(&["codes", "-f", MAIN_FILE, "--empty"])?;
    Ok(codes.lines().count())
}
