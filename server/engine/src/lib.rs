//! The desk at work: the domain's rules on one SQLite file. Knows no HTTP and no pages.
//!
//! [`Engine`] is the door. Its verbs are in [`dispatch`] (tasks) and [`accounts`] (people, connectors); what
//! the screens read is in [`reading`]. All SQL is below [`store`].

pub mod accounts;
pub mod catalogue;
pub mod clock;
pub mod dispatch;
mod engine;
pub mod error;
pub mod events;
pub mod fleet;
pub mod reading;
pub mod secret;
pub mod store;
pub mod testing;

pub use catalogue::Catalogue;
pub use clock::{Clock, SystemClock};
pub use engine::{Engine, Options};
pub use error::{Error, Result};
