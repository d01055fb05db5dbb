//! What is typed, chosen and pressed while the page can be read already and does not answer yet. Taking the page over sets
//! each field to what the page knows of it: what was typed is put back after that, as if it were typed then. What was
//! chosen, and the button that was pressed last, `early.js` keeps, which comes with the page.

use super::{listener, tell, type_into};
use leptos::{prelude::*, web_sys::js_sys};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, KeyboardEvent};

const FIELDS: &str = "textarea, input:not([type=checkbox], [type=radio], [type=file], [type=hidden])";

/// Fields, and what was typed into each last.
type Typed = Vec<(Element, String)>;

thread_local! {
    static EARLY: RefCell<Option<(Typed, WindowListenerHandle)>> = const { RefCell::new(None) };
}

/// From now on what is typed is noted, until the page answers.
pub fn note_early() {
    let mut typed = vec![];
    // typed before this program came: of other fields that hold something else than the page says, the browser filled
    // them in when it came back to the page
    if let Some(field) = document().active_element().filter(is_field) {
        let (value, given) = (text(&field, "value"), text(&field, "defaultValue"));
        if value != given {
            typed.push((field, value));
        }
    }
    let listening = window_event_listener(leptos::ev::input, |e| {
        let field = e
            .target()
            .and_then(|t| t.dyn_into::<Element>().ok())
            .filter(is_field);
        let Some(field) = field else { return };
        let value = text(&field, "value");
        EARLY.with_borrow_mut(|early| {
            let Some((typed, _)) = early else { return };
            typed.retain(|(f, _)| *f != field);
            typed.push((field, value));
        });
    });
    EARLY.set(Some((typed, listening)));
}

/// The page answers: what was typed is put back where the page took it away, and what was chosen and pressed is done.
pub(super) fn put_early_back() {
    let Some((typed, listening)) = EARLY.take() else {
        return;
    };
    listening.remove();
    put_back(typed);
    let early = js_sys::Reflect::get(&window(), &"early".into());
    if let Ok(Some(early)) = early.map(|f| f.dyn_into::<js_sys::Function>().ok()) {
        // what goes wrong in the page's own handlers is told by them
        let _ = early.call0(&JsValue::UNDEFINED);
    }
}

fn put_back(typed: Typed) {
    for (field, value) in typed {
        if field.is_connected() && text(&field, "value") != value {
            type_into(&field, &value);
            changed_when_left(field);
        }
    }
}

/// A field is changed when a person is done with it. Of what a program typed the browser tells no change by itself.
fn changed_when_left(field: Element) {
    if document().active_element().as_ref() != Some(&field) {
        tell(&field, "change");
        return;
    }
    let told = Rc::new(Cell::new(false));
    for name in ["focusout", "keydown"] {
        let (this, told) = (field.clone(), told.clone());
        let left = listener(move |e: Event| {
            let done = e.dyn_ref::<KeyboardEvent>().is_none_or(|k| k.key() == "Enter");
            if done && !told.replace(true) {
                tell(&this, "change");
            }
        });
        // a browser without addEventListener has no events to listen to either
        let _ = field.add_event_listener_with_callback(name, left.unchecked_ref());
    }
}

fn is_field(e: &Element) -> bool {
    e.matches(FIELDS).unwrap_or(false)
}

fn text(field: &Element, key: &str) -> String {
    let value = js_sys::Reflect::get(field, &JsValue::from_str(key)).ok();
    value.and_then(|v| v.as_string()).unwrap_or_default()
}
