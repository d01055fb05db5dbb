//! The server's side of the server functions: who is asking, the engine, and how a refusal becomes an answer.

#[path = "columns.rs"]
pub mod columns;
#[path = "letters.rs"]
pub mod letters;
#[path = "maintenance.rs"]
pub mod maintenance;
#[path = "not_sent.rs"]
pub mod not_sent;
#[path = "plain/mod.rs"]
pub mod plain;

use crate::LANGUAGE_COOKIE;
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use domain::{
    Caller, ClientAddress, Language, NotAllowed, OfficeId, Refusal, TaskId, Viewer, refusal::Problem,
    text::on_to,
};
use engine::{Engine, Error, Zone, desk::guard::Visitor};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::sync::Arc;
use views::{
    OfficeView,
    people::{Taste, Theme},
};

/// The name of the session's cookie, and over TLS: one that no other host and no page without TLS can set.
const SESSION_COOKIE: &str = "nw_session";
const SESSION_COOKIE_TLS: &str = "__Host-nw_session";
/// The name of the cookie by which a browser is known again to those who came in by it: guesses of others do not
/// stand in their way. It opens nothing.
const DEVICE_COOKIE: &str = "nw_device";
const FORTNIGHT: u32 = 14 * 86_400;
const YEAR: u32 = 365 * 86_400;

/// The desk, as the router provides it.
#[derive(Clone)]
pub struct Desk {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Cookies are sent over TLS only.
    pub secure: bool,
}

impl Desk {
    /// The secret of a request's session, if it has one.
    pub fn session(&self, parts: &Parts) -> Option<String> {
        cookie(parts, self.session_cookie())
    }

    fn session_cookie(&self) -> &'static str {
        if self.secure {
            SESSION_COOKIE_TLS
        } else {
            SESSION_COOKIE
        }
    }
}

/// The engine of this request.
///
/// # Errors
/// [`Refusal::Internal`] when the router has not provided it.
pub fn engine() -> Result<Arc<Engine>, Error> {
    Ok(desk()?.engine)
}

/// What the router provides.
///
/// # Errors
/// [`Refusal::Internal`] when it has not.
pub fn desk() -> Result<Desk, Error> {
    use_context::<Desk>().ok_or_else(|| Refusal::Internal.into())
}

/// The connector that calls.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for nobody, [`Refusal::Forbidden`] for an integration.
pub fn connector() -> Result<(i64, OfficeId), Error> {
    match caller()? {
        Caller::Connector { id, office } => Ok((id, office)),
        Caller::Integration { .. } => Err(Refusal::Forbidden(NotAllowed::ForConnectors).into()),
    }
}

/// The integration that calls.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for nobody, [`Refusal::Forbidden`] for a connector.
pub fn integration() -> Result<(i64, OfficeId), Error> {
    match caller()? {
        Caller::Integration { id, office } => Ok((id, office)),
        Caller::Connector { .. } => Err(Refusal::Forbidden(NotAllowed::ForIntegrations).into()),
    }
}

fn caller() -> Result<Caller, Error> {
    let parts = parts()?;
    let header = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok());
    let token = header
        .and_then(|v| v.strip_prefix("Bearer "))
        .ok_or(Refusal::Unauthenticated)?;
    engine()?.caller(token.trim())
}

/// The person who is signed in, reading in the language they chose in this browser, or that it asks for.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for nobody.
pub async fn viewer() -> Result<Viewer, Error> {
    viewer_of(&parts()?, &desk()?)
        .await?
        .ok_or_else(|| Refusal::Unauthenticated.into())
}

/// The person behind a request's cookies; `None` for nobody, and for somebody whose second factor is still to come.
pub async fn viewer_of(parts: &Parts, desk: &Desk) -> Result<Option<Viewer>, Error> {
    let Some(session) = desk.session(parts) else {
        return Ok(None);
    };
    let viewer = desk.engine.viewer(&session).await?;
    Ok(viewer.map(|v| Viewer {
        language: language_of(parts).unwrap_or(v.language),
        ..v
    }))
}

/// The signed-in person and an office that they may look at.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for nobody, [`Refusal::NotFound`] for another's office.
pub async fn viewer_at(office: &str) -> Result<(Viewer, OfficeView), Error> {
    let viewer = viewer().await?;
    let office = engine()?.office(&viewer, office).await?;
    Ok((viewer, office))
}

/// The person, an office, and that they may see this task of it.
///
/// # Errors
/// As [`viewer_at`], and [`Refusal::NotFound`].
pub async fn seen(office: &str, id: TaskId) -> Result<(Viewer, OfficeId), Error> {
    let (viewer, office) = viewer_at(office).await?;
    engine()?.may_see(&viewer, office.id, id).await?;
    Ok((viewer, office.id))
}

/// As [`viewer_at`], for what only those do who run the office.
///
/// # Errors
/// As there, and [`Refusal::Forbidden`].
pub async fn viewer_running(office: &str) -> Result<(Viewer, OfficeView), Error> {
    let (viewer, office) = viewer_at(office).await?;
    if viewer.runs_office() {
        Ok((viewer, office))
    } else {
        Err(Refusal::Forbidden(NotAllowed::RunningTheOffice).into())
    }
}

/// The signed-in person, who must be Support.
///
/// # Errors
/// [`Refusal::Unauthenticated`] for nobody, [`Refusal::Forbidden`] for anybody else.
pub async fn support() -> Result<Viewer, Error> {
    let viewer = viewer().await?;
    if viewer.role == domain::Role::Support {
        Ok(viewer)
    } else {
        Err(Refusal::Forbidden(NotAllowed::SupportOnly).into())
    }
}

/// As [`support`], with the zone of an office to tell instants in.
///
/// # Errors
/// As there, and [`Refusal::NotFound`] for an office that is not there.
pub async fn support_at(office: &str) -> Result<(Viewer, Zone), Error> {
    let viewer = support().await?;
    let office = engine()?.office(&viewer, office).await?;
    Ok((viewer, Zone::of(&office.zone)))
}

/// Where the request comes from; nobody's address when it came over no connection.
pub fn client() -> ClientAddress {
    let named = parts()
        .ok()
        .and_then(|p| p.extensions.get::<ClientAddress>().copied());
    named.unwrap_or_default()
}

/// Who asks, before they have shown who they are.
///
/// # Errors
/// [`Refusal::Internal`] outside a request.
pub fn visitor() -> Result<Visitor, Error> {
    let devices = cookie(&parts()?, DEVICE_COOKIE);
    Ok(Visitor::new(client(), devices.as_deref()))
}

/// The secret of the request's session, if it has one.
pub fn session() -> Option<String> {
    desk().ok()?.session(&parts().ok()?)
}

/// Gives the browser the new secret of its session.
///
/// # Errors
/// [`Refusal::Internal`] outside a request.
pub fn put_session(session: &str) -> Result<(), Error> {
    put_cookie(desk()?.session_cookie(), session, FORTNIGHT, true)
}

/// Gives the browser a session, with what its holder chose: theme, shortcuts, and with `language` what they read. One that
/// it had ends. Leads to where the person goes on, and wants to: the page `to` of this desk.
///
/// # Errors
/// [`Refusal::Internal`] outside a request.
pub async fn signed_in(session: &str, language: bool, to: &str) -> Result<(), Error> {
    let waits = take_session(session, language).await?;
    leptos_axum::redirect(&on_to(if waits { SECOND_FACTOR } else { "/" }, to));
    Ok(())
}

/// As [`signed_in`], and leads nowhere; says whether the second factor is still to come.
///
/// # Errors
/// As there.
pub async fn take_session(session: &str, language: bool) -> Result<bool, Error> {
    let engine = engine()?;
    let parts = parts()?;
    if let Some(old) = self::session() {
        engine.sign_out(&old).await?;
    }
    put_session(session)?;
    let agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok());
    engine.name_session(session, agent.unwrap_or_default()).await?;
    let visit = engine.remember_visit(session, client(), cookie(&parts, DEVICE_COOKIE));
    if let Some(devices) = visit.await? {
        put_cookie(DEVICE_COOKIE, &devices, YEAR, true)?;
    }
    if let Some((reads, taste)) = engine.taste(session).await? {
        if language {
            put_cookie(LANGUAGE_COOKIE, reads.tag(), YEAR, false)?;
        }
        set_taste_cookies(taste)?;
    }
    let held = engine.held(session).await?;
    Ok(held.is_some_and(|h| h.waits()))
}

/// The page of the second factor.
pub const SECOND_FACTOR: &str = "/second-factor";

/// Takes the session away, and what its holder chose: the next person here is another one.
///
/// # Errors
/// [`Refusal::Internal`] outside a request.
pub fn signed_out() -> Result<(), Error> {
    put_cookie(desk()?.session_cookie(), "", 0, true)?;
    for name in [LANGUAGE_COOKIE, crate::THEME_COOKIE, crate::SHORTCUTS_COOKIE] {
        put_cookie(name, "", 0, false)?;
    }
    Ok(())
}

/// Tells the browser theme and shortcuts, for the first paint of the next page and for its keys.
///
/// # Errors
/// [`Refusal::Internal`] outside a request.
pub fn set_taste_cookies(taste: Taste) -> Result<(), Error> {
    put_cookie(crate::THEME_COOKIE, taste.theme.key(), YEAR, false)?;
    let shortcuts = if taste.shortcuts { "on" } else { "off" };
    put_cookie(crate::SHORTCUTS_COOKIE, shortcuts, YEAR, false)
}

/// Where the reader's browser finds this desk, as its request says.
pub fn origin() -> Option<String> {
    let parts = parts().ok()?;
    let host = parts.headers.get(header::HOST)?.to_str().ok()?;
    let scheme = if desk().ok()?.secure { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Whether the desk has somebody of Support.
pub fn supported() -> Option<bool> {
    Some(engine().ok()?.has_support())
}

/// The theme that the reader chose; `None` for that of the device.
pub fn theme() -> Option<&'static str> {
    let chosen = Theme::from_key(&cookie(&parts().ok()?, crate::THEME_COOKIE)?)?;
    (chosen != Theme::System).then(|| chosen.key())
}

fn put_cookie(name: &str, value: &str, seconds: u32, secret: bool) -> Result<(), Error> {
    let secure = if desk()?.secure { "; Secure" } else { "" };
    let hidden = if secret { "; HttpOnly" } else { "" };
    let cookie = format!("{name}={value}; Path=/{hidden}; SameSite=Lax; Max-Age={seconds}{secure}");
    let options = use_context::<ResponseOptions>().ok_or(Refusal::Internal)?;
    options.append_header(
        header::SET_COOKIE,
        HeaderValue::from_str(&cookie).map_err(|_| Refusal::Internal)?,
    );
    Ok(())
}

/// The one place where an engine's error becomes an answer: it is logged, and its inside is hidden.
/// Sets status and headers for a problem document.
pub fn answer_problem(problem: &Problem) {
    let Some(options) = use_context::<ResponseOptions>() else {
        return;
    };
    // a plain form of a page without scripts: the framework leads back to the page, which then says the same
    let wants_page = |p: &Parts| {
        p.headers
            .get(header::ACCEPT)
            .is_some_and(|v| v.to_str().is_ok_and(|v| v.contains("text/html")))
    };
    if parts().is_ok_and(|p| wants_page(&p)) {
        return;
    }
    options.set_status(StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    options.insert_header(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    for (name, value) in problem_headers(problem) {
        options.insert_header(name, value);
    }
}

/// Whether a connector or an integration calls: no page of the desk.
pub fn is_for_programs() -> bool {
    parts().is_ok_and(|p| p.uri.path().starts_with("/api/v1/"))
}

/// Headers that a problem document wants beside its status.
pub fn problem_headers(problem: &Problem) -> Vec<(HeaderName, HeaderValue)> {
    match (problem.status, problem.retry_after) {
        (401, _) => vec![(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))],
        (_, Some(seconds)) => vec![(header::RETRY_AFTER, HeaderValue::from(seconds))],
        _ => vec![],
    }
}

/// The language a page is written in: the one chosen in this browser, else what the browser asks for.
pub fn language() -> Option<Language> {
    Some(parts().ok().and_then(|p| language_of(&p)).unwrap_or_default())
}

fn language_of(parts: &Parts) -> Option<Language> {
    let asked = || {
        let asked = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        best_language(asked)
    };
    cookie(parts, LANGUAGE_COOKIE)
        .and_then(|l| Language::from_tag(&l))
        .or_else(asked)
}

/// Of the languages in `Accept-Language` that we speak, the first of those that are liked best.
fn best_language(asked: &str) -> Option<Language> {
    let mut liked: Vec<(f32, Language)> = asked
        .split(',')
        .filter_map(|one| {
            let mut parts = one.split(';').map(str::trim);
            let language = Language::from_tag(parts.next()?)?;
            let quality = parts.find_map(|p| p.strip_prefix("q=")?.parse().ok());
            Some((quality.unwrap_or(1.0), language))
        })
        .filter(|(quality, _)| *quality > 0.0)
        .collect();
    liked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    liked.first().map(|(_, language)| *language)
}

/// Leads the reader of a page to another.
pub fn redirect(path: &str) {
    leptos_axum::redirect(path);
}

/// Sends the page's content security policy: own styles and scripts only, and of inline scripts those by nonce. A page
/// without the `program` has no other.
pub fn page_policy(program: bool) {
    let (Some(options), Some(nonce)) = (use_context::<ResponseOptions>(), leptos::nonce::use_nonce()) else {
        return;
    };
    let more = if program { "'self' 'wasm-unsafe-eval' " } else { "" };
    let policy = format!(
        "default-src 'self'; script-src {more}'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        options.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}

/// What lets an inline script of the page run.
pub fn nonce() -> Option<String> {
    leptos::nonce::use_nonce().map(|n| n.to_string())
}

/// The page's status, for pages about something that is not there.
pub fn page_status(status: u16) {
    if let (Some(options), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        options.set_status(status);
    }
}

fn parts() -> Result<Parts, Error> {
    use_context::<Parts>().ok_or_else(|| Refusal::Internal.into())
}

fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok());
    let mut pairs = headers
        .flat_map(|h| h.split(';'))
        .filter_map(|c| c.trim().split_once('='));
    pairs.find(|(n, _)| *n == name).map(|(_, v)| v.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_language_that_they_like_best_of_ours() {
        assert_eq!(
            best_language("de, fr;q=0.4, nl-BE;q=0.8, en;q=0.4"),
            Some(Language::Nl)
        );
        assert_eq!(best_language("no,en"), Some(Language::Nb));
        assert_eq!(best_language("de, en;q=0, *"), None);
    }
}
