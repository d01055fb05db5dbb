//! The words of the pages, as `app/locales/<language>/<subject>.json` has them: checked, a name in the code for each, and
//! a file of each language.
//!
//! A text may have gaps, `{{name}}`. A text that depends on a number is two, `key_one` and `key_other`; the number is the
//! gap `count`. In a language's file each word is a line, after [`HEAD`]. A gap is written as [`GAP`] and its place among the names of the
//! word's gaps in alphabetical order; the two texts of a number begin with [`EITHER`] and the place of the number.

mod said;

pub use said::{fill, knows, learn, line};

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    fmt::Write,
    fs,
    hash::{Hash, Hasher},
    path::Path,
};

/// The languages, in the order of the domain's.
pub const LANGUAGES: [&str; 5] = ["en", "nl", "nb", "da", "fr"];
/// Before the place of a gap, which is one letter from `a`.
pub const GAP: char = '\u{1}';
/// Before the place of the number, the text of one and, after another, that of more.
pub const EITHER: char = '\u{2}';

/// How every file begins: what a proxy answers in its place does not.
pub const HEAD: &str = "Nachtwacht\n";

/// Subject and key.
type Name = (String, String);

/// The words of all languages.
pub struct Words {
    /// The gaps of each word.
    gaps: BTreeMap<Name, Vec<String>>,
    /// The lines of each language, in the order of the words.
    files: [String; 5],
}

/// A text as it stands in its file, or one for each number.
enum Text {
    Plain(String),
    Either { one: String, other: String },
}

impl Words {
    /// Reads the folder of a language for each language.
    ///
    /// # Errors
    /// All that is wrong with them, a line for each.
    pub fn read(locales: &Path) -> Result<Self, String> {
        let texts = LANGUAGES.map(|l| language(&locales.join(l)));
        let wrong: Vec<String> = texts.iter().filter_map(|t| t.as_ref().err().cloned()).collect();
        if !wrong.is_empty() {
            return Err(wrong.join("\n"));
        }
        Self::of(texts.map(Result::unwrap_or_default))
    }

    fn of(texts: [BTreeMap<Name, Text>; 5]) -> Result<Self, String> {
        let names: BTreeSet<&Name> = texts.iter().flat_map(BTreeMap::keys).collect();
        let mut wrong = vec![];
        let mut gaps = BTreeMap::new();
        let mut files = [(); 5].map(|()| HEAD.to_owned());
        for name in names {
            let said: Vec<&Text> = texts.iter().filter_map(|t| t.get(name)).collect();
            let [english, ..] = said[..] else { continue };
            let here: Vec<String> = english.gaps().into_iter().collect();
            for ((tag, text), file) in LANGUAGES.iter().zip(&texts).zip(&mut files) {
                match text.get(name).map(|text| text.line(&here)) {
                    Some(Ok(line)) => {
                        file.push_str(&line);
                        file.push('\n');
                    }
                    Some(Err(why)) => wrong.push(format!("{tag}/{}.json: {}: {why}", name.0, name.1)),
                    None => wrong.push(format!("{tag}/{}.json lacks {}", name.0, name.1)),
                }
            }
            gaps.insert(name.clone(), here);
        }
        if wrong.is_empty() {
            Ok(Self { gaps, files })
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// Each language with its file.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &str)> {
        LANGUAGES.into_iter().zip(self.files.iter().map(String::as_str))
    }

    /// Names the files: other words have another mark.
    pub fn mark(&self) -> String {
        let mut all = DefaultHasher::new();
        self.gaps.hash(&mut all);
        self.files.hash(&mut all);
        format!("{:016x}", all.finish())
    }

    /// The code: `MARK`, and in a module for each subject a constant for each word; for one with gaps a struct that they
    /// are the fields of.
    pub fn code(&self) -> String {
        let mut code = format!("pub const MARK: &str = \"{}\";\n", self.mark());
        let mut open = "";
        for (at, ((subject, key), gaps)) in self.gaps.iter().enumerate() {
            if subject != open {
                if !open.is_empty() {
                    code += "}\n";
                }
                let _ = writeln!(code, "pub mod {subject} {{ use super::*;");
                open = subject;
            }
            let _ = if gaps.is_empty() {
                writeln!(code, "pub const {key}: Word = Word({at});")
            } else {
                let fields = gaps
                    .iter()
                    .fold(String::new(), |f, g| f + "pub " + g + ": &'a dyn Display, ");
                let values = gaps.iter().fold(String::new(), |v, g| v + "self." + g + ", ");
                writeln!(
                    code,
                    "pub struct {key}<'a> {{ {fields}}} impl {key}<'_> {{ pub fn said(&self, l: Language) -> String {{ \
                     fill({at}, l, &[{values}]) }} }}"
                )
            };
        }
        code + "}\n"
    }
}

impl Text {
    fn parts(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::Either { one, other } => vec![one, other],
        }
    }

    fn gaps(&self) -> BTreeSet<String> {
        let parts = self.parts();
        let pieces = parts.iter().flat_map(|text| text.split("{{").skip(1));
        let mut gaps: BTreeSet<String> = pieces
            .filter_map(|piece| Some(piece.split_once("}}")?.0.trim().to_owned()))
            .collect();
        if let Self::Either { .. } = self {
            gaps.insert("count".to_owned());
        }
        gaps
    }

    fn line(&self, gaps: &[String]) -> Result<String, String> {
        let own = self.gaps();
        if !own.iter().eq(gaps) {
            return Err(format!("has the gaps {own:?}, English {gaps:?}"));
        }
        let filled: Vec<String> = self
            .parts()
            .into_iter()
            .map(|t| marked(t, gaps))
            .collect::<Result<_, _>>()?;
        Ok(match &filled[..] {
            [one, other] => {
                let count = gaps.iter().position(|g| g == "count").unwrap_or(0);
                format!("{EITHER}{}{one}{EITHER}{other}", letter(count))
            }
            _ => filled.concat(),
        })
    }
}

/// A text with its gaps by their places.
fn marked(text: &str, gaps: &[String]) -> Result<String, String> {
    if text.contains(['\n', GAP, EITHER]) {
        return Err("must be one line".to_owned());
    }
    let mut pieces = text.split("{{");
    let mut line = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").ok_or("a gap is not closed")?;
        let place = gaps
            .iter()
            .position(|g| g == name.trim())
            .ok_or("a gap has no name")?;
        line.push(GAP);
        line.push(letter(place));
        line.push_str(rest);
    }
    Ok(line)
}

fn letter(place: usize) -> char {
    char::from(b'a' + u8::try_from(place).unwrap_or(0))
}

/// The texts of a language.
fn language(folder: &Path) -> Result<BTreeMap<Name, Text>, String> {
    let cannot = |at: &Path, e: &dyn std::fmt::Display| format!("{} cannot be read: {e}", at.display());
    let mut texts = BTreeMap::new();
    for file in fs::read_dir(folder).map_err(|e| cannot(folder, &e))? {
        let file = file.map_err(|e| cannot(folder, &e))?.path();
        if file.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let subject = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let json = fs::read(&file).map_err(|e| cannot(&file, &e))?;
        let mut all: BTreeMap<String, String> =
            serde_json::from_slice(&json).map_err(|e| cannot(&file, &e))?;
        let numbers: Vec<String> = all
            .keys()
            .filter_map(|key| key.strip_suffix("_one").map(ToOwned::to_owned))
            .filter(|key| all.contains_key(&format!("{key}_other")))
            .collect();
        for key in numbers {
            let mut take = |form| all.remove(&format!("{key}_{form}")).unwrap_or_default();
            let (one, other) = (take("one"), take("other"));
            texts.insert((subject.clone(), key), Text::Either { one, other });
        }
        let plain = all
            .into_iter()
            .map(|(key, text)| ((subject.clone(), key), Text::Plain(text)));
        texts.extend(plain);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(dutch: Text) -> Result<Words, String> {
        let name = || ("tasks".to_owned(), "waiting".to_owned());
        let english = || either("{{count}} task of {{who}}", "{{ count }} tasks of {{who}}");
        let mut texts = [(); 5].map(|()| BTreeMap::from([(name(), english())]));
        texts[1] = BTreeMap::from([(name(), dutch)]);
        Words::of(texts)
    }

    fn either(one: &str, other: &str) -> Text {
        Text::Either {
            one: one.to_owned(),
            other: other.to_owned(),
        }
    }

    #[test]
    fn a_word_is_a_line_with_its_gaps_by_their_places() {
        let words = words(either("een taak van {{who}}", "{{who}}: {{count}} taken"))
            .unwrap_or_else(|e| panic!("{e}"));
        let files: Vec<_> = words.files().collect();
        assert_eq!(
            files[0],
            (
                "en",
                "Nachtwacht\n\u{2}a\u{1}a task of \u{1}b\u{2}\u{1}a tasks of \u{1}b\n"
            )
        );
        assert_eq!(
            files[1].1,
            "Nachtwacht\n\u{2}aeen taak van \u{1}b\u{2}\u{1}b: \u{1}a taken\n"
        );
        assert!(
            words
                .code()
                .contains("pub struct waiting<'a> { pub count: &'a dyn Display, pub who: &'a dyn Display, }")
        );
    }

    #[test]
    fn what_a_language_lacks_is_said() {
        let said = |dutch| words(dutch).err().unwrap_or_default();
        let missing = "nl/tasks.json: waiting: has the gaps";
        assert!(said(either("een taak", "{{count}} taken")).starts_with(missing));
        assert!(said(Text::Plain("{{count}} taken van {{whom}}".to_owned())).starts_with(missing));
        assert!(said(either("{{who}}\n{{count}}", "{{count}}")).ends_with("must be one line"));
        assert!(said(either("{{who}} {{count", "{{count}} {{who}}")).ends_with("not closed"));
    }
}
