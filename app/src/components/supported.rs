//! Words for a desk on which nobody of Support is: there admins act on what is red, and nothing says that Support does.

use crate::i18n::*;
use domain::Language;

/// Whether the desk has somebody of Support, as of when the page was loaded.
pub fn supported() -> bool {
    crate::ssr::supported().unwrap_or_else(crate::browser::supported)
}

/// Whose turn a red task is.
pub fn red_word(i18n: I18n) -> &'static str {
    red_in(i18n.language())
}

/// The same, in a language.
pub fn red_in(l: Language) -> &'static str {
    match supported() {
        true => td_string!(l, state.failed),
        false => td_string!(l, alone.state),
    }
}

/// That whoever's turn it is acts, for a line without more room.
pub fn on_it(i18n: I18n) -> &'static str {
    match supported() {
        true => t_string!(i18n, clients.on_it),
        false => t_string!(i18n, alone.on_it),
    }
}

/// What a person reads of a red task: that they need not act, or that they must.
pub fn red_task(i18n: I18n, may_restart: bool) -> &'static str {
    match (supported(), may_restart) {
        (true, _) => t_string!(i18n, task.with_support),
        (false, true) => t_string!(i18n, alone.task_admin),
        (false, false) => t_string!(i18n, alone.task_other),
    }
}
