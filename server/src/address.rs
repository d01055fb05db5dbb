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

/// The door that an address is, of those outside the API.
pub fn door_of(path: &str) -> Door {
    let begins = |with: &[&str]| with.iter().any(|w| path.starts_with(w));
    match path {
        "/api/desk/sign_in" | "/api/desk/sign_out" | "/sign-in" => Door::SignIn,
        // the second half of signing in; what is done to a factor beside that is a call like any other
        "/second-factor"
        | "/recovery-codes"
        | "/api/desk/factor"
        | "/api/desk/second_factor"
        | "/api/desk/set_up_factor"
        | "/api/desk/recovery_codes"
        | "/api/desk/put_codes_away" => Door::SignIn,
        "/api/desk/use_link"
        | "/api/desk/look_at_link"
        | "/api/desk/first_admin"
        | "/api/desk/ask_reset"
        | "/forgot" => Door::Activation,
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
