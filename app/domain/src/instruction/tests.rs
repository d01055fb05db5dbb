//! Values read by their type, holes are named, alternatives are rendered.

use super::*;
use crate::{
    failure::{Audience, UNKNOWN},
    language::Language,
};
use serde_json::{Map, json};

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
        alternatives: vec![],
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

#[test]
fn a_text_that_is_being_written_reads_as_it_stands() {
    let mut i = instruction();
    i.title = texts("Reopen {periods");
    let r = i.render(&Map::new(), Language::En);
    assert_eq!(r.title, "Reopen {periods");
    assert!(i.complete_in().is_empty());
}

#[test]
fn another_way_is_part_of_the_instruction() {
    let mut i = instruction();
    i.alternatives = vec![Alternative {
        title: texts("Move {periods} to the next year"),
        steps: vec![texts("Ask {whom}.")],
    }];
    let holes: Vec<String> = i.holes().iter().map(ToString::to_string).collect();
    assert!(
        holes.contains(&"the step 1 of alternative 1 in en names the unknown parameter whom.".to_owned()),
        "{holes:?}"
    );
    i.alternatives[0].steps = vec![texts("Ask Support.")];
    assert!(i.holes().is_empty());
    let params = json!({"periods": ["201709"]});
    let r = i.render(params.as_object().unwrap(), Language::En);
    assert_eq!(r.alternatives[0].title, "Move 2017-09 to the next year");
    assert_eq!(plain(&r.alternatives[0].steps[0]), "Ask Support.");
}

#[test]
fn texts_have_a_longest_length_and_languages_are_told_apart() {
    let mut i = instruction();
    i.title
        .insert("nl".into(), format!("{{periods}}{}", "é".repeat(200)));
    i.cause.insert("fr".into(), " ".into());
    let wrong: Vec<_> = i.holes().into_iter().map(|h| (h.language, h.why)).collect();
    assert_eq!(
        wrong,
        [
            (Some(Language::Nl), Why::TooLong(200)),
            (Some(Language::Fr), Why::Missing),
        ]
    );
    assert_eq!(i.complete_in(), [Language::En, Language::Nb, Language::Da]);
}

#[test]
fn the_editor_guesses_a_values_type() {
    for (value, guess) in [
        (json!(true), ParamType::Bool),
        (json!("201802"), ParamType::YearMonth),
        (json!(["201802", "201803"]), ParamType::YearMonths),
        (json!("201813"), ParamType::Code),
        (json!("VERK"), ParamType::Code),
    ] {
        assert_eq!(ParamType::guess(&value), guess, "{value}");
    }
}
