//! The fleet: what those do who run the office. [`page`] is what they see of it (T17); what a queued task waits
//! for (T16).

mod page;

use crate::{
    Engine,
    fleet::tokens::{self, ENROL_MS},
};
use domain::{Caller, FieldError, NotNow, OfficeId, Refusal, Rule, Viewer, task::ConnectorId, text};
use store::{
    Result,
    clock::HOUR_MS,
    connector::{self, ConnectorRow, Held},
    fleet as rows, secret,
    writer::Work,
};
use views::connectors::{Holder, Shown};

const LONGEST_KEEP_HOURS: u32 = 168;

impl Engine {
    /// Adds a connector and gives the code that enrols it, shown this once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a name that breaks a rule or is taken.
    pub async fn new_connector(&self, by: &Viewer, office: OfficeId, name: &str) -> Result<Shown> {
        let name = checked_name(name)?;
        let (person, code) = (by.person, secret::new("nwe_"));
        let hash = secret::digest(&code);
        let named = name.clone();
        let id = self
            .writer
            .run(move |w| {
                if w.state.fleet.ever_of_office(office).any(|m| m.row.name == name) {
                    return Err(taken().into());
                }
                let id = connector::insert(w.db, office, &name)?;
                connector::add_enrol_code(w.db, &hash, id, w.now + ENROL_MS)?;
                let who = Holder::Connector(id);
                note(w, office, person, "add_connector", who, None, Some(name.clone()))?;
                w.state.fleet.add(ConnectorRow {
                    id,
                    office,
                    name: name.clone(),
                    hello: None,
                    revoked: false,
                    held: None,
                    heard_at: None,
                });
                Ok(id)
            })
            .await?;
        Ok(Shown {
            holder: Holder::Connector(id),
            name: named,
            enrols: true,
            secret: code,
        })
    }

    /// A new code that enrols a connector, shown this once.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is not there or shut out.
    pub async fn new_enrol_code(&self, by: &Viewer, office: OfficeId, id: ConnectorId) -> Result<Shown> {
        let (person, code) = (by.person, secret::new("nwe_"));
        let hash = secret::digest(&code);
        let name = self
            .writer
            .run(move |w| {
                let name = name_of(w, office, Holder::Connector(id))?;
                connector::add_enrol_code(w.db, &hash, id, w.now + ENROL_MS)?;
                note(w, office, person, "enrol", Holder::Connector(id), None, None)?;
                Ok(name)
            })
            .await?;
        Ok(Shown {
            holder: Holder::Connector(id),
            name,
            enrols: true,
            secret: code,
        })
    }

    /// Adds a system that delivers, and gives its token, shown this once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a name that breaks a rule or is taken.
    pub async fn new_integration(&self, by: &Viewer, office: OfficeId, name: &str) -> Result<Shown> {
        let name = checked_name(name)?;
        let (person, token) = (by.person, secret::new(secret::INTEGRATION));
        let hash = secret::digest(&token);
        let named = name.clone();
        let id = self
            .writer
            .run(move |w| {
                if connector::integration_by_name(w.db, office, &name)?.is_some() {
                    return Err(taken().into());
                }
                let id = connector::insert_integration(w.db, office, &name)?;
                let caller = Caller::Integration { id, office };
                tokens::add(w, caller, hash)?;
                let who = Holder::Integration(id);
                note(
                    w,
                    office,
                    person,
                    "add_integration",
                    who,
                    None,
                    Some(name.clone()),
                )?;
                Ok(id)
            })
            .await?;
        Ok(Shown {
            holder: Holder::Integration(id),
            name: named,
            enrols: false,
            secret: token,
        })
    }

    /// A new token that replaces the others; they stay valid for `keep_hours` more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is not there or shut out, [`Refusal::Invalid`] for more than a week.
    pub async fn rotate(
        &self,
        by: &Viewer,
        office: OfficeId,
        holder: Holder,
        keep_hours: u32,
    ) -> Result<Shown> {
        if keep_hours > LONGEST_KEEP_HOURS {
            let to = LONGEST_KEEP_HOURS.into();
            return Err(Refusal::rule("keep_hours", Rule::Between { from: 0, to }).into());
        }
        let (person, caller) = (by.person, caller(office, holder));
        let secret = secret::new(tokens::kind(caller));
        let hash = secret::digest(&secret);
        let name = self
            .writer
            .run(move |w| {
                let name = name_of(w, office, holder)?;
                let after = Some(format!("{keep_hours} h"));
                note(w, office, person, "rotate", holder, None, after)?;
                let keep_ms = i64::from(keep_hours) * HOUR_MS;
                tokens::replace(w, caller, hash, keep_ms)?;
                Ok(name)
            })
            .await?;
        Ok(Shown {
            holder,
            name,
            enrols: false,
            secret,
        })
    }

    /// Shuts a connector or an integration out, with effect on its next call.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one that is not there or shut out already.
    pub async fn shut_out(&self, by: &Viewer, office: OfficeId, holder: Holder) -> Result<()> {
        let person = by.person;
        self.writer
            .run(move |w| {
                let name = name_of(w, office, holder)?;
                note(w, office, person, "revoke", holder, Some(name), None)?;
                tokens::forget(w, caller(office, holder))
            })
            .await
    }

    /// Holds a connector back with a reason: what it has it finishes, nothing new is handed to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`] without a reason.
    pub async fn hold(&self, by: &Viewer, office: OfficeId, id: ConnectorId, reason: &str) -> Result<()> {
        let mut errors: Vec<FieldError> = vec![];
        let reason = reason.trim().to_owned();
        text::check(&mut errors, "reason", &reason, 500);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let (person, by) = (by.person, by.name.clone());
        self.writer
            .run(move |w| {
                name_of(w, office, Holder::Connector(id))?;
                let held = Held {
                    by: by.clone(),
                    reason: reason.clone(),
                    at: w.now,
                };
                let before = held_of(w, id).map(|h| h.reason);
                rows::save_held(w.db, id, Some(&held))?;
                let (who, after) = (Holder::Connector(id), Some(reason.clone()));
                note(w, office, person, "hold", who, before, after)?;
                set_held(w, id, Some(held));
                Ok(())
            })
            .await
    }

    /// Lets a connector that was held back go on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::WrongState`] when nobody holds it.
    pub async fn let_go(&self, by: &Viewer, office: OfficeId, id: ConnectorId) -> Result<()> {
        let person = by.person;
        self.writer
            .run(move |w| {
                name_of(w, office, Holder::Connector(id))?;
                let held = held_of(w, id).ok_or(Refusal::WrongState(NotNow::NotHeld))?;
                rows::save_held(w.db, id, None)?;
                let (who, before) = (Holder::Connector(id), Some(held.reason));
                note(w, office, person, "let_go", who, before, None)?;
                set_held(w, id, None);
                Ok(())
            })
            .await
    }
}

fn checked_name(name: &str) -> Result<String> {
    let mut errors: Vec<FieldError> = vec![];
    text::check(&mut errors, "name", name.trim(), 100);
    if errors.is_empty() {
        Ok(name.trim().to_owned())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

fn taken() -> Refusal {
    Refusal::rule("name", Rule::TakenInOffice)
}

fn caller(office: OfficeId, holder: Holder) -> Caller {
    match holder {
        Holder::Connector(id) => Caller::Connector { id, office },
        Holder::Integration(id) => Caller::Integration { id, office },
    }
}

/// The name of what stands in this office and is not shut out.
fn name_of(w: &Work<'_>, office: OfficeId, holder: Holder) -> Result<String> {
    let name = match holder {
        Holder::Connector(id) => {
            let mut fleet = w.state.fleet.of_office(office);
            fleet.find(|m| m.row.id == id).map(|m| m.row.name.clone())
        }
        Holder::Integration(id) => rows::integration(w.db, office, id)?,
    };
    name.ok_or(Refusal::NotFound.into())
}

fn held_of(w: &Work<'_>, id: ConnectorId) -> Option<Held> {
    w.state.fleet.get(id)?.row.held.clone()
}

fn set_held(w: &mut Work<'_>, id: ConnectorId, held: Option<Held>) {
    if let Some(m) = w.state.fleet.get_mut(id) {
        m.row.held = held;
    }
}

fn note(
    w: &Work<'_>,
    office: OfficeId,
    person: i64,
    what: &str,
    holder: Holder,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let subject = match holder {
        Holder::Connector(id) => format!("connector {id}"),
        Holder::Integration(id) => format!("integration {id}"),
    };
    w.audit(Some(office), person, what, subject, (before, after))
}
