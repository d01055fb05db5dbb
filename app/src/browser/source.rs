//! Where a page hears from: the event stream that the pages of a browser share, or one of its own.

use super::listener;
use leptos::{prelude::*, web_sys::js_sys};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventSource, MessageEvent};

const NAMES: [&str; 5] = ["task", "reset", "jobs", "downtime", "clock"];
/// `public/live.js`.
const WORKER: &str = "/live.js";

/// What is done with an event: its name and its data. `open` and `error` are such, too.
pub type Heard = Rc<dyn Fn(&str, &str)>;

/// From where on a stream is followed.
pub struct Since {
    /// Whose pages share one.
    pub what: String,
    /// Its address.
    pub url: String,
    /// The last event that is known.
    pub after: i64,
    /// The last notice.
    pub notice: u64,
}

impl Since {
    /// For `live.js`. Numbers stay below 2^53.
    fn message(&self) -> JsValue {
        let message: JsValue = js_sys::Object::new().into();
        set(&message, "what", &self.what.as_str().into());
        set(&message, "url", &self.url.as_str().into());
        set(&message, "after", &(self.after as f64).into());
        set(&message, "notice", &(self.notice as f64).into());
        message
    }
}

/// An open stream.
pub enum Source {
    /// The browser's pages share it; the way to it.
    Shared(JsValue),
    /// This page's own.
    Own(EventSource),
}

impl Source {
    /// Stops it.
    pub fn close(&self) {
        match self {
            Self::Shared(port) => say(port, &JsValue::NULL),
            Self::Own(source) => source.close(),
        }
    }

    /// The browser has given up on it.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Own(source) if source.ready_state() == EventSource::CLOSED)
    }
}

/// The way to the stream that pages share.
pub struct Sharing {
    /// Kept: what nobody holds may be ended.
    _worker: Option<JsValue>,
    port: Option<JsValue>,
    /// What is behind it could not be loaded.
    failed: Rc<Cell<bool>>,
}

impl Sharing {
    /// Where the browser can; `alone` is called when it turns out that it cannot.
    pub fn new(heard: Heard, alone: impl Fn() + 'static) -> Self {
        let failed = Rc::new(Cell::new(false));
        let worker = worker();
        let port = worker.as_ref().map(|w| get(w, "port"));
        if let (Some(worker), Some(port)) = (&worker, &port) {
            let on_message = listener(move |e: MessageEvent| {
                let said: js_sys::Array = e.data().unchecked_into();
                let (name, data) = (said.get(0).as_string(), said.get(1).as_string());
                heard(&name.unwrap_or_default(), &data.unwrap_or_default());
            });
            set(port, "onmessage", &on_message);
            let failed = failed.clone();
            let on_error = listener(move |_: Event| {
                if !failed.replace(true) {
                    alone();
                }
            });
            set(worker, "onerror", &on_error);
        }
        Self {
            _worker: worker,
            port,
            failed,
        }
    }

    /// Opens the stream.
    pub fn open(&self, from: &Since, heard: &Heard) -> Option<Source> {
        match &self.port {
            Some(port) if !self.failed.get() => {
                say(port, &from.message());
                Some(Source::Shared(port.clone()))
            }
            _ => own(from, heard),
        }
    }
}

/// A browser on a phone may have no workers to share, and a page may not be allowed any.
fn worker() -> Option<JsValue> {
    let make: js_sys::Function = get(&window(), "SharedWorker").dyn_into().ok()?;
    js_sys::Reflect::construct(&make, &js_sys::Array::of1(&WORKER.into())).ok()
}

fn get(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &name.into()).unwrap_or_default()
}

fn set(of: &JsValue, name: &str, value: &JsValue) {
    // a field of what is ours, or of the browser's own making, can be set
    let _ = js_sys::Reflect::set(of, &name.into(), value);
}

fn say(port: &JsValue, message: &JsValue) {
    if let Ok(post) = get(port, "postMessage").dyn_into::<js_sys::Function>() {
        // numbers, text and nothing can always be posted
        let _ = post.call1(port, message);
    }
}

fn own(from: &Since, heard: &Heard) -> Option<Source> {
    let Since {
        url, after, notice, ..
    } = from;
    let source = EventSource::new(&format!("{url}&after={after}&notice={notice}")).ok()?;
    for name in NAMES.into_iter().chain(["open", "error"]) {
        let heard = heard.clone();
        let listening = listener(move |e: Event| {
            let data = e.dyn_ref::<MessageEvent>().and_then(|e| e.data().as_string());
            heard(name, &data.unwrap_or_default());
        });
        // what cannot be listened to is no stream
        let _ = source.add_event_listener_with_callback(name, listening.as_ref().unchecked_ref());
    }
    Some(Source::Own(source))
}
