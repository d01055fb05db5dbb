//! The words in the reader's language. `build.rs` gives each word of `locales/` a name (the crate `words` says how a
//! language's file is written); the server has the files of all languages, the browser fetches those that are read.

use domain::Language;
use leptos::prelude::*;
use std::fmt::Display;

/// A name for each word, made by `build.rs`: in a module for each subject.
pub mod made {
    #![allow(
        non_camel_case_types,
        non_upper_case_globals,
        reason = "as the words' files have them"
    )]
    use super::{Display, Language, Word, fill};
    include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
}

/// A word without gaps.
#[derive(Clone, Copy)]
pub struct Word(usize);

impl Word {
    /// The word in a language.
    pub fn said(self, l: Language) -> &'static str {
        line(self.0, l)
    }
}

/// The language that is being read.
#[derive(Clone, Copy)]
pub struct I18n(RwSignal<Language>);

impl I18n {
    /// For every word below: the reader's language.
    pub fn provide() -> Self {
        let i18n = Self(RwSignal::new(
            crate::ssr::language().unwrap_or_else(crate::browser::language),
        ));
        // the first thing that waits for its turn: what comes with it, the page's title, is then said before the tab is
        // seen without a name
        Effect::new(move |_| crate::browser::mark_language(i18n.language()));
        provide_context(i18n);
        i18n
    }

    /// The language, tracked.
    pub fn language(self) -> Language {
        self.0.get()
    }

    /// The language, as it is now.
    pub fn language_untracked(self) -> Language {
        self.0.get_untracked()
    }

    /// Says every word in another language, as soon as its words are here.
    pub fn change(self, to: Language) {
        crate::browser::with_words(to, file(to), move || self.0.set(to));
    }
}

/// The reader's language, from above.
pub fn use_i18n() -> I18n {
    expect_context()
}

/// A word in a language: `td_string!(l, tasks.title)`, `td_string!(l, tasks.of, who = name)`.
macro_rules! td_string {
    ($l:expr, $subject:ident . $key:ident $(,)?) => {
        $crate::i18n::made::$subject::$key.said($l)
    };
    ($l:expr, $subject:ident . $key:ident, $($gap:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::made::$subject::$key { $($gap: &$value),+ }.said($l)
    };
}
pub(crate) use td_string;

/// A word in the reader's language, which is tracked: `t_string!(i18n, tasks.title)`.
macro_rules! t_string {
    ($i18n:expr, $($word:tt)+) => {
        $crate::i18n::td_string!($i18n.language(), $($word)+)
    };
}
pub(crate) use t_string;

/// Where the browser finds the words of a language.
pub fn file(l: Language) -> String {
    format!("/pkg/words/{}.{}.txt", l.tag(), made::MARK)
}

/// A line of a language's file; until that has come, of another's.
fn line(at: usize, l: Language) -> &'static str {
    ask(l);
    words::line(at, l as usize)
}

/// A line with its gaps filled.
fn fill(at: usize, l: Language, values: &[&dyn Display]) -> String {
    ask(l);
    words::fill(at, l as usize, values)
}

fn ask(l: Language) {
    if !words::knows(l as usize) {
        crate::browser::ask_words(l, file(l));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_stand_in_the_order_of_the_languages() {
        assert_eq!(Language::ALL.map(Language::tag), words::LANGUAGES);
    }

    #[test]
    fn gaps_are_filled_and_numbers_agree() {
        let said = |l, count: i64| td_string!(l, bulk.restart, count = count);
        assert_eq!(said(Language::En, 0), "Restart 0 tasks");
        assert_eq!(said(Language::En, 1), "Restart 1 task");
        assert_eq!(said(Language::Fr, 0), said(Language::Fr, 1).replace('1', "0"));
        assert_ne!(said(Language::Fr, 2), said(Language::Fr, 1).replace('1', "2"));
    }
}
