#!/usr/bin/env python3
"""A foreign client for the connector and integration protocol, version 1.

It is written from the protocol document alone and shares no code with the server: it shows that somebody with nothing
but the document can do the whole job. It works "a day" against an otherwise idle office that has no other connector:
an integration delivers tasks, two connectors carry them out, and on the way every promise of the document that can be
seen from outside is checked.

How to run it (Python 3.11 or later, standard library only):

    python3 foreign_connector.py --base-url http://127.0.0.1:3100 \
        --connector-token nwc_... --second-connector-token nwc_... --integration-token nwi_... [--tasks 60] [--seed 1]

Progress goes to standard error. Standard output gets one JSON object at the end:

    {"ok": true, "checks": [{"name": "...", "ok": true, "detail": "..."}], "counts": {...}}

The exit status is 0 when every check is ok and 1 otherwise. A day takes about 40 seconds, most of it waiting for the
back-off of the tasks that are tried again, and never 60. Dossier codes are new in every run, so it may be run again in
the same office; it leaves nothing queued or running, only the failed and orange tasks it made on purpose.
"""

import argparse
import http.client
import json
import random
import re
import secrets
import select
import socket
import sys
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DAY_SECONDS = 55.0  # no call is made later than this
RETRY_WAIT_UNTIL = 49.0  # how long the day waits for a task in back-off
CALL_TIMEOUT = 8.0

BOOK, DELETE, SYNC, ACTIVATE = (
    "process_booking_proposal",
    "delete_booking_proposal",
    "synchronise_dossier",
    "activate_dossier",
)
KINDS = [ACTIVATE, BOOK, DELETE, SYNC]
PACKAGES = ["adsolut", "hledger"]
CALLS = ["enrol", "deliver", "task", "cancel", "events", "hello", "claim", "extend", "report", "drain"]
DONE = {"succeeded", "cancelled"}
CLOSED = DONE | {"failed", "action_required"}
UNKNOWN_CODE = "coffee_spilled_on_ledger"

SUCCEEDED = {"succeeded": {"result": {"done": True}}}
RELEASED = {"released": {"reason": "given back by the foreign connector", "retry_after_seconds": 1}}


def failed(code, detail, params=None):
    """The outcome `failed` with its code, detail and, where given, its params."""
    outcome = {"code": code, "detail": detail}
    if params is not None:
        outcome["params"] = params
    return {"failed": outcome}


def say(text):
    """One line of progress for a person."""
    print(text, file=sys.stderr, flush=True)


def short(value, limit=300):
    """A value as text that fits in a check's detail."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


# ---------------------------------------------------------------------------------------------------------------------
# Time, checks, HTTP


class Clock:
    """The length of the day, on the monotonic clock."""

    def __init__(self, limit):
        self.start = time.monotonic()
        self.limit = limit

    def now(self):
        return time.monotonic() - self.start

    def remaining(self):
        return self.limit - self.now()


class Checks:
    """What was checked and how it went; threads may share it."""

    def __init__(self, clock):
        self.clock = clock
        self.lock = threading.Lock()
        self.items = []

    def record(self, name, ok, detail=""):
        """Note one check; gives back whether it was ok."""
        ok = bool(ok)
        with self.lock:
            self.items.append({"name": name, "ok": ok, "detail": short(detail, 600)})
        say(f"{self.clock.now():6.2f}s {'ok  ' if ok else 'FAIL'} {name}{': ' + short(detail) if detail else ''}")
        return ok

    def equal(self, name, found, expected):
        """Note a check that two values are the same."""
        same = found == expected
        return self.record(name, same, short(found) if same else f"expected {short(expected)}, found {short(found)}")


@dataclass
class Answer:
    """One HTTP answer. Status 0 means that there was none; `error` then says why."""

    status: int = 0
    headers: dict = field(default_factory=dict)
    body: object = None
    text: str = ""
    error: str = ""
    at: float = 0.0
    seconds: float = 0.0

    @property
    def object(self):
        """The JSON object of the answer, or an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    def rows(self, name):
        """The list of objects below `name`, or an empty one."""
        rows = self.object.get(name)
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @property
    def code(self):
        return self.object.get("code")

    def brief(self):
        return f"{self.status or 'no answer'} {self.error or short(self.text, 200)}"


class Client:
    """HTTP and JSON for one token. Every call has a timeout, and none is made once the day is over."""

    def __init__(self, base_url, token, clock):
        parts = urlsplit(base_url)
        self.secure = parts.scheme == "https"
        self.host, self.port = parts.hostname, parts.port
        self.prefix = parts.path.rstrip("/") + "/api/v1/"
        self.token, self.clock = token, clock
        self.asked_to_wait = 0

    def connection(self, timeout):
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=max(0.5, min(timeout, self.clock.remaining() + 1)))

    def headers(self, token=None, extra=None):
        """The request's headers; token "" sends no Authorization, None the client's own."""
        headers = {"Accept": "application/json, application/problem+json", "User-Agent": "foreign-connector/1"}
        token = self.token if token is None else token
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers.update(extra or {})
        return headers

    def call(self, name, body, timeout=CALL_TIMEOUT, token=None):
        """POST a JSON object. Answers that say "not now, nothing was done" are tried again, a few times."""
        for _ in range(3):
            answer = self.send("POST", name, json.dumps(body).encode(), timeout, token)
            later = answer.status == 429 or answer.code in ("storage_unavailable", "draining")
            if not later or self.clock.remaining() < 5:
                return answer
            self.asked_to_wait += 1
            wait = answer.headers.get("retry-after", "")
            time.sleep(min(3.0, float(wait) if wait.isdigit() else 0.5))
        return answer

    def get(self, name, timeout=CALL_TIMEOUT, token=None, extra=None):
        return self.send("GET", name, None, timeout, token, extra)

    def send(self, method, name, raw, timeout=CALL_TIMEOUT, token=None, extra=None):
        """One request with the raw bytes given."""
        if self.clock.remaining() <= 0:
            return Answer(error="the day is over", at=time.monotonic())
        began = time.monotonic()
        conn = self.connection(timeout)
        headers = self.headers(token, extra)
        if raw is not None:
            headers["Content-Type"] = "application/json"
        try:
            conn.request(method, self.prefix + name, body=raw, headers=headers)
            answer = self.read(conn)
        except (OSError, http.client.HTTPException) as error:
            answer = Answer(error=f"{type(error).__name__}: {error}")
        finally:
            conn.close()
        answer.at = time.monotonic()
        answer.seconds = answer.at - began
        return answer

    def send_large(self, name, raw):
        """POST a large body in pieces and stop as soon as the server answers, for it may refuse before the end."""
        if self.clock.remaining() <= 0:
            return Answer(error="the day is over")
        conn = self.connection(CALL_TIMEOUT)
        try:
            conn.putrequest("POST", self.prefix + name)
            for key, value in self.headers().items():
                conn.putheader(key, value)
            conn.putheader("Content-Type", "application/json")
            conn.putheader("Content-Length", str(len(raw)))
            conn.endheaders()
            patience = 0.2
            for begin in range(0, len(raw), 65536):
                if select.select([conn.sock], [], [], patience)[0]:
                    break
                patience = 0
                try:
                    conn.send(raw[begin : begin + 65536])
                except OSError:
                    break
            return self.read(conn)
        except (OSError, http.client.HTTPException) as error:
            return Answer(error=f"{type(error).__name__}: {error}")
        finally:
            conn.close()

    @staticmethod
    def read(conn):
        """Read the answer of a request; the body of an event stream is left alone."""
        response = conn.getresponse()
        headers = {key.lower(): value for key, value in response.getheaders()}
        if headers.get("content-type", "").startswith("text/event-stream"):
            return Answer(response.status, headers, None, "(event stream)")
        text = response.read().decode("utf-8", "replace")
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        return Answer(response.status, headers, body, text)


def problem_fault(answer, status, code=None):
    """What is wrong with an answer that must be this problem, or "" when it is as the document says."""
    faults = []
    if answer.status != status:
        return f"expected {status}, found {answer.brief()}"
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        faults.append(f"content type {answer.headers.get('content-type')!r}")
    if not isinstance(answer.body, dict):
        return "; ".join(faults + [f"body is no JSON object: {short(answer.text, 120)}"])
    for name in ("type", "title", "detail", "code"):
        if not isinstance(answer.body.get(name), str) or (name == "code" and not answer.body["code"]):
            faults.append(f"{name} is {answer.body.get(name)!r}")
    if answer.body.get("status") != status:
        faults.append(f"status in the body is {answer.body.get('status')!r}")
    if code and answer.body.get("code") != code:
        faults.append(f"code is {answer.body.get('code')!r}, expected {code!r}")
    if status == 401 and not answer.headers.get("www-authenticate", "").lower().startswith("bearer"):
        faults.append(f"WWW-Authenticate is {answer.headers.get('www-authenticate')!r}")
    if status == 422:
        errors = answer.body.get("errors")
        right = isinstance(errors, list) and errors and all(
            isinstance(e, dict) and isinstance(e.get("field"), str) and isinstance(e.get("message"), str) for e in errors
        )
        if not right:
            faults.append(f"errors is {short(errors, 120)}")
    return "; ".join(faults)


# ---------------------------------------------------------------------------------------------------------------------
# What the client knows of its tasks


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


class Connector:
    """The working side: holds leases, keeps them alive and reports."""

    def __init__(self, name, client, ledger):
        self.name, self.client, self.ledger = name, client, ledger
        self.boot_id = str(uuid.uuid4())
        self.held = {}  # task id -> the task as claimed
        self.extend_seconds = 30
        self.stopped = threading.Event()
        self.surprises = []
        self.claims = 0

    def hello(self):
        answer = self.client.call("hello", {
            "boot_id": self.boot_id, "version": "1.0.0", "packages": PACKAGES, "kinds": KINDS,
            "recovers": [BOOK], "max_parallel": 32,
        })
        seconds = answer.object.get("extend_seconds")
        if isinstance(seconds, (int, float)) and seconds > 0:
            self.extend_seconds = seconds
        return answer

    def claim(self, max_tasks=20, wait=0, request_id=None):
        """Claim and hold what comes."""
        self.claims += 1
        answer = self.client.call(
            "claim",
            {"request_id": request_id or str(uuid.uuid4()), "max": max_tasks, "wait_seconds": wait},
            timeout=wait + CALL_TIMEOUT,
        )
        if answer.status == 200:
            if len(answer.rows("tasks")) > max_tasks:
                self.surprises.append(f"{len(answer.rows('tasks'))} tasks for max {max_tasks}")
            for row in answer.rows("tasks"):
                self.ledger.started(row)
                with self.ledger.lock:
                    self.held[row.get("id")] = row
        return answer

    def extend(self, pairs):
        """Extend (task, lease) pairs; gives {task: state}."""
        body = {"leases": [{"task": task, "lease": lease} for task, lease in pairs]}
        return {row.get("task"): row.get("state") for row in self.client.call("extend", body).rows("leases")}

    def report_raw(self, items):
        """Report (task, lease, outcome) triples; a lost answer is asked for again, which the document makes safe."""
        body = {"reports": [{"task": task, "lease": lease, "outcome": outcome} for task, lease, outcome in items]}
        for _ in range(3):
            answer = self.client.call("report", body)
            if answer.status or self.client.clock.remaining() < 2:
                break
        return answer

    def report_one(self, task_id, lease, outcome):
        """Report one outcome without noting it; gives its verdict: a status, or "error:<code>"."""
        answer = self.report_raw([(task_id, lease, outcome)])
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
        answer = self.report_raw(triples)
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


# ---------------------------------------------------------------------------------------------------------------------
# The event stream


def rank(event_id):
    """An event id as something that can be compared: the numbers in it."""
    return tuple(int(number) for number in re.findall(r"\d+", event_id))


class EventReader:
    """A reader of the event stream that comes back with Last-Event-ID whenever its connection ends."""

    def __init__(self, client, last_id=None):
        self.client, self.last_id = client, last_id
        self.events = []  # (id or None, event name, data)
        self.faults = []
        self.connects = 0
        self.opened = threading.Event()
        self.stopped = threading.Event()
        self.conn = self.socket = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def run(self):
        """Connect, read, and come back; a bounded number of times."""
        while not self.stopped.is_set() and self.connects < 30 and self.client.clock.remaining() > 0:
            self.connects += 1
            try:
                self.read_once()
            except (OSError, http.client.HTTPException, AttributeError, ValueError) as error:
                if not self.stopped.is_set() and not isinstance(error, (TimeoutError, AttributeError)):
                    say(f"       event stream ended: {type(error).__name__}: {error}")
            self.stopped.wait(0.2)

    def read_once(self):
        extra = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        if self.last_id is not None:
            extra["Last-Event-ID"] = self.last_id
        self.conn = self.client.connection(20)
        try:
            self.conn.request("GET", self.client.prefix + "events", headers=self.client.headers(extra=extra))
            self.socket = self.conn.sock
            response = self.conn.getresponse()
            kind = response.getheader("Content-Type", "")
            if response.status != 200 or not kind.startswith("text/event-stream"):
                self.faults.append(f"{response.status} {kind}")
                self.stopped.wait(1)
                return
            self.opened.set()
            event_id, name, data = None, "message", []
            while not self.stopped.is_set():
                line = response.readline()
                if not line:
                    return
                line = line.decode("utf-8", "replace").rstrip("\r\n")
                if not line:
                    if data or event_id is not None or name != "message":
                        self.events.append((event_id, name, "\n".join(data)))
                        if event_id is not None:
                            self.last_id = event_id
                    event_id, name, data = None, "message", []
                    continue
                key, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                if key == "id":
                    event_id = value
                elif key == "event":
                    name = value
                elif key == "data":
                    data.append(value)
        finally:
            self.conn.close()

    def drop(self):
        """Cut the connection, as a bad network would; the reader comes back by itself."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except (OSError, AttributeError):
            pass

    def stop(self):
        self.stopped.set()
        self.drop()
        self.thread.join(1)

    def numbered(self):
        """The events that carry an id."""
        return [event for event in list(self.events) if event[0] is not None]


# ---------------------------------------------------------------------------------------------------------------------
# The day


class Day:
    """Everything the parts of the day share."""

    def __init__(self, options):
        self.options = options
        self.clock = Clock(DAY_SECONDS)
        self.checks = Checks(self.clock)
        self.ledger = Ledger(self.clock)
        self.random = random.Random(options.seed)
        clients = [Client(options.base_url, token, self.clock) for token in
                   (options.integration_token, options.connector_token, options.second_connector_token)]
        self.clients = clients
        self.integration = Integration(clients[0], self.ledger)
        self.one = Connector("one", clients[1], self.ledger)
        self.two = Connector("two", clients[2], self.ledger)
        self.reader = EventReader(clients[0])
        self.tag = secrets.token_hex(4).upper()
        self.codes = {}
        self.retried = []  # (short name, task, its follower, seconds of the day of the report)
        self.waiting = []  # tasks that must still wait at the end
        self.counts = {}

    def code(self, name):
        """The dossier code for a short name, new in every run."""
        return self.codes.setdefault(name, f"F{self.tag}{len(self.codes):02d}")

    def item(self, kind, dossier, **more):
        """A task to deliver; `dossier` is a short name."""
        number = secrets.token_hex(4)
        return {"kind": kind, "dossier": self.code(dossier), "payload": {"proposal": number, "amount": "121.00"}, **more}

    def key(self):
        return f"key-{uuid.uuid4()}"


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
    found = verdicts(one.report_raw([(other.id, other_lease, SUCCEEDED), (stranger, "made-up", SUCCEEDED)]))
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
        thread = threading.Thread(target=lambda: box.update(answer=connector.claim(5, 8)), daemon=True)
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
    delay = box["answer"].at - sent if "answer" in box else 99
    if not record("a waiting claim is answered by a delivery", first.id in day.one.held and delay < 1.5, f"after {delay:.3f} s"):
        day.one.obtain([first], 2)
    day.counts["long_poll_ms_after_delivery"] = round(delay * 1000)

    thread, box = waiting_claim(day.two)
    record("a running task keeps the next of its dossier back", "answer" not in box)
    sent = time.monotonic()
    if first.id in day.one.held:
        day.one.finish({first.id: SUCCEEDED})
    thread.join(max(0.5, min(15, day.clock.remaining())))
    delay = box["answer"].at - sent if "answer" in box else 99
    in_time = second.id in day.two.held and delay < 1.5
    if not record("a waiting claim is answered by a dossier that comes free", in_time, f"after {delay:.3f} s"):
        day.two.obtain([second], 2)
    day.counts["long_poll_ms_after_report"] = round(delay * 1000)
    if second.id in day.two.held:
        day.two.finish({second.id: SUCCEEDED})


def part_drain(day):
    """A drained start of a connector gets nothing more; its next start does."""
    record = day.checks.record
    answer = day.two.client.call("drain", {"boot_id": day.two.boot_id})
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


def unknown_id(day):
    """An id that looks like the server's own but belongs to no task."""
    model = next(iter(day.ledger.tasks), "0")
    if model.isdigit():
        return str(int(model) + 10**9)
    rings = ["0123456789", "abcdef", "ABCDEF", "ghijklmnopqrstuvwxyz", "GHIJKLMNOPQRSTUVWXYZ"]

    def turn(letter):
        ring = next((ring for ring in rings if letter in ring), letter)
        return ring[(ring.index(letter) + 3) % len(ring)]

    wanted = model[:-6] + "".join(turn(letter) for letter in model[-6:])
    return wanted if wanted not in day.ledger.tasks else wanted[:-1] + turn(wanted[-1])


def part_errors(day):
    """Every refusal of the document, and that each is a proper problem document."""
    integration, one = day.integration.client, day.one.client

    def refuse(name, answer, status, code=None):
        """Note that an answer is this problem; what was taken by mistake is cancelled."""
        fault = problem_fault(answer, status, code)
        day.checks.record(f"{status}: {name}", not fault, fault or short(answer.object.get("errors") or answer.code))
        if answer.status == 200:
            for row in answer.rows("tasks"):
                integration.call("cancel", {"id": row.get("id"), "reason": "delivered by mistake"})

    claim = {"request_id": str(uuid.uuid4()), "max": 1, "wait_seconds": 0}
    refuse("deliver of something that is not JSON", integration.send("POST", "deliver", b'{"tasks": ['), 400, "malformed")
    refuse("claim of something that is not JSON", one.send("POST", "claim", b"max=1"), 400, "malformed")

    known = next(iter(day.ledger.tasks), "none")
    middle = len(one.token) // 2
    turned = one.token[:middle] + ("a" if one.token[middle] != "a" else "b") + one.token[middle + 1 :]
    for name, token in (("no token", ""), ("a token out of thin air", "nwc_nobody"), ("a token with one wrong letter", turned)):
        refuse(f"claim with {name}", one.call("claim", claim, token=token), 401, "unauthenticated")
    refuse("task without a token", integration.call("task", {"id": known}, token=""), 401, "unauthenticated")
    refuse("events without a token", integration.get("events", token=""), 401, "unauthenticated")

    # The dossier is unknown, so that nothing would be delivered should the token be let through.
    refuse("deliver by a connector", one.call("deliver", {"tasks": [day.item(BOOK, "nowhere")]}), 403, "forbidden")
    refuse("cancel by a connector", one.call("cancel", {"id": unknown_id(day), "reason": "mine"}), 403, "forbidden")
    refuse("claim by an integration", integration.call("claim", claim), 403, "forbidden")
    refuse("drain by an integration", integration.call("drain", {"boot_id": str(uuid.uuid4())}), 403, "forbidden")

    refuse("task with an unknown id", integration.call("task", {"id": unknown_id(day)}), 404, "not_found")
    refuse("task with an id of another look", integration.call("task", {"id": "no-such-task"}), 404, "not_found")
    refuse("cancel with an unknown id", integration.call("cancel", {"id": unknown_id(day), "reason": "none"}), 404, "not_found")
    refuse("an unknown path (POST)", integration.call("no-such-call", {}), 404)
    refuse("an unknown path (GET)", integration.get("no/such/page"), 404)
    for name, client in (("deliver", integration), ("task", integration), ("claim", one), ("hello", one)):
        refuse(f"GET on {name}", client.get(name), 405)

    item = day.item(BOOK, "idem")
    large = {"tasks": [{**item, "payload": {"filler": "x" * (1 << 20)}}]}
    refuse("a body over 1 MiB", integration.send_large("deliver", json.dumps(large).encode()), 413, "too_large")

    def bad_deliver(name, *items, **more):
        refuse(f"deliver with {name}", integration.call("deliver", {"tasks": list(items), **more}), 422, "invalid")

    def bad_claim(name, **more):
        body = {**claim, "request_id": str(uuid.uuid4()), **more}
        refuse(f"claim with {name}", one.call("claim", {k: v for k, v in body.items() if v is not None}), 422, "invalid")

    refuse("deliver with tasks of a wrong type", integration.call("deliver", {"tasks": "all"}), 422, "invalid")
    refuse("deliver without tasks", integration.call("deliver", {}), 422, "invalid")
    bad_deliver("an empty list")
    bad_deliver("1001 tasks", *[{**item, "idempotency_key": f"too-many-{day.tag}"}] * 1001)
    bad_deliver("a kind of a wrong type", {**item, "kind": 7})
    bad_deliver("a missing kind", {"dossier": item["dossier"]})
    bad_deliver("a missing dossier", {"kind": BOOK})
    bad_deliver("an unknown field", item, colour="green")
    bad_deliver("an unknown field in a task", {**item, "colour": "green"})
    bad_deliver("an unknown kind", {**item, "kind": "bake_a_cake"})
    bad_deliver("an unknown dossier", {**item, "dossier": day.code("nowhere")})
    bad_deliver("an activation without a package",
                {"kind": ACTIVATE, "dossier": day.code("nameless"), "payload": {"name": "Nameless"}})

    # How `after` could point inside a batch is not said, so both ways to try are tried: by key and by number.
    keys = [day.key(), day.key()]
    bad_deliver("after that is itself, by key", {**item, "idempotency_key": keys[0], "after": keys[0]})
    bad_deliver("after that is itself, by number", {**item, "after": 0})
    bad_deliver("after that comes later, by key", {**item, "after": keys[1]}, {**item, "idempotency_key": keys[1]})
    bad_deliver("after that comes later, by number", {**item, "after": 1}, item)
    bad_deliver("after that is unknown", {**item, "after": unknown_id(day)})
    elsewhere = next((task.id for task in day.ledger.tasks.values() if task.dossier != item["dossier"]), "none")
    bad_deliver("after in another dossier", {**item, "after": elsewhere})

    bad_deliver("a control character in the subject", {**item, "subject": "bell\u0007"})
    bad_deliver("a control character in the key", {**item, "idempotency_key": f"nul\u0000{day.tag}"})
    bad_deliver("a control character in a dossier's code",
                {"kind": ACTIVATE, "dossier": f"F\u0001{day.tag}", "payload": {"name": "Bell", "package": "hledger"}})
    bad_deliver("a control character in a dossier's name",
                {"kind": ACTIVATE, "dossier": day.code("bell"), "payload": {"name": "Bell\u0007", "package": "hledger"}})

    bad_claim("max 0", max=0)
    bad_claim("max 101", max=101)
    bad_claim("wait_seconds 56", wait_seconds=56)
    bad_claim("wait_seconds -1", wait_seconds=-1)
    bad_claim("max of a wrong type", max="many")
    bad_claim("an unknown field", colour="green")
    bad_claim("no request_id", request_id=None)
    refuse("task without an id", integration.call("task", {}), 422, "invalid")
    refuse("hello without a version", one.call("hello", {
        "boot_id": day.one.boot_id, "packages": PACKAGES, "kinds": KINDS, "recovers": [], "max_parallel": 32,
    }), 422, "invalid")
    answer = one.call("report", {"reports": [{"task": known, "lease": "made-up", "outcome": {"exploded": {}}}]})
    day.checks.equal("a report of an unknown outcome is refused by itself", verdicts(answer), {known: "error:invalid"})


def part_openapi(day):
    """The server's own description is OpenAPI 3.1 and names every call."""
    client = day.integration.client
    answer = client.get("openapi.json", token="")
    if answer.status == 401:
        answer = client.get("openapi.json")
    version = str(answer.object.get("openapi"))
    day.checks.record("the OpenAPI document is of version 3.1", answer.status == 200 and version.startswith("3.1"), version)
    paths = answer.object.get("paths") if isinstance(answer.object.get("paths"), dict) else {}
    wrong = []
    for call in CALLS:
        method = "get" if call == "events" else "post"
        entry = next((entry for path, entry in paths.items() if path.rstrip("/").endswith("/" + call)), None)
        if not isinstance(entry, dict) or method not in entry:
            wrong.append(f"{method} {call}")
    day.checks.record("the OpenAPI document names every call", not wrong, f"missing: {wrong}" if wrong else f"{len(CALLS)} calls")


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


def part_events(day):
    """The event stream: rising ids, every task in it, and no hole after coming back with Last-Event-ID."""
    reader, record = day.reader, day.checks.record
    seen = -1
    for _ in range(8):  # until the stream is quiet
        if len(reader.events) == seen or day.clock.remaining() < 3:
            break
        seen = len(reader.events)
        time.sleep(0.4)
    events = reader.numbered()
    ranks = [rank(event[0]) for event in events]
    rising = all(ranks) and all(a < b for a, b in zip(ranks, ranks[1:]))
    if not record("the event stream has rising ids", rising and len(events) > 1,
                  f"{len(events)} events, {reader.connects} connections, faults {reader.faults[:3]}; first {short(events[:1], 200)}"):
        if len(events) < 2 or not all(ranks):
            return
    record("the reader was not reset", all(event[1] != "reset" for event in reader.events),
           f"{sum(event[1] == 'reset' for event in reader.events)} resets")
    record("the reader came back by itself", reader.connects >= 2, f"{reader.connects} connections")
    text = "\n".join(event[2] for event in list(reader.events))
    missing = [task.id for task in day.ledger.tasks.values() if task.id not in text]
    record("every delivered task is in the event stream", not missing, f"missing {len(missing)}: {missing[:3]}" if missing else "")

    last = ranks[-1]
    for name, start in (("from the beginning", 0), ("from the middle", len(events) // 2)):
        again = EventReader(day.integration.client, last_id=events[start][0]).start()
        end = time.monotonic() + min(3.0, day.clock.remaining() / 2)
        while time.monotonic() < end:
            got = again.numbered()
            if got and rank(got[-1][0]) >= last:
                break
            time.sleep(0.05)
        again.stop()
        got = [event for event in again.numbered() if rank(event[0]) <= last]
        wanted = events[start + 1 :]
        holes = sorted({event[0] for event in wanted} ^ {event[0] for event in got}, key=rank)
        resets = sum(event[1] == "reset" for event in again.events)
        record(f"a reader resumes without a hole {name}", [e[0] for e in got] == [e[0] for e in wanted] and not resets,
               f"{len(got)} events, expected {len(wanted)}, differing ids {holes[:5]}, resets {resets}, faults {again.faults[:2]}")
        same = [event for event in got if event in wanted]
        record(f"a resumed reader is told the same {name}", len(same) == len(got) > 0, f"{len(same)} of {len(got)} are the same")
    day.counts["events"] = len(events)


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
    answers = [connector.client.call("drain", {"boot_id": connector.boot_id}) for connector in (day.one, day.two)]
    day.checks.record("both connectors drain at the end of the day", all(answer.status == 200 for answer in answers),
                      [answer.brief() for answer in answers])


PARTS = [
    part_hello, part_activate, part_failures, part_dependants, part_idempotency, part_leases, part_cancel, part_long_poll,
    part_drain, part_bulk, part_errors, part_openapi, part_retry_return, part_close, part_events, part_leave,
]


def run_day(options):
    """Run all parts, one after the other; a part that breaks is a failed check and the day goes on."""
    day = Day(options)
    day.reader.start()
    if not day.reader.opened.wait(3):
        say("       the event stream has not opened yet")
    for part in PARTS:
        name = part.__name__.removeprefix("part_").replace("_", " ")
        say(f"{day.clock.now():6.2f}s -- {name}")
        try:
            part(day)
        except Exception as error:  # the day goes on, and the check says what happened
            say(traceback.format_exc())
            day.checks.record(f"part ran to its end: {name}", False, f"{type(error).__name__}: {error}")
    day.reader.stop()
    day.checks.record("the day took less than 60 seconds", day.clock.now() < 60, f"{day.clock.now():.1f} s")
    items = day.checks.items
    day.counts.update(checks=len(items), failed_checks=sum(not item["ok"] for item in items),
                      seconds=round(day.clock.now(), 1), asked_to_wait=sum(client.asked_to_wait for client in day.clients))
    return {"ok": all(item["ok"] for item in items), "checks": items, "counts": day.counts}


def main():
    parser = argparse.ArgumentParser(description="A day's work of a foreign client of the connector protocol.")
    parser.add_argument("--base-url", required=True, help="for example http://127.0.0.1:3100")
    parser.add_argument("--connector-token", required=True, help="nwc_…")
    parser.add_argument("--second-connector-token", required=True, help="nwc_… of another connector of the same office")
    parser.add_argument("--integration-token", required=True, help="nwi_…")
    parser.add_argument("--tasks", type=int, default=60, help="ordinary tasks of the day (at least 10)")
    parser.add_argument("--seed", type=int, default=1, help="for what is chosen at random")
    result = run_day(parser.parse_args())
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
