//! Mail (S5): what people are told, each thing once; the outbox; what became of each try.
//!
//! The engine decides who is told what and keeps it in the outbox, in the transaction of what it tells of where there is
//! one. Putting it into words and handing it to a mail server is the server's part: it asks for what is due and says how
//! it went.

use crate::{
    engine::Engine,
    error::Result,
    people::check_email,
    reading::Zone,
    secret,
    store::{
        event::{self, Audit},
        mail::{self as rows, DueRaw, To},
        read,
        writer::Work,
    },
};
use chrono::Datelike;
use domain::{
    FieldError, Language, OfficeId, Refusal, TaskId, Viewer,
    downtime::{Door, Phase, Who, of_office, verdict},
    mail::{Choice, Letter, MailLine, MailPage, MailSettings, Security, TaskTold, retry_after},
    text,
    view::{OfficeView, TaskRow, alerts::NoticeKind},
};
use std::collections::BTreeMap;

/// The outbox shows so many.
const SHOWN: u32 = 100;
/// Mails of one office at a time.
const AT_ONCE: u32 = 10;
/// So many tasks are named in one mail.
const NAMED: usize = 20;
/// Things looked at in one round.
const ROUND: u32 = 500;
/// A task that stops is told of a little later: one that is restarted at once needs nobody, and those that stop
/// together come in one mail.
const SETTLE_MS: i64 = 60_000;
/// What is older was told of, or is of no use as news.
const NEWS_MS: i64 = 24 * 3_600_000;
/// What was sent is forgotten after this.
const KEPT_MS: i64 = 60 * 24 * 3_600_000;
/// The digest comes at this hour of the office's clock; a desk that was down then sends it in the hours after.
const DIGEST_HOURS: std::ops::Range<u32> = 8..12;
/// Longest answer of a mail server that is kept.
const MOST_ERROR: usize = 500;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The mail server took it.
    Sent,
    /// It may take it later: it does not answer, or says so.
    Later(String),
    /// It never will.
    Never(String),
}

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

    /// What a person wants to be told.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn mail_choices(&self, viewer: &Viewer) -> Result<Vec<(Choice, bool)>> {
        let no = rows::unwanted(&self.readers, viewer.person).await?;
        let wants = |c: Choice| !no.iter().any(|(key,)| key == c.key());
        Ok(Choice::ALL.into_iter().map(|c| (c, wants(c))).collect())
    }

    /// Sets what a person wants to be told.
    ///
    /// # Errors
    /// When it cannot be written.
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
    pub async fn ask_reset(&self, email: &str) -> Result<()> {
        let mut errors = vec![];
        check_email(&mut errors, email);
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        let email = email.trim().to_lowercase();
        self.tries(&format!("reset {email}"))?;
        let link = secret::new(secret::SESSION);
        let hash = secret::digest(&link);
        self.writer
            .run(move |w| {
                let Some((person, _)) = crate::store::person::by_email(w.db, &email)? else {
                    return Ok(());
                };
                let office = crate::store::person::find(w.db, person)?.and_then(|p| p.office);
                let Some(office) = office else { return Ok(()) };
                if !rows::is_set_up(w.db, office)? {
                    return Ok(());
                }
                crate::store::person::add_link(
                    w.db,
                    &hash,
                    Some(person),
                    false,
                    w.now + crate::accounts::LINK_MS,
                )?;
                let letter = Letter::Reset {
                    link: format!("/sign-in/{link}"),
                };
                write_to(w, office, person, &letter).map(|_| ())
            })
            .await
    }

    /// Mails whose time has come, with what they are sent through.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub async fn due_mail(&self) -> Result<Vec<Due>> {
        let raw = rows::due(&self.readers, self.now(), AT_ONCE).await?;
        let mut due = vec![];
        let mut known: BTreeMap<OfficeId, Option<MailSettings>> = BTreeMap::new();
        for r in raw {
            if !self.alerts_go_out(r.office) {
                continue;
            }
            if let std::collections::btree_map::Entry::Vacant(e) = known.entry(r.office) {
                e.insert(rows::smtp(&self.readers, r.office).await?);
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
                    self.tried_mail(r.id, false, Tried::Never(e.to_string()), r.tries)
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
            .run(move |w| rows::add_unsubscribe(w.db, &hash, person, choice))
            .await?;
        Ok(Some(format!("/forms/unsubscribe/{link}")))
    }

    /// How a try went.
    ///
    /// # Errors
    /// When it cannot be written: the mail may then be sent once more, under the same message id.
    pub async fn tried_mail(&self, id: i64, secret: bool, tried: Tried, tries: u32) -> Result<()> {
        self.writer
            .run(move |w| {
                let short = |e: &str| -> String {
                    e.chars()
                        .filter(|c| !text::is_control(*c))
                        .take(MOST_ERROR)
                        .collect()
                };
                match &tried {
                    Tried::Sent => rows::sent(w.db, id, w.now, secret),
                    Tried::Later(e) => {
                        let next = retry_after(tries + 1).map(|wait| w.now + wait);
                        rows::failed(w.db, id, &short(e), next)
                    }
                    Tried::Never(e) => rows::failed(w.db, id, &short(e), None),
                }
            })
            .await
    }

    /// Puts into the outbox what people are to be told and were not yet. It may run at any time and twice.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn gather_mail(&self) -> Result<()> {
        let staff = rows::staff(&self.readers).await?;
        if staff.is_empty() {
            return Ok(());
        }
        self.gather_stopped().await?;
        self.gather_notices().await?;
        for (person, office) in staff {
            self.gather_digest(person, office).await?;
        }
        let now = self.now();
        self.writer.run(move |w| rows::forget(w.db, now - KEPT_MS)).await
    }

    /// Tasks that wait for an employee, to the dossier's managers: those that stopped together in one mail.
    async fn gather_stopped(&self) -> Result<()> {
        let now = self.now();
        let found = rows::stopped(&self.readers, now - NEWS_MS, now - SETTLE_MS, ROUND).await?;
        let mut by_person: BTreeMap<(i64, OfficeId), Vec<(TaskId, i64)>> = BTreeMap::new();
        for s in found {
            by_person
                .entry((s.person, s.office))
                .or_default()
                .push((TaskId(s.task), s.since));
        }
        for ((person, office), tasks) in by_person {
            let told = self.told(person, office, tasks.iter().map(|(t, _)| *t)).await?;
            self.writer
                .run(move |w| {
                    let mut new = vec![];
                    for (task, since) in &tasks {
                        if rows::note(w.db, person, &format!("task {task} {since}"), w.now)? {
                            new.extend(told.iter().find(|t| t.task == *task).cloned());
                        }
                    }
                    if !new.is_empty() {
                        write_to(w, office, person, &Letter::Action { tasks: new })?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    /// What people were told in the console: reminders, and the desk's own troubles.
    async fn gather_notices(&self) -> Result<()> {
        let found = rows::notices(&self.readers, self.now() - NEWS_MS, ROUND).await?;
        let mut groups: BTreeMap<(i64, OfficeId, &'static str), Vec<rows::NoticeRaw>> = BTreeMap::new();
        for n in found {
            if let Some(kind) = NoticeKind::from_key(&n.kind) {
                groups
                    .entry((n.person, n.office, kind.key()))
                    .or_default()
                    .push(n);
            }
        }
        for ((person, office, kind), notices) in groups {
            let ids = notices.iter().filter_map(|n| n.subject.parse().ok()).map(TaskId);
            let tasks = self.told(person, office, ids).await?;
            let kind = NoticeKind::from_key(kind);
            self.writer
                .run(move |w| {
                    let mut new = false;
                    for n in &notices {
                        new |= rows::note(w.db, person, &format!("notice {}", n.id), w.now)?;
                    }
                    let name = notices.last().map(|n| n.detail.clone()).unwrap_or_default();
                    let letter = match kind {
                        _ if !new => return Ok(()),
                        Some(NoticeKind::Reminder) => Letter::Reminder { tasks: tasks.clone() },
                        Some(NoticeKind::Escalated) => Letter::Escalated { tasks: tasks.clone() },
                        Some(NoticeKind::SilentConnector) => Letter::SilentConnector { name },
                        None => return Ok(()),
                    };
                    write_to(w, office, person, &letter).map(|_| ())
                })
                .await?;
        }
        Ok(())
    }

    /// What a working day begins with, for whoever has something to do.
    async fn gather_digest(&self, person: i64, office: OfficeId) -> Result<()> {
        let Some(card) = self.card(office) else {
            return Ok(());
        };
        let zone = Zone::of(&card.zone);
        let now = self.now();
        let (date, moment) = (zone.date(now), zone.moment(now));
        let hour = moment
            .clock()
            .get(..2)
            .and_then(|h| h.parse::<u32>().ok())
            .unwrap_or(0);
        if !DIGEST_HOURS.contains(&hour) || date.weekday().num_days_from_monday() > 4 {
            return Ok(());
        }
        let what = format!("digest {date}");
        if rows::was_told(&self.readers, person, &what).await? {
            return Ok(());
        }
        let Some(viewer) = self.as_viewer(person).await? else {
            return Ok(());
        };
        let counts = self.counts(&viewer, office).await?;
        let (needs, with_support) = (counts.action_required as u32, counts.failed as u32);
        self.writer
            .run(move |w| {
                let fresh = rows::note(w.db, person, &what, w.now)?;
                // nothing to do is no news
                if !fresh || needs + with_support == 0 {
                    return Ok(());
                }
                let letter = Letter::Digest {
                    needs,
                    with_support,
                    tasks: vec![],
                };
                write_to(w, office, person, &letter).map(|_| ())
            })
            .await
    }

    async fn as_viewer(&self, person: i64) -> Result<Option<Viewer>> {
        self.writer
            .run(move |w| crate::store::person::by_number(w.db, person))
            .await
    }

    /// Tasks as a person is told of them, in their language.
    async fn told(
        &self,
        person: i64,
        office: OfficeId,
        ids: impl Iterator<Item = TaskId>,
    ) -> Result<Vec<TaskTold>> {
        let Some(viewer) = self.as_viewer(person).await? else {
            return Ok(vec![]);
        };
        let ids: Vec<TaskId> = ids.take(NAMED).collect();
        let zone = Zone::of(&self.card(office).map(|c| c.zone).unwrap_or_default());
        let rows = read::tasks_by_id(&self.readers, &ids).await?;
        let told = |r: TaskRow| TaskTold {
            task: r.id,
            what: r.cause.or(r.subject).unwrap_or(r.kind),
            dossier: r.dossier_name,
        };
        let mine = rows.iter().filter(|r| r.office == office);
        Ok(mine.map(|r| told(self.row(r, &viewer, zone))).collect())
    }
}

/// Puts a letter to a person into the outbox, if the office can send mail and they want it; says whether it did.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_to(w: &Work<'_>, office: OfficeId, person: i64, letter: &Letter) -> Result<bool> {
    let Some(to) = rows::to(w.db, person)? else {
        return Ok(false);
    };
    let wanted = match letter.choice() {
        Some(choice) => rows::wants(w.db, person, choice)?,
        None => true,
    };
    if wanted && rows::is_set_up(w.db, office)? {
        rows::insert(w.db, office, &to, letter, w.now)?;
        return Ok(true);
    }
    Ok(false)
}

/// Puts a letter to an address that is nobody's here into the outbox, in the office's language.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_to_address(w: &Work<'_>, office: OfficeId, email: &str, letter: &Letter) -> Result<()> {
    let language = w.state.offices.get(&office).map_or("en", |o| o.language.as_str());
    let mut errors = vec![];
    check_email(&mut errors, email);
    if !errors.is_empty() || !rows::is_set_up(w.db, office)? {
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
///
/// # Errors
/// When it cannot be written.
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
