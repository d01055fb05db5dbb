//! Amounts in whole cents, and two figures that do not agree.

use super::{
    Failure,
    balances::in_cents,
    document::{Adjustment, Document},
};
use rust_decimal::{Decimal, RoundingStrategy};

pub(super) fn differs(
    reason: &str,
    what: &str,
    expected: Decimal,
    field: &str,
    found: Decimal,
    document: &Document,
) -> Failure {
    let (expected, found, currency) = (
        in_cents(expected).to_string(),
        in_cents(found).to_string(),
        &document.currency,
    );
    Failure::document(
        reason,
        format!("{what} is {expected} {currency}, but the document states {found} {currency} ({field})."),
    )
    .with("field", field)
    .with("expected", expected)
    .with("found", found)
}

pub(super) fn signed(adjustment: &Adjustment) -> Decimal {
    if adjustment.charge {
        adjustment.amount
    } else {
        -adjustment.amount
    }
}

pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
