//! Apply, OK and Cancel, and what stands between them and the desk: what must be read first, and what is in the way
//! (J3, J12, J18).

use super::{
    super::{
        error_words,
        here::Here,
        jobs::desk::{Desk, verb_words},
    },
    draft::Draft,
    fields::Refused,
};
use crate::components::plan::clash_words;
use crate::{
    api::{
        ApiError,
        jobs::{new_job, save_job},
    },
    browser,
    components::{say, typed::rule_words, word},
    i18n::*,
};
use domain::{
    FieldError,
    job::{JobForm, JobId},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

/// What the desk wants to know before it takes the form.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Between {
    /// Read this first.
    Confirm(Vec<FieldError>),
    /// It clashes: the sentence says with what.
    Clash(String),
}

/// What saving needs to know.
#[derive(Clone, Copy)]
pub struct Saving {
    /// What is typed.
    pub draft: Draft,
    /// What was refused, at its field.
    pub refused: Refused,
    /// The job's number and the version that the form began with; none for a new one.
    pub job: Option<(JobId, RwSignal<i64>)>,
    /// The form as it is kept.
    pub base: RwSignal<Option<JobForm>>,
}

/// The buttons.
#[component]
pub fn Save(saving: Saving) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let between = RwSignal::new(None::<Between>);
    let reason = RwSignal::new(String::new());
    let reason_wrong = RwSignal::new(None::<String>);
    // what was agreed to counts for the form as it was then
    let agreed = RwSignal::new((false, None::<String>));
    let closing = StoredValue::new(false);
    let go = StoredValue::new(use_navigate());
    let Saving {
        draft,
        refused,
        job,
        base,
    } = saving;
    Effect::new(move |before: Option<JobForm>| {
        let form = draft.form();
        if before.is_some_and(|b| b != form) {
            agreed.set((false, None));
            between.set(None);
        }
        form
    });
    let refuse = move |e: ApiError| match e.code() {
        "invalid" => {
            let of_reason = e.0.errors.iter().find(|f| f.field == "despite");
            if let Some(f) = of_reason {
                let why = rule_words(i18n, f);
                reason_wrong.set(Some(why));
                between.set(Some(Between::Clash(String::new())));
                return;
            }
            refused.set(e.0.errors.clone());
            desk.said
                .set(Some(Err(t_string!(i18n, jobs.look_again).to_owned())));
            point_at_first();
        }
        "unconfirmed" => {
            between.set(Some(Between::Confirm(e.0.errors.clone())));
            browser_focus("#between");
        }
        "clash" => {
            agreed.update(|a| a.1 = None);
            between.set(Some(Between::Clash(clash_words(i18n, &e))));
            browser_focus("#between");
        }
        "wrong_state" => {
            desk.again.update(|n| *n += 1);
            desk.said.set(Some(Err(verb_words(i18n, &e))));
        }
        _ => desk.said.set(Some(Err(error_words(i18n, &e)))),
    };
    let send = move || {
        if desk.busy.get_untracked() {
            return;
        }
        desk.said.set(None);
        between.set(None);
        let own = draft.interval.own_errors();
        if !own.is_empty() {
            refused.set(own);
            point_at_first();
            return;
        }
        refused.set(vec![]);
        desk.busy.set(true);
        let (form, (confirmed, despite)) = (untrack(move || draft.form()), agreed.get_untracked());
        let office = here.office.get_untracked();
        spawn_local(async move {
            let answer = match job {
                Some((id, version)) => {
                    let version = version.get_untracked();
                    let saved = save_job(office.clone(), id, version, form.clone(), despite, confirmed).await;
                    saved.map(|version| (id, version))
                }
                None => new_job(office.clone(), form.clone(), despite, confirmed)
                    .await
                    .map(|id| (id, 1)),
            };
            // the page may have been left meanwhile
            if desk.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok((id, version)) => {
                    agreed.set((false, None));
                    base.set(Some(form));
                    let said = match job {
                        Some((_, kept)) => {
                            kept.set(version);
                            t_string!(i18n, jobs.saved).to_owned()
                        }
                        None => t_string!(i18n, jobs.set_up, id = id).to_string(),
                    };
                    desk.said.set(Some(Ok(said)));
                    desk.again.update(|n| *n += 1);
                    let close = closing.get_value();
                    if close || job.is_none() {
                        let to = if close {
                            format!("/o/{office}/jobs")
                        } else {
                            format!("/o/{office}/jobs/{id}")
                        };
                        go.with_value(|go| go(&to, Default::default()));
                    }
                }
                Err(e) => refuse(e),
            }
        });
    };
    let cancel = say(move || format!("/o/{}/jobs", here.office.get()));
    view! {
        {move || between.get().map(|b| view! { <Asked b between reason reason_wrong agreed send=Callback::new(move |()| send()) /> })}
        <div class="savebar">
            <button type="button" class="btn pri lg" disabled=desk.busy on:click=move |_| { closing.set_value(true); send(); }>{word!(i18n, jobs.ok)}</button>
            <button type="button" class="btn lg" disabled=desk.busy on:click=move |_| { closing.set_value(false); send(); }>{word!(i18n, jobs.apply)}</button>
            <a class="btn lg" href=cancel>{word!(i18n, jobs.cancel)}</a>
        </div>
    }
}

/// The first field that is wrong gets the focus, once it is marked.
fn point_at_first() {
    browser_focus("#main [aria-invalid=true]");
}

/// After the page has drawn what was just set.
fn browser_focus(selector: &'static str) {
    set_timeout(
        move || browser::focus(selector),
        std::time::Duration::from_millis(30),
    );
}

/// The question that stands between the form and the desk.
#[component]
fn Asked(
    b: Between,
    between: RwSignal<Option<Between>>,
    reason: RwSignal<String>,
    reason_wrong: RwSignal<Option<String>>,
    agreed: RwSignal<(bool, Option<String>)>,
    send: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let back = move |_| between.set(None);
    match b {
        Between::Confirm(warnings) => view! {
            <section id="between" class="todo act between" tabindex="-1" role="group" aria-labelledby="between-h" data-testid="confirm-first">
                <h3 id="between-h">{word!(i18n, jobs.confirm_title)}</h3>
                <ul>{warnings.into_iter().map(|w| {
                    let key = w.message.clone();
                    view! { <li data-warning=key>{say(move || rule_words(i18n, &w))}</li> }
                }).collect_view()}</ul>
                <div class="acts">
                    <button type="button" class="btn pri" on:click=move |_| { agreed.update(|a| a.0 = true); send.run(()); }>{word!(i18n, jobs.go_on)}</button>
                    <button type="button" class="btn" on:click=back>{word!(i18n, jobs.back_to_form)}</button>
                </div>
            </section>
        }
        .into_any(),
        Between::Clash(sentence) => view! {
            <section id="between" class="todo sup between" tabindex="-1" role="group" aria-labelledby="between-h" data-testid="clash">
                <h3 id="between-h">{word!(i18n, jobs.clash_title)}</h3>
                <p class="soft">{sentence}</p>
                <div class="line-field">
                    <label for="despite">{word!(i18n, jobs.clash_reason)}</label>
                    <span class="field"><input id="despite" type="text" maxlength="500" autocomplete="off" dir="auto" prop:value=reason on:input=move |ev| reason.set(event_target_value(&ev)) /></span>
                    <small class="error">{say(move || reason_wrong.get().unwrap_or_default())}</small>
                </div>
                <div class="acts">
                    <button
                        type="button"
                        class="btn pri"
                        on:click=move |_| {
                            let why = reason.get_untracked().trim().to_owned();
                            if why.is_empty() {
                                return reason_wrong.set(Some(t_string!(i18n, sign_in.rule_empty).to_owned()));
                            }
                            reason_wrong.set(None);
                            agreed.update(|a| a.1 = Some(why));
                            send.run(());
                        }
                    >
                        {word!(i18n, jobs.clash_despite)}
                    </button>
                    <button type="button" class="btn" on:click=back>{word!(i18n, jobs.back_to_form)}</button>
                </div>
            </section>
        }
        .into_any(),
    }
}
