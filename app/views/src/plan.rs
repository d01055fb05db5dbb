//! The day plan: every run of a day, what is wrong with it, and what could be done (J3, J4, J5, J28, J31).

use crate::jobs::Company;
use chrono::{Datelike, Days};
use domain::{
    calendar::{Country, Holiday},
    job::JobId,
    language::Language,
    moment::Moment,
    planner::Rule,
    schedule::{Clock, Weekday},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use chrono::NaiveDate;

/// The day of a text such as `2026-11-20`; `None` for anything else.
pub fn read_day(text: &str) -> Option<NaiveDate> {
    text.parse()
        .ok()
        .filter(|d: &NaiveDate| d.to_string() == text && (1990..=2200).contains(&d.year()))
}

/// The day so many days later, or earlier when negative; the same day at the end of all days.
pub fn day_plus(day: NaiveDate, days: i64) -> NaiveDate {
    let by = Days::new(days.unsigned_abs());
    let moved = if days < 0 {
        day.checked_sub_days(by)
    } else {
        day.checked_add_days(by)
    };
    moved.unwrap_or(day)
}

/// `Fri 20 Nov`.
pub fn day_words(day: NaiveDate, language: Language) -> String {
    let name = language.weekday_short(day.weekday().num_days_from_monday());
    format!("{name} {} {}", day.day(), language.month_short(day.month0()))
}

/// `Fri 20 Nov 2026`.
pub fn day_and_year(day: NaiveDate, language: Language) -> String {
    format!("{} {}", day_words(day, language), day.year())
}

/// Minutes from midnight as a clock shows them, around midnight.
pub fn clock(minutes: i32) -> String {
    let m = minutes.rem_euclid(1440);
    format!("{:02}:{:02}", m / 60, m % 60)
}

/// How sure it is that a run comes into trouble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// None is known.
    #[default]
    None,
    /// When a run takes as long as nine in ten do.
    Probable,
    /// Whatever the runs take: the clock says so.
    Certain,
}

/// A run of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStart {
    /// Minutes that have passed since the day began.
    pub minute: i32,
    /// What is wrong with it.
    pub trouble: Trouble,
    /// When it would start by its schedule; `None` when no downtime moved it (D16).
    pub moved_from: Option<Moment>,
}

/// A job with its runs of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanJob {
    /// Its number.
    pub id: JobId,
    /// Rises with each change.
    pub version: i64,
    /// Key of its kind.
    pub kind: String,
    /// What people recognise it by.
    pub description: String,
    /// The company, when it is exactly one.
    pub company: Option<Company>,
    /// How many companies; 0 for those that the module rules list.
    pub companies: u32,
    /// Its server.
    pub server: Option<String>,
    /// Minutes in which nine in ten runs are done.
    pub length: u32,
    /// Minutes that half of the runs need.
    pub usual: u32,
    /// From how many runs that is known; 0: it was entered.
    pub learned: u32,
    /// Minutes to keep free after it.
    pub gap: u32,
    /// Its time is fixed.
    pub pinned: bool,
    /// It runs on a grid of minutes.
    pub repeats: bool,
    /// Its runs, in order.
    pub starts: Vec<PlanStart>,
}

/// A blocked window of a day, in minutes that have passed since the day began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBlocked {
    /// What happens there.
    pub reason: String,
    /// Who keeps it.
    pub owner: String,
    /// The first minute.
    pub from: i32,
    /// The last.
    pub until: i32,
}

/// A run that takes part in a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its job.
    pub job: JobId,
    /// Key of the job's kind.
    pub kind: String,
    /// The job's description.
    pub description: String,
    /// The company, when it is exactly one.
    pub company: Option<Company>,
    /// How many companies.
    pub companies: u32,
    /// What the clock shows when it starts.
    pub clock: String,
    /// Minutes that half of the runs need.
    pub usual: u32,
    /// Minutes in which nine in ten runs are done.
    pub length: u32,
}

/// What a run is in trouble with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    /// Another run.
    Run(Side),
    /// A blocked window.
    Blocked {
        /// What happens there.
        reason: String,
        /// Who keeps it.
        owner: String,
        /// What the clock shows when it begins.
        from: String,
        /// And when it ends.
        until: String,
    },
    /// A job that does not run this day.
    Job(JobId),
    /// Only the day itself.
    Nothing,
}

/// One run of a job at another time: in its schedule the clock time `from` becomes `to`; a grid is shifted whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The job.
    pub job: JobId,
    /// As it was read.
    pub version: i64,
    /// What the clock shows when it starts now.
    pub from: Clock,
    /// And then.
    pub to: Clock,
    /// Minutes to keep free after it from now on; none: by rule. Only where `set_gap`.
    pub gap: Option<u32>,
    /// The gap changes too.
    pub set_gap: bool,
}

/// What would put a problem right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// One job at another time.
    Move {
        /// How.
        change: Move,
        /// The company that it is said of; none for a job of several.
        company: Option<String>,
    },
    /// Several jobs of one kind in one window.
    Spread {
        /// What is asked.
        ask: SpreadAsk,
        /// What came of it.
        answer: Spreading,
    },
}

/// Something wrong with a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Tells it from the others of the day.
    pub key: String,
    /// How sure it is.
    pub trouble: Trouble,
    /// The rule that is broken.
    pub rule: Rule,
    /// The run that is wrong.
    pub run: Side,
    /// What with.
    pub with: Other,
    /// How many minutes it is about.
    pub minutes: u32,
    /// How often in the day.
    pub times: u32,
    /// How many jobs of the run's kind it is about; 0: only this one.
    pub jobs: u32,
    /// What would put it right.
    pub fix: Option<Fix>,
}

/// What stands in the way of a job's times, the first of it (J3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InTheWay {
    /// The day on which it is.
    pub day: NaiveDate,
    /// What it is, with a free time if there is one.
    pub problem: Problem,
}

/// A day as it is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayPlan {
    /// Which.
    pub day: NaiveDate,
    /// It is today in the office.
    pub today: bool,
    /// When it was read, milliseconds since 1970 UTC.
    pub now: i64,
    /// Its first instant.
    pub from: Moment,
    /// How long it is: 1,440 minutes, but 1,380 or 1,500 when the clocks change.
    pub minutes: u32,
    /// After how many minutes the clocks change, and by how many.
    pub change: Option<(u32, i32)>,
    /// The jobs that run that day.
    pub jobs: Vec<PlanJob>,
    /// What is blocked.
    pub blocked: Vec<PlanBlocked>,
    /// What is wrong, what is certain first.
    pub problems: Vec<Problem>,
    /// The reader may change jobs.
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

impl DayPlan {
    /// What the clock shows after so many minutes of the day, in minutes from midnight.
    pub fn wall(&self, minute: i32) -> i32 {
        minute
            + self
                .change
                .filter(|(at, _)| minute >= *at as i32)
                .map_or(0, |(_, by)| by)
    }

    /// How many minutes of the day have passed when the clock first shows these minutes from midnight.
    pub fn passed(&self, wall: i32) -> i32 {
        match self.change {
            Some((at, by)) if wall >= at as i32 => (wall - by).max(at as i32),
            _ => wall,
        }
    }

    /// `06:18`, after so many minutes of the day.
    pub fn clock(&self, minute: i32) -> String {
        clock(self.wall(minute))
    }
}

/// Runs that are to be put into a window one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpreadAsk {
    /// The day that is looked at.
    #[serde(deserialize_with = "domain::typed::read_day")]
    pub day: NaiveDate,
    /// Key of the kind of the jobs.
    pub kind: String,
    /// The window begins.
    pub from: Clock,
    /// ... and ends.
    pub to: Clock,
    /// Every gap so many minutes shorter.
    pub shorter: u32,
}

/// One run and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placing {
    /// The run as it stands.
    pub run: Side,
    /// Where it would stand; none: no place.
    pub to: Option<String>,
}

/// A plan for several runs. Nothing has moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spreading {
    /// Each run and its place, in the order of the places.
    pub placed: Vec<Placing>,
    /// Runs that have none.
    pub left_out: Vec<Placing>,
    /// Chosen, but fixed.
    pub pinned: u32,
    /// Minutes that all of them need, with the gaps between them.
    pub needs: u32,
    /// Minutes that the window has.
    pub has: u32,
    /// By how many minutes the window is too short, with what else stands there.
    pub too_long: u32,
    /// When the last would finish in a window long enough.
    pub ends: Option<String>,
    /// All would fit with gaps so many minutes shorter.
    pub shorter: Option<u32>,
    /// What carries it out; empty while something has no place.
    pub moves: Vec<Move>,
}

/// A free time for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeTime {
    /// What would carry it out; none when the day has no room.
    pub change: Option<Move>,
    /// Why not sooner: each time that was tried.
    pub refused: Vec<Problem>,
}

/// What became of moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// They are made. These undo them.
    Done(Vec<Move>),
    /// Nothing is changed: this would be wrong then, on this day.
    Clash(Box<Problem>, NaiveDate),
}

/// What is thought through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatIf {
    /// The day is a holiday of every calendar.
    Holiday(#[serde(deserialize_with = "domain::typed::read_day")] NaiveDate),
    /// The desk is closed for so many minutes.
    Downtime {
        /// The day.
        #[serde(deserialize_with = "domain::typed::read_day")]
        day: NaiveDate,
        /// When it begins.
        from: Clock,
        /// How long it takes, 1 to 1,440.
        minutes: u32,
    },
    /// The clocks change: the n-th next time, from 0.
    Clocks(u32),
}

/// What becomes of a job's runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// They do not run.
    Goes,
    /// They run another day, or at another time.
    Moves,
    /// They run all the same.
    Stays,
    /// They run more often than on another day.
    Adds,
    /// They would stand in the way.
    Hit,
}

/// A job in the answer to a what-if.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateLine {
    /// Its first run that is concerned.
    pub run: Side,
    /// What becomes of it.
    pub fate: Fate,
    /// How many runs.
    pub runs: u32,
    /// Where to, with the office's offset.
    pub to: Option<Moment>,
    /// The day of `to`.
    pub to_day: Option<NaiveDate>,
}

/// The answer to a what-if.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIfAnswer {
    /// The day it is about.
    pub day: NaiveDate,
    /// The clocks go forward or back by so many minutes.
    pub clocks: Option<i32>,
    /// Each job that is concerned.
    pub lines: Vec<FateLine>,
    /// What would be wrong that is not now.
    pub appear: Vec<Problem>,
    /// How many problems would be gone.
    pub gone: u32,
}

/// A blocked window as people write it (J4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockedForm {
    /// What happens there.
    pub reason: String,
    /// Who keeps it: a person or a department.
    pub owner: String,
    /// On these days of the week; all seven for every day; none when there is a date.
    #[serde(default)]
    pub days: Vec<Weekday>,
    /// On this date only.
    #[serde(default, deserialize_with = "domain::typed::read_day_or_none")]
    pub date: Option<NaiveDate>,
    /// When it begins.
    pub from: Clock,
    /// How long it is, 1 to 1,440.
    pub minutes: u32,
}

/// A run that touches a blocked window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// The run.
    pub run: Side,
    /// The first day on which it does.
    pub day: NaiveDate,
}

/// A blocked window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedLine {
    /// Its number.
    pub id: i64,
    /// Rises with each change.
    pub version: i64,
    /// What was written.
    pub form: BlockedForm,
    /// Jobs whose runs touch it within a week, or on its date.
    pub touches: Vec<Touch>,
}

/// Blocked windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedPage {
    /// In the order of their times.
    pub lines: Vec<BlockedLine>,
    /// The reader may change them.
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

/// A calendar of the office's own (J24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarLine {
    /// Its name.
    pub name: String,
    /// Rises with each change.
    pub version: i64,
    /// The country whose holidays it holds too.
    pub country: Option<Country>,
    /// Its own days.
    pub days: BTreeMap<NaiveDate, String>,
    /// The jobs that use it.
    pub used: Vec<(JobId, String)>,
}

/// Working hours and calendars (J13, J24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursPage {
    /// Working hours, minutes from midnight.
    pub hours: (u32, u32),
    /// The office's zone.
    pub zone: String,
    /// The office's own calendars.
    pub calendars: Vec<CalendarLine>,
    /// The country whose holidays are listed.
    pub country: Country,
    /// The year that is listed.
    pub year: i32,
    /// The holidays of that country and year.
    pub holidays: Vec<Holiday>,
    /// The next three of them from today.
    pub next: Vec<Holiday>,
    /// The reader may change something.
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(change: Option<(u32, i32)>) -> DayPlan {
        DayPlan {
            day: read_day("2027-03-28").unwrap(),
            today: false,
            now: 0,
            from: Moment { at: 0, offset: 60 },
            minutes: 1380,
            change,
            jobs: vec![],
            blocked: vec![],
            problems: vec![],
            may_edit: false,
            ask: vec![],
        }
    }

    #[test]
    fn a_clock_time_and_the_minutes_that_have_passed() {
        let spring = plan(Some((120, 60)));
        assert_eq!(
            (spring.clock(119), spring.clock(120)),
            ("01:59".into(), "03:00".into())
        );
        assert_eq!(
            [119, 150, 180, 390].map(|m| spring.passed(m)),
            [119, 120, 120, 330]
        );
        let autumn = plan(Some((180, -60)));
        assert_eq!(
            (autumn.clock(179), autumn.clock(180)),
            ("02:59".into(), "02:00".into())
        );
        assert_eq!([130, 180, 390].map(|m| autumn.passed(m)), [130, 240, 450]);
        assert_eq!(plan(None).clock(1439), "23:59");
    }

    #[test]
    fn a_day_has_one_way_of_writing() {
        let day = read_day("2026-11-20").unwrap();
        assert_eq!(day_words(day, Language::En), "Fri 20 Nov");
        assert_eq!(day_plus(day, -20).to_string(), "2026-10-31");
        for wrong in [
            "",
            "2026-11-31",
            "2026-1-1",
            "20.11.2026",
            "+2026-11-20",
            "0001-01-01",
        ] {
            assert_eq!(read_day(wrong), None, "{wrong}");
        }
    }
}
