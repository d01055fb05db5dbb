//! A part of the day, company by company. A bar can be taken and moved: with the pointer, with the arrow keys, or by
//! typing a time. Nothing changes before the button is pressed.

mod bars;
mod run;

use crate::components::job::job_kind_word;
use bars::bars;
use run::Run;

use super::{Chosen, Desk};
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use domain::schedule::Clock;
use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::collections::BTreeSet;
use views::plan::{DayPlan, Fix};

const LEFT: f64 = 40.0;
const WIDE: f64 = 382.0;
const TOP: f64 = 24.0;
const ROW: f64 = 16.4;

/// What the zoom shows, in minutes that have passed since the day began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: String,
    pub from: i32,
    pub to: i32,
}

impl Frame {
    /// As the address asks. A kind without hours: where most of its runs start. Nothing asked: where the first problem is.
    pub fn memo() -> Memo<Option<Self>> {
        let desk = expect_context::<Desk>();
        let query = desk.place.query;
        Memo::new(move |_| {
            let (family, zoom) = query.with(|q| (q.get("family"), q.get("zoom")));
            desk.data.with(|plan| Self::of(plan, family, zoom.as_deref()))
        })
    }

    fn of(plan: &DayPlan, family: Option<String>, zoom: Option<&str>) -> Option<Self> {
        let crowd = plan.problems.iter().find_map(|p| match &p.fix {
            Some(Fix::Spread { ask, .. }) => Some(ask),
            _ => None,
        });
        let asked = family.filter(|k| plan.jobs.iter().any(|j| j.kind == *k));
        let crowd = crowd.filter(|_| asked.is_none());
        let kind = asked
            .clone()
            .or_else(|| crowd.map(|a| a.kind.clone()))
            .or_else(|| plan.problems.first().map(|p| p.run.kind.clone()))
            .or_else(|| plan.jobs.first().map(|j| j.kind.clone()))?;
        let last = plan.minutes as i32;
        let wall = |c: Clock| plan.passed(i32::from(c.minutes()));
        let typed = zoom.and_then(|z| z.split_once('-')).and_then(|(from, to)| {
            let from = wall(Clock::read(from)?);
            let to = if to == "24:00" {
                last
            } else {
                wall(Clock::read(to)?)
            };
            (to - from >= 5).then_some((from, to))
        });
        let problem = || {
            let first = plan.problems.iter().find(|p| p.run.kind == kind);
            let at = wall(Clock::read(&first.filter(|_| asked.is_none())?.run.clock)?) / 60 * 60;
            Some((at, at + 60))
        };
        let starts = || {
            let jobs = plan.jobs.iter().filter(|j| j.kind == kind);
            let starts: Vec<i32> = jobs.flat_map(|j| j.starts.iter().map(|s| s.minute)).collect();
            busiest(&starts)
        };
        let (from, to) = typed
            .or_else(|| crowd.map(|a| (wall(a.from), wall(a.to))))
            .or_else(problem)
            .unwrap_or_else(starts);
        let to = to.min(last);
        Some(Self { kind, from, to })
    }
}

/// The hour, or the two, in which most runs start; of several the first, and no longer than it need be.
fn busiest(starts: &[i32]) -> (i32, i32) {
    let count = |from: i32, to: i32| starts.iter().filter(|s| (from..to).contains(*s)).count();
    let mut best = (0, (0, 60));
    for from in starts.iter().map(|s| s / 60 * 60).collect::<BTreeSet<_>>() {
        for to in [from + 60, from + 120] {
            let n = count(from, to);
            if n > best.0 {
                best = (n, (from, to));
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::busiest;

    #[test]
    fn the_picture_begins_where_most_runs_start() {
        assert_eq!(busiest(&[]), (0, 60));
        assert_eq!(busiest(&[362, 379, 410]), (360, 420));
        // twelve from 08:15 on, and twelve at 13:00: the first of the two
        let twice: Vec<i32> = (0..12).flat_map(|i| [495 + 5 * i, 780 + 4 * i]).collect();
        assert_eq!(busiest(&twice), (480, 600));
        // every hour of the day
        let hourly: Vec<i32> = (7..=16).map(|h| h * 60 + 2).collect();
        assert_eq!(busiest(&hourly), (420, 540));
    }
}

fn x(frame: &Frame, minute: i32) -> f64 {
    LEFT + f64::from(minute - frame.from) / f64::from((frame.to - frame.from).max(1)) * WIDE
}

/// A run that the pointer holds.
#[derive(Clone, Copy)]
struct Drag {
    job: i64,
    from: i32,
    begun: i32,
    x: i32,
}

/// The part of the day.
#[component]
pub fn Zoom() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let frame = Frame::memo();
    let field = NodeRef::<html::Div>::new();
    let drag = RwSignal::new(None::<Drag>);
    Effect::new(move |_| {
        let moved = window_event_listener(leptos::ev::pointermove, move |ev| {
            let (Some(d), Some(f)) = (drag.get_untracked(), frame.get_untracked()) else {
                return;
            };
            let width = field.get_untracked().map_or(0, |d| d.client_width());
            let per_minute = f64::from(width) / 430.0 * WIDE / f64::from((f.to - f.from).max(1));
            if per_minute > 0.0 {
                let by = (f64::from(ev.client_x() - d.x) / per_minute).round() as i32;
                hold(desk, d.job, d.from, d.begun + by);
            }
        });
        let let_go = window_event_listener(leptos::ev::pointerup, move |_| drag.set(None));
        on_cleanup(move || {
            moved.remove();
            let_go.remove();
        });
    });
    let go = use_navigate();
    let choose = move |ev| {
        let to = desk
            .place
            .with(&[("family", event_target_value(&ev)), ("zoom", String::new())]);
        let options = NavigateOptions {
            scroll: false,
            replace: true,
            ..Default::default()
        };
        go(&to, options);
    };
    let kinds = Memo::new(move |_| {
        desk.data.with(|d| {
            let mut kinds: Vec<String> = vec![];
            for j in &d.jobs {
                if !kinds.contains(&j.kind) {
                    kinds.push(j.kind.clone());
                }
            }
            kinds
        })
    });
    let options = move || {
        let now = frame.get().map(|f| f.kind).unwrap_or_default();
        kinds
            .get()
            .into_iter()
            .map(|k| {
                let name = job_kind_word(i18n, &k);
                view! { <option value=k.clone() selected=k == now>{name}</option> }
            })
            .collect_view()
    };
    let shift = move |by: i32| {
        say(move || {
            let Some(f) = frame.get() else {
                return String::new();
            };
            let last = desk.data.with(|d| d.minutes as i32);
            let wide = f.to - f.from;
            let from = (f.from + by * wide).clamp(0, (last - wide).max(0));
            let show = |m: i32| {
                desk.data
                    .with(|d| if m >= last { "24:00".to_owned() } else { d.clock(m) })
            };
            desk.place.with(&[
                ("zoom", format!("{}-{}", show(from), show(from + wide))),
                ("family", f.kind),
            ])
        })
    };
    let said = say(move || {
        frame.get().map_or(String::new(), |f| {
            let (from, to) = desk.data.with(|d| (d.clock(f.from), d.clock(f.to)));
            t_string!(i18n, plan.zoom_of, from = from, to = to).to_string()
        })
    });
    view! {
        <div class="part">
            <h3>
                <label class="field small">
                    <span class="vh">{word!(i18n, plan.family)}</span>
                    <select on:change=choose data-testid="family">{options}</select>
                </label>
                <span class="muted" data-testid="zoom-of">{said}</span>
                <span class="sp"></span>
                <a class="btn sm icon" href=shift(-1) data-noscroll aria-label=word!(i18n, plan.earlier)><Glyph icon=Icon::Back /></a>
                <a class="btn sm icon" href=shift(1) data-noscroll aria-label=word!(i18n, plan.later)><Glyph icon=Icon::Forward /></a>
            </h3>
            <div node_ref=field>
                {move || frame.get().map(|frame| view! { <Rows frame drag /> })}
            </div>
        </div>
    }
}

/// Takes a run in hand, or moves the one that is.
fn hold(desk: Desk, job: i64, from: i32, to: i32) {
    let last = desk.data.with_untracked(|d| d.minutes as i32 - 1);
    desk.chosen.set(Some(Chosen {
        job,
        from,
        to: to.clamp(0, last),
    }));
}

#[component]
fn Rows(frame: Frame, drag: RwSignal<Option<Drag>>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let f = StoredValue::new(frame);
    let found = Memo::new(move |_| {
        let _ = i18n.language();
        desk.data.with(|plan| f.with_value(|f| bars(i18n, plan, f)))
    });
    let height = move || TOP + found.with(|(rows, ..)| rows.len().max(4)) as f64 * ROW + 6.0;
    let hours = move || {
        let bottom = height() - 2.0;
        desk.data.with(|plan| {
            f.with_value(|f| {
                let wide = f.to - f.from;
                let step = [5, 10, 15, 20, 30, 60, 120, 240]
                    .into_iter()
                    .find(|s| wide / s <= 6)
                    .unwrap_or(240);
                (0..=wide / step)
                    .map(|i| {
                        let minute = f.from + i * step;
                        let at = format!("{:.1}", x(f, minute));
                        let anchor = if minute == f.to { "end" } else { "middle" };
                        view! {
                            <path class="rule" d=format!("M{at} {TOP}V{bottom:.1}") />
                            <text class="ax" x=at y="14" text-anchor=anchor>{plan.clock(minute)}</text>
                        }
                    })
                    .collect_view()
            })
        })
    };
    let blocked = move || {
        let bottom = height() - 2.0;
        desk.data.with(|plan| {
            f.with_value(|f| {
                let inside = plan.blocked.iter().filter(|b| b.until > f.from && b.from < f.to);
                inside
                    .map(|b| {
                        let (from, to) = (x(f, b.from.max(f.from)), x(f, b.until.min(f.to)));
                        view! { <rect class="hatch" x=format!("{from:.1}") y=TOP width=format!("{:.1}", to - from) height=format!("{:.1}", bottom - TOP) /> }
                    })
                    .collect_view()
            })
        })
    };
    let labels = move || {
        found.with(|(rows, ..)| {
            rows.iter()
                .map(|(code, row)| {
                    let y = TOP + *row as f64 * ROW + 13.5;
                    view! { <text class="ln num" x="28" y=format!("{y:.1}") text-anchor="end">{code.clone()}</text> }
                })
                .collect_view()
        })
    };
    let name = say(move || {
        let (kind, from, to) = f.with_value(|f| (f.kind.clone(), f.from, f.to));
        let (from, to) = desk.data.with(|d| (d.clock(from), d.clock(to)));
        format!(
            "{}, {}. {}",
            job_kind_word(i18n, &kind),
            t_string!(i18n, plan.zoom_of, from = from, to = to),
            t_string!(i18n, plan.zoom_how)
        )
    });
    let bars = Memo::new(move |_| found.with(|(_, bars, _)| bars.clone()));
    let more = move || {
        let n = found.with(|f| f.2);
        (n > 0).then(|| view! { <p class="muted small">{word!(i18n, plan.rows_more, count = n)}</p> })
    };
    let none = move || {
        found
            .with(|(rows, ..)| rows.is_empty())
            .then(|| view! { <p class="soft none">{word!(i18n, plan.none_here)}</p> })
    };
    view! {
        <svg class="gantt zoomed" viewBox=move || format!("0 0 430 {:.0}", height()) width="100%" role="group" aria-label=name>
            {hours} {blocked} {labels}
            <For each=move || bars.get() key=|b| (b.job, b.start, b.row, b.length, b.trouble as u8, b.note.clone(), b.label.clone()) let:bar>
                <Run bar f drag />
            </For>
        </svg>
        {more} {none}
    }
}
