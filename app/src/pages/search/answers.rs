//! What the search shows: the lines, or what stands in their place; and the list of shortcuts.

use super::{
    Palette,
    entries::{entries, key_of, open_ways},
};
use crate::{
    api::{ApiError, search::search},
    browser,
    components::{
        dialog::{DialogRef, close, show},
        palette::{Entries, Entry, Go, Group},
        say,
        shortcuts::{ShortcutList, Shortcuts},
        word,
    },
    i18n::*,
    pages::{error_words, here::Here, late::late},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use views::search::Found;

late! { frame:
    lines(palette: Palette) = answered,
    shortcuts(palette: Palette) = listed,
}

/// The last answer; `None` before the first.
type Answer = RwSignal<Option<Result<Found, ApiError>>>;

/// Most things remembered as opened from here.
const RECENT: usize = 5;

fn answered(palette: Palette) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let navigate = use_navigate();
    let found: Answer = RwSignal::new(None);
    let recent = RwSignal::new(vec![]);
    let entries = Memo::new(move |_| entries(palette, found, recent, i18n, &here.office.get()));
    Effect::new(move |_| palette.shown.set(entries.with(Vec::len)));
    ask(palette, here, found);
    let choose = Callback::new(move |i: usize| {
        let Some(entry) = entries.with_untracked(|e| e.get(i).cloned()) else {
            return;
        };
        close(palette.dialog);
        match &entry.go {
            Go::To(address) => {
                recent.update(|recent| remember(recent, &entry));
                navigate(address, Default::default());
            }
            Go::Press(keys) => {
                browser::click(&format!("#main [aria-keyshortcuts='{keys}']:not([disabled])"));
            }
        }
    });
    // Enter before the answer opens the first line of the answer, never one of the question before it
    Effect::new(move |_| {
        if !palette.busy.get()
            && let Some(i) = palette.chosen.get()
        {
            palette.chosen.set(None);
            choose.run(i);
        }
    });
    let none = move || palette.shown.get() == 0;
    view! {
        <p class="vh" role="status">{say(move || told(palette, found, i18n))}</p>
        <div class="found" id="found" role="listbox" aria-label=word!(i18n, search.results) aria-busy=say(move || palette.busy.get().to_string()) hidden=none>
            <Entries entries at=palette.at choose />
        </div>
        {move || instead(palette, found, i18n)}
    }
}

/// Asks the server what was asked last, after its pause.
fn ask(palette: Palette, here: Here, found: Answer) {
    Effect::new(move |_| {
        let asked = palette.asked.get();
        let is_last = move || palette.asked.try_with_untracked(|a| a.number) == Some(asked.number);
        let ask = move || {
            if !is_last() {
                return;
            }
            spawn_local(async move {
                let answer = search(here.office.get_untracked(), asked.text.into()).await;
                if is_last() {
                    palette
                        .role
                        .update(|role| *role = answer.as_ref().map(|f| f.role).ok().or(*role));
                    found.set(Some(answer));
                    palette.busy.set(false);
                }
            });
        };
        set_timeout(ask, asked.pause);
    });
}

fn remember(recent: &mut Vec<Entry>, entry: &Entry) {
    recent.retain(|r| r.go != entry.go);
    recent.insert(
        0,
        Entry {
            group: Group::Recent,
            state: None,
            ..entry.clone()
        },
    );
    recent.truncate(RECENT);
}

/// What stands in the list's place: that it is being read, that nothing was found, what went wrong.
fn instead(palette: Palette, found: Answer, i18n: I18n) -> Option<AnyView> {
    if let Some(Err(e)) = found.get() {
        return Some(view! { <p role="alert" class="wrong pad">{error_words(i18n, &e)}</p> }.into_any());
    }
    if palette.shown.get() > 0 {
        return None;
    }
    if palette.busy.get() {
        return Some(
            view! { <p class="skeleton" aria-hidden="true">{t_string!(i18n, app.loading)}</p> }.into_any(),
        );
    }
    let nothing = t_string!(i18n, search.nothing, text = palette.asked.get().text).to_string();
    Some(
        view! {
            <div class="none">
                <p dir="auto">{nothing}</p>
                <p class="muted">{t_string!(i18n, search.try_other)}</p>
            </div>
        }
        .into_any(),
    )
}

/// What a screen reader is told: how many were found, once it is known.
fn told(palette: Palette, found: Answer, i18n: I18n) -> String {
    if palette.busy.get() || found.with(Option::is_none) {
        return String::new();
    }
    match palette.shown.get() {
        0 => t_string!(i18n, search.nothing, text = palette.asked.get().text).to_string(),
        n => t_string!(i18n, search.count, count = n).to_string(),
    }
}

/// The list of shortcuts, opened each time that it is asked for.
fn listed(palette: Palette) -> impl IntoView {
    let i18n = use_i18n();
    let dialog = DialogRef::new();
    Effect::new(move |_| {
        palette.listed.track();
        if dialog.get().is_some() {
            show(dialog);
        }
    });
    let list = Signal::derive(move || shortcut_list(palette, i18n));
    view! { <ShortcutList dialog list /> }
}

fn shortcut_list(palette: Palette, i18n: I18n) -> Vec<Shortcuts> {
    let own = |what: &str, keys: &str| (what.to_owned(), keys.to_owned());
    let anywhere = vec![
        own(t_string!(i18n, search.key_search), "Ctrl+K"),
        own(t_string!(i18n, search.key_field), "/"),
        own(t_string!(i18n, search.key_help), "?"),
        own(t_string!(i18n, search.key_back), "Esc"),
    ];
    let lines = vec![
        own(t_string!(i18n, search.key_next), "J"),
        own(t_string!(i18n, search.key_previous), "K"),
        own(t_string!(i18n, search.key_open), "Enter"),
    ];
    let ways = open_ways(palette.role.get()).map(|w| (w.word(i18n), format!("G {}", key_of(w))));
    vec![
        (t_string!(i18n, search.anywhere).to_owned(), anywhere),
        (t_string!(i18n, search.go_to).to_owned(), ways.collect()),
        (t_string!(i18n, search.in_list).to_owned(), lines),
        (t_string!(i18n, search.on_page).to_owned(), palette.commands.get()),
    ]
}
