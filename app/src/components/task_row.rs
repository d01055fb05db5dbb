//! One line of Follow-up: status left, what it is, whose, since when.

use crate::components::say;
use crate::{
    components::{
        language::reading,
        status::{kind_word, shape, state_word},
    },
    i18n::*,
};
use domain::{TaskState, moment::span};
use leptos::prelude::*;
use views::TaskRow;

/// A line that changes in place and never moves. There may be ten thousand: it follows what it is given, and reads the
/// language once.
#[component]
pub fn Line(
    /// The line as it now is.
    #[prop(into)]
    row: Signal<TaskRow>,
    /// Address of the task's panel.
    href: String,
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
    /// Shows its panel in the page as it now is.
    on_open: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = row.with_untracked(|r| r.id);
    let open = move |ev: leptos::ev::MouseEvent| {
        crate::browser::lead_to_panel(&ev, &id.to_string());
        if crate::browser::is_plain(&ev) {
            ev.prevent_default();
            on_open.run(());
        }
    };
    // an instruction that has waited for longer than the office wants to be reminded after (M13)
    let aged = Memo::new(move |_| {
        let now = now.get();
        row.with(|r| {
            let waited = now - r.since.at > i64::from(r.remind_hours) * 3_600_000;
            let snoozed = r.snoozed.is_some_and(|until| until.at > now);
            r.state == TaskState::ActionRequired && waited && !snoozed
        })
    });
    let cells = move || {
        let r = row.get();
        untrack(|| {
            let (language, since) = (reading(i18n), r.since);
            let (kind, subject) = (kind_word(i18n, &r.kind), r.subject.unwrap_or_default());
            let box_says = t_string!(i18n, tasks.choose_line, what = format!("{kind} {subject}")).to_string();
            let urgent = r.urgent.then(|| t_string!(i18n, tasks.urgent));
            let waits = t_string!(i18n, alerts.waits_long);
            view! {
                <span class="box">
                    <input type="checkbox" prop:checked=picked aria-label=box_says on:click=move |ev| on_pick.run(ev.shift_key()) />
                </span>
                <span class="mark">{shape(r.state)} <span class="vh">{state_word(i18n, r.state)}</span></span>
                <a href=href.clone() class="ty" aria-current=move || selected.get().then_some("true") data-noscroll on:click=open>
                    <b>{kind}</b>
                    " "
                    <span class="code">{subject}</span>
                    {urgent.map(|urgent| view! { " " <span class="pill sup">{urgent}</span> })}
                </a>
                <span class="dd">
                    <bdi>{r.dossier_name}</bdi> " "
                    <span class="code hide-m">{r.dossier_code}</span>
                </span>
                <time class="muted" class:aged=aged datetime=since.rfc3339() title=since.full(language)>
                    {move || aged.get().then(|| view! { <span class="vh">{waits} " "</span> })}
                    {say(move || span(now.get() - since.at, language))}
                </time>
            }
        })
    };
    view! {
        <li class="tr" class:sel=selected class:gone=gone data-task=id.to_string() data-state=move || row.with(|r| r.state.key())>{cells}</li>
    }
}
