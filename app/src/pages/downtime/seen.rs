//! What people will see of it, in each language, beside the form (D4–D6).

use super::Desk;
use crate::{
    components::{language::reading, say, word},
    i18n::*,
};
use domain::{Language, Moment};
use leptos::prelude::*;

/// The previews.
#[component]
pub fn Seen() -> impl IntoView {
    let i18n = use_i18n();
    let desk = expect_context::<Desk>();
    let chosen = RwSignal::new(None::<Language>);
    let language = move || chosen.get().unwrap_or_else(|| reading(i18n));
    let standing = move || desk.data.with(|d| d.standing.first().cloned());
    let now = move || desk.data.with(|d| d.now);
    let closes = move || standing().map_or_else(|| later(now(), 2), |s| s.closes);
    let until = move || standing().map_or_else(|| Some(later(now(), 5)), |s| s.expected);
    let reason = move || {
        standing()
            .and_then(|s| {
                s.draft
                    .reason
                    .read(language(), Language::En)
                    .map(|(_, t)| t.to_owned())
            })
            .unwrap_or_default()
    };
    let moment = move || said_when(language(), closes(), now().at);
    let again = move || {
        let l = language();
        match until() {
            Some(at) => td_string!(l, downtime.m_again_at, when = at.near(now().at, language())).to_string(),
            None => td_string!(l, downtime.m_again).to_owned(),
        }
    };
    let tag = move || language().tag();
    view! {
        <section class="card" aria-labelledby="dt-seen">
            <header>
                <h2 id="dt-seen">{word!(i18n, downtime.see)}</h2>
                <div class="r">
                    <label class="field">
                        <span class="vh">{word!(i18n, downtime.see_in)}</span>
                        <select on:change=move |ev| chosen.set(Language::from_tag(&event_target_value(&ev))) prop:value=move || language().tag()>
                            {Language::ALL
                                .into_iter()
                                .map(|l| view! { <option value=l.tag() lang=l.tag() selected=move || language() == l>{l.own_name()}</option> })
                                .collect_view()}
                        </select>
                    </label>
                </div>
            </header>
            <div class="pv">
                <figure>
                    <figcaption>{word!(i18n, downtime.see_once)} <span class="muted">{word!(i18n, downtime.see_once_2)}</span></figcaption>
                    <div class="mini" lang=tag>
                        <div class="bd">
                            <div class="dlg">
                                <b>{say(move || td_string!(language(), downtime.pop_title, when = moment()).to_string())}</b>
                                <p>{say(reason)}</p>
                                <p>{say(move || td_string!(language(), downtime.pop_lead).to_owned())}</p>
                                <span class="fakebtn">{say(move || td_string!(language(), downtime.pop_ok).to_owned())}</span>
                            </div>
                        </div>
                    </div>
                </figure>
                <figure>
                    <figcaption>{word!(i18n, downtime.see_every)} <span class="muted">{word!(i18n, downtime.see_every_2)}</span></figcaption>
                    <div class="mini" lang=tag>
                        <div class="mb">
                            <span>{say(move || td_string!(language(), downtime.bar_coming, when = moment()).to_string())}</span>
                            <b>"02:00:00"</b>
                        </div>
                    </div>
                </figure>
                <figure>
                    <figcaption>{word!(i18n, downtime.see_while)}</figcaption>
                    <div class="mini" lang=tag>
                        <div class="pg">
                            <b>{say(move || td_string!(language(), downtime.m_title).to_owned())}</b>
                            <p>{say(move || format!("{} {}", reason(), again()))}</p>
                        </div>
                    </div>
                </figure>
            </div>
        </section>
    }
}

fn later(now: Moment, hours: i64) -> Moment {
    Moment {
        at: now.at + hours * 3_600_000,
        ..now
    }
}

/// As the countdown says it, in another language than the reader's.
fn said_when(language: Language, moment: Moment, now: i64) -> String {
    let (l, clock) = (language, moment.clock());
    if moment.is_on_day_of(now) {
        td_string!(l, downtime.when_today, clock = clock).to_string()
    } else {
        td_string!(l, downtime.when_day, day = moment.date(language), clock = clock).to_string()
    }
}
