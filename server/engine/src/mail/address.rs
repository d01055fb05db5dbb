//! What an e-mail address is.

use domain::{FieldError, Rule, text};

/// Adds a [`FieldError`] for what is no e-mail address.
pub fn check_email(errors: &mut Vec<FieldError>, email: &str) {
    let before = errors.len();
    text::check(errors, "email", email, 200);
    let email = email.trim();
    let (account, host) = email.split_once('@').unwrap_or_default();
    let whole = !account.is_empty()
        && !host.contains('@')
        && host.split('.').count() > 1
        && host.split('.').all(|part| !part.is_empty());
    if errors.len() == before && (!whole || email.contains(char::is_whitespace)) {
        errors.push(FieldError::of("email", Rule::NoEmail));
    }
}
