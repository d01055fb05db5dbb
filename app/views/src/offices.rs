//! Offices and the people of Support, as Support sees them.

use super::people::{Invitation, PersonLine};
use domain::language::Language;
use serde::{Deserialize, Serialize};

/// A new office, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOffice {
    /// Its name.
    pub name: String,
    /// What stands in its addresses; it stays.
    pub code: String,
    /// IANA zone.
    pub zone: String,
    /// What it sends is in this language.
    pub language: Language,
}

/// A new office with its first admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddOffice {
    /// The office.
    pub office: NewOffice,
    /// Who will run it; always an admin.
    pub admin: Invitation,
}

/// One office of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// What it sends is in this language.
    pub language: Language,
    /// How many work there.
    pub people: u32,
    /// How many dossiers it has.
    pub dossiers: u32,
    /// Who runs it, by name; those who have not used their link yet too.
    pub admins: Vec<String>,
    /// None of them has been there yet.
    pub waits_for_admin: bool,
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficesPage {
    /// Every office, by name.
    pub offices: Vec<OfficeLine>,
    /// The people of Support.
    pub support: Vec<PersonLine>,
    /// Zones to choose from.
    pub zones: Vec<String>,
}

/// What of an office's first steps is done. The office itself is: somebody looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// A connector has called.
    pub connector: bool,
    /// There is a dossier.
    pub dossiers: bool,
    /// An integration has a token.
    pub integration: bool,
    /// A task that is no activation is done.
    pub task: bool,
}

impl Begun {
    /// The steps in their order, the office first.
    pub fn steps(self) -> [bool; 5] {
        [true, self.connector, self.dossiers, self.integration, self.task]
    }

    /// The office is at work: whatever was left out was not needed.
    pub fn is_over(self) -> bool {
        self.task
    }
}
