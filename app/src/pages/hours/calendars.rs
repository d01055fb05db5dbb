//! Calendars of the office's own: a country's holidays and some days more.

use super::{Desk, country_name};
use crate::{
    api::{
        ApiError,
        plan::{remove_calendar, save_calendar},
    },
    components::{
        dialog::while_asked,
        icon::{Glyph, Icon},
        say,
        typed::{Typed, rule_words, wrong_with},
        word,
    },
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::calendar::{Calendar, Country};
use leptos::prelude::*;
use std::collections::BTreeMap;
use views::plan::{CalendarLine, NaiveDate, read_day};

/// What the dialog is about: a new one, or this.
type Asked = RwSignal<Option<Option<CalendarLine>>>;

/// The list and its dialog.
#[component]
pub fn Calendars() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let asked: Asked = RwSignal::new(None);
    let dialog = while_asked(asked);
    let lines = Memo::new(move |_| desk.data.with(|d| d.calendars.clone()));
    let list = move || {
        let lines = lines.get();
        if lines.is_empty() {
            return view! { <p class="soft pad">{word!(i18n, plan.h_none)}</p> }.into_any();
        }
        view! { <ul class="cals">{lines.into_iter().map(|line| view! { <Line line asked /> }).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="cals-t">
            <header>
                <h2 id="cals-t">{word!(i18n, plan.h_calendars)}</h2>
                <div class="r"><button type="button" class="btn sm" on:click=move |_| asked.set(Some(None))><Glyph icon=Icon::Plus /> {word!(i18n, plan.h_add)}</button></div>
            </header>
            <p class="soft pad">{word!(i18n, plan.h_calendars_lead)}</p>
            {list}
        </section>
        <dialog class="verb" node_ref=dialog aria-labelledby="cal-t" on:close=move |_| asked.set(None)>
            {move || asked.get().map(|line| view! { <Form line asked /> })}
        </dialog>
    }
}

#[component]
fn Line(line: CalendarLine, asked: Asked) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let (name, version) = (line.name.clone(), line.version);
    let removing = Action::new(move |()| {
        let name = name.clone();
        async move {
            let done = remove_calendar(here.office.get_untracked(), name, version).await;
            desk.said.set(Some(match done {
                Ok(()) => Ok(t_string!(i18n, plan.b_removed).to_owned()),
                Err(e) if e.code() == "wrong_state" => Err(t_string!(i18n, plan.b_theirs).to_owned()),
                Err(e) => Err(error_words(i18n, &e)),
            }));
            desk.again.update(|n| *n += 1);
        }
    });
    let used = StoredValue::new(line.used.clone());
    // what is in use is refused here already, with the jobs by name
    let remove = move |_| {
        let jobs = used.with_value(|u| {
            let named = u.iter().take(10).map(|(id, name)| format!("{id} {name}"));
            named.collect::<Vec<_>>().join(", ")
        });
        if jobs.is_empty() {
            removing.dispatch(());
        } else {
            let said = t_string!(i18n, plan.h_used_no, jobs = jobs).to_string();
            desk.said.set(Some(Err(said)));
        }
    };
    let (country, own) = (line.country, line.days.len());
    let holds = say(move || {
        let of = country.map_or(t_string!(i18n, plan.h_no_country), |c| country_name(i18n, c));
        format!("{of}, {}", t_string!(i18n, plan.h_own, count = own))
    });
    let users = line.used.clone().into_iter().map(|(id, description)| {
        let href = say(move || format!("/o/{}/jobs/{id}", here.office.get()));
        view! { <a href=href>{id} " " {description}</a> " " }
    });
    let users = (!line.used.is_empty())
        .then(|| view! { <p class="muted">{word!(i18n, plan.h_used)} ": " {users.collect_view()}</p> });
    let shown = line.name.clone();
    let (edit, gone, of) = (line.name.clone(), line.name.clone(), line.name.clone());
    view! {
        <li data-calendar=of>
            <div><b dir="auto">{shown}</b> <span class="muted">{holds}</span>{users}</div>
            <div class="r">
                <button type="button" class="btn sm" aria-label=say(move || format!("{}: {edit}", t_string!(i18n, plan.b_edit))) on:click=move |_| asked.set(Some(Some(line.clone())))>{word!(i18n, plan.b_edit)}</button>
                <button type="button" class="btn sm" aria-label=say(move || format!("{}: {gone}", t_string!(i18n, plan.b_remove))) on:click=remove>{word!(i18n, plan.b_remove)}</button>
            </div>
        </li>
    }
}

/// The days of a text, one a line; else the number of the line that is none.
fn read_days(text: &str) -> Result<BTreeMap<NaiveDate, String>, usize> {
    let mut days = BTreeMap::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let (day, name) = line.trim().split_once(char::is_whitespace).ok_or(i + 1)?;
        days.insert(read_day(day).ok_or(i + 1)?, name.trim().to_owned());
    }
    Ok(days)
}

#[component]
fn Form(line: Option<CalendarLine>, asked: Asked) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let version = line.as_ref().map(|l| l.version);
    let name = RwSignal::new(line.as_ref().map(|l| l.name.clone()).unwrap_or_default());
    let first = match &line {
        Some(l) => l.country,
        None => Some(desk.data.with_untracked(|d| d.country)),
    };
    let country = RwSignal::new(first);
    let days = RwSignal::new(line.map_or_else(String::new, |l| {
        let told = l.days.iter().map(|(d, n)| format!("{d} {n}"));
        told.collect::<Vec<_>>().join("\n")
    }));
    let refused = RwSignal::new(None::<ApiError>);
    let wrong = RwSignal::new(String::new());
    let saving = Action::new(move |calendar: &Calendar| {
        let calendar = calendar.clone();
        async move {
            match save_calendar(
                here.office.get_untracked(),
                name.get_untracked(),
                version,
                calendar,
            )
            .await
            {
                Ok(()) => {
                    desk.said.set(Some(Ok(t_string!(i18n, plan.b_saved).to_owned())));
                    asked.set(None);
                    desk.again.update(|n| *n += 1);
                }
                Err(e) if e.code() == "invalid" => {
                    let other = e.0.errors.iter().find(|f| f.field != "name");
                    if let Some(f) = other {
                        wrong.set(rule_words(i18n, f));
                    }
                    refused.set(Some(e));
                }
                Err(e) if e.code() == "wrong_state" => wrong.set(t_string!(i18n, plan.b_theirs).to_owned()),
                Err(e) => wrong.set(error_words(i18n, &e)),
            }
        }
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        refused.set(None);
        wrong.set(String::new());
        match read_days(&days.get_untracked()) {
            Ok(days) => {
                saving.dispatch(Calendar {
                    country: country.get_untracked(),
                    days,
                });
            }
            Err(n) => wrong.set(t_string!(i18n, plan.h_line, n = n).to_string()),
        }
    };
    let label = Signal::derive(move || t_string!(i18n, plan.h_name).to_owned());
    let named = if version.is_none() {
        view! { <Typed id="cal-name" value=name label error=wrong_with(i18n, move || refused.get(), "name") /> }.into_any()
    } else {
        view! { <p class="b" dir="auto">{name.get_untracked()}</p> }.into_any()
    };
    view! {
        <form novalidate on:submit=submit>
            <h2 id="cal-t">{if version.is_some() { word!(i18n, plan.b_edit) } else { word!(i18n, plan.h_add) }}</h2>
            {named}
            <div class="line-field">
                <label for="cal-country">{word!(i18n, plan.h_country)}</label>
                <span class="field">
                    <select id="cal-country" on:change=move |ev| country.set(Country::from_code(&event_target_value(&ev)))>
                        <option value="" selected=first.is_none()>{word!(i18n, plan.h_no_country)}</option>
                        {Country::ALL
                            .map(|c| view! { <option value=c.code() selected=first == Some(c)>{say(move || country_name(i18n, c).to_owned())}</option> })
                            .collect_view()}
                    </select>
                </span>
            </div>
            <div class="line-field text">
                <label for="cal-days">{word!(i18n, plan.h_days)}</label>
                <textarea id="cal-days" rows="6" maxlength="60000" aria-describedby="cal-hint" prop:value=days on:input=move |ev| days.set(event_target_value(&ev))>{days.get_untracked()}</textarea>
                <small id="cal-hint">{word!(i18n, plan.h_days_hint)}</small>
            </div>
            <p class="wrong" role="alert">{wrong}</p>
            <div class="acts">
                <button class="btn pri lg" disabled=move || saving.pending().get()>{word!(i18n, plan.b_save)}</button>
                <button type="button" class="btn lg" on:click=move |_| asked.set(None)>{word!(i18n, plan.cancel)}</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_day_and_its_name() {
        let days = read_days("2027-07-16 Stocktaking\n\n 2027-12-24  Closed early \n").unwrap();
        assert_eq!(days.len(), 2);
        assert_eq!(days.values().last().unwrap(), "Closed early");
        assert_eq!(read_days("2027-07-16 A\n2027-02-30 B"), Err(2));
        assert_eq!(read_days("2027-07-16"), Err(1));
    }
}
