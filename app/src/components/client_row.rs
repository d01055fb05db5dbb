//! One line of Active clients: how it stands, whose it is, what is needed, how it went.

use crate::{
    components::{
        bars::Bars,
        language::reading,
        say,
        standing::{StandingShape, standing_word},
        status::cause_words,
        supported::on_it,
    },
    i18n::*,
};
use domain::moment::span;
use leptos::{ev::MouseEvent, prelude::*};
use views::clients::{ClientLine, Colleague, Standing};

/// Initials of a name, two at most.
pub fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|w| w.chars().next());
    letters.take(2).collect::<String>().to_uppercase()
}

/// How long ago, or never.
pub fn ago(i18n: I18n, at: Option<i64>, now: i64) -> String {
    match at {
        Some(at) => t_string!(i18n, clients.ago, time = span(now - at, reading(i18n))).to_string(),
        None => t_string!(i18n, clients.never).to_owned(),
    }
}

/// A line that changes in place and never moves.
#[component]
pub fn ClientRow(
    /// The dossier as it now stands.
    #[prop(into)]
    line: Signal<ClientLine>,
    /// The office's code.
    office: Memo<String>,
    /// The server's clock, milliseconds.
    #[prop(into)]
    now: Signal<i64>,
    /// It no longer matches the filter; it stays until the person moves on.
    #[prop(into)]
    gone: Signal<bool>,
    /// The keys stand on it.
    #[prop(into)]
    current: Signal<bool>,
    /// It is selected; none for readers who have nothing to do with a selection.
    picked: Option<Signal<bool>>,
    /// Told when its box is pressed: its number, and whether Shift is down.
    on_pick: Callback<(i64, bool)>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = line.with_untracked(|l| l.id);
    let standing = Signal::derive(move || line.with(|l| l.standing));
    let name = move || line.with(|l| l.name.clone());
    let code = move || line.with(|l| l.code.clone());
    let follow = say(move || follow_up(&office.get(), &code()));
    let page = say(move || format!("/o/{}/dossiers/{}", office.get(), code()));
    let hidden = move || {
        let word = standing_word(i18n, standing.get());
        format!("{word}: {}", t_string!(i18n, clients.follow_up, name = name()))
    };
    let done = move || line.with(|l| l.done);
    let box_cell = picked.map(|picked| {
        view! {
            <td role="cell" class="c0 hide-m">
                <span class="hit">
                    <input
                        type="checkbox"
                        aria-label=say(move || t_string!(i18n, clients.select, name = name()).to_string())
                        prop:checked=picked
                        on:click=move |e: MouseEvent| on_pick.run((id, e.shift_key()))
                    />
                </span>
            </td>
        }
    });
    view! {
        <tr
            role="row"
            class:gone=gone
            class:cur=current
            class:picked=move || picked.is_some_and(|p| p.get())
            data-dossier=id
            data-standing=move || standing.get().key()
        >
            {box_cell}
            <th role="rowheader" scope="row" class="c1">
                <span class="dn">
                    <a class="ico" href=follow>
                        <StandingShape standing />
                        <span class="vh">{say(hidden)}</span>
                    </a>
                    <a class="to" href=page aria-current=move || current.get().then_some("true")>
                        <bdi class="trunc">{say(name)}</bdi>
                        " "
                        <span class="code">{say(code)}</span>
                    </a>
                </span>
            </th>
            <td role="cell" class="c2" class:quiet=move || standing.get() == Standing::Flow>
                <Need line office />
            </td>
            <td role="cell" class="c3 soft">{say(move || line.with(|l| l.package.clone()))}</td>
            <td role="cell" class="n c4" class:zero=move || line.with(|l| l.waiting == 0)>
                <span class="hide-m">{say(move || line.with(|l| l.waiting.to_string()))}</span>
                <span class="only-m muted">{say(move || t_string!(i18n, clients.waiting_n, n = line.with(|l| l.waiting)).to_string())}</span>
            </td>
            <td role="cell" class="c5 soft nowrap">
                <time
                    datetime=say(move || done().map(domain::Moment::rfc3339).unwrap_or_default())
                    title=say(move || done().map(|d| d.full(reading(i18n))).unwrap_or_default())
                >
                    {say(move || ago(i18n, done().map(|d| d.at), now.get()))}
                </time>
            </td>
            <td role="cell" class="c6 hide-m p4"><Bars line /></td>
            <td role="cell" class="c7 hide-m p3"><Faces line /></td>
        </tr>
    }
}

/// Follow-up of one dossier (M8).
pub fn follow_up(office: &str, code: &str) -> String {
    format!("/o/{office}/tasks?dossier={}", domain::text::for_url(code))
}

/// What is needed, and by whom.
#[component]
fn Need(line: Signal<ClientLine>, office: Memo<String>) -> impl IntoView {
    let i18n = use_i18n();
    let standing = Memo::new(move |_| line.with(|l| l.standing));
    let need = move || line.with(|l| cause_words(l.need.as_deref().unwrap_or_default()));
    let more = move || {
        line.with(|l| match (l.activation, l.stopped()) {
            (true, 1) => t_string!(i18n, clients.activation).to_owned(),
            (_, n) => t_string!(i18n, tasks.in_tasks, count = n).to_string(),
        })
    };
    let busy = move || {
        line.with(|l| match &l.taken {
            Some(who) => t_string!(i18n, clients.taken, who = who.clone()).to_string(),
            None => on_it(i18n).to_owned(),
        })
    };
    move || {
        match standing.get() {
        Standing::Flow => {
            view! { <span class="muted">{say(move || t_string!(i18n, clients.nothing_to_do).to_owned())}</span> }
                .into_any()
        }
        Standing::Starting | Standing::Off | Standing::Archived => {
            let more = move || match standing.get() {
                Standing::Starting => t_string!(i18n, dossiers.starting_row).to_owned(),
                Standing::Off => t_string!(i18n, dossiers.off_row).to_owned(),
                _ => t_string!(i18n, dossiers.archived_row).to_owned(),
            };
            view! {
                <b>{say(move || standing_word(i18n, standing.get()))}</b>
                " "
                <span class="muted">{say(more)}</span>
            }
            .into_any()
        }
        Standing::Act => view! {
            <span class="act b">{say(move || standing_word(i18n, Standing::Act))}</span>
            " "
            <a class="need" href=say(move || follow_up(&office.get(), &line.with(|l| l.code.clone())))>
                <b>{say(need)}</b>
            </a>
            " "
            <span class="muted nowrap">{say(more)}</span>
        }
        .into_any(),
        Standing::Sup => view! {
            <span class="sup b busy">{say(busy)}</span>
            " "
            <a class="need why" href=say(move || follow_up(&office.get(), &line.with(|l| l.code.clone())))>{say(need)}</a>
            " "
            <span class="muted nowrap">{say(more)}</span>
        }
        .into_any(),
    }
    }
}

/// Initials of the managers, two at most; their names for those who do not see them.
#[component]
fn Faces(line: Signal<ClientLine>) -> impl IntoView {
    let i18n = use_i18n();
    let names = move |people: &[Colleague]| {
        people
            .iter()
            .map(|p| p.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    move || {
        let people = line.with(|l| l.managers.clone());
        if people.is_empty() {
            return view! { <span class="vh">{say(move || t_string!(i18n, clients.no_manager).to_owned())}</span> }
                .into_any();
        }
        let said = names(&people);
        let title = said.clone();
        let rest = people.len().saturating_sub(2);
        view! {
            <span
                class="faces"
                role="img"
                aria-label=say(move || t_string!(i18n, clients.managers, names = said.clone()).to_string())
                title=title
            >
                {people.iter().take(2).map(|p| view! { <span class="av">{initials(&p.name)}</span> }).collect_view()}
                {(rest > 0).then(|| format!("+{rest}"))}
            </span>
        }
        .into_any()
    }
}
