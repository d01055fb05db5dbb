//! The rows of a file of dossiers: which sign stands between the cells, which column is which, which line each row is.

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use domain::{Refusal, Rule};
use views::import::{Column, MOST_LINES};

/// One dossier as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Where it begins, counted from 1.
    pub line: u32,
    /// It has too few cells.
    pub short: bool,
    /// A line break in a cell: a name that holds one, or quotes that never close.
    pub broken: bool,
    pub code: String,
    pub name: String,
    /// The package, by key or name.
    pub package: String,
    /// The manager's e-mail address; empty for none.
    pub manager: String,
}

/// So many rows tell which sign is between the cells.
const SAMPLE: usize = 20;
const SEPARATORS: [u8; 3] = [b';', b',', b'\t'];
/// The columns of a file that does not name them.
const USUAL: [Column; 4] = [Column::Code, Column::Name, Column::Package, Column::Manager];

/// The rows of a text.
///
/// # Errors
/// [`Refusal::Invalid`] for a file without a dossier, with too many, or without a column that is needed.
pub fn rows(text: &str) -> Result<Vec<Row>, Refusal> {
    let (said, body, mut line) = said_separator(text);
    let separator = said.unwrap_or_else(|| separator(body));
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(body.as_bytes());
    let (mut rows, mut columns, mut counted) = (vec![], None, 0);
    let mut record = StringRecord::new();
    // a text in memory that is UTF-8 can be read
    while reader.read_record(&mut record).unwrap_or(false) {
        let begins = record.position().map_or(0, |p| p.byte() as usize);
        line += breaks(&body[counted..begins.max(counted)]);
        counted = begins.max(counted);
        // the reader passes over empty lines, and says that the row begins before them
        let empty = body[counted..].bytes().take_while(|b| *b == b'\n').count();
        line += empty as u32;
        counted += empty;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let columns = match &columns {
            Some(columns) => columns,
            None => match heading(&record)? {
                Some(found) => {
                    columns = Some(found);
                    continue;
                }
                None => columns.insert(USUAL.into_iter().enumerate().map(|(i, c)| (c, i)).collect()),
            },
        };
        if rows.len() >= MOST_LINES {
            let lines = breaks(body) + 1;
            let (most, lines) = (MOST_LINES as i64, lines.into());
            return Err(Refusal::rule("file", Rule::ImportTooLong { most, lines }));
        }
        rows.push(row(&record, columns, line));
    }
    if rows.is_empty() {
        return Err(Refusal::rule("file", Rule::ImportWithoutDossier));
    }
    Ok(rows)
}

fn breaks(text: &str) -> u32 {
    text.bytes().filter(|b| *b == b'\n').count() as u32
}

/// `sep=;` in the first line, as some spreadsheets write: the sign, what follows, and the line that it begins in.
fn said_separator(text: &str) -> (Option<u8>, &str, u32) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let said = first.trim_matches('"').to_ascii_lowercase();
    match said.strip_prefix("sep=").map(str::as_bytes) {
        Some([sign]) => (Some(*sign), rest, 2),
        Some([]) if first.contains('\t') => (Some(b'\t'), rest, 2),
        _ => (None, text, 1),
    }
}

/// The sign that cuts the first rows into equally many cells, and into the most.
fn separator(body: &str) -> u8 {
    let score = |separator: &u8| {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(*separator)
            .from_reader(body.as_bytes());
        let cells: Vec<usize> = reader
            .byte_records()
            .take(SAMPLE)
            .filter_map(|r: csv::Result<ByteRecord>| r.ok())
            .map(|r| r.len())
            .collect();
        let usual = cells.first().copied().unwrap_or(0);
        let alike = cells.iter().filter(|n| **n == usual && **n > 1).count();
        (alike, usual)
    };
    // of equals the first
    SEPARATORS.into_iter().rev().max_by_key(score).unwrap_or(b';')
}

/// Which column is which, when the row names them; `None` for a row that is a dossier itself.
fn heading(record: &StringRecord) -> Result<Option<Vec<(Column, usize)>>, Refusal> {
    let mut found: Vec<(Column, usize)> = vec![];
    for (i, cell) in record.iter().enumerate() {
        if let Some(column) = Column::of(cell).filter(|c| found.iter().all(|(f, _)| f != c)) {
            found.push((column, i));
        }
    }
    if found.len() < 2 {
        return Ok(None);
    }
    for (needed, rule) in [
        (Column::Code, Rule::ImportWithoutCode),
        (Column::Name, Rule::ImportWithoutName),
        (Column::Package, Rule::ImportWithoutPackage),
    ] {
        if found.iter().all(|(c, _)| *c != needed) {
            return Err(Refusal::rule("file", rule));
        }
    }
    Ok(Some(found))
}

fn row(record: &StringRecord, columns: &[(Column, usize)], line: u32) -> Row {
    let cell = |column: Column| {
        let at = columns.iter().find(|(c, _)| *c == column)?.1;
        record.get(at)
    };
    let text = |column| cell(column).unwrap_or_default().trim().to_owned();
    let needed = [Column::Code, Column::Name, Column::Package];
    Row {
        line,
        short: needed.into_iter().any(|c| cell(c).is_none()),
        broken: record.iter().any(|c| c.trim().contains('\n')),
        code: text(Column::Code),
        name: text(Column::Name),
        package: text(Column::Package),
        manager: text(Column::Manager),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, String, String, String, String)> {
        let rows = rows(text).expect("rows");
        rows.into_iter()
            .map(|r| (r.line, r.code, r.name, r.package, r.manager))
            .collect()
    }

    fn one(line: u32) -> Vec<(u32, String, String, String, String)> {
        let s = str::to_owned;
        vec![(
            line,
            s("A1"),
            s("Bakker, \"Jan\"; zoon"),
            s("Wings"),
            s("emma@a.example"),
        )]
    }

    #[test]
    fn any_separator_with_or_without_a_heading_in_any_language() {
        for (text, line) in [
            ("A1;\"Bakker, \"\"Jan\"\"; zoon\";Wings;emma@a.example", 1),
            ("A1,\"Bakker, \"\"Jan\"\"; zoon\",Wings,emma@a.example\n", 1),
            ("A1\tBakker, \"Jan\"; zoon\tWings\temma@a.example\n", 1),
            (
                "code;name;package;manager\nA1;\"Bakker, \"\"Jan\"\"; zoon\";Wings;emma@a.example\n",
                2,
            ),
            (
                "Dossiercode;Naam;Boekhoudpakket;Beheerder (e-mail)\n\n\nA1;\"Bakker, \"\"Jan\"\"; zoon\";Wings;emma@a.example",
                4,
            ),
            (
                "sep=,\nKlientkode,Navn,Regnskapssystem,Klientansvarlig\nA1,\"Bakker, \"\"Jan\"\"; zoon\",Wings,emma@a.example",
                3,
            ),
            (
                "Logiciel comptable;Gestionnaire;Code du dossier;Nom;TVA\nWings;emma@a.example;A1;\"Bakker, \"\"Jan\"\"; zoon\";BE1",
                2,
            ),
            (
                "Regnskabssystem\tE-mail\tKlientkode\tKlientmappe\nWings\temma@a.example\tA1\t\"Bakker, \"\"Jan\"\"; zoon\"",
                2,
            ),
        ] {
            assert_eq!(read(text), one(line), "{text}");
        }
    }

    #[test]
    fn a_line_is_the_one_that_an_editor_shows() {
        let text = "code;name;package\n\nA1;\"two\nlines\";wings\n\n;;\nA2;Two;wings\n";
        let rows = rows(text).expect("rows");
        let lines: Vec<(u32, bool)> = rows.iter().map(|r| (r.line, r.broken)).collect();
        assert_eq!(lines, [(3, true), (7, false)]);
    }

    #[test]
    fn what_is_no_file_of_dossiers_is_refused_with_its_reason() {
        let refused = |text: &str| rows(text).expect_err("refused").to_string();
        assert!(refused("").contains("must hold at least one dossier"));
        assert!(refused("code;name;package\n").contains("must hold at least one dossier"));
        assert!(refused("code;name;town\nA1;One;Gent").contains("must have a column package"));
        let many = "A1;One;wings\n".repeat(MOST_LINES + 1);
        assert!(refused(&many).contains("must have at most 100000 lines, not 100002"));
        assert!(rows("A1;One").expect("a row")[0].short);
    }
}
