//! The moment at which a downtime closes (D4): in the first transaction after it, and from then on for everybody.

use super::Work;
use crate::{
    downtime as rows,
    error::Result,
    event::{self, Audit},
};
use std::sync::Arc;

/// Latches every downtime whose moment has come.
pub fn latch(w: &mut Work<'_>) -> Result<()> {
    let due = Arc::make_mut(&mut w.state.known.downtimes)
        .iter_mut()
        .filter(|d| d.closed_at.is_none() && d.closes_at <= w.now);
    for d in due {
        rows::latch(w.db, d.id, w.now)?;
        d.closed_at = Some(w.now);
        let audit = Audit {
            office: d.office,
            person: 0,
            what: "downtime_closed",
            subject: format!("downtime {}", d.id),
            before: None,
            after: None,
        };
        event::audit(w.db, w.now, &audit)?;
    }
    w.state.downtime_changed = true;
    Ok(())
}
