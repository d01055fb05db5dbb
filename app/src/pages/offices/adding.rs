//! The dialog that adds an office or somebody of Support, and then shows the link that lets them in.

use super::Shared;
use crate::{
    api::{
        ApiError,
        offices::{add_office, invite_support},
    },
    browser,
    components::{
        copied::Copied,
        dialog::while_asked,
        form::LanguageField,
        language::reading,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
    pages::error_words,
};
use domain::{Language, Role, text::office_code_of};
use leptos::prelude::*;
use views::{
    offices::{AddOffice, NewOffice},
    people::Invitation,
};

/// What the dialog asks or shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A new office with its first admin.
    Office,
    /// A new person of Support.
    Support,
    /// The link for whoever was made, this once.
    Made { name: String, path: String },
}

/// Who is invited, as typed.
#[derive(Clone, Copy)]
struct Person {
    name: RwSignal<String>,
    email: RwSignal<String>,
    language: RwSignal<Language>,
}

impl Person {
    fn new(language: Language) -> Self {
        Self {
            name: RwSignal::new(String::new()),
            email: RwSignal::new(String::new()),
            language: RwSignal::new(language),
        }
    }

    fn invitation(self, role: Role) -> Invitation {
        Invitation {
            name: self.name.get_untracked(),
            email: self.email.get_untracked(),
            role,
            language: self.language.get_untracked(),
        }
    }
}

/// The dialog of the page.
#[component]
pub(super) fn Adding(zones: Vec<String>) -> impl IntoView {
    let shared = expect_context::<Shared>();
    let dialog = while_asked(shared.asked);
    view! {
        <datalist id="zones">{zones.into_iter().map(|z| view! { <option value=z></option> }).collect_view()}</datalist>
        <dialog class="verb" node_ref=dialog aria-labelledby="verb" on:close=move |_| shared.asked.set(None)>
            {move || shared.asked.get().map(|asked| match asked {
                Asked::Office => view! { <OfficeForm /> }.into_any(),
                Asked::Support => view! { <SupportForm /> }.into_any(),
                Asked::Made { name, path } => view! { <Made name path /> }.into_any(),
            })}
        </dialog>
    }
}

/// What became of it: the link is shown, or the rules that were broken stand at their fields.
fn told(shared: Shared, refused: RwSignal<Option<ApiError>>, name: String, answer: Result<String, ApiError>) {
    match answer {
        Ok(path) => {
            shared.asked.set(Some(Asked::Made { name, path }));
            shared.reload.update(|n| *n += 1);
        }
        Err(e) => refused.set(Some(e)),
    }
}

#[component]
fn OfficeForm() -> impl IntoView {
    let i18n = use_i18n();
    let shared = expect_context::<Shared>();
    let (name, code) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let zone = RwSignal::new(browser::time_zone());
    let language = RwSignal::new(untrack(|| reading(i18n)));
    let admin = Person::new(language.get_untracked());
    // the code follows the name until it is typed itself
    Effect::new(move |before: Option<String>| {
        let proposed = office_code_of(&name.get());
        if code.with_untracked(|c| before.is_none_or(|b| *c == b)) {
            code.set(proposed.clone());
        }
        proposed
    });
    let refused = RwSignal::new(None::<ApiError>);
    let adding = Action::new(move |()| async move {
        refused.set(None);
        let new = AddOffice {
            office: NewOffice {
                name: name.get_untracked(),
                code: code.get_untracked(),
                zone: zone.get_untracked(),
                language: language.get_untracked(),
            },
            admin: admin.invitation(Role::Admin),
        };
        let whom = new.admin.name.clone();
        told(shared, refused, whom, add_office(new).await);
    });
    let wrong = move |field| wrong_with(i18n, move || refused.get(), field);
    view! {
        <form novalidate on:submit=move |ev| { ev.prevent_default(); adding.dispatch(()); }>
            <h2 id="verb" tabindex="-1">{word!(i18n, offices.add)}</h2>
            <p class="soft">{word!(i18n, offices.add_lead)}</p>
            <Typed id="office-name" value=name label=Signal::derive(move || t_string!(i18n, offices.name).to_owned()) error=wrong("name") />
            <Typed
                id="office-code"
                value=code
                label=Signal::derive(move || t_string!(i18n, offices.code).to_owned())
                hint=Signal::derive(move || t_string!(i18n, offices.code_hint).to_owned())
                error=wrong("code")
            />
            <Typed id="office-zone" value=zone list="zones" label=Signal::derive(move || t_string!(i18n, offices.zone).to_owned()) error=wrong("zone") />
            <LanguageField name="office-language" value=language label=Signal::derive(move || t_string!(i18n, offices.language).to_owned()) />
            <Typed id="admin-name" value=admin.name label=Signal::derive(move || t_string!(i18n, offices.admin_name).to_owned()) error=wrong("admin_name") />
            <Typed id="admin-email" kind="email" value=admin.email label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned()) error=wrong("admin_email") />
            <LanguageField name="admin-language" value=admin.language label=Signal::derive(move || t_string!(i18n, offices.admin_language).to_owned()) />
            <Trouble refused />
            <Verbs submit=word!(i18n, offices.add) busy=adding.pending() />
        </form>
    }
}

#[component]
fn SupportForm() -> impl IntoView {
    let i18n = use_i18n();
    let shared = expect_context::<Shared>();
    let person = Person::new(untrack(|| reading(i18n)));
    let refused = RwSignal::new(None::<ApiError>);
    let inviting = Action::new(move |()| async move {
        refused.set(None);
        let new = person.invitation(Role::Support);
        let whom = new.name.clone();
        told(shared, refused, whom, invite_support(new).await);
    });
    let wrong = move |field| wrong_with(i18n, move || refused.get(), field);
    view! {
        <form novalidate on:submit=move |ev| { ev.prevent_default(); inviting.dispatch(()); }>
            <h2 id="verb" tabindex="-1">{word!(i18n, offices.invite_support)}</h2>
            <p class="soft">{word!(i18n, users.invite_lead)}</p>
            <Typed id="support-name" value=person.name label=Signal::derive(move || t_string!(i18n, users.name).to_owned()) error=wrong("name") />
            <Typed id="support-email" kind="email" value=person.email label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned()) error=wrong("email") />
            <LanguageField name="support-language" value=person.language label=Signal::derive(move || t_string!(i18n, offices.admin_language).to_owned()) />
            <Trouble refused />
            <Verbs submit=word!(i18n, users.make) busy=inviting.pending() />
        </form>
    }
}

/// What is wrong with none of the fields.
#[component]
fn Trouble(refused: RwSignal<Option<ApiError>>) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        refused
            .get()
            .filter(|e| e.code() != "invalid")
            .map(|e| error_words(i18n, &e))
    };
    view! { <p class="wrong" role="alert">{words}</p> }
}

#[component]
fn Verbs(submit: Box<dyn Fn() -> String + Send + Sync>, busy: Memo<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let shared = expect_context::<Shared>();
    view! {
        <div class="acts">
            <button class="btn pri lg" data-testid="confirm" disabled=busy>{submit}</button>
            <button type="button" class="btn lg" on:click=move |_| shared.asked.set(None)>{word!(i18n, connectors.cancel)}</button>
        </div>
    }
}

/// The link, shown this once.
#[component]
fn Made(name: String, path: String) -> impl IntoView {
    let i18n = use_i18n();
    let shared = expect_context::<Shared>();
    let address = format!("{}{path}", browser::origin());
    view! {
        <div data-testid="made-link">
            <h2 id="verb" tabindex="-1">{word!(i18n, users.link_title, name = name.clone())}</h2>
            <p class="soft">{word!(i18n, users.link_lead)}</p>
            <Copied text=address />
            <div class="acts">
                <button type="button" class="btn pri lg" autofocus on:click=move |_| shared.asked.set(None)>{word!(i18n, connectors.done)}</button>
            </div>
        </div>
    }
}
