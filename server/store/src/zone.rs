//! Instants as an office's clocks show them.

use chrono::{DateTime, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use domain::Moment;

/// Tells instants in an office's zone.
#[derive(Debug, Clone, Copy)]
pub struct Zone(Tz);

impl Zone {
    /// The zone of an IANA name; UTC for one that nobody knows.
    pub fn of(name: &str) -> Self {
        Self(name.parse().unwrap_or(Tz::UTC))
    }

    /// An instant with the zone's offset at it.
    pub fn moment(self, at: i64) -> Moment {
        let offset = Utc.timestamp_millis_opt(at).single().map_or(0, |t| {
            self.0
                .offset_from_utc_datetime(&t.naive_utc())
                .fix()
                .local_minus_utc()
                / 60
        });
        Moment {
            at,
            offset: i16::try_from(offset).unwrap_or(0),
        }
    }

    /// The first instant at which the zone's clock shows so many minutes past a day's midnight, or the first after it
    /// when the clock skips them.
    pub fn instant(self, day: NaiveDate, minutes: i64) -> i64 {
        let wanted = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
        // no clock is put forward by more than a day
        let found = (0..=1440).find_map(|m| {
            let local = self.0.from_local_datetime(&(wanted + TimeDelta::minutes(m)));
            local.earliest()
        });
        found.map_or_else(|| wanted.and_utc().timestamp_millis(), |t| t.timestamp_millis())
    }

    /// The day of an instant by the zone's calendar.
    pub fn date(self, at: i64) -> NaiveDate {
        let local = DateTime::from_timestamp_millis(at + i64::from(self.moment(at).offset) * 60_000);
        local.unwrap_or_default().date_naive()
    }

    /// The day of an instant by the zone's calendar, counted from 1970-01-01.
    pub fn day(self, at: i64) -> i64 {
        let offset = i64::from(self.moment(at).offset);
        (at + offset * 60_000).div_euclid(86_400_000)
    }
}
