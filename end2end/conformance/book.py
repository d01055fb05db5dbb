"""What the client knows of its tasks, and which of their starts break a promise."""

import threading
from dataclasses import dataclass, field

from words import ACTIVATE, DONE, short


@dataclass
class Task:
    """A delivered task as its deliverer and its connectors know it."""

    id: str
    kind: str
    dossier: str
    payload: object
    subject: str | None
    after: str | None
    place: int
    plan: str = "auto"  # auto: succeed when it comes; hand: a part of the day sees to it; release_once; fail
    expected: set = field(default_factory=lambda: {"succeeded"})
    state: str = "queued"
    backing_off: bool = False
    arrivals: list = field(default_factory=list)  # (seconds of the day, the task as claimed)


class Ledger:
    """The client's own book of all its tasks. It notices every start that breaks a promise.

    A change is noted before the call that causes it is sent, and a start after its answer has come. So whatever looks
    wrong here was wrong at the server too, however the threads run. Deliveries hold the lock until their ids are noted.
    """

    def __init__(self, clock):
        self.clock = clock
        self.lock = threading.RLock()
        self.tasks = {}
        self.by_dossier = {}
        self.leases = set()
        self.running = {}  # dossier -> task id
        self.broken = {"order": [], "one_running": [], "hold": [], "dependants": [], "cancelled": [], "content": []}
        self.strangers = []
        self.past_back_off = 0
        self.past_failed = 0
        self.starts = 0

    def add(self, task_id, item, plan, expected):
        """Note a newly delivered task."""
        line = self.by_dossier.setdefault(item["dossier"], [])
        task = Task(
            task_id, item["kind"], item["dossier"], item.get("payload"), item.get("subject"), item.get("after"), len(line)
        )
        task.plan = plan
        if expected:
            task.expected = set(expected)
        line.append(task)
        self.tasks[task_id] = task
        return task

    def waits_for(self, task):
        """The tasks that this one waits for and that are not done."""
        wanted = [self.tasks[task.after]] if task.after in self.tasks else []
        if task.subject is not None:
            wanted += [t for t in self.by_dossier[task.dossier][: task.place] if t.subject == task.subject]
        return [t for t in wanted if t.state not in DONE]

    def started(self, row):
        """Note a task out of a claim's answer; gives back its Task, or None for one that is not ours."""
        with self.lock:
            task = self.tasks.get(row.get("id"))
            if row.get("lease") in self.leases:
                return task
            self.leases.add(row.get("lease"))
            self.starts += 1
            if task is None:
                self.strangers.append(row.get("id"))
                return None
            who = f"{task.kind} no. {task.place} of {task.dossier}"
            other = self.running.get(task.dossier)
            if other is not None:
                self.broken["one_running"].append(f"{who} started while {other} was running")
            if task.state == "cancelled":
                self.broken["cancelled"].append(f"{who} started after it was cancelled")
            if missing := self.waits_for(task):
                self.broken["dependants"].append(f"{who} started before {[t.id for t in missing]}")
            for earlier in self.by_dossier[task.dossier][: task.place]:
                if earlier.kind == ACTIVATE and earlier.state in ("failed", "action_required"):
                    self.broken["hold"].append(f"{who} started behind a failed activation")
                elif earlier.state in ("failed", "action_required"):
                    self.past_failed += 1
                elif earlier.backing_off:
                    self.past_back_off += 1
                elif earlier.state == "queued" and not self.waits_for(earlier):
                    self.broken["order"].append(f"{who} started before no. {earlier.place}")
            dossier = row.get("dossier") if isinstance(row.get("dossier"), dict) else {}
            same_payload = task.payload is None or row.get("payload") == task.payload
            if not (row.get("kind") == task.kind and dossier.get("code") == task.dossier and same_payload
                    and row.get("subject") == task.subject):
                self.broken["content"].append(f"{who} came as {short(row, 200)}")
            task.state, task.backing_off = "running", False
            task.arrivals.append((self.clock.now(), row))
            self.running[task.dossier] = task.id
            return task

    def reporting(self, task_id, outcome):
        """Note that an outcome is about to be reported."""
        with self.lock:
            if task := self.tasks.get(task_id):
                kind = next(iter(outcome))
                task.state = {"succeeded": "succeeded", "released": "queued"}.get(kind, "reported")
                if self.running.get(task.dossier) == task_id:
                    del self.running[task.dossier]

    def reported(self, task_id, outcome, verdict):
        """Note the answer to a report of a failure."""
        with self.lock:
            task = self.tasks.get(task_id)
            if task and "failed" in outcome and task.state == "reported":
                task.state = verdict
                task.backing_off = verdict == "queued"
