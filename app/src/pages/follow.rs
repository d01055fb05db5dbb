//! What a page has read is read again in place when jobs of the office changed.

use super::{error_words, office::Here};
use crate::{api::ApiError, i18n::*};
use leptos::prelude::*;
use leptos_i18n::{I18nContext, t_string};
use std::future::Future;

/// Keeps `data` as the server has it: read again after each change of a job, after a pause of the stream, and when
/// `again` rises. What cannot be read now is read the next time; the picture of before stays.
pub fn follow_jobs<T, F, A>(data: RwSignal<T>, again: RwSignal<u32>, read: F)
where
    T: Clone + Send + Sync + 'static,
    F: Fn(String) -> A + Send + Sync + 'static,
    A: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let here = expect_context::<Here>();
    let (asked, shown) = (StoredValue::new(0u32), StoredValue::new(0u32));
    let reading = Action::new(move |office: &String| {
        let answer = read(office.clone());
        asked.update_value(|n| *n += 1);
        let mine = asked.get_value();
        async move {
            // an answer that was overtaken is not shown
            if let Ok(new) = answer.await
                && shown.try_get_value().is_some_and(|n| n < mine)
            {
                shown.set_value(mine);
                data.set(new);
            }
        }
    });
    let beat = Memo::new(move |_| (here.live.jobs.get(), here.live.stale.get(), again.get()));
    Effect::new(move |before: Option<()>| {
        // a memo that is only tracked is never worked out
        let _ = beat.get();
        if before.is_some() {
            reading.dispatch(here.office.get_untracked());
        }
    });
}

/// Why something about jobs was not done, in the reader's words.
pub fn why_not(i18n: I18nContext<Locale>, e: &ApiError) -> String {
    if e.code() == "wrong_state" {
        return refusal_words(i18n, &e.0.detail);
    }
    if e.code() == "clash" {
        return e.0.detail.clone();
    }
    if e.code() == "forbidden" {
        return t_string!(i18n, procedures.forbidden).to_owned();
    }
    error_words(i18n, e)
}

/// A refusal of the desk in the reader's words.
pub fn refusal_words(i18n: I18nContext<Locale>, detail: &str) -> String {
    let number = || {
        let digits = detail.trim_start_matches("Job ").split_whitespace().next();
        digits.unwrap_or_default().to_owned()
    };
    match detail {
        d if d.starts_with("Somebody else") || d.contains("started just now") => {
            t_string!(i18n, procedures.no_stale).to_owned()
        }
        d if d.starts_with("A run of this job") => t_string!(i18n, procedures.no_running).to_owned(),
        d if d.contains("works for a company") => {
            t_string!(i18n, procedures.no_busy, job = number()).to_string()
        }
        d if d.contains("is being posted") => {
            t_string!(i18n, procedures.no_large, job = number()).to_string()
        }
        d if d.ends_with("it is not active.") => t_string!(i18n, collection.gate_active).to_owned(),
        d if d.ends_with("direct communication is off.") => {
            t_string!(i18n, collection.gate_direct).to_owned()
        }
        d if d.contains("Only one of the two") => {
            let name = d.split(" is active").next().unwrap_or_default().to_owned();
            t_string!(i18n, collection.gate_rival, name = name).to_string()
        }
        d if d.starts_with("This procedure is over") => t_string!(i18n, procedures.no_over).to_owned(),
        d if d.starts_with("The new job is gone") => t_string!(i18n, procedures.no_twin).to_owned(),
        d if i18n.get_locale_untracked() == Locale::en => d.to_owned(),
        _ => t_string!(i18n, procedures.no_else).to_owned(),
    }
}
