//! P7: what a connection and an event stream cost, ten thousand of each, and what is left of it when they have closed.
//!
//! `cargo bench --bench doors` (part of `make bench`). `NACHTWACHT_BENCH=quick` opens a tenth. Needs twice as
//! many open files as connections: `ulimit -n`.

mod desk;

use desk::{Sandbox, Server};
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

const PORT: u16 = 3989;
/// Threads that open connections.
const HANDS: usize = 16;

fn main() {
    let quick = std::env::var("NACHTWACHT_BENCH").is_ok_and(|v| v == "quick");
    let many = if quick { 1000 } else { 10_000 };
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("demo");
    // all come from this machine: as through a proxy that is trusted
    let more = ["--demo", "--trusted-proxy", "127.0.0.1", "--streams", "1000000"];
    let server = Server::start(PORT, &data, &more);
    let desk = Sandbox::open(PORT, &data);
    let cookie = desk.sign_in("support");
    let bearer = format!("authorization: Bearer {}", desk.integration);
    let cookie = format!("cookie: {cookie}");
    let idle = ("idle connections", "/health/live", "x-nothing: 1", "live");
    let told = (
        "streams of integrations",
        "/api/v1/events",
        bearer.as_str(),
        "open",
    );
    let seen = (
        "streams of browsers",
        "/api/desk/live?office=sandbox",
        cookie.as_str(),
        "clock",
    );
    for kind in [idle, told, seen] {
        // what the first hundred cost, they cost once
        drop(open(100, kind));
        thread::sleep(Duration::from_secs(3));
        measured(&server, many, kind);
    }
}

type Kind<'a> = (&'a str, &'a str, &'a str, &'a str);

fn measured(server: &Server, many: usize, kind: Kind<'_>) {
    let before = server.memory_mib();
    let began = Instant::now();
    let held = open(many, kind);
    let took = began.elapsed().as_secs_f64();
    thread::sleep(Duration::from_secs(1));
    let most = server.memory_mib();
    let each = (most - before) * 1024.0 / many as f64;
    let busy = server.cpu_seconds();
    let watched = Duration::from_secs(30);
    if kind.3 != "live" {
        thread::sleep(watched);
    }
    let busy = (server.cpu_seconds() - busy) / watched.as_secs_f64() * 100.0;
    drop(held);
    let mut left = server.memory_mib();
    for _ in 0..20 {
        thread::sleep(Duration::from_secs(1));
        left = left.min(server.memory_mib());
    }
    println!(
        "P7  {many} {}: {each:.1} KiB each (bar 25), opened in {took:.1} s; RSS {before:.0} -> {most:.0} -> {left:.0} MiB after they closed; {busy:.0} % of a core while nothing happens",
        kind.0
    );
}

/// Opens connections, each of which has been answered.
fn open(many: usize, (what, path, header, wanted): Kind<'_>) -> Vec<TcpStream> {
    // each from an address of its own: pages of one are limited
    let ask = |n: usize| {
        let from = format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
        format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{PORT}\r\nx-forwarded-for: {from}\r\n{header}\r\n\r\n"
        )
    };
    let some = |numbers: std::ops::Range<usize>| -> Vec<TcpStream> {
        let one = |n| {
            let mut stream = TcpStream::connect(("127.0.0.1", PORT)).expect("connected");
            stream.write_all(ask(n).as_bytes()).expect("asked");
            let (mut text, mut piece) = (String::new(), [0; 4096]);
            while !text.contains(wanted) {
                let n = stream.read(&mut piece).expect(what);
                assert!(n > 0, "closed: {text}");
                text.push_str(&String::from_utf8_lossy(&piece[..n]));
            }
            stream
        };
        numbers.map(one).collect()
    };
    thread::scope(|s| {
        let hands: Vec<_> = (0..HANDS)
            .map(|hand| s.spawn(move || some(many * hand / HANDS..many * (hand + 1) / HANDS)))
            .collect();
        hands
            .into_iter()
            .flat_map(|h| h.join().expect("a hand"))
            .collect()
    })
}
