//! What whoever guesses tries first (ASVS 6.2.4, 6.2.11).

use std::{collections::HashSet, sync::LazyLock};

/// The most used passwords, sorted: the first three thousand of the list of zxcvbn (MIT, Dropbox), and of the others those
/// that are long enough here.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../../catalogue/passwords.txt").lines().collect());
/// Rows in which people type.
const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];
/// Fewer different characters are no password.
const FEWEST: usize = 5;
/// So many letters must stand beside what everybody knows of a person.
const OWN_LETTERS: usize = 6;

/// One of the most used, also with digits and signs around it, or twice; or a row of keys.
pub(super) fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let different: HashSet<char> = lower.chars().collect();
    if different.len() < FEWEST || COMMON.contains(lower.as_str()) {
        return true;
    }
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    is_word(core) || is_word(&plainly(core)) || is_row(&lower)
}

/// A word of the list, once or more often.
fn is_word(core: &str) -> bool {
    let once = |word: &str| word.len() >= 4 && COMMON.contains(word);
    let mut parts = (2..=4).filter(|n| core.len().is_multiple_of(*n));
    once(core)
        || parts.any(|n| match core.get(..core.len() / n) {
            Some(part) => part.repeat(n) == core && once(part),
            None => false,
        })
}

/// Signs that stand for letters, as letters.
fn plainly(text: &str) -> String {
    let plain = |c| match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        _ => c,
    };
    text.chars().map(plain).collect()
}

/// Nothing but keys that stand beside each other, forwards or backwards.
fn is_row(lower: &str) -> bool {
    let back: String = lower.chars().rev().collect();
    ROWS.iter().any(|row| row.contains(lower) || row.contains(&back))
}

/// Little stands in it but what is known of the person, and of this program.
pub(super) fn is_about(password: &str, about: &[&str]) -> bool {
    let lower = password.to_lowercase();
    let known = about.iter().flat_map(|text| words(text));
    let mut rest = lower.clone();
    let mut known: Vec<String> = known.chain(["nachtwacht".into()]).collect();
    known.sort_by_key(|w| std::cmp::Reverse(w.len()));
    for word in known {
        rest = rest.replace(&word, " ");
    }
    rest != lower && rest.chars().filter(|c| c.is_alphabetic()).count() < OWN_LETTERS
}

/// The words of a text that say something.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|w| w.chars().count() >= 3).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused() {
        for common in [
            "aaaaaaaaaa",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "azertyuiop",
            "abcdefghij",
            "1qaz2wsx3edc",
            "Password123",
            "P@ssw0rd2026!",
            "Welcome2026!",
            "passwordpassword",
            "Football!!!!",
            "manchester",
            "1212121212",
            "iloveyou123!",
        ] {
            assert!(is_common(common), "{common}");
        }
        for good in [
            "correct horse",
            "a long enough password",
            "une longue phrase",
            "thirty wet owls in a row",
            "Tr0ub4dor&3xyz",
            "kX9#mmPq2vLw",
        ] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn what_everybody_knows_of_a_person_is_no_secret() {
        let about = ["Emma Peeters", "emma.peeters@halden-vos.example", "Halden & Vos"];
        for known in [
            "emmapeeters",
            "Peeters2026!!",
            "haldenvos2026",
            "Nachtwacht2026",
            "emma@halden-vos",
            "halden-vos jan",
        ] {
            assert!(is_about(known, &about), "{known}");
        }
        for own in [
            "peeters likes wet owls",
            "dilemmas everywhere",
            "thirty wet owls",
            "93820473829384",
        ] {
            assert!(!is_about(own, &about), "{own}");
        }
        assert!(!is_about("thirty wet owls", &[]));
    }
}
