//! Planned downtime: when the desk is closed, and to whom (D1–D19).
//!
//! One question, [`verdict`]: who, at which door, in which phase. The gate asks it at each request, the writer before
//! each write, the scheduler before a job starts, a claim before it hands a task out, the mailer before it sends. No
//! state has to flip at the second for the answer to be right.

use crate::{
    language::Language, moment::Moment, people::Role, refusal::FieldError, rule::Rule, task::OfficeId, text,
};
use serde::{Deserialize, Serialize};

/// People are told at least so long before (D2), milliseconds.
pub const LEAD_MS: i64 = 10 * 60_000;
/// The pop-up shows at the earliest so long before (D4), milliseconds.
pub const LAST_DAY_MS: i64 = 24 * 3_600_000;
/// The admins are reminded so long after the expected end (D19), milliseconds.
pub const OVERRUN_MS: i64 = 15 * 60_000;
/// Longest reason, in characters.
pub const MOST_REASON: usize = 1000;

/// Who stands at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// The platform's own team.
    Support,
    /// Runs the office.
    Admin,
    /// Staff who set up jobs.
    Operator,
    /// Staff.
    Employee,
    /// A client of the office.
    Client,
    /// Somebody who applied there.
    Candidate,
    /// A connector.
    Connector,
    /// An integration that runs on (D14).
    ExemptIntegration,
    /// Any other integration.
    OtherIntegration,
    /// Nobody we know.
    Nobody,
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 10] = [
        Self::Support,
        Self::Admin,
        Self::Operator,
        Self::Employee,
        Self::Client,
        Self::Candidate,
        Self::Connector,
        Self::ExemptIntegration,
        Self::OtherIntegration,
        Self::Nobody,
    ];

    /// Never shut out, and the ones who open again (D3, D8).
    pub fn keeps_the_keys(self) -> bool {
        matches!(self, Self::Support | Self::Admin)
    }

    /// A person whom a downtime shuts out.
    pub fn is_shut_out(self) -> bool {
        matches!(
            self,
            Self::Operator | Self::Employee | Self::Client | Self::Candidate
        )
    }
}

impl From<Role> for Who {
    fn from(role: Role) -> Self {
        match role {
            Role::Support => Self::Support,
            Role::Admin => Self::Admin,
            Role::Operator => Self::Operator,
            Role::Employee => Self::Employee,
            Role::Client => Self::Client,
            Role::Candidate => Self::Candidate,
        }
    }
}

/// What they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// A page of the desk.
    Page,
    /// A server function that a page calls.
    Call,
    /// The stream that keeps pages and integrations live.
    Stream,
    /// Signing in and out.
    SignIn,
    /// A form that needs no sign-in (D11).
    PublicForm,
    /// Activating a new account, choosing a new password (D12).
    Activation,
    /// Scripts, styles, the API's description.
    File,
    /// Whether the program lives.
    Health,
    /// The calls of an integration: deliver, task, cancel.
    Delivery,
    /// A connector says hello, enrols or drains.
    Greeting,
    /// A connector asks for tasks.
    Claim,
    /// A connector extends a lease or reports how a task ended.
    Report,
    /// A recurring job starts by its schedule.
    JobStart,
    /// An alert is sent by mail (D13).
    AlertMail,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 14] = [
        Self::Page,
        Self::Call,
        Self::Stream,
        Self::SignIn,
        Self::PublicForm,
        Self::Activation,
        Self::File,
        Self::Health,
        Self::Delivery,
        Self::Greeting,
        Self::Claim,
        Self::Report,
        Self::JobStart,
        Self::AlertMail,
    ];

    /// As figures name it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Call => "call",
            Self::Stream => "stream",
            Self::SignIn => "sign_in",
            Self::PublicForm => "public_form",
            Self::Activation => "activation",
            Self::File => "file",
            Self::Health => "health",
            Self::Delivery => "delivery",
            Self::Greeting => "greeting",
            Self::Claim => "claim",
            Self::Report => "report",
            Self::JobStart => "job_start",
            Self::AlertMail => "alert_mail",
        }
    }
}

/// How far a downtime is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// None is planned.
    #[default]
    None,
    /// It is over: an admin has opened again, or called it off.
    Lifted,
    /// It closes in more than a day.
    Announced,
    /// It closes within a day.
    LastDay,
    /// The moment has come, and nobody has opened again (D10).
    Closed,
}

impl Phase {
    /// Every phase, in the order in which a downtime goes through them.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Announced,
        Self::LastDay,
        Self::Closed,
        Self::Lifted,
    ];

    /// People are warned.
    pub fn is_coming(self) -> bool {
        matches!(self, Self::Announced | Self::LastDay)
    }
}

/// What becomes of whoever stands at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// As always.
    Pass,
    /// As always, and the downtime is on their screen; a claim leaves out what would run into it.
    Warn,
    /// The maintenance page.
    MaintenancePage,
    /// A problem document: `temporarily_out_of_service`. Nothing is queued.
    Problem,
    /// Nothing happens, and nothing is lost: it waits for the end.
    Wait,
}

impl Verdict {
    /// Whoever asks is sent away.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::MaintenancePage | Self::Problem)
    }

    /// What was asked is not done.
    pub fn is_no(self) -> bool {
        matches!(self, Self::MaintenancePage | Self::Problem | Self::Wait)
    }
}

/// The one truth table. Read it from the top: the first line that fits is the answer.
pub fn verdict(who: Who, door: Door, phase: Phase) -> Verdict {
    use {Door as D, Phase as P, Verdict as V};
    match (phase, door) {
        // no downtime, no difference
        (P::None | P::Lifted, _) => V::Pass,
        // what never closes: forms and accounts of those outside (D11, D12), signing in (D6), alerts (D13)
        (_, D::SignIn | D::PublicForm | D::Activation | D::File | D::Health | D::AlertMail) => V::Pass,
        // connectors stay in touch, and finish what they hold
        (_, D::Greeting | D::Report) => V::Pass,
        // a claim is told less and less, then nothing
        (P::Announced | P::LastDay, D::Claim) => V::Warn,
        (P::Closed, D::Claim) => V::Wait,
        // a job that falls due waits for its missed-run policy (J29)
        (P::Closed, D::JobStart) => V::Wait,
        (_, D::JobStart) => V::Pass,
        // integrations: exempt ones run on (D14), the others are told (D15)
        (P::Closed, D::Delivery | D::Stream) if who == Who::OtherIntegration => V::Problem,
        (_, D::Delivery) => V::Pass,
        // people: countdown for all (D5), notice for those with the keys (D9), maintenance for the rest (D6, D7)
        (P::Closed, D::Page) if who.is_shut_out() => V::MaintenancePage,
        (P::Closed, D::Call | D::Stream) if who.is_shut_out() => V::Problem,
        (_, D::Page) if who.is_shut_out() || who.keeps_the_keys() => V::Warn,
        (_, D::Page | D::Call | D::Stream) => V::Pass,
    }
}

/// A downtime as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downtime {
    /// Its number.
    pub id: i64,
    /// Whose; `None` for the whole platform.
    pub office: Option<OfficeId>,
    /// When it was announced, milliseconds since 1970 UTC as all below.
    pub announced_at: i64,
    /// The moment from which it is closed.
    pub closes_at: i64,
    /// When it is expected to end. It does not end by that (D10).
    pub expected_until: Option<i64>,
    /// Why, by language.
    pub reason: Reason,
    /// When it did close: latched, so that a clock that steps back opens nothing.
    pub closed_at: Option<i64>,
    /// When an admin opened again, or called it off.
    pub lifted_at: Option<i64>,
}

impl Downtime {
    /// How far it is.
    pub fn phase(&self, now: i64) -> Phase {
        match self {
            Self {
                lifted_at: Some(_), ..
            } => Phase::Lifted,
            Self {
                closed_at: Some(_), ..
            } => Phase::Closed,
            _ if now >= self.closes_at => Phase::Closed,
            _ if now >= self.closes_at - LAST_DAY_MS => Phase::LastDay,
            _ => Phase::Announced,
        }
    }

    /// It concerns an office.
    pub fn concerns(&self, office: Option<OfficeId>) -> bool {
        self.lifted_at.is_none() && (self.office.is_none() || self.office == office)
    }

    /// It is closed, and should be open by now.
    pub fn is_overrun(&self, now: i64) -> bool {
        self.phase(now) == Phase::Closed && self.expected_until.is_some_and(|t| now >= t + OVERRUN_MS)
    }

    /// Seconds until the expected end, where one is known and still ahead.
    pub fn retry_after(&self, now: i64) -> Option<u32> {
        let left = self.expected_until? - now;
        (left > 0).then(|| u32::try_from((left + 999) / 1000).unwrap_or(u32::MAX))
    }
}

/// Of the downtimes that concern an office the one that counts: the one that is furthest, of two the one that closes
/// first; of two that are closed the one that is expected to last longest.
pub fn of_office(all: &[Downtime], office: Option<OfficeId>, now: i64) -> Option<&Downtime> {
    all.iter().filter(|d| d.concerns(office)).max_by_key(|d| {
        let phase = d.phase(now);
        let until = match phase {
            Phase::Closed => d.expected_until.unwrap_or(i64::MAX),
            _ => -d.closes_at,
        };
        (phase, until)
    })
}

/// Why it is closed, in the languages that it was written in. At least one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason(pub Vec<(Language, String)>);

impl Reason {
    /// In the reader's language; else the office's, else English, else any. With the language that it is in.
    pub fn read(&self, language: Language, office: Language) -> Option<(Language, &str)> {
        let of = |wanted: Language| self.0.iter().find(|(l, t)| *l == wanted && !t.trim().is_empty());
        let any = || self.0.iter().find(|(_, t)| !t.trim().is_empty());
        of(language)
            .or_else(|| of(office))
            .or_else(|| of(Language::En))
            .or_else(any)
            .map(|(l, t)| (*l, t.trim()))
    }

    /// Says what is wrong with it.
    pub fn check(&self, errors: &mut Vec<FieldError>) {
        let written = self.0.iter().filter(|(_, t)| !t.trim().is_empty());
        if written.clone().next().is_none() {
            errors.push(FieldError::of("reason", Rule::Empty));
        }
        for (language, reason) in written {
            // lines may break
            let lines = reason.replace(['\n', '\r'], " ");
            text::check(errors, &format!("reason_{}", language.tag()), &lines, MOST_REASON);
        }
    }

    /// Without languages that nothing is written in.
    #[must_use]
    pub fn tidy(self) -> Self {
        let tidy = self.0.into_iter().map(|(l, t)| (l, t.trim().to_owned()));
        Self(tidy.filter(|(_, t)| !t.is_empty()).collect())
    }
}

/// What a person is shown of a downtime, wherever they are (D4, D5, D9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which.
    pub id: i64,
    /// How far it is.
    pub phase: Phase,
    /// The moment from which it is closed, as it was announced.
    pub closes: Moment,
    /// When it is expected to end.
    pub expected: Option<Moment>,
    /// Why, and in which language.
    pub reason: String,
    /// The language that the reason is in.
    pub reason_language: Language,
    /// It concerns every office.
    pub platform: bool,
    /// The reader is shut out by it.
    pub shuts_out: bool,
    /// The reader may open again.
    pub may_lift: bool,
    /// The reader has been told already (D4).
    pub seen: bool,
    /// It should be over by now (D19).
    pub overrun: bool,
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
}

#[cfg(test)]
mod tests;
