//! Whether a collection system lets its entries run (C2, C3).

use domain::NotNow;
use store::{
    collection::{self as rows, SystemRow},
    error::Result,
    look::Look,
};
use views::collection::{Gate, Rival, SystemKind};

/// The kind of entry that only one system of its group may have enabled (C3).
const IMPORT: &str = "ccm_import_payments";
/// Why an entry of a system cannot be switched on and does not run; `None` when it can.
pub(super) fn gate(w: Look<'_>, system: i64, kind: &str) -> Result<Option<Gate>> {
    let Some(row) = rows::get(w.db, system)? else {
        return Ok(Some(Gate::NotActive));
    };
    Ok(match row {
        _ if !row.active => Some(Gate::NotActive),
        _ if !row.direct => Some(Gate::NotDirect),
        _ if kind == IMPORT => rival(w, &row)?.map(|r| Gate::Rival(r.name)),
        _ => None,
    })
}

/// What refuses an entry.
pub(super) fn not_now(gate: Gate) -> NotNow {
    match gate {
        Gate::NotActive => NotNow::SystemNotActive,
        Gate::NotDirect => NotNow::SystemNotDirect,
        Gate::Rival(name) => NotNow::RivalActive { name },
    }
}

/// The other system of the company that is active, of those that only one may be of.
pub(super) fn rival(w: Look<'_>, row: &SystemRow) -> Result<Option<Rival>> {
    let Some(group) = kind(w, &row.code).one_of else {
        return Ok(None);
    };
    let others = rows::of_company(w.db, row.dossier)?;
    let other = others
        .into_iter()
        .find(|o| o.id != row.id && o.active && kind(w, &o.code).one_of.as_ref() == Some(&group));
    Ok(other.map(|o| Rival {
        id: o.id,
        name: kind(w, &o.code).name,
        version: o.version,
    }))
}

/// What the catalogue says of a system; its key for one that it does not know any more.
pub(super) fn kind(w: Look<'_>, code: &str) -> SystemKind {
    let unknown = || SystemKind {
        code: code.into(),
        name: code.into(),
        short: code.into(),
        one_of: None,
    };
    w.known.catalogue.system(code).cloned().unwrap_or_else(unknown)
}
