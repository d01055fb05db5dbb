//! The audit log, read (S3).

use crate::desk::Engine;
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use domain::{Role, Viewer};
use store::{
    audit::{self, AuditRaw, Filter, Named},
    error::Result,
    zone::Zone,
};
use views::{
    OfficeView,
    audit::{AuditAsked, AuditLine, AuditPage},
};

/// Lines of one page.
const PAGE: u32 = 100;
/// How the subject begins of what was done to a dossier; its code follows.
const DOSSIER: &str = "dossier ";
/// Most characters of a value on the page.
const LONGEST: usize = 2000;

impl Engine {
    /// What people did in an office, newest first. Acts on the platform itself are for Support alone.
    pub async fn audit(&self, viewer: &Viewer, office: &OfficeView, asked: &AuditAsked) -> Result<AuditPage> {
        let filter = filter(viewer, &office.zone, asked);
        let mut raw = audit::lines(&self.readers, office.id, &filter, PAGE + 1).await?;
        let more = raw.len() > PAGE as usize;
        raw.truncate(PAGE as usize);
        let of = |kind: &str| -> Vec<i64> { raw.iter().filter_map(|r| number(&r.subject, kind)).collect() };
        let (people, connectors) = (of("person"), of("connector"));
        // by their codes, which may look like numbers
        let dossiers: Vec<&str> = raw
            .iter()
            .filter_map(|r| r.subject.strip_prefix(DOSSIER))
            .collect();
        let names = audit::names(&self.readers, office.id, &people, &dossiers, &connectors).await?;
        let zone = Zone::of(&office.zone);
        Ok(AuditPage {
            lines: raw.into_iter().map(|r| line(r, &names, zone)).collect(),
            more,
            people: audit::people(&self.readers, office.id).await?,
        })
    }
}

pub(crate) fn filter(viewer: &Viewer, zone: &str, asked: &AuditAsked) -> Filter {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    Filter {
        platform: viewer.role == Role::Support,
        support: asked.who == "support",
        // a number that nobody has, so that nonsense finds nothing
        person: match asked.who.as_str() {
            "" | "support" => 0,
            who => who.parse().ok().filter(|n| *n != 0).unwrap_or(-1),
        },
        what: asked.what.clone(),
        from: day(&asked.from).map_or(i64::MIN, |d| midnight(zone, d)),
        until: day(&asked.to)
            .and_then(|d| d.checked_add_days(Days::new(1)))
            .map_or(i64::MAX, |d| midnight(zone, d)),
        text: asked.text.chars().take(200).collect(),
        below: asked.before.unwrap_or(i64::MAX),
    }
}

/// When a day begins in a zone, also where that midnight does not exist.
fn midnight(zone: Tz, day: NaiveDate) -> i64 {
    let local = day.and_time(NaiveTime::MIN);
    let found = (0..4).find_map(|h| {
        zone.from_local_datetime(&(local + chrono::TimeDelta::hours(h)))
            .earliest()
    });
    found.map_or_else(|| local.and_utc().timestamp_millis(), |t| t.timestamp_millis())
}

/// The number of a subject such as `person 12`.
fn number(subject: &str, kind: &str) -> Option<i64> {
    let (k, rest) = subject.split_once(' ')?;
    (k == kind).then(|| rest.parse().ok()).flatten()
}

fn line(raw: AuditRaw, names: &[Named], zone: Zone) -> AuditLine {
    let (kind, rest) = raw.subject.split_once(' ').unwrap_or((raw.subject.as_str(), ""));
    let is = |n: &&Named| match kind {
        "dossier" => n.kind == kind && n.code == rest,
        _ => n.kind == kind && rest.parse() == Ok(n.id),
    };
    let named = names.iter().find(is);
    let subject = named.map_or_else(|| rest.to_owned(), |n| n.name.clone());
    // what somebody did to themselves names them once
    let own = kind == "person" && rest.parse() == Ok(raw.person);
    let path = match (kind, named) {
        _ if own => None,
        ("task", _) if rest.parse::<i64>().is_ok() => Some(format!("tasks/{rest}")),
        ("person", Some(n)) => Some(format!("users?person={}", n.id)),
        ("dossier", Some(n)) => Some(format!("dossiers/{}", n.code)),
        ("dossier", None) if domain::text::is_dossier_code(rest) => Some(format!("dossiers/{rest}")),
        ("connector", Some(_)) => Some("connectors".to_owned()),
        ("setting", _) => Some("settings".to_owned()),
        ("job", _) if rest.parse::<i64>().is_ok() => Some(format!("jobs/{rest}")),
        ("kind", _) => Some(format!("jobs/kinds?list={rest}")),
        ("procedure", _) if rest.parse::<i64>().is_ok() => Some(format!("procedures/{rest}")),
        _ => None,
    };
    AuditLine {
        id: raw.id,
        at: zone.moment(raw.at),
        who: raw.name,
        role: raw.role.as_deref().and_then(Role::from_key),
        what: raw.what,
        kind: kind.to_owned(),
        subject: if own { String::new() } else { subject },
        path,
        before: raw.before.map(shortened),
        after: raw.after.map(shortened),
        platform: raw.office.is_none(),
    }
}

fn shortened(value: String) -> String {
    if value.chars().count() <= LONGEST {
        return value;
    }
    value.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_offices_midnight() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        assert_eq!(midnight(Tz::Europe__Brussels, day), 1_795_215_600_000);
        // Havana sets its clock forward at midnight
        let gap = NaiveDate::from_ymd_opt(2026, 3, 8).unwrap();
        assert!(midnight(Tz::America__Havana, gap) > 0);
    }
}
