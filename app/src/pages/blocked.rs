//! `/o/:office/jobs/blocked`: windows that no run may touch: who keeps them, why, and what touches them now (J4).

use super::{error_words, follow::follow_jobs, here::Here, page::Page, unread::once_read};
use crate::components::plan::side_name;
use crate::{
    api::{
        ApiError,
        plan::{blocked, remove_blocked, save_blocked, usual_blocked},
    },
    components::{
        dialog::while_asked,
        icon::{Glyph, Icon},
        job_tabs::JobTabs,
        language::reading,
        say,
        typed::{Typed, wrong_with},
        word,
    },
    i18n::*,
};
use domain::schedule::{Clock, Weekday};
use leptos::prelude::*;
use views::plan::{BlockedForm, BlockedLine, BlockedPage, clock, day_and_year, day_words, read_day};

/// What the page and its dialog share.
#[derive(Clone, Copy)]
struct Desk {
    data: RwSignal<BlockedPage>,
    said: RwSignal<Option<Result<String, String>>>,
    asked: RwSignal<Option<Asked>>,
    again: RwSignal<u32>,
}

/// What the dialog is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Add,
    Change(BlockedLine),
    Remove(BlockedLine),
}

/// The page.
#[component]
pub fn Blocked() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| blocked(office),
    );
    let title = Signal::derive(move || t_string!(i18n, plan.b_title).to_owned());
    view! {
        <Page title>
            <JobTabs />
            {once_read(first, |page| view! { <Known page /> })}
        </Page>
    }
}

/// Whom to ask, for those who lack the right.
#[component]
pub(super) fn AskWhom(names: Vec<String>) -> impl IntoView {
    let i18n = use_i18n();
    let said = say(move || {
        let who = match names.is_empty() {
            true => t_string!(i18n, plan.ask_admin).to_owned(),
            false => names.join(", "),
        };
        t_string!(i18n, plan.ask_whom, who = who).to_string()
    });
    view! { <div class="empty"><p class="soft">{said}</p></div> }
}

#[component]
fn Known(page: BlockedPage) -> impl IntoView {
    let i18n = use_i18n();
    if !page.may_edit {
        return view! { <AskWhom names=page.ask /> }.into_any();
    }
    let here = expect_context::<Here>();
    let desk = Desk {
        data: RwSignal::new(page),
        said: RwSignal::new(None),
        asked: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    provide_context(desk);
    follow_jobs(desk.data, desk.again, blocked);
    let adding_usual = Action::new(move |()| async move {
        let done = usual_blocked(here.office.get_untracked()).await;
        desk.said.set(Some(match done {
            Ok(()) => Ok(t_string!(i18n, plan.b_saved).to_owned()),
            Err(e) => Err(error_words(i18n, &e)),
        }));
        desk.again.update(|n| *n += 1);
    });
    let ids = Memo::new(move |_| {
        desk.data
            .with(|d| d.lines.iter().map(|l| l.id).collect::<Vec<_>>())
    });
    let empty = move || {
        ids.with(Vec::is_empty).then(|| {
            view! {
                <div class="empty">
                    <h2>{word!(i18n, plan.b_none)}</h2>
                    <p class="soft">{word!(i18n, plan.b_usual_says)}</p>
                    <button type="button" class="btn" disabled=move || adding_usual.pending().get() on:click=move |_| { adding_usual.dispatch(()); }>{word!(i18n, plan.b_usual)}</button>
                </div>
            }
        })
    };
    let head = move |class: &'static str, text: Box<dyn Fn() -> String + Send + Sync>| {
        view! { <th role="columnheader" scope="col" class=class>{text}</th> }
    };
    view! {
        <p class="said" role="status" class:vh=move || desk.said.with(Option::is_none) class:wrong=move || desk.said.with(|s| matches!(s, Some(Err(_))))>
            {say(move || desk.said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}
        </p>
        <div class="bar">
            <p class="soft">{word!(i18n, plan.b_lead)}</p>
            <span class="sp"></span>
            <button type="button" class="btn pri" on:click=move |_| desk.asked.set(Some(Asked::Add))><Glyph icon=Icon::Plus /> {word!(i18n, plan.b_add)}</button>
        </div>
        <section class="card blockeds" aria-label=word!(i18n, plan.b_title)>
            <table class="stack" role="table" aria-label=word!(i18n, plan.b_title)>
                <thead role="rowgroup">
                    <tr role="row">
                        {head("", word!(i18n, plan.b_reason))} {head("", word!(i18n, plan.b_when))} {head("", word!(i18n, plan.b_owner))}
                        {head("", word!(i18n, plan.b_touches))}
                        <th role="columnheader" scope="col"><span class="vh">{word!(i18n, plan.b_edit)}</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup"><For each=move || ids.get() key=|id| *id let:id><Row id /></For></tbody>
            </table>
            {empty}
        </section>
        <Dialog />
    }
    .into_any()
}

fn when(i18n: I18n, f: &BlockedForm) -> String {
    let language = reading(i18n);
    let days = match f.date {
        Some(date) => day_and_year(date, language),
        None if f.days.len() == 7 => t_string!(i18n, plan.b_daily).to_owned(),
        None => {
            let names = f.days.iter().map(|d| language.weekday_short(d.from_monday()));
            names.collect::<Vec<_>>().join(", ")
        }
    };
    let until = clock(i32::from(f.from.minutes()) + f.minutes as i32);
    format!("{}–{until}, {days}", f.from)
}

#[component]
fn Row(id: i64) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let line = Memo::new(move |before: Option<&Option<BlockedLine>>| {
        let now = desk.data.with(|d| d.lines.iter().find(|l| l.id == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let part = move |f: fn(&BlockedLine) -> String| {
        say(move || line.with(|l| l.as_ref().map(f).unwrap_or_default()))
    };
    let times = say(move || line.with(|l| l.as_ref().map(|l| when(i18n, &l.form)).unwrap_or_default()));
    let long = say(move || {
        line.with(|l| {
            let n = l.as_ref().map_or(0, |l| l.form.minutes);
            t_string!(i18n, plan.b_min, n = n).to_string()
        })
    });
    let touches = move || {
        let touches = line.with(|l| l.as_ref().map(|l| l.touches.clone()).unwrap_or_default());
        if touches.is_empty() {
            return view! { <span class="muted">{word!(i18n, plan.b_nothing)}</span> }.into_any();
        }
        let told = touches.into_iter().map(|t| {
            let href = format!("/o/{}/jobs/{}", here.office.get_untracked(), t.run.job);
            let says = say(move || {
                format!(
                    "{}, {} {}",
                    side_name(i18n, &t.run),
                    day_words(t.day, reading(i18n)),
                    t.run.clock
                )
            });
            view! { <li><a href=href class="sup">{says}</a></li> }
        });
        view! { <ul class="touches">{told.collect_view()}</ul> }.into_any()
    };
    let ask = move |f: fn(BlockedLine) -> Asked| {
        move |_: leptos::ev::MouseEvent| {
            let now = line.get_untracked();
            desk.asked.set(now.map(f));
        }
    };
    let named = move |verb: String| {
        say(move || {
            format!(
                "{verb}: {}",
                line.with(|l| l.as_ref().map(|l| l.form.reason.clone()).unwrap_or_default())
            )
        })
    };
    let (edit, remove) = (
        named(t_string!(i18n, plan.b_edit).to_owned()),
        named(t_string!(i18n, plan.b_remove).to_owned()),
    );
    view! {
        <tr role="row" data-window=id>
            <th role="rowheader" scope="row" dir="auto">{part(|l| l.form.reason.clone())}</th>
            <td role="cell" class="num">{times} " " <span class="muted">{long}</span></td>
            <td role="cell" dir="auto">{part(|l| l.form.owner.clone())}</td>
            <td role="cell">{touches}</td>
            <td role="cell" class="r">
                <button type="button" class="btn sm" aria-label=edit on:click=ask(Asked::Change)>{word!(i18n, plan.b_edit)}</button>
                <button type="button" class="btn sm" aria-label=remove on:click=ask(Asked::Remove)>{word!(i18n, plan.b_remove)}</button>
            </td>
        </tr>
    }
}

#[component]
fn Dialog() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let dialog = while_asked(desk.asked);
    view! {
        <dialog class="verb" node_ref=dialog aria-labelledby="window-t" on:close=move |_| desk.asked.set(None)>
            {move || desk.asked.get().map(|asked| match asked {
                Asked::Add => view! { <Form line=None /> }.into_any(),
                Asked::Change(l) => view! { <Form line=Some(l) /> }.into_any(),
                Asked::Remove(l) => view! { <Remove line=l /> }.into_any(),
            })}
        </dialog>
    }
}

#[component]
fn Form(line: Option<BlockedLine>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let id = line.as_ref().map(|l| (l.id, l.version));
    let was = line.map(|l| l.form);
    let text =
        |f: fn(&BlockedForm) -> String, new: &str| RwSignal::new(was.as_ref().map_or(new.to_owned(), f));
    let reason = text(|f| f.reason.clone(), "");
    let owner = text(|f| f.owner.clone(), "IT");
    let from = text(|f| f.from.to_string(), "");
    let minutes = text(|f| f.minutes.to_string(), "30");
    let date = text(|f| f.date.map(|d| d.to_string()).unwrap_or_default(), "");
    let on_date = RwSignal::new(was.as_ref().is_some_and(|f| f.date.is_some()));
    let days = RwSignal::new(match &was {
        Some(f) if f.date.is_none() => f.days.clone(),
        _ => Weekday::ALL.to_vec(),
    });
    let refused = RwSignal::new(None::<ApiError>);
    let wrong = RwSignal::new(String::new());
    let saving = Action::new(move |form: &BlockedForm| {
        let form = form.clone();
        async move {
            match save_blocked(here.office.get_untracked(), id, form).await {
                Ok(()) => {
                    desk.said.set(Some(Ok(t_string!(i18n, plan.b_saved).to_owned())));
                    desk.asked.set(None);
                    desk.again.update(|n| *n += 1);
                }
                Err(e) if e.code() == "invalid" => refused.set(Some(e)),
                Err(e) if e.code() == "wrong_state" => wrong.set(t_string!(i18n, plan.b_theirs).to_owned()),
                Err(e) => wrong.set(error_words(i18n, &e)),
            }
        }
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        refused.set(None);
        wrong.set(String::new());
        let only = on_date.get_untracked();
        let Some(starts) = Clock::read(&from.get_untracked()) else {
            return wrong.set(t_string!(i18n, plan.rule_time).to_owned());
        };
        let day = read_day(&date.get_untracked());
        if only && day.is_none() {
            return wrong.set(t_string!(i18n, plan.rule_date).to_owned());
        }
        if !only && days.with_untracked(Vec::is_empty) {
            return wrong.set(t_string!(i18n, plan.rule_days).to_owned());
        }
        saving.dispatch(BlockedForm {
            reason: reason.get_untracked(),
            owner: owner.get_untracked(),
            days: if only { vec![] } else { days.get_untracked() },
            date: day.filter(|_| only),
            from: starts,
            minutes: minutes.get_untracked().trim().parse().unwrap_or(0),
        });
    };
    let error = move |field: &'static str| wrong_with(i18n, move || refused.get(), field);
    let label = move |f: fn(I18n) -> String| Signal::derive(move || f(i18n));
    let tick = move |d: Weekday| {
        let set = move |ev| {
            let on = event_target_checked(&ev);
            days.update(|all| {
                all.retain(|o| *o != d);
                if on {
                    all.push(d);
                }
            });
        };
        view! { <label><input type="checkbox" checked=days.with_untracked(|a| a.contains(&d)) on:change=set /> {say(move || reading(i18n).weekday_short(d.from_monday()).to_owned())}</label> }
    };
    view! {
        <form novalidate on:submit=submit>
            <h2 id="window-t">{if id.is_some() { word!(i18n, plan.b_edit) } else { word!(i18n, plan.b_add) }}</h2>
            <Typed id="window-reason" value=reason label=label(|i| t_string!(i, plan.b_reason).to_owned()) error=error("reason") />
            <Typed id="window-owner" value=owner label=label(|i| t_string!(i, plan.b_owner).to_owned()) error=error("owner") />
            <div class="two">
                <Typed id="window-from" kind="time" value=from label=label(|i| t_string!(i, plan.from).to_owned()) error=error("from") />
                <Typed id="window-minutes" kind="number" value=minutes label=label(|i| t_string!(i, plan.minutes).to_owned()) error=error("minutes") />
            </div>
            <fieldset>
                <legend class="vh">{word!(i18n, plan.b_when)}</legend>
                <label><input type="radio" name="window-days" prop:checked=move || !on_date.get() checked=!on_date.get_untracked() on:change=move |_| on_date.set(false) /> {word!(i18n, plan.b_on_days)}</label>
                <label><input type="radio" name="window-days" prop:checked=on_date checked=on_date.get_untracked() on:change=move |_| on_date.set(true) /> {word!(i18n, plan.b_on_date)}</label>
            </fieldset>
            <fieldset class="weekdays" hidden=on_date>
                <legend class="vh">{word!(i18n, plan.b_on_days)}</legend>
                {Weekday::ALL.map(tick).collect_view()}
            </fieldset>
            <div hidden=move || !on_date.get()>
                <Typed id="window-date" kind="date" value=date label=label(|i| t_string!(i, plan.day).to_owned()) error=error("date") />
            </div>
            <p class="wrong" role="alert">{wrong}</p>
            <div class="acts">
                <button class="btn pri lg" disabled=move || saving.pending().get()>{word!(i18n, plan.b_save)}</button>
                <button type="button" class="btn lg" on:click=move |_| desk.asked.set(None)>{word!(i18n, plan.cancel)}</button>
            </div>
        </form>
    }
}

#[component]
fn Remove(line: BlockedLine) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let wrong = RwSignal::new(String::new());
    let (id, version) = (line.id, line.version);
    let removing = Action::new(move |()| async move {
        match remove_blocked(here.office.get_untracked(), id, version).await {
            Ok(()) => {
                desk.said
                    .set(Some(Ok(t_string!(i18n, plan.b_removed).to_owned())));
                desk.asked.set(None);
                desk.again.update(|n| *n += 1);
            }
            Err(e) if e.code() == "wrong_state" => wrong.set(t_string!(i18n, plan.b_theirs).to_owned()),
            Err(e) => wrong.set(error_words(i18n, &e)),
        }
    });
    let form = line.form.clone();
    let says = say(move || when(i18n, &form));
    let name = line.form.reason;
    view! {
        <form on:submit=move |ev| { ev.prevent_default(); removing.dispatch(()); }>
            <h2 id="window-t">{say(move || t_string!(i18n, plan.b_remove_title, name = name.clone()).to_string())}</h2>
            <p class="soft">{says}</p>
            <p class="wrong" role="alert">{wrong}</p>
            <div class="acts">
                <button class="btn pri lg" disabled=move || removing.pending().get()>{word!(i18n, plan.b_remove)}</button>
                <button type="button" class="btn lg" autofocus on:click=move |_| desk.asked.set(None)>{word!(i18n, plan.cancel)}</button>
            </div>
        </form>
    }
}
