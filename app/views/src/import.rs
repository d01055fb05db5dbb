//! A file of dossiers: as it was read, as it was confirmed, what became of each line (X1.3, X1.4).

use domain::moment::Moment;
use serde::{Deserialize, Serialize};

/// Most dossiers of one file.
pub const MOST_LINES: usize = 100_000;
/// Most bytes of one file.
pub const MOST_FILE: usize = 10 << 20;
/// So many lines of each sort are named on the page.
pub const SHOWN: usize = 500;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The dossier's code.
    Code,
    /// Its name.
    Name,
    /// Its package.
    Package,
    /// The e-mail address of who manages it.
    Manager,
}

/// How people head the columns in the five languages, in small letters without signs: as they write, and as our own
/// lists do.
const HEADINGS: [(Column, &[&str]); 4] = [
    (
        Column::Code,
        &[
            "code",
            "dossiercode",
            "dossiernummer",
            "dossiernr",
            "klantcode",
            "klantnummer",
            "clientcode",
            "clientnumber",
            "klientkode",
            "klientnummer",
            "klientnr",
            "kundekode",
            "kundenummer",
            "kundenr",
            "kode",
            "nummer",
            "number",
            "codedudossier",
            "codedossier",
            "codeclient",
            "numéro",
            "numero",
            "numérodedossier",
        ],
    ),
    (
        Column::Name,
        &[
            "name",
            "naam",
            "navn",
            "nom",
            "dossier",
            "dossiername",
            "dossiernaam",
            "clientname",
            "client",
            "klantnaam",
            "klant",
            "klientmappe",
            "klient",
            "klientnavn",
            "kunde",
            "kundenavn",
            "nomdudossier",
            "nomduclient",
            "company",
            "companyname",
            "onderneming",
            "bedrijfsnaam",
            "selskap",
            "virksomhed",
            "société",
            "societe",
        ],
    ),
    (
        Column::Package,
        &[
            "package",
            "accountingpackage",
            "pakket",
            "boekhoudpakket",
            "software",
            "system",
            "regnskapssystem",
            "regnskabssystem",
            "logiciel",
            "logicielcomptable",
            "program",
            "programma",
            "programme",
        ],
    ),
    (
        Column::Manager,
        &[
            "manager",
            "managermail",
            "manageremail",
            "managersmail",
            "managersemail",
            "dossiermanager",
            "mail",
            "email",
            "emailaddress",
            "beheerder",
            "beheerderemail",
            "beheerdermail",
            "dossierbeheerder",
            "emailadres",
            "ansvarlig",
            "klientansvarlig",
            "ansvarligepost",
            "ansvarligemail",
            "epost",
            "gestionnaire",
            "gestionnaireemail",
            "gestionnairededossier",
            "courriel",
            "adresseemail",
            "adressemail",
            "responsable",
        ],
    ),
];

impl Column {
    /// What a heading names; `None` for any other text.
    pub fn of(heading: &str) -> Option<Self> {
        let plain: String = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        let named = HEADINGS.iter().find(|(_, words)| words.contains(&plain.as_str()));
        named.map(|(column, _)| *column)
    }

    /// The key in refusals.
    pub fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Name => "name",
            Self::Package => "package",
            Self::Manager => "manager",
        }
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// It has not enough cells.
    Short,
    /// A cell holds a line break, or its quotes never close.
    Broken,
    /// This is no code.
    Code(String),
    /// The code is a formula.
    Formula,
    /// There is no name, or it has more than 200 characters or some that cannot be shown.
    Name,
    /// Nobody knows this package.
    Package(String),
    /// Nobody who works here has this e-mail address.
    Manager(String),
    /// Its code stands in that earlier line.
    Double(u32),
    /// Its code is another dossier's, of this name.
    Taken(String),
    /// Its code is that of an archived dossier, of this name.
    Archived(String),
}

/// A line that is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongLine {
    /// Which.
    pub line: u32,
    /// Its code as typed.
    pub code: String,
    /// Why.
    pub problem: Problem,
}

/// What was found of the lines that are not activated, and what to know of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Lines with a dossier.
    pub lines: u32,
    /// What is wrong, in the order of the file: the first [`SHOWN`].
    pub wrong: Vec<WrongLine>,
    /// Lines with something wrong, all of them.
    pub wrong_lines: u32,
    /// Lines whose dossier is here already, just so: line and code, the first [`SHOWN`].
    pub here: Vec<(u32, String)>,
    /// And how many.
    pub here_lines: u32,
    /// Packages that no connector of the office reaches yet, with how many of the lines wait for one.
    pub unserved: Vec<(String, u32)>,
    /// Lines that name no manager.
    pub unmanaged: u32,
}

/// How far the activations of a confirmed file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// Activations that succeeded.
    pub active: u32,
    /// Those that stopped: Follow-up says what to do.
    pub stopped: u32,
    /// Those that were called off.
    pub cancelled: u32,
    /// Those that wait or run.
    pub waiting: u32,
    /// Lines that are still to come.
    pub to_come: u32,
    /// Lines that could not be made after all: their code was taken meanwhile.
    pub left_out: u32,
}

impl ImportProgress {
    /// Every line has come to an end that nothing but a person changes.
    pub fn is_over(self) -> bool {
        self.to_come == 0 && self.waiting == 0
    }
}

/// A file of dossiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPage {
    /// Names it.
    pub id: i64,
    /// What the file is called.
    pub file: String,
    /// Dossiers that are activated once it is confirmed.
    pub total: u32,
    /// The first of them as they were read: line, code, name, package, manager.
    pub sample: Vec<(u32, String, String, String, String)>,
    /// What was found of the others.
    pub findings: Findings,
    /// When it was confirmed, and how far it is since.
    pub progress: Option<(Moment, ImportProgress)>,
    /// Who stopped it.
    pub stopped_by: Option<String>,
}

/// A file that was confirmed before: its number, its name, when, by whom, how many.
pub type ImportLine = (i64, String, Moment, String, u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_known_in_every_language_and_a_code_or_name_is_none() {
        for (heading, column) in [
            ("Dossier code", Column::Code),
            ("Klientkode", Column::Code),
            ("Code du dossier", Column::Code),
            ("NAAM", Column::Name),
            ("Boekhoud-pakket", Column::Package),
            ("Logiciel comptable", Column::Package),
            ("Beheerder (e-mail)", Column::Manager),
            ("E-post", Column::Manager),
        ] {
            assert_eq!(Column::of(heading), Some(column), "{heading}");
        }
        for other in ["A1", "", "Bakkerij De Smet", "BE0123456789"] {
            assert_eq!(Column::of(other), None, "{other}");
        }
    }

    #[test]
    fn no_word_heads_two_columns() {
        let mut all: Vec<&str> = HEADINGS.iter().flat_map(|(_, w)| w.iter().copied()).collect();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
    }
}
