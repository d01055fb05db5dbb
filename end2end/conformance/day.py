"""The day itself: its length, what was checked in it, and the names of everything in it."""

import random
import secrets
import threading
import time
import uuid

from book import Ledger
from calls import DayClient
from events import EventReader
from sides import Integration, Working
from words import say, short

DAY_SECONDS = 55.0  # no call is made later than this


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


class Day:
    """Everything the parts of the day share."""

    def __init__(self, options):
        self.options = options
        self.clock = Clock(DAY_SECONDS)
        self.checks = Checks(self.clock)
        self.ledger = Ledger(self.clock)
        self.random = random.Random(options.seed)
        clients = [DayClient(options.base_url, token, self.clock) for token in
                   (options.integration_token, options.connector_token, options.second_connector_token)]
        self.clients = clients
        self.integration = Integration(clients[0], self.ledger)
        self.one = Working("one", clients[1], self.ledger)
        self.two = Working("two", clients[2], self.ledger)
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
