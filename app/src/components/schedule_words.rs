//! A schedule in a sentence (J13, J24).

use crate::i18n::*;
use domain::{
    Language,
    moment::day_words as date,
    schedule::{DayWords, HolidayAction, NotBefore, Summary, TimeWords, Weekday},
};

/// When it runs, and what else is said of it; the second is often empty.
pub fn schedule_in(l: Language, s: &Summary) -> (String, String) {
    (
        format!("{}, {}", days(l, &s.days), times(l, &s.times)),
        rest(l, s).join(", "),
    )
}

fn days(l: Language, words: &DayWords) -> String {
    let short = |d: &Weekday| l.weekday_short(d.from_monday()).to_owned();
    match words {
        DayWords::Daily => td_string!(l, jobs.daily).to_owned(),
        DayWords::Range(first, last) => {
            let said = td_string!(l, jobs.days_range, first = short(first), last = short(last)).to_string();
            capital(&said)
        }
        DayWords::These(days) => {
            let days: Vec<String> = days.iter().map(short).collect();
            capital(&days.join(", "))
        }
    }
}

fn times(l: Language, words: &TimeWords) -> String {
    match words {
        TimeWords::At(at) => {
            let at: Vec<String> = at.iter().map(ToString::to_string).collect();
            at.join(", ")
        }
        TimeWords::Every { from, runs: 1, .. } => from.to_string(),
        TimeWords::Every {
            minutes, from, last, ..
        } => {
            let (from, to) = (from.to_string(), last.to_string());
            match minutes {
                60 => td_string!(l, jobs.hourly, from = from, to = to).to_string(),
                m if m % 60 == 0 => {
                    td_string!(l, jobs.every_hours, n = m / 60, from = from, to = to).to_string()
                }
                m => td_string!(l, jobs.every_min, n = *m, from = from, to = to).to_string(),
            }
        }
    }
}

fn rest(l: Language, s: &Summary) -> Vec<String> {
    let mut said = vec![];
    if s.weeks > 1 {
        said.push(td_string!(l, jobs.weeks_n, n = s.weeks).to_string());
    }
    if !s.month_days.is_empty() {
        let days = s.month_days.iter().map(|d| match d {
            -1 => td_string!(l, jobs.last_day).to_owned(),
            d => d.to_string(),
        });
        let days: Vec<String> = days.collect();
        said.push(td_string!(l, jobs.month_days_are, days = days.join(", ")).to_string());
    }
    if let Some(day) = s.starts_on {
        said.push(td_string!(l, jobs.from_day, day = date(day, l)).to_string());
    }
    if let Some(day) = s.ends_on {
        said.push(td_string!(l, jobs.until_day, day = date(day, l)).to_string());
    }
    if let Some(until) = s.not_before {
        let day = match until {
            NotBefore::Day(day) => day,
            NotBefore::Instant(at) => at.date_naive(),
        };
        said.push(td_string!(l, jobs.postponed_to, day = date(day, l)).to_string());
    }
    if let Some(h) = &s.holidays {
        let calendar = h.calendar.clone();
        match h.action {
            HolidayAction::Run => {}
            HolidayAction::Skip => said.push(td_string!(l, jobs.h_skip, calendar = calendar).to_string()),
            HolidayAction::NextWorkingDay => {
                said.push(td_string!(l, jobs.h_next, calendar = calendar).to_string());
            }
            HolidayAction::PreviousWorkingDay => {
                said.push(td_string!(l, jobs.h_previous, calendar = calendar).to_string());
            }
        }
    }
    said
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
