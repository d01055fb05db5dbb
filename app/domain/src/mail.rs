//! What people are told by mail (S5). A letter is data until it is sent: then it is put into words, in the language of
//! whoever gets it.

use crate::{job::RunState, moment::Moment, task::TaskId};
use serde::{Deserialize, Serialize};

/// What a mail tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// That the settings work.
    Test,
    /// Somebody may come in: the path of the link, good once and for 72 hours.
    Invitation { link: String },
    /// Somebody forgot their password: the path of a link.
    Reset { link: String },
    /// Something about their second factor (S9).
    Factor { what: FactorTold },
    /// Tasks wait for an employee (M9).
    Action { tasks: Vec<TaskTold> },
    /// They still do (M13).
    Reminder { tasks: Vec<TaskTold> },
    /// They still do, and whoever manages the dossier did nothing (M13).
    Escalated { tasks: Vec<TaskTold> },
    /// A connector does not call any more (M1).
    SilentConnector { name: String },
    /// A job's run is over.
    JobReport {
        description: String,
        run: i64,
        state: RunState,
        ended: Moment,
    },
    /// What the day begins with.
    Digest {
        needs: u32,
        with_support: u32,
        tasks: Vec<TaskTold>,
    },
    /// A downtime was announced, or its moment moved.
    DowntimeAnnounced {
        closes: Moment,
        expected: Option<Moment>,
        reason: String,
    },
    /// It was called off, or is over.
    DowntimeOver { called_off: bool },
}

/// What a person is told of their second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorTold {
    /// It was set up.
    On,
    /// They took it off.
    Off,
    /// Somebody who runs the office did; without a name, somebody at the server.
    TakenOff { by: String },
    /// Wrong codes, by somebody who has their password: none are looked at for so long.
    Rest { minutes: i64 },
    /// A recovery code was used; so many are left.
    Recovery { left: u32 },
}

/// A task that a mail tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskTold {
    /// Which.
    pub task: TaskId,
    /// The dossier's name.
    pub dossier: String,
    /// The instruction's title, in the reader's language.
    pub what: String,
}

/// What a person can choose to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// A task of a dossier they manage needs an employee.
    Action,
    /// It still does.
    Reminders,
    /// The desk's own troubles.
    Alerts,
    /// Each working day at eight.
    Digest,
    /// Planned downtime.
    Downtime,
}

impl Choice {
    /// Every choice.
    pub const ALL: [Self; 5] = [
        Self::Action,
        Self::Reminders,
        Self::Alerts,
        Self::Digest,
        Self::Downtime,
    ];

    /// The stored key.
    pub fn key(self) -> &'static str {
        ["action", "reminders", "alerts", "digest", "downtime"][self as usize]
    }

    /// The choice of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.key() == key)
    }
}

impl Letter {
    /// What it is, as the outbox names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Invitation { .. } => "invitation",
            Self::Reset { .. } => "reset",
            Self::Factor { .. } => "factor",
            Self::Action { .. } => "action",
            Self::Reminder { .. } => "reminder",
            Self::Escalated { .. } => "escalated",
            Self::SilentConnector { .. } => "silent_connector",
            Self::JobReport { .. } => "job_report",
            Self::Digest { .. } => "digest",
            Self::DowntimeAnnounced { .. } => "downtime",
            Self::DowntimeOver { .. } => "downtime_over",
        }
    }

    /// What a person can say no to; `None` for what is always sent.
    pub fn choice(&self) -> Option<Choice> {
        match self {
            Self::Test
            | Self::Invitation { .. }
            | Self::Reset { .. }
            | Self::Factor { .. }
            | Self::JobReport { .. } => None,
            Self::Action { .. } => Some(Choice::Action),
            Self::Reminder { .. } | Self::Escalated { .. } => Some(Choice::Reminders),
            Self::SilentConnector { .. } => Some(Choice::Alerts),
            Self::Digest { .. } => Some(Choice::Digest),
            Self::DowntimeAnnounced { .. } | Self::DowntimeOver { .. } => Some(Choice::Downtime),
        }
    }

    /// It carries a link that lets somebody in: nothing of it is kept once it is sent.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Invitation { .. } | Self::Reset { .. })
    }
}

/// Why a mail did not go out, as far as it is told: what a mail server says in its own words stands in the log only, so
/// that nobody reads by it what answers in the network of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It takes the connection and says nothing.
    Hangs,
    /// It cannot be found, or takes no connection.
    Unreachable,
    /// No TLS comes about.
    NoTls,
    /// It does not take the user name and the password: the letter is not at fault, and waits.
    LogIn,
    /// It says that it may take it later.
    NotNow,
    /// It says that it never will.
    Refused,
    /// Its address is one of an inner network, and those are not written to.
    Inner,
    /// The letter cannot be made.
    Letter,
}

impl Fault {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Hangs,
        Self::Unreachable,
        Self::NoTls,
        Self::LogIn,
        Self::NotNow,
        Self::Refused,
        Self::Inner,
        Self::Letter,
    ];

    /// The stored key.
    pub fn key(self) -> &'static str {
        [
            "hangs",
            "unreachable",
            "no_tls",
            "log_in",
            "not_now",
            "refused",
            "inner",
            "letter",
        ][self as usize]
    }

    /// The fault of a key, with what the server gave as its number: `refused 550`.
    pub fn read(text: &str) -> Option<(Self, String)> {
        let (key, number) = text.split_once(' ').unwrap_or((text, ""));
        let fault = Self::ALL.into_iter().find(|f| f.key() == key)?;
        Some((fault, number.to_owned()))
    }

    /// It is not about one letter: all of the office wait until somebody has mended it.
    pub fn stops_all(self) -> bool {
        matches!(self, Self::LogIn | Self::Inner)
    }
}

/// Minutes to wait after each failed try; after the last it is left to a person.
pub const RETRY_MINUTES: [i64; 6] = [1, 5, 15, 60, 240, 720];

/// When a mail is tried again, milliseconds after the try of this number (from 1); `None` for never.
pub fn retry_after(tries: u32) -> Option<i64> {
    let minutes = RETRY_MINUTES.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    Some(minutes * 60_000)
}

/// How a mail server is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// Plain first, TLS before anything is said; never without.
    StartTls,
    /// Plain: for a server on the same computer.
    None,
}

impl Security {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Tls, Self::StartTls, Self::None];

    /// The stored key.
    pub fn key(self) -> &'static str {
        ["tls", "starttls", "none"][self as usize]
    }

    /// The way of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// Settings of an office's mail, as they are typed and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u32,
    /// How it is reached.
    pub security: Security,
    /// Empty where it asks for nobody.
    pub username: String,
    /// `None` leaves the one that is kept; it is never shown.
    pub password: Option<String>,
    /// Whom mails are from.
    pub sender: String,
    /// Where this desk is.
    pub address: String,
}

/// A mail of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailLine {
    /// Its number.
    pub id: i64,
    /// To whom.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What it is; see [`Letter::kind`].
    pub kind: String,
    /// When it was written.
    pub made: Moment,
    /// When it was sent.
    pub sent: Option<Moment>,
    /// When it is tried again.
    pub next: Option<Moment>,
    /// How often it was tried.
    pub tries: u32,
    /// Why it did not go out, as [`Fault::read`] reads it; empty when the desk began anew from a backup in which it waited.
    pub error: Option<String>,
    /// It can be tried again: a link that lets somebody in is not kept once nobody tries any more.
    pub can_again: bool,
}

/// The page of an office's mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPage {
    /// `None` until somebody has set it up.
    pub settings: Option<MailSettings>,
    /// A password is kept.
    pub has_password: bool,
    /// The last mails, the newest first.
    pub lines: Vec<MailLine>,
    /// How many could not be sent and are left to a person.
    pub failed: u32,
    /// Where this desk is: links in mails lead to one of these.
    pub bases: Vec<String>,
    /// The server's clock.
    pub now: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_from_one_and_end() {
        assert_eq!(retry_after(0), None);
        assert_eq!(retry_after(1), Some(60_000));
        assert_eq!(retry_after(6), Some(720 * 60_000));
        assert_eq!(retry_after(7), None);
        assert_eq!(Choice::from_key("digest"), Some(Choice::Digest));
        assert_eq!(Security::from_key("starttls"), Some(Security::StartTls));
    }
}
