//! The audit log.

use domain::{moment::Moment, people::Role, text::for_url};
use serde::{Deserialize, Serialize};

/// The verbs that the log is known to hold, for its filter.
pub const VERBS: [&str; 85] = [
    "restart",
    "undo_restart",
    "cancel",
    "correct",
    "confirm",
    "hand_over",
    "urgent",
    "snooze",
    "take",
    "release",
    "solve",
    "instruction",
    "bulk",
    "invite",
    "new_link",
    "role",
    "end_access",
    "give_access",
    "managers",
    "add_manager",
    "remove_manager",
    "settings",
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "sign_in_half",
    "factor_on",
    "factor_off",
    "factor_taken_off",
    "factor_wrong",
    "recovery_used",
    "recovery_new",
    "end_session",
    "end_sessions",
    "password",
    "language",
    "theme",
    "shortcuts",
    "first_admin",
    "add_office",
    "add_connector",
    "add_integration",
    "enrol",
    "rotate",
    "revoke",
    "hold",
    "let_go",
    "rename",
    "new_job",
    "job",
    "job_standing",
    "delete_job",
    "run_now",
    "answer_run",
    "job_list",
    "blocked",
    "remove_blocked",
    "hours",
    "calendar",
    "remove_calendar",
    "despite",
    "procedure",
    "undo_procedure",
    "check_twin",
    "postpone",
    "posting",
    "import_jobs",
    "add_system",
    "system_active",
    "system_direct",
    "announce_downtime",
    "change_downtime",
    "lift_downtime",
    "downtime_closed",
    "exempt",
    "accept_request",
    "decline_request",
    "mail_settings",
    "shift_job",
    "restore",
    "activate_dossier",
    "rename_dossier",
    "archive_dossier",
    "restore_dossier",
    "import_dossiers",
];

/// What the log is asked for. Nonsense in it finds nothing, and breaks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditAsked {
    /// A person's number, or `support`; empty for everybody.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub who: String,
    /// A verb; empty for all.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub what: String,
    /// First day, `2026-11-01`, in the office's zone; empty for the beginning.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub from: String,
    /// Last day; empty for today.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub to: String,
    /// Part of the subject, a value, or a name.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub text: String,
    /// Only lines older than this one.
    pub before: Option<i64>,
}

impl AuditAsked {
    /// What an address asks for: the values of its parts by name.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| domain::typed::cut(get(name).unwrap_or_default());
        Self {
            who: text("who"),
            what: text("what"),
            from: text("from"),
            to: text("to"),
            text: text("q"),
            before: get("before").and_then(|b| b.parse().ok()),
        }
    }

    /// As [`Self::read`] reads it.
    pub fn query(&self) -> String {
        let before = self.before.map(|b| b.to_string()).unwrap_or_default();
        let parts = [
            ("who", &self.who),
            ("what", &self.what),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.text),
            ("before", &before),
        ];
        let parts = parts.iter().filter(|(_, v)| !v.is_empty());
        let parts: Vec<String> = parts.map(|(n, v)| format!("{n}={}", for_url(v))).collect();
        parts.join("&")
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Moment,
    /// Who; `None` for the program itself.
    pub who: Option<String>,
    /// What they are now.
    pub role: Option<Role>,
    /// The verb.
    pub what: String,
    /// What kind of thing it was done to, such as `task`.
    pub kind: String,
    /// Which: a number, or a name where there is one; empty for a person who did it to themselves.
    pub subject: String,
    /// Where that leads below the office's address; `None` for nowhere.
    pub path: Option<String>,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// It was done to the platform, not in this office.
    pub platform: bool,
}

/// A page of the log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The lines.
    pub lines: Vec<AuditLine>,
    /// There are older ones.
    pub more: bool,
    /// People to choose from: number and name.
    pub people: Vec<(i64, String)>,
}
