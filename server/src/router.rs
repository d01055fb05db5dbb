//! Which address leads where.

use crate::{
    address, documents,
    door::{self, Seats},
    export, forms, gate, health, import, metrics, openapi,
    paint::{self, Painters},
    problem,
    rates::Rates,
    reach::{Reach, Shared},
    safe,
    site::Site,
    stream,
    uploads::Uploads,
};
use app::{
    App, shell,
    ssr::{Desk, plain},
};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post, put},
};
use domain::{Refusal, downtime::Door, request::MOST_FORM};
use engine::Engine;
use leptos::{config::LeptosOptions, context::provide_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// What whoever starts the desk chose.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// It is spoken to over TLS only.
    pub secure: bool,
    /// Event streams of one person, or one integration, at once.
    pub streams: usize,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            secure: false,
            streams: 10,
        }
    }
}

/// The whole program as one service, which counts its `answers`.
///
/// # Errors
/// When the system gives no threads to paint on.
pub fn router(
    engine: Arc<Engine>,
    site: Site,
    manner: Manner,
    answers: Arc<metrics::Answers>,
) -> io::Result<Router> {
    let leptos = LeptosOptions::builder()
        .output_name("nachtwacht")
        .env(leptos::config::Env::PROD)
        .build();
    let desk = Desk {
        engine: engine.clone(),
        secure: manner.secure,
    };
    let state = Reach::new(Shared {
        engine,
        site: site.clone(),
        leptos: leptos.clone(),
        desk: desk.clone(),
        painters: Painters::new()?,
        uploads: Uploads::default(),
        streams: Seats::new(manner.streams),
        rates: Rates::default(),
    });
    let front = Front {
        reach: state.clone(),
        answers,
        secure: manner.secure,
    };
    let parts = site.parts.clone();
    let provide = move || {
        // before anything is read for this page
        provide_context(desk.engine.live.mark());
        provide_context(desk.clone());
        if let Some(parts) = &parts {
            provide_context(parts.clone());
        }
    };
    let (console, strangers) = routes()?;
    let stranger = leptos_axum::render_app_async_with_context(provide.clone(), plain::shell);
    let pages = Router::new()
        .leptos_routes_with_context(&state, console, provide, move || shell(leptos.clone()))
        .leptos_routes_with_handler(strangers, stranger)
        .layer(middleware::from_fn_with_state(state.clone(), paint::pages));
    let all = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/events", get(stream::events))
        .route("/api/v1/documents", put(documents::put))
        .route("/api/v1/documents/{id}", get(documents::get))
        .route("/api/desk/document/{office}/{task}", get(documents::of_task))
        .route("/api/desk/live", get(stream::live))
        .route("/api/desk/export/{list}", get(export::export))
        .route("/api/desk/jobs-export", get(export::jobs))
        .route(
            "/forms/{office}/{kind}/send",
            post(forms::send).layer(DefaultBodyLimit::max(MOST_FORM)),
        )
        .route(
            address::HAND_IN,
            post(forms::hand_in).layer(DefaultBodyLimit::max(MOST_FORM)),
        )
        .route(
            address::IMPORT,
            post(import::dossiers).layer(DefaultBodyLimit::max(import::MOST)),
        )
        .route("/api/desk/request-file/{office}/{id}/{n}", get(forms::file))
        .merge(pages)
        .route("/api/{*rest}", any(async || problem::problem(&Refusal::NotFound)))
        .fallback(file_or_page)
        .method_not_allowed_fallback(async || problem::wrong_method())
        .layer(middleware::from_fn_with_state(front, front_door))
        .with_state(state);
    Ok(all)
}

/// What every question passes. One layer: each would be cloned, with all that is below it, for every question.
#[derive(Clone)]
struct Front {
    reach: Reach,
    answers: Arc<metrics::Answers>,
    secure: bool,
}

async fn front_door(State(front): State<Front>, request: Request, next: Next) -> Response {
    let Front {
        reach,
        answers,
        secure,
    } = front;
    let (began, door) = (Instant::now(), address::door(request.uri().path()));
    let within = |request| gate::gate(reach, request, next);
    let mut answer = door::timely(door::Pace::default(), request, within).await;
    answers.count(door, answer.status(), began.elapsed());
    safe::say(&mut answer, secure);
    answer
}

/// The addresses of pages.
type Listed = Vec<AxumRouteListing>;

/// The addresses of the console's pages, and of those for strangers. While the framework lists them, nothing that a page
/// asks for in this process is ever answered: so they are listed once, before the first page.
fn routes() -> io::Result<(Listed, Listed)> {
    static LISTED: Mutex<Option<(Listed, Listed)>> = Mutex::new(None);
    let mut listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(listed) = &*listed {
        return Ok(listed.clone());
    }
    let list = || (generate_route_list(App), generate_route_list(plain::Plain));
    Ok(listed.insert(Painters::apart(list)?).clone())
}

/// A file of the site, or the page that says there is none.
async fn file_or_page(State(state): State<Reach>, request: Request) -> Response {
    if let Some(file) = state.site.serve(request.uri().path(), request.headers()) {
        return file;
    }
    // programs ask for them: nobody reads a page there, and they are counted by nobody
    if matches!(address::door(request.uri().path()), Door::File | Door::Health) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let request = request.map(|_| Body::empty());
    let desk = state.desk.clone();
    let page =
        leptos_axum::render_app_async_with_context(move || provide_context(desk.clone()), plain::shell);
    let mut answer = state
        .painters
        .paint(async move { page(request).await.into_response().map(Body::new) })
        .await;
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer
}

#[cfg(test)]
mod documents_tests;
#[cfg(test)]
mod downtime_tests;
#[cfg(test)]
mod factor_tests;
#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod jobs_tests;
#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod safe_tests;
#[cfg(test)]
mod streams_tests;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod typed_tests;
