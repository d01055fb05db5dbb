//! One file is one route.

pub mod activate;
pub mod alerts;
pub mod audit;
mod begin;
pub mod bell;
pub mod blocked;
pub mod causes;
pub mod clients;
pub mod collection;
pub mod connectors;
pub mod countdown;
pub mod day_plan;
pub mod dossier;
pub mod downtime;
pub(crate) mod follow;
pub mod hours;
pub mod import;
pub mod instruction;
pub mod instructions;
pub mod job;
pub mod jobs;
pub mod kinds;
pub mod lazy;
pub mod mail;
pub mod not_found;
pub mod office;
pub mod offices;
pub mod procedures;
pub mod profile;
pub mod requests;
pub mod runs;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod task;
pub mod tasks;
mod unread;
pub mod users;
pub mod why;

use crate::{api::ApiError, components::typed::rule_in, i18n::*};
use domain::Language;

/// What went wrong, in the reader's words.
pub fn error_words(i18n: I18n, e: &ApiError) -> String {
    error_in(i18n.language(), e)
}

/// What went wrong, in a language.
pub(crate) fn error_in(l: Language, e: &ApiError) -> String {
    match e.code() {
        "not_found" => td_string!(l, error.not_found).to_owned(),
        "offline" => td_string!(l, error.offline).to_owned(),
        "temporarily_out_of_service" => td_string!(l, error.out_of_service).to_owned(),
        "storage_unavailable" | "draining" => td_string!(l, error.storage).to_owned(),
        "wrong_state" => td_string!(l, error.stale).to_owned(),
        "unauthenticated" => td_string!(l, sign_in.signed_out).to_owned(),
        "forbidden" => td_string!(l, error.forbidden).to_owned(),
        "too_large" => td_string!(l, error.too_large).to_owned(),
        "clash" => td_string!(l, error.clash).to_owned(),
        "unconfirmed" => td_string!(l, error.unconfirmed).to_owned(),
        "full" => td_string!(l, forms.full).to_owned(),
        "busy" => td_string!(l, error.busy).to_owned(),
        "too_many_requests" => td_string!(l, sign_in.too_often).to_owned(),
        "invalid" => {
            let said = e.0.errors.iter();
            let said: Vec<String> = said.map(|e| rule_in(l, e)).collect();
            said.join(" ")
        }
        _ => td_string!(l, error.internal).to_owned(),
    }
}
