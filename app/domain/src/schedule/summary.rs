//! What a schedule says, sorted for sentences: the pages have the words in each language.

use super::{Clock, Holidays, NotBefore, Schedule, Weekday};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A schedule as a person would tell it. Parts that are usual are `None` or empty: nothing is said about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Which days.
    pub days: DayWords,
    /// Days of the month in order, those from the end (−1 is the last) after the others; empty: any.
    pub month_days: Vec<i32>,
    /// Which times.
    pub times: TimeWords,
    /// Each so many weeks; 1 is each week.
    pub weeks: u32,
    /// The first day.
    pub starts_on: Option<NaiveDate>,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
    /// What becomes of runs on holidays.
    pub holidays: Option<Holidays>,
    /// Postponed until then.
    pub not_before: Option<NotBefore>,
}

/// Days of the week in a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayWords {
    /// All seven.
    Daily,
    /// Three or more in a row, first and last: Monday to Friday.
    Range(Weekday, Weekday),
    /// These, in order from Monday.
    These(Vec<Weekday>),
}

/// Times in a word (J13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeWords {
    /// These clock times, in order.
    At(Vec<Clock>),
    /// A grid.
    Every {
        /// Minutes from run to run; say hours when 60 divides it.
        minutes: u32,
        /// The first run of a day.
        from: Clock,
        /// The last one on an ordinary day: on the grid, so it may be earlier than the end of the window.
        last: Clock,
        /// The window ends on the next day.
        past_midnight: bool,
        /// Runs on an ordinary day.
        runs: u32,
    },
}

impl Schedule {
    /// What it says. Of a schedule that breaks rules it says what there is; `None` when it has no times at all.
    pub fn summary(&self) -> Option<Summary> {
        let mut month_days = self.month_days.clone().unwrap_or_default();
        month_days.sort_unstable_by_key(|d| (*d < 0, d.unsigned_abs()));
        Some(Summary {
            days: day_words(&self.days),
            month_days,
            times: self.time_words()?,
            weeks: self.every_weeks.unwrap_or(1),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            holidays: self.holidays.clone(),
            not_before: self.not_before,
        })
    }

    fn time_words(&self) -> Option<TimeWords> {
        if let Some(at) = &self.at {
            let mut at = at.clone();
            at.sort_unstable();
            return Some(TimeWords::At(at));
        }
        let every = self.every?;
        let (minutes, from, to) = (every.minutes?.max(1), every.from?, every.to?);
        let past_midnight = to < from;
        let length = u32::from(to.minutes()) + 1440 * u32::from(past_midnight) - u32::from(from.minutes());
        Some(TimeWords::Every {
            minutes,
            from,
            last: from.plus(length / minutes * minutes),
            past_midnight,
            runs: length / minutes + 1,
        })
    }
}

fn day_words(days: &[Weekday]) -> DayWords {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    match days[..] {
        [_, _, _, _, _, _, _] => DayWords::Daily,
        [first, _, .., last] if days.len() > 2 && (last as usize - first as usize) + 1 == days.len() => {
            DayWords::Range(first, last)
        }
        _ => DayWords::These(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Summary {
        Schedule::from_json(json).unwrap().summary().unwrap()
    }

    fn clock(text: &str) -> Clock {
        Clock::read(text).unwrap()
    }

    #[test]
    fn days_in_a_word() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Wed};
        for (days, word) in [
            (r#""mon","tue","wed","thu","fri","sat","sun""#, DayWords::Daily),
            (r#""fri","mon","tue","wed","thu""#, DayWords::Range(Mon, Fri)),
            (r#""thu","fri","sat""#, DayWords::Range(Thu, Sat)),
            (r#""sun","sat""#, DayWords::These(vec![Sat, Sun])),
            (r#""fri","mon","wed""#, DayWords::These(vec![Mon, Wed, Fri])),
            (r#""wed""#, DayWords::These(vec![Wed])),
        ] {
            let json = format!(r#"{{"zone":"UTC","days":[{days}],"at":["07:00"]}}"#);
            assert_eq!(said(&json).days, word);
        }
    }

    #[test]
    fn a_grid_tells_its_real_last_run() {
        let json = r#"{"zone":"UTC","days":["mon"],"every":{"minutes":120,"from":"22:00","to":"05:30"}}"#;
        let grid = TimeWords::Every {
            minutes: 120,
            from: clock("22:00"),
            last: clock("04:00"),
            past_midnight: true,
            runs: 4,
        };
        assert_eq!(said(json).times, grid);
    }

    #[test]
    fn times_and_month_days_come_in_order() {
        let json = r#"{"zone":"UTC","days":["mon"],"at":["16:00","04:00"],"month_days":[-1,15,1,-2]}"#;
        assert_eq!(
            said(json).times,
            TimeWords::At(vec![clock("04:00"), clock("16:00")])
        );
        assert_eq!(said(json).month_days, [1, 15, -1, -2]);
        let none = Schedule::from_json(r#"{"zone":"UTC","days":[]}"#).unwrap();
        assert_eq!(none.summary(), None);
    }
}
