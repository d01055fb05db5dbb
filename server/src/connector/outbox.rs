//! Reports on disk until the desk has recorded them: what was done in a package must not be lost on the way home.

use domain::wire::Report;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What the desk will never take is moved here, beside its answer, for a person.
const REFUSED: &str = "refused";

/// A folder with one file a report.
#[derive(Debug, Clone)]
pub struct Outbox(PathBuf);

impl Outbox {
    /// Opens the folder, making it when missing.
    ///
    /// # Errors
    /// A sentence when it cannot be used.
    pub fn open(folder: PathBuf) -> Result<Self, String> {
        let refused = folder.join(REFUSED);
        fs::create_dir_all(&refused).map_err(|e| format!("{} cannot be made: {e}.", refused.display()))?;
        Ok(Self(folder))
    }

    /// Keeps a report.
    pub fn put(&self, report: &Report) -> io::Result<()> {
        write_whole(&self.0, &name(report), &serde_json::to_vec(report)?)
    }

    /// Forgets a report: the desk has recorded it.
    pub fn done(&self, report: &Report) {
        match fs::remove_file(self.0.join(name(report))) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                // told again, it is answered like the first time
                tracing::warn!(error = %e, "a delivered report could not be removed");
            }
            _ => {}
        }
    }

    /// Puts a report aside that the desk will not take, with what it said.
    ///
    /// # Errors
    /// When it cannot be moved; then it stays where it is.
    pub fn refuse(&self, report: &Report, answer: &str) -> io::Result<()> {
        self.put_aside(&name(report), answer)
    }

    /// How many were put aside and still lie there.
    pub fn refused(&self) -> usize {
        files(&self.0.join(REFUSED)).len()
    }

    /// Every report that waits, oldest task first. A file that cannot be read is put aside for a person.
    pub fn waiting(&self) -> Vec<Report> {
        let mut reports: Vec<Report> = files(&self.0).iter().filter_map(|p| self.read(p)).collect();
        reports.sort_by_key(|r: &Report| r.task.parse::<u64>().unwrap_or(u64::MAX));
        reports
    }

    fn read(&self, path: &Path) -> Option<Report> {
        let bytes = fs::read(path)
            .inspect_err(
                |e| tracing::warn!(file = %path.display(), error = %e, "a kept report cannot be read"),
            )
            .ok()?;
        match serde_json::from_slice(&bytes) {
            Ok(report) => Some(report),
            Err(e) => {
                tracing::error!(file = %path.display(), error = %e, "a kept report cannot be understood; it is put aside");
                let name = path.file_name()?.to_string_lossy().into_owned();
                if let Err(e) = self.put_aside(&name, &format!("This file is no report: {e}")) {
                    tracing::warn!(error = %e, "it could not be put aside");
                }
                None
            }
        }
    }

    /// The answer first: a report that was put aside never lies there without one.
    fn put_aside(&self, name: &str, answer: &str) -> io::Result<()> {
        let refused = self.0.join(REFUSED);
        write_whole(
            &refused,
            &format!("{name}.answer.txt"),
            format!("{answer}\n").as_bytes(),
        )?;
        fs::rename(self.0.join(name), refused.join(name))?;
        File::open(&self.0)?.sync_all()
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, path)?;
    File::open(folder)?.sync_all()
}

/// The reports that lie in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|x| x == "json"))
        .collect()
}

/// Leases are opaque: only letters and digits of them go into a file's name.
pub fn name(report: &Report) -> String {
    let safe = |s: &str| {
        s.chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(80)
            .collect::<String>()
    };
    format!("{}.{}.json", safe(&report.task), safe(&report.lease))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wire::Outcome;

    fn report(task: &str) -> Report {
        Report {
            task: task.into(),
            lease: "1/../2".into(),
            outcome: Outcome::Succeeded { result: None },
        }
    }

    #[test]
    fn a_report_survives_until_it_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(dir.path().join("out")).unwrap();
        outbox.put(&report("10")).unwrap();
        outbox.put(&report("9")).unwrap();
        let again = Outbox::open(dir.path().join("out")).unwrap();
        assert_eq!(again.waiting(), [report("9"), report("10")]);
        again.done(&report("9"));
        assert_eq!(outbox.waiting(), [report("10")]);
        assert_eq!(outbox.refused(), 0);
    }

    #[test]
    fn what_will_not_be_taken_is_put_aside_with_the_answer_and_can_be_put_back() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(dir.path().into()).unwrap();
        outbox.put(&report("9")).unwrap();
        fs::write(dir.path().join("broken.json"), "{").unwrap();
        outbox.refuse(&report("9"), "not_found: no such task").unwrap();
        assert_eq!(outbox.waiting(), []);
        assert_eq!(outbox.refused(), 2, "the one that is no report too");
        let aside = dir.path().join("refused").join(name(&report("9")));
        let answer = fs::read_to_string(format!("{}.answer.txt", aside.display())).unwrap();
        assert_eq!(answer, "not_found: no such task\n");
        fs::rename(aside, dir.path().join(name(&report("9")))).unwrap();
        assert_eq!((outbox.waiting(), outbox.refused()), (vec![report("9")], 1));
    }
}
