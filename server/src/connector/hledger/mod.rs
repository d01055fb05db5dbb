//! Carries out bookkeeping tasks in hledger, a plain text bookkeeping package.
//!
//! Layout of the books (`Hledger::books`):
//!
//! ```text
//! dossiers.txt          optional: one "CODE Name" per line, the codes the package knows
//! <code>/main.journal   the books of one dossier
//! <code>/journals.txt   one "CODE kind" per line, kind is purchases, sales, bank or miscellaneous
//! <code>/closed.txt     optional: one closed month per line, YYYY-MM
//! <code>/company.txt    optional: who the dossier is, one "name …" or "number …" per line
//! <code>/.lock          held while a task works in the folder
//! ```
//!
//! Every change is made on a temporary copy next to `main.journal`, judged there by
//! `hledger check accounts commodities`, read back and compared, and only then put in
//! place with one rename. The journal therefore always holds the whole change or none of it.
//!
//! Codes a [`Failure`] can carry: `dossier_code_wrong`, `document_invalid`, `vat_code_wrong`,
//! `journal_wrong`, `period_not_open`, `double_booking`, `payment_linked`, `buyer_differs`,
//! `dossier_is_supplier`, `advance_invoice`,
//! `package_unreachable`, `database_error`, `kind_unknown`.

mod activation;
mod arithmetic;
mod balances;
mod booking;
mod chart;
mod deletion;
mod document;
mod dossier;
mod entry;
mod failure;
mod field;
mod figures;
mod groups;
mod journal;
mod nearest;
mod number;
mod own;
mod party;
mod program;
mod text;
mod transaction;
mod ubl;
mod vat;
mod xml;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

pub use failure::Failure;

use dossier::Dossier;

/// Where the books are and which hledger to run.
#[derive(Clone, Debug)]
pub struct Hledger {
    /// Folder with one sub-folder per dossier code.
    pub books: PathBuf,
    /// The program to run; a bare name is looked up on the PATH.
    pub program: PathBuf,
    /// How long one run of the program may take, and how long to wait for the
    /// dossier's lock.
    pub time_limit: Duration,
}

/// One task to carry out.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// Id of the task, 1 to 64 characters of `A-Z a-z 0-9 _ -`. It is written into the
    /// booking, so that a repeated task is recognised.
    pub task: &'a str,
    /// `activate_dossier`, `process_booking_proposal`, `delete_booking_proposal` or
    /// `synchronise_dossier`.
    pub kind: &'a str,
    /// Code of the dossier in the package, 1 to 32 characters of `A-Z a-z 0-9 _ -`.
    pub dossier_code: &'a str,
    /// Name of the dossier, for people.
    pub dossier_name: &'a str,
    /// What the kind of task needs; see the functions of the kinds.
    pub payload: &'a Value,
    /// Codes of failures that a person has looked at: it shall be booked all the same.
    pub confirmed: &'a [String],
}

impl Work<'_> {
    /// Whether a person has said that this failure is none.
    fn confirms(&self, code: &str) -> bool {
        self.confirmed.iter().any(|c| c == code)
    }
}

/// What people call a document: its number and its supplier; `None` for what is no UBL document, or says neither.
pub fn called(document: &str) -> Option<String> {
    ubl::called(document)
}

impl Hledger {
    /// Carries out one task and returns its result as JSON. Blocks until done.
    ///
    /// A task that was carried out before changes nothing and returns the same result
    /// with `"already": true`.
    ///
    /// # Errors
    ///
    /// A [`Failure`] with one of the codes listed at the top of this module. After a
    /// failure the books are as they were.
    pub fn carry_out(&self, work: &Work) -> Result<Value, Failure> {
        let carry_out_in = match work.kind {
            "activate_dossier" => return activation::activate(self, work),
            "process_booking_proposal" => booking::process,
            "delete_booking_proposal" => deletion::delete,
            "synchronise_dossier" => balances::synchronise,
            unknown => {
                return Err(Failure::new(
                    "kind_unknown",
                    format!("hledger cannot carry out tasks of the kind {unknown:?}."),
                )
                .with("kind", unknown));
            }
        };
        let dossier = Dossier::open(self, work.dossier_code)?;
        carry_out_in(&dossier, work)
    }
}
