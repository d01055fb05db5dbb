//! What is done with selected dossiers: they get a manager. It can be taken back.

use super::{Asking, Sheet};
use crate::{
    api::{ApiError, clients::set_manager},
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
    pages::{error_words, here::Here},
};
use leptos::prelude::*;
use views::clients::Colleague;

/// What became of it.
#[derive(Clone)]
enum Said {
    /// This person now manages these dossiers too.
    Assigned(Colleague, Vec<i64>),
    /// They managed all of them before.
    Already(String),
    /// It was taken back.
    Undone,
    /// It was refused.
    Wrong(ApiError),
}

/// The bar that stands in the filter's place while something is selected, and what it did last.
#[component]
pub(super) fn Selection(sheet: Sheet, people: Vec<Colleague>, asking: Asking) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let picked = sheet.board.picked;
    let said = RwSignal::new(None::<Said>);
    let chosen = RwSignal::new(0i64);
    let names = StoredValue::new(people.clone());
    let again = move |ids: &[i64]| {
        let codes: Vec<String> = sheet.lines.with_untracked(|lines| {
            let lines = lines.iter().map(|l| l.with_untracked(Clone::clone));
            lines.filter(|l| ids.contains(&l.id)).map(|l| l.code).collect()
        });
        asking.note(codes);
    };
    let assigning = Action::new(move |person: &Colleague| {
        let person = person.clone();
        let ids: Vec<i64> = picked.get_untracked().into_iter().collect();
        async move {
            said.set(Some(
                match set_manager(here.office.get_untracked(), ids, person.id, true).await {
                    Err(e) => Said::Wrong(e),
                    Ok(changed) => {
                        picked.update(std::collections::BTreeSet::clear);
                        again(&changed);
                        if changed.is_empty() {
                            Said::Already(person.name)
                        } else {
                            Said::Assigned(person, changed)
                        }
                    }
                },
            ));
        }
    });
    let undoing = Action::new(move |(person, ids): &(i64, Vec<i64>)| {
        let (person, ids) = (*person, ids.clone());
        async move {
            said.set(Some(
                match set_manager(here.office.get_untracked(), ids.clone(), person, false).await {
                    Err(e) => Said::Wrong(e),
                    Ok(_) => {
                        again(&ids);
                        Said::Undone
                    }
                },
            ));
        }
    });
    let assign = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let id = chosen.get_untracked();
        if let Some(person) = names.with_value(|n| n.iter().find(|p| p.id == id).cloned()) {
            assigning.dispatch(person);
        }
    };
    let words = move || match said.get() {
        None => String::new(),
        Some(Said::Assigned(who, ids)) => {
            t_string!(i18n, clients.assigned, who = who.name, count = ids.len()).to_string()
        }
        Some(Said::Already(who)) => t_string!(i18n, clients.already, who = who).to_string(),
        Some(Said::Undone) => t_string!(i18n, clients.undone).to_owned(),
        Some(Said::Wrong(e)) => error_words(i18n, &e),
    };
    let undo = move || match said.get() {
        Some(Said::Assigned(who, ids)) => {
            let what = (who.id, ids);
            Some(view! {
                <button type="button" class="btn sm" aria-keyshortcuts="Z" on:click=move |_| { undoing.dispatch(what.clone()); }>
                    {word!(i18n, clients.undo)}
                    " "
                    <kbd aria-hidden="true">"Z"</kbd>
                </button>
            })
        }
        _ => None,
    };
    view! {
        <form class="bar bulk" class:open=move || picked.with(|p| !p.is_empty()) on:submit=assign>
            <b class="b">{say(move || t_string!(i18n, clients.selected, count = picked.with(std::collections::BTreeSet::len)).to_string())}</b>
            <label class="field">
                <Glyph icon=Icon::Users />
                <span class="vh">{word!(i18n, clients.choose_manager)}</span>
                <select on:change=move |ev| chosen.set(event_target_value(&ev).parse().unwrap_or(0))>
                    <option value="0">{word!(i18n, clients.choose_manager)}</option>
                    {people.into_iter().map(|p| view! { <option value=p.id.to_string()>{p.name}</option> }).collect_view()}
                </select>
            </label>
            <button class="btn pri" disabled=move || chosen.get() == 0 || assigning.pending().get()>{word!(i18n, clients.assign)}</button>
            <button type="button" class="btn ghost" on:click=move |_| picked.update(std::collections::BTreeSet::clear)>{word!(i18n, clients.clear)}</button>
        </form>
        <div class="did" class:none=move || said.with(Option::is_none) class:wrong=move || said.with(|s| matches!(s, Some(Said::Wrong(_))))>
            <p role="status">{say(words)}</p>
            {undo}
        </div>
    }
}
