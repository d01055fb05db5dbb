//! Active clients (T11) and one dossier (T12).

use super::{Counts, TaskRow, Waiting};
use domain::{
    dossier::Activation,
    instruction::Rendered,
    moment::Moment,
    task::{DossierId, TaskId},
    text::for_url,
};
use serde::{Deserialize, Serialize};

/// Most lines of one page of Active clients.
pub const PAGE: usize = 100;
/// Matches are counted up to here; more are "500+".
pub const COUNTED: u32 = 500;

/// How a dossier stands: as its stopped tasks say, the reader's own turn first; and where nothing stopped, whether it
/// is one to work in at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// An office employee must act (M6).
    Act,
    /// Support must act (M4).
    Sup,
    /// Nobody must act (M2).
    Flow,
    /// It is being activated.
    Starting,
    /// It was not activated: nobody can work in it.
    Off,
    /// It was put away. It is in no list unless it is asked for.
    Archived,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] = [
        Self::Act,
        Self::Sup,
        Self::Flow,
        Self::Starting,
        Self::Off,
        Self::Archived,
    ];

    /// The standing of a dossier with so many tasks for the office and for Support. Of a dossier with both, each
    /// side sees its own.
    pub fn of(stage: Stage, action: u32, support: u32, reader_is_support: bool) -> Self {
        match (action > 0, support > 0) {
            _ if stage.archived => Self::Archived,
            (true, true) if reader_is_support => Self::Sup,
            (true, _) => Self::Act,
            (false, true) => Self::Sup,
            (false, false) => match stage.activation {
                Activation::Active => Self::Flow,
                Activation::Activating => Self::Starting,
                Activation::NotActivated => Self::Off,
            },
        }
    }

    /// Nothing of it stopped: it stands among the others by its name.
    pub fn is_calm(self) -> bool {
        !matches!(self, Self::Act | Self::Sup)
    }

    /// The key in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Sup => "sup",
            Self::Flow => "flow",
            Self::Starting => "starting",
            Self::Off => "off",
            Self::Archived => "archived",
        }
    }

    /// The standing of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }

    /// Place in the list: the reader's own turn, the other's, nobody's.
    pub fn rank(self, reader_is_support: bool) -> u8 {
        match self {
            Self::Act => u8::from(reader_is_support),
            Self::Sup => u8::from(!reader_is_support),
            Self::Flow | Self::Starting | Self::Off | Self::Archived => 2,
        }
    }
}

/// What is known of a dossier beside its tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// Whether it was activated.
    pub activation: Activation,
    /// It was put away.
    pub archived: bool,
}

/// A person of the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// Their number.
    pub id: i64,
    /// What they are called.
    pub name: String,
}

/// What a day did for a dossier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayBar {
    /// Tasks that succeeded.
    pub done: u32,
    /// Tasks that stopped.
    pub stopped: u32,
}

/// One line of Active clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientLine {
    /// Number of the dossier.
    pub id: DossierId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The package as people call it.
    pub package: String,
    /// How it stands for the reader.
    pub standing: Standing,
    /// Stopped tasks that wait for the office.
    pub action: u32,
    /// Stopped tasks that wait for Support.
    pub support: u32,
    /// What the oldest stopped task of its standing asks for; `None` while it flows.
    pub need: Option<String>,
    /// Who at Support works on that.
    pub taken: Option<String>,
    /// It was never activated, whatever stopped.
    pub off: bool,
    /// That task is the dossier's activation.
    pub activation: bool,
    /// Queued tasks.
    pub waiting: u32,
    /// When a task last succeeded; `None` for never.
    pub done: Option<Moment>,
    /// The last fourteen days, oldest first.
    pub days: Vec<DayBar>,
    /// Who manages it, by name.
    pub managers: Vec<Colleague>,
}

impl ClientLine {
    /// Where it stands in the list: attention first, then by name.
    pub fn place(&self, reader_is_support: bool) -> (u8, String, DossierId) {
        place(self.standing, &self.name, self.id, reader_is_support)
    }

    /// Stopped tasks of its standing.
    pub fn stopped(&self) -> u32 {
        match self.standing {
            Standing::Act => self.action,
            Standing::Sup => self.support,
            _ => 0,
        }
    }
}

/// Which dossiers a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientsAsked {
    /// Only these; empty for all.
    pub standings: Vec<Standing>,
    /// Part of a name or code.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub text: String,
    /// Only those that the reader manages.
    pub mine: bool,
    /// Only those in this package, by key; empty for all.
    #[serde(deserialize_with = "domain::typed::read_words")]
    pub package: String,
}

impl ClientsAsked {
    /// A dossier that stands so is shown. What was put away is so only where it is asked for.
    pub fn wants(&self, standing: Standing) -> bool {
        match self.standings.is_empty() {
            true => standing != Standing::Archived,
            false => self.standings.contains(&standing),
        }
    }

    /// What an address asks for: the values of its parts by name. Nonsense is left out.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| domain::typed::cut(get(name).unwrap_or_default());
        let mut standings: Vec<Standing> = text("status").split(',').filter_map(Standing::from_key).collect();
        standings.sort_by_key(|s| (s.rank(false), s.key()));
        standings.dedup();
        Self {
            standings,
            text: text("q"),
            mine: text("mine") == "1",
            package: text("package"),
        }
    }

    /// As [`Self::read`] reads it; empty for the default.
    pub fn query(&self) -> String {
        let mut parts = vec![];
        if !self.standings.is_empty() {
            let keys: Vec<&str> = self.standings.iter().map(|s| s.key()).collect();
            parts.push(format!("status={}", keys.join(",")));
        }
        for (name, value) in [("q", &self.text), ("package", &self.package)] {
            if !value.is_empty() {
                parts.push(format!("{name}={}", for_url(value)));
            }
        }
        if self.mine {
            parts.push("mine=1".to_owned());
        }
        parts.join("&")
    }
}

/// The last line of a page: the next one begins after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// Its standing.
    pub standing: Standing,
    /// Its name.
    pub name: String,
    /// Its number.
    pub id: DossierId,
}

impl After {
    /// Where the page ended: a line of a lower place belonged to it.
    pub fn place(&self, reader_is_support: bool) -> (u8, String, DossierId) {
        place(self.standing, &self.name, self.id, reader_is_support)
    }
}

fn place(standing: Standing, name: &str, id: DossierId, reader_is_support: bool) -> (u8, String, DossierId) {
    (standing.rank(reader_is_support), name.to_ascii_lowercase(), id)
}

/// When a connector next comes for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickUp {
    /// At the latest at this millisecond since 1970 UTC.
    pub by: i64,
    /// And again within this many milliseconds.
    pub every: i64,
}

/// What stands above the list: all dossiers that the reader sees, whatever the filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Dossiers that wait for the office.
    pub action: u32,
    /// Dossiers that wait for Support.
    pub support: u32,
    /// Dossiers that wait for nobody.
    pub flowing: u32,
    /// Dossiers that are being activated, where nothing stopped.
    pub starting: u32,
    /// Dossiers that were not activated, where nothing stopped.
    pub off: u32,
    /// Dossiers that were put away: no other number holds them.
    pub archived: u32,
    /// Dossiers that the reader manages.
    pub mine: u32,
    /// Since when the oldest task of the reader's own turn waits.
    pub oldest: Option<Moment>,
    /// `None` while no connector of the office is at work.
    pub pick_up: Option<PickUp>,
    /// How many tasks stand where.
    pub counts: Counts,
}

impl Summary {
    /// Every dossier that the reader sees.
    pub fn all(&self) -> u32 {
        self.action + self.support + self.flowing + self.starting + self.off
    }
}

/// A page of Active clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clients {
    /// Attention first, then by name.
    pub lines: Vec<ClientLine>,
    /// There are more after the last one.
    pub more: bool,
    /// How many match, up to [`COUNTED`] and one.
    pub matching: u32,
    /// Above the list.
    pub summary: Summary,
    /// The event this picture is of.
    pub seq: i64,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
    /// The reader is Support: red is their turn, orange is not.
    pub support: bool,
}

/// Lines that changed, as they now are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedClients {
    /// Those of the dossiers asked for that the filter finds, whatever their standing.
    pub lines: Vec<ClientLine>,
    /// Above the list.
    pub summary: Summary,
}

/// What the list's tools need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientsFrame {
    /// Keys and names of packages.
    pub packages: Vec<(String, String)>,
    /// Who can be made a manager; empty for readers who may not do that.
    pub people: Vec<Colleague>,
    /// The reader sees every dossier, not only their own.
    pub every: bool,
}

/// A part of a dossier's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DossierTab {
    /// What stopped and what waits (M7).
    #[default]
    Monitoring,
    /// All tasks, newest first.
    Tasks,
    /// How it was activated.
    Activation,
    /// What people changed.
    History,
}

impl DossierTab {
    /// Every tab, in order.
    pub const ALL: [Self; 4] = [Self::Monitoring, Self::Tasks, Self::Activation, Self::History];

    /// The key in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Monitoring => "monitoring",
            Self::Tasks => "tasks",
            Self::Activation => "activation",
            Self::History => "history",
        }
    }

    /// The tab of a key; Monitoring for any other text.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.key() == key).unwrap_or_default()
    }
}

/// Stopped tasks of one cause, and what to do about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoppedCause {
    /// What to do; `None` when the catalogue does not know the code.
    pub instruction: Option<Rendered>,
    /// The tasks, oldest first; never none.
    pub tasks: Vec<TaskRow>,
}

/// A change by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLine {
    /// When.
    pub at: Moment,
    /// Who; `None` for the program itself.
    pub who: Option<String>,
    /// The verb's key.
    pub what: String,
    /// The task it was done to, where it is one.
    pub task: Option<TaskId>,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// What a tab shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DossierBody {
    /// What stopped, by cause, and what waits, the next first.
    Monitoring {
        /// Stopped.
        stopped: Vec<StoppedCause>,
        /// Running or queued, with the reason to wait.
        waiting: Vec<(TaskRow, Option<Waiting>)>,
    },
    /// Tasks, newest first.
    Tasks {
        /// The page's tasks.
        rows: Vec<TaskRow>,
        /// There are older ones.
        more: bool,
    },
    /// What people changed, newest first.
    History(Vec<ChangeLine>),
}

/// A dossier's page, with one of its tabs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DossierPage {
    /// The dossier.
    pub line: ClientLine,
    /// Who can be made a manager; empty for readers who may not do that.
    pub people: Vec<Colleague>,
    /// The tab.
    pub body: DossierBody,
    /// The reader is Support.
    pub support: bool,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_turns_each_side_sees_its_own() {
        let of = |a, s, support| Standing::of(Stage::default(), a, s, support);
        assert_eq!(of(0, 0, false), Standing::Flow);
        assert_eq!(of(1, 0, true), Standing::Act);
        assert_eq!(of(0, 1, false), Standing::Sup);
        assert_eq!(of(1, 9, false), Standing::Act);
        assert_eq!(of(9, 1, true), Standing::Sup);
    }

    #[test]
    fn what_was_never_activated_does_not_flow_and_what_stopped_goes_first() {
        let of = |activation, archived, act| {
            let stage = Stage { activation, archived };
            Standing::of(stage, act, 0, false)
        };
        assert_eq!(of(Activation::Activating, false, 0), Standing::Starting);
        assert_eq!(of(Activation::NotActivated, false, 0), Standing::Off);
        assert_eq!(of(Activation::NotActivated, false, 1), Standing::Act);
        assert_eq!(of(Activation::Active, true, 0), Standing::Archived);
        assert_eq!(of(Activation::NotActivated, true, 0), Standing::Archived);
    }

    #[test]
    fn what_was_put_away_is_shown_only_where_it_is_asked_for() {
        let asked = |standings: &[Standing]| ClientsAsked {
            standings: standings.to_vec(),
            ..ClientsAsked::default()
        };
        assert!(!asked(&[]).wants(Standing::Archived));
        assert!(asked(&[]).wants(Standing::Off));
        assert!(asked(&[Standing::Archived]).wants(Standing::Archived));
        assert!(!asked(&[Standing::Archived]).wants(Standing::Flow));
    }

    #[test]
    fn the_readers_own_turn_comes_first_and_nobodys_last() {
        let order = |support: bool| {
            let mut all = Standing::ALL;
            all.sort_by_key(|s| s.rank(support));
            [all[0], all[1], all[2]]
        };
        assert_eq!(order(false), [Standing::Act, Standing::Sup, Standing::Flow]);
        assert_eq!(order(true), [Standing::Sup, Standing::Act, Standing::Flow]);
    }

    #[test]
    fn nonsense_in_an_address_is_no_standing_and_the_first_tab() {
        assert_eq!(Standing::from_key("act;"), None);
        assert_eq!(DossierTab::from_key("../etc"), DossierTab::Monitoring);
        for tab in DossierTab::ALL {
            assert_eq!(DossierTab::from_key(tab.key()), tab);
        }
    }
}
