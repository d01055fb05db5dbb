//! Rows of offices.

use super::{sound, unsigned};
use crate::error::{Result, taken};
use domain::OfficeId;
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;
use views::Counts;

/// A lease of an office that has set nothing lasts so long.
pub const LEASE_SECONDS: u32 = 120;

/// An office and its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeRow {
    /// Its number; 0 before it is written.
    pub id: OfficeId,
    /// As it stands in the path.
    pub code: String,
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// Language of what it sends, by tag.
    pub language: String,
    /// Whom staff may ask.
    pub support_contact: String,
    /// Connectors come again after this many seconds at the earliest.
    pub poll_from: u32,
    /// ... and at the latest.
    pub poll_to: u32,
    /// A lease lives this many seconds without `extend`.
    pub lease_seconds: u32,
    /// A waiting instruction reminds the dossier's managers after this many hours.
    pub remind_hours: u32,
    /// ... and the office's admins after this many.
    pub escalate_hours: u32,
    /// Working hours begin, minutes from midnight.
    pub hours_from: u32,
    /// ... and end.
    pub hours_to: u32,
}

/// Every office.
pub fn all(db: &Connection) -> Result<HashMap<OfficeId, OfficeRow>> {
    let mut q = db.prepare("SELECT id, code, name, zone, language, support_contact, poll_from, poll_to, lease_seconds, remind_hours, escalate_hours, hours_from, hours_to FROM office")?;
    let mut rows = q.query([])?;
    let mut all = HashMap::new();
    while let Some(r) = rows.next()? {
        if let Some(office) = sound("office", office(r))? {
            all.insert(office.id, office);
        }
    }
    Ok(all)
}

fn office(r: &Row<'_>) -> rusqlite::Result<OfficeRow> {
    Ok(OfficeRow {
        id: r.get(0)?,
        code: r.get(1)?,
        name: r.get(2)?,
        zone: r.get(3)?,
        language: r.get(4)?,
        support_contact: r.get(5)?,
        poll_from: r.get(6)?,
        poll_to: r.get(7)?,
        lease_seconds: r.get(8)?,
        remind_hours: r.get(9)?,
        escalate_hours: r.get(10)?,
        hours_from: r.get(11)?,
        hours_to: r.get(12)?,
    })
}

/// Writes a new office and gives its number.
pub fn insert(db: &Connection, o: &OfficeRow) -> Result<OfficeId> {
    db.query_row(
        "INSERT INTO office (code, name, zone, language, support_contact, poll_from, poll_to, lease_seconds, remind_hours, escalate_hours,
           hours_from, hours_to)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id",
        params![
            o.code,
            o.name,
            o.zone,
            o.language,
            o.support_contact,
            o.poll_from,
            o.poll_to,
            o.lease_seconds,
            o.remind_hours,
            o.escalate_hours,
            o.hours_from,
            o.hours_to
        ],
        |r| r.get(0),
    )
    .map_err(taken("code"))
}

/// Writes the settings of an office.
pub fn update(db: &Connection, o: &OfficeRow) -> Result<()> {
    db.execute(
        "UPDATE office SET name = ?2, zone = ?3, language = ?4, support_contact = ?5, poll_from = ?6, poll_to = ?7,
           lease_seconds = ?8, remind_hours = ?9, escalate_hours = ?10, hours_from = ?11, hours_to = ?12 WHERE id = ?1",
        params![
            o.id,
            o.name,
            o.zone,
            o.language,
            o.support_contact,
            o.poll_from,
            o.poll_to,
            o.lease_seconds,
            o.remind_hours,
            o.escalate_hours,
            o.hours_from,
            o.hours_to
        ],
    )?;
    Ok(())
}

/// Writes how many of an office's tasks are concluded, as of the event `seq`.
pub fn save_counts(db: &Connection, office: OfficeId, c: &Counts, seq: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO office_counts (office, succeeded, cancelled, seq) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (office)
         DO UPDATE SET succeeded = excluded.succeeded, cancelled = excluded.cancelled, seq = excluded.seq",
    )?
    .execute(params![office, c.succeeded as i64, c.cancelled as i64, seq])?;
    Ok(())
}

/// Reads how many tasks are concluded into `counts`; gives the event that this is of.
pub fn read_counts(db: &Connection, counts: &mut HashMap<OfficeId, Counts>) -> Result<i64> {
    let mut q = db.prepare("SELECT office, succeeded, cancelled, seq FROM office_counts")?;
    let mut rows = q.query([])?;
    let mut seq = 0;
    while let Some(r) = rows.next()? {
        let read = || Ok((r.get(0)?, unsigned(r, 1)?, unsigned(r, 2)?, r.get(3)?));
        if let Some((office, succeeded, cancelled, of)) = sound("office_counts", read())? {
            let c = counts.entry(office).or_default();
            (c.succeeded, c.cancelled) = (succeeded, cancelled);
            seq = of;
        }
    }
    Ok(seq)
}
