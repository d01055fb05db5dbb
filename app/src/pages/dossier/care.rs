//! What those who run the office do with the dossier itself: name it anew, put it away, take it back.

use super::Around;
use crate::{
    api::{
        ApiError,
        dossiers::{archive_dossier, rename_dossier},
    },
    components::{
        dialog::{DialogRef, close, show},
        say,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
    pages::{error_words, here::Here},
};
use leptos::prelude::*;
use views::clients::Standing;

/// The buttons.
#[component]
pub(super) fn Care(id: i64, name: String, standing: Standing, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let away = standing == Standing::Archived;
    let restoring = Action::new(move |()| async move {
        let done = archive_dossier(here.office.get_untracked(), id, false).await;
        around.said.set(Some(
            done.map(|()| t_string!(i18n, dossiers.restored_said).to_owned()),
        ));
        around.again.update(|n| *n += 1);
    });
    let (naming, putting): (DialogRef, DialogRef) = (DialogRef::new(), DialogRef::new());
    let put = if away {
        view! {
            <button type="button" class="btn sm" disabled=restoring.pending() on:click=move |_| { restoring.dispatch(()); }>
                {word!(i18n, dossiers.restore)}
            </button>
        }
        .into_any()
    } else {
        view! { <button type="button" class="btn sm" on:click=move |_| show(putting)>{word!(i18n, dossiers.archive)}</button> }.into_any()
    };
    view! {
        <div class="bar care">
            <button type="button" class="btn sm" on:click=move |_| show(naming)>{word!(i18n, dossiers.rename)}</button>
            {put}
        </div>
        <Rename id name=name.clone() dialog=naming around />
        {(!away).then(|| view! { <PutAway id name dialog=putting around /> })}
    }
}

#[component]
fn Rename(id: i64, name: String, dialog: DialogRef, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let typed = RwSignal::new(name);
    let refused = RwSignal::new(None::<ApiError>);
    let saving = Action::new(move |()| async move {
        let name = typed.get_untracked().trim().to_owned();
        match rename_dossier(here.office.get_untracked(), id, name.clone()).await {
            Ok(()) => {
                close(dialog);
                around.said.set(Some(Ok(
                    t_string!(i18n, dossiers.renamed, name = name).to_string()
                )));
                around.again.update(|n| *n += 1);
            }
            Err(e) => refused.set(Some(e)),
        }
    });
    view! {
        <dialog node_ref=dialog class="ask" aria-labelledby="rename-title">
            <form novalidate on:submit=move |ev| { ev.prevent_default(); refused.set(None); saving.dispatch(()); }>
                <h2 id="rename-title">{word!(i18n, dossiers.rename_title)}</h2>
                <p class="soft">{word!(i18n, dossiers.rename_lead)}</p>
                <Typed
                    id="dossier-name"
                    value=typed
                    label=Signal::derive(move || t_string!(i18n, dossiers.name).to_owned())
                    error=wrong_with(i18n, move || refused.get(), "name")
                />
                <p class="wrong" role="alert">{say(move || said(i18n, refused, "name"))}</p>
                <div class="acts">
                    <button class="btn pri lg" disabled=saving.pending()>{word!(i18n, dossiers.save_name)}</button>
                    <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, app.close)}</button>
                </div>
            </form>
        </dialog>
    }
}

#[component]
fn PutAway(id: i64, name: String, dialog: DialogRef, around: Around) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let refused = RwSignal::new(None::<ApiError>);
    let putting = Action::new(move |()| async move {
        match archive_dossier(here.office.get_untracked(), id, true).await {
            Ok(()) => {
                close(dialog);
                around
                    .said
                    .set(Some(Ok(t_string!(i18n, dossiers.archived_said).to_owned())));
                around.again.update(|n| *n += 1);
            }
            Err(e) => refused.set(Some(e)),
        }
    });
    view! {
        <dialog node_ref=dialog class="ask" aria-labelledby="archive-title">
            <form on:submit=move |ev| { ev.prevent_default(); refused.set(None); putting.dispatch(()); }>
                <h2 id="archive-title">{say(move || t_string!(i18n, dossiers.archive_title, name = name.clone()).to_string())}</h2>
                <p class="soft">{word!(i18n, dossiers.archive_lead)}</p>
                <p class="wrong" role="alert">{say(move || said(i18n, refused, ""))}</p>
                <div class="acts">
                    <button class="btn pri lg" disabled=putting.pending()>{word!(i18n, dossiers.archive)}</button>
                    <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, dossiers.keep)}</button>
                </div>
            </form>
        </dialog>
    }
}

/// What is wrong, but for a field that says so itself.
fn said(i18n: I18n, refused: RwSignal<Option<ApiError>>, beside: &str) -> String {
    refused.with(|e| match e {
        Some(e) if e.0.errors.iter().all(|f| f.field != beside) => error_words(i18n, e),
        _ => String::new(),
    })
}
