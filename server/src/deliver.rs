//! `nachtwacht deliver`: invoices from files into the desk, as a system that delivers would do it.

use crate::{config::Deliver, connector::Remote};
use domain::wire::{DeliverAnswer, NewTask};
use serde_json::json;
use std::fs;

/// Delivers the dossier's activation, if asked for, and each file as a booking proposal. The file's name is the
/// subject and part of the key, so that delivering the same file twice makes one task.
///
/// # Errors
/// A sentence for the person at the console; then nothing of the failed call was delivered.
pub async fn deliver(options: Deliver) -> Result<(), String> {
    let desk = Remote::new(options.remote);
    let dossier = options.dossier;
    let mut tasks = vec![];
    if let Some(name) = options.activate {
        let payload = json!({"name": name, "package": options.package});
        let key = Some(format!("activate {dossier}"));
        tasks.push(NewTask {
            kind: "activate_dossier".into(),
            dossier: dossier.clone(),
            payload: Some(payload),
            subject: None,
            after: None,
            idempotency_key: key,
        });
    }
    for file in options.files {
        let text =
            fs::read_to_string(&file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))?;
        let name = file
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        tasks.push(NewTask {
            kind: "process_booking_proposal".into(),
            dossier: dossier.clone(),
            payload: Some(json!({"document": text, "file_name": name})),
            subject: Some(name.clone()),
            after: None,
            idempotency_key: Some(format!("{dossier} {name}")),
        });
    }
    // one call a task: an invoice can be large, and a call is limited to 1 MiB
    for task in tasks {
        let (kind, subject) = (task.kind.clone(), task.subject.clone().unwrap_or_default());
        let answer: DeliverAnswer = desk
            .call("deliver", json!({"tasks": [task]}))
            .await
            .map_err(|t| format!("{subject}: {t}"))?;
        for d in answer.tasks {
            let again = if d.duplicate { " (delivered before)" } else { "" };
            println!("task {} {kind} {subject} {}{again}", d.id, d.status.key());
        }
    }
    Ok(())
}
