//! The day plan of an office (J3, J4, J5, J28, J31): its active jobs laid out on a day, what is wrong there, and proposals.
//!
//! [`book`] knows the jobs and lays them out, [`clash`] says what is wrong and whether a change would make it so,
//! [`day`] makes the picture and the proposals, [`what_if`] thinks changes through, [`moving`] carries a proposal out when
//! a person says so. [`blocked`] and [`hours`] keep what days are made of.

mod blocked;
pub(crate) mod book;
pub(crate) mod clash;
mod day;
mod hours;
mod moving;
mod what_if;

use crate::{desk::Engine, jobs::may_set_up};
use book::Book;
use domain::{Rule, Viewer, job::JobId, schedule::Clock};
use store::error::{Error, Result};
use views::{
    OfficeView,
    plan::{DayPlan, FreeTime, NaiveDate, SpreadAsk, Spreading, WhatIf, WhatIfAnswer},
};

impl Engine {
    pub(crate) async fn book(&self, office: &OfficeView) -> Result<Book> {
        let office = office.id;
        self.look(move |w| Book::now(w, office)).await
    }

    /// A day of the office as it is planned; today when none is named.
    pub async fn day_plan(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        day: Option<NaiveDate>,
    ) -> Result<DayPlan> {
        let ask = self.whom_to_ask(viewer, office).await?;
        let mut book = self.book(office).await?;
        if !viewer.role.sets_up_jobs() {
            (book.jobs, book.blocked) = (vec![], vec![]);
        }
        let now = self.now();
        let may_edit = viewer.role.sets_up_jobs();
        reckon(move || DayPlan {
            may_edit,
            ask,
            ..book.day_plan(day.unwrap_or_else(|| book.zone.date(now)), now)
        })
        .await
    }

    /// A free time for a job's run of a day, nearest to a clock time.
    ///
    /// # Errors
    /// [`domain::Refusal::Forbidden`]; [`domain::Refusal::NotFound`] when it does not run then.
    pub async fn free_time(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        day: NaiveDate,
        job: JobId,
        run: Clock,
        around: Clock,
    ) -> Result<FreeTime> {
        may_set_up(viewer)?;
        let book = self.book(office).await?;
        let found = reckon(move || book.free_time(day, job, run, around)).await?;
        found.ok_or_else(|| domain::Refusal::NotFound.into())
    }

    /// The jobs of a kind, put into a window one after the other. Nothing moves.
    ///
    /// # Errors
    /// [`domain::Refusal::Forbidden`], [`domain::Refusal::Invalid`] for a window that ends before it begins.
    pub async fn spread_jobs(
        &self,
        viewer: &Viewer,
        office: &OfficeView,
        ask: SpreadAsk,
    ) -> Result<Spreading> {
        may_set_up(viewer)?;
        if ask.to <= ask.from {
            return Err(domain::Refusal::rule("to", Rule::LaterThanBeginning).into());
        }
        let book = self.book(office).await?;
        reckon(move || {
            let week = book.week(ask.day);
            book.spreading(&week, &ask)
        })
        .await
    }

    /// What a holiday, a downtime or a change of the clocks would do.
    ///
    /// # Errors
    /// [`domain::Refusal::Forbidden`], [`domain::Refusal::Invalid`]; [`domain::Refusal::NotFound`] where the clocks never
    /// change.
    pub async fn what_if(&self, viewer: &Viewer, office: &OfficeView, ask: WhatIf) -> Result<WhatIfAnswer> {
        may_set_up(viewer)?;
        if let WhatIf::Downtime { minutes, .. } = ask
            && !(1..=1440).contains(&minutes)
        {
            return Err(domain::Refusal::rule("minutes", Rule::Between { from: 1, to: 1440 }).into());
        }
        let (book, now) = (self.book(office).await?, self.now());
        let answer = reckon(move || book.what_if(&ask, now)).await?;
        answer.ok_or_else(|| domain::Refusal::NotFound.into())
    }
}

/// What takes long is reckoned beside the threads that answer.
async fn reckon<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(f).await;
    done.map_err(|e| Error::broken(e.to_string()))
}
