//! The five languages (S1).

use serde::{Deserialize, Serialize};

/// A language that every word exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English
    #[default]
    En,
    /// Dutch
    Nl,
    /// Norwegian Bokmål
    Nb,
    /// Danish
    Da,
    /// French
    Fr,
}

const MONTHS: [[&str; 12]; 5] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
];
const MONTHS_SHORT: [[&str; 12]; 5] = [
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    [
        "jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
    ],
    [
        "jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des.",
    ],
    [
        "jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec.",
    ],
    [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
];
const DAYS_SHORT: [[&str; 7]; 5] = [
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["ma", "di", "wo", "do", "vr", "za", "zo"],
    ["man.", "tir.", "ons.", "tor.", "fre.", "lør.", "søn."],
    ["man.", "tir.", "ons.", "tor.", "fre.", "lør.", "søn."],
    ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
];
const AND: [&str; 5] = ["and", "en", "og", "og", "et"];

impl Language {
    /// Every language, in the order of its number.
    pub const ALL: [Self; 5] = [Self::En, Self::Nl, Self::Nb, Self::Da, Self::Fr];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        ["en", "nl", "nb", "da", "fr"][self as usize]
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        ["English", "Nederlands", "Norsk bokmål", "Dansk", "Français"][self as usize]
    }

    /// The language of a tag, also of `nl-BE` or `no`; `None` for a language we do not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let main = tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        if main == "no" {
            return Some(Self::Nb);
        }
        Self::ALL.into_iter().find(|l| l.tag() == main)
    }

    /// `February`; `month0` counts from 0.
    pub fn month(self, month0: u32) -> &'static str {
        MONTHS[self as usize][month0 as usize % 12]
    }

    /// `Feb`; `month0` counts from 0.
    pub fn month_short(self, month0: u32) -> &'static str {
        MONTHS_SHORT[self as usize][month0 as usize % 12]
    }

    /// `Wed`; `from_monday` counts from 0.
    pub fn weekday_short(self, from_monday: u32) -> &'static str {
        DAYS_SHORT[self as usize][from_monday as usize % 7]
    }

    /// `and`, between the last two of a list.
    pub fn and(self) -> &'static str {
        AND[self as usize]
    }
}
