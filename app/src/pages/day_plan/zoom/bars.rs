//! The runs of the part that is shown, and what is said beside them.

use super::Frame;
use crate::components::plan::who;
use crate::i18n::*;
use views::plan::{DayPlan, PlanJob, Trouble};

/// Rows that are drawn.
const MOST: usize = 40;

/// One run in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) job: i64,
    pub(super) row: usize,
    pub(super) label: String,
    pub(super) start: i32,
    pub(super) usual: i32,
    pub(super) length: i32,
    pub(super) trouble: Trouble,
    pub(super) note: String,
    pub(super) moves: bool,
}

/// The rows of a frame and how many more there are.
pub(super) fn bars(i18n: I18n, plan: &DayPlan, frame: &Frame) -> (Vec<(String, usize)>, Vec<Bar>, usize) {
    let shown = |j: &&PlanJob| {
        let reaches = |s: i32| s < frame.to && s + j.length as i32 > frame.from;
        j.kind == frame.kind && j.starts.iter().any(|s| reaches(s.minute))
    };
    let mut jobs: Vec<&PlanJob> = plan.jobs.iter().filter(shown).collect();
    jobs.sort_by_key(|j| {
        let first = j.starts.iter().find(|s| s.minute + j.length as i32 > frame.from);
        (first.map(|s| s.minute), j.id)
    });
    let more = jobs.len().saturating_sub(MOST);
    jobs.truncate(MOST);
    let mut all: Vec<Bar> = vec![];
    for (row, j) in jobs.iter().enumerate() {
        let label = who(i18n, j.company.as_ref(), j.companies);
        for s in j
            .starts
            .iter()
            .filter(|s| s.minute < frame.to && s.minute + j.length as i32 > frame.from)
        {
            all.push(Bar {
                job: j.id,
                row,
                label: label.clone(),
                start: s.minute,
                usual: j.usual as i32,
                length: j.length as i32,
                trouble: s.trouble,
                note: match (s.trouble, s.moved_from) {
                    (Trouble::None, Some(m)) => t_string!(i18n, plan.usually, time = m.clock()).to_string(),
                    _ => note(i18n, &jobs, j, s.minute, s.trouble),
                },
                // what a downtime moved is moved by no plan
                moves: !j.pinned && s.moved_from.is_none(),
            });
        }
    }
    let rows = jobs.iter().enumerate().map(|(i, j)| {
        let code = match (&j.company, j.companies) {
            (Some(c), _) => c.code.clone(),
            (None, 0) => t_string!(i18n, plan.all).to_owned(),
            (None, n) => n.to_string(),
        };
        (code.chars().take(6).collect(), i)
    });
    (rows.collect(), all, more)
}

/// What is wrong with a run beside others of its kind, in two or three words.
fn note(i18n: I18n, jobs: &[&PlanJob], job: &PlanJob, start: i32, trouble: Trouble) -> String {
    if trouble == Trouble::None {
        return String::new();
    }
    let mut before: Option<(i32, &PlanJob)> = None;
    for j in jobs.iter().filter(|j| j.id != job.id) {
        for s in &j.starts {
            if s.minute == start {
                // said once, at the later of the two
                return if j.id < job.id {
                    t_string!(i18n, plan.same_minute).to_owned()
                } else {
                    String::new()
                };
            }
            let ends = |(m, j): (i32, &PlanJob)| m + j.length as i32 + j.gap as i32;
            if s.minute < start && before.is_none_or(|b| ends((s.minute, j)) > ends(b)) {
                before = Some((s.minute, j));
            }
        }
    }
    let Some((minute, j)) = before else {
        return String::new();
    };
    let (over, close) = (
        minute + j.length as i32 - start,
        minute + j.length as i32 + j.gap as i32 - start,
    );
    if over > 0 {
        t_string!(i18n, plan.overlap_n, n = over).to_string()
    } else if close > 0 {
        t_string!(i18n, plan.close_n, n = close).to_string()
    } else {
        String::new()
    }
}
