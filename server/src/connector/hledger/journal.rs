//! The file of the books: reading it, and replacing it as a whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::Failure;
use super::dossier::{Dossier, MAIN_FILE, unusable};

/// Next to the books, so that relative `include` directives still work and a rename is
/// atomic; hidden, so that `include *.journal` does not find it.
const TEMPORARY_FILE: &str = ".changed.journal";

/// The whole text of the books.
pub(super) fn read(dossier: &Dossier) -> Result<String, Failure> {
    let path = dossier.main_file();
    fs::read_to_string(&path).map_err(|error| unusable(&path, &error))
}

/// Replaces the books by `text`, when hledger accepts it and `judge`, called with the name
/// of the temporary copy, does so as well.
///
/// # Errors
///
/// `database_error` when hledger refuses the books as they were, `document_invalid` with
/// the reason `refused_by_package` when it refuses only the change.
pub(super) fn change(
    dossier: &Dossier,
    text: &str,
    judge: impl FnOnce(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let temporary = dossier.folder.join(TEMPORARY_FILE);
    let main = dossier.main_file();
    let changed = write_synced(&temporary, text, &main)
        .and_then(|()| check(dossier))
        .and_then(|()| judge(TEMPORARY_FILE))
        .and_then(|()| put_in_place(&temporary, &main));
    if changed.is_err() {
        // a copy left behind harms nothing: the next change overwrites it
        let _ = fs::remove_file(&temporary);
    }
    changed
}

/// Replaces a file atomically, without any check of its content.
pub(super) fn replace(path: &Path, content: &str) -> Result<(), Failure> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    write_synced(temporary, content, path)?;
    put_in_place(temporary, path)
}

fn check(dossier: &Dossier) -> Result<(), Failure> {
    let changed = checked(dossier, TEMPORARY_FILE)?;
    let Err(refusal) = changed else { return Ok(()) };
    if dossier.main_file().exists() {
        checked(dossier, MAIN_FILE)?.map_err(Failure::database)?;
    }
    let message = Failure::database(refusal.replace(TEMPORARY_FILE, MAIN_FILE)).detail;
    Err(Failure::document("refused_by_package", message))
}

/// The message of hledger when it refuses a journal file.
fn checked(dossier: &Dossier, file: &str) -> Result<Result<(), String>, Failure> {
    let output = dossier.run(&["check", "-f", file, "accounts", "commodities"])?;
    Ok(if output.success {
        Ok(())
    } else {
        Err(output.stderr)
    })
}

fn write_synced(path: &Path, content: &str, permissions_of: &Path) -> Result<(), Failure> {
    let write = || {
        let mut file = File::create(path)?;
        if let Ok(existing) = fs::metadata(permissions_of) {
            file.set_permissions(existing.permissions())?;
        }
        file.write_all(content.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| unusable(path, &error))
}

fn put_in_place(temporary: &Path, path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let rename = || {
        fs::rename(temporary, path)?;
        // the rename itself must survive a power cut as well
        File::open(folder)?.sync_all()
    };
    rename().map_err(|error| unusable(path, &error))
}
