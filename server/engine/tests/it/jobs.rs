//! Jobs and their runs: what is due becomes a run with its tasks, once, whatever the clock and the server do.

use domain::{
    Role, TaskState, Viewer,
    job::{JobForm, JobId, JobStatus, RunState},
    wire::{ClaimedTask, LeaseRef, Outcome},
};
use engine::{
    Clock, Engine,
    testing::{TestDesk, failed},
};
use serde_json::json;
use views::{
    OfficeView,
    alerts::AlertKind,
    jobs::{JobDetail, JobVerb, JobsAsk, RunDetail, RunsAsk},
    stuck::{Check, CheckLine},
};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

struct Office {
    desk: TestDesk,
    view: OfficeView,
    owner: Viewer,
    _dir: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let desk = TestDesk::open(dir.path()).await.unwrap();
        for code in ["1", "75"] {
            desk.engine
                .add_dossier(desk.office, code, &format!("Company {code}"), "visma_enterprise")
                .await
                .unwrap();
        }
        let support = engine::testing::support();
        let view = desk
            .engine
            .desk(&support, desk.engine.live.mark())
            .await
            .unwrap()
            .offices
            .remove(0);
        let owner = Viewer {
            person: 0,
            name: "Ingrid".into(),
            role: Role::Operator,
            office: Some(desk.office),
            ..support
        };
        Self {
            desk,
            view,
            owner,
            _dir: dir,
        }
    }

    /// The same after the program was down, and its clock set meanwhile.
    async fn again(self, jump: i64) -> Self {
        let Self {
            desk,
            view,
            owner,
            _dir,
        } = self;
        let clock = desk.clock.clone();
        drop(desk);
        clock.jump(jump);
        let desk = TestDesk::again(_dir.path(), clock).await.unwrap();
        Self {
            desk,
            view,
            owner,
            _dir,
        }
    }

    fn engine(&self) -> &Engine {
        &self.desk.engine
    }

    async fn add(&self, form: &JobForm) -> JobId {
        // where jobs may stand is not what is tested here
        let despite = Some("as the test has it".to_owned());
        let made = self
            .engine()
            .new_job(&self.owner, self.desk.office, form.clone(), despite, true);
        made.await.unwrap()
    }

    async fn job(&self, id: JobId) -> JobDetail {
        self.engine().job(&self.owner, &self.view, id).await.unwrap()
    }

    async fn status(&self, id: JobId) -> JobStatus {
        self.job(id).await.line.status
    }

    async fn act(&self, id: JobId, verb: JobVerb) -> engine::Result<()> {
        let version = self.job(id).await.line.version;
        self.engine()
            .do_job(&self.owner, self.desk.office, id, version, verb, None)
            .await
    }

    /// States of a job's runs, oldest first.
    async fn runs(&self, id: JobId) -> Vec<RunState> {
        let ask = RunsAsk {
            job: Some(id),
            ..RunsAsk::default()
        };
        let page = self.engine().runs(&self.owner, &self.view, &ask).await.unwrap();
        page.lines.iter().rev().map(|l| l.state).collect()
    }

    async fn run(&self, id: i64) -> RunDetail {
        self.engine().run(&self.owner, &self.view, id).await.unwrap()
    }

    /// Lets time pass and the scheduler look.
    async fn pass(&self, ms: u64) -> u32 {
        self.desk.clock.pass(ms);
        self.engine().schedule_round().await.unwrap()
    }

    /// Lets minutes pass while a connector works on tasks.
    async fn work_on(&self, tasks: &[ClaimedTask], minutes: u64) {
        for _ in 0..minutes {
            self.pass(MINUTE).await;
            let leases = tasks.iter().map(|t| LeaseRef {
                task: t.id.to_string(),
                lease: t.lease.clone(),
            });
            let extended = self.engine().extend(self.desk.connector, leases.collect());
            extended.await.unwrap();
        }
    }

    async fn claim(&self) -> Vec<ClaimedTask> {
        self.desk.claim(100).await.unwrap()
    }

    async fn report(&self, task: &ClaimedTask, outcome: Outcome) {
        self.desk.report(task, outcome).await.unwrap();
    }
}

fn done(posted: i64) -> Outcome {
    Outcome::Succeeded {
        result: Some(json!({"counts": {"posted": posted}, "log": "all well", "outputs": []})),
    }
}

/// Posting of vouchers for both companies, every 30 minutes the day round.
fn posting() -> JobForm {
    serde_json::from_value(json!({
        "kind": "post_vouchers", "description": "Postere bilag", "companies": ["1", "75"], "run_as": "SERVER",
        "schedule": {"zone": "Europe/Oslo", "days": ["mon","tue","wed","thu","fri","sat","sun"],
                     "every": {"minutes": 30, "from": "00:00", "to": "23:30"}},
        "params": {"registered_by": "A"}, "estimate_minutes": 5,
        "outputs": [{"what": "report", "path": "REGNSKAP", "file": "Rapport_{company}.txt", "format": "DEFAULT"}]
    }))
    .unwrap()
}

/// Remittance of company 1 at one clock time: it moves money.
fn remittance(at: &str) -> JobForm {
    serde_json::from_value(json!({
        "kind": "autopay_remittance", "description": "Autopay_all_valuta_selskap 1", "companies": ["1"], "run_as": "SERVER",
        "schedule": {"zone": "Europe/Oslo", "days": ["mon","tue","wed","thu","fri","sat","sun"], "at": [at]},
        "estimate_minutes": 10,
        "outputs": [{"what": "report", "path": "AUTOPAY", "file": "Autopay", "format": "PDF"}]
    }))
    .unwrap()
}

#[tokio::test]
async fn what_is_due_becomes_one_run_with_a_task_for_each_company() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    assert_eq!(office.status(id).await, JobStatus::Queued);
    assert_eq!(office.pass(31 * MINUTE).await, 1);
    assert_eq!(office.status(id).await, JobStatus::Planned);
    // a second look finds nothing new
    assert_eq!(office.pass(0).await, 0);

    let tasks = office.claim().await;
    assert_eq!(tasks.len(), 2);
    assert_eq!(office.status(id).await, JobStatus::Running);
    assert_eq!(tasks[0].kind, "run_job");
    let codes: Vec<&str> = tasks.iter().map(|t| t.dossier.code.as_str()).collect();
    assert_eq!(codes, ["1", "75"]);
    assert_eq!(tasks[1].payload["outputs"][0]["file"], "Rapport_75.txt");
    assert_eq!(tasks[1].payload["run_as"], "SERVER");

    office.report(&tasks[0], done(3)).await;
    assert_eq!(office.status(id).await, JobStatus::Running);
    office.report(&tasks[1], done(4)).await;
    let job = office.job(id).await;
    assert_eq!(job.line.status, JobStatus::Queued);
    let run = office.run(job.runs[0].id).await;
    assert_eq!(run.line.state, RunState::Finished);
    assert_eq!(run.line.counted["posted"], 7);
    assert_eq!(run.companies[0].log, "all well");
}

#[tokio::test]
async fn counts_that_fit_no_number_stop_at_the_largest() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    office.pass(31 * MINUTE).await;
    for task in office.claim().await {
        office.report(&task, done(i64::MAX)).await;
    }
    let run = office.run(office.job(id).await.runs[0].id).await;
    assert_eq!(
        (run.line.state, run.line.counted["posted"]),
        (RunState::Finished, i64::MAX)
    );
}

#[tokio::test]
async fn a_job_never_runs_beside_itself_and_nothing_is_missed_silently() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    office.pass(31 * MINUTE).await;
    let tasks = office.claim().await;
    office.work_on(&tasks, 30).await;
    assert_eq!(office.runs(id).await, [RunState::Running, RunState::Missed]);
    assert!(office.act(id, JobVerb::RunNow).await.is_err(), "it still runs");
    for t in &tasks {
        office.report(t, done(1)).await;
    }
    // the desk was away for hours: one late run, and a line for all that it missed
    office.pass(5 * HOUR).await;
    let states = office.runs(id).await;
    assert_eq!(
        states,
        [
            RunState::Finished,
            RunState::Missed,
            RunState::Missed,
            RunState::Planned
        ]
    );
    let ask = RunsAsk {
        state: vec![RunState::Missed],
        ..RunsAsk::default()
    };
    let missed = office
        .engine()
        .runs(&office.owner, &office.view, &ask)
        .await
        .unwrap();
    let stand_for: u32 = missed.lines.iter().map(|l| l.stands_for).sum();
    assert_eq!(
        stand_for, 10,
        "one that was busy, and nine of the ten that the desk slept through"
    );
}

#[tokio::test]
async fn a_missed_run_that_moves_money_asks() {
    let office = Office::open().await;
    let id = office.add(&remittance("08:15")).await;
    let next = office.job(id).await.next[0].at;
    let now = office.desk.clock.now();
    office.pass((next - now) as u64 + 10 * MINUTE).await;
    assert_eq!(office.status(id).await, JobStatus::Asks);
    assert!(
        office.claim().await.is_empty(),
        "nothing is paid before somebody says so"
    );
    let asked = office.job(id).await.runs[0].id;
    let answer = |run_now| {
        office
            .engine()
            .answer_run(&office.owner, office.desk.office, asked, run_now)
    };
    answer(true).await.unwrap();
    assert_eq!(office.status(id).await, JobStatus::Planned);
    assert!(answer(false).await.is_err(), "it was answered");
    assert_eq!(office.claim().await.len(), 1);
}

#[tokio::test]
async fn a_run_that_fails_stops_its_job_until_somebody_queues_it_again() {
    let office = Office::open().await;
    let id = office.add(&remittance("08:15")).await;
    office.act(id, JobVerb::RunNow).await.unwrap();
    let tasks = office.claim().await;
    assert!(
        office.act(id, JobVerb::Delete).await.is_err(),
        "a run is under way"
    );
    office.report(&tasks[0], failed("cost_centre_unknown")).await;
    let job = office.job(id).await;
    assert_eq!(job.line.status, JobStatus::Error);
    assert!(job.next.is_empty());
    office.act(id, JobVerb::Queue).await.unwrap();
    let again = office.job(id).await;
    assert_eq!((again.requeued, again.line.standing.key()), (1, "active"));
    assert_eq!(again.form.schedule, job.form.schedule, "its clock time stays");
}

#[tokio::test]
async fn a_task_that_somebody_restarts_heals_the_run_and_the_job() {
    let office = Office::open().await;
    let id = office.add(&remittance("08:15")).await;
    office.act(id, JobVerb::RunNow).await.unwrap();
    let task = office.claim().await.remove(0);
    office.report(&task, failed("cost_centre_unknown")).await;
    assert_eq!(office.status(id).await, JobStatus::Error);
    let restarted = office
        .engine()
        .restart(engine::testing::support(), office.desk.office, vec![task.id])
        .await
        .unwrap();
    assert!(restarted[0].is_ok());
    let task = office.claim().await.remove(0);
    office.report(&task, done(1)).await;
    assert_eq!(office.runs(id).await, [RunState::Finished]);
    assert_eq!(office.status(id).await, JobStatus::Queued);
}

#[tokio::test]
async fn holding_a_job_never_ends_its_run() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    office.pass(31 * MINUTE).await;
    let tasks = office.claim().await;
    office.act(id, JobVerb::Hold).await.unwrap();
    assert_eq!(office.status(id).await, JobStatus::Running);
    for t in &tasks {
        office.report(t, done(1)).await;
    }
    assert_eq!(office.status(id).await, JobStatus::OnHold);
    assert_eq!(office.pass(2 * HOUR).await, 0);
    assert_eq!(office.runs(id).await, [RunState::Finished]);
}

#[tokio::test]
async fn a_job_waits_for_the_one_that_it_runs_after() {
    let office = Office::open().await;
    let first = office.add(&posting()).await;
    let second = office
        .add(&JobForm {
            after: Some(first),
            description: "After it".into(),
            ..posting()
        })
        .await;
    office.pass(31 * MINUTE).await;
    assert_eq!(office.status(first).await, JobStatus::Planned);
    assert!(office.runs(second).await.is_empty(), "it waits");
    office.pass(15 * MINUTE).await;
    assert_eq!(office.status(first).await, JobStatus::Overdue);
    assert_eq!(
        office.status(second).await,
        JobStatus::Queued,
        "the other is late, not it"
    );
    let why = office
        .engine()
        .why(&office.owner, &office.view, second)
        .await
        .unwrap();
    assert_eq!(why.status, JobStatus::Queued);
    let waits_for = |c: &CheckLine| matches!(&c.check, Check::Queue { before, .. } if before[0].job == first);
    assert!(why.checks.iter().any(waits_for), "{:?}", why.checks);
    for t in office.claim().await {
        office.report(&t, done(1)).await;
    }
    office.pass(2 * MINUTE).await;
    assert_eq!(office.runs(second).await, [RunState::Planned]);
    assert!(
        office.act(first, JobVerb::Delete).await.is_err(),
        "another runs after it"
    );
    let form = JobForm {
        after: Some(second),
        ..posting()
    };
    let version = office.job(first).await.line.version;
    let circle = office.engine().save_job(
        &office.owner,
        office.desk.office,
        first,
        version,
        form,
        None,
        true,
    );
    assert!(circle.await.is_err(), "each would wait for the other");
}

#[tokio::test]
async fn a_clock_that_jumps_neither_doubles_nor_loses_a_run() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    office.pass(31 * MINUTE).await;
    for t in office.claim().await {
        office.report(&t, done(1)).await;
    }
    office.desk.clock.jump(-(HOUR as i64));
    assert_eq!(
        office.pass(MINUTE).await,
        0,
        "the hour comes a second time, the run does not"
    );
    office.pass(HOUR + 29 * MINUTE).await;
    assert_eq!(office.runs(id).await, [RunState::Finished, RunState::Planned]);
}

const DAY: i64 = 24 * HOUR as i64;

/// The reproduction of a machine that boots with local time in its clock, of a mistyped day and of a mistyped year: ahead
/// for seventy seconds, then right again.
#[tokio::test]
async fn a_clock_that_jumps_ahead_and_comes_back_loses_no_run_and_makes_none_early() {
    for jump in [HOUR as i64, DAY, 400 * DAY] {
        let office = Office::open().await;
        let id = office.add(&posting()).await;
        office.pass(MINUTE).await;
        office.desk.engine.pretend_disk(1 << 40, 1 << 41);
        office.desk.engine.watch().await.unwrap();
        let next = office.job(id).await.line.next.unwrap().at;
        office.desk.clock.jump(jump);
        for _ in 0..7 {
            assert_eq!(office.pass(10_000).await, 0, "no run is made early ({jump})");
        }
        office.desk.engine.watch().await.unwrap();
        let alerts = office.desk.engine.alerts(&office.view).await.unwrap().current;
        let kinds: Vec<AlertKind> = alerts.iter().map(|a| a.kind).collect();
        assert_eq!(kinds, [AlertKind::Clock], "{jump}");
        office.desk.clock.jump(-jump);
        office.pass(10_000).await;
        let told = office.desk.engine.alerts(&office.view).await.unwrap().current;
        assert_eq!(told[0].kind, AlertKind::Clock, "the alert stays for a while");
        assert_eq!(office.job(id).await.line.next.unwrap().at, next, "{jump}");
        office.pass(31 * MINUTE).await;
        assert_eq!(office.runs(id).await, [RunState::Planned], "{jump}");
    }
}

/// A clock that is ahead for long is believed; when it comes back, so do the next times, and what ran ahead does not run
/// twice. Also when the program was down meanwhile.
#[tokio::test]
async fn what_was_planned_by_a_clock_that_was_ahead_comes_back_with_it() {
    for down in [false, true] {
        let office = Office::open().await;
        let id = office.add(&posting()).await;
        office.pass(MINUTE).await;
        let next = office.job(id).await.line.next.unwrap().at;
        office.desk.clock.jump(HOUR as i64);
        office.pass(MINUTE).await;
        office.pass(2 * MINUTE).await;
        let ahead = office.runs(id).await;
        assert_eq!(
            ahead.iter().filter(|s| **s == RunState::Planned).count(),
            1,
            "{ahead:?}"
        );
        assert!(office.job(id).await.line.next.unwrap().at > next);
        for task in office.claim().await {
            office.report(&task, done(1)).await;
        }
        let office = if down {
            office.again(-(HOUR as i64)).await
        } else {
            office.desk.clock.jump(-(HOUR as i64));
            office
        };
        office.pass(1000).await;
        assert_eq!(office.job(id).await.line.next.unwrap().at, next, "down: {down}");
        for _ in 0..3 {
            office.pass(30 * MINUTE).await;
            for task in office.claim().await {
                office.report(&task, done(1)).await;
            }
        }
        let runs = office.runs(id).await;
        // 12:30 in its time, 13:00 ahead and not again, 13:30 in its time
        assert_eq!(runs, [RunState::Finished; 3], "down: {down}");
    }
}

#[tokio::test]
async fn a_server_that_goes_down_comes_back_to_the_same_runs() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    office.pass(31 * MINUTE).await;
    let before = office.runs(id).await;
    let Office {
        desk,
        view,
        owner,
        _dir,
    } = office;
    let clock = desk.clock.clone();
    drop(desk);
    let desk = TestDesk::again(_dir.path(), clock).await.unwrap();
    let office = Office {
        desk,
        view,
        owner,
        _dir,
    };
    assert_eq!(office.pass(0).await, 0);
    assert_eq!(office.runs(id).await, before);
    let tasks = office.claim().await;
    for t in &tasks {
        office.report(t, done(1)).await;
    }
    assert_eq!(tasks.len(), 2);
    assert_eq!(office.runs(id).await, [RunState::Finished]);
}

#[tokio::test]
async fn what_a_run_left_behind_is_done_by_the_next() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    office.pass(31 * MINUTE).await;
    let tasks = office.claim().await;
    office.report(&tasks[0], done(1)).await;
    office.report(&tasks[1], failed("posting_not_through")).await;
    assert_eq!(office.status(id).await, JobStatus::FinishedWithErrors);
    let first = office.job(id).await.runs[0].clone();
    office.pass(30 * MINUTE).await;
    let left = office
        .engine()
        .task(office.desk.office, tasks[1].id)
        .await
        .unwrap();
    assert_eq!(left.status, TaskState::Cancelled);
    let told = office.run(first.id).await;
    assert_eq!((told.line.state, told.line.ended), (first.state, first.ended));
    assert_eq!(told.companies[0].log, "as the test says", "why it failed stays");
    assert_eq!(office.claim().await.len(), 2);
}

#[tokio::test]
async fn each_broken_rule_of_a_form_is_named() {
    let office = Office::open().await;
    let refused = |change: serde_json::Value| {
        let mut form = serde_json::to_value(posting()).unwrap();
        for (key, value) in change.as_object().unwrap() {
            form[key] = value.clone();
        }
        let office = &office;
        async move {
            let form: JobForm = serde_json::from_value(form).unwrap();
            let made = office
                .engine()
                .new_job(&office.owner, office.desk.office, form, None, true)
                .await;
            let problem = made.expect_err("refused").refusal().problem();
            let fields = problem.errors.iter().map(|e| e.field.clone());
            fields.collect::<Vec<_>>()
        }
    };
    for (change, field) in [
        (json!({"kind": "knitting"}), "kind"),
        (json!({"description": ""}), "description"),
        (json!({"companies": []}), "companies"),
        (json!({"companies": ["1", "2"]}), "companies[1]"),
        (json!({"companies": ["1", "1"]}), "companies[1]"),
        (json!({"server": "NOBODY"}), "server"),
        (json!({"run_as": "a\u{202E}b"}), "run_as"),
        (json!({"params": {}}), "params.registered_by"),
        (
            json!({"params": {"registered_by": "A", "colour": "red"}}),
            "params.colour",
        ),
        (json!({"estimate_minutes": 0}), "estimate_minutes"),
        (json!({"after": 77}), "after"),
        (json!({"outputs": []}), "outputs"),
        (
            json!({"outputs": [{"what": "report", "path": "", "file": "R", "format": "PDF"}]}),
            "outputs[0].path",
        ),
        (
            json!({"outputs": [{"what": "report", "path": "A/../..", "file": "R", "format": "PDF"}]}),
            "outputs[0].path",
        ),
        (
            json!({"outputs": [{"what": "report", "path": "A", "file": "{colour}", "format": "PDF"}]}),
            "outputs[0].file",
        ),
        (
            json!({"outputs": [{"what": "report", "path": "A", "file": "R", "format": "GIF"}]}),
            "outputs[0].format",
        ),
        (
            json!({"outputs": [{"what": "report", "path": "A", "file": "R", "format": "PDF", "email": "nobody"}]}),
            "outputs[0].email",
        ),
        (
            json!({"schedule": {"zone": "Europe/Olso", "days": ["mon"], "at": ["07:00"]}}),
            "schedule.zone",
        ),
        (
            json!({"schedule": {"zone": "UTC", "days": [], "at": ["07:00"]}}),
            "schedule.days",
        ),
    ] {
        let fields = refused(change.clone()).await;
        assert!(fields.iter().any(|f| f == field), "{change}: {fields:?}");
    }
}

#[tokio::test]
async fn the_later_of_two_editors_is_told() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    let version = office.job(id).await.line.version;
    let save = |text: &str| {
        let form = JobForm {
            description: text.into(),
            ..posting()
        };
        office
            .engine()
            .save_job(&office.owner, office.desk.office, id, version, form, None, true)
    };
    save("First").await.unwrap();
    let second = save("Second").await.expect_err("told");
    assert_eq!(second.refusal().code(), "wrong_state");
    assert_eq!(office.job(id).await.form.description, "First");
}

#[tokio::test]
async fn who_lacks_the_right_is_refused_and_told_whom_to_ask() {
    let office = Office::open().await;
    let id = office.add(&posting()).await;
    let employee = Viewer {
        role: Role::Employee,
        ..office.owner.clone()
    };
    let made = office
        .engine()
        .new_job(&employee, office.desk.office, posting(), None, true);
    assert_eq!(made.await.expect_err("refused").refusal().code(), "forbidden");
    assert!(office.engine().job(&employee, &office.view, id).await.is_err());
    let page = office
        .engine()
        .jobs(&employee, &office.view, &JobsAsk::default())
        .await
        .unwrap();
    assert!(page.lines.is_empty() && !page.may_edit);
}
