//! Scripts, styles, fonts: from the binary, or from a folder while developing.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::{WasmSplitManifest, prelude::ArcStoredValue};
use std::{
    borrow::Cow,
    collections::HashMap,
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The program that listens for all pages of a browser.
const WORKER: &str = "/live.js";

/// The files, and what a page's head says of them.
#[derive(Clone)]
pub struct Site {
    files: Files,
    /// The files of each part of the browser's program, for the framework's preload hints.
    pub parts: Option<WasmSplitManifest>,
}

/// Where the files are.
#[derive(Clone, Debug)]
enum Files {
    /// In the binary, by path, each with its tag.
    Inside(HashMap<&'static str, (&'static [u8], u64)>),
    /// In a folder.
    Folder(PathBuf),
}

impl Site {
    /// The folder if one is named, else what the binary carries.
    ///
    /// # Errors
    /// A sentence when there is neither, or when the list of the program's parts cannot be read.
    pub fn open(folder: Option<&Path>) -> Result<Self, String> {
        let files = match folder {
            Some(f) if f.join("pkg").is_dir() => Files::Folder(f.to_owned()),
            Some(f) => {
                return Err(format!(
                    "{} is not a site: it has no folder pkg. `make run` and `make build` make one.",
                    f.display()
                ));
            }
            None if EMBEDDED.is_empty() => {
                return Err(
                    "This binary carries no site. Name one with --site, or build with `make build`.".into(),
                );
            }
            None => Files::Inside(
                EMBEDDED
                    .iter()
                    .map(|(path, bytes)| (*path, (*bytes, fingerprint(bytes))))
                    .collect(),
            ),
        };
        let parts = files
            .read("/pkg/parts.json")
            .map(|(json, _)| {
                serde_json::from_slice(&json).map_err(|e| {
                    format!("The site's pkg/parts.json cannot be read: {e}. Build the site anew.")
                })
            })
            .transpose()?
            .map(|parts| WasmSplitManifest(ArcStoredValue::new(("/pkg".into(), parts, "parts.js".into()))));
        Ok(Self { files, parts })
    }

    /// The file at `path`, or `None`.
    pub fn serve(&self, path: &str, asked: &HeaderMap) -> Option<Response> {
        let accepts = |coding| {
            asked
                .get(header::ACCEPT_ENCODING)
                .and_then(|v| v.to_str().ok())
                .is_some_and(|v| v.contains(coding))
        };
        let packed = accepts("br")
            .then(|| self.files.read(&format!("{path}.br")))
            .flatten();
        let is_packed = packed.is_some();
        let (bytes, tag) = packed.or_else(|| self.files.read(path))?;
        let tag = format!("\"{tag:x}\"");
        let mut answer = if asked
            .get(header::IF_NONE_MATCH)
            .is_some_and(|v| v.as_bytes() == tag.as_bytes())
        {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(bytes.into_owned()))
        };
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        // names do not change with the content: the browser asks each time, and mostly hears "as before"
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if path == WORKER {
            // what it may do is its own file's to say, not the page's
            let policy =
                HeaderValue::from_static("default-src 'none'; connect-src 'self'; frame-ancestors 'none'");
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        Some(answer)
    }
}

impl Files {
    /// What stands at `path`, and what tells it from another build's.
    fn read(&self, path: &str) -> Option<(Cow<'static, [u8]>, u64)> {
        match self {
            Self::Inside(files) => files.get(path).map(|(bytes, tag)| (Cow::Borrowed(*bytes), *tag)),
            Self::Folder(folder) => {
                let relative = Path::new(path.strip_prefix('/')?);
                let plain = relative.components().all(|c| matches!(c, Component::Normal(_)));
                let file = folder.join(relative);
                if !plain || !file.is_file() {
                    return None;
                }
                // its age, because reading through a debug program of many megabytes would be felt
                let changed = file
                    .metadata()
                    .and_then(|m| m.modified())
                    .unwrap_or(SystemTime::UNIX_EPOCH);
                let bytes = std::fs::read(&file).ok()?;
                let age = changed
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .map_or(0, |d| d.as_nanos());
                let tag = fingerprint(format!("{age} {}", bytes.len()).as_bytes());
                Some((Cow::Owned(bytes), tag))
            }
        }
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "txt" => "text/plain; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

/// FNV-1a: tells two builds of a file apart, nothing more.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}
