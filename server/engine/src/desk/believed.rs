//! The wall clock as the scheduler believes it (N3). A clock that jumps ahead may be wrong (a machine that boots with the
//! local time in its clock, a mistyped date): for a while the desk reckons on from where it was, by the monotonic clock,
//! so that nothing runs early. One that stays ahead is right. One that goes back is believed at once; what was planned by
//! the clock that was ahead is then brought back.

/// The clocks may part by this much between two looks, in milliseconds.
pub(crate) const JUMP: i64 = 30_000;
/// A clock that went back may return to where it was for so long, in milliseconds.
const RETURNS: u64 = 600_000;
/// A clock that is ahead for so long, in milliseconds, is right.
const DOUBT: u64 = 120_000;

/// What is remembered between two looks.
#[derive(Debug, Default)]
pub(crate) struct Believed {
    /// Wall clock minus monotonic clock.
    apart: Option<i64>,
    /// Since when, and by how much apart, the wall clock is ahead of what is believed.
    doubted: Option<(u64, i64)>,
    /// When it went back, and how far apart it was before: one that soon returns there was right then.
    left: Option<(u64, i64)>,
    /// The clock went back, and what was planned by it has not been brought back yet.
    went_back: bool,
}

impl Believed {
    /// What time it is. With `passed` a jump ahead is no mistake.
    pub fn look(&mut self, wall: i64, mono: u64, passed: bool) -> i64 {
        let mono_ms = i64::try_from(mono).unwrap_or(i64::MAX);
        let apart = wall.saturating_sub(mono_ms);
        let by = apart.saturating_sub(self.apart.unwrap_or(apart));
        if by > JUMP && !passed && !self.returns(mono, apart) && !self.is_over(mono, apart) {
            return mono_ms.saturating_add(self.apart.unwrap_or(apart));
        }
        if by < -JUMP {
            self.went_back = true;
            self.left = self.apart.map(|apart| (mono, apart));
        }
        (self.apart, self.doubted) = (Some(apart), None);
        wall
    }

    fn returns(&self, mono: u64, apart: i64) -> bool {
        let near = |by: i64| apart.abs_diff(by) <= JUMP.unsigned_abs();
        self.left.is_some_and(|(at, by)| mono < at + RETURNS && near(by))
    }

    /// Whether the clock has been ahead for long, always by as much.
    fn is_over(&mut self, mono: u64, apart: i64) -> bool {
        match self.doubted {
            Some((since, by)) if apart.abs_diff(by) <= JUMP.unsigned_abs() => mono >= since + DOUBT,
            _ => {
                self.doubted = Some((mono, apart));
                false
            }
        }
    }

    /// Whether what was planned must be brought back; asked again until [`Believed::brought_back`].
    pub fn went_back(&self) -> bool {
        self.went_back
    }

    /// All of it was.
    pub fn brought_back(&mut self) {
        self.went_back = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_clock_that_is_ahead_for_a_while_is_not_believed() {
        let mut b = Believed::default();
        assert_eq!(b.look(1_000_000, 1, false), 1_000_000);
        assert_eq!(b.look(1_001_000, 1_001, false), 1_001_000);
        for s in 2..70 {
            assert_eq!(
                b.look(1_000_000 + s * 1000 + HOUR, 1 + s as u64 * 1000, false),
                1_000_000 + s * 1000
            );
        }
        assert_eq!(b.look(1_080_000, 80_001, false), 1_080_000);
        assert!(!b.went_back(), "it is where it was believed to be");
    }

    #[test]
    fn one_that_stays_ahead_is_right_and_one_that_goes_back_at_once() {
        let mut b = Believed::default();
        b.look(0, 1, false);
        b.look(HOUR, 2, false);
        assert_eq!(b.look(HOUR + 119_000, 119_001, false), 119_000);
        assert_eq!(b.look(HOUR + 121_000, 121_001, false), HOUR + 121_000);
        assert!(!b.went_back());
        assert_eq!(b.look(122_000, 122_001, false), 122_000);
        assert!(b.went_back());
        b.brought_back();
        assert!(!b.went_back());
        assert_eq!(
            b.look(2 * HOUR, 122_002, true),
            2 * HOUR,
            "time that has really passed"
        );
    }

    #[test]
    fn one_that_went_back_by_mistake_returns_at_once() {
        let mut b = Believed::default();
        b.look(HOUR, 1, false);
        assert_eq!(b.look(0, 2, false), 0);
        assert_eq!(b.look(HOUR + 5_000, 5_002, false), HOUR + 5_000);
    }
}
