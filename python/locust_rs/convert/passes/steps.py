"""Steps: what follows without a pause is one task; the pauses become the wait time."""

from __future__ import annotations

import re

from locust_rs.convert.model import Journey, Request, Step
from locust_rs.convert.values import PLACEHOLDER

THINK_TIME_S = 1.0
"""A pause this long is a person's and none of the page's."""


def make_steps(journey: Journey) -> None:
    """Divides the requests into steps and finds out how long a user thinks between them."""
    pauses: list[float] = []
    end_s: float | None = None
    last: Request | None = None
    for request in journey.requests:
        pause_s = _pause_before(request, end_s)
        if last is None or _begins_step(request, last, pause_s, ordered=journey.ordered):
            journey.steps.append(Step(_title(request), []))
            if last is not None and pause_s is not None:
                pauses.append(pause_s)
        journey.steps[-1].requests.append(request)
        if request.started_s is not None:
            end_s = max(end_s or request.started_s, request.started_s + request.duration_s)
        last = request
    if pauses:
        journey.think_times_s = _rounded(min(pauses)), _rounded(max(pauses))


def _pause_before(request: Request, end_s: float | None) -> float | None:
    if request.pause_s is not None:
        return request.pause_s
    return None if request.started_s is None or end_s is None else max(request.started_s - end_s, 0.0)


def _begins_step(request: Request, last: Request, pause_s: float | None, *, ordered: bool) -> bool:
    if not ordered or request.started_s is None:
        return True
    if request.step is not None and last.step is not None and request.step != last.step:
        return True
    return pause_s is not None and pause_s >= THINK_TIME_S


def _rounded(seconds: float) -> float:
    return round(seconds, 1)


def _title(request: Request) -> str:
    """What the task is named after: a person's words, or method and path."""
    if request.title:
        return request.title
    path = re.sub(r"\[.*?\]|\.[a-z]{2,4}$", " ", request.name or request.url).partition("?")[0]
    return f"{request.method} {PLACEHOLDER.sub(' ', path).strip('/ ') or 'home'}"
