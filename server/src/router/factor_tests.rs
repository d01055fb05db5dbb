//! Whoever has given the first factor only is nobody: every call that the pages know, every page and every stream answers them
//! as it answers a stranger (S9). A call that is added later is walked as well.

use super::tests::House;
use axum::http::StatusCode;
use domain::{Language, Role};
use engine::{
    NewPerson,
    testing::{app_code, enrol},
};
use serde_json::{Map, Value, json};

const PASSWORD: &str = "correct horse";

/// What somebody half signed in may do: give the second factor or set it up, leave, and what strangers may.
const OPEN: [&str; 3] = ["factor", "second_factor", "set_up_factor"];

/// Somebody who has given their password and has, or must have, a second factor.
async fn half(house: &House, role: Role, has: bool) -> (String, Vec<u8>) {
    let engine = &house.desk.engine;
    let email = format!("{}{has}@half.example", role.key());
    let hash = engine.hash_password(PASSWORD.into()).await.unwrap();
    let person = NewPerson {
        office: (role != Role::Support).then_some(house.desk.office),
        email: email.clone(),
        name: "H".into(),
        role,
        language: Language::En,
        password_hash: Some(hash),
    };
    engine.add_person(person).await.unwrap();
    let session = engine
        .sign_in(&email, PASSWORD, &engine::desk::guard::Visitor::default())
        .await
        .unwrap();
    if !has {
        return (session, vec![]);
    }
    let (_, secret) = enrol(engine, &session).await.unwrap();
    house.desk.clock.pass(60_000);
    (
        engine
            .sign_in(&email, PASSWORD, &engine::desk::guard::Visitor::default())
            .await
            .unwrap(),
        secret,
    )
}

/// A call's answer to somebody, with arguments that are filled in until they can be read.
async fn call(house: &House, cookie: &str, path: &str) -> (u16, String) {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let mut body = Map::new();
    for n in 0..30 {
        let text = Value::Object(body.clone()).to_string();
        let (status, _, answer) = house.send("POST", path, &headers, &text).await;
        let problem: Value = serde_json::from_str(&answer).unwrap_or_default();
        let error = &problem["errors"][0];
        let (field, message) = (
            error["field"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default(),
        );
        if status == StatusCode::BAD_REQUEST {
            return plain_form(house, cookie, path).await;
        }
        if status.as_u16() != 422 || !fill(&mut body, field, message, n) {
            return (status.as_u16(), answer);
        }
    }
    // its arguments cannot be made up here: it is never asked
    (422, String::new())
}

/// The same for a call that plain forms make.
async fn plain_form(house: &House, cookie: &str, path: &str) -> (u16, String) {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let mut body = String::new();
    for _ in 0..10 {
        let (status, _, answer) = house.send("POST", path, &headers, &body).await;
        let missing = answer
            .split("missing field `")
            .nth(1)
            .and_then(|m| m.split('`').next());
        match missing {
            Some(field) if status == StatusCode::BAD_REQUEST => body.push_str(&format!("&{field}=000000")),
            _ => return (status.as_u16(), answer),
        }
    }
    panic!("{path} asks for ever more: {body}");
}

/// What an argument may be, for one whose refusal does not say it.
fn guesses() -> [Value; 9] {
    let day = "2026-11-30";
    [
        json!("1"),
        json!(1),
        json!({}),
        json!([]),
        json!(true),
        json!(null),
        json!(day),
        json!("07:00"),
        json!("gent"),
    ]
}

/// Puts what would be right at a field, as far as the message says, else the next guess; whether there was a field.
fn fill(body: &mut Map<String, Value>, field: &str, message: &str, n: usize) -> bool {
    let missing = message
        .split('`')
        .nth(1)
        .filter(|_| message.contains("missing field"));
    let whole: Vec<&str> = field
        .split('.')
        .chain(missing)
        .filter(|p| !p.is_empty())
        .collect();
    let Some((last, parents)) = whole.split_last() else {
        return false;
    };
    let named = || message.split('`').nth(3).map(|w| json!(w));
    let right = match message.split_once("expected ").map(|(_, wanted)| wanted) {
        _ if message.contains("missing") => json!("gent"),
        Some(w) if w.starts_with("a boolean") => json!(true),
        Some(w) if w.starts_with("a sequence") => json!([]),
        Some(w) if w.starts_with("a map") || w.starts_with("struct ") => json!({}),
        Some(w) if w.starts_with("one of") || w.starts_with('`') => named().unwrap_or_default(),
        Some(w) if w.starts_with("a string") => json!("gent"),
        Some(w) if w.starts_with('i') || w.starts_with('u') => json!(1),
        _ => guesses()[n % 9].clone(),
    };
    let mut at = body;
    for parent in parents {
        let inner = at.entry(*parent).or_insert_with(|| json!({}));
        let Some(inner) = inner.as_object_mut() else {
            return false;
        };
        at = inner;
    }
    at.insert((*last).to_owned(), right);
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn half_signed_in_is_nobody_at_every_call() {
    let house = House::build().await;
    let paths: Vec<&str> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .filter(|p| p.starts_with("/api/desk/"))
        .collect();
    assert!(paths.len() > 120, "{} calls", paths.len());
    let (admin, _) = half(&house, Role::Admin, false).await;
    let (employee, _) = half(&house, Role::Employee, true).await;
    let (mut refused, mut told) = (0, vec![]);
    for path in paths {
        let name = path.trim_start_matches("/api/desk/");
        let stranger = call(&house, "", path).await;
        // what signing in itself needs; and signing out would end the session
        if OPEN.contains(&name) || name == "sign_out" {
            continue;
        }
        for session in [&admin, &employee] {
            let cookie = format!("nw_session={session}");
            assert_eq!(call(&house, &cookie, path).await, stranger, "{name}");
        }
        match stranger.0 {
            401 => refused += 1,
            422 => {}
            _ => told.push(name),
        }
    }
    // the calls that have a lock of their own; whatever else answers a stranger must be refused, or named here
    let own = |name: &&str| {
        name.starts_with("public/")
            || [
                "ask_reset",
                "downtime_notice",
                "first_admin",
                "look_at_link",
                "sign_in",
                "use_link",
            ]
            .contains(name)
    };
    told.retain(|name| !own(name));
    assert_eq!(told, Vec::<&str>::new());
    assert!(refused > 100, "{refused} were asked and refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_signed_in_is_led_to_the_factor_from_every_page() {
    let house = House::build().await;
    let (admin, _) = half(&house, Role::Admin, false).await;
    let (support, _) = half(&house, Role::Support, false).await;
    let (client, _) = half(&house, Role::Client, true).await;
    for session in [&admin, &support, &client] {
        let cookie = format!("nw_session={session}");
        for page in [
            "/",
            "/o/gent/tasks",
            "/o/gent/users",
            "/o/gent/profile",
            "/portal",
            "/recovery-codes",
        ] {
            let (status, html) = house.follow(page, &cookie).await;
            assert_eq!(status, StatusCode::FOUND, "{page}: {html}");
            assert!(html.starts_with("/sign-in"), "{page} leads to {html}");
        }
        assert_eq!(
            house.follow("/sign-in", &cookie).await,
            (StatusCode::FOUND, "/second-factor".into())
        );
        assert_eq!(house.follow("/second-factor", &cookie).await.0, StatusCode::OK);
        for path in [
            "live?office=gent",
            "export/tasks.csv?office=gent",
            "jobs-export?office=gent",
            "request-file/gent/1/1",
        ] {
            let answer = house
                .send("GET", &format!("/api/desk/{path}"), &[("cookie", &cookie)], "")
                .await;
            assert_eq!(answer.0, 401, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_factor_gives_the_session_another_secret_and_over_tls_a_cookie_of_this_host_only() {
    let mut house = House::build().await;
    let (session, secret) = half(&house, Role::Operator, true).await;
    let code = app_code(&secret, house.desk.engine.now());
    let cookie = format!("nw_session={session}");
    let form = [
        ("cookie", cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let set = house
        .cookies("/api/desk/second_factor", &form, &format!("code={code}"))
        .await;
    let new = set
        .iter()
        .find_map(|c| c.strip_prefix("nw_session="))
        .expect("a session");
    let new = new.split(';').next().unwrap_or_default();
    assert_ne!(new, session);
    assert_eq!(house.desk_call(&session, "who", &json!({})).await, 401);
    assert_eq!(house.desk_call(new, "who", &json!({})).await, 200);

    house.over_tls();
    let person = house
        .desk
        .engine
        .person_number("operatortrue@half.example")
        .await
        .unwrap();
    let link = house.desk.engine.new_link(person.unwrap(), true).await.unwrap();
    let set = house
        .cookies("/api/desk/use_link", &form[1..], &format!("link={link}"))
        .await;
    let session = set
        .iter()
        .find(|c| c.starts_with("__Host-nw_session="))
        .expect("a session");
    for part in ["; Secure", "; HttpOnly", "; Path=/;", "; SameSite=Lax"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Domain"));
    let pair = session.split(';').next().unwrap_or_default();
    let planted = pair.replace("__Host-", "");
    let who = async |cookie: &str| {
        let headers = [
            ("cookie", cookie),
            ("content-type", "application/json"),
            ("sec-fetch-site", "same-origin"),
        ];
        house
            .send("POST", "/api/desk/who", &headers, "{}")
            .await
            .0
            .as_u16()
    };
    assert_eq!((who(pair).await, who(&planted).await), (200, 401));
}
