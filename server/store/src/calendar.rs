//! Rows of calendars: an office's own days off (J24).

use super::{json, sound};
use crate::{db::Ask, error::Result};
use domain::{
    OfficeId,
    calendar::{Calendar, Calendars, Country},
};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// The calendars of every office.
pub fn all(db: &Connection) -> Result<HashMap<OfficeId, Calendars>> {
    let mut q = db.prepare("SELECT office, name, country, days FROM calendar")?;
    let mut rows = q.query([])?;
    let mut all: HashMap<OfficeId, Calendars> = HashMap::new();
    while let Some(r) = rows.next()? {
        let read = || {
            let country: Option<String> = r.get(2)?;
            let calendar = Calendar {
                country: country.as_deref().and_then(Country::from_code),
                days: json(r, 3)?,
            };
            Ok((r.get(0)?, r.get::<_, String>(1)?, calendar))
        };
        if let Some((office, name, calendar)) = sound("calendar", read())? {
            all.entry(office).or_default().add(name, calendar);
        }
    }
    Ok(all)
}

/// The version of a calendar; `None` when there is none of that name.
pub fn version(db: &Connection, office: OfficeId, name: &str) -> Result<Option<i64>> {
    db.one(
        "SELECT version FROM calendar WHERE office = ?1 AND name = ?2",
        params![office, name],
        |r| r.get(0),
    )
}

/// Writes a calendar.
pub fn put(db: &Connection, office: OfficeId, name: &str, calendar: &Calendar, version: i64) -> Result<()> {
    db.execute(
        "INSERT INTO calendar (office, name, country, days, version) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (office, name)
         DO UPDATE SET country = excluded.country, days = excluded.days, version = excluded.version",
        params![
            office,
            name,
            calendar.country.map(Country::code),
            serde_json::to_string(&calendar.days)?,
            version
        ],
    )?;
    Ok(())
}

/// Removes a calendar.
pub fn remove(db: &Connection, office: OfficeId, name: &str) -> Result<()> {
    db.execute(
        "DELETE FROM calendar WHERE office = ?1 AND name = ?2",
        params![office, name],
    )?;
    Ok(())
}
