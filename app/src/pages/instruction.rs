//! `/o/:office/instructions/:package/:code`: the editor of one instruction, for Support (M14, M16).
//! Left what is written, in one language at a time; right how it reads, by the code that the tasks use.

mod draft;
mod fields;
mod params;
mod preview;
mod saving;
mod steps;

use super::{causes::NotForYou, error_words, here::Here, not_found::Missing, page::Page};
use crate::{
    api::instructions::editing,
    components::{language::reading, say, word},
    i18n::*,
};
use draft::Draft;
use fields::{About, Languages, TextField};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use params::Params;
use preview::Preview;
use saving::Saving;
use steps::{Steps, Ways};
use views::instructions::{Editing, VersionRow};

/// The page.
#[component]
pub fn Instruction() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let params = use_params_map();
    let from = use_query_map().with_untracked(|q| q.get("from").and_then(|v| v.parse::<u32>().ok()));
    let named = Memo::new(move |_| {
        params.with(|p| {
            let get = |name| p.get(name).unwrap_or_default();
            (get("package"), get("code"))
        })
    });
    // read once: what is being typed must not be read over
    let editing = Resource::new_blocking(
        move || (here.office.get(), named.get()),
        |(office, (package, code))| editing(office, package, code),
    );
    let title = Signal::derive(move || format!("{} · {}", t_string!(i18n, instructions.one), named.get().1));
    let back = Signal::derive(move || Some(format!("/o/{}/instructions", here.office.get())));
    view! {
        <Page title back>
            <Suspense fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                {move || Suspend::new(async move {
                    match editing.await {
                        Ok(e) => view! { <Editor e from /> }.into_any(),
                        Err(e) if e.code() == "forbidden" => view! { <NotForYou /> }.into_any(),
                        Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                        Err(e) => view! { <p role="alert" class="wrong">{error_words(i18n, &e)}</p> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
}

#[component]
fn Editor(e: Editing, from: Option<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let draft = Draft::new(&e, from, reading(i18n));
    let new = e
        .versions
        .is_empty()
        .then(|| view! { <p class="soft">{word!(i18n, instructions.none_yet)}</p> });
    let heading = match e.package_name.is_empty() {
        true => word!(i18n, instructions.any_package),
        false => {
            let name = e.package_name.clone();
            say(move || name.clone())
        }
    };
    view! {
        <div class="editor">
            <div class="write">
                <section class="card pad">
                    <h2>{heading} " · " <span class="code">{e.code.clone()}</span></h2>
                    {new}
                    <About draft kinds=e.kinds.clone() />
                    <Params draft seen=e.seen.clone() />
                </section>
                <section class="card pad">
                    <Languages draft />
                    <TextField draft place=domain::instruction::Place::Title label=word!(i18n, instructions.title_field) />
                    <TextField draft place=domain::instruction::Place::Cause label=word!(i18n, instructions.cause_field) />
                    <Steps draft />
                    <Ways draft />
                    <TextField draft place=domain::instruction::Place::After label=word!(i18n, instructions.after) />
                    <TextField draft place=domain::instruction::Place::Escalate label=word!(i18n, instructions.escalate) />
                </section>
            </div>
            <div class="read">
                <Preview draft failing=e.failing.clone() />
                <Saving draft red=e.red versions=e.versions.clone() />
                <History e />
            </div>
        </div>
    }
}

/// Every version: who wrote it, how often it helped, and a way to go on from it.
#[component]
fn History(e: Editing) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let address = format!("{}/{}", domain::text::for_url(&e.package), e.code);
    let line = move |v: VersionRow| {
        let (used, n, address) = (v.used, v.instruction.version, address.clone());
        let href = say(move || format!("/o/{}/instructions/{address}?from={n}", here.office.get()));
        let title = say(move || v.instruction.title_in(reading(i18n)));
        let by = say(move || match &v.written {
            Some(w) => format!("{}, {}", w.by, w.at.full(reading(i18n))),
            None => t_string!(i18n, instructions.by_program).to_owned(),
        });
        let helped = match used.shown {
            0 => word!(i18n, instructions.never),
            _ => word!(
                i18n,
                instructions.helped_of,
                helped = used.helped,
                count = used.shown
            ),
        };
        view! {
            <li data-version=n.to_string()>
                <b class="b">{word!(i18n, instructions.version_n, n = n)}</b> " " <span dir="auto">{title}</span>
                <p class="muted">{by} " · " {helped}</p>
                <a href=href rel="external">{word!(i18n, instructions.from)}</a>
            </li>
        }
    };
    (!e.versions.is_empty()).then(|| {
        view! {
            <section class="card pad">
                <h2>{word!(i18n, instructions.versions)}</h2>
                <ul class="versions">{e.versions.into_iter().map(line).collect_view()}</ul>
            </section>
        }
    })
}
