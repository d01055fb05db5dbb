//! Reports on disk until the desk has taken them: what was done in a package must not be lost on the way home.

use domain::wire::Report;
use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
};

/// A folder with one file a report.
#[derive(Debug, Clone)]
pub struct Outbox(PathBuf);

impl Outbox {
    /// Opens the folder, making it when missing.
    ///
    /// # Errors
    /// A sentence when it cannot be used.
    pub fn open(folder: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}.", folder.display()))?;
        Ok(Self(folder))
    }

    /// Keeps a report.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, report: &Report) -> std::io::Result<()> {
        let path = self.path(report);
        let part = path.with_extension("part");
        let mut file = File::create(&part)?;
        file.write_all(&serde_json::to_vec(report)?)?;
        file.sync_all()?;
        fs::rename(part, path)?;
        File::open(&self.0)?.sync_all()
    }

    /// Forgets a report: the desk has answered it.
    pub fn done(&self, report: &Report) {
        if let Err(e) = fs::remove_file(self.path(report)) {
            // told again, it is answered like the first time
            tracing::warn!(error = %e, "a delivered report could not be removed");
        }
    }

    /// Every report that waits, oldest task first. A file that cannot be read is left for a person.
    pub fn waiting(&self) -> Vec<Report> {
        let Ok(entries) = fs::read_dir(&self.0) else {
            return vec![];
        };
        let files = entries
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|x| x == "json"));
        let mut reports: Vec<Report> = files
            .filter_map(|p| {
                let read = fs::read(&p).ok().and_then(|b| serde_json::from_slice(&b).ok());
                if read.is_none() {
                    tracing::warn!(file = %p.display(), "a kept report cannot be read");
                }
                read
            })
            .collect();
        reports.sort_by_key(|r: &Report| r.task.parse::<u64>().unwrap_or(u64::MAX));
        reports
    }

    /// Leases are opaque: only letters and digits of them go into a file's name.
    fn path(&self, report: &Report) -> PathBuf {
        let safe = |s: &str| {
            s.chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .take(80)
                .collect::<String>()
        };
        self.0
            .join(format!("{}.{}.json", safe(&report.task), safe(&report.lease)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wire::Outcome;

    #[test]
    fn a_report_survives_until_it_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(dir.path().join("out")).unwrap();
        let report = |task: &str| Report {
            task: task.into(),
            lease: "1/../2".into(),
            outcome: Outcome::Succeeded { result: None },
        };
        outbox.put(&report("10")).unwrap();
        outbox.put(&report("9")).unwrap();
        fs::write(dir.path().join("out/broken.json"), "{").unwrap();
        let again = Outbox::open(dir.path().join("out")).unwrap();
        assert_eq!(again.waiting(), [report("9"), report("10")]);
        again.done(&report("9"));
        assert_eq!(outbox.waiting(), [report("10")]);
    }
}
