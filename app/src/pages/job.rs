//! `/o/:office/jobs/:id`: one job, and `…/jobs/new`: a new one (J12).

mod draft;
mod fields;
mod form;
mod interval;
mod now;
mod outputs;
pub use form::Ticks;
mod preview;
mod saving;

use super::{
    here::Here,
    jobs::{
        NoRight,
        desk::{Desk, Verbs},
    },
    not_found::Missing,
    page::Page,
    unread::Unread,
};
use crate::{
    api::{
        ApiError,
        jobs::{job, jobs, jobs_setting},
        procedures::why,
    },
    components::{job_tabs::JobTabs, say, word},
    i18n::*,
};
use domain::{
    Refusal,
    job::{JobForm, JobId, JobStatus},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use views::{
    jobs::{JobDetail, JobLine, JobsAsk, JobsSetting},
    stuck::Why,
};

/// What the page begins with: the job, if it is no new one, and why it does not run, if that is asked or it needs
/// somebody; what the form needs; the office's jobs; and what a new one is copied from.
type Found = (
    Option<(JobDetail, Option<Help>)>,
    JobsSetting,
    Vec<JobLine>,
    Option<JobForm>,
);
type Help = Result<Why, ApiError>;

/// The status of a job that needs somebody.
fn needs_help(status: JobStatus) -> bool {
    matches!(status, JobStatus::Error | JobStatus::Overdue)
}

async fn read(office: String, id: String, from: Option<JobId>, asked: bool) -> Result<Found, ApiError> {
    let setting = jobs_setting(office.clone()).await?;
    if !setting.may_edit {
        return Ok((None, setting, vec![], None));
    }
    let detail = match (id.as_str(), id.parse()) {
        ("new", _) => None,
        (_, Ok(id)) => {
            let detail = job(office.clone(), id).await?;
            let help = match asked || needs_help(detail.line.status) {
                true => Some(why(office.clone(), id).await),
                false => None,
            };
            Some((detail, help))
        }
        _ => return Err(Refusal::NotFound.into()),
    };
    let copied = match from.filter(|_| detail.is_none()) {
        Some(from) => Some(job(office.clone(), from).await?.form),
        None => None,
    };
    let all = jobs(office, JobsAsk::default()).await?;
    Ok((detail, setting, all.lines, copied))
}

/// The page.
#[component]
pub fn Job() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let from = Memo::new(move |_| query.read().get("from").and_then(|f| f.parse().ok()));
    let first = Resource::new_blocking(
        move || (here.office.get(), id.get(), from.get(), here.reread.get()),
        move |(office, id, from, _)| {
            let asked = query.with_untracked(|q| q.get("why").is_some());
            read(office, id, from, asked)
        },
    );
    let desk = Desk::new();
    provide_context(desk);
    let go = use_navigate();
    Effect::new(move |_| {
        if desk.gone.get().is_some() {
            go(
                &format!("/o/{}/jobs", here.office.get_untracked()),
                Default::default(),
            );
        }
    });
    let title = Signal::derive(move || match id.get().as_str() {
        "new" => t_string!(i18n, jobs.title_new).to_owned(),
        id => format!("{} {id}", t_string!(i18n, jobs.th_job)),
    });
    let back = Signal::derive(move || Some(format!("/o/{}/jobs", here.office.get())));
    view! {
        <Page title back>
            <JobTabs />
            <p class="said" role="status" class:vh=move || desk.said.with(Option::is_none) class:wrong=move || desk.said.with(|s| matches!(s, Some(Err(_))))>
                {say(move || desk.said.get().map(|s| s.unwrap_or_else(|e| e)).unwrap_or_default())}
            </p>
            <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                {move || Suspend::new(async move {
                    match first.await {
                        Ok((_, setting, ..)) if !setting.may_edit => view! { <NoRight ask=setting.ask /> }.into_any(),
                        Ok((Some((detail, help)), setting, all, _)) => view! { <now::Known detail help setting all /> }.into_any(),
                        Ok((None, setting, all, copied)) => {
                            let kind = query.read_untracked().get("kind");
                            view! { <form::New setting all copied kind /> }.into_any()
                        }
                        Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                        Err(e) => view! { <Unread e /> }.into_any(),
                    }
                })}
            </Transition>
            <Verbs />
        </Page>
    }
}
