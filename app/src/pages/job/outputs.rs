//! Where each output goes: server path, file, format, e-mail (J19, J21, J23).

use super::{
    super::here::Here,
    draft::Draft,
    fields::{Choice, Line, Refused, wrong},
};
use crate::{
    components::{job::output_word, say, word},
    i18n::*,
};
use domain::{
    job::{EmailAdvice, FORMATS, JobKind, Output, pattern},
    moment::rfc3339_utc,
};
use leptos::prelude::*;

/// Every output of a kind.
#[component]
pub fn Outputs(draft: Draft, refused: Refused, kind: JobKind) -> impl IntoView {
    let i18n = use_i18n();
    let wrongs = wrong(i18n, refused, "outputs", false);
    let n = kind.outputs.len();
    let advised = kind.email;
    // the transfer is the one that has a proposal and an approval, and no notice between them
    let transfer = kind.code == "debt_collection";
    view! {
        <p class="wrong">{say(move || wrongs.get().unwrap_or_default())}</p>
        {transfer.then(|| view! { <p class="soft">{word!(i18n, jobs.o_no_notice)}</p> })}
        {(0..n).map(|i| view! { <One i draft refused advised /> }).collect_view()}
    }
}

#[component]
fn One(i: usize, draft: Draft, refused: Refused, advised: EmailAdvice) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let part = move |f: fn(&Output) -> String| {
        Signal::derive(move || draft.outputs.with(|o| o.get(i).map(f).unwrap_or_default()))
    };
    let set = move |f: fn(&mut Output, String)| {
        move |text: String| {
            draft.outputs.update(|o| {
                if let Some(o) = o.get_mut(i) {
                    f(o, text);
                }
            });
        }
    };
    let error = move |field: &str| wrong(i18n, refused, format!("outputs[{i}].{field}"), false);
    let what = part(|o| o.what.clone());
    let title = say(move || output_word(i18n, &what.get()));
    let label = |w: fn(I18n) -> String| Signal::derive(move || w(i18n));
    let becomes = Signal::derive(move || {
        let file = draft
            .outputs
            .with(|o| o.get(i).map(|o| o.file.clone()).unwrap_or_default());
        let mut values = draft.values();
        values.insert(
            "date".into(),
            rfc3339_utc(here.live.now.get()).chars().take(10).collect(),
        );
        let values = values
            .iter()
            .map(|(k, v)| (k.as_str(), v.trim().to_owned()))
            .collect();
        t_string!(i18n, jobs.o_file_hint, name = pattern::fill(&file, &values)).to_string()
    });
    let email_hint = Signal::derive(move || match advised {
        EmailAdvice::Discouraged => t_string!(i18n, jobs.o_email_discouraged).to_owned(),
        EmailAdvice::Free | EmailAdvice::WarnWithout => String::new(),
    });
    let format = part(|o| o.format.clone());
    let formats = FORMATS
        .map(|f| view! { <option value=f selected=move || format.get() == f>{f}</option> })
        .collect_view();
    view! {
        <fieldset class="output" data-output=what.get_untracked()>
            <legend>{title}</legend>
            <div class="cols">
                <Line id=format!("path-{i}") value=part(|o| o.path.clone()) on_input=set(|o, t| o.path = t) label=label(|i| t_string!(i, jobs.o_path).to_owned()) error=error("path") />
                <Line id=format!("file-{i}") value=part(|o| o.file.clone()) on_input=set(|o, t| o.file = t) label=label(|i| t_string!(i, jobs.o_file).to_owned()) hint=becomes error=error("file") />
                <Choice id=format!("format-{i}") value=format on_change=set(|o, t| o.format = t) label=label(|i| t_string!(i, jobs.o_format).to_owned()) error=error("format")>{formats}</Choice>
                <Line id=format!("email-{i}") kind="email" value=part(|o| o.email.clone()) on_input=set(|o, t| o.email = t) label=label(|i| t_string!(i, jobs.o_email).to_owned()) hint=email_hint error=error("email") />
            </div>
        </fieldset>
    }
}
