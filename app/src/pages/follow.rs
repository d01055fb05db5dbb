//! What a page has read is read again in place when jobs of the office changed: what is on the screen stays until the
//! new picture is there.

use super::{day_plan::names::clash_words, error_words, office::Here};
use crate::{api::ApiError, i18n::*};
use leptos::{prelude::*, task::spawn_local};
use leptos_i18n::{I18nContext, t_string};
use std::future::Future;

/// Reads again when what is asked for changes, when jobs or runs change, when the stream asks for it, and when `again`
/// rises; also for what was told while the page was being read. One question at a time: whatever happens meanwhile is
/// asked for together afterwards. What cannot be read now is read the next time.
pub fn keep_up<K, T, F>(
    asked: impl Fn() -> K + Send + Sync + 'static,
    again: RwSignal<u32>,
    read: impl Fn(K) -> F + Clone + 'static,
    take: impl Fn(K, T) + Clone + 'static,
) where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let here = expect_context::<Here>();
    let asked = Memo::new(move |_| asked());
    let busy = StoredValue::new(false);
    let wanted = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        let _ = (
            asked.get(),
            here.live.jobs.get(),
            here.live.stale.get(),
            again.get(),
        );
        if before.is_none() && !here.live.told_since() {
            return;
        }
        wanted.set_value(true);
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (read, take) = (read.clone(), take.clone());
        spawn_local(async move {
            // the page may be left while an answer is on its way
            while wanted.try_get_value() == Some(true) {
                wanted.set_value(false);
                let Some(key) = asked.try_get_untracked() else {
                    return;
                };
                let answer = read(key.clone()).await;
                if asked.try_get_untracked().as_ref() != Some(&key) {
                    continue;
                }
                if let Ok(found) = answer {
                    take(key, found);
                }
            }
            let _ = busy.try_set_value(false);
        });
    });
}

/// Keeps what is read of an office as the server has it. The picture of before stays until the new one is there.
pub fn follow_jobs<T, F>(
    data: RwSignal<T>,
    again: RwSignal<u32>,
    read: impl Fn(String) -> F + Clone + 'static,
) where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let here = expect_context::<Here>();
    keep_up(
        move || here.office.get(),
        again,
        read,
        move |_, new| data.set(new),
    );
}

/// Why something about jobs was not done, in the reader's words.
pub fn why_not(i18n: I18nContext<Locale>, e: &ApiError) -> String {
    if e.code() == "wrong_state" {
        return refusal_words(i18n, &e.0.detail);
    }
    if e.code() == "clash" {
        return clash_words(i18n, e);
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
