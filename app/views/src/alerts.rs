//! What the desk found wrong with itself (M1), and what a person is told (M13).

use domain::{moment::Moment, task::TaskId};
use serde::{Deserialize, Serialize};

/// In the place of a kind's key: the alert is about so many packages together.
pub const MANY: &str = "*";

/// A sort of alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A connector missed three expected polls.
    SilentConnector,
    /// A connector holds reports of finished work that nobody takes.
    UnacceptedReports,
    /// Tasks could start, and none has been taken for long.
    StuckQueue,
    /// Tasks wait that no connector of the office takes.
    NoConnector,
    /// A job's time has passed, and it has not started.
    OverdueJob,
    /// An office's mail server does not take what it is handed.
    Mail,
    /// It does not take the user name and the password: all mail waits.
    MailLogIn,
    /// Somebody sends a public form more often than a person does.
    Flood,
    /// The data folder's disk fills.
    Disk,
    /// The wall clock jumped.
    Clock,
    /// Writing fails.
    Storage,
}

impl AlertKind {
    /// Every sort.
    pub const ALL: [Self; 11] = [
        Self::SilentConnector,
        Self::UnacceptedReports,
        Self::StuckQueue,
        Self::NoConnector,
        Self::OverdueJob,
        Self::Mail,
        Self::MailLogIn,
        Self::Flood,
        Self::Disk,
        Self::Clock,
        Self::Storage,
    ];

    /// As it is stored.
    pub fn key(self) -> &'static str {
        match self {
            Self::SilentConnector => "silent_connector",
            Self::UnacceptedReports => "unaccepted_reports",
            Self::StuckQueue => "stuck_queue",
            Self::NoConnector => "no_connector",
            Self::OverdueJob => "overdue_job",
            Self::Mail => "mail",
            Self::MailLogIn => "mail_log_in",
            Self::Flood => "flood",
            Self::Disk => "disk",
            Self::Clock => "clock",
            Self::Storage => "storage",
        }
    }

    /// The sort of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }
}

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLine {
    /// What is wrong.
    pub kind: AlertKind,
    /// With what: a connector's name, the oldest task, a package, what a mail server says; empty where the kind says it all.
    pub name: String,
    /// More: the key of a task's kind, free bytes, milliseconds of a jump.
    pub detail: String,
    /// Since when.
    pub since: Moment,
    /// When it was over.
    pub ended: Option<Moment>,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertList {
    /// What is wrong now, newest first.
    pub current: Vec<AlertLine>,
    /// What was wrong, newest first.
    pub past: Vec<AlertLine>,
    /// The server's clock.
    pub now: Moment,
}

/// Why a person is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A waiting instruction of a dossier that they manage.
    Reminder,
    /// One that has waited for so long that the admins are told.
    Escalated,
    /// A connector does not call any more.
    SilentConnector,
    /// Work was reported as done that the desk does not count: it may have been done twice.
    LateSuccess,
    /// The mail server does not take the user name and the password.
    MailLogIn,
}

impl NoticeKind {
    /// As it is stored.
    pub fn key(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::Escalated => "escalated",
            Self::SilentConnector => "silent_connector",
            Self::LateSuccess => "late_success",
            Self::MailLogIn => "mail_log_in",
        }
    }

    /// The kind of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        [
            Self::Reminder,
            Self::Escalated,
            Self::SilentConnector,
            Self::LateSuccess,
            Self::MailLogIn,
        ]
        .into_iter()
        .find(|k| k.key() == key)
    }
}

/// One thing a person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Names it.
    pub id: i64,
    /// When.
    pub at: Moment,
    /// The task it is about.
    pub task: Option<TaskId>,
    /// A dossier's or a connector's name.
    pub name: String,
    /// Seen by them.
    pub read: bool,
}

/// What has one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeGroup {
    /// Why they are told.
    pub kind: NoticeKind,
    /// The instruction's title in the reader's language; empty where the kind says it all.
    pub title: String,
    /// Newest first.
    pub lines: Vec<NoticeLine>,
}

/// What the bell holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// Not yet seen.
    pub unread: u32,
    /// Unread before read, newest first.
    pub groups: Vec<NoticeGroup>,
    /// Alerts of the office that stand now; 0 for those who do not see them.
    pub alerts: u32,
}
