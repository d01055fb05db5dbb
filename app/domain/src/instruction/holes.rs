//! What is missing in an instruction. The editor says it at the field, the server refuses it, the start names it.

use super::{
    Instruction, Param, Texts,
    template::{LONGEST_TEXT, placeholders},
};
use crate::{failure::Audience, language::Language, text::is_control};
use std::{collections::BTreeSet, fmt};

/// Longest title, in characters: it is a line of a list.
pub const LONGEST_TITLE: usize = 200;

/// A text of an instruction. Steps count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// What the list says.
    Title,
    /// What is wrong.
    Cause,
    /// One step.
    Step(usize),
    /// What happens next.
    After,
    /// When the steps are not the way.
    Escalate,
    /// What another way is called.
    WayTitle(usize),
    /// One step of another way.
    WayStep(usize, usize),
    /// All steps together.
    Steps,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The office must act and is not told how.
    NoStep,
    /// Nothing is written.
    Missing,
    /// A brace is not closed or opened, or something else than `select` is asked for.
    Unreadable(String),
    /// It names a parameter that the instruction does not have.
    Unknown(String),
    /// It does not name the same parameters as the English text.
    Differs,
    /// More characters than this.
    TooLong(usize),
    /// Control characters, or invisible ones that reorder what people read.
    Control,
}

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Where.
    pub place: Place,
    /// In which language; `None` for all.
    pub language: Option<Language>,
    /// What.
    pub why: Why,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title => f.write_str("title"),
            Self::Cause => f.write_str("cause"),
            Self::Step(n) => write!(f, "step {}", n + 1),
            Self::After => f.write_str("after"),
            Self::Escalate => f.write_str("escalate"),
            Self::WayTitle(n) => write!(f, "title of alternative {}", n + 1),
            Self::WayStep(n, m) => write!(f, "step {} of alternative {}", m + 1, n + 1),
            Self::Steps => f.write_str("steps"),
        }
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place;
        let tag = self.language.map_or("every language", Language::tag);
        match &self.why {
            Why::NoStep => f.write_str("is for the office and has no step the office can do."),
            Why::Missing => write!(f, "the {place} is missing in {tag}."),
            Why::Unreadable(why) => write!(f, "the {place} in {tag} cannot be read: {why}."),
            Why::Unknown(name) => write!(f, "the {place} in {tag} names the unknown parameter {name}."),
            Why::Differs => write!(
                f,
                "the {place} in {tag} does not name the same parameters as in en."
            ),
            Why::Control => write!(f, "the {place} in {tag} contains control characters."),
            Why::TooLong(most) => write!(f, "the {place} in {tag} has more than {most} characters."),
        }
    }
}

impl Instruction {
    /// The texts of a place; `None` where the instruction has no such place.
    pub fn texts(&self, place: Place) -> Option<&Texts> {
        match place {
            Place::Title => Some(&self.title),
            Place::Cause => Some(&self.cause),
            Place::Step(n) => self.steps.get(n),
            Place::After => self.after.as_ref(),
            Place::Escalate => self.escalate.as_ref(),
            Place::WayTitle(n) => self.alternatives.get(n).map(|a| &a.title),
            Place::WayStep(n, m) => self.alternatives.get(n)?.steps.get(m),
            Place::Steps => None,
        }
    }

    /// The same, to be written. What need not be there comes to be.
    pub fn texts_mut(&mut self, place: Place) -> Option<&mut Texts> {
        match place {
            Place::Title => Some(&mut self.title),
            Place::Cause => Some(&mut self.cause),
            Place::Step(n) => self.steps.get_mut(n),
            Place::After => Some(self.after.get_or_insert_default()),
            Place::Escalate => Some(self.escalate.get_or_insert_default()),
            Place::WayTitle(n) => self.alternatives.get_mut(n).map(|a| &mut a.title),
            Place::WayStep(n, m) => self.alternatives.get_mut(n)?.steps.get_mut(m),
            Place::Steps => None,
        }
    }

    /// Every text it has.
    pub fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::Title, Place::Cause];
        places.extend((0..self.steps.len()).map(Place::Step));
        places.extend(self.after.as_ref().map(|_| Place::After));
        places.extend(self.escalate.as_ref().map(|_| Place::Escalate));
        for (n, way) in self.alternatives.iter().enumerate() {
            places.push(Place::WayTitle(n));
            places.extend((0..way.steps.len()).map(|m| Place::WayStep(n, m)));
        }
        places
    }

    /// Without the texts that need not be there and are not.
    pub fn tidied(&self) -> Self {
        let written = |t: &Texts| t.values().any(|t| !t.trim().is_empty());
        Self {
            after: self.after.clone().filter(written),
            escalate: self.escalate.clone().filter(written),
            ..self.clone()
        }
    }

    /// What is missing in it.
    pub fn holes(&self) -> Vec<Hole> {
        let mut holes = vec![];
        if self.audience == Audience::Office && self.steps.is_empty() {
            holes.push(Hole {
                place: Place::Steps,
                language: None,
                why: Why::NoStep,
            });
        }
        for place in self.places() {
            if let Some(texts) = self.texts(place) {
                text_holes(place, texts, &self.params, &mut holes);
            }
        }
        holes
    }

    /// The languages in which nothing is missing.
    pub fn complete_in(&self) -> Vec<Language> {
        let holes = self.holes();
        let whole = |l: &Language| holes.iter().all(|h| h.language.is_some_and(|h| h != *l));
        Language::ALL.into_iter().filter(whole).collect()
    }
}

fn text_holes(place: Place, texts: &Texts, params: &[Param], holes: &mut Vec<Hole>) {
    let longest = match place {
        Place::Title | Place::WayTitle(_) => LONGEST_TITLE,
        _ => LONGEST_TEXT,
    };
    let mut english = BTreeSet::new();
    for language in Language::ALL {
        let mut hole = |why| {
            holes.push(Hole {
                place,
                language: Some(language),
                why,
            });
        };
        let Some(text) = texts.get(language.tag()).filter(|t| !t.trim().is_empty()) else {
            hole(Why::Missing);
            continue;
        };
        if text.chars().count() > longest {
            hole(Why::TooLong(longest));
        }
        // people write lines, but a title is one
        let line = |c| matches!(c, '\n' | '\t') && longest > LONGEST_TITLE;
        if text.chars().any(|c| is_control(c) && !line(c)) {
            hole(Why::Control);
        }
        let mut named = BTreeSet::new();
        if let Err(why) = placeholders(text, &mut named) {
            hole(Why::Unreadable(why));
        }
        for unknown in named.iter().filter(|n| params.iter().all(|p| p.name != **n)) {
            hole(Why::Unknown(unknown.clone()));
        }
        if language == Language::En {
            english = named;
        } else if named != english {
            hole(Why::Differs);
        }
    }
}
