//! Clock times and days of the week, as schedules write them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// A time of day, 00:00 to 23:59.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clock(u16);

impl Clock {
    /// `None` unless hour and minute exist on a clock.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self(hour * 60 + minute))
    }

    /// Reads `07:30`; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let two = |digits: &str| {
            let is_two = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            is_two.then(|| digits.parse().ok()).flatten()
        };
        Self::new(two(hour)?, two(minute)?)
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// So many minutes later, around midnight.
    pub fn plus(self, minutes: u32) -> Self {
        Self(((u32::from(self.0) + minutes) % 1440) as u16)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a time of day from 00:00 to 23:59")))
    }
}

/// A day of the week, written `mon` to `sun`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// The week, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// Days since Monday, as [`Language::weekday_short`](crate::Language::weekday_short) counts them.
    pub fn from_monday(self) -> u32 {
        self as u32
    }

    /// As a schedule writes it.
    pub fn key(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_time_has_one_way_of_writing() {
        for minutes in 0..1440 {
            let clock = Clock::new(minutes / 60, minutes % 60).unwrap();
            assert_eq!(clock.minutes(), minutes);
            assert_eq!(Clock::read(&clock.to_string()), Some(clock));
        }
        for wrong in [
            "",
            "7:30",
            "07:3",
            "24:00",
            "23:60",
            "+7:30",
            "07:30:00",
            "0730",
            "07.30",
            "٠٧:٣٠",
            "-1:30",
        ] {
            assert_eq!(Clock::read(wrong), None, "{wrong}");
        }
        assert_eq!(Clock::new(23, 30).unwrap().plus(45), Clock::new(0, 15).unwrap());
    }

    #[test]
    fn a_days_key_is_what_json_holds() {
        for day in Weekday::ALL {
            assert_eq!(serde_json::to_string(&day).unwrap(), format!("\"{}\"", day.key()));
            assert_eq!(Weekday::ALL[day.from_monday() as usize], day);
        }
    }
}
