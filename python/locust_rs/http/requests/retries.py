"""Sending again as a mounted adapter's `Retry` says; the object itself counts and decides, as under urllib3."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry

from locust_rs.http.requests.engine_response import EngineResponse
from locust_rs.http.requests.failures import Place, exhausted, raised_for, reason_of
from locust_rs.http.requests.left import is_left_to_requests

if TYPE_CHECKING:
    from locust_rs.http.requests.draft import Draft


_RECORDED = frozenset([*range(200, 209), 226, 304])
"""Statuses of responses that the engine records; see `HttpClient.send`."""


def may_record(retries: Any) -> bool:
    """Whether a response that is recorded natively, which is a success, is never one to be sent again for."""
    return type(retries) is Retry and _RECORDED.isdisjoint(retries.status_forcelist)


def send_again(send: Callable[[Draft], Any], draft: Draft) -> Any:
    """Sends a request until its `Retry` is satisfied or exhausted.

    Args:
        send: Sends once; returns the response or the exception of the engine.

    Returns:
        The last response, the exception of the engine where its body broke off, or the exception of requests.
    """
    retries = draft.retries
    place: Place | None = None  # costs more than a request
    while True:
        outcome = send(draft)
        if isinstance(outcome, EngineResponse):
            outcome._retries = retries
            has_retry_after = outcome.header("retry-after") is not None
            if not retries.is_retry(draft.method, outcome.status_code, has_retry_after):
                return outcome
            place = place or Place(draft.url, draft.timeout, draft.proxy)
            try:
                retries = retries.increment(draft.method, place.target, response=outcome.raw, _pool=place.pool)
            except MaxRetryError as error:
                return exhausted(error, None) if retries.raise_on_status else outcome
            outcome.close()
            retries.sleep(outcome.raw)
        elif getattr(outcome, "response", None) is not None or is_left_to_requests(outcome):
            return outcome
        else:
            place = place or Place(draft.url, draft.timeout, draft.proxy)
            try:
                retries = retries.increment(
                    draft.method, place.target, error=reason_of(outcome, place), _pool=place.pool
                )
            except (HTTPError, RequestException) as error:
                if isinstance(error, MaxRetryError) and error.reason is not None:
                    error.__context__ = raised_for(error.reason)
                return exhausted(error, outcome)
            retries.sleep()
