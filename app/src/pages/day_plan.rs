//! The day plan: every run of a day as a picture and as a list, what is wrong with it, and what could be done (J28). It
//! stands on the job console and reads `?day=2026-11-20&zoom=06:00-07:00&family=nets_integration` from the address.

mod agenda;
mod cards;
mod panel;
mod picture;
mod spreading;
mod thought;
mod zoom;

use super::{error_words, follow::keep_up, here::Here, not_found::Missing, unread::Unread};
use crate::components::plan::problem_text;
use crate::{
    api::plan::{day_plan, move_jobs},
    browser,
    components::{
        icon::{Glyph, Icon},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::{job::JobId, schedule::Clock};
use leptos::{html, prelude::*};
use leptos_router::{
    hooks::{use_location, use_query_map},
    params::ParamsMap,
};
use views::plan::{
    DayPlan as Plan, Move, Moved, NaiveDate, Problem, SpreadAsk, Trouble, day_plus, day_words, read_day,
};

/// A run that a person holds, and where it would stand. Minutes that have passed since the day began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    job: JobId,
    from: i32,
    to: i32,
}

/// Moves that were refused, why, and on which day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused {
    moves: Vec<Move>,
    problem: Problem,
    day: NaiveDate,
}

/// Moves that are to be made.
#[derive(Clone, Debug)]
struct Doing {
    moves: Vec<Move>,
    despite: Option<String>,
    is_undo: bool,
}

/// What stays while days are leafed through.
#[derive(Clone, Copy)]
struct Kept {
    said: RwSignal<Option<Result<String, String>>>,
    undo: RwSignal<Option<Vec<Move>>>,
}

/// What the parts of the plan share.
#[derive(Clone, Copy)]
struct Desk {
    data: RwSignal<Plan>,
    kept: Kept,
    refused: RwSignal<Option<Refused>>,
    chosen: RwSignal<Option<Chosen>>,
    /// A window that the spread is asked for.
    asked: RwSignal<Option<SpreadAsk>>,
    /// The plan must be read again: rises each time.
    again: RwSignal<u32>,
    moving: Action<Doing, ()>,
    place: Place,
}

impl Desk {
    fn take(self, moves: Vec<Move>) {
        self.moving.dispatch(Doing {
            moves,
            despite: None,
            is_undo: false,
        });
    }
}

/// The plan of the day that the address names.
#[component]
pub fn DayPlan() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let day = Memo::new(move |_| query.with(|q| read_day(&q.get("day").unwrap_or_default())));
    let first = Resource::new_blocking(
        move || (here.office.get(), day.get(), here.reread.get()),
        |(office, day, _)| day_plan(office, day.map(Into::into)),
    );
    let kept = Kept {
        said: RwSignal::new(None),
        undo: RwSignal::new(None),
    };
    view! {
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(plan) => view! { <Known plan kept /> }.into_any(),
                    Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                    Err(e) => view! { <Unread e /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Known(plan: Plan, kept: Kept) -> impl IntoView {
    let i18n = use_i18n();
    if !plan.may_edit {
        // the list below says whom to ask
        return ().into_any();
    }
    let here = expect_context::<Here>();
    let data = RwSignal::new(plan);
    let (refused, chosen) = (RwSignal::new(None), RwSignal::new(None));
    let again = RwSignal::new(0);
    let moving = Action::new(move |doing: &Doing| {
        let doing = doing.clone();
        async move {
            refused.set(None);
            let office = here.office.get_untracked();
            match move_jobs(office, doing.moves.clone(), doing.despite.clone()).await {
                Ok(Moved::Done(undo)) => {
                    let mut jobs: Vec<JobId> = undo.iter().map(|m| m.job).collect();
                    jobs.sort_unstable();
                    jobs.dedup();
                    chosen.set(None);
                    kept.undo.set((!doing.is_undo).then_some(undo));
                    kept.said.set(Some(Ok(if doing.is_undo {
                        t_string!(i18n, plan.undone).to_owned()
                    } else {
                        t_string!(i18n, plan.moved, count = jobs.len()).to_string()
                    })));
                    if !doing.is_undo {
                        request_animation_frame(|| browser::focus("#plan-undo"));
                    }
                }
                Ok(Moved::Clash(problem, day)) => refused.set(Some(Refused {
                    moves: doing.moves,
                    problem: *problem,
                    day,
                })),
                Err(e) if e.code() == "wrong_state" => {
                    kept.undo.set(None);
                    kept.said.set(Some(Err(t_string!(i18n, plan.stale).to_owned())));
                }
                Err(e) => kept.said.set(Some(Err(error_words(i18n, &e)))),
            }
            again.update(|n| *n += 1);
        }
    });
    let desk = Desk {
        data,
        kept,
        refused,
        chosen,
        asked: RwSignal::new(None),
        again,
        moving,
        place: Place {
            path: use_location().pathname,
            query: use_query_map(),
        },
    };
    provide_context(desk);
    keep_plan(desk);
    view! {
        <section class="card dayplan" aria-labelledby="dp">
            <Head />
            <Told />
            <div class="dayg">
                <picture::Picture />
                <zoom::Zoom />
            </div>
            <panel::Held />
            <cards::Cards />
            <agenda::Agenda />
            <Tools />
        </section>
    }
    .into_any()
}

/// Reads the plan again when jobs change, and after a move. What is held stays held.
fn keep_plan(desk: Desk) {
    let here = expect_context::<Here>();
    keep_up(
        move || (here.office.get(), desk.data.with(|d| d.day)),
        desk.again,
        |(office, day)| day_plan(office, Some(day.into())),
        move |_, plan| {
            let is_new = desk.data.with_untracked(|old| {
                let plan = Plan {
                    now: old.now,
                    ..plan.clone()
                };
                plan != *old
            });
            if is_new {
                desk.data.set(plan);
            }
        },
    );
}

/// Where the page stands.
#[derive(Clone, Copy)]
struct Place {
    path: Memo<String>,
    query: Memo<ParamsMap>,
}

impl Place {
    /// The address of this page with parts of it changed; an empty text takes a part away.
    fn with(self, changes: &[(&'static str, String)]) -> String {
        let mut query = self.query.get();
        for (key, value) in changes {
            query.remove(key);
            if !value.is_empty() {
                query.insert(*key, value.clone());
            }
        }
        format!("{}{}", self.path.get(), query.to_query_string())
    }
}

/// The shape of a problem.
#[component]
fn Shape(trouble: Trouble) -> impl IntoView {
    match trouble {
        Trouble::Certain => view! {
            <svg class="s sup" viewBox="0 0 16 16" aria-hidden="true">
                <path fill="currentColor" d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" />
                <path class="cut" d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" />
            </svg>
        },
        _ => view! {
            <svg class="s act" viewBox="0 0 16 16" aria-hidden="true">
                <path fill="currentColor" d="M8 1.2c.55 0 1 .27 1.27.75l5.9 10.5c.55.98-.15 2.15-1.27 2.15H2.1c-1.12 0-1.82-1.17-1.27-2.15l5.9-10.5C7 1.47 7.45 1.2 8 1.2z" />
                <path class="cut" d="M8 5.7v3.6M8 11.8v.01" />
            </svg>
        },
    }
}

/// The day, the way to its neighbours, the legend, how many problems.
#[component]
fn Head() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let day = Memo::new(move |_| desk.data.with(|d| d.day));
    let to = move |by: i64| {
        say(move || {
            let day = day_plus(day.get(), by).to_string();
            desk.place.with(&[("day", day), ("zoom", String::new())])
        })
    };
    let today = move || {
        let elsewhere = desk.data.with(|d| !d.today);
        elsewhere.then(|| {
            let href = say(move || {
                desk.place
                    .with(&[("day", String::new()), ("zoom", String::new())])
            });
            view! { <a class="btn sm" href=href data-noscroll>{word!(i18n, plan.today)}</a> }
        })
    };
    let unusual = move || match desk.data.with(|d| d.minutes) {
        m if m < 1440 => {
            Some(view! { <span class="pill plan">{word!(i18n, plan.short_day)}</span> }.into_any())
        }
        m if m > 1440 => {
            Some(view! { <span class="pill plan">{word!(i18n, plan.long_day)}</span> }.into_any())
        }
        _ => None,
    };
    let pill = move || {
        let (n, worst) = desk.data.with(|d| {
            let worst = d.problems.iter().map(|p| p.trouble).max().unwrap_or_default();
            (d.problems.len(), worst)
        });
        let class = match worst {
            Trouble::Certain => "pill sup",
            Trouble::Probable => "pill act",
            Trouble::None => return view! { <span class="pill flow" data-testid="problems">{word!(i18n, plan.no_problems)}</span> }.into_any(),
        };
        view! { <span class=class data-testid="problems"><Shape trouble=worst /> {word!(i18n, plan.problems, count = n)}</span> }.into_any()
    };
    view! {
        <header>
            <h2 id="dp">{word!(i18n, plan.title)}</h2>
            <div class="days">
                <a class="btn sm icon" href=to(-1) data-noscroll aria-label=word!(i18n, plan.prev)><Glyph icon=Icon::Back /></a>
                <span class="b nowrap" data-testid="day">{say(move || day_words(day.get(), reading(i18n)))}</span>
                <a class="btn sm icon" href=to(1) data-noscroll aria-label=word!(i18n, plan.next)><Glyph icon=Icon::Forward /></a>
                {today}
            </div>
            {unusual}
            <div class="r">
                <div class="leg" aria-hidden="true">
                    <span><i></i>{word!(i18n, plan.usual)}</span>
                    <span><i class="p"></i>{word!(i18n, plan.slow)}</span>
                    <span><i class="b"></i>{word!(i18n, plan.blocked)}</span>
                </div>
                {pill}
            </div>
        </header>
    }
}

/// What became of the last move, the way back, and why one was refused.
#[component]
fn Told() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let Kept { said, undo } = desk.kept;
    let words = say(move || said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default());
    let back = move || {
        undo.get().map(|moves| {
            let press = move |_| {
                let why = t_string!(i18n, plan.undo_why).to_owned();
                desk.moving.dispatch(Doing {
                    moves: moves.clone(),
                    despite: Some(why),
                    is_undo: true,
                });
            };
            view! { <button type="button" id="plan-undo" class="btn sm" on:click=press>{word!(i18n, plan.undo)}</button> }
        })
    };
    view! {
        <div class="told-plan" class:vh=move || said.with(Option::is_none)>
            <p role="status" data-testid="plan-said" class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>{words}</p>
            {back}
        </div>
        {move || desk.refused.get().map(|refused| view! { <WhyNot refused /> })}
    }
}

/// Why moves were refused, and a reason to make them all the same (J3).
#[component]
fn WhyNot(refused: Refused) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let reason = RwSignal::new(String::new());
    let Refused { moves, problem, day } = refused;
    let lead = say(move || t_string!(i18n, plan.not_moved, day = day_words(day, reading(i18n))).to_string());
    let words = say(move || problem_text(i18n, &problem));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        desk.moving.dispatch(Doing {
            moves: moves.clone(),
            despite: Some(reason.get_untracked()),
            is_undo: false,
        });
    };
    view! {
        <form class="refused" on:submit=submit>
            <Shape trouble=Trouble::Certain />
            <div role="alert"><b>{lead}</b><p>{words}</p></div>
            <label class="line-field">
                <span>{word!(i18n, plan.why)}</span>
                <span class="field"><input required maxlength="500" autocomplete="off" prop:value=reason on:input=move |ev| reason.set(event_target_value(&ev)) /></span>
            </label>
            <div class="acts">
                <button class="btn">{word!(i18n, plan.anyway)}</button>
                <button type="button" class="btn ghost" on:click=move |_| desk.refused.set(None)>{word!(i18n, plan.cancel)}</button>
            </div>
        </form>
    }
}

/// What is asked for less often, folded.
#[component]
fn Tools() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let fold = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        if desk.asked.with(Option::is_some)
            && let Some(fold) = fold.get_untracked()
        {
            fold.set_open(true);
        }
    });
    view! {
        <details class="tools" node_ref=fold>
            <summary>{word!(i18n, plan.tools)}</summary>
            <div class="toolg">
                <spreading::Spread />
                <thought::Thought />
            </div>
        </details>
    }
}

/// Minutes from midnight as a clock time; midnight for what is none.
fn clock_of(minutes: i32) -> Clock {
    let m = minutes.rem_euclid(1440) as u16;
    Clock::new(m / 60, m % 60).unwrap_or_default()
}
