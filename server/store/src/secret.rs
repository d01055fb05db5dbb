//! Tokens and links: 256 random bits and a checksum, shown once, stored as SHA-256.

use sha2::{Digest, Sha256};

/// A connector's token starts with this.
pub const CONNECTOR: &str = "nwc_";
/// An integration's token starts with this.
pub const INTEGRATION: &str = "nwi_";
/// Sessions and links.
pub const SESSION: &str = "nws_";

/// What is stored of a secret.
pub type Hash = [u8; 32];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A new secret with `prefix`.
///
/// # Panics
/// When the system has no randomness to give, which no program can survive honestly.
pub fn new(prefix: &str) -> String {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the system's source of randomness answers");
    let body = encode(&bytes);
    format!("{prefix}{body}{}", checksum(prefix, &body))
}

/// The hash to look a secret up by; `None` when its checksum is wrong, so that a mistyped one costs no look-up.
pub fn hash(secret: &str) -> Option<Hash> {
    let (prefix, rest) = secret.split_at_checked(4)?;
    let (body, sum) = rest.split_at_checked(43)?;
    (checksum(prefix, body) == sum).then(|| digest(secret))
}

/// SHA-256 of `text`.
pub fn digest(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// What tells some bytes from all others, for a key.
pub fn fingerprint(bytes: &[u8]) -> String {
    encode(&Sha256::digest(bytes))
}

fn checksum(prefix: &str, body: &str) -> String {
    encode(&digest(&format!("{prefix}{body}"))[..3])
}

/// Base64url without padding; the last character carries the bits that are left.
fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 1);
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            out.push(char::from(ALPHABET[(n >> (18 - 6 * i) & 63) as usize]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_and_a_mistyped_one_is_not() {
        let s = new(CONNECTOR);
        assert_eq!(s.len(), 4 + 43 + 4);
        assert_eq!(hash(&s), Some(digest(&s)));
        assert_ne!(s, new(CONNECTOR));
        let typo = s.replacen(s.chars().nth(9).unwrap(), "!", 1);
        assert_eq!(hash(&typo), None);
        assert_eq!(hash(&s.replacen("nwc_", "nwi_", 1)), None);
        for short in ["", "nwc_", "ø", "nwc_ø"] {
            assert_eq!(hash(short), None);
        }
    }
}
