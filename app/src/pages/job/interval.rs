//! The extended interval: how often, on which days, and what only few jobs need (J13, J24).

use super::{
    draft::{Draft, Interval, Rhythm, WORKDAYS, clock},
    fields::{Choice, Line, Refused, wrong},
};
use crate::{
    components::{language::reading, say, word},
    i18n::*,
};
use domain::schedule::{HolidayAction, Weekday};
use leptos::prelude::*;

fn rhythm_word(i18n: I18n, rhythm: Rhythm) -> String {
    match rhythm {
        Rhythm::Once => t_string!(i18n, jobs.i_once),
        Rhythm::Several => t_string!(i18n, jobs.i_several),
        Rhythm::Hourly => t_string!(i18n, jobs.i_hourly),
        Rhythm::Half => t_string!(i18n, jobs.i_half),
        Rhythm::Weekly => t_string!(i18n, jobs.i_weekly),
        Rhythm::Window => t_string!(i18n, jobs.i_window),
    }
    .to_owned()
}

fn action_word(i18n: I18n, action: HolidayAction) -> String {
    match action {
        HolidayAction::Run => t_string!(i18n, jobs.ha_run),
        HolidayAction::Skip => t_string!(i18n, jobs.ha_skip),
        HolidayAction::NextWorkingDay => t_string!(i18n, jobs.ha_next),
        HolidayAction::PreviousWorkingDay => t_string!(i18n, jobs.ha_previous),
    }
    .to_owned()
}

const ACTIONS: [(HolidayAction, &str); 4] = [
    (HolidayAction::Skip, "skip"),
    (HolidayAction::NextWorkingDay, "next"),
    (HolidayAction::PreviousWorkingDay, "previous"),
    (HolidayAction::Run, "run"),
];

/// The whole interval.
#[component]
pub fn IntervalFields(draft: Draft, refused: Refused, calendars: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let i = draft.interval;
    let choose = move |rhythm: Rhythm| {
        i.rhythm.set(rhythm);
        // what the choice says of the days; they can be changed afterwards
        match rhythm {
            Rhythm::Once => i.days.set(Weekday::ALL.to_vec()),
            Rhythm::Hourly | Rhythm::Half | Rhythm::Weekly => i.days.set(WORKDAYS.to_vec()),
            Rhythm::Several | Rhythm::Window => {}
        }
        if rhythm == Rhythm::Several && i.times.with(|t| t.len() < 2) {
            i.times.update(|t| t.push(String::new()));
        }
    };
    let radio = move |rhythm: Rhythm| {
        view! {
            <label>
                <input type="radio" name="rhythm" value=rhythm.key() checked=i.rhythm.get_untracked() == rhythm prop:checked=move || i.rhythm.get() == rhythm on:change=move |_| choose(rhythm) />
                <span>{say(move || rhythm_word(i18n, rhythm))}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend class="vh">{word!(i18n, jobs.f_interval)}</legend>
            {Rhythm::ALL.map(radio).collect_view()}
        </fieldset>
        <div class="when">
            {move || match i.rhythm.get() {
                Rhythm::Once | Rhythm::Weekly => view! { <Times i refused several=false /> }.into_any(),
                Rhythm::Several => view! { <Times i refused several=true /> }.into_any(),
                Rhythm::Hourly | Rhythm::Half => {
                    let said = |m| clock(m).map(|c| c.to_string()).unwrap_or_default();
                    let (from, to) = (said(i.hours.0), said(i.hours.1));
                    view! { <p class="soft">{word!(i18n, jobs.i_hours, from = from.clone(), to = to.clone())}</p> }.into_any()
                }
                Rhythm::Window => view! { <Window i refused /> }.into_any(),
            }}
        </div>
        <Days i refused />
        <Advanced i refused calendars />
    }
}

/// Clock times.
#[component]
fn Times(i: Interval, refused: Refused, several: bool) -> impl IntoView {
    let i18n = use_i18n();
    let n = Memo::new(move |_| if several { i.times.with(Vec::len) } else { 1 });
    let one = move |at: usize| {
        let value = Signal::derive(move || i.times.with(|t| t.get(at).cloned().unwrap_or_default()));
        let label = Signal::derive(move || match several {
            true => t_string!(i18n, jobs.i_time_n, n = at + 1).to_string(),
            false => t_string!(i18n, jobs.i_time).to_owned(),
        });
        let set = move |text: String| {
            i.times.update(|t| {
                while t.len() <= at {
                    t.push(String::new());
                }
                t[at] = text;
            });
        };
        // of all of them is said at the first
        let of_all = wrong(i18n, refused, "schedule.at", false);
        let own = wrong(i18n, refused, format!("schedule.at[{at}]"), false);
        let error = Signal::derive(move || own.get().or_else(|| of_all.get().filter(|_| at == 0)));
        let remove = (several && at > 0).then(|| {
            let take = move |_| {
                i.times.update(|t| {
                    if at < t.len() {
                        t.remove(at);
                    }
                });
            };
            view! { <button type="button" class="link" on:click=take>{word!(i18n, jobs.i_remove_time, n = at + 1)}</button> }
        });
        view! { <div class="time">{view! { <Line id=format!("time-{at}") label value kind="time" error on_input=set /> }} {remove}</div> }
    };
    view! {
        <div class="times">
            {move || (0..n.get()).map(one).collect_view()}
            {several.then(|| view! { <button type="button" class="btn" on:click=move |_| i.times.update(|t| t.push(String::new()))>{word!(i18n, jobs.i_add_time)}</button> })}
        </div>
    }
}

/// A grid of minutes (C7).
#[component]
fn Window(i: Interval, refused: Refused) -> impl IntoView {
    let i18n = use_i18n();
    let word = |w: fn(I18n) -> String| Signal::derive(move || w(i18n));
    view! {
        <div class="cols">
            <Line id="minutes" kind="number" value=i.minutes on_input=move |t| i.minutes.set(t) label=word(|i| t_string!(i, jobs.i_minutes).to_owned()) error=wrong(i18n, refused, "schedule.every.minutes", false) />
            <Line id="from" kind="time" value=i.from on_input=move |t| i.from.set(t) label=word(|i| t_string!(i, jobs.i_from).to_owned()) error=wrong(i18n, refused, "schedule.every.from", false) />
            <Line id="to" kind="time" value=i.to on_input=move |t| i.to.set(t) label=word(|i| t_string!(i, jobs.i_to).to_owned()) error=wrong(i18n, refused, "schedule.every.to", false) />
        </div>
    }
}

/// Days of the week.
#[component]
fn Days(i: Interval, refused: Refused) -> impl IntoView {
    let i18n = use_i18n();
    let error = wrong(i18n, refused, "schedule.days", true);
    let set = move |day: Weekday, on: bool| {
        i.days.update(|d| {
            d.retain(|x| *x != day);
            if on {
                d.push(day);
                d.sort_unstable();
            }
        });
    };
    let day = move |day: Weekday| {
        let on = move || i.days.with(|d| d.contains(&day));
        view! {
            <label class="day">
                <input type="checkbox" name="day" value=day.key() checked=i.days.with_untracked(|d| d.contains(&day)) prop:checked=on on:change=move |ev| set(day, event_target_checked(&ev)) />
                <span>{say(move || reading(i18n).weekday_short(day.from_monday()).to_owned())}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choice days" aria-describedby="days-note">
            <legend>{word!(i18n, jobs.i_days)}</legend>
            <div class="bar">
                {Weekday::ALL.map(day).collect_view()}
                <button type="button" class="btn sm" on:click=move |_| i.days.set(WORKDAYS.to_vec())>{word!(i18n, jobs.i_weekdays)}</button>
                <button type="button" class="btn sm" on:click=move |_| i.days.set(Weekday::ALL.to_vec())>{word!(i18n, jobs.i_every_day)}</button>
            </div>
            <small id="days-note" class="error">{say(move || error.get().unwrap_or_default())}</small>
        </fieldset>
    }
}

/// What only few jobs need; it is open when something of it is set or wrong.
#[component]
fn Advanced(i: Interval, refused: Refused, calendars: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let error = move |field: &'static str| wrong(i18n, refused, format!("schedule.{field}"), true);
    let any = move || {
        refused.with(|all| {
            let of = [
                "starts_on",
                "ends_on",
                "every_weeks",
                "month_days",
                "holidays",
                "not_before",
            ];
            all.iter()
                .any(|e| of.iter().any(|f| e.field.starts_with(&format!("schedule.{f}"))))
        })
    };
    let open = Memo::new(move |before: Option<&bool>| before == Some(&true) || any() || i.is_advanced());
    let word = |w: fn(I18n) -> String| Signal::derive(move || w(i18n));
    let key = move || {
        ACTIONS
            .iter()
            .find(|(a, _)| *a == i.action.get())
            .map_or("", |a| a.1)
            .to_owned()
    };
    let choose = move |chosen: String| {
        if let Some((action, _)) = ACTIONS.iter().find(|(_, k)| *k == chosen) {
            i.action.set(*action);
        }
    };
    let calendar = i.calendar;
    let calendars = calendars.into_iter().map(move |c| {
        let is = {
            let c = c.clone();
            move || calendar.with(|x| *x == c)
        };
        view! { <option value=c.clone() selected=is>{c.clone()}</option> }
    });
    view! {
        <details class="advanced" open=open>
            <summary>{word!(i18n, jobs.i_advanced)}</summary>
            <div class="cols">
                <Line id="starts" kind="date" value=i.starts on_input=move |t| i.starts.set(t) label=word(|i| t_string!(i, jobs.i_starts).to_owned()) error=error("starts_on") />
                <Line id="ends" kind="date" value=i.ends on_input=move |t| i.ends.set(t) label=word(|i| t_string!(i, jobs.i_ends).to_owned()) error=error("ends_on") />
                <Line id="weeks" kind="number" value=i.weeks on_input=move |t| i.weeks.set(t) label=word(|i| t_string!(i, jobs.i_weeks).to_owned()) error=error("every_weeks") />
                <Line id="month-days" value=i.month_days on_input=move |t| i.month_days.set(t) label=word(|i| t_string!(i, jobs.i_month_days).to_owned()) hint=word(|i| t_string!(i, jobs.i_month_days_hint).to_owned()) error=error("month_days") />
                <Choice id="calendar" value=i.calendar on_change=move |t| i.calendar.set(t) label=word(|i| t_string!(i, jobs.i_calendar).to_owned()) error=error("holidays")>
                    <option value="" selected=move || i.calendar.with(String::is_empty)>{word!(i18n, jobs.i_no_calendar)}</option>
                    {calendars.collect_view()}
                </Choice>
                <Choice id="holiday-action" value=Signal::derive(key) on_change=choose label=word(|i| t_string!(i, jobs.i_action).to_owned())>
                    {ACTIONS.map(|(a, k)| view! { <option value=k selected=move || i.action.get() == a>{say(move || action_word(i18n, a))}</option> }).collect_view()}
                </Choice>
                <Line id="until" kind="date" value=i.until on_input=move |t| i.until.set(t) label=word(|i| t_string!(i, jobs.i_postponed).to_owned()) hint=word(|i| t_string!(i, jobs.i_postponed_hint).to_owned()) error=error("not_before") />
            </div>
        </details>
    }
}
