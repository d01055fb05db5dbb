//! Accounts: offices, people, and how people sign in.

use crate::{
    engine::{Card, Engine},
    error::{Error, Result},
    password, people, secret,
    store::{
        dossier,
        event::{self, Audit},
        office::{self, OfficeRow},
        people as rows,
        person::{self, NewPerson},
        writer::Work,
    },
};
use domain::{DossierId, Language, OfficeId, Refusal, Role, Viewer, text};

pub use crate::password::Effort;

const SESSION_MS: i64 = 14 * 24 * 3_600_000;
pub(crate) const LINK_MS: i64 = 72 * 3_600_000;
/// When a person was last seen is written once in this time.
const SEEN_EVERY_MS: i64 = 5 * 60_000;

/// Whom a link would sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFor {
    /// This person.
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
    /// Adds an office.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_office(&self, new: OfficeRow) -> Result<OfficeId> {
        let (poll, card) = ((new.poll_from, new.poll_to), Card::of(&new));
        let added = self.writer.run(move |w| {
            let id = office::insert(w.db, &new)?;
            w.state.add_office(OfficeRow { id, ..new.clone() });
            Ok(id)
        });
        let id = added.await?;
        self.know(id, card);
        self.polls
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(id, poll);
        Ok(id)
    }

    /// Adds a dossier that needs no activation.
    ///
    /// # Errors
    /// When it cannot be written.
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
                dossier::insert(w.db, office, &code, &name, package, w.now)
            })
            .await
    }

    /// Makes a person a manager of a dossier.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_manager(&self, dossier: DossierId, person: i64) -> Result<()> {
        self.writer
            .run(move |w| dossier::add_manager(w.db, dossier, person))
            .await
    }

    /// Adds a person.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_person(&self, new: NewPerson) -> Result<i64> {
        self.writer.run(move |w| person::insert(w.db, &new, w.now)).await
    }

    /// The number of an office, by code.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn office_number(&self, code: &str) -> Result<Option<OfficeId>> {
        let code = code.to_owned();
        self.writer
            .run(move |w| Ok(w.state.offices.values().find(|o| o.code == code).map(|o| o.id)))
            .await
    }

    /// The number of a person, by e-mail address.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn person_number(&self, email: &str) -> Result<Option<i64>> {
        let email = email.to_owned();
        self.writer
            .run(move |w| Ok(person::by_email(w.db, &email)?.map(|(id, _)| id)))
            .await
    }

    /// Who holds this session. People whose access has ended hold none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn viewer(&self, session: &str) -> Result<Option<Viewer>> {
        let Some(hash) = secret::hash(session) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let Some((viewer, seen_at)) = rows::session(&self.readers, &hash, now).await? else {
            return Ok(None);
        };
        if seen_at.is_none_or(|s| s + SEEN_EVERY_MS <= now) {
            let person = viewer.person;
            let saw = self
                .writer
                .run(move |w| person::saw(w.db, &hash, person, w.now))
                .await;
            // a full disk must not sign everybody out
            if let Err(e) = saw {
                tracing::warn!(error = %e, "when somebody was last seen could not be written");
            }
        }
        Ok(Some(viewer))
    }

    /// Signs somebody in with e-mail address and password; gives the session's secret.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] without saying which of the two was wrong, [`Refusal::TooManyRequests`]
    /// after a few wrong tries for one address.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String> {
        let email = email.trim().to_lowercase();
        self.tries(&email)?;
        let found = self.writer.run(move |w| person::by_email(w.db, &email)).await?;
        let (known, stored) = found.map_or((None, None), |(id, hash)| (Some(id), hash));
        let right = self.verify(password.to_owned(), stored).await?;
        match known {
            Some(person) if right => self.open_session(person).await,
            Some(person) => {
                self.writer
                    .run(move |w| signed(w, person, "sign_in_failed"))
                    .await?;
                Err(Refusal::Unauthenticated.into())
            }
            None => Err(Refusal::Unauthenticated.into()),
        }
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
        let used = self.writer.run(move |w| {
            person::use_link(w.db, &hash, w.now)?
                .flatten()
                .ok_or(Refusal::NotFound.into())
        });
        let person = used.await?;
        self.open_session(person).await
    }

    /// Signs in by a link, with the password that the person chooses; every other session of theirs ends.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as [`Engine::use_link`], [`Refusal::Invalid`] for a bad password: the link is then
    /// still good.
    pub async fn use_link_with(&self, link: &str, password: String) -> Result<String> {
        let mut errors = vec![];
        password::check(&mut errors, &password);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        self.look_at_link(link).await?;
        let password = self.hash_password(password).await?;
        let used = self.writer.run(move |w| {
            let person = person::use_link(w.db, &hash, w.now)?
                .flatten()
                .ok_or(Refusal::NotFound)?;
            person::set_password(w.db, person, &password)?;
            person::end_sessions(w.db, person, None)?;
            signed(w, person, "password")?;
            Ok(person)
        });
        let person = used.await?;
        self.open_session(person).await
    }

    /// A link that signs a person in. A reusable one is for the demo only.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn new_link(&self, person: i64, reusable: bool) -> Result<String> {
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        self.writer
            .run(move |w| person::add_link(w.db, &hash, Some(person), reusable, w.now + LINK_MS))
            .await?;
        Ok(link)
    }

    /// The link that makes the first admin, if there is nobody yet. An earlier one stops working.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn first_admin_link(&self) -> Result<Option<String>> {
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let wanted = self
            .writer
            .run(move |w| {
                if person::count(w.db)? > 0 {
                    return Ok(false);
                }
                person::forget_first_admin_links(w.db)?;
                person::add_link(w.db, &hash, None, false, w.now + LINK_MS)?;
                Ok(true)
            })
            .await?;
        Ok(wanted.then_some(link))
    }

    /// Makes the first office and its admin, and signs them in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a link that is not the current one, [`Refusal::Invalid`] naming each broken rule.
    pub async fn make_first_admin(&self, link: &str, admin: FirstAdmin) -> Result<String> {
        admin.check()?;
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        let password_hash = self.hash_password(admin.password.clone()).await?;
        let person = self
            .writer
            .run(move |w| {
                if person::use_link(w.db, &hash, w.now)? != Some(None) || person::count(w.db)? > 0 {
                    return Err(Refusal::NotFound.into());
                }
                let row = OfficeRow {
                    code: "office".into(),
                    name: admin.office.trim().into(),
                    ..default_office()
                };
                let office = office::insert(w.db, &row)?;
                let card = Card::of(&row);
                w.state.add_office(OfficeRow { id: office, ..row });
                let new = NewPerson {
                    office: Some(office),
                    email: admin.email.trim().to_lowercase(),
                    name: admin.name.trim().into(),
                    role: Role::Admin,
                    language: admin.language,
                    password_hash: Some(password_hash.clone()),
                };
                let id = person::insert(w.db, &new, w.now)?;
                let audit = Audit {
                    office: Some(office),
                    person: id,
                    what: "first_admin",
                    subject: format!("person {id}"),
                    before: None,
                    after: Some(new.email),
                };
                event::audit(w.db, w.now, &audit)?;
                Ok((id, office, card))
            })
            .await?;
        let (person, office, card) = person;
        self.know(office, card);
        self.open_session(person).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn sign_out(&self, session: &str) -> Result<()> {
        let Some(hash) = secret::hash(session) else {
            return Ok(());
        };
        self.writer
            .run(move |w| match person::end_session(w.db, &hash)? {
                Some(person) => signed(w, person, "sign_out"),
                None => Ok(()),
            })
            .await
    }

    async fn open_session(&self, person: i64) -> Result<String> {
        let session = secret::new(secret::SESSION);
        let hash = secret::digest(&session);
        let opened = self.writer.run(move |w| {
            // it may have ended while the password was checked
            if person::find(w.db, person)?.is_none_or(|p| p.left_at.is_some()) {
                return Err(Refusal::Unauthenticated.into());
            }
            person::add_session(w.db, &hash, person, w.now, w.now + SESSION_MS)?;
            signed(w, person, "sign_in")
        });
        opened.await?;
        Ok(session)
    }

    /// Keeps what the browser of a session calls itself.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn name_session(&self, session: &str, agent: &str) -> Result<()> {
        let Some(hash) = secret::hash(session) else {
            return Ok(());
        };
        let agent: String = agent
            .chars()
            .filter(|c| !text::is_control(*c))
            .take(300)
            .collect();
        self.writer
            .run(move |w| person::set_agent(w.db, &hash, &agent))
            .await
    }

    pub(crate) fn tries(&self, key: &str) -> Result<()> {
        self.limiter
            .check_key(&key.to_owned())
            .map_err(|_| Error::Refused(Refusal::TooManyRequests(60)))
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
        lease_seconds: 120,
        remind_hours: 24,
        escalate_hours: 72,
        hours_from: 420,
        hours_to: 960,
    }
}

/// A line of the audit log about somebody's own session or password.
fn signed(w: &Work<'_>, person: i64, what: &str) -> Result<()> {
    let office = person::find(w.db, person)?.and_then(|p| p.office);
    let audit = Audit {
        office,
        person,
        what,
        subject: format!("person {person}"),
        before: None,
        after: None,
    };
    event::audit(w.db, w.now, &audit)
}

/// What the first admin says of themselves and their office.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// The office's name.
    pub office: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// At least ten characters.
    pub password: String,
    /// What they read.
    pub language: Language,
}

impl FirstAdmin {
    fn check(&self) -> Result<()> {
        let mut errors = vec![];
        text::check(&mut errors, "office", &self.office, 200);
        text::check(&mut errors, "name", &self.name, 200);
        people::check_email(&mut errors, &self.email);
        password::check(&mut errors, &self.password);
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(errors).into())
        }
    }
}
