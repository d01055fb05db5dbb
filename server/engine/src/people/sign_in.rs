//! Who says who they are, by a password: the limits of guessing (R19, R20).

use crate::{
    desk::{
        Engine,
        guard::{Account, Key, Visitor},
        password::{self, Asking},
        probe,
    },
    people::accounts::signed,
};
use domain::Refusal;
use store::{error::Result, known as rows, person, secret::Hash, writer::Work};

/// The longest address that mail can be sent to (RFC 5321).
const LONGEST_EMAIL: usize = 254;

/// An account that somebody wants to come in by.
struct Asked {
    /// Somebody has this address: number and password hash.
    person: Option<(i64, Option<String>)>,
    /// They have come in by this browser before.
    device: Option<Hash>,
    /// ... from this address.
    near: bool,
}

impl Asked {
    fn asking(&self) -> Asking {
        if self.device.is_some() || self.near {
            Asking::Known
        } else {
            Asking::Stranger
        }
    }

    /// What a wrong try counts by. The owner's own browser is counted alone: whatever others try, from wherever, it
    /// goes on; so does, of strangers, who comes from an address of the owner's.
    fn keys(&self, account: Account, visitor: &Visitor, one: Key, all: Key) -> Vec<Key> {
        match (self.device, self.near) {
            (Some(device), _) => vec![Key::OwnBrowser(account, device)],
            (None, true) => vec![one, Key::Sprayed(visitor.client.key())],
            (None, false) => vec![one, all, Key::Sprayed(visitor.client.key())],
        }
    }
}

impl Engine {
    /// Whose password this is.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] without saying which of the two was wrong; [`Refusal::TooManyRequests`] after some
    /// wrong tries, [`Refusal::Busy`] when too many ask at once.
    pub(crate) async fn proves(&self, email: &str, password: &str, visitor: &Visitor) -> Result<i64> {
        let email = email.trim();
        if email.len() > LONGEST_EMAIL || password::is_too_long(password) {
            return Err(Refusal::Unauthenticated.into());
        }
        let email = email.to_lowercase();
        let account = Account::of(&email);
        let asked = self.asked(&email, visitor).await?;
        let one = Key::SignIn(account, visitor.client.key());
        let came_in = Key::CameIn(account, visitor.client.key());
        self.guard.may_try(came_in, self.clock.mono())?;
        let counted = self.admit(asked.keys(account, visitor, one, Key::Strangers(account)))?;
        let (known, stored) = asked
            .person
            .clone()
            .map_or((None, None), |(id, hash)| (Some(id), hash));
        match self.verify(asked.asking(), password.to_owned(), stored).await {
            Ok(true) => {
                self.guard.give_back(counted);
                let _ = self.admit([came_in])?;
                let own = asked.device.map(|d| Key::OwnBrowser(account, d));
                [Some(one), own]
                    .iter()
                    .flatten()
                    .for_each(|k| self.guard.forget(k));
                known.ok_or_else(|| Refusal::Unauthenticated.into())
            }
            Ok(false) => {
                // the same work for who is known and who is not: the time tells nothing
                let note = move |w: &mut Work<'_>| match known {
                    Some(person) => signed(w, person, "sign_in_failed"),
                    None => probe(w),
                };
                self.writer.run(note).await?;
                Err(Refusal::Unauthenticated.into())
            }
            Err(e) => {
                self.guard.give_back(counted);
                Err(e)
            }
        }
    }

    /// Whether this is the password of a person who changes it.
    pub(crate) async fn proves_old(&self, person: i64, old: String, stored: Option<String>) -> Result<bool> {
        if password::is_too_long(&old) {
            return Ok(false);
        }
        let counted = self.admit([Key::Password(person)])?;
        let right = self.verify(Asking::Known, old, stored).await;
        match right {
            Ok(false) => {}
            Ok(true) => self.guard.forget(&Key::Password(person)),
            Err(_) => self.guard.give_back(counted),
        }
        right
    }

    /// Somebody asks for a link to choose a new password, by mail: each counts, whether somebody has the address or not.
    pub(crate) async fn admit_reset(&self, email: &str, visitor: &Visitor) -> Result<()> {
        let account = Account::of(email);
        let asked = self.asked(email, visitor).await?;
        let one = Key::Reset(account, visitor.client.key());
        // not by what wrong passwords count by: this is the way out of them
        let _ = match asked.asking() {
            Asking::Known => self.admit([one])?,
            Asking::Stranger => self.admit([one, Key::Resets(account)])?,
        };
        Ok(())
    }

    async fn asked(&self, email: &str, visitor: &Visitor) -> Result<Asked> {
        let (email, devices) = (email.to_owned(), visitor.devices.clone());
        let client = visitor.client.key().to_string();
        let look = self.look(move |w| {
            let person = person::by_email(w.db, &email)?;
            let id = person.as_ref().map_or(0, |(id, _)| *id);
            Ok(Asked {
                device: rows::device(w.db, id, &devices)?,
                near: rows::address(w.db, id, &client)?,
                person,
            })
        });
        look.await
    }
}
