//! The second factor (S9): codes of an app on one's phone, and recovery codes for the day it is gone.
//!
//! Nothing half is kept: until a person has confirmed it, the secret they set up is what the desk's key gives for their
//! session. A code is looked at and used up in one operation of the writer, so that of two at once one is refused.

mod read;
pub mod totp;

use crate::{desk::Engine, desk::vault::Vault, mail, people::accounts::signed, people::sessions::Held};
use domain::{
    NotAllowed, NotNow, OfficeId, Refusal, Rule, Viewer,
    mail::{FactorTold, Letter},
};
use store::{
    error::Result,
    factor::{self as rows, FactorRow},
    person, secret,
    writer::Work,
};

/// Recovery codes of a person.
pub const CODES: usize = 10;
/// Wrong codes after which there is a rest.
pub const MOST_WRONG: u32 = 5;
/// The rests, in minutes: the first, the second, every later one.
const REST_MINUTES: [i64; 3] = [5, 15, 60];
/// Recovery codes that nobody has put away are shown this long.
const SHOWN_MS: i64 = 15 * 60_000;

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Right,
    Wrong,
    /// No codes are looked at for so many seconds.
    Rest(u32),
    /// The desk's key is not the one that the secret was sealed with.
    OtherKey,
}

impl Proof {
    fn answer(self) -> Result<()> {
        match self {
            Self::Right => Ok(()),
            Self::Wrong => Err(Refusal::rule("code", Rule::WrongFactor).into()),
            Self::Rest(seconds) => Err(Refusal::TooManyRequests(seconds).into()),
            Self::OtherKey => Err(Refusal::rule("code", Rule::FactorOfOtherKey).into()),
        }
    }
}

impl Engine {
    /// Gives the second factor in a session that waits for it; gives the session's new secret.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for no session, [`Refusal::Invalid`] for a wrong code,
    /// [`Refusal::TooManyRequests`] in a rest, [`Refusal::WrongState`] where there is nothing to give.
    pub async fn second_factor(&self, session: &str, typed: &str) -> Result<String> {
        let held = self.held(session).await?.ok_or(Refusal::Unauthenticated)?;
        if !held.waits() || !held.has_factor {
            return Err(Refusal::WrongState(NotNow::NoCodeAsked).into());
        }
        let typed = Typed::read(typed)?;
        let (old, new) = (digest(session)?, secret::new(secret::SESSION));
        let (hash, person, vault) = (secret::digest(&new), held.viewer.person, self.vault.clone());
        let proof = self.writer.run(move |w| {
            let proof = prove(w, &vault, person, &typed)?;
            if proof == Proof::Right {
                passed(w, &old, &hash)?;
                signed(w, person, "sign_in")?;
            }
            Ok(proof)
        });
        proof.await?.answer()?;
        Ok(new)
    }

    /// Sets a second factor up with the first code of the secret that [`Engine::factor`] shows; gives the session's new
    /// secret. Recovery codes wait in the session until they are put away.
    ///
    /// # Errors
    /// As [`Engine::second_factor`]; [`Refusal::WrongState`] where there is one already.
    pub async fn set_up_factor(&self, session: &str, typed: &str) -> Result<String> {
        let held = self.held(session).await?.ok_or(Refusal::Unauthenticated)?;
        let old = digest(session)?;
        let plain = pending(&self.vault, session);
        let typed = totp::read(typed).ok_or_else(unreadable)?;
        let (new, codes, vault) = (secret::new(secret::SESSION), new_codes()?, self.vault.clone());
        let hash = secret::digest(&new);
        let (person, waited) = (held.viewer.person, held.waits());
        let proof = self.writer.run(move |w| {
            if rows::find(w.db, person)?.is_some() {
                return Err(Refusal::WrongState(NotNow::FactorAlready).into());
            }
            let Some(step) = totp::find(&plain, typed, w.now, 0) else {
                return Ok(Proof::Wrong);
            };
            let row = FactorRow {
                secret: vault.seal(&sealed_as(person), &plain)?,
                last_step: step,
            };
            rows::insert(w.db, person, &row, w.now)?;
            rows::forget_tries(w.db, person)?;
            passed(w, &old, &hash)?;
            keep_codes(w, &vault, person, &hash, &codes)?;
            signed(w, person, "factor_on")?;
            if waited {
                signed(w, person, "sign_in")?;
            }
            tell(w, person, FactorTold::On)?;
            Ok(Proof::Right)
        });
        proof.await?.answer()?;
        Ok(new)
    }

    /// New recovery codes, for whoever gives a code; earlier ones are good no more.
    pub async fn renew_codes(&self, session: &str, typed: &str) -> Result<()> {
        let held = self.in_full(session).await?;
        let typed = Typed::read(typed)?;
        let (hash, codes, vault) = (digest(session)?, new_codes()?, self.vault.clone());
        let person = held.viewer.person;
        let proof = self.writer.run(move |w| {
            let proof = prove(w, &vault, person, &typed)?;
            if proof == Proof::Right {
                keep_codes(w, &vault, person, &hash, &codes)?;
                signed(w, person, "recovery_new")?;
            }
            Ok(proof)
        });
        proof.await?.answer()
    }

    /// The recovery codes have been kept by their owner: they are not shown again.
    pub async fn put_codes_away(&self, session: &str) -> Result<()> {
        let hash = digest(session)?;
        self.writer
            .run(move |w| rows::show_codes(w.db, &hash, None))
            .await
    }

    /// Takes one's own second factor off, with password and code; gives the session's new secret. Who must have one is
    /// led to set up the next at once.
    ///
    /// # Errors
    /// As [`Engine::second_factor`]; [`Refusal::Invalid`] for a wrong password.
    pub async fn leave_factor(&self, session: &str, password: String, typed: &str) -> Result<String> {
        let held = self.in_full(session).await?;
        let typed = Typed::read(typed)?;
        let (old, person) = (digest(session)?, held.viewer.person);
        self.right_password(person, password).await?;
        let (new, vault) = (secret::new(secret::SESSION), self.vault.clone());
        let hash = secret::digest(&new);
        let proof = self.writer.run(move |w| {
            let proof = prove(w, &vault, person, &typed)?;
            if proof == Proof::Right {
                rows::remove(w.db, person)?;
                rows::renew_session(w.db, &old, &hash, None)?;
                signed(w, person, "factor_off")?;
                tell(w, person, FactorTold::Off)?;
            }
            Ok(proof)
        });
        proof.await?.answer()?;
        Ok(new)
    }

    /// Takes a colleague's second factor off, for somebody who has lost theirs: their sessions end, and they are told. Of
    /// an `office`, or (`None`) of the platform's own team.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for nobody there, [`Refusal::Forbidden`] for oneself, [`Refusal::WrongState`] for somebody
    /// who has none.
    pub async fn take_factor_off(&self, by: Viewer, office: Option<OfficeId>, id: i64) -> Result<()> {
        self.writer
            .run(move |w| {
                let row = person::find(w.db, id)?.filter(|p| p.office == office);
                if row.is_none() {
                    return Err(Refusal::NotFound.into());
                }
                if by.person == id {
                    return Err(Refusal::Forbidden(NotAllowed::OwnFactor).into());
                }
                taken_off(w, by.person, id, &by.name)
            })
            .await
    }

    /// The same at the server's console, for the last admin.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an address that is nobody's, [`Refusal::WrongState`] for somebody who has none.
    pub async fn take_factor_off_here(&self, email: &str) -> Result<()> {
        let email = email.trim().to_lowercase();
        self.writer
            .run(move |w| {
                let found = person::by_email(w.db, &email)?;
                let (id, _) = found.ok_or(Refusal::NotFound)?;
                taken_off(w, 0, id, "")
            })
            .await
    }

    /// A session whose holder is signed in, and has a second factor.
    async fn in_full(&self, session: &str) -> Result<Held> {
        let held = self.held(session).await?.filter(|h| !h.waits());
        let held = held.ok_or(Refusal::Unauthenticated)?;
        if held.has_factor {
            Ok(held)
        } else {
            Err(Refusal::WrongState(NotNow::NoFactor).into())
        }
    }
}

/// What was typed where a code is asked for.
enum Typed {
    /// Six digits of the app.
    App(u32),
    /// A recovery code, by hash.
    Recovery(secret::Hash),
}

impl Typed {
    /// # Errors
    /// [`Refusal::Invalid`] for what cannot be a code: it is no try.
    fn read(typed: &str) -> Result<Self> {
        if let Some(code) = totp::read(typed) {
            return Ok(Self::App(code));
        }
        let code: String = typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            // what is never in a code, and looks like what is
            .map(|c| match c.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                c => c,
            })
            .collect();
        if code.len() == RECOVERY * 8 / 5 {
            Ok(Self::Recovery(recovery_hash(&code)))
        } else {
            Err(unreadable().into())
        }
    }
}

fn unreadable() -> Refusal {
    Refusal::rule("code", Rule::NoFactor)
}

/// Bytes of a recovery code: 80 bits, sixteen letters.
const RECOVERY: usize = 10;

fn recovery_hash(code: &str) -> secret::Hash {
    secret::digest(&format!("recovery code {code}"))
}

fn new_codes() -> Result<Vec<String>> {
    let code = || {
        let mut bytes = [0; RECOVERY];
        getrandom::fill(&mut bytes).map_err(|e| store::Error::Storage(e.to_string()))?;
        Ok(totp::base32(&bytes))
    };
    (0..CODES).map(|_| code()).collect()
}

/// The secret that a session would set up. It is nowhere until it is confirmed.
pub(crate) fn pending(vault: &Vault, session: &str) -> Vec<u8> {
    vault.derive(&format!("second factor of {session}"))[..totp::SECRET].to_vec()
}

fn sealed_as(person: i64) -> String {
    format!("second factor of person {person}")
}

fn digest(session: &str) -> Result<secret::Hash> {
    secret::hash(session).ok_or(Refusal::Unauthenticated.into())
}

/// Looks at a code and uses it up.
fn prove(w: &Work<'_>, vault: &Vault, id: i64, typed: &Typed) -> Result<Proof> {
    let row = rows::find(w.db, id)?;
    let row = row.ok_or(Refusal::WrongState(NotNow::NoFactor))?;
    // a recovery code cannot be guessed: it lets its owner in even while somebody guesses at the other kind
    if let Typed::Recovery(hash) = typed
        && rows::use_code(w.db, id, hash, w.now)?
    {
        rows::forget_tries(w.db, id)?;
        signed(w, id, "recovery_used")?;
        let left = rows::codes_left(w.db, id)?;
        tell(w, id, FactorTold::Recovery { left })?;
        return Ok(Proof::Right);
    }
    let (wrong, rest_until) = rows::tries(w.db, id)?;
    if let Some(seconds) = resting(rest_until, w.now) {
        return Ok(Proof::Rest(seconds));
    }
    if let Typed::App(code) = typed {
        let Ok(plain) = vault.unseal(&sealed_as(id), &row.secret) else {
            return Ok(Proof::OtherKey);
        };
        if let Some(step) = totp::find(&plain, *code, w.now, row.last_step) {
            rows::used_step(w.db, id, step)?;
            rows::forget_tries(w.db, id)?;
            return Ok(Proof::Right);
        }
        // the right code once more, sent twice by hand or by a proxy: it lets nobody in, and is no guess
        if totp::find(&plain, *code, w.now, 0) == Some(row.last_step) {
            signed(w, id, "factor_wrong")?;
            return Ok(Proof::Wrong);
        }
    }
    let wrong = wrong + 1;
    let rest = (wrong % MOST_WRONG == 0).then(|| rest_minutes(wrong / MOST_WRONG));
    rows::set_tries(w.db, id, wrong, rest.map(|m| w.now + m * 60_000))?;
    signed(w, id, "factor_wrong")?;
    match rest {
        None => Ok(Proof::Wrong),
        Some(minutes) => {
            tell(w, id, FactorTold::Rest { minutes })?;
            Ok(Proof::Rest(minutes as u32 * 60))
        }
    }
}

/// The length of the rest of this number, from 1.
fn rest_minutes(number: u32) -> i64 {
    let last = REST_MINUTES.len() - 1;
    REST_MINUTES[(number as usize).saturating_sub(1).min(last)]
}

/// Seconds until codes are looked at again.
fn resting(until: Option<i64>, now: i64) -> Option<u32> {
    let left = until? - now;
    // a clock that was set back keeps nobody out for longer than the longest rest
    let most = REST_MINUTES[REST_MINUTES.len() - 1] * 60_000;
    (left > 0).then(|| ((left.min(most) + 999) / 1000) as u32)
}

/// The second factor was given in a session, whose secret changes with it.
fn passed(w: &Work<'_>, old: &secret::Hash, new: &secret::Hash) -> Result<()> {
    if rows::renew_session(w.db, old, new, Some(w.now))? {
        Ok(())
    } else {
        Err(Refusal::Unauthenticated.into())
    }
}

fn keep_codes(
    w: &Work<'_>,
    vault: &Vault,
    person: i64,
    session: &secret::Hash,
    codes: &[String],
) -> Result<()> {
    let hashes: Vec<_> = codes.iter().map(|c| recovery_hash(c)).collect();
    rows::set_codes(w.db, person, &hashes)?;
    let sealed = vault.seal(&codes_as(person), codes.join(" ").as_bytes())?;
    rows::show_codes(w.db, session, Some((&sealed, w.now + SHOWN_MS)))
}

fn codes_as(person: i64) -> String {
    format!("recovery codes of person {person}")
}

fn taken_off(w: &Work<'_>, by: i64, id: i64, name: &str) -> Result<()> {
    if !rows::remove(w.db, id)? {
        return Err(Refusal::WrongState(NotNow::TheyHaveNoFactor).into());
    }
    person::end_sessions(w.db, id, None)?;
    let office = person::find(w.db, id)?.and_then(|p| p.office);
    w.audit(
        office,
        by,
        "factor_taken_off",
        format!("person {id}"),
        (None, None),
    )?;
    tell(w, id, FactorTold::TakenOff { by: name.to_owned() })
}

/// By mail, where the office has any; those of no office have none.
fn tell(w: &Work<'_>, id: i64, what: FactorTold) -> Result<()> {
    match person::find(w.db, id)?.and_then(|p| p.office) {
        Some(office) => mail::write_to(w, office, id, &Letter::Factor { what }).map(|_| ()),
        None => Ok(()),
    }
}
