//! Documents beside tasks: how they are named, and how much there may be.

/// Most bytes of one.
pub const MOST_DOCUMENT: usize = 25 << 20;
/// Most bytes of all documents of an office.
pub const MOST_OF_OFFICE: i64 = 5 << 30;
/// Bytes that are read and written at once.
pub const PART: usize = 256 << 10;
/// A document of more bytes goes beside its task, not into the payload.
pub const MOST_INLINE: usize = 256 << 10;

const PREFIX: &str = "doc_";
/// Digits of the fingerprint that tell two documents apart that are called the same.
const SHORT: usize = 8;
const BETWEEN: &str = " · ";
/// Most characters of what a document is called.
const LONGEST: usize = 160;

/// How a document is named: by what is in it. Only its office knows it by that name.
pub fn id_of(sha256: &str) -> String {
    format!("{PREFIX}{sha256}")
}

/// The SHA-256, in hexadecimal, of the document that `id` names; `None` when it is no such name.
pub fn sha256_of(id: &str) -> Option<&str> {
    let hash = id.strip_prefix(PREFIX)?;
    (hash.len() == 64 && hash.bytes().all(is_digit)).then_some(hash)
}

/// The subject of a task about a document: what people call it, and what tells it from all others that are called so. A
/// file's name tells nothing: every telephone calls every picture `image.jpg`.
pub fn subject(called: &str, sha256: &str) -> String {
    let called: String = called
        .chars()
        .map(|c| if crate::text::is_control(c) { ' ' } else { c })
        .collect();
    let words: Vec<&str> = called.split_whitespace().collect();
    let called: String = words.join(" ").chars().take(LONGEST).collect();
    let short: String = sha256.chars().take(SHORT).collect();
    format!("{called}{BETWEEN}{short}")
}

/// What people call the document of a subject.
pub fn called(subject: &str) -> &str {
    match subject.rsplit_once(BETWEEN) {
        Some((called, short))
            if short.len() == SHORT && short.bytes().all(is_digit) && !called.is_empty() =>
        {
            called
        }
        _ => subject,
    }
}

fn is_digit(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_by_what_is_in_it() {
        let hash = "0123456789abcdef".repeat(4);
        assert_eq!(sha256_of(&id_of(&hash)), Some(hash.as_str()));
        for wrong in [
            "doc_",
            "doc_0123",
            "<Invoice/>",
            &id_of(&hash.to_uppercase()),
            &hash,
        ] {
            assert_eq!(sha256_of(wrong), None);
        }
    }

    #[test]
    fn two_documents_of_one_name_are_two_subjects_that_read_the_same() {
        let (a, b) = ("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4));
        assert_ne!(subject("image.jpg", &a), subject("image.jpg", &b));
        assert_eq!(called(&subject("image.jpg", &a)), "image.jpg");
        assert_eq!(called(&subject("a\u{202e}b\n c", &a)), "a b c");
        assert!(subject(&"x".repeat(500), &a).chars().count() <= 200);
        for plain in ["A · B", "image.jpg", "A · 0123456", " · 01234567", "A · 0123456G"] {
            assert_eq!(called(plain), plain);
        }
    }
}
