//! Parts of pages. They receive data and callbacks and never call the server.

pub mod form;
pub mod history;
pub mod icon;
pub mod instruction;
pub mod language;
pub mod status;
pub mod task_row;
