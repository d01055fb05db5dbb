//! Values that come from outside and are bound before anything reckons with them (M3). A day at the end of all days
//! overflows whatever adds to it, a text of a megabyte is a pattern that no database takes: what reads them refuses them
//! by name. Pages make them from what they have.
//!
//! [`Day`] and [`Words`] are for arguments of server functions; [`read_day`], [`read_words`] and the like for fields of
//! what they take.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::collections::BTreeMap;

/// The first and the last year that anybody plans or looks back to.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2200;
/// Longest text that is looked for, in characters.
pub const LONGEST: usize = 200;

/// A day from 1990 to 2200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day(NaiveDate);

impl Day {
    /// As the rest of the program has it.
    pub fn date(self) -> NaiveDate {
        self.0
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        // whoever reads it at the other end says whether it is one
        Self(date)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        read_day(d).map(Self)
    }
}

/// A text that something is looked for by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words(String);

impl Words {
    /// As the rest of the program has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(cut(text))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        read_words(d).map(Self)
    }
}

/// As much of a text as may be looked for.
pub fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

fn bound<E: Error>(day: NaiveDate) -> Result<NaiveDate, E> {
    if YEARS.contains(&day.year()) {
        Ok(day)
    } else {
        Err(E::custom(format!(
            "must be a day from {}-01-01 to {}-12-31",
            YEARS.start(),
            YEARS.end()
        )))
    }
}

/// A field that holds a day.
///
/// # Errors
/// For a day before 1990 or after 2200.
pub fn read_day<'de, D: Deserializer<'de>>(d: D) -> Result<NaiveDate, D::Error> {
    NaiveDate::deserialize(d).and_then(bound)
}

/// A field that may hold a day.
///
/// # Errors
/// As [`read_day`].
pub fn read_day_or_none<'de, D: Deserializer<'de>>(d: D) -> Result<Option<NaiveDate>, D::Error> {
    Option::deserialize(d)?.map(bound).transpose()
}

/// A field that holds days with their names.
///
/// # Errors
/// As [`read_day`].
pub fn read_days<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<NaiveDate, String>, D::Error> {
    let days = BTreeMap::<NaiveDate, String>::deserialize(d)?;
    days.keys()
        .try_for_each(|day| bound(*day).map(|_: NaiveDate| ()))?;
    Ok(days)
}

/// A field that holds a text that something is looked for by.
///
/// # Errors
/// For one of more than [`LONGEST`] characters.
pub fn read_words<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text = String::deserialize(d)?;
    if text.chars().nth(LONGEST).is_some() {
        return Err(D::Error::custom(format!(
            "must have at most {LONGEST} characters"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_words_are_bound_where_they_come_in() {
        let day =
            |text: &str| serde_json::from_str::<Day>(&format!("\"{text}\"")).map(|d| d.date().to_string());
        assert_eq!(day("2026-11-20").unwrap(), "2026-11-20");
        for text in [
            "1989-12-31",
            "2201-01-01",
            "+262142-12-31",
            "-262143-01-01",
            "0000-01-01",
            "9999-12-31",
        ] {
            assert!(day(text).is_err(), "{text}");
        }
        let words = |n: usize| serde_json::from_str::<Words>(&format!("\"{}\"", "é".repeat(n)));
        assert_eq!(words(LONGEST).unwrap().as_str().chars().count(), LONGEST);
        assert!(
            words(LONGEST + 1)
                .unwrap_err()
                .to_string()
                .contains("at most 200 characters")
        );
        assert_eq!(Words::from("é".repeat(500)).as_str().chars().count(), LONGEST);
    }
}
