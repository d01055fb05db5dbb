//! The way to the desk: straight to the engine inside the server, HTTP from outside.

mod document;

use crate::config;
use chrono::DateTime;
use domain::{
    OfficeId,
    wire::{ClaimAnswer, ExtendAnswer, HelloAnswer, LeaseRef, Report, ReportAnswer},
};
use engine::{Engine, Hello};
use http::{HeaderMap, HeaderValue, header::RETRY_AFTER};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

/// Longest answer that is read. The desk keeps its own far below.
const LONGEST_ANSWER: u64 = 64 << 20;

/// A desk is never left alone for longer, whatever it says.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// What went wrong on the way.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The desk is not there or cannot take it just now: try again.
    Away(String),
    /// It cannot take it just now, and says after how long to try again.
    Later(String, Duration),
    /// The desk says no and will say so again.
    Refused(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Away(why) | Self::Later(why, _) | Self::Refused(why)) = self;
        f.write_str(why)
    }
}

impl Trouble {
    /// What an answer is that does not say yes.
    fn of(status: u16, headers: &HeaderMap, said: String) -> Self {
        match (status, headers.get(RETRY_AFTER).and_then(seconds)) {
            (429 | 503, Some(after)) => Self::Later(said, after.min(LONGEST_REST)),
            (429 | 500.., _) => Self::Away(said),
            _ => Self::Refused(said),
        }
    }

    /// How long to leave the desk alone: as long as it says, and somewhat longer, so that not all come again together.
    pub fn rest(&self) -> Duration {
        let Self::Later(_, after) = self else {
            return Duration::ZERO;
        };
        // no two are the same
        let chance = RandomState::new().build_hasher().finish() % 1000;
        let more = *after / 4 + Duration::from_secs(1);
        *after + more * chance as u32 / 1000
    }
}

/// `Retry-After`: so many seconds, or a moment.
fn seconds(said: &HeaderValue) -> Option<Duration> {
    let said = said.to_str().ok()?.trim();
    let moment = || {
        let until = SystemTime::from(DateTime::parse_from_rfc2822(said).ok()?);
        Some(until.duration_since(SystemTime::now()).unwrap_or_default())
    };
    said.parse().ok().map(Duration::from_secs).or_else(moment)
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
    pub async fn hello(&self, hello: Hello) -> Result<HelloAnswer, Trouble> {
        match self {
            Self::Inside {
                engine, connector, ..
            } => engine.hello(*connector, hello).await.map_err(trouble),
            Self::Remote(r) => {
                let mut body = json!({"boot_id": hello.boot_id, "version": hello.version, "packages": hello.packages,
                    "kinds": hello.kinds, "recovers": hello.recovers, "max_parallel": hello.max_parallel});
                // a desk of before this was known refuses fields that it does not know
                if hello.unaccepted_reports > 0 {
                    body["unaccepted_reports"] = hello.unaccepted_reports.into();
                }
                r.call("hello", body).await
            }
        }
    }

    /// Takes tasks.
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
    pub async fn extend(&self, leases: Vec<LeaseRef>) -> Result<ExtendAnswer, Trouble> {
        match self {
            Self::Inside {
                engine, connector, ..
            } => engine.extend(*connector, leases).await.map_err(trouble),
            Self::Remote(r) => r.call("extend", json!({"leases": leases})).await,
        }
    }

    /// Says how attempts ended.
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
        engine::Error::Storage(s) | engine::Error::Broken { why: s, .. } => Trouble::Away(s),
        engine::Error::Refused(r) if r.status() >= 500 => Trouble::Away(r.to_string()),
        engine::Error::Refused(r) => Trouble::Refused(r.to_string()),
    }
}

/// A desk behind HTTP.
#[derive(Clone)]
pub struct Remote {
    agent: ureq::Agent,
    url: String,
    token: Arc<RwLock<String>>,
    /// Read again when the token is refused: it may have been replaced meanwhile.
    token_file: Option<PathBuf>,
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
            token: Arc::new(RwLock::new(remote.token)),
            token_file: remote.token_file,
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
                self.set_token(answer.token);
                Ok(())
            }
            Err(trouble) => Err(format!("The code was not accepted: {trouble}")),
        }
    }

    /// Calls with a token from now on.
    pub fn keep(&self, token: String) {
        self.set_token(token);
    }

    fn set_token(&self, token: String) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// The token file holds another token than the one in use; that is in use now.
    fn token_was_replaced(&self) -> bool {
        let read = self
            .token_file
            .as_ref()
            .and_then(|f| std::fs::read_to_string(f).ok());
        let Some(new) = read.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()) else {
            return false;
        };
        let other = *self.token.read().unwrap_or_else(PoisonError::into_inner) != new;
        if other {
            tracing::info!("the token file holds a new token");
            self.set_token(new);
        }
        other
    }

    /// Calls the API.
    pub async fn call<T: DeserializeOwned + Send + 'static>(
        &self,
        name: &str,
        body: impl Serialize,
    ) -> Result<T, Trouble> {
        let body = serde_json::to_string(&body).map_err(|e| Trouble::Refused(e.to_string()))?;
        match self.call_once(name, body.clone()).await {
            (401, _) if self.token_was_replaced() => self.call_once(name, body).await.1,
            (_, answer) => answer,
        }
    }

    /// One call: the status, 0 for none, and what it came to.
    async fn call_once<T: DeserializeOwned + Send + 'static>(
        &self,
        name: &str,
        body: String,
    ) -> (u16, Result<T, Trouble>) {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (agent, url, bearer) = (
            self.agent.clone(),
            format!("{}/api/v1/{name}", self.url),
            format!("Bearer {token}"),
        );
        let away = |e: &dyn std::fmt::Display| Trouble::Away(format!("the desk cannot be reached: {e}"));
        let called = tokio::task::spawn_blocking(move || {
            let request = agent
                .post(&url)
                .header("Authorization", &bearer)
                .content_type("application/json");
            let mut answer = match request.send(&body) {
                Ok(answer) => answer,
                Err(e) => return (0, Err(away(&e))),
            };
            let status = answer.status().as_u16();
            let headers = answer.headers().clone();
            let body = answer.body_mut().with_config().limit(LONGEST_ANSWER);
            let text = match body.read_to_string() {
                Ok(text) => text,
                Err(e) => return (status, Err(away(&e))),
            };
            let read = match status {
                200 => serde_json::from_str(&text)
                    .map_err(|e| Trouble::Away(format!("the desk's answer cannot be read: {e}"))),
                _ => Err(Trouble::of(status, &headers, detail(status, &text))),
            };
            (status, read)
        });
        called
            .await
            .unwrap_or_else(|e| (0, Err(Trouble::Away(e.to_string()))))
    }
}

fn detail(status: u16, problem: &str) -> String {
    let problem = serde_json::from_str::<domain::refusal::Problem>(problem);
    problem.map_or_else(
        |_| format!("status {status}, and no word from the desk"),
        |p| p.detail,
    )
}

/// Writes a file that only its owner can read.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: &str) -> Trouble {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(retry_after).unwrap())]);
        Trouble::of(status, &headers, "no".into())
    }

    #[test]
    fn a_desk_is_left_alone_for_as_long_as_it_says_and_somewhat_longer_but_not_for_ever() {
        let rest = |said| answered(429, said).rest().as_secs_f64();
        let rests: Vec<f64> = (0..50).map(|_| rest("8")).collect();
        assert!(rests.iter().all(|r| (8.0..11.0).contains(r)), "{rests:?}");
        assert!(
            rests.iter().any(|r| *r != rests[0]),
            "not all come again together"
        );
        assert!((300.0..376.0).contains(&rest("86400")));
        assert!((300.0..376.0).contains(&rest("Fri, 31 Dec 2100 23:59:59 GMT")));
        assert!(rest("Fri, 31 Dec 1999 23:59:59 GMT") <= 1.0);
        assert!(matches!(answered(503, "0"), Trouble::Later(..)));
        for nonsense in ["", "soon", "-5", "1.5"] {
            assert!(matches!(answered(503, nonsense), Trouble::Away(_)), "{nonsense}");
        }
        assert!(matches!(answered(502, "5"), Trouble::Away(_)));
        assert!(matches!(answered(404, "5"), Trouble::Refused(_)));
    }
}
