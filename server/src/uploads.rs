//! Files that are being sent: so many at a time, for each lies in memory until it is whole. Who sends slowly keeps a place
//! from others, so a place is held for a while only, and for a shorter one while others wait. What is small needs none.

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
};
use domain::{ClientAddress, OfficeId, Refusal};
use futures::StreamExt;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, interval, timeout},
};

/// Forms that are read at the same moment, of all offices.
const AT_ONCE: usize = 12;
/// ... and beside them of each office, and of the portals.
const OWN: usize = 2;
/// ... of one client.
const OF_ONE: u32 = 3;
/// What is not larger lies in memory like any other call, and needs no place.
pub const SMALL: u64 = 64 << 10;
/// Whoever finds no place waits for one this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Then they come again after so many seconds.
const COME_AGAIN: u32 = 15;

/// To whom something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum To {
    /// The public forms of an office.
    Office(OfficeId),
    /// The portals, from people who signed in.
    Portals,
}

/// How long a place may be held.
#[derive(Clone, Copy, Debug)]
struct Hold {
    /// Whatever is sent.
    longest: Duration,
    /// While others wait, so long ...
    grace: Duration,
    /// ... and a second for so many bytes.
    bytes: u64,
    /// It is looked at this often.
    look: Duration,
}

impl Default for Hold {
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(120),
            grace: Duration::from_secs(5),
            bytes: 100_000,
            look: Duration::from_secs(1),
        }
    }
}

/// Who sends what now.
#[derive(Clone)]
pub struct Uploads {
    hold: Hold,
    places: Arc<Semaphore>,
    own: Arc<Mutex<HashMap<To, Arc<Semaphore>>>>,
    clients: Arc<Mutex<HashMap<IpAddr, u32>>>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            hold: Hold::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            own: Arc::default(),
            clients: Arc::default(),
            waiting: Arc::default(),
        }
    }
}

/// One place, until this is dropped.
pub struct Place {
    _place: OwnedSemaphorePermit,
    _of: OfClient,
}

struct OfClient(Uploads, IpAddr);

impl Drop for OfClient {
    fn drop(&mut self) {
        let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = clients.get_mut(&self.1) {
            *n -= 1;
            if *n == 0 {
                clients.remove(&self.1);
            }
        }
    }
}

struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Uploads {
    /// What `read` makes of what a client sends, and the place that it holds until that is dropped.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when there is no place for a while, the client has enough, or what they send comes too slowly;
    /// what `read` says.
    pub async fn read<T>(
        &self,
        (client, to): (ClientAddress, To),
        request: Request,
        read: impl AsyncFnOnce(Request) -> Result<T, Refusal>,
    ) -> Result<(T, Option<Place>), Refusal> {
        if request.body().size_hint().upper().is_some_and(|n| n <= SMALL) {
            return Ok((read(request).await?, None));
        }
        let place = self.place(client, to).await?;
        let came = Arc::new(AtomicU64::new(0));
        let counted = came.clone();
        let request = request.map(|body| {
            let count = move |bytes: &Result<Bytes, _>| {
                let n = bytes.as_ref().map_or(0, Bytes::len);
                counted.fetch_add(n as u64, Relaxed);
            };
            Body::from_stream(body.into_data_stream().inspect(count))
        });
        tokio::select! {
            done = read(request) => Ok((done?, Some(place))),
            () = self.too_slow(&came) => {
                tracing::warn!(client = %client.key(), ?to, "what was sent came too slowly; its place went to others");
                Err(Refusal::Busy(COME_AGAIN))
            }
        }
    }

    /// Returns when a place may no longer be held by what comes like this.
    async fn too_slow(&self, came: &AtomicU64) {
        let (since, mut looks) = (Instant::now(), interval(self.hold.look));
        loop {
            looks.tick().await;
            let earned = Duration::from_secs_f64(came.load(Relaxed) as f64 / self.hold.bytes as f64);
            let waited_for = self.waiting.load(Relaxed) > 0;
            let held = since.elapsed();
            if held > self.hold.longest || waited_for && held > self.hold.grace + earned {
                return;
            }
        }
    }

    /// A place for what a client sends.
    async fn place(&self, client: ClientAddress, to: To) -> Result<Place, Refusal> {
        let of = self.of(client.key()).ok_or(Refusal::Busy(COME_AGAIN))?;
        let own = self.own(to);
        let _waits = Waits::new(&self.waiting);
        let any = async {
            tokio::select! {
                biased;
                place = own.acquire_owned() => place,
                place = self.places.clone().acquire_owned() => place,
            }
        };
        match timeout(PATIENCE, any).await {
            Ok(Ok(place)) => Ok(Place {
                _place: place,
                _of: of,
            }),
            _ => Err(Refusal::Busy(COME_AGAIN)),
        }
    }

    fn own(&self, to: To) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.entry(to)
            .or_insert_with(|| Arc::new(Semaphore::new(OWN)))
            .clone()
    }

    fn of(&self, client: IpAddr) -> Option<OfClient> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let n = clients.entry(client).or_default();
        if *n >= OF_ONE {
            return None;
        }
        *n += 1;
        Some(OfClient(self.clone(), client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body;
    use futures::stream;
    use std::io;

    const GENT: To = To::Office(1);

    fn client(n: u8) -> ClientAddress {
        ClientAddress::new([192, 0, 2, n].into())
    }

    #[tokio::test]
    async fn places_are_few_and_one_client_has_not_all_of_them() {
        let uploads = Uploads::default();
        let mut held = vec![];
        for n in 0..4 {
            for _ in 0..3 {
                held.push(uploads.place(client(n), GENT).await.expect("a place"));
            }
            assert_eq!(
                uploads.place(client(n), GENT).await.err(),
                Some(Refusal::Busy(15)),
                "enough for one"
            );
        }
        for n in 4..6 {
            held.push(uploads.place(client(n), GENT).await.expect("a place"));
        }
        let waits = timeout(Duration::from_millis(1), uploads.place(client(9), GENT));
        assert!(waits.await.is_err(), "none is free");
        for to in [To::Office(2), To::Portals] {
            assert!(uploads.place(client(9), to).await.is_ok(), "{to:?} has its own");
        }
        held.pop();
        assert!(uploads.place(client(9), GENT).await.is_ok());
        drop(held);
        assert!(uploads.clients.lock().unwrap().is_empty());
        assert_eq!(uploads.waiting.load(Relaxed), 0);
        assert!(uploads.place(client(0), GENT).await.is_ok());
    }

    /// A body of so many bytes of which the last never comes.
    fn endless(bytes: usize) -> Request {
        let first = stream::iter([Ok::<_, io::Error>(Bytes::from(vec![b'x'; bytes]))]);
        Request::new(Body::from_stream(first.chain(stream::pending())))
    }

    fn quick() -> Uploads {
        Uploads {
            hold: Hold {
                longest: Duration::from_secs(3600),
                grace: Duration::from_millis(50),
                bytes: 100_000,
                look: Duration::from_millis(10),
            },
            ..Uploads::default()
        }
    }

    async fn whole(request: Request) -> Result<usize, Refusal> {
        Ok(body::read(request.into_body(), 1 << 30).await?.len())
    }

    #[tokio::test]
    async fn who_sends_slowly_makes_room_for_those_who_wait() {
        let uploads = quick();
        let slow = |n: u8| {
            let uploads = uploads.clone();
            tokio::spawn(async move {
                uploads
                    .read((client(n / 3), GENT), endless(1), whole)
                    .await
                    .map(|_| ())
            })
        };
        let slow: Vec<_> = (0..14).map(slow).collect();
        while uploads.places.available_permits() > 0 || uploads.own(GENT).available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        // a body whose length nobody said
        let large = Body::from_stream(stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"large"))]));
        let read = uploads.read((client(9), GENT), Request::new(large), whole).await;
        assert_eq!(read.map(|(n, _)| n), Ok(5));
        let mut gave_way = 0;
        for s in &slow {
            gave_way += usize::from(s.is_finished());
        }
        assert!(gave_way > 0);
        slow.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn nobody_holds_a_place_for_long_whatever_comes() {
        let mut uploads = quick();
        uploads.hold.longest = Duration::from_millis(50);
        let read = uploads.read((client(0), GENT), endless(9_000_000), whole).await;
        assert_eq!(read.map(|_| ()), Err(Refusal::Busy(15)));
        assert!(uploads.clients.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_is_small_needs_no_place() {
        let uploads = Uploads::default();
        let mut held = vec![];
        for n in 0..14 {
            held.push(uploads.place(client(n), GENT).await);
        }
        let read = async |bytes| {
            let request = Request::new(Body::from(vec![b'x'; bytes]));
            let read = uploads.read((client(20), GENT), request, whole);
            timeout(Duration::from_millis(100), read).await
        };
        assert!(matches!(read(64 << 10).await, Ok(Ok((65_536, None)))));
        assert!(read((64 << 10) + 1).await.is_err(), "it waits for one");
    }
}
