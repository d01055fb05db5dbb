//! What stands above every page while a downtime is planned or on (D4, D5, D9), and what is offered back after it (D17).

use super::{
    here::Here,
    late::{ever, late},
};
use crate::components::{say, word};
use crate::{
    api::{
        ApiError,
        downtime::{downtime_notice, saw_downtime},
    },
    components::{
        dialog::{DialogRef, close, show},
        icon::{Glyph, Icon},
        language::reading,
    },
    i18n::*,
    live::Draft,
};
use domain::{
    Moment,
    downtime::{LAST_DAY_MS, Notice, OVERRUN_MS},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;

late! { frame:
    strip(notice: Notice) = counted,
    unsaved(person: i64) = offer,
}

/// The countdown looks at the clock this often, milliseconds: no second is left out, and a tab that sleeps is right when
/// it wakes.
const LOOK_MS: u32 = 250;
/// Whoever is still there at the cut-off asks the server within this time, not all at once.
const SPREAD_MS: i64 = 1_500;
/// Screen readers are told so many minutes before (D18).
pub const SAID: [i64; 5] = [60, 30, 10, 5, 1];

/// What is told of a downtime, read again whenever one changes.
pub fn downtime_told(here: Here) -> Resource<Result<Option<Notice>, ApiError>> {
    Resource::new_blocking(
        move || (here.office.get(), here.live.downtime.get(), here.reread.get()),
        |(office, ..)| downtime_notice(office),
    )
}

/// `today at 12:00`, `on Wed 18 Nov 2026 at 12:00`.
pub fn when(i18n: I18n, moment: Moment, now: i64) -> String {
    let clock = moment.clock();
    if moment.is_on_day_of(now) {
        t_string!(i18n, downtime.when_today, clock = clock).to_string()
    } else {
        let day = moment.date(reading(i18n));
        t_string!(i18n, downtime.when_day, day = day, clock = clock).to_string()
    }
}

/// `02:18:42`, and days before it where there are some.
fn clock_words(i18n: I18n, left: i64) -> String {
    let seconds = (left.max(0) + 999) / 1000;
    let (days, s) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    if days == 0 {
        clock
    } else {
        format!(
            "{} {clock}",
            t_string!(i18n, downtime.days, count = days as usize)
        )
    }
}

fn counted(notice: Notice) -> impl IntoView {
    view! { <Countdown notice /> }
}

/// The strip above every page. It cannot be closed.
#[component]
pub fn Countdown(notice: Notice) -> impl IntoView {
    let here = expect_context::<Here>();
    // milliseconds by the server's clock, as far as this page knows it
    let now = RwSignal::new(notice.now);
    let ticks = notice.clone();
    Effect::new(move |_| {
        let apart = ticks.now - crate::browser::now();
        let (closes, coming, shuts_out) = (ticks.closes.at, ticks.phase.is_coming(), ticks.shuts_out);
        let asks_at = closes + crate::browser::now().rem_euclid(SPREAD_MS);
        let asked = StoredValue::new(false);
        crate::browser::every(LOOK_MS, move || {
            let told = here.live.apart.try_get_untracked().filter(|a| *a != 0);
            let at = crate::browser::now() + told.unwrap_or(apart);
            if now
                .try_get_untracked()
                .is_some_and(|n| n.div_euclid(1000) != at.div_euclid(1000))
            {
                now.set(at);
            }
            // the moment has come: the server says what is now, also where the stream is broken
            let due = coming && at >= if shuts_out { asks_at } else { closes };
            if due && asked.try_get_value() == Some(false) {
                asked.set_value(true);
                here.live.downtime.update(|n| *n += 1);
            }
        });
    });
    if notice.phase.is_coming() {
        view! { <Coming notice now /> }.into_any()
    } else {
        view! { <Closed notice now /> }.into_any()
    }
}

#[component]
fn Coming(notice: Notice, now: RwSignal<i64>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let closes = notice.closes;
    let left = Memo::new(move |_| closes.at - now.get());
    let said = announced(i18n, left);
    let title = say(move || {
        let when = when(i18n, closes, now.get());
        t_string!(i18n, downtime.bar_coming, when = when).to_string()
    });
    let more = more_words(i18n, &notice, now);
    let details = notice
        .may_lift
        .then(|| view! { <a href=say(move || format!("/o/{}/downtime", here.office.get()))>{word!(i18n, downtime.bar_details)}</a> });
    let warns = notice
        .shuts_out
        .then(|| view! { <Warning notice=notice.clone() left /> });
    view! {
        <div class="count" role="region" aria-label=word!(i18n, downtime.bar_label) data-testid="countdown">
            <Glyph icon=Icon::Power />
            <span><b class="b">{title}</b> " " <span class="sub save">{word!(i18n, downtime.bar_save)}</span></span>
            <span class="clock" role="timer" aria-label=word!(i18n, downtime.bar_left)>{say(move || clock_words(i18n, left.get()))}</span>
            <span class="r"><span class="sub" lang=notice.reason_language.tag()>{more}</span>{details}</span>
            <span class="vh" role="status" data-testid="countdown-said">{say(move || said.get())}</span>
        </div>
        {warns}
    }
}

/// The reason, and when it is expected to open again.
fn more_words(i18n: I18n, notice: &Notice, now: RwSignal<i64>) -> Box<dyn Fn() -> String + Send + Sync> {
    let (reason, expected) = (notice.reason.clone(), notice.expected);
    say(move || {
        let back = expected.map(|until| {
            let near = until.near(now.get(), reading(i18n));
            t_string!(i18n, downtime.bar_back, when = near).to_string()
        });
        let said = [Some(reason.clone()), back];
        said.into_iter()
            .flatten()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    })
}

/// What is told so many minutes before.
pub fn said_words(i18n: I18n, minutes: i64) -> String {
    t_string!(i18n, downtime.said, count = minutes as usize).to_string()
}

/// What a screen reader is told: politely, and only at a few moments (D18).
fn announced(i18n: I18n, left: Memo<i64>) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<i64>| {
        let left = left.get();
        let passed = |minutes: &i64| {
            let at = minutes * 60_000;
            left <= at && before.is_some_and(|b| b > at)
        };
        // after a sleep only the last of those that were passed
        if let Some(minutes) = SAID.into_iter().rev().find(passed) {
            said.set(said_words(i18n, minutes));
        }
        left
    });
    said
}

/// The pop-up: once for each person and moment, a day before at the earliest (D4).
#[component]
fn Warning(notice: Notice, left: Memo<i64>) -> impl IntoView {
    let i18n = use_i18n();
    let dialog = DialogRef::new();
    let open = Memo::new(move |_| !notice.seen && left.get() <= LAST_DAY_MS && left.get() > 0);
    Effect::new(move |_| {
        if open.get()
            && let Some(d) = dialog.get()
            && !d.open()
        {
            show(dialog);
        }
    });
    let id = notice.id;
    let seen = move |_| {
        spawn_local(async move {
            // if this is lost it is shown once more
            let _ = saw_downtime(id).await;
        });
    };
    let (closes, now) = (notice.closes, notice.now);
    let back = notice.expected.map(|until| {
        let words = say(move || {
            let near = until.near(now, reading(i18n));
            t_string!(i18n, downtime.pop_back, when = near).to_string()
        });
        view! { <p class="soft">{words}</p> }
    });
    let reason = (!notice.reason.is_empty())
        .then(|| view! { <p class="soft why" lang=notice.reason_language.tag()>{notice.reason.clone()}</p> });
    view! {
        <dialog node_ref=dialog class="warning" aria-labelledby="downtime-warning" on:close=seen data-testid="downtime-warning">
            <h2 id="downtime-warning">{say(move || { let when = when(i18n, closes, now); t_string!(i18n, downtime.pop_title, when = when).to_string() })}</h2>
            {reason}
            <p class="soft">{word!(i18n, downtime.pop_lead)}</p>
            {back}
            <div class="acts"><button class="btn pri lg" on:click=move |_| close(dialog) autofocus>{word!(i18n, downtime.pop_ok)}</button></div>
        </dialog>
    }
}

/// For those who work on while it is closed (D9).
#[component]
fn Closed(notice: Notice, now: RwSignal<i64>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let closes = notice.closes;
    let overrun = move || {
        let due = notice.expected.map(|t| t.at + OVERRUN_MS);
        notice.overrun || due.is_some_and(|t| now.get() >= t)
    };
    let title = say(move || {
        let when = when(i18n, closes, now.get());
        t_string!(i18n, downtime.bar_closed, when = when).to_string()
    });
    let more = more_words(i18n, &notice, now);
    let open = notice
        .may_lift
        .then(|| view! { <a href=say(move || format!("/o/{}/downtime", here.office.get()))>{word!(i18n, downtime.bar_open)}</a> });
    view! {
        <div class="count closed" role="region" aria-label=word!(i18n, downtime.bar_label) data-testid="closed-notice">
            <Glyph icon=Icon::Power />
            <span>
                <b class="b">{title}</b> " "
                <span class="late" role="status">{say(move || if overrun() { t_string!(i18n, downtime.bar_overrun).to_owned() } else { String::new() })}</span>
            </span>
            <span class="r"><span class="sub" lang=notice.reason_language.tag()>{more}</span>{open}</span>
        </div>
    }
}

/// Remembers what this person types, and offers back what the cut-off interrupted (D17).
#[component]
pub fn Unsaved(person: i64) -> impl IntoView {
    let found = ever(crate::browser::has_draft);
    Effect::new(move |_| crate::browser::watch_typing(person));
    move || found.get().then(|| unsaved::shown(person))
}

fn offer(person: i64) -> impl IntoView {
    let i18n = use_i18n();
    let found = RwSignal::new(crate::browser::draft(person));
    let nowhere = RwSignal::new(false);
    let path = use_location();
    let forget = move || {
        crate::browser::forget_draft();
        found.set(None);
    };
    let offer = move |draft: Draft| {
        let fields = draft.fields.clone();
        let lines = fields
            .into_iter()
            .map(|f| view! { <dt>{f.label}</dt><dd dir="auto">{f.value}</dd> });
        let (text, back, target) = (as_text(&draft), draft.clone(), draft.path.clone());
        let here = {
            let page = draft.path.split('?').next().unwrap_or_default().to_owned();
            move || path.pathname.get() == page
        };
        let put = move |_| {
            if crate::browser::put_back(&back) {
                forget();
            } else {
                nowhere.set(true);
            }
        };
        view! {
            <section class="unsaved" aria-labelledby="unsaved-h" data-testid="unsaved">
                <h2 id="unsaved-h">{word!(i18n, downtime.d_title)}</h2>
                <p class="soft">{word!(i18n, downtime.d_lead)}</p>
                <dl>{lines.collect_view()}</dl>
                <p class="wrong" role="status">{say(move || if nowhere.get() { t_string!(i18n, downtime.d_nowhere).to_owned() } else { String::new() })}</p>
                <div class="acts">
                    <Show
                        when=here
                        fallback=move || view! { <a class="btn pri" href=target.clone()>{word!(i18n, downtime.d_go)}</a> }
                    >
                        <button class="btn pri" on:click=put.clone()>{word!(i18n, downtime.d_put)}</button>
                    </Show>
                    <button class="btn" on:click=move |_| crate::browser::copy(&text)>{word!(i18n, downtime.d_copy)}</button>
                    <button class="btn" on:click=move |_| forget()>{word!(i18n, downtime.d_forget)}</button>
                </div>
            </section>
        }
    };
    move || found.get().map(offer)
}

fn as_text(draft: &Draft) -> String {
    match draft.fields.as_slice() {
        [one] => one.value.clone(),
        all => all
            .iter()
            .map(|f| format!("{}: {}", f.label, f.value))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}
