//! Connectors and integrations, and the tokens that they call with.

use crate::desk::{Engine, guard::Key};
use domain::{Caller, ClientAddress, OfficeId, Refusal, task::ConnectorId};
use store::{
    connector::{self, ConnectorRow},
    error::{Error, Result},
    secret::{self, Hash},
    writer::Work,
};

pub(crate) const ENROL_MS: i64 = 15 * 60_000;

impl Engine {
    /// Adds a connector without a token; it gets one by [`Engine::enrol`].
    pub async fn add_connector(&self, office: OfficeId, name: &str) -> Result<ConnectorId> {
        let name = name.to_owned();
        self.writer
            .run(move |w| {
                let id = connector::insert(w.db, office, &name)?;
                w.state.fleet.add(ConnectorRow {
                    id,
                    office,
                    name: name.clone(),
                    hello: None,
                    revoked: false,
                    held: None,
                    heard_at: None,
                });
                Ok(id)
            })
            .await
    }

    pub async fn add_integration(&self, office: OfficeId, name: &str) -> Result<i64> {
        let name = name.to_owned();
        self.writer
            .run(move |w| connector::insert_integration(w.db, office, &name))
            .await
    }

    /// Names and numbers of an office's connectors, by number.
    pub async fn connectors(&self, office: OfficeId) -> Result<Vec<(String, ConnectorId)>> {
        self.writer
            .memory(move |m| {
                let all = m.state.fleet.of_office(office);
                all.map(|m| (m.row.name.clone(), m.row.id)).collect()
            })
            .await
    }

    /// The number of an integration, by name.
    pub async fn integration_number(&self, office: OfficeId, name: &str) -> Result<Option<i64>> {
        let name = name.to_owned();
        self.look(move |w| connector::integration_by_name(w.db, office, &name))
            .await
    }

    /// A new token for a connector or an integration. Shown this once.
    pub async fn new_token(&self, caller: Caller) -> Result<String> {
        let token = secret::new(kind(caller));
        let hash = secret::digest(&token);
        self.writer.run(move |w| add(w, caller, hash)).await?;
        Ok(token)
    }

    /// A new token that replaces the others of a connector or an integration; they stay valid for `keep_ms` more.
    pub async fn rotate_token(&self, caller: Caller, keep_ms: i64) -> Result<String> {
        let token = secret::new(kind(caller));
        let hash = secret::digest(&token);
        self.writer
            .run(move |w| replace(w, caller, hash, keep_ms))
            .await?;
        Ok(token)
    }

    /// Shuts a connector or an integration out, with effect on its next call. What it holds under lease is taken
    /// back when the lease ends.
    pub async fn revoke(&self, caller: Caller) -> Result<()> {
        self.writer.run(move |w| forget(w, caller)).await
    }

    /// A code that gives a connector its token once, within 15 minutes.
    pub async fn enrol_code(&self, connector: ConnectorId) -> Result<String> {
        let code = secret::new("nwe_");
        let hash = secret::digest(&code);
        self.writer
            .run(move |w| connector::add_enrol_code(w.db, &hash, connector, w.now + ENROL_MS))
            .await?;
        Ok(code)
    }

    /// Trades an enrol code for a token.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] when the code is unknown, used or over; [`Refusal::TooManyRequests`] for a client
    /// with many such codes.
    pub async fn enrol(&self, code: &str, client: ClientAddress) -> Result<String> {
        let enrolled = self.use_code(code).await;
        // a right code is taken whatever others, or this client, tried before
        if matches!(enrolled, Err(Error::Refused(Refusal::Unauthenticated))) {
            let _ = self.admit([Key::Enrol(client.key())])?;
        }
        enrolled
    }

    async fn use_code(&self, code: &str) -> Result<String> {
        let used = secret::hash(code).ok_or(Refusal::Unauthenticated)?;
        let token = secret::new(secret::CONNECTOR);
        let hash = secret::digest(&token);
        self.writer
            .run(move |w| {
                let id = connector::use_enrol_code(w.db, &used, w.now)?.ok_or(Refusal::Unauthenticated)?;
                let member = w.state.fleet.get(id).filter(|m| !m.row.revoked);
                let office = member.map(|m| m.row.office).ok_or(Refusal::Unauthenticated)?;
                let caller = Caller::Connector { id, office };
                add(w, caller, hash)
            })
            .await?;
        Ok(token)
    }
}

/// How a token of this caller begins.
pub(crate) fn kind(caller: Caller) -> &'static str {
    match caller {
        Caller::Connector { .. } => secret::CONNECTOR,
        Caller::Integration { .. } => secret::INTEGRATION,
    }
}

/// Writes a token.
pub(crate) fn add(w: &mut Work<'_>, caller: Caller, hash: Hash) -> Result<()> {
    connector::add_token(w.db, &hash, caller)?;
    w.state.known.add_token(hash, caller);
    Ok(())
}

/// Writes a token in the place of the caller's others, which stay valid for `keep_ms` more.
pub(crate) fn replace(w: &mut Work<'_>, caller: Caller, hash: Hash, keep_ms: i64) -> Result<()> {
    let until = w.now + keep_ms.max(0);
    connector::end_tokens(w.db, caller, until)?;
    w.state.known.end_tokens(caller, until);
    add(w, caller, hash)
}

/// Shuts a caller out.
pub(crate) fn forget(w: &mut Work<'_>, caller: Caller) -> Result<()> {
    connector::revoke(w.db, caller, w.now)?;
    if let Caller::Connector { id, .. } = caller
        && let Some(m) = w.state.fleet.get_mut(id)
    {
        m.row.revoked = true;
    }
    w.state.known.forget_tokens(caller);
    Ok(())
}
