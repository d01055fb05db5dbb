//! The list of all shortcuts, opened with `?`.

use super::dialog::{DialogRef, close};
use super::palette::Keys;
use crate::i18n::*;
use leptos::prelude::*;

/// The shortcuts of one place: a heading, and words with their keys.
pub type Shortcuts = (String, Vec<(String, String)>);

/// The dialog.
#[component]
pub fn ShortcutList(
    /// What opens and closes.
    dialog: DialogRef,
    /// What it lists.
    #[prop(into)]
    list: Signal<Vec<Shortcuts>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let line = |(what, keys): (String, String)| {
        view! { <div><dt>{what}</dt><dd><Keys keys /></dd></div> }
    };
    let section = move |(heading, lines): Shortcuts| {
        (!lines.is_empty()).then(|| {
            view! { <section><h3>{heading}</h3><dl>{lines.into_iter().map(line).collect_view()}</dl></section> }
        })
    };
    view! {
        <dialog class="shortcuts" node_ref=dialog aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title">{word!(i18n, search.shortcuts)}</h2>
            <div class="cols">{move || list.get().into_iter().map(section).collect_view()}</div>
            <div class="acts">
                <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, app.close)}</button>
            </div>
        </dialog>
    }
}
