//! `/o/:office/clients/activate`: staff activate a dossier (T21).

use super::{error_words, here::Here, page::Page, unread::once_read};
use crate::{
    api::{
        ApiError,
        dossiers::{activate_dossier, activate_frame},
    },
    browser,
    components::{
        say,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use std::time::Duration;
use views::dossiers::{ActivateFrame, NewDossier, PackageChoice};

/// The page.
#[component]
pub fn Activate() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let frame = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| activate_frame(office),
    );
    let title = Signal::derive(move || t_string!(i18n, dossiers.activate).to_owned());
    let back = Signal::derive(move || Some(format!("/o/{}/clients", here.office.get())));
    view! {
        <Page title back>
            <div class="narrow">{once_read(frame, move |frame| view! { <Form frame /> })}</div>
        </Page>
    }
}

/// What is typed, and what was said of it.
#[component]
fn Form(frame: ActivateFrame) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (code, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let first = frame.packages.first().map(|p| p.key.clone()).unwrap_or_default();
    let package = RwSignal::new(first);
    let refused = RwSignal::new(None::<ApiError>);
    // one form is one dossier: pressed twice, it is the same activation
    let key = StoredValue::new(String::new());
    let go = use_navigate();
    let sending = Action::new(move |()| {
        let go = go.clone();
        let new = NewDossier {
            code: code.get_untracked(),
            name: name.get_untracked(),
            package: package.get_untracked(),
        };
        async move {
            let office = here.office.get_untracked();
            match activate_dossier(office.clone(), new.clone(), key.get_value()).await {
                Ok(_) => go(
                    &format!("/o/{office}/dossiers/{}", new.code.trim()),
                    Default::default(),
                ),
                Err(e) => {
                    refused.set(Some(e));
                    set_timeout(|| browser::focus("#main [aria-invalid=true]"), Duration::ZERO);
                }
            }
        }
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        if sending.pending().get_untracked() {
            return;
        }
        if key.with_value(String::is_empty) {
            key.set_value(browser::now().to_string());
        }
        refused.set(None);
        sending.dispatch(());
    };
    let other = say(move || {
        let e = refused.get().filter(|e| e.code() != "invalid");
        e.map_or_else(String::new, |e| match e.code() {
            "wrong_state" => t_string!(i18n, dossiers.sent).to_owned(),
            _ => error_words(i18n, &e),
        })
    });
    let none = frame.packages.iter().all(|p| !p.served);
    let whole_file = frame.runs_office.then(|| {
        view! { <p class="soft"><a href=say(move || format!("/o/{}/clients/import", here.office.get()))>{word!(i18n, dossiers.import)}</a></p> }
    });
    view! {
        {none.then(|| view! { <NoneServed runs_office=frame.runs_office /> })}
        <section class="card" aria-label=word!(i18n, dossiers.activate)>
            <form class="form pad" novalidate on:submit=submit>
                <p class="soft">{word!(i18n, dossiers.lead)}</p>
                <Typed
                    id="new-code"
                    value=code
                    label=Signal::derive(move || t_string!(i18n, dossiers.code).to_owned())
                    hint=Signal::derive(move || t_string!(i18n, dossiers.code_hint).to_owned())
                    error=wrong_with(i18n, move || refused.get(), "code")
                />
                <Typed
                    id="new-name"
                    value=name
                    label=Signal::derive(move || t_string!(i18n, dossiers.name).to_owned())
                    error=wrong_with(i18n, move || refused.get(), "name")
                />
                <Packages packages=frame.packages package refused />
                <p class="wrong" role="alert">{other}</p>
                <div><button class="btn pri lg" disabled=sending.pending()>{word!(i18n, dossiers.submit)}</button></div>
            </form>
        </section>
        {whole_file}
    }
}

/// Nothing can be activated yet, and who can change that.
#[component]
fn NoneServed(runs_office: bool) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let way = if runs_office {
        view! { <a class="btn" href=say(move || format!("/o/{}/connectors", here.office.get()))>{word!(i18n, dossiers.add_connector)}</a> }.into_any()
    } else {
        view! { <span>{word!(i18n, dossiers.ask_admin)}</span> }.into_any()
    };
    view! {
        <div class="card pad notice" role="note">
            <p>{word!(i18n, dossiers.none_served)}</p>
            {way}
        </div>
    }
}

/// The package: those that a connector reaches stand first, the others say that none does.
#[component]
fn Packages(
    packages: Vec<PackageChoice>,
    package: RwSignal<String>,
    refused: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let error = wrong_with(i18n, move || refused.get(), "package");
    let (served, others): (Vec<PackageChoice>, Vec<PackageChoice>) =
        packages.into_iter().partition(|p| p.served);
    let option = move |p: PackageChoice| {
        let key = p.key.clone();
        view! { <option value=p.key selected=package.get_untracked() == key>{p.name}</option> }
    };
    let served = (!served.is_empty()).then(|| {
        view! { <optgroup label=word!(i18n, dossiers.served)>{served.into_iter().map(option).collect_view()}</optgroup> }
    });
    let others = (!others.is_empty()).then(|| {
        view! { <optgroup label=word!(i18n, dossiers.unserved)>{others.into_iter().map(option).collect_view()}</optgroup> }
    });
    view! {
        <div class="line-field">
            <label for="new-package">{word!(i18n, dossiers.package)}</label>
            <span class="field">
                <select
                    id="new-package"
                    prop:value=package
                    aria-describedby="new-package-note"
                    aria-invalid=say(move || error.get().is_some().to_string())
                    on:change=move |ev| package.set(event_target_value(&ev))
                >
                    {served}
                    {others}
                </select>
            </span>
            <small id="new-package-note" class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_default())}</small>
        </div>
    }
}
