"""The bulk of the day's work, by two connectors at once, and its end."""

import random
import threading
import time
import uuid

from sides import whole_task
from work import BULK
from words import BOOK, CLOSED, DELETE, RELEASED, SUCCEEDED, SYNC, UNKNOWN_CODE, failed, short

RETRY_WAIT_UNTIL = 49.0  # how long the day waits for a task in back-off


def plan_bulk(day, number):
    """The ordinary tasks of the day in batches: (items, plans); some have a subject, a key, or are given back once.

    `after` is filled in at delivery, as only then the ids of earlier batches are known; here it is True.
    """
    batches, left = [], number
    while left > 0:
        size = min(left, day.random.randint(5, 15))
        items, plans = [], []
        for _ in range(size):
            name = day.random.choice(BULK)
            item = day.item(day.random.choice([BOOK, BOOK, DELETE, SYNC]), name)
            if day.random.random() < 0.3:
                item["subject"] = f"document-{day.random.randint(1, 3)}"
            if day.random.random() < 0.2:
                item["after"] = True
            if day.random.random() < 0.25:
                item["idempotency_key"] = day.key()
            items.append(item)
            plans.append("release_once" if day.random.random() < 0.12 else "auto")
        batches.append((items, plans))
        left -= size
    return batches


def part_bulk(day):
    """The ordinary work: one side delivers while both connectors carry out."""
    bulk, deliveries_done, troubles = [], threading.Event(), []
    end = day.clock.now() + 15

    def all_done():
        return deliveries_done.is_set() and all(task.state in CLOSED for task in bulk)

    def work(connector, dice):
        """One connector's loop: claim, now and then repeat the claim, extend, report all in one call."""
        while day.clock.now() < end and not all_done():
            wish = (dice.randint(1, 6), 1, str(uuid.uuid4()))
            answer = connector.claim(*wish)
            if answer.status != 200:
                troubles.append(f"claim: {answer.brief()}")
                time.sleep(0.3)
                continue
            rows = answer.rows("tasks")
            if rows and dice.random() < 0.2:
                again = connector.claim(*wish)
                same = [sorted((r.get("id"), r.get("lease")) for r in a.rows("tasks")) for a in (answer, again)]
                if same[0] != same[1]:
                    troubles.append(f"repeated claim: {same}")
            if rows and dice.random() < 0.3:
                states = connector.extend([(row["id"], row["lease"]) for row in rows])
                if set(states.values()) != {"ok"}:
                    troubles.append(f"extend: {states}")
            time.sleep(dice.random() * 0.03)
            outcomes = {}
            for row in rows:
                task = day.ledger.tasks.get(row["id"])
                if task is None or task.plan == "hand":
                    continue
                if task.plan == "release_once":
                    task.plan = "auto"
                    outcomes[task.id] = RELEASED
                elif task.plan == "fail":
                    outcomes[task.id] = failed(UNKNOWN_CODE, "last one of the day")
                else:
                    outcomes[task.id] = SUCCEEDED
            connector.finish(outcomes)

    threads = [threading.Thread(target=work, args=(connector, random.Random(day.options.seed * 1000 + n)), daemon=True)
               for n, connector in enumerate((day.one, day.two))]
    for thread in threads:
        thread.start()
    duplicates = 0
    batches = plan_bulk(day, max(10, day.options.tasks) - 2)
    for number, (items, plans) in enumerate(batches):
        for item in items:
            if item.get("after") is True:
                earlier = [task for task in bulk if task.dossier == item["dossier"]]
                if earlier:
                    item["after"] = day.random.choice(earlier).id
                else:
                    del item["after"]
        answer, tasks = day.integration.deliver(items, plans)
        if not tasks:
            troubles.append(f"deliver: {answer.brief()}")
        bulk += tasks
        keyed = [(item, task) for item, task in zip(items, tasks) if "idempotency_key" in item]
        if keyed:
            answer, again = day.integration.deliver([item for item, _ in keyed])
            duplicates += len(keyed)
            if again != [task for _, task in keyed] or not all(row.get("duplicate") is True for row in answer.rows("tasks")):
                troubles.append(f"second delivery: {answer.brief()}")
        if number == len(batches) // 2:
            day.reader.drop()
        time.sleep(0.05)
    _, last = day.integration.deliver([day.item(SYNC, BULK[0]), day.item(BOOK, BULK[1])], "fail", {"failed"})
    bulk += last
    deliveries_done.set()
    for thread in threads:
        thread.join(max(0.5, end - day.clock.now() + 3))
    succeeded = sum(task.state == "succeeded" for task in bulk)
    day.checks.record("the ordinary work is done", len(bulk) == max(10, day.options.tasks) and all_done(),
                      f"{succeeded} succeeded, {sum(task.state == 'failed' for task in bulk)} failed, of {len(bulk)}")
    day.checks.record("every call of the ordinary work was answered as expected", not troubles, troubles[:5])
    both = {connector.name: connector.claims for connector in (day.one, day.two)}
    day.counts.update(bulk_tasks=len(bulk), bulk_duplicates=duplicates, claims=both,
                      bulk_handed_out=sum(len(task.arrivals) for task in bulk))


def part_retry_return(day):
    """Wait for the tasks in back-off; they come back and tell what was tried before."""
    while day.clock.now() < RETRY_WAIT_UNTIL:
        if all(len(task.arrivals) >= 2 and follower.state in CLOSED for _, task, follower, _ in day.retried):
            break
        connector = day.random.choice((day.one, day.two))
        answer = connector.claim(10, max(1, min(3, int(RETRY_WAIT_UNTIL - day.clock.now()))))
        if answer.status != 200:
            time.sleep(0.5)
        connector.finish_auto()
    for name, task, follower, when in day.retried:
        if not day.checks.record(f"a task to be tried again came back ({name})", len(task.arrivals) >= 2,
                                 f"{len(task.arrivals)} starts; {short(day.integration.task(task.id), 200)}"):
            continue
        (_, before), (at, row) = task.arrivals[:2]
        earlier = row.get("earlier") if isinstance(row.get("earlier"), list) else []
        tells = [e for e in earlier if isinstance(e, dict) and e.get("attempt") == before.get("attempt") and e.get("outcome")]
        day.checks.record(f"it tells what was tried earlier ({name})", tells, earlier)
        day.checks.equal(f"its attempt is one more ({name})", row.get("attempt"), before.get("attempt", 0) + 1)
        day.checks.record(f"it came after its back-off of 30 s ± 20 % ({name})", 23 <= at - when <= 45, f"after {at - when:.1f} s")
        day.checks.record(f"its follower came afterwards ({name})", follower.arrivals and follower.arrivals[0][0] >= at,
                          follower.state)


def part_close(day):
    """The end of the day: what waits still waits, and everything delivered is where it should be."""
    day.one.work_off(2)
    for task, why in day.waiting:
        status = day.integration.status(task.id)
        day.checks.record(f"waits until the end: {why}", status == "queued" and not task.arrivals,
                          f"{status}, handed out {len(task.arrivals)} times")
        answer = day.integration.cancel(task, "end of the day")
        if answer.status != 200:
            day.checks.record(f"cancel of what waits: {why}", False, answer.brief())
    wrong, statuses, flat = [], {}, True
    for task in list(day.ledger.tasks.values()):
        answer = day.integration.client.call("task", {"id": task.id})
        status = whole_task(answer).get("status")
        flat = flat and "status" in answer.object
        statuses[str(status)] = statuses.get(str(status), 0) + 1
        if status not in task.expected:
            wrong.append(f"{task.kind} no. {task.place} of {task.dossier}: {status}, expected {sorted(task.expected)}")
    day.checks.record("everything delivered is concluded as expected", not wrong, wrong[:6] or statuses)
    day.checks.record("task answers with the task itself", flat)

    promises = {
        "order": "tasks of a dossier start in the order of delivery",
        "one_running": "never two running tasks of one dossier",
        "hold": "a failed activation holds its dossier",
        "dependants": "nothing starts before what it waits for",
        "cancelled": "nothing starts after it was cancelled",
        "content": "tasks come as they were delivered",
    }
    for key, name in promises.items():
        found = day.ledger.broken[key]
        day.checks.record(f"promise: {name}", not found and day.ledger.starts > 0, found[:4] or f"over {day.ledger.starts} starts")
    surprises = day.one.surprises + day.two.surprises
    day.checks.record("reports and claims were answered as the document says", not surprises, surprises[:5])
    day.checks.record("no task came that was not delivered here", not day.ledger.strangers, day.ledger.strangers[:5])
    day.counts.update(
        delivered=len(day.ledger.tasks), deliver_calls=day.integration.deliver_calls, starts=day.ledger.starts, statuses=statuses,
        dossiers=len(day.ledger.by_dossier), started_past_a_task_in_back_off=day.ledger.past_back_off,
        started_past_a_failed_task=day.ledger.past_failed, strangers=len(day.ledger.strangers),
    )


def part_leave(day):
    """Leave the office idle: cancel what should not be left, give back what is held, drain both connectors."""
    for connector in (day.one, day.two):
        connector.stopped.set()
        left = {task_id: RELEASED for task_id in list(connector.held)}
        if left:
            connector.finish(left)
    for task in day.ledger.tasks.values():
        if task.state in ("queued", "reported"):
            day.integration.cancel(task, "left over at the end of the day")
    answers = [connector.drain() for connector in (day.one, day.two)]
    day.checks.record("both connectors drain at the end of the day", all(answer.status == 200 for answer in answers),
                      [answer.brief() for answer in answers])
