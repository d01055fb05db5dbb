//! The invitation of a new person, and the link that it makes.

use super::{Made, Shared};
use crate::{
    api::{ApiError, people::invite},
    browser,
    components::{
        icon::{Glyph, Icon},
        language::reading,
        say,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
    pages::{error_words, here::Here, sign_in::role_word},
};
use domain::{Language, Role};
use leptos::prelude::*;
use views::people::Invitation;

/// The roles that an office gives.
const ROLES: [Role; 5] = [
    Role::Admin,
    Role::Operator,
    Role::Employee,
    Role::Client,
    Role::Candidate,
];

/// The link that was just made, with a button that copies it.
#[component]
pub(super) fn MadeLink(made: RwSignal<Option<Made>>) -> impl IntoView {
    let i18n = use_i18n();
    let copied = RwSignal::new(false);
    move || {
        let Made { name, path } = made.get()?;
        copied.set(false);
        let address = format!("{}{path}", browser::origin());
        let shown = address.clone();
        Some(view! {
            <section class="made" aria-labelledby="made" data-testid="made-link">
                <h2 id="made">{word!(i18n, users.link_title, name = name.clone())}</h2>
                <p class="soft">{word!(i18n, users.link_lead)}</p>
                <p class="code wrap" data-testid="link">{shown}</p>
                <button type="button" class="btn pri" on:click=move |_| { browser::copy(&address); copied.set(true); }>
                    <Glyph icon=Icon::Copy />
                    {say(move || if copied.get() { t_string!(i18n, users.copied) } else { t_string!(i18n, users.copy) }.to_owned())}
                </button>
            </section>
        })
    }
}

#[component]
pub(super) fn RoleChoice(id: &'static str, role: RwSignal<Role>) -> impl IntoView {
    let i18n = use_i18n();
    let choose = move |ev| {
        if let Some(chosen) = Role::from_key(&event_target_value(&ev)) {
            role.set(chosen);
        }
    };
    view! {
        <div class="line-field">
            <label for=id>{word!(i18n, users.role)}</label>
            <span class="field">
                <select id=id prop:value=move || role.get().key() on:change=choose>
                    {ROLES
                        .into_iter()
                        .map(|r| view! { <option value=r.key() selected=role.get_untracked() == r>{say(move || role_word(i18n, r).to_owned())}</option> })
                        .collect_view()}
                </select>
            </span>
        </div>
    }
}

#[component]
pub(super) fn Invite(shared: Shared) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = RwSignal::new(Role::Employee);
    let language = RwSignal::new(reading(i18n));
    let refused = RwSignal::new(None::<ApiError>);
    let inviting = Action::new(move |()| async move {
        refused.set(None);
        shared.said.set(None);
        let new = Invitation {
            name: name.get_untracked(),
            email: email.get_untracked(),
            role: role.get_untracked(),
            language: language.get_untracked(),
        };
        match invite(here.office.get_untracked(), new.clone()).await {
            Ok(path) => {
                shared.made.set(Some(Made { name: new.name, path }));
                name.set(String::new());
                email.set(String::new());
                shared.reload.update(|n| *n += 1);
            }
            Err(e) if e.code() == "invalid" => refused.set(Some(e)),
            Err(e) => shared.said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let choose = move |ev| language.set(Language::from_tag(&event_target_value(&ev)).unwrap_or_default());
    view! {
        <div>
            <h2 tabindex="-1">{word!(i18n, users.invite)}</h2>
            <p class="lead">{word!(i18n, users.invite_lead)}</p>
        </div>
        <form class="form" novalidate on:submit=move |ev| { ev.prevent_default(); inviting.dispatch(()); }>
            <Typed id="invite-name" value=name label=Signal::derive(move || t_string!(i18n, users.name).to_owned()) error=wrong_with(i18n, move || refused.get(), "name") />
            <Typed id="invite-email" kind="email" value=email label=Signal::derive(move || t_string!(i18n, sign_in.email).to_owned()) error=wrong_with(i18n, move || refused.get(), "email") />
            <RoleChoice id="invite-role" role />
            <div class="line-field">
                <label for="invite-language">{word!(i18n, users.language)}</label>
                <span class="field">
                    <select id="invite-language" prop:value=move || language.get().tag() on:change=choose>
                        {Language::ALL
                            .into_iter()
                            .map(|l| view! { <option value=l.tag() lang=l.tag() selected=language.get_untracked() == l>{l.own_name()}</option> })
                            .collect_view()}
                    </select>
                </span>
            </div>
            <div><button class="btn pri lg" disabled=inviting.pending()>{word!(i18n, users.make)}</button></div>
        </form>
    }
}
