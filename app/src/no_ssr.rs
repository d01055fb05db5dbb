//! Stands in for [`crate::ssr`] in the browser, where no HTTP answer is made.

use domain::refusal::Problem;

/// Nothing.
pub fn answer_problem(_problem: &Problem) {}

/// Nothing.
pub fn is_for_programs() -> bool {
    false
}

/// Nothing.
pub fn page_status(_status: u16) {}

/// Nothing.
pub fn page_policy(_program: bool) {}

/// Nothing: the browser goes itself.
pub fn redirect(_path: &str) {}

/// Nothing: inline scripts come with the page.
pub fn nonce() -> Option<String> {
    None
}

/// Nothing: the page says its language.
pub fn language() -> Option<domain::Language> {
    None
}

/// Nothing: the browser knows where it is.
pub fn origin() -> Option<String> {
    None
}

/// Nothing: the page says it.
pub fn supported() -> Option<bool> {
    None
}

/// Nothing: the page has its theme.
pub fn theme() -> Option<&'static str> {
    None
}
