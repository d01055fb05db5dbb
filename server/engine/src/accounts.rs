//! Accounts: people and how they sign in, connectors and integrations and their tokens.

use crate::{
    engine::Engine,
    error::{Error, Result},
    secret,
    store::{
        connector::{self, ConnectorRow},
        dossier,
        event::{self, Audit},
        office::{self, OfficeRow},
        person::{self, NewPerson},
        read,
    },
};
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use domain::{
    Caller, DossierId, FieldError, Language, OfficeId, Refusal, Role, Viewer, task::ConnectorId, text,
};

const SESSION_MS: i64 = 14 * 24 * 3_600_000;
const LINK_MS: i64 = 72 * 3_600_000;
const ENROL_MS: i64 = 15 * 60_000;
const SHORTEST_PASSWORD: usize = 10;

/// How much work a password hash is.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
}

impl Default for Effort {
    /// argon2id, 64 MiB, three passes, one lane.
    fn default() -> Self {
        Self {
            memory: 64 * 1024,
            passes: 3,
        }
    }
}

/// Whom a link would sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFor {
    /// This person.
    Person { name: String, role: Role },
    /// Nobody yet: it makes the first admin.
    FirstAdmin,
}

impl Engine {
    /// Who calls with `token`, or that we do not know them (any more).
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`].
    pub fn caller(&self, token: &str) -> Result<Caller> {
        let hash = secret::hash(token).ok_or(Refusal::Unauthenticated)?;
        let tokens = self
            .tokens
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match tokens.get(&hash) {
            Some((caller, until)) if until.is_none_or(|u| u > self.clock.now()) => Ok(*caller),
            _ => Err(Refusal::Unauthenticated.into()),
        }
    }

    /// Adds an office.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_office(&self, new: OfficeRow) -> Result<OfficeId> {
        let poll = (new.poll_from, new.poll_to);
        let added = self.writer.run(move |w| {
            let id = office::insert(w.db, &new)?;
            w.state.add_office(OfficeRow { id, ..new.clone() });
            Ok(id)
        });
        let id = added.await?;
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

    /// Adds a connector without a token; it gets one by [`Engine::enrol`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_connector(&self, office: OfficeId, name: &str) -> Result<ConnectorId> {
        let name = name.to_owned();
        self.writer
            .run(move |w| {
                let id = connector::insert(w.db, office, &name)?;
                w.state.fleet.add(ConnectorRow {
                    id,
                    office,
                    name: name.clone(),
                    hello: None,
                    revoked: false,
                });
                Ok(id)
            })
            .await
    }

    /// Adds an integration.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn add_integration(&self, office: OfficeId, name: &str) -> Result<i64> {
        let name = name.to_owned();
        self.writer
            .run(move |w| connector::insert_integration(w.db, office, &name))
            .await
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

    /// Names and numbers of an office's connectors.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn connectors(&self, office: OfficeId) -> Result<Vec<(String, ConnectorId)>> {
        self.writer
            .run(move |w| {
                Ok(w.state
                    .fleet
                    .of_office(office)
                    .map(|m| (m.row.name.clone(), m.row.id))
                    .collect())
            })
            .await
    }

    /// The number of an integration, by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn integration_number(&self, office: OfficeId, name: &str) -> Result<Option<i64>> {
        let name = name.to_owned();
        self.writer
            .run(move |w| connector::integration_by_name(w.db, office, &name))
            .await
    }

    /// A new token for a connector or an integration. Shown this once.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn new_token(&self, caller: Caller) -> Result<String> {
        let token = secret::new(match caller {
            Caller::Connector { .. } => secret::CONNECTOR,
            Caller::Integration { .. } => secret::INTEGRATION,
        });
        let hash = secret::digest(&token);
        self.writer
            .run(move |w| connector::add_token(w.db, &hash, caller))
            .await?;
        self.remember(hash, caller);
        Ok(token)
    }

    /// A new token that replaces the others of a connector or an integration; they stay valid for `keep_ms` more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn rotate_token(&self, caller: Caller, keep_ms: i64) -> Result<String> {
        let until = self.clock.now() + keep_ms.max(0);
        self.writer
            .run(move |w| connector::end_tokens(w.db, caller, until))
            .await?;
        for (holder, valid) in self
            .tokens
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .values_mut()
        {
            if *holder == caller {
                *valid = Some(valid.map_or(until, |v| v.min(until)));
            }
        }
        self.new_token(caller).await
    }

    /// Shuts a connector or an integration out, with effect on its next call. What it holds under lease is taken
    /// back when the lease ends.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn revoke(&self, caller: Caller) -> Result<()> {
        self.writer
            .run(move |w| {
                connector::revoke(w.db, caller, w.now)?;
                if let Caller::Connector { id, .. } = caller
                    && let Some(m) = w.state.fleet.get_mut(id)
                {
                    m.row.revoked = true;
                }
                Ok(())
            })
            .await?;
        let mut tokens = self
            .tokens
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        tokens.retain(|_, (holder, _)| *holder != caller);
        Ok(())
    }

    fn remember(&self, hash: secret::Hash, caller: Caller) {
        self.tokens
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(hash, (caller, None));
    }

    /// A code that gives a connector its token once, within 15 minutes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn enrol_code(&self, connector: ConnectorId) -> Result<String> {
        let code = secret::new("nwe_");
        let hash = secret::digest(&code);
        self.writer
            .run(move |w| connector::add_enrol_code(w.db, &hash, connector, w.now + ENROL_MS))
            .await?;
        Ok(code)
    }

    /// Trades an enrol code for a token.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] when the code is unknown, used or over; [`Refusal::TooManyRequests`].
    pub async fn enrol(&self, code: &str) -> Result<String> {
        self.tries("enrol")?;
        let used = secret::hash(code).ok_or(Refusal::Unauthenticated)?;
        let token = secret::new(secret::CONNECTOR);
        let hash = secret::digest(&token);
        let caller = self
            .writer
            .run(move |w| {
                let id = connector::use_enrol_code(w.db, &used, w.now)?.ok_or(Refusal::Unauthenticated)?;
                let office = w
                    .state
                    .fleet
                    .get(id)
                    .map(|m| m.row.office)
                    .ok_or(Refusal::Unauthenticated)?;
                let caller = Caller::Connector { id, office };
                connector::add_token(w.db, &hash, caller)?;
                Ok(caller)
            })
            .await?;
        self.remember(hash, caller);
        Ok(token)
    }

    /// Who holds this session.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn viewer(&self, session: &str) -> Result<Option<Viewer>> {
        match secret::hash(session) {
            Some(hash) => read::session(&self.readers, &hash, self.clock.now()).await,
            None => Ok(None),
        }
    }

    /// Signs somebody in with e-mail address and password; gives the session's secret.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] without saying which of the two was wrong, [`Refusal::TooManyRequests`]
    /// after a few wrong tries for one address.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String> {
        let email = email.trim().to_lowercase();
        self.tries(&email)?;
        let found = {
            let email = email.clone();
            self.writer.run(move |w| person::by_email(w.db, &email)).await?
        };
        let (person, stored) = found.map_or((0, None), |(id, hash)| (id, hash));
        let right = self.verify(password.to_owned(), stored).await?;
        if !right {
            return Err(Refusal::Unauthenticated.into());
        }
        self.open_session(person).await
    }

    /// Whom a link would sign in. Looking does not use it up.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is unknown, used or over.
    pub async fn look_at_link(&self, link: &str) -> Result<LinkFor> {
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        match read::link(&self.readers, &hash, self.clock.now()).await? {
            None => Err(Refusal::NotFound.into()),
            Some(None) => Ok(LinkFor::FirstAdmin),
            Some(Some((name, role))) => Ok(LinkFor::Person {
                name,
                role: Role::from_key(&role).ok_or(Refusal::NotFound)?,
            }),
        }
    }

    /// Signs in by a link.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is unknown, used or over.
    pub async fn use_link(&self, link: &str) -> Result<String> {
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        let person = self
            .writer
            .run(move |w| {
                person::use_link(w.db, &hash, w.now)?
                    .flatten()
                    .ok_or(Refusal::NotFound.into())
            })
            .await?;
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
                Ok(id)
            })
            .await?;
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
        self.writer.run(move |w| person::end_session(w.db, &hash)).await
    }

    /// Sets the language a person reads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_language(&self, person: i64, language: Language) -> Result<()> {
        self.writer
            .run(move |w| person::set_language(w.db, person, language))
            .await
    }

    async fn open_session(&self, person: i64) -> Result<String> {
        let session = secret::new(secret::SESSION);
        let hash = secret::digest(&session);
        self.writer
            .run(move |w| person::add_session(w.db, &hash, person, w.now, w.now + SESSION_MS))
            .await?;
        Ok(session)
    }

    fn tries(&self, key: &str) -> Result<()> {
        self.limiter
            .check_key(&key.to_owned())
            .map_err(|_| Error::Refused(Refusal::TooManyRequests(60)))
    }

    /// A PHC string for a password.
    ///
    /// # Errors
    /// When there is no memory or randomness for it.
    pub async fn hash_password(&self, password: String) -> Result<String> {
        let argon = self.argon();
        let hashed = tokio::task::spawn_blocking(move || {
            let mut salt = [0u8; 16];
            getrandom::fill(&mut salt).map_err(|e| e.to_string())?;
            let salt = SaltString::encode_b64(&salt).map_err(|e| e.to_string())?;
            argon
                .hash_password(password.as_bytes(), &salt)
                .map(|h| h.to_string())
                .map_err(|e| e.to_string())
        });
        hashed
            .await
            .map_err(|e| Error::Storage(e.to_string()))?
            .map_err(Error::Storage)
    }

    /// Takes as long for an unknown person as for a wrong password.
    async fn verify(&self, password: String, stored: Option<String>) -> Result<bool> {
        let argon = self.argon();
        let Some(stored) = stored else {
            self.hash_password(password).await?;
            return Ok(false);
        };
        let checked = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&stored).is_ok_and(|h| argon.verify_password(password.as_bytes(), &h).is_ok())
        });
        checked.await.map_err(|e| Error::Storage(e.to_string()))
    }

    fn argon(&self) -> Argon2<'static> {
        let params = argon2::Params::new(self.effort.memory, self.effort.passes, 1, None).unwrap_or_default();
        Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
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
    }
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
        text::check(&mut errors, "email", &self.email, 200);
        let (account, host) = self.email.trim().split_once('@').unwrap_or_default();
        if errors.is_empty()
            && (account.is_empty() || !host.contains('.') || self.email.trim().contains(char::is_whitespace))
        {
            errors.push(FieldError {
                field: "email".into(),
                message: "must be an e-mail address".into(),
            });
        }
        if self.password.chars().count() < SHORTEST_PASSWORD {
            let message = format!("must have at least {SHORTEST_PASSWORD} characters");
            errors.push(FieldError {
                field: "password".into(),
                message,
            });
        }
        if self.password.len() > 1000 {
            errors.push(FieldError {
                field: "password".into(),
                message: "must have at most 1000 bytes".into(),
            });
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(errors).into())
        }
    }
}
