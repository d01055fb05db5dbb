//! Instructions made concrete: a parameter's value reads by its type.

use super::{
    Instruction, ParamType, Piece, Rendered, Texts, Way, plain,
    template::{Part, parse},
};
use crate::language::Language;
use serde_json::{Map, Value};

impl Instruction {
    /// The first parameter that has no value of its type in `params`.
    pub fn lacks(&self, params: &Map<String, Value>) -> Option<&str> {
        self.params
            .iter()
            .find(|p| !p.r#type.fits(params.get(&p.name)))
            .map(|p| p.name.as_str())
    }

    /// Tells one cause from another: package, code and the values of `group_by`.
    pub fn cause_key(&self, package: &str, params: &Map<String, Value>) -> String {
        let mut key = format!("{package}.{}", self.code);
        for name in self.group_by.iter().filter(|n| *n != "code") {
            key.push_str(&format!(
                "·{}",
                params.get(name).map(plain_value).unwrap_or_default()
            ));
        }
        key
    }

    /// The texts made concrete in `language`, or in English where a text is missing.
    pub fn render(&self, params: &Map<String, Value>, language: Language) -> Rendered {
        let pieces = |texts: &Texts, prose: bool| self.pieces(texts, params, language, prose);
        Rendered {
            title: plain(&pieces(&self.title, false)),
            cause: pieces(&self.cause, true),
            steps: self.steps.iter().map(|s| pieces(s, false)).collect(),
            after: self.after.as_ref().map(|t| pieces(t, true)),
            escalate: self.escalate.as_ref().map(|t| pieces(t, true)),
            alternatives: self
                .alternatives
                .iter()
                .map(|a| Way {
                    title: plain(&pieces(&a.title, false)),
                    steps: a.steps.iter().map(|s| pieces(s, false)).collect(),
                })
                .collect(),
            package_name: (self.package != "*").then(|| self.package_name.clone()),
            editable: self.editable.clone(),
            version: self.version,
            used: None,
        }
    }

    /// The title as it was written, in `language` or in English, its parameters in braces.
    pub fn title_in(&self, language: Language) -> String {
        let text = self.title.get(language.tag()).or_else(|| self.title.get("en"));
        text.cloned().unwrap_or_default()
    }

    fn pieces(
        &self,
        texts: &Texts,
        params: &Map<String, Value>,
        language: Language,
        prose: bool,
    ) -> Vec<Piece> {
        let text = texts
            .get(language.tag())
            .or_else(|| texts.get("en"))
            .map_or("", String::as_str);
        let mut out = vec![];
        match parse(text) {
            Ok(parts) => parts
                .into_iter()
                .for_each(|part| self.part(part, params, language, prose, &mut out)),
            // half a text is no instruction: while it is being written it reads as it stands
            Err(_) => out.push(Piece::Text(text.to_owned())),
        }
        out
    }

    fn part(
        &self,
        part: Part,
        params: &Map<String, Value>,
        language: Language,
        prose: bool,
        out: &mut Vec<Piece>,
    ) {
        match part {
            Part::Text(t) => out.push(Piece::Text(t.to_owned())),
            Part::Value(name) => {
                let kind = self
                    .params
                    .iter()
                    .find(|p| p.name == name)
                    .map_or(ParamType::Text, |p| p.r#type);
                out.push(kind.show(params.get(name), language, prose));
            }
            Part::Select(name, arms) => {
                let value = params.get(name).map(plain_value).unwrap_or_default();
                let arm = arms
                    .iter()
                    .find(|(k, _)| *k == value)
                    .or_else(|| arms.iter().find(|(k, _)| *k == "other"));
                for part in arm.and_then(|(_, text)| parse(text).ok()).unwrap_or_default() {
                    self.part(part, params, language, prose, out);
                }
            }
        }
    }
}

impl ParamType {
    /// `value` is one of this type.
    pub fn fits(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::OptionalCode | Self::Bool, None) => true,
            (_, None) => false,
            (Self::Bool, Some(v)) => v.is_boolean(),
            (Self::YearMonth, Some(v)) => year_month(v).is_some(),
            (Self::YearMonths, Some(v)) => v
                .as_array()
                .is_some_and(|a| !a.is_empty() && a.iter().all(|m| year_month(m).is_some())),
            (_, Some(v)) => v.as_str().is_some_and(|s| !s.is_empty()) || v.is_number(),
        }
    }

    /// The type that a value seems to have, for the editor's first guess.
    pub fn guess(value: &Value) -> Self {
        let types = [Self::Bool, Self::YearMonths, Self::YearMonth];
        let found = types.into_iter().find(|t| t.fits(Some(value)));
        found.unwrap_or(Self::Code)
    }

    fn show(self, value: Option<&Value>, language: Language, prose: bool) -> Piece {
        let Some(value) = value else {
            return Piece::Text("…".into());
        };
        let month = |v: &Value| match year_month(v) {
            Some((year, month)) if prose => format!("{} {year}", language.month(month - 1)),
            Some((year, month)) => format!("{year}-{month:02}"),
            None => plain_value(v),
        };
        match self {
            Self::Code | Self::OptionalCode => Piece::Code(plain_value(value)),
            Self::YearMonth => Piece::Strong(month(value)),
            Self::YearMonths => {
                let months: Vec<String> = value
                    .as_array()
                    .map(|a| a.iter().map(month).collect())
                    .unwrap_or_default();
                Piece::Strong(join(&months, language))
            }
            Self::Contact | Self::Bool => Piece::Text(plain_value(value)),
            Self::Text => Piece::Strong(plain_value(value)),
        }
    }
}

fn join(words: &[String], language: Language) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), language.and()),
    }
}

fn plain_value(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned)
}

fn year_month(v: &Value) -> Option<(u32, u32)> {
    let s = plain_value(v);
    if s.len() != 6 || !s.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, month) = (s[..4].parse().ok()?, s[4..].parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}
