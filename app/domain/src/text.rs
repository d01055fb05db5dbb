//! Rules for text that comes from outside: length and control characters.

use crate::refusal::FieldError;

/// Adds a [`FieldError`] to `errors` unless `value` has 1 to `max` characters and no control characters.
pub fn check(errors: &mut Vec<FieldError>, field: &str, value: &str, max: usize) {
    let message = if value.trim().is_empty() {
        "must not be empty".to_owned()
    } else if value.chars().count() > max {
        format!("must have at most {max} characters")
    } else if value.chars().any(is_control) {
        "must not contain control characters".to_owned()
    } else {
        return;
    };
    errors.push(FieldError {
        field: field.to_owned(),
        message,
    });
}

/// Control characters, and the invisible ones that reorder what people read.
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// A dossier code: 1 to 32 letters, digits, `-`, `_` or `.`; it ends up in file names and URLs.
pub fn is_dossier_code(s: &str) -> bool {
    (1..=32).contains(&s.len())
        && s.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !s.starts_with('.')
}

/// `text` as a value in a URL's query.
pub fn for_url(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_survives_a_url() {
        assert_eq!(super::for_url("a_b&é ?"), "a_b%26%C3%A9%20%3F");
    }
}
