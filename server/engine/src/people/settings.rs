//! Settings of an office. A change takes effect at once.

use crate::{desk::Engine, people::offices::zones};
use chrono_tz::Tz;
use domain::{FieldError, Language, NotNow, OfficeId, Refusal, Rule, Viewer, text};
use std::ops::RangeInclusive;
use store::{
    error::Result,
    office::{self, OfficeRow},
};
use views::settings::{Settings, SettingsPage};

impl Engine {
    /// An office's settings, and the zones to choose from.
    pub async fn settings(&self, office: OfficeId) -> Result<SettingsPage> {
        let settings = self
            .known()
            .offices
            .get(&office)
            .map(settings)
            .ok_or(Refusal::NotFound)?;
        Ok(SettingsPage {
            settings,
            zones: zones(),
        })
    }

    /// Sets what differs from what was read (`was`); each difference is a line of the audit log.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming each broken rule, [`Refusal::WrongState`] when somebody else has changed
    /// something since it was read.
    pub async fn save_settings(
        &self,
        by: Viewer,
        office: OfficeId,
        was: Settings,
        new: Settings,
    ) -> Result<()> {
        check(&new)?;
        self.writer
            .run(move |w| {
                let row = w.state.offices.get(&office).ok_or(Refusal::NotFound)?;
                let now = settings(row);
                if now != was {
                    return Err(Refusal::WrongState(NotNow::SettingsChanged).into());
                }
                let row = changed(row, &new);
                office::update(w.db, &row)?;
                for (name, before, after) in now.differences(&settings(&row)) {
                    w.audit(
                        Some(office),
                        by.person,
                        "settings",
                        format!("setting {name}"),
                        (Some(before), Some(after)),
                    )?;
                }
                w.state.put_office(row);
                Ok(())
            })
            .await
    }
}

fn settings(o: &OfficeRow) -> Settings {
    Settings {
        name: o.name.clone(),
        zone: o.zone.clone(),
        language: Language::from_tag(&o.language).unwrap_or_default(),
        support_contact: o.support_contact.clone(),
        poll_from: o.poll_from,
        poll_to: o.poll_to,
        lease_seconds: o.lease_seconds,
        remind_hours: o.remind_hours,
        escalate_hours: o.escalate_hours,
    }
}

fn changed(o: &OfficeRow, s: &Settings) -> OfficeRow {
    OfficeRow {
        id: o.id,
        code: o.code.clone(),
        name: s.name.trim().to_owned(),
        zone: s.zone.trim().to_owned(),
        language: s.language.tag().to_owned(),
        support_contact: s.support_contact.trim().to_owned(),
        poll_from: s.poll_from,
        poll_to: s.poll_to,
        lease_seconds: s.lease_seconds,
        remind_hours: s.remind_hours,
        escalate_hours: s.escalate_hours,
        hours_from: o.hours_from,
        hours_to: o.hours_to,
    }
}

fn check(s: &Settings) -> Result<()> {
    let mut errors = vec![];
    text::check(&mut errors, "name", &s.name, 200);
    text::check(&mut errors, "support_contact", &s.support_contact, 200);
    if s.zone.trim().parse::<Tz>().is_err() {
        errors.push(FieldError::of("zone", Rule::NoZone));
    }
    let mut within = |field: &str, value: u32, range: RangeInclusive<u32>| {
        if !range.contains(&value) {
            let (from, to) = ((*range.start()).into(), (*range.end()).into());
            errors.push(FieldError::of(field, Rule::Between { from, to }));
        }
    };
    within("poll_from", s.poll_from, 1..=3600);
    within("poll_to", s.poll_to, s.poll_from.clamp(1, 3600)..=3600);
    // a shorter lease is lost to one slow answer of the package
    within("lease_seconds", s.lease_seconds, 10..=3600);
    within("remind_hours", s.remind_hours, 1..=720);
    within(
        "escalate_hours",
        s.escalate_hours,
        s.remind_hours.clamp(1, 720)..=720,
    );
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(errors).into())
    }
}
