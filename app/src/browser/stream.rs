//! The event stream of the office that is looked at (S3): of the tab as long as it can be seen, shared with the browser's
//! other tabs where it can be.

use super::{
    listener,
    source::{Heard, Sharing, Since, Source},
};
use crate::live::{Link, Live};
use gloo_timers::callback::{Interval, Timeout};
use leptos::{prelude::*, web_sys::js_sys};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use views::{Desk, LiveChange};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

const CLOCK_STEP_MS: u32 = 5_000;
/// The server gives a sign of life every twelve seconds: a stream that is silent for much longer is dead, however open it
/// looks.
const SILENT_MS: f64 = 20_000.0;
/// An answer to the asking itself comes at once. What was asked over a connection that is dead gets none: asked again it
/// goes over another. A browser has six, which may all have died.
const ASKED_MS: f64 = 4_000.0;
const CONNECTIONS: u32 = 6;
/// A stream that was refused is asked for again after at most this, then twice as long each time.
const FIRST_WAIT_MS: u32 = 1_000;
const LONGEST_WAIT_MS: u32 = 30_000;
/// The clocks of two computers differ by what a message takes; less than this is no news.
const SAME_MS: i64 = 250;

/// Follows an office's stream from where the desk was read, as long as the component lives. A hidden tab does not: it
/// catches up when it is looked at again.
pub fn follow(live: Live, office: &str, desk: &Desk) {
    let now = desk.now;
    live.now.set(now);
    // not the time that the page has run: that stands still while the computer sleeps
    live.apart.set(now - js_sys::Date::now() as i64);
    let stream = Stream::new(live, office, desk);
    stream.open();
    let tick = {
        let stream = stream.clone();
        move || {
            if let Some(apart) = live.apart.try_get_untracked().filter(|_| !document().hidden()) {
                live.now.set(js_sys::Date::now() as i64 + apart);
            }
            stream.listen();
        }
    };
    let ticking = Interval::new(CLOCK_STEP_MS, tick.clone());
    let looked_at = {
        let stream = stream.clone();
        listener(move |_: Event| {
            stream.close();
            if !document().hidden() {
                stream.open();
                tick();
            }
        })
    };
    // a browser without addEventListener has no event streams either
    let _ =
        document().add_event_listener_with_callback("visibilitychange", looked_at.as_ref().unchecked_ref());
    let kept = StoredValue::new_local((stream, ticking));
    on_cleanup(move || {
        let _ = document()
            .remove_event_listener_with_callback("visibilitychange", looked_at.as_ref().unchecked_ref());
        kept.with_value(|(stream, _)| stream.close());
        kept.dispose();
    });
}

/// An office's event stream: open, or waiting to be opened again.
struct Stream {
    live: Live,
    /// Whose pages can share it: of this office, this person and this language.
    what: String,
    url: String,
    zone: String,
    /// The last event that was told.
    last: Cell<i64>,
    /// The last notice of jobs and downtimes that was told.
    notice: Cell<u64>,
    /// When something was heard last, or it was asked for.
    heard: Cell<f64>,
    /// How often it was asked for since something was heard.
    asked: Cell<u32>,
    /// What came since the last frame.
    frame: Rc<RefCell<Vec<LiveChange>>>,
    hear: Heard,
    sharing: Sharing,
    open: RefCell<Option<Source>>,
    /// Attempts since it was last open.
    failed: Cell<u32>,
    later: RefCell<Option<Timeout>>,
}

impl Stream {
    fn new(live: Live, office: &str, desk: &Desk) -> Rc<Self> {
        let zone = desk.offices.iter().find(|o| o.code == office);
        let language = document()
            .document_element()
            .and_then(|root| root.get_attribute("lang"));
        Rc::new_cyclic(|this: &std::rc::Weak<Self>| {
            let (stream, again) = (this.clone(), this.clone());
            let hear: Heard = Rc::new(move |name: &str, data: &str| {
                if let Some(stream) = stream.upgrade() {
                    stream.hear(name, data);
                }
            });
            let alone = move || {
                if let Some(stream) = again.upgrade() {
                    stream.open();
                }
            };
            Self {
                live,
                what: format!("{office} {} {}", desk.person, language.unwrap_or_default()),
                url: format!("/api/desk/live?office={office}"),
                zone: zone.map(|o| o.zone.clone()).unwrap_or_default(),
                last: Cell::new(desk.seq),
                notice: Cell::new(desk.notice),
                heard: Cell::default(),
                asked: Cell::default(),
                frame: Rc::default(),
                sharing: Sharing::new(hear.clone(), alone),
                hear,
                open: RefCell::default(),
                failed: Cell::new(0),
                later: RefCell::default(),
            }
        })
    }

    fn close(&self) {
        self.later.take();
        if let Some(source) = self.open.take() {
            source.close();
        }
    }

    fn open(&self) {
        // closed first: two streams at once would tell everything twice
        self.close();
        self.heard.set(js_sys::Date::now());
        self.asked.set(self.asked.get() + 1);
        let from = Since {
            what: self.what.clone(),
            url: self.url.clone(),
            after: self.last.get(),
            notice: self.notice.get(),
        };
        self.open.replace(self.sharing.open(&from, &self.hear));
    }

    /// Something was heard: nothing else comes over a stream.
    fn hear(self: &Rc<Self>, name: &str, data: &str) {
        if self.open.borrow().is_none() {
            // said before it was closed
            return;
        }
        let live = self.live;
        if name == "error" {
            return self.broke();
        }
        self.heard.set(js_sys::Date::now());
        self.asked.set(0);
        self.failed.set(0);
        if live.link.get_untracked() != Link::On {
            live.link.set(Link::On);
        }
        match name {
            "task" => self.changed(data),
            "reset" => {
                live.stale.update(|n| *n += 1);
                live.recount.update(|n| *n += 1);
            }
            "jobs" => self.noticed(data, live.jobs),
            "downtime" => self.noticed(data, live.downtime),
            "clock" => {
                let apart = data.parse().map(|now: i64| now - js_sys::Date::now() as i64);
                if let Ok(apart) = apart
                    && (apart - live.apart.get_untracked()).abs() > SAME_MS
                {
                    live.apart.set(apart);
                }
            }
            _ => {}
        }
    }

    fn changed(&self, data: &str) {
        let Ok(change) = serde_json::from_str::<LiveChange>(data) else {
            return;
        };
        self.last.set(self.last.get().max(change.row.seq));
        let waiting = !self.frame.borrow().is_empty();
        self.frame.borrow_mut().push(change);
        if !waiting {
            let (live, frame) = (self.live, self.frame.clone());
            request_animation_frame(move || live.apply(frame.take()));
        }
    }

    fn noticed(&self, data: &str, times: RwSignal<u32>) {
        if let Ok(notice) = data.parse() {
            self.notice.set(notice);
        }
        times.update(|n| *n += 1);
    }

    /// Whether there has been a sign of life. A stream that is dead may look open for as long as the computer waits for
    /// what it was sending.
    fn listen(self: &Rc<Self>) {
        let patience = match self.asked.get() {
            0 => SILENT_MS,
            ..=CONNECTIONS => ASKED_MS,
            _ => SILENT_MS,
        };
        let silent = js_sys::Date::now() - self.heard.get() > patience;
        if silent && self.open.borrow().is_some() {
            self.off();
            self.open();
        }
    }

    fn off(&self) {
        if !matches!(self.live.link.get_untracked(), Link::Off(_)) {
            self.live.link.set(Link::Off(clock(self.heard.get(), &self.zone)));
        }
    }

    /// A connection that breaks is the browser's to open again, or the sharing's. An answer that is no stream, as of a
    /// proxy whose server restarts, ends it for good: then it is opened here, each time later, so that a thousand pages
    /// do not come back at once.
    fn broke(self: &Rc<Self>) {
        self.off();
        if !self.open.borrow().as_ref().is_some_and(Source::is_over) {
            return;
        }
        let failed = self.failed.get();
        self.failed.set(failed + 1);
        let most = (FIRST_WAIT_MS << failed.min(10)).min(LONGEST_WAIT_MS);
        let wait = f64::from(most) * (0.5 + js_sys::Math::random() / 2.0);
        let stream = Rc::downgrade(self);
        let again = Timeout::new(wait as u32, move || {
            if let Some(stream) = stream.upgrade() {
                // its own handle: dropping it would call it off, but it is under way
                if let Some(this) = stream.later.take() {
                    this.forget();
                }
                stream.open();
            }
        });
        self.later.replace(Some(again));
    }
}

/// A moment as the office's clocks show it.
fn clock(at: f64, zone: &str) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("hour", "2-digit"), ("minute", "2-digit"), ("timeZone", zone)] {
        if !value.is_empty() {
            // a field of an object of ours can be set
            let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
        }
    }
    let at = js_sys::Date::new(&JsValue::from_f64(at));
    String::from(at.to_locale_string("en-GB", &options))
}
