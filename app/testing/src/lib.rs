//! The judge of the protocol's seven promises: random actions, and what must hold after each of them.
//!
//! The judge knows the rules as the protocol's page states them, not as the program computes them: it keeps a
//! flat list of tasks and their events and looks at all of them each time. What it judges is a [`Desk`]: the
//! pure core in memory (`app/domain/tests/promises.rs`) or the real store (`server/engine/tests/it/promises.rs`).
//!
//! `NACHTWACHT_SEEDS` sets how many histories are tried, `NACHTWACHT_FIRST_SEED` where to begin: a failure names
//! its seed, and the same seed gives the same history again.
//!
//! Here stands only what runs the histories. What is done is in `actions.rs`, what it is done to in `desk.rs`,
//! the protocol's tables in `model.rs`, what must come of it in `judge.rs`.

mod actions;
mod desk;
mod judge;
mod model;

pub use desk::{
    Answer, CONNECTORS, Connector, DOSSIERS, Desk, Grant, Kind, LEASE_MS, Mark, New, Picture, Seen, Word,
};

use actions::action;
use judge::Judge;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(otherwise)
}

/// Tries `histories` random histories of up to `length` actions, each on a new desk.
pub fn try_histories<D: Desk>(histories: u64, length: usize, mut new: impl FnMut() -> D) {
    let (first, histories) = (
        number("NACHTWACHT_FIRST_SEED", 1),
        number("NACHTWACHT_SEEDS", histories),
    );
    for seed in first..first + histories {
        let mut bytes = [0u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: 2000,
            max_shrink_time: 60_000,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let history = prop::collection::vec(action(), 1..=length);
        let new = std::cell::RefCell::new(&mut new);
        let outcome = runner.run(&history, |actions| {
            let mut desk = (new.borrow_mut())();
            let mut judge = Judge::default();
            for action in &actions {
                judge.act(&mut desk, action).map_err(TestCaseError::fail)?;
            }
            Ok(())
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(why, actions)) => {
                let actions: Vec<String> = actions.iter().map(|a| format!("  {a:?}")).collect();
                panic!("seed {seed}: {why}\nafter\n{}", actions.join("\n"));
            }
            Err(e) => panic!("seed {seed}: {e}"),
        }
    }
}
