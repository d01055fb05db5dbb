//! The desk at work: the domain's rules on one SQLite file. Knows no HTTP and no pages.
//!
//! [`Engine`] is the door. Its verbs are in [`dispatch`] (tasks) and [`accounts`] (people, connectors); what
//! the screens read is in [`reading`]. All SQL is below [`store`].

pub mod accounts;
pub mod audit;
mod believed;
pub mod bulk;
pub mod causes;
pub mod clients;
pub mod collection;
pub mod connectors;
pub mod digest;
pub mod dispatch;
pub mod document;
pub mod dossiers;
pub mod downtime;
mod engine;
pub mod events;
pub mod export;
pub mod factor;
pub mod first_start;
pub mod guard;
pub mod import;
pub mod instructions;
pub mod jobs;
pub mod mail;
pub mod metrics;
pub mod offices;
mod passes;
pub mod password;
pub mod people;
pub mod plan;
pub mod portal;
pub mod procedures;
pub mod profile;
pub mod reading;
pub mod requests;
pub mod room;
pub mod scheduler;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod stuck;
pub mod sweep;
pub mod testing;
pub mod ticker;
pub mod tokens;
pub mod vault;
pub mod watch;

pub use engine::{Card, Engine, Options};
pub use passes::Pass;
pub use store::{
    Catalogue, Clock, Error, FILE, Heart, Hearts, Quotas, RehearsalClock, Result, SystemClock, alive, backup,
    clock, connector::Hello, office::OfficeRow, person::NewPerson, quota, secret, seldom, zone::Zone,
};
