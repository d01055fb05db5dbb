"""Calls of the sample client, bounded by the day, with what only somebody who looks for faults sends."""

import copy
import http.client
import select

from client import Answer, Client
from words import short


class DayClient(Client):
    """Every call has a timeout, and none is made once the day is over."""

    timeout = 8.0
    longest_pause = 3.0

    def __init__(self, url, token, clock):
        super().__init__(url, token)
        self.clock = clock
        self.asked_to_wait = 0

    def but(self, token):
        """The same with another token; "" sends none."""
        other = copy.copy(self)
        other.token = token
        return other

    def connection(self, timeout):
        return super().connection(max(0.5, min(timeout, self.clock.remaining() + 1)))

    def pause(self, answer):
        if self.clock.remaining() < 5:
            return False
        self.asked_to_wait += 1
        return super().pause(answer)

    def get(self, name):
        return self.send("GET", name)

    def send(self, *args, **more):
        if self.clock.remaining() <= 0:
            return Answer(error="the day is over")
        return super().send(*args, **more)

    def read(self, response):
        if response.getheader("Content-Type", "").startswith("text/event-stream"):
            return Answer(response.status, text="(event stream)")  # its body does not end
        return super().read(response)

    def send_large(self, name, raw):
        """POST a large body in pieces and stop as soon as the server answers, for it may refuse before the end."""
        if self.clock.remaining() <= 0:
            return Answer(error="the day is over")
        conn = self.connection(self.timeout)
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
            return self.read(conn.getresponse())
        except (OSError, http.client.HTTPException) as error:
            return Answer(error=f"{type(error).__name__}: {error}")
        finally:
            conn.close()


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
