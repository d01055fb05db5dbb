//! One line of Follow-up: status left, what it is, whose, since when.

use crate::components::say;
use crate::{
    components::{
        language::reading,
        status::{Shape, Word, kind_word},
    },
    i18n::*,
};
use domain::{TaskState, moment::span, view::TaskRow};
use leptos::prelude::*;
use leptos_i18n::t_string;

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
    /// It is chosen for work on many.
    #[prop(into)]
    picked: Signal<bool>,
    /// Told when its box is pressed, and whether Shift was down.
    on_pick: Callback<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let state = Signal::derive(move || row.with(|r| r.state));
    let id = row.with_untracked(|r| r.id.to_string());
    let since = move || row.with(|r| r.since);
    let open = move |ev: leptos::ev::MouseEvent| crate::browser::lead_to_panel(&ev, selected.get_untracked());
    // an instruction that has waited for longer than the office wants to be reminded after (M13)
    let aged = Memo::new(move |_| {
        let now = now.get();
        row.with(|r| {
            let waited = now - r.since.at > i64::from(r.remind_hours) * 3_600_000;
            let snoozed = r.snoozed.is_some_and(|until| until.at > now);
            r.state == TaskState::ActionRequired && waited && !snoozed
        })
    });
    view! {
        <li class="tr" class:sel=selected class:gone=gone data-task=id data-state=say(move || state.get().key().to_owned())>
            <span class="box">
                <input
                    type="checkbox"
                    prop:checked=picked
                    aria-label=say(move || row.with(|r| t_string!(i18n, tasks.choose_line, what = format!("{} {}", kind_word(i18n, &r.kind), r.subject.as_deref().unwrap_or_default())).to_string()))
                    on:click=move |ev| on_pick.run(ev.shift_key())
                />
            </span>
            <span class="mark">
                <Shape state />
                <span class="vh"><Word state /></span>
            </span>
            <a href=href class="ty" aria-current=move || selected.get().then_some("true") data-noscroll on:click=open>
                <b>{say(move || row.with(|r| kind_word(i18n, &r.kind)))}</b>
                " "
                <span class="code">{say(move || row.with(|r| r.subject.clone().unwrap_or_default()))}</span>
                {move || row.with(|r| r.urgent).then(|| view! { " " <span class="pill sup">{word!(i18n, tasks.urgent)}</span> })}
            </a>
            <span class="dd">
                <bdi>{say(move || row.with(|r| r.dossier_name.clone()))}</bdi> " "
                <span class="code hide-m">{say(move || row.with(|r| r.dossier_code.clone()))}</span>
            </span>
            <time class="muted" class:aged=aged datetime=say(move || since().rfc3339()) title=say(move || since().full(reading(i18n)))>
                {move || aged.get().then(|| view! { <span class="vh">{word!(i18n, alerts.waits_long)} " "</span> })}
                {say(move || span(now.get() - since().at, reading(i18n)))}
            </time>
        </li>
    }
}
