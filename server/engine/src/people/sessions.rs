//! Sessions: how long they live, whether their second factor is still to come, how they begin and end (S4, S9).
//!
//! A session whose holder has a second factor, or must have one, is nobody's until the factor was given in it:
//! [`Engine::viewer`] is the one door, and every page and call goes through it.

use crate::{
    desk::{Engine, InSight},
    people::accounts::signed,
};
use domain::{Refusal, Role, Viewer, text};
use std::{sync::PoisonError, time::Duration};
use store::{
    clock::{DAY_MS, HOUR_MS, MINUTE_MS},
    door,
    error::Result,
    people as rows, person,
    secret::{self, Hash},
};
use tokio::time::timeout;

/// When a person was last seen is written once in this time.
const SEEN_EVERY_MS: i64 = MINUTE_MS;
/// And is waited for no longer than this.
const SEEN_PATIENCE: Duration = Duration::from_millis(100);

/// A session, and who holds it.
#[derive(Debug, Clone)]
pub struct Held {
    /// Who.
    pub viewer: Viewer,
    /// When they signed in.
    pub created_at: i64,
    /// When they were last there; an open page counts, for it asks every quarter of a minute.
    pub seen_at: Option<i64>,
    /// The end that was written when it began.
    pub expires_at: i64,
    /// The second factor was given in it.
    pub passed: bool,
    /// It began with a link of the demo.
    pub demo: bool,
    /// Its holder has a second factor.
    pub has_factor: bool,
}

impl Held {
    /// A session of `viewer`.
    pub fn of(row: &rows::SessionRaw, viewer: Viewer) -> Self {
        Self {
            viewer,
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
            passed: row.passed,
            demo: row.demo,
            has_factor: row.has_factor,
        }
    }

    /// The second factor is still to come, or to be set up.
    pub fn waits(&self) -> bool {
        !self.demo && !self.passed && (self.has_factor || self.viewer.role.must_have_factor())
    }

    /// It has ended by itself: nobody was there for too long, or it is too old. Rights are read anew each time, so a
    /// session of somebody who becomes an admin lives as an admin's from then on.
    pub fn is_over(&self, now: i64) -> bool {
        let idle = match (self.demo, self.waits() || self.viewer.role.must_have_factor()) {
            (true, _) => i64::MAX,
            (false, true) => 30 * MINUTE_MS,
            (false, false) => 12 * HOUR_MS,
        };
        let seen = self.seen_at.unwrap_or(self.created_at);
        now >= self.expires_at
            || now >= self.created_at + longest(self.viewer.role, self.demo)
            || now.saturating_sub(seen) >= idle
    }
}

/// The longest that a session lives, however busy.
fn longest(role: Role, demo: bool) -> i64 {
    match (demo, role.must_have_factor()) {
        (true, _) => 14 * DAY_MS,
        (false, true) => 12 * HOUR_MS,
        (false, false) => 7 * DAY_MS,
    }
}

/// That a session was seen is being written, until this is dropped.
struct Seeing(InSight, Hash);

impl Seeing {
    /// `None` when it is being written already.
    fn begin(all: &InSight, session: Hash) -> Option<Self> {
        let fresh = all.lock().unwrap_or_else(PoisonError::into_inner).insert(session);
        fresh.then(|| Self(all.clone(), session))
    }
}

impl Drop for Seeing {
    fn drop(&mut self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.1);
    }
}

impl Engine {
    /// Who holds this session. People whose access has ended hold none, nor do those whose second factor is still to come.
    pub async fn viewer(&self, session: &str) -> Result<Option<Viewer>> {
        let held = self.held(session).await?;
        Ok(held.filter(|h| !h.waits()).map(|h| h.viewer))
    }

    /// A session that has not ended, also one whose second factor is still to come.
    pub async fn held(&self, session: &str) -> Result<Option<Held>> {
        let Some(hash) = secret::hash(session) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let found = rows::session(&self.readers, &hash).await?;
        let held = found.map(|(viewer, row)| Held::of(&row, viewer));
        let Some(held) = held.filter(|h| !h.is_over(now)) else {
            return Ok(None);
        };
        // once for all that a page asks: a writer that stands is not buried under signs of life
        let due = held.seen_at.is_none_or(|s| s + SEEN_EVERY_MS <= now);
        if let Some(seeing) = due.then(|| Seeing::begin(&self.in_sight, hash)).flatten() {
            let person = held.viewer.person;
            let writer = self.writer.clone();
            let saw = door::spawn(async move {
                let saw = writer.run(move |w| person::saw(w.db, &hash, person, w.now));
                if let Err(e) = saw.await {
                    tracing::warn!(error = %e, "when somebody was last seen could not be written");
                }
                drop(seeing);
            });
            // a full disk must not sign everybody out, nor a slow one keep them from what they came for
            let _ = timeout(SEEN_PATIENCE, saw).await;
        }
        Ok(Some(held))
    }

    /// Begins a session and gives its secret. In one that a link of the `demo` began no second factor is asked.
    pub(crate) async fn open_session(&self, person: i64, demo: bool) -> Result<String> {
        let session = secret::new(secret::SESSION);
        let hash = secret::digest(&session);
        let opened = self.writer.run(move |w| {
            // it may have ended while the password was checked
            let row = person::find(w.db, person)?.filter(|p| p.left_at.is_none());
            let role = row.ok_or(Refusal::Unauthenticated)?.role;
            person::add_session(w.db, &hash, person, demo, w.now, w.now + longest(role, demo))?;
            let waits = !demo && (role.must_have_factor() || person::has_factor(w.db, person)?);
            // it may be the first time that somebody of Support is there
            w.state.look_for_support(w.db)?;
            signed(w, person, if waits { "sign_in_half" } else { "sign_in" })
        });
        opened.await?;
        Ok(session)
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &str) -> Result<()> {
        let Some(hash) = secret::hash(session) else {
            return Ok(());
        };
        self.writer
            .run(move |w| match person::end_session(w.db, &hash)? {
                Some(person) => signed(w, person, "sign_out"),
                None => Ok(()),
            })
            .await
    }

    /// Keeps what the browser of a session calls itself.
    pub async fn name_session(&self, session: &str, agent: &str) -> Result<()> {
        let Some(hash) = secret::hash(session) else {
            return Ok(());
        };
        let agent: String = agent
            .chars()
            .filter(|c| !text::is_control(*c))
            .take(300)
            .collect();
        self.writer
            .run(move |w| person::set_agent(w.db, &hash, &agent))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Language;

    fn held(role: Role) -> Held {
        Held {
            viewer: Viewer {
                person: 1,
                name: "P".into(),
                role,
                office: None,
                language: Language::En,
            },
            created_at: 0,
            seen_at: None,
            expires_at: 14 * DAY_MS,
            passed: true,
            demo: false,
            has_factor: true,
        }
    }

    #[test]
    fn a_session_ends_by_itself_sooner_for_those_with_more_rights() {
        for role in Role::ALL {
            let (idle, whole) = match role {
                Role::Support | Role::Admin => (30 * MINUTE_MS, 12 * HOUR_MS),
                _ => (12 * HOUR_MS, 7 * DAY_MS),
            };
            let mut s = held(role);
            assert!(!s.is_over(idle - 1) && s.is_over(idle), "{role:?} is away");
            s.seen_at = Some(whole - 1);
            assert!(
                !s.is_over(whole - 1) && s.is_over(whole),
                "{role:?} is there all the time"
            );
            s.expires_at = 5;
            assert!(s.is_over(5), "{role:?}: the end that was written");
            let demo = Held {
                demo: true,
                ..held(role)
            };
            assert!(
                !demo.is_over(14 * DAY_MS - 1) && demo.is_over(14 * DAY_MS),
                "{role:?} in the demo"
            );
            let half = Held {
                passed: false,
                ..held(role)
            };
            assert!(half.is_over(30 * MINUTE_MS), "{role:?} has not given the factor");
        }
    }

    #[test]
    fn the_factor_is_waited_for_where_there_is_one_or_must_be() {
        for role in Role::ALL {
            let must = matches!(role, Role::Support | Role::Admin);
            for (has, passed, demo) in [
                (false, false, false),
                (false, false, true),
                (true, false, false),
                (true, false, true),
                (true, true, false),
            ] {
                let s = Held {
                    has_factor: has,
                    passed,
                    demo,
                    ..held(role)
                };
                let expected = !demo && !passed && (has || must);
                assert_eq!(s.waits(), expected, "{role:?} {has} {passed} {demo}");
            }
        }
    }
}
