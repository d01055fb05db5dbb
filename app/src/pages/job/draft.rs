//! What is typed, field by field, until it is saved.

use domain::{
    FieldError, Rule,
    job::{JobForm, JobKind, Output, Place, kind::Suggested, pattern},
    schedule::{Clock, Every, HolidayAction, Holidays, NotBefore, Schedule, Weekday},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// How often, as the form asks it (J13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// One clock time on every chosen day.
    Once,
    /// Several clock times.
    Several,
    /// A grid of an hour within working hours.
    Hourly,
    /// A grid of half an hour within working hours.
    Half,
    /// One clock time on chosen days of the week.
    Weekly,
    /// A grid in a window (C7).
    Window,
}

impl Rhythm {
    /// In the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Once,
        Self::Several,
        Self::Hourly,
        Self::Half,
        Self::Weekly,
        Self::Window,
    ];

    /// The key on the page.
    pub fn key(self) -> &'static str {
        ["once", "several", "hourly", "half", "weekly", "window"][self as usize]
    }
}

/// Monday to Friday.
pub const WORKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];

/// The schedule as it is typed.
#[derive(Clone, Copy)]
pub struct Interval {
    /// The office's zone, or the one that the job has.
    pub zone: RwSignal<String>,
    /// Working hours, minutes from midnight.
    pub hours: (u32, u32),
    /// How often.
    pub rhythm: RwSignal<Rhythm>,
    /// Clock times.
    pub times: RwSignal<Vec<String>>,
    /// Days of the week.
    pub days: RwSignal<Vec<Weekday>>,
    /// Minutes of the grid.
    pub minutes: RwSignal<String>,
    /// Its first run.
    pub from: RwSignal<String>,
    /// Its end.
    pub to: RwSignal<String>,
    /// First day.
    pub starts: RwSignal<String>,
    /// Last day.
    pub ends: RwSignal<String>,
    /// Each so many weeks.
    pub weeks: RwSignal<String>,
    /// Days of the month.
    pub month_days: RwSignal<String>,
    /// A calendar's name.
    pub calendar: RwSignal<String>,
    /// What becomes of runs on its days.
    pub action: RwSignal<HolidayAction>,
    /// Postponed until this day.
    pub until: RwSignal<String>,
    /// Postponed until an instant, which the form shows as a day.
    instant: RwSignal<Option<NotBefore>>,
}

/// `07:00` of minutes since midnight; 24:00 is the last minute of the day.
pub fn clock(minutes: u32) -> Option<Clock> {
    let minutes = minutes.min(1439) as u16;
    Clock::new(minutes / 60, minutes % 60)
}

/// A clock time as people type it: `07:30`, `7.30`, `0730`, `7`.
fn read_clock(text: &str) -> Option<Clock> {
    let text = text.trim();
    let (hour, minute) = match text.split_once([':', '.']) {
        Some(parts) => parts,
        None if text.is_ascii() && text.len() > 2 => text.split_at(text.len() - 2),
        None => (text, "00"),
    };
    let digits = |part: &str, most: usize| {
        let fits = (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse().ok()).flatten()
    };
    Clock::new(digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?)
}

impl Interval {
    fn new(zone: &str, hours: (u32, u32)) -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            zone: RwSignal::new(zone.to_owned()),
            hours,
            rhythm: RwSignal::new(Rhythm::Once),
            times: RwSignal::new(vec![String::new()]),
            days: RwSignal::new(Weekday::ALL.to_vec()),
            minutes: RwSignal::new("30".into()),
            from: text(),
            to: text(),
            starts: text(),
            ends: text(),
            weeks: text(),
            month_days: text(),
            calendar: text(),
            action: RwSignal::new(HolidayAction::Skip),
            until: text(),
            instant: RwSignal::new(None),
        }
    }

    /// Takes a schedule in.
    pub fn load(self, s: &Schedule) {
        let day = |d: Option<String>| d.unwrap_or_default();
        self.zone.set(s.zone.clone());
        self.days.set(s.days.clone());
        self.times.set(match &s.at {
            Some(at) => at.iter().map(ToString::to_string).collect(),
            None => vec![String::new()],
        });
        let every = s.every.unwrap_or(Every {
            minutes: None,
            from: None,
            to: None,
        });
        self.minutes
            .set(every.minutes.map_or_else(|| "30".to_owned(), |m| m.to_string()));
        self.from
            .set(every.from.map(|c| c.to_string()).unwrap_or_default());
        self.to.set(every.to.map(|c| c.to_string()).unwrap_or_default());
        let working = every.from == clock(self.hours.0) && every.to == clock(self.hours.1);
        self.rhythm.set(match (&s.at, every.minutes) {
            (Some(at), _) if at.len() > 1 => Rhythm::Several,
            (Some(_), _) if s.days.len() < 7 => Rhythm::Weekly,
            (Some(_), _) => Rhythm::Once,
            (None, Some(60)) if working => Rhythm::Hourly,
            (None, Some(30)) if working => Rhythm::Half,
            (None, _) => Rhythm::Window,
        });
        self.starts.set(day(s.starts_on.map(|d| d.to_string())));
        self.ends.set(day(s.ends_on.map(|d| d.to_string())));
        self.weeks
            .set(s.every_weeks.map(|w| w.to_string()).unwrap_or_default());
        let days = s
            .month_days
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        self.month_days.set(days.join(", "));
        self.calendar.set(
            s.holidays
                .as_ref()
                .map(|h| h.calendar.clone())
                .unwrap_or_default(),
        );
        self.action
            .set(s.holidays.as_ref().map_or(HolidayAction::Skip, |h| h.action));
        self.until.set(day(s.not_before.map(|n| until(&n))));
        self.instant
            .set(s.not_before.filter(|n| matches!(n, NotBefore::Instant(_))));
    }

    /// What is typed, as a schedule; whether it makes sense says the desk.
    pub fn schedule(self) -> Schedule {
        let rhythm = self.rhythm.get();
        let times = || {
            self.times
                .with(|t| t.iter().filter_map(|t| read_clock(t)).collect::<Vec<_>>())
        };
        let grid = |minutes, from, to| Some(Every { minutes, from, to });
        let working = |minutes| grid(Some(minutes), clock(self.hours.0), clock(self.hours.1));
        let (at, every) = match rhythm {
            Rhythm::Once | Rhythm::Weekly => (Some(times().into_iter().take(1).collect()), None),
            Rhythm::Several => (Some(times()), None),
            Rhythm::Hourly => (None, working(60)),
            Rhythm::Half => (None, working(30)),
            Rhythm::Window => {
                // what is no number is refused as one that is out of range, at its field
                let minutes = self.minutes.with(|m| m.trim().parse().unwrap_or(0));
                (
                    None,
                    grid(
                        Some(minutes),
                        read_clock(&self.from.get()),
                        read_clock(&self.to.get()),
                    ),
                )
            }
        };
        let calendar = self.calendar.get();
        let until_day = self.until.get();
        let not_before = match self.instant.get().filter(|n| until(n) == until_day) {
            Some(instant) => Some(instant),
            None => until_day.trim().parse().ok().map(NotBefore::Day),
        };
        let weeks = self.weeks.get();
        Schedule {
            zone: self.zone.get(),
            days: self.days.get(),
            at,
            every,
            starts_on: self.starts.with(|d| d.trim().parse().ok()),
            ends_on: self.ends.with(|d| d.trim().parse().ok()),
            every_weeks: (!weeks.trim().is_empty()).then(|| weeks.trim().parse().unwrap_or(0)),
            month_days: self.month_list().filter(|d| !d.is_empty()),
            holidays: (!calendar.is_empty()).then(|| Holidays {
                calendar,
                action: self.action.get(),
            }),
            not_before,
        }
    }

    /// The days of the month; `None` when one of them is no number.
    fn month_list(self) -> Option<Vec<i32>> {
        let parts = self.month_days.get();
        let parts = parts.split([',', ' ', ';']).filter(|p| !p.is_empty());
        parts.map(|p| p.parse().ok()).collect()
    }

    /// What the desk cannot know of: a time that is half typed, days that are no numbers.
    pub fn own_errors(self) -> Vec<FieldError> {
        let mut errors = vec![];
        let mut add = |field: &str, rule| errors.push(FieldError::of(field, rule));
        let shown = match self.rhythm.get_untracked() {
            Rhythm::Once | Rhythm::Weekly => 1,
            Rhythm::Several => usize::MAX,
            _ => 0,
        };
        self.times.with_untracked(|times| {
            let times = times.iter().enumerate().take(shown);
            for (i, _) in times.filter(|(_, t)| read_clock(t).is_none()) {
                add(&format!("schedule.at[{i}]"), Rule::ScheduleNoTime);
            }
        });
        if self.month_list().is_none() {
            add("schedule.month_days", Rule::ScheduleNoMonthDay);
        }
        errors
    }

    /// Something is set beyond days and times.
    pub fn is_advanced(self) -> bool {
        [
            self.starts,
            self.ends,
            self.weeks,
            self.month_days,
            self.calendar,
            self.until,
        ]
        .iter()
        .any(|s| s.with(|t| !t.is_empty()))
    }
}

fn until(n: &NotBefore) -> String {
    match n {
        NotBefore::Day(day) => day.to_string(),
        NotBefore::Instant(at) => at.date_naive().to_string(),
    }
}

/// A job as it is typed.
#[derive(Clone, Copy)]
pub struct Draft {
    /// Key of its kind; empty before one is chosen.
    pub kind: RwSignal<String>,
    /// What people recognise it by.
    pub description: RwSignal<String>,
    /// Somebody wrote the description: it does not follow the fields any more.
    pub own_words: RwSignal<bool>,
    /// Codes.
    pub companies: RwSignal<Vec<String>>,
    /// A connector's name; empty for any.
    pub server: RwSignal<String>,
    /// The user that its runs show.
    pub run_as: RwSignal<String>,
    /// The kind's own fields.
    pub params: RwSignal<BTreeMap<String, String>>,
    /// Its outputs.
    pub outputs: RwSignal<Vec<Output>>,
    /// Minutes.
    pub estimate: RwSignal<String>,
    /// Minutes; empty by rule.
    pub gap: RwSignal<String>,
    /// Its time is fixed.
    pub pinned: RwSignal<bool>,
    /// The number of the job it runs after; empty for none.
    pub after: RwSignal<String>,
    /// When.
    pub interval: Interval,
}

impl Draft {
    /// Nothing typed.
    pub fn new(zone: &str, hours: (u32, u32)) -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            kind: text(),
            description: text(),
            own_words: RwSignal::new(false),
            companies: RwSignal::new(vec![]),
            server: text(),
            run_as: text(),
            params: RwSignal::default(),
            outputs: RwSignal::new(vec![]),
            estimate: text(),
            gap: text(),
            pinned: RwSignal::new(false),
            after: text(),
            interval: Interval::new(zone, hours),
        }
    }

    /// Takes a job in.
    pub fn load(self, form: &JobForm, kind: Option<&JobKind>) {
        self.kind.set(form.kind.clone());
        self.companies.set(form.companies.clone());
        self.server.set(form.server.clone().unwrap_or_default());
        self.run_as.set(form.run_as.clone());
        self.params.set(form.params.clone());
        self.outputs.set(form.outputs.clone());
        self.estimate.set(form.estimate_minutes.to_string());
        self.gap
            .set(form.gap_minutes.map(|g| g.to_string()).unwrap_or_default());
        self.pinned.set(form.pinned);
        self.after
            .set(form.after.map(|a| a.to_string()).unwrap_or_default());
        self.interval.load(&form.schedule);
        let usual = kind.map(|k| self.usual(k));
        self.own_words.set(usual.as_ref() != Some(&form.description));
        self.description.set(form.description.clone());
    }

    /// Begins with what is usual for a kind (J11, J13, J19, J21, J23).
    pub fn propose(self, kind: &JobKind) {
        self.kind.set(kind.code.clone());
        self.run_as.set(kind.run_as.clone());
        self.outputs.set(kind.outputs.clone());
        self.estimate.set(kind.estimate_minutes.to_string());
        let value = |key: &String| {
            let usual = match (key.as_str(), kind.code.as_str()) {
                ("voucher_type", "debt_collection") => "35 Procasso",
                ("voucher_type", _) => "23 Purring og renteberegning",
                ("registered_by", _) => "A - ÅÅÅÅÅÅÅÅ",
                _ => "",
            };
            (key.clone(), usual.to_owned())
        };
        self.params.set(kind.params.iter().map(value).collect());
        self.companies.update(|c| match kind.place {
            Place::Company => c.truncate(1),
            Place::Companies => {}
            Place::List => c.clear(),
        });
        self.suggest(&kind.suggested, kind.weekdays);
        self.own_words.set(false);
        self.description.set(self.usual(kind));
    }

    fn suggest(self, suggested: &Suggested, weekdays: bool) {
        let i = self.interval;
        i.days.set(if weekdays {
            WORKDAYS.to_vec()
        } else {
            Weekday::ALL.to_vec()
        });
        match suggested {
            Suggested::At(at) => {
                i.times.set(at.iter().map(ToString::to_string).collect());
                i.rhythm.set(match (at.len(), weekdays) {
                    (2.., _) => Rhythm::Several,
                    (_, true) => Rhythm::Weekly,
                    (_, false) => Rhythm::Once,
                });
            }
            Suggested::WorkingHours(60) => i.rhythm.set(Rhythm::Hourly),
            Suggested::WorkingHours(30) => i.rhythm.set(Rhythm::Half),
            Suggested::WorkingHours(minutes) => {
                i.rhythm.set(Rhythm::Window);
                i.minutes.set(minutes.to_string());
                i.from
                    .set(clock(i.hours.0).map(|c| c.to_string()).unwrap_or_default());
                i.to.set(clock(i.hours.1).map(|c| c.to_string()).unwrap_or_default());
            }
            Suggested::Window { minutes, from, to } => {
                i.rhythm.set(Rhythm::Window);
                i.minutes.set(minutes.to_string());
                i.from.set(from.to_string());
                i.to.set(to.to_string());
            }
        }
    }

    /// What can be filled into patterns as it is typed.
    pub fn values(self) -> BTreeMap<String, String> {
        let mut values = self.params.get();
        if let Some(company) = self.companies.with(|c| c.first().cloned()) {
            values.insert("company".into(), company);
        }
        values
    }

    /// What a job of this kind is usually called (J21, J23).
    pub fn usual(self, kind: &JobKind) -> String {
        let values = self.values();
        let values = values
            .iter()
            .map(|(k, v)| (k.as_str(), v.trim().to_owned()))
            .collect();
        pattern::fill(&kind.description, &values)
    }

    /// What is typed, as a form; whether it holds says the desk.
    pub fn form(self) -> JobForm {
        let server = self.server.get();
        let gap = self.gap.get();
        tidy(JobForm {
            kind: self.kind.get(),
            description: self.description.get(),
            companies: self.companies.get(),
            server: (!server.is_empty()).then_some(server),
            run_as: self.run_as.get(),
            schedule: self.interval.schedule(),
            params: self.params.get(),
            outputs: self.outputs.get(),
            // what is no number is refused as one that is out of range, at its field
            estimate_minutes: self.estimate.with(|e| e.trim().parse().unwrap_or(0)),
            gap_minutes: (!gap.trim().is_empty()).then(|| gap.trim().parse().unwrap_or(u32::MAX)),
            pinned: self.pinned.get(),
            after: self.after.with(|a| a.parse().ok()),
        })
    }
}

/// The same form with its parts in the order that the desk gives them in, so that two can be compared.
pub fn tidy(mut form: JobForm) -> JobForm {
    form.companies.sort_by_key(|c| (c.len(), c.clone()));
    form.schedule.days.sort_unstable();
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_times_as_people_type_them() {
        for (typed, said) in [
            ("07:30", "07:30"),
            (" 7.30 ", "07:30"),
            ("0730", "07:30"),
            ("730", "07:30"),
            ("7", "07:00"),
            ("23:59", "23:59"),
        ] {
            assert_eq!(
                read_clock(typed).map(|c| c.to_string()).as_deref(),
                Some(said),
                "{typed:?}"
            );
        }
        for none in [
            "",
            "24:00",
            "7:5",
            "07:60",
            "x",
            "07:30:00",
            "+7:30",
            "１２:00",
            "99999",
        ] {
            assert_eq!(read_clock(none), None, "{none:?}");
        }
    }
}
