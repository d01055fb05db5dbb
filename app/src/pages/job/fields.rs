//! The form's fields, and broken rules at their field in the reader's words.

use crate::{
    components::{say, typed::rule_words},
    i18n::*,
};
use domain::FieldError;
use leptos::prelude::*;
use leptos_i18n::{I18nContext, t_string};

/// What was refused, by field.
pub type Refused = RwSignal<Vec<FieldError>>;

/// What is wrong with a field or, when `parts`, with anything in it.
pub fn wrong(
    i18n: I18nContext<Locale>,
    refused: Refused,
    field: impl Into<String>,
    parts: bool,
) -> Signal<Option<String>> {
    let field = field.into();
    Signal::derive(move || {
        refused.with(|all| {
            let is = |e: &&FieldError| e.field == field || (parts && e.field.starts_with(&field));
            all.iter().find(is).map(|e| job_rule_words(i18n, &e.message))
        })
    })
}

/// A broken rule of a job in the reader's words.
pub fn job_rule_words(i18n: I18nContext<Locale>, message: &str) -> String {
    match message {
        "must be set up first: the server path is missing" => t_string!(i18n, jobs.r_path_missing).to_owned(),
        "must be a folder on the server, such as REGNSKAP, that does not lead out of it" => {
            t_string!(i18n, jobs.r_path).to_owned()
        }
        "must be a file name that does not lead out of its folder" | "must be a file name" => {
            t_string!(i18n, jobs.r_file).to_owned()
        }
        "must differ from the file of another output" => t_string!(i18n, jobs.r_file_same).to_owned(),
        "has a } without its {" | "has a { without its }" => t_string!(i18n, jobs.r_brace).to_owned(),
        "is not a connector of this office" | "does not run jobs" => {
            t_string!(i18n, jobs.r_server).to_owned()
        }
        "would make the job wait for itself" => t_string!(i18n, jobs.r_after_self).to_owned(),
        "is not a job of this office" => t_string!(i18n, jobs.r_after).to_owned(),
        "must name one company" => t_string!(i18n, jobs.r_one_company).to_owned(),
        "The last day is before the first." => t_string!(i18n, jobs.r_ends).to_owned(),
        other => started(i18n, other),
    }
}

/// Rules whose sentence goes on with what was typed.
fn started(i18n: I18nContext<Locale>, message: &str) -> String {
    let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
    if message.starts_with("must name 1 to") {
        return t_string!(i18n, jobs.r_some_companies).to_owned();
    }
    if let Some(name) = message.strip_prefix("names the unknown field ") {
        return t_string!(i18n, jobs.r_field, name = name.to_owned()).to_string();
    }
    if message.contains("stands twice") {
        return t_string!(i18n, jobs.r_twice, what = first(message)).to_string();
    }
    if message.ends_with("is not a company of this office") {
        return t_string!(i18n, jobs.r_no_company, code = first(message)).to_string();
    }
    if message.starts_with("Name at least one clock time") || message.starts_with("Missing: when") {
        return t_string!(i18n, jobs.r_time).to_owned();
    }
    if message.starts_with("Name at least one day,") {
        return t_string!(i18n, jobs.r_day).to_owned();
    }
    if message.starts_with("A day from 1 to 31") || message.starts_with("Name at least one day of the month")
    {
        return t_string!(i18n, jobs.r_month_day).to_owned();
    }
    if message.starts_with("It never runs") || message.starts_with("Postponed beyond") {
        return t_string!(i18n, jobs.r_never).to_owned();
    }
    if message.starts_with("Needs starts_on") {
        return t_string!(i18n, jobs.r_weeks_start).to_owned();
    }
    if message.starts_with("There is no calendar") {
        return t_string!(i18n, jobs.r_calendar).to_owned();
    }
    if let Some((from, rest)) = message
        .strip_prefix("A number from ")
        .and_then(|m| m.split_once(" to "))
    {
        let to = rest.split(',').next().unwrap_or_default().to_owned();
        return t_string!(i18n, jobs.r_range, from = from.to_owned(), to = to).to_string();
    }
    rule_words(i18n, message)
}

/// A labelled input. The page may make it anew without losing what is typed: that is kept outside.
#[component]
pub fn Line(
    /// Id on the page.
    #[prop(into)]
    id: String,
    /// What to type.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    #[prop(into)]
    value: Signal<String>,
    /// Told of each change.
    #[prop(into)]
    on_input: Callback<String>,
    /// `text`, `number`, `time`, `date` or `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Values to choose from.
    #[prop(optional)]
    options: Vec<String>,
) -> impl IntoView {
    let (note, described) = (format!("{id}-note"), format!("{id}-note"));
    // a browser's own field for times shows them as its language likes, with AM and PM for some
    let clock = kind == "time";
    let list = (!options.is_empty()).then(|| format!("{id}-list"));
    let known = list.clone().map(|list| {
        let options = options
            .into_iter()
            .map(|o| view! { <option value=o></option> })
            .collect_view();
        view! { <datalist id=list>{options}</datalist> }
    });
    view! {
        <div class="line-field">
            <label for=id.clone()>{label}</label>
            <span class="field">
                <input
                    id=id
                    type=if clock { "text" } else { kind }
                    inputmode=clock.then_some("numeric")
                    placeholder=clock.then_some("07:00")
                    maxlength=clock.then_some("5")
                    autocomplete="off"
                    dir="auto"
                    list=list
                    value=value.get_untracked()
                    prop:value=value
                    on:input=move |ev| on_input.run(event_target_value(&ev))
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            {known}
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

/// A labelled choice.
#[component]
pub fn Choice(
    /// Id on the page.
    #[prop(into)]
    id: String,
    /// What to choose.
    #[prop(into)]
    label: Signal<String>,
    /// What is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Told of each change.
    #[prop(into)]
    on_change: Callback<String>,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The options.
    children: Children,
) -> impl IntoView {
    let (note, described) = (format!("{id}-note"), format!("{id}-note"));
    view! {
        <div class="line-field">
            <label for=id.clone()>{label}</label>
            <span class="field">
                <select
                    id=id
                    prop:value=value
                    on:change=move |ev| on_change.run(event_target_value(&ev))
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                >
                    {children()}
                </select>
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}
