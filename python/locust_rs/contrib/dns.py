"""DNSUser: tests name servers with dnspython's `dns.query`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs.contrib._extras import missing_extra
from locust_rs.exception import LocustError
from locust_rs.user.base import User

try:
    import dns.exception
    import dns.query
except ModuleNotFoundError as error:
    raise missing_extra("DNSUser", "dns", error) from error

if TYPE_CHECKING:
    import dns.message

    from locust_rs.env import Environment
    from locust_rs.event import EventHook


def _failures() -> tuple[type[Exception], ...]:
    """What a query raises that went wrong, which is not all of dnspython's own.

    EOFError: a server that hangs up; with HTTPS the errors of httpx, and ValueError for a status; with QUIC an error of
    dnspython that it does not export.
    """
    known: list[type[Exception]] = [dns.exception.DNSException, OSError, EOFError, ValueError]
    for module, name in (("httpx", "HTTPError"), ("httpx2", "HTTPError"), ("dns.quic._common", "UnexpectedEOF")):
        if (failure := getattr(sys.modules.get(module), name, None)) is not None:
            known.append(failure)
    return tuple(known)


def _in_a_greenlet_of_its_own(query: Callable[..., Any]) -> Callable[..., Any]:
    """The same query, whose caller may be killed: dnspython's QUIC would then wait for a thread that may never end."""

    def outcome(*args: Any, **kwargs: Any) -> tuple[Any, Exception | None]:
        try:
            return query(*args, **kwargs), None
        except Exception as failure:
            return None, failure

    def ask(*args: Any, **kwargs: Any) -> Any:
        response, failure = gevent.spawn(outcome, *args, **kwargs).get()
        if failure is not None:
            raise failure
        return response

    return ask


class DNSClient:
    """Has the functions of `dns.query` as methods; each call is one request of type `DNS`.

    Args:
        request_event: The event to fire.

    Example:
        message = dns.message.make_query("example.com", dns.rdatatype.A)
        self.client.udp(message, "1.1.1.1")
        self.client.https(message, "1.1.1.1")
    """

    def __init__(self, request_event: EventHook) -> None:
        self.request_event = request_event

    def __getattr__(self, function_name: str) -> Callable[..., dns.message.Message]:
        query = getattr(dns.query, function_name)
        if function_name == "quic":
            query = _in_a_greenlet_of_its_own(query)

        def timed_query(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
            """Returns the response or None; `name` replaces the function's name in the statistics."""
            response = None
            exception: Exception | None = None
            start_time = time.time()
            started = time.perf_counter()
            try:
                response = query(*args, **kwargs)
            except _failures() as failure:
                exception = failure
            else:
                if not getattr(response, "answer", True):
                    exception = LocustError("No answer in DNS response")
            self.request_event.fire(
                request_type="DNS",
                name=name or function_name,
                start_time=start_time,
                response_time=(time.perf_counter() - started) * 1000,
                response_length=0,
                context={},
                exception=exception,
                response=response,
            )
            return response

        return timed_query


class DNSUser(User):
    """A User whose `client` has dnspython's query functions."""

    abstract = True

    client: DNSClient

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client = DNSClient(environment.events.request)
