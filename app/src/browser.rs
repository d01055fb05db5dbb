//! What only a browser has: the event stream, the clipboard, keys. [`crate::no_browser`] stands in on the server.
#[path = "browser/drafts.rs"]
mod drafts;
#[path = "browser/early.rs"]
mod early;
#[path = "browser/sending.rs"]
mod sending;
pub use drafts::{closed, draft, forget_draft, put_back, watch_typing};
pub use early::note_early;
pub use sending::send_form;

use crate::live::{Link, Live};
use domain::{
    Language,
    view::{Desk, LiveChange, people::Taste},
};
use gloo_timers::callback::{Interval, Timeout};
use leptos::{prelude::*, web_sys::js_sys};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, EventSource, KeyboardEvent, MessageEvent};

const CLOCK_STEP_MS: u32 = 5_000;
/// A stream that was refused is asked for again after at most this, then twice as long each time.
const FIRST_WAIT_MS: u32 = 1_000;
const LONGEST_WAIT_MS: u32 = 30_000;
/// A key waits at most so long for what it is meant for, and looks this often.
const LONGEST_PRESS_MS: u32 = 5_000;
const PRESS_STEP_MS: u32 = 50;

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

/// Puts `value` into a field as if it were typed; says whether the field was told.
fn type_into(field: &web_sys::Element, value: &str) -> bool {
    let _ = js_sys::Reflect::set(field, &"value".into(), &JsValue::from_str(value));
    tell(field, "input")
}

/// Tells a field what happened to it; says whether it was told.
fn tell(field: &web_sys::Element, event: &str) -> bool {
    let options = web_sys::EventInit::new();
    options.set_bubbles(true);
    Event::new_with_event_init_dict(event, &options).is_ok_and(|e| field.dispatch_event(&e).is_ok())
}

/// Tells whoever drives the browser that the page answers to keys and clicks.
pub fn say_ready() {
    // what is taken over now is there in the next frame
    request_animation_frame(early::put_early_back);
    if let Some(root) = document().document_element() {
        // an attribute of a name like this can always be set
        let _ = root.set_attribute("data-ready", "");
    }
}

/// The page's title as it stands, without the program's name.
pub fn title() -> String {
    let title = document().title();
    let page = title.strip_suffix("Nachtwacht").unwrap_or(&title);
    page.trim_end_matches(" · ").to_owned()
}

/// This computer's clock, milliseconds since 1970 UTC.
pub fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// Calls `f` every `ms` milliseconds as long as the component lives.
pub fn every(ms: u32, f: impl FnMut() + 'static) {
    let ticking = StoredValue::new_local(Interval::new(ms, f));
    on_cleanup(move || ticking.dispose());
}

/// Puts `text` on the clipboard.
pub fn copy(text: &str) {
    // not every page has a clipboard (plain http): the value stays readable
    let _ = window().navigator().clipboard().write_text(text);
}

/// Reads the file that was chosen in a field and hands over its name and text.
pub fn read_file(ev: &Event, f: impl FnOnce(String, String) + 'static) {
    let get = |of: &JsValue, key: &str| js_sys::Reflect::get(of, &JsValue::from_str(key)).unwrap_or_default();
    let Some(field) = ev.target() else { return };
    let file = get(&get(&field, "files"), "0");
    let name = get(&file, "name").as_string().unwrap_or_default();
    let Ok(text) = get(&file, "text").dyn_into::<js_sys::Function>() else {
        return;
    };
    let Some(text) = text
        .call0(&file)
        .ok()
        .and_then(|p| p.dyn_into::<js_sys::Promise>().ok())
    else {
        return;
    };
    let done = Closure::once(move |text: JsValue| f(name, text.as_string().unwrap_or_default()));
    // a file that cannot be read is none
    let _ = text.then(&done);
    done.forget();
}

/// What this browser keeps under a name.
pub fn kept(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a value under a name, in this browser only; an empty one is forgotten.
pub fn keep(name: &str, value: &str) {
    let Ok(Some(storage)) = window().local_storage() else {
        return;
    };
    // a full storage keeps less: what is kept here is a convenience
    let _ = if value.is_empty() {
        storage.remove_item(name)
    } else {
        storage.set_item(name, value)
    };
}

/// Keeps the chosen language for the next page that this browser asks for.
pub fn remember_language(language: Language) {
    remember(crate::LANGUAGE_COOKIE, language.tag());
}

/// Shows a theme at once, and keeps it and whether single letters are shortcuts for the next page.
pub fn remember_taste(taste: Taste) {
    if let Some(root) = document().document_element() {
        // an attribute of a name like this can always be set
        let _ = root.set_attribute("data-theme", taste.theme.key());
    }
    remember(crate::THEME_COOKIE, taste.theme.key());
    remember(
        crate::SHORTCUTS_COOKIE,
        if taste.shortcuts { "on" } else { "off" },
    );
}

fn remember(name: &str, value: &str) {
    let cookie = format!("{name}={value}; path=/; max-age=31536000; samesite=lax");
    // a browser that keeps no cookies asks again next time
    let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}

/// Single letters are shortcuts, unless the reader has switched them off (WCAG 2.1.4).
fn letters_are_shortcuts() -> bool {
    let cookies = js_sys::Reflect::get(&document(), &"cookie".into()).ok();
    let off = format!("{}=off", crate::SHORTCUTS_COOKIE);
    !cookies
        .and_then(|c| c.as_string())
        .is_some_and(|c| c.split("; ").any(|c| c == off))
}

/// Where the server leads, a whole new page is asked for: it leads whoever signs in or out, and language, theme and
/// keys are then another person's.
pub fn lead_anew() {
    // before the router sets its own, which would stay on this page
    _ = leptos::server_fn::redirect::set_redirect_hook(|path| _ = window().location().assign(path));
}

/// Scheme, host and port of this page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

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

/// Clicks the first element that `selector` names; says whether there is one.
pub fn click(selector: &str) -> bool {
    let found = first(selector);
    if let Some(found) = &found {
        found.click();
    }
    found.is_some()
}

/// No field, button or link has the focus.
pub fn nothing_focused() -> bool {
    document()
        .active_element()
        .is_none_or(|e| e.tag_name() == "BODY" || e.id() == "main")
}

/// Puts the focus on the first element that `selector` names.
pub fn focus(selector: &str) {
    if let Some(found) = first(selector) {
        // an element that cannot have the focus leaves it where it is
        let _ = found.focus();
    }
}

thread_local! {
    /// The focus goes to the panel when what it shows has come.
    static ARRIVING: Cell<Arriving> = const { Cell::new(Arriving::Nobody) };
}

/// Who waits for what a panel shows.
#[derive(Clone, Copy, PartialEq)]
enum Arriving {
    Nobody,
    /// Somebody who pressed a button in it: what comes takes the button's place, and the focus would be nowhere.
    OfButton,
    /// Somebody who opened it by the keyboard.
    OfLink,
}

/// A click that only means what it was made on: not one that asks for a new tab or a download.
pub fn is_plain(ev: &web_sys::MouseEvent) -> bool {
    let held = ev.meta_key() || ev.alt_key() || ev.ctrl_key() || ev.shift_key();
    !held && ev.button() == 0
}

/// The line of `what` in a list was pressed. By the keyboard the focus goes on to the heading of the panel that it
/// opens, and need not walk through the rest of the list.
pub fn lead_to_panel(ev: &web_sys::MouseEvent, what: &str) {
    // a key that presses a link is no click of a mouse
    if ev.detail() == 0 {
        to_panel(what);
    }
}

/// The focus goes to the heading of the panel: at once where it shows `what`, or else with what it shows next, for it may
/// still show what was chosen before.
pub fn to_panel(what: &str) {
    if shown_in_panel(what) {
        focus("#detail h2");
        // it may be shown anew, and the heading with it
        stay_in_panel();
    } else {
        ARRIVING.set(Arriving::OfLink);
    }
}

/// Whether the panel shows `what`, by its `data-shown`.
pub fn shown_in_panel(what: &str) -> bool {
    first("#detail [data-shown]").is_some_and(|e| e.get_attribute("data-shown").is_some_and(|w| w == what))
}

/// Something in the panel was pressed: the focus stays in the panel when it is shown anew.
pub fn stay_in_panel() {
    ARRIVING.set(Arriving::OfButton);
}

/// What a panel shows has come: whoever waits for it has the focus on its heading, which `selector` names.
pub fn arrive(selector: &str) {
    let who = ARRIVING.replace(Arriving::Nobody);
    if who == Arriving::Nobody {
        return;
    }
    let selector = selector.to_owned();
    // what has come is put into the page only after this
    request_animation_frame(move || {
        if who == Arriving::OfLink || nothing_focused() {
            focus(&selector);
            // it may be shown anew again, and the heading with it
            stay_in_panel();
        }
    });
}

/// Another thing is shown in the panel: it is read from its beginning.
pub fn rewind_panel() {
    if let Some(panel) = first("#detail") {
        panel.set_scroll_top(0);
    }
}

/// The panel is closed: the focus goes back to the line that opened it, unless it is elsewhere already.
pub fn leave_panel(line: &str) {
    let inside = document().active_element().is_some_and(|e| {
        e.closest("#detail, header.top a.back")
            .is_ok_and(|found| found.is_some())
    });
    if inside || nothing_focused() {
        focus(line);
    }
}

/// Scrolls the first element that `selector` names into view, no further than needed.
pub fn reveal(selector: &str) {
    let how = web_sys::ScrollIntoViewOptions::new();
    how.set_block(web_sys::ScrollLogicalPosition::Nearest);
    if let Some(found) = first(selector) {
        found.scroll_into_view_with_scroll_into_view_options(&how);
    }
}

/// As [`reveal`], once what is drawn now is in the page.
pub fn reveal_next(selector: &str) {
    let selector = selector.to_owned();
    request_animation_frame(move || reveal(&selector));
}

/// Calls `f` when an element comes within a window's height of the window (`true`) or leaves it (`false`), with its
/// height in pixels, as long as the component lives.
pub fn on_near(element: NodeRef<leptos::html::Ul>, f: impl Fn(bool, i32) + 'static) {
    let seen = listener(move |entries: js_sys::Array| {
        // the last one is how it is now
        let entry: Option<web_sys::IntersectionObserverEntry> = entries.pop().dyn_into().ok();
        if let Some((entry, element)) = entry.zip(element.get_untracked()) {
            f(entry.is_intersecting(), element.offset_height());
        }
    });
    let around = web_sys::IntersectionObserverInit::new();
    around.set_root_margin("100% 0px");
    let observer = web_sys::IntersectionObserver::new_with_options(seen.unchecked_ref(), &around);
    // a browser that cannot observe draws what it draws first
    let Ok(observer) = observer else { return };
    let kept = StoredValue::new_local(observer);
    element.on_load(move |element| kept.with_value(|o| o.observe(&element)));
    on_cleanup(move || {
        kept.with_value(web_sys::IntersectionObserver::disconnect);
        kept.dispose();
    });
}

/// Sets a style of an element; an empty one is taken away.
pub fn set_style(element: NodeRef<leptos::html::Ul>, name: &str, value: &str) {
    if let Some(element) = element.get_untracked() {
        // a value that is none leaves the style as it was
        let _ = web_sys::HtmlElement::style(&element).set_property(name, value);
    }
}

/// Whether the focus is within an element.
pub fn has_focus(element: NodeRef<leptos::html::Ul>) -> bool {
    let active = document().active_element();
    let around = element.get_untracked();
    around
        .zip(active)
        .is_some_and(|(around, it)| around.contains(Some(&it)))
}

/// Calls `f` before the page is printed (`true`) and after (`false`), as long as the component lives.
pub fn on_print(f: impl Fn(bool) + Clone + 'static) {
    for (event, printing) in [("beforeprint", true), ("afterprint", false)] {
        let f = f.clone();
        let handle = window_event_listener_untyped(event, move |_| f(printing));
        on_cleanup(move || handle.remove());
    }
}

fn first(selector: &str) -> Option<web_sys::HtmlElement> {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|e| e.dyn_into().ok())
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

fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    f: impl FnMut(E) + 'static,
) -> wasm_bindgen::JsValue {
    Closure::<dyn FnMut(E)>::new(f).into_js_value()
}

fn clock() -> String {
    let now = js_sys::Date::new_0();
    format!("{:02}:{:02}", now.get_hours(), now.get_minutes())
}
