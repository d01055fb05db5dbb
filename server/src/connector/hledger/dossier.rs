//! The folder of one dossier: its code, its lock, its journals and closed periods.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{Datelike, NaiveDate};

use super::nearest::nearest;
use super::program::{self, Output};
use super::{Failure, Hledger, text};

pub(super) const MAIN_FILE: &str = "main.journal";
pub(super) const JOURNALS_FILE: &str = "journals.txt";
const CODE_LENGTH: usize = 32;

/// The folder of one dossier, locked against other tasks as long as this lives.
pub(super) struct Dossier<'a> {
    hledger: &'a Hledger,
    pub folder: PathBuf,
    _lock: File,
}

impl<'a> Dossier<'a> {
    /// Opens and locks the folder of an activated dossier.
    pub fn open(hledger: &'a Hledger, code: &str) -> Result<Self, Failure> {
        let folder = folder_of(hledger, code)?;
        if !folder.join(MAIN_FILE).is_file() {
            return Err(wrong_code(
                hledger,
                code,
                "There are no books for the dossier code",
            ));
        }
        Self::lock(hledger, folder)
    }

    /// Opens and locks the folder of a dossier, and makes it when it is not there yet.
    pub fn create(hledger: &'a Hledger, code: &str) -> Result<Self, Failure> {
        let folder = folder_of(hledger, code)?;
        fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
        Self::lock(hledger, folder)
    }

    fn lock(hledger: &'a Hledger, folder: PathBuf) -> Result<Self, Failure> {
        let path = folder.join(".lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|error| unusable(&path, &error))?;
        let deadline = Instant::now() + hledger.time_limit;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    return Ok(Self {
                        hledger,
                        folder,
                        _lock: file,
                    });
                }
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Failure::unreachable(
                        "The books of the dossier are in use by another task.",
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
            }
        }
    }

    /// Path of the books.
    pub fn main_file(&self) -> PathBuf {
        self.folder.join(MAIN_FILE)
    }

    /// Runs hledger in the folder of the dossier.
    pub fn run(&self, arguments: &[&str]) -> Result<Output, Failure> {
        program::run(self.hledger, &self.folder, arguments)
    }

    /// Runs hledger and returns its answer; `database_error` when it refuses the books.
    pub fn ask(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.run(arguments)?;
        if output.success {
            Ok(output.stdout)
        } else {
            Err(Failure::database(output.stderr))
        }
    }

    /// Fails with `journal_wrong` unless purchase documents may be booked in the journal:
    /// it must be one of `journals.txt`, of the kind purchases or miscellaneous.
    pub fn require_purchase_journal(&self, journal: &str) -> Result<(), Failure> {
        let wrong = |why: &str| {
            let journal = text::one_line(journal);
            Failure::new("journal_wrong", format!("The journal {journal:?} {why}.")).with("journal", journal)
        };
        let known = self
            .read_optional(JOURNALS_FILE)?
            .unwrap_or_else(|| super::chart::JOURNALS.to_owned());
        let mut kinds = known.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some(journal)).then(|| words.next().unwrap_or_default())
        });
        match kinds.next() {
            Some("purchases" | "miscellaneous") if text::is_code(journal, CODE_LENGTH) => Ok(()),
            Some(_) => Err(wrong("is not for purchase documents")),
            None => Err(wrong("does not exist in this dossier")),
        }
    }

    /// Fails with `period_not_open` when the month of the date is closed.
    pub fn require_open_period(&self, date: NaiveDate) -> Result<(), Failure> {
        let closed = self.read_optional("closed.txt")?.unwrap_or_default();
        for line in closed
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            // an unreadable line could be the very month that must not be touched
            let month = closed_month(line).ok_or_else(|| {
                Failure::database(format!("closed.txt has a line that is no month: {line:?}."))
            })?;
            if month == (date.year(), date.month()) {
                let period = period(date);
                return Err(
                    Failure::new("period_not_open", format!("The period {period} is closed."))
                        .with("period", period),
                );
            }
        }
        Ok(())
    }

    /// The text of a file of the folder, if it is there.
    pub fn read_optional(&self, file: &str) -> Result<Option<String>, Failure> {
        read_optional(&self.folder.join(file))
    }
}

/// The accounting period of a date, `YYYYMM`.
pub(super) fn period(date: NaiveDate) -> String {
    format!("{:04}{:02}", date.year(), date.month())
}

/// A `database_error` about a file or folder that cannot be used.
pub(super) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Failure::database(format!("{name} cannot be used: {error}."))
}

fn closed_month(line: &str) -> Option<(i32, u32)> {
    let (year, month) = line.split_once('-')?;
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let month =
        (digits(year, 4) && digits(month, 2)).then(|| Some((year.parse().ok()?, month.parse().ok()?)))??;
    (1..=12).contains(&month.1).then_some(month)
}

/// The folder of a dossier code that is safe and, where the package lists its codes, known.
fn folder_of(hledger: &Hledger, code: &str) -> Result<PathBuf, Failure> {
    if !text::is_code(code, CODE_LENGTH) {
        return Err(wrong_code(
            hledger,
            code,
            "Only 1 to 32 letters, digits, _ and - can be a dossier code, not",
        ));
    }
    match listed_codes(hledger)? {
        Some(codes) if !codes.iter().any(|known| known == code) => Err(wrong_code(
            hledger,
            code,
            "The package does not know the dossier code",
        )),
        _ => Ok(hledger.books.join(code)),
    }
}

fn listed_codes(hledger: &Hledger) -> Result<Option<Vec<String>>, Failure> {
    let listed = read_optional(&hledger.books.join("dossiers.txt"))?;
    Ok(listed.map(|listed| {
        listed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .map(str::to_owned)
            .collect()
    }))
}

fn wrong_code(hledger: &Hledger, code: &str, sentence: &str) -> Failure {
    let code: String = text::one_line(code).chars().take(64).collect();
    let failure = Failure::new("dossier_code_wrong", format!("{sentence} {code:?}."))
        .with("entered_code", code.as_str());
    // a suggestion is a courtesy: without a readable list there is none
    let codes = match listed_codes(hledger) {
        Ok(Some(codes)) => codes,
        _ => activated_codes(hledger),
    };
    match nearest(&code, &codes) {
        Some(suggested) if suggested != code => failure.with("suggested_code", suggested),
        _ => failure,
    }
}

fn activated_codes(hledger: &Hledger) -> Vec<String> {
    let entries = fs::read_dir(&hledger.books).into_iter().flatten().flatten();
    let activated = entries.filter(|entry| entry.path().join(MAIN_FILE).is_file());
    activated
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn read_optional(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path, &error)),
    }
}
