//! Rules for text that comes from outside: length and control characters.

use crate::{refusal::FieldError, rule::Rule};

/// Adds a [`FieldError`] to `errors` unless `value` has 1 to `max` characters and no control characters.
pub fn check(errors: &mut Vec<FieldError>, field: &str, value: &str, max: usize) {
    let rule = if is_blank(value) {
        Rule::Empty
    } else if value.chars().count() > max {
        Rule::AtMostCharacters { most: max as i64 }
    } else if value.chars().any(is_control) {
        Rule::ControlCharacters
    } else {
        return;
    };
    errors.push(FieldError::of(field, rule));
}

/// Control characters, and the invisible ones that reorder what people read.
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Characters that take no place: two names that look alike need not be.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E007F}')
}

/// Nothing of it can be seen: a name of joiners and fillers alone is none.
fn is_blank(value: &str) -> bool {
    let nothing = |c: char| {
        is_invisible(c)
            || matches!(
                c,
                '\u{034F}'
                    | '\u{115F}'
                    | '\u{1160}'
                    | '\u{17B4}'
                    | '\u{17B5}'
                    | '\u{200C}'
                    | '\u{200D}'
                    | '\u{2800}'
                    | '\u{3164}'
                    | '\u{FFA0}'
            )
    };
    value.chars().all(|c| c.is_whitespace() || nothing(c))
}

/// A dossier code: 1 to 32 letters, digits, `-`, `_` or `.`; it ends up in file names and URLs.
pub fn is_dossier_code(s: &str) -> bool {
    (1..=32).contains(&s.len())
        && s.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !s.starts_with('.')
}

/// An office's code: 1 to 32 lower-case letters, digits or hyphens, beginning with no hyphen; it stands in addresses.
pub fn is_office_code(s: &str) -> bool {
    (1..=32).contains(&s.len())
        && !s.starts_with('-')
        && s.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A code for an office of this name, as far as the name has letters that can stand in one.
pub fn office_code_of(name: &str) -> String {
    let mut code = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'à'..='å' => code.push('a'),
            'è'..='ë' => code.push('e'),
            'ì'..='ï' => code.push('i'),
            'ò'..='ö' | 'ø' => code.push('o'),
            'ù'..='ü' => code.push('u'),
            'ç' => code.push('c'),
            'æ' => code.push_str("ae"),
            c if c.is_ascii_alphanumeric() => code.push(c),
            '\'' | '’' | '.' => {}
            _ if !code.is_empty() && !code.ends_with('-') => code.push('-'),
            _ => {}
        }
    }
    code.truncate(32);
    code.trim_end_matches('-').to_owned()
}

/// Where a person wanted to go before they signed in, if that is a page of this desk: of an office, or the portal. Any
/// other address is none, so that no link leads through the desk to another place.
pub fn own_path(path: &str) -> Option<&str> {
    const LONGEST: usize = 2000;
    let page = path.split(['?', '#']).next().unwrap_or_default();
    let ours = page == "/portal" || page.starts_with("/o/") || page.starts_with("/portal/");
    // a browser takes a backslash for a slash, leaves out tabs, and reads two slashes as another host
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    // nor written by its number is a dot only a dot
    let still = !page.contains("//")
        && page.split('/').all(|part| part != "..")
        && !page.to_ascii_lowercase().contains("%2e");
    (ours && plain && still && path.len() <= LONGEST).then_some(path)
}

/// `page`, with where to go on from there; the page alone where that is no page of this desk.
pub fn on_to(page: &str, to: &str) -> String {
    match own_path(to) {
        Some(to) => format!("{page}?to={}", for_url(to)),
        None => page.to_owned(),
    }
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

/// The value of `name` in a URL's raw query, decoded once; empty when there is none.
pub fn in_query(query: &str, name: &str) -> String {
    let pairs = query.trim_start_matches('?').split('&');
    let value = pairs.filter_map(|p| p.split_once('=')).find(|(n, _)| *n == name);
    let Some((_, value)) = value else {
        return String::new();
    };
    let mut bytes = vec![];
    let mut rest = value.as_bytes().iter();
    while let Some(&b) = rest.next() {
        let hex = rest.as_slice().get(..2).and_then(|h| std::str::from_utf8(h).ok());
        match (b, hex.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest.nth(1);
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(b),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{check, is_office_code, office_code_of, own_path};

    #[test]
    fn a_name_that_nobody_sees_is_none() {
        for nothing in [
            "",
            " \t",
            "\u{200B}",
            "\u{200D}\u{200C}",
            " \u{3164}\u{2060}",
            "\u{2800}",
        ] {
            let mut errors = vec![];
            check(&mut errors, "name", nothing, 100);
            assert_eq!(errors[0].message, "must not be empty", "{nothing:?}");
        }
        // joiners within a name are part of how it is written
        let mut errors = vec![];
        check(&mut errors, "name", "می\u{200C}خواهم 👩\u{200D}💻", 100);
        assert!(errors.is_empty());
    }

    #[test]
    fn a_code_is_proposed_from_a_name() {
        for (name, code) in [
            ("Halden & Vos, Gent", "halden-vos-gent"),
            ("  Åse Nørgård’s Bokføring A/S ", "ase-norgards-bokforing-a-s"),
            ("事務所", ""),
            (
                "A very long name of an office that goes on",
                "a-very-long-name-of-an-office-th",
            ),
        ] {
            assert_eq!(office_code_of(name), code, "{name}");
            assert!(code.is_empty() || is_office_code(code));
        }
    }

    #[test]
    fn only_a_page_of_this_desk_is_gone_on_to() {
        for path in [
            "/o/gent/tasks?task=300&status=failed%2Caction_required",
            "/o/gent/dossiers/A.B?tab=tasks#top",
            "/portal",
            "/portal?x=//y",
        ] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in [
            "",
            "/",
            "//evil.example/o/gent",
            "/\\evil.example",
            "/o/gent\\..\\x",
            "\\\\evil.example",
            "https://evil.example/o/gent",
            "javascript:alert(1)",
            "o/gent/tasks",
            "/o/..//evil.example",
            "/o//evil.example",
            "/o/../../evil",
            "/\t/evil.example",
            "/o/gent/ta sks",
            "/o/gent/\u{e9}",
            "/o/gent\r\nlocation: x",
            "/api/desk/sign_out",
            "/portals",
            "/sign-in?to=%2Fo%2Fgent",
        ] {
            assert_eq!(own_path(path), None, "{path:?}");
        }
        assert_eq!(own_path(&format!("/o/{}", "a".repeat(2000))), None);
    }

    #[test]
    fn the_code_of_an_office_can_stand_in_an_address() {
        for code in ["gent", "halden-vos-2", "9"] {
            assert!(is_office_code(code), "{code}");
        }
        let long = "a".repeat(33);
        for code in ["", "Gent", "-gent", "gent/x", "é", "a b", "a_b", "..", &long] {
            assert!(!is_office_code(code), "{code}");
        }
    }

    #[test]
    fn a_text_survives_a_url() {
        assert_eq!(super::for_url("a_b&é ?"), "a_b%26%C3%A9%20%3F");
        for text in ["a_b&é ?", "/o/gent/tasks?q=a%26b+c", "100 %"] {
            let query = format!("?x=1&to={}&y", super::for_url(text));
            assert_eq!(super::in_query(&query, "to"), text);
        }
        for (query, value) in [
            ("", ""),
            ("to", ""),
            ("to=", ""),
            ("xto=1", ""),
            ("to=a%2", "a%2"),
            ("to=%zz%f0", "%zz\u{fffd}"),
        ] {
            assert_eq!(super::in_query(query, "to"), value, "{query}");
        }
    }
}
