//! The event stream of the office that is looked at (S3): one for the tab, as long as it can be seen.

use super::listener;
use crate::live::{Link, Live};
use domain::view::{Desk, LiveChange};
use gloo_timers::callback::{Interval, Timeout};
use leptos::{prelude::*, web_sys::js_sys};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::JsCast;
use web_sys::{Event, EventSource, MessageEvent};

const CLOCK_STEP_MS: u32 = 5_000;
/// A stream that was refused is asked for again after at most this, then twice as long each time.
const FIRST_WAIT_MS: u32 = 1_000;
const LONGEST_WAIT_MS: u32 = 30_000;

/// Follows an office's stream from where the desk was read, as long as the component lives. A hidden tab does not: it
/// catches up when it is looked at again.
pub fn follow(live: Live, office: &str, desk: &Desk) {
    let now = desk.now;
    live.now.set(now);
    // not the time that the page has run: that stands still while the computer sleeps
    live.apart.set(now - js_sys::Date::now() as i64);
    let tick = move || {
        if let Some(apart) = live.apart.try_get_untracked() {
            live.now.set(js_sys::Date::now() as i64 + apart);
        }
    };
    let ticking = Interval::new(CLOCK_STEP_MS, tick);
    let stream = Rc::new(Stream {
        live,
        office: office.to_owned(),
        last: Cell::new(desk.seq),
        notice: Cell::new(desk.notice),
        open: RefCell::default(),
        failed: Cell::new(0),
        later: RefCell::default(),
    });
    stream.open();
    let looked_at = {
        let stream = stream.clone();
        listener(move |_: Event| {
            stream.close();
            if !document().hidden() {
                tick();
                stream.open();
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
    office: String,
    /// The last event that was told.
    last: Cell<i64>,
    /// The last notice of jobs and downtimes that was told.
    notice: Cell<u64>,
    open: RefCell<Option<EventSource>>,
    /// Attempts since it was last open.
    failed: Cell<u32>,
    later: RefCell<Option<Timeout>>,
}

impl Stream {
    fn close(&self) {
        self.later.take();
        if let Some(source) = self.open.take() {
            source.close();
        }
    }

    fn open(self: &Rc<Self>) {
        // closed first: two streams at once would tell everything twice
        self.close();
        let (office, after, notice) = (&self.office, self.last.get(), self.notice.get());
        let url = format!("/api/desk/live?office={office}&after={after}&notice={notice}");
        let Ok(source) = EventSource::new(&url) else {
            return;
        };
        let live = self.live;
        let frame = Rc::new(RefCell::new(Vec::<LiveChange>::new()));
        let stream = Rc::downgrade(self);
        let on_change = listener(move |e: MessageEvent| {
            let change = e
                .data()
                .as_string()
                .and_then(|d| serde_json::from_str::<LiveChange>(&d).ok());
            let (Some(change), Some(stream)) = (change, stream.upgrade()) else {
                return;
            };
            stream.last.set(stream.last.get().max(change.row.seq));
            let waiting = !frame.borrow().is_empty();
            frame.borrow_mut().push(change);
            if !waiting {
                let frame = frame.clone();
                request_animation_frame(move || {
                    let changes = frame.take();
                    live.apply(changes);
                });
            }
        });
        let stream = Rc::downgrade(self);
        let on_open = listener(move |_: Event| {
            live.link.set(Link::On);
            if let Some(stream) = stream.upgrade() {
                stream.failed.set(0);
            }
        });
        let on_reset = listener(move |_: Event| live.stale.update(|n| *n += 1));
        let noticed = |times: RwSignal<u32>| {
            let stream = Rc::downgrade(self);
            listener(move |e: MessageEvent| {
                let notice = e.data().as_string().and_then(|d| d.parse::<u64>().ok());
                if let (Some(notice), Some(stream)) = (notice, stream.upgrade()) {
                    stream.notice.set(notice);
                }
                times.update(|n| *n += 1);
            })
        };
        let (on_jobs, on_downtime) = (noticed(live.jobs), noticed(live.downtime));
        let on_clock = listener(move |e: MessageEvent| {
            let said = e.data().as_string().and_then(|d| d.parse::<i64>().ok());
            if let Some(now) = said {
                live.apart.set(now - js_sys::Date::now() as i64);
            }
        });
        let stream = Rc::downgrade(self);
        let on_error = listener(move |_: Event| {
            if let Some(stream) = stream.upgrade() {
                stream.broke();
            }
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        for (name, f) in [
            ("task", &on_change),
            ("reset", &on_reset),
            ("jobs", &on_jobs),
            ("downtime", &on_downtime),
            ("clock", &on_clock),
        ] {
            // as above
            let _ = source.add_event_listener_with_callback(name, f.as_ref().unchecked_ref());
        }
        self.open.replace(Some(source));
    }

    /// A connection that breaks is the browser's to open again. An answer that is no stream, as of a proxy whose
    /// server restarts, ends it for good: then it is opened here, each time later, so that a thousand pages do not
    /// come back at once.
    fn broke(self: &Rc<Self>) {
        if !matches!(self.live.link.get_untracked(), Link::Off(_)) {
            self.live.link.set(Link::Off(clock()));
        }
        let over = |s: &EventSource| s.ready_state() == EventSource::CLOSED;
        if !self.open.borrow().as_ref().is_some_and(over) {
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

fn clock() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}
