//! For connectors: enrol, hello, claim, extend, report, drain. The contract is the connector protocol.

use super::{ApiError, Json};
use domain::wire::{
    ClaimAnswer, DrainAnswer, EnrolAnswer, ExtendAnswer, HelloAnswer, LeaseRef, ReportAnswer,
};
use leptos::prelude::*;

/// Trades a code, made by an admin, for the connector's token.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "enrol")]
pub async fn enrol(code: String) -> Result<EnrolAnswer, ApiError> {
    let token = crate::ssr::engine()?.enrol(&code, crate::ssr::client()).await?;
    Ok(EnrolAnswer { token })
}

/// A connector says what it is and what it can take.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "hello")]
pub async fn hello(
    boot_id: String,
    version: String,
    packages: Vec<String>,
    kinds: Vec<String>,
    recovers: Vec<String>,
    max_parallel: u32,
    unaccepted_reports: Option<u32>,
) -> Result<HelloAnswer, ApiError> {
    let (connector, _) = crate::ssr::connector()?;
    let hello = engine::Hello {
        boot_id,
        version,
        packages,
        kinds,
        recovers,
        max_parallel,
        unaccepted_reports: unaccepted_reports.unwrap_or(0),
    };
    Ok(crate::ssr::engine()?.hello(connector, hello).await?)
}

/// Takes tasks; with `wait_seconds` it answers as soon as there are some.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "claim")]
pub async fn claim(request_id: String, max: u32, wait_seconds: Option<u32>) -> Result<ClaimAnswer, ApiError> {
    let (connector, office) = crate::ssr::connector()?;
    let wait = wait_seconds.unwrap_or(0);
    Ok(crate::ssr::engine()?
        .claim(office, connector, request_id, max, wait)
        .await?)
}

/// Signs of life for everything that runs.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "extend")]
pub async fn extend(leases: Vec<LeaseRef>) -> Result<ExtendAnswer, ApiError> {
    let (connector, _) = crate::ssr::connector()?;
    Ok(crate::ssr::engine()?.extend(connector, leases).await?)
}

/// How attempts ended. One that cannot be read is refused by itself: the others are reports of finished work.
#[server(name = ReportCall, input = Json, output = Json, prefix = "/api/v1", endpoint = "report")]
pub async fn report(reports: Vec<serde_json::Value>) -> Result<ReportAnswer, ApiError> {
    let (connector, office) = crate::ssr::connector()?;
    let items = reports.iter().enumerate().map(|(i, r)| {
        super::item::<domain::wire::Report>(&format!("reports[{i}]"), r).map_err(|refusal| {
            let task = r.get("task").and_then(|t| t.as_str()).unwrap_or_default();
            (task.to_owned(), refusal)
        })
    });
    Ok(crate::ssr::engine()?
        .report_items(office, connector, items.collect())
        .await?)
}

/// No more tasks for this start of the connector.
#[server(input = Json, output = Json, prefix = "/api/v1", endpoint = "drain")]
pub async fn drain(boot_id: String) -> Result<DrainAnswer, ApiError> {
    let (connector, _) = crate::ssr::connector()?;
    let running = crate::ssr::engine()?.drain_connector(connector, boot_id).await?;
    Ok(DrainAnswer { running })
}
