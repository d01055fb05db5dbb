//! Nothing real: durations and every failure of the catalogue, the same for the same seed. For demo and load.
//!
//! A payload may say what happens: `{"simulate": {"seconds": 2, "fail": {"code": …, "params": {…}}, "always": true}}`.
//! Without `always` the failure is over once somebody has restarted the task, as if the instruction had been done.

use super::{Adapter, every_kind, failed};
use domain::{
    job::RUN_JOB,
    wire::{ClaimedTask, Outcome},
};
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Longest simulated work, in seconds.
const LONGEST: f64 = 3600.0;

/// A connector that only pretends.
#[derive(Debug)]
pub struct Simulate {
    /// Same seed, same durations.
    pub seed: u64,
    /// Runs of jobs that fail: kind of job, company, code of the failure.
    pub failing: Vec<(String, String, String)>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Script {
    seconds: Option<f64>,
    fail: Option<Fail>,
    always: bool,
}

#[derive(Deserialize)]
struct Fail {
    code: String,
    #[serde(default)]
    params: Map<String, Value>,
    #[serde(default)]
    detail: Option<String>,
}

impl Adapter for Simulate {
    fn kinds(&self) -> Vec<String> {
        every_kind()
    }

    fn recovers(&self) -> Vec<String> {
        every_kind()
    }

    fn carry_out<'a>(&'a self, task: &'a ClaimedTask) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let script = match task
                .payload
                .get("simulate")
                .map(|s| serde_json::from_value::<Script>(s.clone()))
            {
                Some(Ok(script)) => script,
                Some(Err(e)) => {
                    return failed("document_invalid", format!("The simulation cannot be read: {e}."));
                }
                None => Script::default(),
            };
            let seconds = script.seconds.unwrap_or_else(|| self.seconds(task));
            tokio::time::sleep(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST))).await;
            if task.kind == RUN_JOB {
                return self.run_job(task);
            }
            let mended = task.earlier.iter().any(|e| e.outcome == "failed");
            match script.fail {
                Some(fail) if script.always || !mended => Outcome::Failed {
                    code: fail.code,
                    params: fail.params,
                    detail: fail.detail,
                },
                _ => Outcome::Succeeded {
                    result: Some(json!({"simulated": true})),
                },
            }
        })
    }
}

impl Simulate {
    /// What a run of a job comes to: its kind's counts, and the files it was told to make.
    fn run_job(&self, task: &ClaimedTask) -> Outcome {
        let told = |key: &str| task.payload.get(key).cloned().unwrap_or_default();
        let (kind, company) = (told("job_kind"), &task.dossier.code);
        let fails = self.failing.iter().find(|(k, c, _)| kind == *k && c == company);
        if let Some((_, _, code)) = fails {
            return failed(code, "The status of the last posting is PO.");
        }
        let keys = told("counts");
        let keys = keys.as_array().into_iter().flatten().filter_map(Value::as_str);
        let counts: Map<String, Value> = keys
            .enumerate()
            .map(|(i, key)| {
                // the first is what it does, the others are what is rare
                let most = if i == 0 { 40 } else { 3 };
                (key.to_owned(), (self.dice(task, i as u64) % most).into())
            })
            .collect();
        let log = format!("Company {company}: done.");
        Outcome::Succeeded {
            result: Some(
                json!({"simulated": true, "counts": counts, "outputs": told("outputs"), "log": log}),
            ),
        }
    }

    fn dice(&self, task: &ClaimedTask, n: u64) -> u64 {
        (self.seed ^ (task.id.0 as u64) << 8 ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40
    }

    /// One to five seconds, by seed and task.
    fn seconds(&self, task: &ClaimedTask) -> f64 {
        let mixed = (self.seed ^ task.id.0 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        1.0 + (mixed % 400) as f64 / 100.0
    }
}
