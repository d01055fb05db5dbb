//! `/forms/:office/:kind`: public forms, without signing in; they work without scripts too (D11).

use super::{field::Field, refused, sign_in::Alone};
use crate::{
    api::requests::public_office,
    components::{say, typed::wrong_with, word},
    i18n::*,
};
use domain::request::RequestKind;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The page.
#[component]
pub fn PublicForm() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let office = Memo::new(move |_| params.read().get("office").unwrap_or_default());
    let kind = Memo::new(move |_| RequestKind::from_key(&params.read().get("kind").unwrap_or_default()));
    let found = Resource::new_blocking(move || office.get(), public_office);
    view! {
        <Alone>
            <Suspense>
                {move || Suspend::new(async move {
                    match (found.await, kind.get()) {
                        (Ok(name), Some(kind)) => view! { <Open office=office.get_untracked() name kind /> }.into_any(),
                        _ => {
                            crate::ssr::page_status(404);
                            view! { <h1>{word!(i18n, error.not_found_title)}</h1> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </Alone>
    }
}

#[component]
fn Open(office: String, name: String, kind: RequestKind) -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let number = query.with_untracked(|q| q.get("sent").and_then(|n| n.parse::<i64>().ok()));
    let intake = kind == RequestKind::Intake;
    let title = say(move || {
        if intake {
            t_string!(i18n, requests.intake)
        } else {
            t_string!(i18n, requests.application)
        }
        .to_owned()
    });
    let heading = say(move || {
        if intake {
            t_string!(i18n, requests.intake)
        } else {
            t_string!(i18n, requests.application)
        }
        .to_owned()
    });
    let lead = say(move || {
        if intake {
            t_string!(i18n, requests.intake_lead, office = name.clone()).to_string()
        } else {
            t_string!(i18n, requests.application_lead, office = name.clone()).to_string()
        }
    });
    let action = format!("/forms/{office}/{}/send", kind.key());
    let refused = refused(&action);
    let wrong = say(move || {
        refused().map_or_else(String::new, |e| match e.code() {
            "invalid" => String::new(),
            "too_many_requests" => t_string!(i18n, requests.too_many).to_owned(),
            "too_large" => t_string!(i18n, requests.too_large).to_owned(),
            "full" => t_string!(i18n, forms.full).to_owned(),
            "busy" => t_string!(i18n, error.busy).to_owned(),
            _ => t_string!(i18n, requests.failed).to_owned(),
        })
    });
    let at = move |field: &'static str| wrong_with(i18n, refused, field);
    let label = |words: Box<dyn Fn() -> String + Send + Sync>| Signal::derive(words);
    let files_wrong = at("files");
    let message_wrong = at("message");
    let company = intake.then(|| {
        view! {
            <Field name="company" autocomplete="organization" label=label(word!(i18n, requests.company)) error=at("company") />
            <Plain name="number" label=label(word!(i18n, requests.number)) error=at("number") />
        }
    });
    view! {
        <Title text=title />
        <h1>{heading}</h1>
        <p class="soft">{lead}</p>
        <p role="status" class="said" data-testid="sent">
            {say(move || number.map_or_else(String::new, |n| t_string!(i18n, requests.sent, number = n.to_string()).to_string()))}
        </p>
        <form
            class="stack-form public"
            class:gone=number.is_some()
            method="post"
            enctype="multipart/form-data"
            action=action
            novalidate
            data-offline=word!(i18n, requests.failed)
        >
            {company}
            <Field name="name" autocomplete="name" label=label(word!(i18n, requests.name)) error=at("name") />
            <Field name="email" kind="email" autocomplete="email" label=label(word!(i18n, requests.email)) error=at("email") />
            <Plain name="phone" kind="tel" autocomplete="tel" label=label(word!(i18n, requests.phone)) error=at("phone") />
            <div class="line-field">
                <label for="message">{word!(i18n, requests.message)}</label>
                <textarea id="message" name="message" rows="4" dir="auto" aria-describedby="message-note"></textarea>
                <small id="message-note" class="error">{say(move || message_wrong.get().unwrap_or_default())}</small>
            </div>
            <div class="line-field">
                <label for="files">{word!(i18n, requests.files)}</label>
                <input id="files" name="files" type="file" multiple accept="application/pdf,image/png,image/jpeg" aria-describedby="files-note" />
                <small id="files-note" class:error=move || files_wrong.get().is_some()>
                    {say(move || files_wrong.get().unwrap_or_else(|| t_string!(i18n, requests.files_hint).to_owned()))}
                </small>
            </div>
            // no person sees it: what fills it in is a program
            <div class="trap" aria-hidden="true">
                <label for="website">{word!(i18n, requests.trap)}</label>
                <input id="website" name="website" tabindex="-1" autocomplete="off" />
            </div>
            <p role="alert" class="wrong">{wrong}</p>
            <button class="btn pri lg" data-busy=word!(i18n, requests.sending)>{word!(i18n, requests.send)}</button>
        </form>
    }
}

/// A field that may stay empty.
#[component]
fn Plain(
    name: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    label: Signal<String>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let note = format!("{name}-note");
    let described = note.clone();
    view! {
        <div class="line-field">
            <label for=name>{label}</label>
            <span class="field"><input id=name name=name type=kind autocomplete=autocomplete dir="auto" aria-describedby=described /></span>
            <small id=note class="error">{say(move || error.get().unwrap_or_default())}</small>
        </div>
    }
}
