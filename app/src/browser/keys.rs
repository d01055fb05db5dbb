//! Keys that are shortcuts, and the buttons that they press (C8, S4).

use gloo_timers::callback::Timeout;
use leptos::{prelude::*, web_sys::js_sys};
use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent};

/// A key waits at most so long for what it is meant for, and looks this often.
const LONGEST_PRESS_MS: u32 = 5_000;
const PRESS_STEP_MS: u32 = 50;

/// Calls `f` with each key, and whether Shift is down, pressed outside fields and dialogs, as long as the component lives.
pub fn on_key(f: impl Fn(&str, bool) + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, move |e: KeyboardEvent| {
        let is_letter = e.key().chars().count() == 1;
        let wanted = !e.ctrl_key() && !e.alt_key() && !e.meta_key() && !in_field(&e);
        if wanted && (!is_letter || letters_are_shortcuts()) {
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

/// As [`press`], once `ready` says so: what a key is meant for may still be on its way. `None` calls it off.
pub fn press_when(key: &str, shift: bool, ready: impl Fn() -> Option<bool> + 'static) {
    wait_and_press(key.to_owned(), shift, ready, 0);
}

fn wait_and_press(key: String, shift: bool, ready: impl Fn() -> Option<bool> + 'static, waited: u32) {
    match ready() {
        Some(true) => press(&key, shift),
        Some(false) if waited < LONGEST_PRESS_MS => {
            Timeout::new(PRESS_STEP_MS, move || {
                wait_and_press(key, shift, ready, waited + PRESS_STEP_MS)
            })
            .forget();
        }
        _ => {}
    }
}

/// Calls `f` when Ctrl K, or Cmd K on a Mac, is pressed anywhere, fields and dialogs included.
pub fn on_search_key(f: impl Fn() + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, move |e: KeyboardEvent| {
        if (e.ctrl_key() || e.meta_key())
            && !e.alt_key()
            && !e.shift_key()
            && e.key().eq_ignore_ascii_case("k")
        {
            e.prevent_default();
            f();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Keeps the key that is being handled from being typed, and from whoever listens after this.
pub fn keep_key() {
    let now = js_sys::Reflect::get(&window(), &"event".into()).ok();
    if let Some(e) = now.and_then(|e| e.dyn_into::<Event>().ok()) {
        e.prevent_default();
        e.stop_immediate_propagation();
    }
}

/// The buttons of the page that have a shortcut, as they stand: what they say, and their keys.
pub fn commands() -> Vec<(String, String)> {
    let Ok(found) = document().query_selector_all("#main [aria-keyshortcuts]:not([disabled])") else {
        return vec![];
    };
    let mut commands: Vec<(String, String)> = vec![];
    for n in 0..found.length() {
        let button = found
            .get(n)
            .and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok());
        // what is folded away is no command now
        let Some(button) = button.filter(|b| b.offset_parent().is_some()) else {
            continue;
        };
        let keys = button.get_attribute("aria-keyshortcuts").unwrap_or_default();
        if !keys.is_empty() && commands.iter().all(|(_, k)| *k != keys) {
            commands.push((words_of(&button), keys));
        }
    }
    commands
}

/// What a button says, without the key drawn on it.
fn words_of(button: &web_sys::HtmlElement) -> String {
    let said = button
        .get_attribute("aria-label")
        .or_else(|| button.text_content())
        .unwrap_or_default();
    let drawn = button.query_selector("kbd").ok().flatten();
    let key = drawn.and_then(|k| k.text_content()).unwrap_or_default();
    let said = said.trim();
    said.strip_suffix(key.trim()).unwrap_or(said).trim().to_owned()
}

/// Single letters are shortcuts, unless the reader has switched them off (WCAG 2.1.4).
fn letters_are_shortcuts() -> bool {
    let cookies = js_sys::Reflect::get(&document(), &"cookie".into()).ok();
    let off = format!("{}=off", crate::SHORTCUTS_COOKIE);
    !cookies
        .and_then(|c| c.as_string())
        .is_some_and(|c| c.split("; ").any(|c| c == off))
}

/// The key is typed into something. A box to tick takes no letters, a choice of one only the arrows.
fn in_field(e: &KeyboardEvent) -> bool {
    let target = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let ticks = if e.key().chars().count() == 1 {
        "input:not([type=checkbox], [type=radio])"
    } else {
        "input:not([type=checkbox])"
    };
    target.is_some_and(|t| {
        t.closest(&format!("{ticks}, textarea, select, dialog"))
            .is_ok_and(|found| found.is_some())
    })
}
