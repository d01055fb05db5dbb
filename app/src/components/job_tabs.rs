//! The pages of the job console beside each other.

use crate::{components::say, i18n::*};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

/// The pages, by the end of their address.
const TABS: [&str; 5] = ["", "/runs", "/kinds", "/blocked", "/hours"];

/// Links to the console's pages; the one that is open is marked.
#[component]
pub fn JobTabs() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let path = use_location().pathname;
    let office = Memo::new(move |_| params.read().get("office").unwrap_or_default());
    let word = move |tab: &str| match tab {
        "/runs" => t_string!(i18n, job.tab_runs).to_owned(),
        "/kinds" => t_string!(i18n, job.tab_kinds).to_owned(),
        "/blocked" => t_string!(i18n, job.tab_blocked).to_owned(),
        "/hours" => t_string!(i18n, job.tab_hours).to_owned(),
        _ => t_string!(i18n, job.tab_jobs).to_owned(),
    };
    let tab = move |tab: &'static str| {
        let href = say(move || format!("/o/{}/jobs{tab}", office.get()));
        let current = move || {
            let path = path.get();
            let rest = path.split_once("/jobs").map_or("", |p| p.1);
            let own = TABS
                .iter()
                .skip(1)
                .find(|t| rest.starts_with(**t))
                .copied()
                .unwrap_or_default();
            // a job's own page belongs to the first tab, but is not it
            (own == tab).then_some(if rest.trim_end_matches('/') == tab {
                "page"
            } else {
                "true"
            })
        };
        view! { <a href=href aria-current=current>{say(move || word(tab))}</a> }
    };
    view! { <nav class="tabs jobtabs" aria-label=crate::components::word!(i18n, job.tabs)>{TABS.map(tab).collect_view()}</nav> }
}
