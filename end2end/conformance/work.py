"""What the day begins with: hello, activations, failures, what waits for what, and keys."""

import json
import re
import threading

from calls import problem_fault
from words import ACTIVATE, BOOK, DELETE, SYNC, UNKNOWN_CODE, failed, say

BULK = [f"bulk{n}" for n in range(6)]
HLEDGER = BULK + ["retry_h", "red", "lease", "lease2", "subject", "after", "cancel", "cancel2", "poll", "drain", "idem", "held"]
ADSOLUT = ["retry_a", "retry_b", "action"]
RETRY_PROBES = [  # which code is one to try again is the catalogue's; these are the likely ones
    ("retry_a", "package_unreachable"), ("retry_b", "database_error"), ("retry_h", "package_unreachable"),
]


def part_hello(day):
    """Both connectors introduce themselves."""
    answers = [connector.hello() for connector in (day.one, day.two)]
    for connector, answer in zip((day.one, day.two), answers):
        body = answer.object
        numbers = all(isinstance(body.get(n), (int, float)) and body[n] > 0
                      for n in ("poll_seconds", "lease_seconds", "extend_seconds"))
        words = all(isinstance(body.get(n), str) for n in ("connector", "office", "server_time"))
        day.checks.record(f"hello of connector {connector.name}", answer.status == 200 and numbers and words, answer.brief())
    one, two = (answer.object for answer in answers)
    day.checks.record("two connectors of one office",
                      one.get("office") == two.get("office") and one.get("connector") != two.get("connector"),
                      f"{one.get('connector')} and {two.get('connector')} in {one.get('office')}")
    instant = str(one.get("server_time"))
    day.checks.record("server_time is RFC 3339 UTC", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", instant), instant)
    answer = day.one.claim(5, 0)
    empty = answer.status == 200 and answer.object.get("tasks") == []
    number = isinstance(answer.object.get("next_poll_seconds"), (int, float))
    day.checks.record("an idle office has nothing to claim", empty and number, answer.brief())
    for connector in (day.one, day.two):
        threading.Thread(target=connector.keep_extending, daemon=True).start()


def part_activate(day):
    """New dossiers are delivered and activated; one activation fails. The tasks to be tried again are reported early."""
    names = HLEDGER + ADSOLUT
    items = [{
        "kind": ACTIVATE, "dossier": day.code(name),
        "payload": {"name": f"Foreign {name} {day.tag}", "package": "adsolut" if name in ADSOLUT else "hledger"},
    } for name in names]
    answer, tasks = day.integration.deliver(items, plan=["hand" if name == "held" else "auto" for name in names])
    rows = answer.rows("tasks")
    day.checks.record("activations delivered", len(tasks) == len(items)
                      and all(r.get("status") == "queued" and r.get("duplicate") is False for r in rows), answer.brief())
    if not tasks:
        return
    probes = []
    for name, _ in RETRY_PROBES:
        probes += [day.item(BOOK, name, subject="letter"), day.item(SYNC, name, subject="letter")]
    answer, probes = day.integration.deliver(probes, plan=["hand", "auto"] * len(RETRY_PROBES))
    day.checks.record("a dossier takes tasks before its activation is done", len(probes) == 2 * len(RETRY_PROBES), answer.brief())

    answer = day.one.claim(3, 0)
    came = [row.get("id") for row in answer.rows("tasks")]
    day.checks.equal("the oldest startable tasks come first", sorted(came), sorted(task.id for task in tasks[:3]))
    first = answer.rows("tasks")[0] if came else {}
    day.checks.record("a claimed task says all that the document lists", all(
        name in first for name in ("id", "kind", "lease", "attempt", "delivered_at", "dossier", "subject", "payload", "earlier")
    ) and first["earlier"] == [] and first["attempt"] == 1, first)
    dossier = first.get("dossier") if isinstance(first.get("dossier"), dict) else {}
    day.checks.equal("an activation tells code, name and package", {n: dossier.get(n) for n in ("code", "name", "package")},
                     {"code": tasks[0].dossier, **tasks[0].payload})
    day.one.finish_auto()

    bad = tasks[names.index("held")]
    bad.expected = {"failed"}
    day.one.obtain([bad] + probes[0::2])
    if bad.id in day.one.held:
        verdict = day.one.finish({bad.id: failed(UNKNOWN_CODE, "no such books")}).get(bad.id)
        day.checks.equal("a failed activation is red", verdict, "failed")
    activations = [task for task in tasks if task is not bad]
    day.checks.record("all other activations succeeded", all(task.state == "succeeded" for task in activations),
                      f"{sum(task.state == 'succeeded' for task in activations)} of {len(activations)}")
    _, held = day.integration.deliver([day.item(BOOK, "held"), day.item(SYNC, "held")], expected={"cancelled"})
    day.checks.equal("a held dossier still takes tasks", len(held), 2)
    day.waiting += [(task, f"{task.kind} behind a failed activation") for task in held]
    start_retries(day, probes)


def start_retries(day, probes):
    """Report failures that are worth another try; they come back much later in the day."""
    for (name, code), probe, follower in zip(RETRY_PROBES, probes[0::2], probes[1::2]):
        if probe.id not in day.one.held:
            day.checks.record(f"task to be tried again came ({name})", False)
            continue
        lease = day.one.lease(probe)
        outcome = failed(code, f"try {name} again later")
        verdict = day.one.finish({probe.id: outcome}).get(probe.id)
        probe.plan = "auto"
        if verdict == "queued":
            day.retried.append((name, probe, follower, day.clock.now()))
            day.checks.equal(f"the same failure again is answered like the first time ({name})",
                             day.one.report_one(probe.id, lease, outcome), "queued")
        else:
            probe.expected = {"failed", "action_required"}
            follower.expected = {"cancelled"}
            day.waiting.append((follower, f"same subject as one that failed with {code} in {name}"))
        say(f"       {code} in {name}: {verdict}")
    day.checks.record("a failure code that says retry puts the task back in line", day.retried,
                      ", ".join(f"{code}: {probe.state}" for (_, code), probe in zip(RETRY_PROBES, probes[0::2])))


def part_failures(day):
    """An action code makes a task orange, an unknown one red."""
    orange, red = day.integration.deliver_all([day.item(BOOK, "action"), day.item(BOOK, "red")], plan="hand")
    orange.expected, red.expected = {"action_required"}, {"failed"}
    if not day.checks.record("tasks that will fail came", day.two.obtain([orange, red])):
        return
    params = {"period": "201802", "dossier_name": f"Foreign action {day.tag}", "dossier_code": day.code("action")}
    found = day.two.finish({
        orange.id: failed("period_not_open", "period 201802 is closed", params),
        red.id: failed(UNKNOWN_CODE, "the cup was full", {"cup": "large"}),
    })
    day.checks.equal("an action code is answered action_required", found[orange.id], "action_required")
    day.checks.equal("an unknown code is answered failed", found[red.id], "failed")

    task = day.integration.task(orange.id)
    failure = task.get("failure") if isinstance(task.get("failure"), dict) else {}
    day.checks.equal("the orange task keeps status, code and params",
                     [task.get("status"), failure.get("code"), failure.get("params")],
                     ["action_required", "period_not_open", params])
    day.checks.record("the orange task has an instruction", task.get("instruction"), task.get("instruction") or task)
    day.checks.record("the orange task tells the period", "201802" in json.dumps([task.get("instruction"), failure]), failure)
    task = day.integration.task(red.id)
    failure = task.get("failure") if isinstance(task.get("failure"), dict) else {}
    day.checks.equal("the red task keeps status, unknown code and detail",
                     [task.get("status"), failure.get("code"), failure.get("detail")], ["failed", UNKNOWN_CODE, "the cup was full"])


def part_dependants(day):
    """What waits by `subject` or `after` for a failed task does not start."""
    first, second = day.integration.deliver_all(
        [day.item(BOOK, "subject", subject="invoice-1"), day.item(BOOK, "subject", subject="invoice-1")], plan="hand")
    (leader,) = day.integration.deliver_all([day.item(BOOK, "after")], plan="hand")
    answer, follower = day.integration.deliver([day.item(DELETE, "after", after=leader.id)], plan="hand")
    if not day.checks.record("a task after another one is taken", len(follower) == 1, answer.brief()):
        return
    follower = follower[0]
    task = day.integration.task(follower.id)
    day.checks.record("a waiting task tells what it waits for", leader.id in json.dumps(task), task)
    first.expected = leader.expected = {"failed"}
    second.expected = follower.expected = {"cancelled"}
    if not day.checks.record("the tasks waited for came", day.one.obtain([first, leader])):
        return
    found = day.one.finish({task.id: failed(UNKNOWN_CODE, "not today") for task in (first, leader)})
    day.checks.equal("the tasks waited for failed", set(found.values()), {"failed"})
    day.one.work_off(2)
    day.two.work_off(2)
    day.waiting += [(second, "same subject as a failed task"), (follower, "after a failed task")]
    for task, why in day.waiting:
        day.checks.record(f"waits: {why}", not task.arrivals and day.integration.status(task.id) == "queued",
                          f"{day.integration.status(task.id)}, handed out {len(task.arrivals)} times")


def part_idempotency(day):
    """A key delivered twice is one task; a batch with one bad item delivers nothing."""
    deliver, record = day.integration.deliver, day.checks.record
    item = day.item(BOOK, "idem", idempotency_key=day.key())
    first_answer, first = deliver([item])
    again_answer, again = deliver([item])
    rows = first_answer.rows("tasks") + again_answer.rows("tasks")
    record("the same key and content give the first task", len(rows) == 2 and rows[0].get("id") == rows[1].get("id")
           and [row.get("duplicate") for row in rows] == [False, True], rows)
    others = {
        "payload": {**item, "payload": {"proposal": "another"}},
        "kind": {**item, "kind": DELETE},
        "dossier": {**item, "dossier": day.code("poll")},
    }
    for what, other in others.items():
        answer, _ = deliver([other])
        fault = problem_fault(answer, 409, "wrong_state")
        record(f"the same key with another {what} is refused", not fault, fault or answer.brief())

    good, bad = day.item(BOOK, "idem", idempotency_key=day.key()), day.item("bake_a_cake", "idem")
    new = {"kind": ACTIVATE, "dossier": day.code("never"), "payload": {"name": "Never", "package": "hledger"}}
    fault = problem_fault(deliver([good, new, bad])[0], 422, "invalid")
    record("a batch with one bad item is refused", not fault, fault)
    answer, _ = deliver([good])
    record("nothing of a refused batch was delivered", [row.get("duplicate") for row in answer.rows("tasks")] == [False],
           answer.brief())
    fault = problem_fault(deliver([day.item(BOOK, "never")])[0], 422, "invalid")
    record("no dossier of a refused batch was made", not fault, fault)
    day.one.work_off()
