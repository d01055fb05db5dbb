//! The text of an XML document in the characters that it says it is in (XML 1.0, §2.2, §4.3.3 and appendix F): UTF-8,
//! UTF-16, US-ASCII, ISO-8859-1, ISO-8859-15 and windows-1252. Everything else is refused by its name.

use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::{borrow::Cow, fmt};

/// So far into a document its declaration is looked for.
const HEAD: usize = 256;

/// Why bytes are no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It names an encoding that is not read.
    Encoding(String),
    /// Its bytes are not of the encoding that it names, or that it must have when it names none.
    Broken(&'static str),
}

impl Unreadable {
    /// The encoding that is at fault.
    pub fn encoding(&self) -> &str {
        match self {
            Self::Encoding(name) => name,
            Self::Broken(name) => name,
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(name) => write!(
                f,
                "its characters are in {name}, which is not read; UTF-8, UTF-16, US-ASCII, ISO-8859-1, ISO-8859-15 and windows-1252 are"
            ),
            Self::Broken("UTF-8") => f.write_str(
                "its characters are not in UTF-8, and it does not say in what else they are (encoding=\"…\" in its first line)",
            ),
            Self::Broken(name) => write!(f, "it says that its characters are in {name}, but they are not"),
        }
    }
}

/// The text of a document, without the mark of its byte order.
pub fn of(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let (name, encoding, rest) = found(bytes)?;
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(rest)
        .ok_or(Unreadable::Broken(name))?;
    if name == "US-ASCII" && !text.is_ascii() {
        return Err(Unreadable::Broken(name));
    }
    // two bytes a character cannot be written in one, and the other way round
    match declared(&text) {
        Some(said)
            if encoding.output_encoding() != encoding
                && !is_utf16(said)
                && !said.eq_ignore_ascii_case("utf-8") =>
        {
            Err(Unreadable::Encoding(shortened(said)))
        }
        _ => Ok(text),
    }
}

/// Fails unless the encoding that a text names is one of those that are read: one that came as characters already, in
/// JSON, has been decoded by whoever sent it.
///
/// # Errors
/// [`Unreadable::Encoding`].
pub fn require_known(text: &str) -> Result<(), Unreadable> {
    match declared(text) {
        Some(said) if !is_utf16(said) && by_name(said).is_none() => {
            Err(Unreadable::Encoding(shortened(said)))
        }
        _ => Ok(()),
    }
}

/// Whether bytes are meant to be XML, in whatever encoding.
pub fn is_xml(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let plain: Vec<u8> = match head {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, b'<', ..] | [b'<', 0, ..] => head
            .iter()
            .copied()
            .filter(|b| !matches!(b, 0 | 0xFE | 0xFF))
            .collect(),
        _ => head.to_vec(),
    };
    plain.trim_ascii_start().starts_with(b"<")
}

fn found(bytes: &[u8]) -> Result<(&'static str, &'static Encoding, &[u8]), Unreadable> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            Err(Unreadable::Encoding("UTF-32".into()))
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok(("UTF-8", UTF_8, rest)),
        [0xFF, 0xFE, rest @ ..] => Ok(("UTF-16", UTF_16LE, rest)),
        [0xFE, 0xFF, rest @ ..] => Ok(("UTF-16", UTF_16BE, rest)),
        [b'<', 0, ..] => Ok(("UTF-16", UTF_16LE, bytes)),
        [0, b'<', ..] => Ok(("UTF-16", UTF_16BE, bytes)),
        // the first of `<?xml` as IBM's machines write it
        [0x4C, 0x6F, 0xA7, 0x94, ..] => Err(Unreadable::Encoding("EBCDIC".into())),
        _ => {
            let head: String = bytes.iter().take(HEAD).map(|b| char::from(*b)).collect();
            let Some(said) = declared(&head) else {
                return Ok(("UTF-8", UTF_8, bytes));
            };
            if is_utf16(said) {
                return Err(Unreadable::Broken("UTF-16"));
            }
            let (name, encoding) = by_name(said).ok_or_else(|| Unreadable::Encoding(shortened(said)))?;
            Ok((name, encoding, bytes))
        }
    }
}

/// An encoding of one byte a character, or UTF-8, by what it is called. ISO-8859-1 is read as windows-1252, as everybody
/// does: what the two have apart are characters that no invoice uses.
fn by_name(said: &str) -> Option<(&'static str, &'static Encoding)> {
    let known: [(&str, &[&str], &Encoding); 5] = [
        ("UTF-8", &["utf-8", "utf8"], UTF_8),
        ("US-ASCII", &["us-ascii", "ascii", "iso646-us"], UTF_8),
        (
            "ISO-8859-1",
            &["iso-8859-1", "iso8859-1", "latin1", "iso_8859-1"],
            WINDOWS_1252,
        ),
        (
            "ISO-8859-15",
            &["iso-8859-15", "iso8859-15", "latin-9", "iso_8859-15"],
            ISO_8859_15,
        ),
        ("windows-1252", &["windows-1252", "cp1252"], WINDOWS_1252),
    ];
    let called = said.to_ascii_lowercase();
    let (name, _, encoding) = known
        .into_iter()
        .find(|(_, names, _)| names.contains(&called.as_str()))?;
    Some((name, encoding))
}

fn is_utf16(said: &str) -> bool {
    ["utf-16", "utf-16le", "utf-16be", "utf16"]
        .iter()
        .any(|n| said.eq_ignore_ascii_case(n))
}

/// The encoding that the first line names.
fn declared(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let head = text.strip_prefix("<?xml")?;
    let line = head.split_once("?>")?.0;
    let (_, after) = line.split_once("encoding")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|q| matches!(q, '"' | '\''))?;
    let (name, _) = after[1..].split_once(quote)?;
    Some(name.trim())
}

fn shortened(name: &str) -> String {
    name.chars()
        .filter(|c| !domain::text::is_control(*c))
        .take(40)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(encoding: &str) -> String {
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<a>Å €</a>")
    }

    fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let marked = format!("{}{text}", if mark { "\u{feff}" } else { "" });
        let units = marked.encode_utf16();
        units
            .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
            .collect()
    }

    fn reads(bytes: &[u8], text: &str) {
        assert_eq!(of(bytes).as_deref(), Ok(text));
        assert!(is_xml(bytes));
    }

    #[test]
    fn what_is_declared_is_read() {
        let plain = "<a>Å €</a>";
        reads(plain.as_bytes(), plain);
        reads(&[b"\xEF\xBB\xBF", plain.as_bytes()].concat(), plain);
        for name in ["UTF-8", "utf-8"] {
            reads(xml(name).as_bytes(), &xml(name));
        }
        for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            reads(&utf16(&xml("UTF-16"), big, mark), &xml("UTF-16"));
        }
        let (euro_1252, euro_15) = (0x80u8, 0xA4u8);
        for (name, euro) in [("windows-1252", euro_1252), ("ISO-8859-15", euro_15)] {
            let text = xml(name);
            let bytes: Vec<u8> = text
                .chars()
                .map(|c| match c {
                    '€' => euro,
                    'Å' => 0xC5,
                    c => c as u8,
                })
                .collect();
            reads(&bytes, &text);
        }
        let latin = xml("iso-8859-1").replace('€', "ø");
        let bytes: Vec<u8> = latin.chars().map(|c| c as u8).collect();
        reads(&bytes, &latin);
        let ascii = xml("US-ASCII").replace("Å €", "A");
        reads(ascii.as_bytes(), &ascii);
    }

    #[test]
    fn anything_else_is_refused_by_its_name() {
        for name in ["Shift_JIS", "KOI8-R", "UTF-32", "IBM037", "ISO-8859-2"] {
            assert_eq!(
                of(xml(name).replace("Å €", "A").as_bytes()),
                Err(Unreadable::Encoding(name.into()))
            );
            assert_eq!(require_known(&xml(name)), Err(Unreadable::Encoding(name.into())));
        }
        assert_eq!(
            of(b"\xFF\xFE\0\0<\0\0\0"),
            Err(Unreadable::Encoding("UTF-32".into()))
        );
        assert_eq!(
            of(b"\x4C\x6F\xA7\x94"),
            Err(Unreadable::Encoding("EBCDIC".into()))
        );
        // a lie
        assert_eq!(of(b"<a>\xC5</a>"), Err(Unreadable::Broken("UTF-8")));
        assert_eq!(
            of(xml("US-ASCII").as_bytes()),
            Err(Unreadable::Broken("US-ASCII"))
        );
        assert_eq!(of(xml("UTF-16").as_bytes()), Err(Unreadable::Broken("UTF-16")));
        assert_eq!(
            of(&utf16(&xml("ISO-8859-1"), false, true)),
            Err(Unreadable::Encoding("ISO-8859-1".into()))
        );
        assert_eq!(of(b"\xFF\xFE<\0a"), Err(Unreadable::Broken("UTF-16")));
        for known in ["UTF-8", "utf-16", "us-ascii", "ISO-8859-1", "Windows-1252"] {
            assert_eq!(require_known(&xml(known)), Ok(()));
        }
        assert_eq!(require_known("<a/>"), Ok(()));
        assert!(!is_xml(b"%PDF-1.7") && !is_xml(b"") && !is_xml(b"\x89PNG"));
    }
}
