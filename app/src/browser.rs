//! What only a browser has: the event stream, the clipboard, keys. [`crate::no_browser`] stands in on the server.
use crate::live::{Link, Live};
use domain::{Language, view::LiveChange};
use gloo_timers::callback::Interval;
use leptos::{prelude::*, web_sys::js_sys};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, KeyboardEvent, MessageEvent};

const CLOCK_STEP_MS: u32 = 5_000;

/// Follows an office's stream from event `seq` on, as long as the component lives.
pub fn follow(live: Live, office: &str, seq: i64, now: i64) {
    live.now.set(now);
    let Ok(source) = EventSource::new(&format!("/api/desk/live?office={office}&after={seq}")) else {
        return;
    };
    let on_change = listener(move |e: MessageEvent| {
        if let Some(change) = e
            .data()
            .as_string()
            .and_then(|d| serde_json::from_str::<LiveChange>(&d).ok())
        {
            live.apply(change);
        }
    });
    let on_open = listener(move |_: Event| live.link.set(Link::On));
    let on_reset = listener(move |_: Event| live.stale.update(|n| *n += 1));
    let on_error = listener(move |_: Event| {
        if matches!(live.link.get_untracked(), Link::On) {
            live.link.set(Link::Off(clock()));
        }
    });
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    for (name, f) in [("task", &on_change), ("reset", &on_reset)] {
        // a browser without addEventListener has no event streams either
        let _ = source.add_event_listener_with_callback(name, f.as_ref().unchecked_ref());
    }
    let started = performance_now();
    let ticking = Interval::new(CLOCK_STEP_MS, move || {
        live.now.set(now + (performance_now() - started) as i64)
    });
    let kept = StoredValue::new_local((on_change, on_open, on_reset, on_error, ticking));
    on_cleanup(move || {
        source.close();
        kept.dispose();
    });
}

/// Puts `text` on the clipboard.
pub fn copy(text: &str) {
    // not every page has a clipboard (plain http): the value stays readable
    let _ = window().navigator().clipboard().write_text(text);
}

/// Keeps the chosen language for the next page that this browser asks for.
pub fn remember_language(language: Language) {
    let cookie = format!(
        "{}={}; path=/; max-age=31536000; samesite=lax",
        crate::LANGUAGE_COOKIE,
        language.tag()
    );
    // a browser that keeps no cookies asks again next time
    let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}

/// Calls `f` with each key, and whether Shift is down, pressed outside fields and dialogs, as long as the component lives.
pub fn on_key(f: impl Fn(&str, bool) + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, move |e: KeyboardEvent| {
        if !e.ctrl_key() && !e.alt_key() && !e.meta_key() && !in_field(&e) {
            f(&e.key(), e.shift_key());
        }
    });
    on_cleanup(move || handle.remove());
}

/// Presses the button on the page that names this key as its shortcut.
pub fn press(key: &str, shift: bool) {
    let key = key.to_uppercase();
    // only plain characters can be a shortcut; anything else would not be a selector either
    if key.len() != 1 || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') {
        return;
    }
    let shift = if shift { "Shift+" } else { "" };
    let button = document().query_selector(&format!("[aria-keyshortcuts='{shift}{key}']:not([disabled])"));
    if let Some(button) = button
        .ok()
        .flatten()
        .and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok())
    {
        button.click();
    }
}

fn in_field(e: &KeyboardEvent) -> bool {
    let target = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| {
        t.closest("input, textarea, select, dialog")
            .is_ok_and(|found| found.is_some())
    })
}

fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    f: impl FnMut(E) + 'static,
) -> wasm_bindgen::JsValue {
    Closure::<dyn FnMut(E)>::new(f).into_js_value()
}

fn performance_now() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

fn clock() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}
