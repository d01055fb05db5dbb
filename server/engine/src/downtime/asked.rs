//! What was typed, as instants, and what is wrong with it (D2).

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use domain::{
    FieldError, Refusal, Rule,
    downtime::{Downtime, LEAD_MS, Phase},
};
use store::{error::Result, zone::Zone};
use views::downtime::Draft;

/// What was typed, as instants.
#[derive(Debug)]
pub(super) struct Asked {
    pub closes_at: i64,
    pub expected_until: Option<i64>,
    pub doubled: bool,
}

/// Checks what was typed. `before` is the downtime that is changed.
pub(super) fn check(draft: &Draft, zone: &str, now: i64, before: Option<&Downtime>) -> Result<Asked> {
    let mut errors = vec![];
    let closed = before.is_some_and(|d| d.phase(now) == Phase::Closed);
    let closes = match before.filter(|_| closed) {
        // it has closed: that moment is past
        Some(d) => Some((d.closes_at, false)),
        None => local(&mut errors, "closes", &draft.day, &draft.clock, zone),
    };
    let kept = before.is_some_and(|d| closes.is_some_and(|(at, _)| at == d.closes_at));
    if let Some((at, _)) = closes.filter(|_| !kept)
        && at < now + LEAD_MS
    {
        // the next full minute that is far enough
        let earliest = (now + LEAD_MS + 59_999).div_euclid(60_000) * 60_000;
        let earliest = Zone::of(zone).moment(earliest).clock();
        errors.push(FieldError::of("closes", Rule::TooSoon { earliest }));
    }
    let until = if draft.until_day.trim().is_empty() && draft.until_clock.trim().is_empty() {
        None
    } else {
        let day = match draft.until_day.trim() {
            "" => draft.day.as_str(),
            day => day,
        };
        local(&mut errors, "until", day, &draft.until_clock, zone)
    };
    if let (Some((closes, _)), Some((until, _))) = (closes, until)
        && until <= closes
    {
        errors.push(FieldError::of("until", Rule::EndsBeforeItCloses));
    }
    draft.reason.check(&mut errors);
    match closes {
        Some((closes_at, doubled)) if errors.is_empty() => Ok(Asked {
            closes_at,
            expected_until: until.map(|(at, _)| at),
            doubled,
        }),
        _ => Err(Refusal::Invalid(errors).into()),
    }
}

/// The instant of a day and a clock time in a zone, and whether the clock shows it twice: the first is meant.
fn local(
    errors: &mut Vec<FieldError>,
    field: &str,
    day: &str,
    clock: &str,
    zone: &str,
) -> Option<(i64, bool)> {
    use chrono::TimeZone;
    let mut wrong = |rule| {
        errors.push(FieldError::of(field, rule));
        None
    };
    let Ok(day) = NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d") else {
        return wrong(Rule::NoDay);
    };
    let Ok(clock) = NaiveTime::parse_from_str(clock.trim(), "%H:%M") else {
        return wrong(Rule::NoClockTime);
    };
    // far beyond the tables of the zones nobody plans
    if !(1970..=2099).contains(&chrono::Datelike::year(&day)) {
        return wrong(Rule::TooFar);
    }
    let tz: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    match tz.from_local_datetime(&NaiveDateTime::new(day, clock)) {
        chrono::LocalResult::Single(t) => Some((t.timestamp_millis(), false)),
        chrono::LocalResult::Ambiguous(first, _) => Some((first.timestamp_millis(), true)),
        chrono::LocalResult::None => wrong(Rule::ClockSkipped),
    }
}
