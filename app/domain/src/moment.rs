//! An instant as a person in the office reads it.

use crate::language::Language;
use chrono::{DateTime, Datelike, Timelike};
use serde::{Deserialize, Serialize};

/// An instant with the office's offset from UTC at that instant, so that the browser needs no zone database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Minutes east of UTC in the office's zone at `at`.
    pub offset: i16,
}

impl Moment {
    /// Office-local calendar and clock.
    fn local(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_millis(self.at + i64::from(self.offset) * 60_000).unwrap_or_default()
    }

    /// `16:04`.
    pub fn clock(self) -> String {
        let t = self.local();
        format!("{:02}:{:02}", t.hour(), t.minute())
    }

    /// `Wed 18 Nov 2026, 16:04`.
    pub fn full(self, language: Language) -> String {
        let t = self.local();
        let day = language.weekday_short(t.weekday().num_days_from_monday());
        let month = language.month_short(t.month0());
        format!(
            "{day} {} {month} {}, {:02}:{:02}",
            t.day(),
            t.year(),
            t.hour(),
            t.minute()
        )
    }

    /// `Wed 18 Nov 2026`.
    pub fn date(self, language: Language) -> String {
        let full = self.full(language);
        full.split(',').next().unwrap_or_default().to_owned()
    }

    /// Both are of one day.
    pub fn is_on_day_of(self, now: i64) -> bool {
        self.day() == Self { at: now, ..self }.day()
    }

    /// The office's day, counted from 1970-01-01.
    fn day(self) -> i64 {
        (self.at + i64::from(self.offset) * 60_000).div_euclid(86_400_000)
    }

    /// As short as it can be said at `now`: `16:04` on the same day, `Wed 16:04` within six days, else `18 Nov`.
    pub fn near(self, now: i64, language: Language) -> String {
        let today = Self { at: now, ..self }.day();
        let t = self.local();
        match (self.day() - today).abs() {
            0 => self.clock(),
            1..=6 => {
                let day = language.weekday_short(t.weekday().num_days_from_monday());
                format!("{day} {}", self.clock())
            }
            _ => format!("{} {}", t.day(), language.month_short(t.month0())),
        }
    }

    /// RFC 3339 with the office's offset, for `<time datetime>`.
    pub fn rfc3339(self) -> String {
        let zone = chrono::FixedOffset::east_opt(i32::from(self.offset) * 60);
        let utc = DateTime::from_timestamp_millis(self.at).unwrap_or_default();
        zone.map_or_else(|| utc.to_rfc3339(), |z| utc.with_timezone(&z).to_rfc3339())
    }
}

/// RFC 3339 UTC with milliseconds, as the protocol writes instants.
pub fn rfc3339_utc(at: i64) -> String {
    DateTime::from_timestamp_millis(at)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A span of time in its largest fitting unit: `12 s`, `54 min`, `16 h`, `2 d`.
pub fn span(milliseconds: i64, language: Language) -> String {
    let s = milliseconds.max(0) / 1000;
    let day = if language == Language::Fr { "j" } else { "d" };
    let hour = if matches!(language, Language::Nl) {
        "u"
    } else if language == Language::Nb || language == Language::Da {
        "t"
    } else {
        "h"
    };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min", s / 60),
        3600..86_400 => format!("{} {hour}", s / 3600),
        _ => format!("{} {day}", s / 86_400),
    }
}

/// `Mon 4 Jan 2027`.
pub fn day_words(day: chrono::NaiveDate, language: Language) -> String {
    let weekday = language.weekday_short(day.weekday().num_days_from_monday());
    let month = language.month_short(day.month0());
    format!("{weekday} {} {month} {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_in_the_office_zone() {
        let m = Moment {
            at: 1_795_014_240_000,
            offset: 60,
        };
        assert_eq!(m.full(Language::En), "Wed 18 Nov 2026, 16:04");
        assert_eq!(m.clock(), "16:04");
        for (later, said) in [
            (0, "16:04"),
            (10, "Wed 16:04"),
            (5 * 24, "Wed 16:04"),
            (8 * 24, "18 Nov"),
        ] {
            assert_eq!(
                m.near(m.at + later * 3_600_000, Language::En),
                said,
                "{later} h later"
            );
        }
        assert_eq!(m.rfc3339(), "2026-11-18T16:04:00+01:00");
        assert_eq!(rfc3339_utc(m.at), "2026-11-18T15:04:00.000Z");
    }
}
