//! Words as they are said: lines of the languages that are here, their gaps filled.

use crate::{EITHER, GAP, HEAD, LANGUAGES};
use std::{fmt::Display, sync::OnceLock};

static LINES: [OnceLock<Vec<&'static str>>; 5] = [const { OnceLock::new() }; 5];

/// Keeps the file of a language, which is named by its place.
pub fn learn(language: usize, file: &'static str) {
    let lines = file.strip_prefix(HEAD).unwrap_or_default();
    LINES[language].get_or_init(|| lines.split('\n').collect());
}

/// Whether a language is here.
pub fn knows(language: usize) -> bool {
    LINES[language].get().is_some()
}

/// A line of a language; of another while that is not here.
pub fn line(at: usize, language: usize) -> &'static str {
    let lines = LINES[language]
        .get()
        .or_else(|| LINES.iter().find_map(OnceLock::get));
    lines.and_then(|lines| lines.get(at)).copied().unwrap_or_default()
}

/// A line with its gaps filled.
pub fn fill(at: usize, language: usize, values: &[&dyn Display]) -> String {
    let value = |place: &str| values[usize::from(place.as_bytes()[0] - b'a')].to_string();
    let line = line(at, language);
    let line = match line.strip_prefix(EITHER).and_then(|rest| rest.split_once(EITHER)) {
        Some((one, _)) if is_one(language, &value(one)) => &one[1..],
        // the place of the number stands before the first of the two
        Some((_, other)) => other,
        None => line,
    };
    let mut pieces = line.split(GAP);
    let mut said = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        said += &value(piece);
        said += &piece[1..];
    }
    said
}

/// Whether a language speaks of this many as it does of one.
fn is_one(language: usize, n: &str) -> bool {
    n == "1" || (n == "0" && LANGUAGES[language] == "fr")
}
