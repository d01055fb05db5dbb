//! A desk whose connector runs jobs, and what the tests of jobs share.

use domain::{
    OfficeId, Viewer,
    job::{JobForm, JobId, Output},
    schedule::Schedule,
    wire::Outcome,
};
use engine::{
    Result,
    testing::{TestDesk, support, takes_everything},
};
use serde_json::json;
use std::collections::BTreeMap;
use tempfile::TempDir;
use views::OfficeView;

/// The desk, its folder, Support, and the office as pages see it. It is Wednesday 18 November 2026, 12:06 in Brussels.
pub async fn job_desk() -> Result<(TempDir, TestDesk, Viewer, OfficeView)> {
    let (dir, desk) = super::desk().await?;
    let mut hello = takes_everything();
    hello.kinds.push("run_job".into());
    desk.engine.hello(desk.connector, hello).await?;
    let by = support();
    let office = desk.engine.office(&by, "gent").await?;
    Ok((dir, desk, by, office))
}

/// A schedule of these clock times on weekdays.
pub fn at(times: &[&str]) -> Schedule {
    let json = json!({"zone": "Europe/Brussels", "days": ["mon", "tue", "wed", "thu", "fri"], "at": times});
    Schedule::from_json(&json.to_string()).expect("a schedule")
}

/// Posting of vouchers for companies.
pub fn vouchers(companies: &[&str], times: &[&str]) -> JobForm {
    JobForm {
        kind: "post_vouchers".into(),
        description: "Postere bilag alle selskap".into(),
        companies: companies.iter().map(|c| (*c).into()).collect(),
        server: None,
        run_as: "PROGRAMSERVERBRUKER ØKONOMI".into(),
        schedule: at(times),
        params: BTreeMap::from([("registered_by".into(), "A-Å".into())]),
        outputs: vec![Output {
            what: "report".into(),
            path: "REGNSKAP".into(),
            file: "Rapport.txt".into(),
            format: "DEFAULT".into(),
            email: String::new(),
        }],
        estimate_minutes: 7,
        gap_minutes: None,
        pinned: false,
        after: None,
    }
}

/// AutoPay remittance, whose old order is cancelled before a new one is placed.
pub fn autopay(company: &str, times: &[&str]) -> JobForm {
    JobForm {
        kind: "autopay_remittance".into(),
        description: format!("Autopay_all_valuta_selskap {company}"),
        companies: vec![company.into()],
        params: BTreeMap::new(),
        outputs: vec![Output {
            what: "report".into(),
            path: "AUTOPAY".into(),
            file: "Autopay".into(),
            format: "PDF".into(),
            email: String::new(),
        }],
        ..vouchers(&[company], times)
    }
}

/// Sets a job up.
pub async fn set_up(desk: &TestDesk, by: &Viewer, form: JobForm) -> Result<JobId> {
    let why = Some("as the test wants it".to_owned());
    desk.engine.new_job(by, desk.office, form, why, true).await
}

/// Claims and reports every task there is.
pub async fn work_off(desk: &TestDesk, outcome: Outcome) -> Result<usize> {
    let tasks = desk.claim(100).await?;
    for task in &tasks {
        desk.report(task, outcome.clone()).await?;
    }
    Ok(tasks.len())
}

/// Standings of the jobs that are not deleted.
pub fn standings(desk: &TestDesk, office: OfficeId) -> Vec<(JobId, String)> {
    let db = super::look(&desk.engine);
    let mut q = db
        .prepare("SELECT id, standing FROM job WHERE office = ?1 AND deleted_at IS NULL ORDER BY id")
        .expect("sql");
    let rows = q
        .query_map([office], |r| Ok((r.get(0)?, r.get(1)?)))
        .expect("rows");
    rows.map(|r| r.expect("a row")).collect()
}

/// How many lines of the audit log have this verb.
pub fn audited(desk: &TestDesk, what: &str) -> i64 {
    let db = super::look(&desk.engine);
    db.query_row("SELECT count(*) FROM audit WHERE what = ?1", [what], |r| r.get(0))
        .expect("a count")
}
