//! Guessing at the router: cookies, addresses, statuses and `Retry-After` as browsers meet them.

use super::tests::{House, session_at};
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
    response::Response,
};
use domain::{ClientAddress, Language, Role, request::MOST_FORM};
use engine::NewPerson;
use std::{convert::Infallible, iter};
use tower::ServiceExt;

const AN: &str = "an@gent.example";
const RIGHT: &str = "thirty wet owls in a row";

async fn house() -> House {
    let h = House::build().await;
    let an = NewPerson {
        office: Some(h.desk.office),
        email: AN.into(),
        name: "An".into(),
        role: Role::Employee,
        language: Language::En,
        password_hash: Some(h.desk.engine.hash_password(RIGHT.into()).await.unwrap()),
    };
    h.desk.engine.add_person(an).await.unwrap();
    h
}

/// Posts a form as somebody from this address.
async fn post(h: &House, path: &str, kind: &str, from: &str, cookie: &str, body: Body) -> Response {
    let mut request = Request::post(path)
        .header("content-type", kind)
        .header("accept", "application/json")
        .header("cookie", cookie)
        .body(body)
        .unwrap();
    let client = ClientAddress::new(from.parse().unwrap());
    request.extensions_mut().insert(client);
    h.app.clone().oneshot(request).await.unwrap()
}

async fn sign_in(h: &House, from: &str, cookie: &str, password: &str) -> Response {
    let body = format!("email={AN}&password={}", password.replace(' ', "+"));
    let form = "application/x-www-form-urlencoded";
    post(h, "/api/desk/sign_in", form, from, cookie, body.into()).await
}

/// What a browser keeps under this name.
fn kept(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|v| v.to_str().ok());
    let mut found = all.filter(|c| c.starts_with(&format!("{name}=")));
    found.next().map(ToOwned::to_owned)
}

#[tokio::test]
async fn the_browser_that_an_owner_came_in_by_comes_in_while_others_guess() {
    let h = house().await;
    let first = sign_in(&h, "192.0.2.1", "", RIGHT).await;
    let given = kept(first.headers(), "nw_device").expect("a cookie");
    for word in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(given.contains(word), "{word}: {given}");
    }
    let device = given.split(';').next().unwrap();
    // the world guesses until nobody is looked at any more
    let mut last = StatusCode::OK;
    for n in 0..200 {
        let guess = sign_in(&h, &format!("10.0.0.{n}"), "", "a wrong guess").await;
        last = guess.status();
        if last == 429 {
            let wait: u32 = guess.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!(wait > 60, "{wait}");
        }
    }
    assert_eq!(last, 429);
    let stranger = sign_in(&h, "198.51.100.7", "", RIGHT).await;
    assert_eq!(
        stranger.status(),
        429,
        "the right password by a new browser waits"
    );
    let owner = sign_in(&h, "198.51.100.7", device, RIGHT).await;
    assert!(
        kept(owner.headers(), "nw_session").is_some(),
        "{}",
        owner.status()
    );
    assert_eq!(kept(owner.headers(), "nw_device"), None, "it has it already");
    let home = sign_in(&h, "192.0.2.1", "", RIGHT).await;
    assert!(kept(home.headers(), "nw_session").is_some(), "{}", home.status());
    // both people of a shared browser are known by it
    let other = "nw_device=nwd_nonsense";
    let both = sign_in(&h, "192.0.2.1", other, RIGHT).await;
    let both = kept(both.headers(), "nw_device").unwrap();
    assert!(!both.contains("nonsense"), "{both}");
}

#[tokio::test]
async fn a_form_of_who_floods_is_refused_before_it_is_read() {
    let h = house().await;
    let kind = "multipart/form-data; boundary=x";
    let send = async |from: &str, body: Body| post(&h, "/forms/gent/intake/send", kind, from, "", body).await;
    let mut refused = None;
    for _ in 0..40 {
        let answer = send("192.0.2.1", Body::empty()).await;
        if answer.status() == 429 {
            refused = Some(answer);
        }
    }
    let wait = refused.expect("refused").headers()["retry-after"].clone();
    assert!(wait.to_str().unwrap().parse::<u32>().unwrap() <= 60);
    let form = "--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nNora\r\n\
                --x\r\ncontent-disposition: form-data; name=\"company\"\r\n\r\nBakery\r\n\
                --x\r\ncontent-disposition: form-data; name=\"email\"\r\n\r\nnora@bakery.example\r\n--x--\r\n";
    assert_eq!(send("192.0.2.1", form.into()).await.status(), 429);
    assert_eq!(
        send("192.0.2.2", form.into()).await.status(),
        200,
        "another sender"
    );
}

#[tokio::test]
async fn a_form_that_does_not_say_how_long_it_is_is_too_large_all_the_same() {
    let h = house().await;
    let head = "--x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n".to_owned();
    let pieces = iter::once(head).chain(iter::repeat_n("x".repeat(1 << 20), 1 + (MOST_FORM >> 20)));
    let body = Body::from_stream(futures::stream::iter(pieces.map(Ok::<_, Infallible>)));
    let kind = "multipart/form-data; boundary=x";
    let answer = post(&h, "/forms/gent/intake/send", kind, "192.0.2.1", "", body).await;
    assert_eq!(answer.status(), 413);
}

/// What is large lies in memory until it is whole: nobody's does, nor that of people outside.
#[tokio::test]
async fn what_is_large_is_not_read_for_whom_it_is_not_for() {
    let h = house().await;
    let large = || Body::from(vec![b' '; (64 << 10) + 1]);
    let json = "application/json";
    for path in [
        "/api/desk/tasks",
        "/api/desk/sign_in",
        "/api/desk/import-dossiers",
        "/api/nowhere",
    ] {
        let answer = post(&h, path, json, "192.0.2.1", "", large()).await;
        assert_eq!(answer.status(), 401, "{path}");
    }
    assert_eq!(
        post(&h, "/api/v1/enrol", json, "192.0.2.1", "", large())
            .await
            .status(),
        413
    );
    let client = session_at(&h.desk, Some(h.desk.office), Role::Client, "c@example.test").await;
    let cookie = format!("nw_session={client}");
    let answer = post(
        &h,
        "/api/desk/import-dossiers",
        json,
        "192.0.2.1",
        &cookie,
        large(),
    )
    .await;
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn a_file_is_offered_as_what_is_in_it_and_called_as_its_sender_calls_it() {
    let h = house().await;
    let form = "--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nNora\r\n\
                --x\r\ncontent-disposition: form-data; name=\"company\"\r\n\r\nBakery\r\n\
                --x\r\ncontent-disposition: form-data; name=\"email\"\r\n\r\nnora@bakery.example\r\n\
                --x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"cv.exe\"\r\n\r\n%PDF-1.4\r\n\
                --x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"Årsregnskap – Søn.hta\"\r\n\r\n%PDF-1.4\r\n--x--\r\n";
    let kind = "multipart/form-data; boundary=x";
    let sent = post(&h, "/forms/gent/intake/send", kind, "192.0.2.1", "", form.into()).await;
    assert_eq!(sent.status(), 200);
    let body = axum::body::to_bytes(sent.into_body(), 1000).await.unwrap();
    let id = serde_json::from_slice::<serde_json::Value>(&body).unwrap()["id"].clone();
    for (n, name) in [
        (0, "attachment; filename=\"cv.pdf\""),
        (
            1,
            "attachment; filename=\"_rsregnskap _ S_n.pdf\"; filename*=UTF-8''%C3%85rsregnskap%20%E2%80%93%20S%C3%B8n.pdf",
        ),
    ] {
        let request = Request::get(format!("/api/desk/request-file/gent/{id}/{n}"))
            .header("cookie", format!("nw_session={}", h.support))
            .body(Body::empty())
            .unwrap();
        let answer = h.app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.headers()["content-disposition"], name);
        assert_eq!(answer.headers()["content-type"], "application/pdf");
    }
}
