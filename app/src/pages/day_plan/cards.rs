//! What is wrong with the day: three cards with the way out as a button, the others folded.

use super::{Desk, Shape};
use crate::components::plan::{problem_text, problem_title};
use crate::{
    components::{say, word},
    i18n::*,
};
use leptos::prelude::*;
use views::plan::{Fix, Other, Problem, SpreadAsk};

/// Cards that stand open.
const OPEN: usize = 3;

/// The cards.
#[component]
pub fn Cards() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let problems = Memo::new(move |_| desk.data.with(|d| d.problems.clone()));
    let unfolded = RwSignal::new(false);
    let card = |p: Problem| view! { <Card p /> };
    move || {
        let mut all = problems.get();
        if all.is_empty() {
            return None;
        }
        let rest = all.split_off(all.len().min(OPEN));
        let count = rest.len();
        let more = (count > 0).then(|| {
            view! {
                <details class="morep" prop:open=move || unfolded.get_untracked()>
                    <summary on:click=move |_| unfolded.update(|o| *o = !*o)>{word!(i18n, plan.more, count = count)}</summary>
                    <ul class="chk">{rest.into_iter().map(card).collect_view()}</ul>
                </details>
            }
        });
        Some(view! {
            <ul class="chk" data-testid="problem-cards">{all.into_iter().map(card).collect_view()}</ul>
            {more}
        })
    }
}

#[component]
fn Card(p: Problem) -> impl IntoView {
    let i18n = use_i18n();
    let p = StoredValue::new(p);
    let (trouble, key) = p.with_value(|p| (p.trouble, p.key.clone()));
    view! {
        <li data-problem=key>
            <Shape trouble />
            <div>
                <b>{say(move || p.with_value(|p| problem_title(i18n, p)))}</b>
                <p>{say(move || p.with_value(|p| problem_text(i18n, p)))}</p>
            </div>
            <div class="do"><Remedy p /></div>
        </li>
    }
}

/// The way out, with the value that it would have.
#[component]
fn Remedy(p: StoredValue<Problem>) -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let busy = move || desk.moving.pending().get();
    p.with_value(|p| match p.fix.clone() {
        None => ().into_any(),
        Some(Fix::Move { change, company }) => {
            // of two alike it must be said which
            let alike = matches!(&p.with, Other::Run(o) if o.kind == p.run.kind);
            let time = change.to.to_string();
            let words = match company.filter(|_| alike) {
                Some(who) => word!(i18n, plan.move_who, who = who.clone(), time = time.clone()),
                None => word!(i18n, plan.move_to, time = time.clone()),
            };
            view! { <button type="button" class="btn" disabled=busy on:click=move |_| desk.take(vec![change.clone()])>{words}</button> }.into_any()
        }
        Some(Fix::Spread { answer, .. }) if answer.left_out.is_empty() => {
            if answer.moves.is_empty() {
                return ().into_any();
            }
            let count = answer.placed.len();
            let moves = answer.moves;
            let press = move |_| desk.take(moves.clone());
            view! { <button type="button" class="btn" disabled=busy on:click=press>{word!(i18n, plan.respace, count = count)}</button> }.into_any()
        }
        Some(Fix::Spread { ask, answer }) => {
            let (a, later) = (ask.clone(), answer.ends.as_deref().and_then(domain::schedule::Clock::read));
            let later = later.filter(|t| *t > ask.to).map(|to| {
                let ask = SpreadAsk { to, ..a };
                view! { <button type="button" class="btn" on:click=move |_| desk.asked.set(Some(ask.clone()))>{word!(i18n, plan.until_btn, time = to.to_string())}</button> }
            });
            let shorter = answer.shorter.map(|n| {
                let ask = SpreadAsk { shorter: n, ..ask };
                view! { <button type="button" class="btn" on:click=move |_| desk.asked.set(Some(ask.clone()))>{word!(i18n, plan.shorter_btn, n = n)}</button> }
            });
            view! { {later} {shorter} }.into_any()
        }
    })
}
