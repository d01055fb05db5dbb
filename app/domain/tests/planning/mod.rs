//! Friday 20 November 2026 in Oslo: what the tests plan with.

mod free;
mod random;
mod source;
mod spreading;
mod thoughts;

use chrono::{DateTime, TimeDelta, Utc};
use domain::planner::{Basis, Blocked, Clash, Day, Entry, Length, Rule, Window, With, gap_after};

pub fn instant(rfc3339: &str) -> DateTime<Utc> {
    rfc3339.parse().expect("an instant")
}

/// A clock time of the day, winter time.
pub fn at(clock: &str) -> DateTime<Utc> {
    instant(&format!("2026-11-20T{clock}:00+01:00"))
}

pub fn window(from: &str, until: &str) -> Window {
    Window {
        from: at(from),
        until: at(until),
    }
}

pub fn blocked(from: &str, until: &str, reason: &str) -> Blocked {
    Blocked {
        from: at(from),
        until: at(until),
        owner: "IT".into(),
        reason: reason.into(),
    }
}

/// What the source's IT department keeps: backup, Tomcat, broker restart.
pub fn it_windows() -> Vec<Blocked> {
    vec![
        blocked("05:00", "05:15", "Tomcat"),
        blocked("05:30", "05:45", "Broker restart"),
        blocked("23:00", "23:45", "Backup"),
    ]
}

pub fn day(entries: Vec<Entry>) -> Day {
    Day {
        from: at("00:00"),
        until: at("00:00") + TimeDelta::days(1),
        clock_change: None,
        entries,
        blocked: it_windows(),
    }
}

/// A run for company 1 on server 1 with the rule's gap.
pub fn run(job: i64, clock: &str, minutes: u32) -> Entry {
    let length = Length {
        minutes,
        basis: Basis::Learned { runs: 20 },
    };
    Entry {
        job,
        company: Some(1),
        server: Some(1),
        module: "economy".into(),
        name: format!("job {job}"),
        starts: at(clock),
        length,
        gap: gap_after(length),
        pinned: false,
        after: None,
        allowed: vec![],
    }
}

pub fn rules(clashes: &[Clash]) -> Vec<(Rule, i64, i64)> {
    clashes.iter().map(|c| (c.rule, c.run.job, c.minutes)).collect()
}

pub fn partner(clash: &Clash) -> i64 {
    match &clash.with {
        With::Run(other) => other.job,
        other => panic!("{other:?} is no run"),
    }
}
