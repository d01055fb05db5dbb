//! The search that opens from everywhere with Ctrl K (C8), and the keys that work on every page.

mod entries;

use entries::{entries, key_of, open_ways};

use super::{
    error_words,
    office::{AUTOMATION, FOLLOW_UP, Here, PLATFORM},
};
use crate::{
    api::{ApiError, search::search},
    browser,
    components::{
        dialog::{DialogRef, close, show},
        icon::{Glyph, Icon},
        palette::{Entries, Entry, Go, Group},
        say,
        shortcuts::{ShortcutList, Shortcuts},
        word,
    },
    i18n::*,
};
use domain::{Role, view::search::Found};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use std::time::Duration;

/// The server is asked when nothing was typed for so long.
const PAUSE: Duration = Duration::from_millis(120);
/// A key after G counts within this time.
const GOING: Duration = Duration::from_millis(1500);
/// Most things remembered as opened from here.
const RECENT: usize = 5;

/// What the palette knows.
#[derive(Clone, Copy)]
struct Palette {
    typed: RwSignal<String>,
    /// The last answer; `None` before the first.
    found: RwSignal<Option<Result<Found, ApiError>>>,
    /// An answer is awaited.
    busy: RwSignal<bool>,
    /// Number of the last question: answers to earlier ones are dropped.
    asked: StoredValue<u32>,
    /// Enter was pressed before the answer came.
    eager: StoredValue<bool>,
    at: RwSignal<usize>,
    commands: RwSignal<Vec<(String, String)>>,
    recent: RwSignal<Vec<Entry>>,
    dialog: DialogRef,
    field: NodeRef<html::Input>,
}

impl Palette {
    fn new() -> Self {
        Self {
            typed: RwSignal::default(),
            found: RwSignal::new(None),
            busy: RwSignal::new(false),
            asked: StoredValue::new(0),
            eager: StoredValue::new(false),
            at: RwSignal::new(0),
            commands: RwSignal::default(),
            recent: RwSignal::default(),
            dialog: NodeRef::new(),
            field: NodeRef::new(),
        }
    }

    fn open(self, office: &str) {
        let Some(dialog) = self.dialog.get_untracked() else {
            return;
        };
        if dialog.open() {
            return dialog.close();
        }
        self.commands.set(browser::commands());
        if let Some(field) = self.field.get_untracked() {
            field.set_value("");
        }
        // a dialog that is open already stays so
        let _ = dialog.show_modal();
        self.ask(office.to_owned(), String::new(), Duration::ZERO);
    }

    /// Asks the server after a pause, unless something else is asked meanwhile.
    fn ask(self, office: String, text: String, pause: Duration) {
        self.typed.set(text.clone());
        self.at.set(0);
        self.busy.set(true);
        self.eager.set_value(false);
        let number = self.asked.get_value() + 1;
        self.asked.set_value(number);
        let is_last = move || self.asked.try_get_value() == Some(number);
        let ask = move || {
            if !is_last() {
                return;
            }
            spawn_local(async move {
                let answer = search(office, text.into()).await;
                if is_last() {
                    self.found.set(Some(answer));
                    self.busy.set(false);
                }
            });
        };
        set_timeout(ask, pause);
    }

    fn role(self) -> Option<Role> {
        self.found.with(|f| Some(f.as_ref()?.as_ref().ok()?.role))
    }

    fn remember(self, entry: &Entry) {
        self.recent.update(|recent| {
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
        });
    }
}

/// The field in the sidebar, the search that it opens, the list of shortcuts, and the keys for all of them.
#[component]
pub fn Search() -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let palette = Palette::new();
    let shortcuts = DialogRef::new();
    let open = move || palette.open(&here.office.get_untracked());
    browser::on_search_key(open);
    follow_keys(palette, here, shortcuts);
    let entries = Memo::new(move |_| entries(palette, i18n, &here.office.get()));
    let list = Signal::derive(move || shortcut_list(palette, i18n));
    view! {
        <button type="button" class="jump" id="find" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" on:click=move |_| open()>
            <Glyph icon=Icon::Search />
            <span>{word!(i18n, search.title)}</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </button>
        <Dialog palette entries />
        <ShortcutList dialog=shortcuts list />
    }
}

/// The button in a phone's top bar that opens the same search.
#[component]
pub fn Find() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <button type="button" class="btn ghost icon find" aria-haspopup="dialog" aria-label=word!(i18n, search.open) on:click=move |_| { browser::click("#find"); }>
            <Glyph icon=Icon::Search />
        </button>
    }
}

#[component]
fn Dialog(palette: Palette, entries: Memo<Vec<Entry>>) -> impl IntoView {
    let i18n = use_i18n();
    let here = expect_context::<Here>();
    let navigate = use_navigate();
    let choose = Callback::new(move |i: usize| {
        let Some(entry) = entries.with_untracked(|e| e.get(i).cloned()) else {
            return;
        };
        close(palette.dialog);
        match &entry.go {
            Go::To(address) => {
                palette.remember(&entry);
                navigate(address, Default::default());
            }
            Go::Press(keys) => {
                browser::click(&format!("#main [aria-keyshortcuts='{keys}']:not([disabled])"));
            }
        }
    });
    // Enter before the answer opens the first line of the answer, never one of the question before it
    Effect::new(move |_| {
        if !palette.busy.get() && palette.eager.get_value() {
            palette.eager.set_value(false);
            choose.run(0);
        }
    });
    let on_key = move |e: leptos::ev::KeyboardEvent| {
        let (at, n) = (
            palette.at.get_untracked(),
            entries.with_untracked(Vec::len).max(1),
        );
        let to = match e.key().as_str() {
            "ArrowDown" => (at + 1) % n,
            "ArrowUp" => (at + n - 1) % n,
            "Enter" => {
                e.prevent_default();
                if palette.busy.get_untracked() {
                    return palette.eager.set_value(true);
                }
                return choose.run(at);
            }
            _ => return,
        };
        e.prevent_default();
        palette.at.set(to);
        browser::reveal(&format!("#found-{to}"));
    };
    let on_input = move |e| palette.ask(here.office.get_untracked(), event_target_value(&e), PAUSE);
    let any = Memo::new(move |_| entries.with(|e| !e.is_empty()));
    let chosen = move || any.get().then(|| format!("found-{}", palette.at.get()));
    view! {
        <dialog
            class="palette"
            node_ref=palette.dialog
            aria-label=word!(i18n, search.title)
            on:click=move |e| {
                // beside the box
                if e.target() == e.current_target() {
                    close(palette.dialog);
                }
            }
        >
            <div class="box">
                <div class="ask">
                    <Glyph icon=Icon::Search />
                    <input
                        type="text"
                        node_ref=palette.field
                        role="combobox"
                        autofocus
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="200"
                        dir="auto"
                        aria-label=word!(i18n, search.title)
                        aria-autocomplete="list"
                        aria-controls="found"
                        aria-expanded=say(move || any.get().to_string())
                        aria-activedescendant=chosen
                        placeholder=word!(i18n, search.placeholder)
                        on:input=on_input
                        on:keydown=on_key
                    />
                    <button type="button" class="btn sm ghost icon" aria-label=word!(i18n, app.close) on:click=move |_| close(palette.dialog)>
                        <Glyph icon=Icon::Cancel />
                    </button>
                </div>
                <p class="vh" role="status">{say(move || told(palette, i18n, entries))}</p>
                <div class="found" id="found" role="listbox" aria-label=word!(i18n, search.results) aria-busy=say(move || palette.busy.get().to_string()) hidden=move || !any.get()>
                    <Entries entries at=palette.at choose />
                </div>
                {move || instead(palette, i18n, any.get())}
                <p class="hints" aria-hidden="true">
                    <span><kbd>"↑"</kbd><kbd>"↓"</kbd> {word!(i18n, search.choose)}</span>
                    <span><kbd>"Enter"</kbd> {word!(i18n, search.go)}</span>
                    <span><kbd>"Esc"</kbd> {word!(i18n, search.close)}</span>
                </p>
            </div>
        </dialog>
    }
}

/// What stands in the list's place: that it is being read, that nothing was found, what went wrong.
fn instead(palette: Palette, i18n: I18n, any: bool) -> Option<AnyView> {
    let found = palette.found.get();
    if let Some(Err(e)) = &found {
        return Some(view! { <p role="alert" class="wrong pad">{error_words(i18n, e)}</p> }.into_any());
    }
    if any {
        return None;
    }
    if palette.busy.get() {
        return Some(
            view! { <p class="skeleton" aria-hidden="true">{t_string!(i18n, app.loading)}</p> }.into_any(),
        );
    }
    let nothing = t_string!(i18n, search.nothing, text = palette.typed.get()).to_string();
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
fn told(palette: Palette, i18n: I18n, entries: Memo<Vec<Entry>>) -> String {
    if palette.busy.get() || palette.found.with(Option::is_none) {
        return String::new();
    }
    match entries.with(Vec::len) {
        0 => t_string!(i18n, search.nothing, text = palette.typed.get()).to_string(),
        n => t_string!(i18n, search.count, count = n).to_string(),
    }
}

/// The keys of every page: `/`, `?`, Esc, and G with the first letter of where to go.
fn follow_keys(palette: Palette, here: Here, shortcuts: DialogRef) {
    // which G waits for its letter: the time of an earlier one must not end a later one's
    let going = StoredValue::new(None::<u32>);
    let pressed = StoredValue::new(0_u32);
    browser::on_key(move |key, _| {
        if going.get_value().is_some() {
            going.set_value(None);
            let key = key.to_uppercase();
            let way = FOLLOW_UP
                .into_iter()
                .chain(AUTOMATION)
                .chain(PLATFORM)
                .find(|w| key_of(*w) == key);
            if let Some(way) = way {
                browser::keep_key();
                // the link is there for those who may go there
                browser::click(&format!(".nav a[href$='/{}']", way.path()));
                return;
            }
        }
        match key {
            "g" | "G" => {
                let this = pressed.get_value().wrapping_add(1);
                pressed.set_value(this);
                going.set_value(Some(this));
                let over = move |g: &mut Option<u32>| {
                    if *g == Some(this) {
                        *g = None;
                    }
                };
                // the page may be gone by then
                set_timeout(move || _ = going.try_update_value(over), GOING);
            }
            "/" => {
                browser::keep_key();
                browser::focus("#main input[type=search]");
            }
            "?" => {
                browser::keep_key();
                palette.commands.set(browser::commands());
                if palette.role().is_none() {
                    palette.ask(here.office.get_untracked(), String::new(), Duration::ZERO);
                }
                show(shortcuts);
            }
            // what the page marks is left first, then the page itself
            "Escape" if !browser::click("[data-escape]") => {
                browser::click("header.top a.back");
            }
            _ => {}
        }
    });
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
    let ways = open_ways(palette.role()).map(|w| (w.word(i18n), format!("G {}", key_of(w))));
    vec![
        (t_string!(i18n, search.anywhere).to_owned(), anywhere),
        (t_string!(i18n, search.go_to).to_owned(), ways.collect()),
        (t_string!(i18n, search.in_list).to_owned(), lines),
        (t_string!(i18n, search.on_page).to_owned(), palette.commands.get()),
    ]
}
