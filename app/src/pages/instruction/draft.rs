//! What is being written: one instruction, and what is missing in it.

use crate::i18n::*;
use domain::{
    Language,
    failure::Audience,
    instruction::{Hole, Instruction, Place, Texts, Why},
};
use leptos::prelude::*;
use views::instructions::Editing;

/// The draft. It stays on the page whatever the server says.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    /// As it now is.
    pub text: RwSignal<Instruction>,
    /// Rises when fields come or go: only then are they made anew, so that typing keeps its place.
    pub shape: RwSignal<u32>,
    /// The language that is being written.
    pub language: RwSignal<Language>,
    /// What is missing.
    pub holes: Memo<Vec<Hole>>,
    /// It was to be saved: now every hole is named.
    pub tried: RwSignal<bool>,
    /// The version that it was written from.
    pub read: RwSignal<u32>,
}

impl Draft {
    /// Begins with a version: the last one, unless another is asked for.
    pub fn new(e: &Editing, from: Option<u32>, language: Language) -> Self {
        let version = |n| e.versions.iter().find(|v| v.instruction.version == n);
        let begun = from.and_then(version).or(e.versions.first());
        let text = RwSignal::new(begun.map_or_else(|| empty(e), |v| v.instruction.clone()));
        Self {
            text,
            shape: RwSignal::new(0),
            language: RwSignal::new(language),
            holes: Memo::new(move |_| text.with(|t| t.tidied().holes())),
            tried: RwSignal::new(false),
            read: RwSignal::new(e.versions.first().map_or(0, |v| v.instruction.version)),
        }
    }

    /// Changes it.
    pub fn change(self, f: impl FnOnce(&mut Instruction)) {
        self.text.update(f);
    }

    /// Changes which fields there are.
    pub fn reshape(self, f: impl FnOnce(&mut Instruction)) {
        self.text.update(f);
        self.shape.update(|n| *n += 1);
    }

    /// The text of a place in the language that is being written.
    pub fn get(self, place: Place) -> String {
        let tag = self.language.get().tag();
        self.text
            .with(|t| t.texts(place).and_then(|t| t.get(tag)).cloned())
            .unwrap_or_default()
    }

    /// Writes it.
    pub fn set(self, place: Place, text: String) {
        let tag = self.language.get_untracked().tag();
        self.change(|t| {
            if let Some(texts) = t.texts_mut(place) {
                texts.insert(tag.to_owned(), text);
            }
        });
    }

    /// What is wrong at a place, in the reader's words. What is merely not there yet is said once it matters.
    pub fn wrong(self, i18n: I18n, place: Place) -> String {
        let language = self.language.get();
        let tried = self.tried.get();
        let here = |h: &&Hole| {
            let early = matches!(h.why, Why::Missing | Why::Differs | Why::NoStep);
            h.place == place && h.language.is_none_or(|l| l == language) && (tried || !early)
        };
        let words = self.holes.with(|holes| {
            holes
                .iter()
                .filter(here)
                .map(|h| why_words(i18n, h))
                .collect::<Vec<_>>()
        });
        words.join(" ")
    }

    /// How many texts are whole in a language, and how many there are.
    pub fn done(self, language: Language) -> (usize, usize) {
        let places = self.text.with(|t| t.tidied().places());
        let whole = self.holes.with(|holes| {
            let hole_in = |p: &Place| {
                holes
                    .iter()
                    .any(|h| h.place == *p && h.language == Some(language))
            };
            places.iter().filter(|p| !hole_in(p)).count()
        });
        (whole, places.len())
    }

    /// Fills what is empty in the language that is being written with the English text.
    pub fn copy_english(self) {
        let tag = self.language.get_untracked().tag();
        self.change(|t| {
            for place in t.places() {
                let Some(texts) = t.texts_mut(place) else { continue };
                let english = texts.get("en").cloned().unwrap_or_default();
                let own = texts.entry(tag.to_owned()).or_default();
                if own.trim().is_empty() {
                    *own = english;
                }
            }
        });
    }
}

fn why_words(i18n: I18n, hole: &Hole) -> String {
    match &hole.why {
        Why::NoStep => t_string!(i18n, instructions.why_no_step).to_owned(),
        Why::Missing => {
            let language = hole.language.map_or("", Language::own_name);
            t_string!(i18n, instructions.why_missing, language = language).to_string()
        }
        Why::Unreadable(_) => t_string!(i18n, instructions.why_unreadable).to_owned(),
        Why::Unknown(name) => t_string!(i18n, instructions.why_unknown, name = name.clone()).to_string(),
        Why::Differs => t_string!(i18n, instructions.why_differs).to_owned(),
        Why::TooLong(n) => t_string!(i18n, instructions.why_long, n = *n).to_string(),
        Why::Control => t_string!(i18n, instructions.why_control).to_owned(),
    }
}

/// An instruction for the office that speaks of every kind, with one step to be written.
fn empty(e: &Editing) -> Instruction {
    let seen = |kind: &&String| e.failing.iter().any(|f| f.kind == **kind);
    let some = e.kinds.iter().any(|k| seen(&k));
    Instruction {
        package: e.package.clone(),
        package_name: e.package_name.clone(),
        code: e.code.clone(),
        task_kinds: e.kinds.iter().filter(|k| !some || seen(k)).cloned().collect(),
        audience: Audience::Office,
        restartable: true,
        auto_retry: None,
        group_by: vec!["code".to_owned()],
        params: vec![],
        title: Texts::new(),
        cause: Texts::new(),
        steps: vec![Texts::new()],
        after: None,
        escalate: None,
        alternatives: vec![],
        editable: vec![],
        version: 0,
    }
}
