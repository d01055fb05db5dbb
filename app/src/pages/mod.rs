//! One file is one route.

pub mod first_admin;
pub mod home;
pub mod not_found;
pub mod office;
pub mod sign_in;
pub mod task;
pub mod tasks;

use crate::{api::ApiError, i18n::*};
use leptos_i18n::{I18nContext, t_string};

/// What went wrong, in the reader's words.
fn error_words(i18n: I18nContext<Locale>, e: &ApiError) -> String {
    match e.code() {
        "not_found" => t_string!(i18n, error.not_found).to_owned(),
        "offline" => t_string!(i18n, error.offline).to_owned(),
        "storage_unavailable" | "draining" => t_string!(i18n, error.storage).to_owned(),
        "wrong_state" => t_string!(i18n, error.stale).to_owned(),
        "forbidden" => t_string!(i18n, error.forbidden).to_owned(),
        "too_many_requests" => t_string!(i18n, sign_in.too_often).to_owned(),
        "invalid" => {
            e.0.errors
                .iter()
                .map(|e| e.message.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        }
        _ => t_string!(i18n, error.internal).to_owned(),
    }
}
