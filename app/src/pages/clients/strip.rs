//! Above the list: whose turn it is, in how many dossiers, and when the next work is fetched.

use super::{Board, address};
use crate::{
    components::{
        icon::{Glyph, Icon},
        language::reading,
        say,
        standing::StandingShape,
        supported::supported,
        word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::moment::span;
use leptos::prelude::*;
use views::clients::{ClientsAsked, Standing, Summary};

/// One of the words or numbers of the strip.
type Words = fn(I18n, &Told) -> String;

/// What the strip tells.
struct Told {
    summary: Summary,
    support: bool,
    now: i64,
}

/// The strip. The reader's own turn comes first.
#[component]
pub(super) fn Strip(board: Board) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="card sum" aria-label=word!(i18n, clients.summary)>
            <Tile board standing=Standing::Act name=act_name figure=|_, t| t.summary.action.to_string() note=act_note />
            <Tile board standing=Standing::Sup name=sup_name figure=|_, t| t.summary.support.to_string() note=sup_note />
            <Tile
                board
                standing=Standing::Flow
                name=|i18n, _| t_string!(i18n, clients.flowing).to_owned()
                figure=|_, t| t.summary.flowing.to_string()
                note=|i18n, _| t_string!(i18n, clients.no_action).to_owned()
            />
            <div class="cn">
                <span class="k">
                    <Glyph icon=Icon::Connectors />
                    <Said board of=pick_up />
                </span>
                <p class="h">
                    <span>
                        <Said board of=|i18n, t| t_string!(i18n, clients.queued, count = t.summary.counts.queued).to_string() />
                    </span>
                    " "
                    <span><Said board of=by_themselves /></span>
                </p>
            </div>
        </section>
    }
}

fn act_name(i18n: I18n, t: &Told) -> String {
    if t.support {
        t_string!(i18n, clients.with_office).to_owned()
    } else {
        t_string!(i18n, clients.need_you).to_owned()
    }
}

fn sup_name(i18n: I18n, t: &Told) -> String {
    if t.support {
        t_string!(i18n, clients.need_you).to_owned()
    } else if supported() {
        t_string!(i18n, clients.with_support).to_owned()
    } else {
        t_string!(i18n, alone.state).to_owned()
    }
}

fn act_note(i18n: I18n, t: &Told) -> String {
    if t.support {
        t_string!(i18n, clients.office_acts).to_owned()
    } else {
        oldest(i18n, t)
    }
}

fn sup_note(i18n: I18n, t: &Told) -> String {
    if t.support {
        oldest(i18n, t)
    } else if supported() {
        t_string!(i18n, clients.no_ticket).to_owned()
    } else {
        t_string!(i18n, alone.nobody).to_owned()
    }
}

fn oldest(i18n: I18n, t: &Told) -> String {
    match t.summary.oldest {
        Some(since) => {
            let time = span(t.now - since.at, reading(i18n));
            t_string!(i18n, clients.oldest, time = time).to_string()
        }
        None => t_string!(i18n, clients.nobody_waits).to_owned(),
    }
}

/// What waits needs nobody; where nothing waits that need not be said.
fn by_themselves(i18n: I18n, t: &Told) -> String {
    match t.summary.counts.queued {
        0 => String::new(),
        _ => t_string!(i18n, clients.by_themselves).to_owned(),
    }
}

fn pick_up(i18n: I18n, t: &Told) -> String {
    let Some(next) = t.summary.pick_up else {
        return t_string!(i18n, clients.pick_up_none).to_owned();
    };
    // a visit that finds nothing is not told: the one after it comes as regularly
    let left = next.by - t.now;
    let left = if left > 0 {
        left
    } else {
        left.rem_euclid(next.every.max(1))
    };
    t_string!(i18n, clients.pick_up, time = span(left.max(1000), reading(i18n))).to_string()
}

/// A number with its shape and word, that leads to those dossiers.
#[component]
fn Tile(board: Board, standing: Standing, name: Words, figure: Words, note: Words) -> impl IntoView {
    let here = expect_context::<Here>();
    let only = ClientsAsked {
        standings: vec![standing],
        ..ClientsAsked::default()
    };
    let shown = only.clone();
    let current = move || {
        board
            .asked
            .with(|a| a.standings == shown.standings)
            .then_some("true")
    };
    let href = say(move || address(&only, &here.office.get()));
    view! {
        <a href=href aria-current=current data-noscroll data-tile=standing.key()>
            <span class="k">
                <StandingShape standing />
                <Said board of=name />
            </span>
            <span class="v"><Said board of=figure /></span>
            <span class="h lg"><Said board of=note /></span>
        </a>
    }
}

/// Words about the summary: as last told, or as the list was read.
#[component]
fn Said(board: Board, of: Words) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                board.list.await.ok().map(|list| {
                    let (support, read_at, first) = (list.support, list.now, list.summary);
                    say(move || {
                        let summary = board.told.get().unwrap_or_else(|| first.clone());
                        let now = here.live.now.get().max(read_at);
                        of(i18n, &Told { summary, support, now })
                    })
                })
            })}
        </Transition>
    }
}
