//! The frame of one page: its heading, what is new in it, and how the stream does.

use super::{bell::Bell, here::Here, search::Find};
use crate::{
    components::{
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
    live::Link,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// So long a screen reader is left alone after it was told what is new.
const QUIET_MS: i64 = 15_000;

/// A page with its heading in the top bar.
#[component]
pub fn Page(
    /// The page's heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads on a phone; none for no arrow.
    #[prop(optional, into)]
    back: Signal<Option<String>>,
    /// What stands below it.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <div class="main">
            <Top title back />
            <main id="main" class="page" tabindex="-1">{children()}</main>
        </div>
    }
}

/// The top bar: the page's heading, what is new, how live it is.
#[component]
pub fn Top(
    /// The page's heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where the arrow leads on a phone; none for no arrow.
    #[prop(optional, into)]
    back: Signal<Option<String>>,
    /// Lines that arrived since the page was read.
    #[prop(optional, into)]
    new: Signal<usize>,
    /// What they are called, where it is not simply new ones.
    #[prop(optional, into)]
    news: Option<Signal<String>>,
    /// Shows them.
    #[prop(optional, into)]
    show: Option<Callback<()>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    here.live.begin();
    // a page whose part of the program comes last answers last
    Effect::new(|_| crate::browser::say_ready());
    let shown = move || {
        let show = show.filter(|_| new.get() > 0)?;
        let n = new.get();
        let said = news.map_or_else(
            || word!(i18n, live.arrived, count = n),
            |news| say(move || news.get()),
        );
        Some(view! {
            <button class="news" aria-keyshortcuts="." on:click=move |_| show.run(())>
                {said} <span aria-hidden="true">"·"</span> {word!(i18n, live.show)}
            </button>
        })
    };
    let news_said = announce(here, new, news);
    let link = say(move || match here.live.link.get() {
        Link::On => t_string!(i18n, live.on).to_owned(),
        Link::Connecting => t_string!(i18n, live.connecting).to_owned(),
        Link::Off(time) => t_string!(i18n, live.off, time = time).to_string(),
    });
    view! {
        <header class="top">
            {move || back.get().map(|href| view! {
                <a class="btn ghost icon back" href=href aria-label=t_string!(i18n, app.back)><Glyph icon=Icon::Back /></a>
            })}
            <h1>{title}</h1>
            <div class="r">
                {shown}
                <span class="vh" role="status" data-testid="news-said">{say(move || news_said.get())}</span>
                <span class="live" class:off=move || here.live.link.get() != Link::On role="status" data-testid="live"><i></i>{link}</span>
                <Find />
                <Bell />
            </div>
        </header>
        {move || match here.live.link.get() {
            Link::Off(time) => Some(view! { <p class="offline">{t_string!(i18n, live.off_banner, time = time).to_string()}</p> }),
            _ => None,
        }}
    }
}

/// What a screen reader is told of lines that wait to be shown: at most once in a while, and not line by line.
fn announce(here: Here, new: Signal<usize>, news: Option<Signal<String>>) -> RwSignal<String> {
    let i18n = use_i18n();
    let words = RwSignal::new(String::new());
    let (due, last) = (StoredValue::new(false), StoredValue::new(0_i64));
    let tell = move || {
        // the page may be gone by then
        if due.try_set_value(false).is_some() {
            return;
        }
        let n = new.get_untracked();
        last.set_value(here.live.now.get_untracked());
        words.set(match news {
            _ if n == 0 => String::new(),
            Some(news) => news.get_untracked(),
            None => t_string!(i18n, live.arrived, count = n).to_string(),
        });
    };
    Effect::new(move |before: Option<usize>| {
        let n = new.get();
        if n > before.unwrap_or(0) && !due.get_value() {
            due.set_value(true);
            let rest = QUIET_MS - (here.live.now.get_untracked() - last.get_value());
            set_timeout(
                tell,
                std::time::Duration::from_millis(rest.clamp(1_000, QUIET_MS) as u64),
            );
        }
        n
    });
    words
}
