//! Cuts what an adapter says to what a report can hold (T6): a report that never fits would never be taken, and the work
//! that it tells of would be done without anybody knowing.

use domain::{
    text::is_control,
    wire::{MAX_OUTCOME, MAX_RETRY_AFTER, Outcome},
};
use serde_json::{Map, Value, json};

/// Longest text and most items that stay of each part, tried one after the other until it fits.
const STEPS: [(usize, usize); 5] = [(16_000, 1000), (4_000, 1000), (1_000, 400), (200, 100), (50, 20)];
/// Longest reason of a release, in characters.
const LONGEST_REASON: usize = 500;

/// The outcome, cut where it is too large for a report, and saying so.
pub fn fit(outcome: Outcome) -> Outcome {
    let bytes = size(&outcome);
    match outcome {
        Outcome::Released {
            reason,
            retry_after_seconds,
        } => Outcome::Released {
            reason: reason.map(|r| plain(&r)).filter(|r| !r.trim().is_empty()),
            retry_after_seconds: retry_after_seconds.map(|s| s.clamp(1, MAX_RETRY_AFTER)),
        },
        outcome if bytes <= MAX_OUTCOME => outcome,
        Outcome::Succeeded { result } => first_that_fits(|text, items| Outcome::Succeeded {
            result: result.as_ref().map(|r| with_note(cut(r, text, items), bytes)),
        })
        .unwrap_or_else(|| Outcome::Succeeded {
            result: Some(with_note(json!({}), bytes)),
        }),
        Outcome::Failed { code, params, detail } => first_that_fits(|text, items| Outcome::Failed {
            code: code.clone(),
            params: cut_map(&params, text, items),
            detail: detail.as_ref().map(|d| shorten(d, text)),
        })
        .unwrap_or_else(|| Outcome::Failed {
            code: code.clone(),
            params: Map::new(),
            detail: Some(note(bytes)),
        }),
    }
}

fn size(outcome: &Outcome) -> usize {
    serde_json::to_vec(outcome).map_or(usize::MAX, |b| b.len())
}

fn first_that_fits(cut: impl Fn(usize, usize) -> Outcome) -> Option<Outcome> {
    STEPS
        .iter()
        .map(|(text, items)| cut(*text, *items))
        .find(|o| size(o) <= MAX_OUTCOME)
}

fn plain(reason: &str) -> String {
    reason
        .chars()
        .filter(|c| !is_control(*c))
        .take(LONGEST_REASON)
        .collect()
}

fn note(bytes: usize) -> String {
    format!("What the connector had to say was {bytes} bytes long and was cut to fit a report.")
}

/// A result is an object; anything else becomes a part of one, so that it can say that it was cut.
fn with_note(value: Value, bytes: usize) -> Value {
    let mut map = match value {
        Value::Object(map) => map,
        other => Map::from_iter([("beginning".to_owned(), other)]),
    };
    map.insert("cut".into(), note(bytes).into());
    Value::Object(map)
}

fn cut(value: &Value, text: usize, items: usize) -> Value {
    match value {
        Value::String(s) => shorten(s, text).into(),
        Value::Array(all) => all.iter().take(items).map(|v| cut(v, text, items)).collect(),
        Value::Object(map) => cut_map(map, text, items).into(),
        other => other.clone(),
    }
}

fn cut_map(map: &Map<String, Value>, text: usize, items: usize) -> Map<String, Value> {
    map.iter()
        .take(items)
        .map(|(k, v)| (shorten(k, text), cut(v, text, items)))
        .collect()
}

fn shorten(s: &str, most: usize) -> String {
    if s.len() <= most {
        return s.to_owned();
    }
    format!("{}… ({} bytes, cut)", &s[..s.floor_char_boundary(most)], s.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn succeeded(result: Value) -> Outcome {
        Outcome::Succeeded { result: Some(result) }
    }

    #[test]
    fn what_fits_is_left_as_it_is() {
        let said = succeeded(json!({"log": "x".repeat(200_000), "counts": {"posted": 12}}));
        assert_eq!(fit(said.clone()), said);
    }

    #[test]
    fn what_does_not_fit_is_cut_where_it_is_long_and_says_so() {
        let said = fit(succeeded(json!({
            "log": "æ".repeat(2_000_000), "counts": {"posted": 12}, "document_no": "F-1"
        })));
        assert!(size(&said) <= MAX_OUTCOME, "{}", size(&said));
        let Outcome::Succeeded { result: Some(r) } = said else {
            panic!("still a success");
        };
        assert_eq!(
            (&r["counts"]["posted"], &r["document_no"]),
            (&json!(12), &json!("F-1"))
        );
        assert!(
            r["log"].as_str().unwrap().starts_with("ææ"),
            "its beginning stays"
        );
        assert!(
            r["cut"].as_str().unwrap().contains("bytes long and was cut"),
            "{}",
            r["cut"]
        );
    }

    #[test]
    fn nothing_is_too_much_for_it() {
        let rows: Vec<Value> = (0..200_000).map(|i| json!({"a": i, "b": [i, i, i]})).collect();
        let keys: Map<String, Value> = (0..200_000).map(|i| (format!("k{i}"), i.into())).collect();
        for r in [
            rows.into(),
            keys.clone().into(),
            Value::from("x".repeat(3_000_000)),
        ] {
            let said = fit(succeeded(r));
            assert!(size(&said) <= MAX_OUTCOME, "{}", size(&said));
            assert!(matches!(said, Outcome::Succeeded { result: Some(r) } if r.get("cut").is_some()));
        }
        let said = fit(Outcome::Failed {
            code: "database_error".into(),
            params: keys,
            detail: Some("\u{1}".repeat(1_000_000)),
        });
        assert!(size(&said) <= MAX_OUTCOME, "{}", size(&said));
        assert!(matches!(said, Outcome::Failed { code, detail: Some(_), .. } if code == "database_error"));
    }

    #[test]
    fn a_release_is_put_into_words_that_the_desk_takes() {
        let said = fit(Outcome::Released {
            reason: Some(format!("\u{7}{}", "x".repeat(600))),
            retry_after_seconds: Some(0),
        });
        let right = Outcome::Released {
            reason: Some("x".repeat(500)),
            retry_after_seconds: Some(1),
        };
        assert_eq!(said, right);
    }
}
