//! The published contract: OpenAPI 3.1, made from the types that the calls themselves use (S7).

use crate::address::{self, Callers};
use axum::Json;
use domain::{
    FieldError,
    refusal::Problem,
    task::TaskState,
    wire::{
        AttemptAnswer, ClaimAnswer, ClaimedDossier, ClaimedTask, DeliverAnswer, Delivered, DocumentAnswer,
        DrainAnswer, EarlierAttempt, EnrolAnswer, ExtendAnswer, ExtendedLease, HelloAnswer, ItemError,
        LeaseRef, LeaseState, NewTask, Outcome, Report, ReportAnswer, Reported, TaskAnswer,
    },
};
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

mod rules;

/// The bodies of the calls: their arguments, as the server functions name them.
mod body {
    #![allow(dead_code, reason = "only their shape is published")]
    use super::{LeaseRef, NewTask, Report, ToSchema};

    #[derive(ToSchema)]
    pub struct Enrol {
        /// Made by an admin; good for 15 minutes and one use.
        code: String,
    }
    #[derive(ToSchema)]
    pub struct Hello {
        /// Names this start of the connector.
        boot_id: String,
        version: String,
        /// Packages it can reach.
        packages: Vec<String>,
        /// Kinds it can carry out.
        kinds: Vec<String>,
        /// Kinds it looks for in the package before it does them again.
        recovers: Vec<String>,
        #[schema(minimum = 1, maximum = 100)]
        max_parallel: u32,
        /// Reports of finished work that it still holds because they were not accepted; shown to people.
        unaccepted_reports: Option<u32>,
    }
    #[derive(ToSchema)]
    pub struct Claim {
        /// Repeating it gives the same leases again.
        request_id: String,
        #[schema(minimum = 1, maximum = 100)]
        max: u32,
        #[schema(minimum = 0, maximum = 55)]
        wait_seconds: Option<u32>,
    }
    #[derive(ToSchema)]
    pub struct Extend {
        #[schema(max_items = 1000)]
        leases: Vec<LeaseRef>,
    }
    #[derive(ToSchema)]
    pub struct ReportBody {
        /// At most 20 of one task; further ones are `invalid`, the others stand.
        #[schema(min_items = 1, max_items = 1000)]
        reports: Vec<Report>,
    }
    #[derive(ToSchema)]
    pub struct Drain {
        boot_id: String,
    }
    #[derive(ToSchema)]
    pub struct Deliver {
        #[schema(min_items = 1, max_items = 1000)]
        tasks: Vec<NewTask>,
    }
    #[derive(ToSchema)]
    pub struct Task {
        id: String,
    }
    #[derive(ToSchema)]
    pub struct Cancel {
        id: String,
        reason: String,
    }
}

#[derive(OpenApi)]
#[openapi(components(schemas(
    body::Enrol,
    body::Hello,
    body::Claim,
    body::Extend,
    body::ReportBody,
    body::Drain,
    body::Deliver,
    body::Task,
    body::Cancel,
    AttemptAnswer,
    ClaimAnswer,
    ClaimedDossier,
    ClaimedTask,
    DeliverAnswer,
    DocumentAnswer,
    Delivered,
    DrainAnswer,
    EarlierAttempt,
    EnrolAnswer,
    ExtendAnswer,
    ExtendedLease,
    FieldError,
    HelloAnswer,
    ItemError,
    LeaseRef,
    LeaseState,
    NewTask,
    Outcome,
    Problem,
    Report,
    ReportAnswer,
    Reported,
    TaskAnswer,
    TaskState
)))]
struct Schemas;

/// Call, summary, body, answer.
const CALLS: [(&str, &str, &str, &str); 9] = [
    (
        "enrol",
        "Trade an enrol code for the connector's token",
        "Enrol",
        "EnrolAnswer",
    ),
    (
        "hello",
        "Say what this connector is and can take",
        "Hello",
        "HelloAnswer",
    ),
    (
        "claim",
        "Take tasks; with wait_seconds, answered as soon as there are some",
        "Claim",
        "ClaimAnswer",
    ),
    (
        "extend",
        "Show signs of life for all that runs",
        "Extend",
        "ExtendAnswer",
    ),
    ("report", "Say how attempts ended", "ReportBody", "ReportAnswer"),
    (
        "drain",
        "Take no more tasks for this start of the connector",
        "Drain",
        "DrainAnswer",
    ),
    (
        "deliver",
        "Deliver 1 to 1000 tasks, all or none",
        "Deliver",
        "DeliverAnswer",
    ),
    (
        "task",
        "One task with its attempts, failure and what it waits for",
        "Task",
        "TaskAnswer",
    ),
    ("cancel", "Call a task off", "Cancel", "TaskAnswer"),
];

/// `GET /api/v1/openapi.json`.
pub async fn document() -> Json<Value> {
    Json(build())
}

fn build() -> Value {
    let schemas = serde_json::to_value(Schemas::openapi()).unwrap_or_default();
    let mut schemas = schemas
        .pointer("/components/schemas")
        .cloned()
        .unwrap_or_default();
    rules::name_outcomes(&mut schemas);
    rules::close(&mut schemas);
    let mut paths = serde_json::Map::new();
    for (name, summary, body, answer) in CALLS {
        paths.insert(
            format!("/api/v1/{name}"),
            json!({"post": call(name, summary, body, answer)}),
        );
    }
    paths.insert("/api/v1/events".into(), json!({"get": events()}));
    paths.insert("/api/v1/documents".into(), json!({"put": bring()}));
    paths.insert("/api/v1/documents/{id}".into(), json!({"get": fetch()}));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Nachtwacht connector and integration protocol",
            "version": "1",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
            "description": "Instants are RFC 3339 UTC and inform only; whatever decides is a duration in whole seconds. Ids and leases are opaque strings. Unknown fields in a request are refused; ignore unknown fields in an answer. Bodies over 1 MiB are refused, but for documents."
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "connector": {"type": "http", "scheme": "bearer", "description": "A connector's token, nwc_…"},
                "integration": {"type": "http", "scheme": "bearer", "description": "An integration's token, nwi_…"}
            },
            "responses": {
                "problem": {
                    "description": format!("Nothing was done; `code` says why and is stable: {}", rules::CODES.join(", ")),
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                }
            }
        }
    })
}

fn call(name: &str, summary: &str, body: &str, answer: &str) -> Value {
    let reference = |schema: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}});
    let mut responses = json!({"200": {"description": "Done", "content": reference(answer)}});
    for status in [
        "400", "401", "403", "404", "408", "409", "413", "422", "429", "503",
    ] {
        responses[status] = json!({"$ref": "#/components/responses/problem"});
    }
    json!({
        "operationId": name,
        "summary": summary,
        "security": security(name),
        "requestBody": {"required": true, "content": reference(body)},
        "responses": responses
    })
}

fn events() -> Value {
    json!({
        "operationId": "events",
        "summary": "Everything that happens to the office's tasks, resumable by number",
        "security": security("events"),
        "parameters": [{"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"},
            "description": "Resume behind this event. A reader too slow for its buffer, or one that knows of an event after the backup that the desk began from, gets `event: reset` and starts over."}],
        "responses": {
            "200": {"description": "Server-sent events, `id` rising", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
            "401": {"$ref": "#/components/responses/problem"},
            "403": {"$ref": "#/components/responses/problem"},
            "429": {"$ref": "#/components/responses/problem"},
            "503": {"$ref": "#/components/responses/problem"}
        }
    })
}

fn refused(statuses: &[&str]) -> serde_json::Map<String, Value> {
    let problem = |s: &&str| ((*s).to_owned(), json!({"$ref": "#/components/responses/problem"}));
    statuses.iter().map(problem).collect()
}

fn bring() -> Value {
    let mut responses = refused(&["400", "401", "403", "409", "411", "413", "422", "503"]);
    responses.insert(
        "200".into(),
        json!({"description": "It is on disk", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DocumentAnswer"}}}}),
    );
    json!({
        "operationId": "put_document",
        "summary": "Bring a document, at most 25 MiB; the same one in one office is one document",
        "description": "For a payload over 256 KiB, and for what is no text. Name it in a task's payload as `document` within seven days. `Content-Length` is required.",
        "security": security("documents"),
        "parameters": [{"name": "Content-Type", "in": "header", "schema": {"type": "string", "default": "application/octet-stream"},
            "description": "What it is; given back with it."}],
        "requestBody": {"required": true, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
        "responses": responses
    })
}

fn fetch() -> Value {
    let mut responses = refused(&["401", "403", "404", "503"]);
    responses.insert(
        "200".into(),
        json!({"description": "The document, as it was brought", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}),
    );
    json!({
        "operationId": "get_document",
        "summary": "A document that a task names, for the connector that holds the task's lease",
        "security": security("documents/{id}"),
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "As `payload.document` names it."}],
        "responses": responses
    })
}

fn security(name: &str) -> Value {
    match address::CALLS.iter().find(|(n, ..)| *n == name) {
        Some((_, Callers::Connector, _)) => json!([{"connector": []}]),
        Some((_, Callers::Integration, _)) => json!([{"integration": []}]),
        _ => json!([]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_end_has_a_name_and_nothing_else_is_sent() {
        let document = build();
        let schemas = &document["components"]["schemas"];
        let ways = schemas["Outcome"]["oneOf"].as_array().unwrap();
        assert_eq!(ways.len(), 3);
        for (way, name) in ways.iter().zip(["Succeeded", "Failed", "Released"]) {
            assert_eq!(way["$ref"], format!("#/components/schemas/Outcome{name}"));
            let inner = &schemas[format!("Outcome{name}")]["properties"][name.to_lowercase()];
            assert_eq!(inner["$ref"], format!("#/components/schemas/{name}"));
        }
        for name in rules::SENT {
            let schema = &schemas[name];
            assert_eq!(schema["type"], "object", "{name}");
            assert_eq!(schema["additionalProperties"], false, "{name}");
        }
        for (name, field, _) in rules::RULES {
            let schema = &schemas[name]["properties"][field];
            let texts = if schema["type"] == "array" {
                &schema["items"]
            } else {
                schema
            };
            assert!(
                texts["pattern"].is_string() && texts["maxLength"].is_u64(),
                "{name}.{field}: {schema}"
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_door_is_described() {
        let document = build();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        for (name, ..) in address::CALLS.iter().filter(|(n, ..)| *n != "openapi.json") {
            assert!(
                document["paths"].get(format!("/api/v1/{name}")).is_some(),
                "{name}"
            );
        }
    }
}
