//! What if: a holiday, a downtime, a night in which the clocks change (J28). Nothing is changed by asking.

use super::Desk;
use crate::components::plan::{problem_text, side_name};
use crate::{
    api::plan::what_if,
    components::{language::reading, say, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::schedule::Clock;
use leptos::prelude::*;
use views::plan::{Fate, FateLine, WhatIf, WhatIfAnswer, day_and_year, day_words, read_day};

/// Lines of jobs that run all the same.
const STAYING: usize = 5;

/// The form and its answer.
#[component]
pub fn Thought() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let kind = RwSignal::new("holiday".to_owned());
    let day = RwSignal::new(desk.data.with_untracked(|d| d.day.to_string()));
    let from = RwSignal::new("12:00".to_owned());
    let minutes = RwSignal::new("60".to_owned());
    let answer = RwSignal::new(None::<WhatIfAnswer>);
    let wrong = RwSignal::new(String::new());
    let asked = move || {
        let date =
            || read_day(&day.get_untracked()).ok_or_else(|| t_string!(i18n, plan.rule_date).to_owned());
        Ok::<_, String>(match kind.get_untracked().as_str() {
            "clocks" => WhatIf::Clocks(0),
            "clocks_then" => WhatIf::Clocks(1),
            "downtime" => WhatIf::Downtime {
                day: date()?,
                from: Clock::read(&from.get_untracked())
                    .ok_or_else(|| t_string!(i18n, plan.rule_time).to_owned())?,
                minutes: minutes.get_untracked().trim().parse().unwrap_or(0),
            },
            _ => WhatIf::Holiday(date()?),
        })
    };
    let thinking = Action::new(move |()| async move {
        wrong.set(String::new());
        let ask = match asked() {
            Ok(ask) => ask,
            Err(e) => return wrong.set(e),
        };
        match what_if(here.office.get_untracked(), ask).await {
            Ok(found) => answer.set(Some(found)),
            Err(e) => wrong.set(error_words(i18n, &e)),
        }
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        answer.set(None);
        thinking.dispatch(());
    };
    let needs_day = move || !kind.with(|k| k.starts_with("clocks"));
    let needs_time = move || kind.with(|k| k == "downtime");
    view! {
        <section id="what-if" aria-labelledby="what-if-t">
            <h3 id="what-if-t">{word!(i18n, plan.what_if)}</h3>
            <form class="line" on:submit=submit>
                <label class="field">
                    <span class="vh">{word!(i18n, plan.what)}</span>
                    <select on:change=move |ev| { kind.set(event_target_value(&ev)); answer.set(None); }>
                        <option value="holiday">{word!(i18n, plan.w_holiday)}</option>
                        <option value="downtime">{word!(i18n, plan.w_downtime)}</option>
                        <option value="clocks">{word!(i18n, plan.w_clocks)}</option>
                        <option value="clocks_then">{word!(i18n, plan.w_clocks_then)}</option>
                    </select>
                </label>
                <label class="field" hidden=move || !needs_day()>
                    <span class="muted">{word!(i18n, plan.day)}</span>
                    <input type="date" id="what-day" prop:value=day value=day.get_untracked() on:input=move |ev| day.set(event_target_value(&ev)) />
                </label>
                <label class="field" hidden=move || !needs_time()>
                    <span class="muted">{word!(i18n, plan.from)}</span>
                    <input type="time" id="what-from" prop:value=from value=from.get_untracked() on:input=move |ev| from.set(event_target_value(&ev)) />
                </label>
                <label class="field" hidden=move || !needs_time()>
                    <span class="muted">{word!(i18n, plan.minutes)}</span>
                    <input type="number" id="what-minutes" min="1" max="1440" prop:value=minutes value=minutes.get_untracked() on:input=move |ev| minutes.set(event_target_value(&ev)) />
                </label>
                <button class="btn" disabled=move || thinking.pending().get()>{word!(i18n, plan.think)}</button>
            </form>
            <p class="wrong" role="alert">{wrong}</p>
            <div role="status" data-testid="what-if-answer">
                {move || answer.get().map(|found| view! { <Answer found /> })}
            </div>
        </section>
    }
}

fn fate_words(i18n: I18n, l: &FateLine) -> String {
    let (run, clock, count) = (side_name(i18n, &l.run), l.run.clock.clone(), l.runs as usize);
    let to = || {
        let day = l.to_day.map(|d| day_words(d, reading(i18n)));
        let time = l.to.map(domain::Moment::clock);
        day.into_iter().chain(time).collect::<Vec<_>>().join(" ")
    };
    match l.fate {
        Fate::Goes => t_string!(i18n, plan.f_goes, run = run, clock = clock, count = count).to_string(),
        Fate::Moves => t_string!(i18n, plan.f_moves, run = run, clock = clock, to = to()).to_string(),
        Fate::Stays => t_string!(i18n, plan.f_stays, run = run, clock = clock).to_string(),
        Fate::Adds => t_string!(i18n, plan.f_adds, run = run, count = count).to_string(),
        Fate::Hit if l.to.is_some() => {
            let free = l.to.map(domain::Moment::clock).unwrap_or_default();
            t_string!(i18n, plan.f_hit_free, run = run, clock = clock, to = free).to_string()
        }
        Fate::Hit => t_string!(i18n, plan.f_hit, run = run, clock = clock).to_string(),
    }
}

#[component]
fn Answer(found: WhatIfAnswer) -> impl IntoView {
    let i18n = use_i18n();
    let WhatIfAnswer {
        day,
        clocks,
        mut lines,
        appear,
        gone,
    } = found;
    let head = say(move || day_and_year(day, reading(i18n)));
    let night = clocks.map(|by| match by > 0 {
        true => word!(i18n, plan.short_day),
        false => word!(i18n, plan.long_day),
    });
    let nothing = (lines.is_empty() && appear.is_empty())
        .then(|| view! { <p class="soft">{word!(i18n, plan.nothing_changes)}</p> });
    let first = lines
        .iter()
        .position(|l| l.fate == Fate::Stays)
        .unwrap_or(lines.len());
    let rest = lines.split_off(lines.len().min(first + STAYING)).len();
    let told = lines.into_iter().map(|l| {
        let class = match l.fate {
            Fate::Goes | Fate::Hit => "goes",
            Fate::Moves | Fate::Adds => "moves",
            Fate::Stays => "stays",
        };
        view! { <li class=class>{say(move || fate_words(i18n, &l))}</li> }
    });
    let more = (rest > 0).then(|| view! { <p class="muted">{word!(i18n, plan.f_rest, count = rest)}</p> });
    let count = appear.len();
    let new = (count > 0).then(|| {
        let list = appear.into_iter().map(|p| view! { <li>{say(move || problem_text(i18n, &p))}</li> });
        view! { <p class="b">{word!(i18n, plan.appear, count = count)}</p><ol class="places">{list.collect_view()}</ol> }
    });
    let less =
        (gone > 0).then(|| view! { <p class="soft">{word!(i18n, plan.gone, count = gone as usize)}</p> });
    view! {
        <p><b>{head}</b> {night.map(|n| view! { <span class="pill plan">{n}</span> })}</p>
        {nothing}
        <ul class="fates">{told.collect_view()}</ul>
        {more} {new} {less}
    }
}
