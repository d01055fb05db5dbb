//! The catalogue is complete: every instruction reads well in every language.

use domain::{
    Language,
    instruction::{ParamType, Piece, Rendered},
};
use engine::Catalogue;
use serde_json::{Map, Value};

fn every_piece(r: &Rendered) -> Vec<Piece> {
    let lists = [&r.cause]
        .into_iter()
        .chain(&r.steps)
        .chain(&r.after)
        .chain(&r.escalate);
    lists
        .flatten()
        .cloned()
        .chain([Piece::Text(r.title.clone())])
        .collect()
}

#[test]
fn every_instruction_renders_in_every_language_with_its_examples() {
    let catalogue = Catalogue::built_in().expect("no holes");
    assert!(catalogue.instructions.iter().count() >= 17);
    for i in catalogue.instructions.iter() {
        let name = format!("{}.{}", i.package, i.code);
        let given = |p: &&domain::instruction::Param| !p.example.is_null();
        let examples: Map<String, Value> = i
            .params
            .iter()
            .filter(given)
            .map(|p| (p.name.clone(), p.example.clone()))
            .collect();
        assert_eq!(
            i.lacks(&examples),
            None,
            "{name}: an example is missing or of another type"
        );
        let mut titles = vec![];
        for language in Language::ALL {
            let rendered = i.render(&examples, language);
            for piece in every_piece(&rendered) {
                let text = piece.text();
                assert!(
                    !text.contains(['…', '{', '}']),
                    "{name} in {}: {text}",
                    language.tag()
                );
                assert!(
                    !text.contains("  "),
                    "{name} in {}: two spaces in {text:?}",
                    language.tag()
                );
            }
            assert!(
                rendered.title.chars().count() <= 90,
                "{name}: {} is long for a line",
                rendered.title
            );
            assert!(!rendered.title.ends_with('.'), "{name}: {}", rendered.title);
            for step in &rendered.steps {
                let text = domain::instruction::plain(step);
                assert!(
                    text.ends_with(['.', ')', ':', '?']),
                    "{name} in {}: {text}",
                    language.tag()
                );
            }
            titles.push(rendered.title);
        }
        titles.dedup();
        assert!(titles.len() > 1, "{name} is translated");
    }
}

#[test]
fn optional_parameters_may_be_missing() {
    let catalogue = Catalogue::built_in().expect("no holes");
    for i in catalogue.instructions.iter() {
        let optional = |t: ParamType| matches!(t, ParamType::OptionalCode | ParamType::Bool);
        let least: Map<String, Value> = i
            .params
            .iter()
            .filter(|p| !optional(p.r#type))
            .map(|p| (p.name.clone(), p.example.clone()))
            .collect();
        assert_eq!(i.lacks(&least), None);
        for language in Language::ALL {
            for piece in every_piece(&i.render(&least, language)) {
                assert!(
                    !piece.text().contains('…'),
                    "{}.{} in {}: {}",
                    i.package,
                    i.code,
                    language.tag(),
                    piece.text()
                );
            }
        }
    }
}

#[test]
fn every_code_of_the_protocols_list_has_an_instruction() {
    let catalogue = Catalogue::built_in().expect("no holes");
    let listed = [
        "period_not_open",
        "journal_wrong",
        "double_booking",
        "vat_code_wrong",
        "package_unreachable",
        "database_error",
        "dossier_access_missing",
        "payment_linked",
        "database_version_outdated",
        "database_missing",
        "dossier_code_wrong",
        "outcome_unknown",
        "keeps_being_released",
        "adapter_crashed",
        "ran_too_long",
    ];
    for code in listed {
        assert!(catalogue.instructions.iter().any(|i| i.code == code), "{code}");
    }
}

#[test]
fn a_hole_refuses_the_start_and_is_named() {
    let kinds = r#"[{"code": "book", "holds": false, "repeatable": false}]"#;
    let text = |t: &str| format!(r#"{{"en": "{t}", "nl": "{t}", "nb": "{t}", "da": "{t}"}}"#);
    let instruction = format!(
        r#"{{"instructions": [{{"package": "*", "package_name": "", "code": "c", "task_kinds": ["book"], "audience": "office",
            "restartable": true, "title": {}, "cause": {}}}]}}"#,
        text("Do {this}"),
        text("Because")
    );
    let holes = Catalogue::read(kinds, "[]", &instruction, "[]")
        .expect_err("full of holes")
        .to_string();
    assert!(
        holes.contains("*.c is for the office and has no step the office can do."),
        "{holes}"
    );
    assert!(holes.contains("*.c: the title is missing in fr."), "{holes}");
    let unknown = instruction
        .replace("book\"]", "dance\"]")
        .replace("\"office\"", "\"support\"");
    assert!(Catalogue::read(kinds, "[]", &unknown, "[]").is_err());
}

/// A kind of job whose own proposal would be refused stops the start (J1, J23).
#[test]
fn a_hole_in_a_kind_of_job_is_named() {
    let kind = |file: &str, path: &str, format: &str| {
        format!(
            r#"[{{"code": "k", "module": "economy", "place": "company", "regular": true, "must": false, "after_release": true, "moves_money": false,
              "replace_by": "hold", "grace_minutes": 5, "estimate_minutes": 5, "run_as": "SERVER", "params": ["ledger"],
              "outputs": [{{"what": "report", "path": "{path}", "file": "{file}", "format": "{format}"}}],
              "description": "K {{company}}", "email": "free", "suggested": {{"at": ["04:00"]}}}}]"#
        )
    };
    let read = |job_kinds: &str| {
        Catalogue::read(
            "[]",
            "[]",
            r#"{"schema_version": 1, "instructions": []}"#,
            job_kinds,
        )
    };
    assert!(read(&kind("R_{ledger}", "A", "PDF")).is_ok());
    for (file, path, format) in [
        ("R_{colour}", "A", "PDF"),
        ("R", "../A", "PDF"),
        ("R", "A", "GIF"),
    ] {
        let refused = read(&kind(file, path, format)).map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains("The job kind k"), "{refused}");
    }
}

#[test]
fn the_number_that_a_task_was_shown_names_one_text() {
    let catalogue = Catalogue::built_in().expect("no holes");
    let own = catalogue.instructions.iter().filter(|i| i.package != "*");
    for i in own {
        let common = catalogue.instructions.versions("*", &i.code);
        assert!(
            common.into_iter().all(|c| c.version != i.version),
            "{}.{} has the version of the common one",
            i.package,
            i.code
        );
        let shown = catalogue.instructions.as_shown(&i.package, &i.code, i.version);
        assert_eq!(shown.map(|s| &s.package), Some(&i.package));
    }
}
