//! The slow model: it walks through the minutes with the IANA database's own clock and asks at each what the rules
//! say, in another way than the code does.

use super::{at, calendars};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Tz;
use domain::schedule::{Schedule, Zone};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

const KEYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Minutes around the middle of a case that are walked, either side.
const AROUND: i64 = 7 * 1440;

/// A schedule as the model knows it.
#[derive(Clone, Debug)]
struct Case {
    zone: Tz,
    days: Vec<usize>,
    times: Times,
    month_days: Vec<i32>,
    starts: Option<NaiveDate>,
    ends: Option<NaiveDate>,
    weeks: i64,
    holidays: Option<(&'static str, &'static str)>,
    not_before: Option<NaiveDate>,
    /// The middle: a minute since 1970.
    middle: i64,
}

#[derive(Clone, Debug)]
enum Times {
    At(Vec<u32>),
    Every(u32, u32, u32),
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl Case {
    fn json(&self) -> Value {
        let mut parts = json!({
            "zone": self.zone.name(),
            "days": self.days.iter().map(|d| KEYS[*d]).collect::<Vec<_>>(),
        });
        match &self.times {
            Times::At(at) => parts["at"] = json!(at.iter().map(|t| clock(*t)).collect::<Vec<_>>()),
            Times::Every(minutes, from, to) => {
                parts["every"] = json!({"minutes": minutes, "from": clock(*from), "to": clock(*to)});
            }
        }
        if !self.month_days.is_empty() {
            parts["month_days"] = json!(self.month_days);
        }
        if let Some((calendar, action)) = self.holidays {
            parts["holidays"] = json!({"calendar": calendar, "action": action});
        }
        for (name, day) in [
            ("starts_on", self.starts),
            ("ends_on", self.ends),
            ("not_before", self.not_before),
        ] {
            if let Some(day) = day {
                parts[name] = json!(day);
            }
        }
        if self.weeks > 1 {
            parts["every_weeks"] = json!(self.weeks);
        }
        parts
    }

    fn within(&self, day: NaiveDate) -> bool {
        self.starts.is_none_or(|s| day >= s) && self.ends.is_none_or(|e| day <= e)
    }

    fn plans(&self, day: NaiveDate) -> bool {
        let last = (28..=31).rev().find_map(|d| day.with_day(d)).unwrap().day() as i32;
        let of_month = day.day() as i32;
        let monday = |d: NaiveDate| d.week(Weekday::Mon).first_day();
        let weeks = self.starts.map_or(0, |s| (monday(day) - monday(s)).num_weeks());
        self.days
            .contains(&(day.weekday().num_days_from_monday() as usize))
            && (self.month_days.is_empty()
                || self.month_days.contains(&of_month)
                || self.month_days.contains(&(of_month - last - 1)))
            && weeks % self.weeks == 0
            && self.within(day)
    }

    /// Where the runs of a planned day go.
    fn sent(&self, day: NaiveDate) -> Option<NaiveDate> {
        let Some((name, action)) = self.holidays else {
            return Some(day);
        };
        let calendars = calendars();
        let calendar = calendars.named(name).unwrap();
        let step = match action {
            _ if !calendar.holds(day) => return Some(day),
            "run" => return Some(day),
            "skip" => return None,
            "next_working_day" => TimeDelta::days(1),
            _ => TimeDelta::days(-1),
        };
        let mut to = day;
        while !calendar.is_working_day(to) {
            to += step;
        }
        Some(to)
    }

    /// The days on which runs start, around the middle.
    fn starts_on_days(&self) -> BTreeSet<NaiveDate> {
        let middle = self.local(self.middle).date();
        let around = (-60..60).map(|n| middle + TimeDelta::days(n));
        let sent = around.filter(|d| self.plans(*d)).filter_map(|d| self.sent(d));
        sent.filter(|d| self.within(*d) && self.not_before.is_none_or(|n| *d >= n))
            .collect()
    }

    fn local(&self, minute: i64) -> NaiveDateTime {
        let utc = DateTime::from_timestamp(minute * 60, 0).unwrap();
        utc.with_timezone(&self.zone).naive_local()
    }

    /// Every minute around the middle at which a run starts.
    fn runs(&self) -> BTreeSet<i64> {
        let walk: Vec<_> = (self.middle - AROUND..self.middle + AROUND)
            .map(|m| (m, self.local(m)))
            .collect();
        // the first minute at which the clock shows a time or is past it
        let mut highest = vec![];
        for (minute, local) in &walk {
            if highest.last().is_none_or(|(_, high)| local > high) {
                highest.push((*minute, *local));
            }
        }
        let reached = |wanted: NaiveDateTime| {
            let i = highest.partition_point(|(_, high)| *high < wanted);
            highest.get(i).map(|(minute, _)| *minute)
        };
        let shown: HashMap<NaiveDateTime, i64> = walk.iter().map(|(m, local)| (*local, *m)).collect();
        let mut runs = BTreeSet::new();
        for day in self.starts_on_days() {
            let on =
                |day: NaiveDate, t: u32| day.and_time(NaiveTime::from_hms_opt(t / 60, t % 60, 0).unwrap());
            match &self.times {
                Times::At(at) => runs.extend(at.iter().filter_map(|t| reached(on(day, *t)))),
                Times::Every(_, from, to) if from == to => runs.extend(reached(on(day, *from))),
                Times::Every(minutes, from, to) => {
                    let end = on(if to < from { day.succ_opt().unwrap() } else { day }, *to);
                    let opens = reached(on(day, *from));
                    // of a doubled clock time the map holds the second pass
                    let closes = shown.get(&end).copied().or(reached(end));
                    let (Some(opens), Some(closes)) = (opens, closes) else {
                        continue;
                    };
                    runs.extend((opens..=closes).step_by(*minutes as usize));
                }
            }
        }
        runs
    }
}

fn some_zone() -> impl Strategy<Value = Tz> {
    // half an hour, two hours, at midnight, a skipped day, by the moon, never
    prop::sample::select(vec![
        Tz::Europe__Oslo,
        Tz::Europe__Oslo,
        Tz::Europe__Amsterdam,
        Tz::Australia__Lord_Howe,
        Tz::Antarctica__Troll,
        Tz::America__Sao_Paulo,
        Tz::America__St_Johns,
        Tz::Asia__Beirut,
        Tz::Pacific__Apia,
        Tz::Africa__Casablanca,
        Tz::Asia__Kathmandu,
        Tz::UTC,
    ])
}

/// A minute within some days of a night that is short or long.
fn some_middle(zone: Tz) -> impl Strategy<Value = i64> {
    let years = at("2005-01-01T00:00:00Z")..at("2035-01-01T00:00:00Z");
    (years, -3000..3000_i64).prop_map(move |(from, aside)| {
        let shift = Zone::named(zone.name()).unwrap().shift_after(from);
        shift.map_or(from / 1000, |s| s.at) / 60 + aside
    })
}

fn some_times() -> impl Strategy<Value = Times> {
    // mostly in the small hours, where clocks change
    let time = || prop_oneof![3 => 0..250u32, 1 => 0..1440u32, 1 => 1380..1440u32];
    prop_oneof![
        prop::collection::btree_set(time(), 1..6).prop_map(|at| Times::At(at.into_iter().collect())),
        (prop_oneof![1..90u32, 1..1441u32], time(), time())
            .prop_map(|(m, from, to)| Times::Every(m, from, to)),
    ]
}

fn some_case() -> impl Strategy<Value = Case> {
    let calendar = prop::sample::select(vec!["NO", "DK", "NL", "BE", "often"]);
    let action = prop::sample::select(vec!["run", "skip", "next_working_day", "previous_working_day"]);
    let month_days = prop::collection::btree_set(prop_oneof![1..=31, -31..=-1], 1..20);
    (
        some_zone(),
        prop::sample::subsequence((0..7).collect::<Vec<_>>(), 1..8),
    )
        .prop_flat_map(move |(zone, days)| {
            let near = || prop::option::weighted(0.3, -6..6i64);
            (
                (Just(zone), Just(days), some_middle(zone), some_times()),
                prop::option::weighted(0.3, month_days.clone()),
                (near(), near(), near(), 1..4i64),
                prop::option::of((calendar.clone(), action.clone())),
            )
        })
        .prop_map(
            |((zone, days, middle, times), month_days, (starts, ends, not_before, weeks), holidays)| {
                let today = DateTime::from_timestamp(middle * 60, 0).unwrap().date_naive();
                let day = |n: i64| today + TimeDelta::days(n);
                Case {
                    zone,
                    days,
                    times,
                    month_days: month_days.into_iter().flatten().collect(),
                    starts: starts.map(day),
                    ends: ends.map(day),
                    weeks: if starts.is_some() { weeks } else { 1 },
                    holidays,
                    not_before: not_before.map(day),
                    middle,
                }
            },
        )
}

proptest! {
    #[test]
    fn the_timetable_agrees_with_the_minutes(case in some_case(), before in 0..5760i64) {
        let schedule = Schedule::from_json(&case.json().to_string()).unwrap();
        let model = case.runs();
        // the walk ends some days after this, so that no window is cut
        let (after, until) = (case.middle - before, case.middle + 4 * 1440);
        let expected: Vec<_> = model.range(after + 1..until).copied().collect();
        match schedule.timetable(&calendars()) {
            Ok(timetable) => {
                let found = timetable.after(after * 60_000).map(|at| at / 60_000);
                let found: Vec<_> = found.take_while(|m| *m < until).collect();
                prop_assert_eq!(found, expected, "{}", case.json());
            }
            Err(e) => {
                // bounds that leave no day: then the model has no run either
                prop_assert!(e.to_string().contains("ends_on"), "{}", e);
                prop_assert!(model.is_empty(), "{} has {:?}", e, model);
            }
        }
    }
}
