//! One file is one route; beside them stands what all share: the frame (`office`, `page`, `ways`, `here`), how a page is read again
//! (`follow`), what comes late (`lazy`, `late`), what was refused (`refusals`).

pub mod activate;
pub mod alerts;
pub mod audit;
mod begin;
pub mod bell;
pub mod blocked;
pub mod causes;
pub mod clients;
pub mod collection;
pub mod connectors;
pub mod countdown;
pub mod day_plan;
pub mod dossier;
pub mod downtime;
pub mod follow;
pub mod here;
pub mod hours;
pub mod import;
pub mod instruction;
pub mod instructions;
pub mod job;
pub mod jobs;
pub mod kinds;
mod late;
pub mod lazy;
pub mod mail;
pub mod not_found;
pub mod office;
pub mod offices;
pub mod page;
pub mod procedures;
pub mod profile;
pub(crate) mod refusals;
pub mod requests;
pub mod runs;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod task;
pub mod tasks;
mod unread;
pub mod users;
mod ways;
pub mod why;

pub use refusals::error_words;
