//! Collection systems and their entries in the job queue (C1–C7).

use crate::jobs::{Company, LastRun};
use domain::{
    job::{JobId, JobStatus},
    moment::Moment,
    schedule::{Clock, Every, Schedule},
};
use serde::{Deserialize, Serialize};

/// A system as the catalogue knows it. Data: `server/store/catalogue/collection_systems.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemKind {
    /// Its key.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What its entries are called by: the gap in `CCM __ Status Batch Job`.
    pub short: String,
    /// Of the systems with this word a company may have one enabled to import payments (C3).
    #[serde(default)]
    pub one_of: Option<String>,
}

/// Another system of the company that stands in the way of importing payments (C3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rival {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Rises with each change.
    pub version: i64,
}

/// A system that a company uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemLine {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub kind: SystemKind,
    /// Whose.
    pub company: Company,
    /// It is switched on.
    pub active: bool,
    /// It is marked for direct communication.
    pub direct: bool,
    /// Rises with each change.
    pub version: i64,
    /// Entries made for it.
    pub entries: u32,
    /// Entries that are switched on.
    pub on: u32,
    /// Entries that need somebody.
    pub failing: u32,
    /// The other system that is active beside it, though only one of the two can import payments.
    pub rival: Option<Rival>,
}

/// Every system of an office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemsPage {
    /// By company, then name.
    pub systems: Vec<SystemLine>,
    /// What there is to add.
    pub kinds: Vec<SystemKind>,
    /// Every company of the office.
    pub companies: Vec<Company>,
    /// The reader may change them.
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

/// Why an entry cannot be switched on, and does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Its system is not active (C2).
    NotActive,
    /// Its system is not marked for direct communication (C2).
    NotDirect,
    /// The named system is active too, and only one of the two can import payments (C3).
    Rival(String),
}

/// When an entry runs: start, minutes between runs, end (C7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The first run of a day.
    pub start: Clock,
    /// Minutes from run to run; `None`: once a day.
    pub every: Option<u32>,
    /// The last instant a run may start, inclusive; `None`: once a day.
    pub end: Option<Clock>,
}

impl Times {
    /// The times of a schedule; `None` for one that names several clock times, which only the job's own form can change.
    pub fn of(schedule: &Schedule) -> Option<Self> {
        if let Some(at) = &schedule.at {
            return match at[..] {
                [start] => Some(Self {
                    start,
                    every: None,
                    end: None,
                }),
                _ => None,
            };
        }
        let every = schedule.every?;
        Some(Self {
            start: every.from?,
            every: every.minutes,
            end: every.to,
        })
    }

    /// Writes them into a schedule; its days and all else stay.
    pub fn put(self, schedule: &mut Schedule) {
        match (self.every, self.end) {
            (None, None) => (schedule.at, schedule.every) = (Some(vec![self.start]), None),
            (minutes, to) => {
                schedule.at = None;
                schedule.every = Some(Every {
                    minutes,
                    from: Some(self.start),
                    to,
                });
            }
        }
    }

    /// The runs of an ordinary day: 07:00, 120 and 09:00 give two. `None` when the times make no sense: minutes without
    /// an end or the other way round, fewer than one minute or more than a day.
    pub fn runs(self) -> Option<Vec<Clock>> {
        let from = u32::from(self.start.minutes());
        let (step, to) = match (self.every, self.end) {
            (None, None) => return Some(vec![self.start]),
            (Some(step @ 1..=1440), Some(end)) => (step, u32::from(end.minutes())),
            _ => return None,
        };
        // a window that ends before it starts ends on the next day
        let length = if to >= from { to - from } else { to + 1440 - from };
        let at = |n: u32| {
            let minutes = (from + n * step) % 1440;
            Clock::new((minutes / 60) as u16, (minutes % 60) as u16)
        };
        (0..=length / step).map(at).collect()
    }
}

/// An entry of a system in the job queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// Its job.
    pub job: JobId,
    /// Rises with each change.
    pub version: i64,
    /// Key of its kind.
    pub kind: String,
    /// What it is called, such as `CCM BS Import Pmt. Batch Job`.
    pub description: String,
    /// It is switched on.
    pub on: bool,
    /// The one word.
    pub status: JobStatus,
    /// When it runs; `None` for times that only the job's own form can change.
    pub times: Option<Times>,
    /// Why it cannot be switched on now.
    pub gate: Option<Gate>,
    /// The last run.
    pub last: Option<LastRun>,
    /// What that did, in the kind's order; empty when it did not say.
    pub counted: Vec<(String, i64)>,
    /// The next run.
    pub next: Option<Moment>,
}

/// A system and its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemDetail {
    /// As in the list.
    pub line: SystemLine,
    /// Its entries, in the catalogue's order.
    pub entries: Vec<EntryLine>,
    /// Names of the entries that are not made yet.
    pub missing: Vec<String>,
    /// The reader may change it.
    pub may_edit: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str) -> Clock {
        Clock::read(text).expect("a clock time")
    }

    fn runs(start: &str, every: Option<u32>, end: Option<&str>) -> Option<String> {
        let times = Times {
            start: clock(start),
            every,
            end: end.map(clock),
        };
        let all = times.runs()?;
        Some(all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn seven_two_hours_nine_are_two_runs() {
        assert_eq!(runs("07:00", Some(120), Some("09:00")).unwrap(), "07:00 09:00");
        assert_eq!(runs("07:00", Some(120), Some("08:59")).unwrap(), "07:00");
        assert_eq!(runs("07:00", None, None).unwrap(), "07:00");
        assert_eq!(
            runs("23:00", Some(60), Some("01:00")).unwrap(),
            "23:00 00:00 01:00"
        );
    }

    #[test]
    fn half_a_window_is_none() {
        for (every, end) in [(Some(120), None), (None, Some("09:00")), (Some(0), Some("09:00"))] {
            assert_eq!(runs("07:00", every, end), None, "{every:?} {end:?}");
        }
        assert_eq!(runs("07:00", Some(1441), Some("09:00")), None);
    }

    #[test]
    fn times_go_into_a_schedule_and_come_out_again() {
        let mut schedule =
            Schedule::from_json(r#"{"zone":"Europe/Copenhagen","days":["mon"],"at":["07:00"]}"#).unwrap();
        for times in [
            Times {
                start: clock("07:00"),
                every: Some(120),
                end: Some(clock("09:00")),
            },
            Times {
                start: clock("17:00"),
                every: None,
                end: None,
            },
        ] {
            times.put(&mut schedule);
            assert_eq!(Times::of(&schedule), Some(times));
        }
        schedule.at = Some(vec![clock("07:00"), clock("17:00")]);
        assert_eq!(Times::of(&schedule), None);
    }
}
