//! What could not be read.

use super::{error_words, office::Here};
use crate::{
    api::ApiError,
    components::{say, word},
    i18n::*,
    live::Link,
};
use leptos::prelude::*;
use leptos_i18n::t_string;

/// Why it could not be read, and the way to try again; by itself when the stream is back.
#[component]
pub fn Unread(
    /// Why.
    e: ApiError,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let again = move || here.reread.update(|n| *n += 1);
    Effect::new(move |before: Option<Link>| {
        let now = here.live.link.get();
        if matches!(before, Some(Link::Off(_))) && now == Link::On {
            again();
        }
        now
    });
    // nothing was asked for that could have gone through
    let words = move || match e.code() {
        "offline" => t_string!(i18n, error.unread).to_owned(),
        _ => error_words(i18n, &e),
    };
    view! {
        <div class="pad unread">
            <p role="alert" class="wrong">{say(words)}</p>
            <button type="button" class="btn" on:click=move |_| again()>{word!(i18n, error.again)}</button>
        </div>
    }
}
