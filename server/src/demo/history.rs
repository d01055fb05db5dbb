//! A past for the demo's office: a fortnight that never was, the same at every first start, so that the pictures of
//! the last days, of waiting and of load have something to show. Real work adds to it.

use engine::watch::digest::{HOUR_MS, History, SLOT_MS, bucket};

const DAY_MS: i64 = 86_400_000;
/// Days of `dossier_day`, and of `load` and `waited`.
const DAYS: i64 = 14;
const LOAD_DAYS: i64 = 7;
/// The kinds that are usual, with how long they take, in milliseconds.
const WORK: [(&str, i64); 3] = [
    ("process_booking_proposal", 9_000),
    ("synchronise_dossier", 21_000),
    ("delete_booking_proposal", 5_000),
];

/// The past before `now` of these dossiers: code and key of the package.
pub fn of<'a>(dossiers: impl Iterator<Item = (&'a str, &'a str)>, now: i64) -> History {
    let today = now / DAY_MS;
    let mut history = History::default();
    let mut packages: Vec<&str> = vec![];
    for (n, (code, package)) in dossiers.enumerate() {
        for day in today - DAYS..today {
            let dice = dice(n as i64 * 1000 + day);
            let done = if rests(day) { dice % 3 } else { 6 + dice % 19 };
            // some dossiers never stop, some did in one bad week
            let stopped = if n % 3 == 0 && dice % 5 == 0 {
                1 + dice % 3
            } else {
                0
            };
            history.days.push((code.to_owned(), day, done, stopped));
        }
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    for (n, package) in packages.iter().enumerate() {
        for (kind, usual) in WORK {
            let middle = bucket(usual + n as i64 * 2_500);
            for (off, share) in [
                (-4, 6),
                (-2, 18),
                (-1, 31),
                (0, 44),
                (1, 33),
                (2, 19),
                (4, 8),
                (8, 3),
            ] {
                history
                    .took
                    .push(((*package).to_owned(), kind.to_owned(), middle + off, share));
            }
        }
    }
    for slot in (now - LOAD_DAYS * DAY_MS) / SLOT_MS..now / SLOT_MS {
        let delivered = arrivals(slot * SLOT_MS, slot);
        if delivered > 0 {
            history
                .load
                .push((slot, delivered, delivered * (9_000 + dice(slot) % 6_000)));
        }
    }
    for hour in (now - LOAD_DAYS * DAY_MS) / HOUR_MS..now / HOUR_MS {
        let tasks = arrivals(hour * HOUR_MS, hour) * 12;
        for (wait, share) in [(2_000, 3), (5_000, 5), (9_000, 3), (30_000, 1)] {
            if tasks > 0 {
                history
                    .waited
                    .push((hour, bucket(wait + dice(hour) % 900), tasks * share / 12 + 1));
            }
        }
    }
    history
}

/// Tasks of five minutes: most in the morning, few at night and at the weekend.
fn arrivals(at: i64, salt: i64) -> i64 {
    let (day, hour) = (at / DAY_MS, at / HOUR_MS % 24);
    let busy = match hour {
        8..=10 => 5,
        11..=15 => 3,
        6 | 7 | 16 => 2,
        _ => 0,
    };
    if rests(day) {
        busy / 3
    } else {
        busy + busy * (dice(salt) % 3) / 2
    }
}

/// Saturday or Sunday; 1 January 1970 was a Thursday.
fn rests(day: i64) -> bool {
    matches!((day + 4) % 7, 0 | 6)
}

/// A number that looks thrown, and is the same each time.
fn dice(n: i64) -> i64 {
    ((n as u64)
        .wrapping_add(0x9E37_79B9)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        >> 40) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_past_each_time_and_nothing_of_today() {
        let (now, dossiers) = (
            1_795_000_000_000,
            [("A", "adsolut"), ("B", "wings"), ("C", "adsolut")],
        );
        let (a, b) = (of(dossiers.into_iter(), now), of(dossiers.into_iter(), now));
        assert_eq!((a.days.clone(), a.load.clone()), (b.days, b.load));
        assert_eq!(a.days.len(), 3 * 14);
        assert!(a.days.iter().all(|(_, day, ..)| *day < now / DAY_MS));
        assert!(a.days.iter().any(|(.., stopped)| *stopped > 0));
        assert_eq!(a.took.len(), 2 * 3 * 8);
        assert!(
            a.load
                .iter()
                .all(|(slot, n, ms)| *slot < now / SLOT_MS && *n > 0 && *ms > 0)
        );
        assert!(!a.waited.is_empty());
    }
}
