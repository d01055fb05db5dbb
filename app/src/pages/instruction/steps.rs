//! The steps, and other ways with steps of their own.

use super::{draft::Draft, fields::TextField};
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
use domain::instruction::{Alternative, Instruction, Place, Texts};
use leptos::prelude::*;

/// The steps of the instruction, or of another way.
fn list(t: &mut Instruction, way: Option<usize>) -> Option<&mut Vec<Texts>> {
    match way {
        None => Some(&mut t.steps),
        Some(n) => t.alternatives.get_mut(n).map(|a| &mut a.steps),
    }
}

#[component]
pub(super) fn Steps(draft: Draft, #[prop(optional)] way: Option<usize>) -> impl IntoView {
    let i18n = use_i18n();
    let fields = move || {
        draft.shape.track();
        let count = draft.text.with_untracked(|t| match way {
            None => t.steps.len(),
            Some(n) => t.alternatives.get(n).map_or(0, |a| a.steps.len()),
        });
        (0..count)
            .map(|n| view! { <Step draft way n last=n + 1 == count /> })
            .collect_view()
    };
    let add = move |_| {
        draft.reshape(|t| {
            if let Some(steps) = list(t, way) {
                steps.push(Texts::new());
            }
        });
    };
    let wrong = say(move || {
        if way.is_none() {
            draft.wrong(i18n, Place::Steps)
        } else {
            String::new()
        }
    });
    view! {
        <fieldset class="steps">
            <legend>{word!(i18n, instructions.steps)}</legend>
            {fields}
            <small class="wrong" role="alert">{wrong}</small>
            <button type="button" class="btn" on:click=add>
                <Glyph icon=Icon::Plus />
                {word!(i18n, instructions.add_step)}
            </button>
        </fieldset>
    }
}

#[component]
fn Step(draft: Draft, way: Option<usize>, n: usize, last: bool) -> impl IntoView {
    let i18n = use_i18n();
    let place = way.map_or(Place::Step(n), |w| Place::WayStep(w, n));
    let what = move || t_string!(i18n, instructions.step, n = n + 1).to_string();
    let label = Signal::derive(what);
    let swap = move |a: usize, b: usize| {
        draft.reshape(|t| {
            if let Some(steps) = list(t, way).filter(|s| a.max(b) < s.len()) {
                steps.swap(a, b);
            }
        });
    };
    let remove = move |_| {
        draft.reshape(|t| {
            if let Some(steps) = list(t, way).filter(|s| n < s.len()) {
                steps.remove(n);
            }
        });
    };
    view! {
        <div class="step" data-step=n.to_string()>
            <TextField draft place label />
            <div class="moves">
                <button type="button" class="btn ghost icon" disabled=n == 0 aria-label=word!(i18n, instructions.up, what = what()) on:click=move |_| swap(n, n.saturating_sub(1))>
                    <svg class="i up" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 9.8L8 6.2l3.5 3.6" /></svg>
                </button>
                <button type="button" class="btn ghost icon" disabled=last aria-label=word!(i18n, instructions.down, what = what()) on:click=move |_| swap(n, n + 1)>
                    <Glyph icon=Icon::Down />
                </button>
                <button type="button" class="btn ghost icon" aria-label=word!(i18n, instructions.remove, what = what()) on:click=remove>
                    <Glyph icon=Icon::Cancel />
                </button>
            </div>
        </div>
    }
}

/// Other ways that lead to the same end (M16).
#[component]
pub(super) fn Ways(draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let ways = move || {
        draft.shape.track();
        let count = draft.text.with_untracked(|t| t.alternatives.len());
        (0..count).map(|n| view! { <Way draft n /> }).collect_view()
    };
    let add = move |_| {
        draft.reshape(|t| {
            t.alternatives.push(Alternative {
                title: Texts::new(),
                steps: vec![Texts::new()],
            });
        });
    };
    view! {
        <fieldset>
            <legend>{word!(i18n, instructions.ways)}</legend>
            {ways}
            <button type="button" class="btn" on:click=add>
                <Glyph icon=Icon::Plus />
                {word!(i18n, instructions.add_way)}
            </button>
        </fieldset>
    }
}

#[component]
fn Way(draft: Draft, n: usize) -> impl IntoView {
    let i18n = use_i18n();
    let what = move || t_string!(i18n, instructions.way, n = n + 1).to_string();
    let remove = move |_| {
        draft.reshape(|t| {
            if n < t.alternatives.len() {
                t.alternatives.remove(n);
            }
        });
    };
    view! {
        <div class="way" data-way=n.to_string()>
            <div class="step">
                <TextField draft place=Place::WayTitle(n) label=Signal::derive(what) />
                <button type="button" class="btn ghost icon" aria-label=word!(i18n, instructions.remove, what = what()) on:click=remove>
                    <Glyph icon=Icon::Cancel />
                </button>
            </div>
            <Steps draft way=n />
        </div>
    }
}
