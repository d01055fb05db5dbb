//! Pictures of the fleet: a connector's status, its polls, the delay until tasks are picked up (T17).

use crate::components::{language::reading, say};
use crate::i18n::*;
use domain::{fleet::Liveness, moment::span};
use leptos::prelude::*;
use views::connectors::{Delay, Tick};

/// Minutes of the picture of polls.
const MINUTES: u32 = 180;

/// Colour class of a liveness.
pub fn tone(l: Liveness) -> &'static str {
    match l {
        Liveness::Silent => "sup",
        Liveness::Late => "act",
        Liveness::Working => "run",
        Liveness::Held => "hold",
        Liveness::Idle => "flow",
        Liveness::NeverSeen => "plan",
        Liveness::ShutOut => "soft",
    }
}

/// The word of a liveness.
pub fn word(i18n: I18n, l: Liveness) -> &'static str {
    match l {
        Liveness::Silent => t_string!(i18n, connectors.s_silent),
        Liveness::Late => t_string!(i18n, connectors.s_late),
        Liveness::Held => t_string!(i18n, connectors.s_held),
        Liveness::NeverSeen => t_string!(i18n, connectors.s_never_seen),
        Liveness::Working => t_string!(i18n, connectors.s_working),
        Liveness::Idle => t_string!(i18n, connectors.s_idle),
        Liveness::ShutOut => t_string!(i18n, connectors.s_shut_out),
    }
}

/// What to do about it; empty when there is nothing to do.
pub fn advice(i18n: I18n, l: Liveness) -> &'static str {
    match l {
        Liveness::Silent => t_string!(i18n, connectors.todo_silent),
        Liveness::Late => t_string!(i18n, connectors.todo_late),
        Liveness::Held => t_string!(i18n, connectors.todo_held),
        Liveness::NeverSeen => t_string!(i18n, connectors.todo_never_seen),
        Liveness::ShutOut => t_string!(i18n, connectors.todo_shut_out),
        Liveness::Working | Liveness::Idle => "",
    }
}

/// The shape of a liveness.
#[component]
pub fn Life(liveness: Liveness) -> impl IntoView {
    let shape = match liveness {
        Liveness::Silent => view! {
            <path fill="currentColor" d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" />
            <path class="cut" d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />
        }
        .into_any(),
        Liveness::Late => view! { <path class="line" d="M4 2h8M4 14h8M5 2v2.4L8 8l3-3.6V2M5 14v-2.4L8 8l3 3.6V14" /> }.into_any(),
        Liveness::Held => view! {
            <rect x="1.5" y="1.5" width="13" height="13" rx="3" fill="currentColor" />
            <path class="cut" d="M6 5v6M10 5v6" />
        }
        .into_any(),
        Liveness::NeverSeen => view! { <circle class="line" cx="8" cy="8" r="6.2" stroke-dasharray="2.6 2.2" /><path class="line" d="M8 5.4v5.2M5.4 8h5.2" /> }.into_any(),
        Liveness::Working => view! {
            <circle cx="8" cy="8" r="6" stroke="currentColor" stroke-opacity=".28" stroke-width="2.2" fill="none" />
            <path d="M8 2a6 6 0 0 1 6 6" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" fill="none" />
            <circle cx="8" cy="8" r="2" fill="currentColor" />
        }
        .into_any(),
        Liveness::Idle => view! {
            <circle cx="8" cy="8" r="7" fill="currentColor" />
            <path class="cut" d="M5 8.2l2.1 2.1 3.9-4.2" />
        }
        .into_any(),
        Liveness::ShutOut => view! { <circle class="line" cx="8" cy="8" r="6.2" /><path class="line" d="M3.8 12.2l8.4-8.4" /> }.into_any(),
    };
    view! { <svg class=format!("s {}", tone(liveness)) viewBox="0 0 16 16" aria-hidden="true">{shape}</svg> }
}

/// The last three hours of a connector: one tick a minute in which it called, its height the tasks taken, and a
/// band where it is silent.
#[component]
pub fn Polls(ticks: Vec<Tick>, silent: bool) -> impl IntoView {
    let i18n = use_i18n();
    let (n, tasks) = (ticks.len(), ticks.iter().map(|t| u32::from(t.taken)).sum::<u32>());
    if ticks.is_empty() && !silent {
        return view! { <span class="muted">{say(move || t_string!(i18n, connectors.ticks_none).to_owned())}</span> }.into_any();
    }
    let x = |ago: u16| f64::from(MINUTES - 1 - u32::from(ago).min(MINUTES - 1)) * 228.0 / f64::from(MINUTES);
    let last = ticks.first().map_or(0.0, |t| x(t.ago) + 2.0);
    let band = silent.then(
        || view! { <rect class="gap" x=format!("{last:.1}") y="13" width=format!("{:.1}", 228.0 - last) height="8" /> },
    );
    let marks = ticks
        .iter()
        .map(|t| {
            let height = f64::from(t.taken.min(5)) * 3.2 + 2.0;
            let class = if t.taken == 0 { "dotted" } else { "" };
            view! { <rect class=class x=format!("{:.1}", x(t.ago)) y=format!("{:.1}", 21.0 - height) width="1.2" height=format!("{height:.1}") /> }
        })
        .collect_view();
    let label = say(move || t_string!(i18n, connectors.ticks_label, n = n, tasks = tasks).to_string());
    view! { <svg class="polls" viewBox="0 0 228 22" role="img" aria-label=label>{band} {marks}</svg> }
        .into_any()
}

const LEFT: f64 = 30.0;
const WIDE: f64 = 520.0;
const FLOOR: f64 = 94.0;
const HIGH: f64 = 76.0;

/// A step of the scale: so that three or four lines are drawn.
fn scale(most: f64) -> f64 {
    [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 240.0, 720.0]
        .into_iter()
        .find(|s| s * 3.0 >= most)
        .unwrap_or(1440.0)
}

fn path(delays: &[Delay], first: i64, top: f64, of: fn(&Delay) -> u64) -> String {
    let mut d = String::new();
    let mut before = None;
    for p in delays {
        let hour = (p.hour.at - first) / 3_600_000;
        let x = LEFT + hour as f64 * WIDE / 23.0;
        let y = FLOOR - (of(p) as f64 / 60_000.0 / top).min(1.0) * HIGH;
        // an hour without tasks is a gap, not a zero
        let command = if before == Some(hour - 1) { 'L' } else { 'M' };
        d.push_str(&format!("{command}{x:.1} {y:.1}"));
        if command == 'M' {
            d.push_str("h1");
        }
        before = Some(hour);
    }
    d
}

/// How long tasks waited for their pick-up in the last 24 hours.
#[component]
pub fn Delays(delays: Vec<Delay>, #[prop(into)] now: i64) -> impl IntoView {
    let i18n = use_i18n();
    let Some(last) = delays.last().copied() else {
        return view! { <p class="muted none">{say(move || t_string!(i18n, connectors.delay_none).to_owned())}</p> }.into_any();
    };
    let first = (now / 3_600_000 - 23) * 3_600_000;
    let most = delays.iter().map(|d| d.slow).max().unwrap_or(0) as f64 / 60_000.0;
    let step = scale(most);
    let top = step * 3.0;
    let lines = (0..=3).map(|i| {
        let y = FLOOR - f64::from(i) * HIGH / 3.0;
        view! {
            <path class="rule" d=format!("M{LEFT} {y:.1}H550") />
            <text class="ax" x="22" y=format!("{:.1}", y + 3.5) text-anchor="end">{format!("{}", step * f64::from(i))}</text>
        }
    });
    let offset = i64::from(last.hour.offset) * 60_000;
    let hours = (0..4).map(|i| {
        let x = LEFT + f64::from(i * 6) * WIDE / 23.0;
        let clock = ((first + offset) / 3_600_000 + i64::from(i) * 6).rem_euclid(24);
        view! { <text class="ax" x=format!("{x:.1}") y="108" text-anchor="middle">{format!("{clock:02}")}</text> }
    });
    let label = say(move || {
        let time = |ms: u64| span(ms as i64, reading(i18n));
        t_string!(
            i18n,
            connectors.delay_desc,
            typical = time(last.typical),
            slow = time(last.slow)
        )
        .to_string()
    });
    view! {
        <svg class="delays" viewBox="0 0 560 112" role="img" aria-label=label>
            {lines.collect_view()} {hours.collect_view()}
            <text class="ax" x="550" y="108" text-anchor="end">{say(move || t_string!(i18n, connectors.now).to_owned())}</text>
            <path class="slow" d=path(&delays, first, top, |d| d.slow) />
            <path class="typical" d=path(&delays, first, top, |d| d.typical) />
        </svg>
    }
    .into_any()
}
