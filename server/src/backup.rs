//! `nachtwacht backup` and `nachtwacht restore` (S6).

use crate::{
    config::{Backup, Restore},
    serve::sentence,
};
use domain::moment::rfc3339_utc;
use engine::{Clock, SystemClock, backup};

/// Copies the desk to a file. It may be at work.
///
/// # Errors
/// A sentence for the person at the console.
pub fn backup(options: &Backup) -> Result<(), String> {
    let now = SystemClock::default().now();
    let bytes = backup::copy(&options.data, &options.to, now).map_err(|e| sentence(&e))?;
    println!(
        "{} holds the desk of {}: {bytes} bytes, read again and found whole.",
        options.to.display(),
        rfc3339_utc(now)
    );
    Ok(())
}

/// Begins a desk from such a file.
///
/// # Errors
/// A sentence for the person at the console.
pub async fn restore(options: &Restore) -> Result<(), String> {
    let now = SystemClock::default().now();
    let restored = backup::restore(&options.from, &options.data, now)
        .await
        .map_err(|e| sentence(&e))?;
    let of = restored.taken_at.map_or_else(
        || {
            format!(
                "an unknown time, with a last event of {}",
                rfc3339_utc(restored.last_event_at)
            )
        },
        rfc3339_utc,
    );
    println!(
        "{} holds the desk of {of}. Everybody signs in again.\n\
         Look first what was done after that: {} tasks were waiting or under way, and {} mails.\n\
         {} connectors are held back, and mails of what happens with them, until a person lets them go in the console.",
        options.data.display(),
        restored.open_tasks,
        restored.mails,
        restored.connectors,
    );
    if !options.data.join(engine::desk::vault::FILE).exists() {
        println!(
            "Put its {} there before it is served: what is sealed with it cannot be read otherwise.",
            engine::desk::vault::FILE
        );
    }
    Ok(())
}
