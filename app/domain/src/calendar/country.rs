//! The public holidays of a year by law, as it stands since 2014 (J24).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// A country whose public holidays are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Country {
    /// Norway.
    No,
    /// Denmark.
    Dk,
    /// The Netherlands.
    Nl,
    /// Belgium.
    Be,
}

/// A public holiday; serialised as the key of its name in the locales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicHoliday {
    /// 1 January.
    NewYearsDay,
    /// The Thursday before Easter.
    MaundyThursday,
    /// The Friday before Easter.
    GoodFriday,
    /// Easter.
    EasterSunday,
    /// The day after Easter.
    EasterMonday,
    /// The fourth Friday after Easter; in Denmark until 2023.
    GreatPrayerDay,
    /// 27 April, a day earlier when that is a Sunday.
    KingsDay,
    /// 1 May.
    LabourDay,
    /// 5 May; a day off in the Netherlands once in five years.
    LiberationDay,
    /// 17 May.
    ConstitutionDay,
    /// The sixth Thursday after Easter.
    AscensionDay,
    /// The seventh Sunday after Easter.
    Pentecost,
    /// The day after Pentecost.
    PentecostMonday,
    /// 21 July.
    NationalDay,
    /// 15 August.
    AssumptionDay,
    /// 1 November.
    AllSaintsDay,
    /// 11 November.
    ArmisticeDay,
    /// 25 December.
    ChristmasDay,
    /// 26 December.
    SecondChristmasDay,
}

/// When a holiday falls.
#[derive(Clone, Copy)]
enum Falls {
    /// Each year on this month and day.
    On(u32, u32),
    /// So many days after Easter.
    Easter(i8),
    /// The same, up to this year.
    EasterUntil(i8, i32),
    /// Each year on this month and day, the day before when it is a Sunday.
    NotSunday(u32, u32),
    /// On this month and day in years that five divides.
    FifthYears(u32, u32),
}

use Falls::{Easter, EasterUntil, FifthYears, NotSunday, On};
use PublicHoliday::{
    AllSaintsDay, ArmisticeDay, AscensionDay, AssumptionDay, ChristmasDay, ConstitutionDay, EasterMonday,
    EasterSunday, GoodFriday, GreatPrayerDay, KingsDay, LabourDay, LiberationDay, MaundyThursday,
    NationalDay, NewYearsDay, Pentecost, PentecostMonday, SecondChristmasDay,
};

const NORWAY: &[(PublicHoliday, Falls)] = &[
    (NewYearsDay, On(1, 1)),
    (MaundyThursday, Easter(-3)),
    (GoodFriday, Easter(-2)),
    (EasterSunday, Easter(0)),
    (EasterMonday, Easter(1)),
    (LabourDay, On(5, 1)),
    (ConstitutionDay, On(5, 17)),
    (AscensionDay, Easter(39)),
    (Pentecost, Easter(49)),
    (PentecostMonday, Easter(50)),
    (ChristmasDay, On(12, 25)),
    (SecondChristmasDay, On(12, 26)),
];
const DENMARK: &[(PublicHoliday, Falls)] = &[
    (NewYearsDay, On(1, 1)),
    (MaundyThursday, Easter(-3)),
    (GoodFriday, Easter(-2)),
    (EasterSunday, Easter(0)),
    (EasterMonday, Easter(1)),
    (GreatPrayerDay, EasterUntil(26, 2023)),
    (AscensionDay, Easter(39)),
    (Pentecost, Easter(49)),
    (PentecostMonday, Easter(50)),
    (ChristmasDay, On(12, 25)),
    (SecondChristmasDay, On(12, 26)),
];
const NETHERLANDS: &[(PublicHoliday, Falls)] = &[
    (NewYearsDay, On(1, 1)),
    (GoodFriday, Easter(-2)),
    (EasterSunday, Easter(0)),
    (EasterMonday, Easter(1)),
    (KingsDay, NotSunday(4, 27)),
    (LiberationDay, FifthYears(5, 5)),
    (AscensionDay, Easter(39)),
    (Pentecost, Easter(49)),
    (PentecostMonday, Easter(50)),
    (ChristmasDay, On(12, 25)),
    (SecondChristmasDay, On(12, 26)),
];
const BELGIUM: &[(PublicHoliday, Falls)] = &[
    (NewYearsDay, On(1, 1)),
    (EasterSunday, Easter(0)),
    (EasterMonday, Easter(1)),
    (LabourDay, On(5, 1)),
    (AscensionDay, Easter(39)),
    (Pentecost, Easter(49)),
    (PentecostMonday, Easter(50)),
    (NationalDay, On(7, 21)),
    (AssumptionDay, On(8, 15)),
    (AllSaintsDay, On(11, 1)),
    (ArmisticeDay, On(11, 11)),
    (ChristmasDay, On(12, 25)),
];

impl Country {
    /// Every country.
    pub const ALL: [Self; 4] = [Self::No, Self::Dk, Self::Nl, Self::Be];

    /// Its code, which is also its calendar's name in a schedule.
    pub fn code(self) -> &'static str {
        match self {
            Self::No => "NO",
            Self::Dk => "DK",
            Self::Nl => "NL",
            Self::Be => "BE",
        }
    }

    /// The country of a code; `None` for any other text.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }

    fn law(self) -> &'static [(PublicHoliday, Falls)] {
        match self {
            Self::No => NORWAY,
            Self::Dk => DENMARK,
            Self::Nl => NETHERLANDS,
            Self::Be => BELGIUM,
        }
    }

    /// The public holidays of a year, in order; none for a year that the calendar cannot name.
    pub fn holidays(self, year: i32) -> Vec<(NaiveDate, PublicHoliday)> {
        let law = self.law().iter();
        let mut all: Vec<_> = law
            .filter_map(|(name, falls)| Some((falls.in_year(year)?, *name)))
            .collect();
        all.sort_by_key(|(date, _)| *date);
        all
    }

    /// Whether a day is a public holiday.
    pub fn observes(self, date: NaiveDate) -> bool {
        // Easter is reckoned once, and only where the year has movable holidays
        let easter = (3..=6)
            .contains(&date.month())
            .then(|| easter(date.year()))
            .flatten();
        let after_easter = easter.map(|e| (date - e).num_days());
        self.law().iter().any(|(_, falls)| match *falls {
            On(month, day) => (date.month(), date.day()) == (month, day),
            Easter(n) => after_easter == Some(i64::from(n)),
            EasterUntil(n, last) => date.year() <= last && after_easter == Some(i64::from(n)),
            NotSunday(..) | FifthYears(..) => falls.in_year(date.year()) == Some(date),
        })
    }
}

impl Falls {
    fn in_year(self, year: i32) -> Option<NaiveDate> {
        match self {
            On(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Easter(n) => easter(year)?.checked_add_signed(chrono::TimeDelta::days(n.into())),
            EasterUntil(n, last) if year <= last => Easter(n).in_year(year),
            FifthYears(month, day) if year % 5 == 0 => On(month, day).in_year(year),
            EasterUntil(..) | FifthYears(..) => None,
            NotSunday(month, day) => {
                let date = On(month, day).in_year(year)?;
                let early = Days::new(u64::from(date.weekday() == Weekday::Sun));
                date.checked_sub_days(early)
            }
        }
    }
}

/// Easter Sunday by the Gregorian rule (Oudin's form of it); `None` for a year the calendar cannot name.
pub fn easter(year: i32) -> Option<NaiveDate> {
    let late_march = NaiveDate::from_ymd_opt(year, 3, 28)?;
    let century = year.div_euclid(100);
    let golden = year.rem_euclid(19);
    let corrections =
        century - century.div_euclid(4) - (century - (century - 17).div_euclid(25)).div_euclid(3);
    let epact = (corrections + 19 * golden + 15).rem_euclid(30);
    let full_moon = epact - (epact / 28) * (1 - (29 / (epact + 1)) * ((21 - golden) / 11));
    let weekday = (year + year.div_euclid(4) + full_moon + 2 - century + century.div_euclid(4)).rem_euclid(7);
    late_march.checked_add_signed(chrono::TimeDelta::days((full_moon - weekday).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other classical form (Meeus, Jones, Butcher).
    fn butcher(y: i32) -> NaiveDate {
        let (a, b, c) = (y % 19, y / 100, y % 100);
        let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
        let g = (b - f + 1) / 3;
        let h = (19 * a + b - d - g + 15) % 30;
        let (i, k) = (c / 4, c % 4);
        let l = (32 + 2 * e + 2 * i - h - k) % 7;
        let m = (a + 11 * h + 22 * l) / 451;
        let n = h + l - 7 * m + 114;
        NaiveDate::from_ymd_opt(y, (n / 31) as u32, (n % 31 + 1) as u32).unwrap()
    }

    #[test]
    fn easter_by_two_rules() {
        for year in 1583..=9999 {
            let date = easter(year).unwrap();
            assert_eq!(date, butcher(year));
            assert_eq!(date.weekday(), Weekday::Sun);
        }
        assert_eq!(easter(2027), NaiveDate::from_ymd_opt(2027, 3, 28));
        assert_eq!(easter(i32::MAX), None);
    }

    #[test]
    fn a_day_is_observed_exactly_when_the_year_lists_it() {
        for country in Country::ALL {
            for year in 2014..2114 {
                let listed = country.holidays(year);
                let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
                for date in first.iter_days().take_while(|d| d.year() == year) {
                    let is_listed = listed.iter().any(|(d, _)| *d == date);
                    assert_eq!(country.observes(date), is_listed, "{country:?} {date}");
                }
            }
        }
    }

    #[test]
    fn the_laws_own_turns() {
        let has = |country: Country, date: &str, name| {
            let date: NaiveDate = date.parse().unwrap();
            country.holidays(date.year()).contains(&(date, name))
        };
        assert!(has(Country::Dk, "2023-05-05", GreatPrayerDay));
        assert!(
            !Country::Dk
                .holidays(2024)
                .iter()
                .any(|(_, n)| *n == GreatPrayerDay)
        );
        assert!(has(Country::Nl, "2025-04-26", KingsDay), "27 April is a Sunday");
        assert!(has(Country::Nl, "2030-05-05", LiberationDay));
        assert!(!has(Country::Nl, "2029-05-05", LiberationDay));
        // two on one day are two
        assert!(has(Country::No, "2027-05-17", ConstitutionDay));
        assert!(has(Country::No, "2027-05-17", PentecostMonday));
        assert!(!Country::Dk.observes("2027-05-01".parse().unwrap()));
    }
}
