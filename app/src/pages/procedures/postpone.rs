//! Putting jobs off over a holiday: which, until when, who agreed; what becomes of each; and then, in one (J24).

use super::super::{
    profile::{Said, SaidLine},
    refusals::why_not,
};
use crate::{
    api::procedures::{postpone, preview_postponement},
    components::{
        icon::{Glyph, Icon},
        job::job_kind_word,
        language::reading,
        say, word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::job::JobId;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use views::procedures::{Choice, DayWarning, Moved, NaiveDate, PostponePreview, ProceduresPage, day_words};

fn is_remittance(c: &Choice) -> bool {
    c.kind == "autopay_remittance"
}

fn is_dunning(c: &Choice) -> bool {
    matches!(c.kind.as_str(), "dunning_p1" | "dunning_p2" | "debt_collection")
}

/// The form.
#[component]
pub fn Postpone(data: RwSignal<ProceduresPage>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let free = |c: &&Choice| c.until.is_none() && c.next.is_some();
    let chosen = RwSignal::new(data.with_untracked(|d| {
        let usual = d
            .jobs
            .iter()
            .filter(free)
            .filter(|c| is_remittance(c) || is_dunning(c));
        usual.map(|c| c.id).collect::<Vec<JobId>>()
    }));
    let date = RwSignal::new(String::new());
    let agreed = RwSignal::new(String::new());
    let preview = RwSignal::new(None::<PostponePreview>);
    let said = Said::default();
    let day = Memo::new(move |_| date.with(|d| d.parse::<NaiveDate>().ok()));
    let looking = Action::new(move |()| async move {
        said.set(None);
        let Some(day) = day.get_untracked() else {
            preview.set(None);
            return;
        };
        match preview_postponement(here.office.get_untracked(), chosen.get_untracked(), day.into()).await {
            Ok(p) => preview.set(Some(p)),
            Err(e) => {
                preview.set(None);
                said.set(Some(Err(invalid_words(i18n, &e))));
            }
        }
    });
    Effect::new(move |before: Option<()>| {
        let some = day.get().is_some() && !chosen.with(Vec::is_empty);
        if !some {
            preview.set(None);
        } else if before.is_some() || some {
            looking.dispatch(());
        }
    });
    let go = use_navigate();
    let doing = Action::new(move |()| {
        let go = go.clone();
        async move {
            said.set(None);
            let Some(day) = day.get_untracked() else { return };
            let office = here.office.get_untracked();
            match postpone(
                office.clone(),
                chosen.get_untracked(),
                day.into(),
                agreed.get_untracked(),
            )
            .await
            {
                Ok(id) => go(&format!("/o/{office}/procedures/{id}"), Default::default()),
                Err(e) => said.set(Some(Err(invalid_words(i18n, &e)))),
            }
        }
    });
    let preset = move |which: fn(&Choice) -> bool| {
        let ids = data.with_untracked(|d| {
            let fit = d.jobs.iter().filter(free).filter(|c| which(c));
            fit.map(|c| c.id).collect::<Vec<_>>()
        });
        chosen.update(|c| {
            let all = ids.iter().all(|id| c.contains(id));
            c.retain(|id| !ids.contains(id));
            if !all {
                c.extend(&ids);
            }
        });
    };
    let has = move |which: fn(&Choice) -> bool| {
        data.with(|d| {
            let mut fit = d.jobs.iter().filter(free).filter(|c| which(c)).peekable();
            fit.peek().is_some() && fit.all(|c| chosen.with(|all| all.contains(&c.id)))
        })
    };
    let tomorrow = data
        .with_untracked(|d| d.today)
        .and_then(|t| t.succ_opt())
        .map(|t| t.to_string());
    let jobs = Memo::new(move |_| data.with(|d| d.jobs.clone()));
    view! {
        <form class="postpone" on:submit=move |ev| { ev.prevent_default(); doing.dispatch(()); }>
            <section class="card" aria-labelledby="which-jobs">
                <header>
                    <div class="grow"><h2 id="which-jobs">{word!(i18n, procedures.which_jobs)}</h2></div>
                    <div class="r">
                        <button type="button" class="chip" aria-pressed=say(move || has(is_remittance).to_string()) on:click=move |_| preset(is_remittance)>{word!(i18n, procedures.remittance)}</button>
                        <button type="button" class="chip" aria-pressed=say(move || has(is_dunning).to_string()) on:click=move |_| preset(is_dunning)>{word!(i18n, procedures.dunning)}</button>
                    </div>
                </header>
                {move || jobs.with(Vec::is_empty).then(|| view! { <p class="pad soft">{word!(i18n, procedures.no_jobs)}</p> })}
                <ul class="picks">
                    {move || jobs.get().into_iter().map(|c| view! { <Pick c chosen /> }).collect_view()}
                </ul>
            </section>
            <section class="card start" aria-labelledby="new-date">
                <h2 id="new-date">{word!(i18n, procedures.new_date)}</h2>
                <p class="soft">{word!(i18n, procedures.only_date)}</p>
                <div class="row-form">
                    <label class="line-field"><span>{word!(i18n, procedures.first_day)}</span>
                        <span class="field"><input type="date" name="date" required min=tomorrow prop:value=date on:input=move |ev| date.set(event_target_value(&ev)) /></span>
                    </label>
                    <label class="line-field"><span>{word!(i18n, procedures.agreed)}</span>
                        <span class="field"><input type="text" name="agreed" required maxlength="200" autocomplete="off" prop:value=agreed on:input=move |ev| agreed.set(event_target_value(&ev)) /></span>
                    </label>
                </div>
                {move || preview.get().map(|p| view! { <Preview p date=day /> })}
                <SaidLine said />
                <button class="btn pri lg" data-testid="postpone" disabled=move || preview.with(Option::is_none) || doing.pending().get()>
                    {say(move || t_string!(i18n, procedures.postpone_button, count = chosen.with(Vec::len)).to_string())}
                </button>
            </section>
        </form>
    }
}

fn invalid_words(i18n: I18n, e: &crate::api::ApiError) -> String {
    let has = |field: &str| e.0.errors.iter().any(|e| e.field.starts_with(field));
    match e.code() {
        "invalid" if has("date") => t_string!(i18n, procedures.bad_date).to_owned(),
        "invalid" if has("agreed") => t_string!(i18n, procedures.bad_agreed).to_owned(),
        "invalid" if has("jobs") => t_string!(i18n, procedures.bad_jobs).to_owned(),
        _ => why_not(i18n, e),
    }
}

#[component]
fn Pick(c: Choice, chosen: RwSignal<Vec<JobId>>) -> impl IntoView {
    let i18n = use_i18n();
    let id = c.id;
    let (kind, next, until) = (StoredValue::new(c.kind), c.next, c.until);
    let companies: Vec<String> = c.companies.into_iter().map(|c| c.code).collect();
    view! {
        <li>
            <label>
                <input
                    type="checkbox"
                    name=format!("job-{id}")
                    disabled=until.is_some()
                    checked=chosen.with_untracked(|c| c.contains(&id))
                    prop:checked=move || chosen.with(|c| c.contains(&id))
                    on:change=move |ev| {
                        let on = event_target_checked(&ev);
                        chosen.update(|c| { c.retain(|j| *j != id); if on { c.push(id); } });
                    }
                />
                <span><b>{c.description}</b> " " <span class="code">{id}</span>
                    <small class="muted">{say(move || job_kind_word(i18n, &kind.get_value()))} " · " {companies.join(", ")}</small>
                </span>
                <span class="muted r">{say(move || match (until, next) {
                    (Some(day), _) => t_string!(i18n, procedures.until, day = day_words(day, reading(i18n))).to_string(),
                    (_, Some(at)) => at.full(reading(i18n)),
                    _ => t_string!(i18n, procedures.no_next).to_owned(),
                })}</span>
            </label>
        </li>
    }
}

/// Old and new start of each job, and what to know about the day.
#[component]
fn Preview(p: PostponePreview, date: Memo<Option<NaiveDate>>) -> impl IntoView {
    let i18n = use_i18n();
    let n = p.moved.len();
    let words = move || {
        date.get()
            .map(|d| day_words(d, reading(i18n)))
            .unwrap_or_default()
    };
    let warnings = p.warnings.into_iter().map(|warning| {
        view! {
            <p class="note act" data-testid="day-warning"><Glyph icon=Icon::Alert /> {say(move || match &warning {
                DayWarning::Weekend => t_string!(i18n, procedures.weekend, day = words()).to_string(),
                DayWarning::Holiday(name) => t_string!(i18n, procedures.holiday, day = words(), calendar = name.clone()).to_string(),
            })}</p>
        }
    });
    view! {
        <div class="preview" data-testid="preview">
            {warnings.collect_view()}
            <p><b>{say(move || t_string!(i18n, procedures.start_again, count = n, day = words()).to_string())}</b></p>
            <MovedTable moved=p.moved />
        </div>
    }
}

/// Jobs with their starts before and after.
#[component]
pub fn MovedTable(moved: Vec<Moved>) -> impl IntoView {
    let i18n = use_i18n();
    let at = move |m: Option<domain::Moment>| {
        say(move || m.map_or_else(|| "–".to_owned(), |m| m.full(reading(i18n))))
    };
    view! {
        <div class="tw">
            <table class="stack moved" role="table" aria-label=word!(i18n, procedures.moved)>
                <thead role="rowgroup"><tr role="row">
                    <th role="columnheader" scope="col">{word!(i18n, procedures.th_job)}</th>
                    <th role="columnheader" scope="col">{word!(i18n, procedures.th_old)}</th>
                    <th role="columnheader" scope="col">{word!(i18n, procedures.th_new)}</th>
                    <th role="columnheader" scope="col" class="n">{word!(i18n, procedures.th_skipped)}</th>
                </tr></thead>
                <tbody role="rowgroup">
                    {moved.into_iter().map(|m| view! {
                        <tr role="row" data-moved=m.job>
                            <th role="rowheader" scope="row">{m.description} " " <span class="code">{m.job}</span></th>
                            <td role="cell"><span class="only-m muted">{word!(i18n, procedures.th_old)} " "</span><time>{at(m.old)}</time></td>
                            <td role="cell"><span class="only-m muted">{word!(i18n, procedures.th_new)} " "</span><time><b>{at(m.new)}</b></time></td>
                            <td role="cell" class="n"><span class="only-m muted">{word!(i18n, procedures.th_skipped)} " "</span>{m.skipped}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
