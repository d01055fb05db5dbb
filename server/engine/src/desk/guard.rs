//! Limits of those who guess and of those who flood.
//!
//! Each sort of try has a [`Key`] and each key a quota: so many at once, then one in so long. A try is counted when it
//! begins, so that many at the same moment count as many, and given back when it was right: what is right costs
//! nothing. Nobody can shut an owner out: wrong passwords of strangers are counted apart from those of the browsers
//! and the addresses that the owner has come in by before ([`known`]).

pub(crate) mod known;

use crate::{desk::Engine, desk::room::What};
use domain::{ClientAddress, OfficeId, Refusal};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use store::{
    error::Result,
    secret::{self, Hash},
};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
/// Most keys of one sort that are remembered; those that have tried least are forgotten first.
const MOST_KEYS: usize = 50_000;
/// A flooded form is told of until so long after the last that was refused.
const FLOOD_TOLD: u64 = 30 * MINUTE;
/// Over the limit so many are forgotten at once: looking for them costs.
const FORGET: usize = MOST_KEYS / 10;

/// An account as limits know it: of the address as typed, whether somebody has it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Account(u128);

impl Account {
    /// Of an e-mail address.
    pub fn of(email: &str) -> Self {
        let digest = secret::digest(email);
        Self(u128::from_be_bytes(std::array::from_fn(|i| digest[i])))
    }
}

/// What is counted, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Wrong passwords for an account from one client.
    SignIn(Account, IpAddr),
    /// Wrong passwords for an account from one browser that its owner has come in by.
    OwnBrowser(Account, Hash),
    /// Wrong passwords for an account from everybody else together.
    Strangers(Account),
    /// Wrong passwords of one client, for whatever account.
    Sprayed(IpAddr),
    /// Right passwords of one client: each is work, a session and two notes.
    CameIn(Account, IpAddr),
    /// Wrong old passwords of a person who changes theirs.
    Password(i64),
    /// Links for a new password, asked for by one client.
    Reset(Account, IpAddr),
    /// ... by everybody together: each is a mail to the owner.
    Resets(Account),
    /// Wrong enrol codes of one client. A code has 256 bits: nobody guesses one, they only cost time.
    Enrol(IpAddr),
    /// Forms sent to an office by one client.
    Form(OfficeId, IpAddr),
    /// Documents that a client of an office hands in.
    HandIn(i64),
}

/// So many at once, then one in so many milliseconds.
struct Quota {
    burst: u64,
    every: u64,
}

impl Key {
    /// Where it is counted: flooding one sort of key forgets none of another.
    fn sort(&self) -> usize {
        match self {
            Self::SignIn(..) => 0,
            Self::OwnBrowser(..) => 1,
            Self::Strangers(_) => 2,
            Self::Sprayed(_) => 3,
            Self::Password(_) => 4,
            Self::Reset(..) => 5,
            Self::Resets(_) => 6,
            Self::Enrol(_) => 7,
            Self::Form(..) => 8,
            Self::HandIn(_) => 9,
            Self::CameIn(..) => 10,
        }
    }

    fn quota(&self) -> Quota {
        let quota = |burst, every| Quota { burst, every };
        match self {
            // 100 a day
            Self::SignIn(..) | Self::OwnBrowser(..) | Self::Password(_) => quota(10, 16 * MINUTE),
            // 98 a day, whoever they are and however many
            Self::Strangers(_) => quota(30, 21 * MINUTE),
            // a whole office that begins its day behind one address
            Self::Sprayed(_) => quota(50, MINUTE),
            Self::Reset(..) => quota(3, 20 * MINUTE),
            Self::Resets(_) => quota(6, 120 * MINUTE),
            Self::Enrol(_) => quota(20, MINUTE),
            // an office never gets more in an hour than a person can look at in a day
            Self::Form(..) => quota(30, MINUTE),
            Self::HandIn(_) => quota(100, MINUTE),
            Self::CameIn(..) => quota(60, 10 * SECOND),
        }
    }
}

/// Tries that were counted, to be given back when they were right.
#[must_use]
#[derive(Debug)]
pub struct Counted(Vec<Key>);

/// When each key's tries will all be forgotten, by the monotonic clock; one that is not here has tried nothing.
type Until = HashMap<Key, u64>;

/// Who has tried what.
#[derive(Debug, Default)]
pub struct Guard {
    tried: Mutex<[Until; 11]>,
    pruned: AtomicU64,
    /// Offices whose forms somebody floods, and until when that is told.
    floods: Mutex<HashMap<OfficeId, u64>>,
}

impl Guard {
    /// Whether one more try may be made, which is counted when it is known what it was.
    pub fn may_try(&self, key: Key, now: u64) -> Result<()> {
        may_try(&*self.tried(), &[key], now)
    }

    /// Counts one try of each of `keys`, or of none when one of them must wait.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`] with the seconds after which it may.
    pub fn admit(&self, keys: impl Into<Vec<Key>>, now: u64) -> Result<Counted> {
        let keys = keys.into();
        let mut tried = self.tried();
        may_try(&*tried, &keys, now)?;
        for key in &keys {
            let sort = &mut tried[key.sort()];
            if sort.len() >= MOST_KEYS && !sort.contains_key(key) {
                make_room(sort, now);
            }
            let until = sort.entry(*key).or_insert(now);
            *until = (*until).max(now) + key.quota().every;
        }
        Ok(Counted(keys))
    }

    /// It was right, or was not looked at: it counts as nothing.
    pub fn give_back(&self, counted: Counted) {
        let mut tried = self.tried();
        for key in counted.0 {
            if let Some(until) = tried[key.sort()].get_mut(&key) {
                *until = until.saturating_sub(key.quota().every);
            }
        }
    }

    /// Its owner has shown who they are: what was tried before is forgotten.
    pub fn forget(&self, key: &Key) {
        self.tried()[key.sort()].remove(key);
    }

    /// Somebody sends an office more than it takes.
    pub(crate) fn flooded(&self, office: OfficeId, now: u64) {
        let mut floods = self.floods.lock().unwrap_or_else(PoisonError::into_inner);
        floods.insert(office, now + FLOOD_TOLD);
    }

    /// The offices whose forms are flooded.
    pub(crate) fn floods(&self, now: u64) -> Vec<OfficeId> {
        let mut floods = self.floods.lock().unwrap_or_else(PoisonError::into_inner);
        floods.retain(|_, until| *until > now);
        let mut all: Vec<OfficeId> = floods.keys().copied().collect();
        all.sort_unstable();
        all
    }

    /// Prunes once a minute; says whether one has passed.
    pub(crate) fn tick(&self, now: u64) -> bool {
        let minute = now >= self.pruned.load(Relaxed) + MINUTE;
        if minute {
            self.pruned.store(now, Relaxed);
            self.prune(now);
        }
        minute
    }

    /// Forgets who may try as much as anybody.
    pub fn prune(&self, now: u64) {
        for sort in self.tried().iter_mut() {
            sort.retain(|_, until| *until > now);
            sort.shrink_to(sort.len() * 2);
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.tried().iter().map(HashMap::len).sum()
    }

    /// Nobody has tried anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn tried(&self) -> MutexGuard<'_, [Until; 11]> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn may_try(tried: &[Until], keys: &[Key], now: u64) -> Result<()> {
    let wait = keys.iter().map(|k| wait(&tried[k.sort()], k, now)).max();
    match wait.filter(|w| *w > 0) {
        None => Ok(()),
        Some(wait) => {
            let seconds = u32::try_from(wait.div_ceil(SECOND)).unwrap_or(u32::MAX);
            Err(Refusal::TooManyRequests(seconds).into())
        }
    }
}

/// Milliseconds until one more try is within the quota.
fn wait(tried: &Until, key: &Key, now: u64) -> u64 {
    let Quota { burst, every } = key.quota();
    let until = tried.get(key).map_or(now, |u| (*u).max(now));
    (until + every).saturating_sub(now + burst * every)
}

/// Forgets who has tried nothing for long, and if that is not enough, who has tried least.
fn make_room(tried: &mut Until, now: u64) {
    tried.retain(|_, until| *until > now);
    if tried.len() < MOST_KEYS {
        return;
    }
    let mut all: Vec<u64> = tried.values().copied().collect();
    let (_, least, _) = all.select_nth_unstable(FORGET);
    let least = *least;
    let mut left = FORGET;
    tried.retain(|_, until| {
        let goes = *until <= least && left > 0;
        left -= usize::from(goes);
        !goes
    });
}

/// Who tries, as far as it is known before they have shown it.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Where from.
    pub client: ClientAddress,
    /// What browsers keep of earlier visits.
    pub devices: Vec<Hash>,
}

impl Visitor {
    /// From this address, with what the browser keeps in its cookie of earlier visits.
    pub fn new(client: ClientAddress, cookie: Option<&str>) -> Self {
        Self {
            client,
            devices: known::devices(cookie.unwrap_or_default()),
        }
    }
}

impl Engine {
    /// Counts one try of each of `keys`.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`] with the seconds after which it may.
    pub(crate) fn admit(&self, keys: impl Into<Vec<Key>>) -> Result<Counted> {
        self.guard.admit(keys, self.clock.mono())
    }

    /// A client of an office hands in a document, before it is read.
    pub fn admit_hand_in(&self, person: i64) -> Result<()> {
        let _ = self.admit([Key::HandIn(person)])?;
        self.room_for(What::HandIn)
    }

    /// So many send an office forms that one of them found no place.
    pub fn no_place_for_form(&self, office: OfficeId) {
        self.guard.flooded(office, self.clock.mono());
    }

    /// Takes in one form of a client for an office, before it is read.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for no office, [`Refusal::TooManyRequests`], [`Refusal::NoRoom`].
    pub fn admit_form(&self, code: &str, client: ClientAddress) -> Result<OfficeId> {
        let (office, _) = self.public_office(code).ok_or(Refusal::NotFound)?;
        let admitted = self.admit([Key::Form(office, client.key())]);
        if admitted.is_err() {
            self.guard.flooded(office, self.clock.mono());
        }
        let _ = admitted?;
        self.room_for(What::Form)?;
        Ok(office)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::error::Error;

    fn refused(result: Result<Counted>) -> u64 {
        match result {
            Err(Error::Refused(Refusal::TooManyRequests(s))) => u64::from(s) * SECOND,
            other => panic!("{other:?}"),
        }
    }

    fn client(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_in_and_not_a_second_before() {
        let guard = Guard::default();
        let every = [
            Key::SignIn(Account::of("a@b.example"), client(1)),
            Key::OwnBrowser(Account::of("a@b.example"), [1; 32]),
            Key::Strangers(Account::of("a@b.example")),
            Key::Sprayed(client(1)),
            Key::Password(1),
            Key::Reset(Account::of("a@b.example"), client(1)),
            Key::Resets(Account::of("a@b.example")),
            Key::Enrol(client(1)),
            Key::Form(1, client(1)),
            Key::HandIn(1),
        ];
        for key in every {
            let mut now = 12_345;
            while guard.admit([key], now).is_ok() {
                now += 7;
            }
            let told = refused(guard.admit([key], now));
            assert_eq!(
                refused(guard.admit([key], now + told - SECOND)),
                SECOND,
                "{key:?}"
            );
            assert!(guard.admit([key], now + told).is_ok(), "{key:?}");
            assert!(guard.admit([key], now + told).is_err(), "{key:?}: one at a time");
        }
    }

    #[test]
    fn what_is_given_back_was_never_counted_and_none_is_counted_when_one_must_wait() {
        let guard = Guard::default();
        let (a, b) = (Key::Password(1), Key::Password(2));
        for _ in 0..1000 {
            let counted = guard.admit([a], 1).unwrap();
            guard.give_back(counted);
        }
        while guard.admit([a], 1).is_ok() {}
        for _ in 0..1000 {
            refused(guard.admit([a, b], 1));
        }
        assert!(guard.admit([b], 1).is_ok());
        guard.forget(&a);
        assert!(guard.admit([a], 1).is_ok());
    }

    #[test]
    fn strangers_get_at_most_a_hundred_tries_a_day_wherever_they_come_from() {
        let guard = Guard::default();
        let account = Account::of("an@gent.example");
        let mut n = 0;
        for second in 0..86_400_u32 {
            let keys = [Key::SignIn(account, client(second)), Key::Strangers(account)];
            n += u32::from(guard.admit(keys, u64::from(second) * SECOND + 1).is_ok());
        }
        assert!((50..=100).contains(&n), "{n}");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_ends() {
        let guard = Guard::default();
        let attacked = Key::Enrol(client(0));
        while guard.admit([attacked], 1).is_ok() {}
        for n in 1..=3 * MOST_KEYS as u32 {
            assert!(guard.admit([Key::Enrol(client(n))], 1).is_ok());
        }
        assert!(guard.len() <= MOST_KEYS);
        refused(guard.admit([attacked], 1));
        guard.prune(20 * MINUTE + 1);
        assert!(guard.is_empty());
    }
}
