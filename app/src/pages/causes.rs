//! `/o/:office/causes`: what stopped tasks in every office, for Support (M3, M5, M15). The address is the filter.

mod bar;
mod line;
mod panel;

use super::{error_words, here::Here, page::Top, unread::Unread};
use crate::{
    api::causes::{cause, causes},
    browser,
    components::{say, status::Shape, word},
    i18n::*,
};
use bar::FilterBar;
use domain::TaskState;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use line::Line;
use panel::{Note, Panel};
use std::{collections::HashSet, time::Duration};
use views::causes::{CauseFilter, CauseList, CauseRow, Turn};

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    filter: CauseFilter,
    cause: Option<String>,
}

impl Asked {
    /// Nonsense in an address is left out; nothing left means the default: what waits for somebody.
    fn read(query: &ParamsMap) -> Self {
        let named = query.get("show").unwrap_or_default();
        let mut turns: Vec<Turn> = named.split(',').filter_map(Turn::from_key).collect();
        if turns.is_empty() {
            turns = vec![Turn::Red, Turn::Orange];
        }
        Self {
            filter: CauseFilter {
                turns,
                package: query.get("package").unwrap_or_default(),
                office: query.get("of").unwrap_or_default(),
                text: query.get("q").unwrap_or_default(),
            },
            cause: query.get("cause").filter(|c| !c.is_empty()),
        }
    }

    fn show(&self) -> String {
        let keys: Vec<&str> = self.filter.turns.iter().map(|t| t.key()).collect();
        keys.join(",")
    }

    fn address(&self, office: &str) -> String {
        let mut address = format!("/o/{office}/causes?show={}", self.show());
        let filter = &self.filter;
        let cause = self.cause.clone().unwrap_or_default();
        for (name, value) in [
            ("package", &filter.package),
            ("of", &filter.office),
            ("q", &filter.text),
            ("cause", &cause),
        ] {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", domain::text::for_url(value)));
            }
        }
        address
    }

    fn toggled(&self, turn: Turn) -> Self {
        let mut asked = self.clone();
        let turns = &mut asked.filter.turns;
        match turns.iter().position(|t| *t == turn) {
            Some(i) if turns.len() > 1 => drop(turns.remove(i)),
            Some(_) => {}
            None => turns.push(turn),
        }
        asked
    }

    fn with_cause(&self, key: Option<String>) -> Self {
        Self {
            cause: key,
            ..self.clone()
        }
    }
}

/// Changes the address in place.
fn in_place() -> NavigateOptions {
    NavigateOptions {
        replace: true,
        scroll: false,
        ..Default::default()
    }
}

/// What a page knows besides what it first read.
#[derive(Clone, Copy)]
struct Fresh {
    /// The list as it now is.
    list: RwSignal<Option<CauseList>>,
    /// Keys of the lines on the page.
    shown: RwSignal<HashSet<String>>,
    /// Lines of later pages.
    more: RwSignal<Vec<CauseRow>>,
}

/// The page.
#[component]
pub fn Causes() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(Asked::read));
    let filter = Memo::new(move |_| asked.get().filter);
    let selected = Memo::new(move |_| asked.get().cause);
    let reload = RwSignal::new(0u32);
    let changed = RwSignal::new(0u32);
    let list = Resource::new_blocking(
        move || {
            let again = (reload.get(), here.reread.get(), here.live.stale.get());
            (here.office.get(), filter.get(), again)
        },
        |(office, filter, _)| causes(office, filter, None),
    );
    let detail = Resource::new_blocking(
        move || {
            (
                here.office.get(),
                selected.get(),
                changed.get(),
                here.reread.get(),
            )
        },
        |(office, key, ..)| async move {
            match key {
                Some(key) => cause(office, key).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let fresh = Fresh {
        list: RwSignal::new(None),
        shown: RwSignal::default(),
        more: RwSignal::default(),
    };
    let said = RwSignal::new(None);
    let note = Note::default();
    Effect::new(move |before: Option<Option<String>>| {
        let now = selected.get();
        if before.is_some_and(|b| b != now) {
            said.set(None);
            note.clear();
        }
        now
    });
    keep_fresh(here, filter, fresh);
    reread_selected(fresh, selected, changed);
    let new = Memo::new(move |_| {
        let turns = filter.with(|f| f.turns.clone());
        fresh.list.with(|list| {
            let rows = list.as_ref().map_or(&[][..], |l| &l.rows);
            fresh.shown.with(|shown| {
                // what is read again holds also what is not asked for
                let arrived = |r: &&CauseRow| !shown.contains(&r.key) && turns.contains(&r.turn());
                rows.iter().filter(arrived).count()
            })
        })
    });
    Effect::new(move |before: Option<Option<String>>| {
        let now = selected.get();
        match (before.flatten(), now.as_ref()) {
            (Some(cause), None) => browser::leave_panel(&format!("li.cr[data-cause='{cause}'] a")),
            _ => browser::rewind_panel(),
        }
        now
    });
    let back = Signal::derive(move || {
        selected.get()?;
        Some(asked.get().with_cause(None).address(&here.office.get()))
    });
    let title = Signal::derive(move || t_string!(i18n, causes.title).to_owned());
    view! {
        <Title text=title />
        <div class="main">
            <Top title back new show=move |()| reload.update(|n| *n += 1) />
            <main id="main" class="page flush" tabindex="-1">
                <div class="split" class:chosen=move || selected.get().is_some()>
                    <div class="lp">
                        <FilterBar asked list fresh />
                        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                            {move || Suspend::new(async move {
                                match list.await {
                                    Ok(list) => view! { <Listed list asked fresh /> }.into_any(),
                                    Err(e) if e.code() == "forbidden" => view! { <NotForYou /> }.into_any(),
                                    Err(e) => view! { <Unread e /> }.into_any(),
                                }
                            })}
                        </Transition>
                    </div>
                    <aside class="dp" id="detail" aria-label=word!(i18n, causes.detail) on:click=|_| browser::stay_in_panel()>
                        <p class="said" role="status" class:vh=move || said.with(Option::is_none) class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>
                            {say(move || said.get().map(|s: Result<String, _>| s.unwrap_or_else(|e| error_words(i18n, &e))).unwrap_or_default())}
                        </p>
                        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                            {move || Suspend::new(async move {
                                match detail.await {
                                    Ok(Some(d)) => view! { <Panel d said note changed /> }.into_any(),
                                    Ok(None) => view! { <p class="muted choose">{word!(i18n, causes.choose)}</p> }.into_any(),
                                    Err(e) if e.code() == "forbidden" => ().into_any(),
                                    Err(e) => view! { <Unread e /> }.into_any(),
                                }
                            })}
                        </Transition>
                    </aside>
                </div>
            </main>
        </div>
    }
}

/// For those who are not Support.
#[component]
pub fn NotForYou() -> impl IntoView {
    crate::ssr::page_status(403);
    let i18n = use_i18n();
    view! {
        <div class="empty">
            <h2>{word!(i18n, causes.not_for_you)}</h2>
            <a class="btn" href="/" rel="external">{word!(i18n, error.home)}</a>
        </div>
    }
}

/// Reads the list again when the office's tasks change, at most once a second, and every 15 seconds for the
/// other offices, whose stream this page does not follow.
fn keep_fresh(here: Here, filter: Memo<CauseFilter>, fresh: Fresh) {
    let reading = Action::new(move |()| async move {
        let asked = filter.get_untracked();
        // also what is no longer asked for: a line on the page says that its cause is over
        let every = CauseFilter {
            turns: Turn::ALL.to_vec(),
            ..asked.clone()
        };
        let read = causes(here.office.get_untracked(), every, None).await;
        // the filter may have changed meanwhile
        if let Some(list) = read.ok().filter(|_| filter.get_untracked() == asked) {
            fresh.list.set(Some(list));
        }
    });
    let due = RwSignal::new(false);
    Effect::new(move |first: Option<()>| {
        here.live.rows.track();
        if first.is_some() && !due.get_untracked() {
            due.set(true);
            set_timeout(
                move || {
                    if due.try_set(false).is_none() {
                        reading.dispatch(());
                    }
                },
                Duration::from_secs(1),
            );
        }
    });
    Effect::new(move |_| {
        let every = Duration::from_secs(15);
        if let Ok(timer) = set_interval_with_handle(move || drop(reading.dispatch(())), every) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// Reads the open cause again when its line has changed.
fn reread_selected(fresh: Fresh, selected: Memo<Option<String>>, changed: RwSignal<u32>) {
    let line = Memo::new(move |_| {
        let key = selected.get()?;
        fresh
            .list
            .with(|l| l.as_ref()?.rows.iter().find(|r| r.key == key).cloned())
    });
    Effect::new(move |before: Option<Option<CauseRow>>| {
        let now = line.get();
        let same_cause = |b: &CauseRow| now.as_ref().is_some_and(|n| n.key == b.key && n != b);
        if before.flatten().as_ref().is_some_and(same_cause) {
            changed.update(|n| *n += 1);
        }
        now
    });
}

#[component]
fn Listed(list: CauseList, asked: Memo<Asked>, fresh: Fresh) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    fresh.list.set(None);
    fresh.more.set(vec![]);
    fresh.shown.set(list.rows.iter().map(|r| r.key.clone()).collect());
    walk_by_keys(&list.rows, fresh.more, asked);
    let read_at = list.now;
    if list.rows.is_empty() {
        return view! { <Nothing list asked /> }.into_any();
    }
    let next = RwSignal::new(list.next);
    let reading = Action::new(move |()| async move {
        let filter = asked.get_untracked().filter;
        let page = causes(here.office.get_untracked(), filter, next.get_untracked()).await;
        if let Ok(page) = page {
            fresh
                .shown
                .update(|s| s.extend(page.rows.iter().map(|r| r.key.clone())));
            fresh.more.update(|m| m.extend(page.rows));
            next.set(page.next);
        }
    });
    let first = list
        .rows
        .into_iter()
        .map(|base| view! { <Line base asked fresh read_at /> });
    let later = move || {
        let rows = fresh.more.get().into_iter();
        rows.map(|base| view! { <Line base asked fresh read_at /> })
            .collect_view()
    };
    let more = move || {
        next.get().map(|_| {
            view! {
                <p class="pad">
                    <button class="btn" disabled=reading.pending() on:click=move |_| { reading.dispatch(()); }>{word!(i18n, causes.more)}</button>
                </p>
            }
        })
    };
    view! {
        <h2 class="vh">{word!(i18n, causes.title)}</h2>
        <ul class="causes">{first.collect_view()} {later}</ul>
        {more}
    }
    .into_any()
}

/// J and K move through the list, other keys press the button that names them.
fn walk_by_keys(rows: &[CauseRow], more: RwSignal<Vec<CauseRow>>, asked: Memo<Asked>) {
    let here = expect_context::<Here>();
    let first: Vec<String> = rows.iter().map(|r| r.key.clone()).collect();
    let navigate = use_navigate();
    browser::on_key(move |key, shift| {
        let step = match key {
            "j" | "J" | "ArrowDown" => 1,
            "k" | "K" | "ArrowUp" => -1,
            _ => return browser::press(key, shift),
        };
        let mut order = first.clone();
        more.with_untracked(|more| order.extend(more.iter().map(|r| r.key.clone())));
        let now = asked.get_untracked();
        let at = now.cause.as_ref().and_then(|c| order.iter().position(|o| o == c));
        let to = at.map_or(0, |i| (i as i64 + step).clamp(0, order.len() as i64 - 1) as usize);
        if let Some(key) = order.get(to) {
            let address = now
                .with_cause(Some(key.clone()))
                .address(&here.office.get_untracked());
            navigate(&address, in_place());
        }
    });
}

/// No cause waits for anybody, or none is as the filter asks.
#[component]
fn Nothing(list: CauseList, asked: Memo<Asked>) -> impl IntoView {
    let i18n = use_i18n();
    let filter = asked.get_untracked().filter;
    let unasked = CauseFilter {
        turns: filter.turns.clone(),
        ..CauseFilter::default()
    };
    if filter != unasked || filter.turns.contains(&Turn::Done) || list.counts[0] > 0 {
        return view! { <div class="empty"><p class="soft">{word!(i18n, causes.no_match)}</p></div> }
            .into_any();
    }
    let last = list.last_solved.map(|(who, at)| {
        let words = move || {
            let time = at.full(crate::components::language::reading(i18n));
            t_string!(i18n, causes.last_solved, time = time, who = who.clone()).to_string()
        };
        view! { <p class="muted">{say(words)}</p> }
    });
    view! {
        <div class="empty">
            <h2><Shape state=TaskState::Succeeded /> {word!(i18n, causes.nothing_title)}</h2>
            <p class="soft">{word!(i18n, causes.nothing)}</p>
            {last}
        </div>
    }
    .into_any()
}
