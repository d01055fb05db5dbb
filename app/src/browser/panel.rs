//! Where the focus is while a panel opens, shows something else, and closes (S4).

use super::{first, focus, nothing_focused};
use leptos::prelude::*;
use std::cell::Cell;

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
        } else if is_focus_in("#detail") {
            // what was pressed is there yet, and goes with what comes next
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
    if is_focus_in("#detail, header.top a.back") || nothing_focused() {
        focus(line);
    }
}

fn is_focus_in(places: &str) -> bool {
    let focused = document().active_element();
    focused.is_some_and(|e| e.closest(places).is_ok_and(|found| found.is_some()))
}
