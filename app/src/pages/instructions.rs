//! `/o/:office/instructions`: the catalogue, for Support (M14, M16). What is searched for stands in the address.

use super::{causes::NotForYou, here::Here, page::Page, unread::Unread};
use crate::{
    api::instructions::instructions,
    components::{
        icon::{Glyph, Icon},
        language::reading,
        say, word,
    },
    i18n::*,
};
use domain::Language;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use views::instructions::InstructionRow;

/// The page.
#[component]
pub fn Instructions() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let query = use_query_map();
    let text = Memo::new(move |_| query.with(|q| q.get("q").unwrap_or_default()));
    let title = Signal::derive(move || t_string!(i18n, instructions.title).to_owned());
    let list = Resource::new_blocking(
        move || (here.office.get(), here.reread.get()),
        |(office, _)| instructions(office),
    );
    let navigate = use_navigate();
    let search = move |ev| {
        let text = domain::text::for_url(&event_target_value(&ev));
        let address = format!("/o/{}/instructions?q={text}", here.office.get_untracked());
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..Default::default()
        };
        navigate(&address, options);
    };
    view! {
        <Page title>
            <form class="bar" role="search" method="get" on:submit=|ev| ev.prevent_default()>
                <label class="field search">
                    <Glyph icon=Icon::Search />
                    <span class="vh">{word!(i18n, instructions.search)}</span>
                    <input type="search" name="q" maxlength="200" prop:value=text value=text.get_untracked() on:change=search placeholder=word!(i18n, instructions.search) />
                </label>
            </form>
            <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => view! { <Catalogue list text /> }.into_any(),
                        Err(e) if e.code() == "forbidden" => view! { <NotForYou /> }.into_any(),
                        Err(e) => view! { <Unread e /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

fn matches(row: &InstructionRow, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let words = [&row.title, &row.code, &row.package_name, &row.package];
    text.is_empty() || words.iter().any(|w| w.to_lowercase().contains(&text))
}

#[component]
fn Catalogue(list: Vec<InstructionRow>, text: Memo<String>) -> impl IntoView {
    let i18n = use_i18n();
    move || {
        let text = text.get();
        let found: Vec<InstructionRow> = list.iter().filter(|r| matches(r, &text)).cloned().collect();
        if found.is_empty() {
            return view! { <p class="soft">{word!(i18n, instructions.no_match)}</p> }.into_any();
        }
        view! {
            <div class="card tw">
                <table class="stack catalogue" role="table">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">{word!(i18n, instructions.one)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, instructions.package)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, instructions.audience)}</th>
                            <th role="columnheader" scope="col" class="p3">{word!(i18n, instructions.languages)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, instructions.helped)}</th>
                            <th role="columnheader" scope="col" class="p2">{word!(i18n, instructions.version)}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{found.into_iter().map(|row| view! { <Entry row /> }).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    }
}

/// The languages in which it is whole, or those that are missing.
fn languages_words(i18n: I18n, complete: &[Language]) -> String {
    if complete.len() == Language::ALL.len() {
        return t_string!(i18n, instructions.all_five).to_owned();
    }
    let tags: Vec<&str> = complete.iter().map(|l| l.tag()).collect();
    tags.join(", ")
}

#[component]
fn Entry(row: InstructionRow) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let address = format!("{}/{}", domain::text::for_url(&row.package), row.code);
    let href = say(move || format!("/o/{}/instructions/{address}", here.office.get()));
    let package = match row.package_name.is_empty() {
        true => view! { {word!(i18n, instructions.any_package)} }.into_any(),
        false => row.package_name.clone().into_any(),
    };
    let audience = match row.for_office {
        true => word!(i18n, instructions.for_office),
        false => word!(i18n, instructions.for_support),
    };
    let used = row.used;
    let helped = match used.shown {
        0 => word!(i18n, instructions.never),
        _ => word!(
            i18n,
            instructions.helped_of,
            helped = used.helped,
            count = used.shown
        ),
    };
    let version = row.version;
    let written = row.written.clone();
    let by = say(move || match &written {
        Some(w) => format!("{}, {}", w.by, w.at.full(reading(i18n))),
        None => t_string!(i18n, instructions.by_program).to_owned(),
    });
    view! {
        <tr role="row" data-code=format!("{}.{}", row.package, row.code)>
            <th role="rowheader" scope="row">
                <a href=href dir="auto">{row.title.clone()}</a>
                <p class="code">{row.code.clone()}</p>
            </th>
            <td role="cell">{package}</td>
            <td role="cell">{audience}</td>
            <td role="cell" class="p3">{say(move || languages_words(i18n, &row.complete_in))}</td>
            <td role="cell">{helped}</td>
            <td role="cell" class="p2">
                {word!(i18n, instructions.version_n, n = version)}
                <p class="muted">{by}</p>
            </td>
        </tr>
    }
}
