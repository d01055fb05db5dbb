//! Texts from outside, made safe for a journal file.

use super::Failure;

const NAME_LENGTH: usize = 80;

/// A name as it may stand in a description or as one segment of an account name: one
/// line, single spaces, none of the characters that end a description, start a comment,
/// form a tag or separate accounts. Empty when nothing is left.
pub(super) fn name(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|letter| if unsafe_in_name(letter) { ' ' } else { letter })
        .collect();
    let cut: String = single_spaced(&safe).chars().take(NAME_LENGTH).collect();
    cut.trim_end().to_owned()
}

/// One line with single spaces and without characters that cannot be seen.
pub(super) fn one_line(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|letter| if unseen(letter) { ' ' } else { letter })
        .collect();
    single_spaced(&safe)
}

/// A text as the value of a tag. Reversible, so that two different document numbers never
/// become the same: whatever could end the value is written as `%` and two hexadecimal digits.
pub(super) fn tag_value(text: &str) -> String {
    let mut value = String::new();
    for letter in one_line(text).chars() {
        if matches!(
            letter,
            ',' | ';' | ':' | '|' | '%' | '(' | ')' | '[' | ']' | '=' | '"'
        ) {
            value.push_str(&format!("%{:02X}", u32::from(letter)));
        } else {
            value.push(letter);
        }
    }
    value
}

/// The text that [`tag_value`] was made of.
pub(super) fn from_tag_value(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let decoded = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(u8::is_ascii);
        match decoded {
            Some(byte) => {
                text.push(char::from(byte));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                text.push('%');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// A regular expression that finds at least `value`. Finds too much rather than too
/// little: the caller compares exactly.
pub(super) fn pattern(value: &str) -> String {
    value
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '.'
            }
        })
        .collect()
}

/// The task id, when it is safe as the value of a tag.
pub(super) fn task_id(task: &str) -> Result<&str, Failure> {
    if is_code(task, 64) {
        return Ok(task);
    }
    Err(Failure::document(
        "task_id",
        "The task id is not 1 to 64 characters of A-Z, a-z, 0-9, _ and -.",
    ))
}

/// Whether a text is 1 to `longest` characters of `A-Z a-z 0-9 _ -`.
pub(super) fn is_code(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unsafe_in_name(letter: char) -> bool {
    unseen(letter)
        || matches!(
            letter,
            ';' | '|' | ':' | ',' | '(' | ')' | '[' | ']' | '{' | '}' | '=' | '"' | '#'
        )
}

/// Control characters, and marks that reorder or hide what is read.
fn unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_line_or_its_account() {
        assert_eq!(
            name("  Evil\n2026-01-01 x\r\n  a:b  1 EUR ; t:v | n\u{2028}z\u{202e} "),
            "Evil 2026-01-01 x a b 1 EUR t v n z"
        );
        assert_eq!(name(" ;:| \t"), "");
        assert_eq!(name(&"é".repeat(200)).chars().count(), 80);
    }

    #[test]
    fn a_tag_value_can_be_read_back() {
        for text in ["F-2026/001", "a,b;c:d|e%f(g)", "100%", "Ünï 1", "%zz", "50%é"] {
            let value = tag_value(text);
            assert!(!value.contains([',', ';', ':', '|', '\n']), "{value}");
            assert_eq!(from_tag_value(&value), text);
        }
        assert_eq!(tag_value("a\nb"), "a b");
        assert_eq!(from_tag_value("%é 1%"), "%é 1%");
    }
}
