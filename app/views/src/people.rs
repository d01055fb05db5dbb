//! Users and rights, sessions.

use domain::{language::Language, moment::Moment, people::Role};
use serde::{Deserialize, Serialize};

/// Whether a person can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// They do.
    Active,
    /// They have not used their link yet.
    Invited,
    /// Their access has ended.
    Left,
}

/// One line of the list of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLine {
    /// Their number.
    pub id: i64,
    /// What they are called.
    pub name: String,
    /// Where their mail goes.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// What they read.
    pub language: Language,
    /// How many dossiers they manage.
    pub dossiers: u32,
    /// When they were last there.
    pub seen: Option<Moment>,
    /// Whether they can sign in.
    pub access: Access,
    /// Until when an unused link of theirs is good.
    pub link_until: Option<Moment>,
    /// They have a second factor.
    pub has_factor: bool,
    /// It is the reader.
    pub me: bool,
}

/// A dossier that a person manages or could manage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedLine {
    /// Its number.
    pub id: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// They manage it.
    pub managed: bool,
}

/// An invitation, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// What they are called.
    pub name: String,
    /// Where their mail goes.
    pub email: String,
    /// What they become.
    pub role: Role,
    /// What they read.
    pub language: Language,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The stored key.
    pub fn key(self) -> &'static str {
        ["system", "light", "dark"][self as usize]
    }

    /// The theme of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.key() == key)
    }
}

/// What a person chose for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taste {
    /// Light or dark.
    pub theme: Theme,
    /// Single letters are shortcuts (WCAG 2.1.4).
    pub shortcuts: bool,
}

/// Somewhere that a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// Tells it from the person's others; opens nothing.
    pub id: String,
    /// Browser and system in short words; empty when they are not known.
    pub device: String,
    /// Signed in.
    pub created: Moment,
    /// Last there.
    pub seen: Option<Moment>,
    /// It is the reader's own.
    pub this: bool,
}

/// One's own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What they are called.
    pub name: String,
    /// Where their mail goes.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// What they chose.
    pub taste: Taste,
    /// They have a password; the old one is asked for when it changes.
    pub has_password: bool,
    /// They have a second factor.
    pub has_factor: bool,
    /// Recovery codes that they have left.
    pub codes_left: u32,
    /// The last seen first.
    pub sessions: Vec<SessionLine>,
}

/// `Firefox · Windows` of what a browser calls itself; empty when nothing in it is known.
pub fn device(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    // each calls itself by the names of those before it, too: the most particular come first
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    browser.into_iter().chain(system).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_device_reads_in_short_words() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
                "Firefox · Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            ("", ""),
            ("نص 🦉", ""),
        ] {
            assert_eq!(device(agent), words, "{agent}");
        }
    }
}
