//! Fields bound to what is typed, and broken rules in the reader's words.

use crate::components::say;
use crate::{api::ApiError, i18n::*};
use domain::{FieldError, Language, Rule};
use leptos::prelude::*;

/// A broken rule in the reader's words.
pub fn rule_words(i18n: I18n, broken: &FieldError) -> String {
    rule_in(i18n.language(), broken)
}

/// A broken rule in a language. What has no words of ours is said in English as it came: half a sentence in another
/// language helps nobody.
pub fn rule_in(l: Language, broken: &FieldError) -> String {
    let ours = broken.rule.as_ref().and_then(|rule| words(l, rule));
    ours.unwrap_or_else(|| match l {
        Language::En if !broken.message.is_empty() => broken.message.clone(),
        _ => td_string!(l, sign_in.rule_other).to_owned(),
    })
}

/// The words of a rule; `None` for one that no form of ours breaks.
fn words(l: Language, rule: &Rule) -> Option<String> {
    Some(match rule {
        Rule::Empty | Rule::Missing | Rule::ScheduleNoMinutes => td_string!(l, sign_in.rule_empty).to_owned(),
        Rule::ControlCharacters => td_string!(l, sign_in.rule_control).to_owned(),
        Rule::NoEmail => td_string!(l, sign_in.rule_email).to_owned(),
        Rule::InUse | Rule::TakenInOffice | Rule::TwiceInFile => td_string!(l, sign_in.rule_taken).to_owned(),
        Rule::NotKnown
        | Rule::NotKnownHere
        | Rule::NoPackage
        | Rule::NoTaskKind
        | Rule::NoJobKind
        | Rule::NoSystemKind
        | Rule::NoFieldOfKind
        | Rule::NoCompany
        | Rule::NoDossier
        | Rule::NoDocument => td_string!(l, sign_in.rule_unknown).to_owned(),
        Rule::AtMostCharacters { most } | Rule::AtMostBytes { most } => {
            td_string!(l, sign_in.rule_most, n = most.to_string()).to_string()
        }
        Rule::AtLeastCharacters { least } => {
            td_string!(l, sign_in.rule_least, n = least.to_string()).to_string()
        }
        Rule::AtMost { most }
        | Rule::AtMostAtOnce { most }
        | Rule::AtMostTasks { most }
        | Rule::AtMostJobs { most } => td_string!(l, sign_in.rule_count, n = most.to_string()).to_string(),
        Rule::AtMostFiles { .. } => td_string!(l, requests.rule_files).to_owned(),
        Rule::Between { from, to } | Rule::DossiersBetween { from, to } => range(l, *from, *to),
        Rule::IntervalWithoutEnd => range(l, 1, 1440),
        Rule::LaterThanBeginning => td_string!(l, plan.rule_order).to_owned(),
        Rule::NoCode | Rule::NoCodeOfRequest => td_string!(l, sign_in.rule_code).to_owned(),
        Rule::CodeOf { who } => td_string!(l, sign_in.rule_code_taken, who = who.clone()).to_string(),
        Rule::CodeOfArchived { who } => {
            td_string!(l, dossiers.rule_code_archived, who = who.clone()).to_string()
        }
        Rule::NoOfficeCode => td_string!(l, offices.rule_code).to_owned(),
        Rule::NoZone | Rule::ScheduleZone { .. } => td_string!(l, sign_in.rule_zone).to_owned(),
        Rule::NoOfficeRole => td_string!(l, sign_in.rule_role).to_owned(),
        Rule::NotOfOffice => td_string!(l, sign_in.rule_person).to_owned(),
        Rule::AddressOfAdmin => td_string!(l, first.rule_other).to_owned(),
        Rule::CommonPassword => td_string!(l, password.common).to_owned(),
        Rule::PasswordAboutYou => td_string!(l, password.about).to_owned(),
        Rule::NotYourPassword => td_string!(l, sign_in.rule_old).to_owned(),
        Rule::WrongFactor => td_string!(l, factor.wrong).to_owned(),
        Rule::NoFactor => td_string!(l, factor.shape).to_owned(),
        Rule::FactorOfOtherKey => td_string!(l, factor.other_key).to_owned(),
        Rule::NoMailServer => td_string!(l, mail.rule_host).to_owned(),
        Rule::MailServerInside => td_string!(l, outbox.rule_inner).to_owned(),
        Rule::InTheClear => td_string!(l, mail.rule_clear).to_owned(),
        Rule::PasswordAgain => td_string!(l, outbox.rule_again).to_owned(),
        Rule::AddressOfDesk { addresses } => {
            td_string!(l, outbox.rule_base, at = addresses.clone()).to_string()
        }
        Rule::NotXmlPdfOrImage => td_string!(l, portal.rule_type).to_owned(),
        Rule::NotPdfOrImage => td_string!(l, requests.rule_type).to_owned(),
        Rule::FileTooLarge => td_string!(l, requests.rule_size).to_owned(),
        Rule::ImportTooLarge => td_string!(l, import.rule_large).to_owned(),
        Rule::ImportWithoutDossier => td_string!(l, import.rule_none).to_owned(),
        Rule::ImportWithoutCode => td_string!(l, import.rule_code).to_owned(),
        Rule::ImportWithoutName => td_string!(l, import.rule_name).to_owned(),
        Rule::ImportWithoutPackage => td_string!(l, import.rule_package).to_owned(),
        Rule::ImportTooLong { lines, .. } => {
            td_string!(l, import.rule_lines, n = lines.to_string()).to_string()
        }
        Rule::NoDay => td_string!(l, downtime.rule_day).to_owned(),
        Rule::NoClockTime => td_string!(l, downtime.rule_clock).to_owned(),
        Rule::TooFar => td_string!(l, downtime.rule_far).to_owned(),
        Rule::ClockSkipped => td_string!(l, downtime.rule_gap).to_owned(),
        Rule::TooSoon { earliest } => td_string!(l, downtime.rule_later, time = earliest.clone()).to_string(),
        Rule::EndsBeforeItCloses => td_string!(l, downtime.rule_end).to_owned(),
        Rule::NotInThirtyDays => td_string!(l, sign_in.rule_days).to_owned(),
        Rule::NotAfterToday | Rule::NotWithinAYear => td_string!(l, procedures.bad_date).to_owned(),
        Rule::NoPackageKey => td_string!(l, sign_in.rule_package).to_owned(),
        Rule::Unserved => td_string!(l, dossiers.rule_unserved).to_owned(),
        Rule::Archived => td_string!(l, dossiers.rule_archived).to_owned(),
        Rule::OpenTasks { open } => td_string!(l, dossiers.rule_open, n = open.to_string()).to_string(),
        Rule::PackagesFull { most } | Rule::DossiersFull { most } => {
            td_string!(l, sign_in.rule_full, n = most.to_string()).to_string()
        }
        Rule::NotSnakeCase | Rule::CodeNotSnakeCase => td_string!(l, sign_in.rule_snake).to_owned(),
        Rule::NoInstructedKind => td_string!(l, instructions.why_kind).to_owned(),
        Rule::KindIsFixed => td_string!(l, sign_in.rule_fixed).to_owned(),
        Rule::PathMissing => td_string!(l, jobs.r_path_missing).to_owned(),
        Rule::PathLeadsOut => td_string!(l, jobs.r_path).to_owned(),
        Rule::NoFileName | Rule::FileLeadsOut => td_string!(l, jobs.r_file).to_owned(),
        Rule::FileOfOtherOutput => td_string!(l, jobs.r_file_same).to_owned(),
        Rule::UnknownField { name } => td_string!(l, jobs.r_field, name = format!("{{{name}}}")).to_string(),
        Rule::BraceNotOpened | Rule::BraceNotClosed => td_string!(l, jobs.r_brace).to_owned(),
        Rule::NoConnector | Rule::RunsNoJobs => td_string!(l, jobs.r_server).to_owned(),
        Rule::WaitsForItself => td_string!(l, jobs.r_after_self).to_owned(),
        Rule::NoJob => td_string!(l, jobs.r_after).to_owned(),
        Rule::OneCompany => td_string!(l, jobs.r_one_company).to_owned(),
        Rule::CompaniesBetween { .. } => td_string!(l, jobs.r_some_companies).to_owned(),
        Rule::NoSuchCompany { code } => td_string!(l, jobs.r_no_company, code = code.clone()).to_string(),
        Rule::Twice { what } | Rule::ScheduleTwice { what } => {
            td_string!(l, jobs.r_twice, what = what.clone()).to_string()
        }
        Rule::NothingToRelease => td_string!(l, procedures.release_none).to_owned(),
        Rule::EmailMissing => td_string!(l, jobs.w_email_missing).to_owned(),
        Rule::EmailDiscouraged => td_string!(l, jobs.w_email_discouraged).to_owned(),
        Rule::RunAsPerson => td_string!(l, jobs.w_run_as_person).to_owned(),
        Rule::ScheduleNoWeekday => td_string!(l, jobs.r_day).to_owned(),
        Rule::ScheduleNoTime | Rule::ScheduleNoTimes | Rule::ScheduleNoFirst | Rule::ScheduleNoLast => {
            td_string!(l, jobs.r_time).to_owned()
        }
        Rule::ScheduleNoMonthDay | Rule::ScheduleMonthDay { .. } => {
            td_string!(l, jobs.r_month_day).to_owned()
        }
        Rule::ScheduleEndsFirst => td_string!(l, jobs.r_ends).to_owned(),
        Rule::SchedulePostponedBeyond | Rule::ScheduleNever => td_string!(l, jobs.r_never).to_owned(),
        Rule::ScheduleNumber { from, to, .. } => {
            td_string!(l, jobs.r_range, from = from.to_string(), to = to.to_string()).to_string()
        }
        Rule::ScheduleWeeksWithoutStart => td_string!(l, jobs.r_weeks_start).to_owned(),
        Rule::ScheduleNoCalendar { .. } => td_string!(l, jobs.r_calendar).to_owned(),
        Rule::NoObject
        | Rule::NotUtf8
        | Rule::OneAtATime
        | Rule::TooLongToLookFor
        | Rule::HoldsTasks { .. }
        | Rule::HoldsReports { .. }
        | Rule::HoldsLeases { .. }
        | Rule::HoldsKeys { .. }
        | Rule::AddressOfOther
        | Rule::DateBesideDays
        | Rule::OtherPackage { .. }
        | Rule::NoEarlierTask
        | Rule::PackageNumbersFull
        | Rule::ForTheDesk
        | Rule::ReportedTooOften
        | Rule::ParamNames
        | Rule::GroupNames
        | Rule::NotEditable
        | Rule::WayWithoutStep
        | Rule::NoListOfCompanies
        | Rule::OutputsInOrder { .. }
        | Rule::OneOf { .. }
        | Rule::CompaniesOfList
        | Rule::NoJobOf { .. }
        | Rule::NoJobNamed
        | Rule::PutOffAlready { .. }
        | Rule::NoFileOfJobs
        | Rule::FileOfOtherVersion { .. }
        | Rule::OtherSystem
        | Rule::AfterNowhere { .. }
        | Rule::ScheduleTooMany { .. }
        | Rule::ScheduleTimesAndGrid
        | Rule::ScheduleOutOfReckoning => return None,
    })
}

fn range(l: Language, from: i64, to: i64) -> String {
    td_string!(
        l,
        sign_in.rule_range,
        from = from.to_string(),
        to = to.to_string()
    )
    .to_string()
}

/// What is wrong with one field, of what the server refused.
pub fn wrong_with(
    i18n: I18n,
    refused: impl Fn() -> Option<ApiError> + Send + Sync + 'static,
    field: &'static str,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        let e = refused()?;
        let found = e.0.errors.into_iter().find(|f| f.field == field)?;
        Some(rule_words(i18n, &found))
    })
}

/// A labelled input whose value is a signal, with a hint or an error below it.
#[component]
pub fn Typed(
    /// Id on the page.
    id: &'static str,
    /// What to type.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// `text`, `email`, `number` or `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// For the browser's helper.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A rule to know beforehand.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// What is wrong with what was typed.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Id of a list of values to choose from.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let note = format!("{id}-note");
    let described = note.clone();
    let initial = value.get_untracked();
    view! {
        <div class="line-field">
            <label for=id>{label}</label>
            <span class="field">
                <input
                    id=id
                    type=kind
                    autocomplete=autocomplete
                    list=list
                    dir="auto"
                    value=initial
                    prop:value=value
                    on:input=move |ev| value.set(event_target_value(&ev))
                    aria-describedby=described
                    aria-invalid=say(move || error.get().is_some().to_string())
                />
            </span>
            <small id=note class:error=move || error.get().is_some()>{say(move || error.get().unwrap_or_else(|| hint.get()))}</small>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{jobs::desk::verb_in, refusals::not_now_in};
    use domain::NotNow;
    use std::{fs, path::Path};

    /// In each language something is said, and no other language is left in English.
    fn is_said(what: &str, say: impl Fn(Language) -> String) {
        let english = say(Language::En);
        for l in Language::ALL {
            let said = say(l);
            assert!(!said.trim().is_empty(), "{what} in {l:?}");
            assert!(l == Language::En || said != english, "{what} in {l:?}: {said}");
        }
    }

    #[test]
    fn each_rule_and_reason_is_said_in_five_languages() {
        for rule in Rule::each() {
            let broken = FieldError::of("field", rule);
            is_said(&broken.message, |l| rule_in(l, &broken));
        }
        for reason in NotNow::each() {
            let words = reason.to_string();
            is_said(&words, |l| not_now_in(l, Some(&reason), &words));
            is_said(&words, |l| verb_in(l, &reason));
        }
        let foreign = FieldError::said("line 3", "expected `,` or `}`");
        is_said("what a parser says", |l| rule_in(l, &foreign));
    }

    #[test]
    fn values_stand_in_the_words() {
        let said = |rule| rule_in(Language::En, &FieldError::of("field", rule));
        assert_eq!(
            said(Rule::Between { from: 1, to: 240 }),
            "A number from 1 to 240."
        );
        assert_eq!(
            said(Rule::AtMostCharacters { most: 64 }),
            "At most 64 characters."
        );
        let name = "colour".to_owned();
        assert_eq!(said(Rule::UnknownField { name }), "There is no field {colour}.");
    }

    /// Every literal of several words in a source, with what stands before and after it.
    fn sentences(source: &str) -> Vec<(&str, &str, &str)> {
        let quotes: Vec<usize> = source.match_indices('"').map(|(i, _)| i).collect();
        let pairs = quotes.windows(2);
        pairs
            .map(|q| (&source[..q[0]], &source[q[0] + 1..q[1]], &source[q[1] + 1..]))
            .filter(|(_, text, _)| !text.contains('\n'))
            .filter(|(_, text, _)| text.split(' ').filter(|w| w.len() > 1).count() > 1)
            .map(|(before, text, after)| (before.trim_end(), text, after.trim_start()))
            .collect()
    }

    fn compared(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("a source").path();
            if path.is_dir() {
                compared(&path, found);
                continue;
            }
            let source = fs::read_to_string(&path).expect("a source");
            let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            for (before, text, after) in sentences(source) {
                let read = [
                    "==",
                    "!=",
                    "with(",
                    "_prefix(",
                    "_suffix(",
                    "contains(",
                    ".split_once(",
                ];
                let is_arm = after.starts_with("=>") || (after.starts_with('|') && !after.starts_with("||"));
                if is_arm || read.iter().any(|r| before.ends_with(r)) {
                    found.push(format!("{}: {text}", path.display()));
                }
            }
        }
    }

    #[test]
    fn no_page_reads_english() {
        let mut found = vec![];
        compared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        // serde's own words, from which a missing field is known
        found.retain(|f| !f.contains("missing field `"));
        assert!(found.is_empty(), "{found:#?}");
    }
}
