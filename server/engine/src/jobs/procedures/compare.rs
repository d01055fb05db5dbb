//! An old job and the one that takes its place, side by side (J9).

use crate::jobs::check;
use domain::{
    Language,
    job::{JobForm, JobKind, Standing},
    schedule::{DayWords, NotBefore, Schedule, TimeWords},
};
use store::{error::Result, job::JobRow, look::Look};
use views::procedures::Compared;

/// Compares: standing, start time, interval, user, outputs, the kind's fields, server, description. `people` are names in
/// small letters: a job must not run as one of them (J11).
pub fn compare(
    w: Look<'_>,
    old: &JobRow,
    twin: &JobRow,
    kind: Option<&JobKind>,
    people: &[String],
    language: Language,
) -> Result<Vec<Compared>> {
    let (was, is) = (check::whole(w, old)?, check::whole(w, twin)?);
    let line = |what: &str, old: String, new: String, wrong: Option<&str>| Compared {
        what: what.into(),
        old,
        new,
        good: wrong.is_none(),
        why: wrong.map(Into::into),
    };
    let differs = |same: bool| (!same).then_some("differs");
    let (first_was, first_is) = (first(&was.schedule), first(&is.schedule));
    let person = people.contains(&is.run_as.trim().to_lowercase());
    let user = match () {
        () if person => Some("person"),
        () => differs(is.run_as == was.run_as || kind.is_some_and(|k| k.run_as == is.run_as)),
    };
    let named =
        kind.is_none_or(|k| fits(&k.description, &is.description)) || is.description == was.description;
    Ok(vec![
        line(
            "status",
            old.standing.key().into(),
            twin.standing.key().into(),
            (twin.standing != Standing::Active).then_some("not_queued"),
        ),
        line(
            "start",
            first_was.clone(),
            first_is.clone(),
            differs(first_was == first_is),
        ),
        line(
            "interval",
            interval(&was.schedule, language),
            interval(&is.schedule, language),
            differs(was.schedule == is.schedule && was.companies == is.companies),
        ),
        line("run_as", was.run_as.clone(), is.run_as.clone(), user),
        line(
            "outputs",
            outputs(&was),
            outputs(&is),
            differs(was.outputs == is.outputs),
        ),
        line(
            "params",
            params(&was),
            params(&is),
            differs(was.params == is.params),
        ),
        line(
            "server",
            server(&was),
            server(&is),
            differs(was.server == is.server),
        ),
        line(
            "description",
            was.description.clone(),
            is.description.clone(),
            (!named).then_some("pattern"),
        ),
    ])
}

fn outputs(form: &JobForm) -> String {
    let each = form
        .outputs
        .iter()
        .map(|o| format!("{}/{} {}", o.path, o.file, o.format));
    listed(each)
}

fn params(form: &JobForm) -> String {
    listed(form.params.values().filter(|v| !v.is_empty()).cloned())
}

fn listed(each: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = each.collect();
    if all.is_empty() {
        "–".into()
    } else {
        all.join(", ")
    }
}

fn server(form: &JobForm) -> String {
    form.server.clone().unwrap_or_else(|| "–".into())
}

/// The first clock time of a day.
fn first(schedule: &Schedule) -> String {
    match schedule.summary().map(|s| s.times) {
        Some(TimeWords::At(at)) => at.first().map(ToString::to_string).unwrap_or_default(),
        Some(TimeWords::Every { from, .. }) => from.to_string(),
        None => "–".into(),
    }
}

/// `Mon–Fri · 07:00–16:00 / 30 min`.
fn interval(schedule: &Schedule, language: Language) -> String {
    let Some(s) = schedule.summary() else {
        return "–".into();
    };
    let day = |d: &domain::schedule::Weekday| language.weekday_short(d.from_monday()).to_owned();
    let days = match &s.days {
        DayWords::Daily => format!("{}–{}", language.weekday_short(0), language.weekday_short(6)),
        DayWords::Range(from, to) => format!("{}–{}", day(from), day(to)),
        DayWords::These(days) => days.iter().map(day).collect::<Vec<_>>().join(", "),
    };
    let times = match &s.times {
        TimeWords::At(at) => at.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        TimeWords::Every {
            minutes, from, last, ..
        } => format!("{from}–{last} / {minutes} min"),
    };
    let mut said = vec![days, times];
    if s.weeks > 1 {
        said.push(format!("1/{}", s.weeks));
    }
    if !s.month_days.is_empty() {
        said.push(
            s.month_days
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    match s.not_before {
        Some(NotBefore::Day(day)) => said.push(format!("≥ {day}")),
        Some(NotBefore::Instant(at)) => said.push(format!("≥ {at}")),
        None => {}
    }
    said.join(" · ")
}

/// Whether a description follows a pattern such as `Autopay_all_valuta_selskap {company}`: its fixed parts in order.
fn fits(pattern: &str, text: &str) -> bool {
    let mut fixed = vec![];
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        fixed.push(&rest[..open]);
        rest = rest[open..]
            .find('}')
            .map_or("", |close| &rest[open + close + 1..]);
    }
    let end = rest;
    let Some(mut left) = text.strip_prefix(fixed.first().copied().unwrap_or("")) else {
        return false;
    };
    if fixed.is_empty() {
        return text == end;
    }
    for part in &fixed[1..] {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_description_follows_its_pattern() {
        for (pattern, text, follows) in [
            (
                "Autopay_all_valuta_selskap {company}",
                "Autopay_all_valuta_selskap 75",
                true,
            ),
            (
                "Autopay_all_valuta_selskap {company}",
                "Innfordring - periodisk kjøring - 75",
                false,
            ),
            (
                "Aut.purrerutine.{company},{ledger},{code}",
                "Aut.purrerutine.1,K500,P1",
                true,
            ),
            (
                "Aut.purrerutine.{company},{ledger},{code}",
                "Aut.purrerutine.1",
                false,
            ),
            ("Postere bilag alle selskap", "Postere bilag alle selskap", true),
            ("Postere bilag alle selskap", "Postere bilag", false),
            ("CCM {system} Status Batch Job", "CCM BS Status Batch Job", true),
        ] {
            assert_eq!(fits(pattern, text), follows, "{pattern} {text}");
        }
    }
}
