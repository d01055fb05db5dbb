//! How the store asks: statements are kept prepared, rows become values.
//!
//! A statement is written once. What the writer runs is a function of rusqlite's connection: an awaited statement would
//! cost the writer more than the statement itself. Whoever reads the same beside it looks by the same function
//! ([`crate::looks::Looks`]). What pages alone ask is sqlx's ([`crate::Readers`]): rows by the names of their columns, from
//! async code.

use crate::error::Result;
use rusqlite::{Connection, OptionalExtension, Params, Row, types::FromSql};

/// What is asked of a connection.
pub(crate) trait Ask {
    /// Every row.
    fn all<T, All: FromIterator<T>>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<All>;

    /// The first row, if there is one.
    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>>;

    /// What stands in the first column of the one row.
    fn value<T: FromSql>(&self, sql: &str, params: impl Params) -> Result<T>;
}

impl Ask for Connection {
    fn all<T, All: FromIterator<T>>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<All> {
        let mut q = self.prepare_cached(sql)?;
        Ok(q.query_map(params, row)?.collect::<rusqlite::Result<_>>()?)
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.prepare_cached(sql)?.query_row(params, row).optional()?)
    }

    fn value<T: FromSql>(&self, sql: &str, params: impl Params) -> Result<T> {
        Ok(self.prepare_cached(sql)?.query_row(params, |r| r.get(0))?)
    }
}

/// A pattern that finds `text` anywhere, and nothing else; empty for no text.
pub(crate) fn like(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
