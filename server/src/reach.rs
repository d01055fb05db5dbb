//! What every route can reach.

use crate::{door::Seats, paint::Painters, rates::Rates, site::Site, uploads::Uploads};
use app::ssr::Desk;
use axum::extract::FromRef;
use domain::Caller;
use engine::Engine;
use leptos::config::LeptosOptions;
use std::sync::Arc;

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
    /// Who sends files now.
    pub uploads: Uploads,
    /// Event streams.
    pub streams: Seats<Holder>,
    /// How often somebody may ask.
    pub rates: Arc<Rates>,
}

/// Whose event streams are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person, in all their browsers.
    Person(i64),
    /// A connector or an integration.
    Program(Caller),
}
