//! Keeps the lines as things are: what the stream tells of tasks is asked again for their dossiers, at most once a
//! second. Lines never move; what would is counted for the reader to show.

use super::Sheet;
use crate::{api::clients::changed_clients, pages::here::Here};
use domain::{Moment, TaskState};
use leptos::prelude::*;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use views::{
    TaskRow,
    clients::{ChangedClients, ClientLine, ClientsAsked},
};

/// The server is asked at most this often.
const REST: Duration = Duration::from_secs(1);
/// Dossiers asked for at once.
const AT_ONCE: usize = 200;

/// Which dossiers are to be asked for again.
#[derive(Clone, Copy)]
pub struct Asking {
    /// Codes of dossiers that changed.
    dirty: StoredValue<BTreeSet<String>>,
    /// The server was asked less than [`REST`] ago.
    resting: StoredValue<bool>,
    ask: Action<Vec<String>, ()>,
}

impl Asking {
    /// Follows the stream from event `seq` on, as long as the list lives.
    pub fn follow(sheet: Sheet, seq: i64) -> Self {
        let here = expect_context::<Here>();
        // where each line stood when it was read
        let places = StoredValue::new(HashMap::<i64, u8>::new());
        let ask = Action::new(move |codes: &Vec<String>| {
            let codes = codes.clone();
            let asked = ClientsAsked {
                standings: vec![],
                ..sheet.board.asked.get_untracked()
            };
            async move {
                // without an answer the lines stay as they were, and the next change asks again
                if let Ok(changed) = changed_clients(here.office.get_untracked(), asked, codes).await {
                    take(sheet, places, changed);
                }
            }
        });
        let asking = Self {
            dirty: StoredValue::default(),
            resting: StoredValue::new(false),
            ask,
        };
        let seen = StoredValue::new(seq);
        Effect::new(move |_| {
            let fresh: Vec<TaskRow> = here.live.rows.with(|rows| {
                let from = seen.get_value();
                rows.values().filter(|r| r.seq > from).cloned().collect()
            });
            if let Some(last) = fresh.iter().map(|r| r.seq).max() {
                seen.set_value(last);
                asking.note(codes(sheet, &fresh));
            }
        });
        asking
    }

    /// These dossiers have changed.
    pub fn note(self, codes: impl IntoIterator<Item = String>) {
        let noted = self.dirty.try_update_value(|d| d.extend(codes));
        if noted.is_some() && self.resting.try_get_value() == Some(false) {
            self.go();
        }
    }

    fn go(self) {
        let codes = self.dirty.try_update_value(|d| {
            let now: Vec<String> = d.iter().take(AT_ONCE).cloned().collect();
            d.retain(|c| !now.contains(c));
            now
        });
        let Some(codes) = codes.filter(|c| !c.is_empty()) else {
            return;
        };
        self.resting.set_value(true);
        self.ask.dispatch(codes);
        set_timeout(
            move || {
                // the list may be gone by then
                if self.resting.try_set_value(false).is_none() {
                    self.go();
                }
            },
            REST,
        );
    }
}

/// The dossiers of changed tasks whose lines are shown, or might be.
fn codes(sheet: Sheet, fresh: &[TaskRow]) -> BTreeSet<String> {
    let complete = !sheet.more.get_untracked();
    sheet.lines.with_untracked(|lines| {
        fresh
            .iter()
            .filter(|task| {
                let shown = lines
                    .iter()
                    .find(|l| l.with_untracked(|l| l.code == task.dossier_code));
                if let Some(line) = shown.filter(|_| task.state == TaskState::Succeeded) {
                    // when it was last completed is learned a little later than it happens
                    line.update(|l| l.done = later(l.done, Some(task.since)));
                }
                shown.is_some() || complete || task.state.is_stopped()
            })
            .map(|task| task.dossier_code.clone())
            .collect()
    })
}

fn take(sheet: Sheet, places: StoredValue<HashMap<i64, u8>>, changed: ChangedClients) {
    if sheet.board.told.try_set(Some(changed.summary)).is_some() {
        return;
    }
    let asked = sheet.board.asked.get_untracked();
    let wanted = |l: &ClientLine| asked.wants(l.standing);
    let lines = sheet.lines.get_untracked();
    let end = sheet.after.get_untracked();
    let last = end.map(|a| a.place(sheet.support));
    let complete = !sheet.more.get_untracked();
    for new in changed.lines {
        let id = new.id;
        let place = new.place(sheet.support);
        let moves = match lines.iter().find(|l| l.with_untracked(|l| l.id == id)) {
            Some(line) => {
                let was = line.with_untracked(|l| l.standing.rank(sheet.support));
                let read = places.try_update_value(|p| *p.entry(id).or_insert(was));
                let moves = read != Some(place.0);
                line.update(|l| {
                    let done = later(l.done, new.done);
                    *l = ClientLine { done, ..new };
                });
                moves
            }
            None => wanted(&new) && (complete || last.as_ref().is_some_and(|last| place < *last)),
        };
        sheet.board.moved.update(|m| {
            if moves {
                m.insert(id);
            } else {
                m.remove(&id);
            }
        });
    }
}

/// The later of two moments that may be missing.
fn later(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    a.into_iter().chain(b).max_by_key(|m| m.at)
}
