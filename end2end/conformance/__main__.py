"""A day of a foreign client of the connector and integration protocol, version 1: the conformance run.

It is written from the protocol document alone and shares no code with the server: it shows that somebody with nothing
but the document can do the whole job. Its calls are those of the sample to copy, end2end/samples/connector/client.py. It
works "a day" against an otherwise idle office that has no other connector: an integration delivers tasks, two connectors
carry them out, and on the way every promise of the document that can be seen from outside is checked.

How to run it (Python 3.11 or later, standard library only):

    python3 end2end/conformance --base-url http://127.0.0.1:3100 \
        --connector-token nwc_... --second-connector-token nwc_... --integration-token nwi_... [--tasks 60] [--seed 1]

Progress goes to standard error. Standard output gets one JSON object at the end:

    {"ok": true, "checks": [{"name": "...", "ok": true, "detail": "..."}], "counts": {...}}

The exit status is 0 when every check is ok and 1 otherwise. A day takes about 40 seconds, most of it waiting for the
back-off of the tasks that are tried again, and never 60. Dossier codes are new in every run, so it may be run again in
the same office; it leaves nothing queued or running, only the failed and orange tasks it made on purpose.
"""

import argparse
import json
import sys
import traceback
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "samples" / "connector"))

from bulk import part_bulk, part_close, part_leave, part_retry_return
from day import Day
from events import part_events
from leases import part_cancel, part_drain, part_leases, part_long_poll
from refusals import part_errors, part_openapi
from words import say
from work import part_activate, part_dependants, part_failures, part_hello, part_idempotency

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


if __name__ == "__main__":
    sys.exit(main())
