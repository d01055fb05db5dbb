//! Instructions: what a person must do about a failure, in five languages (M9–M12).
//!
//! The texts are data, written by Support; this is their reader. A template knows `{name}` and
//! `{name, select, key {text} other {text}}`; how a value reads follows from the parameter's type.

use crate::{
    failure::{Audience, UNKNOWN, Verdict},
    language::Language,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One text in each language, by tag.
pub type Texts = BTreeMap<String, String>;

/// How a parameter's value reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamType {
    /// A name; shown strong.
    #[serde(rename = "text")]
    Text,
    /// A code that people copy.
    #[serde(rename = "code")]
    Code,
    /// A code that may be missing.
    #[serde(rename = "code?")]
    OptionalCode,
    /// `201802`: "2018-02", in prose "February 2018".
    #[serde(rename = "yearmonth")]
    YearMonth,
    /// Several of them.
    #[serde(rename = "yearmonth_list")]
    YearMonths,
    /// Yes or no; only chooses between texts.
    #[serde(rename = "bool")]
    Bool,
    /// Whom to ask.
    #[serde(rename = "contact")]
    Contact,
}

/// A parameter that the texts may name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// As it stands in braces.
    pub name: String,
    /// How its value reads.
    pub r#type: ParamType,
    /// For the editor's preview and the tests.
    #[serde(default)]
    pub example: Value,
}

/// What follows from one code in one package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// Package key, or `*` for any.
    pub package: String,
    /// The package as people call it.
    pub package_name: String,
    /// The failure's code.
    pub code: String,
    /// The kinds of task it speaks of.
    pub task_kinds: Vec<String>,
    /// Who acts.
    pub audience: Audience,
    /// Whether a restart is the end of the instruction.
    pub restartable: bool,
    /// Present when the cause is transient: tried again before a person is asked.
    #[serde(default)]
    pub auto_retry: Option<Value>,
    /// What tells one cause from another, besides package and code.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// What the texts may name.
    #[serde(default)]
    pub params: Vec<Param>,
    /// Verb first.
    pub title: Texts,
    /// What is wrong, in one sentence.
    pub cause: Texts,
    /// What to do, in order.
    #[serde(default)]
    pub steps: Vec<Texts>,
    /// What happens next.
    #[serde(default)]
    pub after: Option<Texts>,
    /// When the steps are not the way.
    #[serde(default)]
    pub escalate: Option<Texts>,
    /// What may be corrected at the failed task before the restart (T9).
    #[serde(default)]
    pub editable: Vec<String>,
    /// Rises when Support writes it anew; a task keeps the one it was shown.
    #[serde(default = "first_version")]
    pub version: u32,
}

fn first_version() -> u32 {
    1
}

/// A piece of a rendered text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Plain words.
    Text(String),
    /// A value that matters.
    Strong(String),
    /// A value to copy.
    Code(String),
}

impl Piece {
    /// The words without their dress.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(s) | Self::Strong(s) | Self::Code(s) => s,
        }
    }
}

/// The words of `pieces` in one line.
pub fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(Piece::text).collect()
}

/// An instruction made concrete for one task and one reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Verb first.
    pub title: String,
    /// What is wrong.
    pub cause: Vec<Piece>,
    /// What to do.
    pub steps: Vec<Vec<Piece>>,
    /// What happens next.
    pub after: Option<Vec<Piece>>,
    /// When the steps are not the way.
    pub escalate: Option<Vec<Piece>>,
    /// The package as people call it; `None` for an instruction of any package.
    pub package_name: Option<String>,
    /// What may be corrected before the restart.
    pub editable: Vec<String>,
    /// Which version of the text this is.
    pub version: u32,
}

/// All instructions, found by package and code.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    instructions: Vec<Instruction>,
    index: HashMap<(String, String), usize>,
}

#[derive(Deserialize)]
struct File {
    instructions: Vec<Instruction>,
}

impl Catalogue {
    /// Reads and checks a catalogue file.
    ///
    /// # Errors
    /// Sentences that name each hole: a language, a parameter or a step that is missing.
    pub fn read(json: &str) -> Result<Self, Vec<String>> {
        let file: File = serde_json::from_str(json)
            .map_err(|e| vec![format!("The instruction file cannot be read: {e}.")])?;
        let holes: Vec<String> = file.instructions.iter().flat_map(holes).collect();
        if !holes.is_empty() {
            return Err(holes);
        }
        let mut catalogue = Self::default();
        for i in file.instructions {
            let key = (i.package.clone(), i.code.clone());
            if catalogue
                .index
                .insert(key, catalogue.instructions.len())
                .is_some()
            {
                return Err(vec![format!(
                    "{}.{} stands twice in the instruction file.",
                    i.package, i.code
                )]);
            }
            catalogue.instructions.push(i);
        }
        Ok(catalogue)
    }

    /// Every instruction.
    pub fn iter(&self) -> impl Iterator<Item = &Instruction> {
        self.instructions.iter()
    }

    /// The instruction for a code in a package, else for the code in any package, else none: Support.
    pub fn find(&self, package: &str, code: &str) -> Option<&Instruction> {
        [package, "*"]
            .iter()
            .find_map(|p| self.index.get(&((*p).to_owned(), code.to_owned())))
            .map(|i| &self.instructions[*i])
    }

    /// What follows from `code`. An instruction that cannot be made concrete, because a parameter is missing,
    /// would leave the office with a riddle: it goes to Support.
    pub fn verdict(&self, package: &str, code: &str, params: &Map<String, Value>) -> Verdict {
        self.find(package, code).map_or(UNKNOWN, |i| Verdict {
            retry: i.auto_retry.is_some(),
            audience: if i.lacks(params).is_some() {
                Audience::Support
            } else {
                i.audience
            },
        })
    }
}

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
            package_name: (self.package != "*").then(|| self.package_name.clone()),
            editable: self.editable.clone(),
            version: self.version,
        }
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
        for part in parse(text).unwrap_or_default() {
            self.part(part, params, language, prose, &mut out);
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
    fn fits(self, value: Option<&Value>) -> bool {
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

#[derive(Debug, PartialEq)]
enum Part<'a> {
    Text(&'a str),
    Value(&'a str),
    Select(&'a str, Vec<(&'a str, &'a str)>),
}

/// Splits a template into its parts; the error says what is wrong with it.
fn parse(mut text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = vec![];
    while let Some(open) = text.find('{') {
        if open > 0 {
            parts.push(Part::Text(&text[..open]));
        }
        let close = closing(&text[open..]).ok_or("a brace is not closed")? + open;
        parts.push(braced(&text[open + 1..close])?);
        text = &text[close + 1..];
    }
    if text.contains('}') {
        return Err("a brace is not opened".into());
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

fn braced(inner: &str) -> Result<Part<'_>, String> {
    let Some((name, rest)) = inner.split_once(',') else {
        return Ok(Part::Value(inner.trim()));
    };
    let mut rest = rest
        .trim()
        .strip_prefix("select,")
        .ok_or("only select is known")?
        .trim();
    let mut arms = vec![];
    while let Some(open) = rest.find('{') {
        let close = closing(&rest[open..]).ok_or("a brace is not closed")? + open;
        arms.push((rest[..open].trim(), &rest[open + 1..close]));
        rest = &rest[close + 1..];
    }
    if arms.iter().all(|(k, _)| *k != "other") {
        return Err("a select needs an arm other".into());
    }
    Ok(Part::Select(name.trim(), arms))
}

/// Where the brace that opens `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.char_indices().find_map(|(i, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(i)
    })
}

fn placeholders(text: &str, into: &mut BTreeSet<String>) -> Result<(), String> {
    for part in parse(text)? {
        match part {
            Part::Text(_) => {}
            Part::Value(name) => {
                into.insert(name.to_owned());
            }
            Part::Select(name, arms) => {
                into.insert(name.to_owned());
                for (_, arm) in arms {
                    placeholders(arm, into)?;
                }
            }
        }
    }
    Ok(())
}

/// What is missing in an instruction, each as a sentence.
fn holes(i: &Instruction) -> Vec<String> {
    let name = format!("{}.{}", i.package, i.code);
    let mut holes = vec![];
    if i.audience == Audience::Office && i.steps.is_empty() {
        holes.push(format!(
            "{name} is for the office and has no step the office can do."
        ));
    }
    let optional = [("after", &i.after), ("escalate", &i.escalate)]
        .into_iter()
        .filter_map(|(n, t)| Some((n.to_owned(), t.as_ref()?)));
    let texts = [("title".to_owned(), &i.title), ("cause".to_owned(), &i.cause)]
        .into_iter()
        .chain(
            i.steps
                .iter()
                .enumerate()
                .map(|(n, t)| (format!("step {}", n + 1), t)),
        )
        .chain(optional);
    for (field, texts) in texts {
        holes.extend(text_holes(&name, &field, texts, &i.params));
    }
    holes
}

fn text_holes(name: &str, field: &str, texts: &Texts, params: &[Param]) -> Vec<String> {
    let mut holes = vec![];
    let mut english = BTreeSet::new();
    for language in Language::ALL {
        let tag = language.tag();
        let Some(text) = texts.get(tag).filter(|t| !t.trim().is_empty()) else {
            holes.push(format!("{name}: the {field} is missing in {tag}."));
            continue;
        };
        let mut named = BTreeSet::new();
        if let Err(why) = placeholders(text, &mut named) {
            holes.push(format!("{name}: the {field} in {tag} cannot be read: {why}."));
        }
        for unknown in named.iter().filter(|n| params.iter().all(|p| p.name != **n)) {
            holes.push(format!(
                "{name}: the {field} in {tag} names the unknown parameter {unknown}."
            ));
        }
        if language == Language::En {
            english = named;
        } else if named != english {
            holes.push(format!(
                "{name}: the {field} in {tag} does not name the same parameters as in en."
            ));
        }
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(text: &str) -> Texts {
        Language::ALL
            .into_iter()
            .map(|l| (l.tag().to_owned(), text.to_owned()))
            .collect()
    }

    fn instruction() -> Instruction {
        let param = |name: &str, r#type| Param {
            name: name.into(),
            r#type,
            example: Value::Null,
        };
        Instruction {
            package: "winbooks".into(),
            package_name: "WinBooks".into(),
            code: "vat".into(),
            task_kinds: vec![],
            audience: Audience::Office,
            restartable: true,
            auto_retry: None,
            group_by: vec!["code".into(), "periods".into()],
            params: vec![
                param("periods", ParamType::YearMonths),
                param("backup", ParamType::Bool),
            ],
            title: texts("Reopen {periods}"),
            cause: texts("None open for {periods}. {backup, select, true {A copy exists.} other {No copy.}}"),
            steps: vec![texts("Reopen.")],
            after: None,
            escalate: None,
            editable: vec![],
            version: 1,
        }
    }

    #[test]
    fn values_read_by_their_type() {
        let params = json!({"periods": ["201709", "201712"], "backup": true});
        let params = params.as_object().unwrap();
        let r = instruction().render(params, Language::En);
        assert_eq!(r.title, "Reopen 2017-09 and 2017-12");
        assert_eq!(
            plain(&r.cause),
            "None open for September 2017 and December 2017. A copy exists."
        );
        assert_eq!(
            plain(&instruction().render(params, Language::Fr).cause),
            "None open for septembre 2017 et décembre 2017. A copy exists."
        );
        assert_eq!(
            instruction().cause_key("winbooks", params),
            "winbooks.vat·[\"201709\",\"201712\"]"
        );
    }

    #[test]
    fn what_cannot_be_made_concrete_goes_to_support() {
        let file = json!({"instructions": [instruction()]}).to_string();
        let catalogue = Catalogue::read(&file).expect("complete");
        let good = json!({"periods": ["201709"]});
        let bad = json!({"periods": ["201713"]});
        assert_eq!(
            catalogue
                .verdict("winbooks", "vat", good.as_object().unwrap())
                .audience,
            Audience::Office
        );
        assert_eq!(
            catalogue
                .verdict("winbooks", "vat", bad.as_object().unwrap())
                .audience,
            Audience::Support
        );
        assert_eq!(
            catalogue.verdict("winbooks", "vat", &Map::new()).audience,
            Audience::Support
        );
        assert_eq!(catalogue.verdict("wings", "vat", &Map::new()), UNKNOWN);
    }

    #[test]
    fn every_hole_is_named() {
        let mut i = instruction();
        i.title.remove("nb");
        i.cause.insert("fr".into(), "Rien {period}".into());
        i.steps[0].insert("da".into(), "Åbn {".into());
        let holes = Catalogue::read(&json!({"instructions": [i]}).to_string())
            .unwrap_err()
            .join("\n");
        for expected in [
            "title is missing in nb",
            "cause in fr names the unknown parameter period",
            "step 1 in da cannot be read",
        ] {
            assert!(holes.contains(expected), "{expected} in {holes}");
        }
        assert!(Catalogue::read("{").unwrap_err()[0].contains("cannot be read"));
    }
}
