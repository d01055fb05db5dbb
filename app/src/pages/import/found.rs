//! What was found in a file, before anything is made.

use super::address;
use crate::{
    api::{ApiError, imports::confirm_import},
    components::{say, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use leptos::prelude::*;
use views::import::{Findings, ImportPage, Problem, WrongLine};

#[component]
pub(super) fn Found(page: ImportPage, again: RwSignal<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let (id, total, file) = (page.id, page.total, page.file);
    let refused = RwSignal::new(None::<ApiError>);
    let confirming = Action::new(move |()| async move {
        match confirm_import(here.office.get_untracked(), id).await {
            Ok(()) => again.update(|n| *n += 1),
            Err(e) => refused.set(Some(e)),
        }
    });
    let lines = page.findings.lines;
    let confirm = (total > 0).then(|| {
        view! {
            <button type="button" class="btn pri lg" data-testid="confirm-import" disabled=confirming.pending() on:click=move |_| { confirming.dispatch(()); }>
                {say(move || t_string!(i18n, import.confirm, count = total).to_string())}
            </button>
        }
    });
    let none = (total == 0).then(|| view! { <p><b>{word!(i18n, import.nothing)}</b></p> });
    view! {
        <section class="card" aria-labelledby="found">
            <header><h2 id="found">{say(move || t_string!(i18n, import.found, count = lines, file = file.clone()).to_string())}</h2></header>
            <div class="pad stack-form">
                <Sums total findings=page.findings.clone() />
                {none}
                <p class="wrong" role="alert">{say(move || refused.get().map(|e| error_words(i18n, &e)).unwrap_or_default())}</p>
                <div class="bar">
                    {confirm}
                    <a class="btn lg" href=say(move || address(&here.office.get(), None))>{word!(i18n, import.another)}</a>
                </div>
            </div>
        </section>
        <Wrong findings=page.findings />
        <Sample sample=page.sample />
    }
}

/// How many are new, here already, left out; and what to know of the new ones.
#[component]
fn Sums(total: u32, findings: Findings) -> impl IntoView {
    let i18n = use_i18n();
    let Findings {
        wrong_lines,
        here,
        here_lines,
        unserved,
        unmanaged,
        ..
    } = findings;
    let named = say(move || {
        let line = |(n, code): &(u32, String)| format!("{} · {code}", t_string!(i18n, import.line_n, n = *n));
        here.iter().map(line).collect::<Vec<_>>().join(", ")
    });
    let already = (here_lines > 0).then(|| {
        view! {
            <li data-sum="here">
                <details>
                    <summary>{say(move || t_string!(i18n, import.here, count = here_lines).to_string())}</summary>
                    <p class="muted">{named}</p>
                </details>
            </li>
        }
    });
    let wrong = (wrong_lines > 0)
        .then(|| view! { <li data-sum="wrong">{say(move || t_string!(i18n, import.wrong, count = wrong_lines).to_string())}</li> });
    let unserved = unserved.into_iter().map(move |(package, n)| {
        view! { <li class="soft">{say(move || t_string!(i18n, import.unserved, count = n, package = package.clone()).to_string())}</li> }
    });
    let unmanaged = (unmanaged > 0)
        .then(|| view! { <li class="soft">{say(move || t_string!(i18n, import.unmanaged, count = unmanaged).to_string())}</li> });
    view! {
        <ul class="sums">
            {(total > 0).then(|| view! { <li data-sum="new"><b>{say(move || t_string!(i18n, import.fresh, count = total).to_string())}</b></li> })}
            {already}
            {wrong}
            {unserved.collect_view()}
            {unmanaged}
        </ul>
    }
}

/// What is wrong, line by line.
#[component]
fn Wrong(findings: Findings) -> impl IntoView {
    let i18n = use_i18n();
    let Findings {
        wrong, wrong_lines, ..
    } = findings;
    let shown = wrong.len();
    // a line may have more than one thing wrong with it
    let cut = shown >= views::import::SHOWN;
    let line = move |w: WrongLine| {
        let WrongLine { line, code, problem } = w;
        view! {
            <li data-line=line>
                <b class="nowrap">{say(move || t_string!(i18n, import.line_n, n = line).to_string())}</b>
                <bdi class="code">{code}</bdi>
                <span>{say(move || problem_words(i18n, &problem))}</span>
            </li>
        }
    };
    (wrong_lines > 0).then(|| {
        view! {
            <section class="card" aria-labelledby="wrong-lines" data-testid="wrong-lines">
                <header><h2 id="wrong-lines">{say(move || t_string!(i18n, import.wrong, count = wrong_lines).to_string())}</h2></header>
                <p class="pad soft">
                    {word!(i18n, import.wrong_lead)} " "
                    {cut.then(|| say(move || t_string!(i18n, import.wrong_first, n = shown).to_string()))}
                </p>
                <ul class="wrongs">{wrong.into_iter().map(line).collect_view()}</ul>
            </section>
        }
    })
}

/// A broken rule of a line in the reader's words.
fn problem_words(i18n: I18n, problem: &Problem) -> String {
    match problem {
        Problem::Short => t_string!(i18n, import.p_short).to_owned(),
        Problem::Broken => t_string!(i18n, import.p_broken).to_owned(),
        Problem::Code(code) if code.is_empty() => t_string!(i18n, import.p_no_code).to_owned(),
        Problem::Code(code) => t_string!(i18n, import.p_code, code = code.clone()).to_string(),
        Problem::Formula => t_string!(i18n, import.p_formula).to_owned(),
        Problem::Name => t_string!(i18n, import.p_name).to_owned(),
        Problem::Package(package) => t_string!(i18n, import.p_package, package = package.clone()).to_string(),
        Problem::Manager(email) => t_string!(i18n, import.p_manager, email = email.clone()).to_string(),
        Problem::Double(line) => t_string!(i18n, import.p_double, line = *line).to_string(),
        Problem::Taken(name) => t_string!(i18n, import.p_taken, name = name.clone()).to_string(),
        Problem::Archived(name) => t_string!(i18n, import.p_archived, name = name.clone()).to_string(),
    }
}

/// The first lines as they were read, so that a wrong column or a garbled letter is seen before it counts.
#[component]
fn Sample(sample: Vec<(u32, String, String, String, String)>) -> impl IntoView {
    let i18n = use_i18n();
    let row = |(line, code, name, package, manager): (u32, String, String, String, String)| {
        view! {
            <tr role="row">
                <td role="cell" class="n">{line.to_string()}</td>
                <th role="rowheader" scope="row"><bdi>{name}</bdi></th>
                <td role="cell"><span class="code">{code}</span></td>
                <td role="cell" class="soft">{package}</td>
                <td role="cell" class="soft"><bdi>{manager}</bdi></td>
            </tr>
        }
    };
    (!sample.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="sample">
                <header><h2 id="sample">{word!(i18n, import.preview)}</h2></header>
                <div class="tw">
                    <table class="stack sample" role="table" aria-labelledby="sample">
                        <thead role="rowgroup">
                            <tr role="row">
                                <th role="columnheader" scope="col" class="n">{word!(i18n, import.line)}</th>
                                <th role="columnheader" scope="col">{word!(i18n, dossiers.name)}</th>
                                <th role="columnheader" scope="col">{word!(i18n, dossiers.code)}</th>
                                <th role="columnheader" scope="col">{word!(i18n, dossiers.package)}</th>
                                <th role="columnheader" scope="col">{word!(i18n, import.manager)}</th>
                            </tr>
                        </thead>
                        <tbody role="rowgroup">{sample.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}
