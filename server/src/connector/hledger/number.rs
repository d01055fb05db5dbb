//! Exact numbers of a document: reading, adding and showing them.

use rust_decimal::Decimal;

use super::Failure;

/// Amounts stay below this, so that no sum of them can ever lose a cent.
const AMOUNT_LIMIT: Decimal = Decimal::from_parts(0xA764_0000, 0x0DE0_B6B3, 0, false, 0); // 10^18

/// Reads a decimal number: optional sign, digits, optional point and digits; at most 28
/// digits and no exponent.
pub(super) fn decimal(text: &str, field: &str) -> Result<Decimal, Failure> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    let points = unsigned.bytes().filter(|byte| *byte == b'.').count();
    if digits == 0 || digits > 28 || points > 1 || digits + points != unsigned.len() {
        return Err(wrong_number(text, field));
    }
    // a point needs digits on both sides for the parser, not for the norm
    let padded = format!(
        "{}0{unsigned}{}",
        if text.starts_with('-') { "-" } else { "" },
        if unsigned.ends_with('.') { "0" } else { "" }
    );
    let number = Decimal::from_str_exact(&padded).map_err(|_| wrong_number(text, field))?;
    Ok(number.normalize())
}

/// Reads an amount of money: as [`decimal`], with at most two decimals (EN 16931) and
/// below 10^18.
pub(super) fn amount(text: &str, field: &str) -> Result<Decimal, Failure> {
    let amount = decimal(text, field)?;
    if amount.abs() >= AMOUNT_LIMIT {
        return Err(wrong_number(text, field));
    }
    if amount.scale() > 2 {
        let detail = format!("The amount {text} in {field} has more than two decimals.");
        return Err(Failure::document("amount_decimals", detail)
            .with("field", field)
            .with("found", text));
    }
    Ok(amount)
}

fn wrong_number(text: &str, field: &str) -> Failure {
    let found: String = super::text::one_line(text).chars().take(40).collect();
    let detail = format!(
        "{found:?} in {field} is not a decimal number of at most 28 digits without exponent, or an amount out of range."
    );
    Failure::document("number_invalid", detail)
        .with("field", field)
        .with("found", found)
}

/// The result of a checked calculation.
pub(super) fn exact(result: Option<Decimal>) -> Result<Decimal, Failure> {
    result.ok_or_else(|| {
        Failure::document(
            "number_invalid",
            "A figure of the document is too large to calculate with.",
        )
    })
}

/// The sum of some amounts.
pub(super) fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Failure> {
    amounts
        .into_iter()
        .try_fold(Decimal::ZERO, |total, amount| exact(total.checked_add(amount)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_refused() {
        for (text, number) in [
            ("1436.5", "1436.5"),
            ("-0.10", "-0.1"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("007", "7"),
        ] {
            assert_eq!(decimal(text, "f").expect(text).to_string(), number);
        }
        for text in [
            "",
            "1e3",
            "1E3",
            "NaN",
            "INF",
            "--1",
            "1,5",
            "1.2.3",
            ".",
            "1 000",
            "٣",
            "12345678901234567890123456789",
        ] {
            let failure = decimal(text, "f").expect_err(text);
            assert_eq!(
                (failure.code.as_str(), &failure.params["reason"]),
                ("document_invalid", &"number_invalid".into()),
                "{text}"
            );
        }
        assert!(decimal("1234567890123456789012345678", "f").is_ok());
        assert!(
            decimal("-0.1234567890123456789012345678", "f").is_err(),
            "29 digits"
        );
    }

    #[test]
    fn amounts_have_cents_at_most() {
        assert_eq!(amount("12.340", "f").expect("cents").to_string(), "12.34");
        assert_eq!(
            amount("1.005", "f").expect_err("mills").params["reason"],
            "amount_decimals"
        );
        assert_eq!(AMOUNT_LIMIT.to_string(), "1000000000000000000");
        assert!(amount("999999999999999999.99", "f").is_ok());
        assert!(amount("1000000000000000000", "f").is_err());
    }
}
