//! What Support does to the platform: offices with their first admin, and the people of Support (X1.2).

use crate::{
    desk::Engine,
    mail, people,
    people::accounts::default_office,
    people::support::{Someone, invite_support},
};
use chrono_tz::Tz;
use domain::{FieldError, Language, NotAllowed, NotNow, OfficeId, Refusal, Role, Rule, Viewer, text};
use store::{
    error::Result,
    link::{self, LinkKind},
    office::{self, OfficeRow},
    offices as rows,
    person::{self, NewPerson},
    secret,
    writer::Work,
    zone::Zone,
};
use views::{
    offices::{AddOffice, Begun, NewOffice, OfficeLine, OfficesPage},
    people::Invitation,
};

/// Adds a [`FieldError`] for each broken rule; the name's field is called `name`.
pub(crate) fn check(errors: &mut Vec<FieldError>, new: &NewOffice, name: &str) {
    text::check(errors, name, &new.name, 200);
    let mut wrong = |field, rule| errors.push(FieldError::of(field, rule));
    if !text::is_office_code(new.code.trim()) {
        wrong("code", Rule::NoOfficeCode);
    }
    if new.zone.trim().parse::<Tz>().is_err() {
        wrong("zone", Rule::NoZone);
    }
}

/// The office as first written; `contact` is whom its people may ask.
pub(crate) fn row(new: &NewOffice, contact: &str) -> OfficeRow {
    OfficeRow {
        code: new.code.trim().into(),
        name: new.name.trim().into(),
        zone: new.zone.trim().into(),
        language: new.language.tag().into(),
        support_contact: contact.to_owned(),
        ..default_office()
    }
}

/// The time zones that have a place; the others are names of the past.
pub fn zones() -> Vec<String> {
    let zones = chrono_tz::TZ_VARIANTS.iter().map(|z| z.name());
    let zones = zones.filter(|z| *z == "UTC" || (z.contains('/') && !z.starts_with("Etc/")));
    zones.map(ToOwned::to_owned).collect()
}

impl Engine {
    /// Every office, and the people of Support. The caller must be of Support.
    pub async fn offices(&self, viewer: &Viewer, zone: Zone) -> Result<OfficesPage> {
        let support = store::people::of_support(&self.readers, self.now()).await?;
        let line = |o: rows::OfficeRaw| OfficeLine {
            code: o.code,
            name: o.name,
            zone: o.zone,
            language: Language::from_tag(&o.language).unwrap_or_default(),
            people: o.people as u32,
            dossiers: o.dossiers as u32,
            admins: o
                .admins
                .map(|a| a.split('\n').map(ToOwned::to_owned).collect())
                .unwrap_or_default(),
            waits_for_admin: !o.run,
        };
        Ok(OfficesPage {
            offices: rows::all(&self.readers).await?.into_iter().map(line).collect(),
            support: support
                .into_iter()
                .map(|p| people::line(p, viewer, zone))
                .collect(),
            zones: zones(),
        })
    }

    /// What of an office's first steps is done.
    pub async fn begun(&self, office: OfficeId) -> Result<Begun> {
        let (dossiers, integration, task) = rows::begun(&self.readers, office).await?;
        // when a connector called is written down a little later
        let called = self
            .writer
            .memory(move |m| m.state.fleet.of_office(office).any(|m| m.heard_at > 0));
        let connector = called.await?;
        Ok(Begun {
            connector,
            dossiers,
            integration,
            task,
        })
    }

    /// Adds an office with its first admin; gives the link that lets them in, once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule; those of the admin's fields begin with `admin_`.
    pub async fn new_office(&self, by: Viewer, new: AddOffice) -> Result<String> {
        let mut errors = vec![];
        check(&mut errors, &new.office, "name");
        let mut theirs = vec![];
        text::check(&mut theirs, "name", &new.admin.name, 200);
        mail::check_email(&mut theirs, &new.admin.email);
        errors.extend(theirs.into_iter().map(of_admin));
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let added = self.writer.run(move |w| {
            let contact = person::email(w.db, by.person)?.unwrap_or_default();
            let mut row = row(&new.office, &contact);
            // asked before anything is written
            let email = new.admin.email.trim().to_lowercase();
            let mut taken = vec![];
            if w.state.offices.values().any(|o| o.code == row.code) {
                taken.push("code");
            }
            if person::number_of(w.db, &email)?.is_some() {
                taken.push("admin_email");
            }
            if !taken.is_empty() {
                let taken = taken.into_iter().map(|field| FieldError::of(field, Rule::InUse));
                return Err(Refusal::Invalid(taken.collect()).into());
            }
            row.id = office::insert(w.db, &row)?;
            w.state.add_office(row.clone());
            let admin = NewPerson {
                office: Some(row.id),
                email,
                name: new.admin.name.trim().into(),
                role: Role::Admin,
                language: new.admin.language,
                password_hash: None,
            };
            let id = person::insert(w.db, &admin, w.now)?;
            link::add(w.db, &hash, Some(id), LinkKind::Invitation, w.now)?;
            let after = format!("{} · {}", row.name, row.zone);
            platform(w, &by, "add_office", format!("office {}", row.code), Some(after))?;
            w.audit(
                Some(row.id),
                by.person,
                "invite",
                format!("person {id}"),
                (None, Some(format!("{} · {}", admin.email, admin.role.key()))),
            )?;
            Ok(())
        });
        added.await?;
        Ok(link)
    }

    /// Adds a person of Support; gives the link that lets them in, once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule, also when the e-mail address is known already.
    pub async fn invite_support(&self, by: Viewer, new: Invitation) -> Result<String> {
        let mut errors = vec![];
        text::check(&mut errors, "name", &new.name, 200);
        mail::check_email(&mut errors, &new.email);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let someone = Someone {
            name: new.name,
            email: new.email,
        };
        self.writer
            .run(move |w| {
                let id = invite_support(w, &someone, new.language, by.person)?;
                link::add(w.db, &hash, Some(id), LinkKind::Invitation, w.now)
            })
            .await?;
        Ok(link)
    }

    /// A new link for a person of Support who lost theirs. Earlier ones stop working.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for nobody of Support, [`Refusal::WrongState`] for somebody who has left.
    pub async fn renew_support_link(&self, by: Viewer, id: i64) -> Result<String> {
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        self.writer
            .run(move |w| {
                if of_support(w, id)? {
                    return Err(Refusal::WrongState(NotNow::AccessEnded).into());
                }
                link::forget_open(w.db, id, w.now)?;
                link::add(w.db, &hash, Some(id), LinkKind::Invitation, w.now)?;
                platform(w, &by, "new_link", format!("person {id}"), None)
            })
            .await?;
        Ok(link)
    }

    /// Ends or gives back the access of a person of Support. Nobody ends their own, so that one stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for nobody of Support, [`Refusal::Forbidden`] for oneself.
    pub async fn set_support_access(&self, by: Viewer, id: i64, access: bool) -> Result<()> {
        self.writer
            .run(move |w| {
                let left = of_support(w, id)?;
                if by.person == id {
                    return Err(Refusal::Forbidden(NotAllowed::OwnRightsOfSupport).into());
                }
                if left != access {
                    return Ok(());
                }
                person::set_left(w.db, id, (!access).then_some(w.now))?;
                if !access {
                    person::end_sessions(w.db, id, None)?;
                    link::forget_open(w.db, id, w.now)?;
                }
                let what = if access { "give_access" } else { "end_access" };
                w.state.look_for_support(w.db)?;
                platform(w, &by, what, format!("person {id}"), None)
            })
            .await
    }
}

fn of_admin(e: FieldError) -> FieldError {
    let field = format!("admin_{}", e.field);
    e.at(field)
}

/// Whether a person of Support has left.
fn of_support(w: &Work<'_>, id: i64) -> Result<bool> {
    let found = person::find(w.db, id)?.filter(|p| p.role == Role::Support);
    Ok(found.ok_or(Refusal::NotFound)?.left_at.is_some())
}

/// A line of the audit log about the platform itself.
fn platform(w: &Work<'_>, by: &Viewer, what: &str, subject: String, after: Option<String>) -> Result<()> {
    w.audit(None, by.person, what, subject, (None, after))
}
