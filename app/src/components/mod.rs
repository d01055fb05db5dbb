//! Parts of pages. They receive data and callbacks and never call the server.

/// A word in the reader's language, for a place in a view: `word!(i18n, tasks.title)`. It follows the language.
macro_rules! word {
    ($i18n:ident, $($key_and_arguments:tt)*) => {
        $crate::components::say(move || $crate::i18n::t_string!($i18n, $($key_and_arguments)*).to_string())
    };
}
pub(crate) use word;

/// Words that follow a change. All share one type: a type of its own for each would cost the page a few
/// kilobytes a word.
pub fn say(words: impl Fn() -> String + Send + Sync + 'static) -> Box<dyn Fn() -> String + Send + Sync> {
    Box::new(words)
}

pub mod ask;
pub mod automation;
pub mod bars;
pub mod client_row;
pub mod copied;
pub mod dialog;
pub mod export;
pub mod fleet;
pub mod form;
pub mod history;
pub mod icon;
pub mod instruction;
pub mod job;
pub mod job_tabs;
pub mod language;
pub mod palette;
pub mod plan;
pub mod schedule_words;
pub mod shortcuts;
pub mod standing;
pub mod status;
pub mod supported;
pub mod task_row;
pub mod typed;
