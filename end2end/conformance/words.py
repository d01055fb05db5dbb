"""The protocol's words that the day uses, and how it says things to a person."""

import json
import sys

BOOK, DELETE, SYNC, ACTIVATE = (
    "process_booking_proposal",
    "delete_booking_proposal",
    "synchronise_dossier",
    "activate_dossier",
)
KINDS = [ACTIVATE, BOOK, DELETE, SYNC]
PACKAGES = ["adsolut", "hledger"]
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
