//! `/o/:office/jobs/hours`: working hours, calendars of the office's own, and a country's holidays (J13, J24).

mod calendars;

use super::{error_words, follow::keep_up, here::Here, page::Page, unread::once_read};
use crate::{
    api::plan::{hours, set_hours},
    components::{job_tabs::JobTabs, language::reading, say, typed::Typed, word},
    i18n::*,
};
use domain::{
    calendar::{Country, Holiday, HolidayName, PublicHoliday},
    schedule::Clock,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use views::plan::{HoursPage, clock, day_and_year, day_words};

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Desk {
    data: RwSignal<HoursPage>,
    said: RwSignal<Option<Result<String, String>>>,
    again: RwSignal<u32>,
}

/// A country's name.
fn country_name(i18n: I18n, country: Country) -> &'static str {
    match country {
        Country::No => t_string!(i18n, plan.c_no),
        Country::Dk => t_string!(i18n, plan.c_dk),
        Country::Nl => t_string!(i18n, plan.c_nl),
        Country::Be => t_string!(i18n, plan.c_be),
    }
}

/// What a holiday is called.
fn holiday_name(i18n: I18n, name: &HolidayName) -> String {
    let day = match name {
        HolidayName::Own(name) => return name.clone(),
        HolidayName::Public(day) => *day,
    };
    match day {
        PublicHoliday::NewYearsDay => t_string!(i18n, plan.d_new_years_day),
        PublicHoliday::MaundyThursday => t_string!(i18n, plan.d_maundy_thursday),
        PublicHoliday::GoodFriday => t_string!(i18n, plan.d_good_friday),
        PublicHoliday::EasterSunday => t_string!(i18n, plan.d_easter_sunday),
        PublicHoliday::EasterMonday => t_string!(i18n, plan.d_easter_monday),
        PublicHoliday::GreatPrayerDay => t_string!(i18n, plan.d_great_prayer_day),
        PublicHoliday::KingsDay => t_string!(i18n, plan.d_kings_day),
        PublicHoliday::LabourDay => t_string!(i18n, plan.d_labour_day),
        PublicHoliday::LiberationDay => t_string!(i18n, plan.d_liberation_day),
        PublicHoliday::ConstitutionDay => t_string!(i18n, plan.d_constitution_day),
        PublicHoliday::AscensionDay => t_string!(i18n, plan.d_ascension_day),
        PublicHoliday::Pentecost => t_string!(i18n, plan.d_pentecost),
        PublicHoliday::PentecostMonday => t_string!(i18n, plan.d_pentecost_monday),
        PublicHoliday::NationalDay => t_string!(i18n, plan.d_national_day),
        PublicHoliday::AssumptionDay => t_string!(i18n, plan.d_assumption_day),
        PublicHoliday::AllSaintsDay => t_string!(i18n, plan.d_all_saints_day),
        PublicHoliday::ArmisticeDay => t_string!(i18n, plan.d_armistice_day),
        PublicHoliday::ChristmasDay => t_string!(i18n, plan.d_christmas_day),
        PublicHoliday::SecondChristmasDay => t_string!(i18n, plan.d_second_christmas_day),
    }
    .to_owned()
}

/// The page.
#[component]
pub fn Hours() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|q| {
            let country = q.get("country").and_then(|c| Country::from_code(&c));
            (country, q.get("year").and_then(|y| y.parse::<i32>().ok()))
        })
    });
    let first = Resource::new_blocking(
        move || (here.office.get(), asked.get(), here.reread.get()),
        |(office, (country, year), _)| hours(office, country, year),
    );
    let title = Signal::derive(move || t_string!(i18n, plan.h_title).to_owned());
    view! {
        <Page title>
            <JobTabs />
            {once_read(first, |page| view! { <Known page /> })}
        </Page>
    }
}

#[component]
fn Known(page: HoursPage) -> impl IntoView {
    if !page.may_edit {
        return view! { <super::blocked::AskWhom names=page.ask /> }.into_any();
    }
    let here = expect_context::<Here>();
    let desk = Desk {
        data: RwSignal::new(page),
        said: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    provide_context(desk);
    keep_up(
        move || (here.office.get(), desk.data.with(|d| (d.country, d.year))),
        desk.again,
        |(office, (country, year))| hours(office, Some(country), Some(year)),
        move |_, page| desk.data.set(page),
    );
    view! {
        <p class="said" role="status" class:vh=move || desk.said.with(Option::is_none) class:wrong=move || desk.said.with(|s| matches!(s, Some(Err(_))))>
            {say(move || desk.said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}
        </p>
        <div class="hoursg">
            <div class="stackg">
                <Working />
                <calendars::Calendars />
            </div>
            <Holidays />
        </div>
    }
    .into_any()
}

#[component]
fn Working() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let now = desk.data.with_untracked(|d| d.hours);
    let was = RwSignal::new(now);
    let (from, to) = (
        RwSignal::new(clock(now.0 as i32)),
        RwSignal::new(clock(now.1 as i32)),
    );
    // what was not touched here follows what others set
    Effect::new(move |_| {
        let now = desk.data.with(|d| d.hours);
        let before = was.get_untracked();
        if now != before {
            for (field, b, n) in [(from, before.0, now.0), (to, before.1, now.1)] {
                if field.get_untracked() == clock(b as i32) {
                    field.set(clock(n as i32));
                }
            }
            was.set(now);
        }
    });
    let wrong = RwSignal::new(String::new());
    let saving = Action::new(move |new: &(u32, u32)| {
        let new = *new;
        async move {
            match set_hours(here.office.get_untracked(), was.get_untracked(), new).await {
                Ok(()) => {
                    was.set(new);
                    desk.said.set(Some(Ok(t_string!(i18n, plan.b_saved).to_owned())));
                }
                Err(e) if e.code() == "wrong_state" => wrong.set(t_string!(i18n, plan.b_theirs).to_owned()),
                Err(e) if e.code() == "invalid" => wrong.set(t_string!(i18n, plan.rule_order).to_owned()),
                Err(e) => wrong.set(error_words(i18n, &e)),
            }
            desk.again.update(|n| *n += 1);
        }
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        wrong.set(String::new());
        let read = |s: RwSignal<String>| Clock::read(&s.get_untracked()).map(|c| u32::from(c.minutes()));
        match (read(from), read(to)) {
            (Some(f), Some(t)) => {
                saving.dispatch((f, t));
            }
            _ => wrong.set(t_string!(i18n, plan.rule_time).to_owned()),
        }
    };
    let label = move |f: fn(I18n) -> String| Signal::derive(move || f(i18n));
    let zone = desk.data.with_untracked(|d| d.zone.clone());
    view! {
        <section class="card" aria-labelledby="hours-t">
            <header><h2 id="hours-t">{word!(i18n, plan.h_title)}</h2></header>
            <form class="pad hours" novalidate on:submit=submit>
                <p class="soft">{word!(i18n, plan.h_lead)} " " {word!(i18n, plan.h_zone, zone = zone.clone())}</p>
                <div class="two">
                    <Typed id="hours-from" kind="time" value=from label=label(|i| t_string!(i, plan.from).to_owned()) />
                    <Typed id="hours-to" kind="time" value=to label=label(|i| t_string!(i, plan.to).to_owned()) />
                </div>
                <p class="wrong" role="alert">{wrong}</p>
                <div><button class="btn pri" disabled=move || saving.pending().get()>{word!(i18n, plan.b_save)}</button></div>
            </form>
        </section>
    }
}

/// A country's holidays of a year.
#[component]
fn Holidays() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let go = StoredValue::new(use_navigate());
    let show = move |country: Country, year: i32| {
        let options = NavigateOptions {
            scroll: false,
            replace: true,
            ..Default::default()
        };
        let to = format!(
            "/o/{}/jobs/hours?country={}&year={year}",
            here.office.get_untracked(),
            country.code()
        );
        go.with_value(|go| go(&to, options));
    };
    let now = move || desk.data.with_untracked(|d| (d.country, d.year));
    let choose = move |ev| {
        if let Some(country) = Country::from_code(&event_target_value(&ev)) {
            show(country, now().1);
        }
    };
    let turn = move |ev| {
        if let Ok(year) = event_target_value(&ev).trim().parse::<i32>() {
            show(now().0, year.clamp(1990, 2100));
        }
    };
    let next = say(move || {
        let days = desk.data.with(|d| d.next.clone());
        let told = days.iter().map(|h| {
            format!(
                "{} ({})",
                holiday_name(i18n, &h.name),
                day_words(h.date, reading(i18n))
            )
        });
        t_string!(i18n, plan.h_next, days = told.collect::<Vec<_>>().join(", ")).to_string()
    });
    let list = move || {
        let days: Vec<Holiday> = desk.data.with(|d| d.holidays.clone());
        days.into_iter()
            .map(|h| {
                let date = h.date;
                view! { <li><time datetime=date.to_string()>{say(move || day_and_year(date, reading(i18n)))}</time> <span>{say(move || holiday_name(i18n, &h.name))}</span></li> }
            })
            .collect_view()
    };
    let country = now().0;
    view! {
        <section class="card holidays" aria-labelledby="holidays-t">
            <header>
                <h2 id="holidays-t">{word!(i18n, plan.h_holidays)}</h2>
                <div class="r">
                    <label class="field small">
                        <span class="vh">{word!(i18n, plan.h_country)}</span>
                        <select id="holidays-of" on:change=choose>
                            {Country::ALL
                                .map(|c| view! { <option value=c.code() selected=c == country>{say(move || country_name(i18n, c).to_owned())}</option> })
                                .collect_view()}
                        </select>
                    </label>
                    <label class="field small short">
                        <span class="vh">{word!(i18n, plan.h_year)}</span>
                        <input id="holidays-year" type="number" min="1990" max="2100" value=now().1 prop:value=move || desk.data.with(|d| d.year) on:change=turn />
                    </label>
                </div>
            </header>
            <p class="soft pad">{next}</p>
            <ol class="year" data-testid="holidays" aria-label=word!(i18n, plan.h_holidays)>{list}</ol>
        </section>
    }
}
