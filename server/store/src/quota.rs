//! How far what strangers, tokens and people outside bring in can make the desk grow: each table that they can write to,
//! in one place. A table that is not named here is written by the office's own people, or by the desk itself.
//!
//! | who | what grows | by what it is held |
//! |---|---|---|
//! | an integration's token: `deliver` | `package` | [`Quotas::packages`]; and only those that a connector of the office serves |
//! | | `dossier`, `dossier_words` | [`Quotas::dossiers`] |
//! | | `task`, `payload`, `event`, `task_words`, `task_of_dossier` | [`Quotas::open_tasks`]; the disk by `room` |
//! | `PUT documents` | `document`, `document_part` | [`domain::document::MOST_OF_OFFICE`], those still coming in included, and each as 16 KiB at least; what breaks off goes within the hour, what no task names after a week, what is worked off when four fifths are full, the oldest first; the disk by `room` |
//! | | `task_document` | one for each task |
//! | `cancel` | `event` | a task is called off once |
//! | a connector's token: `hello` | `connector` | one row, at most 100 keys in each list |
//! | `claim` | `claim_request` | a ring of 32 answers of at most 100 tasks |
//! | `report` | `event`, `failure`, `cause`, `cause_day`, `run_company` | one for each attempt; attempts end after five tries and ten releases, and begin anew only by a person; twenty reports that came too late or contradict, 512 KiB of them; fifty sorts of counts of a company |
//! | nobody: `enrol` | `token` | one for each code that an admin made |
//! | a public form | `request`, `request_file` | a thousand that wait, 1 GiB of files that are not accepted, and the limit of each client (`guard`) |
//! | `sign_in`, `ask_reset` | `audit`, `sign_in_link`, `mail` | the limits of tries (`guard`) |
//! | who has signed in | `session` | fifty of a person, the latest; so many right passwords of one client (`guard`) |
//! | | `device`, `known_address` | twenty of each, the latest |
//! | a client of the portal: `hand_in` | as `deliver` | [`Quotas::hand_ins`] for each person and day, and as `deliver` |

/// So much an office may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Packages that the catalogue does not know.
    pub packages: usize,
    pub dossiers: u64,
    /// Tasks that are not concluded.
    pub open_tasks: u64,
    /// Documents that one person outside hands in within a day.
    pub hand_ins: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            packages: 100,
            dossiers: 200_000,
            open_tasks: 2_000_000,
            hand_ins: 500,
        }
    }
}
