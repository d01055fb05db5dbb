//! When a job runs: days and clock times in a zone, or an anchored grid of minutes (J13, J24, C7).
//!
//! A [`Schedule`] is what people write and what is kept, as JSON. [`Schedule::timetable`] checks it and makes it
//! a [`Timetable`], which answers when the next run is:
//!
//! * The grid starts at `from`, and `to` is inclusive: 07:00, 120 minutes, 09:00 are two runs a day, however long
//!   they take. A window past midnight belongs to the day it starts on.
//! * A clock time that a spring night skips comes at the first instant after the gap; one that an autumn night
//!   has twice comes once, at its first pass. A grid counts elapsed time, through both passes, and so may leave
//!   the full hour on such a night. Two runs at one instant are one.
//! * `starts_on` and `ends_on` bound the day a run is planned for and the day a holiday moves it to.

mod check;
mod clock;
mod line;
mod summary;
mod timetable;
mod zone;

pub use clock::{Clock, Weekday};
pub use line::answer_line;
pub use summary::{DayWords, Summary, TimeWords};
pub use timetable::{Occurrences, Timetable};
pub use zone::{Shift, Zone};

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// When a job runs, as people write it. Read it with [`Schedule::from_json`]; what it says is only known to make
/// sense once [`Schedule::timetable`] took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// A zone of the IANA database: whose clock it follows.
    pub zone: String,
    /// Days of the week.
    pub days: Vec<Weekday>,
    /// Clock times; either these or `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<Clock>>,
    /// A grid of minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "day")]
    pub starts_on: Option<NaiveDate>,
    /// The last day, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "day")]
    pub ends_on: Option<NaiveDate>,
    /// Only each so many weeks, Monday to Sunday, counted from the week of `starts_on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_weeks: Option<u32>,
    /// Only on these days of the month, if they are among `days` too; −1 is the last day, −2 the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_days: Option<Vec<i32>>,
    /// What becomes of a run on a holiday; none: it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<Holidays>,
    /// Postponed until then; afterwards it runs as ever (J24).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<NotBefore>,
}

/// A grid of minutes in a window of the day (C7). All three are needed; a missing one is an error with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Every {
    /// Minutes from one run to the next, 1 to 1,440.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// The first run.
    #[serde(default)]
    pub from: Option<Clock>,
    /// The last instant a run may start; on the next day when it is earlier than `from`.
    #[serde(default)]
    pub to: Option<Clock>,
}

/// What becomes of runs on holidays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    /// A country's code or the name of a calendar of the office's own.
    pub calendar: String,
    /// What is done.
    pub action: HolidayAction,
}

/// What becomes of a run whose day is a holiday. A day of the weekend is no holiday by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayAction {
    /// It runs all the same.
    Run,
    /// It does not run.
    Skip,
    /// It runs on the next day that is neither a holiday nor in a weekend, at the same clock time.
    NextWorkingDay,
    /// It runs on the last such day before.
    PreviousWorkingDay,
}

/// Until when a schedule is postponed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBefore {
    /// The first day it runs again; a window past midnight belongs to the day it starts on.
    Day(NaiveDate),
    /// The first instant at which it may run again.
    Instant(DateTime<FixedOffset>),
}

impl Serialize for NotBefore {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(date) => date.serialize(serializer),
            Self::Instant(at) => at.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for NotBefore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = read_day(&text).map(Self::Day);
        let instant = || DateTime::parse_from_rfc3339(&text).ok().map(Self::Instant);
        day.or_else(instant).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is neither a day such as 2027-01-04 nor an instant such as 2027-01-04T07:00:00+01:00"
            ))
        })
    }
}

/// Ten characters, a day that exists: anything else would be read back differently than it was written.
fn read_day(text: &str) -> Option<NaiveDate> {
    text.parse()
        .ok()
        .filter(|date: &NaiveDate| date.to_string() == text)
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let wrong = || D::Error::custom(format!("{text:?} is not a day such as 2027-01-31"));
    read_day(&text).map(Some).ok_or_else(wrong)
}

impl Schedule {
    /// Reads the JSON form. Whether it makes sense says [`Schedule::timetable`].
    ///
    /// # Errors
    /// [`Refusal::Malformed`](crate::Refusal::Malformed) naming what is no schedule: an unknown or doubled
    /// field, a clock time or day that does not exist.
    pub fn from_json(text: &str) -> Result<Self, crate::Refusal> {
        serde_json::from_str(text).map_err(|e| crate::Refusal::Malformed(e.to_string()))
    }
}
