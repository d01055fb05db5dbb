//! One run in the picture, that can be taken in hand.

use super::{Drag, Frame, LEFT, ROW, TOP, WIDE, bars::Bar, hold, x};
use crate::{
    components::say,
    i18n::*,
    pages::day_plan::{
        Desk, clock_of,
        panel::{describe, take},
    },
};
use leptos::prelude::*;
use views::plan::Trouble;

/// One run. In hand it stands where it would, and faintly where it is.
#[component]
pub(super) fn Run(bar: Bar, f: StoredValue<Frame>, drag: RwSignal<Option<Drag>>) -> impl IntoView {
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
