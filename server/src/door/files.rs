//! How many files and connections the system lets this program open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for the database, its readers, the site, mail and what connectors run.
const KEPT: u64 = 256;
/// More connections than this are not let in, however many files there may be.
const MOST: u64 = 65_536;

/// Raises the limit as far as it goes, and says how many connections that leaves.
pub fn connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // where it may not be raised the one that stands counts
    let _ = setrlimit(Resource::Nofile, raised);
    left(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX))
}

/// How many connections so many files leave.
pub fn left(files: u64) -> usize {
    // with few files the half is kept
    let left = files.saturating_sub(KEPT).max(files / 2);
    left.clamp(1, MOST) as usize
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn some_files_are_always_kept() {
        assert_eq!(left(20_000), 19_744);
        assert_eq!(left(1024), 768);
        assert_eq!(left(256), 128);
        assert_eq!(left(u64::MAX), 65_536);
    }
}
