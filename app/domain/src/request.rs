//! What people outside ask for by a public form, without signing in (D11).

use crate::{FieldError, Rule, language::Language, moment::Moment, task::TaskId, text};
use serde::{Deserialize, Serialize};

/// Most files of one request.
pub const MOST_FILES: usize = 3;
/// Most bytes of one file: a telephone's photographs have three or four million.
pub const MOST_BYTES: usize = 10_000_000;
/// Most bytes of a whole form: a little more, for what stands around the files.
pub const MOST_FORM: usize = 10 << 20;

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A company wants to become a client.
    Intake,
    /// Somebody applies.
    Application,
}

impl RequestKind {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::Intake, Self::Application];

    /// The stored key, which is also its place in the path.
    pub fn key(self) -> &'static str {
        ["intake", "application"][self as usize]
    }

    /// The form of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Nobody has decided.
    New,
    /// It was accepted; an intake became an activation.
    Accepted,
    /// It was declined.
    Declined,
}

impl RequestState {
    /// The state of a key; `None` for any other text.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "new" => Some(Self::New),
            "accepted" => Some(Self::Accepted),
            "declined" => Some(Self::Declined),
            _ => None,
        }
    }
}

/// A file that came with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// As its sender calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl NewFile {
    /// Its type, by what is in it and not by its name; `None` for a type that is not taken.
    pub fn kind(&self) -> Option<&'static str> {
        match self.bytes.as_slice() {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("image/png"),
            [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
            _ => None,
        }
    }
}

/// Endings that a type has; the first is given to a file that has none of them.
fn endings(kind: &str) -> &'static [&'static str] {
    match kind {
        "application/pdf" => &["pdf"],
        "image/png" => &["png"],
        "image/jpeg" => &["jpg", "jpeg"],
        "application/xml" => &["xml"],
        _ => &[],
    }
}

/// Longest name of a file, in characters, without its ending.
const LONGEST_NAME: usize = 100;

/// What a file is called here: as its sender calls it, without folders and without what moves the cursor, and with the
/// ending of what is in it. A program that begins like a PDF is offered as a PDF, which no computer runs.
pub fn file_name(given: &str, kind: Option<&str>) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| {
            !text::is_control(*c)
                && !text::is_invisible(*c)
                && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?')
        })
        .take(LONGEST_NAME)
        .collect();
    let plain = plain.trim().trim_end_matches(['.', ' ']);
    let plain = if plain.is_empty() { "file" } else { plain };
    let endings = endings(kind.unwrap_or_default());
    let has = |name: &str| {
        let ending = name.rsplit_once('.').map(|(_, e)| e.to_lowercase());
        ending.is_some_and(|e| endings.contains(&e.as_str()))
    };
    let Some(right) = endings.first().filter(|_| !has(plain)) else {
        return plain.to_owned();
    };
    // another ending goes; "v1.2" has none
    let is_ending = |e: &str| (1..=5).contains(&e.len()) && e.chars().all(|c| c.is_ascii_alphabetic());
    let stem = match plain.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) && !stem.is_empty() => stem,
        _ => plain,
    };
    if has(stem) {
        stem.to_owned()
    } else {
        format!("{stem}.{right}")
    }
}

/// A form as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRequest {
    /// Who sends it.
    pub name: String,
    /// Where they can be reached.
    pub email: String,
    /// ... and by telephone; may be empty.
    pub phone: String,
    /// The company, of an intake.
    pub company: String,
    /// Its enterprise number; may be empty.
    pub number: String,
    /// In their own words; may be empty.
    pub message: String,
    /// A field that no person sees: what fills it in is a program, or a helper that fills in too much for a person.
    pub trap: String,
    /// Files.
    pub files: Vec<NewFile>,
    /// The language of the page it was sent from.
    pub language: Language,
}

impl NewRequest {
    /// Bytes of its files.
    pub fn bytes(&self) -> usize {
        self.files.iter().map(|f| f.bytes.len()).sum()
    }

    /// Says what is wrong with it, but for the e-mail address.
    pub fn check(&self, kind: RequestKind, errors: &mut Vec<FieldError>) {
        text::check(errors, "name", &self.name, 200);
        if kind == RequestKind::Intake {
            text::check(errors, "company", &self.company, 200);
        }
        for (field, value, most) in [
            ("phone", &self.phone, 50),
            ("number", &self.number, 50),
            ("message", &self.message, 5000),
        ] {
            // lines may break
            let value = value.replace(['\n', '\r', '\t'], " ");
            if !value.trim().is_empty() {
                text::check(errors, field, &value, most);
            }
        }
        let mut wrong = |rule| errors.push(FieldError::of("files", rule));
        if self.files.len() > MOST_FILES {
            wrong(Rule::AtMostFiles {
                most: MOST_FILES as i64,
            });
        }
        if self.files.iter().any(|f| f.bytes.len() > MOST_BYTES) {
            wrong(Rule::FileTooLarge);
        }
        if self.files.iter().any(|f| f.kind().is_none()) {
            wrong(Rule::NotPdfOrImage);
        }
    }
}

/// A request as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// Its number.
    pub id: i64,
    /// Which form.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// Who sent it.
    pub name: String,
    /// Where they can be reached.
    pub email: String,
    /// ... by telephone.
    pub phone: String,
    /// The company.
    pub company: String,
    /// Its enterprise number.
    pub number: String,
    /// In their own words.
    pub message: String,
    /// The language of the page it was sent from.
    pub language: Language,
    /// When it came.
    pub made: Moment,
    /// Files: number, name and size in bytes.
    pub files: Vec<(i64, String, i64)>,
    /// When it was decided, and by whom.
    pub decided: Option<(Moment, String)>,
    /// The activation that it became.
    pub task: Option<TaskId>,
    /// A dossier code that is free, made of the company's name.
    pub code: String,
    /// A field was filled in that no person sees: most likely a program sent it.
    pub automatic: bool,
}

/// The page of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestsPage {
    /// New ones first, then the latest.
    pub lines: Vec<RequestLine>,
    /// Packages to choose from: key and name.
    pub packages: Vec<(String, String)>,
    /// The server's clock.
    pub now: Moment,
}

/// A dossier code made of a company's name: five letters or digits.
pub fn code_of(company: &str) -> String {
    let plain = company.chars().filter(char::is_ascii_alphanumeric);
    let code: String = plain.take(5).collect::<String>().to_uppercase();
    if code.is_empty() { "NEW".into() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_ends_as_what_is_in_it() {
        let pdf = Some("application/pdf");
        for (given, kind, expected) in [
            ("cv.pdf", pdf, "cv.pdf"),
            ("CV.PDF", pdf, "CV.PDF"),
            ("cv.exe", pdf, "cv.pdf"),
            ("cv.hta", pdf, "cv.pdf"),
            ("cv.pdf.js", pdf, "cv.pdf"),
            ("cv", pdf, "cv.pdf"),
            (".pdf", pdf, ".pdf"),
            ("rapport v1.2", pdf, "rapport v1.2.pdf"),
            ("photo.jpeg", Some("image/jpeg"), "photo.jpeg"),
            ("photo.png", Some("image/jpeg"), "photo.jpg"),
            ("../../etc/x.sh", pdf, "x.pdf"),
            ("C:\\temp\\x.pdf", pdf, "x.pdf"),
            ("exe.\u{202e}fdp", pdf, "exe.pdf"),
            ("a\u{200b}b\u{2066}.pdf\r\n", pdf, "ab.pdf"),
            (
                "Årsregnskap – Søn & Møller.pdf",
                pdf,
                "Årsregnskap – Søn & Møller.pdf",
            ),
            ("测试.pdf", pdf, "测试.pdf"),
            ("", pdf, "file.pdf"),
            (" . ", None, "file"),
            ("a<b>:\"c\"|?*.pdf ", pdf, "abc.pdf"),
        ] {
            assert_eq!(file_name(given, kind), expected, "{given:?}");
            // once more changes nothing
            assert_eq!(file_name(expected, kind), expected, "{given:?}");
        }
    }

    #[test]
    fn a_form_says_what_is_wrong_with_it() {
        let fields = |r: &NewRequest, kind| {
            let mut errors = vec![];
            r.check(kind, &mut errors);
            errors.into_iter().map(|e| e.field).collect::<Vec<_>>()
        };
        let file = |bytes: &[u8]| NewFile {
            name: "a.pdf".into(),
            bytes: bytes.to_vec(),
        };
        let good = NewRequest {
            name: "Nora".into(),
            company: "Bakery".into(),
            message: "two\nlines".into(),
            files: vec![
                file(b"%PDF-1.7"),
                file(b"\x89PNG\r\n\x1a\n"),
                file(b"\xFF\xD8\xFF\xE0"),
            ],
            ..NewRequest::default()
        };
        assert!(fields(&good, RequestKind::Intake).is_empty());
        let none = NewRequest::default();
        assert_eq!(fields(&none, RequestKind::Intake), ["name", "company"]);
        assert_eq!(fields(&none, RequestKind::Application), ["name"]);
        // a program that calls itself a document
        let exe = NewRequest {
            files: vec![file(b"MZ\x90")],
            ..good.clone()
        };
        assert_eq!(fields(&exe, RequestKind::Intake), ["files"]);
        let many = NewRequest {
            files: vec![file(b"%PDF-"); 4],
            ..good.clone()
        };
        assert_eq!(fields(&many, RequestKind::Intake), ["files"]);
        let long = NewRequest {
            message: "x".repeat(5001),
            ..good
        };
        assert_eq!(fields(&long, RequestKind::Intake), ["message"]);
        assert_eq!(code_of("Café & Zn"), "CAFZN");
        assert_eq!(code_of("—"), "NEW");
    }
}
