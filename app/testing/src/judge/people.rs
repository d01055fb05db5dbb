//! What must come of what people do to a task.

use super::Judge;
use crate::{
    actions::Pick,
    desk::{Desk, Mark, Seen},
    model::{Standing, standing},
};
use domain::{TaskState, event::Happened, failure::Audience};

impl Judge {
    pub(super) fn restart(&mut self, desk: &mut impl Desk, pick: Pick) -> Result<(), String> {
        let Some(id) = self.pick_where(pick, |t| t.state.is_stopped()) else {
            return Ok(());
        };
        let before = self.seen(id).clone();
        let may = before.state.is_stopped();
        let done = desk.restart(id);
        ensure!(
            "stopped tasks restart, and no others",
            done == may,
            "{id}: {done}"
        );
        if may {
            self.facts.get_mut(&id).expect("delivered").until = 0;
        }
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        if may {
            let after = self.stands(id);
            ensure!(
                "a restart starts over",
                (after.state, after.tries) == (TaskState::Queued, 0),
                "{after:?}"
            );
            ensure!(
                "a restart keeps what an undo needs",
                self.seen(id).set_aside,
                "{id}"
            );
            self.before_restart.insert(id, before);
        }
        Ok(())
    }

    /// Only a restart that nobody has acted upon can be undone, and then it is as if it had not been.
    pub(super) fn undo(&mut self, desk: &mut impl Desk, pick: Pick) -> Result<(), String> {
        let restarted =
            |t: &Seen| t.state.is_open() && t.events.iter().any(|e| matches!(e, Happened::Restarted { .. }));
        let Some(id) = self.pick_where(pick, restarted) else {
            return Ok(());
        };
        let before = self.seen(id).clone();
        let last = before
            .events
            .iter()
            .rposition(|e| !matches!(e, Happened::Contradicted { .. } | Happened::Late { .. }));
        let may = last.is_some_and(|l| matches!(before.events[l], Happened::Restarted { .. }));
        let done = desk.undo(id);
        ensure!(
            "a restart can be undone until a connector has the task",
            done == may,
            "{before:?}: {done}"
        );
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        if may {
            let (was, now) = (self.before_restart[&id].clone(), self.seen(id).clone());
            let stood = standing(&before.events[..last.unwrap_or(0)]).state;
            ensure!(
                "an undo puts back what was",
                (now.state, &now.shown, now.marked, &now.memo)
                    == (was.state, &was.shown, was.marked, &was.memo)
                    && now.state == stood
                    && !now.set_aside,
                "{was:?} became {now:?}"
            );
        }
        Ok(())
    }

    /// Stopped tasks change hands, and nothing but the hands changes.
    pub(super) fn hand_over(&mut self, desk: &mut impl Desk, pick: Pick, to: Audience) -> Result<(), String> {
        let Some(id) = self.pick_where(pick, |t| t.state.is_stopped()) else {
            return Ok(());
        };
        let (before, stood) = (self.seen(id).clone(), self.stands(id));
        let there = match to {
            Audience::Office => TaskState::ActionRequired,
            Audience::Support => TaskState::Failed,
        };
        let may = before.state.is_stopped() && before.state != there;
        let done = desk.hand_over(id, to);
        ensure!(
            "a stopped task goes to the other side, and no other task",
            done == may,
            "{before:?} to {to:?}: {done}"
        );
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        if may {
            let now = self.seen(id);
            ensure!(
                "who must act changes, and nothing else",
                self.stands(id)
                    == Standing {
                        state: there,
                        ..stood
                    }
                    && now.shown == before.shown,
                "{before:?} became {now:?}"
            );
        }
        Ok(())
    }

    pub(super) fn mark(&mut self, desk: &mut impl Desk, pick: Pick, mark: Mark) -> Result<(), String> {
        let Some(id) = self.pick_where(pick, |t| t.state.is_stopped()) else {
            return Ok(());
        };
        let (before, stood) = (self.seen(id).clone(), self.stands(id));
        let may = before.state.is_stopped();
        let done = desk.mark(id, mark);
        ensure!(
            "stopped tasks are marked, and no others",
            done == may,
            "{before:?}: {done}"
        );
        let picture = desk.picture();
        self.look(picture, if may { std::slice::from_ref(&id) } else { &[] })?;
        let now = self.seen(id);
        ensure!(
            "a mark is kept and changes nothing else",
            self.stands(id) == stood && now.shown == before.shown && now.marked == may,
            "{before:?} became {now:?}"
        );
        Ok(())
    }

    /// The queued tasks that wait for `id`, or for one that does.
    pub(super) fn waiting_for(&self, id: i64) -> Vec<i64> {
        let states = self.states();
        let holds = self.facts[&id].kind.rules().holds;
        let mut waiting = vec![id];
        for later in self
            .order
            .iter()
            .copied()
            .filter(|l| *l > id && states[l] == TaskState::Queued)
        {
            let (l, first) = (&self.facts[&later], &self.facts[&id]);
            let subject = |e: &i64| {
                let f = &self.facts[e];
                f.dossier == l.dossier && f.subject.is_some() && f.subject == l.subject
            };
            let follows = l.after.is_some_and(|a| waiting.contains(&a)) || waiting.iter().any(subject);
            if follows || (holds && l.dossier == first.dossier) {
                waiting.push(later);
            }
        }
        waiting.remove(0);
        waiting
    }

    pub(super) fn cancel(&mut self, desk: &mut impl Desk, pick: Pick, followers: bool) -> Result<(), String> {
        let Some(id) = self.pick(pick) else { return Ok(()) };
        let before = self.stands(id);
        let may = before.state.is_open();
        let mut touched = if followers && may {
            self.waiting_for(id)
        } else {
            vec![]
        };
        let done = desk.cancel(id, followers);
        ensure!(
            "open tasks are cancelled, and no others",
            done == may,
            "{id}: {done}"
        );
        let gone = touched.clone();
        touched.push(id);
        let picture = desk.picture();
        self.look(picture, if may { &touched } else { &[] })?;
        for f in gone {
            let now = self.seen(f).state;
            ensure!(
                "followers go with it",
                now == TaskState::Cancelled,
                "{f} is {now:?}"
            );
        }
        let after = self.stands(id);
        let right = match before.state {
            TaskState::Running => after.state == TaskState::Running && after.cancel_asked,
            s if s.is_open() => after.state == TaskState::Cancelled,
            s => after.state == s,
        };
        ensure!(
            "a cancel does what the table says",
            right,
            "{before:?} became {after:?}"
        );
        Ok(())
    }
}
