//! What an address is: which call of the API and for whom, and which door to a downtime (`domain::downtime`).

use domain::downtime::Door;

/// Where a client hands in a document.
pub const HAND_IN: &str = "/api/desk/hand-in";
/// Where it comes in.
pub const IMPORT: &str = "/api/desk/import-dossiers";

/// Who may make a call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Everybody: the call has a lock of its own.
    Open,
    /// Connectors.
    Connector,
    /// Integrations.
    Integration,
}

/// The calls of the API: the name, who may call it, and the door that it is to a downtime.
pub const CALLS: [(&str, Callers, Door); 13] = [
    ("openapi.json", Callers::Open, Door::File),
    ("enrol", Callers::Open, Door::Greeting),
    ("hello", Callers::Connector, Door::Greeting),
    ("claim", Callers::Connector, Door::Claim),
    ("extend", Callers::Connector, Door::Report),
    ("report", Callers::Connector, Door::Report),
    ("drain", Callers::Connector, Door::Greeting),
    ("deliver", Callers::Integration, Door::Delivery),
    ("task", Callers::Integration, Door::Delivery),
    ("cancel", Callers::Integration, Door::Delivery),
    ("events", Callers::Integration, Door::Stream),
    ("documents", Callers::Integration, Door::Delivery),
    ("documents/{id}", Callers::Connector, Door::Report),
];

/// The call of a path below `/api/v1/`.
pub fn known(call: &str) -> Option<&'static (&'static str, Callers, Door)> {
    let shape = match call.split_once('/') {
        Some(("documents", id)) if !id.contains('/') => "documents/{id}",
        _ => call,
    };
    CALLS.iter().find(|(name, ..)| *name == shape)
}

/// The door that an address is.
pub fn door(path: &str) -> Door {
    let call = path.strip_prefix("/api/v1/");
    call.and_then(known)
        .map_or_else(|| door_of(path), |(_, _, door)| *door)
}

/// What it takes to sign in, the second half of it too. What is done to a factor beside that is a call like any other.
const SIGN_IN: [&str; 10] = [
    "/sign-in",
    "/second-factor",
    "/recovery-codes",
    "/api/desk/sign_in",
    "/api/desk/sign_out",
    "/api/desk/factor",
    "/api/desk/second_factor",
    "/api/desk/set_up_factor",
    "/api/desk/recovery_codes",
    "/api/desk/put_codes_away",
];
/// What it takes to begin: by a link, or with a new password.
const ACTIVATION: [&str; 5] = [
    "/forgot",
    "/api/desk/use_link",
    "/api/desk/look_at_link",
    "/api/desk/first_admin",
    "/api/desk/ask_reset",
];

/// The door that an address is, of those outside the API.
pub fn door_of(path: &str) -> Door {
    let begins = |with: &[&str]| with.iter().any(|w| path.starts_with(w));
    match path {
        _ if SIGN_IN.contains(&path) => Door::SignIn,
        _ if ACTIVATION.contains(&path) => Door::Activation,
        "/api/desk/live" => Door::Stream,
        _ if begins(&["/health/"]) => Door::Health,
        _ if begins(&["/pkg/", "/fonts/", "/favicon", "/live.js", "/robots.txt"]) => Door::File,
        _ if begins(&["/sign-in/", "/first-admin/"]) => Door::Activation,
        _ if begins(&["/forms/", "/api/desk/public/"]) => Door::PublicForm,
        _ if begins(&["/api/"]) => Door::Call,
        _ => Door::Page,
    }
}

/// Files are read where they are taken in, once it is known that they are.
pub fn is_file(path: &str) -> bool {
    matches!(path, HAND_IN | IMPORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_a_door_of_its_own_is_one_that_the_pages_have() {
        let calls: Vec<&str> = leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path)
            .collect();
        let named = SIGN_IN.iter().chain(&ACTIVATION);
        for path in named.filter(|p| p.starts_with("/api/")) {
            assert!(
                calls.contains(path),
                "{path} is no call any more: who is closed out by it?"
            );
        }
        assert!(calls.iter().any(|c| c.starts_with("/api/desk/public/")));
    }
}
