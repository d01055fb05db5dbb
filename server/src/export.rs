//! Any list as CSV (S8): what its page would show, all of it, in the reader's language and with the reader's rights.

use crate::{admission::Admission, download::attached, problem::problem, reach::Reach};
use app::ssr::{Desk, columns, viewer_of};
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{Language, Refusal, Viewer, downtime::Door};
use engine::{
    Engine,
    export::{Asked, Cell, List, MOST, Rows},
};
use futures::stream;
use std::{collections::HashMap, sync::Arc};
use views::OfficeView;

/// Tells Excel that UTF-8 follows.
const BOM: &str = "\u{feff}";

/// `GET /api/desk/export/tasks.csv?office=gent&…`: the file, written as it is read.
pub async fn export(
    State(reach): State<Reach>,
    Path(name): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
    parts: Parts,
) -> Response {
    match start(reach.desk.clone(), &name, &asked, &parts).await {
        Ok(answer) => answer,
        Err(refusal) => problem(&refusal),
    }
}

/// `GET /api/desk/jobs-export?office=gent`: every job of the office, as JSON that can be imported again (J32).
pub async fn jobs(
    State(reach): State<Reach>,
    Query(asked): Query<HashMap<String, String>>,
    parts: Parts,
) -> Response {
    match jobs_file(&reach.desk, &asked, &parts).await {
        Ok(answer) => answer,
        Err(refusal) => problem(&refusal),
    }
}

async fn jobs_file(desk: &Desk, asked: &HashMap<String, String>, parts: &Parts) -> Result<Response, Refusal> {
    let engine = &desk.engine;
    let viewer = viewer_of(parts, desk)
        .await
        .map_err(|_| Refusal::StorageUnavailable)?
        .ok_or(Refusal::Unauthenticated)?;
    let code = asked.get("office").map(String::as_str).unwrap_or_default();
    let office = engine.office(&viewer, code).await.map_err(|e| e.refusal())?;
    let text = engine
        .export_jobs(&viewer, &office)
        .await
        .map_err(|e| e.refusal())?;
    let zone = engine::Zone::of(&office.zone);
    let day: String = zone.moment(engine.now()).rfc3339().chars().take(10).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let office: String = office.code.chars().map(plain).collect();
    let attached = attached(&format!("jobs-{office}-{day}.json"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, attached),
    ];
    Ok((headers, text).into_response())
}

async fn start(
    desk: Desk,
    name: &str,
    asked: &HashMap<String, String>,
    parts: &Parts,
) -> Result<Response, Refusal> {
    let viewer = viewer_of(parts, &desk)
        .await
        .map_err(|_| Refusal::StorageUnavailable)?
        .ok_or(Refusal::Unauthenticated)?;
    let list = name
        .strip_suffix(".csv")
        .and_then(List::of)
        .ok_or(Refusal::NotFound)?;
    let code = asked.get("office").map(String::as_str).unwrap_or_default();
    let engine = desk.engine.clone();
    let office = engine.office(&viewer, code).await.map_err(|e| e.refusal())?;
    let managed = if viewer.sees_every_dossier() {
        vec![]
    } else {
        engine.managed(viewer.person).await.map_err(|e| e.refusal())?
    };
    let mut writing = Writing {
        admission: Admission::of_person(desk, parts.clone(), viewer.clone(), managed, Door::Call),
        asked: Asked::read(|name| asked.get(name).cloned()),
        engine,
        viewer,
        office,
        list,
        written: 0,
        past: None,
        over: false,
    };
    // the first rows are read before the answer begins: what is refused is said with its status
    let first = writing.more().await?;
    let name = writing.file_name();
    let head = format!("{BOM}{}", writing.header());
    let rest = stream::unfold(writing, |mut writing| async move {
        if writing.over {
            return None;
        }
        // the browser must not take half a list for the whole: the connection breaks
        let more = match writing.admission.holds().await {
            true => writing.more().await,
            false => Err(Refusal::Unauthenticated),
        };
        let more = more.map_err(std::io::Error::other);
        writing.over |= more.is_err();
        Some((more.map(Bytes::from), writing))
    });
    let begin = stream::iter([Ok(Bytes::from(head)), Ok(Bytes::from(first))]);
    let body = Body::from_stream(futures::StreamExt::chain(begin, rest));
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let attached = attached(&name);
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, attached),
    ];
    Ok((headers, body).into_response())
}

/// An export under way.
struct Writing {
    admission: Admission,
    engine: Arc<Engine>,
    viewer: Viewer,
    office: OfficeView,
    list: List,
    asked: Asked,
    written: u32,
    past: Option<i64>,
    over: bool,
}

impl Writing {
    /// The next rows as text.
    async fn more(&mut self) -> Result<String, Refusal> {
        let language = self.viewer.language;
        let read = self
            .engine
            .export(&self.viewer, &self.office, self.list, &self.asked, self.past);
        let Rows { rows, next } = read.await.map_err(|e| e.refusal())?;
        let mut csv = Csv::new(language);
        for row in rows {
            csv.row(row.iter().map(|cell| said(cell, language)));
            self.written += 1;
        }
        self.past = next;
        self.over = next.is_none();
        if self.written >= MOST && !self.over {
            self.over = true;
            csv.row([columns::cut(MOST, language)].into_iter().map(Said::Words));
        }
        Ok(csv.text)
    }

    fn header(&self) -> String {
        let mut csv = Csv::new(self.viewer.language);
        let names = columns::header(self.list, self.viewer.language);
        csv.row(names.into_iter().map(|n| Said::Words(n.to_owned())));
        csv.text
    }

    /// `tasks-gent-2026-11-20.csv`, of the office's day.
    fn file_name(&self) -> String {
        let zone = engine::Zone::of(&self.office.zone);
        let day: String = zone
            .moment(self.engine.now())
            .rfc3339()
            .chars()
            .take(10)
            .collect();
        let list = columns::file(self.list, self.viewer.language);
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let office: String = self.office.code.chars().map(plain).collect();
        format!("{list}-{office}-{day}.csv")
    }
}

/// What a cell begins with that a spreadsheet works out: also written in the full width of the scripts of East Asia,
/// which some take for the same.
const FORMULA: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
];

/// A value as it is written down.
enum Said {
    /// Somebody's words: a spreadsheet must not take them for a formula.
    Words(String),
    /// A number or an instant of ours.
    Plain(String),
}

fn said(cell: &Cell, language: Language) -> Said {
    match cell {
        Cell::Text(text) => Said::Words(text.clone()),
        Cell::Number(n) => Said::Plain(n.to_string()),
        Cell::At(at) => Said::Plain(at.map(domain::Moment::rfc3339).unwrap_or_default()),
        Cell::State(state) => Said::Words(columns::state(*state, language).to_owned()),
        Cell::Kind(key) => Said::Words(columns::kind(key, language).to_owned()),
        Cell::Standing(standing) => Said::Words(columns::standing(*standing, language)),
        Cell::JobStatus(status) => Said::Words(columns::job_status(*status, language)),
        Cell::RunState(state) => Said::Words(columns::run_state(*state, language)),
        Cell::JobKind(key) => Said::Words(columns::job_kind(key, language)),
        Cell::Module(module) => Said::Words(columns::module(*module, language)),
        Cell::Schedule(schedule) => Said::Words(columns::schedule(schedule.as_ref(), language)),
        Cell::Counted(counted) => Said::Words(columns::counted(counted, language)),
        Cell::Note(state, note) => Said::Words(columns::note(*state, note, language)),
        Cell::Role(key) => Said::Words(columns::role(key, language).to_owned()),
    }
}

/// Lines of RFC 4180, with the separator that spreadsheets expect in a language.
struct Csv {
    separator: char,
    text: String,
}

impl Csv {
    fn new(language: Language) -> Self {
        // where the comma is in the numbers, it is not between them
        let separator = if language == Language::En { ',' } else { ';' };
        Self {
            separator,
            text: String::new(),
        }
    }

    fn row(&mut self, cells: impl Iterator<Item = Said>) {
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                self.text.push(self.separator);
            }
            match cell {
                Said::Plain(text) => self.text.push_str(&text),
                Said::Words(text) => self.words(&text),
            }
        }
        self.text.push_str("\r\n");
    }

    /// A cell that a spreadsheet would work out gets an apostrophe before it; one that would break the line is quoted.
    fn words(&mut self, text: &str) {
        let defused = if text.starts_with(FORMULA) { "'" } else { "" };
        if text.contains(['"', '\r', '\n', ',', ';', '\t']) || text.starts_with(' ') || text.ends_with(' ') {
            self.text
                .push_str(&format!("\"{defused}{}\"", text.replace('"', "\"\"")));
        } else {
            self.text.push_str(defused);
            self.text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(language: Language, cells: &[&str]) -> String {
        let mut csv = Csv::new(language);
        csv.row(cells.iter().map(|c| Said::Words((*c).to_owned())));
        csv.text
    }

    #[test]
    fn what_would_break_a_line_is_quoted() {
        assert_eq!(line(Language::En, &["a", "", "b c"]), "a,,b c\r\n");
        assert_eq!(
            line(Language::Nl, &["a;b", "a,b", "say \"yes\""]),
            "\"a;b\";\"a,b\";\"say \"\"yes\"\"\"\r\n"
        );
        assert_eq!(
            line(Language::En, &["one\ntwo", "one\r\ntwo", " x "]),
            "\"one\ntwo\",\"one\r\ntwo\",\" x \"\r\n"
        );
    }

    #[test]
    fn a_formula_is_words() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)"] {
            assert_eq!(line(Language::Nl, &[formula]), format!("'{formula}\r\n"));
        }
        assert_eq!(
            line(Language::En, &["=HYPERLINK(\"x\")"]),
            "\"'=HYPERLINK(\"\"x\"\")\"\r\n"
        );
        assert_eq!(line(Language::En, &["\tx", "\r=x"]), "\"'\tx\",\"'\r=x\"\r\n");
        assert_eq!(line(Language::En, &["\n=x"]), "\"'\n=x\"\r\n");
        for wide in ["＝1+1", "＋1", "－1", "＠SUM(A1)"] {
            assert_eq!(line(Language::Nl, &[wide]), format!("'{wide}\r\n"));
        }
        // only the beginning counts, and a number of ours is none
        assert_eq!(line(Language::En, &["2-1", "a=b"]), "2-1,a=b\r\n");
        let mut csv = Csv::new(Language::En);
        csv.row([Said::Plain("-5".into())].into_iter());
        assert_eq!(csv.text, "-5\r\n");
    }

    #[test]
    fn other_scripts_and_pictures_stay_as_they_are() {
        assert_eq!(
            line(Language::Fr, &["مرحبا", "עברית", "🌙🧾", "é"]),
            "مرحبا;עברית;🌙🧾;é\r\n"
        );
    }
}
