"""What the desk must refuse, and the document that it publishes."""

import json
import uuid

from calls import problem_fault
from day import unknown_id
from sides import verdicts
from words import ACTIVATE, BOOK, KINDS, PACKAGES, short

CALLS = ["enrol", "deliver", "task", "cancel", "events", "hello", "claim", "extend", "report", "drain"]


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
        refuse(f"claim with {name}", one.but(token).call("claim", claim), 401, "unauthenticated")
    refuse("task without a token", integration.but("").call("task", {"id": known}), 401, "unauthenticated")
    refuse("events without a token", integration.but("").get("events"), 401, "unauthenticated")

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
    answer = client.but("").get("openapi.json")
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
