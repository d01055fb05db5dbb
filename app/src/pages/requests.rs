//! `/o/:office/requests`: what people sent by the public forms, to be accepted or declined (D11).

use super::{error_words, here::Here, page::Page, profile::Time, unread::once_read};
use crate::{
    api::{
        ApiError,
        requests::{accept_request, decline_request, requests},
    },
    components::{language::reading, say, typed::wrong_with, word},
    i18n::*,
};
use domain::request::{RequestKind, RequestLine, RequestState, RequestsPage};
use leptos::prelude::*;

/// The page.
#[component]
pub fn Requests() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let again = RwSignal::new(0u32);
    let found = Resource::new_blocking(
        move || (here.office.get(), again.get()),
        |(office, _)| requests(office),
    );
    let title = Signal::derive(move || t_string!(i18n, requests.title).to_owned());
    view! {
        <Page title>
            {once_read(found, move |page| view! { <Known page again /> })}
        </Page>
    }
}

#[component]
fn Known(page: RequestsPage, again: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let form = move |kind: RequestKind| format!("/forms/{}/{}", here.office.get(), kind.key());
    let packages = page.packages.clone();
    let now = page.now.at;
    let none = page.lines.is_empty();
    let lines = page
        .lines
        .into_iter()
        .map(|line| view! { <One line packages=packages.clone() now again /> });
    view! {
        <div class="asked">
            <p class="soft">{word!(i18n, requests.lead)}</p>
            <p class="soft">
                {word!(i18n, requests.links)} " " <a href=say(move || form(RequestKind::Intake)) rel="external">{word!(i18n, requests.intake)}</a> " · "
                <a href=say(move || form(RequestKind::Application)) rel="external">{word!(i18n, requests.application)}</a>
            </p>
            {none.then(|| view! { <div class="empty"><p class="soft">{word!(i18n, requests.none)}</p></div> })}
            {lines.collect_view()}
        </div>
    }
}

#[component]
fn One(line: RequestLine, packages: Vec<(String, String)>, now: i64, again: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, kind, state) = (line.id, line.kind, line.state);
    let intake = kind == RequestKind::Intake;
    let code = RwSignal::new(line.code.clone());
    let package = RwSignal::new(packages.first().map(|(k, _)| k.clone()).unwrap_or_default());
    let refused = RwSignal::new(None::<ApiError>);
    let done = move |r: Result<(), ApiError>| match r {
        Ok(()) => again.update(|n| *n += 1),
        Err(e) => refused.set(Some(e)),
    };
    let accept = Action::new(move |()| async move {
        let office = here.office.get_untracked();
        let r = accept_request(office, id, code.get_untracked(), package.get_untracked()).await;
        done(r.map(|_| ()));
    });
    let decline = Action::new(move |()| async move {
        done(decline_request(here.office.get_untracked(), id).await);
    });
    let wrong = say(move || {
        refused.get().map_or_else(String::new, |e| match e.code() {
            "invalid" => String::new(),
            "wrong_state" => t_string!(i18n, requests.theirs).to_owned(),
            _ => error_words(i18n, &e),
        })
    });
    let title = if line.company.is_empty() {
        line.name.clone()
    } else {
        line.company.clone()
    };
    let files = line.files.into_iter().map(move |(n, name, bytes)| {
        let href = format!("/api/desk/request-file/{}/{id}/{n}", here.office.get_untracked());
        view! { <li><a href=href rel="external" download><bdi>{name}</bdi></a> <span class="muted">{format!("{} kB", (bytes + 1023) / 1024)}</span></li> }
    });
    let error = wrong_with(i18n, move || refused.get(), "code");
    let choose = intake.then(|| {
        let (package_id, code_id, note_id) = (format!("package-{id}"), format!("code-{id}"), format!("code-{id}-note"));
        view! {
            <div class="line-field">
                <label for=code_id.clone()>{word!(i18n, requests.code)}</label>
                <span class="field">
                    <input
                        id=code_id
                        prop:value=code
                        value=code.get_untracked()
                        autocomplete="off"
                        maxlength="32"
                        aria-describedby=note_id.clone()
                        aria-invalid=say(move || error.get().is_some().to_string())
                        on:input=move |ev| code.set(event_target_value(&ev))
                    />
                </span>
                <small id=note_id class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_default())}</small>
            </div>
            <div class="line-field">
                <label for=package_id.clone()>{word!(i18n, requests.package)}</label>
                <span class="field">
                    <select id=package_id on:change=move |ev| package.set(event_target_value(&ev))>
                        {packages.into_iter().map(|(key, name)| view! { <option value=key>{name}</option> }).collect_view()}
                    </select>
                </span>
            </div>
        }
    });
    let acts = (state == RequestState::New).then(|| {
        view! {
            <div class="decide">
                {choose}
                <button class="btn pri" disabled=accept.pending() on:click=move |_| { accept.dispatch(()); }>
                    {say(move || if intake { t_string!(i18n, requests.accept) } else { t_string!(i18n, requests.accept_plain) }.to_owned())}
                </button>
                <button class="btn" disabled=decline.pending() on:click=move |_| { decline.dispatch(()); }>{word!(i18n, requests.decline)}</button>
                <p role="alert" class="wrong">{wrong}</p>
            </div>
        }
    });
    let decided = line.decided.map(|(at, by)| {
        let words = say(move || {
            let near = at.near(now, reading(i18n));
            t_string!(i18n, requests.by, name = by.clone(), when = near).to_string()
        });
        let task = line.task.map(|t| {
            let href = format!("/o/{}/tasks/{t}", here.office.get_untracked());
            view! { " · " <a href=href>{say(move || t_string!(i18n, requests.became, task = t.to_string()).to_string())}</a> }
        });
        view! { <p class="muted">{words}{task}</p> }
    });
    let pill = match state {
        RequestState::New => "pill act",
        RequestState::Accepted | RequestState::Declined => "pill",
    };
    view! {
        <section class="card" data-request=id data-state=format!("{state:?}").to_lowercase()>
            <header>
                <h2><bdi>{title}</bdi></h2>
                <div class="r">
                    {line.automatic.then(|| view! { <span class="pill" data-testid="automatic">{word!(i18n, forms.automatic)}</span> })}
                    <span class="muted">{say(move || if intake { t_string!(i18n, requests.k_intake) } else { t_string!(i18n, requests.k_application) }.to_owned())}</span>
                    <span class=pill>
                        {say(move || match state {
                            RequestState::New => t_string!(i18n, requests.fresh),
                            RequestState::Accepted => t_string!(i18n, requests.accepted),
                            RequestState::Declined => t_string!(i18n, requests.declined),
                        }.to_owned())}
                    </span>
                </div>
            </header>
            <div class="pad">
                <p>
                    <bdi>{line.name}</bdi> " · " <bdi>{line.email}</bdi>
                    {(!line.phone.is_empty()).then(|| view! { " · " <bdi>{line.phone}</bdi> })}
                    {(!line.number.is_empty()).then(|| view! { " · " <bdi>{line.number}</bdi> })} " · " <Time at=line.made />
                </p>
                {(!line.message.is_empty()).then(|| view! { <p class="soft message" dir="auto" lang=line.language.tag()>{line.message}</p> })}
                {line.automatic.then(|| view! { <p class="muted">{word!(i18n, forms.automatic_why)}</p> })}
                <ul class="files">{files.collect_view()}</ul>
                {decided}
                {acts}
            </div>
        </section>
    }
}
