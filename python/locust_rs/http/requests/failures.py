"""The engine's exceptions as those that requests would have raised, with the same text and the same chain."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from typing import Any, TypeVar
from urllib.parse import urlsplit

from requests import exceptions
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3 import exceptions as urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from locust_rs.http.engine import errors

_STATUS = re.compile(r"\s*[1-9][0-9][0-9](\s|$)")
_E = TypeVar("_E", bound=Exception)

ENGINE_FAILURES = (OSError, errors.ProtocolError, errors.DecodingError)
"""What a request through the engine raises when it fails (`ValueError`: a mistake in the call)."""


def translated(error: Any, place: Place, request: Any) -> exceptions.RequestException:
    """The exception of requests for one of the engine.

    Args:
        place: Where the request that failed was sent.
        request: The prepared request, for the exception to carry.
    """
    partial = getattr(error, "response", None)
    wrapped = _wrapped(error, place) if partial is None else _broken_body(error, partial, place)
    # requests does not say what request it was whose body broke off.
    wrapped.request = request if partial is None else None
    # Carried over, so that the failed request is reported with the time that the engine has measured.
    wrapped.engine_error = error  # type: ignore[attr-defined]
    return wrapped


class Place:
    """The pool and connection that urllib3's messages name; nothing is connected.

    Args:
        timeout: Seconds as the user gave them: a number, a pair (connect, read), or None.
        proxy: The URL of the proxy in between, if there is one.
    """

    def __init__(self, url: str, timeout: Any, proxy: str | None) -> None:
        parts = urlsplit(url)
        is_https = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        port = parts.port or (443 if is_https else 80)
        self.has_proxy = proxy is not None
        if proxy is not None:
            parts = urlsplit(proxy)
            self.host, proxy_port = parts.hostname or "", parts.port or 80
            self.connection = (HTTPSConnection if is_https else HTTPConnection)(self.host, proxy_port)
            if not is_https:
                self.target, port = url, proxy_port
        else:
            self.connection = (HTTPSConnection if is_https else HTTPConnection)(self.host, port)
        pool_host = urlsplit(url).hostname or "" if is_https else self.host
        self.pool = (HTTPSConnectionPool if is_https else HTTPConnectionPool)(pool_host, port)
        self.connect_timeout, self.read_timeout = timeout if isinstance(timeout, tuple) else (timeout, timeout)


def reason_of(error: Any, place: Place) -> Exception:
    """The exception that urllib3 would have for an error of the engine before the header of the response was there."""
    reason = _direct_reason(error, place)
    if place.has_proxy and getattr(error, "phase", "") in ("resolve", "connect"):
        return _caused(urllib3.ProxyError("Unable to connect to proxy", reason), reason)
    return reason


def _direct_reason(error: Any, place: Place) -> Exception:
    if isinstance(error, errors.ConnectTimeout):
        text = f"Connection to {place.host} timed out. (connect timeout={place.connect_timeout})"
        return _caused(urllib3.ConnectTimeoutError(place.connection, text), TimeoutError("timed out"))
    if isinstance(error, errors.NetworkTimeout):
        text = f"Read timed out. (read timeout={place.read_timeout})"
        return _caused(urllib3.ReadTimeoutError(place.pool, place.target, text), TimeoutError("timed out"))
    if isinstance(error, socket.gaierror):
        return _caused(urllib3.NameResolutionError(place.host.rstrip("."), place.connection, error), error)
    if isinstance(error, errors.ProxyError):
        return _caused(urllib3.ProxyError("Unable to connect to proxy", OSError(str(error))), error)
    if isinstance(error, ssl.SSLError):
        return _caused(urllib3.SSLError(error), error)
    if isinstance(error, OSError) and getattr(error, "phase", "") == "connect":
        text = f"Failed to establish a new connection: {error}"
        return _caused(urllib3.NewConnectionError(place.connection, text), error)
    inner: Exception = error
    if isinstance(error, errors.ServerClosed):
        nothing_came = "without sending" in str(error)
        text = "Remote end closed connection without response" if nothing_came else str(error)
        inner = http.client.RemoteDisconnected(text)
    elif isinstance(error, errors.ProtocolError):
        inner = _no_status_line(error)
    return _caused(urllib3.ProtocolError("Connection aborted.", inner), inner)


def raised_for(reason: Exception) -> Exception:
    """The exception that was being handled when urllib3 found `reason`."""
    return reason.original_error if isinstance(reason, urllib3.ProxyError) else reason


def _wrapped(error: Any, place: Place) -> exceptions.RequestException:
    """The exception of requests when nothing is tried again."""
    reason = reason_of(error, place)
    if isinstance(reason, (urllib3.ReadTimeoutError, urllib3.ProtocolError)):
        return exhausted(reason, None)  # the default `Retry` lets these through
    exceeded = urllib3.MaxRetryError(place.pool, place.target, reason)
    return exhausted(_caused(exceeded, raised_for(reason)), None)


def exhausted(error: Exception, engine_error: Any) -> exceptions.RequestException:
    """The exception that requests raises for one of urllib3.

    Args:
        engine_error: The engine's exception behind it, if there is one.
    """
    kind: type[exceptions.RequestException] = exceptions.ConnectionError
    if isinstance(error, urllib3.MaxRetryError):
        for reason, wrapping in _KINDS:
            if isinstance(error.reason, reason) and not isinstance(error.reason, urllib3.NewConnectionError):
                kind = wrapping
                break
    elif isinstance(error, urllib3.ReadTimeoutError):
        kind = exceptions.ReadTimeout
    elif isinstance(error, urllib3.SSLError):
        kind = exceptions.SSLError
    wrapped = kind(error)
    wrapped.__context__ = error
    if engine_error is not None:
        wrapped.engine_error = engine_error  # type: ignore[attr-defined]
    return wrapped


_KINDS: tuple[tuple[type[Exception], type[exceptions.RequestException]], ...] = (
    (urllib3.ConnectTimeoutError, exceptions.ConnectTimeout),
    (urllib3.ResponseError, exceptions.RetryError),
    (urllib3.ProxyError, exceptions.ProxyError),
    (urllib3.SSLError, exceptions.SSLError),
)
"""Why urllib3 gave up, and what requests raises then."""


def _broken_body(error: Any, partial: Any, place: Place) -> exceptions.RequestException:
    """The exception of requests when the body breaks off, cannot be decoded, or does not come."""
    if isinstance(error, errors.NetworkTimeout):
        late = urllib3.ReadTimeoutError(place.pool, None, "Read timed out.")
        return _caused(exceptions.ConnectionError(late), _caused(late, TimeoutError("timed out")))
    if isinstance(error, errors.DecodingError):
        coding = partial.header("content-encoding")
        text = f"Received response with content-encoding: {coding}, but failed to decode it."
        undecoded = urllib3.DecodeError(text, error)
        return _caused(exceptions.ContentDecodingError(undecoded), undecoded)
    inner: Exception = error
    if isinstance(error, (errors.ServerClosed, ConnectionResetError)):
        inner = _incomplete_read(partial)
    broken = urllib3.ProtocolError(f"Connection broken: {inner!r}", inner)
    return _caused(exceptions.ChunkedEncodingError(broken), _caused(broken, inner))


def _no_status_line(error: errors.ProtocolError) -> Exception:
    """What http.client says about a response that does not begin as one of HTTP/1.x does."""
    line = error.status_line
    if line is None:
        return http.client.BadStatusLine(str(error))
    version, _, rest = line.partition(" ")
    if version.startswith("HTTP/") and not version.startswith("HTTP/1.") and _STATUS.match(rest):
        return http.client.UnknownProtocol(version)
    return http.client.BadStatusLine(line)


def _incomplete_read(response: Any) -> Exception:
    """What of a response has come, and what was announced."""
    came = len(response.raw_content)
    announced = response.header("content-length")
    if announced is None or not announced.isdecimal():
        return http.client.IncompleteRead(response.raw_content)
    return urllib3.IncompleteRead(came, int(announced) - came)


def _caused(outer: _E, inner: Exception) -> _E:
    """`outer` as if it had been raised while `inner` was handled."""
    outer.__context__ = inner
    return outer
