//! One collection system: its two gates, the other system in its way, its entries.

use super::{super::follow::follow_jobs, super::refusals::why_not, entries::Entries};
use crate::{
    api::{
        ApiError,
        collection::{make_entries, set_system, switch_system, system},
    },
    components::{
        automation::Switch,
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
    pages::{
        here::Here,
        profile::{Said, SaidLine},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::collections::VecDeque;
use views::collection::{Rival, SystemDetail};

/// What a person does to a system.
#[derive(Clone, Copy)]
enum Verb {
    Active(bool),
    Direct(bool),
    SwitchTo,
    MakeEntries,
}

/// The system as first read; it is read again in place.
#[component]
pub fn OneSystem(detail: SystemDetail) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = detail.line.id;
    let (name, company) = (detail.line.kind.name.clone(), detail.line.company.clone());
    let said = Said::default();
    let again = RwSignal::new(0u32);
    let data = RwSignal::new(detail);
    follow_jobs(data, again, move |office| system(office, id));
    // one after the other, each on what the one before left
    let waiting = StoredValue::new(VecDeque::<Verb>::new());
    let busy = RwSignal::new(false);
    let doing = move |verb: Verb| {
        waiting.update_value(|w| w.push_back(verb));
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        said.set(None);
        let office = here.office.get_untracked();
        spawn_local(async move {
            // the page may be left meanwhile
            while let Some(Some(verb)) = waiting.try_update_value(VecDeque::pop_front) {
                let seen = data.try_with_untracked(|d| (d.line.version, d.line.active, d.line.direct));
                let Some((version, active, direct)) = seen else {
                    return;
                };
                let of = office.clone();
                let done: Result<Option<String>, ApiError> = match verb {
                    Verb::Active(on) => set_system(of, id, version, on, direct).await.map(|()| None),
                    Verb::Direct(on) => set_system(of, id, version, active, on).await.map(|()| None),
                    Verb::SwitchTo => switch_system(of, id, version).await.map(|()| None),
                    Verb::MakeEntries => make_entries(of, id).await.map(|n| {
                        Some(match n {
                            0 => t_string!(i18n, collection.none_made).to_owned(),
                            n => t_string!(i18n, collection.made, count = n).to_string(),
                        })
                    }),
                };
                let words = match done {
                    Ok(words) => words.map(Ok),
                    Err(e) => Some(Err(why_not(i18n, &e))),
                };
                // what was refused stays said when the next one goes through
                if words.is_some() {
                    let _ = said.try_set(words);
                }
                if let Ok(now) = system(office.clone(), id).await {
                    let _ = data.try_set(now);
                }
            }
            let _ = busy.try_set(false);
        });
    };
    let missing = Memo::new(move |_| data.with(|d| d.missing.len()));
    let rival = Memo::new(move |_| data.with(|d| d.line.rival.clone()));
    let active = Memo::new(move |_| data.with(|d| d.line.active));
    let direct = Memo::new(move |_| data.with(|d| d.line.direct));
    view! {
        <section class="card system" aria-labelledby="system-name">
            <header>
                <div class="grow">
                    <h2 id="system-name">{name.clone()}</h2>
                    <p class="muted">{word!(i18n, collection.of_company, code = company.code.clone(), name = company.name.clone())}</p>
                </div>
            </header>
            <div class="gates">
                <div>
                    <Switch label=Signal::derive(move || t_string!(i18n, collection.active_long).to_owned()) on=active described="gate-active" on_switch=move |on| { doing(Verb::Active(on)); } />
                    <small id="gate-active" class="muted">{word!(i18n, collection.active_hint)}</small>
                </div>
                <div>
                    <Switch label=Signal::derive(move || t_string!(i18n, collection.direct).to_owned()) on=direct described="gate-direct" on_switch=move |on| { doing(Verb::Direct(on)); } />
                    <small id="gate-direct" class="muted">{word!(i18n, collection.direct_hint)}</small>
                </div>
            </div>
            {move || shut(active.get(), direct.get()).map(|_| view! {
                <p class="note act" data-testid="gate-note"><Glyph icon=Icon::Alert /> {say(move || match shut(active.get(), direct.get()) {
                    Some(Shut::Active) => t_string!(i18n, collection.first_active),
                    _ => t_string!(i18n, collection.first_direct),
                }.to_owned())}</p>
            })}
        </section>
        {move || rival.get().map(|rival| view! {
            <RivalCard
                rival
                own=name.clone()
                active
                on_switch=move |()| { doing(Verb::SwitchTo); }
                on_keep=move |()| { doing(Verb::Active(false)); }
            />
        })}
        <SaidLine said />
        <div class="bar">
            <h2 class="sub">{word!(i18n, collection.entries_title)}</h2>
            <span class="sp"></span>
            <button type="button" class="btn" class:pri=move || missing.get() != 0 disabled=busy data-testid="make-entries" on:click=move |_| { doing(Verb::MakeEntries); }>
                <Glyph icon=Icon::Plus />
                {word!(i18n, collection.entries_title)}
                {move || (missing.get() != 0).then(|| view! { " · " {word!(i18n, collection.create, count = missing.get())} })}
            </button>
        </div>
        <Entries data again said />
    }
}

enum Shut {
    Active,
    Direct,
}

fn shut(active: bool, direct: bool) -> Option<Shut> {
    match (active, direct) {
        (false, _) => Some(Shut::Active),
        (_, false) => Some(Shut::Direct),
        _ => None,
    }
}

/// Only one of two systems can import payments: the switch is offered before anything is switched on (C3).
#[component]
fn RivalCard(
    rival: Rival,
    own: String,
    active: Memo<bool>,
    #[prop(into)] on_switch: Callback<()>,
    #[prop(into)] on_keep: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let kept = RwSignal::new(false);
    let other = StoredValue::new(rival.name);
    let own = StoredValue::new(own);
    view! {
        <section class="card alertc own-clock" hidden=move || kept.get() aria-labelledby="rival-title" data-testid="rival">
            <svg class="s act" viewBox="0 0 16 16" aria-hidden="true">
                <path fill="currentColor" d="M8 1.2c.55 0 1 .27 1.27.75l5.9 10.5c.55.98-.15 2.15-1.27 2.15H2.1c-1.12 0-1.82-1.17-1.27-2.15l5.9-10.5C7 1.47 7.45 1.2 8 1.2z" />
                <path class="cut" d="M8 5.7v3.6M8 11.8v.01" />
            </svg>
            <div>
                <h2 id="rival-title">{word!(i18n, collection.rival_title, other = other.get_value())}</h2>
                <p>{word!(i18n, collection.rival, own = own.get_value(), other = other.get_value())}</p>
                <div class="bar acts">
                    <button type="button" class="btn pri" on:click=move |_| on_switch.run(())>{word!(i18n, collection.switch_to, own = own.get_value())}</button>
                    <button
                        type="button"
                        class="btn"
                        on:click=move |_| {
                            if active.get_untracked() {
                                on_keep.run(());
                            } else {
                                kept.set(true);
                            }
                        }
                    >
                        {word!(i18n, collection.keep, other = other.get_value())}
                    </button>
                </div>
            </div>
        </section>
    }
}
