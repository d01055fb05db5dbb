//! The first start of a desk that is not the demo: the printed link makes the first office, its admin and the first
//! person of Support (X1.1, X1.2); the command line makes a person of Support for a desk that is set up already.

pub use super::support::Someone;

use super::support::{clean, invite_support};
use crate::{desk::Engine, desk::password, mail, people::accounts::LinkFor, people::offices};
use domain::{FieldError, Language, Refusal, Role, Rule, text};
use store::{
    error::Result,
    link::{self, LinkKind},
    office,
    person::{self, NewPerson},
    secret,
};
use views::offices::NewOffice;

/// What the first person says of the office, of themselves and of Support.
#[derive(Debug, Clone)]
pub struct FirstStart {
    pub office: NewOffice,
    /// Who runs it.
    pub admin: Someone,
    /// At least ten characters.
    pub password: String,
    /// What they read.
    pub language: Language,
    /// Who acts on what the office cannot mend; `None` leaves that to the office's admins.
    pub support: Option<Someone>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Started {
    /// The admin's session.
    pub session: String,
    /// The secret of the link that lets Support in, once.
    pub support_link: Option<String>,
}

impl FirstStart {
    fn check(&self) -> Result<()> {
        let mut errors = vec![];
        offices::check(&mut errors, &self.office, "office");
        text::check(&mut errors, "name", &self.admin.name, 200);
        mail::check_email(&mut errors, &self.admin.email);
        let about = [
            self.office.name.as_str(),
            self.admin.name.as_str(),
            self.admin.email.as_str(),
        ];
        password::check(&mut errors, &self.password, &about);
        if let Some(support) = &self.support {
            let mut theirs = vec![];
            text::check(&mut theirs, "name", &support.name, 200);
            mail::check_email(&mut theirs, &support.email);
            if theirs.is_empty() && clean(&support.email) == clean(&self.admin.email) {
                // one address is one account, and Support belongs to no office
                theirs.push(FieldError::of("email", Rule::AddressOfAdmin));
            }
            errors.extend(theirs.into_iter().map(|e| {
                let field = format!("support_{}", e.field);
                e.at(field)
            }));
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(Refusal::Invalid(errors).into()),
        }
    }
}

impl Engine {
    /// The link that begins the desk, if there is nobody yet. An earlier one stops working.
    pub async fn first_admin_link(&self) -> Result<Option<String>> {
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        let wanted = self
            .writer
            .run(move |w| {
                if person::count(w.db)? > 0 {
                    return Ok(false);
                }
                link::forget_first_admin(w.db)?;
                link::add(w.db, &hash, None, LinkKind::FirstAdmin, w.now)?;
                Ok(true)
            })
            .await?;
        Ok(wanted.then_some(link))
    }

    /// Makes the first office, its admin, whom it signs in, and the first person of Support.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a link that is not the current one, [`Refusal::Invalid`] naming each broken rule.
    pub async fn begin(&self, link: &str, first: FirstStart) -> Result<Started> {
        first.check()?;
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        // a password is hashed for nobody else, and no other link is touched
        if self.look_at_link(link).await? != LinkFor::FirstAdmin {
            return Err(Refusal::NotFound.into());
        }
        let password_hash = self.hash_password(first.password.clone()).await?;
        let theirs = secret::new(secret::SESSION);
        let digest = secret::digest(&theirs);
        let wanted = first.support.is_some();
        let made = self.writer.run(move |w| {
            let used = link::use_up(w.db, &hash, w.now)?;
            if used != Some((None, LinkKind::FirstAdmin)) || person::count(w.db)? > 0 {
                return Err(Refusal::NotFound.into());
            }
            // who asks for help is told of Support, or of the one who set the office up
            let contact = first.support.as_ref().unwrap_or(&first.admin);
            let mut row = offices::row(&first.office, &clean(&contact.email));
            row.id = office::insert(w.db, &row)?;
            w.state.add_office(row.clone());
            let new = NewPerson {
                office: Some(row.id),
                email: clean(&first.admin.email),
                name: first.admin.name.trim().into(),
                role: Role::Admin,
                language: first.language,
                password_hash: Some(password_hash.clone()),
            };
            let admin = person::insert(w.db, &new, w.now)?;
            w.audit(
                Some(row.id),
                admin,
                "first_admin",
                format!("person {admin}"),
                (None, Some(new.email)),
            )?;
            if let Some(support) = &first.support {
                let id = invite_support(w, support, first.language, admin)?;
                link::add(w.db, &digest, Some(id), LinkKind::Invitation, w.now)?;
            }
            Ok(admin)
        });
        let admin = made.await?;
        Ok(Started {
            session: self.open_session(admin, false).await?,
            support_link: wanted.then_some(theirs),
        })
    }

    /// A link for a person of Support, who is made when nobody has the address yet. For the command line.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule, also for the address of somebody who is no Support.
    pub async fn support_link(&self, name: &str, email: &str) -> Result<String> {
        let someone = Someone {
            name: name.trim().to_owned(),
            email: clean(email),
        };
        let mut errors = vec![];
        text::check(&mut errors, "name", &someone.name, 200);
        mail::check_email(&mut errors, &someone.email);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        self.writer
            .run(move |w| {
                let id = match person::number_of(w.db, &someone.email)? {
                    Some((id, Role::Support)) => {
                        // whoever stands at the machine decides: access that had ended is given back
                        person::set_left(w.db, id, None)?;
                        link::forget_open(w.db, id, w.now)?;
                        id
                    }
                    Some(_) => {
                        return Err(Refusal::rule("email", Rule::AddressOfOther).into());
                    }
                    None => invite_support(w, &someone, Language::default(), 0)?,
                };
                link::add(w.db, &hash, Some(id), LinkKind::Invitation, w.now)?;
                w.state.look_for_support(w.db)
            })
            .await?;
        Ok(link)
    }
}
