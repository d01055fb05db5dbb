//! Rows of connectors, integrations and their tokens.

use super::{json, sound};
use crate::{
    db::Ask,
    error::{Result, taken},
    secret::Hash,
};
use domain::{Caller, OfficeId, task::ConnectorId};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;

/// What a connector says of itself in `hello`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hello {
    /// Names this start of it.
    pub boot_id: String,
    pub version: String,
    /// Packages it can reach.
    pub packages: Vec<String>,
    /// Kinds it can carry out.
    pub kinds: Vec<String>,
    /// Kinds it looks for in the package before it does them again.
    pub recovers: Vec<String>,
    /// Tasks it can run at once.
    pub max_parallel: u32,
    /// Reports of finished work that it still holds because nobody took them.
    pub unaccepted_reports: u32,
}

#[derive(Debug, Clone)]
pub struct ConnectorRow {
    /// Its number.
    pub id: ConnectorId,
    /// Whose.
    pub office: OfficeId,
    pub name: String,
    /// What it said last; `None` before the first `hello`.
    pub hello: Option<Hello>,
    /// Shut out.
    pub revoked: bool,
    /// Held back by a person.
    pub held: Option<Held>,
    /// Wall clock of the last call that is on disk.
    pub heard_at: Option<i64>,
}

/// A connector is held back: who did it, why, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// A person's name.
    pub by: String,
    /// In their words.
    pub reason: String,
    /// Wall clock.
    pub at: i64,
}

/// What a connector is called.
pub fn name(db: &Connection, id: ConnectorId) -> Result<Option<String>> {
    db.one("SELECT name FROM connector WHERE id = ?1", [id], |r| r.get(0))
}

/// Every connector.
pub fn all(db: &Connection) -> Result<Vec<ConnectorRow>> {
    let mut q = db.prepare(
        "SELECT id, office, name, boot_id, version, packages, kinds, recovers, max_parallel, revoked_at IS NOT NULL,
         heard_at, held_by, held_reason, held_at, unaccepted FROM connector",
    )?;
    let mut rows = q.query([])?;
    let mut all = vec![];
    while let Some(r) = rows.next()? {
        all.extend(sound("connector", row(r))?);
    }
    Ok(all)
}

fn row(r: &Row<'_>) -> rusqlite::Result<ConnectorRow> {
    let list = |i: usize| -> rusqlite::Result<Vec<String>> { json(r, i) };
    let hello = match r.get::<_, Option<String>>(3)? {
        None => None,
        Some(boot_id) => Some(Hello {
            boot_id,
            version: r.get(4)?,
            packages: list(5)?,
            kinds: list(6)?,
            recovers: list(7)?,
            max_parallel: r.get(8)?,
            unaccepted_reports: r.get(14)?,
        }),
    };
    Ok(ConnectorRow {
        id: r.get(0)?,
        office: r.get(1)?,
        name: r.get(2)?,
        hello,
        revoked: r.get(9)?,
        heard_at: r.get(10)?,
        held: match (r.get(11)?, r.get(12)?, r.get(13)?) {
            (Some(by), Some(reason), Some(at)) => Some(Held { by, reason, at }),
            _ => None,
        },
    })
}

/// Writes a new connector and gives its number.
pub fn insert(db: &Connection, office: OfficeId, name: &str) -> Result<ConnectorId> {
    db.query_row(
        "INSERT INTO connector (office, name) VALUES (?1, ?2) RETURNING id",
        params![office, name],
        |r| r.get(0),
    )
    .map_err(taken("name"))
}

/// Writes a new integration and gives its number.
pub fn insert_integration(db: &Connection, office: OfficeId, name: &str) -> Result<i64> {
    db.query_row(
        "INSERT INTO integration (office, name) VALUES (?1, ?2) RETURNING id",
        params![office, name],
        |r| r.get(0),
    )
    .map_err(taken("name"))
}

/// Finds an integration by name.
pub fn integration_by_name(db: &Connection, office: OfficeId, name: &str) -> Result<Option<i64>> {
    db.one(
        "SELECT id FROM integration WHERE office = $1 AND name = $2",
        params![office, name],
        |r| r.get(0),
    )
}

/// Writes what a connector said of itself.
pub fn save_hello(db: &Connection, id: ConnectorId, h: &Hello) -> Result<()> {
    let json = |v: &[String]| serde_json::to_string(v);
    db.execute(
        "UPDATE connector SET boot_id = ?2, version = ?3, packages = ?4, kinds = ?5, recovers = ?6, max_parallel = ?7, unaccepted = ?8 WHERE id = ?1",
        params![id, h.boot_id, h.version, json(&h.packages)?, json(&h.kinds)?, json(&h.recovers)?, h.max_parallel, h.unaccepted_reports],
    )?;
    Ok(())
}

/// Stores a token's hash for a connector or an integration.
pub fn add_token(db: &Connection, hash: &Hash, caller: Caller) -> Result<()> {
    let (connector, integration) = match caller {
        Caller::Connector { id, .. } => (Some(id), None),
        Caller::Integration { id, .. } => (None, Some(id)),
    };
    db.execute(
        "INSERT INTO token (hash, connector, integration) VALUES (?1, ?2, ?3)",
        params![hash, connector, integration],
    )?;
    Ok(())
}

/// Ends the tokens of a connector or an integration at `until`, unless they end before.
pub fn end_tokens(db: &Connection, caller: Caller, until: i64) -> Result<()> {
    let (column, id) = holder(caller);
    let sql =
        format!("UPDATE token SET valid_until = min(coalesce(valid_until, ?2), ?2) WHERE {column} = ?1");
    db.execute(&sql, params![id, until])?;
    Ok(())
}

/// Shuts a connector or an integration out, and with it every code that would let it in again.
pub fn revoke(db: &Connection, caller: Caller, now: i64) -> Result<()> {
    let (table, id) = holder(caller);
    db.execute(
        &format!("UPDATE {table} SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL"),
        params![id, now],
    )?;
    if let Caller::Connector { id, .. } = caller {
        db.execute(
            "DELETE FROM enrol_code WHERE connector = ?1 AND used_at IS NULL",
            [id],
        )?;
    }
    Ok(())
}

/// The table of a caller, which is also its column in `token`.
fn holder(caller: Caller) -> (&'static str, i64) {
    match caller {
        Caller::Connector { id, .. } => ("connector", id),
        Caller::Integration { id, .. } => ("integration", id),
    }
}

/// Every token that is not revoked, with who holds it and until when it is valid.
pub fn tokens(db: &Connection) -> Result<HashMap<Hash, (Caller, Option<i64>)>> {
    let mut q = db.prepare(
        "SELECT t.hash, t.valid_until, c.id, c.office, i.id, i.office FROM token t
         LEFT JOIN connector c ON c.id = t.connector AND c.revoked_at IS NULL
         LEFT JOIN integration i ON i.id = t.integration AND i.revoked_at IS NULL
         WHERE c.id IS NOT NULL OR i.id IS NOT NULL",
    )?;
    let mut rows = q.query([])?;
    let mut all = HashMap::new();
    while let Some(r) = rows.next()? {
        all.extend(sound("token", token(r))?);
    }
    Ok(all)
}

fn token(r: &Row<'_>) -> rusqlite::Result<(Hash, (Caller, Option<i64>))> {
    let caller = match r.get::<_, Option<i64>>(2)? {
        Some(id) => Caller::Connector {
            id,
            office: r.get(3)?,
        },
        None => Caller::Integration {
            id: r.get(4)?,
            office: r.get(5)?,
        },
    };
    Ok((r.get(0)?, (caller, r.get(1)?)))
}

/// Stores the hash of a code that enrols a connector once, until `expires_at`.
pub fn add_enrol_code(db: &Connection, hash: &Hash, connector: ConnectorId, expires_at: i64) -> Result<()> {
    db.execute(
        "INSERT INTO enrol_code (hash, connector, expires_at) VALUES (?1, ?2, ?3)",
        params![hash, connector, expires_at],
    )?;
    Ok(())
}

/// Uses an enrol code up; `None` when it is unknown, used or over, or its connector is shut out.
pub fn use_enrol_code(db: &Connection, hash: &Hash, now: i64) -> Result<Option<ConnectorId>> {
    db.one(
        "UPDATE enrol_code SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2
           AND connector IN (SELECT id FROM connector WHERE revoked_at IS NULL) RETURNING connector",
        params![hash, now],
        |r| r.get(0),
    )
}

/// How many answers to claims are kept for each connector.
pub const KEPT_CLAIMS: u8 = 32;

/// An answer to a claim: the request's id, and each task with its attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// As the connector named its request.
    pub request_id: String,
    /// What it was given.
    pub tasks: Vec<(i64, u32)>,
}

/// Keeps an answer in its place in the ring.
pub fn save_claim(db: &Connection, connector: ConnectorId, slot: u8, claimed: &Claimed) -> Result<()> {
    let tasks = serde_json::to_string(&claimed.tasks)?;
    db.prepare_cached(
        "INSERT INTO claim_request (connector, slot, request_id, tasks) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (connector, slot) DO UPDATE SET request_id = excluded.request_id, tasks = excluded.tasks",
    )?
    .execute(params![connector, slot, claimed.request_id, tasks])?;
    Ok(())
}

/// Every kept answer, by connector and place.
pub fn claims(db: &Connection) -> Result<Vec<(ConnectorId, u8, Claimed)>> {
    let mut q = db.prepare("SELECT connector, slot, request_id, tasks FROM claim_request")?;
    let mut rows = q.query([])?;
    let mut all = vec![];
    while let Some(r) = rows.next()? {
        let read = || {
            let (request_id, tasks) = (r.get(2)?, json(r, 3)?);
            Ok((r.get(0)?, r.get(1)?, Claimed { request_id, tasks }))
        };
        all.extend(sound("claim_request", read())?);
    }
    Ok(all)
}
