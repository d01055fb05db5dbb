//! One file is one route.

pub mod alerts;
pub mod audit;
pub mod bell;
pub mod blocked;
pub mod causes;
pub mod clients;
pub mod collection;
pub mod connectors;
mod countdown;
pub mod day_plan;
pub mod dossier;
pub mod downtime;
pub mod first_admin;
mod follow;
pub mod forgot;
pub mod form;
pub mod home;
pub mod hours;
pub mod instruction;
pub mod instructions;
pub mod job;
pub mod jobs;
pub mod kinds;
pub mod lazy;
pub mod mail;
pub mod not_found;
pub mod office;
pub mod portal;
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

use crate::{api::ApiError, components::typed::rule_words, i18n::*};
use leptos_i18n::{I18nContext, t_string};

/// What went wrong, in the reader's words.
fn error_words(i18n: I18nContext<Locale>, e: &ApiError) -> String {
    match e.code() {
        "not_found" => t_string!(i18n, error.not_found).to_owned(),
        "offline" => t_string!(i18n, error.offline).to_owned(),
        "temporarily_out_of_service" => t_string!(i18n, error.out_of_service).to_owned(),
        "storage_unavailable" | "draining" => t_string!(i18n, error.storage).to_owned(),
        "wrong_state" => t_string!(i18n, error.stale).to_owned(),
        "unauthenticated" => t_string!(i18n, sign_in.signed_out).to_owned(),
        "forbidden" => t_string!(i18n, error.forbidden).to_owned(),
        "too_large" => t_string!(i18n, error.too_large).to_owned(),
        "clash" => t_string!(i18n, error.clash).to_owned(),
        "unconfirmed" => t_string!(i18n, error.unconfirmed).to_owned(),
        "too_many_requests" => t_string!(i18n, sign_in.too_often).to_owned(),
        "invalid" => {
            let said = e.0.errors.iter();
            let said: Vec<String> = said.map(|e| rule_words(i18n, &e.message)).collect();
            said.join(" ")
        }
        _ => t_string!(i18n, error.internal).to_owned(),
    }
}
