//! Through which server an office's mail goes, and its outbox.

use super::check_email;
use super::inner::is_inner_name;
use crate::desk::Engine;
use domain::{
    FieldError, NotAllowed, NotNow, OfficeId, Refusal, Rule, Viewer,
    mail::{Letter, MailLine, MailPage, MailSettings, Security},
    text,
};
use store::{
    error::Result,
    mail as rows,
    smtp::{self, Password, Smtp},
    zone::Zone,
};
use views::OfficeView;

/// The outbox shows so many.
const SHOWN: u32 = 100;

impl Engine {
    /// The page of an office's mail.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who do not run the office.
    pub async fn mail_page(&self, viewer: &Viewer, office: &OfficeView) -> Result<MailPage> {
        may(viewer)?;
        let zone = Zone::of(&office.zone);
        let id = office.id;
        let kept = self.look(move |w| smtp::get(w.db, id)).await?;
        let has_password = kept.as_ref().is_some_and(|(_, sealed)| sealed.is_some());
        let lines = rows::lines(&self.readers, office.id, SHOWN).await?;
        Ok(MailPage {
            settings: kept.map(|(settings, _)| settings),
            has_password,
            lines: lines
                .into_iter()
                .map(|l| MailLine {
                    id: l.id,
                    name: l.name,
                    email: l.email,
                    kind: l.kind,
                    made: zone.moment(l.made_at),
                    sent: l.sent_at.map(|t| zone.moment(t)),
                    next: l.next_at.map(|t| zone.moment(t)),
                    tries: l.tries,
                    error: l.error,
                    can_again: l.can_again,
                })
                .collect(),
            failed: rows::left(&self.readers, office.id).await?,
            bases: self.bases.clone(),
            now: zone.moment(self.now()),
        })
    }

    /// An office's settings as letters are sent by them: with the password, and links that lead to this desk and nowhere
    /// else. A password that cannot be opened is none.
    pub(super) async fn smtp(&self, office: OfficeId) -> Result<Option<MailSettings>> {
        let Some((mut settings, sealed)) = self.look(move |w| smtp::get(w.db, office)).await? else {
            return Ok(None);
        };
        if !self.bases.contains(&settings.address) {
            settings.address = self.bases.first().cloned().unwrap_or_default();
        }
        settings.password = sealed.and_then(|sealed| match self.vault.unseal(&seals(office), &sealed) {
            Ok(plain) => String::from_utf8(plain).ok(),
            Err(e) => {
                tracing::error!(office, error = %e, "the password of a mail server cannot be opened: type it anew");
                None
            }
        });
        Ok(Some(settings))
    }

    /// Seals what a desk of before kept in the clear.
    pub(crate) async fn seal_mail_passwords(&self) -> Result<()> {
        let vault = self.vault.clone();
        self.writer
            .run(move |w| {
                for (office, plain) in smtp::unsealed(w.db)? {
                    smtp::seal(w.db, office, &vault.seal(&seals(office), plain.as_bytes())?)?;
                }
                Ok(())
            })
            .await
    }

    /// Sets how an office's mail goes out. Without a password the one that is kept stays, as long as it goes to the same
    /// server in the same way: nobody learns it by having it sent to another.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] naming each broken rule.
    pub async fn save_mail(&self, by: &Viewer, office: OfficeId, settings: MailSettings) -> Result<()> {
        may(by)?;
        let mut settings = checked(settings, &self.bases, self.mail_inner)?;
        let typed = settings.password.take().filter(|p| !p.is_empty());
        let sealed = typed.map(|p| self.vault.seal(&seals(office), p.as_bytes()));
        let sealed = sealed.transpose()?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                let kept = smtp::get(w.db, office)?;
                let password = password(&settings, sealed.clone(), kept.as_ref())?;
                smtp::save(w.db, office, &settings, &password, w.now)?;
                let told = |s: &MailSettings| {
                    let security = s.security.key();
                    format!("{security} {}:{} {} {}", s.host, s.port, s.username, s.sender)
                };
                let (before, after) = (kept.map(|(was, _)| told(&was)), told(&settings));
                w.audit(
                    Some(office),
                    by.person,
                    "mail_settings",
                    "setting mail",
                    (before, Some(after)),
                )
            })
            .await
    }

    /// Puts a mail to the reader into the outbox, to see whether the settings work.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Refusal::WrongState`] before there are settings.
    pub async fn test_mail(&self, by: &Viewer, office: OfficeId) -> Result<i64> {
        may(by)?;
        let person = by.person;
        self.writer
            .run(move |w| {
                if !smtp::is_set_up(w.db, office)? {
                    return Err(Refusal::WrongState(NotNow::MailNotSetUp).into());
                }
                let to = rows::to(w.db, person)?.ok_or(Refusal::NotFound)?;
                rows::insert(w.db, office, &to, &Letter::Test, w.now)
            })
            .await
    }

    /// Another try for every mail that was given up; says how many.
    pub async fn retry_all_mail(&self, by: &Viewer, office: OfficeId) -> Result<usize> {
        may(by)?;
        self.writer
            .run(move |w| rows::all_again(w.db, office, w.now))
            .await
    }

    /// Another try for a mail that was not sent.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`] also for one whose link is not kept any more.
    pub async fn retry_mail(&self, by: &Viewer, office: OfficeId, id: i64) -> Result<()> {
        may(by)?;
        self.writer
            .run(move |w| {
                if rows::again(w.db, office, id, w.now)? {
                    Ok(())
                } else {
                    Err(Refusal::NotFound.into())
                }
            })
            .await
    }
}

/// What a sealed password is good for.
fn seals(office: OfficeId) -> String {
    format!("mail password of office {office}")
}

/// What becomes of the password that is kept.
fn password(s: &MailSettings, sealed: Option<Vec<u8>>, kept: Option<&Smtp>) -> Result<Password> {
    if s.username.is_empty() {
        return Ok(Password::Goes);
    }
    if let Some(sealed) = sealed {
        return Ok(Password::New(sealed));
    }
    let Some((was, Some(_))) = kept else {
        return Ok(Password::Goes);
    };
    if s.security == Security::None {
        return Err(Refusal::rule("security", Rule::InTheClear).into());
    }
    let server = |s: &MailSettings| (s.host.clone(), s.port, s.security, s.username.clone());
    if server(was) == server(s) {
        Ok(Password::Stays)
    } else {
        Err(Refusal::rule("password", Rule::PasswordAgain).into())
    }
}

fn may(viewer: &Viewer) -> Result<()> {
    if viewer.runs_office() {
        Ok(())
    } else {
        Err(Refusal::Forbidden(NotAllowed::RunningTheOffice).into())
    }
}

/// Checks settings as typed. Links of letters lead to one of `bases`.
fn checked(s: MailSettings, bases: &[String], inner: bool) -> Result<MailSettings> {
    let s = MailSettings {
        host: s.host.trim().to_lowercase(),
        username: s.username.trim().to_owned(),
        sender: s.sender.trim().to_owned(),
        address: s.address.trim().trim_end_matches('/').to_owned(),
        ..s
    };
    let mut errors = vec![];
    let mut wrong = |field, rule| errors.push(FieldError::of(field, rule));
    let is_host = |h: &str| {
        !h.is_empty()
            && h.len() <= 253
            && h.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
    };
    if !is_host(&s.host) {
        wrong("host", Rule::NoMailServer);
    }
    if !inner && is_inner_name(&s.host) {
        wrong("host", Rule::MailServerInside);
    }
    if !(1..=65_535).contains(&s.port) {
        wrong("port", Rule::Between { from: 1, to: 65_535 });
    }
    if s.security == Security::None && s.password.as_ref().is_some_and(|p| !p.is_empty()) {
        wrong("security", Rule::InTheClear);
    }
    if !bases.contains(&s.address) {
        wrong(
            "address",
            Rule::AddressOfDesk {
                addresses: bases.join(", "),
            },
        );
    }
    let typed = [("username", Some(&s.username)), ("password", s.password.as_ref())];
    for (field, value) in typed {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            text::check(&mut errors, field, value, 500);
        }
    }
    let before = errors.len();
    check_email(&mut errors, &s.sender);
    for e in &mut errors[before..] {
        e.field = "sender".into();
    }
    if errors.is_empty() {
        Ok(s)
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}
