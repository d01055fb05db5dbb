"""Leases: asked for again, of others, given back, cancelled, waited for, and the end of a start."""

import threading
import time
import uuid

from calls import problem_fault
from day import unknown_id
from sides import verdicts, whole_task
from words import BOOK, RELEASED, SUCCEEDED, SYNC, UNKNOWN_CODE, failed


def part_leases(day):
    """Repeated claims and reports, conflicting ones, stale leases and other people's leases."""
    equal, record = day.checks.equal, day.checks.record
    one, two = day.one, day.two
    task, other = day.integration.deliver_all([day.item(BOOK, "lease"), day.item(SYNC, "lease2")], plan="hand")
    request_id = str(uuid.uuid4())
    answers = [one.claim(20, 0, request_id) for _ in range(3)]
    leases = [sorted((row.get("id"), row.get("lease")) for row in answer.rows("tasks")) for answer in answers]
    record("a repeated request_id gives the same leases", len(leases[0]) >= 2 and leases[0] == leases[1] == leases[2], leases)
    if not record("tasks for the lease checks came", task.id in one.held and other.id in one.held):
        return
    lease, other_lease = one.lease(task), one.lease(other)
    equal("a task at work is running", day.integration.status(task.id), "running")
    equal("extend of live leases", one.extend([(task.id, lease), (other.id, other_lease)]), {task.id: "ok", other.id: "ok"})
    equal("extend of a made-up lease and of a swapped one",
          one.extend([(task.id, "made-up"), (other.id, lease)]), {task.id: "stale", other.id: "stale"})
    equal("extend of someone else's lease", two.extend([(task.id, lease)]), {task.id: "stale"})
    verdict = two.report_one(task.id, lease, SUCCEEDED)
    record("a report with someone else's lease is refused",
           verdict in ("error:stale_lease", "error:not_found", "error:forbidden"), verdict)
    equal("a report with a made-up lease is stale", one.report_one(task.id, "made-up", SUCCEEDED), "error:stale_lease")
    equal("refused reports change nothing", day.integration.status(task.id), "running")

    equal("a released task is back in line", one.finish({task.id: RELEASED})[task.id], "queued")
    equal("the same release again is answered alike", one.report_one(task.id, lease, RELEASED), "queued")
    if record("the other connector gets the released task", two.obtain([task])):
        fresh = two.lease(task)
        record("a new start has a new lease", fresh != lease, fresh)
        equal("extend of the former lease", one.extend([(task.id, lease)]), {task.id: "stale"})
        verdict = one.report_one(task.id, lease, SUCCEEDED)
        record("a report with the former lease is refused", verdict in ("error:stale_lease", "error:conflicting_report"), verdict)
        equal("the former lease changes nothing", day.integration.status(task.id), "running")
        equal("the new lease succeeds", two.finish({task.id: SUCCEEDED})[task.id], "succeeded")
        equal("the same success again is answered alike", two.report_one(task.id, fresh, SUCCEEDED), "succeeded")
        verdict = two.report_one(task.id, fresh, failed(UNKNOWN_CODE, "changed my mind"))
        equal("another outcome afterwards conflicts", verdict, "error:conflicting_report")
        equal("the first outcome stands", day.integration.status(task.id), "succeeded")
        equal("extend after the report", two.extend([(task.id, fresh)]), {task.id: "stale"})

    stranger = unknown_id(day)
    day.ledger.reporting(other.id, SUCCEEDED)
    one.held.pop(other.id, None)
    found = verdicts(one.report([(other.id, other_lease, SUCCEEDED), (stranger, "made-up", SUCCEEDED)]))
    record("one call answers good and bad reports each by itself", found.get(other.id) == "succeeded"
           and found.get(stranger) in ("error:not_found", "error:stale_lease"), found)


def part_cancel(day):
    """Cancel of a queued task and of running ones."""
    equal, record = day.checks.equal, day.checks.record
    running, queued = day.integration.deliver_all([day.item(BOOK, "cancel"), day.item(BOOK, "cancel")], plan="hand")
    (released,) = day.integration.deliver_all([day.item(SYNC, "cancel2")], plan="hand")
    queued.expected, released.expected = {"cancelled"}, {"cancelled", "failed"}
    if not record("tasks for the cancel checks came", day.one.obtain([running, released])):
        return
    answer = day.integration.cancel(queued)
    equal("a queued task is cancelled", whole_task(answer).get("status"), "cancelled")
    record("cancel answers with the task itself", answer.object.get("id") == queued.id, answer.brief())
    for name, task in (("first", running), ("second", released)):
        equal(f"a running task is only marked ({name})", whole_task(day.integration.cancel(task)).get("status"), "running")
    pairs = [(task.id, day.one.lease(task)) for task in (running, released)]
    equal("the connector is told at the next extend", day.one.extend(pairs), {task: "cancel" for task, _ in pairs})
    equal("success stays success", day.one.finish({running.id: SUCCEEDED})[running.id], "succeeded")

    day.ledger.reporting(released.id, RELEASED)
    day.one.held.pop(released.id, None)
    verdict = day.one.report_one(*pairs[1], RELEASED)
    day.ledger.tasks[released.id].state = "cancelled"
    record("a marked task that is given back is over", verdict in ("cancelled", "failed"), verdict)
    fault = problem_fault(day.integration.client.call("cancel", {"id": running.id, "reason": "too late"}), 409, "wrong_state")
    record("a task that succeeded cannot be cancelled", not fault, fault)
    day.two.work_off(2)
    record("cancelled tasks are not handed out", not queued.arrivals and len(released.arrivals) == 1,
           [len(queued.arrivals), len(released.arrivals)])


def part_long_poll(day):
    """A waiting claim is answered as soon as there is work."""
    def waiting_claim(connector):
        box = {}
        thread = threading.Thread(target=lambda: box.update(answer=connector.claim(5, 8), at=time.monotonic()), daemon=True)
        thread.start()
        time.sleep(0.8)
        return thread, box

    day.one.work_off(2)
    thread, box = waiting_claim(day.one)
    record = day.checks.record
    record("a claim with wait_seconds waits while there is nothing", "answer" not in box)
    sent = time.monotonic()
    first, second = day.integration.deliver_all([day.item(BOOK, "poll"), day.item(BOOK, "poll")], plan="hand")
    thread.join(max(0.5, min(15, day.clock.remaining())))
    delay = box["at"] - sent if "at" in box else 99
    if not record("a waiting claim is answered by a delivery", first.id in day.one.held and delay < 1.5, f"after {delay:.3f} s"):
        day.one.obtain([first], 2)
    day.counts["long_poll_ms_after_delivery"] = round(delay * 1000)

    thread, box = waiting_claim(day.two)
    record("a running task keeps the next of its dossier back", "answer" not in box)
    sent = time.monotonic()
    if first.id in day.one.held:
        day.one.finish({first.id: SUCCEEDED})
    thread.join(max(0.5, min(15, day.clock.remaining())))
    delay = box["at"] - sent if "at" in box else 99
    in_time = second.id in day.two.held and delay < 1.5
    if not record("a waiting claim is answered by a dossier that comes free", in_time, f"after {delay:.3f} s"):
        day.two.obtain([second], 2)
    day.counts["long_poll_ms_after_report"] = round(delay * 1000)
    if second.id in day.two.held:
        day.two.finish({second.id: SUCCEEDED})


def part_drain(day):
    """A drained start of a connector gets nothing more; its next start does."""
    record = day.checks.record
    answer = day.two.drain()
    record("drain is answered", answer.status == 200, answer.brief())
    task, later = day.integration.deliver_all([day.item(SYNC, "drain"), day.item(SYNC, "drain")], plan="hand")
    answer = day.two.claim(20, 0)
    record("a drained connector gets no task", not answer.rows("tasks"), answer.brief())
    if record("the other connector gets it", day.one.obtain([task], 2)):
        day.one.finish({task.id: SUCCEEDED})
    day.two.boot_id = str(uuid.uuid4())
    answer = day.two.hello()
    record("hello of a new start", answer.status == 200, answer.brief())
    if record("a new start gets tasks again", day.two.obtain([later], 3)):
        day.two.finish({later.id: SUCCEEDED})
