//! The whole truth table of downtime through the real program: who, at which door, in which phase. The domain's own test
//! says what the table is; this one that nothing answers otherwise.

use super::tests::{House, session_at};
use axum::http::StatusCode;
use domain::{
    Caller, Language, Role,
    downtime::{Door, LEAD_MS, Phase, Reason, Verdict, Who, verdict},
};
use engine::{Clock, Zone, testing::support};
use serde_json::json;
use views::downtime::Draft;

const DAY: i64 = 24 * 3_600_000;
const MINUTE: i64 = 60_000;

/// How a caller says who they are.
enum Says {
    Session(String),
    Token(String),
    Nothing,
}

/// One request of a door.
struct Asks {
    method: &'static str,
    path: &'static str,
    body: String,
}

fn asks(door: Door, n: &mut u32) -> Option<Asks> {
    *n += 1;
    let (method, path, body) = match door {
        Door::Page => ("GET", "/o/gent/tasks", String::new()),
        Door::Call => ("POST", "/api/desk/who", "{}".into()),
        Door::Stream => ("GET", "/api/desk/live?office=gent", String::new()),
        Door::SignIn => ("GET", "/sign-in", String::new()),
        Door::Activation => ("GET", "/sign-in/nws_AAAA", String::new()),
        Door::PublicForm => ("GET", "/forms/gent/intake", String::new()),
        Door::File => ("GET", "/pkg/nachtwacht.css", String::new()),
        Door::Health => ("GET", "/health/live", String::new()),
        Door::Delivery => ("POST", "/api/v1/task", json!({"id": "1"}).to_string()),
        Door::Greeting => ("POST", "/api/v1/drain", json!({"boot_id": "x"}).to_string()),
        Door::Claim => {
            let body = json!({"request_id": format!("r{n}"), "max": 1, "wait_seconds": 0});
            ("POST", "/api/v1/claim", body.to_string())
        }
        Door::Report => ("POST", "/api/v1/extend", json!({"leases": []}).to_string()),
        // asked by the program itself: the engine's own tests
        Door::JobStart | Door::AlertMail => return None,
    };
    Some(Asks { method, path, body })
}

/// The stream of an integration is another address than that of a page, and people outside have a page of their own.
fn path_for(who: Who, says: &Says, door: Door, path: &'static str) -> &'static str {
    match (says, door) {
        (Says::Token(_), Door::Stream) => "/api/v1/events",
        _ if door == Door::Page && matches!(who, Who::Client | Who::Candidate) => "/portal",
        _ => path,
    }
}

async fn who(house: &House, who: Who) -> Says {
    let desk = &house.desk;
    let person = async |role: Role| {
        let office = (role != Role::Support).then_some(desk.office);
        Says::Session(session_at(desk, office, role, &format!("{who:?}@table.test").to_lowercase()).await)
    };
    let integration = async |exempt: bool| {
        let id = desk
            .engine
            .add_integration(desk.office, &format!("{who:?}"))
            .await
            .unwrap();
        desk.engine
            .set_exempt(&support(), desk.office, id, exempt)
            .await
            .unwrap();
        let caller = Caller::Integration {
            id,
            office: desk.office,
        };
        Says::Token(desk.engine.new_token(caller).await.unwrap())
    };
    match who {
        Who::Support => person(Role::Support).await,
        Who::Admin => person(Role::Admin).await,
        Who::Operator => person(Role::Operator).await,
        Who::Employee => person(Role::Employee).await,
        Who::Connector => Says::Token(house.connector.clone()),
        Who::ExemptIntegration => integration(true).await,
        Who::OtherIntegration => integration(false).await,
        Who::Nobody => Says::Nothing,
        Who::Client => person(Role::Client).await,
        Who::Candidate => person(Role::Candidate).await,
    }
}

/// Brings the desk into a phase.
async fn enter(house: &House, phase: Phase) {
    let desk = &house.desk;
    let view = desk.engine.office(&support(), "gent").await.unwrap();
    let standing = desk.engine.downtimes().first().cloned();
    let at = |ahead: i64| (desk.clock.now() + ahead + MINUTE) / MINUTE * MINUTE;
    match (phase, standing) {
        (Phase::None, _) => {}
        (Phase::Announced, _) => {
            let moment = Zone::of("Europe/Brussels").moment(at(2 * DAY + LEAD_MS));
            let draft = Draft {
                day: moment.rfc3339()[..10].into(),
                clock: moment.clock(),
                reason: Reason(vec![(Language::En, "Year-end".into())]),
                ..Draft::default()
            };
            desk.engine
                .announce_downtime(&support(), &view, draft, false)
                .await
                .unwrap();
        }
        (Phase::LastDay, Some(d)) => desk.clock.jump(d.closes_at - DAY / 2 - desk.clock.now()),
        (Phase::Closed, Some(d)) => {
            desk.clock.jump(d.closes_at - desk.clock.now());
            desk.engine.ready().await.unwrap();
        }
        (Phase::Lifted, Some(d)) => desk.engine.lift_downtime(&support(), &view, d.id).await.unwrap(),
        (phase, None) => panic!("no downtime to bring into {phase:?}"),
    }
    let now = desk.clock.now();
    let stands = desk
        .engine
        .downtimes()
        .first()
        .map_or(Phase::None, |d| d.phase(now));
    let expected = if phase == Phase::Lifted {
        Phase::None
    } else {
        phase
    };
    assert_eq!(stands, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_through_the_real_program() {
    let house = House::build().await;
    let mut callers = vec![];
    for w in Who::ALL {
        callers.push((w, who(&house, w).await));
    }
    let (mut n, mut cells) = (0, 0);
    for phase in Phase::ALL {
        enter(&house, phase).await;
        for (w, says) in &callers {
            for door in Door::ALL {
                let Some(asks) = asks(door, &mut n) else { continue };
                let expected = verdict(*w, door, phase);
                let (cookie, bearer);
                let mut headers = vec![
                    ("content-type", "application/json"),
                    ("sec-fetch-site", "same-origin"),
                ];
                match says {
                    Says::Session(s) => {
                        cookie = format!("nw_session={s}");
                        headers.push(("cookie", &cookie));
                    }
                    Says::Token(t) => {
                        bearer = format!("Bearer {t}");
                        headers.push(("authorization", &bearer));
                    }
                    Says::Nothing => {}
                }
                let path = path_for(*w, says, door, asks.path);
                let (status, kind, body) = house.send(asks.method, path, &headers, &asks.body).await;
                let cell = format!(
                    "{w:?} {door:?} {phase:?}: {status} {kind} {}",
                    &body[..body.len().min(300)]
                );
                match expected {
                    Verdict::Pass | Verdict::Warn => {
                        assert_ne!(status, StatusCode::SERVICE_UNAVAILABLE, "{cell}");
                    }
                    Verdict::MaintenancePage => {
                        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{cell}");
                        assert!(
                            body.contains("closed for maintenance") && kind.starts_with("text/html"),
                            "{cell}"
                        );
                    }
                    Verdict::Problem => {
                        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{cell}");
                        assert!(body.contains("\"temporarily_out_of_service\""), "{cell}");
                        assert_eq!(kind, "application/problem+json", "{cell}");
                    }
                    // a claim is answered, with nothing; who may not claim at all is told that
                    Verdict::Wait => assert!(
                        body.contains("\"tasks\":[]") || status.is_client_error(),
                        "{cell}"
                    ),
                }
                // the downtime is on the screen of everybody who has one
                if let (Verdict::Warn, Door::Page) = (expected, door) {
                    let strip = if phase == Phase::Closed {
                        "closed-notice"
                    } else {
                        "countdown"
                    };
                    assert!(body.contains(&format!("data-testid=\"{strip}\"")), "{cell}");
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 10 * 12 * 5);
}
