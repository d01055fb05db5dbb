//! All jobs in a file, and back from it with a dry run (J32).

use super::super::refusals::why_not;
use crate::{
    api::procedures::import_jobs,
    browser,
    components::{
        icon::{Glyph, Icon},
        say,
        typed::rule_words,
        word,
    },
    i18n::*,
    pages::here::Here,
};
use domain::FieldError;
use leptos::prelude::*;
use views::procedures::{Fate, ImportLine, ImportReport};

fn fate_word(i18n: I18n, fate: Fate) -> &'static str {
    match fate {
        Fate::New => t_string!(i18n, procedures.f_new),
        Fate::Same => t_string!(i18n, procedures.f_same),
        Fate::Changed => t_string!(i18n, procedures.f_changed),
        Fate::Broken => t_string!(i18n, procedures.f_broken),
    }
}

/// Export and import.
#[component]
pub fn FileTab() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let name = RwSignal::new(String::new());
    let text = RwSignal::new(String::new());
    let report = RwSignal::new(None::<ImportReport>);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let wrong = RwSignal::new(String::new());
    let reading = Action::new(move |dry: &bool| {
        let dry = *dry;
        async move {
            errors.set(vec![]);
            wrong.set(String::new());
            match import_jobs(here.office.get_untracked(), text.get_untracked(), dry).await {
                Ok(done) => report.set(Some(done)),
                Err(e) => {
                    report.set(None);
                    if e.code() == "invalid" {
                        errors.set(e.0.errors.clone());
                    } else {
                        wrong.set(why_not(i18n, &e));
                    }
                }
            }
        }
    });
    let choose = move |ev: leptos::ev::Event| {
        report.set(None);
        errors.set(vec![]);
        browser::read_file(&ev, move |file, content| {
            name.set(file);
            text.set(content);
            reading.dispatch(true);
        });
    };
    let count = move |fate: Fate| {
        report.with(|r| {
            r.as_ref()
                .map_or(0, |r| r.lines.iter().filter(|l| l.fate == fate).count())
        })
    };
    let to_do = move || count(Fate::New) + count(Fate::Changed);
    let written = move || report.with(|r| r.as_ref().is_some_and(|r| r.written));
    view! {
        <div class="starts two">
            <section class="card start" aria-labelledby="export-title">
                <h2 id="export-title">{word!(i18n, procedures.export_title)}</h2>
                <p class="soft">{word!(i18n, procedures.export_lead)}</p>
                <a class="btn" rel="external" download="" data-testid="export-jobs" href=say(move || format!("/api/desk/jobs-export?office={}", here.office.get()))><Glyph icon=Icon::Download /> {word!(i18n, procedures.export_button)}</a>
            </section>
            <section class="card start" aria-labelledby="import-title">
                <h2 id="import-title">{word!(i18n, procedures.import_title)}</h2>
                <p class="soft">{word!(i18n, procedures.import_lead)}</p>
                <label class="line-field"><span>{word!(i18n, procedures.import_file)}</span>
                    <input type="file" name="file" accept=".json,application/json" on:change=choose />
                </label>
            </section>
        </div>
        {move || (!errors.with(Vec::is_empty)).then(|| view! {
            <section class="card alertc" role="alert" data-testid="import-errors">
                <svg class="s sup" viewBox="0 0 16 16" aria-hidden="true"><path fill="currentColor" d="M5.1.9h5.8l4.2 4.2v5.8l-4.2 4.2H5.1L.9 10.9V5.1z" /><path class="cut" d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6" /></svg>
                <div>
                    <h2>{word!(i18n, procedures.import_refused)}</h2>
                    <ul class="errors">{errors.get().into_iter().map(|e| view! { <li><b>{line_word(i18n, &e.field)}</b> " " <span lang="en">{e.message}</span></li> }).collect_view()}</ul>
                </div>
            </section>
        })}
        <p class="wrong" role="alert">{say(move || wrong.get())}</p>
        {move || report.get().map(|r| view! {
            <section class="card" aria-labelledby="dry-title" data-testid="import-report">
                <header>
                    <div class="grow">
                        <h2 id="dry-title">{say(move || if written() { t_string!(i18n, procedures.imported, name = name.get()).to_string() } else { t_string!(i18n, procedures.dry, name = name.get()).to_string() })}</h2>
                        <p class="muted" role="status">{say(move || t_string!(i18n, procedures.dry_counts, new = count(Fate::New), changed = count(Fate::Changed), same = count(Fate::Same), broken = count(Fate::Broken)).to_string())}</p>
                    </div>
                    <div class="r">
                        {(!r.written && to_do() > 0 && count(Fate::Broken) == 0).then(|| view! {
                            <button type="button" class="btn pri" data-testid="import" disabled=reading.pending() on:click=move |_| { reading.dispatch(false); }>{word!(i18n, procedures.import_button, count = to_do())}</button>
                        })}
                    </div>
                </header>
                <div class="tw">
                    <table class="stack import" role="table" aria-labelledby="dry-title">
                        <thead role="rowgroup"><tr role="row">
                            <th role="columnheader" scope="col">{word!(i18n, procedures.th_fate)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, procedures.th_job)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, procedures.th_here)}</th>
                            <th role="columnheader" scope="col">{word!(i18n, procedures.th_why)}</th>
                        </tr></thead>
                        <tbody role="rowgroup">{r.lines.into_iter().map(|line| view! { <Row line /> }).collect_view()}</tbody>
                    </table>
                </div>
            </section>
        })}
    }
}

/// `line 12` in the reader's words.
fn line_word(i18n: I18n, field: &str) -> String {
    match field.strip_prefix("line ") {
        Some(n) => t_string!(i18n, procedures.line, n = n.to_owned()).to_string(),
        None => field.to_owned(),
    }
}

#[component]
fn Row(line: ImportLine) -> impl IntoView {
    let i18n = use_i18n();
    let fate = line.fate;
    let broken = fate == Fate::Broken;
    let why = say(move || {
        let wrong = line.wrong.iter().map(|e| match e.field.as_str() {
            "" => e.message.clone(),
            field => format!("{field}: {}", rule_words(i18n, e)),
        });
        line.why
            .iter()
            .cloned()
            .chain(wrong)
            .collect::<Vec<_>>()
            .join(", ")
    });
    view! {
        <tr role="row" data-fate=move || match fate { Fate::New => "new", Fate::Same => "same", Fate::Changed => "changed", Fate::Broken => "broken" }>
            <td role="cell"><span class="pill" class:sup=broken class:run=fate == Fate::New class:act=fate == Fate::Changed>{say(move || fate_word(i18n, fate).to_owned())}</span></td>
            <th role="rowheader" scope="row">{line.description} " " <span class="code">{line.number}</span></th>
            <td role="cell"><span class="only-m muted">{word!(i18n, procedures.th_here)} " "</span>{line.here.map_or_else(|| "–".to_owned(), |n| n.to_string())}</td>
            <td role="cell" class="wrap">{why}</td>
        </tr>
    }
}
