//! Accounts: offices, people, and how people sign in.

use crate::{desk::Engine, desk::guard::Visitor, desk::password};
use domain::{DossierId, OfficeId, Refusal, Role};
use store::{
    dossier,
    error::Result,
    link::{self, LinkKind},
    office::{self, OfficeRow},
    people as rows,
    person::{self, NewPerson},
    secret,
    writer::Work,
};

pub use crate::desk::password::Effort;

/// Whom a link would sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFor {
    Person {
        name: String,
        role: Role,
        /// They choose a password with it: all links do but those of the demo.
        sets_password: bool,
    },
    /// Nobody yet: it makes the first admin.
    FirstAdmin,
}

impl Engine {
    pub async fn add_office(&self, new: OfficeRow) -> Result<OfficeId> {
        self.writer
            .run(move |w| {
                let id = office::insert(w.db, &new)?;
                w.state.add_office(OfficeRow { id, ..new.clone() });
                Ok(id)
            })
            .await
    }

    /// Adds a dossier that needs no activation.
    pub async fn add_dossier(
        &self,
        office: OfficeId,
        code: &str,
        name: &str,
        package: &str,
    ) -> Result<DossierId> {
        let (code, name, package) = (code.to_owned(), name.to_owned(), package.to_owned());
        self.writer
            .run(move |w| {
                let package = w.state.package(w.db, &package)?;
                let id = dossier::insert(w.db, office, &code, &name, package, w.now)?;
                w.state.add_dossier(office, package);
                Ok(id)
            })
            .await
    }

    /// Makes a person a manager of a dossier.
    pub async fn add_manager(&self, dossier: DossierId, person: i64) -> Result<()> {
        self.writer
            .run(move |w| dossier::add_manager(w.db, dossier, person))
            .await
    }

    pub async fn add_person(&self, new: NewPerson) -> Result<i64> {
        self.writer
            .run(move |w| {
                let id = person::insert(w.db, &new, w.now)?;
                w.state.look_for_support(w.db)?;
                Ok(id)
            })
            .await
    }

    /// The number of an office, by code.
    pub async fn office_number(&self, code: &str) -> Result<Option<OfficeId>> {
        let known = self.known();
        Ok(known.offices.values().find(|o| o.code == code).map(|o| o.id))
    }

    /// The number of a person, by e-mail address.
    pub async fn person_number(&self, email: &str) -> Result<Option<i64>> {
        let email = email.to_owned();
        self.look(move |w| Ok(person::by_email(w.db, &email)?.map(|(id, _)| id)))
            .await
    }

    /// Signs somebody in with e-mail address and password; gives the session's secret.
    pub async fn sign_in(&self, email: &str, password: &str, visitor: &Visitor) -> Result<String> {
        let person = self.proves(email, password, visitor).await?;
        self.open_session(person, false).await
    }

    /// Whom a link would sign in. Looking does not use it up.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is unknown, used or over.
    pub async fn look_at_link(&self, link: &str) -> Result<LinkFor> {
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        match rows::link(&self.readers, &hash, self.clock.now()).await? {
            None => Err(Refusal::NotFound.into()),
            Some((None, _)) => Ok(LinkFor::FirstAdmin),
            Some((Some((name, role)), reusable)) => Ok(LinkFor::Person {
                name,
                role: Role::from_key(&role).ok_or(Refusal::NotFound)?,
                sets_password: !reusable,
            }),
        }
    }

    /// Signs in by a link.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is unknown, used or over.
    pub async fn use_link(&self, link: &str) -> Result<String> {
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        if self.look_at_link(link).await? == LinkFor::FirstAdmin {
            return Err(Refusal::NotFound.into());
        }
        let used = self.writer.run(move |w| used(w, &hash));
        let (person, kind) = used.await?;
        self.open_session(person, kind == LinkKind::Demo).await
    }

    /// Signs in by a link, with the password that the person chooses; every other session of theirs ends.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as [`Engine::use_link`], [`Refusal::Invalid`] for a bad password: the link is then
    /// still good.
    pub async fn use_link_with(&self, link: &str, password: String) -> Result<String> {
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        let mut errors = vec![];
        let about = rows::about_link(&self.readers, &hash).await?;
        password::check(
            &mut errors,
            &password,
            &about.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        self.look_at_link(link).await?;
        let password = self.hash_password(password).await?;
        let used = self.writer.run(move |w| {
            let (person, _) = used(w, &hash)?;
            person::set_password(w.db, person, &password, None, w.now)?;
            signed(w, person, "password")?;
            Ok(person)
        });
        let person = used.await?;
        self.open_session(person, false).await
    }

    /// A link that signs a person in. A reusable one is for the demo only.
    pub async fn new_link(&self, person: i64, reusable: bool) -> Result<String> {
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let kind = if reusable {
            LinkKind::Demo
        } else {
            LinkKind::Invitation
        };
        self.writer
            .run(move |w| {
                link::add(w.db, &hash, Some(person), kind, w.now)?;
                w.state.look_for_support(w.db)
            })
            .await?;
        Ok(link)
    }
}

/// The settings of an office that nobody has set yet.
pub fn default_office() -> OfficeRow {
    OfficeRow {
        id: 0,
        code: String::new(),
        name: String::new(),
        zone: "Europe/Brussels".into(),
        language: "en".into(),
        support_contact: "support@nachtwacht.example".into(),
        poll_from: 300,
        poll_to: 600,
        lease_seconds: office::LEASE_SECONDS,
        remind_hours: 24,
        escalate_hours: 72,
        hours_from: 420,
        hours_to: 960,
    }
}

/// Uses a person's link up; gives whose it is, and its kind.
fn used(w: &Work<'_>, hash: &secret::Hash) -> Result<(i64, LinkKind)> {
    match link::use_up(w.db, hash, w.now)? {
        Some((Some(person), kind)) => Ok((person, kind)),
        _ => Err(Refusal::NotFound.into()),
    }
}

/// A line of the audit log about somebody's own session, password or second factor.
pub(crate) fn signed(w: &Work<'_>, person: i64, what: &str) -> Result<()> {
    let office = person::find(w.db, person)?.and_then(|p| p.office);
    w.audit(office, person, what, format!("person {person}"), (None, None))
}
