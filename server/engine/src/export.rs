//! Whole lists as rows of cells, page by page, with the rights of the page that shows them (S8). What a cell says
//! in the reader's language is for whoever writes it down.

use crate::Engine;
use domain::{
    Moment, NotAllowed, Refusal, Role, TaskState, Viewer,
    dossier::Activation,
    filter::TaskFilter,
    job::{Counted, JobStatus, Module, RunState},
    schedule::Summary,
};
use store::{
    Result, audit, export,
    tasks::{self, Look},
    zone::Zone,
};
use views::{
    OfficeView,
    audit::AuditAsked,
    clients::{ClientsAsked, Stage, Standing},
    jobs::{JobLine, JobsAsk, RunLine, RunsAsk},
};

/// Most rows of an export.
pub const MOST: u32 = 100_000;
/// Rows that are read at once.
const PAGE: u32 = 1_000;

/// A list that can be taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Follow-up of tasks.
    Tasks,
    /// Dossiers with their open tasks.
    Clients,
    /// What people changed.
    Audit,
    /// The fleet.
    Connectors,
    /// People.
    Users,
    /// What stops tasks, in all offices.
    Causes,
    /// Recurring jobs.
    Jobs,
    /// What they did.
    Runs,
}

impl List {
    /// The list of a name in an address; `None` for any other text.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "tasks" => Self::Tasks,
            "clients" => Self::Clients,
            "audit" => Self::Audit,
            "connectors" => Self::Connectors,
            "users" => Self::Users,
            "causes" => Self::Causes,
            "jobs" => Self::Jobs,
            "runs" => Self::Runs,
            _ => return None,
        })
    }

    /// Whether a role may see the page of this list.
    fn is_open_to(self, role: Role) -> bool {
        match self {
            Self::Tasks | Self::Clients => true,
            Self::Connectors => role.sets_up_jobs(),
            Self::Audit | Self::Users => role.runs_office(),
            Self::Causes => role == Role::Support,
            Self::Jobs | Self::Runs => role.sets_up_jobs(),
        }
    }
}

/// What a list's page is filtered by.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Of Follow-up.
    pub tasks: TaskFilter,
    /// Of Active clients.
    pub clients: ClientsAsked,
    /// Of the audit log; all its pages, whichever is shown.
    pub audit: AuditAsked,
    /// Of the job console.
    pub jobs: JobsAsk,
    /// Of the list of runs; all its pages.
    pub runs: RunsAsk,
}

impl Asked {
    /// What an address asks for. Nonsense is left out.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            tasks: TaskFilter::read(&get),
            clients: ClientsAsked::read(&get),
            audit: AuditAsked::read(&get),
            jobs: JobsAsk::read(&get),
            runs: RunsAsk::read(&get),
        }
    }
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Somebody's words.
    Text(String),
    Number(i64),
    /// An instant, or none.
    At(Option<Moment>),
    /// A task's state.
    State(TaskState),
    /// A task's kind, by key.
    Kind(String),
    /// A role, by key.
    Role(String),
    /// How a dossier stands.
    Standing(Standing),
    /// A job's status.
    JobStatus(JobStatus),
    /// A run's state.
    RunState(RunState),
    /// A job's kind, by key.
    JobKind(String),
    /// The part of the package that a job belongs to.
    Module(Module),
    /// When a job runs.
    Schedule(Option<Summary>),
    /// What a run did.
    Counted(Counted),
    /// Why a run is as it is.
    Note(RunState, String),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.unwrap_or_default())
    }
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}

/// Some rows, and the number to go on after; none when these are the last.
#[derive(Debug)]
pub struct Rows {
    /// Each with as many cells as the list has columns.
    pub rows: Vec<Vec<Cell>>,
    /// Where the next ones begin.
    pub next: Option<i64>,
}

impl Engine {
    /// Rows of a list after `past`. The people of an office are filtered by `asked.clients.text` alone; connectors and
    /// causes come whole.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for those who may not see the list's page, or when it cannot be read.
    pub async fn export(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        list: List,
        asked: &Asked,
        past: Option<i64>,
    ) -> Result<Rows> {
        if !list.is_open_to(viewer.role) {
            return Err(Refusal::Forbidden(NotAllowed::ThisList).into());
        }
        let zone = Zone::of(&office.zone);
        match list {
            List::Tasks => self.task_rows(viewer, office, &asked.tasks, past, zone).await,
            List::Audit => self.audit_rows(viewer, office, &asked.audit, past).await,
            List::Runs => self.run_rows(viewer, office, &asked.runs, past).await,
            _ => {
                let rows = match list {
                    List::Clients => self.dossier_rows(viewer, office, &asked.clients, zone).await?,
                    List::Connectors => self.connector_rows(office, zone).await?,
                    List::Users => self.person_rows(office, &asked.clients.text, zone).await?,
                    List::Jobs => self.job_rows(viewer, office, &asked.jobs).await?,
                    _ => self.cause_rows(zone).await?,
                };
                Ok(Rows { rows, next: None })
            }
        }
    }

    async fn task_rows(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        filter: &TaskFilter,
        past: Option<i64>,
        zone: Zone,
    ) -> Result<Rows> {
        let look = Look {
            office: office.id,
            viewer,
            filter,
            now: self.now(),
            after: past,
            as_of: None,
        };
        let page = tasks::page(&self.readers, look, PAGE).await?;
        let row = |raw| {
            let row = self.row(raw, viewer, zone);
            vec![
                row.id.0.into(),
                Cell::State(row.state),
                Cell::Kind(row.kind),
                row.subject.into(),
                row.dossier_code.into(),
                row.dossier_name.into(),
                row.package.into(),
                Cell::At(Some(row.delivered)),
                Cell::At(Some(row.since)),
                row.cause.into(),
            ]
        };
        Ok(Rows {
            rows: page.rows.iter().map(row).collect(),
            next: page.next,
        })
    }

    async fn audit_rows(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        asked: &AuditAsked,
        past: Option<i64>,
    ) -> Result<Rows> {
        let asked = AuditAsked {
            before: past,
            ..asked.clone()
        };
        let filter = crate::watch::audit::filter(viewer, &office.zone, &asked);
        let lines = audit::lines(&self.readers, office.id, &filter, PAGE).await?;
        let zone = Zone::of(&office.zone);
        let next = (lines.len() == PAGE as usize)
            .then(|| lines.last().map(|l| l.id))
            .flatten();
        let row = |l: audit::AuditRaw| {
            vec![
                Cell::At(Some(zone.moment(l.at))),
                l.name.into(),
                l.what.into(),
                l.subject.into(),
                l.before.into(),
                l.after.into(),
            ]
        };
        Ok(Rows {
            rows: lines.into_iter().map(row).collect(),
            next,
        })
    }

    async fn dossier_rows(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        asked: &ClientsAsked,
        zone: Zone,
    ) -> Result<Vec<Vec<Cell>>> {
        let catalogue = self.catalogue();
        let row = |d: export::DossierRow| {
            let stage = Stage {
                activation: Activation::from_key(&d.activation),
                archived: d.archived,
            };
            let standing = Standing::of(stage, d.action as u32, d.failed as u32, viewer.is_support());
            vec![
                d.code.into(),
                d.name.into(),
                Cell::Standing(standing),
                catalogue.package_name(&d.package).to_owned().into(),
                d.managers.into(),
                d.action.into(),
                d.failed.into(),
                d.waiting.into(),
                Cell::At(d.done_at.map(|at| zone.moment(at))),
            ]
        };
        let dossiers = export::dossiers(&self.readers, office.id, viewer, asked, MOST).await?;
        Ok(dossiers.into_iter().map(row).collect())
    }

    async fn connector_rows(&self, office: &OfficeView, zone: Zone) -> Result<Vec<Vec<Cell>>> {
        let catalogue = self.catalogue();
        let names = |keys: &str| {
            let keys: Vec<String> = serde_json::from_str(keys).unwrap_or_default();
            let names: Vec<&str> = keys.iter().map(|k| catalogue.package_name(k)).collect();
            names.join(", ")
        };
        let row = |c: export::ConnectorRow| {
            vec![
                c.name.into(),
                c.version.into(),
                names(&c.packages).into(),
                Cell::At(c.heard_at.map(|at| zone.moment(at))),
                c.held_reason.into(),
                Cell::At(c.revoked_at.map(|at| zone.moment(at))),
            ]
        };
        let connectors = export::connectors(&self.readers, office.id, MOST).await?;
        Ok(connectors.into_iter().map(row).collect())
    }

    async fn person_rows(&self, office: &OfficeView, text: &str, zone: Zone) -> Result<Vec<Vec<Cell>>> {
        let row = |p: export::PersonRow| {
            vec![
                p.name.into(),
                p.email.into(),
                Cell::Role(p.role),
                p.language.into(),
                Cell::At(Some(zone.moment(p.created_at))),
                Cell::At(p.left_at.map(|at| zone.moment(at))),
            ]
        };
        let people = export::people(&self.readers, office.id, text, MOST).await?;
        Ok(people.into_iter().map(row).collect())
    }

    async fn job_rows(&self, viewer: &Viewer, office: &OfficeView, ask: &JobsAsk) -> Result<Vec<Vec<Cell>>> {
        let row = |l: JobLine| {
            let companies: Vec<String> = l.companies.into_iter().map(|c| c.code).collect();
            let more = if l.company_count as usize > companies.len() {
                ", …"
            } else {
                ""
            };
            vec![
                l.id.into(),
                Cell::JobStatus(l.status),
                Cell::Module(l.module),
                Cell::JobKind(l.kind),
                l.description.into(),
                format!("{}{more}", companies.join(", ")).into(),
                Cell::Schedule(l.schedule),
                l.run_as.into(),
                l.server.into(),
                Cell::At(l.last.map(|r| r.due)),
                Cell::At(l.next),
            ]
        };
        Ok(self
            .jobs(viewer, office, ask)
            .await?
            .lines
            .into_iter()
            .map(row)
            .collect())
    }

    async fn run_rows(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        ask: &RunsAsk,
        past: Option<i64>,
    ) -> Result<Rows> {
        let page = self
            .runs(
                viewer,
                office,
                &RunsAsk {
                    before: past,
                    ..ask.clone()
                },
            )
            .await?;
        let next = page.lines.last().map(|l| l.id).filter(|_| page.more);
        let row = |l: RunLine| {
            vec![
                l.id.into(),
                Cell::RunState(l.state),
                l.job.into(),
                Cell::JobKind(l.kind),
                l.description.into(),
                Cell::At(Some(l.due)),
                Cell::At(l.started),
                Cell::At(l.ended),
                i64::from(l.companies.1).into(),
                i64::from(l.companies.2).into(),
                Cell::Counted(l.counted),
                Cell::Note(l.state, l.note.unwrap_or_default()),
                l.run_as.into(),
            ]
        };
        Ok(Rows {
            rows: page.lines.into_iter().map(row).collect(),
            next,
        })
    }

    async fn cause_rows(&self, zone: Zone) -> Result<Vec<Vec<Cell>>> {
        let catalogue = self.catalogue();
        let row = |c: export::CauseRow| {
            vec![
                catalogue.package_name(&c.package).to_owned().into(),
                c.code.into(),
                c.key.into(),
                c.tasks.into(),
                c.times.into(),
                Cell::At(Some(zone.moment(c.first_at))),
                Cell::At(Some(zone.moment(c.last_at))),
                c.taken_by.into(),
                Cell::At(c.solved_at.map(|at| zone.moment(at))),
            ]
        };
        let causes = export::causes(&self.readers, zone.day(self.now()) - 13, MOST).await?;
        Ok(causes.into_iter().map(row).collect())
    }
}
