//! Rows of mail servers: through which one an office's letters go.

use crate::{db::Ask, error::Result};
use domain::{
    OfficeId,
    mail::{MailSettings, Security},
};
use rusqlite::{Connection, OptionalExtension, params};

/// Whether an office can send mail at all.
pub fn is_set_up(db: &Connection, office: OfficeId) -> Result<bool> {
    db.value("SELECT EXISTS (SELECT 1 FROM smtp WHERE office = ?1)", [office])
}

/// An office's settings without a password, and the one that is kept, sealed.
pub type Smtp = (MailSettings, Option<Vec<u8>>);

/// Through which server an office's mail goes.
pub fn get(db: &Connection, office: OfficeId) -> Result<Option<Smtp>> {
    let sql = "SELECT host, port, security, username, sender, address, sealed FROM smtp WHERE office = ?1";
    let row = db.prepare_cached(sql)?.query_row([office], |r| {
        let security: String = r.get(2)?;
        let settings = MailSettings {
            host: r.get(0)?,
            port: r.get(1)?,
            security: Security::from_key(&security).unwrap_or_default(),
            username: r.get(3)?,
            password: None,
            sender: r.get(4)?,
            address: r.get(5)?,
        };
        Ok((settings, r.get(6)?))
    });
    Ok(row.optional()?)
}

/// Passwords that a desk of before kept in the clear.
pub fn unsealed(db: &Connection) -> Result<Vec<(OfficeId, String)>> {
    db.all(
        "SELECT office, password FROM smtp WHERE password <> ''",
        [],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// Keeps a password sealed, and nothing of it in the clear, not in free pages either.
pub fn seal(db: &Connection, office: OfficeId, sealed: &[u8]) -> Result<()> {
    db.execute_batch("PRAGMA secure_delete = ON")?;
    db.execute(
        "UPDATE smtp SET sealed = ?2, password = '' WHERE office = ?1",
        params![office, sealed],
    )?;
    Ok(())
}

/// What becomes of the password that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    Stays,
    /// There is none from now on.
    Goes,
    /// This one, sealed, takes its place.
    New(Vec<u8>),
}

/// Writes an office's settings. What waits for better ones is tried at once.
pub fn save(
    db: &Connection,
    office: OfficeId,
    s: &MailSettings,
    password: &Password,
    now: i64,
) -> Result<()> {
    let (stays, sealed) = match password {
        Password::Stays => (true, None),
        Password::Goes => (false, None),
        Password::New(sealed) => (false, Some(sealed)),
    };
    db.execute(
        "INSERT INTO smtp (office, host, port, security, username, password, sealed, sender, address)
         VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET host = excluded.host, port = excluded.port, security = excluded.security,
           username = excluded.username, sealed = CASE WHEN ?9 THEN sealed ELSE excluded.sealed END, refused_at = NULL,
           sender = excluded.sender, address = excluded.address",
        params![
            office,
            s.host,
            s.port,
            s.security.key(),
            s.username,
            sealed,
            s.sender,
            s.address,
            stays
        ],
    )?;
    db.execute(
        "UPDATE mail SET next_at = ?2 WHERE office = ?1 AND next_at > ?2",
        params![office, now],
    )?;
    Ok(())
}
