//! What a person is typing, kept for them over a downtime (D17). Nothing leaves the browser.

use super::{first, keep, kept, listener, type_into};
use crate::live::{Draft, DraftField};
use leptos::{prelude::*, web_sys::js_sys};
use std::cell::{Cell, RefCell};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

thread_local! {
    /// What was typed on this page, by field, for whoever is caught by the cut-off.
    static TYPED: RefCell<Vec<web_sys::Element>> = const { RefCell::new(vec![]) };
    static PERSON: Cell<i64> = const { Cell::new(0) };
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// From now on what this person types is remembered until the page is left (D17). Nothing leaves the browser.
pub fn watch_typing(person: i64) {
    if PERSON.replace(person) != 0 {
        return;
    }
    let note = listener(move |e: Event| {
        let Some(field) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else {
            return;
        };
        let kept =
            "textarea, input:not([type=password], [type=search], [type=checkbox], [type=radio], [type=file])";
        let is_text = field.matches(kept).unwrap_or(false);
        TYPED.with_borrow_mut(|typed| {
            // a list that is used all day must not grow
            typed.retain(|f| f.is_connected());
            if is_text && !typed.contains(&field) {
                typed.push(field);
            }
        });
    });
    // a browser without addEventListener has no events to listen to either
    let _ = document().add_event_listener_with_callback("input", note.as_ref().unchecked_ref());
}

/// The desk has closed for this person: what they were typing is kept in this browser, and the page is asked for again,
/// which is now the maintenance page (D7, D17).
pub fn closed() {
    if LEAVING.replace(true) {
        return;
    }
    let get = |of: &JsValue, key: &str| {
        js_sys::Reflect::get(of, &JsValue::from_str(key))
            .ok()
            .and_then(|v| v.as_string())
            .unwrap_or_default()
    };
    let fields = TYPED.with_borrow(|typed| {
        let there = typed.iter().filter(|f| f.is_connected());
        let fields = there.map(|f| DraftField {
            label: label_of(f),
            id: f.id(),
            name: f.get_attribute("name").unwrap_or_default(),
            value: get(f, "value"),
        });
        fields.filter(|f| !f.value.trim().is_empty()).collect::<Vec<_>>()
    });
    if !fields.is_empty() {
        let location = window().location();
        let draft = Draft {
            person: PERSON.get(),
            path: format!(
                "{}{}",
                location.pathname().unwrap_or_default(),
                location.search().unwrap_or_default()
            ),
            fields,
        };
        keep(DRAFT, &serde_json::to_string(&draft).unwrap_or_default());
    }
    // a page that cannot be asked for again stays as it is: the server does nothing more for it
    let _ = window().location().reload();
}

/// The name that a draft is kept under; the maintenance page reads it too.
const DRAFT: &str = "nw_draft";

/// Somebody was typing something when the desk closed.
pub fn has_draft() -> bool {
    kept(DRAFT).is_some()
}

/// What this person was typing when the desk closed.
pub fn draft(person: i64) -> Option<Draft> {
    let draft: Draft = serde_json::from_str(&kept(DRAFT)?).ok()?;
    (draft.person == person).then_some(draft)
}

/// The draft is of no more use.
pub fn forget_draft() {
    keep(DRAFT, "");
}

/// Puts a draft back into the fields it was typed into; says whether there was one.
pub fn put_back(draft: &Draft) -> bool {
    let mut found = false;
    for field in &draft.fields {
        // what is in quotes cannot end the selector
        let safe = |s: &str| !s.is_empty() && !s.contains(['"', '\\', '\n']);
        let mut selectors = vec![];
        if safe(&field.id) {
            selectors.push(format!("[id=\"{}\"]", field.id));
        }
        if safe(&field.name) {
            selectors.push(format!("[name=\"{}\"]", field.name));
        }
        let there = selectors.iter().find_map(|s| first(s));
        let Some(there) = there.filter(|f| f.matches("input, textarea").unwrap_or(false)) else {
            continue;
        };
        found |= type_into(&there, &field.value);
    }
    found
}

/// What a field is called on the page.
fn label_of(field: &web_sys::Element) -> String {
    let by_id = || first(&format!("label[for=\"{}\"]", field.id()));
    let around = || field.closest("label").ok().flatten();
    let text = |e: web_sys::Element| {
        let said = e.query_selector("span").ok().flatten().unwrap_or(e);
        said.text_content().unwrap_or_default()
    };
    let said = field.get_attribute("aria-label");
    let said = said.or_else(|| by_id().map(|e| text(e.into())));
    let said = said.or_else(|| around().map(text));
    said.or_else(|| field.get_attribute("placeholder"))
        .map(|s| s.split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}
