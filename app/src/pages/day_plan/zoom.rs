//! A part of the day, company by company. A bar can be taken and moved: with the pointer, with the arrow keys, or by
//! typing a time. Nothing changes before the button is pressed.

use super::{
    Chosen, Desk, clock_of,
    names::{kind_name, who},
    panel::{describe, take},
};
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use domain::{
    schedule::Clock,
    view::plan::{DayPlan, Fix, PlanJob, Trouble},
};
use leptos::{html, prelude::*};
use leptos_i18n::{I18nContext, t_string};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::collections::BTreeSet;

const LEFT: f64 = 40.0;
const WIDE: f64 = 382.0;
const TOP: f64 = 24.0;
const ROW: f64 = 16.4;
/// Rows that are drawn.
const MOST: usize = 40;

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

/// One run in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bar {
    job: i64,
    row: usize,
    label: String,
    start: i32,
    usual: i32,
    length: i32,
    trouble: Trouble,
    note: String,
    moves: bool,
}

/// The rows of a frame and how many more there are.
fn bars(i18n: I18nContext<Locale>, plan: &DayPlan, frame: &Frame) -> (Vec<(String, usize)>, Vec<Bar>, usize) {
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
                note: match (s.trouble, s.usually) {
                    (Trouble::None, Some(m)) => t_string!(i18n, plan.usually, time = m.clock()).to_string(),
                    _ => note(i18n, &jobs, j, s.minute, s.trouble),
                },
                // what a downtime moved is moved by no plan
                moves: !j.pinned && s.usually.is_none(),
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
fn note(i18n: I18nContext<Locale>, jobs: &[&PlanJob], job: &PlanJob, start: i32, trouble: Trouble) -> String {
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
                let name = kind_name(i18n, &k);
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
        let _ = i18n.get_locale();
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
            kind_name(i18n, &kind),
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

/// One run. In hand it stands where it would, and faintly where it is.
#[component]
fn Run(bar: Bar, f: StoredValue<Frame>, drag: RwSignal<Option<Drag>>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let Bar {
        job,
        row,
        start,
        usual,
        length,
        trouble,
        moves,
        ..
    } = bar;
    let (label, note) = (StoredValue::new(bar.label), bar.note);
    let held = Memo::new(move |_| {
        let c = desk.chosen.get().filter(|c| c.job == job && c.from == start);
        c.map(|c| c.to)
    });
    let at = move || held.get().unwrap_or(start);
    let px = move |m: i32| f.with_value(|f| x(f, m).clamp(LEFT, LEFT + WIDE));
    let y = TOP + row as f64 * ROW + 5.0;
    let wide = move |from: i32, n: i32| format!("{:.1}", (px(from + n) - px(from)).max(1.5));
    let tone = match trouble {
        Trouble::Certain => "sup",
        Trouble::Probable => "act",
        Trouble::None => "fine",
    };
    let said = say(move || {
        let to = at();
        desk.data.with(|d| {
            let near = describe(i18n, d, job, start, to);
            let clock = d.clock(to);
            if near.is_empty() {
                clock
            } else {
                format!("{clock}, {near}")
            }
        })
    });
    let noted = StoredValue::new(note.clone());
    let named = say(move || {
        let clock = desk.data.with(|d| d.clock(start));
        let at = t_string!(i18n, plan.at_clock, name = label.get_value(), clock = clock).to_string();
        // a slider tells what is wrong with its value itself
        noted.with_value(|n| {
            if moves || n.is_empty() {
                at.clone()
            } else {
                format!("{at}, {n}")
            }
        })
    });
    let note_at = say(move || {
        let after = px(at() + length) + 6.0;
        format!(
            "{:.1}",
            if after > LEFT + WIDE - 60.0 {
                px(at()) - 6.0
            } else {
                after
            }
        )
    });
    let anchor = move || {
        let after = px(at() + length) + 6.0;
        if after > LEFT + WIDE - 60.0 {
            "end"
        } else {
            "start"
        }
    };
    let ghost = move || {
        held.get().map(|_| view! { <rect class="ghost" x=format!("{:.1}", px(start)) y=y width=wide(start, length) height="10" rx="2.5" /> })
    };
    let key = move |ev: leptos::ev::KeyboardEvent| {
        let step = if ev.shift_key() { 5 } else { 1 };
        let to = match ev.key().as_str() {
            "ArrowLeft" | "ArrowDown" => at() - step,
            "ArrowRight" | "ArrowUp" => at() + step,
            "Enter" => {
                ev.prevent_default();
                if held.get_untracked().is_some_and(|to| to != start) {
                    take(desk);
                } else {
                    hold(desk, job, start, start);
                }
                return;
            }
            "Escape" => {
                desk.chosen.set(None);
                return;
            }
            _ => return,
        };
        ev.prevent_default();
        ev.stop_propagation();
        hold(desk, job, start, to);
    };
    let press = move |ev: leptos::ev::PointerEvent| {
        if moves && ev.button() == 0 {
            let begun = at();
            drag.set(Some(Drag {
                job,
                from: start,
                begun,
                x: ev.client_x(),
            }));
        }
    };
    let last = desk.data.with_untracked(|d| d.minutes);
    let shape = move || {
        view! {
            <rect class="slowb" x=move || format!("{:.1}", px(at())) y=y width=move || wide(at(), length) height="10" rx="2.5" />
            <rect class="usualb" x=move || format!("{:.1}", px(at())) y=y width=move || wide(at(), usual) height="10" rx="2.5" />
        }
    };
    let note = (!note.is_empty()).then(|| {
        view! { <text class="fl" x=note_at y=format!("{:.1}", y + 8.7) text-anchor=anchor>{note}</text> }
    });
    if moves {
        view! {
            {ghost}
            <g
                class=format!("run {tone}")
                class:held=move || held.get().is_some()
                role="slider"
                tabindex="0"
                data-run=job
                data-start=clock_of(desk.data.with_untracked(|d| d.wall(start))).to_string()
                aria-label=named
                aria-valuemin="0"
                aria-valuemax=last
                aria-valuenow=at
                aria-valuetext=said
                on:keydown=key
                on:pointerdown=press
                on:click=move |_| if held.get_untracked().is_none() { hold(desk, job, start, start) }
            >
                <rect class="grip" x=move || format!("{:.1}", px(at()) - 3.0) y=y - 3.2 width=move || format!("{:.1}", px(at() + length) - px(at()) + 6.0) height="16.4" />
                {shape()}
                {note}
            </g>
        }
        .into_any()
    } else {
        view! { <g class=format!("run {tone}") role="img" aria-label=named>{shape()} {note}</g> }.into_any()
    }
}
