//! What the types do not say of the calls' bodies, so that the document is as strict as the server: no other fields, how
//! long a text is and what it is made of, a name for each way in which an attempt ends.

use serde_json::{Map, Value, json};

/// What a call may be refused with.
pub const CODES: [&str; 16] = [
    "conflicting_report",
    "draining",
    "forbidden",
    "internal",
    "invalid",
    "malformed",
    "method_not_allowed",
    "not_found",
    "request_timeout",
    "stale_lease",
    "storage_unavailable",
    "temporarily_out_of_service",
    "too_large",
    "too_many_requests",
    "unauthenticated",
    "wrong_state",
];

/// What callers send; what they are answered may grow.
pub const SENT: [&str; 18] = [
    "Enrol",
    "Hello",
    "Claim",
    "Extend",
    "ReportBody",
    "Drain",
    "Deliver",
    "Task",
    "Cancel",
    "NewTask",
    "Report",
    "LeaseRef",
    "Succeeded",
    "Failed",
    "Released",
    "OutcomeSucceeded",
    "OutcomeFailed",
    "OutcomeReleased",
];

/// What a text may be.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Words for people: so many characters at most, none of which move the cursor.
    Words(u32),
    /// Lower snake case.
    Key,
    /// A dossier's code.
    Dossier,
}

/// Of which field of what.
pub const RULES: [(&str, &str, Rule); 13] = [
    ("NewTask", "kind", Rule::Key),
    ("NewTask", "dossier", Rule::Dossier),
    ("NewTask", "subject", Rule::Words(200)),
    ("NewTask", "idempotency_key", Rule::Words(200)),
    ("Hello", "boot_id", Rule::Words(100)),
    ("Hello", "version", Rule::Words(100)),
    ("Hello", "packages", Rule::Key),
    ("Hello", "kinds", Rule::Key),
    ("Hello", "recovers", Rule::Key),
    ("Claim", "request_id", Rule::Words(100)),
    ("Cancel", "reason", Rule::Words(500)),
    ("Failed", "code", Rule::Key),
    ("Released", "reason", Rule::Words(500)),
];

impl Rule {
    fn says(self) -> Map<String, Value> {
        // as `domain::text::is_control`
        const MOVES: &str = r"\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff";
        let (most, pattern) = match self {
            Self::Words(most) => (most, format!(r"^[^{MOVES}]*[^\s{MOVES}][^{MOVES}]*$")),
            Self::Key => (64, "^[a-z][a-z0-9_]*$".into()),
            Self::Dossier => (32, "^[A-Za-z0-9_-][A-Za-z0-9._-]*$".into()),
        };
        let said = json!({"minLength": 1, "maxLength": most, "pattern": pattern});
        said.as_object().cloned().unwrap_or_default()
    }
}

/// Gives each way in which an attempt ends a name, so that generated clients can say it.
pub fn name_outcomes(schemas: &mut Value) {
    let Some(ways) = schemas["Outcome"]["oneOf"].as_array_mut().map(std::mem::take) else {
        return;
    };
    let mut named = vec![];
    for mut way in ways {
        let Some((key, inner)) = way["properties"]
            .as_object_mut()
            .and_then(|p| p.iter_mut().next())
        else {
            continue;
        };
        let mut letters = key.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        let name: String = first.into_iter().chain(letters).collect();
        let inner = std::mem::replace(inner, reference(&name));
        let outer = format!("Outcome{name}");
        named.push(reference(&outer));
        schemas[&name] = inner;
        schemas[&outer] = way;
    }
    schemas["Outcome"]["oneOf"] = named.into();
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Says that what is sent has no other fields, and what its texts may be.
pub fn close(schemas: &mut Value) {
    for name in SENT {
        schemas[name]["additionalProperties"] = false.into();
    }
    for (name, field, rule) in RULES {
        let field = &mut schemas[name]["properties"][field];
        if field["type"] == "array" {
            field["maxItems"] = 100.into();
            extend(&mut field["items"], rule);
        } else {
            extend(field, rule);
        }
    }
}

fn extend(schema: &mut Value, rule: Rule) {
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(rule.says());
    }
}
