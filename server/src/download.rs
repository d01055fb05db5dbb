//! How a file that is to be kept, and not shown, is called (RFC 6266, RFC 8187): one function for all of them.

use axum::http::HeaderValue;
use std::fmt::Write;

/// `attachment` with a name: in ASCII for programs that know no more, and as it is for all others.
pub fn attached(name: &str) -> HeaderValue {
    let name: String = name.chars().filter(|c| !domain::text::is_control(*c)).collect();
    // a quote ends the name, and some take a percent sign for the beginning of a character
    let plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%');
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{fallback}\"");
    if fallback != name {
        value.push_str("; filename*=UTF-8''");
        for b in name.bytes() {
            if b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b) {
                value.push(char::from(b));
            } else {
                // to a string: it cannot fail
                let _ = write!(value, "%{b:02X}");
            }
        }
    }
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_they_are() {
        for (name, expected) in [
            (
                "tasks-gent-2026-11-20.csv",
                r#"attachment; filename="tasks-gent-2026-11-20.csv""#,
            ),
            (
                "Årsregnskap – Søn & Møller.pdf",
                "attachment; filename=\"_rsregnskap _ S_n & M_ller.pdf\"; \
                 filename*=UTF-8''%C3%85rsregnskap%20%E2%80%93%20S%C3%B8n%20&%20M%C3%B8ller.pdf",
            ),
            (
                "测试.pdf",
                "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%B5%8B%E8%AF%95.pdf",
            ),
            (
                "percent%41.pdf",
                "attachment; filename=\"percent_41.pdf\"; filename*=UTF-8''percent%2541.pdf",
            ),
            (
                "a\"; filename=b.exe",
                "attachment; filename=\"a_; filename=b.exe\"; filename*=UTF-8''a%22%3B%20filename%3Db.exe",
            ),
            ("x\r\nSet-Cookie: y", r#"attachment; filename="xSet-Cookie: y""#),
        ] {
            assert_eq!(attached(name).to_str().unwrap(), expected, "{name:?}");
        }
    }
}
