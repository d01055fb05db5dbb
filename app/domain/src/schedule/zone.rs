//! A zone's clock: how far it stands from UTC, and when that changes.
//!
//! A [`Zone`] is a small table, so that the server, which has the IANA database, can hand a page the one zone it
//! shows: a browser that never calls [`Zone::named`] does not load the database, 0.9 MB of it.

use crate::moment::Moment;
use chrono::{DateTime, FixedOffset, Offset, SecondsFormat, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// No clock was set back further since 1970, in seconds.
pub(super) const SET_BACK: i64 = 7 * 3600;
/// No zone stands further from UTC than this, in seconds.
const FURTHEST: i64 = 26 * 3600;
/// The years whose changes are tabled: 1970 up to what the database foretells, 2100.
const TABLED: std::ops::Range<i64> = 0..130 * 365 * DAY + 32 * DAY;
/// Changes stand at least a week apart; `tests::every_zone_of_the_database` watches it.
const STEP: i64 = 7 * DAY;

/// A change of a zone's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// The first second of the new offset, since 1970 UTC.
    pub at: i64,
    /// Seconds east of UTC from then on.
    pub offset: i32,
}

/// A zone of the IANA database, 1970 to 2100. Outside of these years the nearest offset stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    name: String,
    /// Seconds east of UTC before the first change.
    first: i32,
    /// In order.
    shifts: Vec<Shift>,
}

impl Zone {
    /// The zone of a name such as `Europe/Oslo`; `None` when the database has none. Reckoned once a zone, then
    /// remembered.
    pub fn named(name: &str) -> Option<Arc<Self>> {
        static KNOWN: LazyLock<RwLock<HashMap<Tz, Arc<Zone>>>> = LazyLock::new(RwLock::default);
        let tz: Tz = name.parse().ok()?;
        if let Some(zone) = KNOWN.read().ok().and_then(|known| known.get(&tz).cloned()) {
            return Some(zone);
        }
        let zone = Arc::new(Self::table(tz));
        if let Ok(mut known) = KNOWN.write() {
            known.insert(tz, zone.clone());
        }
        Some(zone)
    }

    fn table(tz: Tz) -> Self {
        let offset = |at: i64| {
            let utc = DateTime::from_timestamp(at, 0).unwrap_or_default().naive_utc();
            tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()
        };
        let first = offset(TABLED.start);
        let (mut shifts, mut before) = (vec![], first);
        for week in TABLED.step_by(STEP as usize) {
            let (mut low, mut high) = (week, week + STEP);
            let after = offset(high);
            if after != before {
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    *(if offset(middle) == before {
                        &mut low
                    } else {
                        &mut high
                    }) = middle;
                }
                shifts.push(Shift {
                    at: high,
                    offset: after,
                });
                before = after;
            }
        }
        Self {
            name: tz.name().to_owned(),
            first,
            shifts,
        }
    }

    /// Its name in the IANA database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part of the table that instants from `from` to `to` need, in milliseconds since 1970 UTC: a few
    /// hundred bytes for a page.
    pub fn between(&self, from: i64, to: i64) -> Self {
        let margin = 2 * FURTHEST;
        let from = self.index(from.div_euclid(1000).saturating_sub(margin));
        let to = self.index(to.div_euclid(1000).saturating_add(margin)).max(from);
        Self {
            name: self.name.clone(),
            first: self.offset_of(from),
            shifts: self.shifts[from..to].to_vec(),
        }
    }

    /// The first change of the clock after an instant (milliseconds since 1970 UTC): the next night that is an
    /// hour short or long.
    pub fn shift_after(&self, after: i64) -> Option<Shift> {
        self.shifts.get(self.index(after.div_euclid(1000))).copied()
    }

    /// An instant (milliseconds since 1970 UTC) with the offset then in force.
    pub fn moment(&self, at: i64) -> Moment {
        Moment {
            at,
            offset: (self.offset(at.div_euclid(1000)) / 60) as i16,
        }
    }

    /// RFC 3339 with the offset then in force; `Z` in a zone that is UTC itself.
    pub fn rfc3339(&self, at: i64) -> String {
        let utc = DateTime::from_timestamp_millis(at).unwrap_or_default();
        let offset = FixedOffset::east_opt(self.offset(at.div_euclid(1000)));
        let is_utc = self.first == 0 && self.shifts.is_empty();
        let local = utc.with_timezone(&offset.unwrap_or_else(|| chrono::Utc.fix()));
        local.to_rfc3339_opts(SecondsFormat::AutoSi, is_utc)
    }

    /// How many changes lie at or before a second.
    fn index(&self, second: i64) -> usize {
        self.shifts.partition_point(|s| s.at <= second)
    }

    /// The offset after so many changes.
    fn offset_of(&self, index: usize) -> i32 {
        index.checked_sub(1).map_or(self.first, |i| self.shifts[i].offset)
    }

    fn offset(&self, second: i64) -> i32 {
        self.offset_of(self.index(second))
    }

    /// What the wall clock shows at a second: seconds since 1970 as if it were UTC.
    pub(super) fn local(&self, second: i64) -> i64 {
        second + i64::from(self.offset(second))
    }

    /// The first second at which the wall clock shows `local`; when it is skipped, the first after the gap.
    pub(super) fn first(&self, local: i64) -> i64 {
        let mut index = self.index(local - FURTHEST);
        loop {
            let second = local - i64::from(self.offset_of(index));
            match self.shifts.get(index) {
                Some(next) if second >= next.at => index += 1,
                // before the change that led here the clock had not come so far, after it it is past
                _ => return second.max(self.since(index)),
            }
        }
    }

    /// The last second at which the wall clock shows `local`; when it is skipped, the first after the gap.
    pub(super) fn last(&self, local: i64) -> i64 {
        let mut index = self.index(local + FURTHEST);
        loop {
            let second = local - i64::from(self.offset_of(index));
            if second >= self.since(index) {
                return self.shifts.get(index).map_or(second, |next| second.min(next.at));
            }
            index -= 1;
        }
    }

    /// The first second of the offset after so many changes.
    fn since(&self, index: usize) -> i64 {
        index.checked_sub(1).map_or(i64::MIN, |i| self.shifts[i].at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two changes within a week would be missed: asked of every other day until 2040, where history is irregular.
    #[test]
    fn every_zone_of_the_database() {
        for tz in chrono_tz::TZ_VARIANTS {
            let zone = Zone::named(tz.name()).unwrap();
            for at in (0..70 * 365 * DAY).step_by(2 * DAY as usize) {
                let utc = DateTime::from_timestamp(at, 0).unwrap().naive_utc();
                let offset = tz.offset_from_utc_datetime(&utc).fix().local_minus_utc();
                assert_eq!(zone.offset(at), offset, "{tz} {utc}");
            }
            for i in 0..zone.shifts.len() {
                let back = zone.offset_of(i) - zone.offset_of(i + 1);
                assert!(i64::from(back) <= SET_BACK, "{tz} {:?}", zone.shifts[i]);
            }
        }
        assert!(Zone::named("Europe/Olso").is_none() && Zone::named("").is_none());
    }

    #[test]
    fn a_clock_time_that_is_skipped_or_doubled() {
        let oslo = Zone::named("Europe/Oslo").unwrap();
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp();
        let local = |text: &str| at(&format!("{text}Z"));
        for (clock, first, last) in [
            ("2027-03-28T01:59:59", "2027-03-28T01:59:59+01:00", ""),
            ("2027-03-28T02:00:00", "2027-03-28T03:00:00+02:00", ""),
            ("2027-03-28T02:59:59", "2027-03-28T03:00:00+02:00", ""),
            ("2027-03-28T03:00:00", "2027-03-28T03:00:00+02:00", ""),
            ("2026-10-25T01:59:59", "2026-10-25T01:59:59+02:00", ""),
            (
                "2026-10-25T02:00:00",
                "2026-10-25T02:00:00+02:00",
                "2026-10-25T02:00:00+01:00",
            ),
            (
                "2026-10-25T02:59:59",
                "2026-10-25T02:59:59+02:00",
                "2026-10-25T02:59:59+01:00",
            ),
            ("2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00", ""),
        ] {
            let last = if last.is_empty() { first } else { last };
            assert_eq!(oslo.first(local(clock)), at(first), "{clock}");
            assert_eq!(oslo.last(local(clock)), at(last), "{clock}");
        }
    }

    #[test]
    fn a_part_of_the_table_says_the_same_within_it() {
        let oslo = Zone::named("Europe/Oslo").unwrap();
        let year_2027 = 1_798_761_600_000..1_830_297_600_000_i64;
        let part = oslo.between(year_2027.start, year_2027.end);
        assert_eq!(part.shifts.len(), 2);
        for at in year_2027.clone().step_by(3_600_000) {
            assert_eq!(part.moment(at), oslo.moment(at));
        }
        assert_eq!(part.shift_after(year_2027.start).unwrap().at, 1_806_195_600);
        assert_eq!(oslo.rfc3339(1_806_195_600_000), "2027-03-28T03:00:00+02:00");
        let wire = serde_json::to_string(&part).unwrap();
        assert_eq!(serde_json::from_str::<Zone>(&wire).unwrap(), part);
        assert!(wire.len() < 200, "{wire}");
        assert_eq!(oslo.between(i64::MIN, i64::MAX), *oslo);
    }
}
