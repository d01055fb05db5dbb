//! What every answer says to the browser that gets it, pages and refusals alike.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// Said unless the answer says otherwise.
const ALWAYS: [(HeaderName, &str); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];
/// Two years.
const TLS_ONLY: &str = "max-age=63072000";

/// Says it; with `secure`, also that the desk is spoken to over TLS only.
pub fn say(answer: &mut Response, secure: bool) {
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers
            .entry(name)
            .or_insert_with(|| HeaderValue::from_static(value));
    }
    if secure {
        let value = HeaderValue::from_static(TLS_ONLY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}
