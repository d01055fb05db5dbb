//! One cause in the list: it changes in place and never moves.

use super::{Asked, Fresh};
use crate::{
    browser,
    components::{language::reading, say, status::Shape, word},
    i18n::*,
    pages::here::Here,
};
use domain::{TaskState, moment::span};
use leptos::prelude::*;
use views::causes::{CauseRow, Stand, Turn};

/// The state that a cause looks like.
pub(super) fn looks(turn: Turn) -> TaskState {
    match turn {
        Turn::Red => TaskState::Failed,
        Turn::Orange => TaskState::ActionRequired,
        Turn::Done => TaskState::Succeeded,
    }
}

/// How it stands, in words.
pub(super) fn stand_words(i18n: I18n, row: &CauseRow) -> String {
    match row.stand {
        Stand::New => t_string!(i18n, causes.stand_new).to_owned(),
        Stand::Working => {
            let who = row.taken.as_ref().map(|(who, _)| who.clone()).unwrap_or_default();
            t_string!(i18n, causes.stand_working, who = who).to_string()
        }
        Stand::Instructed => t_string!(i18n, causes.stand_instructed).to_owned(),
        Stand::WithOffice => t_string!(i18n, causes.stand_with_office).to_owned(),
        Stand::Quiet => t_string!(i18n, causes.nothing_open).to_owned(),
        Stand::Solved => t_string!(i18n, causes.stand_solved).to_owned(),
    }
}

/// How many tasks and dossiers, in words.
pub(super) fn size_words(i18n: I18n, row: &CauseRow) -> String {
    let tasks = t_string!(i18n, tasks.in_tasks, count = row.open()).to_string();
    let dossiers = t_string!(i18n, tasks.in_dossiers, count = row.dossiers).to_string();
    format!("{tasks} {dossiers}")
}

#[component]
pub(super) fn Line(base: CauseRow, asked: Memo<Asked>, fresh: Fresh, read_at: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let key = StoredValue::new(base.key.clone());
    let row = Memo::new(move |_| {
        let later = fresh.list.with(|l| {
            let rows = &l.as_ref()?.rows;
            rows.iter().find(|r| key.with_value(|k| r.key == *k)).cloned()
        });
        later.unwrap_or_else(|| base.clone())
    });
    let href = say(move || {
        asked
            .get()
            .with_cause(Some(key.get_value()))
            .address(&here.office.get())
    });
    let selected = move || asked.with(|a| key.with_value(|k| a.cause.as_ref() == Some(k)));
    let open = move |ev: leptos::ev::MouseEvent| key.with_value(|k| browser::lead_to_panel(&ev, k));
    // it is not among what is asked for any more; it stays until the person moves on
    let gone = move || {
        let turn = row.with(CauseRow::turn);
        asked.with(|a| !a.filter.turns.contains(&turn))
    };
    let state = Signal::derive(move || looks(row.with(CauseRow::turn)));
    let tone = move || format!("pill {}", crate::components::status::tone(state.get()));
    let urgent = move || {
        let n = row.with(|r| r.urgent);
        (n > 0).then(|| view! { <span class="urgent">{word!(i18n, causes.urgent, count = n)}</span> })
    };
    let back = move || {
        row.with(|r| r.came_back.is_some())
            .then(|| view! { <p class="again">{say(move || came_back(i18n, &row.get()))}</p> })
    };
    let (first, last) = (move || row.with(|r| r.first), move || row.with(|r| r.last));
    let ago = move |at: i64| span(here.live.now.get().max(read_at) - at, reading(i18n));
    view! {
        <li class="cr" class:sel=selected class:gone=gone data-cause=key.get_value() data-stand=say(move || row.with(|r| r.stand.key().to_owned()))>
            <span class="mark"><Shape state /></span>
            <div class="what">
                <a href=href class="ty" aria-current=move || selected().then_some("true") data-noscroll on:click=open>
                    <b dir="auto">{say(move || row.with(|r| r.title.clone().unwrap_or_else(|| r.code.clone())))}</b>
                </a>
                <p class="muted">
                    {say(move || row.with(|r| r.package_name.clone()))} " · " <span class="code">{say(move || row.with(|r| r.code.clone()))}</span>
                </p>
                <p>
                    {urgent} " " {say(move || row.with(|r| size_words(i18n, r)))}
                    <span class="muted">{say(move || row.with(|r| r.offices.iter().map(|o| format!(" · {o}")).collect()))}</span>
                </p>
                {back}
            </div>
            <Trend row />
            <div class="how">
                <span class=say(tone)>{say(move || row.with(|r| stand_words(i18n, r)))}</span>
                <time class="muted" datetime=say(move || last().rfc3339()) title=say(move || last().full(reading(i18n)))>
                    {say(move || ago(last().at))}
                </time>
                <small class="muted">
                    {word!(i18n, causes.first)} " "
                    <time datetime=say(move || first().rfc3339()) title=say(move || first().full(reading(i18n)))>{say(move || ago(first().at))}</time>
                </small>
            </div>
        </li>
    }
}

/// When it came back and when it had been solved; nothing for one that did not.
pub(super) fn came_back(i18n: I18n, row: &CauseRow) -> String {
    let Some((back, solved)) = row.came_back else {
        return String::new();
    };
    let language = reading(i18n);
    let (back, solved) = (back.full(language), solved.full(language));
    t_string!(i18n, causes.came_back, back = back, solved = solved).to_string()
}

/// Bars of the last 14 days.
#[component]
pub(super) fn Trend(row: Memo<CauseRow>) -> impl IntoView {
    let i18n = use_i18n();
    let trend = Memo::new(move |_| row.with(|r| r.trend.clone()));
    let most = move || trend.with(|t| t.iter().copied().max().unwrap_or(0));
    let words = move || {
        let n: u32 = trend.with(|t| t.iter().sum());
        t_string!(i18n, causes.trend, n = n, most = most()).to_string()
    };
    let bars = move || {
        let highest = most().max(1);
        let bar = |(day, n): (usize, u32)| {
            let high = if n == 0 { 1 } else { 3 + 19 * n / highest };
            let class = if n == 0 { "none" } else { "some" };
            view! { <rect class=class x=(day * 6).to_string() y=(24 - high).to_string() width="4" height=high.to_string() rx="1" /> }
        };
        trend.get().into_iter().enumerate().map(bar).collect_view()
    };
    let tone = move || {
        format!(
            "trend {}",
            row.with(|r| crate::components::status::tone(looks(r.turn())))
        )
    };
    view! { <svg class=say(tone) viewBox="0 0 82 24" role="img" aria-label=say(words)>{bars}</svg> }
}
