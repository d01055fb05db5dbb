//! Mail (S5): what people are told, each thing once; the outbox; what became of each try.
//!
//! The engine decides who is told what and keeps it in the outbox, in the transaction of what it tells of where there is
//! one. Putting it into words and handing it to a mail server is the server's part: it asks for what is due and says how
//! it went.

mod address;
mod gather;
pub mod inner;
mod settings;

pub(crate) use address::check_email;

use crate::desk::{Engine, guard::Visitor};
use domain::{
    Language, OfficeId, Refusal, Viewer,
    downtime::{Door, Phase, Who, of_office, verdict},
    mail::{Choice, Fault, Letter, MailSettings, retry_after},
};
use std::collections::{BTreeMap, HashSet};
use store::{
    clock::HOUR_MS,
    error::Result,
    link::{self, LinkKind},
    mail::{self as rows, DueRaw, To},
    secret, smtp,
    writer::Work,
};

/// Mails of one office at a time.
const AT_ONCE: u32 = 10;
/// Links to choose a new password, for one person in an hour: nobody's mailbox is filled by others.
const MOST_RESETS: u32 = 3;
/// A server that takes nothing from this office, or nothing now, is asked again after so long.
const STAND_BACK_MS: i64 = 5 * 60_000;
const HANGS_MS: i64 = 60_000;

/// A mail whose time has come.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub office: OfficeId,
    /// What the office is called.
    pub office_name: String,
    /// As it stands in paths.
    pub office_code: String,
    /// To whom.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they read.
    pub language: Language,
    /// What it tells.
    pub letter: Letter,
    /// The server that it goes through.
    pub settings: MailSettings,
    /// The path that ends the subscription, of what one can say no to.
    pub unsubscribe: Option<String>,
    /// How often it was tried.
    pub tries: u32,
}

/// How a try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The mail server took it.
    Sent,
    /// It may take it later: it does not answer, or says so; with the number that it gave.
    Later(Fault, Option<u16>),
    /// It never will.
    Never(Fault, Option<u16>),
}

impl Engine {
    /// What a person wants to be told.
    pub async fn mail_choices(&self, viewer: &Viewer) -> Result<Vec<(Choice, bool)>> {
        let no = rows::unwanted(&self.readers, viewer.person).await?;
        let wants = |c: Choice| !no.iter().any(|(key,)| key == c.key());
        Ok(Choice::ALL.into_iter().map(|c| (c, wants(c))).collect())
    }

    /// Sets what a person wants to be told.
    pub async fn choose_mail(&self, viewer: &Viewer, choice: Choice, wanted: bool) -> Result<()> {
        let person = viewer.person;
        self.writer
            .run(move |w| rows::set_wanted(w.db, person, choice, wanted))
            .await
    }

    /// Ends a subscription by the link of a mail; looking at the link ends nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a link that is not known.
    pub async fn unsubscribe(&self, link: &str) -> Result<()> {
        let hash = secret::hash(link).ok_or(Refusal::NotFound)?;
        self.writer
            .run(move |w| {
                let (person, choice) = rows::unsubscribe(w.db, &hash)?.ok_or(Refusal::NotFound)?;
                rows::set_wanted(w.db, person, choice, false)
            })
            .await
    }

    /// A link to choose a new password, for whoever has this address. Nobody learns whether somebody does.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`], [`Refusal::Invalid`] for what is no address.
    pub async fn ask_reset(&self, email: &str, visitor: &Visitor) -> Result<()> {
        self.ask_reset_to(email, "", visitor).await
    }

    /// As [`Engine::ask_reset`], with a link that leads on `to` a page of the desk.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`], [`Refusal::Invalid`] for what is no address.
    pub async fn ask_reset_to(&self, email: &str, to: &str, visitor: &Visitor) -> Result<()> {
        let mut errors = vec![];
        check_email(&mut errors, email);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let email = email.trim().to_lowercase();
        self.admit_reset(&email, visitor).await?;
        let secret = secret::new(secret::SESSION);
        let hash = secret::digest(&secret);
        let path = domain::text::on_to(&format!("/sign-in/{secret}"), to);
        self.writer
            .run(move |w| {
                let Some((person, _)) = store::person::by_email(w.db, &email)? else {
                    return Ok(());
                };
                let office = store::person::find(w.db, person)?.and_then(|p| p.office);
                let Some(office) = office else { return Ok(()) };
                if !smtp::is_set_up(w.db, office)?
                    || link::resets_since(w.db, person, w.now - HOUR_MS)? >= MOST_RESETS
                {
                    return Ok(());
                }
                // one at a time: the last that was asked for; an invitation stays, whoever asked
                link::forget_resets(w.db, person, w.now)?;
                link::add(w.db, &hash, Some(person), LinkKind::Reset, w.now)?;
                let letter = Letter::Reset { link: path.clone() };
                write_to(w, office, person, &letter).map(|_| ())
            })
            .await
    }

    /// Mails whose time has come, with what they are sent through.
    pub async fn due_mail(&self) -> Result<Vec<Due>> {
        self.due_mail_but(&HashSet::new()).await
    }

    /// As [`Engine::due_mail`], without that of offices whose letters are being sent.
    pub async fn due_mail_but(&self, busy: &HashSet<OfficeId>) -> Result<Vec<Due>> {
        let mut raw = rows::due(&self.readers, self.now(), AT_ONCE).await?;
        raw.retain(|r| !busy.contains(&r.office));
        let mut due = vec![];
        let mut known: BTreeMap<OfficeId, Option<MailSettings>> = BTreeMap::new();
        for r in raw {
            if !self.alerts_go_out(r.office) {
                continue;
            }
            if let std::collections::btree_map::Entry::Vacant(e) = known.entry(r.office) {
                e.insert(self.smtp(r.office).await?);
            }
            let (Some(Some(settings)), Some(card)) = (known.get(&r.office), self.card(r.office)) else {
                continue;
            };
            match serde_json::from_str::<Letter>(&r.letter) {
                Ok(letter) => {
                    let unsubscribe = self.unsubscribe_link(&r, &letter).await?;
                    due.push(Due {
                        id: r.id,
                        office: r.office,
                        office_name: card.name,
                        office_code: card.code,
                        name: r.name,
                        email: r.email,
                        language: rows::language(&r.language),
                        letter,
                        settings: settings.clone(),
                        unsubscribe,
                        tries: r.tries,
                    });
                }
                Err(e) => {
                    tracing::error!(mail = r.id, error = %e, "a letter cannot be read");
                    self.tried(r.office, r.id, Tried::Never(Fault::Letter, None), r.tries)
                        .await?;
                }
            }
        }
        Ok(due)
    }

    /// The truth table lets alerts out whatever happens (D13); it is asked all the same.
    fn alerts_go_out(&self, office: OfficeId) -> bool {
        let (all, now) = (self.downtimes(), self.now());
        let phase = of_office(&all, Some(office), now).map_or(Phase::None, |d| d.phase(now));
        !verdict(Who::Nobody, Door::AlertMail, phase).is_no()
    }

    async fn unsubscribe_link(&self, r: &DueRaw, letter: &Letter) -> Result<Option<String>> {
        let (Some(person), Some(choice)) = (r.person, letter.choice()) else {
            return Ok(None);
        };
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        self.writer
            .run(move |w| rows::add_unsubscribe(w.db, &hash, person, choice, w.now))
            .await?;
        Ok(Some(format!("/forms/unsubscribe/{link}")))
    }

    /// How a try went.
    ///
    /// # Errors
    /// When it cannot be written: the mail may then be sent once more, under the same message id.
    pub async fn tried_mail(&self, due: &Due, tried: Tried) -> Result<()> {
        self.tried(due.office, due.id, tried, due.tries).await
    }

    async fn tried(&self, office: OfficeId, id: i64, tried: Tried, tries: u32) -> Result<()> {
        let said = |fault: Fault, number: Option<u16>| match number {
            Some(n) => format!("{} {n}", fault.key()),
            None => fault.key().to_owned(),
        };
        self.writer
            .run(move |w| match tried {
                Tried::Sent => rows::sent(w.db, office, id, w.now),
                // the letter is not at fault: it has not been tried
                Tried::Later(fault, _) if fault.stops_all() => {
                    rows::stand_back(w.db, office, fault, w.now, w.now + STAND_BACK_MS)
                }
                Tried::Later(fault, number) => {
                    let next = retry_after(tries + 1).map(|wait| w.now + wait);
                    rows::failed(w.db, id, &said(fault, number), next)?;
                    if fault == Fault::Hangs {
                        // the others of this office wait, too, instead of as long again each
                        rows::stand_back(w.db, office, fault, w.now, w.now + HANGS_MS)?;
                    }
                    Ok(())
                }
                Tried::Never(fault, number) => rows::failed(w.db, id, &said(fault, number), None),
            })
            .await
    }
}

/// Puts a letter to a person into the outbox, if the office can send mail and they want it; says whether it did.
pub(crate) fn write_to(w: &Work<'_>, office: OfficeId, person: i64, letter: &Letter) -> Result<bool> {
    let Some(to) = rows::to(w.db, person)? else {
        return Ok(false);
    };
    let wanted = match letter.choice() {
        Some(choice) => rows::wants(w.db, person, choice)?,
        None => true,
    };
    if wanted && smtp::is_set_up(w.db, office)? {
        rows::insert(w.db, office, &to, letter, w.now)?;
        return Ok(true);
    }
    Ok(false)
}

/// Puts a letter to an address that is nobody's here into the outbox, in the office's language.
pub(crate) fn write_to_address(w: &Work<'_>, office: OfficeId, email: &str, letter: &Letter) -> Result<()> {
    let language = w.state.offices.get(&office).map_or("en", |o| o.language.as_str());
    let mut errors = vec![];
    check_email(&mut errors, email);
    if !errors.is_empty() || !smtp::is_set_up(w.db, office)? {
        return Ok(());
    }
    let to = To {
        person: None,
        email: email.trim().to_lowercase(),
        name: String::new(),
        language: language.to_owned(),
    };
    rows::insert(w.db, office, &to, letter, w.now).map(|_| ())
}

/// Tells everybody of an office, or (`None`) of all, of a downtime.
pub(crate) fn write_to_all(
    w: &Work<'_>,
    office: Option<OfficeId>,
    letter: impl Fn(OfficeId, Language) -> Letter,
) -> Result<()> {
    for (person, of) in rows::staff_of(w.db, office)? {
        let Some(to) = rows::to(w.db, person)? else {
            continue;
        };
        write_to(w, of, person, &letter(of, rows::language(&to.language)))?;
    }
    Ok(())
}
