//! What people say of a stopped task: "I cannot do this", "it is urgent", "not now" (M5, T8).

use super::{Said, draft::Draft};
use crate::components::{say, word};
use crate::{
    api::tasks::{hand_over, snooze, urgent},
    components::{ask::Ask, language::reading, supported::supported},
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::failure::Audience;
use leptos::prelude::*;
use views::TaskDetail;

/// What was said of it.
#[component]
pub fn Marks(d: TaskDetail) -> impl IntoView {
    let i18n = use_i18n();
    let urgent = d.urgent.map(|w| {
        view! { <p class="mark-line sup"><b>{word!(i18n, task.urgent_by, who = w.by.clone())}</b> " " <q>{w.text}</q></p> }
    });
    let note = d.note.map(|w| {
        view! { <p class="mark-line"><b>{word!(i18n, task.note_by, who = w.by.clone())}</b> " " <q>{w.text}</q></p> }
    });
    let off = d.snooze.map(|w| {
        let (at, by) = (w.at, w.by);
        let words = say(move || {
            t_string!(
                i18n,
                task.put_off_by,
                until = at.full(reading(i18n)),
                who = by.clone()
            )
            .to_string()
        });
        view! { <p class="mark-line"><b>{words}</b> " " <q>{w.text}</q></p> }
    });
    let taken = d
        .row
        .taken
        .map(|who| view! { <p class="mark-line">{word!(i18n, task.taken_by, who = who.clone())}</p> });
    view! { {urgent} {note} {off} {taken} }
}

/// Gives the task to the other side, with a note.
#[component]
pub fn PassOn(d: TaskDetail, said: Said, draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    d.may_hand_to.map(move |to| {
        let answer = draft.passing.answer;
        let passing = Action::new(move |note: &String| {
            let note = note.clone();
            async move {
                match hand_over(here.office.get_untracked(), id, to, note).await {
                    Ok(()) => {
                        answer.set(Some(Ok(())));
                        said.set(Some(Ok(t_string!(i18n, task.passed_on).to_owned())));
                    }
                    Err(e) => answer.set(Some(Err(error_words(i18n, &e)))),
                }
            }
        });
        let (open, title, lead) = match to {
            Audience::Support if supported() => (
                word!(i18n, task.cannot),
                word!(i18n, task.to_support_title),
                word!(i18n, task.to_support_lead),
            ),
            Audience::Support => (
                word!(i18n, task.cannot),
                word!(i18n, alone.pass_title),
                word!(i18n, alone.pass_lead),
            ),
            Audience::Office => (
                word!(i18n, task.to_office),
                word!(i18n, task.to_office),
                word!(i18n, task.to_office_lead),
            ),
        };
        view! {
            <Ask
                name="pass-on"
                key=Some("I")
                open
                title
                lead
                label=word!(i18n, task.note)
                submit=word!(i18n, task.pass_on)
                required=to == Audience::Office
                typing=draft.passing
                on_submit=move |note| { passing.dispatch(note); }
            />
        }
    })
}

/// Says that it cannot wait, and why.
#[component]
pub fn Urgent(d: TaskDetail, said: Said, draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    d.urgent.is_none().then(move || {
        let answer = draft.urgent.answer;
        let saying = Action::new(move |reason: &String| {
            let reason = reason.clone();
            async move {
                match urgent(here.office.get_untracked(), id, reason).await {
                    Ok(()) => {
                        answer.set(Some(Ok(())));
                        said.set(Some(Ok(t_string!(i18n, task.marked_urgent).to_owned())));
                    }
                    Err(e) => answer.set(Some(Err(error_words(i18n, &e)))),
                }
            }
        });
        view! {
            <Ask
                name="urgent"
                key=None
                open=word!(i18n, task.mark_urgent)
                title=word!(i18n, task.mark_urgent)
                lead=if supported() { word!(i18n, task.urgent_lead) } else { word!(i18n, alone.urgent_lead) }
                label=word!(i18n, task.reason)
                submit=word!(i18n, task.mark_urgent)
                required=true
                typing=draft.urgent
                on_submit=move |reason| { saying.dispatch(reason); }
            />
        }
    })
}

/// Puts it off for some hours, and says why.
#[component]
pub fn PutOff(d: TaskDetail, said: Said, draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let id = d.row.id;
    let answer = draft.off.answer;
    let hours = draft.hours;
    let putting = Action::new(move |reason: &String| {
        let reason = reason.clone();
        async move {
            match snooze(here.office.get_untracked(), id, hours.get_untracked(), reason).await {
                Ok(()) => {
                    answer.set(Some(Ok(())));
                    said.set(Some(Ok(t_string!(i18n, task.put_off_done).to_owned())));
                }
                Err(e) => answer.set(Some(Err(error_words(i18n, &e)))),
            }
        }
    });
    let spans = [
        (4u32, word!(i18n, task.hours_4)),
        (24, word!(i18n, task.hours_24)),
        (72, word!(i18n, task.hours_72)),
        (168, word!(i18n, task.hours_168)),
    ];
    view! {
        <Ask
            name="put-off"
            key=None
            open=word!(i18n, task.put_off)
            title=word!(i18n, task.put_off)
            lead=word!(i18n, task.put_off_lead)
            label=word!(i18n, task.reason)
            submit=word!(i18n, task.put_off)
            required=true
            typing=draft.off
            on_submit=move |reason| { putting.dispatch(reason); }
        >
            <label class="line-field">
                <span>{word!(i18n, task.put_off_for)}</span>
                <span class="field">
                    <select on:change=move |ev| { if let Ok(h) = event_target_value(&ev).parse() { hours.set(h); } }>
                        {spans.into_iter().map(|(n, words)| view! { <option value=n.to_string() prop:selected=move || hours.get() == n>{words}</option> }).collect_view()}
                    </select>
                </span>
            </label>
        </Ask>
    }
}
