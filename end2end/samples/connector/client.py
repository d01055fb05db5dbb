#!/usr/bin/env python3
"""A connector to copy, in Python's standard library (3.11 or later): it asks a desk for tasks, one at a time, carries
them out and says how they ended.

Write your own `carry_out`, say in KINDS and PACKAGES what it can, and start it beside your package:

    python3 client.py --url http://127.0.0.1:3100 --token-file connector.token --reports reports.json

Another program can use `Client` and `Connector` alone: the conformance run in end2end/conformance does.
"""

import argparse
import http.client
import json
import os
import signal
import sys
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

KINDS = ["synchronise_dossier"]
PACKAGES = ["adsolut"]


def carry_out(task, lease):
    """Does the task in the package and gives its outcome.

    An attempt before this one may have done it already: look there when `task["earlier"]` names one. When
    `lease.cancelled` is set, nobody wants the task any more: give it back where that can still be done.
    """
    code = task["dossier"]["code"]
    print(f"{task['kind']} of {code}, attempt {task['attempt']}", flush=True)
    return {"succeeded": {"result": {"dossier": code}}}


@dataclass
class Answer:
    """One HTTP answer. Status 0 means that there was none; `error` then says why."""

    status: int = 0
    headers: dict = field(default_factory=dict)
    body: object = None
    text: str = ""
    error: str = ""

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
        """What a refusal is called."""
        return self.object.get("code")

    @property
    def retry_after(self):
        """The seconds that the desk asks to wait, or None."""
        seconds = self.headers.get("retry-after", "")
        return float(seconds) if seconds.isdigit() else None

    def brief(self):
        return f"{self.status or 'no answer'} {self.error or self.text[:200]}"


class Client:
    """HTTP and JSON for one token. A call that gets no answer gives one of status 0."""

    timeout = 30.0
    longest_pause = 60.0

    def __init__(self, url, token):
        parts = urlsplit(url)
        self.kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.host, self.port = parts.hostname, parts.port
        self.prefix = parts.path.rstrip("/") + "/api/v1/"
        self.token = token

    def connection(self, timeout):
        return self.kind(self.host, self.port, timeout=timeout)

    def headers(self, extra=None):
        headers = {"Accept": "application/json, application/problem+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return {**headers, **(extra or {})}

    def call(self, name, body, timeout=None):
        """POST a JSON object. "Not now, nothing was done" is tried again, a few times."""
        raw = json.dumps(body).encode()
        for _ in range(3):
            answer = self.send("POST", name, raw, timeout)
            later = answer.status == 429 or answer.code in ("storage_unavailable", "draining")
            if not later or not self.pause(answer):
                break
        return answer

    def pause(self, answer):
        """Waits as long as the answer asks for; False when there is no time for it."""
        time.sleep(min(self.longest_pause, answer.retry_after or 0.5))
        return True

    def send(self, method, name, raw=None, timeout=None, extra=None):
        """One request with the raw bytes given."""
        conn = self.connection(timeout or self.timeout)
        headers = self.headers(extra)
        if raw is not None:
            headers["Content-Type"] = "application/json"
        try:
            conn.request(method, self.prefix + name, body=raw, headers=headers)
            return self.read(conn.getresponse())
        except (OSError, http.client.HTTPException) as error:
            return Answer(error=f"{type(error).__name__}: {error}")
        finally:
            conn.close()

    def read(self, response):
        headers = {key.lower(): value for key, value in response.getheaders()}
        text = response.read().decode("utf-8", "replace")
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        return Answer(response.status, headers, body, text)


class Connector:
    """The calls of a connector. `boot_id` names this start of it."""

    def __init__(self, client, packages=PACKAGES, kinds=KINDS, recovers=(), max_parallel=1):
        self.client = client
        self.boot_id = str(uuid.uuid4())
        self.offer = {"version": "1.0.0", "packages": packages, "kinds": kinds, "recovers": list(recovers),
                      "max_parallel": max_parallel}
        self.extend_seconds = 30

    def hello(self, unaccepted=0):
        body = {"boot_id": self.boot_id, **self.offer}
        if unaccepted:
            body["unaccepted_reports"] = unaccepted
        answer = self.client.call("hello", body)
        seconds = answer.object.get("extend_seconds")
        if isinstance(seconds, (int, float)) and seconds > 0:
            self.extend_seconds = seconds
        return answer

    def claim(self, most, wait, request_id):
        """Up to so many tasks; with the same `request_id` again the same ones, should the answer have been lost."""
        body = {"request_id": request_id, "max": most, "wait_seconds": wait}
        return self.client.call("claim", body, wait + self.client.timeout)

    def extend(self, pairs):
        """Keeps (task, lease) pairs alive; gives {task: "ok", "cancel" or "stale"}."""
        body = {"leases": [{"task": task, "lease": lease} for task, lease in pairs]}
        return {row.get("task"): row.get("state") for row in self.client.call("extend", body).rows("leases")}

    def report(self, triples):
        """Says how (task, lease, outcome) ended; each is answered by itself."""
        rows = [{"task": task, "lease": lease, "outcome": outcome} for task, lease, outcome in triples]
        return self.client.call("report", {"reports": rows})

    def drain(self):
        """Nothing more for this start."""
        return self.client.call("drain", {"boot_id": self.boot_id})


class Lease:
    """Keeps the lease of a task alive while it is carried out."""

    def __init__(self, connector, task):
        self.connector, self.pair = connector, (task["id"], task["lease"])
        self.ended, self.cancelled = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.keep, daemon=True)

    def keep(self):
        while not self.ended.wait(self.connector.extend_seconds):
            if "cancel" in self.connector.extend([self.pair]).values():
                self.cancelled.set()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()


class Reports:
    """What the desk has not recorded yet, in a file: what was done in a package is told also after a crash."""

    def __init__(self, path):
        self.path = Path(path)
        self.items = json.loads(self.path.read_text()) if self.path.exists() else []

    def keep(self, items):
        self.items = items
        beside = self.path.with_suffix(".new")
        with open(beside, "w") as file:
            json.dump(items, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def tell(self, connector):
        """Reports all of it; what is recorded, or refused with its evidence kept, need not be told again."""
        if not self.items:
            return True
        answer = connector.report(self.items)
        rows = answer.rows("reports")
        if answer.status != 200 or len(rows) != len(self.items):
            return False
        refused = ("stale_lease", "conflicting_report")
        over = [bool(row.get("status")) or (row.get("error") or {}).get("code") in refused for row in rows]
        self.keep([item for item, is_over in zip(self.items, over) if not is_over])
        return True


def outcome_of(task, lease):
    """What `carry_out` says; a mistake in it is a failure that Support sees."""
    try:
        return carry_out(task, lease)
    except Exception:
        return {"failed": {"code": "adapter_crashed", "detail": traceback.format_exc()[-2000:]}}


def work(connector, reports, wait, stopped):
    """Asks, carries out and reports until `stopped` is set."""
    greeted, request_id = False, None
    while not stopped.is_set():
        if not greeted:
            answer = connector.hello(len(reports.items))
            greeted = answer.status == 200
        if greeted and reports.tell(connector):
            request_id = request_id or str(uuid.uuid4())
            answer = connector.claim(1, wait, request_id)
            if answer.status == 200:
                request_id = None
                for task in answer.rows("tasks"):
                    with Lease(connector, task) as lease:
                        outcome = outcome_of(task, lease)
                    reports.keep([*reports.items, (task["id"], task["lease"], outcome)])
                continue
        # the desk is away, or will not have us now; when it is back, it may not know us any more
        print(f"not now: {answer.brief()}", file=sys.stderr, flush=True)
        greeted = False
        stopped.wait(answer.retry_after or 5)
    connector.drain()
    reports.tell(connector)


def main():
    parser = argparse.ArgumentParser(description="Carries out the tasks of a desk, one at a time.")
    parser.add_argument("--url", required=True, help="for example http://127.0.0.1:3100")
    parser.add_argument("--token-file", required=True, help="a file that holds nwc_…")
    parser.add_argument("--reports", required=True, help="the file of reports that are not recorded yet")
    parser.add_argument("--wait", type=int, default=50, help="for how many seconds a call waits for a task (at most 55)")
    options = parser.parse_args()
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    client = Client(options.url, Path(options.token_file).read_text().strip())
    work(Connector(client), Reports(options.reports), options.wait, stopped)


if __name__ == "__main__":
    main()
