//! The day plan: what is refused, what is proposed, and that nothing moves by itself (J3, J4, J5, J17, J24, J28, J31).

use crate::desk;

use chrono::NaiveDate;
use desk::{desk, look, person, refused};
use domain::{
    OfficeId, Refusal, Role, Viewer,
    calendar::{Calendar, Country},
    job::{JobForm, JobId},
    planner::Rule,
    schedule::{Clock, Schedule, Weekday},
};
use engine::testing::TestDesk;
use serde_json::json;
use std::collections::BTreeMap;
use views::{
    OfficeView,
    plan::{BlockedForm, DayPlan, Fate, Fix, Move, Moved, Other, SpreadAsk, Trouble, WhatIf, read_day},
};

/// A Monday.
const DAY: &str = "2027-01-11";

fn day(text: &str) -> NaiveDate {
    read_day(text).unwrap()
}

fn clock(text: &str) -> Clock {
    Clock::read(text).unwrap()
}

struct Plan {
    desk: TestDesk,
    by: Viewer,
    office: OfficeView,
    _dir: tempfile::TempDir,
}

impl Plan {
    /// Sunday evening before [`DAY`], in Norway.
    async fn open() -> Self {
        let (dir, desk) = desk().await.unwrap();
        for code in ["1", "2", "3", "4", "5", "6", "7", "8", "75", "80", "90", "95"] {
            let name = format!("Company {code}");
            desk.engine
                .add_dossier(desk.office, code, &name, "adsolut")
                .await
                .unwrap();
        }
        let db = look(&desk.engine);
        db.execute("UPDATE office SET zone = 'Europe/Oslo'", []).unwrap();
        drop(db);
        let desk = desk::reopen(&dir, desk).await.unwrap();
        let sunday = chrono::DateTime::parse_from_rfc3339("2027-01-10T20:00:00+01:00").unwrap();
        desk.clock.jump(sunday.timestamp_millis() - desk.engine.now());
        let by = person(Role::Operator, desk.office);
        let office = desk.engine.office(&by, "gent").await.unwrap();
        assert_eq!(office.zone, "Europe/Oslo");
        Self {
            desk,
            by,
            office,
            _dir: dir,
        }
    }

    fn id(&self) -> OfficeId {
        self.desk.office
    }

    async fn add(&self, form: JobForm, despite: Option<&str>) -> engine::Result<JobId> {
        let despite = despite.map(ToOwned::to_owned);
        self.desk
            .engine
            .new_job(&self.by, self.id(), form, despite, true)
            .await
    }

    async fn day(&self, date: &str) -> DayPlan {
        self.desk
            .engine
            .day_plan(&self.by, &self.office, Some(day(date)))
            .await
            .unwrap()
    }

    async fn block(&self, from: &str, minutes: u32, reason: &str) {
        let form = BlockedForm {
            reason: reason.into(),
            owner: "IT".into(),
            days: Weekday::ALL.to_vec(),
            date: None,
            from: clock(from),
            minutes,
        };
        self.desk
            .engine
            .save_blocked(&self.by, self.id(), None, form)
            .await
            .unwrap();
    }

    async fn make(&self, moves: Vec<Move>, despite: Option<&str>) -> engine::Result<Moved> {
        let despite = despite.map(ToOwned::to_owned);
        self.desk
            .engine
            .move_jobs(&self.by, self.id(), moves, despite)
            .await
    }

    fn times(&self, job: JobId) -> Vec<String> {
        let body: String = look(&self.desk.engine)
            .query_row("SELECT body FROM job WHERE id = ?1", [job], |r| r.get(0))
            .unwrap();
        let form: JobForm = serde_json::from_str(&body).unwrap();
        let every = form
            .schedule
            .every
            .into_iter()
            .flat_map(|e| [e.from, e.to])
            .flatten();
        let at = form.schedule.at.into_iter().flatten();
        at.chain(every).map(|c| c.to_string()).collect()
    }
}

fn schedule(days: &[&str], times: serde_json::Value) -> Schedule {
    let mut all = json!({"zone": "Europe/Oslo", "days": days});
    for (key, value) in times.as_object().unwrap() {
        all[key] = value.clone();
    }
    Schedule::from_json(&all.to_string()).unwrap()
}

const DAILY: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn nets(company: &str, at: &str, minutes: u32) -> JobForm {
    form(
        "nets_integration",
        &[company],
        schedule(&DAILY, json!({"at": [at]})),
        minutes,
    )
}

fn form(kind: &str, companies: &[&str], schedule: Schedule, minutes: u32) -> JobForm {
    let params = match kind {
        "post_vouchers" => BTreeMap::from([("registered_by".to_owned(), "A - Å".to_owned())]),
        _ => BTreeMap::from([("integration".to_owned(), "Nets".to_owned())]),
    };
    let outputs = if kind == "post_vouchers" {
        serde_json::from_value(
            json!([{"what": "report", "path": "REGNSKAP", "file": "Rapport.txt", "format": "DEFAULT"}]),
        )
        .unwrap()
    } else {
        vec![]
    };
    JobForm {
        kind: kind.into(),
        description: format!("{kind} {}", companies.join(",")),
        companies: companies.iter().map(|c| (*c).to_owned()).collect(),
        server: None,
        run_as: "PROGRAMSERVERBRUKER".into(),
        schedule,
        params,
        outputs,
        estimate_minutes: minutes,
        gap_minutes: None,
        pinned: false,
        after: None,
    }
}

/// J3: a clash is refused naming the other job, the time and a free one, or allowed with a reason that stays in the log.
#[tokio::test]
async fn a_new_job_that_clashes_is_refused_unless_there_is_a_reason() {
    let p = Plan::open().await;
    let first = p.add(nets("1", "06:00", 14), None).await.unwrap();
    let said = match refused(p.add(nets("2", "06:10", 4), None).await) {
        Refusal::Clash { sentence, .. } => sentence,
        other => panic!("{other:?}"),
    };
    // 14 minutes and a third of them as a gap
    assert_eq!(
        said,
        format!(
            "On Mon 11 Jan this job (nets_integration 2) starts at 06:10, while job {first} (nets_integration 1) of 06:00 runs: \
             4 min beside each other. Free time: 06:19. Or give a reason."
        )
    );
    assert_eq!(p.day(DAY).await.jobs.len(), 1, "nothing was written");
    let second = p
        .add(nets("2", "06:10", 4), Some("Nets wants it before 06:15"))
        .await
        .unwrap();
    let why: String = look(&p.desk.engine)
        .query_row(
            "SELECT before FROM audit WHERE what = 'new_job' AND subject = ?1",
            [format!("job {second}")],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(why, "despite: Nets wants it before 06:15");
    p.add(nets("3", "06:19", 4), None).await.expect("it is free");
}

/// J28: a job that runs on Mondays only collides on Mondays only.
#[tokio::test]
async fn days_of_the_week_are_compared() {
    let p = Plan::open().await;
    let on = |company: &str, days: &[&str]| {
        form(
            "nets_integration",
            &[company],
            schedule(days, json!({"at": ["06:00"]})),
            4,
        )
    };
    p.add(on("1", &["mon"]), None).await.unwrap();
    p.add(on("2", &["tue", "wed"]), None).await.unwrap();
    assert_eq!(
        refused(p.add(on("3", &["mon", "fri"]), None).await).code(),
        "clash"
    );
    p.add(on("3", &["thu"]), None).await.unwrap();
    p.add(on("3", &["mon"]), Some("known")).await.unwrap();
    assert_eq!(p.day(DAY).await.problems.len(), 1);
    for other in ["2027-01-12", "2027-01-13", "2027-01-14"] {
        assert_eq!(p.day(other).await.problems, [], "{other}");
    }
}

/// J4: nothing is planned into a blocked window, and an entered clash is shown with the first minute after it.
#[tokio::test]
async fn the_backup_is_kept_free() {
    let p = Plan::open().await;
    let status = |company: &str, at: &str| {
        form(
            "outgoing_invoice_status",
            &[company],
            schedule(&DAILY, json!({"at": [at]})),
            6,
        )
    };
    // what stood there before the window was entered stays, and is flagged
    let job = p.add(status("1", "23:00"), None).await.unwrap();
    p.block("23:00", 45, "Backup").await;
    match refused(p.add(status("2", "23:15"), None).await) {
        Refusal::Clash { sentence, .. } => assert!(
            sentence.contains("touches the blocked window 23:00 to 23:45 (Backup, IT)")
                && sentence.contains("Free time: 23:46."),
            "{sentence}"
        ),
        other => panic!("{other:?}"),
    }
    let plan = p.day(DAY).await;
    let [problem] = &plan.problems[..] else {
        panic!("{:?}", plan.problems)
    };
    assert_eq!((problem.trouble, problem.rule), (Trouble::Certain, Rule::Blocked));
    assert_eq!(problem.run.job, job);
    let Some(Fix::Move { change, .. }) = &problem.fix else {
        panic!("{problem:?}")
    };
    assert_eq!(change.to.to_string(), "23:46");
    let to = change.to;
    assert_eq!(p.times(job), ["23:00"], "looking moves nothing");
    let Moved::Done(undo) = p.make(vec![change.clone()], None).await.unwrap() else {
        panic!("it is free")
    };
    assert_eq!(p.times(job), [to.to_string()]);
    assert_eq!(p.day(DAY).await.problems, []);
    // the way back leads into the window again: it needs its reason
    assert!(matches!(
        p.make(undo.clone(), None).await.unwrap(),
        Moved::Clash(..)
    ));
    assert!(matches!(
        p.make(undo, Some("Undone")).await.unwrap(),
        Moved::Done(_)
    ));
    assert_eq!(p.times(job), ["23:00"]);
    let log: Vec<String> = {
        let db = look(&p.desk.engine);
        let mut q = db
            .prepare("SELECT what FROM audit WHERE subject = ?1 ORDER BY id")
            .unwrap();
        let rows = q.query_map([format!("job {job}")], |r| r.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(log, ["new_job", "job", "job", "despite"]);
}

/// J17, J31: twelve Nets jobs that do not fit into their hour, said plainly, with both ways out; and nothing half done.
#[tokio::test]
async fn twelve_jobs_in_an_hour() {
    let p = Plan::open().await;
    let companies = ["1", "2", "3", "4", "5", "6", "7", "8", "75", "80", "90", "95"];
    let mut jobs = vec![];
    for (i, company) in companies.into_iter().enumerate() {
        let at = format!("06:{:02}", i * 5);
        let minutes = if i == 0 { 14 } else { 3 };
        jobs.push(
            p.add(nets(company, &at, minutes), Some("the old plan"))
                .await
                .unwrap(),
        );
    }
    let plan = p.day(DAY).await;
    let crowd = plan.problems.iter().find(|m| m.jobs > 0).expect("a crowd");
    assert_eq!(crowd.jobs, 12);
    let Some(Fix::Spread { ask, answer }) = &crowd.fix else {
        panic!("{crowd:?}")
    };
    assert_eq!(
        (ask.from.to_string(), ask.to.to_string()),
        ("06:00".into(), "07:00".into())
    );
    // 14 + 5, eleven times 3 and ten gaps of 3: 82 minutes
    assert_eq!(answer.too_long, 22);
    assert_eq!(answer.ends.as_deref(), Some("07:22"));
    assert_eq!((answer.placed.len(), answer.left_out.len()), (8, 4));
    assert_eq!(answer.moves, [], "half a plan is none");
    let later = SpreadAsk {
        to: clock("07:22"),
        ..ask.clone()
    };
    let found = p.desk.engine.spread_jobs(&p.by, &p.office, later).await.unwrap();
    assert_eq!((found.placed.len(), found.left_out.len()), (12, 0));
    let last = found.placed.last().unwrap();
    assert_eq!((last.run.job, last.to.as_deref()), (jobs[11], Some("07:19")));
    assert!(matches!(p.make(found.moves, None).await.unwrap(), Moved::Done(undo) if undo.len() == 11));
    let after = p.day(DAY).await;
    assert_eq!(after.problems, []);
    assert_eq!(p.times(jobs[1]), ["06:19"]);
    assert_eq!(p.times(jobs[0]), ["06:00"]);
}

/// J5: shorter gaps are the other way out; they are written with the jobs.
#[tokio::test]
async fn shorter_gaps_are_a_way_out() {
    let p = Plan::open().await;
    let wide = |company: &str, at: &str| JobForm {
        gap_minutes: Some(6),
        ..nets(company, at, 10)
    };
    let mut jobs = vec![];
    for (company, at) in [("1", "06:00"), ("2", "06:12"), ("3", "06:25"), ("4", "06:38")] {
        jobs.push(p.add(wide(company, at), Some("the old plan")).await.unwrap());
    }
    let ask = SpreadAsk {
        day: day(DAY),
        kind: "nets_integration".into(),
        from: clock("06:00"),
        to: clock("06:50"),
        shorter: 0,
    };
    let first = p
        .desk
        .engine
        .spread_jobs(&p.by, &p.office, ask.clone())
        .await
        .unwrap();
    assert_eq!(
        (first.left_out.len(), first.too_long, first.shorter),
        (1, 8, Some(3))
    );
    let ask = SpreadAsk { shorter: 3, ..ask };
    let found = p.desk.engine.spread_jobs(&p.by, &p.office, ask).await.unwrap();
    assert_eq!(found.left_out, []);
    let Moved::Done(undo) = p.make(found.moves, None).await.unwrap() else {
        panic!("it fits")
    };
    let gap = |plan: &DayPlan| plan.jobs.iter().map(|j| j.gap).collect::<Vec<_>>();
    assert_eq!(gap(&p.day(DAY).await), [3, 3, 3, 3]);
    assert_eq!(p.day(DAY).await.problems, []);
    p.make(undo, Some("Undone")).await.unwrap();
    assert_eq!(gap(&p.day(DAY).await), [6, 6, 6, 6]);
    assert_eq!(p.times(jobs[3]), ["06:38"]);
}

/// J31: posting at 07:30 stands on the half-hourly grid; the single run is the one to move.
#[tokio::test]
async fn posting_at_half_past_seven_meets_the_grid() {
    let p = Plan::open().await;
    let working = ["mon", "tue", "wed", "thu", "fri"];
    let grid = schedule(
        &working,
        json!({"every": {"minutes": 30, "from": "07:00", "to": "16:00"}}),
    );
    let grid = p
        .add(form("post_vouchers", &["1", "2"], grid, 7), None)
        .await
        .unwrap();
    let single = schedule(&working, json!({"at": ["07:30"]}));
    let job = p
        .add(
            form("post_vouchers", &["1", "2"], single, 7),
            Some("as the procedure says"),
        )
        .await
        .unwrap();
    let plan = p.day(DAY).await;
    let [problem] = &plan.problems[..] else {
        panic!("{:?}", plan.problems)
    };
    assert_eq!(
        (problem.rule, problem.trouble, problem.times),
        (Rule::SameTime, Trouble::Certain, 1)
    );
    assert!(matches!(&problem.with, Other::Run(s) if s.job == grid) && problem.run.job == job);
    let Some(Fix::Move { change, .. }) = &problem.fix else {
        panic!("{problem:?}")
    };
    assert_eq!((change.job, change.to.to_string()), (job, "07:40".to_owned()));
    // a grid is shifted whole
    let version = plan.jobs.iter().find(|j| j.id == grid).unwrap().version;
    let shift = Move {
        job: grid,
        version,
        from: clock("07:30"),
        to: clock("07:45"),
        gap: None,
        set_gap: false,
    };
    assert!(matches!(p.make(vec![shift], None).await.unwrap(), Moved::Done(_)));
    assert_eq!(p.times(grid), ["07:15", "16:15"]);
}

/// No plan moves a job whose time is fixed, or one that somebody else has changed.
#[tokio::test]
async fn a_fixed_time_stays_and_the_later_of_two_is_told() {
    let p = Plan::open().await;
    let pinned = JobForm {
        pinned: true,
        ..nets("1", "06:00", 4)
    };
    let fixed = p.add(pinned, None).await.unwrap();
    let free = p.add(nets("2", "06:00", 4), Some("known")).await.unwrap();
    let plan = p.day(DAY).await;
    let Some(Fix::Move { change, .. }) = &plan.problems[0].fix else {
        panic!("{:?}", plan.problems)
    };
    assert_eq!(change.job, free);
    let fixed = Move {
        job: fixed,
        version: 1,
        from: clock("06:00"),
        to: clock("08:00"),
        ..change.clone()
    };
    assert_eq!(
        refused(p.make(vec![change.clone(), fixed], None).await).code(),
        "wrong_state"
    );
    assert_eq!(p.times(free), ["06:00"], "all or none");
    p.make(vec![change.clone()], None).await.unwrap();
    assert_eq!(
        refused(p.make(vec![change.clone()], None).await).code(),
        "wrong_state"
    );
    let staff = person(Role::Employee, p.id());
    let denied = p
        .desk
        .engine
        .move_jobs(&staff, p.id(), vec![change.clone()], None)
        .await;
    assert_eq!(refused(denied).code(), "forbidden");
    let blind = p.desk.engine.day_plan(&staff, &p.office, None).await.unwrap();
    assert!(blind.jobs.is_empty() && !blind.may_edit);
}

/// J28: what a holiday, a downtime and the two nights do.
#[tokio::test]
async fn what_if() {
    let p = Plan::open().await;
    let with = |company: &str, at: &str, action: &str| {
        let s = schedule(
            &["mon", "tue", "wed", "thu", "fri"],
            json!({"at": [at], "holidays": {"calendar": "NO", "action": action}}),
        );
        form("nets_integration", &[company], s, 4)
    };
    let goes = p.add(with("1", "06:00", "skip"), None).await.unwrap();
    let moves = p.add(with("2", "06:10", "next_working_day"), None).await.unwrap();
    let stays = p.add(nets("3", "06:20", 4), None).await.unwrap();
    // one that stands on the day to which the holiday moves the second
    let other = schedule(
        &["tue"],
        json!({"at": ["06:11"], "starts_on": "2027-05-18", "ends_on": "2027-05-18"}),
    );
    p.add(form("nets_integration", &["4"], other, 4), Some("for the test"))
        .await
        .unwrap();
    let ask = |w| p.desk.engine.what_if(&p.by, &p.office, w);
    // 17 May 2027 is a Monday
    let answer = ask(WhatIf::Holiday(day("2027-05-17"))).await.unwrap();
    let fates: BTreeMap<JobId, Fate> = answer.lines.iter().map(|l| (l.run.job, l.fate)).collect();
    assert_eq!(
        fates,
        BTreeMap::from([(goes, Fate::Goes), (moves, Fate::Moves), (stays, Fate::Stays)])
    );
    let line = answer.lines.iter().find(|l| l.run.job == moves).unwrap();
    assert_eq!(line.to.unwrap().rfc3339(), "2027-05-18T06:10:00+02:00");
    let plain = ask(WhatIf::Holiday(day("2027-05-19"))).await.unwrap();
    assert_eq!(
        plain.lines.len(),
        3,
        "a day of the office's own is thought through the same way"
    );

    let answer = ask(WhatIf::Downtime {
        day: day(DAY),
        from: clock("06:05"),
        minutes: 10,
    })
    .await
    .unwrap();
    assert_eq!(
        answer.lines.iter().map(|l| l.run.job).collect::<Vec<_>>(),
        [moves]
    );
    assert_eq!(answer.lines[0].to.unwrap().clock(), "06:27");

    let night = schedule(&DAILY, json!({"at": ["02:30"]}));
    let night = p
        .add(form("nets_integration", &["5"], night, 4), None)
        .await
        .unwrap();
    let grid = schedule(
        &DAILY,
        json!({"every": {"minutes": 60, "from": "00:30", "to": "04:30"}}),
    );
    p.add(form("nets_integration", &["6"], grid, 4), Some("for the test"))
        .await
        .unwrap();
    let spring = ask(WhatIf::Clocks(0)).await.unwrap();
    assert_eq!((spring.day, spring.clocks), (day("2027-03-28"), Some(60)));
    let line = spring.lines.iter().find(|l| l.run.job == night).unwrap();
    assert_eq!((line.run.clock.as_str(), line.fate), ("02:30", Fate::Moves));
    assert_eq!(line.to.unwrap().clock(), "03:00");
    let autumn = ask(WhatIf::Clocks(1)).await.unwrap();
    assert_eq!((autumn.day, autumn.clocks), (day("2027-10-31"), Some(-60)));
    assert!(autumn.lines.iter().any(|l| l.fate == Fate::Adds));
    assert_eq!(p.day("2027-03-28").await.minutes, 1380);
    assert_eq!(p.day("2027-10-31").await.minutes, 1500);
}

/// J4: who keeps a window, why, and what touches it; the later of two is told.
#[tokio::test]
async fn blocked_windows_are_kept() {
    let p = Plan::open().await;
    let e = &p.desk.engine;
    e.usual_blocked(&p.by, p.id()).await.unwrap();
    assert_eq!(
        refused(e.usual_blocked(&p.by, p.id()).await).code(),
        "wrong_state"
    );
    p.add(nets("1", "04:55", 10), Some("known")).await.unwrap();
    let page = e.blocked(&p.by, &p.office).await.unwrap();
    let told: Vec<(String, u32, usize)> = page
        .lines
        .iter()
        .map(|l| (l.form.from.to_string(), l.form.minutes, l.touches.len()))
        .collect();
    let line = |from: &str, minutes, touches| (from.to_owned(), minutes, touches);
    assert_eq!(
        told,
        [line("05:00", 20, 1), line("05:30", 15, 0), line("23:00", 45, 0)]
    );
    let tomcat = page.lines[0].clone();
    let form = BlockedForm {
        minutes: 30,
        ..tomcat.form.clone()
    };
    e.save_blocked(&p.by, p.id(), Some((tomcat.id, tomcat.version)), form.clone())
        .await
        .unwrap();
    let late = e.save_blocked(&p.by, p.id(), Some((tomcat.id, tomcat.version)), form.clone());
    assert_eq!(refused(late.await).code(), "wrong_state");
    let broken = BlockedForm {
        reason: " ".into(),
        owner: "x".repeat(201),
        days: vec![],
        minutes: 0,
        ..form
    };
    match refused(e.save_blocked(&p.by, p.id(), None, broken).await) {
        Refusal::Invalid(errors) => assert_eq!(
            errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
            ["reason", "owner", "days", "minutes"]
        ),
        other => panic!("{other:?}"),
    }
    e.remove_blocked(&p.by, p.id(), tomcat.id, tomcat.version + 1)
        .await
        .unwrap();
    assert_eq!(e.blocked(&p.by, &p.office).await.unwrap().lines.len(), 2);
}

/// J24: a calendar in use cannot be removed, and jobs run by it as soon as it changes.
#[tokio::test]
async fn calendars_are_in_force_at_once() {
    let p = Plan::open().await;
    let e = &p.desk.engine;
    let calendar = |days: &[(&str, &str)]| Calendar {
        country: Some(Country::No),
        days: days.iter().map(|(d, n)| (day(d), (*n).to_owned())).collect(),
    };
    let save = |name: &str, version, c| e.save_calendar(&p.by, p.id(), name.to_owned(), version, c);
    assert_eq!(refused(save("NO", None, calendar(&[])).await).code(), "invalid");
    save("Municipality", None, calendar(&[])).await.unwrap();
    assert_eq!(
        refused(save("Municipality", None, calendar(&[])).await).code(),
        "invalid"
    );
    let s = schedule(
        &DAILY,
        json!({"at": ["06:00"], "holidays": {"calendar": "Municipality", "action": "skip"}}),
    );
    let job = p.add(form("nets_integration", &["1"], s, 4), None).await.unwrap();
    let next = || -> String {
        let at: i64 = look(e)
            .query_row("SELECT next_at FROM job WHERE id = ?1", [job], |r| r.get(0))
            .unwrap();
        domain::moment::rfc3339_utc(at)
    };
    assert_eq!(next(), "2027-01-11T05:00:00.000Z");
    save("Municipality", Some(1), calendar(&[(DAY, "Planning day")]))
        .await
        .unwrap();
    assert_eq!(next(), "2027-01-12T05:00:00.000Z");
    match refused(e.remove_calendar(&p.by, p.id(), "Municipality".into(), 2).await) {
        Refusal::WrongState(said) => assert!(
            said.to_string().contains(&format!("{job} (nets_integration 1)")),
            "{said}"
        ),
        other => panic!("{other:?}"),
    }
    let page = e.hours(&p.by, &p.office, None, Some(2027)).await.unwrap();
    assert_eq!((page.country, page.holidays.len()), (Country::No, 12));
    assert_eq!(page.calendars[0].used, [(job, "nets_integration 1".to_owned())]);
    e.set_hours(&p.by, p.id(), page.hours, (480, 930)).await.unwrap();
    assert_eq!(
        refused(e.set_hours(&p.by, p.id(), page.hours, (480, 900)).await).code(),
        "wrong_state"
    );
    assert_eq!(
        refused(e.set_hours(&p.by, p.id(), (480, 930), (900, 480)).await).code(),
        "invalid"
    );
}

/// P12's neighbour: a new job among 300 is checked quickly, also in a program that is not optimised.
#[tokio::test]
async fn checking_a_new_job_among_three_hundred_is_quick() {
    let p = Plan::open().await;
    for i in 0..12 {
        let form = nets("1", &format!("{:02}:{:02}", 6 + i / 2, i % 2 * 30), 3);
        p.add(form, None).await.unwrap();
    }
    // all of them on Sundays, so that they fill the list and no day
    let db = look(&p.desk.engine);
    db.execute_batch(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
         INSERT INTO job (office, kind, standing, body, description, run_as, version, created_by, created_at, edited_by, edited_at, next_at)
         SELECT office, kind, standing, body, description, run_as, version, created_by, created_at, edited_by, edited_at, next_at FROM job, n;",
    )
    .unwrap();
    drop(db);
    assert_eq!(p.day(DAY).await.jobs.len(), 300);
    let before = std::time::Instant::now();
    p.add(nets("2", "12:15", 3), None).await.unwrap();
    let took = before.elapsed();
    println!("checked among 300 in {took:?}");
    assert!(took.as_millis() < 1500, "{took:?}");
}
