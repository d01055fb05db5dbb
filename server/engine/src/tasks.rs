//! Tasks: taken in, handed out, reported, restarted; what stopped them and what helps; what is read of them.

pub mod bulk;
pub mod causes;
pub mod dispatch;
pub mod document;
pub mod instructions;
pub mod reading;
pub mod sweep;
mod verbs;
pub(crate) mod waiting;
