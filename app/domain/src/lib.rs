//! The words and rules of Nachtwacht, pure: no clock, no I/O, the same code in browser and server.
//!
//! Read in this order: [`task`] (what a task is), [`life`] (the one state machine), [`lane`] (who may start
//! next), [`instruction`] (what a person must do), [`wire`] (what connectors and integrations say).
//! Of recurring jobs: [`job`] (what one is), [`schedule`] (when it runs), [`calendar`] (holidays) and
//! [`planner`] (a day that never collides).

pub mod calendar;
pub mod client;
pub mod document;
pub mod dossier;
pub mod downtime;
pub mod event;
pub mod failure;
pub mod filter;
pub mod fleet;
pub mod instruction;
pub mod job;
pub mod lane;
pub mod language;
pub mod life;
pub mod mail;
pub mod moment;
pub mod people;
pub mod planner;
pub mod refusal;
pub mod request;
pub mod rule;
pub mod schedule;
pub mod task;
pub mod text;
pub mod typed;
pub mod wire;

pub use client::ClientAddress;
pub use language::Language;
pub use moment::Moment;
pub use people::{Caller, Role, Viewer};
pub use refusal::{FieldError, Refusal};
pub use rule::{NotAllowed, NotNow, Rule};
pub use task::{DossierId, OfficeId, TaskId, TaskState};
