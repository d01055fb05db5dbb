//! Documents on the way to the desk and from it.

use super::{Line, Remote, Trouble, detail, trouble};
use domain::{
    document::{MOST_DOCUMENT, id_of},
    refusal::Problem,
    wire::DocumentAnswer,
};
use engine::tasks::document::sha256;
use std::{
    io::Read,
    sync::{Arc, PoisonError},
    time::Duration,
};

/// So long a document may take on the way.
const ON_THE_WAY: Duration = Duration::from_secs(600);

impl Line {
    /// A document that a task names, whose lease is held here.
    pub async fn document(&self, id: &str) -> Result<Vec<u8>, Trouble> {
        match self {
            Self::Inside {
                engine,
                office,
                connector,
            } => {
                let found = engine
                    .document_for(*office, *connector, id)
                    .await
                    .map_err(trouble)?;
                engine.whole(&found).await.map_err(trouble)
            }
            Self::Remote(desk) => desk.fetch(id).await,
        }
    }
}

impl Remote {
    /// Brings a document to the desk.
    pub async fn bring(&self, bytes: Vec<u8>, kind: &'static str) -> Result<DocumentAnswer, Trouble> {
        let bytes = Arc::new(bytes);
        let answer = self
            .with_token("documents".into(), Trouble::Refused, move |agent, url, bearer| {
                let request = agent.put(url).header("Authorization", bearer).content_type(kind);
                let limited = request.config().timeout_global(Some(ON_THE_WAY)).build();
                limited.send(&bytes[..])
            })
            .await?;
        serde_json::from_slice(&answer)
            .map_err(|e| Trouble::Away(format!("the desk's answer cannot be read: {e}")))
    }

    /// What comes on the way in the desk's place, or broken off, is not taken for the document.
    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Trouble> {
        let path = format!("documents/{id}");
        let bytes = self
            .with_token(path, Trouble::Away, |agent, url, bearer| {
                let request = agent.get(url).header("Authorization", bearer);
                request.config().timeout_global(Some(ON_THE_WAY)).build().call()
            })
            .await?;
        if id_of(&sha256(&bytes)) == id {
            Ok(bytes)
        } else {
            Err(Trouble::Away("something else came than the document".into()))
        }
    }

    /// One call, and once more when the token was replaced meanwhile; `strange` is what a no is that the desk did not say.
    async fn with_token(
        &self,
        path: String,
        strange: fn(String) -> Trouble,
        call: impl Fn(&ureq::Agent, &str, &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error>
        + Clone
        + Send
        + 'static,
    ) -> Result<Vec<u8>, Trouble> {
        match self.once(&path, strange, call.clone()).await {
            (401, _) if self.token_was_replaced() => self.once(&path, strange, call).await.1,
            (_, answer) => answer,
        }
    }

    /// The status, 0 for none, and what it came to.
    async fn once(
        &self,
        path: &str,
        strange: fn(String) -> Trouble,
        call: impl FnOnce(&ureq::Agent, &str, &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error>
        + Send
        + 'static,
    ) -> (u16, Result<Vec<u8>, Trouble>) {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (agent, url, bearer) = (
            self.agent.clone(),
            format!("{}/api/v1/{path}", self.url),
            format!("Bearer {token}"),
        );
        let away = |e: &dyn std::fmt::Display| Trouble::Away(format!("the desk cannot be reached: {e}"));
        let called = tokio::task::spawn_blocking(move || {
            let mut answer = match call(&agent, &url, &bearer) {
                Ok(answer) => answer,
                Err(e) => return (0, Err(away(&e))),
            };
            let status = answer.status().as_u16();
            let mut bytes = vec![];
            let most = MOST_DOCUMENT as u64 + 1;
            let mut body = answer.body_mut().with_config().limit(most).reader();
            if let Err(e) = body.read_to_end(&mut bytes) {
                return (status, Err(away(&e)));
            }
            let read = match status {
                200 => Ok(bytes),
                _ => {
                    let said = detail(status, &String::from_utf8_lossy(&bytes));
                    let ours = serde_json::from_slice::<Problem>(&bytes).is_ok();
                    Err(match Trouble::of(status, answer.headers(), said) {
                        Trouble::Refused(said) if !ours => strange(said),
                        trouble => trouble,
                    })
                }
            };
            (status, read)
        });
        called
            .await
            .unwrap_or_else(|e| (0, Err(Trouble::Away(e.to_string()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::fake_desk::{FakeDesk, page};

    #[tokio::test]
    async fn only_the_document_itself_and_only_the_desks_own_no_end_the_way_to_it() {
        let desk = FakeDesk::start().await;
        let line = Line::Remote(desk.remote("t", None));
        let id = id_of(&sha256(b"<Invoice/>"));
        let no = r#"{"type":"about:blank","title":"","status":404,"detail":"There is no such document.","code":"not_found"}"#;
        for (status, body, refused) in [
            (200, "<html>Log in</html>", false),
            (200, "<Invoi", false),
            (404, "<html>Sorry</html>", false),
            (403, "", false),
            (408, "", false),
            (404, no, true),
        ] {
            desk.answers(move |_| Some(page(status, body)));
            let trouble = line.document(&id).await.expect_err(body);
            assert_eq!(
                matches!(trouble, Trouble::Refused(_)),
                refused,
                "{status} {body}: {trouble}"
            );
        }
        desk.answers(|_| Some(page(200, "<Invoice/>")));
        assert_eq!(line.document(&id).await.expect("it comes"), b"<Invoice/>");
    }
}
