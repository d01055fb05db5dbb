//! Browsers and addresses that people have come in by: strangers who guess do not stand in their way.

use crate::desk::Engine;
use domain::ClientAddress;
use store::{
    error::Result,
    known as rows,
    secret::{self, Hash},
};

/// So many people may share a browser.
const MOST: usize = 4;
/// How a browser's secret begins.
const DEVICE: &str = "nwd_";

/// The secrets that a browser keeps in its cookie, as they are stored.
pub(super) fn devices(cookie: &str) -> Vec<Hash> {
    cookie.split('.').take(MOST).filter_map(secret::hash).collect()
}

impl Engine {
    /// Keeps by which browser, and from where, the holder of a session has come in. Gives what the browser's cookie is
    /// to hold from now on; `None` for what it holds.
    pub async fn remember_visit(
        &self,
        session: &str,
        client: ClientAddress,
        cookie: Option<String>,
    ) -> Result<Option<String>> {
        let Some(session) = secret::hash(session) else {
            return Ok(None);
        };
        let cookie = cookie.unwrap_or_default();
        let devices = devices(&cookie);
        let new = secret::new(DEVICE);
        let hash = secret::digest(&new);
        let client = client.key().to_string();
        let known = self.writer.run(move |w| {
            let Some(person) = rows::holder(w.db, &session)? else {
                return Ok(true);
            };
            rows::saw_address(w.db, person, &client, w.now)?;
            if rows::saw_device(w.db, person, &devices, w.now)? {
                return Ok(true);
            }
            rows::add_device(w.db, person, &hash, w.now)?;
            Ok(false)
        });
        if known.await? {
            return Ok(None);
        }
        let others = cookie.split('.').filter(|s| secret::hash(s).is_some());
        let all: Vec<&str> = std::iter::once(new.as_str()).chain(others).take(MOST).collect();
        Ok(Some(all.join(".")))
    }
}
