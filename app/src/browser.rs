//! What only a browser has: the event stream, the clipboard, keys. [`crate::no_browser`] stands in on the server.
#[path = "browser/drafts.rs"]
mod drafts;
#[path = "browser/early.rs"]
mod early;
#[path = "browser/keys.rs"]
mod keys;
#[path = "browser/panel.rs"]
mod panel;
#[path = "browser/sending.rs"]
mod sending;
#[path = "browser/source.rs"]
mod source;
#[path = "browser/stream.rs"]
mod stream;
#[path = "browser/words.rs"]
mod words;
pub use drafts::{closed, draft, forget_draft, has_draft, put_back, watch_typing};
pub use early::note_early;
pub use keys::{commands, keep_key, on_key, on_search_key, press, press_when};
pub use panel::{
    arrive, is_plain, lead_to_panel, leave_panel, rewind_panel, shown_in_panel, stay_in_panel, to_panel,
};
pub use sending::send_form;
pub use stream::follow;
pub use words::{ask_words, fetch_words, language, mark_language, with_words};

use domain::Language;
use gloo_timers::callback::Interval;
use leptos::{prelude::*, web_sys::js_sys};
use views::people::Taste;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::Event;

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

/// Does `f` once the page lives and the browser has nothing else to do.
pub fn when_idle(f: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        // not every browser says when it is idle
        if request_idle_callback_with_handle(f).is_err() {
            f();
        }
    });
}

/// Whether a part of the program came with the page.
pub fn comes_with(part: &str) -> bool {
    let link = document().query_selector(&format!("link[rel=preload][href$='/{part}.wasm']"));
    link.is_ok_and(|link| link.is_some())
}

/// The time zone of this computer, as people name it; empty where it cannot be said.
pub fn time_zone() -> String {
    let options =
        js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    let zone = js_sys::Reflect::get(&options, &"timeZone".into());
    zone.ok().and_then(|z| z.as_string()).unwrap_or_default()
}

/// Whether the desk has somebody of Support, as the page said when it was loaded.
pub fn supported() -> bool {
    let root = document().document_element();
    root.is_none_or(|r| !r.has_attribute("data-no-support"))
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

/// Somebody may be looking at the page: its tab is not hidden.
pub fn is_seen() -> bool {
    !document().hidden()
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

/// Where the server leads, a whole new page is asked for: it leads whoever signs in or out, and language, theme and
/// keys are then another person's.
pub fn lead_anew() {
    // before the router sets its own, which would stay on this page
    _ = leptos::server_fn::redirect::set_redirect_hook(|path| _ = window().location().assign(path));
}

/// Leads to an address that is not of this program: a whole page is asked for.
pub fn leave(path: &str) {
    // a browser that does not go leaves the page as it is, which does nothing any more
    let _ = window().location().assign(path);
}

/// Scheme, host and port of this page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
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

fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    f: impl FnMut(E) + 'static,
) -> wasm_bindgen::JsValue {
    Closure::<dyn FnMut(E)>::new(f).into_js_value()
}
