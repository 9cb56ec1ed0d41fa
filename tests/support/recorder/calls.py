"""Scripted calls, run by any interpreter that has a `locust`: what do they return, raise and report?

`python calls.py http|fast PORT0 PORT1` prints one JSON object per call and waits for a line after each. Only the
public interface is used, so the same files run under stock Locust and here; the recording server sees what each
sent.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

from describe import PORTS, describe, describe_event, guarded
from tables import COMMON, FAST, HTTP, VARIANT_CALLS, variants


class Events:
    """Stands where `environment.events.request` stands and keeps what is fired."""

    def __init__(self) -> None:
        self.fired: list[dict[str, Any]] = []

    def fire(self, *, reverse: bool = False, **kwargs: Any) -> None:
        """Keeps one event."""
        self.fired.append(kwargs)


def session(kind: str, host: str, user: Any, **kwargs: Any) -> tuple[Any, Events]:
    """A client of the kind on the recording server, and what it fires."""
    events = Events()
    if kind == "http":
        from locust.clients import HttpSession

        client = HttpSession(host, events, user, **kwargs)
        client.trust_env = False  # as HttpUser does
        return client, events
    from locust.contrib.fasthttp import FastHttpSession

    return FastHttpSession(host, events, user, **kwargs), events


def run(kind: str, only: str | None) -> None:
    """Prints one line per call."""
    calls = {
        name: ("http://127.0.0.1:%d", None, {}, call)
        for name, call in (COMMON | (HTTP if kind == "http" else FAST)).items()
    }
    for variant, (host, user, kwargs) in variants(kind).items():
        for name, call in VARIANT_CALLS.items():
            calls[f"{variant}: {name}"] = (host, user, kwargs, call)
    if kind == "fast":
        quick = {"network_timeout": 0.2}
        for path in ("/stall", "/stall-body"):
            calls[f"timeout {path}"] = ("http://127.0.0.1:%d", None, quick, lambda c, p=path: c.get(p))
        calls["timeout post"] = ("http://127.0.0.1:%d", None, quick, lambda c: c.post("/stall", data="x"))
    for name, (host, user, kwargs, call) in calls.items():
        if only and not re.search(only, name):
            continue
        client, events = session(kind, host % PORTS[0] if host else host, user, **kwargs)
        if os.getenv("RECORDER_SESSIONS") == "warm" and host and host.startswith("http") and not host.endswith("/"):
            # The first requests of a session prepare what the others use: headers, for example.
            client.get("/warm")
            client.get("/warm")
            if not re.search("timeout|stall", name):  # nothing new but the wait
                guarded(lambda client=client, call=call: call(client))
            events.fired.clear()
        result = guarded(lambda client=client, call=call: call(client))
        line = {"call": name, "result": describe(result), "events": [describe_event(event) for event in events.fired]}
        print(json.dumps(line, sort_keys=True), flush=True)
        sys.stdin.readline()  # the reader first collects what was recorded


if __name__ == "__main__":
    PORTS[:] = [int(sys.argv[2]), int(sys.argv[3])]
    run(sys.argv[1], sys.argv[4] if len(sys.argv) > 4 else None)
