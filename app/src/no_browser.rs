//! Stands in for [`crate::browser`] where there is none: on the server nothing is followed, copied or pressed.

use crate::live::Live;
use domain::Language;
use leptos::prelude::*;

/// Sets the clock that relative times are told from.
pub fn follow(live: Live, _office: &str, desk: &views::Desk) {
    live.now.set(desk.now);
}

/// The page's own, which only a request says.
pub fn language() -> Language {
    Language::default()
}

/// Nothing: the document says it.
pub fn mark_language(_l: Language) {}

/// The words of a language: the server has them all.
pub fn ask_words(l: Language, _file: String) {
    let files = [
        include_str!(concat!(env!("OUT_DIR"), "/en.txt")),
        include_str!(concat!(env!("OUT_DIR"), "/nl.txt")),
        include_str!(concat!(env!("OUT_DIR"), "/nb.txt")),
        include_str!(concat!(env!("OUT_DIR"), "/da.txt")),
        include_str!(concat!(env!("OUT_DIR"), "/fr.txt")),
    ];
    words::learn(l as usize, files[l as usize]);
}

/// Nothing: nobody chooses a language here.
pub fn with_words(_l: Language, _file: String, _then: impl FnOnce() + 'static) {}

/// Nothing: the server leads by its answer.
pub fn leave(_path: &str) {}

/// Empty.
pub fn origin() -> String {
    String::new()
}

/// Empty: the browser knows its own.
pub fn time_zone() -> String {
    String::new()
}

/// The server asks the desk.
pub fn supported() -> bool {
    true
}

/// None yet: each page says its own.
pub fn title() -> String {
    String::new()
}

/// Nothing: the server's page does not answer yet.
pub fn say_ready() {}

/// Nothing: the server's page does not live.
pub fn when_idle(_f: impl Fn() + Copy + 'static) {}

/// Nothing.
pub fn every(_ms: u32, _f: impl FnMut() + 'static) {}

/// Nothing.
pub fn send_form(
    _form: &leptos::web_sys::HtmlElement,
    _to: &str,
    _f: impl FnOnce(Result<String, Option<String>>) + 'static,
) {
}

/// 0: the server's page is drawn by the server's clock.
pub fn now() -> i64 {
    0
}

/// Nobody looks at the server's page.
pub fn is_seen() -> bool {
    false
}

/// Nothing.
pub fn watch_typing(_person: i64) {}

/// Nothing.
pub fn closed() {}

/// No.
pub fn has_draft() -> bool {
    false
}

/// None.
pub fn draft(_person: i64) -> Option<crate::live::Draft> {
    None
}

/// Nothing.
pub fn forget_draft() {}

/// Nowhere.
pub fn put_back(_draft: &crate::live::Draft) -> bool {
    false
}

/// Nothing.
pub fn copy(_text: &str) {}

/// Nothing.
pub fn read_file(_ev: &leptos::ev::Event, _f: impl FnOnce(String, String) + 'static) {}

/// Nothing.
pub fn kept(_name: &str) -> Option<String> {
    None
}

/// Nothing.
pub fn keep(_name: &str, _value: &str) {}

/// Nothing.
pub fn remember_language(_language: domain::Language) {}

/// Nothing.
pub fn remember_taste(_taste: views::people::Taste) {}

/// Nothing.
pub fn on_key(_f: impl Fn(&str, bool) + 'static) {}

/// Nothing.
pub fn press(_key: &str, _shift: bool) {}

/// Nothing.
pub fn on_search_key(_f: impl Fn() + 'static) {}

/// Nothing.
pub fn keep_key() {}

/// None.
pub fn commands() -> Vec<(String, String)> {
    vec![]
}

/// Nothing.
pub fn click(_selector: &str) -> bool {
    false
}

/// Nothing.
pub fn focus(_selector: &str) {}

/// Nothing.
pub fn reveal(_selector: &str) {}

/// Nothing has the focus.
pub fn nothing_focused() -> bool {
    true
}

/// Nothing: no keys here.
pub fn press_when(_key: &str, _shift: bool, _ready: impl Fn() -> Option<bool> + 'static) {}

/// Nothing: the server's page is not pressed.
pub fn is_plain(_ev: &leptos::ev::MouseEvent) -> bool {
    false
}

/// Nothing.
pub fn lead_to_panel(_ev: &leptos::ev::MouseEvent, _what: &str) {}

/// Nothing.
pub fn to_panel(_what: &str) {}

/// Nothing is shown.
pub fn shown_in_panel(_what: &str) -> bool {
    false
}

/// Nothing.
pub fn stay_in_panel() {}

/// Nothing.
pub fn arrive(_selector: &str) {}

/// Nothing.
pub fn leave_panel(_line: &str) {}

/// Nothing.
pub fn rewind_panel() {}

/// Nothing.
pub fn reveal_next(_selector: &str) {}

/// Nothing comes near a window here.
pub fn on_near(_element: leptos::prelude::NodeRef<leptos::html::Ul>, _f: impl Fn(bool, i32) + 'static) {}

/// Nothing.
pub fn set_style(_element: leptos::prelude::NodeRef<leptos::html::Ul>, _name: &str, _value: &str) {}

/// Nothing has the focus.
pub fn has_focus(_element: leptos::prelude::NodeRef<leptos::html::Ul>) -> bool {
    false
}

/// Nothing.
pub fn on_print(_f: impl Fn(bool) + Clone + 'static) {}
