//! Who calls in: connectors, integrations, and their tokens.

pub mod connectors;
pub mod tokens;
