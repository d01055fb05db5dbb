//! `/o/:office/settings`: settings of the office.

use super::{
    error_words,
    here::Here,
    page::Page,
    profile::{Said, SaidLine, trouble},
};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        settings::{save_settings, settings},
    },
    components::typed::{Typed, wrong_with},
    i18n::*,
};
use domain::Language;
use leptos::prelude::*;
use views::settings::{Settings as Values, SettingsPage};

/// A setting's name in the reader's words; its key for one that has none yet.
pub(super) fn setting_word(i18n: I18n, name: &str) -> String {
    match name {
        "name" => t_string!(i18n, settings.name),
        "zone" => t_string!(i18n, settings.zone),
        "language" => t_string!(i18n, settings.language),
        "support_contact" => t_string!(i18n, settings.support_contact),
        "poll_from" => t_string!(i18n, settings.poll_from),
        "poll_to" => t_string!(i18n, settings.poll_to),
        "lease_seconds" => t_string!(i18n, settings.lease_seconds),
        "remind_hours" => t_string!(i18n, settings.remind_hours),
        "escalate_hours" => t_string!(i18n, settings.escalate_hours),
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// What is typed, setting by setting.
#[derive(Clone, Copy)]
struct Draft([(&'static str, RwSignal<String>); 9]);

impl Draft {
    fn new(values: &Values) -> Self {
        Self(values.each().map(|(name, value)| (name, RwSignal::new(value))))
    }

    fn of(self, name: &str) -> RwSignal<String> {
        let found = self.0.iter().find(|(n, _)| *n == name);
        found.map_or_else(|| RwSignal::new(String::new()), |(_, s)| *s)
    }

    fn values(self) -> Values {
        let text = |name| self.of(name).get_untracked();
        // what is no number is refused as one that is out of range, at its field
        let number = |name| text(name).trim().parse().unwrap_or(0);
        Values {
            name: text("name"),
            zone: text("zone"),
            language: Language::from_tag(&text("language")).unwrap_or_default(),
            support_contact: text("support_contact"),
            poll_from: number("poll_from"),
            poll_to: number("poll_to"),
            lease_seconds: number("lease_seconds"),
            remind_hours: number("remind_hours"),
            escalate_hours: number("escalate_hours"),
        }
    }
}

/// The page.
#[component]
pub fn Settings() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let found = Resource::new_blocking(move || here.office.get(), settings);
    let title = Signal::derive(move || t_string!(i18n, settings.title).to_owned());
    view! {
        <Page title>
            <div class="narrow">
                <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                    {move || Suspend::new(async move {
                        match found.await {
                            Ok(page) => view! { <Known page /> }.into_any(),
                            Err(e) => trouble(&e),
                        }
                    })}
                </Transition>
            </div>
        </Page>
    }
}

#[component]
fn Known(page: SettingsPage) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let said = Said::default();
    let draft = Draft::new(&page.settings);
    let was = RwSignal::new(page.settings);
    let refused = RwSignal::new(None::<ApiError>);
    // what somebody else has set meanwhile, by name
    let theirs = RwSignal::new(Vec::<(&'static str, String)>::new());
    let saving = Action::new(move |()| async move {
        refused.set(None);
        said.set(None);
        let (office, new) = (here.office.get_untracked(), draft.values());
        match save_settings(office.clone(), was.get_untracked(), new.clone()).await {
            Ok(()) => {
                was.set(new);
                theirs.set(vec![]);
                said.set(Some(Ok(t_string!(i18n, settings.saved).to_owned())));
            }
            Err(e) if e.code() == "invalid" => refused.set(Some(e)),
            Err(e) if e.code() == "wrong_state" => {
                if let Ok(now) = settings(office).await {
                    let changed = now.settings.differences(&was.get_untracked());
                    for (name, value, before) in &changed {
                        // what was not touched here follows; what was typed stays
                        if draft.of(name).get_untracked() == *before {
                            draft.of(name).set(value.clone());
                        }
                    }
                    theirs.set(
                        changed
                            .into_iter()
                            .map(|(name, value, _)| (name, value))
                            .collect(),
                    );
                    was.set(now.settings);
                }
                said.set(Some(Err(t_string!(i18n, settings.theirs).to_owned())));
            }
            Err(e) => said.set(Some(Err(error_words(i18n, &e)))),
        }
    });
    let field = move |name: &'static str, kind: &'static str, list: &'static str| {
        let label = Signal::derive(move || setting_word(i18n, name));
        let hint = Signal::derive(move || {
            let now = theirs.with(|t| t.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()));
            match (now, name) {
                (Some(value), _) => t_string!(i18n, settings.now, value = value).to_string(),
                (None, "zone") => t_string!(i18n, settings.zone_hint).to_owned(),
                (None, "support_contact") => t_string!(i18n, settings.support_hint).to_owned(),
                _ => String::new(),
            }
        });
        let error = wrong_with(i18n, move || refused.get(), name);
        if list.is_empty() {
            view! { <Typed id=name kind value=draft.of(name) label hint error /> }.into_any()
        } else {
            view! { <Typed id=name kind value=draft.of(name) label hint error list /> }.into_any()
        }
    };
    let language = draft.of("language");
    view! {
        <form class="sections" novalidate on:submit=move |ev| { ev.prevent_default(); saving.dispatch(()); }>
            <section class="card" aria-labelledby="s-office">
                <header><h2 id="s-office">{word!(i18n, settings.office)}</h2></header>
                <div class="pad form">
                    {field("name", "text", "")}
                    {field("zone", "text", "zones")}
                    <datalist id="zones">{page.zones.into_iter().map(|z| view! { <option value=z></option> }).collect_view()}</datalist>
                    <div class="line-field">
                        <label for="language">{word!(i18n, settings.language)}</label>
                        <span class="field">
                            <select id="language" prop:value=language on:change=move |ev| language.set(event_target_value(&ev))>
                                {Language::ALL
                                    .into_iter()
                                    .map(|l| view! { <option value=l.tag() lang=l.tag() selected=language.get_untracked() == l.tag()>{l.own_name()}</option> })
                                    .collect_view()}
                            </select>
                        </span>
                    </div>
                    {field("support_contact", "text", "")}
                </div>
            </section>
            <section class="card" aria-labelledby="s-connectors">
                <header><h2 id="s-connectors">{word!(i18n, settings.connectors)}</h2></header>
                <div class="pad form numbers">{field("poll_from", "number", "")} {field("poll_to", "number", "")} {field("lease_seconds", "number", "")}</div>
            </section>
            <section class="card" aria-labelledby="s-reminders">
                <header><h2 id="s-reminders">{word!(i18n, settings.reminders)}</h2></header>
                <div class="pad form numbers">{field("remind_hours", "number", "")} {field("escalate_hours", "number", "")}</div>
            </section>
            <section class="card" aria-labelledby="s-mail">
                <header><h2 id="s-mail">{word!(i18n, mail.title)}</h2></header>
                <div class="pad">
                    <p class="soft">{word!(i18n, mail.of_settings)}</p>
                    <p><a href=say(move || format!("/o/{}/mail", here.office.get()))>{word!(i18n, mail.title)}</a></p>
                </div>
            </section>
            <section class="card" aria-labelledby="s-downtime">
                <header><h2 id="s-downtime">{word!(i18n, downtime.title)}</h2></header>
                <div class="pad">
                    <p class="soft">{word!(i18n, downtime.of_settings)}</p>
                    <p><a href=say(move || format!("/o/{}/downtime", here.office.get()))>{word!(i18n, downtime.title)}</a></p>
                </div>
            </section>
            <SaidLine said />
            <div><button class="btn pri lg" disabled=saving.pending()>{word!(i18n, settings.save)}</button></div>
        </form>
    }
}
