//! Who may do what. Roles are checked in one place: [`Viewer`]'s methods.

use crate::{language::Language, task::OfficeId};
use serde::{Deserialize, Serialize};

/// What a person is in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The platform's own team: every office.
    Support,
    /// Runs an office: everything in it.
    Admin,
    /// Staff with the right to set up jobs: every dossier of the office.
    Operator,
    /// Staff: the dossiers that they manage.
    Employee,
    /// A client of the office: the state of their own dossiers, and documents handed in.
    Client,
    /// Somebody who applied at the office: where their application stands.
    Candidate,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Support,
        Self::Admin,
        Self::Operator,
        Self::Employee,
        Self::Client,
        Self::Candidate,
    ];

    /// The stored key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Employee => "employee",
            Self::Client => "client",
            Self::Candidate => "candidate",
        }
    }

    /// Runs an office: its people, connectors and settings.
    pub fn runs_office(self) -> bool {
        matches!(self, Self::Support | Self::Admin)
    }

    /// Sets up recurring jobs (J6).
    pub fn sets_up_jobs(self) -> bool {
        matches!(self, Self::Support | Self::Admin | Self::Operator)
    }

    /// Signs in with a second factor, always (S9).
    pub fn must_have_factor(self) -> bool {
        matches!(self, Self::Support | Self::Admin)
    }

    /// Somebody outside: they see the portal and nothing of the desk.
    pub fn is_outside(self) -> bool {
        matches!(self, Self::Client | Self::Candidate)
    }

    /// The role of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// A signed-in person looking at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The person's number.
    pub person: i64,
    /// What they are called.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Their office; `None` for Support, who belong to none.
    pub office: Option<OfficeId>,
    /// The language they read.
    pub language: Language,
}

impl Viewer {
    /// May look at `office` at all.
    pub fn may_see_office(&self, office: OfficeId) -> bool {
        self.role == Role::Support || (self.office == Some(office) && !self.role.is_outside())
    }

    /// Sees every dossier of the office (T11), not only those they manage.
    pub fn sees_every_dossier(&self) -> bool {
        self.role.sets_up_jobs()
    }

    /// Runs the office: its people, connectors and settings.
    pub fn runs_office(&self) -> bool {
        self.role.runs_office()
    }

    /// Of the platform's own team.
    pub fn is_support(&self) -> bool {
        self.role == Role::Support
    }
}

/// May restart a task that waits for Support, or give it back to the office (M3). Where the desk has nobody of Support,
/// such a task would wait for ever: there those act who run the office.
pub fn may_act_on_red(viewer: &Viewer, desk_has_support: bool) -> bool {
    match viewer.role {
        Role::Support => true,
        Role::Admin => !desk_has_support,
        Role::Operator | Role::Employee | Role::Client | Role::Candidate => false,
    }
}

/// A program that calls the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A connector of an office.
    Connector { id: i64, office: OfficeId },
    /// A system that delivers tasks to an office.
    Integration { id: i64, office: OfficeId },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_is_supports_and_the_admins_where_there_is_no_support() {
        let may = |role| {
            let viewer = Viewer {
                person: 1,
                name: "A".into(),
                role,
                office: (role != Role::Support).then_some(1),
                language: Language::En,
            };
            [true, false].map(|there| may_act_on_red(&viewer, there))
        };
        assert_eq!(
            Role::ALL.map(may),
            [
                [true, true],
                [false, true],
                [false; 2],
                [false; 2],
                [false; 2],
                [false; 2]
            ]
        );
    }
}
