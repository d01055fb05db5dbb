//! Users and rights: invitations, roles, managers of dossiers.

pub mod accounts;
pub mod factor;
pub mod first_start;
pub mod offices;
pub mod profile;
pub mod sessions;
pub mod settings;
pub mod sign_in;
mod support;

use crate::{desk::Engine, mail};
use domain::{
    FieldError, Language, NotAllowed, NotNow, OfficeId, Refusal, Role, Rule, Viewer, mail::Letter, text,
};
use store::{
    error::Result,
    link::{self, LinkKind},
    people as rows,
    person::{self, NewPerson, PersonRow},
    secret,
    writer::Work,
    zone::Zone,
};
use views::{
    OfficeView,
    people::{Access, Invitation, ManagedLine, PersonLine},
};

/// Most dossiers given or taken at once.
const MOST: usize = 1000;

fn check(new: &Invitation) -> Result<()> {
    let mut errors = vec![];
    text::check(&mut errors, "name", &new.name, 200);
    mail::check_email(&mut errors, &new.email);
    if new.role == Role::Support {
        errors.push(FieldError::of("role", Rule::NoOfficeRole));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}

impl Engine {
    /// The people of an office, those who have left last.
    pub async fn people(&self, viewer: &Viewer, office: &OfficeView, text: &str) -> Result<Vec<PersonLine>> {
        let zone = Zone::of(&office.zone);
        let raw = rows::of_office(&self.readers, office.id, text, self.now()).await?;
        Ok(raw.into_iter().map(|p| line(p, viewer, zone)).collect())
    }

    /// Adds a person to an office; gives the link that lets them in, once and within 72 hours.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule, also when the e-mail address is known already.
    pub async fn invite(&self, by: Viewer, office: OfficeId, new: Invitation) -> Result<String> {
        check(&new)?;
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let row = NewPerson {
            office: Some(office),
            email: new.email.trim().to_lowercase(),
            name: new.name.trim().into(),
            role: new.role,
            language: new.language,
            password_hash: None,
        };
        let letter = Letter::Invitation {
            link: format!("/sign-in/{link}"),
        };
        self.writer
            .run(move |w| {
                let id = person::insert(w.db, &row, w.now)?;
                link::add(w.db, &hash, Some(id), LinkKind::Invitation, w.now)?;
                mail::write_to(w, office, id, &letter)?;
                let after = format!("{} · {}", row.email, row.role.key());
                wrote(w, &by, office, "invite", id, None, Some(after))
            })
            .await?;
        Ok(link)
    }

    /// A new link for somebody who lost theirs, or their password. Earlier ones stop working. Where mail is set up it goes
    /// to them by mail, and nobody else sees it: who runs an office is not to sign in as a colleague.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for nobody of the office, [`Refusal::WrongState`] for somebody who has left.
    pub async fn renew_link(&self, by: Viewer, office: OfficeId, id: i64) -> Result<Option<String>> {
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let letter = Letter::Invitation {
            link: format!("/sign-in/{link}"),
        };
        let mailed = self
            .writer
            .run(move |w| {
                if find(w, office, id)?.left_at.is_some() {
                    return Err(Refusal::WrongState(NotNow::AccessEnded).into());
                }
                link::forget(w.db, id, w.now)?;
                link::add(w.db, &hash, Some(id), LinkKind::Invitation, w.now)?;
                let mailed = mail::write_to(w, office, id, &letter)?;
                wrote(w, &by, office, "new_link", id, None, None)?;
                Ok(mailed)
            })
            .await?;
        Ok((!mailed).then_some(link))
    }

    /// Gives a person another role.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`] for one's own, [`Refusal::WrongState`] for the office's last
    /// admin.
    pub async fn set_role(&self, by: Viewer, office: OfficeId, id: i64, role: Role) -> Result<()> {
        if role == Role::Support {
            return Err(Refusal::rule("role", Rule::NoOfficeRole).into());
        }
        self.writer
            .run(move |w| {
                let was = find(w, office, id)?.role;
                not_oneself(&by, id)?;
                if was == role {
                    return Ok(());
                }
                if was == Role::Admin {
                    not_the_last(w, office, id)?;
                }
                person::set_role(w.db, id, role)?;
                let (before, after) = (was.key().to_owned(), role.key().to_owned());
                wrote(w, &by, office, "role", id, Some(before), Some(after))
            })
            .await
    }

    /// Ends a person's access: their sessions and links stop working at once.
    pub async fn end_access(&self, by: Viewer, office: OfficeId, id: i64) -> Result<()> {
        self.writer
            .run(move |w| {
                let was = find(w, office, id)?;
                not_oneself(&by, id)?;
                if was.left_at.is_some() {
                    return Ok(());
                }
                if was.role == Role::Admin {
                    not_the_last(w, office, id)?;
                }
                person::set_left(w.db, id, Some(w.now))?;
                person::end_sessions(w.db, id, None)?;
                link::forget(w.db, id, w.now)?;
                wrote(w, &by, office, "end_access", id, None, None)
            })
            .await
    }

    /// Gives a person their access back. They sign in with their password, or need a new link.
    pub async fn give_access(&self, by: Viewer, office: OfficeId, id: i64) -> Result<()> {
        self.writer
            .run(move |w| {
                if find(w, office, id)?.left_at.is_none() {
                    return Ok(());
                }
                person::set_left(w.db, id, None)?;
                wrote(w, &by, office, "give_access", id, None, None)
            })
            .await
    }

    /// Dossiers to choose from, those that the person manages first; at most 100.
    pub async fn dossiers_for(&self, office: OfficeId, id: i64, text: &str) -> Result<Vec<ManagedLine>> {
        let raw = rows::dossiers_for(&self.readers, office, id, text).await?;
        let line = |(id, code, name, managed)| ManagedLine {
            id,
            code,
            name,
            managed,
        };
        Ok(raw.into_iter().map(line).collect())
    }

    /// Gives a person dossiers to manage, and takes others away; dossiers of other offices are passed over.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for nobody of the office; [`Refusal::Invalid`] for more than 1,000 at once.
    pub async fn set_managed(
        &self,
        by: Viewer,
        office: OfficeId,
        id: i64,
        add: Vec<i64>,
        remove: Vec<i64>,
    ) -> Result<()> {
        if add.len() + remove.len() > MOST {
            return Err(Refusal::rule("dossiers", Rule::AtMostAtOnce { most: MOST as i64 }).into());
        }
        self.writer
            .run(move |w| {
                find(w, office, id)?;
                let given = person::managed_among(w.db, office, id, &add, false)?;
                let taken = person::managed_among(w.db, office, id, &remove, true)?;
                if given.is_empty() && taken.is_empty() {
                    return Ok(());
                }
                for (dossier, _) in &given {
                    person::set_manager(w.db, id, *dossier, true)?;
                }
                for (dossier, _) in &taken {
                    person::set_manager(w.db, id, *dossier, false)?;
                }
                wrote(w, &by, office, "managers", id, codes(taken), codes(given))
            })
            .await
    }
}

fn codes(dossiers: Vec<(i64, String)>) -> Option<String> {
    let codes: Vec<String> = dossiers.into_iter().map(|(_, code)| code).collect();
    (!codes.is_empty()).then(|| codes.join(", "))
}

pub(crate) fn line(p: rows::PersonRaw, viewer: &Viewer, zone: Zone) -> PersonLine {
    let access = match (p.left_at, p.has_password || p.seen_at.is_some()) {
        (Some(_), _) => Access::Left,
        (None, true) => Access::Active,
        (None, false) => Access::Invited,
    };
    PersonLine {
        id: p.id,
        name: p.name,
        email: p.email,
        role: Role::from_key(&p.role).unwrap_or(Role::Candidate),
        language: Language::from_tag(&p.language).unwrap_or_default(),
        dossiers: p.dossiers as u32,
        seen: p.seen_at.map(|at| zone.moment(at)),
        access,
        link_until: p.link_until.map(|at| zone.moment(at)),
        has_factor: p.has_factor,
        me: p.id == viewer.person,
    }
}

/// A person of the office; nobody else is there for it.
fn find(w: &Work<'_>, office: OfficeId, id: i64) -> Result<PersonRow> {
    person::find(w.db, id)?
        .filter(|p| p.office == Some(office))
        .ok_or(Refusal::NotFound.into())
}

fn not_oneself(by: &Viewer, id: i64) -> Result<()> {
    if by.person == id {
        return Err(Refusal::Forbidden(NotAllowed::OwnRights).into());
    }
    Ok(())
}

fn not_the_last(w: &Work<'_>, office: OfficeId, id: i64) -> Result<()> {
    if person::other_admins(w.db, office, id)? == 0 {
        return Err(Refusal::WrongState(NotNow::LastAdmin).into());
    }
    Ok(())
}

fn wrote(
    w: &Work<'_>,
    by: &Viewer,
    office: OfficeId,
    what: &str,
    id: i64,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    w.audit(
        Some(office),
        by.person,
        what,
        format!("person {id}"),
        (before, after),
    )
}
