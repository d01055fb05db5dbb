//! The door as clients meet it, over real connections.

use super::{Door, OF_CLIENT, Patience, files, most_of_client, serve};
use crate::{
    client::Proxies,
    router::tests::{House, token},
};
use axum::{Router, body::Body, extract::Request, routing::get};
use domain::ClientAddress;
use std::{env, fs, net::SocketAddr, process::Command, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{Instant, sleep, timeout, timeout_at},
};

pub(crate) const LONG: Duration = Duration::from_secs(20);
const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

fn door() -> Door {
    Door {
        proxies: Proxies::default(),
        patience: Patience {
            head: Duration::from_millis(200),
            idle: Duration::from_millis(600),
            stalled: Duration::from_millis(400),
        },
        most: 1000,
        of_client: 1000,
        setting: "",
    }
}

/// Says who asks; streams for ever at `/stream`; says more than any buffer holds at `/much`.
fn app() -> Router {
    let who = get(async |r: Request| r.extensions().get::<ClientAddress>().unwrap().ip().to_string());
    let stream = get(async || {
        let ticks = futures::stream::unfold((), async |()| {
            sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, std::io::Error>("tick"), ()))
        });
        Body::from_stream(ticks)
    });
    let much = get(async || vec![b'x'; 64 << 20]);
    Router::new()
        .route("/", who)
        .route("/stream", stream)
        .route("/much", much)
}

async fn open(door: Door, app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, app, door, watch::channel(false).1));
    address
}

pub(crate) async fn connect(address: SocketAddr, said: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(said).await.unwrap();
    stream
}

/// Until `wanted` has come.
pub(crate) async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut piece = [0; 4096];
    // signs of life buy no more time
    let until = Instant::now() + LONG;
    while !text.contains(wanted) {
        let n = timeout_at(until, stream.read(&mut piece))
            .await
            .expect(wanted)
            .unwrap();
        assert_ne!(n, 0, "closed before {wanted}: {text}");
        text.push_str(&String::from_utf8_lossy(&piece[..n]));
    }
    text
}

/// How long until the other side closes.
async fn closes(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut all = vec![];
    // closed is closed, in whatever manner
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("closed");
    began.elapsed()
}

#[tokio::test]
async fn who_does_not_ask_is_not_waited_for() {
    let address = open(door(), app()).await;
    for said in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\n"] {
        let took = closes(&mut connect(address, said).await).await;
        assert!(took < Duration::from_secs(5), "{took:?} after {said:?}");
    }
    // bytes that come one by one do not buy more time
    let mut slow = connect(address, b"GET / HTTP/1.1\r\n").await;
    let began = Instant::now();
    while slow.write_all(b"a").await.is_ok() {
        sleep(Duration::from_millis(20)).await;
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "a crawling head is waited for"
        );
    }
}

#[tokio::test]
async fn a_host_is_said_once() {
    let address = open(door(), app()).await;
    for doubtful in ["", "host: x\r\nhost: y\r\n"] {
        let said = format!("GET / HTTP/1.1\r\n{doubtful}\r\n");
        let mut stream = connect(address, said.as_bytes()).await;
        let answer = read_until(&mut stream, "malformed").await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    let mut old = connect(address, b"GET / HTTP/1.0\r\n\r\n").await;
    read_until(&mut old, "127.0.0.1").await;
}

#[tokio::test]
async fn between_questions_there_is_more_time_and_an_answer_may_take_any() {
    let address = open(door(), app()).await;
    let mut kept = connect(address, ASK).await;
    read_until(&mut kept, "127.0.0.1").await;
    sleep(Duration::from_millis(400)).await;
    kept.write_all(ASK).await.unwrap();
    read_until(&mut kept, "127.0.0.1").await;
    let took = closes(&mut kept).await;
    assert!(
        took > Duration::from_millis(500) && took < Duration::from_secs(5),
        "{took:?}"
    );
    let mut stream = connect(address, b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(1500) {
        read_until(&mut stream, "tick").await;
    }
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let address = open(door(), app()).await;
    let mut stalled = connect(address, b"GET /much HTTP/1.1\r\nhost: x\r\n\r\n").await;
    sleep(Duration::from_millis(1500)).await;
    let mut all = vec![];
    // cut off, in whatever manner
    let _ = timeout(LONG, stalled.read_to_end(&mut all))
        .await
        .expect("closed");
    assert!(
        all.len() < 64 << 20,
        "all of it was kept for one who did not read"
    );
}

#[test]
fn a_thousand_connectors_behind_one_address_are_let_in_where_there_are_files_for_them_and_some_are_left() {
    // what a common limit leaves: each connector has its claim, and some tell or extend meanwhile
    assert!(OF_CLIENT.min(most_of_client(files::left(4096))) >= 2000);
    for most in 1..70_000 {
        let of_client = OF_CLIENT.min(most_of_client(most));
        assert!(
            of_client >= 1 && (most < 4 || of_client <= most * 3 / 4 + 1),
            "{most}"
        );
        assert!(of_client >= 1000 || most < 1334, "{most}");
    }
}

#[tokio::test]
async fn one_client_gets_so_many_connections_and_a_proxy_as_many_as_there_are() {
    let few = |proxies: &[&str]| Door {
        proxies: Proxies::new(proxies.iter().map(|p| p.parse().unwrap()).collect()),
        of_client: 2,
        patience: Patience::default(),
        ..door()
    };
    let address = open(few(&[]), app()).await;
    let mut held = vec![];
    for _ in 0..2 {
        let mut one = connect(address, ASK).await;
        read_until(&mut one, "127.0.0.1").await;
        held.push(one);
    }
    closes(&mut connect(address, b"").await).await;
    held.clear();
    // the server sees it a moment later
    for n in 0.. {
        let mut again = connect(address, b"").await;
        let written = again.write_all(ASK).await;
        let mut piece = [0; 4096];
        if written.is_ok() && again.read(&mut piece).await.is_ok_and(|n| n > 0) {
            break;
        }
        assert!(n < 100, "what was given back is not given again");
        sleep(Duration::from_millis(20)).await;
    }
    let address = open(few(&["127.0.0.1"]), app()).await;
    for n in 1..5 {
        let ask = format!("GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 198.51.100.{n}\r\n\r\n");
        let mut one = connect(address, ask.as_bytes()).await;
        read_until(&mut one, &format!("198.51.100.{n}")).await;
        held.push(one);
    }
}

/// Runs this test alone, in a process of its own; true there.
pub(crate) fn alone(test: &str) -> bool {
    if env::var_os("NACHTWACHT_ALONE").is_some() {
        return true;
    }
    let mut program = Command::new(env::current_exe().unwrap());
    let done = program
        .args(["--exact", test, "--nocapture"])
        .env("NACHTWACHT_ALONE", "1");
    assert!(done.status().unwrap().success(), "{test}");
    false
}

/// Resident memory in KiB.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

/// The bar: KiB of each connection.
const BAR: f64 = 25.0;
const MANY: usize = 200;

#[tokio::test]
async fn a_connection_costs_little_and_gives_it_back() {
    if !alone("door::tests::a_connection_costs_little_and_gives_it_back") {
        return;
    }
    let house = House::build().await;
    let mut tokens = vec![];
    for n in 0..MANY / 10 {
        tokens.push(token(&house.desk, house.desk.office, &format!("i{n}")).await);
    }
    let patience = Patience::default();
    let address = open(Door { patience, ..door() }, house.app.clone()).await;
    let idle = async |_: usize| {
        let mut one = connect(address, b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await;
        read_until(&mut one, "live").await;
        one
    };
    let stream = async |n: usize| {
        let token = &tokens[n / 10];
        let ask = format!("GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
        let mut one = connect(address, ask.as_bytes()).await;
        read_until(&mut one, "open").await;
        one
    };
    // what the first ones cost, they cost once
    for n in 0..20 {
        drop((idle(n).await, stream(n).await));
    }
    sleep(Duration::from_millis(200)).await;
    let before = resident();
    let mut held = vec![];
    for n in 0..MANY {
        held.push(idle(n).await);
    }
    let cost = (resident() - before) / MANY as f64;
    eprintln!("an idle connection: {cost:.1} KiB");
    assert!(cost < BAR, "an idle connection costs {cost:.1} KiB");
    held.clear();
    sleep(Duration::from_millis(200)).await;
    let before = resident();
    for n in 0..MANY {
        held.push(stream(n).await);
    }
    let cost = (resident() - before) / MANY as f64;
    eprintln!("a stream: {cost:.1} KiB");
    assert!(cost < BAR, "a stream costs {cost:.1} KiB");
    let most = resident();
    held.clear();
    sleep(Duration::from_millis(200)).await;
    for n in 0..MANY {
        held.push(stream(n).await);
    }
    let more = (resident() - most) / MANY as f64;
    assert!(
        more < BAR / 5.0,
        "what is closed is not used again: {more:.1} KiB each"
    );
}
