//! Saving: what will turn orange, what did, and what to do when somebody else was faster.

use super::draft::Draft;
use crate::{
    api::{
        ApiError,
        instructions::{editing, write_instruction},
    },
    components::{say, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::Language;
use leptos::prelude::*;
use views::instructions::{VersionRow, WrittenNow};

/// What came of it.
#[derive(Clone)]
enum Came {
    /// Nothing was sent: something is missing in these languages.
    NotYet,
    /// It is written.
    Saved(WrittenNow),
    /// Somebody else wrote a version meanwhile: who, and its number.
    Late(String, u32),
    /// The server says no.
    Refused(ApiError),
}

#[component]
pub(super) fn Saving(draft: Draft, red: u32, versions: Vec<VersionRow>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let came = RwSignal::new(None::<Came>);
    let waiting = RwSignal::new(red);
    let saving = Action::new(move |()| async move {
        let text = draft
            .text
            .with_untracked(domain::instruction::Instruction::tidied);
        let (package, code) = (text.package.clone(), text.code.clone());
        let answer = match write_instruction(draft.read.get_untracked(), text).await {
            Ok(now) => {
                draft.read.set(now.version);
                draft.tried.set(false);
                waiting.set(now.stay);
                Came::Saved(now)
            }
            Err(e) if e.code() == "wrong_state" => {
                let now = editing(here.office.get_untracked(), package, code).await;
                match now.ok().and_then(|e| e.versions.into_iter().next()) {
                    Some(v) => Came::Late(v.written.map(|w| w.by).unwrap_or_default(), v.instruction.version),
                    None => Came::Refused(e),
                }
            }
            Err(e) => Came::Refused(e),
        };
        came.set(Some(answer));
    });
    let save = move |_| {
        draft.tried.set(true);
        let whole = draft.holes.with_untracked(Vec::is_empty)
            && draft.text.with_untracked(|t| !t.task_kinds.is_empty());
        if whole {
            saving.dispatch(());
        } else {
            came.set(Some(Came::NotYet));
        }
    };
    let save_over = move |_| {
        if let Some(Came::Late(_, n)) = came.get_untracked() {
            draft.read.set(n);
            saving.dispatch(());
        }
    };
    let late = move || match came.get() {
        Some(Came::Late(_, n)) => Some(view! {
            <div class="bar">
                <a href=format!("?from={n}") target="_blank" rel="external noopener">{word!(i18n, instructions.look, n = n)}</a>
                <button type="button" class="btn" on:click=save_over>{word!(i18n, instructions.save_over)}</button>
            </div>
        }),
        _ => None,
    };
    let from = versions.len();
    view! {
        <section class="card pad save" data-versions=from.to_string()>
            <p class="muted">{move || (waiting.get() > 0).then(|| word!(i18n, instructions.waiting, count = waiting.get()))}</p>
            <button type="button" class="btn pri lg" disabled=saving.pending() on:click=save>{word!(i18n, instructions.save)}</button>
            <p role="status" data-testid="came" class:wrong=move || !matches!(came.get(), None | Some(Came::Saved(_)))>
                {say(move || came.get().map(|c| came_words(i18n, draft, &c)).unwrap_or_default())}
            </p>
            {late}
        </section>
    }
}

fn came_words(i18n: I18n, draft: Draft, came: &Came) -> String {
    match came {
        Came::NotYet => {
            let holes = draft.holes.get();
            let missing = |l: &Language| holes.iter().any(|h| h.language.is_none_or(|h| h == *l));
            let list: Vec<&str> = Language::ALL
                .into_iter()
                .filter(missing)
                .map(Language::own_name)
                .collect();
            if list.is_empty() && draft.text.with(|t| t.task_kinds.is_empty()) {
                return t_string!(i18n, instructions.why_kind).to_owned();
            }
            t_string!(i18n, instructions.not_yet, list = list.join(", ")).to_string()
        }
        Came::Saved(now) => saved_words(i18n, now),
        Came::Late(who, n) => t_string!(i18n, instructions.late, who = who.clone(), n = *n).to_string(),
        Came::Refused(e) => error_words(i18n, e),
    }
}

fn saved_words(i18n: I18n, now: &WrittenNow) -> String {
    let mut said = vec![t_string!(i18n, instructions.saved, n = now.version).to_string()];
    if now.turned > 0 {
        let dossiers = t_string!(i18n, tasks.in_dossiers, count = now.dossiers).to_string();
        said.push(t_string!(i18n, instructions.turned, count = now.turned, dossiers = dossiers).to_string());
    }
    said.push(t_string!(i18n, instructions.new_ones).to_owned());
    if now.stay > 0 {
        let name = now.lacks.clone().unwrap_or_default();
        said.push(t_string!(i18n, instructions.stay, count = now.stay, name = name).to_string());
    }
    said.join(" ")
}
