//! What a refusal can mean, as types. Their English is the API's text; pages put them in the reader's words.
//!
//! A reason travels to a page as a list, its name before its values: one small reader for all of them.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! reasons {
    ($(#[$about:meta])* $reason:ident {
        $($name:ident $({ $($value:ident: $kind:ty),+ })? => $english:literal,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(into = "Vec<String>", try_from = "Vec<String>")]
        pub enum $reason {
            $(#[doc = $english] $name $({ $(#[doc = "In its place."] $value: $kind),+ })?,)+
        }

        impl $reason {
            /// One of each, for tests that ask about every one.
            pub fn each() -> Vec<Self> {
                vec![$(Self::$name $({ $($value: sample()),+ })?),+]
            }
        }

        impl fmt::Display for $reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // a page has its own words: the API's stay out of its program
                if cfg!(target_arch = "wasm32") {
                    return Ok(());
                }
                match self {
                    $(Self::$name $({ $($value),+ })? => write!(f, $english),)+
                }
            }
        }

        impl From<$reason> for Vec<String> {
            fn from(reason: $reason) -> Self {
                match reason {
                    $($reason::$name $({ $($value),+ })? => {
                        vec![stringify!($name).to_owned() $(, $($value.to_string()),+)?]
                    })+
                }
            }
        }

        impl TryFrom<Vec<String>> for $reason {
            type Error = Unread;

            fn try_from(words: Vec<String>) -> Result<Self, Unread> {
                let mut words = words.into_iter();
                let name = words.next().ok_or(Unread)?;
                $(if name == stringify!($name) {
                    return Ok(Self::$name $({ $($value: read(words.next())?),+ })?);
                })+
                Err(Unread)
            }
        }
    };
}

/// A reason of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reason of another version")
    }
}

fn read<T: FromStr>(word: Option<String>) -> Result<T, Unread> {
    word.and_then(|w| w.parse().ok()).ok_or(Unread)
}

fn sample<T: FromStr + Default>() -> T {
    "7".parse().unwrap_or_default()
}

reasons! {
    /// A rule that a field breaks.
    Rule {
        Empty => "must not be empty",
        Missing => "is missing",
        NotKnownHere => "is not known here",
        NotKnown => "is not known",
        NoObject => "must be an object",
        ControlCharacters => "must not contain control characters",
        NotUtf8 => "must be text in UTF-8",
        OneAtATime => "must be one at a time",
        TooLongToLookFor => "is longer than can be looked for",
        AtMostCharacters { most: i64 } => "must have at most {most} characters",
        AtLeastCharacters { least: i64 } => "must have at least {least} characters",
        AtMostBytes { most: i64 } => "must have at most {most} bytes",
        AtMost { most: i64 } => "must be at most {most}",
        AtMostAtOnce { most: i64 } => "must be at most {most} at once",
        AtMostTasks { most: i64 } => "must be at most {most} tasks",
        AtMostJobs { most: i64 } => "must be at most {most} jobs",
        AtMostFiles { most: i64 } => "must be at most {most} files",
        Between { from: i64, to: i64 } => "must be {from} to {to}",
        DossiersBetween { from: i64, to: i64 } => "must be {from} to {to} dossiers",
        HoldsTasks { from: i64, to: i64 } => "must hold {from} to {to} tasks",
        HoldsReports { from: i64, to: i64 } => "must hold {from} to {to} reports",
        HoldsLeases { most: i64 } => "must hold at most {most} leases",
        HoldsKeys { most: i64 } => "must hold at most {most} keys in lower snake case",
        LaterThanBeginning => "must be later than the beginning",
        NoEmail => "must be an e-mail address",
        InUse => "is already in use",
        TakenInOffice => "is taken in this office",
        NoCode => "must be a code of 1 to 32 letters, digits, '-', '_' or '.'",
        NoCodeOfRequest => "must be a code of 1 to 32 letters, digits, -, _ or .",
        CodeOf { who: String } => "is already the code of {who}",
        CodeOfArchived { who: String } => "is the code of {who}, which is archived",
        NoOfficeCode => "must be 1 to 32 lower-case letters, digits or hyphens",
        NoZone => "must be a time zone such as Europe/Brussels",
        NoOfficeRole => "must be a role of the office",
        NotOfOffice => "must be somebody who works in this office",
        AddressOfAdmin => "must be another address than the admin's",
        AddressOfOther => "is the address of somebody who is not Support",
        CommonPassword => "is one of the passwords that are tried first",
        PasswordAboutYou => "must not be made of your name, your address or your office",
        NotYourPassword => "is not your password",
        WrongFactor => "is not right, or was used already",
        NoFactor => "must be the six digits of your app, or a recovery code",
        FactorOfOtherKey => "cannot be checked: the desk's key is another",
        NoMailServer => "must be the name of a mail server, such as smtp.example.com",
        MailServerInside => "must be a mail server of the internet, not one of the network inside",
        InTheClear => "must not be none with a password: it would be sent in the clear",
        PasswordAgain => "must be given again for another server, port, security or user name",
        AddressOfDesk { addresses: String } => "must be an address of this desk: {addresses}",
        NotXmlPdfOrImage => "must be XML, PDF, PNG or JPEG",
        NotPdfOrImage => "must be PDF, PNG or JPEG",
        FileTooLarge => "must be smaller than 10 MB",
        ImportTooLarge => "must be smaller than 10 MiB",
        ImportWithoutDossier => "must hold at least one dossier",
        ImportWithoutCode => "must have a column code",
        ImportWithoutName => "must have a column name",
        ImportWithoutPackage => "must have a column package",
        ImportTooLong { most: i64, lines: i64 } => "must have at most {most} lines, not {lines}",
        NoDay => "must be a day such as 2026-11-20",
        NoClockTime => "must be a clock time such as 12:00",
        TooFar => "must be a day before the year 2100",
        ClockSkipped => "does not exist that night: the clocks are put forward",
        TooSoon { earliest: String } => "must be {earliest} or later",
        EndsBeforeItCloses => "must be later than the moment it closes",
        NotInThirtyDays => "must be in the next 30 days",
        NotAfterToday => "must be later than today",
        NotWithinAYear => "must be within a year",
        DateBesideDays => "must be missing when there are days of the week",
        IntervalWithoutEnd => "must be 1 to 1440 with an end, or empty without one",
        NoTaskKind => "is not a kind of task that this desk knows",
        NoPackageKey => "must be the key of a package, such as hledger",
        NoPackage => "is no package that this desk or a connector of this office knows",
        OtherPackage { package: String } => "is not the package of this dossier, which is {package}",
        Unserved => "is served by no connector of this office",
        Archived => "is archived in this office; restore it first",
        NoDossier => "is not a dossier of this office; activate it first",
        OpenTasks { open: i64 } => "has {open} open tasks; finish or cancel them first",
        NoEarlierTask => "must name an earlier task of the same dossier",
        NoDocument => "is not a document of this office; bring it first",
        PackagesFull { most: i64 } => "is one package more than the {most} of its own that an office may have",
        DossiersFull { most: i64 } => "is one dossier more than the {most} that an office may have",
        PackageNumbersFull => "is one more than this desk has numbers for",
        NotSnakeCase => "must be 1 to 64 characters in lower snake case",
        CodeNotSnakeCase => "must be lower snake case, 1 to 64 characters",
        ForTheDesk => "is for the desk alone to say",
        ReportedTooOften => "is reported too often in one call",
        NoInstructedKind => "must name one or more kinds of task",
        ParamNames => "must have names in lower snake case, each once",
        GroupNames => "must name parameters of the instruction",
        NotEditable => "can only be dossier_code or confirm",
        WayWithoutStep => "must each have a step",
        NoJobKind => "is not a kind of job that this desk knows",
        KindIsFixed => "cannot change; set up a new job instead",
        NoListOfCompanies => "keeps no list of companies",
        NoFieldOfKind => "is not a field of this kind",
        OutputsInOrder { outputs: String } => "must be, in this order: {outputs}",
        OneOf { known: String } => "must be one of {known}",
        PathMissing => "must be set up first: the server path is missing",
        PathLeadsOut => "must be a folder on the server, such as REGNSKAP, that does not lead out of it",
        NoFileName => "must be a file name",
        FileLeadsOut => "must be a file name that does not lead out of its folder",
        FileOfOtherOutput => "must differ from the file of another output",
        UnknownField { name: String } => "names the unknown field {{{name}}}",
        BraceNotOpened => "has a }} without its {{",
        BraceNotClosed => "has a {{ without its }}",
        NoConnector => "is not a connector of this office",
        RunsNoJobs => "does not run jobs",
        WaitsForItself => "would make the job wait for itself",
        NoJob => "is not a job of this office",
        OneCompany => "must name one company",
        CompaniesBetween { from: i64, to: i64 } => "must name {from} to {to} companies",
        CompaniesOfList => "must be empty: the module rules list them",
        NoCompany => "is not a company of this office",
        NoSuchCompany { code: String } => "{code} is not a company of this office",
        NoSystemKind => "is not a collection system that this desk knows",
        Twice { what: String } => "{what} stands twice",
        TwiceInFile => "stands twice in the file",
        NoJobOf { job: i64 } => "{job} is not a job of this office",
        NoJobNamed => "must name at least one job",
        PutOffAlready { job: i64 } => "{job} is put off already: undo that first",
        NothingToRelease => "have no job that is to be set up again",
        NoFileOfJobs => "is not a file of jobs",
        FileOfOtherVersion { version: i64, reads: i64 } => "is of version {version}; this desk reads version {reads}",
        OtherSystem => "is another one here; delete the job here first",
        AfterNowhere { job: i64 } => "is job {job}, which is neither in the file nor here",
        EmailMissing => "email_missing",
        EmailDiscouraged => "email_discouraged",
        RunAsPerson => "run_as_person",
        ScheduleZone { zone: String } => "{zone:?} is not a zone of the IANA list, such as Europe/Oslo.",
        ScheduleTwice { what: String } => "{what} stands twice.",
        ScheduleTooMany { number: i64 } => "{number} are too many.",
        ScheduleNoWeekday => "Name at least one day, mon to sun.",
        ScheduleNoTime => "Name at least one clock time.",
        ScheduleNoMonthDay => "Name at least one day of the month.",
        ScheduleMonthDay { day: i64 } => "A day from 1 to 31, or from the end of the month: -1 is the last. Not {day}.",
        ScheduleTimesAndGrid => "Give either clock times (at) or a grid (every), not both.",
        ScheduleNoTimes => "Give clock times (at) or a grid of minutes (every).",
        ScheduleOutOfReckoning => "A day from 1970-01-01 to 9998-12-31.",
        ScheduleEndsFirst => "The last day is before the first.",
        SchedulePostponedBeyond => "Postponed beyond its last day (ends_on), it never runs.",
        ScheduleNumber { from: i64, to: i64, not: i64 } => "A number from {from} to {to}, not {not}.",
        ScheduleWeeksWithoutStart => "Needs starts_on: the week from which it counts.",
        ScheduleNoCalendar { calendar: String, known: String } => "There is no calendar {calendar:?} (any more). Known are {known}.",
        ScheduleNever => "It never runs: no day fits days, month_days and weeks between starts_on and ends_on.",
        ScheduleNoMinutes => "Missing: the minutes from one run to the next.",
        ScheduleNoFirst => "Missing: when the first run of the day is.",
        ScheduleNoLast => "Missing: when the last run of the day may start.",
    }
}

reasons! {
    /// What the state of something does not allow.
    NotNow {
        RunNotOver => "A run of this job is not over yet. Wait until it is.",
        RunJustStarted => "A run of this job was started just now.",
        JobOnAlready => "This job is switched on already.",
        JobHeldAlready => "This job is on hold already.",
        JobNotOn => "This job is not switched on.",
        JobQueuedAlready => "This job is in the queue already.",
        JobOff => "Switch this job on first.",
        CompanyBusy { job: i64 } => "Job {job} works for a company of this job just now. Wait until it is over, or say why you do not.",
        Followers { jobs: String } => "Jobs that run after this one must be changed first: {jobs}.",
        TwinActive { job: i64 } => "Job {job} takes the place of this one and is active.",
        NoCompany => "This job has no company: the module rules list none for its kind.",
        RunAnswered => "Somebody has answered for this run already.",
        JobChanged => "Somebody else has changed this job since you opened it.",
        WindowChanged => "Somebody else has changed this window since you opened it.",
        HoursChanged => "Somebody else has changed the working hours since you opened them.",
        CalendarChanged => "Somebody else has changed this calendar since you opened it.",
        SystemChanged => "Somebody else has changed this system since you opened it.",
        DowntimeChanged => "Somebody else has changed this downtime since you opened it.",
        SettingsChanged => "Somebody else has changed these settings since you opened them.",
        CalendarUsed { jobs: String } => "Jobs use this calendar: {jobs}. Change them first.",
        TimeFixed { job: i64 } => "The time of job {job} is fixed.",
        NotAtThatTime { job: i64, time: String } => "Job {job} does not run at {time} any more.",
        WindowsAlready => "This office has blocked windows already.",
        SystemNotActive => "The collection system must be active and marked for direct communication first: it is not active.",
        SystemNotDirect => "The collection system must be active and marked for direct communication first: direct communication is off.",
        RivalActive { name: String } => "{name} is active too. Only one of the two may be enabled to import payments. Switch one of them off first.",
        DowntimeLifted => "Somebody else has opened it again already.",
        DowntimePlanned => "A downtime is planned already. Change that one.",
        DocumentsFull { gib: i64 } => "The documents of this office fill their {gib} GiB.",
        AccessEnded => "Their access has ended.",
        LastAdmin => "An office keeps at least one admin. Make somebody else an admin first.",
        NotHeld => "Nobody holds this connector back.",
        RequestDecided => "Somebody else has decided already.",
        MailNotSetUp => "Save the settings first.",
        FormSent => "This form has been sent already.",
        NotToActivate => "It is activated, archived, or its activation waits to be restarted.",
        TaskIs { state: String } => "The task is {state}.",
        TaskIsAlready { state: String } => "The task is already {state}.",
        TaskCannot { state: String, done: String } => "The task is {state} and cannot be {done}.",
        KeyUsed { task: i64 } => "tasks[{task}].idempotency_key was used for another task.",
        NothingToConfirm => "There is nothing to confirm at this task.",
        NotRestarted => "A connector has it already, or it was not restarted.",
        NoStoppedActivation => "Only a stopped activation can have its dossier code corrected.",
        InstructionWritten { version: i64 } => "Somebody wrote version {version} meanwhile.",
        StartedAgain => "Another start of this connector has said hello since.",
        ProcedureOver => "This procedure is over.",
        TwinGone => "The new job is gone. Undo this step.",
        NoSuchSteps => "A postponement has no such steps.",
        PostingOk => "The posting status of this company is OK already.",
        BeingPosted { job: i64, company: String } => "Job {job} is being posted for company {company}, which takes long. Leave the posting status alone until it is over.",
        NothingToDo => "There is nothing to do any more.",
        TasksChanged => "The tasks have changed meanwhile. Count them again.",
        OverAlready => "It is over already.",
        CauseTaken => "You are on it already.",
        CauseSolved => "It is solved already.",
        CauseWithoutTask => "No task of this cause is open.",
        NoCodeAsked => "No code is asked for here.",
        FactorAlready => "There is a second factor already.",
        NoFactor => "There is no second factor.",
        TheyHaveNoFactor => "They have no second factor.",
        NothingToActivate => "There is nothing to activate.",
    }
}

reasons! {
    /// What somebody may not do.
    NotAllowed {
        ForConnectors => "This call is for connectors.",
        ForIntegrations => "This call is for integrations.",
        FromElsewhere => "This request came from another site.",
        RunningTheOffice => "Only those who run the office may do this.",
        EveryDossier => "Only those who see every dossier may do this.",
        SupportOnly => "Only Support may do this.",
        ClosingThePlatform => "Only Support may close the whole platform.",
        ClosedPlatform => "Only Support may change what closes the whole platform.",
        SettingUpJobs => "Setting up jobs needs a right. Ask those who run the office for it.",
        FleetFromStaff => "The fleet is not shown to staff.",
        AlertsFromStaff => "Alerts are not shown to staff.",
        ThisList => "You may not see this list.",
        ClientsOnly => "Only clients hand in documents.",
        OutsideOnly => "This is for people outside the office.",
        OwnRights => "Nobody changes their own rights. Another admin can.",
        OwnRightsOfSupport => "Nobody changes their own rights. Another of Support can.",
        OwnFactor => "Nobody takes their own second factor off here. Your profile does, with password and code.",
        SupportRestarts => "Support restarts this task. You do not need a ticket.",
        SupportPutsBack => "Support restarted this task. Only Support puts it back.",
        SupportHandsOver => "Support hands tasks to the office.",
        ActivationsOnly => "Staff can cancel activations only.",
        PersonLeft => "The person has left.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_arrives_as_it_left() {
        for rule in Rule::each() {
            assert_eq!(Rule::try_from(Vec::from(rule.clone())), Ok(rule));
        }
        for reason in NotNow::each() {
            assert_eq!(NotNow::try_from(Vec::from(reason.clone())), Ok(reason));
        }
        for reason in NotAllowed::each() {
            assert_eq!(NotAllowed::try_from(Vec::from(reason.clone())), Ok(reason));
        }
        let left = Rule::Between { from: 1, to: 1440 };
        assert_eq!(left.to_string(), "must be 1 to 1440");
        assert_eq!(serde_json::to_string(&left).unwrap(), r#"["Between","1","1440"]"#);
        assert_eq!(Rule::try_from(vec!["OfTomorrow".to_owned()]), Err(Unread));
        assert_eq!(Rule::BraceNotClosed.to_string(), "has a { without its }");
    }
}
