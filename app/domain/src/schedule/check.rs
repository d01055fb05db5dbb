//! From what people write to what makes sense: each rule that a schedule can break, with its sentence.

use super::{
    Clock, Every, HolidayAction, NotBefore, Schedule,
    timetable::{HORIZON, LAST_DAY, Times, Timetable},
    zone::{DAY, Zone},
};
use crate::{
    FieldError, Refusal, Rule,
    calendar::{Calendars, DaysOff, number},
};
use std::sync::Arc;

/// More weeks than this between two runs are no rhythm.
const MOST_WEEKS: u32 = 52;

/// More than the minutes of a day cannot differ.
const MOST_LISTED: usize = 1440;

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, field: &str, rule: Rule) {
        self.0.push(FieldError::of(field, rule));
    }

    /// A list must name something, and nothing twice.
    fn list<T: Copy + Eq>(&mut self, field: &str, list: &[T], none: Rule, word: impl Fn(T) -> String) {
        if list.is_empty() {
            self.add(field, none);
        }
        if list.len() > MOST_LISTED {
            return self.add(
                field,
                Rule::ScheduleTooMany {
                    number: list.len() as i64,
                },
            );
        }
        for (i, item) in list.iter().enumerate() {
            if list[..i].contains(item) {
                let what = word(*item);
                self.add(&format!("{field}[{i}]"), Rule::ScheduleTwice { what });
            }
        }
    }
}

impl Schedule {
    /// Checks every rule and makes the schedule ready to reckon with. The zone is looked up in the IANA database;
    /// a page in the browser has its zone from the server and calls [`Schedule::timetable_in`] instead.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule: impossible days, times or bounds, an unknown zone, a calendar
    /// that is unknown or was removed, a schedule that never runs.
    pub fn timetable(&self, calendars: &Calendars) -> Result<Timetable, Refusal> {
        let zone = Zone::named(&self.zone).ok_or_else(|| self.zone_error());
        let checked = self.checked(calendars);
        match (zone, checked) {
            (Ok(zone), Ok(checked)) => checked.timetable(zone),
            (Err(e), Ok(_)) => Err(Refusal::Invalid(vec![e])),
            (zone, Err(errors)) => Err(Refusal::Invalid(zone.err().into_iter().chain(errors.0).collect())),
        }
    }

    /// The same with a zone that is at hand.
    ///
    /// # Errors
    /// As [`Schedule::timetable`]; also when the zone is not the schedule's.
    pub fn timetable_in(&self, zone: Arc<Zone>, calendars: &Calendars) -> Result<Timetable, Refusal> {
        if zone.name() != self.zone {
            return Err(Refusal::Invalid(vec![self.zone_error()]));
        }
        self.checked(calendars)
            .map_err(|e| Refusal::Invalid(e.0))?
            .timetable(zone)
    }

    fn zone_error(&self) -> FieldError {
        let zone = self.zone.clone();
        FieldError::of("zone", Rule::ScheduleZone { zone })
    }

    fn checked(&self, calendars: &Calendars) -> Result<Checked, Errors> {
        let mut errors = Errors::default();
        let e = &mut errors;
        e.list("days", &self.days, Rule::ScheduleNoWeekday, |d| d.key().into());
        let times = self.times(e);
        let (starts, ends) = self.span(e);
        let checked = Checked {
            times: times.unwrap_or(Times::At(vec![])),
            weekdays: self.days.iter().fold(0, |bits, d| bits | 1 << d.from_monday()),
            month_days: self.month_bits(e),
            starts,
            ends,
            weeks: self.weeks(e),
            holidays: self.off(calendars, e),
            not_before: self.not_before,
        };
        if errors.0.is_empty() {
            Ok(checked)
        } else {
            Err(errors)
        }
    }

    fn times(&self, e: &mut Errors) -> Option<Times> {
        match (&self.at, &self.every) {
            (Some(_), Some(_)) => e.add("at", Rule::ScheduleTimesAndGrid),
            (None, None) => e.add("at", Rule::ScheduleNoTimes),
            (Some(at), None) => {
                e.list("at", at, Rule::ScheduleNoTime, |t: Clock| t.to_string());
                let mut times: Vec<_> = at.iter().map(|t| seconds(*t)).collect();
                times.sort_unstable();
                return Some(Times::At(times));
            }
            (None, Some(every)) => return grid(every, e),
        }
        None
    }

    fn span(&self, e: &mut Errors) -> (i64, i64) {
        let mut bound = |field: &str, date, otherwise| {
            let day = Option::map_or(date, otherwise, number);
            if !(0..=LAST_DAY).contains(&day) {
                e.add(field, Rule::ScheduleOutOfReckoning);
            }
            day
        };
        let starts = bound("starts_on", self.starts_on, 0);
        let ends = bound("ends_on", self.ends_on, LAST_DAY);
        if ends < starts {
            e.add("ends_on", Rule::ScheduleEndsFirst);
        } else if let Some(NotBefore::Day(date)) = self.not_before
            && number(date) > ends
        {
            e.add("not_before", Rule::SchedulePostponedBeyond);
        }
        (starts, ends)
    }

    fn weeks(&self, e: &mut Errors) -> i64 {
        let weeks = self.every_weeks.unwrap_or(1);
        if !(1..=MOST_WEEKS).contains(&weeks) {
            e.add("every_weeks", number_of(MOST_WEEKS, weeks));
        } else if weeks > 1 && self.starts_on.is_none() {
            e.add("every_weeks", Rule::ScheduleWeeksWithoutStart);
        }
        weeks.into()
    }

    fn month_bits(&self, e: &mut Errors) -> Option<u64> {
        let days = self.month_days.as_ref()?;
        e.list("month_days", days, Rule::ScheduleNoMonthDay, |d| d.to_string());
        let mut bits = 0;
        for (i, day) in days.iter().enumerate() {
            match day {
                1..=31 => bits |= 1 << day,
                -31..=-1 => bits |= 1 << (32 - day),
                _ => e.add(
                    &format!("month_days[{i}]"),
                    Rule::ScheduleMonthDay { day: (*day).into() },
                ),
            }
        }
        Some(bits)
    }

    fn off(&self, calendars: &Calendars, e: &mut Errors) -> Option<(Arc<DaysOff>, HolidayAction)> {
        let holidays = self.holidays.as_ref()?;
        let Some(calendar) = calendars.days_off(&holidays.calendar) else {
            let known: Vec<_> = calendars.names().collect();
            let rule = Rule::ScheduleNoCalendar {
                calendar: holidays.calendar.clone(),
                known: known.join(", "),
            };
            e.add("holidays.calendar", rule);
            return None;
        };
        Some((calendar.clone(), holidays.action))
    }
}

/// What was checked, the zone aside.
struct Checked {
    times: Times,
    weekdays: u8,
    month_days: Option<u64>,
    starts: i64,
    ends: i64,
    weeks: i64,
    holidays: Option<(Arc<DaysOff>, HolidayAction)>,
    not_before: Option<NotBefore>,
}

impl Checked {
    fn timetable(self, zone: Arc<Zone>) -> Result<Timetable, Refusal> {
        let instant = |at: i64| at.clamp(-DAY, LAST_DAY * DAY);
        let timetable = Timetable {
            zone,
            times: self.times,
            weekdays: self.weekdays,
            month_days: self.month_days,
            starts: self.starts,
            ends: self.ends,
            weeks: self.weeks,
            holidays: self.holidays.filter(|(_, action)| *action != HolidayAction::Run),
            postponed: match self.not_before {
                None => (0, -DAY),
                Some(NotBefore::Day(date)) => (number(date), -DAY),
                // the first instant that counts is a whole second at or after this one
                Some(NotBefore::Instant(at)) => (0, instant(-(-at.timestamp_millis()).div_euclid(1000)) - 1),
            },
        };
        if timetable.plans_any() {
            return Ok(timetable);
        }
        Err(Refusal::rule("days", Rule::ScheduleNever))
    }
}

impl Timetable {
    /// Whether any day is planned in the first 50 years.
    fn plans_any(&self) -> bool {
        (self.starts..=self.ends.min(self.starts + HORIZON)).any(|day| self.plans(day))
    }
}

fn seconds(clock: Clock) -> i64 {
    i64::from(clock.minutes()) * 60
}

fn number_of(to: u32, not: u32) -> Rule {
    Rule::ScheduleNumber {
        from: 1,
        to: to.into(),
        not: not.into(),
    }
}

fn grid(every: &Every, e: &mut Errors) -> Option<Times> {
    match every.minutes {
        None => e.add("every.minutes", Rule::ScheduleNoMinutes),
        Some(minutes @ (0 | 1441..)) => e.add("every.minutes", number_of(1440, minutes)),
        Some(_) => {}
    }
    if every.from.is_none() {
        e.add("every.from", Rule::ScheduleNoFirst);
    }
    if every.to.is_none() {
        e.add("every.to", Rule::ScheduleNoLast);
    }
    let (minutes, from, to) = (every.minutes?, seconds(every.from?), seconds(every.to?));
    Some(Times::Every {
        step: i64::from(minutes) * 60,
        from,
        to: if to < from { to + DAY } else { to },
    })
}
