//! A person of Support who is to come.

use domain::{Language, Role};
use store::{
    error::Result,
    person::{self, NewPerson},
    writer::Work,
};

/// Somebody to be.
#[derive(Debug, Clone, Default)]
pub struct Someone {
    /// What they are called.
    pub name: String,
    /// Where their mail goes.
    pub email: String,
}

/// An address as it is kept.
pub(super) fn clean(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Writes a person of Support who cannot sign in yet, and who asked for them (0: the command line).
pub(super) fn invite_support(w: &mut Work<'_>, new: &Someone, language: Language, by: i64) -> Result<i64> {
    let row = NewPerson {
        office: None,
        email: clean(&new.email),
        name: new.name.trim().into(),
        role: Role::Support,
        language,
        password_hash: None,
    };
    let id = person::insert(w.db, &row, w.now)?;
    w.audit(
        None,
        by,
        "invite",
        format!("person {id}"),
        (None, Some(format!("{} · {}", row.email, Role::Support.key()))),
    )?;
    Ok(id)
}
