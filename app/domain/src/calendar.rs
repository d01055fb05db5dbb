//! Holiday calendars: the public holidays of four countries by rule, and an office's own days (J24).
//!
//! The rules are a table of ours: no small crate does Norway, Denmark, the Netherlands and Belgium for any year
//! without a network or a megabyte of listed dates, and the whole law fits on a page ([`country`]).

pub mod country;

pub use country::{Country, PublicHoliday};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// Days from 1 January of the year 1 (day 1) to 1970.
const EPOCH: i64 = 719_163;
/// Days from 1970 to 1 January 2101.
const DAYS_TO_2101: i64 = 47_847;

/// A day since 1970 by name. Schedules stay within the years 1969 to 9999.
pub(crate) fn date(day: i64) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt((day + EPOCH) as i32).unwrap_or_default()
}

/// A date as a day since 1970.
pub(crate) fn number(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - EPOCH
}

/// The weekday of a day since 1970, from Monday: the first was a Thursday.
pub(crate) fn from_monday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// What a holiday is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayName {
    /// A public holiday: the pages have a word for it in each language.
    Public(PublicHoliday),
    /// A day of the office's own, in its own words.
    Own(String),
}

/// A day of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub date: NaiveDate,
    /// Its name. Two holidays can fall on one day: each is listed.
    pub name: HolidayName,
}

/// The days on which an office or a country does not work, Saturdays and Sundays aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The country whose public holidays it holds; `None` when it holds only its own days.
    #[serde(default)]
    pub country: Option<Country>,
    /// Own days with their names.
    #[serde(default, deserialize_with = "crate::typed::read_days")]
    pub days: BTreeMap<NaiveDate, String>,
}

impl Calendar {
    /// Whether a day is a holiday.
    pub fn holds(&self, date: NaiveDate) -> bool {
        self.days.contains_key(&date) || self.country.is_some_and(|c| c.observes(date))
    }

    /// Whether people work on a day: Monday to Friday and no holiday.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        date.weekday().num_days_from_monday() < 5 && !self.holds(date)
    }

    /// The holidays of a year, in order.
    pub fn year(&self, year: i32) -> Vec<Holiday> {
        let public = self.country.map(|c| c.holidays(year)).unwrap_or_default();
        let public = public.into_iter().map(|(date, name)| Holiday {
            date,
            name: HolidayName::Public(name),
        });
        let own = self.days.iter().filter(|(date, _)| date.year() == year);
        let own = own.map(|(date, name)| Holiday {
            date: *date,
            name: HolidayName::Own(name.clone()),
        });
        let mut all: Vec<_> = public.chain(own).collect();
        all.sort_by_key(|h| h.date);
        all
    }
}

/// The days of a [`Calendar`], ready to be asked a million times: a bit a day from 1970 to 2100.
#[derive(Clone, Debug)]
pub(crate) struct DaysOff {
    calendar: Calendar,
    bits: Vec<u64>,
}

/// The last year of [`DaysOff`]'s bits.
const LAST_YEAR: i32 = 2100;

impl DaysOff {
    fn new(calendar: Calendar) -> Self {
        let mut bits = vec![0; (DAYS_TO_2101 / 64 + 1) as usize];
        for holiday in (1970..=LAST_YEAR).flat_map(|year| calendar.year(year)) {
            let day = number(holiday.date) as usize;
            bits[day / 64] |= 1 << (day % 64);
        }
        Self { calendar, bits }
    }

    /// [`Calendar::holds`] for a day since 1970.
    pub(crate) fn holds(&self, day: i64) -> bool {
        if (0..DAYS_TO_2101).contains(&day) {
            self.bits[(day / 64) as usize] & 1 << (day % 64) != 0
        } else {
            self.calendar.holds(date(day))
        }
    }

    /// [`Calendar::is_working_day`] for a day since 1970.
    pub(crate) fn is_working_day(&self, day: i64) -> bool {
        from_monday(day) < 5 && !self.holds(day)
    }
}

/// The calendars that an office's schedules can name: those of the countries, by code, and its own.
#[derive(Clone, Debug, Default)]
pub struct Calendars {
    own: BTreeMap<String, Arc<DaysOff>>,
}

impl Calendars {
    /// Adds a calendar of the office's own, or replaces it. A country's code stays the country's.
    pub fn add(&mut self, name: impl Into<String>, calendar: Calendar) {
        self.own.insert(name.into(), Arc::new(DaysOff::new(calendar)));
    }

    /// Takes a calendar of the office's own away. Schedules that name it break.
    pub fn remove(&mut self, name: &str) {
        self.own.remove(name);
    }

    /// The calendar of a name; `None` when there is none, or none any more.
    pub fn named(&self, name: &str) -> Option<&Calendar> {
        self.days_off(name).map(|days| &days.calendar)
    }

    pub(crate) fn days_off(&self, name: &str) -> Option<&Arc<DaysOff>> {
        static PUBLIC: [OnceLock<Arc<DaysOff>>; 4] = [const { OnceLock::new() }; 4];
        let Some(country) = Country::from_code(name) else {
            return self.own.get(name);
        };
        let public = || {
            Arc::new(DaysOff::new(Calendar {
                country: Some(country),
                days: BTreeMap::new(),
            }))
        };
        Some(PUBLIC[country as usize].get_or_init(public))
    }

    /// Every name a schedule can use: the countries' codes, then the office's own in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.keys().map(String::as_str);
        let own = own.filter(|name| Country::from_code(name).is_none());
        let countries = Country::ALL.into_iter().map(|c| -> &str { c.code() });
        countries.chain(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_office_adds_its_own_days_to_its_country() {
        let own = Calendar {
            country: Some(Country::No),
            days: BTreeMap::from([(day("2027-07-16"), "Stocktaking".into())]),
        };
        assert!(own.holds(day("2027-07-16")) && own.holds(day("2027-05-17")));
        assert!(!own.is_working_day(day("2027-07-16")), "a Friday of its own");
        assert!(!own.is_working_day(day("2027-07-17")), "a Saturday");
        assert!(own.is_working_day(day("2027-07-19")));
        let year = own.year(2027);
        assert_eq!(year.len(), 13);
        assert!(year.is_sorted_by_key(|h| h.date));
        let stocktaking = year.iter().find(|h| h.date == day("2027-07-16")).unwrap();
        assert_eq!(stocktaking.name, HolidayName::Own("Stocktaking".into()));
    }

    #[test]
    fn the_bits_say_what_the_calendar_says() {
        let calendar = Calendar {
            country: Some(Country::Be),
            days: [
                "1970-01-01",
                "2024-02-29",
                "2100-12-31",
                "2101-01-01",
                "2101-01-03",
                "9000-02-03",
            ]
            .map(|d| (day(d), String::new()))
            .into(),
        };
        let days = DaysOff::new(calendar.clone());
        assert_eq!(date(DAYS_TO_2101), day("2101-01-01"));
        for n in (-400..DAYS_TO_2101 + 800).chain([number(day("9000-02-03"))]) {
            assert_eq!(number(date(n)), n);
            assert_eq!(days.holds(n), calendar.holds(date(n)), "{}", date(n));
            assert_eq!(
                days.is_working_day(n),
                calendar.is_working_day(date(n)),
                "{}",
                date(n)
            );
        }
    }

    #[test]
    fn a_country_keeps_its_code_and_a_removed_calendar_is_gone() {
        let mut calendars = Calendars::default();
        calendars.add("NO", Calendar::default());
        calendars.add("office", Calendar::default());
        assert!(calendars.named("NO").unwrap().holds(day("2027-05-17")));
        assert!(!calendars.named("office").unwrap().holds(day("2027-05-17")));
        assert_eq!(
            calendars.names().collect::<Vec<_>>(),
            ["NO", "DK", "NL", "BE", "office"]
        );
        assert!(Calendars::default().named("office").is_none());
        assert!(calendars.named("no").is_none(), "codes are written one way");
    }
}
