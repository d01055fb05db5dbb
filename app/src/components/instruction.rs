//! An instruction: numbered steps with values to copy (M9, M12).

use crate::{
    components::icon::{Glyph, Icon},
    i18n::*,
};
use domain::instruction::{Piece, Rendered};
use leptos::prelude::*;

/// A rendered text with its strong and copyable values.
#[component]
pub fn Pieces(pieces: Vec<Piece>) -> impl IntoView {
    let plain = |piece: Piece| match piece {
        Piece::Text(s) => s.into_any(),
        Piece::Strong(s) => view! { <b class="b">{s}</b> }.into_any(),
        Piece::Code(s) => view! { <Copyable code=s /> }.into_any(),
    };
    let mut views = vec![];
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        // a bracket before a value and what closes it stay on the value's line
        let (Piece::Text(text), Some(Piece::Code(code))) = (&piece, pieces.peek()) else {
            views.push(plain(piece));
            continue;
        };
        let (before, bracket) = text
            .strip_suffix('(')
            .map_or((text.as_str(), ""), |before| (before, "("));
        let (before, bracket, code) = (before.to_owned(), bracket.to_owned(), code.clone());
        pieces.next();
        let after = match pieces.peek_mut() {
            Some(Piece::Text(rest)) => {
                let close = rest.find(|c: char| !")].,;:".contains(c)).unwrap_or(rest.len());
                rest.drain(..close).collect::<String>()
            }
            _ => String::new(),
        };
        views.push(before.into_any());
        views.push(view! { <span class="nowrap">{bracket}<Copyable code />{after}</span> }.into_any());
    }
    views
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

/// The steps, in order. With a name to keep them under, each has a box to tick in this browser (M16).
#[component]
pub fn Steps(
    /// What to do.
    steps: Vec<Vec<Piece>>,
    /// Names the task and the version; none for steps that nobody does here.
    #[prop(optional, into)]
    kept: Option<String>,
) -> impl IntoView {
    let ticked = RwSignal::new(String::new());
    let name = kept.clone();
    // after the first view, which the server made without knowing this browser
    Effect::new(move |_| {
        if let Some(found) = name.as_deref().and_then(crate::browser::kept) {
            ticked.set(found);
        }
    });
    let line = move |(n, pieces): (usize, Vec<Piece>)| {
        let mark = format!("{n},");
        let is_ticked = Memo::new({
            let mark = mark.clone();
            move |_| ticked.with(|t| t.split_inclusive(',').any(|m| m == mark))
        });
        let id = kept.as_ref().map(|k| format!("{k}.{n}"));
        let kept = kept.clone();
        let tick = id.clone().map(|id| {
            let flip = move |_| {
                ticked.update(|t| match is_ticked.get_untracked() {
                    true => *t = t.split_inclusive(',').filter(|m| *m != mark).collect(),
                    false => t.push_str(&mark),
                });
                ticked.with_untracked(|t| crate::browser::keep(kept.as_deref().unwrap_or_default(), t));
            };
            view! { <input type="checkbox" aria-labelledby=id prop:checked=is_ticked on:change=flip /> }
        });
        view! { <li class:ticked=is_ticked><span id=id><Pieces pieces /></span>{tick}</li> }
    };
    view! { <ol>{steps.into_iter().enumerate().map(line).collect_view()}</ol> }
}

/// Other ways to the same end, and how often the instruction helped (M16).
#[component]
pub fn Others(
    /// What the task was shown.
    instruction: Rendered,
    /// Names the task and the version; none where nobody ticks.
    #[prop(optional, into)]
    kept: Option<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let used = instruction.used.filter(|u| u.tells()).map(|u| {
        view! { <p class="helped">{word!(i18n, instructions.helped_of, count = u.shown, helped = u.helped)}</p> }
    });
    let ways = instruction
        .alternatives
        .into_iter()
        .enumerate()
        .map(move |(n, way)| {
            let kept = kept.as_ref().map(|k| format!("{k}.way{n}")).unwrap_or_default();
            let title = way.title;
            view! {
                <section class="way">
                    <h4>{word!(i18n, instructions.or, title = title.clone())}</h4>
                    {if kept.is_empty() {
                        view! { <Steps steps=way.steps /> }.into_any()
                    } else {
                        view! { <Steps steps=way.steps kept /> }.into_any()
                    }}
                </section>
            }
        });
    view! {
        {ways.collect_view()}
        {used}
    }
}
