//! The way to the desk: straight to the engine inside the server, HTTP from outside.

use crate::config;
use domain::{
    OfficeId,
    wire::{ClaimAnswer, ExtendAnswer, HelloAnswer, LeaseRef, Report, ReportAnswer},
};
use engine::{Engine, store::connector::Hello};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{path::Path, sync::Arc, time::Duration};

/// What went wrong on the way.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The desk is not there or cannot take it just now: try again.
    Away(String),
    /// The desk says no and will say so again.
    Refused(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Away(why) | Self::Refused(why)) = self;
        f.write_str(why)
    }
}

/// A desk to call.
#[derive(Clone)]
pub enum Line {
    /// The engine of this process.
    Inside {
        /// The engine.
        engine: Arc<Engine>,
        /// Whose tasks.
        office: OfficeId,
        /// As which connector.
        connector: i64,
    },
    /// A server elsewhere.
    Remote(Remote),
}

impl Line {
    /// Introduces the connector.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn hello(&self, hello: Hello) -> Result<HelloAnswer, Trouble> {
        match self {
            Self::Inside {
                engine, connector, ..
            } => engine.hello(*connector, hello).await.map_err(trouble),
            Self::Remote(r) => {
                let body = json!({"boot_id": hello.boot_id, "version": hello.version, "packages": hello.packages,
                    "kinds": hello.kinds, "recovers": hello.recovers, "max_parallel": hello.max_parallel});
                r.call("hello", body).await
            }
        }
    }

    /// Takes tasks.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn claim(&self, request_id: &str, max: u32, wait_seconds: u32) -> Result<ClaimAnswer, Trouble> {
        match self {
            Self::Inside {
                engine,
                office,
                connector,
            } => engine
                .claim(*office, *connector, request_id.into(), max, wait_seconds)
                .await
                .map_err(trouble),
            Self::Remote(r) => {
                r.call(
                    "claim",
                    json!({"request_id": request_id, "max": max, "wait_seconds": wait_seconds}),
                )
                .await
            }
        }
    }

    /// Shows signs of life.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn extend(&self, leases: Vec<LeaseRef>) -> Result<ExtendAnswer, Trouble> {
        match self {
            Self::Inside {
                engine, connector, ..
            } => engine.extend(*connector, leases).await.map_err(trouble),
            Self::Remote(r) => r.call("extend", json!({"leases": leases})).await,
        }
    }

    /// Says how attempts ended.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn report(&self, reports: Vec<Report>) -> Result<ReportAnswer, Trouble> {
        match self {
            Self::Inside {
                engine,
                office,
                connector,
            } => engine.report(*office, *connector, reports).await.map_err(trouble),
            Self::Remote(r) => r.call("report", json!({"reports": reports})).await,
        }
    }

    /// Wants no more tasks.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn drain(&self, boot_id: &str) -> Result<(), Trouble> {
        match self {
            Self::Inside {
                engine, connector, ..
            } => engine
                .drain_connector(*connector, boot_id.into())
                .await
                .map(|_| ())
                .map_err(trouble),
            Self::Remote(r) => r
                .call::<serde_json::Value>("drain", json!({"boot_id": boot_id}))
                .await
                .map(|_| ()),
        }
    }
}

fn trouble(e: engine::Error) -> Trouble {
    match e {
        engine::Error::Storage(s) => Trouble::Away(s),
        engine::Error::Refused(r) if r.status() >= 500 => Trouble::Away(r.to_string()),
        engine::Error::Refused(r) => Trouble::Refused(r.to_string()),
    }
}

/// A desk behind HTTP.
#[derive(Clone)]
pub struct Remote {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Remote {
    /// A desk at an address.
    pub fn new(remote: config::Remote) -> Self {
        // a long poll answers within 55 seconds
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(70)))
            .http_status_as_error(false);
        Self {
            agent: config.build().into(),
            url: remote.url,
            token: remote.token,
        }
    }

    /// Trades an enrol code for a token and keeps it in `file`, readable by its owner only.
    ///
    /// # Errors
    /// A sentence for the person at the console.
    pub async fn enrol(&mut self, code: &str, file: &Path) -> Result<(), String> {
        let answer: Result<domain::wire::EnrolAnswer, Trouble> =
            self.call("enrol", json!({"code": code})).await;
        match answer {
            Ok(answer) => {
                write_secret(file, &answer.token)
                    .map_err(|e| format!("{} cannot be written: {e}.", file.display()))?;
                self.token = answer.token;
                Ok(())
            }
            Err(Trouble::Away(why) | Trouble::Refused(why)) => {
                Err(format!("The code was not accepted: {why}"))
            }
        }
    }

    /// Calls the API.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn call<T: DeserializeOwned + Send + 'static>(
        &self,
        name: &str,
        body: impl Serialize,
    ) -> Result<T, Trouble> {
        let (agent, url, bearer) = (
            self.agent.clone(),
            format!("{}/api/v1/{name}", self.url),
            format!("Bearer {}", self.token),
        );
        let body = serde_json::to_string(&body).map_err(|e| Trouble::Refused(e.to_string()))?;
        let away = |e: &dyn std::fmt::Display| Trouble::Away(format!("the desk cannot be reached: {e}"));
        let called = tokio::task::spawn_blocking(move || {
            let request = agent
                .post(&url)
                .header("Authorization", &bearer)
                .content_type("application/json");
            let mut answer = request.send(&body).map_err(|e| away(&e))?;
            let status = answer.status().as_u16();
            let text = answer.body_mut().read_to_string().map_err(|e| away(&e))?;
            match status {
                200 => serde_json::from_str(&text)
                    .map_err(|e| Trouble::Away(format!("the desk's answer cannot be read: {e}"))),
                429 | 500.. => Err(Trouble::Away(detail(&text))),
                _ => Err(Trouble::Refused(detail(&text))),
            }
        });
        called.await.map_err(|e| Trouble::Away(e.to_string()))?
    }
}

fn detail(problem: &str) -> String {
    let problem = serde_json::from_str::<domain::refusal::Problem>(problem);
    problem.map_or_else(|_| "the desk answered with an error".into(), |p| p.detail)
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// When it cannot be written.
pub fn write_secret(file: &Path, text: &str) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut f = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    f.write_all(text.as_bytes())?;
    f.sync_all()
}
