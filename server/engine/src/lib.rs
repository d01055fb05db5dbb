//! The desk at work: the domain's rules on one database. Knows no HTTP and no pages; all SQL is below, in [`store`].
//!
//! [`Engine`] is the door, and its verbs stand in the wing of their subject, each with what is read of it. Wings meet in
//! the store; where one names another it is in this direction alone (`tools/check-circles.mjs`):
//!
//! ```text
//! desk <- mail <- people, clients, jobs <- downtime
//! desk <- tasks <-        clients, jobs, fleet
//! desk <- watch <-                       fleet, export
//! ```

pub mod clients;
pub mod desk;
pub mod downtime;
pub mod export;
pub mod fleet;
pub mod jobs;
pub mod mail;
mod opening;
pub mod people;
pub mod search;
pub mod tasks;
pub mod testing;
pub mod watch;

pub use desk::{Card, Engine, passes::Pass};
pub use opening::Options;
pub use store::{
    Catalogue, Clock, Error, FILE, Heart, Hearts, Quotas, RehearsalClock, Result, SystemClock, alive, backup,
    clock, connector::Hello, office::OfficeRow, person::NewPerson, quota, secret, seldom, zone::Zone,
};
