//! What becomes of each row of a file of dossiers: one to activate, one that is here already, or what is wrong with it.

use super::read::Row;
use domain::text;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::import::Line;
use views::import::{Findings, Problem, SHOWN, WrongLine};

/// What an office has.
#[derive(Debug, Default)]
pub struct Facts {
    /// Its dossiers by code: name, key of the package, whether it was put away. Those of a file that is being made count.
    pub dossiers: HashMap<String, (String, String, bool)>,
    /// Keys of packages, by key and by name in small letters.
    pub packages: HashMap<String, String>,
    /// Packages that its connectors reach.
    pub served: BTreeSet<String>,
    /// Who works there, by e-mail address.
    pub people: HashMap<String, i64>,
}

/// The lines to activate, and what to say of the others.
pub fn judge(rows: Vec<Row>, facts: &Facts) -> (Vec<Line>, Findings) {
    let mut found = Findings {
        lines: rows.len() as u32,
        ..Findings::default()
    };
    let mut lines: Vec<Line> = vec![];
    let mut first: HashMap<String, u32> = HashMap::new();
    let mut unserved: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let package = facts.packages.get(&row.package.to_lowercase());
        let manager = facts.people.get(&row.manager.to_lowercase());
        let mut problems = wrong(&row, package.is_some(), manager.is_some());
        if let Some(line) = first.get(&row.code) {
            problems.push(Problem::Double(*line));
        } else if !row.code.is_empty() {
            first.insert(row.code.clone(), row.line);
        }
        if problems.is_empty()
            && let Some((name, of, archived)) = facts.dossiers.get(&row.code)
        {
            if *archived {
                problems.push(Problem::Archived(name.clone()));
            } else if *name != row.name || Some(of) != package {
                problems.push(Problem::Taken(name.clone()));
            } else {
                here(&mut found, &row);
                continue;
            }
        }
        match package.filter(|_| problems.is_empty()) {
            None => left_out(&mut found, &row, problems),
            Some(package) => {
                if !facts.served.contains(package) {
                    *unserved.entry(package.clone()).or_default() += 1;
                }
                found.unmanaged += u32::from(manager.is_none());
                lines.push(Line {
                    line: row.line,
                    code: row.code,
                    name: row.name,
                    package: package.clone(),
                    manager: manager.copied(),
                });
            }
        }
    }
    found.unserved = unserved.into_iter().collect();
    (lines, found)
}

/// What is wrong with a row by itself.
fn wrong(row: &Row, package: bool, manager: bool) -> Vec<Problem> {
    // the rest of it means nothing then
    if row.broken {
        return vec![Problem::Broken];
    }
    if row.short {
        return vec![Problem::Short];
    }
    let mut problems = vec![];
    if row.code.starts_with('=') {
        problems.push(Problem::Formula);
    } else if !text::is_dossier_code(&row.code) {
        problems.push(Problem::Code(cut(&row.code)));
    }
    let mut name = vec![];
    text::check(&mut name, "name", &row.name, 200);
    // a letter of it came in another encoding than the rest
    if !name.is_empty() || row.name.contains(char::REPLACEMENT_CHARACTER) {
        problems.push(Problem::Name);
    }
    if !package {
        problems.push(Problem::Package(cut(&row.package)));
    }
    if !manager && !row.manager.is_empty() {
        problems.push(Problem::Manager(cut(&row.manager)));
    }
    problems
}

fn left_out(found: &mut Findings, row: &Row, problems: Vec<Problem>) {
    found.wrong_lines += 1;
    for problem in problems {
        if found.wrong.len() < SHOWN {
            found.wrong.push(WrongLine {
                line: row.line,
                code: cut(&row.code),
                problem,
            });
        }
    }
}

fn here(found: &mut Findings, row: &Row) {
    found.here_lines += 1;
    if found.here.len() < SHOWN {
        found.here.push((row.line, row.code.clone()));
    }
}

/// What somebody typed, as far as a line of a page shows it.
fn cut(typed: &str) -> String {
    typed.chars().filter(|c| !text::is_control(*c)).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, cells: [&str; 4]) -> Row {
        let [code, name, package, manager] = cells.map(str::to_owned);
        Row {
            line,
            code,
            name,
            package,
            manager,
            ..Row::default()
        }
    }

    fn facts() -> Facts {
        let s = str::to_owned;
        Facts {
            dossiers: HashMap::from([
                (s("D1"), (s("Dossier 1"), s("wings"), false)),
                (s("OLD"), (s("Old one"), s("wings"), true)),
            ]),
            packages: HashMap::from([
                (s("wings"), s("wings")),
                (s("expert-m"), s("expert_m")),
                (s("expert_m"), s("expert_m")),
            ]),
            served: BTreeSet::from([s("wings")]),
            people: HashMap::from([(s("emma@a.example"), 5)]),
        }
    }

    #[test]
    fn each_line_is_activated_is_here_or_says_what_is_wrong() {
        let rows = vec![
            row(2, ["A1", "=Bakker(1)", "Wings", "Emma@A.example"]),
            row(3, ["A2", "Two", "Expert-M", ""]),
            row(4, ["A1", "Again", "wings", ""]),
            row(5, ["a b", "Bad", "yuki", "nobody@a.example"]),
            row(6, ["=1+1", "", "wings", ""]),
            row(7, ["D1", "Dossier 1", "wings", "emma@a.example"]),
            row(8, ["D1", "Other", "wings", ""]),
            row(9, ["OLD", "Old one", "wings", ""]),
            Row {
                short: true,
                ..row(10, ["A9", "", "", ""])
            },
            row(11, ["", "None", "wings", ""]),
            row(12, ["", "None", "wings", ""]),
            row(13, ["A13", "Ren\u{fffd}e", "wings", ""]),
        ];
        let (lines, found) = judge(rows, &facts());
        let made: Vec<(u32, &str, &str, Option<i64>)> = lines
            .iter()
            .map(|l| (l.line, l.code.as_str(), l.package.as_str(), l.manager))
            .collect();
        assert_eq!(made, [(2, "A1", "wings", Some(5)), (3, "A2", "expert_m", None)]);
        let s = str::to_owned;
        let wrong: Vec<(u32, Problem)> = found.wrong.iter().map(|w| (w.line, w.problem.clone())).collect();
        assert_eq!(
            wrong,
            [
                (4, Problem::Double(2)),
                (5, Problem::Code(s("a b"))),
                (5, Problem::Package(s("yuki"))),
                (5, Problem::Manager(s("nobody@a.example"))),
                (6, Problem::Formula),
                (6, Problem::Name),
                (8, Problem::Double(7)),
                (9, Problem::Archived(s("Old one"))),
                (10, Problem::Short),
                (11, Problem::Code(s(""))),
                (12, Problem::Code(s(""))),
                (13, Problem::Name),
            ]
        );
        assert_eq!((found.lines, found.wrong_lines, found.here_lines), (12, 9, 1));
        assert_eq!(found.here, [(7, s("D1"))]);
        assert_eq!(found.unserved, [(s("expert_m"), 1)]);
        assert_eq!(found.unmanaged, 1);
    }

    #[test]
    fn only_the_first_lines_are_named_and_all_are_counted() {
        let rows = (1..=1_000)
            .map(|n| row(n, ["no code", "x", "wings", ""]))
            .collect();
        let (_, found) = judge(rows, &facts());
        assert_eq!((found.wrong.len(), found.wrong_lines), (SHOWN, 1_000));
    }
}
