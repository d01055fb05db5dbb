//! What a page reads before it shows anything, and what could not be read.

use super::{error_words, here::Here, not_found::Missing};
use crate::{
    api::ApiError,
    components::{say, word},
    i18n::*,
    live::Link,
};
use leptos::prelude::*;

/// A page that is read first: that it is being read, then what was read, or why it could not be.
pub fn once_read<T, V>(
    found: Resource<Result<T, ApiError>>,
    show: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let i18n = use_i18n();
    view! {
        <Transition fallback=move || view! { <p class="skeleton" aria-busy="true">{word!(i18n, app.loading)}</p> }>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    match found.await {
                        Ok(read) => show(read).into_any(),
                        Err(e) if e.code() == "not_found" => view! { <Missing /> }.into_any(),
                        Err(e) => view! { <Unread e /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

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
