//! Stands in for [`crate::browser`] where there is none: on the server nothing is followed, copied or pressed.

use crate::live::Live;
use leptos::prelude::*;

/// Sets the clock that relative times are told from.
pub fn follow(live: Live, _office: &str, _seq: i64, now: i64) {
    live.now.set(now);
}

/// Nothing.
pub fn copy(_text: &str) {}

/// Nothing.
pub fn remember_language(_language: domain::Language) {}

/// Nothing.
pub fn on_key(_f: impl Fn(&str, bool) + 'static) {}

/// Nothing.
pub fn press(_key: &str, _shift: bool) {}
