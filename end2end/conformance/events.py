"""The event stream: a reader that comes back, and what it must have seen."""

import http.client
import re
import socket
import threading
import time

from words import say, short


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
