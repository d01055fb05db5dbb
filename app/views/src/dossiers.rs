//! What staff do with a dossier itself: activate it, name it, put it away (T21).

use serde::{Deserialize, Serialize};

/// A dossier that is to be activated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDossier {
    /// Its code in the package.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Key of its package.
    pub package: String,
}

/// A package that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageChoice {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// A connector of the office can activate dossiers in it.
    pub served: bool,
}

/// What the form of an activation needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivateFrame {
    /// Those that a connector of the office serves first.
    pub packages: Vec<PackageChoice>,
    /// The reader runs the office, and may do it for a whole file.
    pub runs_office: bool,
}
