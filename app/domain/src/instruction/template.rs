//! A template knows `{name}` and `{name, select, key {text} other {text}}`.

use std::collections::BTreeSet;

/// A piece of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Value(&'a str),
    Select(&'a str, Vec<(&'a str, &'a str)>),
}

/// Splits a template into its parts; the error says what is wrong with it.
pub(super) fn parse(mut text: &str) -> Result<Vec<Part<'_>>, String> {
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
