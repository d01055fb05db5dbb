//! Fields bound to what is typed, and broken rules in the reader's words.

use crate::components::say;
use crate::{api::ApiError, i18n::*};
use leptos::prelude::*;
use leptos_i18n::{I18nContext, td_string};

/// A broken rule in the reader's words.
pub fn rule_words(i18n: I18nContext<Locale>, message: &str) -> String {
    rule_in(i18n.get_locale(), message)
}

/// A broken rule in a language.
pub fn rule_in(l: Locale, message: &str) -> String {
    let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
    match message {
        "must not be empty" | "is missing" => td_string!(l, sign_in.rule_empty).to_owned(),
        "must not contain control characters" => td_string!(l, sign_in.rule_control).to_owned(),
        "must be an e-mail address" => td_string!(l, sign_in.rule_email).to_owned(),
        "is already in use" | "is taken in this office" => td_string!(l, sign_in.rule_taken).to_owned(),
        "is not known"
        | "is not known here"
        | "is no package that this desk or a connector of this office knows" => {
            td_string!(l, sign_in.rule_unknown).to_owned()
        }
        "must be the key of a package, such as hledger" => td_string!(l, sign_in.rule_package).to_owned(),
        "must be 1 to 64 characters in lower snake case" | "must be lower snake case, 1 to 64 characters" => {
            td_string!(l, sign_in.rule_snake).to_owned()
        }
        "has a } without its {" | "has a { without its }" => td_string!(l, sign_in.rule_braces).to_owned(),
        "cannot change; set up a new job instead" => td_string!(l, sign_in.rule_fixed).to_owned(),
        "must be a file name" | "must be a file name that does not lead out of its folder" => {
            td_string!(l, sign_in.rule_file).to_owned()
        }
        "must be 1 to 32 lower-case letters, digits or hyphens" => {
            td_string!(l, offices.rule_code).to_owned()
        }
        "must be another address than the admin's" => td_string!(l, first.rule_other).to_owned(),
        "must be a role of the office" => td_string!(l, sign_in.rule_role).to_owned(),
        "must be in the next 30 days" => td_string!(l, sign_in.rule_days).to_owned(),
        "must be somebody who works in this office" => td_string!(l, sign_in.rule_person).to_owned(),
        "is not right, or was used already" => td_string!(l, factor.wrong).to_owned(),
        "must be the six digits of your app, or a recovery code" => td_string!(l, factor.shape).to_owned(),
        "cannot be checked: the desk's key is another" => td_string!(l, factor.other_key).to_owned(),
        "is one of the passwords that are tried first" => td_string!(l, password.common).to_owned(),
        "must not be made of your name, your address or your office" => {
            td_string!(l, password.about).to_owned()
        }
        "is not your password" => td_string!(l, sign_in.rule_old).to_owned(),
        "must be XML, PDF, PNG or JPEG" => td_string!(l, portal.rule_type).to_owned(),
        "must be at most 3 files" => td_string!(l, requests.rule_files).to_owned(),
        "must be smaller than 10 MB" => td_string!(l, requests.rule_size).to_owned(),
        "must be PDF, PNG or JPEG" => td_string!(l, requests.rule_type).to_owned(),
        "must be the name of a mail server, such as smtp.example.com" => {
            td_string!(l, mail.rule_host).to_owned()
        }
        "must be a mail server of the internet, not one of the network inside" => {
            td_string!(l, outbox.rule_inner).to_owned()
        }
        again if again.starts_with("must be given again") => td_string!(l, outbox.rule_again).to_owned(),
        base if base.starts_with("must be an address of this desk: ") => {
            let at = base.split(": ").nth(1).unwrap_or_default();
            td_string!(l, outbox.rule_base, at = at.to_owned()).to_string()
        }
        clear if clear.starts_with("must not be none with a password") => {
            td_string!(l, mail.rule_clear).to_owned()
        }
        "must be later than the moment it closes" => td_string!(l, downtime.rule_end).to_owned(),
        "must be a day such as 2026-11-20" => td_string!(l, downtime.rule_day).to_owned(),
        "must be a clock time such as 12:00" => td_string!(l, downtime.rule_clock).to_owned(),
        "must be a day before the year 2100" => td_string!(l, downtime.rule_far).to_owned(),
        "must be smaller than 10 MiB" => td_string!(l, import.rule_large).to_owned(),
        "must hold at least one dossier" => td_string!(l, import.rule_none).to_owned(),
        "must have a column code" => td_string!(l, import.rule_code).to_owned(),
        "must have a column name" => td_string!(l, import.rule_name).to_owned(),
        "must have a column package" => td_string!(l, import.rule_package).to_owned(),
        "is served by no connector of this office" => td_string!(l, dossiers.rule_unserved).to_owned(),
        "is archived in this office; restore it first" => td_string!(l, dossiers.rule_archived).to_owned(),
        gap if gap.starts_with("does not exist that night") => td_string!(l, downtime.rule_gap).to_owned(),
        "must be a time zone such as Europe/Brussels" => td_string!(l, sign_in.rule_zone).to_owned(),
        code if code.starts_with("must be a code of ") => td_string!(l, sign_in.rule_code).to_owned(),
        other => {
            let later = other
                .strip_prefix("must be ")
                .and_then(|r| r.strip_suffix(" or later"));
            if let Some(time) = later {
                td_string!(l, downtime.rule_later, time = time.to_owned()).to_string()
            } else if let Some(who) = other.strip_prefix("is already the code of ") {
                td_string!(l, sign_in.rule_code_taken, who = who.to_owned()).to_string()
            } else if let Some(who) = other
                .strip_prefix("is the code of ")
                .and_then(|r| r.strip_suffix(", which is archived"))
            {
                td_string!(l, dossiers.rule_code_archived, who = who.to_owned()).to_string()
            } else if let Some(n) = other.strip_suffix(" open tasks; finish or cancel them first") {
                let n = n.trim_start_matches("has ").to_owned();
                td_string!(l, dossiers.rule_open, n = n).to_string()
            } else if let Some(n) = other.strip_prefix("must be at most ") {
                td_string!(l, sign_in.rule_count, n = first(n)).to_string()
            } else if let Some(n) = other.strip_prefix("must have at most 100000 lines, not ") {
                td_string!(l, import.rule_lines, n = n.to_owned()).to_string()
            } else if let Some(n) = other.strip_prefix("must have at most ") {
                td_string!(l, sign_in.rule_most, n = first(n)).to_string()
            } else if let Some(n) = other.strip_prefix("must have at least ") {
                td_string!(l, sign_in.rule_least, n = first(n)).to_string()
            } else if let Some((from, to)) = other.strip_prefix("must be ").and_then(|r| r.split_once(" to "))
            {
                td_string!(l, sign_in.rule_range, from = from.to_owned(), to = first(to)).to_string()
            } else if l == Locale::en {
                other.to_owned()
            } else {
                // half a sentence in another language helps nobody
                td_string!(l, sign_in.rule_other).to_owned()
            }
        }
    }
}

/// What is wrong with one field, of what the server refused.
pub fn wrong_with(
    i18n: I18nContext<Locale>,
    refused: impl Fn() -> Option<ApiError> + Send + Sync + 'static,
    field: &'static str,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        let e = refused()?;
        let found = e.0.errors.into_iter().find(|f| f.field == field)?;
        Some(rule_words(i18n, &found.message))
    })
}

/// A labelled input whose value is a signal, with a hint or an error below it.
#[component]
pub fn Typed(
    /// Id on the page.
    id: &'static str,
    /// What to type.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// `text`, `email`, `number` or `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// For the browser's helper.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with what was typed.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Id of a list of values to choose from.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let note = format!("{id}-note");
    let described = note.clone();
    let initial = value.get_untracked();
    view! {
        <div class="line-field">
            <label for=id>{label}</label>
            <span class="field">
                <input
                    id=id
                    type=kind
                    autocomplete=autocomplete
                    list=list
                    dir="auto"
                    value=initial
                    prop:value=value
                    on:input=move |ev| value.set(event_target_value(&ev))
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}
