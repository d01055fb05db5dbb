//! The second factor of whoever looks (S9).

use crate::people::SessionLine;
use domain::people::Role;
use serde::{Deserialize, Serialize};

/// How a person stands with their second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorPage {
    /// What they are called.
    pub name: String,
    /// Where their mail goes.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// They gave the first factor only: until the second is given they are nobody.
    pub waits: bool,
    /// Their role goes with one.
    pub must: bool,
    /// They have one.
    pub on: bool,
    /// They came by a link of the demo, and are asked for none.
    pub demo: bool,
    /// What their app is given; `None` for whoever has one.
    pub set_up: Option<SetUp>,
    /// No codes are looked at for so many minutes more.
    pub rest: Option<u32>,
    /// Recovery codes that they have left.
    pub left: u32,
    /// They have a password, which is asked for when the factor is taken off.
    pub has_password: bool,
    /// Recovery codes wait to be put away.
    pub codes: bool,
    /// Where they are signed in, for those outside, whose portal has no profile; the last seen first.
    pub sessions: Vec<SessionLine>,
}

/// What an app is given to make codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// The secret, in groups of four letters, to type.
    pub key: String,
    /// The same as an address that apps on this device open.
    pub address: String,
    /// The same as a picture.
    pub picture: Qr,
}

/// A QR code, to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qr {
    /// Its modules on each side, without the white around it.
    pub size: u32,
    /// The dark ones, as a path of SVG, a module to a unit.
    pub path: String,
}
