//! What every route can reach.

use crate::{door::Seats, paint::Painters, rates::Rates, site::Site, uploads::Uploads};
use app::ssr::Desk;
use axum::extract::FromRef;
use domain::Caller;
use engine::Engine;
use leptos::config::LeptosOptions;
use std::{ops::Deref, sync::Arc};

/// What every route can reach. Each layer above a route has its own, cloned for every question: so it is one pointer.
#[derive(Clone)]
pub struct Reach(Arc<Shared>);

/// What is behind it.
pub struct Shared {
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
    pub rates: Rates,
}

impl Reach {
    /// One for all routes.
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for Reach {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<Reach> for Arc<Engine> {
    fn from_ref(reach: &Reach) -> Self {
        reach.engine.clone()
    }
}

impl FromRef<Reach> for LeptosOptions {
    fn from_ref(reach: &Reach) -> Self {
        reach.leptos.clone()
    }
}

impl FromRef<Reach> for Painters {
    fn from_ref(reach: &Reach) -> Self {
        reach.painters.clone()
    }
}

/// Whose event streams are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person, in all their browsers.
    Person(i64),
    /// A connector or an integration.
    Program(Caller),
}
