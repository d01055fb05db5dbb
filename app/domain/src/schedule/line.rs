//! The conversation of `nachtwacht schedule next`: a question and an answer a line.

use super::Schedule;
use crate::calendar::Calendars;
use chrono::DateTime;
use serde::{Deserialize, Serialize};

/// Most runs in one answer.
const MOST: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    schedule: Schedule,
    after: String,
    count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Next(Vec<String>),
    Error(String),
}

/// Answers `{"schedule":…,"after":"RFC 3339","count":n}` with `{"next":["RFC 3339",…]}`, fewer than `n` when the
/// schedule ends, or with `{"error":"…"}`. Neither has a line break at its end.
pub fn answer_line(line: &str, calendars: &Calendars) -> String {
    let answer = next_of(line, calendars).map_or_else(Answer::Error, Answer::Next);
    serde_json::to_string(&answer).unwrap_or_default()
}

fn next_of(line: &str, calendars: &Calendars) -> Result<Vec<String>, String> {
    let question: Question = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let after = DateTime::parse_from_rfc3339(&question.after).map_err(|_| {
        format!(
            "after: {:?} is no instant such as 2027-03-27T12:00:00+01:00.",
            question.after
        )
    })?;
    if !(1..=MOST).contains(&question.count) {
        return Err(format!("count: A number from 1 to {MOST}."));
    }
    let timetable = question
        .schedule
        .timetable(calendars)
        .map_err(|e| e.to_string())?;
    let next = timetable.after(after.timestamp_millis());
    let next = next.take(question.count as usize);
    Ok(next.map(|at| timetable.zone().rfc3339(at)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(line: &str) -> String {
        answer_line(line, &Calendars::default())
    }

    #[test]
    fn a_question_is_answered_with_the_offset_then_in_force() {
        let line = r#"{"schedule":{"zone":"Europe/Oslo","days":["sat","sun"],"at":["02:30"]},"after":"2027-03-27T00:00:00Z","count":2}"#;
        assert_eq!(
            answer(line),
            r#"{"next":["2027-03-27T02:30:00+01:00","2027-03-28T03:00:00+02:00"]}"#
        );
        let utc = line.replace("Europe/Oslo", "UTC");
        assert_eq!(
            answer(&utc),
            r#"{"next":["2027-03-27T02:30:00Z","2027-03-28T02:30:00Z"]}"#
        );
        let over = line.replace(r#""at""#, r#""ends_on":"2027-03-27","at""#);
        assert_eq!(answer(&over), r#"{"next":["2027-03-27T02:30:00+01:00"]}"#);
    }

    #[test]
    fn a_bad_line_is_answered_with_what_is_wrong() {
        let good = r#"{"schedule":{"zone":"UTC","days":["sat"],"at":["02:30"]},"after":"2027-03-27T00:00:00Z","count":2}"#;
        assert!(answer(good).starts_with(r#"{"next""#));
        let deep = "[".repeat(100_000);
        for (line, part) in [
            ("", "EOF"),
            ("null", "expected struct"),
            (deep.as_str(), "expected a string"),
            (
                &good.replace("\"count\":2", "\"count\":0"),
                "count: A number from 1 to 10000",
            ),
            (
                &good.replace("\"count\":2", "\"count\":1000000000"),
                "count: A number from 1 to 10000",
            ),
            (&good.replace("\"count\":2", "\"count\":-1"), "-1"),
            (&good.replace(",\"count\":2", ""), "`count`"),
            (&good.replace("\"count\":2", "\"count\":2,\"more\":1"), "`more`"),
            (&good.replace("2027-03-27T00", "2027-02-30T00"), "after:"),
            (&good.replace("T00:00:00Z", ""), "after:"),
            (&good.replace("UTC", "Mars/Base"), "zone: "),
            (&good.replace("sat", "caturday"), "caturday"),
        ] {
            let said = answer(line);
            let error = said
                .strip_prefix("{\"error\":\"")
                .unwrap_or_else(|| panic!("{said}"));
            assert!(error.contains(part), "{error}");
        }
    }
}
