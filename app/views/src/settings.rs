//! Settings of an office.

use domain::language::Language;
use serde::{Deserialize, Serialize};

/// What an office can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// Language of what it sends.
    pub language: Language,
    /// Whom staff may ask.
    pub support_contact: String,
    /// Connectors come again after this many seconds at the earliest.
    pub poll_from: u32,
    /// ... and at the latest.
    pub poll_to: u32,
    /// A lease lives this many seconds without a sign of life.
    pub lease_seconds: u32,
    /// A waiting instruction reminds the dossier's managers after this many hours.
    pub remind_hours: u32,
    /// ... and the office's admins after this many.
    pub escalate_hours: u32,
}

impl Settings {
    /// Each setting by its name, as text.
    pub fn each(&self) -> [(&'static str, String); 9] {
        [
            ("name", self.name.clone()),
            ("zone", self.zone.clone()),
            ("language", self.language.tag().to_owned()),
            ("support_contact", self.support_contact.clone()),
            ("poll_from", self.poll_from.to_string()),
            ("poll_to", self.poll_to.to_string()),
            ("lease_seconds", self.lease_seconds.to_string()),
            ("remind_hours", self.remind_hours.to_string()),
            ("escalate_hours", self.escalate_hours.to_string()),
        ]
    }

    /// What differs: name, here, there.
    pub fn differences(&self, other: &Self) -> Vec<(&'static str, String, String)> {
        let pairs = self.each().into_iter().zip(other.each());
        pairs
            .filter(|((_, a), (_, b))| a != b)
            .map(|((name, a), (_, b))| (name, a, b))
            .collect()
    }
}

/// The page of an office's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsPage {
    /// As they stand.
    pub settings: Settings,
    /// Every zone that can be chosen.
    pub zones: Vec<String>,
}
