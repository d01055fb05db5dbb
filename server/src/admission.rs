//! Whether an answer that lasts may go on: streams, waiting claims, exports ask before each piece.

use crate::caller::integration_at;
use app::ssr::{Desk, viewer_of};
use axum::http::request::Parts;
use domain::{
    Caller, Viewer,
    downtime::{Door, Who},
};
use engine::{Engine, Pass, downtime::AtDoor};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// It is looked at again this often, whether something is known to have changed or not.
pub const LOOK: Duration = Duration::from_secs(12);

/// Lets its holder go on.
pub struct Admission {
    engine: Arc<Engine>,
    holder: Holder,
    at: AtDoor,
    look: Interval,
}

enum Holder {
    /// The desk and the request, to see whether its session still says the same; what its person sees of dossiers.
    Person(Box<(Desk, Parts, Viewer, Vec<i64>)>),
    Program(Pass),
}

impl Admission {
    /// A person's, who came by a door with a request, and sees these dossiers.
    pub fn of_person(desk: Desk, parts: Parts, viewer: Viewer, managed: Vec<i64>, door: Door) -> Self {
        let at = AtDoor {
            who: viewer.role.into(),
            door,
            office: viewer.office,
        };
        let engine = desk.engine.clone();
        let holder = Holder::Person(Box::new((desk, parts, viewer, managed)));
        Self::new(engine, holder, at)
    }

    /// A connector's or an integration's.
    pub fn of_program(engine: Arc<Engine>, pass: Pass, door: Door) -> Self {
        let at = match pass.caller {
            Caller::Connector { office, .. } => AtDoor {
                who: Who::Connector,
                door,
                office: Some(office),
            },
            Caller::Integration { id, office } => integration_at(&engine, id, office, door),
        };
        Self::new(engine, Holder::Program(pass), at)
    }

    fn new(engine: Arc<Engine>, holder: Holder, at: AtDoor) -> Self {
        let mut look = interval_at(Instant::now() + LOOK, LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            engine,
            holder,
            at,
            look,
        }
    }

    /// Until it is time to look again. May be given up at any moment; true when it is so by the clock.
    pub async fn due(&mut self) -> bool {
        match &mut self.holder {
            Holder::Person(_) => {
                self.look.tick().await;
                true
            }
            Holder::Program(pass) => tokio::select! {
                _ = self.look.tick() => true,
                () = pass.changed() => false,
            },
        }
    }

    /// A program's token is good.
    pub fn is_known(&self) -> bool {
        match &self.holder {
            Holder::Person(_) => true,
            Holder::Program(pass) => self.engine.is_good(pass),
        }
    }

    /// What is known without reading: the desk is open to its holder, and their token is good.
    pub fn is_open(&mut self) -> bool {
        if !self.is_known() {
            return false;
        }
        if let Holder::Program(pass) = &self.holder
            && let Caller::Integration { id, office } = pass.caller
        {
            // whether it runs on during a downtime may change
            self.at = integration_at(&self.engine, id, office, self.at.door);
        }
        !self.engine.verdict(self.at).0.is_no()
    }

    /// Whether it may go on. A person's session and rights must be those that it began with; when they cannot be read
    /// it goes on: it tells nothing that was not allowed a moment ago.
    pub async fn holds(&mut self) -> bool {
        if !self.is_open() {
            return false;
        }
        let Holder::Person(person) = &self.holder else {
            return true;
        };
        let (desk, parts, before, managed) = &**person;
        let viewer = match viewer_of(parts, desk).await {
            Ok(Some(viewer)) => viewer,
            Ok(None) => return false,
            Err(_) => return true,
        };
        if (viewer.role, viewer.office) != (before.role, before.office) {
            return false;
        }
        let everything = viewer.sees_every_dossier();
        everything
            || self
                .engine
                .managed(viewer.person)
                .await
                .map_or(true, |m| m == *managed)
    }
}
