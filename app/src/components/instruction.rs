//! An instruction: numbered steps with values to copy (M9, M12).

use crate::{
    components::icon::{Glyph, Icon},
    i18n::*,
};
use domain::instruction::Piece;
use leptos::prelude::*;
use leptos_i18n::t_string;

/// A rendered text with its strong and copyable values.
#[component]
pub fn Pieces(pieces: Vec<Piece>) -> impl IntoView {
    pieces
        .into_iter()
        .map(|p| match p {
            Piece::Text(s) => s.into_any(),
            Piece::Strong(s) => view! { <b class="b">{s}</b> }.into_any(),
            Piece::Code(s) => view! { <Copyable code=s /> }.into_any(),
        })
        .collect_view()
}

/// A value with a button that copies it.
#[component]
fn Copyable(code: String) -> impl IntoView {
    let i18n = use_i18n();
    let copied = RwSignal::new(false);
    let (shown, named) = (code.clone(), code.clone());
    let label = move || {
        if copied.get() {
            t_string!(i18n, task.copied).to_owned()
        } else {
            t_string!(i18n, task.copy, code = named.clone()).to_string()
        }
    };
    let copy = move |_| {
        crate::browser::copy(&code);
        copied.set(true);
    };
    view! {
        <button type="button" class="cp" class:done=copied aria-label=label on:click=copy>
            {shown}
            <Glyph icon=Icon::Copy />
        </button>
    }
}

/// The steps, in order.
#[component]
pub fn Steps(steps: Vec<Vec<Piece>>) -> impl IntoView {
    view! {
        <ol>
            {steps.into_iter().map(|pieces| view! { <li><span><Pieces pieces /></span></li> }).collect_view()}
        </ol>
    }
}
