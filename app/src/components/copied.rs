//! A secret or a line to type, with a button that copies it.

use crate::{
    browser,
    components::{
        icon::{Glyph, Icon},
        say,
    },
    i18n::*,
};
use leptos::prelude::*;

/// A text with a button that copies it.
#[component]
pub fn Copied(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    // of another text nothing was copied yet
    let copied = RwSignal::new(None::<String>);
    let done = move || copied.with(|c| c.as_deref() == Some(text.get().as_str()));
    let copy = move |_| {
        let text = text.get_untracked();
        browser::copy(&text);
        copied.set(Some(text));
    };
    view! {
        <div class="secret">
            <code tabindex="0">{text}</code>
            <button type="button" class="btn sm" on:click=copy>
                <Glyph icon=Icon::Copy />
                {say(move || if done() { t_string!(i18n, connectors.copied) } else { t_string!(i18n, connectors.copy) }.to_owned())}
            </button>
        </div>
    }
}
