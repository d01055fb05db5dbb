//! A template knows `{name}` and `{name, select, key {text} other {text}}`.

use std::collections::BTreeSet;

/// Longest other text, in characters.
pub(super) const LONGEST_TEXT: usize = 10_000;
/// So many selects may stand inside each other. A person reads no more, and each one costs the reader a call.
const DEEPEST: usize = 5;

/// A piece of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Value(&'a str),
    Select(&'a str, Vec<(&'a str, &'a str)>),
}

/// Whether it may be read at all: whatever reads a template calls itself for each select in it.
fn measure(text: &str) -> Result<(), String> {
    // a character takes four bytes at most
    if text.len() > 4 * LONGEST_TEXT {
        return Err(format!("it is longer than {LONGEST_TEXT} characters"));
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    // a select and its arm are a brace each, and a name in the innermost one more
    if deepest > 2 * DEEPEST + 1 {
        return Err(format!("more than {DEEPEST} selects stand inside each other"));
    }
    Ok(())
}

/// Splits a template into its parts; the error says what is wrong with it.
pub(super) fn parse(mut text: &str) -> Result<Vec<Part<'_>>, String> {
    measure(text)?;
    let mut parts = vec![];
    while let Some(open) = text.find('{') {
        if open > 0 {
            parts.push(Part::Text(&text[..open]));
        }
        let close = closing(&text[open..]).ok_or("a brace is not closed")? + open;
        parts.push(braced(&text[open + 1..close])?);
        text = &text[close + 1..];
    }
    if text.contains('}') {
        return Err("a brace is not opened".into());
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

fn braced(inner: &str) -> Result<Part<'_>, String> {
    let Some((name, rest)) = inner.split_once(',') else {
        return Ok(Part::Value(inner.trim()));
    };
    let mut rest = rest
        .trim()
        .strip_prefix("select,")
        .ok_or("only select is known")?
        .trim();
    let mut arms = vec![];
    while let Some(open) = rest.find('{') {
        let close = closing(&rest[open..]).ok_or("a brace is not closed")? + open;
        arms.push((rest[..open].trim(), &rest[open + 1..close]));
        rest = &rest[close + 1..];
    }
    if arms.iter().all(|(k, _)| *k != "other") {
        return Err("a select needs an arm other".into());
    }
    Ok(Part::Select(name.trim(), arms))
}

/// Where the brace that opens `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.char_indices().find_map(|(i, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(i)
    })
}

/// Adds the names that a template names.
pub(super) fn placeholders(text: &str, into: &mut BTreeSet<String>) -> Result<(), String> {
    for part in parse(text)? {
        match part {
            Part::Text(_) => {}
            Part::Value(name) => {
                into.insert(name.to_owned());
            }
            Part::Select(name, arms) => {
                into.insert(name.to_owned());
                for (_, arm) in arms {
                    placeholders(arm, into)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        "{n, select, a {".repeat(levels) + "{x}" + &"} other {}}".repeat(levels)
    }

    #[test]
    fn a_template_that_no_person_reads_is_not_read_by_the_desk() {
        let mut found = BTreeSet::new();
        assert_eq!(placeholders(&nested(DEEPEST), &mut found), Ok(()));
        assert_eq!(found.len(), 2);
        for text in [
            nested(DEEPEST + 1),
            nested(60_000),
            "{".repeat(1_000_000),
            "{n, select, other {}}".repeat(50_000),
        ] {
            assert!(placeholders(&text, &mut found).is_err());
        }
    }
}
