//! A schedule that was checked, and when it runs next.

use super::{
    HolidayAction,
    zone::{DAY, SET_BACK, Zone},
};
use crate::calendar::{DaysOff, date, from_monday};
use chrono::{Datelike, NaiveDate};
use std::sync::Arc;

/// How far ahead a run is looked for: 50 years. A schedule that has none by then has none.
pub(super) const HORIZON: i64 = 50 * 366;
/// The last day that is looked at, 31 December 9998: what RFC 3339 can still write.
pub(super) const LAST_DAY: i64 = 2_932_531;
/// The clock times of a day, in seconds since midnight.
#[derive(Clone, Debug)]
pub(super) enum Times {
    /// In order, without doubles.
    At(Vec<i64>),
    /// A grid; `to` is past 24 hours when the window ends on the next day.
    Every { step: i64, from: i64, to: i64 },
}

/// A schedule that makes sense, ready to reckon with: made by [`Schedule::timetable`](super::Schedule::timetable).
///
/// A next run costs a few table look-ups, however far the last one lies back; days without a run in between cost
/// some nanoseconds each.
#[derive(Clone, Debug)]
pub struct Timetable {
    pub(super) zone: Arc<Zone>,
    pub(super) times: Times,
    /// A bit for each weekday, Monday first.
    pub(super) weekdays: u8,
    /// Bits 1 to 31 for the days of a month from its start, 33 to 63 for those from its end.
    pub(super) month_days: Option<u64>,
    /// First and last day, in days since 1970.
    pub(super) starts: i64,
    pub(super) ends: i64,
    /// Each so many weeks.
    pub(super) weeks: i64,
    /// What is off, and what becomes of runs then; nothing when they run.
    pub(super) holidays: Option<(Arc<DaysOff>, HolidayAction)>,
    /// Postponed: the first day, and the second before the first instant.
    pub(super) postponed: (i64, i64),
}

/// The Monday of a day's week, in weeks. 1 January 1970 was a Thursday.
fn week(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

impl Timetable {
    /// The zone whose clock it follows.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The first run after an instant; both in milliseconds since 1970 UTC. `None` when there is none within 50
    /// years of the later of the instant and `starts_on`.
    pub fn next(&self, after: i64) -> Option<i64> {
        let after = after
            .div_euclid(1000)
            .clamp(-DAY, (LAST_DAY + 2) * DAY)
            .max(self.postponed.1);
        let local = self.zone.local(after);
        // what the wall clock has passed is over, unless it is set back into a window
        let over = match &self.times {
            Times::At(times) => times.last().copied().unwrap_or(0),
            Times::Every { to, .. } => to + SET_BACK,
        };
        let begin = (local - over).div_euclid(DAY) + 1;
        let begin = begin.max(self.starts).max(self.postponed.0);
        let mut end = self.ends.min(begin + HORIZON).min(LAST_DAY);
        let mut found: Option<i64> = None;
        let mut day = begin;
        while day <= end {
            if self.runs_on(day)
                && let Some(at) = self.first_after(day, after, local)
            {
                found = Some(found.map_or(at, |f| f.min(at)));
                // on a night that is set back the next day's window can open before this one is over
                end = end.min(day + i64::from(over > DAY));
            }
            day += 1;
        }
        found.map(|at| at * 1000)
    }

    /// The runs after an instant (milliseconds since 1970 UTC), one after the other.
    pub fn after(&self, after: i64) -> Occurrences<'_> {
        Occurrences {
            timetable: self,
            after: Some(after),
        }
    }

    /// Whether runs are planned for a day, holidays aside.
    pub(super) fn plans(&self, day: i64) -> bool {
        self.weekdays & (1 << from_monday(day)) != 0
            && (self.starts..=self.ends).contains(&day)
            && (self.weeks == 1 || (week(day) - week(self.starts)).rem_euclid(self.weeks) == 0)
            && self
                .month_days
                .is_none_or(|wanted| wanted & month_bits(date(day)) != 0)
    }

    /// Whether runs start on a day, be it that they are planned for it or that a holiday moved them there.
    fn runs_on(&self, day: i64) -> bool {
        let Some((calendar, action)) = &self.holidays else {
            return self.plans(day);
        };
        let stays = || self.plans(day) && !calendar.holds(day);
        let moved = |step| calendar.is_working_day(day) && self.plans_in_gap(calendar, day, step);
        match action {
            HolidayAction::Run => self.plans(day),
            HolidayAction::Skip => stays(),
            HolidayAction::NextWorkingDay => stays() || moved(-1),
            HolidayAction::PreviousWorkingDay => stays() || moved(1),
        }
    }

    /// Whether runs are planned for a holiday among the free days that end at `day`.
    fn plans_in_gap(&self, calendar: &DaysOff, day: i64, step: i64) -> bool {
        // a calendar is a finite list, or a country's few days in a row: the gap ends
        let gap = (1..).map(|n| day + n * step);
        let mut gap =
            gap.take_while(|d| (self.starts..=self.ends).contains(d) && !calendar.is_working_day(*d));
        gap.any(|d| calendar.holds(d) && self.plans(d))
    }

    /// The first run of a day's times after a second, at which the wall clock shows `local`.
    fn first_after(&self, day: i64, after: i64, local: i64) -> Option<i64> {
        let midnight = day * DAY;
        match &self.times {
            Times::At(times) => {
                // where the clock has been, it ran; in the second pass of an hour also what is ahead may be over
                let i = times.partition_point(|t| midnight + t <= local);
                let mut ahead = times[i..].iter().map(|t| self.zone.first(midnight + t));
                ahead.find(|at| *at > after)
            }
            Times::Every { step, from, to } => {
                let first = self.zone.first(midnight + from);
                if first > after {
                    return Some(first);
                }
                if from == to {
                    return None;
                }
                let next = first + ((after - first) / step + 1) * step;
                (next <= self.zone.last(midnight + to)).then_some(next)
            }
        }
    }
}

/// The bits of [`Timetable::month_days`] that a date fits.
fn month_bits(date: NaiveDate) -> u64 {
    let from_end = u32::from(date.num_days_in_month()) - date.day();
    1 << date.day() | 1 << (33 + from_end)
}

/// The runs of a [`Timetable`] after an instant, in milliseconds since 1970 UTC.
#[derive(Clone, Debug)]
pub struct Occurrences<'a> {
    timetable: &'a Timetable,
    after: Option<i64>,
}

impl Iterator for Occurrences<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.after = self.timetable.next(self.after?);
        self.after
    }
}
