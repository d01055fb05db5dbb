//! Names of output files, made from a pattern such as `Purreforslag_{company}_{ledger}_{code}` (J23).

use crate::rule::Rule;
use std::collections::BTreeMap;

/// What can be filled in beside the job's own fields.
pub const GIVEN: [&str; 4] = ["company", "job", "date", "time"];

/// Longest file name.
const LONGEST: usize = 120;
const TOO_LONG: Rule = Rule::AtMostCharacters { most: LONGEST as i64 };

/// Checks a pattern: only `given` fields and those in `params`, and nothing that leaves its folder.
///
/// # Errors
/// The rule that it breaks.
pub fn check<'a>(pattern: &str, params: impl Iterator<Item = &'a str> + Clone) -> Result<(), Rule> {
    let mut literal = String::new();
    for part in parts(pattern)? {
        match part {
            Part::Text(text) => literal.push_str(text),
            Part::Field(name) if GIVEN.contains(&name) || params.clone().any(|p| p == name) => {
                literal.push('x');
            }
            Part::Field(name) => {
                return Err(Rule::UnknownField { name: name.into() });
            }
        }
    }
    check_file(&literal)
}

/// Fills a pattern in. A field without a value is left out; characters that a file name cannot hold become `-`.
pub fn fill(pattern: &str, values: &BTreeMap<&str, String>) -> String {
    let mut name = String::new();
    for part in parts(pattern).unwrap_or_default() {
        match part {
            Part::Text(text) => name.push_str(text),
            Part::Field(field) => {
                let value = values.get(field).map_or("", String::as_str);
                name.extend(value.chars().map(|c| if fits(c) { c } else { '-' }));
            }
        }
    }
    name.chars().take(LONGEST).collect()
}

/// Checks a server's folder: names with `/` between them, none of which leads up or elsewhere.
///
/// # Errors
/// The rule that it breaks.
pub fn check_path(path: &str) -> Result<(), Rule> {
    let inside = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(fits);
    if path.chars().count() > LONGEST {
        return Err(TOO_LONG);
    }
    if path.split('/').all(inside) {
        Ok(())
    } else {
        Err(Rule::PathLeadsOut)
    }
}

fn check_file(name: &str) -> Result<(), Rule> {
    match name {
        "" => Err(Rule::Empty),
        "." | ".." => Err(Rule::NoFileName),
        _ if name.chars().count() > LONGEST => Err(TOO_LONG),
        _ if name.chars().all(fits) => Ok(()),
        _ => Err(Rule::FileLeadsOut),
    }
}

fn fits(c: char) -> bool {
    !crate::text::is_control(c) && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Field(&'a str),
}

fn parts(pattern: &str) -> Result<Vec<Part<'_>>, Rule> {
    let (mut parts, mut rest) = (vec![], pattern);
    while let Some(open) = rest.find(['{', '}']) {
        if rest[open..].starts_with('}') {
            return Err(Rule::BraceNotOpened);
        }
        let close = rest[open..].find('}').ok_or(Rule::BraceNotClosed)? + open;
        parts.push(Part::Text(&rest[..open]));
        parts.push(Part::Field(&rest[open + 1..close]));
        rest = &rest[close + 1..];
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_known_fields_and_stay_in_their_folder() {
        let params = ["ledger", "code"];
        let check = |p: &str| super::check(p, params.iter().copied());
        for good in [
            "Rapport.txt",
            "Purreforslag_{company}_{ledger}_{code}",
            "{date}",
            "Årsoppgjør {company}",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "..",
            "../{company}",
            "a/b",
            "a\\b",
            "{colour}",
            "{company",
            "company}",
            "{}",
            "a:b",
            "a\nb",
        ] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        assert!(check(&"x".repeat(121)).is_err());
    }

    #[test]
    fn what_is_filled_in_cannot_leave_the_folder_either() {
        let values = BTreeMap::from([("company", "../75".to_owned()), ("code", "P1".to_owned())]);
        assert_eq!(
            fill("Purrenota_{company}_{ledger}_{code}", &values),
            "Purrenota_..-75__P1"
        );
    }

    #[test]
    fn folders() {
        for good in ["REGNSKAP", "Okonomi/Purringer"] {
            assert_eq!(check_path(good), Ok(()));
        }
        for bad in ["", "/etc", "..", "A/../B", "A//B", "M:\\x", "A/"] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
    }
}
