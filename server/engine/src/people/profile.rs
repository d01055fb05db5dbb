//! One's own profile: language, theme, shortcuts, password, sessions (S1, S4).

use crate::{desk::Engine, desk::password, people::sessions::Held};
use domain::{Language, Refusal, Rule, Viewer};
use store::{
    error::Result,
    people as rows,
    person::{self, PersonRow},
    secret,
    writer::Work,
    zone::Zone,
};
use views::people::{Profile, SessionLine, Taste, Theme, device};

impl Engine {
    /// One's own page.
    pub async fn profile(&self, viewer: &Viewer, session: &str, zone: Zone) -> Result<Profile> {
        let (email, theme, shortcuts, has_password) = rows::taste(&self.readers, viewer.person)
            .await?
            .ok_or(Refusal::NotFound)?;
        let sessions = self.own_sessions(viewer, session, zone).await?;
        let id = viewer.person;
        let factor = self.look(move |w| {
            Ok((
                person::has_factor(w.db, id)?,
                store::factor::codes_left(w.db, id)?,
            ))
        });
        let (has_factor, codes_left) = factor.await?;
        Ok(Profile {
            name: viewer.name.clone(),
            email,
            role: viewer.role,
            taste: Taste {
                theme: Theme::from_key(&theme).unwrap_or_default(),
                shortcuts,
            },
            has_password,
            has_factor,
            codes_left,
            sessions,
        })
    }

    /// Where a person is signed in, the last seen first.
    pub(crate) async fn own_sessions(
        &self,
        viewer: &Viewer,
        session: &str,
        zone: Zone,
    ) -> Result<Vec<SessionLine>> {
        let (own, now) = (name_of(session), self.now());
        let rows = rows::sessions(&self.readers, viewer.person).await?;
        let there = |s: &rows::SessionRaw| !Held::of(s, viewer.clone()).is_over(now);
        let line = |s: rows::SessionRaw| SessionLine {
            device: device(&s.agent),
            created: zone.moment(s.created_at),
            seen: s.seen_at.map(|at| zone.moment(at)),
            this: s.name == own,
            id: s.name,
        };
        Ok(rows.into_iter().filter(there).map(line).collect())
    }

    /// What the holder of a session chose, and the language they read.
    pub async fn taste(&self, session: &str) -> Result<Option<(Language, Taste)>> {
        // also while the second factor is still to come: its page is theirs
        let Some(held) = self.held(session).await? else {
            return Ok(None);
        };
        let viewer = held.viewer;
        let taste = rows::taste(&self.readers, viewer.person).await?;
        Ok(taste.map(|(_, theme, shortcuts, _)| {
            let theme = Theme::from_key(&theme).unwrap_or_default();
            (viewer.language, Taste { theme, shortcuts })
        }))
    }

    /// Sets the language a person reads.
    pub async fn set_language(&self, id: i64, language: Language) -> Result<()> {
        self.writer
            .run(move |w| {
                let was = find(w, id)?;
                if was.language == language.tag() {
                    return Ok(());
                }
                person::set_language(w.db, id, language)?;
                wrote(w, id, &was, "language", was.language.clone(), language.tag())
            })
            .await
    }

    /// Sets how pages look, and whether they listen to single letters.
    pub async fn set_taste(&self, id: i64, taste: Taste) -> Result<()> {
        let word = |on: bool| if on { "on" } else { "off" };
        self.writer
            .run(move |w| {
                let was = find(w, id)?;
                person::set_taste(w.db, id, taste.theme.key(), taste.shortcuts)?;
                if was.theme != taste.theme.key() {
                    wrote(w, id, &was, "theme", was.theme.clone(), taste.theme.key())?;
                }
                if was.shortcuts != taste.shortcuts {
                    let before = word(was.shortcuts).to_owned();
                    wrote(w, id, &was, "shortcuts", before, word(taste.shortcuts))?;
                }
                Ok(())
            })
            .await
    }

    /// Changes one's own password; every other session ends.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when the old one is wrong or the new one is no good, [`Refusal::TooManyRequests`]
    /// after a few tries.
    pub async fn change_password(&self, id: i64, session: &str, old: String, new: String) -> Result<()> {
        let mut errors = vec![];
        let about = rows::about(&self.readers, id).await?;
        password::check(
            &mut errors,
            &new,
            &about.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors).into());
        }
        self.right_password(id, old).await?;
        let hash = self.hash_password(new).await?;
        let keep = secret::hash(session);
        self.writer
            .run(move |w| {
                let was = find(w, id)?;
                person::set_password(w.db, id, &hash, keep.as_ref(), w.now)?;
                wrote_plain(w, id, &was, "password")
            })
            .await
    }

    /// It is the person's password; of somebody who has none every word is.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when it is not, [`Refusal::TooManyRequests`] after a few tries.
    pub(crate) async fn right_password(&self, id: i64, old: String) -> Result<()> {
        let found = self.look(move |w| person::find(w.db, id)).await?;
        let stored = found.ok_or(Refusal::NotFound)?.password_hash;
        if stored.is_some() && !self.proves_old(id, old, stored).await? {
            return Err(Refusal::rule("old", Rule::NotYourPassword).into());
        }
        Ok(())
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is not there any more.
    pub async fn end_session(&self, id: i64, name: String) -> Result<()> {
        self.writer
            .run(move |w| {
                let was = find(w, id)?;
                if !person::end_session_named(w.db, id, &name)? {
                    return Err(Refusal::NotFound.into());
                }
                wrote_plain(w, id, &was, "end_session")
            })
            .await
    }

    /// Ends all of one's sessions but this one.
    pub async fn end_other_sessions(&self, id: i64, session: &str) -> Result<()> {
        let keep = secret::hash(session);
        self.writer
            .run(move |w| {
                let was = find(w, id)?;
                if person::end_sessions(w.db, id, keep.as_ref())? == 0 {
                    return Ok(());
                }
                wrote_plain(w, id, &was, "end_sessions")
            })
            .await
    }
}

/// The beginning of a session's hash: it names the session and opens nothing.
fn name_of(session: &str) -> String {
    let hash = secret::hash(session).unwrap_or_default();
    hash.iter().take(8).map(|b| format!("{b:02X}")).collect()
}

fn find(w: &Work<'_>, id: i64) -> Result<PersonRow> {
    person::find(w.db, id)?.ok_or(Refusal::NotFound.into())
}

fn wrote(w: &Work<'_>, id: i64, row: &PersonRow, what: &str, before: String, after: &str) -> Result<()> {
    line(w, id, row, what, Some(before), Some(after.to_owned()))
}

fn wrote_plain(w: &Work<'_>, id: i64, row: &PersonRow, what: &str) -> Result<()> {
    line(w, id, row, what, None, None)
}

fn line(
    w: &Work<'_>,
    id: i64,
    row: &PersonRow,
    what: &str,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    w.audit(row.office, id, what, format!("person {id}"), (before, after))
}
