"""The two sides of the protocol, with a book of all that they do."""

import threading
import time
import uuid

from client import Connector
from words import BOOK, KINDS, PACKAGES, SUCCEEDED


class Integration:
    """The delivering side."""

    def __init__(self, client, ledger):
        self.client, self.ledger = client, ledger
        self.deliver_calls = 0

    def deliver(self, items, plan="auto", expected=None):
        """Deliver items and note the new tasks. `plan` is one for all or a list. Gives (answer, tasks in order)."""
        plans = plan if isinstance(plan, list) else [plan] * len(items)
        with self.ledger.lock:
            answer = self.client.call("deliver", {"tasks": items})
            self.deliver_calls += 1
            rows = answer.rows("tasks")
            if answer.status != 200 or len(rows) != len(items):
                return answer, []
            tasks = []
            for item, row, its_plan in zip(items, rows, plans):
                known = self.ledger.tasks.get(row.get("id"))
                tasks.append(known or self.ledger.add(row.get("id"), item, its_plan, expected))
            return answer, tasks

    def deliver_all(self, items, plan="auto", expected=None):
        """Deliver what must be taken; gives the tasks."""
        answer, tasks = self.deliver(items, plan, expected)
        if not tasks:
            raise RuntimeError(f"a delivery was not taken: {answer.brief()}")
        return tasks

    def task(self, task_id):
        """The task as the server tells it, or an empty object."""
        return whole_task(self.client.call("task", {"id": task_id}))

    def status(self, task_id):
        return self.task(task_id).get("status")

    def cancel(self, task, reason="no longer wanted"):
        """Cancel a task; what is not running is noted as cancelled first."""
        with self.ledger.lock:
            before = task.state
            if before != "running":
                task.state = "cancelled"
        answer = self.client.call("cancel", {"id": task.id, "reason": reason})
        if answer.status != 200:
            task.state = before
        return answer


def whole_task(answer):
    """The task in an answer of `task` or `cancel`: the answer itself, or below "task" should it be wrapped."""
    if answer.status != 200:
        return {}
    inner = answer.object.get("task")
    return inner if "status" not in answer.object and isinstance(inner, dict) else answer.object


class Working(Connector):
    """The working side: holds leases, keeps them alive and reports."""

    def __init__(self, name, client, ledger):
        super().__init__(client, PACKAGES, KINDS, [BOOK], 32)
        self.name, self.ledger = name, ledger
        self.held = {}  # task id -> the task as claimed
        self.stopped = threading.Event()
        self.surprises = []
        self.claims = 0

    def claim(self, max_tasks=20, wait=0, request_id=None):
        """Claim and hold what comes."""
        self.claims += 1
        answer = super().claim(max_tasks, wait, request_id or str(uuid.uuid4()))
        if answer.status == 200:
            if len(answer.rows("tasks")) > max_tasks:
                self.surprises.append(f"{len(answer.rows('tasks'))} tasks for max {max_tasks}")
            for row in answer.rows("tasks"):
                self.ledger.started(row)
                with self.ledger.lock:
                    self.held[row.get("id")] = row
        return answer

    def report(self, triples):
        """A lost answer is asked for again, which the document makes safe."""
        for _ in range(3):
            answer = super().report(triples)
            if answer.status or self.client.clock.remaining() < 2:
                break
        return answer

    def report_one(self, task_id, lease, outcome):
        """Report one outcome without noting it; gives its verdict: a status, or "error:<code>"."""
        answer = self.report([(task_id, lease, outcome)])
        return verdicts(answer).get(task_id, f"http {answer.brief()}")

    def finish(self, outcomes):
        """Report {task id: outcome} for tasks that are held, in one call; gives {task id: verdict}."""
        triples = []
        with self.ledger.lock:
            for task_id, outcome in outcomes.items():
                row = self.held.pop(task_id)
                self.ledger.reporting(task_id, outcome)
                triples.append((task_id, row.get("lease"), outcome))
        if not triples:
            return {}
        answer = self.report(triples)
        found = verdicts(answer)
        for task_id, _, outcome in triples:
            verdict = found.setdefault(task_id, f"http {answer.brief()}")
            self.ledger.reported(task_id, outcome, verdict)
            wanted = {"succeeded": "succeeded", "released": "queued"}.get(next(iter(outcome)))
            if wanted and verdict != wanted:
                self.surprises.append(f"{next(iter(outcome))} of {task_id} answered {verdict}")
        return found

    def finish_auto(self):
        """Carry out what is held and needs no hand."""
        with self.ledger.lock:
            ready = [i for i in self.held if i in self.ledger.tasks and self.ledger.tasks[i].plan == "auto"]
        return self.finish({task_id: SUCCEEDED for task_id in ready})

    def obtain(self, wanted, seconds=4.0):
        """Claim until these tasks are held, carrying out what else comes. Gives whether all came."""
        end = time.monotonic() + seconds
        refused = 0
        while time.monotonic() < end and self.client.clock.remaining() > 0 and refused < 3:
            answer = self.claim(20, 0)
            if answer.status != 200:
                refused += 1
                time.sleep(0.2)
            self.finish_auto()
            if all(task.id in self.held for task in wanted):
                return True
            if not answer.rows("tasks"):
                time.sleep(0.1)
        return all(task.id in self.held for task in wanted)

    def work_off(self, seconds=4.0):
        """Carry out everything that can start now; ends with the first empty claim."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self.claim(20, 0)
            self.finish_auto()
            if not answer.rows("tasks"):
                return

    def lease(self, task):
        return self.held[task.id]["lease"]

    def keep_extending(self):
        """Body of a thread: one extend for all that is held, as often as hello asked for."""
        while not self.stopped.wait(max(1.0, min(self.extend_seconds, 60))):
            with self.ledger.lock:
                pairs = [(i, row.get("lease")) for i, row in self.held.items()]
            if pairs:
                self.extend(pairs)


def verdicts(answer):
    """What a report's answer says per task: its status, or "error:<code>"."""
    found = {}
    if answer.status == 200:
        for row in answer.rows("reports"):
            error = row.get("error")
            found[row.get("task")] = f"error:{error.get('code')}" if isinstance(error, dict) else str(row.get("status"))
    return found
