//! Codes of a second factor: RFC 6238 with what every app knows (SHA-1, six digits, thirty seconds), and the base32 of
//! RFC 4648 in which a person types the secret.

use ring::hmac;

/// Bytes of a secret: what RFC 4226 recommends.
pub const SECRET: usize = 20;
/// Milliseconds of one step.
pub const STEP_MS: i64 = 30_000;
/// Steps that a clock may be off, either way.
const OFF: i64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of an instant, milliseconds since 1970 UTC.
pub fn step(now: i64) -> i64 {
    now.div_euclid(STEP_MS)
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let bits = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]);
    (bits & 0x7FFF_FFFF) % 1_000_000
}

/// The step whose code this is, of those that may be meant at `now`; none that is not after `last` is.
pub fn find(secret: &[u8], typed: u32, now: i64, last: i64) -> Option<i64> {
    let here = step(now);
    // all are looked at, however early one fits
    let fits = |s: &i64| (code(secret, *s) == typed) & (*s > last);
    let found: Vec<i64> = (here - OFF..=here + OFF).filter(fits).collect();
    found.first().copied()
}

/// What was typed as a code: six digits, however they are spaced.
pub fn read(typed: &str) -> Option<u32> {
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let whole = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
    whole.then(|| digits.parse().ok())?
}

/// Base32 without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    for chunk in bytes.chunks(5) {
        let n = chunk.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)) << (8 * (5 - chunk.len()));
        for i in 0..(chunk.len() * 8).div_ceil(5) {
            out.push(char::from(ALPHABET[(n >> (35 - 5 * i) & 31) as usize]));
        }
    }
    out
}

/// In groups of four, as people read it aloud.
pub fn grouped(text: &str, between: &str) -> String {
    let groups: Vec<&str> = text
        .as_bytes()
        .chunks(4)
        .map(|g| std::str::from_utf8(g).unwrap_or_default())
        .collect();
    groups.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(secret, step(seconds * 1000)), expected, "at {seconds}");
        }
        assert_eq!(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    /// RFC 4648, section 10, without padding.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (plain, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), expected, "{plain:?}");
        }
        assert_eq!(grouped("ABCDEFGHIJ", " "), "ABCD EFGH IJ");
    }

    #[test]
    fn one_step_either_way_and_never_twice() {
        let (secret, now) = (b"12345678901234567890", 1_000_000 * STEP_MS);
        let of = |ahead: i64| code(secret, 1_000_000 + ahead);
        for ahead in -1..=1 {
            assert_eq!(find(secret, of(ahead), now, 0), Some(1_000_000 + ahead));
        }
        for ahead in [-2, 2, -2880] {
            assert_eq!(find(secret, of(ahead), now, 0), None, "{ahead} steps off");
        }
        assert_eq!(find(secret, of(0), now, 1_000_000), None, "used already");
        assert_eq!(find(secret, of(-1), now, 1_000_000), None, "before the last used");
        assert_eq!(find(secret, of(1), now, 1_000_000), Some(1_000_001));
    }

    #[test]
    fn a_code_is_six_digits_however_spaced() {
        for typed in ["012345", " 012 345 ", "012-345"] {
            assert_eq!(read(typed), Some(12_345), "{typed:?}");
        }
        for typed in [
            "",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "１２３４５６",
            "-12345",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }
}
