//! When and why it closes; looked at before it is announced (D2, D16).

use super::{
    super::{countdown::when, error_words, here::Here},
    Desk,
};
use crate::{
    api::{
        ApiError,
        downtime::{announce_downtime, change_downtime, lift_downtime, preview_downtime},
    },
    components::{
        dialog::{DialogRef, close, show},
        language::reading,
        say,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
};
use domain::{
    Language, Moment,
    downtime::{Phase, Reason},
};
use leptos::{prelude::*, task::spawn_local};
use views::downtime::{Draft, DueLine, Preview, Standing};

/// What is typed.
#[derive(Clone, Copy)]
struct Form {
    day: RwSignal<String>,
    clock: RwSignal<String>,
    until_day: RwSignal<String>,
    until_clock: RwSignal<String>,
    reason: [RwSignal<String>; 5],
    platform: RwSignal<bool>,
}

impl Form {
    fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            day: text(),
            clock: text(),
            until_day: text(),
            until_clock: text(),
            reason: std::array::from_fn(|_| text()),
            platform: RwSignal::new(false),
        }
    }

    fn set(self, draft: &Draft) {
        self.day.set(draft.day.clone());
        self.clock.set(draft.clock.clone());
        self.until_day.set(draft.until_day.clone());
        self.until_clock.set(draft.until_clock.clone());
        self.platform.set(draft.platform);
        for (language, text) in Language::ALL.into_iter().zip(self.reason) {
            let written = draft.reason.0.iter().find(|(l, _)| *l == language);
            text.set(written.map(|(_, t)| t.clone()).unwrap_or_default());
        }
    }

    fn draft(self) -> Draft {
        let reason = Language::ALL.into_iter().zip(self.reason);
        Draft {
            platform: self.platform.get(),
            day: self.day.get(),
            clock: self.clock.get(),
            until_day: self.until_day.get(),
            until_clock: self.until_clock.get(),
            reason: Reason(reason.map(|(l, t)| (l, t.get())).collect()).tidy(),
        }
    }
}

/// The one that the reader may change: the office's own first.
fn editable(all: &[Standing]) -> Option<Standing> {
    let mine = || all.iter().filter(|s| s.may_edit);
    mine().find(|s| !s.platform).or_else(|| mine().next()).cloned()
}

/// The form, and what it asks before it does something.
#[component]
pub fn Settings() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let form = Form::new();
    // what is being changed, as it was when the form was filled
    let known = RwSignal::new(desk.data.with_untracked(|d| editable(&d.standing)));
    form.set(&known.get_untracked().map(|s| s.draft).unwrap_or_default());
    // what somebody else does is taken over while nothing is typed here
    Effect::new(move |_| {
        let now = desk.data.with(|d| editable(&d.standing));
        let was = known.get_untracked();
        let same = |a: &Option<Standing>, b: &Option<Standing>| {
            a.as_ref().map(|s| (s.id, s.version)) == b.as_ref().map(|s| (s.id, s.version))
        };
        let typed = untrack(|| form.draft()) != was.as_ref().map(|s| s.draft.clone()).unwrap_or_default();
        if !same(&was, &now) && !typed {
            form.set(&now.as_ref().map(|s| s.draft.clone()).unwrap_or_default());
            known.set(now);
        }
    });
    let refused = RwSignal::new(None::<ApiError>);
    let preview = RwSignal::new(None::<Preview>);
    let (confirm, lifting) = (DialogRef::new(), DialogRef::new());
    let shift = RwSignal::new(true);
    let fresh = move |said: String| {
        desk.said.set(Some(Ok(said)));
        refused.set(None);
        desk.again.update(|n| *n += 1);
        spawn_local(async move {
            if let Ok(page) = crate::api::downtime::downtime(here.office.get_untracked()).await {
                let now = editable(&page.standing);
                form.set(&now.as_ref().map(|s| s.draft.clone()).unwrap_or_default());
                known.set(now);
                desk.data.set(page);
            }
        });
    };
    let failed = move |e: ApiError| {
        let words = match e.code() {
            "invalid" => String::new(),
            "wrong_state" => {
                desk.again.update(|n| *n += 1);
                t_string!(i18n, downtime.theirs).to_owned()
            }
            _ => error_words(i18n, &e),
        };
        if e.code() == "invalid" {
            refused.set(Some(e));
            desk.said.set(None);
        } else {
            desk.said.set(Some(Err(words)));
        }
    };
    let look = Action::new(move |()| async move {
        refused.set(None);
        desk.said.set(None);
        let id = known.get_untracked().map(|s| s.id);
        let draft = untrack(|| form.draft());
        match preview_downtime(here.office.get_untracked(), id, draft).await {
            Ok(found) => {
                preview.set(Some(found));
                show(confirm);
            }
            Err(e) => failed(e),
        }
    });
    let go = Action::new(move |()| async move {
        let (office, draft) = (here.office.get_untracked(), untrack(|| form.draft()));
        let movable =
            preview.with_untracked(|p| p.as_ref().is_some_and(|p| p.jobs.iter().any(|j| j.to.is_some())));
        let shift = shift.get_untracked();
        let done = match known.get_untracked() {
            None => announce_downtime(office, draft, shift && movable)
                .await
                .map(|_| t_string!(i18n, downtime.done_announced)),
            // what was moved for it before, and is not in the preview, is moved anew
            Some(s) => change_downtime(office, s.id, s.version, draft, shift)
                .await
                .map(|()| t_string!(i18n, downtime.done_changed)),
        };
        close(confirm);
        match done {
            Ok(words) => fresh(words.to_owned()),
            Err(e) => failed(e),
        }
    });
    let lift = Action::new(move |()| async move {
        let Some(s) = known.get_untracked() else { return };
        let done = lift_downtime(here.office.get_untracked(), s.id).await;
        close(lifting);
        match done {
            Ok(()) if s.phase == Phase::Closed => fresh(t_string!(i18n, downtime.done_lifted).to_owned()),
            Ok(()) => fresh(t_string!(i18n, downtime.done_off).to_owned()),
            Err(e) => {
                // whatever it was, it is over: the form begins anew
                if e.code() == "wrong_state" {
                    known.set(None);
                }
                failed(e);
            }
        }
    });
    let closed = move || known.with(|k| k.as_ref().is_some_and(|s| s.phase == Phase::Closed));
    let stands = move || known.with(Option::is_some);
    let zone = move || desk.data.with(|d| d.zone.clone());
    let (error, until_error, reason_error) = (
        wrong_with(i18n, move || refused.get(), "closes"),
        wrong_with(i18n, move || refused.get(), "until"),
        Signal::derive(move || {
            let e = refused.get()?;
            let found = e.0.errors.iter().find(|f| f.field.starts_with("reason"))?;
            Some(crate::components::typed::rule_words(i18n, found))
        }),
    );
    let ahead = move |minutes: i64| {
        let now = here
            .live
            .now
            .get_untracked()
            .max(desk.data.with_untracked(|d| d.now.at));
        // a full minute more: the form must still be read and confirmed
        let at = (now + (minutes + 1) * 60_000 + 59_999).div_euclid(60_000) * 60_000;
        let moment = Moment {
            at,
            ..desk.data.with_untracked(|d| d.now)
        };
        form.day
            .set(moment.rfc3339().get(..10).unwrap_or_default().to_owned());
        form.clock.set(moment.clock());
    };
    let label = |words: Box<dyn Fn() -> String + Send + Sync>| Signal::derive(words);
    let moment_fields = move || {
        (!closed()).then(|| view! {
            <fieldset class="fr">
                <legend>{word!(i18n, downtime.closes_at)}</legend>
                <span class="hint">{say(move || t_string!(i18n, downtime.closes_hint, zone = zone()).to_string())}</span>
                <div class="row">
                    <Typed id="closes-day" kind="date" label=label(word!(i18n, downtime.day)) value=form.day error />
                    <Typed id="closes-clock" kind="time" label=label(word!(i18n, downtime.clock)) value=form.clock />
                    <button type="button" class="chip" on:click=move |_| ahead(10)>{word!(i18n, downtime.in_10)}</button>
                    <button type="button" class="chip" on:click=move |_| ahead(60)>{word!(i18n, downtime.in_60)}</button>
                </div>
            </fieldset>
        })
    };
    let everywhere = move || {
        let may = desk.data.with(|d| d.may_close_all);
        (may && !stands()).then(|| view! {
            <label class="sw">
                <input type="checkbox" role="switch" prop:checked=form.platform on:change=move |ev| form.platform.set(event_target_checked(&ev)) />
                <span>{word!(i18n, downtime.platform)}</span>
            </label>
        })
    };
    view! {
        <section class="card" aria-labelledby="dt-settings">
            <header><h2 id="dt-settings">{word!(i18n, downtime.settings)}</h2></header>
            <form class="form dtform" novalidate on:submit=move |ev| { ev.prevent_default(); look.dispatch(()); }>
                <p class="soft">{word!(i18n, downtime.close_lead)}</p>
                {moment_fields}
                <fieldset class="fr">
                    <legend>{word!(i18n, downtime.back_at)}</legend>
                    <span class="hint">{word!(i18n, downtime.back_hint)}</span>
                    <div class="row">
                        <Typed id="until-day" kind="date" label=label(word!(i18n, downtime.day)) value=form.until_day error=until_error />
                        <Typed id="until-clock" kind="time" label=label(word!(i18n, downtime.clock)) value=form.until_clock />
                    </div>
                </fieldset>
                <Reasons form error=reason_error />
                {everywhere}
                <div class="ft">
                    <button class="btn pri" disabled=look.pending()>
                        {say(move || if stands() { t_string!(i18n, downtime.review_change) } else { t_string!(i18n, downtime.review) }.to_owned())}
                    </button>
                    {move || stands().then(|| view! {
                        <button type="button" class="btn" on:click=move |_| show(lifting)>
                            {say(move || if closed() { t_string!(i18n, downtime.open_now) } else { t_string!(i18n, downtime.call_off) }.to_owned())}
                        </button>
                    })}
                    <span class="muted signed">{say(move || { let n = desk.data.with(|d| d.signed_in) as usize; t_string!(i18n, downtime.signed_in, count = n).to_string() })}</span>
                </div>
                <Said />
            </form>
        </section>
        <dialog node_ref=confirm class="verb" aria-labelledby="dt-confirm">
            {move || preview.get().map(|p| view! { <Look preview=p stands=stands() shift /> })}
            <div class="acts">
                <button type="button" class="btn pri lg" disabled=go.pending() on:click=move |_| { go.dispatch(()); }>
                    {say(move || if stands() { t_string!(i18n, downtime.change) } else { t_string!(i18n, downtime.announce) }.to_owned())}
                </button>
                <button type="button" class="btn lg" on:click=move |_| close(confirm)>{word!(i18n, downtime.keep)}</button>
            </div>
        </dialog>
        <dialog node_ref=lifting class="verb" aria-labelledby="dt-lift">
            <h2 id="dt-lift">{say(move || if closed() { t_string!(i18n, downtime.l_title) } else { t_string!(i18n, downtime.l_off_title) }.to_owned())}</h2>
            <p class="soft">{say(move || if closed() { t_string!(i18n, downtime.l_lead) } else { t_string!(i18n, downtime.l_off_lead) }.to_owned())}</p>
            <div class="acts">
                <button type="button" class="btn pri lg" disabled=lift.pending() on:click=move |_| { lift.dispatch(()); }>
                    {say(move || if closed() { t_string!(i18n, downtime.open_now) } else { t_string!(i18n, downtime.call_off) }.to_owned())}
                </button>
                <button type="button" class="btn lg" on:click=move |_| close(lifting)>{word!(i18n, downtime.keep)}</button>
            </div>
        </dialog>
    }
}

#[component]
fn Said() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let words = move |good: bool| {
        desk.said.with(|s| match s {
            Some(Ok(words)) if good => words.clone(),
            Some(Err(words)) if !good => words.clone(),
            _ => String::new(),
        })
    };
    view! {
        <div class="saids">
            <p class="said" role="status">{say(move || words(true))}</p>
            <p class="wrong" role="alert">{say(move || words(false))}</p>
        </div>
    }
}

/// Why, in each language: one at a time, and which are written.
#[component]
fn Reasons(form: Form, error: Signal<Option<String>>) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = RwSignal::new(i18n.language_untracked());
    let chips = Language::ALL.into_iter().zip(form.reason).map(|(l, text)| {
        let written = move || text.with(|t| !t.trim().is_empty());
        view! {
            <button type="button" class="chip" lang=l.tag() aria-pressed=move || (chosen.get() == l).to_string() on:click=move |_| chosen.set(l)>
                {l.own_name()}
                {move || written().then(|| view! { <span aria-hidden="true">"✓"</span><span class="vh">{word!(i18n, downtime.written)}</span> })}
            </button>
        }
    });
    let area = move || {
        let l = chosen.get();
        let text = Language::ALL
            .into_iter()
            .zip(form.reason)
            .find(|(of, _)| *of == l)
            .map(|(_, t)| t);
        text.map(|text| view! {
            <textarea id="reason" rows="3" lang=l.tag() dir="auto" aria-describedby="reason-note" aria-invalid=say(move || error.get().is_some().to_string())
                prop:value=text on:input=move |ev| text.set(event_target_value(&ev))>{text.get_untracked()}</textarea>
        })
    };
    view! {
        <div class="fr">
            <label class="lb" for="reason">{word!(i18n, downtime.reason)}</label>
            <div class="row">{chips.collect_view()}</div>
            {area}
            <small id="reason-note" class:error=move || error.get().is_some()>
                {say(move || error.get().unwrap_or_else(|| t_string!(i18n, downtime.reason_hint).to_owned()))}
            </small>
        </div>
    }
}

/// Jobs that are named one by one.
const MOST_NAMED: usize = 200;

/// What it would touch.
#[component]
fn Look(preview: Preview, stands: bool, shift: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let (closes, now) = (preview.closes, desk.data.with_untracked(|d| d.now.at));
    let title = say(move || {
        let when = when(i18n, closes, now);
        if stands {
            t_string!(i18n, downtime.c_change, when = when).to_string()
        } else {
            t_string!(i18n, downtime.c_title, when = when).to_string()
        }
    });
    let (people, running, jobs) = (preview.people.len(), preview.running.len(), preview.jobs.len());
    let names: Vec<String> = preview.people.iter().map(|(name, _)| name.clone()).collect();
    let tasks: Vec<String> = preview
        .running
        .iter()
        .map(|t| format!("{} · {}", t.dossier, t.task))
        .collect();
    let movable = preview.jobs.iter().any(|j| j.to.is_some());
    let fold = |words: Box<dyn Fn() -> String + Send + Sync>, list: Vec<String>| {
        if list.is_empty() {
            return view! { <p>{words}</p> }.into_any();
        }
        let lines = list.into_iter().map(|l| view! { <li><bdi>{l}</bdi></li> });
        view! { <details><summary>{words}</summary><ul>{lines.collect_view()}</ul></details> }.into_any()
    };
    let due = (jobs > 0).then(|| {
        let lines = preview
            .jobs
            .iter()
            .take(MOST_NAMED)
            .cloned()
            .map(|line| view! { <li><Due line now /></li> });
        let more = jobs.saturating_sub(MOST_NAMED);
        let more =
            (more > 0).then(|| view! { <li class="soft">{word!(i18n, downtime.c_more, n = more)}</li> });
        view! {
            <details open>
                <summary>{say(move || t_string!(i18n, downtime.c_jobs, count = jobs).to_string())}</summary>
                <ul class="due">{lines.collect_view()} {more}</ul>
            </details>
        }
    });
    view! {
        <h2 id="dt-confirm">{title}</h2>
        {preview.doubled.then(|| view! { <p class="wrong">{word!(i18n, downtime.c_doubled)}</p> })}
        <div class="touched">
            {fold(say(move || t_string!(i18n, downtime.c_people, count = people).to_string()), names)}
            {fold(say(move || t_string!(i18n, downtime.c_tasks, count = running).to_string()), tasks)}
            {due}
            {movable.then(|| view! {
                <label class="sw">
                    <input type="checkbox" role="switch" prop:checked=shift on:change=move |ev| shift.set(event_target_checked(&ev)) />
                    <span>{word!(i18n, downtime.c_shift)}</span>
                </label>
            })}
            {(!preview.refused.is_empty()).then(|| view! { <p class="soft">{word!(i18n, downtime.c_refused)} " " <bdi>{preview.refused.join(", ")}</bdi></p> })}
        </div>
    }
}

#[component]
fn Due(line: DueLine, now: i64) -> impl IntoView {
    let i18n = use_i18n();
    let (first, to, asks) = (line.first, line.to, line.asks);
    let fate = say(move || match to {
        Some(to) => {
            let near = to.near(now, reading(i18n));
            t_string!(i18n, downtime.c_moves, when = near).to_string()
        }
        None if asks => t_string!(i18n, downtime.c_asks).to_owned(),
        None => t_string!(i18n, downtime.c_late).to_owned(),
    });
    view! {
        <b><bdi>{line.description}</bdi></b> " "
        <span class="num">{say(move || first.near(now, reading(i18n)))}{(line.runs > 1).then(|| format!(" ×{}", line.runs))}</span>
        <br />
        <span class="muted">{fate}</span>
    }
}
