//! The file is chosen and sent.

use super::address;
use crate::{
    api::ApiError,
    components::{language::reading, say, typed::wrong_with, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use domain::refusal::Problem;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_navigate;
use serde::Deserialize;
use views::import::ImportLine;

/// Where a file is sent.
const TO: &str = "/api/desk/import-dossiers";
const EXAMPLE: &str = "code;name;package;manager\nDESMET;Bakkerij De Smet;Exact Online;emma@example.com\nCLAES;Notariaat Claes;Wings;";

/// The answer to a file that was taken in.
#[derive(Deserialize)]
struct Taken {
    id: i64,
}

#[component]
pub(super) fn Upload(before: Vec<ImportLine>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let form = NodeRef::<html::Form>::new();
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let go = use_navigate();
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let Some(form) = form.get_untracked().filter(|_| !busy.get_untracked()) else {
            return;
        };
        busy.set(true);
        refused.set(None);
        let go = go.clone();
        crate::browser::send_form(&form, TO, move |answer| {
            busy.set(false);
            let taken = answer.map(|a| serde_json::from_str::<Taken>(&a));
            match taken {
                Ok(Ok(Taken { id })) => go(
                    &address(&here.office.get_untracked(), Some(id)),
                    Default::default(),
                ),
                Ok(Err(_)) => refused.set(Some(domain::Refusal::Internal.into())),
                Err(said) => refused.set(Some(problem(said))),
            }
        });
    };
    let wrong = wrong_with(i18n, move || refused.get(), "file");
    let other = say(move || {
        let e = refused.get().filter(|e| e.code() != "invalid");
        e.map_or_else(String::new, |e| match e.code() {
            "too_large" => t_string!(i18n, import.rule_large).to_owned(),
            _ => error_words(i18n, &e),
        })
    });
    view! {
        <section class="card" aria-label=word!(i18n, import.title)>
            <form node_ref=form class="form pad" method="post" enctype="multipart/form-data" action=TO on:submit=submit>
                <p>{word!(i18n, import.lead)}</p>
                <p class="soft">{word!(i18n, import.lead_more)}</p>
                <div>
                    <p class="muted">{word!(i18n, import.example)}</p>
                    <pre class="code example" tabindex="0">{EXAMPLE}</pre>
                </div>
                <input type="hidden" name="office" value=here.office.get_untracked() />
                <div class="line-field">
                    <label for="import-file">{word!(i18n, import.file)}</label>
                    <input
                        id="import-file"
                        name="file"
                        type="file"
                        required
                        accept=".csv,.txt,text/csv,text/plain"
                        aria-describedby="import-file-note"
                        aria-invalid=say(move || wrong.get().is_some().to_string())
                    />
                    <small id="import-file-note" class="error" role="alert">{say(move || wrong.get().unwrap_or_default())}</small>
                </div>
                <p class="wrong" role="alert">{other}</p>
                <div class="bar">
                    <button class="btn pri lg" disabled=busy>{word!(i18n, import.check)}</button>
                    <span class="soft" role="status">{say(move || if busy.get() { t_string!(i18n, import.checking).to_owned() } else { String::new() })}</span>
                </div>
            </form>
        </section>
        <Before before />
    }
}

/// What the server said of a file that it did not take.
fn problem(said: Option<String>) -> ApiError {
    let read = said.and_then(|a| serde_json::from_str::<Problem>(&a).ok());
    let problem = read.unwrap_or_else(|| domain::Refusal::Offline.problem());
    if problem.code == domain::refusal::OUT_OF_SERVICE {
        crate::browser::closed();
    }
    ApiError(Box::new(problem))
}

/// Files that were confirmed before.
#[component]
fn Before(before: Vec<ImportLine>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let line = move |(id, file, at, who, n): ImportLine| {
        let words = say(move || {
            t_string!(i18n, import.by, when = at.full(reading(i18n)), who = who.clone()).to_string()
        });
        view! {
            <li>
                <a href=say(move || address(&here.office.get(), Some(id)))><bdi>{file}</bdi></a>
                <span class="muted">{words}</span>
                <span class="num">{n.to_string()}</span>
            </li>
        }
    };
    (!before.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="imported">
                <header><h2 id="imported">{word!(i18n, import.earlier)}</h2></header>
                <ul class="imported">{before.into_iter().map(line).collect_view()}</ul>
            </section>
        }
    })
}
