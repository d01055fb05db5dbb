//! Which tasks a list shows (T13). The address of a page is this, written out, so that a colleague sees the same.

use crate::{
    task::{ConnectorId, TaskState},
    text::for_url,
};
use serde::{Deserialize, Serialize};

/// Longest text in a filter, in characters.
const LONGEST: usize = 200;
const HOUR_MS: i64 = 3_600_000;

/// How long a task has stood where it stands, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
}

impl Age {
    /// Every age.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The key in an address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "7d",
        }
    }

    /// The age of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.key() == key)
    }

    /// In milliseconds.
    pub fn milliseconds(self) -> i64 {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => 24 * HOUR_MS,
            Self::Week => 7 * 24 * HOUR_MS,
        }
    }
}

/// What a list of tasks asks for. An empty text asks for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFilter {
    /// States to show; none means the default: failed and action required.
    pub states: Vec<TaskState>,
    /// A task's number, or words of its document or dossier.
    #[serde(default, deserialize_with = "crate::typed::read_words")]
    pub text: String,
    /// A dossier's code.
    #[serde(default, deserialize_with = "crate::typed::read_words")]
    pub dossier: String,
    /// A package's key.
    #[serde(default, deserialize_with = "crate::typed::read_words")]
    pub package: String,
    /// A kind's key.
    #[serde(default, deserialize_with = "crate::typed::read_words")]
    pub kind: String,
    /// A failure's code.
    #[serde(default, deserialize_with = "crate::typed::read_words")]
    pub code: String,
    /// The connector that has, or last had, the task.
    #[serde(default)]
    pub connector: Option<ConnectorId>,
    /// At least so long where it stands.
    #[serde(default)]
    pub age: Option<Age>,
}

impl TaskFilter {
    /// Reads an address. Nonsense in it is left out.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| -> String { get(name).unwrap_or_default().chars().take(LONGEST).collect() };
        let mut states: Vec<TaskState> = vec![];
        for state in text("status").split(',').filter_map(TaskState::from_key) {
            if !states.contains(&state) {
                states.push(state);
            }
        }
        Self {
            states,
            text: text("q"),
            dossier: text("dossier"),
            package: text("package"),
            kind: text("kind"),
            code: text("code"),
            connector: text("connector").parse().ok(),
            age: Age::from_key(&text("age")),
        }
    }

    /// The states that are shown.
    pub fn shown(&self) -> &[TaskState] {
        if self.states.is_empty() {
            &[TaskState::Failed, TaskState::ActionRequired]
        } else {
            &self.states
        }
    }

    /// Shows only tasks that wait for a person.
    pub fn only_stopped(&self) -> bool {
        self.shown().iter().all(|s| s.is_stopped())
    }

    /// Asks for nothing but the default.
    pub fn is_default(&self) -> bool {
        self.only_stopped()
            && Self {
                states: vec![],
                ..self.clone()
            } == Self::default()
    }

    /// With `state` shown if it was not, and not shown if it was. The last one stays.
    pub fn toggled(&self, state: TaskState) -> Self {
        let mut states = self.shown().to_vec();
        match states.iter().position(|s| *s == state) {
            Some(i) if states.len() > 1 => drop(states.remove(i)),
            Some(_) => {}
            None => states.push(state),
        }
        Self {
            states,
            ..self.clone()
        }
    }

    /// The query part of an address, without its question mark.
    pub fn query(&self) -> String {
        let states = self.shown().iter().map(|s| s.key()).collect::<Vec<_>>().join(",");
        let connector = self.connector.map(|c| c.to_string()).unwrap_or_default();
        let mut query = format!("status={states}");
        for (name, value) in [
            ("q", self.text.as_str()),
            ("dossier", &self.dossier),
            ("package", &self.package),
            ("kind", &self.kind),
            ("code", &self.code),
            ("connector", &connector),
            ("age", self.age.map_or("", Age::key)),
        ] {
            if !value.is_empty() {
                query.push_str(&format!("&{name}={}", for_url(value)));
            }
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(query: &str) -> TaskFilter {
        let pairs: HashMap<&str, &str> = query.split('&').filter_map(|p| p.split_once('=')).collect();
        TaskFilter::read(|name| pairs.get(name).map(|v| (*v).to_owned()))
    }

    #[test]
    fn an_address_survives_being_read() {
        let query = "status=queued,failed&q=invoice&dossier=BAKSM&package=adsolut&kind=synchronise_dossier&code=vat&connector=3&age=1d";
        assert_eq!(read(query).query(), query);
    }

    #[test]
    fn nonsense_is_left_out() {
        let filter = read("status=purple,failed,failed&connector=x&age=9y&colour=blue");
        assert_eq!(filter.query(), "status=failed");
        assert!(read("").is_default());
        assert!(!read("package=adsolut").is_default());
        assert_eq!(read(&format!("q={}", "x".repeat(10_000))).text.len(), LONGEST);
    }

    #[test]
    fn the_last_state_stays() {
        let one = read("status=failed");
        assert_eq!(one.toggled(TaskState::Failed).query(), "status=failed");
        assert_eq!(one.toggled(TaskState::Queued).query(), "status=failed,queued");
    }
}
