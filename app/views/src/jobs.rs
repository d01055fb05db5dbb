//! The job console: jobs, their runs, and what a form needs to know.

use domain::{
    job::{Counted, JobForm, JobId, JobKind, JobStatus, Module, Output, RunState, Standing},
    moment::Moment,
    schedule::Summary,
    task::{TaskId, TaskState},
    text::for_url,
};
use serde::{Deserialize, Serialize};

/// What the console asks for. Everything of it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobsAsk {
    /// Only these statuses; none: all.
    pub status: Vec<JobStatus>,
    /// Only this module.
    pub module: Option<Module>,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only jobs of this company, by code.
    pub company: Option<String>,
    /// Part of a number, description, kind's key, company or user.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub text: String,
    /// The column that is sorted by.
    pub sort: JobSort,
    /// The other way round.
    pub descending: bool,
}

/// Columns of the console, each of which can be sorted by (J10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobSort {
    /// The job's number: the newest stands at the bottom.
    #[default]
    Number,
    /// Those that need somebody first.
    Status,
    /// Description.
    Description,
    /// Module, then kind.
    Module,
    /// Its first time of the day, then its days.
    Schedule,
    /// The user that its runs show.
    RunAs,
    /// The last run.
    Last,
    /// The next run.
    Next,
    /// How long it takes.
    Duration,
}

impl JobSort {
    /// Every column.
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Status,
        Self::Description,
        Self::Module,
        Self::Schedule,
        Self::RunAs,
        Self::Last,
        Self::Next,
        Self::Duration,
    ];

    /// The key in addresses.
    pub fn key(self) -> &'static str {
        [
            "number",
            "status",
            "description",
            "module",
            "schedule",
            "run_as",
            "last",
            "next",
            "duration",
        ][self as usize]
    }

    /// The column of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

impl JobsAsk {
    /// What an address asks for: the values of its parts by name. Nonsense is left out.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| domain::typed::cut(get(name).unwrap_or_default());
        let part = |name: &str| get(name).filter(|v| !v.is_empty());
        Self {
            status: keys(&text("status"), JobStatus::from_key),
            module: part("module").and_then(|m| Module::from_key(&m)),
            kind: part("kind"),
            company: part("company"),
            text: text("q"),
            sort: JobSort::from_key(&text("sort")).unwrap_or_default(),
            descending: part("desc").is_some(),
        }
    }

    /// As [`Self::read`] reads it.
    pub fn query(&self) -> String {
        let status: Vec<&str> = self.status.iter().map(|s| s.key()).collect();
        address([
            ("status", status.join(",")),
            ("module", self.module.map_or("", Module::key).to_owned()),
            ("kind", self.kind.clone().unwrap_or_default()),
            ("company", self.company.clone().unwrap_or_default()),
            ("q", self.text.clone()),
            (
                "sort",
                if self.sort == JobSort::default() {
                    ""
                } else {
                    self.sort.key()
                }
                .to_owned(),
            ),
            ("desc", if self.descending { "1" } else { "" }.to_owned()),
        ])
    }

    /// It asks for less than everything.
    pub fn is_filter(&self) -> bool {
        *self
            != Self {
                sort: self.sort,
                descending: self.descending,
                ..Self::default()
            }
    }
}

impl RunsAsk {
    /// What an address asks for: the values of its parts by name. Nonsense is left out.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            state: keys(&get("state").unwrap_or_default(), RunState::from_key),
            job: get("job").and_then(|j| j.parse().ok()),
            before: None,
        }
    }

    /// As [`Self::read`] reads it.
    pub fn query(&self) -> String {
        let state: Vec<&str> = self.state.iter().map(|s| s.key()).collect();
        let job = self.job.map(|j| j.to_string()).unwrap_or_default();
        address([("state", state.join(",")), ("job", job)])
    }
}

/// Keys with commas between them; unknown ones are left out.
fn keys<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
    text.split(',').filter_map(read).collect()
}

/// Parts of an address that say something.
fn address<const N: usize>(parts: [(&str, String); N]) -> String {
    let parts = parts.iter().filter(|(_, v)| !v.is_empty());
    let parts: Vec<String> = parts.map(|(n, v)| format!("{n}={}", for_url(v))).collect();
    parts.join("&")
}

/// A company (dossier) by code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The last run of a job, in its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// Its number.
    pub run: i64,
    /// When it was due.
    pub due: Moment,
    /// When it began.
    pub started: Option<Moment>,
    /// What became of it.
    pub state: RunState,
    /// How long it took, or has taken.
    pub seconds: Option<u32>,
    /// Companies that failed.
    pub failed: u32,
}

/// One line of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLine {
    /// Its number.
    pub id: JobId,
    /// Key of its kind.
    pub kind: String,
    /// Its module.
    pub module: Module,
    /// What people recognise it by.
    pub description: String,
    /// The first of its companies; none for a kind that keeps a list.
    pub companies: Vec<Company>,
    /// How many it works for.
    pub company_count: u32,
    /// In words; `None` for a schedule that cannot be read any more.
    pub schedule: Option<Summary>,
    /// The user that its runs show.
    pub run_as: String,
    /// The server it is bound to.
    pub server: Option<String>,
    /// The one word.
    pub status: JobStatus,
    /// What was decided.
    pub standing: Standing,
    /// The last run.
    pub last: Option<LastRun>,
    /// The next run.
    pub next: Option<Moment>,
    /// Its last runs, oldest first: seconds, and whether it was good. At most ten.
    pub durations: Vec<(u32, bool)>,
    /// Code of the collection system whose entry it is.
    pub system: Option<String>,
    /// It is an entry, and its system does not let it run now (C2).
    pub system_off: bool,
    /// Its time is fixed.
    pub pinned: bool,
    /// The job that it takes the place of.
    pub replaces: Option<JobId>,
    /// Rises with each change.
    pub version: i64,
}

/// The console's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsPage {
    /// In the order that was asked for.
    pub lines: Vec<JobLine>,
    /// How many the office has in each status, without the filter.
    pub counts: Vec<(JobStatus, u32)>,
    /// How many the office has.
    pub total: u32,
    /// More match than are shown.
    pub more: bool,
    /// The reader may set up jobs (J6).
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Did {
    /// Who.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What they said with it.
    pub why: Option<String>,
}

/// A job whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobDetail {
    /// As in the list.
    pub line: JobLine,
    /// As people wrote it.
    pub form: JobForm,
    /// What the catalogue says of its kind.
    pub kind: JobKind,
    /// Who made it.
    pub created: Did,
    /// Who changed it last.
    pub edited: Did,
    /// Why it stands as it does.
    pub stood: Option<Did>,
    /// The next runs, at most ten.
    pub next: Vec<Moment>,
    /// The last runs, newest first, at most twenty.
    pub runs: Vec<RunLine>,
    /// How often it was put back in the queue since it last finished.
    pub requeued: u32,
    /// Minutes that nine of ten runs take, and from how many runs that is known (0: entered).
    pub usual: (u32, u32),
    /// The guided procedure it is part of.
    pub procedure: Option<i64>,
    /// The job that takes its place.
    pub replaced_by: Option<JobId>,
    /// The reader may change it.
    pub may_edit: bool,
}

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// Its number.
    pub id: i64,
    /// Its job.
    pub job: JobId,
    /// The job's kind.
    pub kind: String,
    /// The job's description.
    pub description: String,
    /// When it was due.
    pub due: Moment,
    /// What became of it.
    pub state: RunState,
    /// When it really began.
    pub started: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// Seconds from beginning to end.
    pub seconds: Option<u32>,
    /// Occurrences that this line stands for.
    pub stands_for: u32,
    /// Why, by key: `late`, `busy`, `by_hand`, `system_off`, `after_failed`, or a person's name.
    pub note: Option<String>,
    /// Companies: all, done, failed.
    pub companies: (u32, u32, u32),
    /// What it did, summed over its companies.
    pub counted: Counted,
    /// The user it ran as.
    pub run_as: String,
}

/// One company of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCompanyLine {
    /// Which.
    pub company: Company,
    /// Its task.
    pub task: TaskId,
    /// Where that stands.
    pub state: TaskState,
    /// When it began.
    pub started: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// What was done.
    pub counted: Counted,
    /// The files that were made.
    pub outputs: Vec<Output>,
    /// What the server said.
    pub log: String,
}

/// A run whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDetail {
    /// As in the list.
    pub line: RunLine,
    /// Each of its companies.
    pub companies: Vec<RunCompanyLine>,
    /// The reader may answer for it.
    pub may_edit: bool,
}

/// What the list of runs asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunsAsk {
    /// Only these states; none: all.
    pub state: Vec<RunState>,
    /// Only this job.
    pub job: Option<JobId>,
    /// Only runs before this one.
    pub before: Option<i64>,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunsPage {
    /// The runs.
    pub lines: Vec<RunLine>,
    /// There are older ones.
    pub more: bool,
    /// The reader may answer for those that ask.
    pub may_edit: bool,
    /// Whom to ask for the right to see them.
    pub ask: Vec<String>,
}

/// A kind in the overview of all kinds (J1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindLine {
    /// What the catalogue says.
    pub kind: JobKind,
    /// Jobs of it that are active.
    pub active: u32,
    /// Jobs of it in all.
    pub jobs: u32,
    /// Companies that its list holds.
    pub listed: u32,
}

/// What the form of a job needs to know, and the overview of kinds (J1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsSetting {
    /// Every kind, by module.
    pub kinds: Vec<KindLine>,
    /// Every company of the office, by code.
    pub companies: Vec<Company>,
    /// Connectors that can run jobs.
    pub servers: Vec<String>,
    /// Names of calendars.
    pub calendars: Vec<String>,
    /// The office's zone.
    pub zone: String,
    /// Working hours, minutes from midnight.
    pub hours: (u32, u32),
    /// The reader may set up jobs.
    pub may_edit: bool,
    /// Whom to ask for that right.
    pub ask: Vec<String>,
}

/// What can be done to a job from the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobVerb {
    /// Switch it on (C6).
    Activate,
    /// Put it aside; a run under way goes on.
    Hold,
    /// Back in the queue: from on hold, or stopped (J26).
    Queue,
    /// One run now, beside its times.
    RunNow,
    /// Take it out of the console. It stays in the audit log and in exports of before.
    Delete,
}

/// When a schedule would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The next runs, at most ten.
    pub next: Vec<Moment>,
    /// The next two nights on which clocks change, and what runs on that day.
    pub nights: Vec<Night>,
}

/// A day on which clocks change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    /// The first instant of the new time.
    pub at: Moment,
    /// Minutes that the clock jumps: 60 in spring, -60 in autumn.
    pub minutes: i32,
    /// What runs within three hours of it, at most ten.
    pub runs: Vec<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_survives_the_address() {
        let ask = JobsAsk {
            status: vec![JobStatus::Error, JobStatus::OnHold],
            kind: Some("nets_integration".into()),
            text: "selskap 8 & 75".into(),
            sort: JobSort::Schedule,
            descending: true,
            ..JobsAsk::default()
        };
        let query = ask.query();
        let parts: std::collections::HashMap<&str, String> = query
            .split('&')
            .filter_map(|p| p.split_once('='))
            .map(|(k, v)| (k, v.replace("%20", " ").replace("%26", "&").replace("%2C", ",")))
            .collect();
        assert_eq!(JobsAsk::read(|name| parts.get(name).cloned()), ask, "{query}");
        assert!(ask.is_filter());
        assert_eq!(JobsAsk::default().query(), "");
        assert!(!JobsAsk::read(|name| (name == "sort").then(|| "next".to_owned())).is_filter());
        for sort in JobSort::ALL {
            assert_eq!(JobSort::from_key(sort.key()), Some(sort));
        }
    }
}
