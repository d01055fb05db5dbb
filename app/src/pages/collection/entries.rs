//! The entries of a system in the job queue: what each does, when, and whether it is switched on.

use super::super::refusals::why_not;
use crate::components::plan::clash_words;
use crate::{
    api::collection::{save_entry, switch_entry},
    components::{automation::Switch, job::JobState, language::reading, say, word},
    i18n::*,
    pages::{here::Here, profile::Said},
};
use domain::{job::JobStatus, schedule::Clock};
use leptos::prelude::*;
use views::collection::{EntryLine, Gate, SystemDetail, Times};

/// What a kind of entry does, in plain words (C4).
fn purpose(i18n: I18n, kind: &str) -> &'static str {
    match kind {
        "ccm_send_agreements" => t_string!(i18n, collection.p_send_agreements),
        "ccm_import_agreements" => t_string!(i18n, collection.p_import_agreements),
        "ccm_send_collections" => t_string!(i18n, collection.p_send_collections),
        "ccm_status" => t_string!(i18n, collection.p_status),
        "ccm_import_payments" => t_string!(i18n, collection.p_import_payments),
        "ccm_post_journal" => t_string!(i18n, collection.p_post_journal),
        _ => "",
    }
}

/// What a run counted, in words (C4).
fn count_words(i18n: I18n, key: &str, n: i64) -> String {
    match key {
        "mandates_sent" => t_string!(i18n, collection.c_mandates_sent, n = n).to_string(),
        "mandates_read" => t_string!(i18n, collection.c_mandates_read, n = n).to_string(),
        "agreements_created" => t_string!(i18n, collection.c_agreements_created, n = n).to_string(),
        "agreements_updated" => t_string!(i18n, collection.c_agreements_updated, n = n).to_string(),
        "without_customer" => t_string!(i18n, collection.c_without_customer, n = n).to_string(),
        "lines_sent" => t_string!(i18n, collection.c_lines_sent, n = n).to_string(),
        "messages" => t_string!(i18n, collection.c_messages, n = n).to_string(),
        "lines_updated" => t_string!(i18n, collection.c_lines_updated, n = n).to_string(),
        "payments" => t_string!(i18n, collection.c_payments, n = n).to_string(),
        "collections" => t_string!(i18n, collection.c_collections, n = n).to_string(),
        "returns" => t_string!(i18n, collection.c_returns, n = n).to_string(),
        "posted" => t_string!(i18n, collection.c_posted, n = n).to_string(),
        other => format!("{n} {}", other.replace('_', " ")),
    }
}

/// Why an entry cannot be switched on.
fn gate_words(i18n: I18n, gate: &Gate) -> String {
    match gate {
        Gate::NotActive => t_string!(i18n, collection.gate_active).to_owned(),
        Gate::NotDirect => t_string!(i18n, collection.gate_direct).to_owned(),
        Gate::Rival(name) => t_string!(i18n, collection.gate_rival, name = name.clone()).to_string(),
    }
}

/// The list.
#[component]
pub fn Entries(data: RwSignal<SystemDetail>, again: RwSignal<u32>, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let ids = Memo::new(move |_| data.with(|d| d.entries.iter().map(|e| e.job).collect::<Vec<_>>()));
    let missing = move || {
        data.with(|d| {
            (!d.missing.is_empty()).then(|| {
                let names = d.missing.clone();
                view! {
                    <div class="pad missing">
                        <p class="soft">{word!(i18n, collection.missing)}</p>
                        <ul>{names.into_iter().map(|n| view! { <li class="muted">{n}</li> }).collect_view()}</ul>
                    </div>
                }
            })
        })
    };
    let head = move |class: &'static str, text: Box<dyn Fn() -> String + Send + Sync>| {
        view! { <th role="columnheader" scope="col" class=class>{text}</th> }
    };
    view! {
        <section class="card entries" aria-label=word!(i18n, collection.entries_title)>
            <table class="stack" role="table" aria-label=word!(i18n, collection.entries_title)>
                <thead role="rowgroup">
                    <tr role="row">
                        {head("", word!(i18n, collection.th_on))} {head("", word!(i18n, collection.th_entry))}
                        {head("", word!(i18n, collection.th_start))} {head("", word!(i18n, collection.th_every))}
                        {head("", word!(i18n, collection.th_end))} {head("", word!(i18n, collection.th_runs))}
                        {head("", word!(i18n, collection.th_last))}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || ids.get() key=|id| *id let:id><Row id data again said /></For>
                </tbody>
            </table>
            {missing}
        </section>
    }
}

/// What is typed in a line.
#[derive(Clone, Copy)]
struct Draft {
    start: RwSignal<String>,
    every: RwSignal<String>,
    end: RwSignal<String>,
}

impl Draft {
    fn new() -> Self {
        Self {
            start: RwSignal::new(String::new()),
            every: RwSignal::new(String::new()),
            end: RwSignal::new(String::new()),
        }
    }

    fn show(self, times: Times) {
        self.start.set(times.start.to_string());
        self.every
            .set(times.every.map(|n| n.to_string()).unwrap_or_default());
        self.end.set(times.end.map(|c| c.to_string()).unwrap_or_default());
    }

    /// What it says; `None` when that makes no sense.
    fn times(self) -> Option<Times> {
        let part = |s: RwSignal<String>| s.with(|s| s.trim().to_owned());
        let (every, end) = (part(self.every), part(self.end));
        let times = Times {
            start: Clock::read(&part(self.start))?,
            every: if every.is_empty() {
                None
            } else {
                Some(every.parse().ok()?)
            },
            end: if end.is_empty() {
                None
            } else {
                Some(Clock::read(&end)?)
            },
        };
        times.runs().map(|_| times)
    }
}

/// One entry. What is typed in it stays while others change what is around.
#[component]
fn Row(id: i64, data: RwSignal<SystemDetail>, again: RwSignal<u32>, said: Said) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let line = Memo::new(move |before: Option<&Option<EntryLine>>| {
        let now = data.with(|d| d.entries.iter().find(|e| e.job == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let first = line.get_untracked();
    let (kind, description) = first
        .as_ref()
        .map(|l| (l.kind.clone(), l.description.clone()))
        .unwrap_or_default();
    let (kind, description) = (StoredValue::new(kind), StoredValue::new(description));
    let draft = Draft::new();
    let base = RwSignal::new(first.and_then(|l| l.times));
    if let Some(times) = base.get_untracked() {
        draft.show(times);
    }
    let typed = Memo::new(move |_| draft.times());
    let dirty = Memo::new(move |_| base.get().is_some() && typed.get() != base.get());
    Effect::new(move |_| {
        let new = line.with(|l| l.as_ref().and_then(|l| l.times));
        if new != base.get_untracked() {
            let untouched = !dirty.get_untracked();
            base.set(new);
            if let Some(times) = new.filter(|_| untouched) {
                draft.show(times);
            }
        }
    });
    // a clash with others was named: with a reason it is saved all the same (J3)
    let clash = RwSignal::new(None::<String>);
    let reason = RwSignal::new(String::new());
    let version = move || line.with_untracked(|l| l.as_ref().map_or(0, |l| l.version));
    let saving = Action::new(move |()| async move {
        let Some(times) = typed.get_untracked() else {
            return;
        };
        said.set(None);
        let despite = Some(reason.get_untracked()).filter(|r| !r.trim().is_empty());
        let office = here.office.get_untracked();
        match save_entry(office, id, version(), times, despite).await {
            Ok(_) => {
                base.set(Some(times));
                clash.set(None);
                reason.set(String::new());
                said.set(Some(Ok(t_string!(i18n, collection.saved).to_owned())));
            }
            Err(e) if e.code() == "clash" => clash.set(Some(clash_words(i18n, &e))),
            Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
        }
        again.update(|n| *n += 1);
    });
    let switching = Action::new(move |on: &bool| {
        let on = *on;
        async move {
            said.set(None);
            let despite = Some(reason.get_untracked()).filter(|r| !r.trim().is_empty());
            match switch_entry(here.office.get_untracked(), id, version(), on, despite).await {
                Ok(()) => {
                    clash.set(None);
                    reason.set(String::new());
                }
                Err(e) if e.code() == "clash" => clash.set(Some(clash_words(i18n, &e))),
                Err(e) => said.set(Some(Err(why_not(i18n, &e)))),
            }
            again.update(|n| *n += 1);
        }
    });
    let on = Memo::new(move |_| line.with(|l| l.as_ref().is_some_and(|l| l.on)));
    let gate = Memo::new(move |_| line.with(|l| l.as_ref().and_then(|l| l.gate.clone())));
    let status = Memo::new(move |_| line.with(|l| l.as_ref().map_or(JobStatus::Inactive, |l| l.status)));
    let editable = Memo::new(move |_| base.get().is_some());
    let label = move |part: String| format!("{part}, {}", description.get_value());
    let preview = say(move || match typed.get().and_then(Times::runs) {
        None => t_string!(i18n, collection.no_sense).to_owned(),
        Some(runs) => runs_words(i18n, &runs),
    });
    let input =
        move |name: &'static str, kind: &'static str, value: RwSignal<String>, part: Signal<String>| {
            let initial = value.get_untracked();
            view! {
                <span class="field short">
                    <input
                        type=kind
                        name=name
                        min=(kind == "number").then_some("1")
                        max=(kind == "number").then_some("1440")
                    maxlength=(kind == "text").then_some("5")
                    placeholder=(kind == "text").then_some("00:00")
                    autocomplete="off"
                        aria-label=say(move || label(part.get()))
                        value=initial
                        prop:value=value
                        disabled=move || !editable.get()
                        on:input=move |ev| value.set(event_target_value(&ev))
                    />
                </span>
            }
        };
    let switch_label = Signal::derive(move || label(t_string!(i18n, collection.th_on).to_owned()));
    let off_limits = Signal::derive(move || !on.get() && gate.get().is_some());
    view! {
        <tr role="row" data-entry=kind.get_value() class:dirty=move || dirty.get()>
            <td role="cell" class="e0">
                <Switch label=switch_label quiet=true on off_limits described=format!("gate-{id}") on_switch=move |on| { switching.dispatch(on); } />
            </td>
            <th role="rowheader" scope="row" class="e1">
                <a href=say(move || format!("/o/{}/jobs/{id}", here.office.get()))>{description.get_value()}</a>
                <small class="soft">{say(move || purpose(i18n, &kind.get_value()).to_owned())}</small>
                <small id=format!("gate-{id}") class="act" data-testid="gate">{say(move || gate.get().map(|g| gate_words(i18n, &g)).unwrap_or_default())}</small>
            </th>
            <td role="cell" class="e2"><span class="only-m muted">{word!(i18n, collection.th_start)}</span>{input("start", "text", draft.start, Signal::derive(move || t_string!(i18n, collection.th_start).to_owned()))}</td>
            <td role="cell" class="e3"><span class="only-m muted">{word!(i18n, collection.th_every)}</span>{input("every", "number", draft.every, Signal::derive(move || t_string!(i18n, collection.th_every).to_owned()))}</td>
            <td role="cell" class="e4"><span class="only-m muted">{word!(i18n, collection.th_end)}</span>{input("end", "text", draft.end, Signal::derive(move || t_string!(i18n, collection.th_end).to_owned()))}</td>
            <td role="cell" class="e5">
                <output class="num" data-testid="runs">{preview}</output>
                {move || dirty.get().then(|| view! {
                    <span class="bar">
                        <button type="button" class="btn sm pri" disabled=move || typed.get().is_none() || saving.pending().get() on:click=move |_| { saving.dispatch(()); }>{word!(i18n, collection.save)}</button>
                        <button type="button" class="btn sm" on:click=move |_| { clash.set(None); if let Some(t) = base.get_untracked() { draft.show(t); } }>{word!(i18n, collection.reset)}</button>
                    </span>
                })}
                {move || clash.get().map(|words| view! {
                    <div class="clash" role="alert">
                        <p class="act">{words}</p>
                        <label class="line-field"><span>{word!(i18n, collection.despite)}</span>
                            <span class="field"><input type="text" maxlength="200" prop:value=reason on:input=move |ev| reason.set(event_target_value(&ev)) /></span>
                        </label>
                    </div>
                })}
            </td>
            <td role="cell" class="e6">
                <JobState status />
                <small class="muted">{say(move || line.with(|l| l.as_ref().map(|l| last_words(i18n, l)).unwrap_or_default()))}</small>
                <small class="soft" data-testid="counts">{say(move || line.with(|l| {
                    let counted = l.as_ref().map(|l| l.counted.clone()).unwrap_or_default();
                    let words: Vec<String> = counted.iter().map(|(k, n)| count_words(i18n, k, *n)).collect();
                    words.join(", ")
                }))}</small>
            </td>
        </tr>
    }
}

/// `07:00, 09:00, 2 runs`; of many runs the first, the second and the last.
fn runs_words(i18n: I18n, runs: &[Clock]) -> String {
    let all: Vec<String> = match runs {
        [first, second, .., last] if runs.len() > 4 => {
            vec![first.to_string(), second.to_string(), format!("… {last}")]
        }
        _ => runs.iter().map(ToString::to_string).collect(),
    };
    let n = t_string!(i18n, collection.runs, count = runs.len()).to_string();
    format!("{}, {n}", all.join(", "))
}

fn last_words(i18n: I18n, l: &EntryLine) -> String {
    match (&l.last, &l.next) {
        (Some(last), _) => {
            let at = last.started.unwrap_or(last.due);
            t_string!(i18n, collection.last, time = at.full(reading(i18n))).to_string()
        }
        (None, Some(next)) => t_string!(i18n, collection.next, time = next.full(reading(i18n))).to_string(),
        (None, None) => t_string!(i18n, collection.never).to_owned(),
    }
}
