//! The search that opens from everywhere with Ctrl K (C8), and the keys that work on every page. What is pressed and typed
//! is taken here; what comes of it ([`answers`]), when it is first asked.

mod answers;
mod entries;

use super::ways::{AUTOMATION, FOLLOW_UP, PLATFORM};
use crate::{
    browser,
    components::{
        dialog::{DialogRef, close},
        icon::{Glyph, Icon},
        say, word,
    },
    i18n::*,
};
pub(super) use answers::lines;
use answers::shortcuts;
use domain::Role;
use entries::key_of;
use leptos::{html, prelude::*};
use std::time::Duration;

/// The server is asked when nothing was typed for so long.
const PAUSE: Duration = Duration::from_millis(120);
/// A key after G counts within this time.
const GOING: Duration = Duration::from_millis(1500);

/// What was asked last.
#[derive(Clone, Default, PartialEq)]
struct Asked {
    /// 0 before the first: answers to earlier ones are dropped.
    number: u32,
    text: String,
    pause: Duration,
}

/// What is pressed and typed, and what it is answered by.
#[derive(Clone, Copy)]
pub(super) struct Palette {
    asked: RwSignal<Asked>,
    /// An answer is awaited.
    busy: RwSignal<bool>,
    /// How many lines are shown.
    shown: RwSignal<usize>,
    at: RwSignal<usize>,
    /// The line to open; before the answer came, the first of it.
    chosen: RwSignal<Option<usize>>,
    /// Who asks, once an answer has told.
    role: RwSignal<Option<Role>>,
    commands: RwSignal<Vec<(String, String)>>,
    /// How often the list of shortcuts was asked for.
    listed: RwSignal<u32>,
    dialog: DialogRef,
    field: NodeRef<html::Input>,
}

impl Palette {
    fn new() -> Self {
        Self {
            asked: RwSignal::default(),
            busy: RwSignal::new(false),
            shown: RwSignal::new(0),
            at: RwSignal::new(0),
            chosen: RwSignal::new(None),
            role: RwSignal::new(None),
            commands: RwSignal::default(),
            listed: RwSignal::new(0),
            dialog: NodeRef::new(),
            field: NodeRef::new(),
        }
    }

    fn open(self) {
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
        self.ask(String::new(), Duration::ZERO);
    }

    /// Asks the server after a pause, unless something else is asked meanwhile.
    fn ask(self, text: String, pause: Duration) {
        self.at.set(0);
        self.busy.set(true);
        self.chosen.set(None);
        self.asked.update(|asked| {
            *asked = Asked {
                number: asked.number + 1,
                text,
                pause,
            };
        });
    }
}

/// The field in the sidebar, the search that it opens, the list of shortcuts, and the keys for all of them.
#[component]
pub fn Search() -> impl IntoView {
    let i18n = use_i18n();
    let palette = Palette::new();
    browser::on_search_key(move || palette.open());
    follow_keys(palette);
    let listed = Memo::new(move |_| palette.listed.get() > 0);
    view! {
        <button type="button" class="jump" id="find" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" on:click=move |_| palette.open()>
            <Glyph icon=Icon::Search />
            <span>{word!(i18n, search.title)}</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </button>
        <Dialog palette />
        {move || listed.get().then(|| shortcuts::shown(palette))}
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
fn Dialog(palette: Palette) -> impl IntoView {
    let i18n = use_i18n();
    let on_key = move |e: leptos::ev::KeyboardEvent| {
        let (at, n) = (palette.at.get_untracked(), palette.shown.get_untracked().max(1));
        let to = match e.key().as_str() {
            "ArrowDown" => (at + 1) % n,
            "ArrowUp" => (at + n - 1) % n,
            "Enter" => {
                e.prevent_default();
                return palette
                    .chosen
                    .set(Some(if palette.busy.get_untracked() { 0 } else { at }));
            }
            _ => return,
        };
        e.prevent_default();
        palette.at.set(to);
        browser::reveal(&format!("#found-{to}"));
    };
    let on_input = move |e| palette.ask(event_target_value(&e), PAUSE);
    let any = Memo::new(move |_| palette.shown.get() > 0);
    let chosen = move || any.get().then(|| format!("found-{}", palette.at.get()));
    let asked = Memo::new(move |_| palette.asked.with(|a| a.number > 0));
    let loading = move || view! { <p class="skeleton" aria-hidden="true">{word!(i18n, app.loading)}</p> };
    view! {
        <dialog
            class="palette"
            node_ref=palette.dialog
            aria-label=word!(i18n, search.title)
            // who closes it goes nowhere, also when what was chosen has yet to come
            on:close=move |_| palette.chosen.set(None)
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
                {move || asked.get().then(|| view! { <Suspense fallback=loading>{lines::shown(palette)}</Suspense> })}
                <p class="hints" aria-hidden="true">
                    <span><kbd>"↑"</kbd><kbd>"↓"</kbd> {word!(i18n, search.choose)}</span>
                    <span><kbd>"Enter"</kbd> {word!(i18n, search.go)}</span>
                    <span><kbd>"Esc"</kbd> {word!(i18n, search.close)}</span>
                </p>
            </div>
        </dialog>
    }
}

/// The keys of every page: `/`, `?`, Esc, and G with the first letter of where to go.
fn follow_keys(palette: Palette) {
    // which G waits for its letter: the time of an earlier one must not end a later one's
    let going = StoredValue::new(None::<u32>);
    let pressed = StoredValue::new(0_u32);
    browser::on_key(move |key, _| {
        if key != "?" {
            // whoever went on meanwhile does not want the list any more that has yet to come
            palette.listed.set(0);
        }
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
                if palette.role.get_untracked().is_none() {
                    palette.ask(String::new(), Duration::ZERO);
                }
                palette.listed.update(|n| *n += 1);
            }
            // what the page marks is left first, then the page itself
            "Escape" if !browser::click("[data-escape]") => {
                browser::click("header.top a.back");
            }
            _ => {}
        }
    });
}
