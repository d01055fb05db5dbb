//! A button that asks for words before it does something.

use super::dialog::{DialogRef, close, show};
use crate::i18n::*;
use leptos::prelude::*;

type Words = Box<dyn Fn() -> String + Send + Sync>;

/// What is typed in the dialog and what became of it. Whoever keeps it outside what is made anew when the page is
/// told of a change keeps it for the person who is typing.
#[derive(Clone, Copy, Default)]
pub struct Typing {
    /// The words.
    pub words: RwSignal<String>,
    /// Nothing yet, done, or why not.
    pub answer: RwSignal<Option<Result<(), String>>>,
}

impl Typing {
    /// Nothing typed.
    pub fn clear(self) {
        self.words.set(String::new());
        self.answer.set(None);
    }
}

/// The button and its dialog. The dialog stays open when what was asked is refused: nothing typed is lost.
#[component]
pub fn Ask(
    /// Tells it from others on the page.
    name: &'static str,
    /// The key that presses the button.
    key: Option<&'static str>,
    /// What the button reads.
    open: Words,
    /// The dialog's heading.
    title: Words,
    /// What follows from it.
    lead: Words,
    /// What the words are.
    label: Words,
    /// What the dialog's button reads.
    submit: Words,
    /// Words are needed.
    required: bool,
    /// What is typed, and what became of it.
    typing: Typing,
    /// Told the words.
    #[prop(into)]
    on_submit: Callback<String>,
    /// More fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let i18n = use_i18n();
    let dialog = DialogRef::new();
    let Typing { words, answer } = typing;
    let (title_id, named) = (format!("ask-{name}"), format!("ask-{name}"));
    Effect::new(move |_| {
        if answer.with(|a| matches!(a, Some(Ok(())))) {
            typing.clear();
            close(dialog);
        }
    });
    let wrong = move || {
        answer.with(|a| {
            a.as_ref()
                .and_then(|a| a.as_ref().err())
                .cloned()
                .unwrap_or_default()
        })
    };
    view! {
        <button
            type="button"
            class="link"
            data-ask=name
            aria-keyshortcuts=key
            on:click=move |_| show(dialog)
        >
            {open}
        </button>
        <dialog node_ref=dialog class="ask" aria-labelledby=named>
            <form
                on:submit=move |ev| {
                    ev.prevent_default();
                    answer.set(None);
                    on_submit.run(words.get_untracked());
                }
            >
                <h2 id=title_id>{title}</h2>
                <p class="soft">{lead}</p>
                {children.map(|c| c())}
                <label class="line-field">
                    <span>{label}</span>
                    <textarea rows="3" maxlength="1000" required=required prop:value=words on:input=move |ev| words.set(event_target_value(&ev))></textarea>
                </label>
                <p class="wrong" role="alert">{crate::components::say(wrong)}</p>
                <div class="acts">
                    <button class="btn pri lg">{submit}</button>
                    <button type="button" class="btn lg" on:click=move |_| close(dialog)>{word!(i18n, app.close)}</button>
                </div>
            </form>
        </dialog>
    }
}
