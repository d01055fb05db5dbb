//! Scripts, styles, fonts: from the binary, or from a folder while developing.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{
    borrow::Cow,
    collections::HashMap,
    path::{Component, Path, PathBuf},
};

static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Where the files are.
#[derive(Clone, Debug)]
pub enum Site {
    /// In the binary, by path.
    Inside(HashMap<&'static str, &'static [u8]>),
    /// In a folder.
    Folder(PathBuf),
}

impl Site {
    /// The folder if one is named, else what the binary carries.
    ///
    /// # Errors
    /// A sentence when there is neither.
    pub fn open(folder: Option<&Path>) -> Result<Self, String> {
        match folder {
            Some(f) if f.join("pkg").is_dir() => Ok(Self::Folder(f.to_owned())),
            Some(f) => Err(format!(
                "{} is not a site: it has no folder pkg. `make run` and `make build` make one.",
                f.display()
            )),
            None if EMBEDDED.is_empty() => {
                Err("This binary carries no site. Name one with --site, or build with `make build`.".into())
            }
            None => Ok(Self::Inside(EMBEDDED.iter().copied().collect())),
        }
    }

    /// The file at `path`, or `None`.
    pub fn serve(&self, path: &str, asked: &HeaderMap) -> Option<Response> {
        let accepts = |coding| {
            asked
                .get(header::ACCEPT_ENCODING)
                .and_then(|v| v.to_str().ok())
                .is_some_and(|v| v.contains(coding))
        };
        let packed = accepts("br").then(|| self.read(&format!("{path}.br"))).flatten();
        let is_packed = packed.is_some();
        let bytes = packed.or_else(|| self.read(path))?;
        let tag = format!("\"{:x}\"", fingerprint(&bytes));
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
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        Some(answer)
    }

    fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match self {
            Self::Inside(files) => files.get(path).map(|b| Cow::Borrowed(*b)),
            Self::Folder(folder) => {
                let relative = Path::new(path.strip_prefix('/')?);
                let plain = relative.components().all(|c| matches!(c, Component::Normal(_)));
                let file = folder.join(relative);
                (plain && file.is_file())
                    .then(|| std::fs::read(file).ok())
                    .flatten()
                    .map(Cow::Owned)
            }
        }
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
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
