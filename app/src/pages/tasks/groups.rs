//! The lines of Follow-up in groups, and which of them are chosen.

use super::Board;
use domain::{TaskId, TaskState};
use leptos::prelude::*;
use std::sync::Arc;
use views::TaskRow;

/// A group's key: whose turn it is, whether it was put off, state, cause.
pub type Key = (u8, bool, TaskState, String);

/// What a group is called, and which lines are in it.
#[derive(Clone, PartialEq)]
pub struct Group {
    pub key: Key,
    pub cause: Option<String>,
    pub package: String,
    pub rows: Vec<Arc<TaskRow>>,
}

/// The tasks in the order of their lines.
pub fn order(groups: &[Group]) -> Vec<TaskId> {
    groups.iter().flat_map(|g| g.rows.iter().map(|r| r.id)).collect()
}

/// Lines in their groups.
pub fn groups(rows: &[Arc<TaskRow>], support: bool, now: i64) -> Vec<Group> {
    // the reader's own turn comes first, then the other's, then nobody's
    let turn = |s: TaskState| match s {
        TaskState::ActionRequired => u8::from(support),
        TaskState::Failed => u8::from(!support),
        TaskState::Running => 2,
        TaskState::Queued => 3,
        _ => 4,
    };
    let mut groups: Vec<Group> = vec![];
    let mut place = std::collections::HashMap::new();
    for row in rows {
        let off = row.snoozed.is_some_and(|until| until.at > now);
        let key = (turn(row.state), off, row.state, row.cause_key.clone());
        let at = *place.entry(key.clone()).or_insert_with(|| {
            groups.push(Group {
                key,
                cause: row.cause.clone(),
                package: row.package.clone(),
                rows: vec![],
            });
            groups.len() - 1
        });
        groups[at].rows.push(row.clone());
    }
    // what was put off comes after what was not; what cannot wait comes first
    groups.sort_by_key(|g| (g.key.1, g.key.0, !g.rows.iter().any(|r| r.urgent)));
    groups
}

/// Chooses a line, or takes it back; with `range` all lines from the last one that was chosen.
pub fn pick(board: Board, order: &[TaskId], id: TaskId, range: bool) {
    board.picked.update(|p| {
        p.all = false;
        let place = |t: TaskId| order.iter().position(|o| *o == t);
        let from = p.last.filter(|_| range).and_then(place);
        match (from, place(id)) {
            (Some(from), Some(to)) => p.ids.extend(&order[from.min(to)..=from.max(to)]),
            _ if p.ids.remove(&id) => {}
            _ => drop(p.ids.insert(id)),
        }
        p.last = Some(id);
    });
}
