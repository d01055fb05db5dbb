//! What everybody may know without asking the writer, as of the last commit: one snapshot, published whole.

use crate::{
    Catalogue,
    office::{LEASE_SECONDS, OfficeRow},
    secret::Hash,
};
use domain::{Caller, OfficeId, calendar::Calendars, downtime::Downtime};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The snapshot. Each part is shared until it changes.
#[derive(Debug, Clone)]
pub struct Known {
    /// Every office.
    pub offices: Arc<HashMap<OfficeId, OfficeRow>>,
    /// Calendars that schedules can name, by office.
    pub calendars: Arc<HashMap<OfficeId, Calendars>>,
    pub catalogue: Arc<Catalogue>,
    /// Who calls with which token, and until when it is valid.
    pub tokens: Arc<HashMap<Hash, (Caller, Option<i64>)>>,
    /// Integrations that run on during a downtime.
    pub exempt: Arc<BTreeSet<i64>>,
    /// Downtimes that nobody has lifted.
    pub downtimes: Arc<Vec<Downtime>>,
    /// The desk has somebody of Support.
    pub supported: bool,
}

impl Known {
    /// Nothing has changed since the other.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.offices, &other.offices)
            && Arc::ptr_eq(&self.calendars, &other.calendars)
            && Arc::ptr_eq(&self.catalogue, &other.catalogue)
            && Arc::ptr_eq(&self.tokens, &other.tokens)
            && Arc::ptr_eq(&self.exempt, &other.exempt)
            && Arc::ptr_eq(&self.downtimes, &other.downtimes)
            && self.supported == other.supported
    }

    /// How long a lease of an office lasts, milliseconds.
    pub fn lease_ms(&self, office: OfficeId) -> u64 {
        let row = self.offices.get(&office);
        u64::from(row.map_or(LEASE_SECONDS, |o| o.lease_seconds)) * 1000
    }

    /// Who calls with a token that is still valid.
    pub fn caller(&self, token: &Hash, now: i64) -> Option<Caller> {
        let (caller, until) = self.tokens.get(token)?;
        until.is_none_or(|u| u > now).then_some(*caller)
    }

    /// A caller has one token more.
    pub fn add_token(&mut self, token: Hash, caller: Caller) {
        Arc::make_mut(&mut self.tokens).insert(token, (caller, None));
    }

    /// The tokens of a caller end at a wall-clock millisecond.
    pub fn end_tokens(&mut self, caller: Caller, until: i64) {
        for (holder, valid) in Arc::make_mut(&mut self.tokens).values_mut() {
            if *holder == caller {
                *valid = Some(valid.map_or(until, |v| v.min(until)));
            }
        }
    }

    /// A caller has no token any more.
    pub fn forget_tokens(&mut self, caller: Caller) {
        Arc::make_mut(&mut self.tokens).retain(|_, (holder, _)| *holder != caller);
    }
}
