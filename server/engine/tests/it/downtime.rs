//! Planned downtime: the cut-off is exact, latched, and lifted by hand; claims, jobs and integrations around it.

use crate::desk;

use desk::{
    BOOK, SYNC, booking, desk, done,
    jobs::{autopay, job_desk, set_up, vouchers},
    reopen,
};
use domain::{
    Caller, Language, Refusal, Role, Viewer,
    downtime::{Door, LEAD_MS, Phase, Reason, Who},
    job::{JobId, RunState},
};
use engine::{
    Clock, Error,
    downtime::{AtDoor, at_door},
    testing::{TestDesk, new_task, support},
    watch::digest::{History, bucket},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use views::{
    OfficeView,
    downtime::{DowntimePage, Draft},
    jobs::RunsAsk,
    plan::{NaiveDate, Trouble},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn admin(desk: &TestDesk) -> Viewer {
    desk::person(Role::Admin, desk.office)
}

async fn office(desk: &TestDesk) -> OfficeView {
    let all = desk
        .engine
        .desk(&support(), desk.engine.live.mark())
        .await
        .unwrap()
        .offices;
    all.into_iter().find(|o| o.id == desk.office).unwrap()
}

/// The next full minute that is so far ahead.
fn minute(desk: &TestDesk, ahead: i64) -> i64 {
    (desk.clock.now() + ahead + MINUTE - 1) / MINUTE * MINUTE
}

fn typed(at: i64) -> (String, String) {
    let moment = engine::Zone::of("Europe/Brussels").moment(at);
    (moment.rfc3339()[..10].to_owned(), moment.clock())
}

fn draft(closes: i64, until: Option<i64>) -> Draft {
    let (day, clock) = typed(closes);
    let (until_day, until_clock) = until.map(typed).unwrap_or_default();
    Draft {
        platform: false,
        day,
        clock,
        until_day,
        until_clock,
        reason: Reason(vec![(Language::En, "Year-end".into())]),
    }
}

async fn announce(desk: &TestDesk, closes: i64, until: Option<i64>) -> i64 {
    let view = office(desk).await;
    let asked = draft(closes, until);
    desk.engine
        .announce_downtime(&admin(desk), &view, asked, false)
        .await
        .unwrap()
}

async fn page(desk: &TestDesk) -> DowntimePage {
    let view = office(desk).await;
    desk.engine.downtime_page(&admin(desk), &view).await.unwrap()
}

/// When a job starts on a day of the plan, when it would otherwise, and what is wrong with that.
async fn starts(
    desk: &TestDesk,
    by: &Viewer,
    office: &OfficeView,
    day: Option<NaiveDate>,
    job: JobId,
) -> Vec<(i64, Option<i64>, Trouble)> {
    let plan = desk.engine.day_plan(by, office, day).await.unwrap();
    let own = plan.jobs.iter().find(|j| j.id == job).map(|j| j.starts.clone());
    own.unwrap_or_default()
        .iter()
        .map(|s| {
            let at = plan.from.at + i64::from(s.minute) * MINUTE;
            (at, s.moved_from.map(|m| m.at), s.trouble)
        })
        .collect()
}

fn jump_to(desk: &TestDesk, at: i64) {
    desk.clock.jump(at - desk.clock.now());
}

fn phase(desk: &TestDesk) -> Phase {
    let now = desk.clock.now();
    desk.engine
        .downtimes()
        .first()
        .map_or(Phase::None, |d| d.phase(now))
}

fn refusal<T: std::fmt::Debug>(result: engine::Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(r)) => r,
        other => panic!("not refused: {other:?}"),
    }
}

/// R16: 200 writers around the moment, with a clock that steps back over it: after the latch no write of them is there.
#[tokio::test(flavor = "multi_thread")]
async fn the_cut_off_is_exact() {
    let (_dir, desk) = desk().await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    jump_to(&desk, closes - 200);
    let desk = Arc::new(desk);
    let stop = Arc::new(AtomicBool::new(false));
    let at = AtDoor {
        who: Who::OtherIntegration,
        door: Door::Delivery,
        office: Some(desk.office),
    };
    let writers: Vec<_> = (0..200)
        .map(|_| {
            let (desk, stop) = (desk.clone(), stop.clone());
            tokio::spawn(async move {
                let (mut accepted, mut refused) = (0_u32, 0_u32);
                while !stop.load(Ordering::Relaxed) {
                    match at_door(at, desk.deliver(vec![booking("D1")])).await {
                        Ok(_) => accepted += 1,
                        Err(Error::Refused(Refusal::OutOfService { .. })) => refused += 1,
                        Err(e) => panic!("{e}"),
                    }
                    tokio::task::yield_now().await;
                }
                (accepted, refused)
            })
        })
        .collect();
    let view = office(&desk).await;
    let stored = async || {
        desk.engine
            .desk(&support(), desk.engine.live.mark())
            .await
            .unwrap()
            .offices[0]
            .counts
            .queued
    };
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        desk.clock.pass(10);
    }
    // the moment is past: wait for the latch, then let the clock step back and forth over it
    while desk.engine.downtimes()[0].closed_at.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        desk.clock.pass(1);
    }
    let at_the_latch = stored().await;
    for step in [-5 * MINUTE, 4 * MINUTE, -HOUR, 2 * HOUR] {
        desk.clock.jump(step);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let (mut accepted, mut refused) = (0, 0);
    for writer in writers {
        let (a, r) = writer.await.unwrap();
        accepted += a;
        refused += r;
    }
    assert!(
        accepted > 200 && refused > 200,
        "{accepted} accepted, {refused} refused"
    );
    assert_eq!(
        stored().await,
        u64::from(accepted),
        "answered is kept, refused is not"
    );
    assert_eq!(
        stored().await,
        at_the_latch,
        "nothing was written after the latch"
    );
    assert_eq!(view.id, desk.office);
}

/// What goes on without its caller is their work all the same.
#[tokio::test]
async fn nothing_is_written_after_the_latch_by_work_that_goes_on_by_itself() {
    let (_dir, desk) = desk().await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    let caller = Caller::Connector {
        id: desk.connector,
        office: desk.office,
    };
    let at = AtDoor {
        who: Who::OtherIntegration,
        door: Door::Delivery,
        office: Some(desk.office),
    };
    let token = at_door(at, desk.engine.rotate_token(caller, 0)).await;
    let token = token.expect("it is open");
    jump_to(&desk, closes);
    desk.engine.ready().await.unwrap();
    assert!(desk.engine.downtimes()[0].closed_at.is_some());
    let after = at_door(at, desk.engine.rotate_token(caller, 0)).await;
    assert!(matches!(refusal(after), Refusal::OutOfService { .. }));
    assert_eq!(desk.engine.caller(&token).unwrap(), caller, "it is not replaced");
}

#[tokio::test]
async fn it_is_closed_whatever_the_server_and_the_clock_do() {
    let (dir, desk) = desk().await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, Some(closes + HOUR)).await;
    // down at the moment, started after it
    jump_to(&desk, closes + 5);
    let desk = reopen(&dir, desk).await.unwrap();
    assert_eq!(phase(&desk), Phase::Closed);
    desk.engine.ready().await.unwrap();
    let closed_at = page(&desk).await.standing[0].closed.unwrap().at;
    assert!(closed_at >= closes);
    // back before it, also over a restart
    jump_to(&desk, closes - HOUR);
    let desk = reopen(&dir, desk).await.unwrap();
    desk.engine.ready().await.unwrap();
    assert_eq!(phase(&desk), Phase::Closed);
    // long after its expected end
    jump_to(&desk, closes + 48 * HOUR);
    assert_eq!(phase(&desk), Phase::Closed);
    assert!(page(&desk).await.standing[0].overrun);
    let (id, view) = (page(&desk).await.standing[0].id, office(&desk).await);
    desk.engine.lift_downtime(&admin(&desk), &view, id).await.unwrap();
    assert_eq!(phase(&desk), Phase::None);
    let past = &page(&desk).await.past[0];
    assert_eq!(past.planned_ms, Some(HOUR));
    assert_eq!(past.real_ms, Some(past.lifted.at - closed_at));
    let again = desk.engine.lift_downtime(&admin(&desk), &view, id).await;
    assert!(matches!(refusal(again), Refusal::WrongState(_)));
    let never = desk.engine.lift_downtime(&admin(&desk), &view, 99).await;
    assert!(matches!(refusal(never), Refusal::NotFound));
}

#[tokio::test]
async fn ten_minutes_at_save_and_at_confirm() {
    let (_dir, desk) = desk().await.unwrap();
    let (view, me) = (office(&desk).await, admin(&desk));
    // so that the lead is exact
    jump_to(&desk, minute(&desk, 0));
    let ten = desk.clock.now() + LEAD_MS;
    let asked = draft(ten, None);
    desk.engine
        .preview_downtime(&me, &view, None, asked.clone())
        .await
        .unwrap();
    // 9 min 59 s
    desk.clock.pass(1000);
    let refused = refusal(desk.engine.announce_downtime(&me, &view, asked, false).await);
    let Refusal::Invalid(errors) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(errors[0].field, "closes");
    let next = typed(ten + MINUTE).1;
    assert_eq!(errors[0].message, format!("must be {next} or later"));
    for (bad, field) in [
        (draft(desk.clock.now() - HOUR, None), "closes"),
        (draft(ten + HOUR, Some(ten)), "until"),
        (
            Draft {
                clock: "25:00".into(),
                ..draft(ten + HOUR, None)
            },
            "closes",
        ),
        (
            Draft {
                day: "2027-03-28".into(),
                clock: "02:30".into(),
                ..draft(ten, None)
            },
            "closes",
        ),
        (
            Draft {
                day: "9999-01-01".into(),
                ..draft(ten, None)
            },
            "closes",
        ),
        (
            Draft {
                reason: Reason::default(),
                ..draft(ten + HOUR, None)
            },
            "reason",
        ),
    ] {
        let refused = refusal(
            desk.engine
                .announce_downtime(&me, &view, bad.clone(), false)
                .await,
        );
        let Refusal::Invalid(errors) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(errors[0].field, field, "{bad:?}");
    }
    // two admins at once: one of them announces
    let (a, b) = (draft(ten + HOUR, None), draft(ten + 2 * HOUR, None));
    let (first, second) = tokio::join!(
        desk.engine.announce_downtime(&me, &view, a, false),
        desk.engine.announce_downtime(&me, &view, b, false),
    );
    assert!(first.is_ok() != second.is_ok());
    assert_eq!(page(&desk).await.standing.len(), 1);
    // the later of two who change it is told
    let standing = page(&desk).await.standing.remove(0);
    let change = |version| {
        let asked = draft(ten + 3 * HOUR, None);
        desk.engine
            .change_downtime(&me, &view, standing.id, version, asked, false)
    };
    change(standing.version).await.unwrap();
    assert!(matches!(
        refusal(change(standing.version).await),
        Refusal::WrongState(_)
    ));
    // not staff, and an admin not for all
    let staff = desk::person(Role::Employee, desk.office);
    let asked = draft(ten + HOUR, None);
    let no = desk
        .engine
        .announce_downtime(&staff, &view, asked.clone(), false)
        .await;
    assert!(matches!(refusal(no), Refusal::Forbidden(_)));
    let all = Draft {
        platform: true,
        ..asked
    };
    let no = desk
        .engine
        .announce_downtime(&me, &view, all.clone(), false)
        .await;
    assert!(matches!(refusal(no), Refusal::Forbidden(_)));
    desk.engine
        .announce_downtime(&support(), &view, all, false)
        .await
        .unwrap();
    assert_eq!(page(&desk).await.standing.len(), 2);
}

/// What usually takes longer than the time left is withheld; what is short is granted to the last second, and nothing
/// after it.
#[tokio::test]
async fn claims_get_less_and_less_and_then_nothing() {
    let (_dir, desk) = desk().await.unwrap();
    let hour = bucket(HOUR);
    let took = |kind: &str, bucket: i64| ("adsolut".to_owned(), kind.to_owned(), bucket, 20);
    let history = History {
        days: vec![],
        took: vec![took(BOOK, hour), took(SYNC, bucket(2_000))],
        waited: vec![],
        load: vec![],
    };
    desk.engine.add_history(desk.office, history).await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    desk.deliver(vec![booking("D1"), new_task(SYNC, "D2"), new_task(SYNC, "D3")])
        .await
        .unwrap();
    let got = desk.claim(1).await.unwrap();
    assert_eq!(got[0].kind, SYNC, "the booking came first, and takes an hour");
    jump_to(&desk, closes - 5_000);
    let more = desk.claim(100).await.unwrap();
    assert_eq!(more.iter().map(|t| t.kind.as_str()).collect::<Vec<_>>(), [SYNC]);
    jump_to(&desk, closes);
    assert!(desk.claim(100).await.unwrap().is_empty());
    // what runs is finished and reported
    desk.report(&got[0], done()).await.unwrap();
    desk.report(&more[0], done()).await.unwrap();
    let (id, view) = (page(&desk).await.standing[0].id, office(&desk).await);
    desk.engine.lift_downtime(&admin(&desk), &view, id).await.unwrap();
    assert_eq!(desk.claim(100).await.unwrap()[0].kind, BOOK);
}

/// What an exempt integration delivers while it is closed is granted, and nothing else: also after a restart, whatever the
/// clock does, and not in the next downtime (D14).
#[tokio::test]
async fn what_exempt_integrations_deliver_while_it_is_closed_is_granted() {
    let dir = tempfile::tempdir().unwrap();
    let desk = TestDesk::open(dir.path()).await.unwrap();
    desk.dossiers(6).await.unwrap();
    let exempt = async |desk: &TestDesk, dossiers: &[&str]| -> Vec<i64> {
        let at = AtDoor {
            who: Who::ExemptIntegration,
            door: Door::Delivery,
            office: Some(desk.office),
        };
        let tasks = dossiers.iter().map(|d| new_task(SYNC, d)).collect();
        at_door(at, desk.deliver(tasks)).await.unwrap()
    };
    let claimed = async |desk: &TestDesk| -> Vec<i64> {
        desk.claim(100).await.unwrap().iter().map(|t| t.id.0).collect()
    };
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    let before = exempt(&desk, &["D1"]).await[0];
    jump_to(&desk, closes);
    assert!(claimed(&desk).await.is_empty());
    // behind one that waited before it waits as well; what an admin brings in waits
    let since = exempt(&desk, &["D1", "D2", "D3"]).await;
    let staff = desk.deliver(vec![new_task(SYNC, "D6")]).await.unwrap()[0];
    assert_eq!(claimed(&desk).await, since[1..]);
    jump_to(&desk, closes - HOUR);
    let fourth = exempt(&desk, &["D4"]).await;
    let desk = reopen(&dir, desk).await.unwrap();
    desk.engine.ready().await.unwrap();
    assert_eq!(claimed(&desk).await, fourth);
    let left = exempt(&desk, &["D5"]).await[0];
    let (id, view) = (page(&desk).await.standing[0].id, office(&desk).await);
    desk.engine.lift_downtime(&admin(&desk), &view, id).await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    jump_to(&desk, closes);
    assert!(claimed(&desk).await.is_empty());
    let desk = reopen(&dir, desk).await.unwrap();
    desk.engine.ready().await.unwrap();
    assert!(claimed(&desk).await.is_empty());
    let id = page(&desk).await.standing[0].id;
    desk.engine.lift_downtime(&admin(&desk), &view, id).await.unwrap();
    assert_eq!(claimed(&desk).await, [before, staff, left]);
}

/// A long poll that waits while it is closed is answered when it opens.
#[tokio::test]
async fn a_long_poll_waits_for_the_end() {
    let (_dir, desk) = desk().await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    desk.deliver(vec![booking("D1")]).await.unwrap();
    jump_to(&desk, closes);
    let (engine, office_id, connector) = (desk.engine.clone(), desk.office, desk.connector);
    let poll = tokio::spawn(async move { engine.claim(office_id, connector, "long".into(), 10, 50).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!poll.is_finished());
    let (id, view) = (page(&desk).await.standing[0].id, office(&desk).await);
    desk.engine.lift_downtime(&admin(&desk), &view, id).await.unwrap();
    assert_eq!(poll.await.unwrap().unwrap().tasks.len(), 1);
}

/// Jobs that fall due meanwhile start nothing; afterwards each follows its own policy (J29): late if it is still within
/// its grace, missed and shown, or a person is asked because it moves money.
#[tokio::test]
async fn jobs_wait_and_then_follow_their_missed_run_policy() {
    let (_dir, desk, by, view) = job_desk().await.unwrap();
    // it is Wednesday, 12:06
    let late = set_up(&desk, &by, vouchers(&["D1"], &["12:58"])).await.unwrap();
    let missed = set_up(&desk, &by, vouchers(&["D2"], &["12:20"])).await.unwrap();
    let money = set_up(&desk, &by, autopay("D3", &["12:40"])).await.unwrap();
    let closes = minute(&desk, LEAD_MS);
    announce(&desk, closes, None).await;
    let runs = async |job| {
        let ask = RunsAsk {
            job: Some(job),
            ..RunsAsk::default()
        };
        let page = desk.engine.runs(&by, &view, &ask).await.unwrap();
        page.lines.iter().map(|l| l.state).collect::<Vec<_>>()
    };
    desk.clock.pass((closes - desk.clock.now()) as u64);
    for _ in 0..10 {
        desk.clock.pass(5 * MINUTE as u64);
        desk.engine.schedule_round().await.unwrap();
    }
    for job in [late, missed, money] {
        assert!(runs(job).await.is_empty(), "nothing starts while it is closed");
    }
    let id = page(&desk).await.standing[0].id;
    desk.engine.lift_downtime(&admin(&desk), &view, id).await.unwrap();
    desk.engine.schedule_round().await.unwrap();
    assert_eq!(runs(late).await, [RunState::Planned]);
    assert_eq!(runs(missed).await, [RunState::Missed]);
    assert_eq!(runs(money).await, [RunState::Asks]);
    // nothing more comes of them
    desk.engine.schedule_round().await.unwrap();
    assert_eq!(
        runs(late).await.len() + runs(missed).await.len() + runs(money).await.len(),
        3
    );
}

/// The preview names the jobs in the window, and moves those that run once to a free time after its end (D16).
#[tokio::test]
async fn jobs_of_the_window_are_moved_in_one_step() {
    let (_dir, desk, by, view) = job_desk().await.unwrap();
    let one = set_up(&desk, &by, vouchers(&["D1"], &["13:00"])).await.unwrap();
    let two = set_up(&desk, &by, vouchers(&["D2"], &["13:20"])).await.unwrap();
    let after = set_up(&desk, &by, vouchers(&["D3"], &["15:00"])).await.unwrap();
    let closes = minute(&desk, 40 * MINUTE);
    let until = closes + 90 * MINUTE;
    let me = admin(&desk);
    let asked = draft(closes, Some(until));
    let found = desk
        .engine
        .preview_downtime(&me, &view, None, asked.clone())
        .await
        .unwrap();
    assert_eq!(found.jobs.iter().map(|j| j.job).collect::<Vec<_>>(), [one, two]);
    let to: Vec<i64> = found.jobs.iter().map(|j| j.to.unwrap().at).collect();
    assert!(to.iter().all(|at| *at >= until), "{to:?}");
    assert!((to[0] - to[1]).abs() >= 3 * MINUTE, "they do not collide: {to:?}");
    desk.engine
        .announce_downtime(&me, &view, asked, true)
        .await
        .unwrap();
    let next = async |job| {
        desk.engine
            .job(&by, &view, job)
            .await
            .unwrap()
            .line
            .next
            .map(|m| m.at)
    };
    assert_eq!(next(one).await, Some(to[0]));
    assert_eq!(next(two).await, Some(to[1]));
    // the window stands in the plan of the day
    let plan = desk.engine.day_plan(&by, &view, None).await.unwrap();
    assert!(
        plan.blocked.iter().any(|b| b.reason == "Year-end"),
        "{:?}",
        plan.blocked
    );
    assert_ne!(next(after).await, None);
    // and the runs where they are now, with their own time: nothing is wrong with them any more
    let drawn = async |job| starts(&desk, &by, &view, None, job).await;
    for line in &found.jobs {
        assert_eq!(
            drawn(line.job).await,
            [(line.to.unwrap().at, Some(line.first.at), Trouble::None)]
        );
    }
    // a preview of another window counts them at their own times
    let standing = page(&desk).await.standing.remove(0).id;
    let again = draft(closes, Some(until));
    let again = desk
        .engine
        .preview_downtime(&me, &view, Some(standing), again)
        .await
        .unwrap();
    assert_eq!(again.jobs, found.jobs);

    // for another window they go back, or are moved anew
    let change = async |until: i64, shift: bool| {
        let standing = page(&desk).await.standing.remove(0);
        let asked = draft(closes, Some(until));
        desk.engine
            .change_downtime(&me, &view, standing.id, standing.version, asked, shift)
            .await
            .unwrap();
    };
    change(until + 30 * MINUTE, false).await;
    assert_eq!(next(one).await, Some(found.jobs[0].first.at));
    assert_eq!(next(two).await, Some(found.jobs[1].first.at));
    assert_eq!(
        drawn(one).await,
        [(found.jobs[0].first.at, None, Trouble::Certain)],
        "it falls into the window again"
    );
    change(until + 60 * MINUTE, true).await;
    assert!(next(one).await >= Some(until + 60 * MINUTE));
    // other words for the same window move nothing
    let moved = next(one).await;
    change(until + 60 * MINUTE, false).await;
    assert_eq!(next(one).await, moved);
}

/// A downtime of days ahead moves that day's run only, when it comes; called off, it stays where it was.
#[tokio::test]
async fn a_run_of_days_ahead_is_moved_when_it_comes_or_stays_when_it_is_called_off() {
    let (_dir, desk, by, view) = job_desk().await.unwrap();
    // it is Wednesday, 12:06
    let job = set_up(&desk, &by, vouchers(&["D1"], &["13:00"])).await.unwrap();
    let next = async || {
        desk.engine
            .job(&by, &view, job)
            .await
            .unwrap()
            .line
            .next
            .unwrap()
            .at
    };
    let today = next().await;
    let friday = today + 48 * HOUR;
    let me = admin(&desk);
    let plan = async || {
        let asked = draft(friday - 30 * MINUTE, Some(friday + HOUR));
        desk.engine
            .announce_downtime(&me, &view, asked, true)
            .await
            .unwrap()
    };
    // days that pass, not a clock that jumps
    let pass_to = |at: i64| desk.clock.pass(u64::try_from(at - desk.clock.now()).unwrap());
    let run_at = async |at: i64| {
        pass_to(at);
        desk.engine.schedule_round().await.unwrap();
    };
    let id = plan().await;
    assert_eq!(next().await, today, "today's run is not concerned");
    run_at(today).await;
    run_at(today + 24 * HOUR).await;
    let moved = next().await;
    assert!(
        moved >= friday + HOUR,
        "{} min after its own time",
        (moved - friday) / MINUTE
    );
    // called off: it is back
    desk.engine.lift_downtime(&me, &view, id).await.unwrap();
    assert_eq!(next().await, friday);
    let id = plan().await;
    assert_eq!(next().await, moved);
    // it takes longer than was said: the run goes along
    pass_to(friday + 30 * MINUTE);
    desk.engine.ready().await.unwrap();
    let standing = page(&desk).await.standing.remove(0);
    let asked = draft(friday - 30 * MINUTE, Some(friday + 3 * HOUR));
    desk.engine
        .change_downtime(&me, &view, id, standing.version, asked, true)
        .await
        .unwrap();
    let moved = next().await;
    assert!(moved >= friday + 3 * HOUR, "{} h", (moved - friday) / HOUR);
    pass_to(friday + HOUR);
    desk.engine.ready().await.unwrap();
    desk.engine.lift_downtime(&me, &view, id).await.unwrap();
    assert_eq!(
        next().await,
        moved,
        "its own time is past: it runs at the new one"
    );
    let day = engine::Zone::of("Europe/Oslo").date(friday);
    let drawn = starts(&desk, &by, &view, Some(day), job).await;
    assert_eq!(
        drawn,
        [(moved, Some(friday), Trouble::None)],
        "and stands there in the plan"
    );
    run_at(moved).await;
    assert_eq!(next().await, friday + 72 * HOUR, "then on Monday at its own time");
}
