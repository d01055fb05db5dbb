//! A colleague's second factor, for whoever lost theirs (S9).

use super::Shared;
use crate::{
    api::factor::take_factor_off,
    components::{dialog::Sure, word},
    i18n::*,
    pages::{error_words, here::Here},
};
use leptos::prelude::*;

/// Whether they have one; the button that takes it off, and the dialog that says what that means.
#[component]
pub(super) fn Factor(id: i64, name: String, on: bool, shared: Shared) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let taking = Action::new(move |()| async move {
        let done = take_factor_off(here.office.get_untracked(), id).await;
        shared.said.set(Some(match done {
            Ok(()) => Ok(t_string!(i18n, factor.taken).to_owned()),
            Err(e) if e.code() == "wrong_state" => Err(t_string!(i18n, factor.taken_none).to_owned()),
            Err(e) => Err(error_words(i18n, &e)),
        }));
        shared.reload.update(|n| *n += 1);
    });
    let off = on.then(|| {
        view! {
            <div class="bar">
                <Sure
                    name="take"
                    verb=Signal::derive(word!(i18n, factor.take_off))
                    title=word!(i18n, factor.take_title, name = name.clone())
                    lead=word!(i18n, factor.take_lead)
                    keep=word!(i18n, factor.take_keep)
                    busy=taking.pending()
                    on_yes=move |()| { taking.dispatch(()); }
                />
            </div>
        }
    });
    view! {
        <section class="sec form" aria-labelledby="factor">
            <h3 id="factor">{word!(i18n, factor.title)}</h3>
            <p class="soft">{if on { word!(i18n, factor.user_on).into_any() } else { word!(i18n, factor.user_off).into_any() }}</p>
            {off}
        </section>
    }
}
