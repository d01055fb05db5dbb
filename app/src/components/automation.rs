//! Parts that the pages of the automation share.

use crate::components::say;
use leptos::prelude::*;

/// A switch: on or off, and what it does beside it.
#[component]
pub fn Switch(
    /// What it switches.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// It cannot be switched now.
    #[prop(optional, into)]
    off_limits: Signal<bool>,
    /// Only the reader of the screen needs the label: it stands in the head of the column.
    #[prop(default = false)]
    quiet: bool,
    /// Id of what says why it is as it is.
    #[prop(optional, into)]
    described: Option<String>,
    /// Told what it shall be.
    #[prop(into)]
    on_switch: Callback<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="switch"
            role="switch"
            aria-checked=say(move || on.get().to_string())
            aria-disabled=say(move || off_limits.get().to_string())
            aria-describedby=described
            on:click=move |_| {
                if !off_limits.get_untracked() {
                    on_switch.run(!on.get_untracked());
                }
            }
        >
            <i aria-hidden="true"></i>
            <span class:vh=quiet>{label}</span>
        </button>
    }
}
