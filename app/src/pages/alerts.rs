//! `/o/:office/alerts`: what the desk found wrong with itself (M1).

use super::{here::Here, mail::fault_words, page::Page, unread::once_read};
use crate::{
    api::alerts::alerts,
    components::{
        fleet::Life,
        icon::{Glyph, Icon},
        language::reading,
        say,
        status::kind_word,
        word,
    },
    i18n::*,
};
use domain::{Moment, fleet::Liveness, moment::span};
use leptos::prelude::*;
use views::alerts::{AlertKind, AlertLine, AlertList, MANY};

/// A computer's clock may differ from the server's by this many milliseconds.
const APART: i64 = 120_000;
/// The page is read again this often, in milliseconds of the server's clock.
const EVERY: i64 = 10_000;

/// The page.
#[component]
pub fn Alerts() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    // counted from the first time that the clock is known: the page has just been read then
    let since = Memo::new(move |before: Option<&(i64, i64)>| {
        let now = here.live.now.get() / EVERY;
        let first = before.map_or(0, |b| b.0);
        let first = if first == 0 { now } else { first };
        (first, now - first)
    });
    let beat = Memo::new(move |_| since.get().1);
    let list = Resource::new_blocking(
        move || {
            (
                here.office.get(),
                here.reread.get(),
                here.live.stale.get(),
                beat.get(),
            )
        },
        |(office, ..)| alerts(office),
    );
    let title = Signal::derive(move || t_string!(i18n, alerts.title).to_owned());
    view! {
        <Page title>
            <OwnClock />
            {once_read(list, |list| view! { <Listed list /> })}
        </Page>
    }
}

/// A line when this computer's clock is off: the times on the page are not its own.
#[component]
fn OwnClock() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    move || {
        let ms = here.live.apart.get().abs();
        (ms > APART).then(|| {
            view! {
                <p class="card alertc own-clock" role="status" data-testid="own-clock">
                    <Life liveness=Liveness::Late />
                    <span>{say(move || t_string!(i18n, alerts.your_clock, time = span(ms, reading(i18n))).to_string())}</span>
                </p>
            }
        })
    }
}

#[component]
fn Listed(list: AlertList) -> impl IntoView {
    let i18n = use_i18n();
    let now = list.now;
    let calm = list.current.is_empty().then(|| {
        view! {
            <section class="card calm" data-testid="calm">
                <Life liveness=Liveness::Idle />
                <div><h2>{word!(i18n, alerts.calm_title)}</h2><p class="soft">{word!(i18n, alerts.calm)}</p></div>
            </section>
        }
    });
    let current = list.current.into_iter().map(|a| view! { <Standing a now /> });
    let past = list.past.into_iter().map(|a| view! { <Over a /> });
    let (current, past) = (current.collect_view(), past.collect_view());
    let none = past.is_empty();
    view! {
        {calm}
        {current}
        <section class="card past" aria-labelledby="past">
            <header><h2 id="past">{word!(i18n, alerts.past_title)}</h2></header>
            {if none {
                view! { <p class="muted pad">{word!(i18n, alerts.past_none)}</p> }.into_any()
            } else {
                view! { <ul>{past}</ul> }.into_any()
            }}
        </section>
    }
}

/// What is wrong, in one line.
fn title(i18n: I18n, a: &AlertLine) -> String {
    let name = a.name.clone();
    match a.kind {
        AlertKind::SilentConnector => t_string!(i18n, alerts.silent, name = name).to_string(),
        AlertKind::UnacceptedReports => t_string!(i18n, reports.alert, name = name).to_string(),
        AlertKind::StuckQueue => t_string!(i18n, alerts.stuck).to_owned(),
        AlertKind::NoConnector => {
            let (kind, n) = a.detail.split_once(' ').unwrap_or((&a.detail, ""));
            if kind == MANY {
                let n = n.to_owned();
                return t_string!(i18n, alerts.no_connectors, n = n, packages = name).to_string();
            }
            t_string!(
                i18n,
                alerts.no_connector,
                kind = kind_word(i18n, kind),
                package = name
            )
            .to_string()
        }
        AlertKind::OverdueJob => t_string!(i18n, alerts.overdue, name = name).to_string(),
        AlertKind::Mail => t_string!(i18n, alerts.mail).to_owned(),
        AlertKind::MailLogIn => t_string!(i18n, outbox.shut).to_owned(),
        AlertKind::Flood => t_string!(i18n, forms.flood).to_owned(),
        AlertKind::Disk => t_string!(i18n, alerts.disk).to_owned(),
        AlertKind::Clock => {
            let by: i64 = a.detail.parse().unwrap_or_default();
            t_string!(i18n, alerts.clock, time = span(by.abs(), reading(i18n))).to_string()
        }
        AlertKind::Storage => t_string!(i18n, alerts.storage).to_owned(),
    }
}

/// What to do about it.
fn to_do(i18n: I18n, a: &AlertLine) -> String {
    match a.kind {
        AlertKind::SilentConnector => t_string!(i18n, alerts.do_silent).to_owned(),
        AlertKind::UnacceptedReports => t_string!(i18n, reports.alert_do).to_owned(),
        AlertKind::StuckQueue => t_string!(i18n, alerts.do_stuck, task = a.name.clone()).to_string(),
        AlertKind::NoConnector => t_string!(i18n, alerts.do_no_connector).to_owned(),
        AlertKind::OverdueJob => t_string!(i18n, alerts.do_overdue).to_owned(),
        AlertKind::Mail => t_string!(i18n, alerts.do_mail, why = fault_words(i18n, &a.name)).to_string(),
        AlertKind::MailLogIn => t_string!(i18n, outbox.do_shut).to_owned(),
        AlertKind::Flood => t_string!(i18n, forms.do_flood).to_owned(),
        AlertKind::Disk => {
            let free = a.detail.parse::<u64>().unwrap_or_default() >> 20;
            t_string!(i18n, alerts.do_disk, free = free).to_string()
        }
        AlertKind::Clock => t_string!(i18n, alerts.do_clock).to_owned(),
        AlertKind::Storage => t_string!(i18n, alerts.do_storage).to_owned(),
    }
}

/// An alert that stands.
#[component]
fn Standing(a: AlertLine, now: Moment) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (since, kind) = (a.since, a.kind);
    let a = StoredValue::new(a);
    let when = say(move || {
        let language = reading(i18n);
        t_string!(
            i18n,
            alerts.since,
            at = since.full(language),
            time = span(now.at - since.at, language)
        )
        .to_string()
    });
    let fleet = matches!(
        kind,
        AlertKind::SilentConnector
            | AlertKind::UnacceptedReports
            | AlertKind::StuckQueue
            | AlertKind::NoConnector
    );
    let job = (kind == AlertKind::OverdueJob).then(|| {
        let id = a.with_value(|a| a.detail.clone());
        view! {
            <a class="btn" href=say(move || format!("/o/{}/jobs/{id}?why=1", here.office.get()))>
                <Glyph icon=Icon::Jobs />
                {word!(i18n, alerts.to_job)}
            </a>
        }
    });
    let mail = matches!(kind, AlertKind::Mail | AlertKind::MailLogIn).then(|| {
        view! {
            <a class="btn" href=say(move || format!("/o/{}/mail", here.office.get()))>{word!(i18n, alerts.to_mail)}</a>
        }
    });
    let requests = (kind == AlertKind::Flood).then(|| {
        view! {
            <a class="btn" href=say(move || format!("/o/{}/requests", here.office.get()))>{word!(i18n, forms.to_requests)}</a>
        }
    });
    let link = fleet.then(|| {
        view! {
            <a class="btn" href=say(move || format!("/o/{}/connectors", here.office.get()))>
                <Glyph icon=Icon::Connectors />
                {word!(i18n, alerts.to_connectors)}
            </a>
        }
    });
    view! {
        <section class="card alertc" data-alert=kind.key()>
            <Life liveness=Liveness::Silent />
            <div>
                <h2>{say(move || a.with_value(|a| title(i18n, a)))}</h2>
                <p>{say(move || a.with_value(|a| to_do(i18n, a)))}</p>
                <p class="muted">{when}</p>
                {link}
                {job}
                {mail}
                {requests}
            </div>
        </section>
    }
}

/// An alert that is over.
#[component]
fn Over(a: AlertLine) -> impl IntoView {
    let i18n = use_i18n();
    let (since, ended) = (a.since, a.ended.unwrap_or(a.since));
    let kind = a.kind;
    let a = StoredValue::new(a);
    let when = say(move || {
        let language = reading(i18n);
        t_string!(
            i18n,
            alerts.lasted,
            at = since.full(language),
            time = span(ended.at - since.at, language)
        )
        .to_string()
    });
    view! { <li data-past=kind.key()><b>{say(move || a.with_value(|a| title(i18n, a)))}</b> <span class="muted">{when}</span></li> }
}
