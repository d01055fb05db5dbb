//! When what is typed would run, and what becomes of it on the two nights when clocks change.

use super::{super::here::Here, draft::Draft};
use crate::{
    api::{ApiError, jobs::preview_schedule},
    components::{language::reading, say, word},
    i18n::*,
};
use domain::Moment;
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use views::jobs::{Night, Preview};

/// The server is asked when nothing was changed for so long.
const PAUSE: Duration = Duration::from_millis(250);

/// The preview; it follows what is typed.
#[component]
pub fn PreviewCard(draft: Draft) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let found = RwSignal::new(None::<Result<Preview, ApiError>>);
    let schedule = Memo::new(move |_| draft.interval.schedule());
    // number of the last question: answers to earlier ones are dropped
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let schedule = schedule.get();
        let number = asked.get_value() + 1;
        asked.set_value(number);
        let is_last = move || asked.try_get_value() == Some(number);
        let ask = move || {
            if is_last() {
                spawn_local(async move {
                    let answer = preview_schedule(here.office.get_untracked(), schedule).await;
                    if is_last() {
                        found.set(Some(answer));
                    }
                });
            }
        };
        set_timeout(ask, PAUSE);
    });
    let zone = move || draft.interval.zone.get();
    view! {
        <section class="preview" aria-labelledby="preview" data-testid="preview">
            <h3 id="preview">{word!(i18n, jobs.preview)}</h3>
            <p class="muted">{word!(i18n, jobs.preview_zone, zone = zone())}</p>
            {move || match found.get() {
                None => view! { <p class="skeleton" aria-hidden="true">{word!(i18n, app.loading)}</p> }.into_any(),
                Some(Err(_)) => view! { <p class="soft">{word!(i18n, jobs.preview_wrong)}</p> }.into_any(),
                Some(Ok(p)) => view! {
                    <ol class="instants">{p.next.into_iter().map(|at| view! { <At at /> }).collect_view()}</ol>
                    {p.nights.into_iter().map(|night| view! { <NightLine night /> }).collect_view()}
                }
                .into_any(),
            }}
        </section>
    }
}

#[component]
fn At(at: Moment) -> impl IntoView {
    let i18n = use_i18n();
    view! { <li><time datetime=at.rfc3339()>{say(move || at.full(reading(i18n)))}</time></li> }
}

/// One of the nights.
#[component]
fn NightLine(night: Night) -> impl IntoView {
    let i18n = use_i18n();
    let (at, minutes) = (night.at, night.minutes);
    let title = say(move || {
        let at = at.full(reading(i18n));
        match minutes > 0 {
            true => t_string!(i18n, jobs.night_spring, at = at).to_string(),
            false => t_string!(i18n, jobs.night_autumn, at = at).to_string(),
        }
    });
    let which = if minutes > 0 { "spring" } else { "autumn" };
    let times = night
        .runs
        .iter()
        .map(|r| r.clock())
        .collect::<Vec<_>>()
        .join(", ");
    let runs = say(move || match times.as_str() {
        "" => t_string!(i18n, jobs.night_none).to_owned(),
        times => t_string!(i18n, jobs.night_runs, times = times.to_owned()).to_string(),
    });
    view! {
        <div class="night" data-night=which>
            <b>{title}</b>
            <span class="soft">{runs}</span>
        </div>
    }
}
