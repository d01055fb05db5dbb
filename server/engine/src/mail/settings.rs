//! Through which server an office's mail goes, and its outbox.

use crate::{
    engine::Engine,
    error::Result,
    people::check_email,
    reading::Zone,
    store::{
        event::{self, Audit},
        mail as rows,
    },
};
use domain::{
    FieldError, OfficeId, Refusal, Viewer,
    mail::{Letter, MailLine, MailPage, MailSettings, Security},
    text,
    view::OfficeView,
};

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
        let kept = rows::smtp(&self.readers, office.id).await?;
        let has_password = kept
            .as_ref()
            .is_some_and(|s| s.password.as_ref().is_some_and(|p| !p.is_empty()));
        let lines = rows::lines(&self.readers, office.id, SHOWN).await?;
        Ok(MailPage {
            settings: kept.map(|s| MailSettings { password: None, ..s }),
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
                })
                .collect(),
            failed: rows::left(&self.readers, office.id).await?,
            now: zone.moment(self.now()),
        })
    }

    /// Sets how an office's mail goes out. Without a password the one that is kept stays.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::Invalid`] naming each broken rule.
    pub async fn save_mail(&self, by: &Viewer, office: OfficeId, settings: MailSettings) -> Result<()> {
        may(by)?;
        let settings = checked(settings)?;
        let by = by.clone();
        self.writer
            .run(move |w| {
                rows::save_smtp(w.db, office, &settings)?;
                let s = &settings;
                let after = format!(
                    "{} {}:{} {} {}",
                    s.security.key(),
                    s.host,
                    s.port,
                    s.username,
                    s.sender
                );
                let audit = Audit {
                    office: Some(office),
                    person: by.person,
                    what: "mail_settings",
                    subject: "setting mail".into(),
                    before: None,
                    after: Some(after),
                };
                event::audit(w.db, w.now, &audit)
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
                if !rows::is_set_up(w.db, office)? {
                    return Err(Refusal::WrongState("Save the settings first.".into()).into());
                }
                let to = rows::to(w.db, person)?.ok_or(Refusal::NotFound)?;
                rows::insert(w.db, office, &to, &Letter::Test, w.now)
            })
            .await
    }

    /// Another try for a mail that was not sent.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`].
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

fn may(viewer: &Viewer) -> Result<()> {
    if viewer.runs_office() {
        Ok(())
    } else {
        Err(Refusal::Forbidden("Only those who run the office may do this.".into()).into())
    }
}

/// Checks settings as typed.
fn checked(s: MailSettings) -> Result<MailSettings> {
    let s = MailSettings {
        host: s.host.trim().to_lowercase(),
        username: s.username.trim().to_owned(),
        sender: s.sender.trim().to_owned(),
        address: s.address.trim().trim_end_matches('/').to_owned(),
        ..s
    };
    let mut errors = vec![];
    let mut wrong = |field: &str, message: &str| {
        errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    };
    let is_host = |h: &str| {
        !h.is_empty()
            && h.len() <= 253
            && h.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'))
    };
    if !is_host(&s.host) {
        wrong(
            "host",
            "must be the name of a mail server, such as smtp.example.com",
        );
    }
    if !(1..=65_535).contains(&s.port) {
        wrong("port", "must be 1 to 65535");
    }
    if s.security == Security::None && s.password.as_ref().is_some_and(|p| !p.is_empty()) {
        wrong(
            "security",
            "must not be none with a password: it would be sent in the clear",
        );
    }
    let at = s
        .address
        .strip_prefix("https://")
        .or_else(|| s.address.strip_prefix("http://"));
    let is_address = at.is_some_and(|at| is_host(at) && !at.contains(char::is_whitespace));
    if !is_address {
        wrong(
            "address",
            "must be the address of this desk, such as https://desk.example.com",
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
