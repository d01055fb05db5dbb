//! Who calls, and at which door they stand.

use axum::http::{HeaderMap, header};
use domain::{
    OfficeId, Viewer,
    downtime::{Door, Who},
};
use engine::{Engine, downtime::AtDoor};

/// A person, or nobody, at a door.
pub fn person_at(viewer: Option<&Viewer>, door: Door) -> AtDoor {
    AtDoor {
        who: viewer.map_or(Who::Nobody, |v| v.role.into()),
        door,
        office: viewer.and_then(|v| v.office),
    }
}

/// An integration at a door.
pub fn integration_at(engine: &Engine, id: i64, office: OfficeId, door: Door) -> AtDoor {
    AtDoor {
        who: if engine.is_exempt(id) {
            Who::ExemptIntegration
        } else {
            Who::OtherIntegration
        },
        door,
        office: Some(office),
    }
}

/// The token that a call is made with; nothing when there is none.
pub fn bearer(headers: &HeaderMap) -> &str {
    let said = headers.get(header::AUTHORIZATION);
    let bearer = said
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    bearer.unwrap_or_default().trim()
}
