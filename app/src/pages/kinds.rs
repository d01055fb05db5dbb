//! `/o/:office/jobs/kinds`: every kind of job by module: which exist, which must be set up, which suit running regularly,
//! whose they are (J1); and the lists of companies that the module rules keep (J20, J22).

use super::{
    error_words,
    follow::keep_up,
    here::Here,
    job::Ticks,
    jobs::NoRight,
    page::Page,
    unread::{Unread, once_read},
};
use crate::{
    api::{
        ApiError,
        jobs::{job_list, jobs_setting, set_job_list},
    },
    components::{
        job::{RunAs, job_kind_does, job_kind_word, module_word},
        job_tabs::JobTabs,
        say, word,
    },
    i18n::*,
};
use domain::job::{Module, Place, ReplaceBy};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use views::jobs::{Company, JobsSetting, KindLine};

/// The page.
#[component]
pub fn Kinds() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let first = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| jobs_setting(office),
    );
    let title = Signal::derive(move || t_string!(i18n, jobs.kinds_title).to_owned());
    view! {
        <Page title>
            <JobTabs />
            {once_read(first, |setting| {
                if setting.may_edit {
                    view! { <Known setting /> }.into_any()
                } else {
                    view! { <NoRight ask=setting.ask /> }.into_any()
                }
            })}
        </Page>
    }
}

#[component]
fn Known(setting: JobsSetting) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let again = RwSignal::new(0);
    let data = RwSignal::new(setting);
    keep_up(
        move || here.office.get(),
        again,
        jobs_setting,
        move |_, found| data.set(found),
    );
    let missing = Memo::new(move |_| {
        data.with(|d| {
            d.kinds
                .iter()
                .filter(|k| k.kind.must && !k.kind.is_entry() && k.active == 0)
                .count()
        })
    });
    let opened = Memo::new(move |_| {
        query
            .read()
            .get("list")
            .filter(|l| is_list(&data.get_untracked(), l))
    });
    view! {
        {move || (missing.get() > 0).then(|| view! { <p class="act b" data-testid="missing">{word!(i18n, jobs.must_missing_n, n = missing.get())}</p> })}
        {move || opened.get().map(|kind| view! { <List kind again companies=data.with_untracked(|d| d.companies.clone()) /> })}
        {Module::ALL.map(|module| view! { <Group module data /> }).collect_view()}
    }
}

fn is_list(setting: &JobsSetting, kind: &str) -> bool {
    setting
        .kinds
        .iter()
        .any(|k| k.kind.code == kind && k.kind.place == Place::List)
}

/// The kinds of a module.
#[component]
fn Group(module: Module, data: RwSignal<JobsSetting>) -> impl IntoView {
    let i18n = use_i18n();
    let id = format!("m-{}", module.key());
    let named = id.clone();
    let codes = data.with_untracked(|d| {
        let of = d.kinds.iter().filter(|k| k.kind.module == module);
        of.map(|k| k.kind.code.clone()).collect::<Vec<_>>()
    });
    view! {
        <section class="card joblist kindlist" aria-labelledby=named>
            <header><h2 id=id>{say(move || module_word(i18n, module))}</h2></header>
            <table class="stack" role="table" aria-label=say(move || module_word(i18n, module))>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_kind)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_must)}</th>
                        <th role="columnheader" scope="col" class="p3">{word!(i18n, jobs.th_regular)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_owner)}</th>
                        <th role="columnheader" scope="col" class="p4">{word!(i18n, jobs.th_after_release)}</th>
                        <th role="columnheader" scope="col">{word!(i18n, jobs.th_jobs)}</th>
                        <th role="columnheader" scope="col"><span class="vh">{word!(i18n, jobs.th_actions)}</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{codes.into_iter().map(|code| view! { <Row code data /> }).collect_view()}</tbody>
            </table>
        </section>
    }
}

#[component]
fn Row(code: String, data: RwSignal<JobsSetting>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let key = code.clone();
    let line = Memo::new(move |before: Option<&Option<KindLine>>| {
        let now = data.with(|d| d.kinds.iter().find(|k| k.kind.code == key).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let Some(k) = line.get_untracked() else {
        return ().into_any();
    };
    let kind = k.kind;
    let counts =
        Memo::new(move |_| line.with(|l| l.as_ref().map_or((0, 0, 0), |l| (l.active, l.jobs, l.listed))));
    let (named, does) = (code.clone(), code.clone());
    let (must, entry) = (kind.must, kind.is_entry());
    let must_cell = move || match (must, counts.get().0) {
        (true, 0) if !entry => view! { <span class="pill act">{word!(i18n, jobs.missing)}</span> }.into_any(),
        (true, _) => word!(i18n, jobs.yes).into_any(),
        (false, _) => view! { <span class="muted">{word!(i18n, jobs.optional)}</span> }.into_any(),
    };
    let of = code.clone();
    let jobs = move || {
        let (active, all, _) = counts.get();
        let href = format!("/o/{}/jobs?kind={of}", here.office.get());
        match all {
            0 => view! { <span class="muted">"0"</span> }.into_any(),
            all => view! { <a class="quiet" href=href>{word!(i18n, jobs.active_of, active = active, all = all)}</a> }
                .into_any(),
        }
    };
    let set_up = StoredValue::new(code.clone());
    let name = move || set_up.with_value(|c| job_kind_word(i18n, c));
    let action = if entry {
        let href = say(move || format!("/o/{}/collection", here.office.get()));
        view! { <a class="quiet" href=href>{word!(i18n, jobs.entries_link)}</a> }.into_any()
    } else {
        let href = say(move || format!("/o/{}/jobs/new?kind={}", here.office.get(), set_up.get_value()));
        let label = say(move || {
            t_string!(
                i18n,
                jobs.a_of,
                action = t_string!(i18n, jobs.set_up_one),
                job = name()
            )
            .to_string()
        });
        view! { <a class="btn sm" href=href aria-label=label>{word!(i18n, jobs.set_up_one)}</a> }.into_any()
    };
    let list = (kind.place == Place::List).then(|| {
        let href = say(move || format!("/o/{}/jobs/kinds?list={}", here.office.get(), set_up.get_value()));
        view! { <a class="btn sm" href=href>{word!(i18n, jobs.list_button, n = counts.get().2)}</a> }
    });
    view! {
        <tr role="row" data-kind=code>
            <th role="rowheader" scope="row" class="j1">
                <b>{say(move || job_kind_word(i18n, &named))}</b>
                <small class="soft">{say(move || job_kind_does(i18n, &does))}</small>
                {kind.moves_money.then(|| view! { <small class="muted">{word!(i18n, jobs.money)}</small> })}
                {(kind.replace_by == ReplaceBy::Cancel).then(|| view! { <small class="muted">{word!(i18n, jobs.cancel_first)}</small> })}
            </th>
            <td role="cell" class="j0" data-col="must"><span class="only-m muted">{word!(i18n, jobs.th_must)} ": "</span> {must_cell}</td>
            <td role="cell" class="p3 hide-m" data-col="regular">{say(move || if kind.regular { t_string!(i18n, jobs.yes) } else { t_string!(i18n, jobs.no) }.to_owned())}</td>
            <td role="cell" class="j5 soft" data-col="owner"><span class="only-m muted">{word!(i18n, jobs.th_owner)} ": "</span> <RunAs user=kind.run_as.clone() /></td>
            <td role="cell" class="p4 soft hide-m" data-col="after">{kind.after_release.then(|| word!(i18n, jobs.again_after))}</td>
            <td role="cell" class="j6" data-col="jobs">{jobs}</td>
            <td role="cell" class="j8">{list} " " {action}</td>
        </tr>
    }
    .into_any()
}

/// The companies of a kind's list (J20).
#[component]
fn List(kind: String, again: RwSignal<u32>, companies: Vec<Company>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let key = StoredValue::new(kind.clone());
    let chosen = RwSignal::new(Vec::<String>::new());
    let said = RwSignal::new(None::<Result<String, String>>);
    let busy = RwSignal::new(false);
    let all = StoredValue::new(companies);
    // it stands inside a place that is being read, so it asks only once the page is live
    let read = RwSignal::new(None::<Result<(), ApiError>>);
    Effect::new(move |_| {
        let (office, kind) = (here.office.get(), key.get_value());
        spawn_local(async move {
            let answer = job_list(office, kind).await.map(|codes| {
                // the page may be left meanwhile
                let _ = chosen.try_set(codes);
            });
            let _ = read.try_set(Some(answer));
        });
    });
    let shut = move || busy.get() || read.with(|r| !matches!(r, Some(Ok(()))));
    let save = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        said.set(None);
        // in the order of the companies, whatever was ticked first
        let codes = chosen.with_untracked(|x| {
            all.with_value(|a| {
                a.iter()
                    .map(|c| c.code.clone())
                    .filter(|c| x.contains(c))
                    .collect()
            })
        });
        spawn_local(async move {
            let answer = set_job_list(here.office.get_untracked(), key.get_value(), codes).await;
            let words = match answer {
                Ok(()) => Ok(t_string!(i18n, jobs.list_saved).to_owned()),
                Err(e) => Err(error_words(i18n, &e)),
            };
            let _ = said.try_set(Some(words));
            let _ = busy.try_set(false);
            let _ = again.try_update(|n| *n += 1);
        });
    };
    view! {
        <section class="card" aria-labelledby="h-list" data-testid="kind-list">
            <header><h2 id="h-list">{word!(i18n, jobs.list_of, kind = key.with_value(|k| job_kind_word(i18n, k)))}</h2></header>
            <div class="pad form">
                <p class="soft">{word!(i18n, jobs.list_lead)}</p>
                {move || match read.get() {
                    None => view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }.into_any(),
                    Some(Ok(())) => view! { <Ticks chosen all /> }.into_any(),
                    Some(Err(e)) => view! { <Unread e /> }.into_any(),
                }}
                <div class="bar">
                    <button type="button" class="btn" disabled=shut on:click=move |_| chosen.set(all.with_value(|a| a.iter().map(|c| c.code.clone()).collect()))>{word!(i18n, jobs.f_all)}</button>
                    <button type="button" class="btn pri" disabled=shut on:click=save>{word!(i18n, jobs.list_save)}</button>
                    <p class="said" role="status" class:wrong=move || said.with(|s| matches!(s, Some(Err(_))))>{say(move || said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}</p>
                </div>
            </div>
        </section>
    }
}
