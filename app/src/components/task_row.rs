//! One line of Follow-up: status left, what it is, whose, since when.

use crate::components::say;
use crate::{
    components::{
        language::reading,
        status::{Shape, Word, kind_word},
    },
    i18n::*,
};
use domain::{moment::span, view::TaskRow};
use leptos::prelude::*;

/// A line that changes in place and never moves.
#[component]
pub fn Line(
    /// The line as it now is.
    #[prop(into)]
    row: Signal<TaskRow>,
    /// Address of the task's panel.
    #[prop(into)]
    href: Signal<String>,
    /// It is the one in the panel.
    #[prop(into)]
    selected: Signal<bool>,
    /// It no longer matches the filter; it stays until the person moves on.
    #[prop(into)]
    gone: Signal<bool>,
    /// The server's clock, milliseconds.
    #[prop(into)]
    now: Signal<i64>,
) -> impl IntoView {
    let i18n = use_i18n();
    let state = Signal::derive(move || row.with(|r| r.state));
    let id = row.with_untracked(|r| r.id.to_string());
    let since = move || row.with(|r| r.since);
    view! {
        <li class="tr" class:sel=selected class:gone=gone data-task=id data-state=say(move || state.get().key().to_owned())>
            <span class="mark">
                <Shape state />
                <span class="vh"><Word state /></span>
            </span>
            <a href=href class="ty" aria-current=move || selected.get().then_some("true") data-noscroll>
                <b>{say(move || row.with(|r| kind_word(i18n, &r.kind)))}</b>
                " "
                <span class="code">{say(move || row.with(|r| r.subject.clone().unwrap_or_default()))}</span>
            </a>
            <span class="dd">
                {say(move || row.with(|r| r.dossier_name.clone()))} " "
                <span class="code hide-m">{say(move || row.with(|r| r.dossier_code.clone()))}</span>
            </span>
            <time class="muted" datetime=say(move || since().rfc3339()) title=say(move || since().full(reading(i18n)))>
                {say(move || span(now.get() - since().at, reading(i18n)))}
            </time>
        </li>
    }
}
