//! Jobs of one kind, spread over a window: what fits, what does not, and the two ways out (J5, J17).

use super::Desk;
use crate::components::job::job_kind_word;
use crate::components::plan::side_name;
use crate::{
    api::plan::spread_jobs,
    components::{say, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::schedule::Clock;
use leptos::prelude::*;
use views::plan::{Placing, SpreadAsk, Spreading};

/// What is typed.
#[derive(Clone, Copy)]
struct Draft {
    kind: RwSignal<String>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    shorter: RwSignal<u32>,
}

impl Draft {
    fn ask(self, desk: Desk) -> Option<SpreadAsk> {
        Some(SpreadAsk {
            day: desk.data.with_untracked(|d| d.day),
            kind: self.kind.get_untracked(),
            from: Clock::read(&self.from.get_untracked())?,
            to: Clock::read(&self.to.get_untracked())?,
            shorter: self.shorter.get_untracked(),
        })
    }
}

/// The form and its answer.
#[component]
pub fn Spread() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let desk = expect_context::<Desk>();
    let kinds = Memo::new(move |_| {
        desk.data.with(|d| {
            let mut kinds: Vec<String> = vec![];
            for j in d.jobs.iter().filter(|j| !j.repeats) {
                if !kinds.contains(&j.kind) {
                    kinds.push(j.kind.clone());
                }
            }
            kinds
        })
    });
    let frame = super::zoom::Frame::memo().get_untracked();
    let first = frame
        .map(|f| f.kind)
        .filter(|k| kinds.with_untracked(|all| all.contains(k)));
    let first = first.or_else(|| kinds.with_untracked(|k| k.first().cloned()));
    let draft = Draft {
        kind: RwSignal::new(first.unwrap_or_default()),
        from: RwSignal::new("06:00".to_owned()),
        to: RwSignal::new("07:00".to_owned()),
        shorter: RwSignal::new(0),
    };
    let answer = RwSignal::new(None::<(SpreadAsk, Spreading)>);
    let wrong = RwSignal::new(String::new());
    let spreading = Action::new(move |()| async move {
        wrong.set(String::new());
        let Some(ask) = draft.ask(desk) else {
            wrong.set(t_string!(i18n, plan.rule_time).to_owned());
            return;
        };
        if ask.to <= ask.from {
            wrong.set(t_string!(i18n, plan.rule_order).to_owned());
            return;
        }
        match spread_jobs(here.office.get_untracked(), ask.clone()).await {
            Ok(found) => answer.set(Some((ask, found))),
            Err(e) => wrong.set(error_words(i18n, &e)),
        }
    });
    Effect::new(move |_| {
        if let Some(ask) = desk.asked.get() {
            draft.kind.set(ask.kind);
            draft.from.set(ask.from.to_string());
            draft.to.set(ask.to.to_string());
            draft.shorter.set(ask.shorter);
            spreading.dispatch(());
            request_animation_frame(|| crate::browser::reveal("#spread"));
        }
    });
    // a plan that was taken is none any more
    Effect::new(move |_| {
        let _ = desk.again.get();
        answer.set(None);
    });
    let options = move || {
        kinds
            .get()
            .into_iter()
            .map(|k| {
                let name = job_kind_word(i18n, &k);
                view! { <option value=k.clone() selected=draft.kind.with(|d| *d == k)>{name}</option> }
            })
            .collect_view()
    };
    let time = move |id: &'static str,
                     label: Box<dyn Fn() -> String + Send + Sync>,
                     value: RwSignal<String>| {
        view! {
            <label class="field">
                <span class="muted">{label}</span>
                <input type="time" id=id required prop:value=value value=value.get_untracked() on:input=move |ev| value.set(event_target_value(&ev)) />
            </label>
        }
    };
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        draft.shorter.set(0);
        spreading.dispatch(());
    };
    view! {
        <section id="spread" aria-labelledby="spread-t">
            <h3 id="spread-t">{word!(i18n, plan.spread_title)}</h3>
            <form class="line" on:submit=submit>
                <label class="field">
                    <span class="vh">{word!(i18n, plan.family)}</span>
                    <select on:change=move |ev| draft.kind.set(event_target_value(&ev))>{options}</select>
                </label>
                {time("spread-from", word!(i18n, plan.from), draft.from)}
                {time("spread-to", word!(i18n, plan.to), draft.to)}
                <button class="btn" disabled=move || spreading.pending().get()>{word!(i18n, plan.spread)}</button>
            </form>
            <p class="wrong" role="alert">{wrong}</p>
            <div role="status" data-testid="spread-answer">
                {move || answer.get().map(|(ask, found)| view! { <Answer ask found /> })}
            </div>
        </section>
    }
}

#[component]
fn Answer(ask: SpreadAsk, found: Spreading) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let (left, all) = (found.left_out.len(), found.placed.len() + found.left_out.len());
    if all == 0 {
        return view! { <p class="soft">{word!(i18n, plan.nothing_to_spread)}</p> }.into_any();
    }
    let ends = found.ends.clone().unwrap_or_default();
    let (needs, has) = (found.needs, found.has);
    let says = if left == 0 {
        view! { <p class="b">{word!(i18n, plan.fits, time = ends.clone())}</p> }.into_any()
    } else {
        let later = Clock::read(&ends).filter(|t| *t > ask.to).map(|to| {
            let ask = SpreadAsk { to, ..ask.clone() };
            view! { <button type="button" class="btn" on:click=move |_| desk.asked.set(Some(ask.clone()))>{word!(i18n, plan.until_btn, time = to.to_string())}</button> }
        });
        let shorter = match found.shorter {
            Some(n) => {
                let ask = SpreadAsk { shorter: n, ..ask };
                view! { <button type="button" class="btn" on:click=move |_| desk.asked.set(Some(ask.clone()))>{word!(i18n, plan.shorter_btn, n = n)}</button> }.into_any()
            }
            None => view! { <p class="soft">{word!(i18n, plan.no_shorter)}</p> }.into_any(),
        };
        view! {
            <p class="b">{word!(i18n, plan.too_long, left = left, all = all, needs = needs, has = has)}</p>
            <p class="soft">{word!(i18n, plan.ways_out)}</p>
            <div class="acts">{later} {shorter}</div>
        }
        .into_any()
    };
    let line = move |p: Placing| {
        let (run, was) = (StoredValue::new(p.run.clone()), p.run.clock.clone());
        let name = say(move || run.with_value(|r| side_name(i18n, r)));
        let stays = p.to.as_ref() == Some(&was);
        let note = match &p.to {
            None => word!(i18n, plan.no_place),
            Some(_) if stays => word!(i18n, plan.stays),
            Some(_) => word!(i18n, plan.was, time = was.clone()),
        };
        view! { <li class:out=p.to.is_none()><time>{p.to.clone().unwrap_or_default()}</time> <span>{name}</span> <span class="muted">{note}</span></li> }
    };
    let count = found.moves.len();
    let take = (count > 0).then(|| {
        let moves = found.moves.clone();
        view! { <button type="button" class="btn pri" disabled=move || desk.moving.pending().get() on:click=move |_| desk.take(moves.clone())>{word!(i18n, plan.respace, count = all)}</button> }
    });
    let as_is =
        (count == 0 && left == 0).then(|| view! { <p class="soft">{word!(i18n, plan.all_stand)}</p> });
    let lines = found.placed.into_iter().chain(found.left_out);
    view! {
        {says}
        <ol class="places">{lines.map(line).collect_view()}</ol>
        {as_is}
        <div class="acts">{take}</div>
    }
    .into_any()
}
