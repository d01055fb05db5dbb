//! Which address leads where.

use crate::{
    export, forms, gate, health, metrics, openapi,
    paint::{self, Painters},
    site::Site,
    stream,
};
use app::{App, shell, ssr::Desk};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, FromRef, Request, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use domain::{Refusal, request::MOST_FORM};
use engine::Engine;
use leptos::{config::LeptosOptions, context::provide_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// What every route can reach.
#[derive(Clone, FromRef)]
pub struct Reach {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Scripts and styles.
    pub site: Site,
    /// What the framework wants to know.
    pub leptos: LeptosOptions,
    /// What the server functions get.
    pub desk: Desk,
    /// Who paints the pages.
    pub painters: Painters,
}

/// The whole program as one service, which counts its `answers`.
///
/// # Errors
/// When the system gives no threads to paint on.
pub fn router(
    engine: Arc<Engine>,
    site: Site,
    secure: bool,
    answers: Arc<metrics::Answers>,
) -> io::Result<Router> {
    let leptos = LeptosOptions::builder()
        .output_name("nachtwacht")
        .env(leptos::config::Env::PROD)
        .build();
    let desk = Desk {
        engine: engine.clone(),
        secure,
    };
    let state = Reach {
        engine,
        site: site.clone(),
        leptos: leptos.clone(),
        desk: desk.clone(),
        painters: Painters::new()?,
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
    let pages = Router::new()
        .leptos_routes_with_context(&state, routes()?, provide, move || shell(leptos.clone()))
        .layer(middleware::from_fn_with_state(state.clone(), paint::pages));
    let all = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/events", get(stream::events))
        .route("/api/desk/live", get(stream::live))
        .route("/api/desk/export/{list}", get(export::export))
        .route("/api/desk/jobs-export", get(export::jobs))
        .route(
            "/forms/{office}/{kind}/send",
            post(forms::send).layer(DefaultBodyLimit::max(MOST_FORM)),
        )
        .route("/api/desk/hand-in", post(forms::hand_in))
        .route("/api/desk/request-file/{office}/{id}/{n}", get(forms::file))
        .merge(pages)
        .route("/api/{*rest}", any(async || gate::problem(&Refusal::NotFound)))
        .fallback(file_or_page)
        .method_not_allowed_fallback(async || gate::wrong_method())
        .layer(middleware::from_fn_with_state(state.clone(), gate::gate))
        .layer(middleware::from_fn_with_state(answers, metrics::measure))
        .with_state(state);
    Ok(all)
}

/// The addresses of the pages. While the framework lists them, nothing that a page asks for in this process is ever
/// answered: so they are listed once, before the first page.
fn routes() -> io::Result<Vec<AxumRouteListing>> {
    static LISTED: Mutex<Vec<AxumRouteListing>> = Mutex::new(vec![]);
    let mut listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    if listed.is_empty() {
        *listed = Painters::apart(|| generate_route_list(App))?;
    }
    Ok(listed.clone())
}

/// A file of the site, or the page that says there is none.
async fn file_or_page(State(state): State<Reach>, request: Request) -> Response {
    if let Some(file) = state.site.serve(request.uri().path(), request.headers()) {
        return file;
    }
    let (desk, leptos) = (state.desk.clone(), state.leptos.clone());
    let page = leptos_axum::render_app_async_with_context(
        move || provide_context(desk.clone()),
        move || shell(leptos.clone()),
    );
    let mut answer = state
        .painters
        .paint(async move { page(request).await.into_response().map(Body::new) })
        .await;
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer
}

#[cfg(test)]
mod downtime_tests;
#[cfg(test)]
mod jobs_tests;
#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod tests;
