//! The server functions: what connectors, integrations and pages call. Each is a few lines; the work is the engine's.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod bulk;
pub mod causes;
pub mod clients;
pub mod collection;
pub mod connector;
pub mod connectors;
pub mod dossiers;
pub mod downtime;
pub mod factor;
pub mod imports;
pub mod instructions;
pub mod integration;
pub mod jobs;
pub mod mail;
pub mod offices;
pub mod people;
pub mod plan;
pub mod portal;
pub mod procedures;
pub mod requests;
pub mod search;
pub mod settings;
pub mod tasks;

use domain::{FieldError, Refusal, Rule, refusal::Problem};
use leptos::server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType,
    codec::Post,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;

/// JSON both ways. Unknown fields and wrong types are refused by name.
pub type Json = Post<Strict>;

/// What a caller is told when something was not done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError(pub Box<Problem>);

impl ApiError {
    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// How long to wait before the next try, where that is said.
    pub fn wait_seconds(&self) -> Option<u32> {
        self.0.retry_after
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl std::error::Error for ApiError {}

impl From<Refusal> for ApiError {
    fn from(r: Refusal) -> Self {
        Self(Box::new(r.problem()))
    }
}

#[cfg(feature = "ssr")]
impl From<engine::Error> for ApiError {
    fn from(e: engine::Error) -> Self {
        match &e {
            engine::Error::Storage(why) => {
                static FAILED: engine::seldom::Seldom = engine::seldom::Seldom::new();
                FAILED.say(|unsaid| tracing::error!(error = %why, unsaid, "storage failed"));
            }
            engine::Error::Broken { .. } => tracing::error!(error = %e, "it is our own fault"),
            engine::Error::Refused(_) => {}
        }
        e.refusal().into()
    }
}

impl FromServerFnError for ApiError {
    type Encoder = Strict;

    fn from_server_fn_error(e: ServerFnErrorErr) -> Self {
        match e {
            ServerFnErrorErr::Args(m) | ServerFnErrorErr::Deserialization(m) => {
                // the codec's own refusals arrive as text; see `Strict`
                let told = match cfg!(feature = "ssr") {
                    true => serde_json::from_str::<Refusal>(&m).ok(),
                    false => None,
                };
                told.unwrap_or(Refusal::Malformed(m)).into()
            }
            ServerFnErrorErr::MissingArg(m) => Refusal::rule(m, Rule::Missing).into(),
            ServerFnErrorErr::Request(_) => Refusal::Offline.into(),
            _ => Refusal::Internal.into(),
        }
    }

    /// Runs on the server inside the request: the one place where a refusal becomes an HTTP answer.
    fn ser(&self) -> Bytes {
        crate::ssr::answer_problem(&self.0);
        let told = match crate::ssr::is_for_programs() {
            true => serde_json::to_vec(&self.0.clone().for_programs()),
            false => serde_json::to_vec(&self.0),
        };
        Bytes::from(told.unwrap_or_default())
    }

    /// Runs in the browser: the one place where it learns that the desk has closed.
    fn de(data: Bytes) -> Self {
        let e: Self = read(&data).map_or_else(|_| Refusal::Internal.into(), |p| Self(Box::new(p)));
        if e.code() == domain::refusal::OUT_OF_SERVICE {
            crate::browser::closed();
        }
        e
    }
}

/// The codec behind [`Json`].
pub struct Strict;

impl ContentType for Strict {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Strict {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Strict {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Strict {
    /// A [`Refusal`] as JSON: server functions carry codec errors as text only.
    type Error = String;

    fn decode(bytes: Bytes) -> Result<T, String> {
        // a client ignores what it does not know, and need not carry the code that names it
        if cfg!(not(feature = "ssr")) {
            return read(&bytes).map_err(|e| e.to_string());
        }
        decode(&bytes).map_err(|r| serde_json::to_string(&r).unwrap_or_default())
    }
}

/// By way of text, as the page's own data is read: each reader of a type costs the page kilobytes.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_str(&String::from_utf8_lossy(bytes))
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if bytes.len() > domain::wire::MAX_BODY {
        return Err(Refusal::TooLarge);
    }
    // a list would be read as the fields in order
    if bytes.trim_ascii_start().first().is_some_and(|b| *b != b'{') {
        return Err(match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
            Ok(_) => Refusal::rule("body", Rule::NoObject),
            Err(e) => Refusal::Malformed(e.to_string()),
        });
    }
    let mut unknown = vec![];
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let value = serde_ignored::deserialize(tracked, |path| unknown.push(path.to_string()));
    match value {
        // whether it is JSON at all is asked apart: an enum without a value is, but its error says "syntax"
        Err(e) => match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
            Ok(_) => Err(broken(&track.path().to_string(), &e)),
            Err(e) => Err(Refusal::Malformed(e.to_string())),
        },
        Ok(_) if json.end().is_err() => Err(Refusal::Malformed("something follows the object".into())),
        Ok(_) if !unknown.is_empty() => Err(not_known(unknown)),
        Ok(value) => Ok(value),
    }
}

/// Reads one item of a list by itself, as strictly as a body; what is wrong is named below `place`.
#[cfg(any(test, feature = "ssr"))]
fn item<T: DeserializeOwned>(place: &str, value: &serde_json::Value) -> Result<T, Refusal> {
    let mut unknown = vec![];
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| unknown.push(format!("{place}.{path}")));
    match read {
        Err(e) => match (track.path().to_string(), place) {
            (path, place) if path == "." => Err(broken(place, &e)),
            (path, place) => Err(broken(&format!("{place}.{path}"), &e)),
        },
        Ok(_) if !unknown.is_empty() => Err(not_known(unknown)),
        Ok(value) => Ok(value),
    }
}

fn not_known(fields: Vec<String>) -> Refusal {
    let errors = fields
        .into_iter()
        .map(|field| FieldError::of(field, Rule::NotKnownHere));
    Refusal::Invalid(errors.take(100).collect())
}

/// `tasks[0].kind: invalid type: integer …` or `missing field kind`.
fn broken(path: &str, e: &serde_json::Error) -> Refusal {
    let message = e.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let named = message
        .strip_prefix("missing field `")
        .and_then(|m| m.strip_suffix('`'));
    let path = if path == "." { "" } else { path };
    match named {
        Some(field) if path.is_empty() => Refusal::rule(field, Rule::Missing),
        Some(field) => Refusal::rule(format!("{path}.{field}"), Rule::Missing),
        None if path.is_empty() => Refusal::field("body", message),
        None => Refusal::field(path, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wire::NewTask;

    #[derive(Debug, Deserialize)]
    struct Body {
        #[allow(dead_code, reason = "only its decoding is tested")]
        tasks: Vec<NewTask>,
    }

    fn refused(json: &str) -> Problem {
        decode::<Body>(json.as_bytes()).expect_err("refused").problem()
    }

    #[test]
    fn each_broken_rule_is_named() {
        for (json, status, field) in [
            ("{", 400, ""),
            (r#"{"tasks":[]} x"#, 400, ""),
            ("[1]", 422, "body"),
            ("{}", 422, "tasks"),
            (r#"{"tasks":[{"kind":1,"dossier":"A"}]}"#, 422, "tasks[0].kind"),
            (r#"{"tasks":[{"kind":"k"}]}"#, 422, "tasks[0].dossier"),
            (
                r#"{"tasks":[{"kind":"k","dossier":"A","colour":1}]}"#,
                422,
                "tasks.0.colour",
            ),
            (r#"{"tasks":[],"more":1}"#, 422, "more"),
            (r#"{"tasks":{}}"#, 422, "tasks"),
        ] {
            let p = refused(json);
            assert_eq!(p.status, status, "{json}: {}", p.detail);
            if !field.is_empty() {
                assert_eq!(p.errors[0].field, field, "{json}");
            }
        }
        assert!(decode::<Body>(br#"{"tasks":[{"kind":"k","dossier":"A"}]}"#).is_ok());
    }

    #[test]
    fn an_item_is_read_as_strictly_as_a_body() {
        for (json, field) in [
            (serde_json::json!({"kind": 1, "dossier": "A"}), "tasks[7].kind"),
            (serde_json::json!({"kind": "k"}), "tasks[7].dossier"),
            (
                serde_json::json!({"kind": "k", "dossier": "A", "colour": 1}),
                "tasks[7].colour",
            ),
            (serde_json::json!("x"), "tasks[7]"),
        ] {
            let p = item::<NewTask>("tasks[7]", &json).expect_err("refused").problem();
            assert_eq!((p.status, p.errors[0].field.as_str()), (422, field), "{json}");
        }
        assert!(item::<NewTask>("tasks[7]", &serde_json::json!({"kind": "k", "dossier": "A"})).is_ok());
    }
}
