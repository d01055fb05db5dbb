//! The whole day: a lane for each kind of job. A lane is one path however many runs it has, so that five hundred jobs
//! draw as fast as nine.

use super::{Desk, zoom::Frame};
use crate::components::job::job_kind_word;
use crate::{
    components::{language::reading, say, word},
    i18n::*,
    pages::here::Here,
};
use leptos::prelude::*;
use std::fmt::Write;
use views::plan::{DayPlan, Trouble, day_words};

const LEFT: f64 = 132.0;
const WIDE: f64 = 558.0;
const TOP: f64 = 28.0;
const LANE: f64 = 21.0;
/// A tick that can be seen.
const LEAST: f64 = 3.2;
/// Bars that are nearer to each other than this are one.
const JOIN: f64 = 1.6;
/// A name of more letters is cut.
const LETTERS: usize = 20;

/// A kind's lane: its bars, and those that are certainly wrong.
struct Lane {
    kind: String,
    first: i32,
    bars: Vec<(f64, f64)>,
    wrong: Vec<(f64, f64)>,
}

fn x(plan: &DayPlan, minute: i32) -> f64 {
    LEFT + f64::from(minute) / f64::from(plan.minutes) * WIDE
}

fn lanes(plan: &DayPlan) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = vec![];
    for job in &plan.jobs {
        let at = match lanes.iter().position(|l| l.kind == job.kind) {
            Some(at) => at,
            None => {
                lanes.push(Lane {
                    kind: job.kind.clone(),
                    first: i32::MAX,
                    bars: vec![],
                    wrong: vec![],
                });
                lanes.len() - 1
            }
        };
        let lane = &mut lanes[at];
        for s in &job.starts {
            lane.first = lane.first.min(s.minute);
            let from = x(plan, s.minute);
            let to = x(plan, s.minute + job.length as i32).min(LEFT + WIDE);
            let bar = (from, to.max(from + LEAST));
            lane.bars.push(bar);
            if s.trouble == Trouble::Certain {
                lane.wrong.push(bar);
            }
        }
    }
    lanes.sort_by_key(|l| l.first);
    for lane in &mut lanes {
        lane.bars = joined(std::mem::take(&mut lane.bars));
        lane.wrong = joined(std::mem::take(&mut lane.wrong));
    }
    lanes
}

fn joined(mut bars: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    bars.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut all: Vec<(f64, f64)> = vec![];
    for (from, to) in bars {
        match all.last_mut() {
            Some(last) if from - last.1 < JOIN => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    all
}

/// Bars with round corners as one path.
fn path(bars: &[(f64, f64)], y: f64) -> String {
    let mut d = String::new();
    for (from, to) in bars {
        let w = to - from;
        let r = if w < 5.0 { 1.2 } else { 2.5 };
        let (w, h) = (w - 2.0 * r, 12.0 - 2.0 * r);
        let _ = write!(
            d,
            "M{:.1} {y:.1}h{w:.1}a{r} {r} 0 0 1 {r} {r}v{h}a{r} {r} 0 0 1-{r} {r}h-{w:.1}a{r} {r} 0 0 1-{r}-{r}v-{h}a{r} {r} 0 0 1 {r}-{r}z",
            from + r
        );
    }
    d
}

fn cut(name: String) -> String {
    if name.chars().count() <= LETTERS {
        return name;
    }
    name.chars().take(LETTERS - 1).chain(['…']).collect()
}

/// The picture.
#[component]
pub fn Picture() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let now = Memo::new(move |_| {
        let live = here.live.now.get();
        desk.data.with(|d| {
            let passed = (live.max(d.now) - d.from.at).div_euclid(60_000);
            (d.today && (0..i64::from(d.minutes)).contains(&passed)).then_some(passed as i32)
        })
    });
    let left = say(move || {
        let from = now.get();
        let (n, today) = desk.data.with(|d| {
            let starts = d.jobs.iter().flat_map(|j| &j.starts);
            let n = starts.filter(|s| from.is_none_or(|f| s.minute >= f)).count();
            (n, d.today)
        });
        if today {
            t_string!(i18n, plan.left, count = n).to_string()
        } else {
            t_string!(i18n, plan.runs, count = n).to_string()
        }
    });
    view! {
        <div class="whole">
            <h3>{word!(i18n, plan.all_jobs)} <span class="muted" data-testid="left">{left}</span></h3>
            {move || view! { <Drawn now /> }}
        </div>
    }
}

#[component]
fn Drawn(now: Memo<Option<i32>>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let frame = Frame::memo();
    // the lanes are worked out when the plan changes, not when the clock does
    move || {
        let _ = i18n.language();
        desk.data.with(|plan| {
            let lanes = lanes(plan);
            if lanes.is_empty() {
                return view! { <p class="soft none">{word!(i18n, plan.none)}</p> }.into_any();
            }
            let bottom = TOP + lanes.len() as f64 * LANE + 4.0;
            let title = t_string!(i18n, plan.picture, day = day_words(plan.day, reading(i18n))).to_string();
            let says = t_string!(i18n, plan.picture_says, kinds = lanes.len(), problems = plan.problems.len())
                .to_string();
            let hours = (0..=i32::try_from(plan.minutes / 60).unwrap_or(24)).map(|h| {
                let (at, passed) = (format!("{:.1}", x(plan, h * 60)), h * 60);
                let wall = plan.wall(passed);
                let last = passed == plan.minutes as i32;
                let shown = (h % 4 == 0 || last).then(|| {
                    let hour = if last { "24".to_owned() } else { format!("{:02}", wall / 60 % 24) };
                    let anchor = if last { "end" } else { "middle" };
                    view! { <text class="ax" x=at.clone() y="20" text-anchor=anchor>{hour}</text> }
                });
                let rule = (h % 2 == 0 || last).then(|| {
                    view! { <path class="rule" d=format!("M{at} {TOP}V{bottom:.1}") /> }
                });
                view! { {rule} {shown} }
            });
            let blocked = plan.blocked.iter().map(|b| {
                let (from, to) = (x(plan, b.from.max(0)), x(plan, b.until.min(plan.minutes as i32)));
                view! { <rect class="hatch" x=format!("{from:.1}") y=TOP width=format!("{:.1}", (to - from).max(2.0)) height=format!("{:.1}", bottom - TOP) /> }
            });
            let change = plan.change.map(|(at, _)| {
                let at = x(plan, at as i32);
                view! { <path class="change" d=format!("M{at:.1} {TOP}V{bottom:.1}") /> }
            });
            let rows = lanes.iter().enumerate().map(|(i, lane)| {
                let y = TOP + 4.0 + i as f64 * LANE + 6.0;
                let wrong = (!lane.wrong.is_empty()).then(|| view! { <path class="wrongb" d=path(&lane.wrong, y) /> });
                view! {
                    <text class="ln" x="0" y=format!("{:.1}", y + 10.0)>{cut(job_kind_word(i18n, &lane.kind))}</text>
                    <path class="bar" d=path(&lane.bars, y) />
                    {wrong}
                }
            });
            let minutes = plan.minutes;
            let now_line = move || {
                now.get().map(|minute| {
                    let at = LEFT + f64::from(minute) / f64::from(minutes) * WIDE;
                    let clock = desk.data.with_untracked(|d| d.clock(minute));
                    view! {
                        <path class="now" d=format!("M{at:.1} 26V{bottom:.1}") />
                        <rect class="nowb" x=format!("{:.1}", at - 18.0) y="8" width="36" height="16" rx="8" />
                        <text class="nw" x=format!("{at:.1}") y="19.5" text-anchor="middle">{clock}</text>
                    }
                })
            };
            let framed = move || {
                frame.get().map(|f| {
                    let at = |m: i32| LEFT + f64::from(m) / f64::from(minutes) * WIDE;
                    view! { <rect class="frame" x=format!("{:.1}", at(f.from) - 1.0) y="26" width=format!("{:.1}", at(f.to) - at(f.from) + 2.0) height=format!("{:.1}", bottom - 24.0) rx="3" /> }
                })
            };
            view! {
                <svg class="gantt" viewBox=format!("0 0 700 {:.0}", bottom + 6.0) width="100%" role="img" aria-labelledby="plan-t plan-d">
                    <title id="plan-t">{title}</title>
                    <desc id="plan-d">{says}</desc>
                    <defs>
                        <pattern id="nw-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                            <path class="hatchline" d="M0 0v6" />
                        </pattern>
                    </defs>
                    {hours.collect_view()} {blocked.collect_view()} {change} {framed} {rows.collect_view()} {now_line}
                </svg>
            }
            .into_any()
        })
    }
}
