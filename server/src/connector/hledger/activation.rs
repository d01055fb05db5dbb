//! Opens the books of a dossier.

use serde_json::{Value, json};

use super::dossier::{Dossier, JOURNALS_FILE};
use super::own::{COMPANY_FILE, company_file};
use super::{Failure, Hledger, Work, chart, journal};

/// `activate_dossier`, payload `{"name", "package", "vat_number"?}`: makes the books of the dossier with
/// a chart of accounts. Books that exist are left as they are.
///
/// Result: `{"dossier_code", "already"}`.
pub(super) fn activate(hledger: &Hledger, work: &Work) -> Result<Value, Failure> {
    let name = work
        .payload
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or(work.dossier_name);
    let dossier = Dossier::create(hledger, work.dossier_code)?;
    let journals = dossier.folder.join(JOURNALS_FILE);
    if !journals.exists() {
        journal::replace(&journals, chart::JOURNALS)?;
    }
    let company = dossier.folder.join(COMPANY_FILE);
    if let Some(number) = work.payload.get("vat_number").and_then(Value::as_str)
        && !company.exists()
    {
        journal::replace(&company, &company_file(name, number))?;
    }
    let already = dossier.main_file().exists();
    if !already {
        // last, because the presence of this file is what makes a dossier active
        journal::change(&dossier, &chart::journal(work.dossier_code, name), |_| Ok(()))?;
    }
    Ok(json!({ "dossier_code": work.dossier_code, "already": already }))
}
