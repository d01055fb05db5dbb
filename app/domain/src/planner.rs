//! A day of runs that do not collide (J3, J4, J5, J28, J31).
//!
//! The planner knows no schedules and no clock: the caller expands the schedules of a weekday or a date into
//! [`Entry`]s and blocked windows, and the planner says what is wrong with that day ([`clashes`]), where one more
//! run has room ([`find_free`]), how some runs fit into a window ([`spread`]) and what a change would do
//! ([`what_if`]). Everything it says is a proposal in numbers: it moves nothing by itself, a pinned run never, and
//! it writes no sentence.
//!
//! **Occupancy.** A run occupies its lane from its start until its usual finish ([`Length`], nine in ten are done
//! by then), and the gap after that must stay empty ([`gap_after`]).
//!
//! **Lanes.** Two runs are in each other's way when one of these holds:
//! - they may stand on the same server. The source gives every job its own time lest the *program server* stops,
//!   and counts the gap from company 1 to the *next company*: neighbours are neighbours on a server. A run whose
//!   server is not known may stand on any;
//! - they touch the same company, on whatever server: within a company one job is to be done before the next
//!   starts. A run for all companies touches each of them.
//!
//! **Clock times** are the desk's: no two runs start in the same minute, whatever their lanes (J3).
//!
//! **Edges.** A run may end a gap to the second before the next starts, and lie in an allowed window to its last
//! minute. A blocked window is closed at both ends: a run must be over before it begins and start after it has
//! ended (23:00 to 23:45 frees 23:46), for IT's clock and the desk's do not agree to the second.
//!
//! **Minutes.** Lengths and gaps are whole minutes, proposed starts are full minutes; given instants may have
//! seconds, and a part of a minute then counts as one.

mod bars;
mod clash;
mod clashes;
mod compare;
mod day;
mod free;
mod learned;
mod occupancy;
mod spread;

pub use clash::{Clash, Party, Rule, With};
pub use clashes::clashes;
pub use compare::{Change, Difference, compare, what_if};
pub use day::{Blocked, ClockChange, Day, Entry, Window};
pub use free::{Free, find_free, first_free};
pub use learned::{
    Basis, ENOUGH_RUNS, LAST_RUNS, LONGEST_GAP, Length, Past, SHORTEST_GAP, gap_after, learned,
};
pub use spread::{LeftOut, Placed, Spread, spread};
