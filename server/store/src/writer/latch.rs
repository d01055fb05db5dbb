//! The moment at which a downtime closes (D4): in the first transaction after it, and from then on for everybody.

use super::Work;
use crate::{downtime as rows, error::Result};
use std::sync::Arc;

/// Latches every downtime whose moment has come.
pub fn latch(w: &mut Work<'_>) -> Result<()> {
    let mut closed = vec![];
    for d in Arc::make_mut(&mut w.state.known.downtimes) {
        if d.closed_at.is_none() && d.closes_at <= w.now {
            rows::latch(w.db, d.id, w.now)?;
            d.closed_at = Some(w.now);
            closed.push((d.office, d.id));
        }
    }
    for (office, id) in closed {
        w.audit(
            office,
            0,
            "downtime_closed",
            format!("downtime {id}"),
            (None, None),
        )?;
    }
    w.state.downtime_changed = true;
    Ok(())
}
